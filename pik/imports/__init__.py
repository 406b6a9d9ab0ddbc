"""Tables that people hand in: a CSV file or a workbook becomes plain text cells, or a sentence that says what to do."""

import warnings
from pathlib import PurePath
from typing import BinaryIO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from pik.imports.table import NO_TABLE, Row, Table, table_of
from pik.imports.text import text_lines
from pik.imports.workbook import old_or_locked, workbook_lines

__all__ = ["Row", "Table", "read_table"]

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_ZIP = b"PK\x03\x04"
_PDF = b"%PDF"
_TEXT_ENDINGS = (".csv", ".txt", ".tsv")


def read_table(file: BinaryIO, name: str) -> Table:
    """The first visible sheet of a workbook, or a CSV file called `name`, as texts without blanks around them.

    Days of a workbook are ISO texts, its numbers have a decimal point, its formulas keep their "="; empty rows are
    left out. Raises ValidationError with the remedy for everything that is no such table.
    """
    content = file.read(settings.IMPORT_BYTES + 1)
    if len(content) > settings.IMPORT_BYTES:
        limit = filesizeformat(settings.IMPORT_BYTES)
        raise ValidationError(_("The file is larger than %(limit)s. Divide the table into several.") % {"limit": limit})
    if content.startswith(_OLE):
        raise ValidationError(old_or_locked(content))
    if content.startswith(_PDF):
        raise ValidationError(_("This is a PDF. Choose the table it was made from, as .xlsx or .csv."))
    # openpyxl warns of everything it leaves out, such as drop-down lists.
    with warnings.catch_warnings(action="ignore"):
        if content.startswith(_ZIP):
            return table_of(workbook_lines(content))
        if PurePath(name).suffix.lower() not in _TEXT_ENDINGS:
            raise ValidationError(NO_TABLE)
        return table_of(text_lines(content))
