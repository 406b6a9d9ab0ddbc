"""Referrals to the regular services, and what became of them: whether people find their own way there."""

from collections.abc import Collection
from datetime import date
from typing import Self
from uuid import uuid4

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from casework.models.cases import Case
from casework.models.contacts import Contact
from casework.models.due import due_rows
from casework.models.figures import figure_change_triggers
from casework.models.managers import Manager
from casework.models.vocabulary import ReferralTarget
from pik.choices import known
from pik.models import Municipality, Organisation, User


class ReferralOutcome(models.TextChoices):
    ARRIVED = "arrived", _("arrived")
    WAITING = "waiting", _("waiting list")
    NOT_ARRIVED = "not_arrived", _("not arrived")
    DECLINED = "declined", _("declined by the service")
    NOT_NEEDED = "not_needed", _("no longer needed")


# On a waiting list nothing is decided yet.
UNDECIDED = ("", ReferralOutcome.WAITING)


class ReferralQuerySet(models.QuerySet["Referral"]):
    def visible_to(self, user: User) -> Self:
        """A referral is seen by whoever sees its case."""
        return self.filter(case__in=Case.objects.visible_to(user))

    def for_case(self, case: Case) -> Self:
        """All of a case: those to ask about first, by day, then the latest."""
        own = self.filter(case=case).select_related("target")
        return own.order_by(F("ask_on").asc(nulls_last=True), "-referred_on", "-pk")

    def to_ask_about(self, cases: Collection[int], *, until: date) -> Self:
        """Those of the cases (ids) about which one asks until a day."""
        return self.filter(case__in=cases, outcome__in=UNDECIDED, ask_on__lte=until)

    def for_due_list(self, kind: str) -> models.QuerySet:
        """With the name of the service, in the language of the reader, and the day of the referral."""
        name = "target__name_en" if get_language() == "en" else "target__name_de"
        return due_rows(self, kind, case="case", day="ask_on", word=F(name), since=F("referred_on"))


class Referral(models.Model):
    """A person of a case was sent to a regular service on a day; on `ask_on` one asks whether they got there.

    A referral made in a contact follows it: corrected with it, removed with it. The work counts for the manager,
    the organisation and the place that it had when it was made, wherever the case is now.
    """

    case = models.ForeignKey(Case, on_delete=models.RESTRICT, related_name="referrals")
    # Contacts lie in partitions, to whose rows no single column can refer; a trigger removes both together.
    contact = models.OneToOneField(
        Contact, on_delete=models.DO_NOTHING, null=True, editable=False, related_name="referral", db_constraint=False
    )
    manager = models.ForeignKey(Manager, on_delete=models.RESTRICT, related_name="+", db_index=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.RESTRICT, related_name="+", db_index=False)
    municipality = models.ForeignKey(Municipality, on_delete=models.RESTRICT, related_name="+", db_index=False)
    target = models.ForeignKey(
        ReferralTarget, verbose_name=_("referral to"), on_delete=models.RESTRICT, related_name="+", db_index=False
    )
    referred_on = models.DateField(_("referred on"))
    # Empty once the outcome is known.
    ask_on = models.DateField(_("ask on"), null=True)
    outcome = models.CharField(_("outcome"), max_length=12, choices=ReferralOutcome.choices, blank=True)
    outcome_on = models.DateField(_("outcome known on"), null=True)
    # Made with the form, so that an entry that is sent twice is stored once; the database makes it for bulk loads.
    entry_key = models.UUIDField(default=uuid4, db_default=RandomUUID(), editable=False)
    # Goes up with every change of the outcome, so that the second of two people is told.
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)

    objects = ReferralQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="referral_entry_once", fields=["entry_key"]),
            known(name="referral_outcome_known", field="outcome", choices=ReferralOutcome, blank=True),
            models.CheckConstraint(
                name="referral_asked_about_until_decided",
                condition=Q(outcome__in=UNDECIDED, ask_on__isnull=False)
                | (~Q(outcome__in=UNDECIDED) & Q(ask_on__isnull=True)),
            ),
            models.CheckConstraint(
                name="referral_outcome_has_a_day",
                condition=Q(outcome="", outcome_on__isnull=True) | (~Q(outcome="") & Q(outcome_on__isnull=False)),
            ),
            models.CheckConstraint(
                name="referral_outcome_after_referral",
                condition=Q(outcome_on__isnull=True) | Q(outcome_on__gte=F("referred_on")),
            ),
            models.CheckConstraint(
                name="referral_asked_about_later",
                condition=Q(ask_on__isnull=True) | Q(ask_on__gte=F("referred_on")),
            ),
        ]
        indexes = [
            models.Index(name="referral_manager_day", fields=["manager", "referred_on"]),
            models.Index(name="referral_to_ask_about", fields=["case", "ask_on"], condition=Q(outcome__in=UNDECIDED)),
        ]
        triggers = figure_change_triggers(
            months="date_trunc('month', r.referred_on)::date, date_trunc('month', r.referred_on)::date",
            counted=("manager_id", "organisation_id", "municipality_id", "case_id", "referred_on", "outcome"),
        )

    def __str__(self) -> str:
        return f"{self.case_id} {self.target_id} {self.referred_on}"

    @property
    def is_undecided(self) -> bool:
        return self.outcome in UNDECIDED

    @property
    def is_overdue(self) -> bool:
        return self.ask_on is not None and self.ask_on <= timezone.localdate()
