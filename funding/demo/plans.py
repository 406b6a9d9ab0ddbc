"""Integration plans: most cases have one, some weeks after they were opened."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from django.db.backends.utils import CursorWrapper

from casework.models import Plan, PlanReview
from casework.services.plans import review_after
from funding.demo.cases import CaseDraft
from funding.demo.copying import copy_rows, reserve_ids
from funding.demo.period import Period, day_between
from funding.demo.staff import DAY

# Of the cases that lasted long enough.
WITH_PLAN = 0.85
# Days from the opening of a case to its plan.
SOONEST, LATEST = 10, 70
# Plans that end with their case, and those that were made anew on the way.
UNTIL_CLOSING, RENEWED = 0.7, 0.08
LONG = timedelta(days=300)


# Of the reviews, those that were held, and by how many days most of them late at the most.
HELD, LATE = 0.93, 40


class PlanDraft(NamedTuple):
    """What goals need to know of a plan."""

    pk: int
    case_id: int
    starts_on: date
    ends_on: date | None
    is_login: bool


def load_plans(
    cursor: CursorWrapper, rng: Random, cases: Sequence[CaseDraft], period: Period
) -> tuple[list[PlanDraft], int]:
    """Writes the plans and their reviews, with how many of these; after the cases and those who answer for them."""
    rows = list(_rows(rng, cases, period))
    keys = reserve_ids(cursor, Plan, len(rows))
    drafts = [PlanDraft(pk, case.pk, *days, case.staff.is_login) for pk, (case, *days) in zip(keys, rows, strict=True)]
    reviews: list[tuple[int, date, date]] = []
    copy_rows(
        cursor,
        Plan,
        ("id", "case_id", "starts_on", "ends_on", "ended_with_case", "review_on", "version"),
        (
            (
                *(plan.pk, plan.case_id, plan.starts_on, plan.ends_on),
                *(
                    plan.ends_on is not None and plan.ends_on == case.closed_on,
                    _reviewed(rng, plan, reviews, period),
                    1,
                ),
            )
            for plan, (case, *_days) in zip(drafts, rows, strict=True)
        ),
    )
    return drafts, copy_rows(cursor, PlanReview, ("plan_id", "reviewed_on", "was_due_on"), reviews)


def _reviewed(rng: Random, plan: PlanDraft, reviews: list[tuple[int, date, date]], period: Period) -> date:
    """The day of the next review; those of the months shown that were held go to `reviews`."""
    last, due = plan.ends_on or period.until, review_after(plan.starts_on)
    while due < last and rng.random() < HELD:
        held_on = due + int(rng.random() ** 3 * LATE) * DAY
        if held_on >= last:
            break
        if held_on >= period.start:
            reviews.append((plan.pk, held_on, due))
        due = review_after(held_on)
    return due


def _rows(rng: Random, cases: Sequence[CaseDraft], period: Period) -> Iterator[tuple[CaseDraft, date, date | None]]:
    for case in cases:
        starts_on = case.opened_on + rng.randint(SOONEST, LATEST) * DAY
        last = case.closed_on or period.until
        if rng.random() > WITH_PLAN or starts_on > last:
            continue
        starts_on = min(period.on_weekday(starts_on), last)
        if last - starts_on > LONG and rng.random() < RENEWED:
            renewed_on = day_between(rng, starts_on + LONG / 2, last)
            yield case, starts_on, renewed_on - DAY
            starts_on = renewed_on
        ends_on = case.closed_on
        if ends_on and rng.random() > UNTIL_CLOSING:
            ends_on = day_between(rng, starts_on, ends_on)
        yield case, starts_on, ends_on
