"""Names of people in a text: by a title or another cue before them, by lists of frequent names, by their form."""

import re
from collections.abc import Iterator
from itertools import pairwise

from casework.guard_lexicon import (
    LONGEST_WORD,
    WORD,
    Word,
    is_compound,
    is_listed,
    is_small_name,
    is_sure_small,
    is_surely_a_name,
    is_word,
    key_of,
    known,
    parts_of,
)

Place = tuple[str, int, int]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TITLES = _words(
    "herr herrn frau hr hrn fr fam familie dr prof mr mrs ms fräulein frl fräul madame monsieur ustaz hadschi eheleute"
)
# Before a name, also one in small letters.
_SMALL_TITLES = _words("hr hrn herr herrn fr frau fam frl mr mrs")
_CUES = _words(
    "heißt heisst heiße hieß namens genannt name vorname nachname familienname rufname spitzname spitznamen kosename "
    "klient klientin kunde kundin mandant mandantin sohn tochter bruder schwester ehemann ehefrau vater mutter mann "
    "kind baby neffe nichte cousin cousine schwager schwägerin onkel tante oma opa verlobte verlobter freund "
    "freundin schüler schülerin nachbar nachbarin partner partnerin lehrer lehrerin vermieter arzt ärztin anwalt "
    "anwältin sachbearbeiter sachbearbeiterin betreuer betreuerin"
)
# Who somebody is called by, in front of "heißt".
_WHO = _words("er sie es ihr ihre sein seine")
_STRONG_CUES = _words(
    "heißt heisst heiße hieß namens genannt vorname nachname familienname rufname spitzname spitznamen kosename"
)
_NAME_CUES = _words("vorname nachname familienname rufname spitzname kosename")
# Before and after what somebody goes by.
_GOES_BY = _words("nur immer auch meist meistens oft einfach überall alle allen daheim zuhause sonst wird wurde werde")
_CALLED = _words("genannt gerufen")
# Between a cue and its name.
_LINKS = _words("ist und von mit dem der name lautet namen")
# Two letters that are words or short for something, and days of the week, which have a time behind them.
_SHORT_WORDS = _words(
    "ab ag am an ca da dh du eh er es eu ev im in it ja je kl kw na nr nu ob oh ok op pc so st tv ua uk um us vl wg wo "
    "zb zi zu"
)
# Short in capitals, and nobody's initials.
_SHORT_FORMS = _words("OP EU IT PC TV KW OK UK")
_SHORT_DAYS = _words("mo di mi do fr sa so")
_TIMES = _words(
    "um ab bis und früh vormittag vormittags nachmittag nachmittags abend abends mittag mittags morgen morgens"
)
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
# Sounds that no German word is written with, but "Ganzheit", "Adjektiv", "zurückhaltend", "krankhaft".
_NO_GERMAN = re.compile(
    r"q(?!u)|zh(?!eit|aft|aut|erz|al|ol)|dj(?!ekt|utant|em)|(?<![cn])kh|nkh(?!eit|aft)|^(?:ng|mb|nk|nd|sh[aeiou]|gh)"
)
_FOREIGN_END = re.compile(r"[aiouybdhkmzjx]$")
_PARTICLES = _words("al el von van de der den bin ben ibn abu abd abdul um umm da di")
# After "von der", and places as well.
_NOBLE = _words("tann lippe")
# Articles and first parts of names: what follows is one.
_ARABIC = _words("al el abd abu")
# "die Haddad'sche Wohnung".
_OF_SOMEBODY = _words("sche schen scher sches schem")
# Schools, streets, houses, prizes and the like are named after people.
_NAMED_AFTER = re.compile(
    r"(?:schule|schulen|gymnasi(?:um|ums|en)|kolleg|kita|kindergarten|hort|akademie|universität|uni|hochschule|institut|"
    r"stiftung|werk|werke|verein|verband|bund|klinik|kliniken|klinikum|hospital|krankenhaus|spital|praxis|apotheke|"
    r"haus|hauses|häuser|heim|heims|heime|hof|stift|zentrum|halle|saal|bad|park|garten|bau|kirche|kapelle|moschee|gemeinde|hilf|"
    r"stra(?:ß|ss)e|str|platz|weg|allee|ring|ufer|gasse|damm|brücke|steg|siedlung|viertel|quartier|"
    r"preis|stipendium|programm|projekt|test|tests|skala|methode|bibliothek|bücherei|museum|theater|stadion|kaserne|dienst|"
    r"imbiss|restaurant|markt|bahn|app|fest|festspiele)$",
    re.IGNORECASE,
)
# What a father or a mother is called by.
_KUNYA = _words("abu umm bint ibn")
_KUNYA_PLACES = _words("dhabi simbel")
# Forms of surnames that hardly any German word has.
_FOREIGN_FORM = re.compile(
    r"(?:enko|enkos|chuk|tschuk|czuk|niuk|yuk|skyi|skyj|skyy|skij|wskij|ovych|ovich|owitsch|evych|ović|ovic|evic|ević|"
    r"oğlu|oglu|ogullari|zadeh|zada|zade|ullah|ollah|uddin|yousef|zai|khel|nejad|nezhad|pour|shvili|dze|yants|nyan|syan|ryan|"
    r"escu|eanu|selassie|mariam|medhin|egziabher|kidan|gebre|lyuk|aliyev|aliyeva|myrov|hyk)s?$|^(?:abdul|abdel|abdal|gebre|ghebre|tekle|"
    r"welde|wolde|habte|chukwu|nwa|oluwa)[a-z]{3,}"
)
_INITIALS = re.compile(r"(?<!\w)([A-ZÄÖÜ])\.[ \n-]?([A-ZÄÖÜ])\.?(?!\w)(?:[ -]?[A-ZÄÖÜ]\.)?")
_NO_INITIALS = frozenset(["NN", "ZB"])
# Only in one: "U.S.", "I.A.".
_NO_INITIALS_IN_ONE = frozenset(["OK", "US", "IA", "EV"])
# Degrees, beside what is studied or the end of it.
_DEGREES = frozenset(["BA", "MA", "BS", "MS", "BE"])
_STUDIED = (
    r"(?:[a-zäöü]{0,20}abschluss|studium|studiengang|studiert|bachelor|master|diplom|grad|titel|universität|uni|"
    r"hochschule|magister|arts|science|zeugnisbewertung)"
)
_BEFORE_DEGREE = re.compile(
    rf"\b{_STUDIED}\W{{1,3}}(?:(?:als|zum|zur|ein|eine|einen|eines|den|der|des|im)\s){{0,2}}$", re.IGNORECASE
)
_AFTER_DEGREE = re.compile(
    rf"\W{{0,3}}(?:{_STUDIED}\b|anerkannt\b)|"
    r",?\s?in\s[a-zäöü]{2,30}(?:ik|ie|schaft|schaften|wesen|recht|kunde|ment|geschichte|medizin)\b",
    re.IGNORECASE,
)
# How far before a degree it is told what it is of.
_NEAR = 60
# One letter for a person: "N.s Bruder", "der kleine O."; not the first of "z. B.".
_ONE_INITIAL = re.compile(
    r"(?<![\w.])[A-ZÄÖÜ]\.s\s|\b(?:klein|groß|jung|alt|ältest|jüngst|älter|jünger)(?:e[nrms]?)?\s[A-ZÄÖÜ]\.(?!\s?\w{1,2}\.)"
)
_INITIAL = re.compile(r"[A-ZÄÖÜ]")
_MASKED = re.compile(r"(?<![\w*])[^\W\d_]{1,12}[*#•…_]{1,12}[^\W\d_]{1,12}(?![\w*])")
# Words that were put together with capitals inside: "AhmedAlSayed", no "SchülerInnen".
_HUMPS = re.compile(r"[A-ZÄÖÜ][a-zäöüß]+")
_HUMPED_PARTICLES = _words("al el ibn bin ben abu abd")
# Where a note begins, also one in a list; what stands there before a colon or a dash is what it is about.
_BEGINNING = re.compile(r"(?:^|\n|[.!?;]\s)[\s\-*•–]{0,4}$")
_HEAD_END = re.compile(r"\s?:(?!\d)|\s-\s")
_GENDER = re.compile(r"[*_](?:in|innen|r|n|e|er|en|m|s)$", re.IGNORECASE)


