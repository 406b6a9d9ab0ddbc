"""Integration plans: most cases have one, some weeks after they were opened."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random

from django.db.backends.utils import CursorWrapper

from casework.models import Plan
from funding.demo.cases import CaseDraft
from funding.demo.copying import copy_rows
from funding.demo.period import Period, day_between
from funding.demo.staff import DAY

# Of the cases that lasted long enough.
WITH_PLAN = 0.85
# Days from the opening of a case to its plan.
SOONEST, LATEST = 10, 70
# Plans that end with their case, and those that were made anew on the way.
UNTIL_CLOSING, RENEWED = 0.7, 0.08
LONG = timedelta(days=300)


def load_plans(cursor: CursorWrapper, rng: Random, cases: Sequence[CaseDraft], period: Period) -> int:
    """Writes the plans; comes after the cases and those who answer for them."""
    return copy_rows(cursor, Plan, ("case_id", "starts_on", "ends_on"), _rows(rng, cases, period))


def _rows(rng: Random, cases: Sequence[CaseDraft], period: Period) -> Iterator[tuple[int, date, date | None]]:
    for case in cases:
        starts_on = case.opened_on + rng.randint(SOONEST, LATEST) * DAY
        last = case.closed_on or period.until
        if rng.random() > WITH_PLAN or starts_on > last:
            continue
        starts_on = min(period.on_weekday(starts_on), last)
        if last - starts_on > LONG and rng.random() < RENEWED:
            renewed_on = day_between(rng, starts_on + LONG / 2, last)
            yield case.pk, starts_on, renewed_on - DAY
            starts_on = renewed_on
        ends_on = case.closed_on
        if ends_on and rng.random() > UNTIL_CLOSING:
            ends_on = day_between(rng, starts_on, ends_on)
        yield case.pk, starts_on, ends_on
