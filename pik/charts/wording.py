"""Numbers and lines of text as the reader of a picture expects them."""

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from django.utils.formats import number_format

# What XML cannot carry at all, not even escaped.
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Width of an average letter in em. An <img> cannot load the page's fonts, so the widest usual fallback
# (DejaVu Sans) decides how much room a text gets.
LETTER, BOLD_LETTER = 0.62, 0.69
MILLION = Decimal(1_000_000)


def clean(text: str) -> str:
    """Return the text on one line, without the characters that XML forbids."""
    return " ".join(NOT_XML.sub(" ", str(text)).split())


def text_width(text: str, *, size: float, bold: bool = False) -> float:
    """Return a generous estimate of the width of a text in pixels."""
    return len(text) * size * (BOLD_LETTER if bold else LETTER)


def fitted(text: str, *, width: float, size: float, bold: bool = False) -> str:
    """Return the text, cut with an ellipsis where it would be wider than the room it has."""
    room = max(1, int(width / text_width("x", size=size, bold=bold)))
    return text if len(text) <= room else text[: room - 1].rstrip() + "…"


def wrapped(text: str, *, width: float, size: float, bold: bool = False, lines: int = 3) -> list[str]:
    """Return the text as at most so many lines that fit the width; what is left over ends in an ellipsis."""
    room = max(1, int(width / text_width("x", size=size, bold=bold)))
    result: list[str] = []
    for word in text.split():
        if result and len(result[-1]) + 1 + len(word) <= room:
            result[-1] += f" {word}"
        else:
            result.append(word)
    if len(result) > lines:
        result = [*result[: lines - 1], " ".join(result[lines - 1 :])]
    return [fitted(line, width=width, size=size, bold=bold) for line in result]


def decimals_needed(values: Iterable[Decimal], *, most: int = 2) -> int:
    """Return how many decimal places show all values, never more than `most`."""
    rounded = (value.quantize(Decimal(1).scaleb(-most), ROUND_HALF_UP).normalize() for value in values)
    return max((max(0, -int(value.as_tuple().exponent)) for value in rounded), default=0)


def number(value: Decimal, *, decimals: int = 0) -> str:
    """Return the number in the format of the active language, rounded half up, with a true minus sign."""
    rounded = Decimal(value).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return number_format(rounded, decimal_pos=decimals, force_grouping=True).replace("-", "−")