def names(text: str) -> Iterator[Place]:
    """Kind, start and end of each place that reads as a name or as initials."""
    words = [Word(match[0], key_of(match[0]), match.start(), match.end()) for match in WORD.finditer(text)]
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


def _alone(text: str, words: list[Word]) -> Iterator[Place]:
    """Names that are hardly anything else, in capitals or not; also with a line break or a hyphen inside."""
    for position, word in enumerate(words):
        if word.text[-1].isdecimal() and is_surely_a_name(word.text.rstrip("0123456789")):
            yield "name", word.start, word.end
            continue
        if len(word.key) < 3 or word.key in known().words or (word.key in known().small and word.text.islower()):
            continue
        parts = parts_of(word)
        is_name = is_listed(word.key, sure=True) or (len(parts) > 1 and _is_name_in_parts(word, parts))
        if not is_name and word.is_capital and len(word.key) > 5:
            is_name = bool(_FOREIGN_FORM.search(word.key)) and not is_word(word.key)
        # Otherwise only what is long enough not to be a German word by chance.
        if is_name and (word.is_capital or len(word.key) > 4 or _acts(words, position)):
            yield "name", word.start, word.end
        elif word.text[-1].isupper() and not word.is_capital and is_listed(word.key[::-1], sure=True):
            yield "hidden", word.start, word.end
    for first, second in pairwise(words):
        gap = text[first.end : second.start]
        is_broken = "\n" in gap and not gap.strip("-\n ")
        if not (is_broken or gap == " ") or not (first.is_capital and second.text.islower()) or len(second.key) < 2:
            continue
        # A blank stands between words more often than inside one.
        lists = known()
        free = is_broken or not any(key in lists.small or key in lists.words for key in (first.key, second.key))
        if free and is_listed(first.key + second.key, sure=True):
            yield "name", first.start, second.end


