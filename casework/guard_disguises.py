"""Words that are disguised: letters apart, letters that only look like Latin ones, codes that machines read.

Each repetition in the patterns is bounded or runs over characters of which the next part takes none, so that no text
makes them slow.
"""

import re
from collections.abc import Iterator

from casework.guard_lexicon import LONGEST_WORD, is_surely_a_name

Place = tuple[str, int, int]

# At least five letters, each alone, but for a list "a, b, c".
_APART = re.compile(r"(?<![^\W_])(?:[^\W\d_](?:(?![,;:)] )[\W_]){1,3}){4,60}[^\W\d_](?![^\W_])")
# "z. B. u. a.": points with blanks; a name is not written so.
_ABBREVIATION = re.compile(r"(?:z\. ?B|u\. ?a|i\. ?d|u\. ?U|d\. ?h)\b.{0,12}")
# Parts of words with signs between, blanks only between single letters.
_PARTED = re.compile(
    r"(?<![^\W\d_])[^\W\d_]{1,12}(?:(?:[^\w\s]|_){1,3}[^\W\d_]{1,12}){1,12}(?![^\W\d_])|"
    r"(?<![^\W\d_])(?:[^\W\d_] ){2,3}[^\W\d_](?![^\W\d_])"
)
_PART = re.compile(r"[^\W\d_]+")
SHORTEST_PARTED_NAME = 3
# Letters of the European languages, Turkish and Vietnamese; others look like them or belong to another script.
_IN_USE = "A-Za-z\u00c0-\u017f\u018f\u0259\u01a0\u01a1\u01af\u01b0\u01cd-\u01dc\u01e6\u01e7\u0218-\u021b\u1e00-\u1eff"
# Letters in frames and circles, those that flags are made of, Braille.
_SIGNS = "\U0001f150-\U0001f18d\U0001f1e6-\U0001f1ff\u2800-\u28ff"
_FOREIGN = re.compile(rf"(?:[^\W\d_{_IN_USE}]|[{_SIGNS}])+")
_CODES = [
    # HTML, but for "&amp;" and blanks.
    re.compile(
        r"&#x?[0-9a-f]{1,6};?|&[a-z]{1,2}(?:uml|acute|grave|circ|cedil|tilde|ring|slash|lig|caron);?", re.IGNORECASE
    ),
    # Addresses of pages; per cents have a blank or a point behind.
    re.compile(r"(?:%[0-9A-Fa-f]{2}){2,}|(?<=[A-Za-z])%[2-7][0-9A-Fa-f]|%[2-7][0-9A-Fa-f](?=[a-z]{2})"),
    re.compile(r"\\[uUx]\{?[0-9A-Fa-f]{2,8}"),
    # Letters by their numbers; "2a 3b 4c" are forms of a school.
    re.compile(r"\b(?:0x)?(?=\d*[a-f])(?=[a-f]*\d)[0-9a-f]{10,}\b", re.IGNORECASE),
    re.compile(
        r"\b(?=[0-9a-f]{2}(?:[ :-][0-9a-f]{2}){0,30}[ :-]\d\d\b)[4-7][0-9a-f](?:[ :-][2-7][0-9a-f]){4,}\b",
        re.IGNORECASE,
    ),
    # Runs of letters of both sizes and digits.
    re.compile(r"(?<!\w)(?=[A-Za-z0-9+/]{0,80}[a-z0-9][A-Z])[A-Za-z0-9+/]{6,80}={1,2}(?![\w=])"),
    re.compile(r"\b(?=[A-Za-z]{0,60}\d)(?=[A-Z0-9]{0,60}[a-z][a-z0-9]{0,60}[A-Z])[A-Za-z0-9]{12,}\b"),
]


def disguises(text: str) -> Iterator[Place]:
    """Kind, start and end of each place where a word is not written as words are."""
    for match in _APART.finditer(text):
        if not _ABBREVIATION.fullmatch(match[0]):
            yield "hidden", match.start(), match.end()
    yield from _parted(text)
    yield from _foreign(text)
    for pattern in _CODES:
        for match in pattern.finditer(text):
            yield "hidden", match.start(), match.end()


def _foreign(text: str) -> Iterator[Place]:
    """Words that hold a letter that is not in use, whole."""
    after = 0
    for match in _FOREIGN.finditer(text):
        if match.start() < after:
            continue
        before, after = match.span()
        while before and match.start() - before < LONGEST_WORD and text[before - 1].isalnum():
            before -= 1
        while after < len(text) and after - match.end() < LONGEST_WORD and text[after].isalnum():
            after += 1
        yield "script", before, after


def _parted(text: str) -> Iterator[Place]:
    """Names that come together when the signs between their parts are taken out: "Ah·mad", "A.l.i"."""
    for match in _PARTED.finditer(text):
        parts = list(_PART.finditer(match[0]))
        for first in range(len(parts) - 1):
            joined = parts[first][0]
            for last in parts[first + 1 :]:
                joined += last[0]
                if len(joined) >= SHORTEST_PARTED_NAME and is_surely_a_name(joined):
                    yield "hidden", match.start() + parts[first].start(), match.start() + last.end()
