"""What gives a person away by its form: numbers, addresses, ways to reach somebody.

Each repetition in the patterns is bounded or runs over characters of which the next part takes none, so that no text
makes them slow.
"""

import re
from collections.abc import Iterator

from casework.guard_dates import DAY, MONTH

Place = tuple[str, int, int]

_NUMBER_CUE = (
    r"\b(?:az|aktenzeichen|geschäftszeichen|gz|gesch\.?-?z|azr(?:-?(?:nr|nummer|zahl))?|(?:kunden|bg|bedarfsgemeinschafts|ausweis|pass|"
    r"reisepass|kenn|personal|steuer(?:-?id)?|identifikations|versicherten|versicherungs|sozialversicherungs|renten(?:versicherungs)?|"
    r"rv|sv|kv|konto|akten|fall|vorgangs|matrikel|ausländer|mitglieds|az|id|personen|kindergeld|visum|visa|serien|zemis)"
    r"-?\s?(?:nummer|nr|no|zahl|kennzeichen)|steuer-?\s?id|idnr|tin|iban|konto|passport|personalausweis|reisepass|aufenthaltstitel)"
    r"\b[.:#]{0,3}\s?(?:(?:ist|lautet|vom|beim|nr\b\.?|bamf|lautend|nummer|:)[:\s]{1,2}){0,3}"
)
_CUE_NUMBER = re.compile(rf"{_NUMBER_CUE}(?=[A-Z]{{0,4}}[ -]?\d)[A-Z0-9][\w/. -]{{2,30}}", re.IGNORECASE)
_FILE = r"(?:[a-zäöüß]{0,20}akte|aktenzeichen|[a-zäöüß]{3,20}ausweis|reisepass|aufenthaltstitel|bescheid|vorgang)"
_CLIENT = (
    r"(?:klient|klientin|kunde|kundin|mandant|mandantin|patient|patientin|bewohner|bewohnerin|antragsteller|antragstellerin|"
    r"versicherte|versicherter|mieter|mieterin|schüler|schülerin|teilnehmer|teilnehmerin)"
)
_NUMBERED = r"(?:nr|nummer|no|num)\b[.:#]{0,2}\s?"
# A number beside what it is the number of, in either order.
_NUMBER_OF = [
    re.compile(rf"\b{_NUMBERED}\d[\w/.-]{{1,20}}[ ,(:]{{1,3}}(?:der |des |in der |zur |zum )?{_FILE}\b", re.IGNORECASE),
    re.compile(rf"\b{_FILE}\s?[,(:]?\s?(?:{_NUMBERED}|#\s?|mit der {_NUMBERED})\d[\w/.-]{{0,20}}", re.IGNORECASE),
    re.compile(rf"\b{_CLIENT}\s?[,(:]?\s?(?:{_NUMBERED}|#\s?|mit der {_NUMBERED})\d[\w/.-]{{0,20}}", re.IGNORECASE),
    re.compile(r"\b\d{3,}[ ,(]{1,2}[a-zäöüß]{0,20}akte\b|\b[a-zäöüß]{2,20}akte\s\d{3,}\b", re.IGNORECASE),
]
_NUMBERS = [
    ("number", re.compile(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){3,7}(?:[ -]?[A-Z0-9]{1,3})?\b")),
    ("number", re.compile(r"\b\d{2}\s?\d{6}\s?[A-Z]\s?\d{3}\b", re.IGNORECASE)),
    ("number", re.compile(r"\b\d{1,3} [A-Z]{1,3} \d{1,5}/\d{2}\b")),
    ("number", re.compile(r"\b\d{2,8}\s?/\s?(?:19|20)?\d{2}\s?-\s?[A-Z\d]{1,5}\b")),
    # Documents: letters and digits in one word.
    ("number", re.compile(r"\b(?=[A-Z0-9]{0,11}\d)(?=\d{0,12}[A-Z])[A-Z0-9]{8,12}\b(?<=\d|[A-Z])")),
    ("number", re.compile(r"\b[A-Z]{1,3}[ -]?\d{6,10}\b")),
]
_DIGITS = re.compile(r"(?<![\w,])\+?\(?\d(?:[ /().\-_,*|:;·•~=+]{0,3}\d){5,40}(?!\w)")
# With fewer it is a number of somebody only where it is dialled.
LEAST_DIGITS = 7
# Letters typed for digits: "o171 l234567".
_DIGIT_LETTERS = re.compile(r"(?<![^\W\d_])[oO]{1,2}(?=[\dlI])|(?<=\d)[oOlI]{1,2}(?![^\W\d_])|(?<![^\W\d_])[lI](?=\d)")
_AS_DIGITS = str.maketrans("oOlI", "0011")
_AMOUNT = re.compile(
    r"(?<![\d.,])(?:\d{1,3}(?:[. ]\d{3}){1,3}(?:,\d{2})?|\d{1,7},\d{2}|\d{1,7})\s?(?:€|Euro|EUR)(?!\w)|"
    r"(?<![\d.,])\d{1,3}(?:\.\d{3}){1,3},\d{2}\b",
    re.IGNORECASE,
)
# Days and times as they stand in appointments; they are no telephone numbers.
_APPOINTMENT = re.compile(
    rf"(?<![\d.])(?:{DAY}\.\s?{MONTH}\.(?:\s?(?:20)?\d\d)?|{DAY}\s?[/·]\s?{MONTH}\s?[/·]\s?20\d\d|20\d\d\s?[/-]\s?(?:20)?\d\d|20\d\d-{MONTH}-{DAY}|"
    r"[012]?\d[:.][0-5]\d(?=\s?(?:[-,;)/]|bis|uhr|h\b|$|\s))|\d{1,2}\s?-\s?\d{1,2}(?=\s?uhr))(?!\d)",
    re.IGNORECASE,
)
_DIGIT_WORD = r"(?:null|eins?|zwei|zwo|drei|vier|fünf|fuenf|sechs|sieben|acht|neun|doppel)"
# One part of a number that is spelled out.
_SPELLED = rf"(?:{_DIGIT_WORD}|elf|zwölf|zwoelf|zehn|[a-zäöüß]{{3,14}}(?:zehn|zig)|\d{{1,4}})"
_GAP = r"[\s,/.-]{1,3}"
_PHONE_CUE = (
    r"\b(?:tel|telefon|telefonnummer|handy|handynummer|mobil|mobilnummer|fax|festnetz|nummer|nr|anrufen|erreichbar|rückruf|whatsapp)"
    r"\b[.:]{0,2}\s?(?:(?:unter|ist|lautet|der|die|nr\.?|nummer)\s){0,3}[:]?\s?"
)
_PHONE = [
    re.compile(rf"\b{_DIGIT_WORD}(?:[\s,/-]{{1,3}}{_DIGIT_WORD}){{4,30}}\b", re.IGNORECASE),
    re.compile(rf"{_PHONE_CUE}(?=[+(0])[+(]{{0,2}}\d[\d /().-]{{3,30}}\d", re.IGNORECASE),
    re.compile(
        r"\b(?:tel|telefon|handy|mobil|fax|festnetz)(?:nr|nummer)?\b[.:]{0,2}\s?(?:\d{5,15}|\d{3,5} \d{2,5})\b(?!\s?(?:uhr|€|euro))",
        re.IGNORECASE,
    ),
    re.compile(rf"{_PHONE_CUE}(?:\+?\d{{1,4}}\s)?{_DIGIT_WORD}(?:{_GAP}{_SPELLED}){{2,30}}\b", re.IGNORECASE),
    re.compile(rf"\b(?:doppel)?null(?:{_GAP}{_SPELLED}){{3,30}}\b", re.IGNORECASE),
]
_SPELLED_NUMBER = re.compile(
    rf"{_NUMBER_CUE}(?:DE\s|[A-Z]\s){{0,2}}{_DIGIT_WORD}(?:{_GAP}(?:{_SPELLED}|[A-Z])\b){{2,30}}|"
    rf"\biban\b[.:]?\s(?:ist\s)?DE\s{_DIGIT_WORD}\b",
    re.IGNORECASE,
)

_AT = r"(?:\s?@\s?|\s?[(\[{<]\s?(?:at|ät|@|a|klammeraffe)\s?[)\]}>]\s?|\s(?:at|ät|klammeraffe)\s|-at-|_at_)"
_DOT = r"(?:\s?\.\s?|\s?[(\[{]\s?(?:dot|punkt|\.)\s?[)\]}]\s?|\s(?:dot|punkt)\s)"
_TLD = r"(?:de|com|org|net|info|eu|ua|tr|ru|at|ch|me|io|link|gg|ly|co|uk|fr|it|pl|ro|af|ir|sy|chat|online|app|be)"
_REACH = [
    re.compile(r"[\w.+-]{1,64}(?:\s?@\s?|\s?[(\[{<]\s?(?:at|ät|@)\s?[)\]}>]\s?)[\w.-]{2,64}", re.IGNORECASE),
    re.compile(rf"\b[\w.+-]{{2,64}}{_AT}[\w-]{{2,40}}{_DOT}{_TLD}\b", re.IGNORECASE),
    re.compile(
        r"(?:\b[\w.+-]{2,40}\s(?:bei|at|auf)\s)?\b[\w-]{2,40}\s(?:[Pp]unkt|[Dd]ot)\s(?:de|com|net|org|ch|ru|ua|tr)\b(?!\s(?:facto|jure))"
    ),
    re.compile(r"(?<![\w])@\s?\w[\w.]{1,40}"),
    re.compile(r"\b(?:https?|ftp|hxxps?)\s?:\s?/\s?/\s?\S{1,200}|\bwww\s?\.\s?\S{2,200}", re.IGNORECASE),
    re.compile(rf"\b[a-z0-9][a-z0-9-]{{1,60}}\.{_TLD}(?:/\S{{0,200}})?(?![\w.])(?<!\bz\.de)"),
    re.compile(
        r"\b(?:insta(?:gram)?|facebook|fb|tiktok|tik tok|telegram|snapchat|snap|viber|signal|whatsapp|linkedin|youtube|discord|skype|imo|"
        r"messenger|twitter)\b(?:[- ]?(?:name|account|konto|profil|kanal|id|nutzer)){0,2}\s?(?:ist\s|lautet\s|heißt\s|unter\s|als\s|=|:){1,2}\s?"
        r"(?!dem\b|der\b|den\b|die\b|das\b|einem\b|einer\b|umständen\b)[\w.-]{3,40}",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?:insta(?:gram)?|facebook|fb|tiktok|telegram|snapchat|snap|viber|whatsapp|linkedin|discord|skype|kleinanzeigen)\b"
        r"[^.;!?\n]{0,20}?\s(?:(?:als|namens|unter)\s(?=[A-ZÄÖÜ])|(?=[A-Za-z]{3,20}[._]))(?!Gruppe|Kanal|Link|Notlösung|Kontakt)[\w.-]{3,40}",
        re.IGNORECASE,
    ),
    re.compile(r"\b[a-zäöü]{3,30}[._]?\d{2,8}\b(?!\s?(?:%|€))"),
    # Words with capitals in the middle and digits at the end, but for levels of language.
    re.compile(r"\b[A-ZÄÖÜ]?[a-zäöü]{3,20}[A-Z]{1,4}\d{1,8}\b(?<![a-zäöü][ABC][12])"),
    re.compile(r"\b[A-Za-zÄÖÜäöü0-9]{2,30}_(?!in\b|innen\b)[A-Za-zÄÖÜäöü0-9_]{1,30}\b"),
    re.compile(
        r"\b(?:nutzername|username|benutzername|nickname|account ?name|profilname|login)\s?(?:ist\s|lautet\s|:|=){1,2}\s?\S{2,40}",
        re.IGNORECASE,
    ),
]

