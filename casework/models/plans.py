"""Integration plans: what the work on a case is steered by."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from casework.models.cases import Case
from casework.models.figures import figure_change_triggers
from pik.periods import PeriodQuerySet, ends_after_start, once_at_a_time

_OWNERS = "JOIN casework_responsibility p ON p.case_id = r.case_id"


class PlanQuerySet(PeriodQuerySet):
    def running(self) -> "Plan | None":
        """The one that has not ended."""
        return self.filter(ends_on__isnull=True).first()

    def end_with(self, case: Case) -> None:
        """Ends the plan of a case that is closed on the same day, if it ran beyond; one made later never was."""
        self.filter(case=case, starts_on__gt=case.closed_on).delete()
        self.filter(case=case).reaching(case.closed_on).update(ends_on=case.closed_on)


class Plan(models.Model):
    """An integration plan of a case, from the day it was agreed on to the day it ended.

    How the figures of a period count plans (Kreis Waldshut 2024: 430 new, 1,118 continued, 1,228 active): new are
    those made in it; continued those made before it that ran on into it; active those that run at its end.
    """

    case = models.ForeignKey(Case, on_delete=models.RESTRICT, related_name="plans")
    starts_on = models.DateField(_("agreed on"))
    ends_on = models.DateField(_("ended on"), null=True, blank=True)

    objects = PlanQuerySet.as_manager()

    class Meta:
        constraints = [
            ends_after_start("plan_ends_after_it_starts"),
            once_at_a_time(
                name="plan_once_at_a_time",
                fields=["case"],
                message=_("This case has a plan in that time already. End that one first."),
            ),
        ]
        indexes = [models.Index(name="plan_running", fields=["case"], condition=Q(ends_on__isnull=True))]
        triggers = figure_change_triggers(
            months=(
                "date_trunc('month', r.starts_on)::date, "
                "date_trunc('month', coalesce(r.ends_on, greatest(current_date, r.starts_on)))::date"
            ),
            counted=("case_id", "starts_on", "ends_on"),
            manager="p.manager_id",
            join=_OWNERS,
        )

    def __str__(self) -> str:
        return f"{self.case_id} {self.starts_on}"
