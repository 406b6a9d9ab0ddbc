from datetime import UTC, date, datetime

import pytest
from django.utils import timezone

from pik.months import add_months, last_months, month_of, quarter_of


@pytest.mark.parametrize("day", [date(2024, 2, 1), date(2024, 2, 29)])
def test_month_of_a_day_is_its_first_day(day):
    assert month_of(day) == date(2024, 2, 1)


@pytest.mark.parametrize(
    ("day", "first"),
    [
        (date(2026, 1, 1), date(2026, 1, 1)),
        (date(2026, 3, 31), date(2026, 1, 1)),
        (date(2026, 4, 1), date(2026, 4, 1)),
        (date(2026, 12, 31), date(2026, 10, 1)),
    ],
)
def test_quarter_of_a_day_is_its_first_day(day, first):
    assert quarter_of(day) == first


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, date(2025, 12, 1)),
        (1, date(2026, 1, 1)),
        (13, date(2027, 1, 1)),
        (-11, date(2025, 1, 1)),
        (-12, date(2024, 12, 1)),
    ],
)
def test_add_months_crosses_the_year(count, expected):
    assert add_months(date(2025, 12, 1), count) == expected


def test_last_months_end_with_the_given_day_and_start_with_the_oldest():
    assert last_months(3, until=date(2026, 1, 31)) == [date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1)]


def test_last_months_follow_the_clock_of_stuttgart(monkeypatch):
    # Half past midnight on the first of July in Stuttgart, still June in London.
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 6, 30, 22, 30, tzinfo=UTC))

    assert last_months(1) == [date(2026, 7, 1)]