_STREET_END = (
    r"(?:stra(?:ß|ss)e|str\.?|weg|gasse|gässle|platz|allee|ring|damm|ufer|steig|pfad|halde|garten|rain|steige|höhe|"
    r"wiesen|äcker|markt|promenade|chaussee|siedlung|hof|tor|berg|bühl|graben)"
)
_HOUSE = r"(?:nr\.?\s?|haus\s|hausnummer\s|hausnr\.?\s?)?\d{1,4}\s?[a-h]?\b(?!\s?(?:uhr|euro|€|%|minuten|stunden|tage|wochen|monate|jahre|personen|teilnehm|kinder|plätze|std|min)|[.:]\d)"
_NO_STREET = (
    r"(?!(?:kita|kurs|arbeits|ausbildungs|schul|praktikums|therapie|studien|heim|wohn|betreuungs|schlaf|bahn|hort|"
    r"kindergarten|spiel|rück|hin|aus|um|pflege|park|stell|warte|lehr|bauern|fried|arbeitsweg|schulhof|bahnhof|"
    r"kinder|ober|unter)(?:platz|weg|hof|garten|bahnhof|markt)\b)"
)
_ADDRESS = [
    re.compile(rf"\b{_NO_STREET}[A-ZÄÖÜa-zäöüß][a-zäöüß-]{{1,30}}?{_STREET_END},?\s?{_HOUSE}", re.IGNORECASE),
    re.compile(
        rf"\b[A-ZÄÖÜ][a-zäöüß-]{{2,30}}(?:er|[-\s])\s?(?:straße|strasse|str\.?|weg|gasse|platz|allee|ring|damm|ufer|hof)\s{_HOUSE}",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?:Am|Im|An der|An den|In der|In den|Auf der|Auf dem|Unter den|Zum|Zur|Beim|Hinter der|Vor dem|Obere[rn]?|Untere[rn]?|Alte[rn]?)\s"
        r"(?!Termin|Kurs|Montag|Dienstag|Mittwoch|Donnerstag|Freitag|Samstag|Sonntag|Januar|Februar|März|April|Mai|Juni|Juli|August|"
        r"September|Oktober|November|Dezember|Jahr|Haus|Zimmer|Raum|Gespräch|Monat|Schnitt|Stufe|Klasse|Bus|Gruppe|Woche|Alter|Haushalt|Block|Abschnitt|Teil|"
        r"Modul|Linie|Quartal|Sommer|Winter|Herbst|Test|Tag|Level|Niveau)"
        r"[A-ZÄÖÜ][a-zäöüß]{2,25}\s\d{1,3}[a-h]?(?=$|[,;)\n]|\s?[.!](?:$|\s)|\s(?:in|wohn|bei|am|ab|um|zur|zum|mit)\b)"
    ),
    re.compile(
        rf"\b(?:im|am|in der)\s{_NO_STREET}[A-ZÄÖÜ][a-zäöüß-]{{1,30}}?{_STREET_END},?\s(?:wohnung|whg\.?|appartement)\s(?:nr\.?\s)?\d",
        re.IGNORECASE,
    ),
    re.compile(
        r"\bwohn(?:t|en|haft|ung)\b[^.;!?\d]{0,25}\s(?:in der|am|im|an der)?\s?[A-ZÄÖÜ][a-zäöüß-]{2,30}(?:straße|strasse|str\.|gasse|allee|weg)\b"
    ),
    # Where somebody lives, by names that do not end as streets do; a room or a house of a shelter is no address.
    re.compile(
        r"\b(?:wohn(?:e|t|en|te|ten|haft|ung)|unterkunft|lebt|leben|zieht|ziehen|(?:um|ein)?gezogen)\b[^.;!?\d\n]{0,25}?\s(?:im|am|beim|zum|zur|(?:in|an|auf) (?:der|die|den|dem))\s"
        r"(?![\wäöü]{0,25}(?:zimmer|haus|hauses|heim|raum|stock|etage|block|unterkunft|container|gebäude|wohnung|apartment|appartement|"
        r"gruppe|lager|camp|bett|flur|trakt|kreis|bezirk|stadtteil|geschoss|zone|region|jahr|monat|woche|alter|schnitt|klasse|wg|gu|lea|pension|hotel|"
        r"januar|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember|tag|mittwoch|ersten|schweiz|türkei)\b)"
        rf"(?-i:[A-ZÄÖÜ])[\wäöüß-]{{1,30}}\s{_HOUSE}(?!\s?(?:zimmer|qm|m²|km|leute|menschen|nächte|geschwister|br[uü]der|schwester|mitbewohn|wochen|zu)|\w)",
        re.IGNORECASE,
    ),
    # The number of the house in words, with nothing behind it that is counted.
    re.compile(
        rf"\b(?i:{_NO_STREET})[A-ZÄÖÜa-zäöüß][a-zäöüß-]{{2,30}}?(?:stra(?:ß|ss)e|str\.?|weg|gasse|gässle|allee|platz|ring|ufer|steige),?\s"
        rf"(?i:nr\.?\s|nummer\s|haus\s)?(?:eins|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|[a-zäöüß]{{3,14}}(?:zehn|zig))"
        rf"(?:\s?[a-h])?\b(?!\s[A-ZÄÖÜ]|\s(?:uhr|euro|minuten|stunden|tage|wochen|monate|jahre|personen|kinder|zimmer|plätze)\b)"
    ),
    re.compile(
        r"\bhaus(?:nummer|nr\.?)\s?:?\s?(?:\d{1,4}|(?:eins|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf)\b)",
        re.IGNORECASE,
    ),
    re.compile(r"\b(?:D-|PLZ:?\s?|postleitzahl:?\s?)\d{5}\b", re.IGNORECASE),
    re.compile(
        r"(?<![\d.,§/-])\b(?:0[1-9]|[1-9]\d)\d{3}\s(?!Euro|EUR|Personen|Menschen|Einwohner|Stück|Geflüchtete|Kinder|Schritte|Kilometer|Uhr|Teilnehm)[A-ZÄÖÜ][a-zäöüß-]{2,}"
    ),
    re.compile(r"\b(?:in|aus|nach)\s\d{5}\b(?!\s?(?:€|Euro|EUR))"),
]
_PLATES = [
    re.compile(r"\b(?!DTZ-|A\d|B\d|C\d)[A-ZÄÖÜ]{1,3}-[A-Z]{1,2}[ -]?(?!(?<=[ABC])[12]\b)\d{1,4}[EH]?\b"),
    re.compile(
        r"\b(?:S|KA|MA|HD|FR|UL|HN|PF|BB|ES|LB|GP|RT|TÜ|TUE|BL|SIG|RV|FN|KN|VS|TUT|RW|OG|EM|LÖ|WT|FDS|CW|ENZ|RA|BAD|KÜN|SHA|TBB|AA|HDH|BC|"
        r"MOS|WN)\s[A-Z]{1,2}\s?\d{2,4}[EH]?\b"
    ),
    re.compile(
        r"\b(?:kennzeichen|kfz|nummernschild)\b[^.;!?\d]{0,20}\b[A-ZÄÖÜ]{1,3}[ -]?[A-Z]{1,2}[ -]?\d{1,4}\b",
        re.IGNORECASE,
    ),
]


