from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.services.figures import refresh_changed_figures
from pik.models import Organisation, User
from tests.factories import make_case, make_contact, make_manager, make_member, make_organisation
from tests.funding.land import ALB_DONAU, BIBERACH, YEAR, Land, award, make_land, work
from tests.pages import Page, client_of, csv_rows

pytestmark = pytest.mark.django_db
STATE = reverse("funding:state")
ORGANISATION = reverse("funding:organisation")
KREIS = reverse("funding:district", args=[ALB_DONAU])
CHOSEN = {"year": str(YEAR)}


@pytest.fixture(name="land")
def _land() -> Land:
    return make_land()


def _coordinator(organisation: Organisation) -> User:
    return make_member("coordinator", organisation)


def _row(page: Page, label: str, first: str, part: str = "tbody") -> list[str]:
    found = [row[1:] for row in page.rows(label, part) if row[0] == first]
    assert len(found) == 1, f"{first} has {len(found)} rows"
    return found[0]


def _downloads(client, page: Page) -> dict[str, list[list[str]]]:
    """The tables behind the two download links of a page, without their heads."""
    links = [chart.one("a", download="")["href"] for chart in page.all("figure")]
    lines, months = (csv_rows(client.get(link))[1:] for link in links)
    return {"lines": lines, "months": months}


def test_ministry_and_coordinator_and_downloads_agree_on_a_district(land):
    ministry, coordinator = client_of(make_member("ministry")), client_of(_coordinator(land.kreis))

    state = Page(ministry.get(STATE, CHOSEN))
    from_outside = Page(ministry.get(KREIS, CHOSEN))
    own = Page(coordinator.get(ORGANISATION, CHOSEN))

    row = _row(state, "map-caption", "Alb-Donau-Kreis")
    assert row == ["1,200.03", "6", "4.50", "15", "7"]
    assert _row(from_outside, "lines-caption", "Total", "tfoot") == row
    # Cases are people: the own seven exactly, the nine of the Gemeinde rounded.
    assert _row(own, "lines-caption", "Total", "tfoot") == [*row[:3], "17", row[4]]
    downloaded = {line[1]: line for line in _downloads(ministry, state)["lines"]}
    assert downloaded["Alb-Donau-Kreis"] == [ALB_DONAU, "Alb-Donau-Kreis", "1200.03", "6", "4.50", "15", "7"]
    assert own.tiles == [
        ("Allocated", "€1,200.03"),
        ("Managers", "6 heads"),
        ("Managers", "4.50 FTE"),
        ("Open cases", "about 17"),
        ("Contacts", "7"),
        ("Plans", "0 active"),
    ]


def test_page_and_download_of_months_agree(land):
    client = client_of(make_member("ministry"))

    for address in (STATE, KREIS):
        page = Page(client.get(address, CHOSEN))
        shown = [row[1] for row in page.rows(page.all("figure")[1].one("h2").text)]

        assert [line[1] for line in _downloads(client, page)["months"]] == shown


def test_tiles_of_the_land_are_the_totals_of_its_tables(land):
    page = Page(client_of(make_member("ministry")).get(STATE, CHOSEN))

    assert page.tiles == [
        ("Budget", "€61,920,000.00"),
        ("Allocated", "€1,230.06"),
        ("Free", "€61,918,769.94"),
        ("Managers", "9 heads"),
        ("Managers", "5.25 FTE"),
        ("Open cases", "about 20"),
        ("Contacts", "10"),
        ("Plans", "0 active"),
    ]
    assert _row(page, "map-caption", "Total", "tfoot") == ["1,230.06", "9", "5.25", "20", "10"]
    assert _row(page, "measures-caption", "Total", "tfoot") == [
        "61,920,000.00",
        "1,230.06",
        "61,918,769.94",
        "9",
        "5.25",
        "20",
        "10",
    ]


