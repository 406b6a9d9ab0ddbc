"""What all words of one's own have in common, wherever they are written: not too many, readable, and naming nobody."""

import unicodedata
from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext as _

from casework.guard import no_personal_data

# Letters by their kind that show nothing: the fillers of Hangul.
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0")
_LINES = frozenset("\t\n\r")
# Controls, formats, what is no character; a joiner inside a picture is the one of them that is kept.
_UNSEEN = frozenset(["Cc", "Cf", "Cn", "Co", "Cs"])
_JOINER, _AS_PICTURE = "\u200d", "\ufe0f"
# Marks that show nothing: the joiner of marks, vowels of Khmer without a form, what chooses a form of a character.
_UNSEEN_MARKS = frozenset(
    ["\u034f", "\u17b4", "\u17b5", "\u180b", "\u180c", "\u180d", "\u180f"]
    + [chr(code) for code in (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))]
)
# What is printed and stands before it is one character for each letter.
_FIRST_MARK = "\u0300"
# As many as letters have that are not one character with their marks.
MOST_MARKS = 2


def readable(text: str) -> str:
    """The text as it can be read, and nothing else; empty when no letter and no digit can be seen.

    A control character gives way to a blank, as the guard reads it, so that no two words become one.
    """
    plain = text
    if not text.isprintable() or max(text, default="") >= _FIRST_MARK:
        shown = unicodedata.normalize("NFC", "".join(_shown(text)))
        plain = unicodedata.normalize("NFC", "".join(_with_few_marks(shown)))
    return plain if any(each.isalnum() and each not in _FILLERS for each in plain) else ""


def _shown(text: str) -> Iterator[str]:
    """The characters that show something; each blank is the same one."""
    before = " "
    for character, after in zip(text, text[1:] + " ", strict=False):
        category = unicodedata.category(character)
        if character == _JOINER:
            kept = character if _is_picture(before) and unicodedata.category(after) == "So" else ""
        elif character == _AS_PICTURE:
            kept = character if unicodedata.category(before) in ("So", "Sm", "Po", "Pd") else ""
        elif category == "Zs" or (category == "Cc" and character not in _LINES):
            kept = " "
        else:
            kept = "" if character not in _LINES and (category in _UNSEEN or character in _UNSEEN_MARKS) else character
        before = kept or before
        yield kept


def _is_picture(character: str) -> bool:
    """Whether it ends one: the picture itself, a colour of skin, or what chooses it instead of a letter."""
    return character == _AS_PICTURE or unicodedata.category(character) in ("So", "Sk")


def _with_few_marks(text: str) -> Iterator[str]:
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if marks <= MOST_MARKS:
            yield character


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
