"""Who answers for a case on which day, and the hand-overs that changed it."""

from datetime import date, timedelta
from typing import Self

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casework.models.cases import Case
from casework.models.figures import figure_change_triggers
from casework.models.managers import Manager
from pik.choices import known
from pik.models import Membership, Organisation, User


class HandoverQuerySet(models.QuerySet["Handover"]):
    def visible_to(self, user: User) -> Self:
        """Hand-overs are seen by the coordinators of the organisation."""
        membership = user.membership
        if membership is None or membership.role != Membership.Role.COORDINATOR:
            return self.none()
        return self.filter(organisation=membership.organisation_id)

    def given_or_received_by(self, manager: Manager) -> Self:
        """The latest first, each with the receivers and how many cases they got.

        `holds` says whether it came to be: it may have been taken back, or replaced before its day.
        """
        received = HandoverShare.objects.filter(handover=OuterRef("pk"), manager=manager)
        concerned = self.filter(Q(manager=manager) | Exists(received))
        people = concerned.select_related("manager__user", "decided_by").prefetch_related("received__manager__user")
        rows = Responsibility.objects.filter(handover=OuterRef("pk"))
        return people.annotate(holds=Q(outlived=True) | Exists(rows)).order_by("-decided_at", "-pk")


class HandoverReason(models.TextChoices):
    LEAVING = "leaving", _("leaves the organisation")
    ABSENCE = "absence", _("is absent")
    BALANCE = "balance", _("work is shared out anew")


class Handover(models.Model):
    """One decision by which cases of a manager go to colleagues from a day on."""

    organisation = models.ForeignKey(Organisation, on_delete=models.RESTRICT, related_name="+")
    manager = models.ForeignKey(Manager, on_delete=models.RESTRICT, related_name="handovers")
    reason = models.CharField(_("reason"), max_length=10, choices=HandoverReason.choices)
    starts_on = models.DateField(_("from"))
    decided_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")
    decided_at = models.DateTimeField(default=timezone.now, editable=False)
    # Cases that went on by it have been deleted since; the database notes it.
    outlived = models.BooleanField(default=False, db_default=False, editable=False)

    objects = HandoverQuerySet.as_manager()

    class Meta:
        constraints = [known(name="handover_reason_known", field="reason", choices=HandoverReason)]

    def __str__(self) -> str:
        return f"{self.manager_id} {self.starts_on}"


class HandoverShare(models.Model):
    """How many cases a colleague got in a hand-over: what stays in the history when the cases are gone."""

    handover = models.ForeignKey(Handover, on_delete=models.RESTRICT, related_name="received")
    manager = models.ForeignKey(Manager, on_delete=models.RESTRICT, related_name="+")
    cases = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(name="handover_share_once", fields=["handover", "manager"])]

    def __str__(self) -> str:
        return f"{self.handover_id} {self.manager_id} {self.cases}"


class ResponsibilityQuerySet(models.QuerySet["Responsibility"]):
    def on(self, day: date) -> Self:
        """The rows that hold on `day`: one for every case."""
        later = Responsibility.objects.filter(
            case=OuterRef("case"), starts_on__gt=OuterRef("starts_on"), starts_on__lte=day
        )
        return self.filter(~Exists(later), starts_on__lte=day)

    def reaching(self, day: date) -> Self:
        """The rows that hold on `day` or begin after it."""
        over = Responsibility.objects.filter(
            case=OuterRef("case"), starts_on__gt=OuterRef("starts_on"), starts_on__lte=day
        )
        return self.filter(~Exists(over))

    def of(self, managers: Manager | models.QuerySet[Manager]) -> Self:
        return self.filter(manager=managers) if isinstance(managers, Manager) else self.filter(manager__in=managers)

    def of_open_cases(self, organisation_id: int) -> Self:
        return self.filter(manager__organisation=organisation_id, case__closed_on__isnull=True)

    def beginning_after(self, day: date) -> Self:
        """The rows that begin after `day`, with the key of the manager who answers until then (`giver`)."""
        before = Responsibility.objects.filter(case=OuterRef("case"), starts_on__lt=OuterRef("starts_on"))
        giver = Subquery(before.order_by("-starts_on").values("manager")[:1])
        return self.filter(starts_on__gt=day).annotate(giver=giver)

    def count_by(self, *names: str) -> list[tuple]:
        """How many rows there are for each combination of the named values, which come first."""
        return list(self.order_by().values_list(*names).annotate(Count("pk")))

    def go_on_to_successor(self, case: Case) -> None:
        """Names who answers for a case after the leaving of its last manager, as the database does for a new one."""
        last = self.filter(case=case).select_related("manager").latest("starts_on").manager
        employed_until = Manager.objects.with_employment().get(pk=last.pk).employed_until
        if last.successor_id and employed_until and employed_until >= timezone.localdate():
            self.create(case=case, manager_id=last.successor_id, starts_on=employed_until + timedelta(days=1))


class Responsibility(models.Model):
    """From `starts_on` until the next row of the same case `manager` answers for it.

    There is no last day, so that no gap and no overlap can be written down. The first row of a case begins with the
    pact and so covers it from the opening on; the database makes it with the case. The database refuses (constraint
    `case_has_responsible_manager`) whatever would leave an open case on any day to come with somebody who is not
    employed by its organisation then, and keeps what is past.
    """

    case = models.ForeignKey(Case, on_delete=models.RESTRICT, related_name="responsibilities", db_index=False)
    manager = models.ForeignKey(Manager, on_delete=models.RESTRICT, related_name="responsibilities")
    starts_on = models.DateField()
    handover = models.ForeignKey(
        Handover, on_delete=models.RESTRICT, null=True, related_name="responsibilities", db_index=False
    )

    objects = ResponsibilityQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(name="responsibility_one_a_day", fields=["case", "starts_on"])]
        triggers = figure_change_triggers(
            months=(
                "date_trunc('month', greatest(r.starts_on, k.opened_on))::date, "
                "date_trunc('month', coalesce(k.closed_on, greatest(current_date, k.opened_on)))::date"
            ),
            counted=("case_id", "manager_id", "starts_on"),
            # Who answered before is concerned as well.
            manager="unnest(ARRAY[r.manager_id, p.manager_id])",
            join=("JOIN casework_case k ON k.id = r.case_id JOIN casework_responsibility p ON p.case_id = r.case_id"),
        )

    def __str__(self) -> str:
        return f"{self.case_id} {self.manager_id} {self.starts_on}"
