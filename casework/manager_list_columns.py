"""The columns of a list of managers: what they are called, in the template and by people, and what belongs there."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pik.models import Municipality

# The address in the template's example; nobody can have it (RFC 2606).
EXAMPLE_EMAIL = "erika.beispiel@example.org"
# The column that a file of rows to correct has on top; it is not read again.
REMEDY = gettext_lazy("What to do")
_REMEDY_NAMES = ("What to do", "Was zu tun ist")


class ListColumn(NamedTuple):
    """A column of the list: its field, what the template calls it, other names, what to write, whether it must be."""

    field: str
    label: str
    names: tuple[str, ...]
    hint: str
    required: bool


COLUMNS = (
    ListColumn(
        "name",
        gettext_lazy("First and last name"),
        ("Name", "First and last name", "Vor- und Nachname", "Vorname und Nachname"),
        gettext_lazy("as it is to appear in the register"),
        True,
    ),
    ListColumn(
        "email",
        gettext_lazy("E-mail address at work"),
        ("E-mail", "Mail", "E-mail address", "E-mail address at work", "E-Mail-Adresse", "Dienstliche E-Mail-Adresse"),
        gettext_lazy("one of its own for each person; the invitation goes there"),
        True,
    ),
    ListColumn(
        "organisation",
        gettext_lazy("Employer"),
        ("Employer", "Organisation", "Arbeitgeber", "Anstellungsträger", "Träger"),
        gettext_lazy("the name of the body; empty for your own organisation"),
        False,
    ),
    ListColumn(
        "measure",
        gettext_lazy("Measure"),
        ("Measure", "Maßnahme"),
        gettext_lazy("the name of the measure; empty for Integrationsmanagement"),
        False,
    ),
    ListColumn(
        "fte",
        gettext_lazy("FTE"),
        ("FTE", "VZÄ", "Share of a full-time post", "Stellenanteil", "Vollzeitäquivalente"),
        gettext_lazy("from 0.25 to 1.00"),
        True,
    ),
    ListColumn(
        "starts_on",
        gettext_lazy("From"),
        ("From", "Starts on", "Von", "Ab", "Beginn"),
        gettext_lazy("the first day, such as 31.12.2026 or 2026-12-31"),
        True,
    ),
    ListColumn(
        "ends_on",
        gettext_lazy("Until"),
        ("Until", "To", "Ends on", "Bis", "Ende"),
        gettext_lazy("the last day; empty when the post has no end"),
        False,
    ),
    ListColumn(
        "municipalities",
        gettext_lazy("AGS of the municipalities served"),
        ("AGS", "AGS of the municipalities served", "AGS der betreuten Gemeinden", "AGS der Gemeinden", "Gemeinden"),
        gettext_lazy("eight digits; several separated by commas; empty for a measure of the state only"),
        True,
    ),
    ListColumn(
        "qualification",
        gettext_lazy("Qualification"),
        ("Qualification", "Qualifikation"),
        gettext_lazy(
            "a for a degree in a listed social subject, b for another suitable degree, c for vocational training with "
            "a suitable additional qualification; may be empty"
        ),
        False,
    ),
    ListColumn(
        "qualification_proven_on",
        gettext_lazy("Date of the certificate"),
        (
            "Date of the certificate",
            "Evidence of",
            "Evidence",
            "Datum des Zeugnisses",
            "Datum der Urkunde",
            "Nachweis vom",
            "Nachweis",
        ),
        gettext_lazy("or of its recognition; may be empty"),
        False,
    ),
)


def folded(text: str) -> str:
    """What is left of a name when case, blanks, marks and the two ways to write an umlaut do not count."""
    letters = (letter for letter in unicodedata.normalize("NFKD", text.casefold()) if letter.isalnum())
    return re.sub(r"([aou])e", r"\1", "".join(letters))


_FIELDS = {folded(name): column.field for column in COLUMNS for name in column.names}
_REMEDIES = {folded(name) for name in _REMEDY_NAMES}


def is_remedy(name: str) -> bool:
    """Whether a head is that of the column which says what to correct."""
    return folded(name) in _REMEDIES


def positions_of(head: Sequence[str]) -> dict[str, int]:
    """Where each field stands in a row below `head`; ValidationError when one is missing or stands twice."""
    found: dict[str, int] = {}
    for position, name in enumerate(head):
        field = _FIELDS.get(folded(name))
        if field in found:
            message = _("The columns “%(first)s” and “%(second)s” mean the same. Delete one of them.")
            raise ValidationError(message % {"first": head[found[field]], "second": name})
        if field:
            found[field] = position
    missing = [str(column.label) for column in COLUMNS if column.required and column.field not in found]
    if missing:
        message = _("These columns are missing: %(names)s. Add them to the head, or begin with the template.")
        raise ValidationError(message % {"names": ", ".join(missing)})
    return found


def columns_left_out(head: Sequence[str]) -> list[str]:
    """The columns that mean nothing to a list of managers."""
    return [name for name in head if folded(name) not in _FIELDS]


def example(places: Sequence[Municipality]) -> list[object]:
    """The fictitious row of the template, in the order of `COLUMNS`."""
    ags = ", ".join(place.ags for place in places)
    return ["Erika Beispiel", EXAMPLE_EMAIL, "", "", Decimal("0.50"), date(2026, 1, 1), "", ags, "a", date(2020, 7, 31)]
