"""Names of people in a text: by a title or another cue before them, by lists of frequent names, by their form."""

import csv
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from pik.load import DATA as PLACES

DATA = Path(__file__).parent / "data"
Place = tuple[str, int, int]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORD = re.compile(r"[^\W_]+(?:['’`´-][^\W_]+)*")
_TITLES = _words(
    "herr herrn frau hr hrn fr fam familie dr prof mr mrs ms fräulein frl fräul madame monsieur ustaz hadschi eheleute"
)
# Always before a name; "Fr." is Friday as well.
_SHORT_TITLES = _words("hr hrn herrn fam frl mr mrs")
_CUES = _words(
    "heißt heisst heiße hieß namens genannt name vorname nachname familienname klient klientin kunde kundin "
    "mandant mandantin sohn tochter bruder schwester ehemann ehefrau vater mutter mann kind baby neffe nichte "
    "cousin cousine schwager schwägerin onkel tante oma opa verlobte verlobter freund freundin schüler schülerin "
    "nachbar nachbarin partner partnerin lehrer lehrerin vermieter arzt ärztin anwalt anwältin sachbearbeiter "
    "sachbearbeiterin betreuer betreuerin"
)
_STRONG_CUES = _words("heißt heisst heiße hieß namens genannt vorname nachname familienname")
# Before and after what somebody goes by.
_GOES_BY = _words("nur immer auch meist meistens oft einfach überall alle allen daheim zuhause sonst wird wurde werde")
_CALLED = _words("genannt gerufen")
# Between a cue and its name.
_LINKS = _words("ist und von mit dem der name lautet namen")
# After "Frau" they are days and words more often than names.
_DAYS = _words("montag freitag sonntag samstag mai august januar april kind mittag tag abend weg")
# What a note may be about in one word: no name when it stands before a colon.
_HEADS = _words(
    "kurz lang klein frei schade just stark gross ramadan nikolaus jihad koran nord ost mali sahel hunger herz holz "
    "gold wind schnee sonne hope nova granit maler messer"
)
# What people do; a word that no list knows before one of these is somebody more often than something.
_DEEDS = _words(
    "hat hatte ist war wurde wird kommt kam geht ging braucht möchte will kann muss soll darf arbeitet fährt lernt "
    "fragt sucht wartet bekommt bekam wohnt lebt zieht macht meldet spricht ruft rief sagt bittet plant nimmt "
    "hilft besucht findet fand schreibt verliert verlor freut kümmert beginnt begann erhält erhielt versteht kennt "
    "zeigt bleibt bringt lehnt freute sagte"
)
# Before a word without an article.
_WITH = _words("mit bei für an von gegenüber ohne durch wegen über und")
# Sounds that no German word is written with.
_NO_GERMAN = re.compile(r"q(?!u)|zh|dj|kh|^(?:ng|mb|nk|nd|sh[aeiou]|gh)")
_FOREIGN_END = re.compile(r"[aiouybdhkmzjx]$")
_PARTICLES = _words("al el von van de der den bin ben ibn abu abd abdul um umm da di")
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
# Forms of surnames that hardly any German word has.
_FOREIGN_FORM = re.compile(
    r"(?:enko|enkos|chuk|tschuk|czuk|niuk|yuk|skyi|skyj|skyy|skij|wskij|ovych|ovich|owitsch|evych|ović|ovic|evic|ević|"
    r"oğlu|oglu|ogullari|zadeh|zada|zade|ullah|ollah|uddin|yousef|zai|khel|nejad|nezhad|pour|shvili|dze|yants|nyan|syan|ryan|"
    r"escu|eanu|selassie|mariam|medhin|egziabher|kidan|gebre|lyuk|aliyev|aliyeva|myrov|hyk)s?$|^(?:abdul|abdel|abdal|gebre|ghebre|tekle|"
    r"welde|wolde|habte|chukwu|nwa|oluwa)[a-z]{3,}"
)
_INITIALS = re.compile(r"(?<!\w)([A-ZÄÖÜ])\.[ \n-]?([A-ZÄÖÜ])\.?(?!\w)(?:[ -]?[A-ZÄÖÜ]\.)?")
_NO_INITIALS = frozenset(["BA", "MA", "BS", "MS", "OK", "US", "IA", "EV", "NN", "ZB", "BE"])
# One letter for a person: "N.s Bruder", "der kleine O."; not the first of "z. B.".
_ONE_INITIAL = re.compile(
    r"(?<![\w.])[A-ZÄÖÜ]\.s\s|\b(?:klein|groß|jung|alt|ältest|jüngst|älter|jünger)(?:e[nrms]?)?\s[A-ZÄÖÜ]\.(?!\s?\w{1,2}\.)"
)
_INITIAL = re.compile(r"[A-ZÄÖÜ]")
_UNMASKED = str.maketrans("013457@$", "oieastas")
_MASKED = re.compile(r"(?<![\w*])[^\W\d_]{1,12}[*#•…_]{1,12}[^\W\d_]{1,12}(?![\w*])")
# Words that were put together with capitals inside: "AhmedAlSayed", no "SchülerInnen".
_HUMPS = re.compile(r"[A-ZÄÖÜ][a-zäöüß]+")
_HUMPED_PARTICLES = _words("al el ibn bin ben abu abd")
# Where a note begins, also one in a list; what stands there before a colon or a dash is what it is about.
_BEGINNING = re.compile(r"(?:^|\n|[.!?;]\s)[\s\-*•–]{0,4}$")
_HEAD_END = re.compile(r"\s?:(?!\d)|\s-\s")
# Words longer than that are not cut up to look for their last part.
LONGEST_WORD = 40
_GENDER = re.compile(r"[*_](?:in|innen|r|n|e|er|en|m|s)$", re.IGNORECASE)


