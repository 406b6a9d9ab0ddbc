"""Integration plans: what the work on a case is steered by."""

from collections.abc import Collection
from datetime import date
from typing import Self

import pgtrigger
from django.db import models
from django.db.models import ExpressionWrapper, F, Q
from django.utils.translation import gettext_lazy as _

from casework.models.cases import Case
from casework.models.due import due_rows
from casework.models.figures import figure_change_triggers
from pik.periods import PeriodQuerySet, ends_after_start, once_at_a_time

_OWNERS = "JOIN casework_responsibility p ON p.case_id = r.case_id"


class PlanQuerySet(PeriodQuerySet):
    def running(self) -> "Plan | None":
        """The one that has not ended."""
        return self.filter(ends_on__isnull=True).first()

    def to_review(self, cases: Collection[int], *, until: date) -> Self:
        """Running plans of the cases (ids) that are to be reviewed until a day."""
        return self.filter(case__in=cases, ends_on__isnull=True, review_on__lte=until)

    def for_due_list(self, kind: str) -> models.QuerySet:
        return due_rows(self, kind, case="case", day="review_on")

    def end_with(self, case: Case) -> None:
        """Ends the plan of a case that is closed on the same day, if it ran beyond; one made later never was."""
        self.filter(case=case, starts_on__gt=case.closed_on).delete()
        ran = ExpressionWrapper(Q(ends_on__isnull=True), output_field=models.BooleanField())
        self.filter(case=case).reaching(case.closed_on).update(ends_on=case.closed_on, ended_with_case=ran)

    def run_on_with(self, case: Case) -> None:
        """Lets the plan of a case that is reopened run on, if it was the closing that ended it."""
        self.filter(case=case, ended_with_case=True).update(ends_on=None, ended_with_case=False)


class Plan(models.Model):
    """An integration plan of a case, from the day it was agreed on to the day it ended.

    How the figures of a period count plans (Kreis Waldshut 2024: 430 new, 1,118 continued, 1,228 active): new are
    those made in it; continued those made before it that ran on into it; active those that run at its end.
    """

    case = models.ForeignKey(Case, on_delete=models.RESTRICT, related_name="plans")
    starts_on = models.DateField(_("agreed on"))
    ends_on = models.DateField(_("ended on"), null=True, blank=True)
    # That nobody ended it but the closing of its case.
    ended_with_case = models.BooleanField(default=False, db_default=False, editable=False)
    # Until when the plan is to be looked at again together with the person.
    review_on = models.DateField(_("next review"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = PlanQuerySet.as_manager()

    class Meta:
        constraints = [
            ends_after_start("plan_ends_after_it_starts"),
            once_at_a_time(
                name="plan_once_at_a_time",
                fields=["case"],
                message=_("This case has a plan in that time already. End that one first."),
            ),
            models.CheckConstraint(
                name="plan_review_after_it_starts",
                condition=Q(review_on__isnull=True) | Q(review_on__gte=F("starts_on")),
            ),
        ]
        indexes = [models.Index(name="plan_running", fields=["case"], condition=Q(ends_on__isnull=True))]
        triggers = figure_change_triggers(
            months=(
                "date_trunc('month', r.starts_on)::date, "
                "date_trunc('month', coalesce(r.ends_on, greatest(current_date, r.starts_on)))::date"
            ),
            counted=("case_id", "starts_on", "ends_on", "review_on"),
            manager="p.manager_id",
            join=_OWNERS,
        )

    def __str__(self) -> str:
        return f"{self.case_id} {self.starts_on}"


class PlanReview(models.Model):
    """A review of a plan that took place, and the day it had been due: how it stood at the end of any past month."""

    plan = models.ForeignKey(Plan, on_delete=models.RESTRICT, related_name="reviews", db_index=False)
    reviewed_on = models.DateField(_("reviewed on"))
    was_due_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="plan_review_one_a_day", fields=["plan", "reviewed_on"])]
        triggers = [pgtrigger.Protect(name="keep_reviews", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.reviewed_on}"
