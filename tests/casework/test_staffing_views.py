import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from casework.models import Post
from casework.services.absences import record_absence
from casework.services.figures import refresh_changed_figures
from pik.models import AccessRecord, Municipality, Organisation
from tests.factories import make_contact, make_manager, make_member, make_organisation, make_post, places_of
from tests.pages import Page, client_of, csv_rows

pytestmark = pytest.mark.django_db
BOARD = reverse("casework:staffing")
TODAY = timezone.localdate()


def _kreis() -> Organisation:
    """A Kreis with a body in it: three filled posts, one of them absent, one half and one vacant."""
    kreis = make_organisation(kind="district")
    body = make_organisation(kind="association", district=kreis.district)
    for number, organisation in enumerate((kreis, kreis, body)):
        person = make_manager(organisation=organisation, name=f"Person {number}")
        Post.objects.filter(assignments__manager=person).update(reference=f"IM-0{number}", reference_key=number)
    record_absence(manager=person, kind="illness", starts_on=TODAY, ends_on=None)
    make_post(organisation=kreis, fte=Decimal("0.50"), reference="IM-09")
    return kreis


def _get(user, address: str = BOARD, **choice: object) -> Page:
    return Page(client_of(user).get(address, choice))


def _workbook(response) -> list[list[object]]:
    """The cells of a workbook's sheet above the notes."""
    sheet = load_workbook(io.BytesIO(response.content)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    return rows[: next((index for index, row in enumerate(rows) if not any(row)), len(rows))]


def _links(page: Page) -> dict[str, str]:
    """The addresses of the downloads, by table and format."""
    links = [link["href"] for link in page.all("a", download="")]
    return {link.split("?")[0].rsplit("/", 1)[1]: link for link in links}


def test_board_of_a_kreis_shows_every_post_and_what_hangs_below_it():
    kreis = _kreis()

    page = _get(make_member("coordinator", kreis))

    posts = {row[0]: [*row[1:3], *row[5:9]] for row in page.rows("posts-caption")}
    assert posts == {
        "IM-00": ["filled", "Person 0", "1.00", "1.00", "0.00", "0.00"],
        "IM-01": ["filled", "Person 1", "1.00", "1.00", "0.00", "0.00"],
        "IM-02": ["filled, but absent", "Person 2", "1.00", "1.00", "1.00", "0.00"],
        "IM-09": ["vacant", "–", "0.50", "0.00", "0.00", "0.50"],
    }
    assert page.rows("lines-caption", "tfoot")[0][:7] == ["Total", "4", "3", "3.50", "3.00", "1.00", "0.50"]
    assert dict(page.tiles[:1]) == {"Managers": "3 heads"}


def test_ministry_goes_from_the_state_to_the_district_to_the_organisation():
    kreis = _kreis()
    ministry = make_member("ministry")

    state = _get(ministry, order="-vacant")
    to_district = next(link["href"] for link in state.all("a") if link.text == kreis.district.name_full)
    district = _get(ministry, to_district)
    to_body = next(link["href"] for link in district.all("a") if link.text == kreis.name)
    body = _get(ministry, to_body)

    row = next(row for row in state.rows("lines-caption") if row[1] == kreis.district.name_full)
    assert row[:8] == ["1", kreis.district.name_full, "4", "3", "3.50", "3.00", "1.00", "0.50"]
    assert district.rows("lines-caption", "tfoot")[0][2:8] == row[2:8]
    assert "order=-vacant" in to_body
    assert [row[0] for row in body.rows("posts-caption")] == ["IM-00", "IM-01", "IM-09"]
    assert "Person 0" not in body.main.text


def _body_in_two_kreise() -> tuple[Organisation, Organisation, Organisation]:
    """A body without a Kreis of its own, and two Kreise, each of which funds a post of it."""
    body = make_organisation(kind="provider", name="Caritas")
    kreise = [make_organisation(district=ags) for ags in ("08425", "08426")]
    for kreis in kreise:
        make_post(organisation=body, municipalities=places_of(kreis), reference=f"IM-{kreis.district_id}")
    return body, *kreise


def test_way_back_from_a_body_leads_to_the_kreis_one_came_from():
    body, _first, kreis = _body_in_two_kreise()
    ministry = make_member("ministry")
    address = reverse("casework:staffing_district", args=[kreis.district_id])

    district = _get(ministry, address, measure="im")
    page = _get(ministry, next(link["href"] for link in district.all("a") if link.text == body.name))
    again = _get(ministry, reverse("casework:staffing_organisation", args=[body.pk]), **_sent(page))

    assert [row[0] for row in page.rows("posts-caption")] == ["IM-08425", "IM-08426"]
    assert "Caritas in Alb-Donau-Kreis, Landkreis Biberach" in page.main.text
    for shown in (page, again):
        (back,) = [link["href"] for link in shown.all("a") if link.text == "The district"]
        assert back.startswith(f"{address}?measure=im")


def _sent(page: Page) -> dict[str, str]:
    """What the filter sends when nothing in it is changed."""
    return {name: values[0] for name, values in page.values(of="get").items() if values}


@pytest.mark.parametrize("district", ["99999", "x", "\x00", "08425, 08426", "08427"])
def test_kreis_that_nobody_came_from_leads_back_to_all(district):
    body, *_kreise = _body_in_two_kreise()
    address = reverse("casework:staffing_organisation", args=[body.pk])

    page = _get(make_member("ministry"), address, district=district)

    assert [link.text for link in page.all("a") if link.text in ("The district", "All organisations")] == [
        "All organisations"
    ]
    assert "district" not in _sent(page)
    assert not [link["href"] for link in page.all("a") if "district=" in link["href"]]


def test_board_of_a_body_says_which_kreise_it_shows():
    body, kreis, _other = _body_in_two_kreise()
    address = reverse("casework:staffing_organisation", args=[body.pk])

    around = _get(make_member("coordinator", kreis), address)
    own = _get(make_member("coordinator", body))
    seated = _get(make_member("coordinator", kreis), reverse("casework:staffing_organisation", args=[kreis.pk]))

    assert [row[0] for row in around.rows("posts-caption")] == ["IM-08425"]
    assert f"Caritas, only what {kreis.district.name_full} funds, as of" in around.main.text
    assert [row[0] for row in own.rows("posts-caption")] == ["IM-08425", "IM-08426"]
    assert "Caritas in Alb-Donau-Kreis, Landkreis Biberach, as of" in own.main.text
    assert f"{kreis.name}, as of" in seated.main.text


def test_board_of_a_body_names_kreise_by_its_posts_wherever_it_is_seated():
    kreis = make_organisation(district="08425")
    seated = make_organisation(kind="provider", name="Diakonie", district="08425")
    away = make_organisation(kind="provider", name="Caritas", district="08425")
    make_post(organisation=seated)
    for ags in ("08426", "08425", "08435", "08436"):
        make_post(organisation=away, municipalities=Municipality.objects.filter(district=ags).order_by("ags")[:1])

    shown = {
        (body.name, role): _get(
            make_member(role, kreis if role == "coordinator" else None),
            reverse("casework:staffing_organisation", args=[body.pk]),
        ).main.text
        for body in (seated, away)
        for role in ("coordinator", "ministry")
    }

    assert "Diakonie, as of" in shown["Diakonie", "coordinator"]
    assert "Diakonie, as of" in shown["Diakonie", "ministry"]
    assert "Caritas, only what Alb-Donau-Kreis funds, as of" in shown["Caritas", "coordinator"]
    assert "Caritas in 4 districts, as of" in shown["Caritas", "ministry"]


def test_reset_takes_the_filter_back_and_keeps_the_kreis_one_came_from():
    body, _first, kreis = _body_in_two_kreise()
    address = reverse("casework:staffing_organisation", args=[body.pk])

    page = _get(make_member("ministry"), address, district=kreis.district_id, measure="im", text="x")
    plain = _get(make_member("ministry"), address, measure="im")
    foreign = _get(make_member("coordinator", kreis), address, district="08425", measure="im")

    assert page.one("a", href=f"{address}?district={kreis.district_id}").text == "Reset"
    assert [each.one("a", href=address).text for each in (plain, foreign)] == ["Reset", "Reset"]
    assert "district" not in _sent(foreign)


@pytest.mark.parametrize("table", ["lines", "posts"])
def test_downloads_hold_exactly_what_the_page_shows(table):
    coordinator = make_member("coordinator", _kreis())
    client = client_of(coordinator)
    page = Page(client.get(BOARD, {"order": "-vacant", "posts": "-planned", "state": "attention"}))

    links = _links(page)
    rows, cells = csv_rows(client.get(links[f"{table}.csv"])), _workbook(client.get(links[f"{table}.xlsx"]))

    # The rank is the order of the rows, which the files keep.
    shown = [row[1:] if table == "lines" else row for row in page.rows(f"{table}-caption")]
    shown = [["" if cell == "–" else cell for cell in row] for row in shown]
    assert rows[1:] == shown
    in_file = [
        [_written(cell, like) for cell, like in zip(row, words, strict=True)]
        for row, words in zip(cells[1 : len(shown) + 1], shown, strict=True)
    ]
    assert in_file == shown
    assert cells[0] == rows[0]


def _written(value: object, like: str) -> str:
    """A cell of the workbook with as many decimals as the page shows."""
    if value is None:
        return ""
    return f"{value:.{len(like.rpartition('.')[2])}f}" if isinstance(value, float) else str(value)


def test_every_download_is_logged_for_the_organisation_concerned():
    kreis = _kreis()
    client = client_of(make_member("ministry"))

    client.get(reverse("casework:staffing_district_export", args=[kreis.district_id, "posts", "xlsx"]))
    client.get(reverse("casework:staffing_export", args=["lines", "csv"]))

    assert list(AccessRecord.objects.order_by("pk").values_list("subject", "organisation")) == [
        (f"staffing-posts {kreis.district_id}", kreis.pk),
        ("staffing-lines baden-wuerttemberg", None),
    ]


@pytest.mark.parametrize(
    ("state", "labels"),
    [
        ("", ["IM-00", "IM-01", "IM-02", "IM-09"]),
        ("vacant", ["IM-09"]),
        ("absent", ["IM-02"]),
        ("filled", ["IM-00", "IM-01"]),
        ("attention", ["IM-02", "IM-09"]),
        ("ending", []),
        ("nothing", ["IM-00", "IM-01", "IM-02", "IM-09"]),
    ],
)
def test_posts_are_filtered_by_state(state, labels):
    page = _get(make_member("coordinator", _kreis()), state=state, posts="label")

    assert [row[0] for row in page.rows("posts-caption")] == labels if labels else "No post" in page.main.text


@pytest.mark.parametrize(("text", "labels"), [("im-09", ["IM-09"]), ("person 1", ["IM-01"]), ("nobody", [])])
def test_posts_are_found_by_number_and_name(text, labels):
    page = _get(make_member("coordinator", _kreis()), text=text)

    assert [row[0] for row in page.rows("posts-caption")] == labels if labels else "No post" in page.main.text


def test_name_finds_no_post_for_those_who_may_not_know_it():
    """Otherwise the search would tell who works where."""
    kreis = _kreis()
    address = reverse("casework:staffing_district", args=[kreis.district_id])

    assert "No post in this selection." in _get(make_member("ministry"), address, text="Person 1").main.text


@pytest.mark.parametrize(("order", "first"), [("planned", "IM-09"), ("-label", "IM-09"), ("names", "IM-00")])
def test_heads_sort_the_posts(order, first):
    page = _get(make_member("coordinator", _kreis()), posts=order)

    assert page.rows("posts-caption")[0][0] == first
    (head,) = page.all("th", where=lambda node: "aria-sort" in node.attrs)
    assert head["aria-sort"] == ("descending" if order.startswith("-") else "ascending")


@pytest.mark.parametrize("day", ["1066-01-01", "9999-12-31", "yesterday", "\x00", "2026-02-30"])
def test_day_that_cannot_be_meant_shows_a_board_all_the_same(day):
    response = client_of(make_member("coordinator", _kreis())).get(BOARD, {"day": day})

    assert (response.status_code, Page(response).heading) == (200, "Staffing")


def test_address_of_a_view_shows_the_same_view_again():
    coordinator = make_member("coordinator", _kreis())
    choice = {"day": (TODAY - timedelta(days=1)).isoformat(), "state": "vacant", "posts": "-planned"}

    page = _get(coordinator, **choice)

    curve = page.one("img")["src"]
    held = page.values(of="get")
    # Each of the two filters sends all of it.
    assert {name: held[name] for name in choice} == {name: [value] * 2 for name, value in choice.items()}
    assert all(f"{name}={value}" in curve for name, value in choice.items())


def test_empty_organisation_is_told_how_to_begin():
    page = _get(make_member("coordinator", make_organisation()))

    assert "No post in this selection." in page.main.text
    assert [link.text for link in page.all("a", href=reverse("casework:post_new"))] == ["Create a post"]


def test_curve_ends_with_the_numbers_of_its_table():
    kreis = _kreis()
    client = client_of(make_member("coordinator", kreis))

    drawn = client.get(reverse("casework:staffing_curve")).content.decode()

    table = Page(client.get(BOARD)).all("table")[-1]
    planned, filled = [cell.text for cell in table.one("tbody").all("tr")[0].all("td")][:2]
    assert (planned, filled) == ("3.50", "3.00")
    assert [f">{value}</text>" in drawn for value in (planned, filled)] == [True, True]


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        (
            0,
            "3.00 of 3.50 planned FTE were filled, 1.00 of them by people who were absent; 0.50 were vacant.",
        ),
        (
            20,
            "3.00 of 3.50 planned FTE will be filled, as things stand today, 1.00 of them by people who will be",
        ),
    ],
)
def test_sentence_of_the_curve_speaks_of_days_to_come_as_such(days, sentence):
    day = TODAY + timedelta(days=days)

    page = _get(make_member("coordinator", _kreis()), day=day.isoformat())

    assert sentence in page.main.text