class _Lists(NamedTuple):
    sure: frozenset[str]
    names: frozenset[str]
    words: frozenset[str]
    given: frozenset[str]


class _Word(NamedTuple):
    text: str
    key: str
    start: int
    end: int

    @property
    def is_capital(self) -> bool:
        return self.text[0].isupper()


def names(text: str) -> Iterator[Place]:
    """Kind, start and end of each place that reads as a name or as initials."""
    words = [_Word(match[0], _key(match[0]), match.start(), match.end()) for match in _WORD.finditer(text)]
    yield from _initials(text)
    yield from _alone(text, words)
    yield from _after_cues(text, words)
    yield from _beside_others(text, words)
    yield from _unknown(text, words)
    yield from _called(words)
    yield from _heads(text, words)
    yield from _joined(words)
    for match in _MASKED.finditer(text):
        if not _GENDER.search(match[0]) and "_" not in match[0]:
            yield "name", match.start(), match.end()


@cache
def _lists() -> _Lists:
    given, surnames, ambiguous, words = (
        frozenset(_read(name)) for name in ("given_names", "surnames", "ambiguous", "words")
    )
    with (PLACES / "municipalities.csv").open(encoding="utf-8", newline="") as file:
        places = {_key(part) for row in csv.DictReader(file) for part in _WORD.findall(row["name"])}
    every = given | surnames
    return _Lists(every - ambiguous - words, every | ambiguous, words | places - given - (surnames - ambiguous), given)


