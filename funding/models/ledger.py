"""The ledger: every euro as an entry that is never changed."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Self

import pgtrigger
from django.db import models
from django.db.models import Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from funding.models.budgets import Budget
from pik.models import Membership, Organisation, User


class LedgerEntryQuerySet(models.QuerySet["LedgerEntry"]):
    def visible_to(self, user: User) -> Self:
        """Ministry and auditors see all; coordinators awards to their organisation or Kreis; managers none."""
        membership = user.membership
        if membership is None:
            return self.none()
        if membership.sees_whole_state:
            return self
        if membership.role != Membership.Role.COORDINATOR:
            return self.none()
        own = Q(recipient_id=membership.organisation_id)
        if membership.leads_district:
            own |= Q(recipient__district_id=membership.organisation.district_id)
        return self.filter(own)

    def for_ledger_page(self) -> Self:
        return self.select_related("budget__measure", "recipient", "booked_by", "corrects").order_by(
            "-booked_at", "-pk"
        )

    def of_year(self, year: int) -> Self:
        return self.filter(budget__year=year)

    def of_kind(self, kind: str) -> Self:
        return self.filter(kind=kind)

    def chosen(self, choice: Mapping[str, object]) -> Self:
        """Limits to the `year`, `measure` and `kind` that `choice` names."""
        entries = self.of_year(choice["year"]) if "year" in choice else self
        entries = entries.filter(budget__measure=choice["measure"]) if "measure" in choice else entries
        return entries.of_kind(choice["kind"]) if "kind" in choice else entries

    def totals(self) -> dict[str, Decimal]:
        """The sums in EUR of the budget and of the award entries, in one query; 0 without any."""
        kinds = LedgerEntry.Kind
        sums = {kind.value: Coalesce(Sum("amount", filter=Q(kind=kind)), Decimal(0)) for kind in kinds}
        return self.aggregate(**sums)


class LedgerEntry(models.Model):
    """One booking in EUR. Corrections are entries of their own that name the one they correct."""

    class Kind(models.TextChoices):
        BUDGET = "budget", _("Budget")
        AWARD = "award", _("Award")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    budget = models.ForeignKey(Budget, verbose_name=_("budget"), on_delete=models.RESTRICT, related_name="entries")
    recipient = models.ForeignKey(
        Organisation,
        verbose_name=_("recipient"),
        on_delete=models.RESTRICT,
        null=True,
        blank=True,
        related_name="awards",
    )
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    reason = models.CharField(_("reason"), max_length=200)
    corrects = models.ForeignKey(
        "self", verbose_name=_("corrects"), on_delete=models.RESTRICT, null=True, blank=True, related_name="corrections"
    )
    # Empty only for the entries that come with the pact itself.
    booked_by = models.ForeignKey(
        User, verbose_name=_("booked by"), on_delete=models.RESTRICT, null=True, blank=True, related_name="+"
    )
    booked_at = models.DateTimeField(_("booked at"), default=timezone.now, editable=False)

    objects = LedgerEntryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="ledger_kind_known", condition=Q(kind__in=["budget", "award"])),
            models.CheckConstraint(name="ledger_amount_not_zero", condition=~Q(amount=0)),
            # PostgreSQL has a NaN that is larger than every number.
            models.CheckConstraint(name="ledger_amount_is_a_number", condition=Q(amount__lt=10**12)),
            models.CheckConstraint(
                name="ledger_award_has_recipient",
                condition=Q(kind="budget", recipient__isnull=True) | Q(kind="award", recipient__isnull=False),
            ),
            models.CheckConstraint(
                name="ledger_negative_only_as_correction", condition=Q(amount__gt=0) | Q(corrects__isnull=False)
            ),
            models.CheckConstraint(
                name="ledger_award_names_who_booked", condition=Q(kind="budget") | Q(booked_by__isnull=False)
            ),
        ]
        # The trigger that refuses awards beyond the budget stands in migration 0004: unlike these, no session can ask
        # to be let past it.
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.budget_id} {self.amount}"
