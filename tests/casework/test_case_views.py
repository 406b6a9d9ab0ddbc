from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.models import Case
from casework.services.cases import close_case
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


def test_case_is_opened_with_a_code_that_the_page_names():
    manager = make_manager()

    response = client_of(manager.user).post(NEW, _entered(manager), follow=True)

    case, page = Case.objects.get(), Page(response)
    assert (case.opened_by, case.organisation, case.measure_id) == (manager, manager.organisation, "im")
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
    manager = make_manager(fte=Decimal("0.50"))
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


@pytest.mark.parametrize("value", ["AAAA", "aaaa", "-A-"])
def test_code_that_fits_nothing_finds_nothing(value):
    case = make_case()

    page = Page(client_of(case.opened_by.user).get(LIST, {"code": value}))

    assert (page.response.status_code, page.all("table")) == (200, [])


@pytest.mark.parametrize("value", ["\x00", "K7M3QX4PK7", "%", "_", "'OR 1=1--", "Frau M.", "zzzz!"])
def test_code_that_cannot_be_one_is_named_and_finds_nothing(value):
    case = make_case()

    page = Page(client_of(case.opened_by.user).get(LIST, {"code": value}))

    assert page.field_error("code") != ""
    assert page.all("table") == []
    assert "0 cases in this selection" in page.main.text


def test_second_page_keeps_the_filter():
    manager = make_manager()
    for _number in range(51):
        _closed(manager=manager)
    client = client_of(manager.user)

    first = Page(client.get(LIST, {"state": "closed"}))
    second = Page(client.get(LIST + first.one("a", rel="next")["href"]))

    assert [len(page.rows("cases-caption")) for page in (first, second)] == [50, 1]


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("name", "queries"), [("case_list", 7), ("case_new", 7), ("case_detail", 10), ("case_edit", 7), ("case_close", 6)]
)
def test_pages_ask_as_often_for_one_row_as_for_three(rows, name, queries, django_assert_num_queries):
    manager = make_manager(fte=Decimal("0.25"))
    for number in range(rows):
        if number:
            give_post(manager, "jbh", fte=Decimal("0.25"))
        case = make_case(manager=manager)
        for _contact in range(rows):
            make_contact(case=case)
    client = client_of(manager.user)
    address = reverse(f"casework:{name}") if name in ("case_list", "case_new") else _address(name, case)

    with django_assert_num_queries(queries):
        response = client.get(address)

    assert response.status_code == 200
