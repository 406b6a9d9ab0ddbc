from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.codes import with_check_digit
from casework.models import Case, Contact
from casework.services.cases import close_case
from pik.models import Municipality
from tests.factories import make_case, make_contact, make_manager, place_of
from tests.forms import assert_refused, submit
from tests.pages import Page, client_of
from tests.world import give_post

pytestmark = pytest.mark.django_db
NEW = reverse("casework:case_new")
LIST = reverse("casework:case_list")
ORIGIN = {"origin_group": "africa", "residence_group": "tolerated", "arrival_year": "2023"}


def _address(name: str, case: Case) -> str:
    return reverse(f"casework:{name}", args=[case.code])


def _entered(manager, **overrides: object) -> dict[str, object]:
    values = {
        "measure": "im",
        "municipality": place_of(manager).pk,
        "opened_on": (timezone.localdate() - timedelta(days=3)).isoformat(),
        "age_band": "35-49",
        "household_band": "5+",
        **ORIGIN,
    }
    return {**values, **overrides}


def _closed(**overrides: object) -> Case:
    case = make_case(**overrides)
    return close_case(case=case, closed_on=timezone.localdate(), reason="moved")


# --- Opening ------------------------------------------------------------------------------------------


def test_case_is_opened_with_a_code_that_the_page_names():
    manager = make_manager()

    response = client_of(manager.user).post(NEW, _entered(manager), follow=True)

    case, page = Case.objects.get(), Page(response)
    assert (case.manager, case.organisation, case.measure_id) == (manager, manager.organisation, "im")
    assert (case.age_band, case.household_band) == ("35-49", "5+")
    assert (case.origin_group, case.residence_group, case.arrival_year) == ("africa", "tolerated", 2023)
    assert response.redirect_chain == [(_address("case_detail", case), 302)]
    assert page.messages == [f"Case {case.code} opened. Note the code in your own papers."]
    assert page.heading == f"Case {case.code}"


def _wrong() -> list[tuple[str, object]]:
    today = timezone.localdate()
    return [
        ("measure", ""),
        ("measure", "jbh"),
        ("measure", "deutsch"),
        ("measure", "\x00"),
        ("municipality", ""),
        ("municipality", "08425002"),
        ("municipality", "\x00"),
        ("opened_on", ""),
        ("opened_on", "yesterday"),
        ("opened_on", (today + timedelta(days=1)).isoformat()),
        ("opened_on", "2016-12-31"),
        ("age_band", ""),
        ("age_band", "42"),
        ("household_band", "7"),
        ("origin_group", ""),
        ("origin_group", "Syria"),
        ("residence_group", ""),
        ("arrival_year", "1949"),
        ("arrival_year", str(today.year + 1)),
        ("arrival_year", "last year"),
    ]


@pytest.mark.parametrize(("field", "value"), _wrong())
def test_wrong_entry_is_explained_and_nothing_typed_is_lost(field, value):
    manager = make_manager()
    sent = _entered(manager, **{field: value})

    page = submit(client_of(manager.user), NEW, sent)

    assert_refused(page, field, sent)
    assert Case.objects.count() == 0


def test_measure_without_origin_neither_asks_for_it_nor_keeps_it():
    manager = make_manager(measure="jbh")
    client = client_of(manager.user)

    form = Page(client.get(NEW)).values()
    response = client.post(NEW, _entered(manager, measure="jbh"))

    assert set(form) & set(ORIGIN) == set()
    assert response.status_code == 302
    assert Case.objects.values_list(*ORIGIN).get() == ("", "", None)


def test_manager_of_two_measures_is_asked_for_origin_only_where_it_is_recorded():
    manager = make_manager()
    give_post(manager, "jbh")
    client = client_of(manager.user)
    silent = dict.fromkeys(ORIGIN, "")

    refused = submit(client, NEW, _entered(manager, **silent))
    response = client.post(NEW, _entered(manager, measure="jbh", **silent))

    assert [name for name, _line in refused.errors] == ["id_origin_group", "id_residence_group"]
    assert response.status_code == 302
    assert list(Case.objects.values_list("measure", flat=True)) == ["jbh"]


@pytest.mark.parametrize("measure", ["deutsch", "queer"])
def test_manager_without_a_post_with_cases_is_told_whom_to_ask(measure):
    manager = make_manager(measure=measure)

    page = Page(client_of(manager.user).get(NEW))

    assert page.main.all("form") == []
    assert "You fill no post with cases today. Ask your coordinator to check your post." in page.main.text


def test_manager_whose_post_has_ended_opens_no_case():
    manager = make_manager()
    manager.assignments.update(ends_on=timezone.localdate() - timedelta(days=1))

    page = submit(client_of(manager.user), NEW, _entered(manager))

    assert {name for name, _line in page.errors} == {"id_measure", "id_municipality"}
    assert Case.objects.count() == 0


