from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.services.figures import refresh_changed_figures
from casework.services.plans import make_plan
from casework.services.summaries import summarise_month
from pik.models import AccessRecord, Organisation
from pik.months import add_months, month_of
from tests.factories import (
    make_case,
    make_contact,
    make_language_course,
    make_manager,
    make_member,
    make_organisation,
    make_queer_support,
    places_of,
)
from tests.pages import Page, client_of, csv_rows

pytestmark = pytest.mark.django_db
LIST = reverse("casework:summary_list")
EXPORT = reverse("casework:summary_export")


def _last_month() -> date:
    return add_months(month_of(timezone.localdate()), -1)


def _month_of_work(organisation, *, cases: int, minutes: int = 30, plans: int = 0, people: int = 1) -> None:
    """Last month: so many cases, each with one contact, the first of them with a plan, in turn by so many managers."""
    team = [make_manager(organisation=organisation, fte=Decimal("0.50")) for _number in range(people)]
    day = _last_month() + timedelta(days=9)
    for number in range(cases):
        case = make_case(manager=team[number % people], opened_on=_last_month())
        make_contact(case=case, date=day, minutes=minutes)
        if number < plans:
            make_plan(case=case, agreed_on=day)


def _summarise() -> None:
    refresh_changed_figures()
    summarise_month(_last_month())


def _lines(page: Page) -> list[list[str]]:
    return page.rows("summaries-caption") if page.all("table") else []


def test_last_month_is_shown_exactly_to_the_own_organisation():
    organisation = make_organisation()
    _month_of_work(organisation, cases=7)
    _summarise()

    page = Page(client_of(make_member("coordinator", organisation)).get(LIST))

    assert [line[0] for line in _lines(page)] == [organisation.name]
    assert _lines(page)[0][2:] == ["1", "0.50", "7", "0", "0", "0", "7", "210", "1"]


@pytest.mark.parametrize("reader", ["kreis", "ministry", "auditor"])
def test_cases_are_rounded_for_readers_from_outside_and_work_is_exact(reader):
    kreis = make_organisation(district="08425")
    body = make_organisation(kind="municipality", district="08425")
    _month_of_work(body, cases=8, plans=4, people=3)
    _summarise()
    user = make_member("coordinator", kreis) if reader == "kreis" else make_member(reader)
    client = client_of(user)

    page, rows = Page(client.get(LIST)), csv_rows(client.get(EXPORT))

    assert _lines(page)[0][2:] == ["3", "1.50", "10", "5", "0", "5", "8", "240", "1"]
    assert rows[1][4:] == ["3", "1.50", "10", "5", "0", "5", "8", "240"]


@pytest.mark.parametrize("people", [1, 2])
@pytest.mark.parametrize("reader", ["kreis", "ministry", "auditor"])
def test_work_of_one_or_two_people_is_not_shown_outside_their_organisation(reader, people):
    kreis = make_organisation(district="08425")
    body = make_organisation(kind="municipality", district="08425")
    _month_of_work(body, cases=8, people=people)
    _summarise()
    client = client_of(make_member("coordinator", kreis) if reader == "kreis" else make_member(reader))

    page, rows = Page(client.get(LIST)), csv_rows(client.get(EXPORT))

    assert _lines(page)[0][4:] == ["10", "0", "0", "0", ".", ".", "1"]
    assert rows[1][-2:] == [".", "."]


def test_third_person_does_not_uncover_the_summary_of_two():
    """The summary is older than what is held back until its next version is made."""
    organisation = make_organisation()
    _month_of_work(organisation, cases=8, people=2)
    _summarise()
    client = client_of(make_member("ministry"))
    _month_of_work(organisation, cases=1)
    refresh_changed_figures()

    before, rows = Page(client.get(LIST)), csv_rows(client.get(EXPORT))
    summarise_month(_last_month())
    after = Page(client.get(LIST))

    assert (_lines(before)[0][8:10], rows[1][-2:]) == ([".", "."], [".", "."])
    assert _lines(after)[0][8:10] == ["9", "270"]


def test_coordinator_sees_no_summary_of_a_neighbour():
    kreis = make_organisation(district="08425")
    body = make_organisation(kind="municipality", district="08425")
    foreign = make_organisation(district="08426")
    for organisation in (kreis, body, foreign):
        _month_of_work(organisation, cases=1)
    _summarise()

    def seen(organisation) -> set[str]:
        page = Page(client_of(make_member("coordinator", organisation)).get(LIST))
        return {line[0] for line in _lines(page)}

    assert seen(kreis) == {kreis.name, body.name}
    assert seen(body) == {body.name}
    assert seen(foreign) == {foreign.name}


