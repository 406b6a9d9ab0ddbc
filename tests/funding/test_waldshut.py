"""The published figures of Kreis Waldshut 2024, entered once, on every page that shows them."""

import io

import pytest
from django.db.models import Sum
from django.urls import reverse
from openpyxl import load_workbook

from casework.models import MonthlyFigure
from pik.models import Organisation, User
from tests.factories import make_member
from tests.pages import Page, client_of
from tests.waldshut import AGS, LAST, YEAR, enter_waldshut

pytestmark = pytest.mark.django_db
DAY = {"day": LAST.isoformat()}


@pytest.fixture(name="kreis")
def _kreis() -> Organisation:
    return enter_waldshut()


def _tiles(user: User, address: str, choice: dict[str, object]) -> dict[str, str]:
    """The tiles of a page by label; labels that occur twice with their unit."""
    found = {}
    for tile in Page(client_of(user).get(address, choice)).all(where=lambda node: node.has_class("pik-tile")):
        unit = [part.text for part in tile.all(class_="pik-tile__unit")]
        found[" ".join([tile.one("dt").text, *unit])] = " ".join(part.text for part in tile.all("dd"))
    return found


def test_figures_of_the_year_are_those_published(kreis):
    year = MonthlyFigure.objects.filter(organisation=kreis, month__year=YEAR)
    sums = year.aggregate(Sum("contacts"), Sum("plans_new"), Sum("plans_ended"))
    active = year.filter(month__month=12).aggregate(active=Sum("plans_active"))["active"]

    assert (sums["contacts__sum"], sums["plans_new__sum"], active) == (7048, 430, 1228)
    assert active + sums["plans_ended__sum"] - sums["plans_new__sum"] == 1118


def test_overview_of_the_kreis_shows_them(kreis):
    tiles = _tiles(make_member("coordinator", kreis), reverse("funding:organisation"), {"year": YEAR})

    assert (tiles["Managers heads"], tiles["Contacts"]) == ("17 heads", "7,048")
    assert tiles["Plans active"] == "1,228 active 430 new, 1,118 continued in the year"


def test_board_of_the_kreis_shows_them(kreis):
    tiles = _tiles(make_member("coordinator", kreis), reverse("casework:staffing"), DAY)

    assert (tiles["Managers heads"], tiles["Contacts in 2024"]) == ("17 heads", "7,048")
    assert [tiles[f"Plans {word}"] for word in ("new in 2024", "continued", "active")] == ["430", "1,118", "1,228"]


@pytest.mark.parametrize("role", ["ministry", "auditor"])
def test_readers_of_the_whole_state_see_staff_and_work_exactly_and_people_rounded(kreis, role):
    reader = make_member(role)

    overview = _tiles(reader, reverse("funding:district", args=[AGS]), {"year": YEAR})
    boards = [
        _tiles(reader, address, DAY)
        for address in (
            reverse("casework:staffing"),
            reverse("casework:staffing_district", args=[AGS]),
            reverse("casework:staffing_organisation", args=[kreis.pk]),
        )
    ]

    assert (overview["Managers heads"], overview["Contacts"]) == ("17 heads", "7,048")
    assert overview["Plans active"] == "about 1,230 active 430 new, 1,120 continued in the year"
    people = ["about 430", "about 1,120", "about 1,230"]
    for tiles in boards:
        assert (tiles["Managers heads"], tiles["Contacts in 2024"]) == ("17 heads", "7,048")
        assert [tiles[f"Plans {word}"] for word in ("new in 2024", "continued", "active")] == people


def test_summary_and_downloads_agree(kreis):
    client = client_of(make_member("coordinator", kreis))

    response = client.get(reverse("casework:staffing_export", args=["lines", "xlsx"]), DAY)
    page = Page(client.get(reverse("casework:staffing"), DAY))

    sheet = load_workbook(io.BytesIO(response.content)).active
    assert [cell.value for cell in sheet[2]][:5] == [kreis.name, 17, 17, 17, 17]
    assert page.rows("lines-caption")[0][1:5] == ["17", "17", "17.00", "17.00"]
