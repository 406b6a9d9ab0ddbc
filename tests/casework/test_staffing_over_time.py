from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest

from casework.models import Absence, Assignment, Post
from casework.staffing import FteDays, fte_days, fte_over_time
from casework.staffing.over_time import FtePoint
from pik.models import Measure, Organisation
from tests.factories import make_manager, make_organisation

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
YEAR = [date(2026, 1, 1) + DAY * offset for offset in range(365)]


def _post(organisation: Organisation, fte: str, starts_on: date, ends_on: date | None = None) -> Post:
    return Post.objects.create(
        organisation=organisation,
        district=organisation.district,
        measure=Measure.objects.get(code="im"),
        fte=Decimal(fte),
        starts_on=starts_on,
        ends_on=ends_on,
    )


def _staff(organisation: Organisation, number: int) -> list:
    """People whose own first post is gone, so that only what the test books counts."""
    people = [make_manager(organisation=organisation) for _ in range(number)]
    Assignment.objects.filter(manager__in=people).delete()
    Post.objects.filter(organisation=organisation).delete()
    return people


def _book(post: Post, manager, fte: str, starts_on: date, ends_on: date | None = None) -> Assignment:
    return Assignment.objects.create(post=post, manager=manager, fte=Decimal(fte), starts_on=starts_on, ends_on=ends_on)


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


def _random_history(seed: int) -> Organisation:
    """Posts, bookings and absences that begin and end on any day of three years."""
    rng, organisation = Random(seed), make_organisation()
    people = _staff(organisation, 5)
    for person in people:
        day = date(2025, 1, 1) + DAY * rng.randrange(200)
        while day < date(2027, 6, 1):
            post = _post(organisation, "1.00", day, None if rng.random() < 0.3 else day + DAY * rng.randrange(20, 500))
            last = post.ends_on or (None if rng.random() < 0.4 else day + DAY * rng.randrange(10, 300))
            _book(post, person, rng.choice(["0.25", "0.33", "0.50", "1.00"]), day, last)
            if last is None:
                break
            day = last + DAY * rng.randrange(1, 60)
        first = date(2025, 6, 1) + DAY * rng.randrange(400)
        Absence.objects.create(
            manager=person,
            kind="other",
            starts_on=first,
            ends_on=None if rng.random() < 0.2 else first + DAY * rng.randrange(90),
        )
    return organisation


def test_days_without_a_post_have_no_fte():
    assert _points(date(2026, 1, 1), date(2026, 6, 1)) == [(0, 0, 0), (0, 0, 0)]


def test_post_counts_from_its_first_to_its_last_day():
    _post(make_organisation(), "0.75", date(2026, 3, 1), date(2026, 3, 31))

    assert _points(date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 31), date(2026, 4, 1)) == [
        (0, 0, 0),
        (Decimal("0.75"), 0, 0),
        (Decimal("0.75"), 0, 0),
        (0, 0, 0),
    ]


def test_absent_is_who_is_booked_and_away_on_the_day():
    organisation = make_organisation()
    (person,) = _staff(organisation, 1)
    _book(_post(organisation, "1.00", date(2026, 1, 1)), person, "0.50", date(2026, 2, 1))
    Absence.objects.create(manager=person, kind="parental", starts_on=date(2026, 1, 15), ends_on=date(2026, 2, 10))

    assert _points(date(2026, 1, 20), date(2026, 2, 1), date(2026, 2, 10), date(2026, 2, 11)) == [
        (1, 0, 0),
        (1, Decimal("0.50"), Decimal("0.50")),
        (1, Decimal("0.50"), Decimal("0.50")),
        (1, Decimal("0.50"), 0),
    ]


@pytest.mark.parametrize("seed", range(4))
def test_fte_over_time_is_what_a_slow_count_finds(seed):
    _random_history(seed)
    days = YEAR[:: 13 + seed]

    assert fte_over_time(Post.objects.all(), days) == [_slow_day(day) for day in days]


@pytest.mark.parametrize("seed", range(4))
def test_fte_days_of_a_year_agree_with_the_sum_of_its_days_to_the_hundredth(seed):
    organisation = _random_history(seed)
    _random_history(seed + 100)

    points = fte_over_time(Post.objects.filter(organisation=organisation), YEAR)
    days = fte_days(Post.objects.all(), first=YEAR[0], last=YEAR[-1], by="organisation_id")[organisation.pk]

    sums = [sum(values, Decimal(0)) for values in list(zip(*points, strict=True))[1:]]
    assert days == FteDays(*sums)
    assert days.empty == sum((point.vacant + point.absent for point in points), Decimal(0))
    assert days.planned > 0


def test_fte_days_are_exact_to_the_day():
    organisation = make_organisation()
    (person,) = _staff(organisation, 1)
    post = _post(organisation, "1.00", date(2026, 1, 1), date(2026, 12, 31))
    _book(post, person, "1.00", date(2026, 2, 1), date(2026, 11, 30))
    Absence.objects.create(manager=person, kind="illness", starts_on=date(2026, 11, 21))

    by_organisation = fte_days(Post.objects.all(), first=YEAR[0], last=YEAR[-1], by="organisation_id")
    by_district = fte_days(Post.objects.all(), first=YEAR[0], last=YEAR[-1], by="district_id")

    assert by_organisation == {organisation.pk: FteDays(Decimal(365), Decimal(303), Decimal(10))}
    assert by_district == {organisation.district_id: FteDays(Decimal(365), Decimal(303), Decimal(10))}
    assert by_organisation[organisation.pk].empty == 31 + 31 + 10


def test_fte_days_know_organisations_and_districts_only():
    with pytest.raises(ValueError, match="not by measure_id"):
        fte_days(Post.objects.all(), first=YEAR[0], last=YEAR[-1], by="measure_id")


def test_fte_over_time_is_one_query(django_assert_num_queries):
    _random_history(1)

    with django_assert_num_queries(1):
        fte_over_time(Post.objects.all(), YEAR)
