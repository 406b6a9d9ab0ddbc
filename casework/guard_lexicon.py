"""What is known of words: lists of names and of German words, and how a word is looked up in them."""

import csv
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from pik.load import DATA as PLACES

DATA = Path(__file__).parent / "data"
# "@" and "$" stand for letters inside a word: "Ahm@d".
WORD = re.compile(r"[^\W_]+(?:['’`´@$!|€-][^\W_]+)*")
_NOUN_END = re.compile(
    r"(?:ungen|ung|heit|heiten|keit|keiten|schaft|schaften|ion|ionen|tät|täten|ismus|ment|kurs|kurse|kurses|termin|termine|amt|amtes|ämter|"
    r"antrag|antrags|anträge|schule|schulen|schüler|suche|arbeit|arbeiten|hilfe|hilfen|beratung|platz|plätze|wohnung|heim|haus|stelle|"
    r"stellen|kasse|geld|gelder|plan|pläne|vertrag|verträge|gespräch|gespräche|behörde|zentrum|büro|dienst|dienste|recht|rechte|nachweis|"
    r"bescheid|bescheide|titel|zeugnis|prüfung|besuch|besuche|kraft|kräfte|gruppe|gruppen|garten|projekt|werk|"
    r"verein|stunde|stunden|jahr|jahre|zeit|zeiten|tag|tage|woche|wochen|monat|monate|liste|karte|karten|nummer|"
    r"schein|scheine|brief|briefe|mail|mails|konto|kosten|schulden|leistung|pass|pässe|ausweis|ort|angebot|angebote|nisse|nis|linge|ling|"
    r"verfahren|prozess|programm|training|coaching|management|manager|managerin|assistent|assistenz|pfleger|pflegerin|helfer|"
    r"helferin|fahrer|fahrerin|lehre|sprache|kenntnisse|unterricht|treff|treffen|café|laden|markt|praxis|klinik|therapie|"
    r"versicherung|innen|übersicht|situation|thema|themen|frage|fragen|weg|wege|raum|räume|betrieb|kita|hort|mappe|"
    r"tum|thek|ist|istin|urin|eur|euse|bund|rat|räte|abend|problem|probleme|information|papiere|sachen|bereich)$"
)
# Ends of German words in small letters: of verbs, adjectives and what is derived of them.
_SMALL_END = re.compile(
    r"(?:e|e[nrms]|eln|ern|t|te[nrms]|ig|lich|isch|los|bar|sam|haft|weise|end|ens|ings|alls|als|tags|wegs|eits|wärts|nd|ung|heit|keit|schaft)$"
)
_UNMASKED = str.maketrans("0134578@$!|€", "oieastbasiie")
# How letters are spelled that are looked up without their marks, and cannot be taken apart.
_SPELLED = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i", "ł": "l", "đ": "d",
     "ð": "d", "ħ": "h", "ø": "o", "ŧ": "t", "ə": "e", "ŋ": "n", "ĸ": "k"}
)  # fmt: skip
# Words longer than that are not cut up to look for their last part.
LONGEST_WORD = 40


class _Lists(NamedTuple):
    sure: frozenset[str]
    names: frozenset[str]
    words: frozenset[str]
    given: frozenset[str]
    small: frozenset[str]
    sure_given: frozenset[str]


class Word(NamedTuple):
    """A word where it stands in a text, and how it is looked up."""

    text: str
    key: str
    start: int
    end: int

    @property
    def is_capital(self) -> bool:
        return self.text[0].isupper()


@cache
def known() -> _Lists:
    """The lists, read once."""
    given, surnames, ambiguous, words, small = (
        frozenset(_read(name)) for name in ("given_names", "surnames", "ambiguous", "words", "small_words")
    )
    with (PLACES / "municipalities.csv").open(encoding="utf-8", newline="") as file:
        places = {key_of(part) for row in csv.DictReader(file) for part in WORD.findall(row["name"])}
    every = given | surnames
    german = words | places - given - (surnames - ambiguous)
    sure = every - ambiguous - words
    return _Lists(sure, every | ambiguous, german, given, small, given & sure)


def _read(name: str) -> Iterator[str]:
    for line in (DATA / f"guard_{name}.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            yield from map(key_of, line.split())


def key_of(word: str) -> str:
    """How a word is looked up: small letters, umlauts spelled out, other marks gone, digits read as letters."""
    word = word.lower()
    if not word.isalpha() and sum(map(str.isalpha, word)) > 1:
        word = word.translate(_UNMASKED)
    return "".join(each for each in unicodedata.normalize("NFKD", word.translate(_SPELLED)) if each.isalpha())


def _stems(key: str) -> Iterator[str]:
    """The word itself, without the genitive, and with umlauts that were typed as bare vowels or the other way."""
    yield key
    if len(key) > 3 and key.endswith("s"):
        yield key[:-1]
    bare = key.replace("ae", "a").replace("oe", "o").replace("ue", "u")
    if bare != key:
        yield bare


@cache
def _bare_names() -> tuple[frozenset[str], frozenset[str]]:
    """The lists with umlauts as bare vowels, for texts typed on a foreign keyboard."""
    lists = known()
    return tuple(
        frozenset(key.replace("ae", "a").replace("oe", "o").replace("ue", "u") for key in group if len(key) > 4)
        - lists.words
        for group in (lists.sure, lists.names)
    )


def is_listed(key: str, *, sure: bool) -> bool:
    """Whether it is in the lists of names; `sure` leaves out what is a word as well."""
    lists, bare = known(), _bare_names()
    if sure and key in lists.words:
        return False
    listed, bare_listed = (lists.sure, bare[0]) if sure else (lists.names, bare[1])
    return any(stem in listed or (len(stem) > 3 and stem in bare_listed) for stem in _stems(key))


def is_word(key: str) -> bool:
    """Whether it is known as a German word or a place."""
    return key in known().words or bool(_NOUN_END.search(_umlauts(key)))


def is_compound(key: str) -> bool:
    """Whether it ends as a known word: German nouns are put together at will. Names do so by chance as well."""
    words = known().words
    return any(key[cut:] in words for cut in range(3, min(len(key), LONGEST_WORD) - 3))


def is_surely_a_name(word: str) -> bool:
    """Whether a word is in the lists of names, and nothing else."""
    return is_listed(key_of(word), sure=True)


def is_small_name(word: Word) -> bool:
    """Whether a word in small letters can be a name: neither known nor formed as a German word."""
    key = word.key
    return (
        word.text.islower()
        and len(key) > 2
        and key not in known().small
        and not (_SMALL_END.search(word.text) or is_word(key) or is_compound(key))
    )


def is_sure_small(word: Word) -> bool:
    """Whether a word in small letters is in the lists of names, and nothing else."""
    return (
        word.text.islower() and len(word.key) > 2 and is_listed(word.key, sure=True) and word.key not in known().small
    )


def _umlauts(key: str) -> str:
    return key.replace("ae", "ä").replace("oe", "ö").replace("ue", "ü")


def parts_of(word: Word) -> list[str]:
    """What stands between hyphens and apostrophes."""
    return [key_of(part) for part in re.split(r"['’`´-]", word.text) if part]