# --- List ---------------------------------------------------------------------------------------------


def test_list_shows_own_cases_by_state():
    manager = make_manager()
    fresh, closed = make_case(manager=manager), _closed(manager=manager)
    due = make_case(manager=manager, opened_on=timezone.localdate() - timedelta(days=1200))
    make_case()
    client = client_of(manager.user)

    def codes(**query: str) -> set[str]:
        page = Page(client.get(LIST, query))
        return {row[0] for row in page.rows("cases-caption")} if "No case in this" not in page.text else set()

    assert codes() == codes(state="open") == {fresh.code, due.code}
    assert codes(state="due") == {due.code}
    assert codes(state="closed") == {closed.code}
    assert codes(state="all") == {fresh.code, due.code, closed.code}
    assert codes(state="all", code=closed.code[:4].lower()) == {closed.code}
    assert codes(code=closed.code) == set()


@pytest.mark.parametrize("value", ["stolen", "<script>alert(1)</script>", "\x00", "' OR 1=1 --"])
def test_unknown_state_falls_back_to_open_cases(value):
    manager = make_manager()
    case = make_case(manager=manager)
    _closed(manager=manager)

    page = Page(client_of(manager.user).get(LIST, {"state": value}))

    assert [row[0] for row in page.rows("cases-caption")] == [case.code]
    assert page.all("script", where=lambda node: "src" not in node.attrs) == []


@pytest.mark.parametrize("value", ["%", "_", "'OR 1=1--", "AAAA"])
def test_code_that_fits_nothing_finds_nothing(value):
    case = make_case()

    page = Page(client_of(case.manager.user).get(LIST, {"code": value}))

    assert (page.response.status_code, page.all("table")) == (200, [])


@pytest.mark.parametrize("value", ["\x00", "K7M3QX4PK7"])
def test_code_that_cannot_be_one_is_named_and_limits_nothing(value):
    case = make_case()

    page = Page(client_of(case.manager.user).get(LIST, {"code": value}))

    assert page.field_error("code") != ""
    assert [row[0] for row in page.rows("cases-caption")] == [case.code]


def test_second_page_keeps_the_filter():
    manager = make_manager()
    for _number in range(51):
        _closed(manager=manager)
    client = client_of(manager.user)

    first = Page(client.get(LIST, {"state": "closed"}))
    second = Page(client.get(LIST + first.one("a", rel="next")["href"]))

    assert [len(page.rows("cases-caption")) for page in (first, second)] == [50, 1]


# --- One case -----------------------------------------------------------------------------------------


def test_detail_shows_bands_and_latest_contacts():
    case = make_case()
    make_contact(case=case, minutes=77)
    make_contact(case=make_case(manager=case.manager), minutes=88)

    page = Page(client_of(case.manager.user).get(_address("case_detail", case)))

    shown = {entry.one("dt").text: entry.one("dd").text for entry in page.one("dl").all("div")}
    assert shown["Age of the main person"] == "25 to 34"
    assert shown["Region of origin"] == "Ukraine"
    assert shown["Year of arrival in Germany"] == "2022"
    assert [row[3] for row in page.rows("contacts-caption")] == ["77"]


def test_detail_of_a_case_without_origin_is_silent_about_it():
    case = make_case(measure="jbh")

    page = Page(client_of(case.manager.user).get(_address("case_detail", case)))

    assert "Region of origin" not in page.text


@pytest.mark.parametrize("code", ["AAAA-AAAA", "k7m3-qx4p", "0000-0000", "%00"])
def test_code_with_a_wrong_check_digit_or_shape_is_not_found(code):
    manager = make_manager()

    response = client_of(manager.user).get(f"{LIST}{code}/")

    assert with_check_digit("AAAAAAA") != "AAAA-AAAA"
    assert response.status_code == 404


def test_change_starts_from_what_is_stored_and_replaces_it():
    case = make_case()
    client = client_of(case.manager.user)

    held = Page(client.get(_address("case_edit", case))).values()
    response = client.post(_address("case_edit", case), {**held, "age_band": "65+"}, follow=True)

    after = Case.objects.get()
    assert held["age_band"] == ["25-34"]
    assert held["municipality"] == [case.municipality_id]
    assert (after.age_band, after.opened_on, after.arrival_year) == ("65+", case.opened_on, 2022)
    assert Page(response).messages == [f"Case {case.code} changed."]


