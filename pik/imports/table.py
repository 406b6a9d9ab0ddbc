"""What a table is, whatever file it comes from: a head of unique names, rows as wide as the head, bounded sizes."""

from collections.abc import Iterable
from typing import NamedTuple

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from openpyxl.utils import get_column_letter

NO_TABLE = gettext_lazy("This is not a table. Choose a file that ends in .xlsx or .csv.")
# Blanks of every kind, then what nobody sees: soft hyphen, characters without width, marks of direction.
_BLANKS = "".join(filter(str.isspace, map(chr, range(0x3001)))) + (
    "\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)
# Empty lines are skipped; a table that goes on beyond this one is taken for a mistake.
_LAST_LINE = 10_000


class Row(NamedTuple):
    """One row below the head; `line` is the number that a spreadsheet or an editor shows beside it."""

    line: int
    cells: list[str]


class Table(NamedTuple):
    """At least one column and one row; names are unique, and every row has a cell for each of them."""

    head: list[str]
    rows: list[Row]


def table_of(lines: Iterable[tuple[int, list[str]]]) -> Table:
    """Head and rows out of numbered lines; stops at the first that breaks a rule."""
    head: list[str] = []
    rows: list[Row] = []
    for line, raw in lines:
        cells = _without_blanks(raw)
        if line > _LAST_LINE or (cells and len(rows) == settings.IMPORT_ROWS):
            message = _("The table has more than %(limit)s rows. Divide it, and delete empty rows in and below it.")
            raise ValidationError(message % {"limit": number_format(settings.IMPORT_ROWS, 0, force_grouping=True)})
        _check_sizes(line, cells)
        if not head:
            head = _checked_head(cells)
        elif cells:
            rows.append(Row(line, _filled_up(line, cells, len(head))))
    if not head:
        raise ValidationError(_("The file is empty. Enter a head and rows, save it and choose it again."))
    if not rows:
        raise ValidationError(_("The table has a head, but no rows. Enter at least one row below the head."))
    return Table(head, rows)


def _without_blanks(raw: list[str]) -> list[str]:
    """The cells up to the last one that holds something."""
    cells = [cell.strip(_BLANKS) for cell in raw]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _check_sizes(line: int, cells: list[str]) -> None:
    if len(cells) > settings.IMPORT_COLUMNS:
        message = _("Line %(line)d has more than %(limit)d columns. Delete those that are not needed.")
        raise ValidationError(message % {"line": line, "limit": settings.IMPORT_COLUMNS})
    for column, cell in enumerate(cells, 1):
        if len(cell) > settings.IMPORT_CELL:
            message = _("Line %(line)d: the cell in column %(column)s has more than %(limit)d characters. Shorten it.")
            place = {"line": line, "column": get_column_letter(column)}
            raise ValidationError(message % {**place, "limit": settings.IMPORT_CELL})


def _checked_head(names: list[str]) -> list[str]:
    """The names of the columns; each has one, and no two differ only in case and blanks."""
    seen = set()
    for column, name in enumerate(names, 1):
        if not name:
            message = _("Column %(column)s has no name in the head. Enter a name, or delete the column.")
            raise ValidationError(message % {"column": get_column_letter(column)})
        key = " ".join(name.casefold().split())
        if key in seen:
            message = _("Two columns are called “%(name)s”. Rename one of them, or delete it.")
            raise ValidationError(message % {"name": name})
        seen.add(key)
    return names


def _filled_up(line: int, cells: list[str], width: int) -> list[str]:
    if len(cells) > width:
        message = _(
            "Line %(line)d has a cell in column %(column)s, which has no name in the head. Delete the cell; "
            "in a CSV file, put a text that holds the separator in quotation marks."
        )
        raise ValidationError(message % {"line": line, "column": get_column_letter(len(cells))})
    return cells + [""] * (width - len(cells))
