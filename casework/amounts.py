"""The fixed amount (Festbetrag) of a post for a year, booking by booking."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.utils import timezone

from casework.models import Assignment, FundingRate, Manager, Post, Qualification
from casework.models.qualifications import fixed_amount
from casework.vacancies import filled_on
from pik.models import Measure, User

# An interruption of pay: the manager's id, the first and the last day, None without an end.
Interruption = tuple[int, date, date | None]


@dataclass(frozen=True)
class AmountLine:
    """So many days at one rate: of a booking, or vacant (without `manager`).

    `rate` is None for days without a rate and for somebody without a qualification; `amount` is None where nothing
    can be said, which is not 0.
    """

    manager: Manager | None
    fte: Decimal
    days: int
    rate: Decimal | None = None
    amount: Decimal | None = None


@dataclass(frozen=True)
class YearAmounts:
    """The lines of one year; `has_rate` says whether the measure has any rate in it."""

    year: int
    has_rate: bool
    lines: list[AmountLine]

    @property
    def without_rate(self) -> list[str]:
        """The qualifications, in words, of those who work on days without a rate for it."""
        held = {
            line.manager.qualification
            for line in self.lines
            if line.manager and line.manager.qualification and line.amount is None
        }
        return [str(each.label) for each in Qualification if each in held]

    @property
    def total(self) -> Decimal:
        """In EUR, the sum of the rounded amounts, so that the lines add up."""
        return sum((line.amount for line in self.lines if line.amount is not None), Decimal("0.00"))

    @property
    def is_known(self) -> bool:
        """Whether there is any amount to sum up."""
        return any(line.amount is not None for line in self.lines)

    @property
    def is_complete(self) -> bool:
        """Whether each day of each booking has its amount."""
        return all(line.amount is not None for line in self.lines if line.manager)


class YearsWithoutRate(NamedTuple):
    """The years, up to this one, in which posts of a measure that run today ran without any rate.

    Without `years` no rate was ever entered for the measure.
    """

    measure: str
    posts: int
    years: list[int]


def years_without_rate(*, reader: User, rates: Iterable[FundingRate]) -> list[YearsWithoutRate]:
    """By measure, for the posts that `reader` sees; measures whose years all have a rate are left out."""
    today, held = timezone.localdate(), list(rates)
    running = Post.objects.visible_to(reader).active_on(today).by_measure()
    found = []
    for measure in Measure.objects.filter(pk__in=running):
        posts, first = running[measure.pk]
        spans = [(rate.starts_on, rate.ends_on) for rate in held if rate.measure_id == measure.pk]
        years = [year for year in range(first.year, today.year + 1) if not any(_days(year, *span) for span in spans)]
        if years:
            found.append(YearsWithoutRate(measure.name, posts, years if spans else []))
    return found


def year_amounts(
    post: Post,
    *,
    year: int,
    bookings: Sequence[Assignment],
    interruptions: Iterable[Interruption],
    rates: Iterable[FundingRate],
) -> YearAmounts | None:
    """What the Land pays for a post in a calendar year, in EUR; None for a year in which the post does not run.

    Each booking counts with VZÄ × rate × its days ÷ days of the year, rounded per booking and rate to the cent, half a
    cent up (`fixed_amount`). The rate follows the qualification that is noted of the person, whenever it was proven.
    Days of an interruption of pay do not count (RP Stuttgart; the funded time is prolonged by them instead), nor does
    what is vacant. `rates` are those of the post's measure; on days without one there is no amount.
    """
    running = _days(year, post.starts_on, post.ends_on)
    if not running:
        return None
    held = [rate for rate in rates if _days(year, rate.starts_on, rate.ends_on)]
    away = list(interruptions)
    lines: list[AmountLine] = []
    for booking in sorted(bookings, key=lambda booking: (booking.starts_on, booking.pk or 0)):
        booked = running & _days(year, booking.starts_on, booking.ends_on)
        absent = (_days(year, first, last) for manager, first, last in away if manager == booking.manager_id)
        if booked:
            lines += _lines(booking, booked.difference(*absent), held, days_of_year=len(_days(year)))
    vacant = Counter(post.fte - filled_on(bookings, day) for day in sorted(running))
    lines += [AmountLine(None, fte, days) for fte, days in vacant.items() if fte > 0]
    return YearAmounts(year, bool(held), lines)


def _lines(
    booking: Assignment, worked: set[date], rates: Sequence[FundingRate], *, days_of_year: int
) -> list[AmountLine]:
    """A line for each rate that holds while somebody works, the first first."""
    if not worked:
        return [AmountLine(booking.manager, booking.fte, 0, amount=Decimal("0.00"))]
    days_at = Counter(_rate_on(day, booking.manager.qualification, rates) for day in sorted(worked))
    return [
        AmountLine(
            booking.manager,
            booking.fte,
            days,
            rate,
            None if rate is None else fixed_amount(rate=rate, fte=booking.fte, days=days, days_of_year=days_of_year),
        )
        for rate, days in days_at.items()
    ]


def _rate_on(day: date, qualification: str, rates: Sequence[FundingRate]) -> Decimal | None:
    for rate in rates:
        if rate.qualification == qualification and rate.starts_on <= day and (not rate.ends_on or rate.ends_on >= day):
            return rate.amount
    return None


def _days(year: int, first: date | None = None, last: date | None = None) -> set[date]:
    """The days of a year from `first` to `last`, both included; without one from its beginning, or to its end."""
    begin, end = max(date(year, 1, 1), first or date.min), min(date(year, 12, 31), last or date.max)
    return {begin + timedelta(days=number) for number in range((end - begin).days + 1)}
