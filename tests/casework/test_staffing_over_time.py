from datetime import date, timedelta
from decimal import Decimal

import pytest

from casework.models import Absence, Assignment, Post
from casework.staffing import fte_over_time
from casework.staffing.over_time import FtePoint
from tests.factories import make_organisation
from tests.staff_history import add_post, book, only_people, random_history

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
YEAR = [date(2026, 1, 1) + DAY * offset for offset in range(365)]


def _points(*days: date) -> list[tuple[Decimal, Decimal, Decimal]]:
    return [point[1:] for point in fte_over_time(Post.objects.all(), days)]


def _slow_day(day: date) -> FtePoint:
    """The same, counted row by row."""

    def holds(row) -> bool:
        return row.starts_on <= day and (row.ends_on is None or row.ends_on >= day)

    away = {absence.manager_id for absence in Absence.objects.all() if holds(absence)}
    booked = [row for row in Assignment.objects.all() if holds(row)]
    nothing = Decimal(0)
    return FtePoint(
        day,
        sum((post.fte for post in Post.objects.all() if holds(post)), nothing),
        sum((row.fte for row in booked), nothing),
        sum((row.fte for row in booked if row.manager_id in away), nothing),
    )


def test_days_without_a_post_have_no_fte():
    assert _points(date(2026, 1, 1), date(2026, 6, 1)) == [(0, 0, 0), (0, 0, 0)]


def test_post_counts_from_its_first_to_its_last_day():
    add_post(make_organisation(), "0.75", date(2026, 3, 1), date(2026, 3, 31))

    assert _points(date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 31), date(2026, 4, 1)) == [
        (0, 0, 0),
        (Decimal("0.75"), 0, 0),
        (Decimal("0.75"), 0, 0),
        (0, 0, 0),
    ]


def test_absent_is_who_is_booked_and_away_on_the_day():
    organisation = make_organisation()
    (person,) = only_people(organisation, 1)
    book(add_post(organisation, "1.00", date(2026, 1, 1)), person, "0.50", date(2026, 2, 1))
    Absence.objects.create(manager=person, kind="parental", starts_on=date(2026, 1, 15), ends_on=date(2026, 2, 10))

    assert _points(date(2026, 1, 20), date(2026, 2, 1), date(2026, 2, 10), date(2026, 2, 11)) == [
        (1, 0, 0),
        (1, Decimal("0.50"), Decimal("0.50")),
        (1, Decimal("0.50"), Decimal("0.50")),
        (1, Decimal("0.50"), 0),
    ]


@pytest.mark.parametrize("seed", range(4))
def test_fte_over_time_is_what_a_slow_count_finds(seed):
    random_history(seed)
    days = YEAR[:: 13 + seed]

    assert fte_over_time(Post.objects.all(), days) == [_slow_day(day) for day in days]


def test_fte_over_time_is_one_query(django_assert_num_queries):
    random_history(1)

    with django_assert_num_queries(1):
        fte_over_time(Post.objects.all(), YEAR)
