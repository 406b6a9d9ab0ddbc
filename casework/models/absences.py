"""Times in which a manager is away, and who stands in."""

from collections.abc import Collection
from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casework.models.managers import Manager
from pik.choices import known
from pik.models import Membership, Organisation, User
from pik.periods import PeriodQuerySet, ends_after_start, once_at_a_time


class AbsenceQuerySet(PeriodQuerySet):
    def visible_to(self, user: User) -> Self:
        """Absences are seen by the coordinators of the employer and by the person; others see VZÄ only."""
        membership = user.membership
        if membership is None:
            return self.none()
        if membership.role == Membership.Role.MANAGER:
            return self.filter(manager__user=user, manager__organisation=membership.organisation_id)
        if membership.role != Membership.Role.COORDINATOR:
            return self.none()
        return self.filter(manager__organisation=membership.organisation_id)

    def of_manager(self, manager: Manager) -> Self:
        return self.filter(manager=manager)

    def next_one(self, day: date) -> "Absence | None":
        """The one that holds on `day`, else the first after it."""
        return self.reaching(day).order_by("starts_on").first()

    def for_list(self) -> Self:
        return self.order_by("-starts_on", "-pk")

    def interruptions(self, managers: Collection[int], *, since: date) -> list[tuple[int, date, date | None]]:
        """Manager, first and last day: what those learn who answer for the money of a post, never the reason."""
        rows = self.filter(manager__in=managers).reaching(since).order_by("starts_on")
        return list(rows.values_list("manager", "starts_on", "ends_on"))


class AbsenceKind(models.TextChoices):
    PARENTAL = "parental", _("Parental leave")
    ILLNESS = "illness", _("Long illness")
    OTHER = "other", _("Other interruption of pay")


class Absence(models.Model):
    """An interruption of pay from the first to the last day; the post stays filled, but nobody works on it."""

    manager = models.ForeignKey(Manager, on_delete=models.RESTRICT, related_name="absences")
    kind = models.CharField(_("reason"), max_length=10, choices=AbsenceKind.choices)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        constraints = [
            known(name="absence_kind_known", field="kind", choices=AbsenceKind),
            ends_after_start("absence_ends_after_it_starts"),
            once_at_a_time(
                name="absence_once_at_a_time",
                fields=["manager"],
                message=_("There is an absence in that time already. Change that one or choose other days."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.manager_id} {self.starts_on}"


class DeputyshipQuerySet(PeriodQuerySet):
    def visible_to(self, user: User) -> Self:
        """Seen by the two concerned and by the coordinators of their organisation."""
        membership = user.membership
        if membership is None:
            return self.none()
        own = self.filter(organisation=membership.organisation_id)
        if membership.role == Membership.Role.COORDINATOR:
            return own
        if membership.role != Membership.Role.MANAGER:
            return self.none()
        return own.filter(Q(manager__user=user) | Q(deputy__user=user))

    def concerning(self, manager: Manager) -> Self:
        """Those who stand in for a manager, and for whom the manager does."""
        return self.filter(Q(manager=manager) | Q(deputy=manager))

    def for_list(self) -> Self:
        return self.select_related("manager__user", "deputy__user").order_by("-starts_on", "-pk")

    def held_today(self, user: User) -> "list[Deputyship]":
        """Those in which `user` stands in today in the organisation they act for, the first to end on top."""
        held = self.held_by(user, user.membership.organisation_id)
        return list(held.select_related("manager__user").order_by("ends_on", "pk"))

    def held_by(self, user: User | int, organisation_id: int) -> Self:
        """Those in which `user` (or the user of that id) stands in for somebody today."""
        today = timezone.localdate()
        return self.active_on(today).filter(deputy__user=user, organisation=organisation_id)


class Deputyship(models.Model):
    """From the first to the last day `deputy` sees and records the cases of `manager`, in the same organisation."""

    manager = models.ForeignKey(Manager, on_delete=models.RESTRICT, related_name="deputies")
    deputy = models.ForeignKey(Manager, verbose_name=_("deputy"), on_delete=models.RESTRICT, related_name="deputises")
    # The database ties both managers to it.
    organisation = models.ForeignKey(Organisation, on_delete=models.RESTRICT, related_name="+")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))

    objects = DeputyshipQuerySet.as_manager()

    class Meta:
        constraints = [
            ends_after_start("deputyship_ends_after_it_starts"),
            models.CheckConstraint(name="deputyship_of_another", condition=~Q(deputy=F("manager"))),
            once_at_a_time(
                name="deputyship_once_at_a_time",
                fields=["manager", "deputy"],
                message=_("This colleague is the deputy in that time already. Choose other days."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deputy_id} {self.manager_id} {self.starts_on}"
