"""Organisations or Kreise as lines of the board, and what of their caseload may be shown."""

from calendar import isleap
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from django.conf import settings
from django.utils.translation import gettext as _

from casework.staffing.caseload import Caseload, Figures, Persons, Seen
from casework.staffing.over_time import FteDays
from casework.staffing.posts import NOTHING, PostRow
from casework.staffing.scope import Scope
from pik.months import add_months

Key = str | int | None


@dataclass(frozen=True)
class Line:
    """Posts, people and VZÄ of an organisation or Kreis on the day; `days` are VZÄ-days of the year up to it."""

    key: Key
    name: str
    posts: int
    heads: int
    planned: Decimal
    filled: Decimal
    absent: Decimal
    vacant: Decimal
    ending: int
    days: FteDays
    days_of_year: int
    caseload: Caseload

    @property
    def empty_months(self) -> Decimal:
        """The empty VZÄ-days of the year as months of a full-time post (a year has twelve), to the hundredth."""
        return (self.days.empty * 12 / self.days_of_year).quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")

    @property
    def filled_share(self) -> Decimal | None:
        """Filled VZÄ in per cent of the planned ones."""
        return self.filled * 100 / self.planned if self.planned else None


def make_lines(
    rows: Iterable[PostRow],
    *,
    names: Mapping[Key, str],
    days: Mapping[Key, FteDays],
    figures: Mapping[Key, Figures],
    scope: Scope,
) -> tuple[list[Line], Line]:
    """A line for every one of `names` and the line of all together, caseloads shown where they reveal nobody."""
    grouped = defaultdict(list)
    for row in rows:
        grouped[getattr(row, scope.by)].append(row)
    own = scope.own_key
    nothing, none = Figures(), FteDays()
    lines = [
        _line(
            key,
            name,
            grouped[key],
            days.get(key, none),
            Seen.of(
                own=figures.get(key, nothing) if key == own else nothing,
                others=figures.get(key, nothing) if key != own else nothing,
            ),
            scope,
        )
        for key, name in names.items()
    ]
    total = _line(
        None,
        _("Total"),
        [row for group in grouped.values() for row in group],
        sum(days.values(), none),
        Seen.of(
            own=figures.get(own, nothing),
            others=sum((sums for key, sums in figures.items() if key != own), nothing),
        ),
        scope,
    )
    return _veiled(lines, total)


def _line(key: Key, name: str, rows: list[PostRow], days: FteDays, seen: Seen, scope: Scope) -> Line:
    running = [row for row in rows if row.runs]
    on_cases = [row for row in rows if row.has_cases]
    first, last = scope.months[0], min(scope.day, last_day_of(scope.month))
    booked = sum((booking.fte * booking.days_in(first, last) for row in on_cases for booking in row.bookings), NOTHING)
    return Line(
        key=key,
        name=name,
        posts=len(running),
        heads=len({holder.person for row in running for holder in row.holders}),
        planned=sum((row.planned for row in running), NOTHING),
        filled=sum((row.filled for row in running), NOTHING),
        absent=sum((row.absent for row in running), NOTHING),
        vacant=sum((row.vacant for row in running), NOTHING),
        ending=len([row for row in running if row.ending_on]),
        days=days,
        days_of_year=366 if isleap(scope.day.year) else 365,
        caseload=Caseload.of(
            seen,
            persons=_persons(on_cases, scope),
            filled=sum((row.filled for row in on_cases if row.runs), NOTHING),
            filled_on_average=booked / ((last - first).days + 1),
        ),
    )


def _persons(rows: Iterable[PostRow], scope: Scope) -> Persons:
    """How many people worked on cases on the day, in the month and in the 13 months, by measure."""
    spans = (
        (scope.day, scope.day),
        (scope.month, last_day_of(scope.month)),
        (scope.months[0], last_day_of(scope.month)),
    )
    found = tuple(defaultdict(set) for _span in spans)
    for row in rows:
        for booking in row.bookings:
            for people, (first, last) in zip(found, spans, strict=True):
                if booking.holds_in(first, last):
                    people[row.measure].add(booking.person)
    return tuple({measure: len(people) for measure, people in each.items()} for each in found)


def _veiled(lines: list[Line], total: Line) -> tuple[list[Line], Line]:
    """Hides each caseload that would tell about fewer than three people, and one more where a difference would."""
    hidden = []
    for when in range(3):
        few = {index for index, line in enumerate(lines) if line.caseload.reveals(when)}
        numbers = [line.caseload.number_of_persons(when) for line in lines]
        others = [index for index, number in enumerate(numbers) if number and index not in few]
        if few and others and sum(numbers[index] for index in few) < settings.SMALLEST_GROUP:
            # The total less all that is shown would be those few: the smallest of the others is hidden with them.
            few.add(min(others, key=numbers.__getitem__))
        hidden.append(few)
    shown = [
        replace(line, caseload=line.caseload.veiled(tuple(index in few for few in hidden)))
        for index, line in enumerate(lines)
    ]
    marks = tuple(total.caseload.reveals(when) for when in range(3))
    return shown, replace(total, caseload=total.caseload.veiled(marks))


def last_day_of(month: date) -> date:
    """The last calendar day of a month."""
    return add_months(month, 1) - timedelta(days=1)