def _read(name: str) -> Iterator[str]:
    for line in (DATA / f"guard_{name}.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            yield from map(_key, line.split())


def _key(word: str) -> str:
    """How a word is looked up: small letters, umlauts spelled out, other marks gone, digits read as letters."""
    word = word.lower()
    if not word.isalpha() and word[0].isalpha():
        word = word.translate(_UNMASKED)
    for umlaut, spelled in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss"), ("ı", "i")):
        word = word.replace(umlaut, spelled)
    return "".join(each for each in unicodedata.normalize("NFKD", word) if each.isalpha())


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
    lists = _lists()
    return tuple(
        frozenset(key.replace("ae", "a").replace("oe", "o").replace("ue", "u") for key in group if len(key) > 4)
        - lists.words
        for group in (lists.sure, lists.names)
    )


def _is_listed(key: str, *, sure: bool) -> bool:
    lists, bare = _lists(), _bare_names()
    if sure and key in lists.words:
        return False
    listed, bare_listed = (lists.sure, bare[0]) if sure else (lists.names, bare[1])
    return any(stem in listed or (len(stem) > 3 and stem in bare_listed) for stem in _stems(key))


def _is_word(key: str) -> bool:
    """Whether it is known as a German word or a place."""
    return key in _lists().words or bool(_NOUN_END.search(_umlauts(key)))


def _is_compound(key: str) -> bool:
    """Whether it ends as a known word: German nouns are put together at will. Names do so by chance as well."""
    words = _lists().words
    return any(key[cut:] in words for cut in range(3, min(len(key), LONGEST_WORD) - 3))


def _umlauts(key: str) -> str:
    return key.replace("ae", "ä").replace("oe", "ö").replace("ue", "ü")


def _parts(word: _Word) -> list[str]:
    return [_key(part) for part in re.split(r"['’`´-]", word.text) if part]


def _alone(text: str, words: list[_Word]) -> Iterator[Place]:
    """Names that are hardly anything else, in capitals or not; also with a line break or a hyphen inside."""
    for word in words:
        if len(word.key) < 3 or word.key in _lists().words:
            continue
        parts = _parts(word)
        is_name = _is_listed(word.key, sure=True) or (
            len(parts) > 1
            and (parts[0] in ("al", "el", "abd", "abu") or all(_is_listed(part, sure=True) for part in parts))
        )
        if not is_name and word.is_capital and len(word.key) > 5:
            is_name = bool(_FOREIGN_FORM.search(word.key)) and not _is_word(word.key)
        # In small letters only what is long enough not to be a German word by chance.
        if is_name and (word.is_capital or (len(word.key) > 4 and word.text.islower())):
            yield "name", word.start, word.end
    for first, second in pairwise(words):
        gap = text[first.end : second.start]
        is_broken = "\n" in gap and not gap.strip("-\n ") and first.is_capital and second.text.islower()
        if is_broken and len(second.key) > 1 and _is_listed(first.key + second.key, sure=True):
            yield "name", first.start, second.end


def _after_cues(text: str, words: list[_Word]) -> Iterator[Place]:
    """What follows a title, "heißt", "Klientin" or the like, if it is not a word of the language."""
    for position, word in enumerate(words[:-1]):
        small = word.text.lower()
        title = small in _TITLES
        if not title and small not in _CUES:
            continue
        following = position + 1
        for _ in range(3):
            link = words[following].text.lower()
            if following + 1 < len(words) and (
                (title and link in _TITLES)
                or (
                    title
                    and link in _PARTICLES
                    and words[following].text.islower()
                    and words[following + 1].is_capital
                    and link not in ("der", "den")
                )
                or (small in ("name", *_STRONG_CUES) and link in _LINKS)
            ):
                following += 1
        candidate = words[following]
        gap = text[words[following - 1].end : candidate.start]
        if len(gap) > 4 or set(gap) - set(" \n.:-,\"„“'()"):
            continue
        if title and following > position + 1 and words[following].text.lower() in _TITLES:
            continue
        if small == "genannt" and "," in gap:
            continue
        # A new sentence or a list begins there.
        if not title and small not in _STRONG_CUES and (set(gap) & set(".,") or (":" in gap and small != "name")):
            continue
        if _reads_as_name(candidate, title=title, short=small in _SHORT_TITLES):
            yield "name", word.start, candidate.end


def _reads_as_name(word: _Word, *, title: bool, short: bool) -> bool:
    if word.text[0].isdecimal():
        return False
    if len(word.key) <= 2:
        return word.text.isupper() and not _is_word(word.key)
    if title and (word.is_capital or not _is_word(word.key)) and _is_listed(word.key, sure=False):
        return word.key not in _DAYS
    if word.is_capital:
        return not _is_word(word.key) or _is_listed(word.key, sure=True)
    return short and len(word.key) > 2 and not _is_word(word.key)


def _beside_others(text: str, words: list[_Word]) -> Iterator[Place]:
    """Two words side by side: a name and one that can be one, or two that no German word list knows."""
    for first, second in pairwise(words):
        gap = text[first.end : second.start]
        if gap not in (" ", "\n", ", ", ". ", ".") or not (first.is_capital and second.is_capital):
            continue
        if len(first.key) == 1 and gap.startswith(".") and _INITIAL.fullmatch(first.text):
            if _is_listed(second.key, sure=False) and not _is_word(second.key):
                yield "name", first.start, second.end
            continue
        if gap not in (" ", "\n") or len(first.key) < 2:
            continue
        if len(second.key) == 1 and text[second.end : second.end + 1] == "." and _INITIAL.fullmatch(second.text):
            if _is_listed(first.key, sure=False) or not _is_word(first.key):
                yield "name", first.start, second.end
        elif _is_listed(first.key, sure=False) and _is_listed(second.key, sure=False):
            both_free = not (_is_word(first.key) or _is_word(second.key))
            if both_free or (first.key in _lists().given and not _is_word(first.key) and second.key not in _DAYS):
                yield "name", first.start, second.end


def _unknown(text: str, words: list[_Word]) -> Iterator[Place]:
    """Words that no list knows, where a person stands in a sentence: before what people do, or after "mit"."""
    for position, word in enumerate(words):
        if not word.is_capital or len(word.key) < 4 or "-" in word.text or word.text.isupper() or _is_word(word.key):
            continue
        if _is_compound(word.key):
            continue
        before = words[position - 1] if position else None
        after = words[position + 1] if position + 1 < len(words) else None
        follows = before is not None and text[before.end : word.start] in (" ", "\n")
        acts = after is not None and after.text in _DEEDS and text[word.end : after.start] in (" ", "\n")
        related = follows and before.text == "von" and position > 1 and words[position - 2].text.lower() in _CUES
        if (
            (acts and (not follows or before.text in _WITH))
            or (follows and before.text.lower() in _WITH and _FOREIGN_END.search(word.key))
            or related
            or _NO_GERMAN.search(word.key)
        ):
            yield "name", word.start, word.end


def _called(words: list[_Word]) -> Iterator[Place]:
    """What somebody is called, in front of the verb: "von allen nur Mo genannt"."""
    for before, word, after in zip(words, words[1:], words[2:], strict=False):
        is_called = before.text.lower() in _GOES_BY and after.text.lower() in _CALLED
        if is_called and word.is_capital and len(word.key) > 1 and not _is_word(word.key):
            yield "name", word.start, word.end


def _heads(text: str, words: list[_Word]) -> Iterator[Place]:
    """A name as the head of a note: "Kaya: Kita-Platz"."""
    for word in words:
        if not (word.is_capital and _HEAD_END.match(text, word.end) and len(word.key) > 2):
            continue
        is_name = _is_listed(word.key, sure=False) and not _is_word(word.key) and word.key not in _HEADS | _DAYS
        if is_name and _BEGINNING.search(text[max(0, word.start - 8) : word.start]):
            yield "name", word.start, word.end


def _joined(words: list[_Word]) -> Iterator[Place]:
    """Given name and surname written as one word, with capitals inside or without."""
    for word in words:
        humps = [_key(part) for part in _HUMPS.findall(word.text)]
        if len(humps) > 1 and word.text.isalpha() and "".join(humps) == word.key:
            between = any(part in _HUMPED_PARTICLES for part in humps[1:-1])
            if between or any(len(part) > 3 and _is_listed(part, sure=True) for part in humps):
                yield "name", word.start, word.end
        elif _is_two_names(word.key):
            yield "name", word.start, word.end


def _is_two_names(key: str) -> bool:
    """Whether it is a given name and another name in one; German words are put together of others."""
    lists = _lists()
    if len(key) > LONGEST_WORD or _is_word(key):
        return False
    cuts = range(4, len(key) - 3)
    return any(key[:cut] in lists.given & lists.sure and key[cut:] in lists.sure for cut in cuts)


def _initials(text: str) -> Iterator[Place]:
    for match in _ONE_INITIAL.finditer(text):
        yield "initials", match.start(), match.end()
    for match in _INITIALS.finditer(text):
        if match[1] + match[2] not in _NO_INITIALS:
            yield "initials", match.start(), match.end()
