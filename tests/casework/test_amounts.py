from datetime import date
from decimal import Decimal

import pytest

from casework.amounts import year_amounts
from casework.models import Assignment, FundingRate, Manager, Post

ADA, BO = Manager(pk=1, qualification="a"), Manager(pk=2, qualification="c")
HALF, FULL = Decimal("0.50"), Decimal("1.00")


def _booked(manager=ADA, fte=FULL, starts_on=date(2025, 1, 1), ends_on=None) -> Assignment:
    return Assignment(manager=manager, fte=fte, starts_on=starts_on, ends_on=ends_on)


def _rate(qualification="a", amount="64000.00", starts_on=date(2019, 1, 1), ends_on=None) -> FundingRate:
    return FundingRate(qualification=qualification, amount=Decimal(amount), starts_on=starts_on, ends_on=ends_on)


def _lines(*bookings, year=2026, rates=(), away=(), fte=FULL, ends_on=None) -> list[tuple]:
    post = Post(fte=fte, starts_on=date(2025, 1, 1), ends_on=ends_on)
    amounts = year_amounts(post, year=year, bookings=bookings, interruptions=away, rates=rates)
    return [
        (
            line.manager and line.manager.pk,
            line.fte,
            line.days,
            line.rate,
            None if line.amount is None else str(line.amount),
        )
        for line in amounts.lines
    ]


def test_whole_year_of_a_full_post_is_the_rate():
    assert _lines(_booked(), rates=[_rate()]) == [(1, FULL, 365, Decimal("64000.00"), "64000.00")]


@pytest.mark.parametrize(
    ("year", "amount"),
    # 0.50 × 64,000 × 1 ÷ 365 = 87.671…; ÷ 366 = 87.431…
    [(2026, "87.67"), (2028, "87.43")],
)
def test_one_day_counts_against_the_days_of_its_year(year, amount):
    day = date(year, 3, 1)

    (line, *_vacant) = _lines(_booked(fte=HALF, starts_on=day, ends_on=day), year=year, rates=[_rate()])

    assert line == (1, HALF, 1, Decimal("64000.00"), amount)


def test_half_a_cent_is_rounded_up():
    # 0.50 × 3.65 × 1 ÷ 365 = 0.005
    (line, *_vacant) = _lines(
        _booked(fte=HALF, starts_on=date(2026, 1, 1), ends_on=date(2026, 1, 1)), rates=[_rate(amount="3.65")]
    )

    assert line[4] == "0.01"


def test_days_without_pay_do_not_count_and_are_not_vacant():
    away = [(1, date(2025, 12, 1), date(2026, 1, 31)), (1, date(2026, 12, 31), None), (2, date(2026, 1, 1), None)]

    # 365 − 31 − 1 days: 64,000 × 333 ÷ 365 = 58,389.041…
    assert _lines(_booked(), rates=[_rate()], away=away) == [(1, FULL, 333, Decimal("64000.00"), "58389.04")]


def test_whoever_is_away_all_year_costs_nothing():
    away = [(1, date(2025, 6, 1), None)]

    assert _lines(_booked(), rates=[_rate()], away=away) == [(1, FULL, 0, None, "0.00")]


def test_each_rate_of_a_year_has_its_line():
    rates = [
        _rate(ends_on=date(2026, 6, 30)),
        _rate(amount="65000.00", starts_on=date(2026, 7, 1), ends_on=date(2026, 12, 1)),
    ]

    assert _lines(_booked(), rates=rates) == [
        (1, FULL, 181, Decimal("64000.00"), "31736.99"),
        (1, FULL, 154, Decimal("65000.00"), "27424.66"),
        (1, FULL, 30, None, None),
    ]


def test_what_is_vacant_is_a_line_without_an_amount():
    rows = _lines(
        _booked(fte=HALF, ends_on=date(2026, 6, 30)),
        _booked(BO, fte=HALF, starts_on=date(2026, 4, 1)),
        rates=[_rate(), _rate("c", "51000.00")],
    )

    assert [row[:3] for row in rows] == [(1, HALF, 181), (2, HALF, 275), (None, HALF, 274)]
    assert rows[2][3:] == (None, None)


def test_rate_of_another_qualification_does_not_count():
    post = Post(fte=FULL, starts_on=date(2025, 1, 1))

    amounts = year_amounts(post, year=2026, bookings=[_booked(BO)], interruptions=[], rates=[_rate()])

    assert [(line.rate, line.amount) for line in amounts.lines] == [(None, None)]
    assert (amounts.has_rate, amounts.is_complete, amounts.total) == (True, False, Decimal("0.00"))


def test_person_without_a_qualification_has_no_amount():
    (line,) = _lines(_booked(Manager(pk=3)), rates=[_rate()])

    assert line == (3, FULL, 365, None, None)


def test_year_without_a_rate_has_no_amount():
    post = Post(fte=FULL, starts_on=date(2025, 1, 1))

    amounts = year_amounts(
        post, year=2026, bookings=[_booked()], interruptions=[], rates=[_rate(ends_on=date(2025, 12, 31))]
    )

    assert (amounts.has_rate, [line.amount for line in amounts.lines]) == (False, [None])


def test_year_in_which_the_post_does_not_run_has_no_lines():
    post = Post(fte=FULL, starts_on=date(2025, 2, 1), ends_on=date(2025, 12, 31))

    years = [year_amounts(post, year=year, bookings=[], interruptions=[], rates=[]) for year in (2024, 2025, 2026)]

    assert (years[0], years[2]) == (None, None)
    assert [(line.manager, line.days) for line in years[1].lines] == [(None, 334)]


def test_total_is_the_sum_of_the_rounded_lines():
    post = Post(fte=FULL, starts_on=date(2025, 1, 1))
    bookings = [_booked(ADA, HALF), _booked(BO, HALF, ends_on=date(2026, 1, 10))]
    rates = [_rate(), _rate("c", "51000.00")]

    amounts = year_amounts(post, year=2026, bookings=bookings, interruptions=[], rates=rates)

    # 32,000.00 and 0.50 × 51,000 × 10 ÷ 365 = 698.630…
    assert (amounts.total, amounts.is_complete) == (Decimal("32698.63"), True)
