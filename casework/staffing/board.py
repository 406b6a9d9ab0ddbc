"""All that one page of the board, its pictures and its downloads show."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from casework.staffing.caseload import read_figures
from casework.staffing.lines import Line, make_lines
from casework.staffing.over_time import FtePoint, fte_over_time
from casework.staffing.posts import PostRow, read_posts
from casework.staffing.scope import Scope
from casework.staffing.staff import Key, staff_sums
from casework.withheld import Withheld
from pik.models import District, Measure, Organisation
from pik.months import month_of


@dataclass(frozen=True)
class Board:
    """Lines of Kreise or organisations, their total, the posts behind them, and VZÄ over three years.

    Each is read once, when it is first asked for: a picture does not pay for the tables beside it.
    """

    scope: Scope
    # All there are.
    measures: Mapping[str, Measure]

    @property
    def lines(self) -> list[Line]:
        return self._summed[0]

    @property
    def total(self) -> Line:
        return self._summed[1]

    @cached_property
    def posts(self) -> list[PostRow]:
        return read_posts(self.scope, self.measures)

    @cached_property
    def points(self) -> list[FtePoint]:
        return fte_over_time(self.scope.posts(), self.scope.curve_days)

    @cached_property
    def _summed(self) -> tuple[list[Line], Line]:
        scope, by = self.scope, f"{self.scope.by}_id"
        posts = scope.posts().reaching(scope.first_day)
        staff = staff_sums(posts, day=scope.day, window=scope.window, by=by)
        work = read_figures(scope, by=by)
        held_back = Withheld(
            reader=scope.reader, first=month_of(scope.first_day), last=scope.month, districts_only=scope.is_state
        )
        names = _names(scope, {*staff.lines, *(key for key, _measure in work)})
        with_cases = {key for key, measure in self.measures.items() if measure.has_cases}
        return make_lines(staff, names=names, with_cases=with_cases, work=work, held_back=held_back, scope=scope)


def _names(scope: Scope, keys: set[Key]) -> dict[Key, str]:
    """The lines of the board in German order: all Kreise, or the organisations that have posts or figures."""
    if scope.organisation:
        return {scope.organisation.pk: scope.organisation.name}
    if not scope.is_state:
        return dict(Organisation.objects.names(keys))
    names: dict[Key, str] = {district.pk: district.name_full for district in District.objects.all()}
    return names | ({None: _("State level, no district")} if None in keys else {})
