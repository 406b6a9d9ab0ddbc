"""The map and the curve of the board, and the words that say the same."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from casework.staffing.board import Board
from casework.staffing.tables import Field, curve_fields, line_fields, value_of
from casework.withheld import held_back
from pik.charts import cached_svg, curve, district_map
from pik.months import month_of


@dataclass(frozen=True)
class Words:
    """Title, alternative text and sentence of a picture, and its table."""

    title: str
    alt: str
    sentence: str
    table: dict[str, object]


def map_words(board: Board, shown: str, label: str) -> Words:
    """What the map of Kreise shows, in words."""
    fields = line_fields(board)
    field = next(field for field in fields if field.key == shown)
    known = [line for line in board.lines if line.key and value_of(fields, shown, line) is not None]
    title = _("%(what)s by district, %(day)s") % {"what": label, "day": _day(board)}
    if not known and any(field.hides(line) for line in board.lines if line.key):
        sentence = held_back()
    elif not known:
        sentence = _("There are no figures for this choice yet.")
    else:
        most, least = max(known, key=field.read), min(known, key=field.read)
        words = {"place": most.name, "value": field.write(field.read(most))}
        sentence = _("Most: %(place)s with %(value)s.") % words
        # Where several share the least, none of them is it.
        if len([line for line in known if field.read(line) == field.read(least)]) == 1:
            words = {"place": least.name, "value": field.write(field.read(least))}
            sentence += " " + _("Least: %(place)s with %(value)s.") % words
    return Words(title, _("Map: %(title)s. %(sentence)s") % {"title": title, "sentence": sentence}, sentence, {})


def map_svg(board: Board, shown: str, label: str) -> str:
    """The map of the 44 Kreise, coloured by one column of the board."""
    fields, language = line_fields(board), get_language()
    values = {line.key: value_of(fields, shown, line) for line in board.lines if line.key}
    title = map_words(board, shown, label).title

    def build() -> str:
        return district_map(values=values, legend=label, language=language, title=title)

    return cached_svg(key_parts=("staffing map", language, title, tuple(sorted(values.items()))), build=build)


def curve_words(board: Board) -> Words:
    """What the curve of planned and filled VZÄ over three years shows, in words."""
    fields = curve_fields()
    first, last = board.points[0], board.points[-1]
    title = _("Planned and filled FTE, %(first)s to %(last)s") % {
        "first": date_format(first.day, "SHORT_DATE_FORMAT"), "last": _day(board)
    }  # fmt: skip
    write = fields[1].write
    if board.scope.day > timezone.localdate():
        sentence = _(
            "On %(day)s %(filled)s of %(planned)s planned FTE will be filled, as things stand today, %(absent)s of "
            "them by people who will be absent; %(vacant)s will be vacant. "
            "Three years before: %(before)s of %(planned_before)s."
        )
    else:
        sentence = _(
            "On %(day)s %(filled)s of %(planned)s planned FTE were filled, %(absent)s of them by people who were "
            "absent; %(vacant)s were vacant. Three years before, %(before)s of %(planned_before)s were filled."
        )
    sentence %= {
        "day": _day(board), "filled": write(last.filled), "planned": write(last.planned), "absent": write(last.absent),
        "vacant": write(last.vacant), "before": write(first.filled), "planned_before": write(first.planned),
    }  # fmt: skip
    table = {
        "head": [{"label": field.label, "unit": field.unit} for field in fields],
        "rows": [_written(fields, point) for point in reversed(board.points)],
    }
    return Words(title, _("Curve: %(title)s. %(sentence)s") % {"title": title, "sentence": sentence}, sentence, table)


def curve_svg(board: Board) -> str:
    """Planned VZÄ, and those filled, at the ends of the months of three years."""
    points, title, language = board.points, curve_words(board).title, get_language()

    def build() -> str:
        return curve(
            months=[month_of(point.day) for point in points],
            series=[
                (_("Planned"), [point.planned for point in points]),
                (_("Filled"), [point.filled for point in points]),
            ],
            y_title=_("FTE"),
            language=language,
            title=title,
            decimals=2,
        )

    return cached_svg(key_parts=("staffing curve", language, title, tuple(points)), build=build)


def _written(fields: Sequence[Field], row: object) -> list[str]:
    return [field.shown(row) for field in fields]


def _day(board: Board) -> str:
    return date_format(board.scope.day, "SHORT_DATE_FORMAT")
