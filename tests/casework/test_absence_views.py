from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.models import Absence, Case, Contact, Deputyship, Manager
from casework.services.absences import name_deputy, record_absence
from pik.models import User
from tests.factories import make_case, make_manager, make_member, make_organisation
from tests.forms import assert_refused, submit
from tests.pages import Page, client_of

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)
LAST = TODAY + 30 * DAY
START, CASES = reverse("casework:start"), reverse("casework:case_list")


def _written(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _coordinator(manager: Manager) -> User:
    return make_member("coordinator", manager.organisation)


def _address(name: str, row: Manager | Absence | Deputyship) -> str:
    return reverse(f"casework:{name}", args=[row.pk])


def _absence(manager: Manager) -> Absence:
    return record_absence(manager=manager, kind="illness", starts_on=TODAY, ends_on=None)


def _pair(**dates: object) -> tuple[Manager, Manager, Deputyship]:
    manager = make_manager(name="Gerda")
    deputy = make_manager(organisation=manager.organisation, name="Ada")
    values = {"starts_on": TODAY, "ends_on": LAST, **dates}
    return manager, deputy, name_deputy(manager=manager, deputy=deputy, **values)


def test_absence_is_recorded_and_open_cases_are_pointed_out():
    manager = make_manager()
    make_case(manager=manager)
    sent = {"kind": "parental", "starts_on": TODAY.isoformat(), "ends_on": ""}

    page = Page(client_of(_coordinator(manager)).post(_address("absence_new", manager), sent, follow=True))

    assert page.messages == ["Absence saved. Open cases: 1. Name a deputy, or pass the cases on."]
    assert [row[1:3] for row in page.rows("absences-caption")] == [["end not known", "Parental leave"]]
    assert "Absent today with 1 open case, and nobody stands in." in page.main.text


def test_absent_colleague_is_offered_last_with_the_day_until_which_and_no_reason():
    manager, *_colleagues = _team_with_absences()

    page = Page(client_of(_coordinator(manager)).get(_address("deputy_new", manager)))

    words = [f"Ada, absent until {_written(LAST)}", "Berta, absent, end not known"]
    assert _options(page, "deputy") == ["Please choose", "Zoe", *words]
    assert "Parental" not in page.main.text


@pytest.mark.parametrize("name", ["manager_handover", "manager_leave"])
def test_receiver_of_cases_is_offered_with_the_absence_to_the_employer_alone(name):
    manager, *_others = _team_with_absences()
    make_case(manager=manager)
    kreis = make_organisation(kind="district", district=manager.organisation.district)

    own = Page(client_of(_coordinator(manager)).get(_address(name, manager)))
    other = Page(client_of(make_member("coordinator", kreis)).get(_address(name, manager)))

    load = "(open cases: 0, FTE: 1.00)"
    assert _options(own, "rest")[1:] == [
        f"Zoe {load}",
        f"Ada, absent until {_written(LAST)} {load}",
        f"Berta, absent, end not known {load}",
    ]
    assert _options(other, "rest")[1:] == [f"Ada {load}", f"Berta {load}", f"Zoe {load}"]


def _options(page: Page, name: str) -> list[str]:
    return [option.text for option in page.one("select", name=name).all("option")]


def _team_with_absences() -> tuple[Manager, ...]:
    """A manager and three colleagues, of whom two are away today and one is only tomorrow."""
    manager = make_manager(organisation=make_organisation(kind="municipality"))
    found = [make_manager(organisation=manager.organisation, name=name) for name in ("Zoe", "Ada", "Berta")]
    for colleague, first, last in zip(found, (TODAY + DAY, TODAY, TODAY), (LAST, LAST, None), strict=True):
        record_absence(manager=colleague, kind="parental", starts_on=first, ends_on=last)
    return manager, *found


def test_absence_is_corrected_and_removed():
    absence = _absence(make_manager())
    client = client_of(_coordinator(absence.manager))
    sent = {"kind": "other", "starts_on": TODAY.isoformat(), "ends_on": LAST.isoformat()}

    form = Page(client.get(_address("absence_edit", absence))).values()
    client.post(_address("absence_edit", absence), sent, follow=True)
    absence.refresh_from_db()
    page = Page(client.post(_address("absence_withdraw", absence), follow=True))

    assert (form["kind"], form["starts_on"], form["ends_on"]) == (["illness"], [TODAY.isoformat()], [""])
    assert (absence.kind, absence.ends_on) == ("other", LAST)
    assert (page.messages, Absence.objects.count()) == (["The absence was removed."], 0)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("kind", {"kind": ""}),
        ("kind", {"kind": "holiday"}),
        ("starts_on", {"starts_on": "soon"}),
        ("starts_on", {"starts_on": LAST.isoformat()}),
        ("ends_on", {"ends_on": (TODAY - DAY).isoformat()}),
    ],
)
def test_wrong_absence_is_explained(field, values):
    absence = _absence(make_manager())
    sent = {"kind": "other", "starts_on": TODAY.isoformat(), "ends_on": "", **values}

    page = submit(client_of(_coordinator(absence.manager)), _address("absence_new", absence.manager), sent)

    assert_refused(page, field, sent)
    assert Absence.objects.count() == 1


