"""What will go when, in numbers."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q, Sum

from pik.models import Membership, Organisation, User


class RetentionFigureQuerySet(models.QuerySet["RetentionFigure"]):
    def visible_to(self, user: User) -> Self:
        """Those of the own organisation for its coordinators, all for the overseers, none for managers.

        What becomes of its data each organisation answers for alone, so a Kreis does not see those of its bodies.
        """
        membership = user.membership
        if membership is None:
            return self.none()
        if membership.sees_whole_state:
            return self
        if membership.role != Membership.Role.COORDINATOR:
            return self.none()
        return self.filter(organisation=membership.organisation_id)

    def by_month(self) -> list[tuple[date, int, int, int]]:
        """Month, cases that end, those of them in their fourth year, and cases that are deleted, by month."""
        sums = (Sum("cases_ending"), Sum("cases_extended"), Sum("cases_going"))
        return list(self.order_by("month").values_list("month").annotate(*sums))


class RetentionFigure(models.Model):
    """How many cases of an organisation end by law in a month to come, and how many lose their code in it.

    Counted anew every night; what is overdue counts in the month of that night.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+", db_index=False)
    month = models.DateField()
    cases_ending = models.PositiveIntegerField()
    cases_extended = models.PositiveIntegerField()
    cases_going = models.PositiveIntegerField()

    objects = RetentionFigureQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="retention_figure_once", fields=["organisation", "month"]),
            models.CheckConstraint(name="retention_month_is_first_day", condition=Q(month__day=1)),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.month:%Y-%m}"