@pytest.mark.parametrize("order", ["bogus", "-bogus", "-", "name", ""])
def test_order_that_does_not_rank_shows_no_ranks(order):
    _kreis()

    page = _get(make_member("ministry"), order=order)

    assert page.rows("lines-caption", "thead")[0][0].removesuffix(" ▲") == "District"


def test_map_of_which_nothing_is_shown_says_why():
    make_contact()
    refresh_changed_figures()

    page = _get(make_member("ministry"), show="contacts_window")

    reason = "There are figures for this choice, but they are held back: fewer than three people did the work."
    assert page.all("p", class_="pik-chart__sentence")[0].text == reason


def test_unknown_table_or_format_is_not_found():
    client = client_of(make_member("ministry"))

    answers = [
        client.get(reverse("casework:staffing_export", args=args)).status_code
        for args in (["people", "csv"], ["lines", "pdf"])
    ]

    assert answers == [404, 404]


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("role", "name", "queries"),
    [
        ("coordinator", "staffing", 12),
        ("coordinator", "staffing_curve", 6),
        ("ministry", "staffing", 9),
        ("ministry", "staffing_map", 8),
        ("ministry", "staffing_district", 12),
        ("ministry", "staffing_organisation", 12),
        ("coordinator", "staffing_organisation", 12),
    ],
)
def test_board_asks_as_often_for_one_row_as_for_three(rows, role, name, queries, django_assert_num_queries):
    kreis = make_organisation(kind="district")
    for _number in range(rows):
        make_manager(organisation=kreis, starts_on=date(2025, 1, 1))
        make_manager(organisation=make_organisation(kind="association", district=kreis.district))
    client = client_of(make_member(role, kreis if role == "coordinator" else None))
    arguments = {"staffing_district": [kreis.district_id], "staffing_organisation": [kreis.pk]}
    address = reverse(f"casework:{name}", args=arguments.get(name, []))

    with django_assert_num_queries(queries):
        response = client.get(address)

    assert response.status_code == 200


