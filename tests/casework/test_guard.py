import csv
import time
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from casework.guard import NOTE_LENGTH, Kind, no_number_in_parts, no_personal_data, personal_data_in

SENTENCES = Path(__file__).parent / "guard_sentences.csv"
HELD_OUT = Path(__file__).parent / "guard_held_out.csv"


def shares(path):
    """Which part of the sentences with personal data is caught, which part of the harmless ones is refused."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = {"yes": [], "no": []}
    for row in rows:
        found[row["personal"]].append(bool(personal_data_in(row["sentence"])))
    return tuple(sum(found[answer]) / len(found[answer]) for answer in ("yes", "no"))


def test_sentences_are_enough_and_half_of_them_harmless():
    with SENTENCES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    personal = sum(row["personal"] == "yes" for row in rows)

    assert len(rows) >= 320
    assert len({row["sentence"] for row in rows}) == len(rows)
    assert 0.45 <= personal / len(rows) <= 0.55


@pytest.mark.parametrize("path", [SENTENCES, HELD_OUT], ids=["tuned with", "held out"])
def test_guard_catches_personal_data_and_lets_harmless_sentences_pass(path):
    caught, false_alarms = shares(path)

    assert caught >= 0.95
    assert false_alarms <= 0.05


@pytest.mark.parametrize(
    ("text", "kind", "place"),
    [
        ("Gespräch mit Frau Kovalenko geführt", Kind.NAME, "Frau Kovalenko"),
        ("Termin für M. K. am Montag", Kind.INITIALS, "M. K."),
        ("Sie ist geboren am 03.05.1990", Kind.BIRTH, "geboren am 03.05.1990"),
        ("Handy 0176/12345678", Kind.PHONE, "Handy 0176/12345678"),
        ("Mail an samir.h@example.org", Kind.REACH, "samir.h@example.org"),
        ("Auto mit KA-AB 1234", Kind.PLATE, "KA-AB 1234"),
        ("Umzug, D-88045", Kind.ADDRESS, "D-88045"),
        ("Kontakt mit Олена", Kind.SCRIPT, "Олена"),
        ("M ü l l e r war da", Kind.HIDDEN, "M ü l l e r"),
        ("Anruf bei \u202edemhA\u202c", Kind.HIDDEN, "\u202edemhA\u202c"),
        ("Frau Li kommt", Kind.NAME, "Frau Li"),
        ("Onkel Mo hilft", Kind.NAME, "Onkel Mo"),
        ("Fr. Do möchte umschulen", Kind.NAME, "Fr. Do"),
        ("fr. xyolo anrufen", Kind.NAME, "fr. xyolo"),
        ("klient ali kommt", Kind.NAME, "klient ali"),
        ("Vater: ali", Kind.NAME, "Vater: ali"),
        ("mutter heisst xyola", Kind.NAME, "heisst xyola"),
        ("herr bakr kommt", Kind.NAME, "herr bakr"),
        ("Abu Bakr braucht einen Kurs", Kind.NAME, "Abu Bakr"),
        ("Fatma-Nur kommt", Kind.NAME, "Fatma-Nur"),
        ("Jean-Baptiste kommt", Kind.NAME, "Jean-Baptiste"),
        ("Hassan-Termin verschoben", Kind.NAME, "Hassan-Termin"),
        ("Die Haddad'sche Wohnung", Kind.NAME, "Haddad'sche"),
        ("Die Kaya’schen Kinder", Kind.NAME, "Kaya’schen"),
        ("Frau von der Tann kommt", Kind.NAME, "Frau von der Tann"),
        ("Ihr Spitzname ist Nana", Kind.NAME, "Spitzname ist Nana"),
        ("Rufname: Lele", Kind.NAME, "Rufname: Lele"),
        ("Fatima87 auf Telegram", Kind.NAME, "Fatima87"),
        ("ali geht zur schule", Kind.NAME, "ali"),
        ("Termin mit sara", Kind.NAME, "sara"),
        ("M. S. zum Jobcenter begleiten", Kind.INITIALS, "M. S."),
        ("U. S. begleiten", Kind.INITIALS, "U. S."),
        ("Ahm@d ruft zurück", Kind.NAME, "Ahm@d"),
        ("4hmad ruft zurück", Kind.NAME, "4hmad"),
        ("Aħmad ruft zurück", Kind.NAME, "Aħmad"),
        ("Ah mad ruft zurück", Kind.NAME, "Ah mad"),
        ("Ah·mad ruft an", Kind.HIDDEN, "Ah·mad"),
        ("A,h,m,a,d ruft an", Kind.HIDDEN, "A,h,m,a,d"),
        ("Ah😀mad ruft an", Kind.HIDDEN, "Ah😀mad"),
        ("Ah+mad ruft an", Kind.HIDDEN, "Ah+mad"),
        ("Ah(m)ad ruft an", Kind.HIDDEN, "Ah(m)ad"),
        ("O·l·h·a ruft an", Kind.HIDDEN, "O·l·h·a"),
        ("Post an 41686d6164", Kind.HIDDEN, "41686d6164"),
        ("Post an 41 68 6d 61 64", Kind.HIDDEN, "41 68 6d 61 64"),
        ("Post an &#65;hmad", Kind.HIDDEN, "&#65;"),
        ("Post an %41hmad", Kind.HIDDEN, "%41"),
        ("Kontakt mit ᴀʜᴍᴀᴅ", Kind.SCRIPT, "ᴀʜᴍᴀᴅ"),
        ("Kontakt mit ɑhmɑd", Kind.SCRIPT, "ɑhmɑd"),
        ("Kontakt mit 🅰🅷🅼🅰🅳", Kind.SCRIPT, "🅰🅷🅼🅰🅳"),
        ("Kontakt mit 🇦🇭🇲🇦🇩", Kind.SCRIPT, "🇦🇭🇲🇦🇩"),
        ("Kontakt mit 𐊠𐋉𐋎", Kind.SCRIPT, "𐊠𐋉𐋎"),
        ("geb. 150387 laut Ausweis", Kind.BIRTH, "geb. 150387"),
        ("Kind am 150316 geboren", Kind.BIRTH, "150316 geboren"),
        ("Vater, Jg. 87", Kind.BIRTH, "Jg. 87"),
        ("geb. 15/Mär/1987", Kind.BIRTH, "geb. 15/Mär/1987"),
        ("Geburtsdatum: 15·03·1987", Kind.BIRTH, "Geburtsdatum: 15·03·1987"),
        ("geb am 15 3 87", Kind.BIRTH, "geb am 15 3 87"),
        ("geb 87-03-15", Kind.BIRTH, "geb 87-03-15"),
        ("am 15.3. wird die Mutter 40", Kind.BIRTH, "am 15.3. wird die Mutter 40"),
        ("Telefon null eins sieben eins", Kind.PHONE, "Telefon null eins sieben eins"),
        ("Tel. null eins sieben sechs 12 34 56", Kind.PHONE, "Tel. null eins sieben sechs 12 34 56"),
        ("Handy o171 l234567", Kind.PHONE, "o171 l234567"),
        ("Rückruf 0171:1234:567", Kind.PHONE, "0171:1234:567"),
        ("zieht in die Hauptstraße fünf", Kind.ADDRESS, "Hauptstraße fünf"),
        ("AZR zwei eins null drei", Kind.NUMBER, "AZR zwei eins null drei"),
        ("IBAN DE acht neun drei sieben", Kind.NUMBER, "IBAN DE acht neun drei sieben"),
        ("geb. 3.V.87 laut Pass", Kind.BIRTH, "geb. 3.V.87"),
        ("Sie wohnt im Lerchenfeld 8", Kind.ADDRESS, "wohnt im Lerchenfeld 8"),
        ("Er zieht in die Au 12", Kind.ADDRESS, "zieht in die Au 12"),
        ("xylo bei gmx punkt de", Kind.REACH, "xylo bei gmx punkt de"),
    ],
)
def test_finding_names_kind_and_place(text, kind, place):
    [finding] = personal_data_in(text)

    assert (finding.kind, finding.text) == (kind, place)
    assert text[finding.start : finding.end] == place


@pytest.mark.parametrize(
    "text",
    [
        "Sie haben einen Termin",
        "Fr. 9 Uhr Termin, fr. bis 12 uhr, Fr. vormittags",
        "Mutter Mo. und Mi. im Kurs, Klientin Fr 10 Uhr beim Arzt",
        "Vater: berufstätig, Mutter: lernt A2",
        "Kind U7 beim Arzt, Klientin B1 bestanden, Kind OP im Mai",
        "das heisst ablehnung, frau allein mit kindern",
        "Hilfe durch Dr.-Sommer-Team",
        "Ganzheitlich und zurückhaltend beraten",
        "Lehrer(in) und/oder Lotse/Lotsin, Klassen a, b, c, d, e",
        "Mit 20 % Rabatt & 5 €, Klasse 2a 3b 4c 5d 6e",
        "Prima 😀👍, Café à la Łódź",
        "Der Sohn wird 18, am 15.3. wird die Miete fällig",
        "Jg. 8 und Jahrgang 10, nach der Geburt 14 Monate",
        "Termin 15/03/2027 oder 16·03·2027",
        "Null bis drei Jahre, eins, zwei, drei, Punkt vier",
        "Offen 09:00/13:30, 5l Farbe und 10l Wasser",
        "In der Bahnhofstraße fünf Minuten warten",
        "Sie wohnt im Haus 3, Zimmer 12, und im Wohnheim 2 Jahre",
        "Er zieht im Mai 2027 um, wohnt im Dachgeschoss 40 qm",
        "Anna-Schule, Carl-Benz-Schule, Robert-Bosch-Stiftung und Marien-Hospital",
        "Frau von der Caritas, Herr von der Stadt, Frau von der Schule",
        "Abschluss B. A., M. A. in Soziologie, z. B. ein Studium, O.K.",
        "Spitzname der Schule, Rufname: siehe Pass, Covid19",
        "Lidl und Aldi, Ikea und Jeans",
        "Wichtiger Punkt bei der AOK geklärt",
    ],
)
def test_guard_lets_neighbours_of_personal_data_pass(text):
    assert personal_data_in(text) == []


def test_finding_counts_in_the_text_as_given():
    text = "\u200bGespräch mit\u00ad Ah\u200bmed"

    [finding] = personal_data_in(text)

    assert finding.text == "Ah\u200bmed"
    assert text[finding.start : finding.end] == "Ah\u200bmed"


def test_validator_quotes_the_place_and_says_what_to_write_instead():
    with translation.override("de"), pytest.raises(ValidationError) as refusal:
        no_personal_data("Frau Kovalenko rief an, Tel. 0711 1234567")

    with translation.override("de"):
        assert refusal.value.messages == [
            "„Frau Kovalenko“: Kein Name: Schreiben Sie z. B. „die Mutter“.",
            "„Tel. 0711 1234567“: Keine Telefonnummer: Schreiben Sie z. B. „telefonisch erreicht“.",
        ]


@pytest.mark.parametrize("texts", [["Reached at 0171", "1 23", "45 67"], ["12 34 5", "6 78"], ["0171", "", "1234"]])
def test_number_in_parts_is_found_where_the_texts_meet(texts):
    with pytest.raises(ValidationError):
        no_number_in_parts(texts)


def test_numbers_side_by_side_that_belong_to_nobody_pass():
    texts = [
        "Kurs bis 30.06.2027",
        "12 Bewerbungen bis 15.08.",
        "3 Banken, Miete bis 1.200 Euro",
        "2 Termine um 09:00",
        "10:30",
    ]

    assert no_number_in_parts(texts) is None


@pytest.mark.parametrize(
    "texts",
    [
        ["Work from 2027", "2028 full time"],
        ["Line 1", "2", "3", "4", "5", "6", "7"],
        ["School until 2029", "2030", "2031"],
    ],
)
def test_years_and_numbers_of_texts_side_by_side_pass(texts):
    assert no_number_in_parts(texts) is None


@pytest.mark.parametrize("text", ["", None, "Termin beim Jobcenter am 12.05. vereinbart"])
def test_validator_lets_harmless_texts_pass(text):
    assert no_personal_data(text) is None


@given(st.text(max_size=NOTE_LENGTH))
def test_guard_never_raises(text):
    for finding in personal_data_in(text):
        assert text[finding.start : finding.end] == finding.text


@given(
    st.lists(
        st.sampled_from(
            ["Frau", "Herr", "M.", "K", ".", "-", "\n", "\u200b", "\u0308", "12", "0", "/", "(", "@", "at", "geb", "am",
             "Mai", "neunzehnhundert", "eins", "Straße", "heißt", "al-", "*", "_", "DE", "A", "ä", "ß", " "]
        ),
        max_size=80,
    )
)  # fmt: skip
def test_guard_never_raises_on_what_its_patterns_look_for(pieces):
    text = "".join(pieces)

    for finding in personal_data_in(text):
        assert text[finding.start : finding.end] == finding.text


NASTY = [
    "a", "A", "1", "0", " ", "\n", ".", "-", "A.", "1 ", "1.", "12.", "a ", "A ", "Al-", "a@", "a.", "a_", "a*", "M.-",
    "Herr ", "Frau ", "Frau\n", "heißt ", "heißt ist ", "geb ", "geb. am ", "neunzehnhundert ", "eins ", "Mai ", "März ",
    "wohnt ", "Straße", "straße ", "str. ", "Am Bach ", "D-", "KA-", "Az ", "Az: A", "DE89 ", "A1", "A1 ", "AB12", "Insta: ",
    "unter ", "www.", "http://", "\u0308", "a\u0308\u0323", "\u200b", "Ahmed ", "ahmed", "Müller-", "der ", "ist ", "(at)",
    "20", "2024/", "1.000", "1.000,", "einund", "zwei", "@", "und ", "Schule", "ung", "Ж", "+", "(", "|", "*", "null-",
    "A·", "ah·", "Ah(", "ᴀ", "aᴀ", "%41", "&#65;", "41 6d ", "6d", "aB1", "a b ", "null 1 ", "AZR eins ", "geb. 15 ", "150387 ",
    "Tel. 1", "o1", "l1 ", "abu ", "frau li ", "klient a ", "XV.", "am 1.3. wird ", "lindenweg ",
    "Herr von der ", "wohnt im ", "wohnt im Bach ", "Xy-", "Xy'", "M. A. in ", "mit ali ", "Xy87 ", "haus-",
]  # fmt: skip


# Those that keep the most patterns busy.
NASTIEST = [
    "A.",
    "1.",
    "12.",
    "Al-",
    "a*",
    "D-",
    "KA-",
    "geb ",
    "Müller-",
    "\u0308",
    "Ah(",
    "aᴀ",
    "41 6d ",
    "null 1 ",
    "aB1",
    "Xy-",
    "wohnt im Bach ",
    "M. A. in ",
]


def seconds(text):
    begun = time.process_time()
    personal_data_in(text)
    return time.process_time() - begun


@pytest.mark.parametrize("piece", NASTY)
def test_guard_takes_no_noticeable_time_for_a_note(piece):
    personal_data_in("the lists are read once")

    assert seconds((piece * NOTE_LENGTH)[:NOTE_LENGTH]) < 0.1


@pytest.mark.parametrize("piece", NASTIEST)
def test_guard_takes_time_that_grows_with_the_length_alone(piece):
    personal_data_in("the lists are read once")

    assert seconds((piece * 100_000)[:100_000]) < 8
