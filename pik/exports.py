"""Tables as CSV files that open in a spreadsheet of the reader's language and start no formula there."""

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.http import HttpResponse
from django.utils.translation import get_language

# A cell that begins with one of these would be taken for a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_response(*, name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """A download `name`.csv in UTF-8 with byte order mark; German with semicolons and decimal commas."""
    german = get_language() != "en"
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";" if german else ",", lineterminator="\r\n")
    writer.writerow([_cell(value, german) for value in head])
    writer.writerows([_cell(value, german) for value in row] for row in rows)
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _cell(value: object, german: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal | float):
        return str(value).replace(".", ",") if german else str(value)
    if isinstance(value, int):
        return str(value)
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
