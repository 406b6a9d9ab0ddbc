"""Files that people hand in, sound and hostile, and what becomes of them."""

import io
import zipfile
from collections.abc import Iterable
from datetime import date

import openpyxl
import pytest
import xlsxwriter
from django.core.exceptions import ValidationError
from django.utils import translation

from pik.imports import Row, Table, read_table

CSV = "Name;Ort\r\nAda;Ulm\r\n"
TABLE = Table(["Name", "Ort"], [Row(2, ["Ada", "Ulm"])])
SHEET = "xl/worksheets/sheet1.xml"
NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
EMPTY = "The file is empty. Enter a head and rows, save it and choose it again."
NO_ROWS = "The table has a head, but no rows. Enter at least one row below the head."
NO_TABLE = "This is not a table. Choose a file that ends in .xlsx or .csv."
NO_TEXT = "The file holds characters that are no text. Save the table anew as .xlsx or as CSV UTF-8."
TOO_LONG = "The table has more than 2,000 rows. Divide it, and delete empty rows in and below it."
TOO_MUCH = "The file holds far more than a table. Copy the table into a new workbook and choose that."
LOCKED = "The file has a password. Take the password away in your spreadsheet program and save it again."
BROKEN = "The file cannot be read. Open it in your spreadsheet program and save it anew as .xlsx."


def read(content: bytes | str, name: str = "managers.csv") -> Table:
    return read_table(io.BytesIO(content.encode() if isinstance(content, str) else content), name)


def refusal(content: bytes | str, name: str = "managers.csv") -> str:
    """The one English sentence with which a file is refused."""
    with translation.override("en"), pytest.raises(ValidationError) as refused:
        read(content, name)
    with translation.override("en"):
        (message,) = refused.value.messages
    return message


def workbook(rows: Iterable[Iterable[object]] = (("Name", "Ort"), ("Ada", "Ulm"))) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def with_part(name: str, part: str, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A workbook in which one part is another or comes on top."""
    return packed({**parts_of(workbook()), name: part.encode()}, method)


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return content.getvalue()


def sheet_xml(rows: str) -> str:
    return f'<worksheet xmlns="{NAMESPACE}"><sheetData>{rows}</sheetData></worksheet>'


def _excel_parts() -> dict[str, bytes]:
    """The parts of a workbook whose texts stand in a part of their own, as Excel writes them."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet()
        for line, row in enumerate([("Name", "Start", "FTE"), ("Ada", "", 0.5), ("Emmy", "2026-03-01", 1)]):
            sheet.write_row(line, 0, row)
        sheet.write_datetime(1, 1, date(2026, 3, 1), book.add_format({"num_format": "dd.mm.yyyy"}))
        sheet.write_formula(3, 0, "=A2")
    return parts_of(content.getvalue())


PARTS = _excel_parts()
