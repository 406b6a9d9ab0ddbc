from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from casework.models import Absence, Post
from casework.staffing import Scope, Staff, fte_over_time, staff_sums
from casework.staffing.posts import PostRow, read_posts
from pik.models import Measure, User
from tests.factories import make_manager, make_member, make_organisation
from tests.staff_history import DAY, add_post, book, only_people, random_history

pytestmark = pytest.mark.django_db

YEAR = [date(2026, 1, 1) + DAY * offset for offset in range(365)]
WINDOW = (date(2026, 3, 1), date(2026, 8, 20))


def _sums(*, day: date = YEAR[-1], by: str = "organisation_id") -> dict[str | int | None, Staff]:
    return staff_sums(Post.objects.all(), day=day, window=WINDOW, by=by).lines


def _rows(day: date) -> list[PostRow]:
    """The posts one by one, as the table of posts shows them."""
    reader = User.objects.get(pk=make_member("ministry").pk)
    return read_posts(Scope(reader, day), Measure.objects.in_bulk())


def _added_up(rows: list[PostRow]) -> tuple[int, int, Decimal, Decimal, Decimal, int]:
    """The first six numbers of `Staff`, out of rows of posts."""
    running, nothing = [row for row in rows if row.runs], Decimal(0)
    return (
        len(running),
        len({holder.person for row in running for holder in row.holders}),
        sum((row.planned for row in running), nothing),
        sum((row.filled for row in running), nothing),
        sum((row.absent for row in running), nothing),
        len([row for row in running if row.ending_on]),
    )


@pytest.mark.parametrize("seed", range(4))
def test_sums_are_those_of_the_posts_one_by_one(seed):
    organisation = random_history(seed)
    other = random_history(seed + 100)

    for day in YEAR[:: 45 + seed]:
        rows, sums = _rows(day), _sums(day=day)
        for body in (organisation, other):
            assert sums[body.pk][:6] == _added_up([row for row in rows if row.organisation == body.pk])


@pytest.mark.parametrize("seed", range(4))
def test_fte_days_of_a_year_agree_with_the_sum_of_its_days_to_the_hundredth(seed):
    organisation = random_history(seed)
    random_history(seed + 100)

    points = fte_over_time(Post.objects.filter(organisation=organisation), YEAR)
    staff = _sums()[organisation.pk]

    planned, filled, absent = (sum(values, Decimal(0)) for values in list(zip(*points, strict=True))[1:])
    assert (staff.days_planned, staff.days_filled, staff.days_absent) == (planned, filled, absent)
    assert staff.days_empty == sum((point.vacant + point.absent for point in points), Decimal(0))
    assert staff.window_days == sum(point.filled for point in points if WINDOW[0] <= point.day <= WINDOW[1])
    assert staff.days_planned > 0


def test_fte_days_are_exact_to_the_day():
    organisation = make_organisation()
    (person,) = only_people(organisation, 1)
    post = add_post(organisation, "1.00", date(2026, 1, 1), date(2026, 12, 31))
    book(post, person, "1.00", date(2026, 2, 1), date(2026, 11, 30))
    Absence.objects.create(manager=person, kind="illness", starts_on=date(2026, 11, 21))

    by_organisation, by_district = _sums(), _sums(by="district_id")

    for staff in (by_organisation[organisation.pk], by_district[organisation.district_id]):
        assert (staff.days_planned, staff.days_filled, staff.days_absent) == (365, 303, 10)
        assert staff.days_empty == 31 + 31 + 10


def test_measures_and_lines_add_up_and_a_person_of_two_lines_is_one_head_of_all():
    organisation, other = make_organisation(), make_organisation()
    (person,) = only_people(organisation, 1)
    for district in (organisation.district, other.district):
        post = add_post(organisation, "0.50", date(2026, 1, 1))
        Post.objects.filter(pk=post.pk).update(district=district)
        book(post, person, "0.50", date(2026, 1, 1))
    make_manager(organisation=organisation, measure="jbh")

    sums = staff_sums(Post.objects.all(), day=timezone.localdate(), window=WINDOW, by="district_id")

    assert (sums.lines[organisation.district_id].heads, sums.lines[other.district_id].heads) == (2, 1)
    assert (sums.total.heads, sums.total.posts, sums.total.filled) == (2, 3, Decimal("2.00"))
    assert {key: staff.filled for key, staff in sums.by_measure(organisation.district_id).items()} == {
        "im": Decimal("0.50"), "jbh": Decimal("1.00"),
    }  # fmt: skip


def test_booking_that_goes_on_with_another_share_does_not_end():
    organisation, day = make_organisation(), date(2026, 5, 1)
    (person,) = only_people(organisation, 1)
    post = add_post(organisation, "1.00", date(2026, 1, 1))
    book(post, person, "1.00", date(2026, 1, 1), day + DAY * 29)
    next_one = book(post, person, "0.50", day + DAY * 30)

    goes_on = _sums(day=day)[organisation.pk].ending
    next_one.delete()

    assert (goes_on, _sums(day=day)[organisation.pk].ending) == (0, 1)


def test_line_whose_posts_are_all_over_is_there_with_nothing():
    organisation = make_organisation()
    only_people(organisation, 0)
    add_post(organisation, "1.00", date(2025, 1, 1), date(2025, 6, 30))

    assert _sums(day=date(2026, 5, 1)) == {organisation.pk: Staff()}


def test_no_posts_give_no_lines():
    assert staff_sums(Post.objects.all(), day=YEAR[0], window=WINDOW, by="organisation_id").total == Staff()


def test_staff_is_summed_by_organisations_and_districts_only():
    with pytest.raises(ValueError, match="not by measure_id"):
        _sums(by="measure_id")
