from decimal import Decimal

import pytest
from django.utils import translation

from pik.exports import csv_response
from tests.pages import csv_rows


def _export(rows, *, language="en", head=("A", "B")):
    with translation.override(language):
        return csv_response(name="table", head=head, rows=rows)


def test_english_table_has_commas_and_points():
    response = _export([("Ulm", Decimal("1000.50")), ("Aalen", 7)])

    assert response.content.decode() == "\ufeffA,B\r\nUlm,1000.50\r\nAalen,7\r\n"


def test_german_table_has_semicolons_and_decimal_commas():
    response = _export([("Ulm", Decimal("1000.50")), ("a;b", 1.25)], language="de")

    assert response.content.decode() == '\ufeffA;B\r\nUlm;1000,50\r\n"a;b";1,25\r\n'


def test_table_is_a_download_in_utf8():
    response = _export([])

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="table.csv"'


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\r=1"])
def test_text_that_begins_like_a_formula_is_defused(text):
    assert csv_rows(_export([(text, "")], head=("H", "")))[1][0] == f"'{text}"


def test_head_is_defused_as_well():
    assert csv_rows(_export([], head=("=1", "B")))[0] == ["'=1", "B"]


@pytest.mark.parametrize(
    ("value", "cell"), [(-5, "-5"), (Decimal("-2.50"), "-2.50"), (None, ""), (0, "0"), (True, "True")]
)
def test_numbers_stay_numbers_and_nothing_is_empty(value, cell):
    assert csv_rows(_export([("x", value)]))[1] == ["x", cell]


def test_quotes_line_breaks_and_foreign_letters_survive():
    words = 'sie sagte "ja"\nund ging, Łódź'

    assert csv_rows(_export([(words, "b")]))[1] == [words, "b"]
