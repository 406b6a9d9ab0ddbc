from datetime import date
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from django.utils import translation

from funding import pictures
from funding.overview import Line, Overview, Period
from pik.models import District, Measure
from tests.funding.land import ALB_DONAU

YEAR = 2025
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def _line(key: str, name: str, contacts: int | None = 0, **values: object) -> Line:
    return Line(
        **{"key": key, "name": name, "heads": 0, "fte": Decimal("0.00"), "cases": 0, "contacts": contacts, **values}
    )


def _overview(
    *, lines: list[Line] = (), places: list[Line] = (), contacts: dict[date, int | None] | None = None
) -> Overview:
    period = Period.of(YEAR)
    total, worked = _line("", "Total"), contacts or {}
    return Overview(
        period=period,
        measure=None,
        measures=[],
        all_measures=total,
        total=total,
        lines=list(lines),
        places=list(places),
        months=[(month, worked.get(month, 0)) for month in period.curve],
    )


THREE = [_line("08425", "Alb-Donau-Kreis", 1200), _line("08426", "Biberach", 7), _line("08111", "Stuttgart")]


def test_sentence_of_the_map_names_most_least_and_how_many_have_none():
    words = pictures.map_words(_overview(lines=THREE), "contacts", "Contacts")

    assert words.title == "Contacts 2025, all measures"
    assert words.sentence == "Most: Alb-Donau-Kreis with 1,200. Least: Biberach with 7. Without any: 1 of 3."
    assert words.alt == f"Map: {words.title}. {words.sentence}"


def test_sentence_of_the_map_says_nothing_twice():
    words = pictures.map_words(_overview(lines=THREE[:1]), "contacts", "Contacts")

    assert words.sentence == "Most: Alb-Donau-Kreis with 1,200."


def test_sentence_of_an_empty_map_says_that_it_is_empty():
    words = pictures.map_words(_overview(lines=THREE[2:]), "contacts", "Contacts")

    assert words.sentence == "There are no figures for this choice yet."


HELD_BACK = "There are figures for this choice, but they are held back: fewer than three people did the work."


def test_sentence_of_a_map_of_which_nothing_is_shown_says_why():
    lines = [_line("08425", "Alb-Donau-Kreis", None), _line("08426", "Biberach")]

    words = pictures.map_words(_overview(lines=lines), "contacts", "Contacts")

    assert words.sentence == HELD_BACK


@pytest.mark.parametrize("none", [0, 5])
def test_sentence_of_a_curve_of_which_nothing_is_shown_says_why(none):
    months = Period.of(YEAR).curve

    words = pictures.curve_words(_overview(contacts=dict.fromkeys(months) | dict.fromkeys(months[:none], 0)))

    assert words.sentence == HELD_BACK


def test_number_that_is_not_shown_is_neither_the_least_nor_none():
    lines = [*THREE, _line("08415", "Reutlingen", None)]

    words = pictures.map_words(_overview(lines=lines), "contacts", "Contacts")

    assert words.sentence == (
        "Most: Alb-Donau-Kreis with 1,200. Least: Biberach with 7. Without any: 1 of 4. "
        "Not shown, because fewer than three people did it: 1."
    )
    assert words.table["rows"][-1] == ["Reutlingen", "."]


def test_month_that_is_not_shown_is_a_gap_in_the_curve():
    overview = _overview(contacts={date(YEAR, 3, 1): 1500, date(YEAR, 12, 1): None})

    words = pictures.curve_words(overview)

    assert words.sentence == "November 2025: 0 contacts. Highest month: March 2025 with 1,500."
    assert words.table["rows"][-1] == ["December 2025", "."]
    assert pictures.curve_svg(overview).startswith("<svg")


def test_unit_stands_behind_time_and_money():
    lines = [_line("08425", "Alb-Donau-Kreis", fte=Decimal("1.50"), awarded=Decimal("1000.01"))]

    sentences = {
        shown: pictures.map_words(_overview(lines=lines), shown, shown).sentence for shown in ("fte", "awarded")
    }

    assert sentences == {
        "fte": "Most: Alb-Donau-Kreis with 1.50 FTE.",
        "awarded": "Most: Alb-Donau-Kreis with 1,000.01 €.",
    }


def test_row_of_the_whole_land_is_on_no_map():
    lines = [*THREE, _line("", "State level, no district", 5000)]

    words = pictures.map_words(_overview(lines=lines), "contacts", "Contacts")

    assert "5,000" not in words.sentence
    assert [row[0] for row in words.table["rows"]] == [line.name for line in THREE]


def test_places_go_before_districts():
    places = [_line("08425002", "Allmendingen", 3)]

    words = pictures.map_words(_overview(lines=THREE, places=places), "contacts", "Contacts")

    assert words.table["rows"] == [["Allmendingen", "3"]]


def test_sentence_of_the_curve_names_last_and_highest_month():
    words = pictures.curve_words(_overview(contacts={date(YEAR, 3, 1): 1500, date(YEAR, 12, 1): 20}))

    assert words.title == "Contacts by month, all measures"
    assert words.sentence == "December 2025: 20 contacts. Highest month: March 2025 with 1,500."
    assert words.table["rows"][-1] == ["December 2025", "20"]
    assert len(words.table["rows"]) == 13


def test_sentence_of_an_empty_curve_says_that_it_is_empty():
    assert pictures.curve_words(_overview()).sentence == "There are no figures for this choice yet."


def test_running_month_is_neither_the_last_nor_the_highest(monkeypatch):
    monkeypatch.setattr("funding.overview.timezone.localdate", lambda: date(YEAR, 8, 15))
    overview = _overview(contacts={date(YEAR, 8, 1): 9000, date(YEAR, 7, 1): 4, date(YEAR, 6, 1): 5})

    sentence = pictures.curve_words(overview).sentence

    assert sentence == "July 2025: 4 contacts. Highest month: June 2025 with 5. The running month is not complete."


def test_words_follow_the_language():
    with translation.override("de"):
        words = pictures.map_words(_overview(lines=THREE), "contacts", "Contacts")

    assert "1.200" in words.sentence


def _titles(svg: str) -> list[str]:
    return [title.text for title in ElementTree.fromstring(svg).iter(f"{SVG}title")]


def test_map_of_the_land_holds_the_numbers_of_the_table():
    titles = _titles(pictures.map_svg(_overview(lines=THREE), "contacts", "Contacts"))

    assert [title for title in titles if "1,200" in title and "Alb-Donau" in title] != []


@pytest.mark.django_db
def test_map_of_a_district_leaves_out_places_beyond_its_border():
    district = District.objects.get(pk=ALB_DONAU)
    inside = _line("08425002", "Allmendingen", 333)
    beyond = _line("08426001", "Achstetten", 444)

    svg = pictures.map_svg(_overview(places=[inside, beyond]), "contacts", "Contacts", district)

    assert ("333" in svg, "444" in svg) == (True, False)


@pytest.mark.django_db
def test_title_names_the_chosen_measure():
    overview = _overview(lines=THREE)
    limited = Overview(**{**vars(overview), "measure": Measure.objects.get(pk="jbh")})

    assert pictures.map_words(limited, "cases", "Open cases").title == "Open cases 2025, Youth vocational support"


def test_curve_is_drawn_anew_when_a_number_changes():
    first = pictures.curve_svg(_overview(contacts={date(YEAR, 3, 1): 1500}))
    same = pictures.curve_svg(_overview(contacts={date(YEAR, 3, 1): 1500}))
    other = pictures.curve_svg(_overview(contacts={date(YEAR, 3, 1): 1501}))

    assert first == same
    assert first != other
