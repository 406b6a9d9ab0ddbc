"""Dates of birth, in digits and in words; days of appointments pass.

Each repetition in the patterns is bounded, so that no text makes them slow.
"""

import re
from collections.abc import Iterator

from django.utils import timezone

Place = tuple[str, int, int]

_MONTHS = (
    r"(?:jan(?:uar|ner)?|jän(?:ner)?|feb(?:ruar)?|mär(?:z)?|maerz|mrz|apr(?:il)?|mai|jun[io]?|jul[iy]?|aug(?:ust)?|"
    r"sep(?:t(?:ember)?)?|okt(?:ober)?|oct|nov(?:ember)?|dez(?:ember)?|dec|may|mar|march|october|december|january|"
    r"february|june|july)\b\.?"
)
_SMALL = (
    r"(?:ein|zwei|zwo|drei|vier|fünf|fuenf|sechs|sech|sieben|sieb|acht|neun|zehn|elf|zwölf|zwoelf|und|zwanzig|dreißig|"
    r"dreissig|vierzig|fünfzig|fuenfzig|sechzig|siebzig|achtzig|neunzig|hundert|tausend)"
)
_ORDINAL = (
    r"(?:erst|zweit|dritt|viert|fünft|fuenft|sechst|siebt|siebent|acht|neunt|zehnt|elft|zwölft|zwoelft|[a-zäöüß]{2,14}zehnt|"
    r"[a-zäöüß]{0,16}(?:zwanzigst|dreißigst|dreissigst))e[nrms]?"
)
_YEAR_WORD = rf"(?:neunzehn ?hundert|zwei ?tausend)(?:[ -]?{_SMALL}){{0,4}}"
DAY = r"(?:0?[1-9]|[12]\d|3[01])"
MONTH = r"(?:0?[1-9]|1[0-2])"
_YEAR = r"(?:19\d\d|20\d\d|'?\d\d)"
# Day, month, year in digits, in any order that is in use.
_FULL_DATE = re.compile(
    rf"(?<![\d.,/-])(?:{DAY}\s?[./·•-]\s?{MONTH}\s?[./·•-]\s?(?P<y1>{_YEAR})|(?P<y2>(?:19|20)\d\d)\s?[./·•-]\s?{MONTH}\s?[./·•-]\s?{DAY}"
    rf"|{DAY}\.?[\s/-]?{_MONTHS}[\s/-]?(?P<y3>{_YEAR})|{_MONTHS}\s?{DAY}(?:st|nd|rd|th)?,?\s(?P<y4>{_YEAR})"
    r"|(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?P<y5>(?:19|20)\d\d))(?![\d])(?!\s?(?:€|Euro|EUR))",
    re.IGNORECASE,
)
_BIRTH_CUE = (
    r"(?:\bgeb\b\.?|\bgebor(?:en|ene[rn]?)\b|\bgeburts(?:tag|datum|dat|d)\b\.?|\bgebdat\b\.?|\bgeburt\b|\bdob\b|"
    r"\bd\.o\.b\.|\bzur welt\b|\bbirthday\b|\bborn\b|\bgeburtsjahr\b|[*†]|\bgebtag\b|\bgeb\.?-?dat(?:um\b|\b\.?))"
)
_ANY_DATE = (
    rf"(?:{DAY}\s?[./-]\s?{MONTH}\b(?:\s?[./-]\s?{_YEAR}\b)?|{DAY}\.?\s?{_MONTHS}|{_ORDINAL}\s(?:{_MONTHS}|{_ORDINAL})|{_MONTHS}\s?(?:19|20)\d\d"
    rf"|(?:19|20)\d\d\b|'\d\d\b|{_YEAR_WORD})"
)
# Beside a cue also without separators or with any: "150387", "15 3 87", "15·3·1987", "87-03-15".
_SEPARATOR = r"[\s./·•:,;_|+~-]{1,3}"
_SIX_DIGITS = r"(?:(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])\d\d|\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))"
_LOOSE_DATE = (
    rf"(?:{DAY}{_SEPARATOR}(?:{MONTH}|{_MONTHS}|[ivx]{{1,4}}){_SEPARATOR}{_YEAR}|\d\d{_SEPARATOR}{MONTH}{_SEPARATOR}{DAY}|{_SIX_DIGITS})"
    r"\b(?!\s?(?:€|Euro|EUR))"
)
_PERSON = (
    r"(?:er|sie|es|mutter|vater|eltern|kind|sohn|tochter|bruder|schwester|mann|frau|ehemann|ehefrau|klient|klientin|oma|opa|baby|"
    r"junge|mädchen|onkel|tante|partner|partnerin|kleine|große|älteste|jüngste|zwillinge|neffe|nichte)"
)
_AGE = (
    r"(?:\d\d?|volljährig|[a-zäöüß]{3,20}(?:zehn|zig))\b"
    r"(?!\s?(?:[.:]\d|%|€|(?:uhr|minuten|stunden|tage|wochen|monate|euro|cm|kg)\b))"
)
_BIRTH = [
    re.compile(rf"{_BIRTH_CUE}[^.;!?\d]{{0,25}}?{_LOOSE_DATE}", re.IGNORECASE),
    re.compile(rf"(?<![\w.,/-]){_SIX_DIGITS}\s[^.;!?\n\d]{{0,20}}?\b(?:geb(?:oren)?|zur welt)\b", re.IGNORECASE),
    re.compile(
        r"(?:\bgeb\b\.?|\bgeboren\b|\bgeburts(?:datum|jahr)\b)[^;!?\n\d]{0,30}?\b[a-zäöü]{3,7}und(?:zwanzig|drei(?:ß|ss)ig|vierzig|"
        r"fünfzig|sechzig|siebzig|achtzig|neunzig)\b(?!\s(?:tag|woche|monat|stunde|minute|kilo|gramm))|"
        r"\b(?:\d\d?|[ivx]{1,6})\.\s?[ivx]{1,4}\.\s?(?:19\d\d|200\d|201[0-6])\b",
        re.IGNORECASE,
    ),
    # Years of school are "Jg. 5" to "Jg. 13".
    re.compile(
        r"\b(?:jahrgang|jg)\b\.?\s?:?\s?'?(?:0\d|1[4-9]|[2-9]\d|(?:19|20)\d\d)\b(?!/)|"
        r"\bgeb(?:oren|urtsjahr)?\b\.?:?\s(?:(?:ca\.|um|etwa|ungefähr)\s)?[3-9]\d\b(?!\s?(?:[.:]\d|uhr|tag|woche|kilo|gramm|kg|cm))",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\bam {_ANY_DATE}\.?(?:\d{{2,4}})?\s(?:wird|werden|wurde|wurden)\s(?:(?:der|die|das|ihre?|seine?)\s)?"
        rf"(?:[a-zäöüß]{{3,15}}\s)?{_PERSON}\s{_AGE}",
        re.IGNORECASE,
    ),
    re.compile(rf"{_BIRTH_CUE}[^.;!?\d]{{0,25}}?{_ANY_DATE}", re.IGNORECASE),
    re.compile(rf"{_ANY_DATE}\.?[^.;!?\n]{{0,25}}?\b(?:geb(?:oren)?|zur welt|geburtstag)\b", re.IGNORECASE),
    re.compile(rf"\b{_ORDINAL}\s(?:{_MONTHS}|{_ORDINAL})\s{_YEAR_WORD}", re.IGNORECASE),
    re.compile(rf"\b{DAY}\.?\s?{_MONTHS}\s{_YEAR_WORD}", re.IGNORECASE),
    re.compile(rf"\bneunzehn ?hundert(?:[ -]?{_SMALL}){{1,4}}", re.IGNORECASE),
    re.compile(r"\bjahrgang\s[a-zäöüß]{3,20}(?:zig|zehn)\b|\b\d\der jahrgang\b", re.IGNORECASE),
    re.compile(
        rf"\bwird am {_ANY_DATE}\.?(?:\d{{2,4}})?\s(?:\d\d|volljährig|jahre|[a-zäöüß]{{3,20}}(?:zehn|zig)\b)",
        re.IGNORECASE,
    ),
    re.compile(rf"{_BIRTH_CUE}[^;!?\d]{{0,15}}?{_MONTHS}\s?'?\d\d\b", re.IGNORECASE),
    # Where somebody was born; a country tells little, a hospital nothing.
    re.compile(
        r"\b(?:geburtsort|geb\.?-?\s?ort)\b[^;!?\n]{0,20}?\s(?!Ort|Nachweis|Land|Urkunde)[A-ZÄÖÜ][\w-]{2,30}",
        re.IGNORECASE,
    ),
    re.compile(
        r"\bin\s(?!Deutschland|Syrien|Afghanistan|Irak|Iran|Eritrea|Somalia|Nigeria|Gambia|Ukraine|Europa|Türkei|Klinik|Haft)"
        r"[A-ZÄÖÜ][\w-]{2,30}\s(?:geboren|zur Welt)\b"
    ),
]
# The pact began in 2017; a day before that is hardly an appointment.
_FIRST_APPOINTMENT = 2017


def dates(text: str) -> Iterator[Place]:
    """Kind, start and end of each date that somebody can be born on."""
    for pattern in _BIRTH:
        for match in pattern.finditer(text):
            yield "birth", match.start(), match.end()
    for match in _FULL_DATE.finditer(text):
        year = next(group for group in match.groups() if group).strip("'")
        full = int(year) if len(year) == 4 else 2000 + int(year)
        if len(year) == 2 and full > timezone.localdate().year + 10:
            full -= 100
        if full < _FIRST_APPOINTMENT:
            yield "birth", match.start(), match.end()
