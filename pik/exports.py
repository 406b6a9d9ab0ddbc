"""Tables as CSV files and workbooks: the same values in both, in the language of the reader; no text is a formula."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.http import HttpResponse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import get_language
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

# A cell that begins with one of these would be taken for a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Narrowest and widest column, in digits of the standard font; longer texts wrap.
_WIDTHS = (8, 60)
# A column head also holds the button of its filter.
_FILTER_WIDTH = 4
_PAPER_A4 = 9
# What a cell can hold.
_Value = None | int | float | Decimal | date | datetime | str


class Column(NamedTuple):
    """The head of a column whose numbers have a unit."""

    label: str
    unit: str = ""


def csv_response(*, name: str, head: Sequence[str | Column], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """A download `name`.csv in UTF-8 with byte order mark; German with semicolons and decimal commas."""
    german = _german()
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";" if german else ",", lineterminator="\r\n")
    writer.writerow([_csv_text(value, german) for value in _labels(head)])
    writer.writerows([_csv_text(_cell(value), german) for value in row] for row in rows)
    return _download("\ufeff" + text.getvalue(), f"{name}.csv", "text/csv; charset=utf-8")


def xlsx_response(
    *,
    name: str,
    title: str,
    head: Sequence[str | Column],
    rows: Iterable[Sequence[object]],
    notes: Iterable[str] = (),
) -> HttpResponse:
    """A download `name`.xlsx with one sheet: numbers and dates as such, everything else as text, notes below.

    Whole numbers are grouped; one that only names something (a year, a key) is given as text.
    """
    content = io.BytesIO()
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "remove_timezone": True,
    }
    with Workbook(content, options) as workbook:
        workbook.set_properties({"title": title, "author": ""})
        _fill(_Sheet(workbook, title), _labels(head), rows, notes)
    return _download(content.getvalue(), f"{name}.xlsx", _XLSX)


def table_response(
    *,
    format: str,
    name: str,
    title: str,
    head: Sequence[str | Column],
    rows: Iterable[Sequence[object]],
    notes: Iterable[str] = (),
) -> HttpResponse:
    """One table as "xlsx" or as "csv"; a CSV file is the table alone, without title and notes."""
    if format == "xlsx":
        return xlsx_response(name=name, title=title, head=head, rows=rows, notes=notes)
    return csv_response(name=name, head=head, rows=rows)


def _german() -> bool:
    return get_language() != "en"


def _labels(head: Sequence[str | Column]) -> list[str]:
    columns = [column if isinstance(column, Column) else Column(str(column)) for column in head]
    return [f"{label} ({unit})" if unit else str(label) for label, unit in columns]


def _cell(value: object) -> _Value:
    """What a value is in a table, whatever its format: nothing, a number, a day, a time of the Land, or text."""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, datetime) and timezone.is_aware(value):
        return timezone.localtime(value)
    if value is None or isinstance(value, int | float | Decimal | date):
        return value
    return str(value)


def _csv_text(value: _Value, german: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal | float):
        return str(value).replace(".", ",") if german else str(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, date):
        day = "%d.%m.%Y" if german else "%Y-%m-%d"
        return value.strftime(f"{day} %H:%M" if isinstance(value, datetime) else day)
    return f"'{value}" if value.startswith(_FORMULA_STARTS) else value


def _download(content: str | bytes, name: str, content_type: str) -> HttpResponse:
    stem, _, ending = name.rpartition(".")
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{slugify(stem)}.{ending}"'
    return response


class _Sheet:
    """The one sheet of a workbook; each cell is written by what it is."""

    def __init__(self, workbook: Workbook, title: str) -> None:
        # What Excel refuses in the name of a sheet.
        name = re.sub(r"[\[\]:*?/\\']", " ", title)[:31].strip()
        self.sheet: Worksheet = workbook.add_worksheet(name)
        self.workbook = workbook
        self.formats: dict[str, Format] = {}
        self.widths: dict[int, int] = {}
        self.head_format = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self.text_format = workbook.add_format({"text_wrap": True, "valign": "top"})
        self.day = "dd.mm.yyyy" if _german() else "yyyy-mm-dd"

    def write(self, row: int, column: int, value: _Value) -> None:
        if value is None:
            return
        if isinstance(value, str):
            self.sheet.write_string(row, column, value, self.text_format)
        elif isinstance(value, date):
            hours = " hh:mm" if isinstance(value, datetime) else ""
            self.sheet.write_datetime(row, column, value, self._format(self.day + hours))
        else:
            self.sheet.write_number(row, column, value, self._format(_digits(value)))
        self.widen(column, _length(value))

    def widen(self, column: int, length: int) -> None:
        self.widths[column] = max(length, self.widths.get(column, 0))

    def _format(self, pattern: str) -> Format:
        if pattern not in self.formats:
            self.formats[pattern] = self.workbook.add_format({"num_format": pattern, "valign": "top"})
        return self.formats[pattern]


def _digits(value: float | Decimal) -> str:
    """The pattern of a number; one with decimals shows as many as it holds."""
    if isinstance(value, float):
        return "General"
    places = max(0, -value.as_tuple().exponent) if isinstance(value, Decimal) else 0
    return f"#,##0.{'0' * places}" if places else "#,##0"


def _length(value: _Value) -> int:
    """The digits a value takes in its column; of a text the longest line."""
    if isinstance(value, str):
        return max(map(len, value.splitlines()), default=0)
    if isinstance(value, date):
        return 16 if isinstance(value, datetime) else 10
    return len(f"{value:,}")


def _fill(page: _Sheet, labels: list[str], rows: Iterable[Sequence[object]], notes: Iterable[str]) -> None:
    sheet = page.sheet
    for column, label in enumerate(labels):
        sheet.write_string(0, column, label, page.head_format)
        page.widen(column, len(label) + _FILTER_WIDTH)
    line = 0
    for line, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            page.write(line, column, _cell(value))
    # An empty line keeps the notes out of what a reader sorts and filters; they may run over the columns beside.
    for below, note in enumerate(notes, line + 2):
        sheet.write_string(below, 0, str(note))
    narrowest, widest = _WIDTHS
    for column, width in page.widths.items():
        sheet.set_column(column, column, min(max(width + 1, narrowest), widest))
    last = max(len(labels) - 1, 0)
    sheet.autofilter(0, 0, line, last)
    sheet.freeze_panes(1, 0)
    # Keys such as an AGS are text on purpose: no warning mark beside each of them.
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{line + 1}"})
    _prepare_for_paper(sheet)


def _prepare_for_paper(sheet: Worksheet) -> None:
    """On paper: A4 across, all columns on one page, the head on every page."""
    sheet.set_paper(_PAPER_A4)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
