import io
import tracemalloc
import zipfile
from datetime import UTC, date, datetime

import openpyxl
import pytest
from openpyxl.worksheet.formula import ArrayFormula

from pik.imports import Row, Table
from tests.handed_in import (
    BROKEN,
    EMPTY,
    LOCKED,
    NO_ROWS,
    NO_TABLE,
    PARTS,
    SHEET,
    TABLE,
    TOO_LONG,
    TOO_MUCH,
    packed,
    parts_of,
    read,
    refusal,
    saved,
    sheet_xml,
    with_part,
    workbook,
)


def test_workbook_is_read_like_csv():
    assert read(workbook(), "managers.xlsx") == TABLE


def test_workbook_of_excel_is_read():
    rows = [["Ada", "2026-03-01", "0.5"], ["Emmy", "2026-03-01", "1"], ["=A2", "", ""]]

    assert read(packed(PARTS)) == Table(
        ["Name", "Start", "FTE"], [Row(line, cells) for line, cells in enumerate(rows, 2)]
    )


def test_workbook_is_told_by_its_content_not_its_name():
    assert read(workbook(), "managers.csv") == TABLE


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (date(2026, 3, 1), "2026-03-01"),
        (datetime(2026, 3, 1), "2026-03-01"),  # noqa: DTZ001 - workbooks know no time zone
        (datetime(2026, 3, 1, 8, 30), "2026-03-01 08:30:00"),  # noqa: DTZ001 - workbooks know no time zone
        (datetime(2026, 3, 1, 8, 30, tzinfo=UTC).time(), "08:30:00"),
        (8111000, "8111000"),
        (8111000.0, "8111000"),
        (0.5, "0.5"),
        (0.1 + 0.2, "0.3"),
        (1e20, "100000000000000000000"),
        (1.5e-7, "0.00000015"),
        (-3, "-3"),
        (True, "TRUE"),
        (False, "FALSE"),
        ("=A1&B1", "=A1&B1"),
        (ArrayFormula("B2", "=SUM(A1:A2)"), "=SUM(A1:A2)"),
        ("08111000", "08111000"),
        ("\u00a0Ulm ", "Ulm"),
        ("Ada_x000D_\nMaria", "Ada\r\nMaria"),
        ("#NAME?", "#NAME?"),
    ],
)
def test_workbook_cells_become_what_a_person_would_type(value, text):
    table = read(workbook([("Name", "Value"), ("Ada", value)]), "a.xlsx")

    assert table.rows == [Row(2, ["Ada", text])]


def test_formula_counts_not_its_last_result():
    sheet = sheet_xml(
        '<row r="1"><c r="A1" t="inlineStr"><is><t>Name</t></is></c></row>'
        '<row r="2"><c r="A2" t="str"><f>"A"&amp;"da"</f><v>Ada</v></c></row>'
    )

    assert read(with_part(SHEET, sheet)) == Table(["Name"], [Row(2, ['="A"&"da"'])])


def test_workbook_rows_carry_the_line_of_the_screen():
    book = openpyxl.Workbook()
    for place, value in {"B2": "", "A3": "Name", "B3": "Ort", "A5": "Ada", "B5": "Ulm", "B9": "Aalen"}.items():
        book.active[place] = value

    assert read(saved(book)) == Table(["Name", "Ort"], [Row(5, ["Ada", "Ulm"]), Row(9, ["", "Aalen"])])


def test_first_visible_sheet_is_read():
    book = openpyxl.Workbook()
    book.active.append(["Code", "List"])
    book.active.sheet_state = "hidden"
    for title, name in (("Managers", "Name"), ("Notes", "Note")):
        sheet = book.create_sheet(title)
        sheet.append([name, "Ort"])
        sheet.append(["Ada", "Ulm"])

    assert read(saved(book)) == TABLE


def test_rows_beyond_the_stated_size_are_not_lost():
    parts = parts_of(workbook([("Name", "Ort"), ("Ada", "Ulm"), ("Emmy", "Aalen")]))
    parts[SHEET] = parts[SHEET].replace(b'ref="A1:B3"', b'ref="A1:A2"')

    assert len(read(packed(parts)).rows) == 2


def test_cells_that_have_only_a_format_are_no_columns():
    book = openpyxl.load_workbook(io.BytesIO(workbook()))
    book.active["ZZ2"].number_format = "0.00"

    assert read(saved(book)) == TABLE