def test_late_entry_shows_as_the_next_version_alone():
    organisation = make_organisation()
    _month_of_work(organisation, cases=1)
    _summarise()
    _month_of_work(organisation, cases=1)
    _summarise()

    lines = _lines(Page(client_of(make_member("coordinator", organisation)).get(LIST)))

    assert [line[2:] for line in lines] == [["2", "1.00", "2", "0", "0", "0", "2", "60", "2"]]


def test_month_and_measure_are_chosen():
    organisation = make_organisation()
    _month_of_work(organisation, cases=1)
    make_language_course(manager=make_manager(organisation=organisation, measure="deutsch"), date=_last_month())
    _summarise()
    client = client_of(make_member("coordinator", organisation))

    measures = {
        measure: len(_lines(Page(client.get(LIST, {"measure": measure})))) for measure in ("", "im", "deutsch", "bws")
    }
    earlier = Page(client.get(LIST, {"month": f"{add_months(_last_month(), -1):%Y-%m}"}))

    assert measures == {"": 2, "im": 1, "deutsch": 1, "bws": 0}
    assert "There is no summary for this month." in earlier.main.text


@pytest.mark.parametrize("month", ["", "2016-01", "9999-99", "2026", "\x00", "<script>alert(1)</script>"])
@pytest.mark.parametrize("measure", ["", "nothing", "\x00"])
def test_choice_that_is_not_offered_falls_back_to_the_last_month_and_all_measures(month, measure):
    organisation = make_organisation()
    _month_of_work(organisation, cases=1)
    _summarise()
    client = client_of(make_member("coordinator", organisation))

    page = Page(client.get(LIST, {"month": month, "measure": measure}))

    assert page.values(of="get") == {"month": [f"{_last_month():%Y-%m}"], "measure": [""]}
    assert len(_lines(page)) == 1


@pytest.mark.parametrize(("role", "concerned"), [("coordinator", True), ("ministry", False), ("auditor", False)])
def test_export_says_what_the_page_says_and_is_logged(role, concerned):
    organisation = make_organisation()
    _month_of_work(organisation, cases=3)
    _summarise()
    user = make_member(role, organisation if concerned else None)
    client = client_of(user)

    response = client.get(Page(client.get(LIST)).one("a", download="")["href"])

    head, *rows = csv_rows(response)
    assert head == [
        "Organisation",
        "Measure",
        "Month",
        "Version",
        "Managers (heads)",
        "Managers (FTE)",
        "Open cases",
        "Plans new",
        "Plans continued",
        "Plans active",
        "Contacts",
        "Minutes",
    ]
    assert [row[0] for row in rows] == [organisation.name]
    assert response["Content-Disposition"] == f'attachment; filename="pik-{_last_month():%Y-%m}.csv"'
    record = AccessRecord.objects.get()
    assert (record.user, record.subject) == (user, f"summaries {_last_month():%Y-%m}")
    assert record.organisation == (organisation if concerned else None)


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("address", "queries"), [(LIST, 8), (EXPORT, 7)])
@pytest.mark.parametrize("role", ["coordinator", "ministry"])
def test_pages_ask_as_often_for_one_summary_as_for_three(rows, address, queries, role, django_assert_num_queries):
    kreis = make_organisation(district="08425")
    bodies = [kreis, *(make_organisation(kind="municipality", district="08425") for _number in range(rows))]
    for organisation in bodies:
        _month_of_work(organisation, cases=1)
    _summarise()
    client = client_of(make_member(role, kreis if role == "coordinator" else None))

    # A Kreis is also told who works in it from elsewhere, the ministry chooses one.
    with django_assert_num_queries(queries + 1):
        response = client.get(address)

    assert all(body.name in response.content.decode() for body in bodies)


def test_kreis_is_told_which_bodies_from_elsewhere_work_in_it():
    kreis, seat = make_organisation(kind="district", district="08425"), make_organisation(kind="district")
    body = make_organisation(kind="provider", district=seat.district_id, name="Caritas Nord")
    place = places_of(kreis)
    manager = make_manager(organisation=body, municipalities=place)
    make_contact(case=make_case(manager=manager, municipality=place[0], opened_on=_last_month()), date=_last_month())
    _month_of_work(kreis, cases=1)
    _summarise()
    readers = {"kreis": make_member("coordinator", kreis), "seat": make_member("coordinator", seat)}
    clients = {name: client_of(user) for name, user in readers.items()}

    pages = {name: Page(client.get(LIST)) for name, client in clients.items()}
    rows = {name: csv_rows(client.get(EXPORT)) for name, client in clients.items()}

    assert [line[0] for line in _lines(pages["kreis"])] == [kreis.name]
    assert "this one is seated elsewhere: Caritas Nord (what it does in this district" in pages["kreis"].main.text
    measure = rows["kreis"][1][1]
    remark = "works in several districts; its share in this one stands in the overview"
    assert (rows["kreis"][0][-1], rows["kreis"][1][-1]) == ("Remark", "")
    assert rows["kreis"][2] == ["Caritas Nord", measure, f"{_last_month():%Y-%m}", *[""] * 9, remark]
    assert "Not in this list" not in pages["seat"].main.text
    assert [row[0] for row in rows["seat"]] == ["Organisation", "Caritas Nord"]
    assert rows["seat"][0][-1] == "Minutes"