def patterns(text: str) -> Iterator[Place]:
    """Kind, start and end of each place that has the form of something personal."""
    yield from _listed(text)
    yield from digit_runs(text)


def digit_runs(text: str) -> Iterator[Place]:
    """Kind, start and end of each run of digits that is long enough for a number of somebody."""
    # Amounts, days and times have been looked at; what digits are left are no appointment.
    read = _DIGIT_LETTERS.sub(lambda match: match[0].translate(_AS_DIGITS), text)
    free = list(read)
    for pattern in (_AMOUNT, _APPOINTMENT):
        for match in pattern.finditer(read):
            free[match.start() : match.end()] = "\x00" * (match.end() - match.start())
    for match in _DIGITS.finditer("".join(free)):
        digits = sum(each.isdecimal() for each in match[0])
        dialled = match[0].lstrip("(").startswith(("0", "+"))
        if digits >= LEAST_DIGITS or dialled:
            yield ("phone" if dialled else "number"), match.start(), match.end()


def _listed(text: str) -> Iterator[Place]:
    groups = (
        ("phone", _PHONE),
        ("reach", _REACH),
        ("address", _ADDRESS),
        ("plate", _PLATES),
        ("number", [_CUE_NUMBER, _SPELLED_NUMBER, *_NUMBER_OF]),
    )
    for kind, group in groups:
        for pattern in group:
            for match in pattern.finditer(text):
                yield kind, match.start(), match.end()
    for kind, pattern in _NUMBERS:
        for match in pattern.finditer(text):
            if sum(each.isdecimal() for each in match[0]) >= 3:
                yield kind, match.start(), match.end()
