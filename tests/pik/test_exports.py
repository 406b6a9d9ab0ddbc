import io
import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import translation
from openpyxl import Workbook, load_workbook

from pik.exports import Column, csv_response, table_response, xlsx_response
from tests.pages import csv_rows


def _export(rows, *, language="en", head=("A", "B")):
    with translation.override(language):
        return csv_response(name="table", head=head, rows=rows)


def _workbook(rows, *, language="en", head=("A", "B"), title="Posts", notes=()) -> Workbook:
    with translation.override(language):
        response = xlsx_response(name="table", title=title, head=head, rows=rows, notes=notes)
    return load_workbook(io.BytesIO(response.content))


def _values(book: Workbook) -> list[tuple]:
    return list(book.active.values)


def test_english_table_has_commas_and_points():
    response = _export([("Ulm", Decimal("1000.50")), ("Aalen", 7)])

    assert response.content.decode() == "\ufeffA,B\r\nUlm,1000.50\r\nAalen,7\r\n"


def test_german_table_has_semicolons_and_decimal_commas():
    response = _export([("Ulm", Decimal("1000.50")), ("a;b", 1.25)], language="de")

    assert response.content.decode() == '\ufeffA;B\r\nUlm;1000,50\r\n"a;b";1,25\r\n'


def test_table_is_a_download_in_utf8():
    response = _export([])

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="table.csv"'


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\r=1"])
def test_text_that_begins_like_a_formula_is_defused(text):
    assert csv_rows(_export([(text, "")], head=("H", "")))[1][0] == f"'{text}"


def test_head_is_defused_as_well():
    assert csv_rows(_export([], head=("=1", "B")))[0] == ["'=1", "B"]


@pytest.mark.parametrize(
    ("value", "cell"), [(-5, "-5"), (Decimal("-2.50"), "-2.50"), (None, ""), (0, "0"), (True, "True")]
)
def test_numbers_stay_numbers_and_nothing_is_empty(value, cell):
    assert csv_rows(_export([("x", value)]))[1] == ["x", cell]


def test_quotes_line_breaks_and_foreign_letters_survive():
    words = 'sie sagte "ja"\nund ging, Łódź'

    assert csv_rows(_export([(words, "b")]))[1] == [words, "b"]


def test_unit_stands_in_the_head_of_both_formats():
    head = ("Kreis", Column("Awarded", "EUR"), Column("Heads"))

    assert csv_rows(_export([], head=head))[0] == ["Kreis", "Awarded (EUR)", "Heads"]
    assert _values(_workbook([], head=head)) == [("Kreis", "Awarded (EUR)", "Heads")]


@pytest.mark.parametrize(
    ("language", "day", "hour"), [("de", "01.03.2026", "01.03.2026 00:30"), ("en", "2026-03-01", "2026-03-01 00:30")]
)
def test_csv_writes_days_and_hours_of_the_land_in_the_language_of_the_reader(language, day, hour):
    rows = [(date(2026, 3, 1), datetime(2026, 2, 28, 23, 30, tzinfo=UTC))]

    content = _export(rows, language=language).content.decode()

    assert re.split("[;,\r]", content.splitlines()[1]) == [day, hour]


def test_workbook_holds_the_values_themselves():
    rows = [("Ulm", 1200), (None, Decimal("58000000.00")), (date(2026, 3, 1), 1.25), ("08111000", True)]

    assert _values(_workbook(rows)) == [
        ("A", "B"),
        ("Ulm", 1200),
        (None, 58000000),
        (datetime(2026, 3, 1), 1.25),  # noqa: DTZ001 - workbooks know no time zone
        ("08111000", "True"),
    ]