def _alerts(page: Page) -> list[str]:
    return [box.text for box in page.main.all(where=lambda node: node.has_class("pik-alert__body"))]


def test_board_of_a_day_to_come_says_whose_work_it_shows():
    user = make_member("coordinator", _kreis())
    ahead = date(TODAY.year + 1, 1, 1)

    today, later = _get(user), _get(user, day=ahead.isoformat())

    assert _alerts(today) == []
    (text,) = _alerts(later)
    assert text.startswith(f"Posts and people are those of 1 Jan {ahead.year} as they are booked now.")
    assert f"those shown are of today ({TODAY:%B %Y}), and nothing is reckoned per FTE." in text


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ("2099-01-01", f"The board looks ahead as far as 31 Dec {TODAY.year + 5} and shows that day, not 1 Jan 2099."),
        ("2001-01-01", "The pact began on 1 Jan 2017; the board shows that day, not 1 Jan 2001."),
    ],
)
def test_board_says_when_it_shows_another_day_than_was_asked_for(wanted, told):
    assert _alerts(_get(make_member("ministry"), day=wanted))[0] == told


def test_filter_of_posts_stands_at_their_table_and_keeps_the_rest():
    user = make_member("coordinator", _kreis())

    page = _get(user, measure="im", state="vacant", order="-filled")

    whole, posts = page.main.all("form", method="get")
    names = [[each["name"] for each in form.all("input", "select")] for form in (whole, posts)]
    assert names == [["state", "order", "day", "measure"], ["measure", "order", "state", "text"]]
    assert posts["action"] == "#posts-heading"
    assert page.one("section", aria_labelledby="posts-heading").one("form").element is posts.element
    assert posts.one("a")["href"] == "?measure=im&order=-filled#posts-heading"