def _acts(words: list[Word], position: int) -> bool:
    """Whether a word stands before what people do, or after "mit"."""
    before, after = words[max(0, position - 1)], words[min(position + 1, len(words) - 1)]
    return after.text in _DEEDS or (position > 0 and before.text.lower() in _WITH)


def _is_name_in_parts(word: Word, parts: list[str]) -> bool:
    """Whether a word with hyphens or apostrophes is a name: one sure part is enough, but where houses are called so."""
    if parts[0] in _ARABIC or all(is_listed(part, sure=True) for part in parts):
        return True
    if _NAMED_AFTER.search(word.text) and not is_listed(parts[-1], sure=True):
        return False
    if parts[-1] in _OF_SOMEBODY:
        return is_listed(parts[-2], sure=False) and not is_word(parts[-2])
    return any(len(part) > (2 if word.is_capital else 4) and is_listed(part, sure=True) for part in parts)


def _after_cues(text: str, words: list[Word]) -> Iterator[Place]:
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
        noble = title and _is_noble(words[following : following + 3])
        following += 2 * noble
        candidate = words[following]
        gap = text[words[following - 1].end : candidate.start]
        if len(gap) > 4 or set(gap) - set(" \n.:-,\"„“'()"):
            continue
        if title and following > position + 1 and words[following].text.lower() in _TITLES:
            continue
        if small == "genannt" and "," in gap:
            continue
        # A new sentence or a list begins there.
        weak = not title and small not in _STRONG_CUES
        if weak and (set(gap) & set(".,") or (":" in gap and small != "name")):
            if ":" in gap and (is_sure_small(candidate) or _is_head(candidate)):
                yield "name", word.start, candidate.end
            continue
        # "Dr.-Sommer-Team" is no doctor.
        if "-" in gap and "-" in candidate.text and is_word(parts_of(candidate)[-1]):
            continue
        after = words[following + 1] if following + 1 < len(words) else None
        if noble:
            is_office = candidate.text.isupper() or is_word(parts_of(candidate)[-1]) or is_compound(candidate.key)
            is_name = candidate.key in _NOBLE or not is_office
        elif len(candidate.key) == 2:
            is_name = _is_short_name(
                candidate, text[candidate.end : after.start if after else None], after, title=title
            )
        else:
            called = small in ("heißt", "heisst") and position and words[position - 1].text.lower() in _CUES | _WHO
            acts = weak and after is not None and after.text in _DEEDS
            loose = acts or small in _SMALL_TITLES or called or small in _NAME_CUES
            is_name = _reads_as_name(candidate, title=title, loose=loose) or (weak and is_sure_small(candidate))
        if is_name:
            yield "name", word.start, candidate.end


def _is_noble(words: list[Word]) -> bool:
    """Whether it is "von der" or the like and a word in capitals."""
    return len(words) == 3 and words[0].text == "von" and words[1].text in ("der", "den", "dem") and words[2].is_capital


def _reads_as_name(word: Word, *, title: bool, loose: bool) -> bool:
    if word.text[0].isdecimal() or (len(word.text) <= 3 and any(map(str.isdecimal, word.text))):
        return False
    if len(word.key) <= 2:
        return word.text.isupper() and not is_word(word.key)
    if title and (word.is_capital or not is_word(word.key)) and is_listed(word.key, sure=False):
        return word.key not in _DAYS | known().small
    if word.is_capital:
        return not is_word(word.key) or is_listed(word.key, sure=True)
    return loose and is_small_name(word)


def _is_short_name(word: Word, gap: str, after: Word | None, *, title: bool) -> bool:
    """Whether two letters behind a title or a cue are a name: "Frau Li", no "Frau im Kurs", no "Klientin Mo 9 Uhr"."""
    if any(map(str.isdecimal, word.text)) or is_word(word.key) or not (word.is_capital or title):
        return False
    if word.text.isupper():
        return word.text not in _SHORT_FORMS
    if word.key in _SHORT_DAYS:
        acts = after is not None and after.text in _DEEDS and gap == " "
        timed = after is None or gap != " " or after.text[0].isdecimal() or after.text.lower() in _TIMES
        return acts or (title and word.is_capital and not timed)
    return word.key not in _SHORT_WORDS