def test_german_reader_gets_german_numbers(land):
    client = client_of(make_member("ministry"), language="de")

    page = Page(client.get(STATE, CHOSEN))
    lines = client.get(reverse("funding:state_districts_csv"), CHOSEN).content.decode().splitlines()

    assert [value for _label, value in page.tiles][1] == "1.230,06 €"
    assert (
        next(line for line in lines if line.startswith(ALB_DONAU)) == f"{ALB_DONAU};Alb-Donau-Kreis;1200,03;6;4,50;15;7"
    )


def test_body_sees_its_own_page_and_no_other_organisation(land):
    page = Page(client_of(_coordinator(land.body)).get(ORGANISATION, CHOSEN))

    assert [value for _label, value in page.tiles] == ["€200.02", "3 heads", "3.00 FTE", "9", "3", "0 active"]
    assert land.kreis.name not in page.main.text


def test_body_without_a_district_has_a_curve_and_no_map():
    provider = make_organisation(kind="provider")
    client = client_of(_coordinator(provider))

    page = Page(client.get(ORGANISATION))
    answers = [
        client.get(reverse(f"funding:organisation_{name}")) for name in ("map", "curve", "places_csv", "months_csv")
    ]

    assert len(page.all("figure")) == 1
    assert [answer.status_code for answer in answers] == [404, 200, 200, 200]


def test_choice_of_measure_and_year_reaches_table_picture_and_download(land):
    work(land.other, cases=3, contacts=6, measure="jbh")
    client = client_of(make_member("ministry"))

    page = Page(client.get(STATE, {**CHOSEN, "measure": "jbh", "show": "cases"}))

    assert page.values(of="get") == {"year": [str(YEAR)], "measure": ["jbh"], "show": ["cases"]}
    assert _row(page, "map-caption", "Landkreis Biberach") == ["0.00", "3", "3.00", "5", "6"]
    assert [chart.one("h2").text for chart in page.all("figure")] == [
        f"Open cases {YEAR}, Youth vocational support",
        "Contacts by month, Youth vocational support",
    ]
    downloads = _downloads(client, page)
    assert [line[2:] for line in downloads["lines"] if line[0] == BIBERACH] == [["0.00", "3", "3.00", "5", "6"]]
    assert [f"{YEAR}-05", "6"] in downloads["months"]


@pytest.mark.parametrize(
    "query",
    [
        {"year": "1999"},
        {"year": "2025.0"},
        {"year": "9" * 30},
        {"year": "\x00"},
        {"year": "next"},
        {"measure": "unknown"},
        {"measure": "<script>alert(1)</script>"},
        {"measure": "\x00"},
        {"show": "secrets"},
        {"show": "__class__"},
        {"show": "minutes"},
    ],
)
@pytest.mark.parametrize("address", [STATE, KREIS])
def test_choice_that_is_not_offered_falls_back_to_this_year_and_everything(query, address):
    client = client_of(make_member("ministry"))

    page = Page(client.get(address, query))

    assert page.values(of="get") == {
        "year": [str(min(timezone.localdate().year, 2026))],
        "measure": [""],
        "show": ["contacts" if address == STATE else "cases"],
    }
    assert page.all("script", where=lambda node: "src" not in node.attrs) == []
    for chart in page.all("figure"):
        assert client.get(chart.one("img")["src"]).status_code == 200


@pytest.mark.parametrize("shown", ["fte", "awarded", "contacts"])
def test_map_of_municipalities_shows_neither_money_nor_staff_nor_work_of_others(shown):
    page = Page(client_of(make_member("ministry")).get(KREIS, {"show": shown}))

    assert page.values(of="get")["show"] == ["cases"]


@pytest.mark.parametrize("ags", ["08999", "8425", "084250", "09162", "%00", "a%00b", "08425%20", "٠٨٤٢٥"])
@pytest.mark.parametrize("rest", ["", "map.svg", "months.csv"])
def test_district_that_does_not_exist_is_not_found(ags, rest):
    response = client_of(make_member("ministry")).get(f"/funding/districts/{ags}/{rest}")

    assert response.status_code == 404


