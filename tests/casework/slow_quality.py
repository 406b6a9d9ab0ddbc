"""What the monthly figures say of quality, counted a second time with pencil and paper."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

from django.utils import timezone

from casework.models import Case, Goal, MonthlyFigure, Plan, Responsibility
from pik.months import add_months, month_of

NUMBERS = (
    "reviews_overdue",
    "goals_ended",
    "goals_reached",
    "reliance_cases",
    "reliance_domains",
    "reliance_change",
)


def quality_counted_slowly() -> dict[tuple[int, date], tuple[int, ...]]:
    """By manager and month, where there is anything."""
    numbers: defaultdict[tuple[int, date], Counter] = defaultdict(Counter)
    for case in Case.objects.all():
        for day in _counted_on(case.opened_on, case.closed_on, last=True):
            levels = [each.levels for each in case.assessments.order_by("assessed_on") if each.assessed_on <= day]
            both = [domain for domain in levels[0] if domain in levels[-1]] if len(levels) > 1 else []
            if both:
                change = sum(levels[-1][domain] - levels[0][domain] for domain in both)
                found = {"reliance_cases": 1, "reliance_domains": len(both), "reliance_change": change}
                numbers[_key(case, day)].update(found)
    for plan in Plan.objects.select_related("case"):
        for day in _counted_on(plan.starts_on, plan.ends_on, last=False):
            due_on = _due_on(plan, day)
            if due_on and due_on < day:
                numbers[_key(plan.case, day)].update(reviews_overdue=1)
    for goal in Goal.objects.exclude(outcome="").select_related("plan__case"):
        ended = {"goals_ended": 1, "goals_reached": int(goal.outcome == "reached")}
        numbers[_key(goal.plan.case, goal.outcome_on)].update(ended)
    return {key: tuple(found[name] for name in NUMBERS) for key, found in numbers.items()}


def quality_stored() -> dict[tuple[int, date], tuple[int, ...]]:
    """The same as the table holds it."""
    rows = MonthlyFigure.objects.values_list("manager", "month", *NUMBERS)
    return {row[:2]: row[2:] for row in rows if any(row[2:])}


def _counted_on(first: date, end: date | None, *, last: bool) -> Iterator[date]:
    """The last days of the months from `first` on; with `last` also the day of the end, in its month."""
    month, today = month_of(first), timezone.localdate()
    while month <= month_of(end or today):
        ends_here = end is not None and month == month_of(end)
        if not ends_here:
            yield min(add_months(month, 1) - timedelta(days=1), today)
        elif last:
            yield end
        month = add_months(month, 1)


def _due_on(plan: Plan, day: date) -> date | None:
    """Until when the plan was to be reviewed, as it stood on a day."""
    later = plan.reviews.filter(reviewed_on__gt=day).order_by("reviewed_on").first()
    return later.was_due_on if later else plan.review_on


def _key(case: Case, day: date) -> tuple[int, date]:
    return Responsibility.objects.filter(case=case, starts_on__lte=day).latest("starts_on").manager_id, month_of(day)
