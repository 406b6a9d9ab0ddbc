"""The guard of every free text in casework: it finds what could tell who a client is, and says what to write instead.

One function for form, service, import and API alike. It errs on the side of refusing: a note that is refused for
nothing costs the manager a few words, a name that is let through cannot be taken back.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from casework.guard_dates import dates
from casework.guard_disguises import disguises
from casework.guard_names import names
from casework.guard_patterns import LEAST_DIGITS, digit_runs, patterns

# A note is a reminder, not a report.
NOTE_LENGTH = 280
# More marks than any script puts on one letter; the rest is dropped, so that a pile of them costs no time.
MOST_MARKS = 4
_YEARS = re.compile(r"(?<!\d)20\d\d(?!\d)")
# They turn the letters round that follow: a name reads forwards and is stored backwards.
_TURNING = frozenset("\u202a\u202b\u202d\u202e\u2066\u2067\u2068")
# How much of what was found is quoted to the person who typed it.
QUOTED = 40


class Kind(models.TextChoices):
    """What a place in a text gives away."""

    NAME = "name", _("No name: write for example “the mother”.")
    INITIALS = "initials", _("No initials: write for example “the client”.")
    BIRTH = "birth", _("No birth date: write for example “of full age” or leave it out.")
    NUMBER = "number", _("No number of a person, file, account or document: write for example “has a passport”.")
    PHONE = "phone", _("No telephone number: write for example “reached by phone”.")
    REACH = "reach", _("No e-mail address, web address or account name: write for example “reached in writing”.")
    ADDRESS = "address", _("No address: write for example “the flat” or only the place.")
    PLATE = "plate", _("No licence plate: write for example “the car”.")
    HIDDEN = "hidden", _("No letters apart, turned round or in code: write whole words, and no name.")
    SCRIPT = "script", _("Only ordinary Latin letters: write in German, and no name.")


@dataclass(frozen=True)
class Finding:
    """A place in a text that could tell who somebody is; `start` and `end` count characters of the text as given."""

    kind: Kind
    text: str
    start: int
    end: int

    @property
    def advice(self) -> Promise:
        """What to write instead."""
        return self.kind.label


def personal_data_in(text: str) -> list[Finding]:
    """All places of `text` that could tell who somebody is, in their order; empty when there is none.

    Never raises; its time grows with the length of the text and nothing else.
    """
    plain, origins = _plain(text)
    found = sorted(
        {*dates(plain), *patterns(plain), *names(plain), *disguises(plain)}, key=lambda each: (each[1], -each[2])
    )
    findings = [Finding(Kind.HIDDEN, text[at:], at, len(text)) for at, each in enumerate(text) if each in _TURNING][:1]
    for kind, start, end in found:
        first, last = origins[start], origins[end - 1] + 1
        # Of two that overlap the longer one tells enough.
        if not findings or first >= findings[-1].end:
            findings.append(Finding(Kind(kind), text[first:last], first, last))
    return findings


def no_personal_data(text: str) -> None:
    """A validator of fields: raises ValidationError that quotes each place and says what to write instead."""
    errors = {}
    for finding in personal_data_in(text or ""):
        quoted = " ".join(finding.text.split())[:QUOTED]
        message = format_lazy(_("“{found}”: {advice}"), found=quoted, advice=finding.advice)
        errors.setdefault(finding.kind, ValidationError(message, code=finding.kind.value))
    if errors:
        raise ValidationError(list(errors.values()))


def no_number_in_parts(texts: Iterable[str]) -> None:
    """Raises ValidationError for a number that goes on from one text of a form to the next.

    What is not dialled may be years, or the numbers of the texts.
    """
    plain = [_plain(text)[0].strip() for text in texts if text]
    joined, ends = " ".join(plain), [end - 1 for end in accumulate(len(text) + 1 for text in plain)]
    for kind, start, end in digit_runs(joined):
        cuts = [start, *(boundary for boundary in ends if start < boundary < end), end]
        digits = [_digits(joined[first:last]) for first, last in pairwise(cuts)]
        if len(digits) > 1 and (kind == "phone" or (sum(digits) >= LEAST_DIGITS and max(digits) > 1)):
            message = _("“{found}”: {advice}")
            raise ValidationError(
                format_lazy(message, found=joined[start:end][:QUOTED], advice=Kind(kind).label), code=kind
            )


def _digits(text: str) -> int:
    """How many digits there are, but for those of years."""
    return sum(each.isdecimal() for each in _YEARS.sub("", text))


def _plain(text: str) -> tuple[str, list[int]]:
    """The text as it is read: one form for each letter, nothing invisible, single blanks; with the origin of each."""
    letters: list[str] = []
    origins: list[int] = []
    for start, cluster in _clusters(text):
        for letter in unicodedata.normalize("NFKC", cluster):
            category = unicodedata.category(letter)
            if category in ("Cf", "Mn", "Me", "Cs", "Co", "Cn"):
                continue
            if letter.isspace() or category == "Cc":
                # A line break stays one, so that a word broken by it can be put together.
                letter = "\n" if letter in "\r\n\v\f\u2028\u2029\x85" else " "
                if letters and letters[-1] in " \n":
                    letters[-1] = "\n" if "\n" in (letter, letters[-1]) else " "
                    continue
            elif category == "Pd":
                letter = "-"
            elif category in ("Nd", "No") and not letter.isascii():
                letter = str(unicodedata.digit(letter, letter))
            letters.append(letter)
            origins.append(start)
    return "".join(letters), origins


def _clusters(text: str) -> Iterator[tuple[int, str]]:
    """Each letter with the marks that follow it, and where it begins."""
    start, cluster = 0, ""
    for position, character in enumerate(text):
        if cluster and unicodedata.combining(character):
            if len(cluster) <= MOST_MARKS:
                cluster += character
            continue
        if cluster:
            yield start, cluster
        start, cluster = position, character
    if cluster:
        yield start, cluster