def _beside_others(text: str, words: list[Word]) -> Iterator[Place]:
    """Two words side by side: a name and one that can be one, or two that no German word list knows."""
    for first, second in pairwise(words):
        gap = text[first.end : second.start]
        if first.key in _KUNYA and gap in (" ", "\n", "-") and second.key not in _KUNYA_PLACES:
            if is_small_name(second) or (second.is_capital and len(second.key) > 2 and not is_word(second.key)):
                yield "name", first.start, second.end
            continue
        if gap not in (" ", "\n", ", ", ". ", ".") or not (first.is_capital and second.is_capital):
            continue
        if len(first.key) == 1 and gap.startswith(".") and _INITIAL.fullmatch(first.text):
            if is_listed(second.key, sure=False) and not is_word(second.key):
                yield "name", first.start, second.end
            continue
        if gap not in (" ", "\n") or len(first.key) < 2:
            continue
        if len(second.key) == 1 and text[second.end : second.end + 1] == "." and _INITIAL.fullmatch(second.text):
            if is_listed(first.key, sure=False) or not is_word(first.key):
                yield "name", first.start, second.end
        elif is_listed(first.key, sure=False) and is_listed(second.key, sure=False):
            both_free = not (is_word(first.key) or is_word(second.key))
            if both_free or (first.key in known().given and not is_word(first.key) and second.key not in _DAYS):
                yield "name", first.start, second.end


def _unknown(text: str, words: list[Word]) -> Iterator[Place]:
    """Words that no list knows, where a person stands in a sentence: before what people do, or after "mit"."""
    for position, word in enumerate(words):
        if not word.is_capital or len(word.key) < 4 or "-" in word.text or word.text.isupper() or is_word(word.key):
            continue
        if is_compound(word.key):
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


def _called(words: list[Word]) -> Iterator[Place]:
    """What somebody is called, in front of the verb: "von allen nur Mo genannt"."""
    for before, word, after in zip(words, words[1:], words[2:], strict=False):
        is_called = before.text.lower() in _GOES_BY and after.text.lower() in _CALLED
        if is_called and word.is_capital and len(word.key) > 1 and not is_word(word.key):
            yield "name", word.start, word.end


def _heads(text: str, words: list[Word]) -> Iterator[Place]:
    """A name as the head of a note: "Kaya: Kita-Platz"."""
    for word in words:
        if not _HEAD_END.match(text, word.end):
            continue
        if _is_head(word) and _BEGINNING.search(text[max(0, word.start - 8) : word.start]):
            yield "name", word.start, word.end


def _is_head(word: Word) -> bool:
    is_name = word.is_capital and len(word.key) > 2 and is_listed(word.key, sure=False)
    return is_name and not is_word(word.key) and word.key not in _HEADS | _DAYS


def _joined(words: list[Word]) -> Iterator[Place]:
    """Given name and surname written as one word, with capitals inside or without."""
    for word in words:
        humps = [key_of(part) for part in _HUMPS.findall(word.text)]
        if len(humps) > 1 and word.text.isalpha() and "".join(humps) == word.key:
            between = any(part in _HUMPED_PARTICLES for part in humps[1:-1])
            if between or any(len(part) > 3 and is_listed(part, sure=True) for part in humps):
                yield "name", word.start, word.end
        elif _is_two_names(word.key):
            yield "name", word.start, word.end


def _is_two_names(key: str) -> bool:
    """Whether it is a given name and another name in one; German words are put together of others."""
    lists = known()
    if len(key) > LONGEST_WORD or is_word(key):
        return False
    cuts = range(4, len(key) - 3)
    return any(key[:cut] in lists.sure_given and key[cut:] in lists.sure for cut in cuts)


def _initials(text: str) -> Iterator[Place]:
    for match in _ONE_INITIAL.finditer(text):
        yield "initials", match.start(), match.end()
    for match in _INITIALS.finditer(text):
        if not _is_short_form(text, match):
            yield "initials", match.start(), match.end()


def _is_short_form(text: str, match: re.Match[str]) -> bool:
    """Whether two capitals are short for something, and nobody's initials."""
    pair = match[1] + match[2]
    if pair in _DEGREES:
        before = text[max(0, match.start() - _NEAR) : match.start()]
        return bool(_BEFORE_DEGREE.search(before) or _AFTER_DEGREE.match(text, match.end()))
    return pair in _NO_INITIALS or (pair in _NO_INITIALS_IN_ONE and " " not in match[0].strip())
