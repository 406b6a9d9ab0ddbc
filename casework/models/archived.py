"""What is left of cases that are gone: sums by month, without a code."""

from django.db import models
from django.db.models import Q

from pik.models import Measure, Municipality, Organisation


class ArchivedFigure(models.Model):
    """The share in a row of `MonthlyFigure` of cases that are deleted: the figures are this and what is still there.

    It has the grain of `MonthlyFigure` and adds up all cases that ever went, whenever that was: no code, no band, no
    day, no order. It is the difference of the figures and the rows of living cases and so tells nothing that these two
    do not tell together. Only `casework_retire_cases` of the database writes it, while it deletes the cases.
    """

    manager = models.ForeignKey("casework.Manager", on_delete=models.RESTRICT, related_name="+", db_index=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.RESTRICT, related_name="+", db_index=False)
    municipality = models.ForeignKey(Municipality, on_delete=models.RESTRICT, related_name="+", db_index=False)
    measure = models.ForeignKey(Measure, on_delete=models.RESTRICT, related_name="+", db_index=False)
    month = models.DateField()
    cases_open = models.PositiveIntegerField()
    cases_opened = models.PositiveIntegerField()
    cases_closed = models.PositiveIntegerField()
    plans_new = models.PositiveIntegerField()
    plans_ended = models.PositiveIntegerField()
    plans_active = models.PositiveIntegerField()
    contacts = models.PositiveIntegerField()
    minutes = models.PositiveIntegerField()
    referrals_made = models.PositiveIntegerField()
    referrals_arrived = models.PositiveIntegerField()
    reviews_overdue = models.PositiveIntegerField()
    goals_ended = models.PositiveIntegerField()
    goals_reached = models.PositiveIntegerField()
    reliance_cases = models.PositiveIntegerField()
    reliance_domains = models.PositiveIntegerField()
    reliance_change = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="archived_once", fields=["manager", "month", "organisation", "municipality", "measure"]
            ),
            models.CheckConstraint(name="archived_month_is_first_day", condition=Q(month__day=1)),
        ]

    def __str__(self) -> str:
        return f"{self.manager_id} {self.measure_id} {self.month:%Y-%m}"
