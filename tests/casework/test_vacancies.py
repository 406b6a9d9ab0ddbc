from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from casework.models import Assignment, Post
from casework.vacancies import next_booking, state_words, vacancies

DAY = timedelta(days=1)
TODAY = date(2026, 11, 24)
HALF, FULL = Decimal("0.50"), Decimal("1.00")


def _post(fte=FULL, starts_on=date(2025, 1, 1), ends_on=None) -> Post:
    return Post(fte=fte, starts_on=starts_on, ends_on=ends_on)


def _booked(fte=FULL, starts_on=date(2025, 1, 1), ends_on=None) -> Assignment:
    return Assignment(fte=fte, starts_on=starts_on, ends_on=ends_on)


def _free(post, *bookings) -> list[tuple]:
    return [(free.fte, free.starts_on, free.ends_on) for free in vacancies(post, bookings, since=TODAY)]


def test_vacant_post_is_free_from_today_or_its_first_day():
    assert _free(_post()) == [(FULL, TODAY, None)]
    assert _free(_post(starts_on=TODAY + DAY, ends_on=TODAY + DAY)) == [(FULL, TODAY + DAY, TODAY + DAY)]


def test_filled_or_ended_post_has_nothing_free():
    assert _free(_post(), _booked(HALF), _booked(HALF)) == []
    assert _free(_post(ends_on=TODAY - DAY)) == []


def test_what_is_free_changes_with_each_booking():
    end = TODAY + 9 * DAY
    bookings = [_booked(HALF, ends_on=TODAY + 4 * DAY), _booked(FULL, TODAY + 7 * DAY, TODAY + 8 * DAY)]

    assert _free(_post(ends_on=end), *bookings) == [
        (HALF, TODAY, TODAY + 4 * DAY),
        (FULL, TODAY + 5 * DAY, TODAY + 6 * DAY),
        (FULL, end, end),
    ]


def test_one_person_after_the_other_leaves_one_stretch():
    bookings = [_booked(HALF, ends_on=TODAY), _booked(HALF, TODAY + DAY)]

    assert _free(_post(), *bookings) == [(HALF, TODAY, None)]


@pytest.mark.parametrize(
    ("bookings", "proposed"),
    [
        ([], (FULL, TODAY, None)),
        ([_booked(HALF, ends_on=TODAY)], (HALF, TODAY, None)),
        ([_booked(HALF, TODAY + DAY)], (FULL, TODAY, TODAY)),
        ([_booked(FULL, TODAY + DAY, TODAY + DAY)], (FULL, TODAY, TODAY)),
        ([_booked(FULL, ends_on=TODAY)], (FULL, TODAY + DAY, None)),
        # Too little is left to be booked.
        ([_booked(Decimal("0.80"), ends_on=TODAY)], (FULL, TODAY + DAY, None)),
        ([_booked(Decimal("0.80"))], None),
        ([_booked()], None),
    ],
)
def test_next_booking_is_all_that_is_free_for_as_long_as_no_less_is(bookings, proposed):
    found = next_booking(vacancies(_post(), bookings, since=TODAY))

    assert (found and (found.fte, found.starts_on, found.ends_on)) == proposed


@pytest.mark.parametrize(
    ("post", "bookings", "words"),
    [
        (_post(), [], "vacant"),
        (_post(), [_booked(starts_on=TODAY + DAY)], "vacant"),
        (_post(), [_booked(HALF)], "0.50 of 1.00 FTE filled"),
        (_post(), [_booked(HALF), _booked(HALF, ends_on=TODAY)], "filled"),
        (_post(starts_on=TODAY + DAY), [], "not yet begun"),
        (_post(ends_on=TODAY - DAY), [_booked()], "ended"),
        (_post(ends_on=TODAY), [_booked()], "filled, ends today"),
        (_post(ends_on=TODAY + DAY), [_booked()], "filled, ends in 1 day"),
        (_post(ends_on=TODAY + 41 * DAY), [], "vacant, ends in 41 days"),
        (_post(ends_on=TODAY + 91 * DAY), [], "vacant"),
    ],
)
def test_state_is_said_in_words(post, bookings, words):
    with translation.override("en"):
        assert state_words(post, bookings, day=TODAY) == words


def test_what_is_free_is_said_in_a_sentence():
    bookings = [_booked(HALF, ends_on=date(2026, 12, 31))]
    post = _post(ends_on=date(2027, 12, 31))

    with translation.override("en"):
        sentences = [[str(free) for free in vacancies(each, bookings, since=TODAY)] for each in (post, _post())]

    assert sentences == [
        [
            "From 24 Nov 2026 to 31 Dec 2026 0.50 FTE are free.",
            "From 1 Jan 2027 to 31 Dec 2027 1.00 FTE are free.",
        ],
        ["From 24 Nov 2026 to 31 Dec 2026 0.50 FTE are free.", "From 1 Jan 2027 1.00 FTE are free."],
    ]