def test_body_from_elsewhere_is_named_for_the_measure_and_month_that_are_shown_alone():
    kreis = make_organisation(kind="district", district="08425")
    body = make_organisation(kind="provider", district=None, name="Caritas Nord")
    manager = make_manager(organisation=body, municipalities=places_of(kreis))
    make_case(manager=manager, municipality=places_of(kreis)[0])
    _summarise()
    client = client_of(make_member("coordinator", kreis))

    shown = [
        "Caritas Nord" in Page(client.get(LIST, choice)).main.text
        for choice in ({"measure": "im"}, {"measure": "jbh"}, {"month": f"{add_months(_last_month(), -6):%Y-%m}"})
    ]

    assert shown == [True, False, False]


def _bodies_of_two_kreise() -> dict[str, Organisation]:
    kreis = make_organisation(kind="district", district="08425")
    bodies = {
        "kreis": kreis,
        "body": make_organisation(kind="municipality", district="08425"),
        "elsewhere": make_organisation(kind="district", district="08426"),
    }
    for organisation in bodies.values():
        _month_of_work(organisation, cases=1)
    # Of a measure that knows the Land only, the seat is no place.
    provider = make_organisation(kind="provider", district="08425")
    make_queer_support(manager=make_manager(organisation=provider, measure="queer"), date=_last_month())
    bodies["queer"] = provider
    _summarise()
    return bodies


@pytest.mark.parametrize("reader", ["ministry", "auditor"])
def test_kreis_is_chosen_for_page_and_download_and_stays_in_the_address(reader):
    bodies = _bodies_of_two_kreise()
    client = client_of(make_member(reader))

    page = Page(client.get(LIST, {"district": "08425"}))
    response = client.get(page.one("a", download="")["href"])

    chosen = {bodies["kreis"].name, bodies["body"].name}
    assert {line[0] for line in _lines(page)} == {row[0] for row in csv_rows(response)[1:]} == chosen
    assert page.values(of="get")["district"] == ["08425"]
    assert response["Content-Disposition"] == f'attachment; filename="pik-{_last_month():%Y-%m}-08425.csv"'
    record = AccessRecord.objects.for_log().get()
    assert record.subject_in_words.endswith("Alb-Donau-Kreis")
    assert record.organisation == bodies["kreis"]


@pytest.mark.parametrize("district", ["", "08", "09162", "08425 ", "\x00", "<b>"])
def test_kreis_that_does_not_exist_is_no_choice(district):
    bodies = _bodies_of_two_kreise()

    page = Page(client_of(make_member("ministry")).get(LIST, {"district": district}))

    assert {line[0] for line in _lines(page)} == {body.name for body in bodies.values()}
    assert page.values(of="get")["district"] == [""]


def test_kreis_is_no_choice_of_coordinators():
    bodies = _bodies_of_two_kreise()

    page = Page(client_of(make_member("coordinator", bodies["kreis"])).get(LIST, {"district": "08426"}))

    assert {line[0] for line in _lines(page)} == {bodies["kreis"].name, bodies["body"].name}
    assert "district" not in page.values(of="get")


def test_ministry_that_chose_a_kreis_is_told_who_works_in_it_from_elsewhere():
    kreis = make_organisation(kind="district", district="08425")
    for number in range(2):
        body = make_organisation(kind="provider", district="08426", name=f"Caritas {number}")
        make_case(
            manager=make_manager(organisation=body, municipalities=places_of(kreis)), municipality=places_of(kreis)[0]
        )
    _summarise()
    client = client_of(make_member("ministry"))

    chosen, whole = Page(client.get(LIST, {"district": "08425"})), Page(client.get(LIST))

    assert "these are seated elsewhere: Caritas 0, Caritas 1 (what they do in this district" in chosen.main.text
    assert chosen.one("a", href=reverse("funding:district", args=["08425"])).text == "To the overview"
    assert "Not in this list" not in whole.main.text