def test_largest_workbook_is_read():
    cells = [f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in range(60)]

    table = read(with_part(SHEET, sheet_xml(f"<row>{''.join(cells)}</row>" * 2001)))

    assert (len(table.head), len(table.rows)) == (60, 2000)


@pytest.mark.parametrize("rows", [[], [["Name", "Ort"]]])
def test_workbook_without_rows_is_refused(rows):
    assert refusal(workbook(rows)) == (NO_ROWS if rows else EMPTY)


def test_workbook_breaks_the_same_limits():
    names = [f"C{n}" for n in range(61)]

    assert refusal(workbook([["Name"], *[["Ada"]] * 2001])) == TOO_LONG
    assert refusal(workbook([names])) == "Line 1 has more than 60 columns. Delete those that are not needed."
    assert refusal(workbook([["Name", "Ort"], ["Ada", "x" * 501]])) == (
        "Line 2: the cell in column B has more than 500 characters. Shorten it."
    )


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (
            {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b""},
            "This is an OpenDocument file. Open it in your spreadsheet program, save it as .xlsx.",
        ),
        (
            {"[Content_Types].xml": b"", "xl/workbook.bin": b""},
            "This is a binary workbook (.xlsb). Open it in Excel and save it as .xlsx.",
        ),
        ({"[Content_Types].xml": b"", "word/document.xml": b""}, NO_TABLE),
        ({"photo.jpg": b""}, NO_TABLE),
    ],
)
def test_archive_that_is_no_workbook_is_named(parts, message):
    assert refusal(packed(parts)) == message


def test_archive_with_locked_parts_is_refused():
    content = bytearray(workbook())
    # The flag in the directory at the end of the archive.
    content[content.rindex(b"PK\x01\x02") + 8] |= 1

    assert refusal(bytes(content)) == LOCKED


@pytest.mark.parametrize("cut", [4, 100, 1000, -30])
def test_archive_that_is_cut_off_is_refused(cut):
    assert refusal(workbook()[:cut]) == BROKEN


@pytest.mark.parametrize(
    ("name", "part"),
    [
        (SHEET, sheet_xml(" " * 11_000_000)),
        (SHEET, sheet_xml("<a/>" * 900_000)),
        ("xl/media/picture.png", "x" * 11_000_000),
        ("xl/styles.xml", "<font/>" * 60_000),
    ],
    ids=["blanks", "tags", "picture", "formats"],
)
def test_archive_that_unpacks_to_more_than_a_table_is_refused(name, part):
    assert refusal(with_part(name, part)) == TOO_MUCH


def test_archive_of_very_many_parts_is_refused():
    assert refusal(packed({**parts_of(workbook()), **{f"xl/{n}.xml": b"" for n in range(200)}})) == TOO_MUCH


def test_part_that_is_larger_than_it_states_is_not_unpacked():
    part = sheet_xml(" " * 50_000_000)
    stated, lie = (size.to_bytes(4, "little") for size in (len(part), 1000))
    bomb = with_part(SHEET, part).replace(stated, lie)

    tracemalloc.start()
    message = refusal(bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert message == BROKEN
    assert peak < 5_000_000


def test_part_packed_in_a_way_that_no_workbook_uses_is_refused():
    assert refusal(with_part("xl/more.xml", "", zipfile.ZIP_LZMA)) == NO_TABLE


@pytest.mark.parametrize("row", ['<row r="99999999999"><c><v>1</v></c></row>', '<row r="10001"/>'])
def test_row_far_below_is_refused_at_once(row):
    assert refusal(with_part(SHEET, sheet_xml(row))) == TOO_LONG


@pytest.mark.parametrize(
    "part", [SHEET, "xl/sharedStrings.xml", "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml"]
)
@pytest.mark.parametrize(
    "entity",
    [
        '<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">',
        '<!ENTITY a SYSTEM "file:///etc/hostname">',
        '<!ENTITY % a SYSTEM "file:///etc/hostname"> %a;',
    ],
    ids=["laughs", "file", "parameter"],
)
def test_entities_in_any_part_are_refused(part, entity):
    xml = PARTS[part].decode().partition("?>\n")[2]

    assert xml.startswith("<")
    assert refusal(packed({**PARTS, part: f"<!DOCTYPE x [{entity}]>{xml}".encode()})) == BROKEN


def test_openpyxl_reads_xml_through_the_guarded_parser():
    assert (openpyxl.DEFUSEDXML, openpyxl.LXML) == (True, False)
