"""Goals of an integration plan, and the steps towards them."""

from collections.abc import Collection
from datetime import date
from typing import Self
from uuid import uuid4

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Count, F, Min, Prefetch, Q, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casework.domains import Domain
from casework.guard import NOTE_LENGTH
from casework.models.cases import Case
from casework.models.due import due_rows
from casework.models.figures import figure_change_triggers
from casework.models.plans import Plan
from casework.words import Words
from pik.choices import known
from pik.concealed import conceal


class Outcome(models.TextChoices):
    REACHED = "reached", _("reached")
    PARTLY = "partly", _("partly reached")
    DROPPED = "dropped", _("dropped")


class DropReason(models.TextChoices):
    CHANGED = "changed", _("something else matters more now")
    NOT_POSSIBLE = "not_possible", _("not possible for legal reasons")
    NO_OFFER = "no_offer", _("no offer or no place available")
    HEALTH = "health", _("not possible for health reasons")
    NOT_WANTED = "not_wanted", _("the person does not want it any more")
    MOVED = "moved", _("moved away")


class Doer(models.TextChoices):
    PERSON = "person", _("the person")
    MANAGER = "manager", _("integration manager")
    SERVICE = "service", _("regular service")
    VOLUNTEER = "volunteer", _("volunteer")


class GoalQuerySet(models.QuerySet["Goal"]):
    def of_case(self, case: Case) -> Self:
        return self.filter(plan__case=case)

    def running(self) -> Self:
        """Those of a running plan without an outcome."""
        return self.filter(outcome="", plan__ends_on__isnull=True)

    def with_a_day_before(self, day: date) -> Self:
        """Those that are due, or of which a step is due or was done, before a day."""
        return self.filter(Q(due_on__lt=day) | Q(steps__due_on__lt=day) | Q(steps__done_on__lt=day))

    def to_reach(self, cases: Collection[int], *, until: date) -> Self:
        """Running goals of the cases (ids) that are to be reached until a day: that day as `first`."""
        goals = self.running().filter(plan__case__in=cases, due_on__lte=until)
        return goals.annotate(first=F("due_on"), number=Value(0))

    def steps_due(self, cases: Collection[int], *, until: date) -> Self:
        """Running goals of the cases (ids) with steps due until a day: the `first` day of these and their `number`."""
        due = Q(steps__done_on__isnull=True, steps__due_on__lte=until)
        goals = (
            self.running()
            .filter(plan__case__in=cases)
            .annotate(first=Min("steps__due_on", filter=due), number=Count("steps", filter=due))
        )
        return goals.filter(number__gt=0)

    def for_due_list(self, kind: str) -> models.QuerySet:
        return due_rows(self, kind, case="plan__case", day="first", word=F("domain"), number=F("number"))

    def for_case_page(self) -> Self:
        """Running ones, the first due on top, each with how many steps it has (`steps_all`), and done."""
        return (
            self.running()
            .annotate(steps_all=Count("steps"), steps_done=Count("steps", filter=Q(steps__done_on__isnull=False)))
            .order_by(F("due_on").asc(nulls_last=True), "pk")
        )

    def for_goal_list(self) -> Self:
        """Running ones first, then the latest; with their steps."""
        steps = Prefetch("steps", queryset=Step.objects.order_by(F("due_on").asc(nulls_last=True), "pk"))
        return (
            self.select_related("plan")
            .prefetch_related(steps)
            .order_by(F("outcome_on").desc(nulls_first=True), F("due_on").asc(nulls_last=True), "pk")
        )


class Goal(models.Model):
    """What a plan is to reach in one domain, in words that name nobody, until when, and what became of it."""

    plan = models.ForeignKey(Plan, on_delete=models.RESTRICT, related_name="goals")
    domain = models.CharField(_("domain"), max_length=13, choices=Domain.choices)
    words = models.CharField(_("goal"), max_length=NOTE_LENGTH, validators=[Words(NOTE_LENGTH)])
    due_on = models.DateField(_("due on"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=7, choices=Outcome.choices, blank=True)
    outcome_on = models.DateField(_("ended on"), null=True, blank=True)
    drop_reason = models.CharField(_("reason"), max_length=12, choices=DropReason.choices, blank=True)
    # Made with the form, so that an entry that is sent twice is stored once; the database makes it for bulk loads.
    entry_key = models.UUIDField(default=uuid4, db_default=RandomUUID(), editable=False)
    # Goes up with every change of the goal or its steps, so that the second of two tabs is told.
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = GoalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="goal_entry_once", fields=["entry_key"]),
            known(name="goal_domain_known", field="domain", choices=Domain),
            known(name="goal_outcome_known", field="outcome", choices=Outcome, blank=True),
            known(name="goal_drop_reason_known", field="drop_reason", choices=DropReason, blank=True),
            models.CheckConstraint(name="goal_has_words", condition=~Q(words="")),
            models.CheckConstraint(
                name="goal_outcome_has_a_day",
                condition=Q(outcome="", outcome_on__isnull=True) | (~Q(outcome="") & Q(outcome_on__isnull=False)),
            ),
            models.CheckConstraint(
                name="goal_dropped_has_reason",
                condition=(Q(outcome="dropped") & ~Q(drop_reason="")) | (~Q(outcome="dropped") & Q(drop_reason="")),
            ),
        ]
        triggers = figure_change_triggers(
            months="date_trunc('month', r.outcome_on)::date, date_trunc('month', r.outcome_on)::date",
            counted=("plan_id", "outcome", "outcome_on"),
            manager="p.manager_id",
            # Only what has ended is counted.
            join=(
                "JOIN casework_plan q ON q.id = r.plan_id AND r.outcome_on IS NOT NULL "
                "JOIN casework_responsibility p ON p.case_id = q.case_id"
            ),
        )

    def __str__(self) -> str:
        return f"{self.plan_id} {self.domain}"

    @property
    def key(self) -> str:
        """How a page names it."""
        return conceal("goal", self.pk)

    @property
    def entered_steps(self) -> list[tuple]:
        """Its steps as they were entered, in that order."""
        return list(self.steps.order_by("pk").values_list("words", "doer", "due_on", "done_on"))

    @property
    def is_running(self) -> bool:
        return not self.outcome and self.plan.ends_on is None

    @property
    def is_overdue(self) -> bool:
        return not self.outcome and self.due_on is not None and self.due_on < timezone.localdate()


class Step(models.Model):
    """One step towards a goal: what, who does it, until when; kept and changed together with its goal."""

    goal = models.ForeignKey(Goal, on_delete=models.RESTRICT, related_name="steps")
    words = models.CharField(_("step"), max_length=NOTE_LENGTH, validators=[Words(NOTE_LENGTH)])
    doer = models.CharField(_("who"), max_length=9, choices=Doer.choices)
    due_on = models.DateField(_("due on"), null=True, blank=True)
    done_on = models.DateField(_("done on"), null=True, blank=True)

    class Meta:
        constraints = [
            known(name="step_doer_known", field="doer", choices=Doer),
            models.CheckConstraint(name="step_has_words", condition=~Q(words="")),
        ]
        indexes = [models.Index(name="step_to_do", fields=["due_on"], condition=Q(done_on__isnull=True))]

    def __str__(self) -> str:
        return f"{self.goal_id} {self.doer}"

    @property
    def key(self) -> str:
        """How a page names it."""
        return conceal("step", self.pk)

    @property
    def is_overdue(self) -> bool:
        return self.done_on is None and self.due_on is not None and self.due_on < timezone.localdate()