@pytest.mark.parametrize(
    ("language", "value", "pattern"),
    [
        ("de", 1200, "#,##0"),
        ("de", Decimal("0.50"), "#,##0.00"),
        ("de", Decimal(12), "#,##0"),
        ("de", 1.25, "General"),
        ("de", date(2026, 3, 1), "dd.mm.yyyy"),
        ("en", date(2026, 3, 1), "yyyy-mm-dd"),
        ("de", datetime(2026, 3, 1, 8, 30, tzinfo=UTC), "dd.mm.yyyy hh:mm"),
        ("en", datetime(2026, 3, 1, 8, 30, tzinfo=UTC), "yyyy-mm-dd hh:mm"),
    ],
)
def test_workbook_shows_numbers_and_days_as_readers_write_them(language, value, pattern):
    assert _workbook([("x", value)], language=language).active["B2"].number_format == pattern


def test_workbook_has_the_hour_of_the_land():
    book = _workbook([("x", datetime(2026, 2, 28, 23, 30, tzinfo=UTC))])

    assert book.active["B2"].value == datetime(2026, 3, 1, 0, 30)  # noqa: DTZ001 - workbooks know no time zone


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@A1", "{=1}", "https://example.org", "mailto:a@b", "0815", "1e5"]
)
def test_text_stays_text_in_a_workbook(text):
    sheet = _workbook([(text, "")], head=(text, "B"), notes=[text]).active

    cells = [sheet[place] for place in ("A1", "A2", "A4")]
    assert [(cell.value, cell.data_type, cell.hyperlink) for cell in cells] == [(text, "s", None)] * 3


def test_control_characters_at_the_start_of_a_text_stay_text_in_a_workbook():
    sheet = _workbook([("\t=1", "\r=1")]).active

    # The second is how workbooks write a carriage return.
    assert [(cell.value, cell.data_type) for cell in sheet[2]] == [("\t=1", "s"), ("_x000D_=1", "s")]


def test_head_of_a_workbook_is_bold_stays_in_sight_and_filters_the_rows_alone():
    sheet = _workbook([("Ulm", 1), ("Aalen", 2)], notes=["Source: PIK"]).active

    assert [cell.font.bold for cell in sheet[1]] == [True, True]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:B3")


def test_notes_stand_below_an_empty_line():
    sheet = _workbook([("Ulm", 1)], notes=["Source: PIK", "Rounded to 5"]).active

    assert list(sheet.values)[2:] == [(None, None), ("Source: PIK", None), ("Rounded to 5", None)]


def test_columns_are_as_wide_as_their_content_within_bounds():
    sheet = _workbook([("x" * 20, "y" * 500, 1)], head=("A", "B", "C"), notes=["n" * 100]).active

    widths = [round(sheet.column_dimensions[letter].width) for letter in "ABC"]
    assert widths == [22, 61, 9]


def test_workbook_carries_its_title_and_no_person():
    book = _workbook([], title="Stellen: Kreise/Städte [2026] und alles, was dazugehört")

    assert book.properties.title == "Stellen: Kreise/Städte [2026] und alles, was dazugehört"
    assert (book.properties.creator, book.properties.lastModifiedBy) == (None, None)
    assert book.sheetnames == ["Stellen  Kreise Städte  2026  u"]


def test_workbook_without_rows_is_its_head():
    assert _values(_workbook([])) == [("A", "B")]


@pytest.mark.parametrize(
    ("form", "content_type"),
    [
        ("csv", "text/csv; charset=utf-8"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
)
def test_either_format_is_a_download_with_a_plain_name(form, content_type):
    response = table_response(format=form, name="pik-göppingen", title="Posts", head=("A",), rows=[(1,)], notes=["n"])

    assert response["Content-Type"] == content_type
    assert response["Content-Disposition"] == f'attachment; filename="pik-goppingen.{form}"'


def test_both_formats_hold_the_same_numbers():
    rows = [("Ulm", Decimal("0.75"), 1200, 2.5, None), ("Aalen", Decimal("1234.50"), -3, 0.1, 0)]
    head = tuple("ABCDE")

    text, book = csv_rows(_export(rows, head=head)), _values(_workbook(rows, head=head))

    as_numbers = [[place, *(float(cell) if cell else None for cell in cells)] for place, *cells in text[1:]]
    assert as_numbers == [list(row) for row in book[1:]]