def test_coordinator_of_the_kreis_learns_nothing_of_absences_and_deputies():
    kreis = make_organisation(district="08425")
    manager = make_manager(organisation=make_organisation(kind="municipality", district="08425"))
    absence = _absence(manager)
    client = client_of(make_member("coordinator", kreis))

    page = Page(client.get(_address("manager_detail", manager)))

    assert [word for word in ("Long illness", "Absent", "Absences", "Deputies") if word in page.main.text] == []
    for name, row in (("absence_new", manager), ("absence_edit", absence), ("deputy_new", manager)):
        assert client.get(_address(name, row)).status_code == 404


def test_deputy_is_named_for_the_time_of_the_absence_and_ended():
    absence = _absence(make_manager(name="Gerda"))
    deputy = make_manager(organisation=absence.manager.organisation, name="Ada")
    client = client_of(_coordinator(deputy))
    sent = {"deputy": deputy.pk, "starts_on": TODAY.isoformat(), "ends_on": LAST.isoformat()}

    form = Page(client.get(_address("deputy_new", absence.manager)))
    named = Page(client.post(_address("deputy_new", absence.manager), sent, follow=True))
    ended = Page(client.post(_address("deputy_end", Deputyship.objects.get()), follow=True))

    assert form.values()["starts_on"] == [TODAY.isoformat()]
    assert named.messages == ["Ada stands in for Gerda and sees the cases in that time."]
    assert [row[:2] for row in named.rows("deputies-caption")] == [["Ada", "Gerda"]]
    assert (ended.messages, Deputyship.objects.get().ends_on) == (["The deputyship ends today."], TODAY)


def test_deputyship_that_has_not_begun_is_taken_back():
    manager, _deputy, deputyship = _pair(starts_on=TODAY + DAY)

    page = Page(client_of(_coordinator(manager)).post(_address("deputy_end", deputyship), follow=True))

    assert (page.messages, Deputyship.objects.count()) == (["The deputyship was taken back."], 0)


@pytest.mark.parametrize(
    ("field", "values"),
    [("deputy", {"deputy": ""}), ("ends_on", {"ends_on": ""}), ("ends_on", {"ends_on": (TODAY - DAY).isoformat()})],
)
def test_wrong_deputy_is_explained(field, values):
    manager = make_manager()
    deputy = make_manager(organisation=manager.organisation)
    sent = {"deputy": deputy.pk, "starts_on": TODAY.isoformat(), "ends_on": LAST.isoformat(), **values}

    page = submit(client_of(_coordinator(manager)), _address("deputy_new", manager), sent)

    assert_refused(page, field, sent)
    assert Deputyship.objects.count() == 0


def test_deputy_is_told_for_whom_and_tells_the_cases_apart():
    manager, deputy, _deputyship = _pair()
    own, other = make_case(manager=deputy), make_case(manager=manager)
    make_case()
    client = client_of(deputy.user)

    def listed(**query: str) -> dict[str, str]:
        return {row[0]: row[1] for row in Page(client.get(CASES, query)).rows("cases-caption")}

    notice = f"You stand in for Gerda until {_written(LAST)}."
    assert [notice in Page(client.get(address)).main.text for address in (START, CASES)] == [True, True]
    assert listed() == listed(whose="all") == listed(whose="x") == {own.code: "my own", other.code: "Gerda"}
    assert listed(whose="own") == {own.code: "my own"}
    assert listed(whose="others") == {other.code: "Gerda"}


def test_deputy_records_a_contact_with_a_case_of_the_other():
    manager, deputy, _deputyship = _pair()
    case = make_case(manager=manager)
    sent = {
        "case": case.code,
        "date": TODAY.isoformat(),
        "minutes": 20,
        "kind": "crisis",
        "channel": "phone",
        "topics": ["1"],
        "mediation": "none",
    }

    response = client_of(deputy.user).post(reverse("casework:contact_new"), sent)

    assert (response.status_code, Contact.objects.get().manager) == (302, deputy)


def test_who_stands_in_for_nobody_is_asked_nothing_about_it():
    case = make_case()
    client = client_of(case.opened_by.user)

    page = Page(client.get(CASES, {"whose": "others"}))

    assert page.main.all(name="whose") == []
    assert [row[0] for row in page.rows("cases-caption")] == [case.code]
    assert Case.objects.count() == 1


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("address", "queries"), [(START, 11), (CASES, 7)])
def test_deputy_pages_ask_as_often_for_one_case_as_for_three(rows, address, queries, django_assert_num_queries):
    manager, deputy, _deputyship = _pair()
    for _number in range(rows):
        make_case(manager=manager)
        name_deputy(
            manager=make_manager(organisation=manager.organisation), deputy=deputy, starts_on=TODAY, ends_on=LAST
        )
    client = client_of(deputy.user)

    with django_assert_num_queries(queries):
        response = client.get(address)

    assert response.status_code == 200
