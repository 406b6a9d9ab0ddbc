"""Workbooks of strangers: unpacked within bounds, read without following anything that they point at."""

import io
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from openpyxl import load_workbook
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

from pik.imports.table import NO_TABLE

# What the largest table takes unpacked; a zip bomb takes a thousand times the size of its file.
_UNPACKED_BYTES = 10 * 1024 * 1024
# Each tag costs time and memory, however short it is: six for each of 60 cells in 2,000 rows; few for formats, each
# of which is made an object.
_TAGS = 800_000
_FORMAT_TAGS = 50_000
_FORMATS = "xl/styles.xml"
_ENTRIES = 200
_ENCRYPTED_FLAG = 0x1
_LOCKED = gettext_lazy("The file has a password. Take the password away in your spreadsheet program and save it again.")
_TOO_MUCH = gettext_lazy("The file holds far more than a table. Copy the table into a new workbook and choose that.")


def old_or_locked(content: bytes) -> str:
    """What to do with the container that files of old Excel and encrypted workbooks share."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        return _LOCKED
    return _("This is a file in the old format .xls. Open it in your spreadsheet program and save it as .xlsx.")


def workbook_lines(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """The lines of the first visible sheet, empty ones included, so that their number is the one on the screen."""
    with _damage_told():
        workbook = load_workbook(_unpacked(content), read_only=True, keep_links=False)
        sheet = next(sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible")
        # The size that a file states may be wrong; rows beyond it would be lost without a word.
        sheet.reset_dimensions()
        for line, values in enumerate(sheet.iter_rows(values_only=True), 1):
            # Cells that have a format and nothing else may reach far to the right.
            beyond = values[settings.IMPORT_COLUMNS :]
            empty = beyond.count(None) == len(beyond)
            yield line, [_text(value) for value in (values[: settings.IMPORT_COLUMNS] if empty else values)]


@contextmanager
def _damage_told() -> Iterator[None]:
    """Turns whatever zip, XML and openpyxl raise on a damaged or hostile file into one sentence."""
    try:
        yield
    except ValidationError:
        raise
    except Exception as error:
        message = _("The file cannot be read. Open it in your spreadsheet program and save it anew as .xlsx.")
        raise ValidationError(message) from error


def _unpacked(content: bytes) -> io.BytesIO:
    """The same archive with its XML parts only, not compressed.

    A part may hold more than its entry states; it is cut off here, before openpyxl unpacks as much as there is.
    """
    plain = io.BytesIO()
    tags: Counter[bool] = Counter()
    with ZipFile(io.BytesIO(content)) as packed, ZipFile(plain, "w") as copy:
        entries = packed.infolist()
        _check_entries(entries)
        for entry in entries:
            if entry.filename.endswith((".xml", ".rels")):
                with packed.open(entry) as part:
                    xml = part.read(entry.file_size)
                tags[entry.filename == _FORMATS] += xml.count(b"<")
                copy.writestr(entry.filename, xml)
    if tags.total() > _TAGS or tags[True] > _FORMAT_TAGS:
        raise ValidationError(_TOO_MUCH)
    return plain


def _check_entries(entries: list[ZipInfo]) -> None:
    """Refuses archives that are no workbook, are locked, or unpack to more than a table can be."""
    names = {entry.filename for entry in entries}
    if "content.xml" in names:
        raise ValidationError(_("This is an OpenDocument file. Open it in your spreadsheet program, save it as .xlsx."))
    if "xl/workbook.bin" in names:
        raise ValidationError(_("This is a binary workbook (.xlsb). Open it in Excel and save it as .xlsx."))
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
        raise ValidationError(NO_TABLE)
    if any(entry.flag_bits & _ENCRYPTED_FLAG for entry in entries):
        raise ValidationError(_LOCKED)
    if len(entries) > _ENTRIES or sum(entry.file_size for entry in entries) > _UNPACKED_BYTES:
        raise ValidationError(_TOO_MUCH)
    # Other methods may ask for memory by the gigabyte before the first byte.
    if any(entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for entry in entries):
        raise ValidationError(NO_TABLE)


def _text(value: object) -> str:
    """What a person would type to enter the value of a cell."""
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case float():
            # Fifteen digits are what a spreadsheet shows; the rest is noise of the binary fraction.
            return f"{Decimal(f'{value:.15g}'):f}"
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
        case date() | time():
            return value.isoformat()
        case ArrayFormula():
            return value.text
        case DataTableFormula():
            return "="
    # A line break of Windows, as workbooks write it.
    return str(value).replace("_x000D_", "\r")
