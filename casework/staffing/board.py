"""All that one page of the board, its pictures and its downloads show."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from casework.staffing.caseload import read_figures
from casework.staffing.lines import Key, Line, make_lines
from casework.staffing.over_time import FtePoint, fte_days, fte_over_time
from casework.staffing.posts import PostRow, read_posts
from casework.staffing.scope import Scope
from casework.withheld import Withheld
from pik.models import District, Measure, Organisation
from pik.months import month_of


@dataclass(frozen=True)
class Board:
    """Lines of Kreise or organisations, their total, the posts behind them, and VZÄ over three years."""

    scope: Scope
    lines: list[Line]
    total: Line
    posts: list[PostRow]
    points: list[FtePoint]


def read_board(scope: Scope, *, measures: Iterable[Measure]) -> Board:
    """The board of a choice, in seven queries whatever its size; `measures` are all there are."""
    posts = read_posts(scope, {measure.pk: measure for measure in measures})
    work = read_figures(scope, by=f"{scope.by}_id")
    days = fte_days(scope.posts(), first=date(scope.day.year, 1, 1), last=scope.day, by=f"{scope.by}_id")
    keys = {getattr(row, scope.by) for row in posts} | {key for key, _measure in work}
    held_back = Withheld(
        reader=scope.reader, first=month_of(scope.first_day), last=scope.month, districts_only=scope.is_state
    )
    lines, total = make_lines(posts, names=_names(scope, keys), days=days, work=work, held_back=held_back, scope=scope)
    return Board(scope, lines, total, posts, fte_over_time(scope.posts(), scope.curve_days))


def _names(scope: Scope, keys: set[Key]) -> dict[Key, str]:
    """The lines of the board in German order: all Kreise, or the organisations that have posts or figures."""
    if scope.organisation:
        return {scope.organisation.pk: scope.organisation.name}
    if not scope.is_state:
        return dict(Organisation.objects.names(keys))
    names: dict[Key, str] = {district.pk: district.name_full for district in District.objects.all()}
    return names | ({None: _("State level, no district")} if None in keys else {})
