import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from pik.imports import Row, Table
from tests.handed_in import BROKEN, CSV, EMPTY, LOCKED, NO_ROWS, NO_TABLE, NO_TEXT, TABLE, TOO_LONG, read, refusal

BEYOND_HEAD = (
    "Line 3 has a cell in column C, which has no name in the head. Delete the cell; "
    "in a CSV file, put a text that holds the separator in quotation marks."
)
OLE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(100)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_csv_is_read_in_every_encoding_of_spreadsheets(encoding):
    table = read("Name;Straße\r\nJürgen Groß;Köln\r\n".encode(encoding))

    assert table == Table(["Name", "Straße"], [Row(2, ["Jürgen Groß", "Köln"])])


def test_csv_with_bytes_that_windows_leaves_open_is_read_as_latin_1():
    assert read(b"Name;Ort\nJ\xfcrgen\x81x;Ulm\n").rows == [Row(2, ["Jürgen\x81x", "Ulm"])]


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r"])
def test_csv_is_read_with_every_separator_and_line_ending(separator, ending):
    assert read(ending.join([f"Name{separator}Ort", f"Ada{separator}Ulm"])) == TABLE


def test_csv_takes_the_separator_that_divides_the_head_best():
    table = read('"Name, Vorname";Ort;Umfang\nLovelace, Ada;Ulm;0,5\n')

    assert table == Table(["Name, Vorname", "Ort", "Umfang"], [Row(2, ["Lovelace, Ada", "Ulm", "0,5"])])


def test_csv_may_begin_with_the_letters_of_an_archive():
    assert read("PKZ;Ort\n12;Ulm\n").head == ["PKZ", "Ort"]


def test_csv_rows_carry_the_line_in_which_they_begin():
    table = read('\nName;Ort\n\n"Ada\nMaria";Ulm\n ; \nEmmy;Aalen\n')

    assert table == Table(["Name", "Ort"], [Row(4, ["Ada\nMaria", "Ulm"]), Row(7, ["Emmy", "Aalen"])])


def test_quoted_fields_keep_separators_and_quotes():
    assert read('Name;Ort\n"Ada ""A""; L.";Ulm\n').rows == [Row(2, ['Ada "A"; L.', "Ulm"])]


def test_cells_lose_blanks_that_nobody_sees():
    assert read("\u200bName\u00a0;Ort\n\u202f\ufeff Ada Maria\u200b\t;\u200eUlm\u00ad\n").rows == [
        Row(2, ["Ada Maria", "Ulm"])
    ]


def test_short_rows_are_filled_up_and_empty_ends_cut_off():
    assert read("Name;Ort;Ende;;\nAda;Ulm\nEmmy;Aalen;;;;;\n") == Table(
        ["Name", "Ort", "Ende"], [Row(2, ["Ada", "Ulm", ""]), Row(3, ["Emmy", "Aalen", ""])]
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", EMPTY),
        ("\ufeff\r\n ; \r\n", EMPTY),
        ("Name;Ort\n", NO_ROWS),
        ("Name;Ort\n;\n", NO_ROWS),
        ("x" * (1024 * 1024 + 1), "The file is larger than 1.0\u00a0MB. Divide the table into several."),
        ("Name;Ort\n" + "Ada;Ulm\n" * 2001, TOO_LONG),
        ("Name;Ort\n" + "\n" * 10_000, TOO_LONG),
        (";".join(f"C{n}" for n in range(61)), "Line 1 has more than 60 columns. Delete those that are not needed."),
        (
            "Name;Ort\n\nAda;" + "x" * 501,
            "Line 3: the cell in column B has more than 500 characters. Shorten it.",
        ),
        (
            "Name\nAda\n",
            "The head has only one column. Separate columns by semicolons, or save the table as .xlsx.",
        ),
        ("Name;E-Mail;e-mail \nAda;a;b\n", "Two columns are called “e-mail”. Rename one of them, or delete it."),
        ("Name;;Ort\nAda;;Ulm\n", "Column B has no name in the head. Enter a name, or delete the column."),
        ("Name;Ort\nAda;Ulm\nEmmy;Aalen;Ulm\n", BEYOND_HEAD),
        (
            'Name;Ort\nAda;Ulm\n"Emmy;Aalen\n',
            "Line 3: a quotation mark opens or ends in the wrong place. Correct it, or save as .xlsx.",
        ),
        (
            f'Name;Ort\n"{"x" * 200_000};Aalen\n',
            "Line 2: a quotation mark opens or ends in the wrong place. Correct it, or save as .xlsx.",
        ),
        ("Name;Ort\nAda\0;Ulm\n", NO_TEXT),
        ("Name;Ort\nAda\x1b;Ulm\n", NO_TEXT),
        (b"\xff\xfeN\0a", NO_TEXT),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", NO_TEXT),
        (b"%PDF-1.7\n", "This is a PDF. Choose the table it was made from, as .xlsx or .csv."),
        (OLE, "This is a file in the old format .xls. Open it in your spreadsheet program and save it as .xlsx."),
        (OLE + "EncryptedPackage".encode("utf-16-le"), LOCKED),
        (b"PK\x03\x04 no archive", BROKEN),
    ],
)
def test_refusal_says_what_to_do(content, message):
    assert refusal(content) == message


@pytest.mark.parametrize("name", ["managers.html", "managers.xls", "managers", "csv"])
def test_text_under_another_ending_is_no_table(name):
    assert refusal(CSV, name) == NO_TABLE


@pytest.mark.parametrize("language", ["de", "en"])
def test_limit_is_written_in_the_language_of_the_reader(language):
    with translation.override(language), pytest.raises(ValidationError) as refused:
        read("Name;Ort\n" + "Ada;Ulm\n" * 2001)

    assert ("2.000" if language == "de" else "2,000") in refused.value.messages[0]