def test_ministry_goes_to_a_district_and_back_with_its_choice(land):
    client = client_of(make_member("ministry"))

    page = Page(client.get(STATE, {**CHOSEN, "measure": "im"}))
    links = [link["href"] for link in page.all("a") if link.text == "Alb-Donau-Kreis"]
    district = Page(client.get(links[0]))
    back = next(link for link in district.main.all("a") if link.text == "State overview")

    assert district.heading == f"Alb-Donau-Kreis {YEAR}"
    assert Page(client.get(back["href"])).values(of="get") == page.values(of="get")


def test_ministry_goes_from_a_district_to_the_board_of_an_organisation_and_back(land):
    client = client_of(make_member("ministry"))

    page = Page(client.get(KREIS, {**CHOSEN, "measure": "im"}))
    heads = [head for row in page.one("section", aria_labelledby="lines-heading").all("tr") for head in row.all("th")]
    links = {link.text: link["href"] for head in heads for link in head.all("a")}
    board = Page(client.get(links[land.kreis.name]))

    assert board.response.status_code == 200
    assert set(board.values(of="get")["measure"]) == {"im"}
    assert next(link for link in board.main.all("a") if link.text == "The district")["href"].startswith(
        reverse("casework:staffing_district", args=["08425"])
    )


def test_coordinator_has_the_way_to_register_and_none_to_the_land(land):
    page = Page(client_of(_coordinator(land.kreis)).get(ORGANISATION))

    targets = {link.attrs.get("href") for link in page.all("a")}
    assert reverse("casework:manager_new") in targets
    assert STATE not in {target.split("?")[0] for target in targets}


def _rows(number: int) -> Organisation:
    """So many bodies in one Kreis, each with people, work and money, and as many other Kreise."""
    kreis = make_organisation(district=ALB_DONAU)
    bodies = [kreis, *(make_organisation(kind="municipality", district=ALB_DONAU) for _number in range(number - 1))]
    for organisation in [*bodies, *(make_organisation() for _number in range(number))]:
        manager = make_manager(organisation=organisation, fte=Decimal("0.50"))
        case = make_case(manager=manager, opened_on=date(YEAR, 1, 7))
        make_contact(case=case, date=date(YEAR, 3, 4))
        award(organisation, "1.00")
    refresh_changed_figures()
    return kreis


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("role", "name", "queries"),
    [
        ("ministry", "state", 11),
        ("ministry", "state_map", 11),
        ("ministry", "state_curve", 11),
        ("ministry", "state_districts_csv", 12),
        ("ministry", "state_months_csv", 12),
        ("ministry", "district", 12),
        ("ministry", "district_map", 12),
        ("ministry", "district_curve", 12),
        ("ministry", "district_places_csv", 13),
        ("ministry", "district_months_csv", 13),
        ("coordinator", "organisation", 12),
        ("coordinator", "organisation_map", 11),
        ("coordinator", "organisation_curve", 11),
        ("coordinator", "organisation_places_csv", 12),
        ("coordinator", "organisation_months_csv", 12),
    ],
)
def test_pages_ask_as_often_for_one_row_as_for_three(rows, role, name, queries, django_assert_num_queries):
    kreis = _rows(rows)
    client = client_of(make_member(role, kreis if role == "coordinator" else None))
    address = reverse(f"funding:{name}", args=[ALB_DONAU] if name.startswith("district") else [])

    with django_assert_num_queries(queries):
        response = client.get(address, CHOSEN)

    assert response.status_code == 200


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("name", "queries"),
    [
        ("organisation", 10),
        ("organisation_map", 9),
        ("organisation_curve", 9),
        ("organisation_places_csv", 10),
        ("organisation_months_csv", 10),
    ],
)
def test_pages_of_a_body_ask_as_often_for_one_row_as_for_three(rows, name, queries, django_assert_num_queries):
    body = make_organisation(kind="municipality", district=ALB_DONAU)
    for _number in range(rows):
        work(body, cases=1, contacts=1, people=1)
        award(body, "1.00")
    client = client_of(_coordinator(body))

    with django_assert_num_queries(queries):
        response = client.get(reverse(f"funding:{name}"), CHOSEN)

    assert response.status_code == 200
