"""Organisations or Kreise as lines of the board, and what of their caseload may be shown."""

from calendar import isleap
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from casework.staffing.caseload import Caseload, Done, Load, Seen
from casework.staffing.over_time import FteDays
from casework.staffing.posts import NOTHING, PostRow
from casework.staffing.scope import Scope
from casework.withheld import Withheld
from pik.months import add_months
from pik.templatetags.figures import work as shown

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
    seen: Seen
    caseload: Caseload

    @property
    def empty_months(self) -> Decimal:
        """The empty VZÄ-days of the year as months of a full-time post (a year has twelve), to the hundredth."""
        return (self.days.empty * 12 / self.days_of_year).quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")

    @property
    def contacts_shown(self) -> str:
        """The contacts of the year, or the full stop of what would tell about fewer than three people."""
        return shown(self.caseload.contacts_year)

    @property
    def filled_share(self) -> Decimal | None:
        """Filled VZÄ in per cent of the planned ones."""
        return self.filled * 100 / self.planned if self.planned else None


def make_lines(
    rows: Iterable[PostRow],
    *,
    names: Mapping[Key, str],
    days: Mapping[Key, FteDays],
    work: Mapping[tuple[Key, str], Done],
    held_back: Withheld,
    scope: Scope,
) -> tuple[list[Line], Line]:
    """A line for every one of `names` and the line of all together, caseloads shown where they reveal nobody."""
    rows_of, work_of = defaultdict(list), defaultdict(dict)
    for row in rows:
        rows_of[getattr(row, scope.by)].append(row)
    for (key, measure), done in work.items():
        work_of[key][measure] = done
    loads = {key: _loads(key, rows_of[key], work_of[key], scope) for key in names}
    none = FteDays()
    lines = [
        _line(
            key,
            name,
            rows_of[key],
            days.get(key, none),
            loads[key],
            Caseload.of(loads[key], held_back, scope, **scope.place_of(key)),
            scope,
        )
        for key, name in names.items()
    ]
    everybody = {holder.person for group in rows_of.values() for row in group if row.runs for holder in row.holders}
    all_loads = _sums(loads.values())
    caseload = Caseload.of(all_loads, held_back, scope, **scope.place)
    return lines, _total(lines, len(everybody), all_loads, caseload, scope)


def _sums(loads: Iterable[Mapping[str, Load]]) -> dict[str, Load]:
    """The work of all lines together, by measure."""
    by_measure = defaultdict(list)
    for line in loads:
        for measure, load in line.items():
            by_measure[measure].append(load)
    return {measure: Load.together(each) for measure, each in by_measure.items()}


def _total(lines: Iterable[Line], heads: int, loads: Mapping[str, Load], caseload: Caseload, scope: Scope) -> Line:
    """The line of all together; somebody who works in two of them is one head."""
    return Line(
        key=None,
        name=_("Total"),
        posts=sum(line.posts for line in lines),
        heads=heads,
        planned=sum((line.planned for line in lines), NOTHING),
        filled=sum((line.filled for line in lines), NOTHING),
        absent=sum((line.absent for line in lines), NOTHING),
        vacant=sum((line.vacant for line in lines), NOTHING),
        ending=sum(line.ending for line in lines),
        days=sum((line.days for line in lines), FteDays()),
        days_of_year=_days_of_year(scope),
        seen=Load.together(loads.values()).seen,
        caseload=caseload,
    )


def _days_of_year(scope: Scope) -> int:
    return 366 if isleap(scope.day.year) else 365


def _line(
    key: Key,
    name: str,
    rows: list[PostRow],
    days: FteDays,
    loads: Mapping[str, Load],
    caseload: Caseload,
    scope: Scope,
) -> Line:
    running = [row for row in rows if row.runs]
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
        days_of_year=_days_of_year(scope),
        seen=Load.together(loads.values()).seen,
        caseload=caseload,
    )


def _loads(key: Key, rows: Iterable[PostRow], work: Mapping[str, Done], scope: Scope) -> dict[str, Load]:
    """Figures and VZÄ of one line, by measure with cases; for a day to come no VZÄ stand beside the figures."""
    first, last = scope.months[0], min(scope.day, last_day_of(scope.month))
    filled, booked = defaultdict(Decimal), defaultdict(Decimal)
    for row in rows:
        if row.has_cases and not scope.lies_ahead:
            filled[row.measure] += row.filled if row.runs else NOTHING
            booked[row.measure] += sum((b.fte * b.days_in(first, last) for b in row.bookings), NOTHING)
    side = "own" if key is not None and key == scope.own_key else "others"
    nothing = Done()
    return {
        measure: Load(
            filled=filled[measure],
            filled_on_average=booked[measure] / ((last - first).days + 1),
            contacts=work.get(measure, nothing).contacts,
            **{side: work.get(measure, nothing).figures},
        )
        for measure in sorted({*filled, *work})
    }


def last_day_of(month: date) -> date:
    """The last calendar day of a month."""
    return add_months(month, 1) - timedelta(days=1)
