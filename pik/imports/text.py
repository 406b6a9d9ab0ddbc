"""CSV files as people have them: of any spreadsheet program, in any of its encodings, with any of its separators."""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import suppress

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_SEPARATORS = (";", "\t", ",")
# Control characters that no text holds; tab and line breaks are none of them.
_BINARY = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_NO_TEXT = gettext_lazy("The file holds characters that are no text. Save the table anew as .xlsx or as CSV UTF-8.")


def text_lines(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """The records of a CSV file, each with the number of the line in which it begins."""
    text = _decoded(content)
    if _BINARY.search(text):
        raise ValidationError(_NO_TEXT)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        message = _("Line %(line)d: a quotation mark opens or ends in the wrong place. Correct it, or save as .xlsx.")
        raise ValidationError(message % {"line": line}) from error


def _decoded(content: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 or, where it is neither, as Windows writes it."""
    if content.startswith(_UTF16_MARKS):
        encodings = ["utf-16"]
    elif content.count(0) > len(content) / 10:
        # The upper half of most letters is zero: it comes second in the one order, first in the other.
        little = content[1::2].count(0) > content[::2].count(0)
        encodings = ["utf-16-le" if little else "utf-16-be"]
    else:
        encodings = ["utf-8-sig", "cp1252", "latin-1"]
    for encoding in encodings:
        with suppress(UnicodeDecodeError):
            return content.decode(encoding)
    raise ValidationError(_NO_TEXT)


def _separator(text: str) -> str:
    """The separator that makes most columns out of the head; refuses a head that none of them divides."""
    columns = {separator: _columns_of_head(text, separator) for separator in _SEPARATORS}
    if max(columns.values()) == 1:
        message = _("The head has only one column. Separate columns by semicolons, or save the table as .xlsx.")
        raise ValidationError(message)
    return max(columns, key=columns.get)


def _columns_of_head(text: str, separator: str) -> int:
    """How many columns the first line has that holds more than blanks and separators; 0 without any."""
    with suppress(csv.Error):
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            if any(cell.strip(" \t;,") for cell in cells):
                return len(cells)
    return 0
