"""Calendar months, always given as their first day."""

from calendar import monthrange
from datetime import date, timedelta

from django.utils import timezone


def month_of(day: date) -> date:
    """The first day of the month of `day`."""
    return day.replace(day=1)


def quarter_of(day: date) -> date:
    """The first day of the quarter of `day`."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def add_months(month: date, count: int) -> date:
    """The first day of the month `count` months after `month` (before it, when negative)."""
    index = month.year * 12 + month.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)


def months_later(day: date, count: int) -> date:
    """The same day `count` months later, or the last of that month where it is shorter."""
    month = add_months(month_of(day), count)
    return month.replace(day=min(day.day, monthrange(month.year, month.month)[1]))


def earliest_reaching(day: date, count: int) -> date:
    """The earliest day of which `months_later` by `count` gives `day` or a later one."""
    month = add_months(month_of(day), -count)
    return min(month + timedelta(days=day.day - 1), add_months(month, 1))


def last_months(count: int, *, until: date | None = None) -> list[date]:
    """The `count` months that end with the month of `until` (today in Stuttgart by default), oldest first."""
    last = month_of(until or timezone.localdate())
    return [add_months(last, offset) for offset in range(1 - count, 1)]
