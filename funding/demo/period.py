"""The time that the invented state covers, and how busy its days were."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from random import Random

from django.conf import settings
from django.utils import timezone

from pik.months import add_months, last_months, month_of

# How much is done in a month, January first: holidays in August, Christmas.
_SEASON = (1.0, 0.98, 1.05, 0.95, 0.92, 0.96, 1.02, 0.78, 1.06, 1.1, 1.08, 0.74)
# Monday to Sunday.
_WEEK = (1.05, 1.1, 0.95, 1.1, 0.8, 0.06, 0.0)
# Those with a fixed date; the movable ones are too few to show in a month.
_HOLIDAYS = {(1, 1), (1, 6), (5, 1), (10, 3), (11, 1), (12, 24), (12, 25), (12, 26), (12, 31)}


@dataclass
class Period:
    """The months that pages show, up to the day `until`, which is included."""

    until: date

    @cached_property
    def months(self) -> list[date]:
        """Oldest first; the last is the running one."""
        return last_months(settings.CURVE_MONTHS, until=self.until)

    @property
    def start(self) -> date:
        return self.months[0]

    def end_of(self, month: date) -> date:
        """The last day of the month, or `until` in the running one."""
        return min(add_months(month, 1) - timedelta(days=1), self.until)

    def days(self, month: date) -> dict[date, float]:
        """The days of the month on which work is done, with how much of it, an average weekday being 1."""
        span = (month + timedelta(days=offset) for offset in range((self.end_of(month) - month).days + 1))
        return {day: busy for day in span if (busy := _busy(day))}

    def on_weekday(self, day: date) -> date:
        """The same day, or the Monday after a weekend; never after `until`."""
        return min(day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0), self.until)

    def moment(self, day: date, hour: float) -> datetime:
        """A time of day in local time; on the last day always midnight, so that none lies in the future."""
        midnight = datetime.combine(day, time(), tzinfo=timezone.get_default_timezone())
        return midnight if day >= self.until else midnight + timedelta(hours=hour)


def _busy(day: date) -> float:
    return 0.0 if (day.month, day.day) in _HOLIDAYS else _WEEK[day.weekday()] * _SEASON[day.month - 1]


def months_before(day: date, count: int) -> date:
    """The first day of the month `count` months before the one of `day`."""
    return add_months(month_of(day), -count)


def day_between(rng: Random, first: date, last: date) -> date:
    """Any day of the span, both ends included; `first` when the span is empty."""
    return first + timedelta(days=int(rng.random() * (max(0, (last - first).days) + 1)))
