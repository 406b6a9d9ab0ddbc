"""The tables of the board: one definition of each column for the page, for sorting it and for its downloads."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from casework.staffing.board import Board
from casework.staffing.caseload import MONTH, TODAY, WINDOW
from casework.staffing.lines import Line
from casework.staffing.posts import PostRow
from pik.exports import Column
from pik.templatetags.figures import HIDDEN, NOTHING, fte, ratio, whole

FTE = _lazy("FTE")


@dataclass(frozen=True)
class Field:
    """One column: its words, what it holds (None for nothing), how that is written, and by what it is sorted."""

    key: str
    label: str
    read: Callable[[Any], object]
    write: Callable[[Any], str] = str
    unit: str = ""
    # The first click sorts numbers from the top, words from the start of the alphabet.
    is_number: bool = True
    # Whether the value of a row is held back so that it reveals nobody.
    hides: Callable[[Any], bool] = lambda row: False

    def shown(self, row: object) -> str:
        value = self.read(row)
        if self.hides(row):
            return HIDDEN
        return NOTHING if value is None or value == "" else self.write(value)

    def exported(self, row: object) -> object:
        return HIDDEN if self.hides(row) else self.read(row)


def _caseload(name: str, when: int) -> dict[str, object]:
    return {
        "read": lambda line: getattr(line.caseload, name),
        "write": ratio,
        "hides": lambda line: line.caseload.hidden[when],
    }


def line_fields(board: Board) -> list[Field]:
    """The columns of Kreise or organisations."""
    head = _("District") if board.scope.is_state else _("Organisation")
    year = str(board.scope.day.year)
    return [
        Field("name", head, lambda line: line.name, is_number=False),
        Field("posts", _("Posts"), lambda line: line.staff.posts, whole),
        Field("heads", _("Managers"), lambda line: line.staff.heads, whole, _("heads")),
        Field("planned", _("Planned"), lambda line: line.staff.planned, fte, FTE),
        Field("filled", _("Filled"), lambda line: line.staff.filled, fte, FTE),
        Field("absent", _("of these absent"), lambda line: line.staff.absent, fte, FTE),
        Field("vacant", _("Vacant"), lambda line: line.staff.vacant, fte, FTE),
        Field("ending", _("Ending soon"), lambda line: line.staff.ending, whole, _("posts")),
        Field("empty", _("Empty in %(year)s") % {"year": year}, lambda line: line.staff.days_empty, fte, _("FTE days")),
        Field("cases", _("Cases"), unit=_("per FTE"), **_caseload("cases", TODAY)),
        Field("contacts", _("Contacts this month"), unit=_("per FTE"), **_caseload("contacts", MONTH)),
        Field(
            "contacts_window",
            _("Contacts, 13 months"),
            unit=_("per FTE, month"),
            **_caseload("contacts_window", WINDOW),
        ),
        Field("plan_share", _("Cases with a plan"), unit="%", **_caseload("plan_share", TODAY)),
    ]


def post_fields(board: Board) -> list[Field]:
    """The columns of posts, state and people first, as a phone shows few; whoever counts heads gets no names."""
    scope = board.scope
    fields = [
        Field("label", _("Post"), lambda row: row.label, is_number=False),
        Field("state", _("State"), lambda row: row.state_label, is_number=False),
        Field("names", _("Filled by"), lambda row: row.names or None, is_number=False)
        if scope.sees_names
        else Field("heads", _("Managers"), lambda row: len(row.holders), whole, _("heads")),
        Field("organisation", _("Organisation"), lambda row: row.organisation_name, is_number=False),
        Field("measure", _("Measure"), lambda row: row.measure_name, is_number=False),
        Field("planned", _("Planned"), lambda row: row.planned, fte, FTE),
        Field("filled", _("Filled"), lambda row: row.filled, fte, FTE),
        Field("absent", _("of these absent"), lambda row: row.absent, fte, FTE),
        Field("vacant", _("Vacant"), lambda row: row.vacant, fte, FTE),
        Field("ends", _("Post or booking ends"), lambda row: row.next_end, _day, is_number=False),
        Field("required", _("Required"), lambda row: f"({row.required})" if row.required else None, is_number=False),
    ]
    return [field for field in fields if field.key != "organisation" or scope.organisation is None]


def curve_fields() -> list[Field]:
    """The columns of VZÄ over time."""
    return [
        Field("day", _("Day"), lambda point: point.day, _day, is_number=False),
        Field("planned", _("Planned"), lambda point: point.planned, fte, FTE),
        Field("filled", _("Filled"), lambda point: point.filled, fte, FTE),
        Field("absent", _("of these absent"), lambda point: point.absent, fte, FTE),
        Field("vacant", _("Vacant"), lambda point: point.vacant, fte, FTE),
    ]


def ordered(rows: Iterable[Any], fields: Sequence[Field], order: str) -> list[Any]:
    """The rows by the column that `order` names, a minus for descending; what has no value comes last."""
    field = next((field for field in fields if field.key == order.removeprefix("-")), None)
    rows = list(rows)
    if field is None:
        return rows
    known = [row for row in rows if not field.hides(row) and field.read(row) not in (None, "")]
    unknown = [row for row in rows if field.hides(row) or field.read(row) in (None, "")]
    # Rows come in German order of names; sorting is stable, so equal values keep it.
    if field.key in ("name", "organisation"):
        return rows[::-1] if order.startswith("-") else rows
    return sorted(known, key=_sort_key(field), reverse=order.startswith("-")) + unknown


def _sort_key(field: Field) -> Callable[[Any], object]:
    def key(row: Any) -> object:
        value = field.read(row)
        return value.casefold() if isinstance(value, str) else value

    return key


def columns(fields: Iterable[Field]) -> list[Column]:
    """The heads of a download."""
    return [Column(str(field.label), str(field.unit)) for field in fields]


def exported(rows: Iterable[Line | PostRow], fields: Sequence[Field]) -> list[list[object]]:
    """The rows of a download: the same values as on the page, numbers as numbers."""
    return [[field.exported(row) for field in fields] for row in rows]


def _day(value: date) -> str:
    return date_format(value, "SHORT_DATE_FORMAT")


def value_of(fields: Iterable[Field], key: str, row: object) -> Decimal | int | None:
    """The number of one column of a row for a map; None where there is none or it is held back."""
    field = next(field for field in fields if field.key == key)
    return None if field.hides(row) else field.read(row)
