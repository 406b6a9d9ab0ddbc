"""What all words of one's own have in common, wherever they are written: not too many, readable, and naming nobody."""

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext as _

from casework.guard import no_personal_data

# Letters by their kind that show nothing: the fillers of Hangul.
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0")
_LINES = frozenset("\t\n\r")


def readable(text: str) -> str:
    """The text without control characters and what is no character; empty when no letter and no digit can be seen.

    A control character gives way to a blank, as the guard reads it, so that no two words become one.
    """
    plain = "".join(_plain(each) for each in text)
    return plain if any(each.isalnum() and each not in _FILLERS for each in plain) else ""


def _plain(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cc" and character not in _LINES:
        return " "
    return "" if category in ("Cn", "Co", "Cs") else character


@deconstructible
class Words:
    """A validator of words of one's own; the guard does not look at any that are too long or cannot be read."""

    def __init__(self, most: int) -> None:
        self.most = most

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Words) and self.most == other.most

    def __hash__(self) -> int:
        return hash(self.most)

    def __call__(self, text: str) -> None:
        if len(text) > self.most:
            message = _("This has %(number)d characters, at most %(most)d are kept. Shorten it.")
            raise ValidationError(message % {"number": len(text), "most": self.most})
        if readable(text) != text:
            raise ValidationError(_("Write a few words, without control characters."))
        no_personal_data(text)
