"""Organisations or Kreise as lines of the board, and what of their caseload may be shown."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from casework.staffing.caseload import Caseload, Done, Load, Seen
from casework.staffing.scope import Scope
from casework.staffing.staff import NOBODY, Key, Staff, StaffSums
from casework.withheld import Withheld
from pik.templatetags.figures import work as shown


@dataclass(frozen=True)
class Line:
    """The staff of an organisation or Kreis on the day, its people's numbers as seen, and its caseload."""

    key: Key
    name: str
    staff: Staff
    days_of_year: int
    seen: Seen
    caseload: Caseload

    @property
    def empty_months(self) -> Decimal:
        """The empty VZÄ-days of the year as months of a full-time post (a year has twelve), to the hundredth."""
        return (self.staff.days_empty * 12 / self.days_of_year).quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")

    @property
    def contacts_shown(self) -> str:
        """The contacts of the year, or the full stop of what would tell about fewer than three people."""
        return shown(self.caseload.contacts_year)

    @property
    def filled_share(self) -> Decimal | None:
        """Filled VZÄ in per cent of the planned ones."""
        return self.staff.filled * 100 / self.staff.planned if self.staff.planned else None


def make_lines(
    staff: StaffSums,
    *,
    names: Mapping[Key, str],
    with_cases: Collection[str],
    work: Mapping[tuple[Key, str], Done],
    held_back: Withheld,
    scope: Scope,
) -> tuple[list[Line], Line]:
    """A line for every one of `names` and the line of all together, caseloads shown where they reveal nobody."""
    work_of: defaultdict[Key, dict[str, Done]] = defaultdict(dict)
    for (key, measure), done in work.items():
        work_of[key][measure] = done
    loads = {}
    for key in names:
        # For a day to come no VZÄ stand beside the figures.
        by_measure = {} if scope.lies_ahead else staff.by_measure(key)
        counted = {measure: sums for measure, sums in by_measure.items() if measure in with_cases}
        loads[key] = _loads(counted, work_of[key], own=key is not None and key == scope.own_key, scope=scope)

    def line(key: Key, name: str, sums: Staff, loads: Mapping[str, Load], place: Mapping[str, object]) -> Line:
        caseload = Caseload.of(loads, held_back, scope, **place)
        return Line(key, name, sums, scope.days_of_year, Load.together(loads.values()).seen, caseload)

    lines = [
        line(key, name, staff.lines.get(key, NOBODY), loads[key], scope.place_of(key)) for key, name in names.items()
    ]
    return lines, line(None, _("Total"), staff.total, _sums(loads.values()), scope.place)


def _sums(loads: Iterable[Mapping[str, Load]]) -> dict[str, Load]:
    """The work of all lines together, by measure."""
    by_measure = defaultdict(list)
    for line in loads:
        for measure, load in line.items():
            by_measure[measure].append(load)
    return {measure: Load.together(each) for measure, each in by_measure.items()}


def _loads(staff: Mapping[str, Staff], work: Mapping[str, Done], *, own: bool, scope: Scope) -> dict[str, Load]:
    """Figures and VZÄ of one line, by measure with cases."""
    first, last = scope.window
    side, nothing = "own" if own else "others", Done()
    loads = {}
    for measure in sorted({*staff, *work}):
        sums, done = staff.get(measure, NOBODY), work.get(measure, nothing)
        average = sums.window_days / ((last - first).days + 1)
        loads[measure] = Load(
            filled=sums.filled, filled_on_average=average, contacts=done.contacts, **{side: done.figures}
        )
    return loads
