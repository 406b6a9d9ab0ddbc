"""Transfers of a case to another organisation: offered, then accepted, declined or withdrawn."""

from datetime import date
from typing import Self

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casework.models.cases import Case
from casework.models.due import due_rows
from casework.models.managers import Manager
from pik.choices import known
from pik.models import Membership, Municipality, Organisation, User


class TransferReason(models.TextChoices):
    MOVED = "moved", _("moved to another municipality")
    RESPONSIBILITY = "responsibility", _("another body answers for it")
    SUPPORT = "support", _("fitting support is there")
    OTHER = "other", _("other reason")


class DeclineReason(models.TextChoices):
    NO_CAPACITY = "no_capacity", _("no free capacity")
    NOT_RESPONSIBLE = "not_responsible", _("we do not answer for it")
    NOT_ARRIVED = "not_arrived", _("the person did not come to us")
    OTHER = "other", _("other reason")


class TransferState(models.TextChoices):
    OFFERED = "offered", _("waiting")
    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("declined")
    WITHDRAWN = "withdrawn", _("withdrawn")


class TransferQuerySet(models.QuerySet["Transfer"]):
    def visible_to(self, user: User) -> Self:
        """Seen by who offers it; by the receiver's people while it waits, and then by those of them who decided.

        Coordinators see beside it what was decided on cases that their organisation gave or took.
        """
        membership = user.membership
        if membership is None or membership.role not in (Membership.Role.MANAGER, Membership.Role.COORDINATOR):
            return self.none()
        received = self.received_by(user)
        if membership.role == Membership.Role.COORDINATOR:
            gave, took = Q(organisation=membership.organisation_id), Q(receiver=membership.organisation_id)
            decided = ~Q(state=TransferState.OFFERED) & (gave | (took & ~Q(state=TransferState.WITHDRAWN)))
            return self.filter(Q(pk__in=received.values("pk")) | decided)
        return self.filter(Q(pk__in=received.values("pk")) | Q(pk__in=self.given_by(user).values("pk")))

    def given_by(self, user: User) -> Self:
        """Those that a manager offered, and the waiting ones of cases the manager answers for today."""
        organisation = user.membership.organisation_id
        own = Manager.objects.filter(user=user, organisation=organisation)
        held = Q(state=TransferState.OFFERED, case__in=Case.objects.answered_by(own, on=timezone.localdate()))
        return self.filter(Q(offered_by__in=own) | held, organisation=organisation)

    def received_by(self, user: User) -> Self:
        """Those that wait for the organisation for which `user` acts, and those that `user` decided or received.

        Who records nothing but counts decides on none.
        """
        membership, concerned = user.membership, Q(decided_by=user) | Q(manager__user=user)
        if membership.role == Membership.Role.COORDINATOR or membership.keeps_cases:
            concerned |= Q(state=TransferState.OFFERED)
        return self.filter(concerned, receiver=membership.organisation_id)

    def waiting(self) -> Self:
        return self.filter(state=TransferState.OFFERED)

    def decided(self) -> Self:
        return self.exclude(state=TransferState.OFFERED)

    def for_due_list(self, kind: str) -> models.QuerySet:
        """With the code of the case and who offers it."""
        names = {"word": F("organisation__name"), "code": F("case__code")}
        return due_rows(self, kind, case="case", day="starts_on", **names)

    def for_list(self) -> Self:
        """The waiting ones by the day from which they hold, the others with the latest on top."""
        shown = self.select_related("case__measure", "organisation", "receiver", "municipality", "manager__user")
        return shown.order_by(F("decided_at").desc(nulls_first=True), "starts_on", "pk")

    def withdraw_with(self, case: Case) -> None:
        """Withdraws the offer of a case that is closed."""
        self.waiting().filter(case=case).update(state=TransferState.WITHDRAWN, decided_at=timezone.now())


class Transfer(models.Model):
    """A case is offered to another organisation from `starts_on` on; until that accepts, nothing changes.

    On acceptance `manager`, who works there, answers for the case from that day on. The code stays, and so do contacts
    and plans; what was done before keeps its organisation and place.
    """

    case = models.ForeignKey(Case, on_delete=models.RESTRICT, related_name="transfers")
    organisation = models.ForeignKey(Organisation, on_delete=models.RESTRICT, related_name="+", db_index=False)
    offered_by = models.ForeignKey(Manager, on_delete=models.RESTRICT, related_name="+")
    receiver = models.ForeignKey(
        Organisation, verbose_name=_("organisation"), on_delete=models.RESTRICT, related_name="+"
    )
    municipality = models.ForeignKey(
        Municipality, verbose_name=_("municipality"), on_delete=models.RESTRICT, related_name="+", db_index=False
    )
    reason = models.CharField(_("reason"), max_length=15, choices=TransferReason.choices)
    starts_on = models.DateField(_("from"))
    offered_at = models.DateTimeField(default=timezone.now, editable=False)
    state = models.CharField(
        _("state"), max_length=10, choices=TransferState.choices, default=TransferState.OFFERED, editable=False
    )
    decline_reason = models.CharField(_("reason"), max_length=15, choices=DeclineReason.choices, blank=True)
    decided_at = models.DateTimeField(null=True, editable=False)
    # Empty when the offer ended with the case.
    decided_by = models.ForeignKey(User, on_delete=models.RESTRICT, null=True, editable=False, related_name="+")
    manager = models.ForeignKey(Manager, on_delete=models.RESTRICT, null=True, editable=False, related_name="+")

    objects = TransferQuerySet.as_manager()

    class Meta:
        constraints = [
            known(name="transfer_state_known", field="state", choices=TransferState),
            known(name="transfer_reason_known", field="reason", choices=TransferReason),
            known(name="transfer_decline_reason_known", field="decline_reason", choices=DeclineReason, blank=True),
            models.UniqueConstraint(
                name="transfer_one_offer_a_case", fields=["case"], condition=Q(state=TransferState.OFFERED)
            ),
            models.CheckConstraint(name="transfer_to_another", condition=~Q(receiver=F("organisation"))),
            models.CheckConstraint(
                name="transfer_decided_at_a_time",
                condition=Q(state=TransferState.OFFERED, decided_at__isnull=True, decided_by__isnull=True)
                | (~Q(state=TransferState.OFFERED) & Q(decided_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="transfer_accepted_by_a_manager",
                condition=Q(state=TransferState.ACCEPTED, manager__isnull=False)
                | (~Q(state=TransferState.ACCEPTED) & Q(manager__isnull=True)),
            ),
            models.CheckConstraint(
                name="transfer_declined_with_reason",
                condition=(Q(state=TransferState.DECLINED) & ~Q(decline_reason=""))
                | (~Q(state=TransferState.DECLINED) & Q(decline_reason="")),
            ),
        ]
        triggers = [
            # What was decided stays decided.
            pgtrigger.Protect(
                name="freeze_decided_transfers",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state__in=["accepted", "declined", "withdrawn"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.receiver_id} {self.starts_on}"

    @property
    def decided_on(self) -> date:
        return timezone.localdate(self.decided_at)

    @property
    def is_waiting(self) -> bool:
        return self.state == TransferState.OFFERED

    @property
    def is_early(self) -> bool:
        """Whether the day from which it holds has not come."""
        return self.starts_on > timezone.localdate()