@pytest.mark.parametrize(
    ("field", "value"),
    [("opened_on", ""), ("opened_on", "2016-12-31"), ("municipality", ""), ("age_band", ""), ("origin_group", "")],
)
def test_wrong_change_is_explained_and_nothing_is_changed(field, value):
    case = make_case()
    sent = {**_entered(case.manager), field: value}
    del sent["measure"]

    page = submit(client_of(case.manager.user), _address("case_edit", case), sent)

    assert_refused(page, field, sent)
    assert Case.objects.get().age_band == case.age_band


def test_opening_cannot_move_behind_the_first_contact():
    contact = make_contact()
    case = Case.objects.get(pk=contact.case_id)
    contact_day = timezone.localdate() - timedelta(days=5)
    make_contact(case=case, date=contact_day)
    sent = {**_entered(case.manager), "opened_on": (contact_day + timedelta(days=1)).isoformat()}
    del sent["measure"]

    page = submit(client_of(case.manager.user), _address("case_edit", case), sent)

    assert_refused(page, "opened_on", sent)
    assert Case.objects.get().opened_on == case.opened_on


def test_place_that_is_no_longer_served_stays_choosable_for_its_case():
    case = make_case()
    manager = case.manager
    post = manager.assignments.get().post
    post.municipalities.set(Municipality.objects.filter(district=post.district).exclude(pk=case.municipality_id)[:1])

    held = Page(client_of(manager.user).get(_address("case_edit", case))).values()

    assert held["municipality"] == [case.municipality_id]


def test_closed_case_cannot_be_changed():
    case = _closed()
    sent = _entered(case.manager)
    del sent["measure"]

    page = submit(client_of(case.manager.user), _address("case_edit", case), sent)

    assert page.errors == [("", "This case was closed in the meantime. Reopen it first.")]
    assert Case.objects.get().age_band == case.age_band


def test_case_is_closed_and_reopened():
    case = make_case()
    client = client_of(case.manager.user)

    closed = client.post(
        _address("case_close", case), {"closed_on": timezone.localdate().isoformat(), "reason": "work"}, follow=True
    )
    stored = Case.objects.values_list("closed_on", "closing_reason").get()
    reopened = client.post(_address("case_reopen", case), follow=True)

    assert stored == (timezone.localdate(), "work")
    assert Page(closed).messages == [f"Case {case.code} closed."]
    assert "transition into work" in Page(closed).one("dl").text
    assert Page(reopened).messages == [f"Case {case.code} is open again."]
    assert Case.objects.values_list("closed_on", "closing_reason").get() == (None, "")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("closed_on", ""),
        ("closed_on", "2016-12-31"),
        ("closed_on", (timezone.localdate() + timedelta(days=1)).isoformat()),
        ("closed_on", (timezone.localdate() - timedelta(days=1)).isoformat()),
        ("reason", ""),
        ("reason", "boredom"),
    ],
)
def test_wrong_end_is_explained_and_the_case_stays_open(field, value):
    contact = make_contact()
    sent = {"closed_on": timezone.localdate().isoformat(), "reason": "work", field: value}

    page = submit(client_of(contact.manager.user), _address("case_close", contact.case), sent)

    assert_refused(page, field, sent)
    assert Case.objects.get().is_open


def test_case_that_is_closed_twice_keeps_its_first_end():
    case = _closed()

    page = submit(
        client_of(case.manager.user),
        _address("case_close", case),
        {"closed_on": timezone.localdate().isoformat(), "reason": "work"},
    )

    assert page.errors == [("", "This case was closed in the meantime. Reopen it first.")]
    assert Case.objects.get().closing_reason == "moved"


def test_contact_form_of_a_closed_case_names_the_case_field():
    case = _closed()
    make_case(manager=case.manager)
    sent = {
        "case": case.pk,
        "date": timezone.localdate().isoformat(),
        "minutes": "5",
        "kind": "crisis",
        "channel": "phone",
        "topics": ["1"],
        "mediation": "none",
    }

    page = submit(client_of(case.manager.user), reverse("casework:contact_new"), sent)

    assert_refused(page, "case", sent)
    assert Contact.objects.count() == 0


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("name", "queries"), [("case_list", 5), ("case_new", 8), ("case_detail", 6), ("case_edit", 6), ("case_close", 4)]
)
def test_pages_ask_as_often_for_one_row_as_for_three(rows, name, queries, django_assert_num_queries):
    manager = make_manager()
    for number in range(rows):
        if number:
            give_post(manager, "jbh")
        case = make_case(manager=manager)
        for _contact in range(rows):
            make_contact(case=case)
    client = client_of(manager.user)
    address = reverse(f"casework:{name}") if name in ("case_list", "case_new") else _address(name, case)

    with django_assert_num_queries(queries):
        response = client.get(address)

    assert response.status_code == 200
