from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from casework.models import Assignment
from casework.services.manager_lists import (
    register_good_rows,
    rows_to_correct,
)
from pik.models import User
from tests.factories import make_member, make_organisation
from tests.handed_in import workbook
from tests.people_lists import HEAD, MISSING, csv_of, faults_of, from_bytes, line, people, taken_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture(name="coordinator")
def _coordinator() -> User:
    return make_member("coordinator", make_organisation(district="08425", name="Landratsamt Alb-Donau-Kreis"))


ENCODED = {
    "utf-8": csv_of(line(name="Jürgen Weiß")).encode(),
    "utf-8 with mark": csv_of(line(name="Jürgen Weiß")).encode("utf-8-sig"),
    "latin-1": csv_of(line(name="Jürgen Weiß")).encode("latin-1"),
    "windows": csv_of(line(name="Jürgen Weiß")).encode("cp1252"),
    "utf-16": csv_of(line(name="Jürgen Weiß")).encode("utf-16"),
    "utf-16 without mark": csv_of(line(name="Jürgen Weiß")).encode("utf-16-be"),
    "commas": csv_of(line(name="Jürgen Weiß"), separator=",").encode(),
    "tabs": csv_of(line(name="Jürgen Weiß"), separator="\t").encode(),
}


@pytest.mark.parametrize("kind", ENCODED)
def test_every_encoding_and_separator_is_read(coordinator, kind):
    waiting = from_bytes(coordinator, ENCODED[kind])

    assert [(person.line, person.reading[0]) for person in waiting.good] == [(2, "Jürgen Weiß")]


def test_workbook_brings_days_and_numbers_as_such_and_an_ags_without_its_zero(coordinator):
    good = line(fte=0.5, starts_on=date(2026, 3, 1), ends_on=date(2026, 12, 31))
    numbers = line(email="second@pik.example", fte=1, starts_on=date(2026, 3, 1), ags=8425002)
    formula = line(email="third@pik.example", name='=HYPERLINK("https://example.org")')

    waiting = from_bytes(coordinator, workbook([HEAD, good, numbers, formula]), "list.xlsx")

    assert [person.reading[4:7] for person in waiting.good] == [["0.50", "1 Mar 2026", "31 Dec 2026"]]
    assert [(row, column) for row, column, *_rest in faults_of(waiting)] == [(3, "AGS"), (4, "Name")]


@pytest.mark.parametrize("day", ["2026-03-01", "01.03.2026", "1.3.2026", "2026-03-01 00:00:00", "01.03.2026 08:30"])
@pytest.mark.parametrize("language", ["de", "en"])
def test_days_are_read_alike_in_both_languages(coordinator, day, language):
    with translation.override(language):
        waiting = taken_in(coordinator, line(starts_on=day))
    register_good_rows(waiting=waiting, coordinator=coordinator)

    assert Assignment.objects.get().starts_on == date(2026, 3, 1)


@pytest.mark.parametrize("fte", ["0,5", "0.5", "0,50", "0.500", ".5"])
@pytest.mark.parametrize("language", ["de", "en"])
def test_shares_are_read_alike_in_both_languages(coordinator, fte, language):
    with translation.override(language):
        waiting = taken_in(coordinator, line(fte=fte))
    register_good_rows(waiting=waiting, coordinator=coordinator)

    assert Assignment.objects.get().fte == Decimal("0.50")


def test_heads_are_english_or_german_and_in_any_order(coordinator):
    head = ("AGS", "until", "FROM", "fte", "email", "Remarks", "Vor- und  Nachname")
    row = ["08425002 08425004", "", "2026-03-01", "1", "ottilie@pik.example", "=secret", "Ottilie Neu"]

    waiting = taken_in(coordinator, row, head=head)

    assert [person.reading[0] for person in waiting.good] == ["Ottilie Neu"]


def test_missing_columns_are_listed(coordinator):
    with pytest.raises(ValidationError) as refused:
        taken_in(coordinator, ["Ottilie", "1"], head=("Name", "VZÄ"))

    assert refused.value.messages == [MISSING]


def test_two_columns_of_one_meaning_are_refused(coordinator):
    with pytest.raises(ValidationError) as refused:
        taken_in(coordinator, [*line(), "x"], head=(*HEAD, "Full name", "FTE"))

    assert refused.value.messages == ["The columns “VZÄ” and “FTE” mean the same. Delete one of them."]


def test_list_longer_than_the_limit_is_refused(coordinator, settings):
    settings.MANAGER_LIST_ROWS = 2

    with pytest.raises(ValidationError) as refused:
        taken_in(coordinator, *people(3))

    assert refused.value.messages == ["The list has more than 2 people. Divide it into several."]
    assert len(taken_in(coordinator, *people(2)).good) == 2


def test_rows_to_correct_come_back_as_they_were_and_are_read_without_the_remedy(coordinator):
    wrong = line(fte="1.2", name="=1+1")
    waiting = taken_in(coordinator, line(email="first@pik.example"), wrong)

    (back,) = rows_to_correct(waiting)
    again = taken_in(coordinator, back, head=(*HEAD, "What to do"))

    assert back[:-1] == wrong
    assert back[-1] == (
        "Name: The cell begins with “=”, as a formula does. Write the value itself. "
        "VZÄ: Enter a number between 0.25 and 1.00."
    )
    assert (again.head, again.faulty[0].cells, again.faulty[0].faults) == (
        list(HEAD),
        wrong,
        waiting.faulty[0].faults,
    )


def test_remedy_is_never_too_long_to_be_read_again(coordinator):
    waiting = taken_in(coordinator, line(ags=", ".join(f"08425{number}" for number in range(900, 940))))

    (back,) = rows_to_correct(waiting)

    assert len(back[-1]) == 499
    assert len(taken_in(coordinator, back, head=(*HEAD, "Was zu tun ist")).faulty) == 1
