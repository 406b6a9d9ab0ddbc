from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.codes import with_check_digit
from casework.models import Case, Contact
from casework.services.cases import close_case
from pik.models import Municipality
from tests.factories import end_employment, make_case, make_contact, make_manager, place_of
from tests.forms import assert_refused, submit
from tests.pages import Page, client_of

pytestmark = pytest.mark.django_db
LIST = reverse("casework:case_list")


def _address(name: str, case: Case) -> str:
    return reverse(f"casework:{name}", args=[case.code])


def _entered(manager, **overrides: object) -> dict[str, object]:
    values = {
        "municipality": place_of(manager).pk,
        "opened_on": (timezone.localdate() - timedelta(days=3)).isoformat(),
        "age_band": "35-49",
        "household_band": "5+",
        "origin_group": "africa",
        "residence_group": "tolerated",
        "arrival_year": "2023",
    }
    return {**values, **overrides}


def _closed(**overrides: object) -> Case:
    case = make_case(**overrides)
    return close_case(case=case, closed_on=timezone.localdate(), reason="moved")


def test_detail_shows_bands_and_latest_contacts():
    case = make_case()
    make_contact(case=case, minutes=77)
    make_contact(case=make_case(manager=case.opened_by), minutes=88)

    page = Page(client_of(case.opened_by.user).get(_address("case_detail", case)))

    shown = {entry.one("dt").text: entry.one("dd").text for entry in page.all("dl")[0].all("div")}
    assert shown["Age of the main person"] == "25 to 34"
    assert shown["Region of origin"] == "Ukraine"
    assert shown["Year of arrival in Germany"] == "2022"
    assert [row[3] for row in page.rows("contacts-caption")] == ["77"]


def test_detail_of_a_case_without_origin_is_silent_about_it():
    case = make_case(measure="jbh")

    page = Page(client_of(case.opened_by.user).get(_address("case_detail", case)))

    assert "Region of origin" not in page.text


@pytest.mark.parametrize("code", ["AAAA-AAAA", "k7m3-qx4p", "0000-0000", "%00"])
def test_code_with_a_wrong_check_digit_or_shape_is_not_found(code):
    manager = make_manager()

    response = client_of(manager.user).get(f"{LIST}{code}/")

    assert with_check_digit("AAAAAAA") != "AAAA-AAAA"
    assert response.status_code == 404


def test_change_starts_from_what_is_stored_and_replaces_it():
    case = make_case()
    client = client_of(case.opened_by.user)

    shown = Page(client.get(_address("case_edit", case)))
    held = shown.values()
    response = client.post(_address("case_edit", case), {**held, "age_band": "65+"}, follow=True)

    after = Case.objects.get()
    assert "random code" not in shown.text
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
    sent = _entered(case.opened_by, **{field: value}) | {"version": case.version}

    page = submit(client_of(case.opened_by.user), _address("case_edit", case), sent)

    assert_refused(page, field, sent)
    assert Case.objects.get().age_band == case.age_band


def test_opening_cannot_move_behind_the_first_contact():
    contact = make_contact()
    case = Case.objects.get(pk=contact.case_id)
    contact_day = timezone.localdate() - timedelta(days=5)
    make_contact(case=case, date=contact_day)
    case.refresh_from_db()
    sent = {
        **_entered(case.opened_by),
        "opened_on": (contact_day + timedelta(days=1)).isoformat(),
        "version": case.version,
    }

    page = submit(client_of(case.opened_by.user), _address("case_edit", case), sent)

    assert_refused(page, "opened_on", sent)
    assert Case.objects.get().opened_on == case.opened_on


def test_place_that_is_no_longer_served_stays_choosable_for_its_case():
    case = make_case()
    manager = case.opened_by
    post = manager.assignments.get().post
    post.municipalities.set(Municipality.objects.filter(district=post.district).exclude(pk=case.municipality_id)[:1])

    held = Page(client_of(manager.user).get(_address("case_edit", case))).values()

    assert held["municipality"] == [case.municipality_id]


def test_closed_case_cannot_be_changed():
    case = _closed()
    sent = _entered(case.opened_by)

    page = submit(client_of(case.opened_by.user), _address("case_edit", case), sent)

    assert page.errors == [("", "This case was closed in the meantime. Reopen it first.")]
    assert Case.objects.get().age_band == case.age_band


def test_case_is_closed_and_reopened():
    case = make_case()
    client = client_of(case.opened_by.user)

    closed = client.post(
        _address("case_close", case), {"closed_on": timezone.localdate().isoformat(), "reason": "work"}, follow=True
    )
    stored = Case.objects.values_list("closed_on", "closing_reason").get()
    reopened = client.post(_address("case_reopen", case), follow=True)

    assert stored == (timezone.localdate(), "work")
    assert Page(closed).messages == [f"Case {case.code} closed."]
    assert "transition into work" in Page(closed).all("dl")[0].text
    assert Page(reopened).messages == [f"Case {case.code} is open again."]
    assert Case.objects.values_list("closed_on", "closing_reason").get() == (None, "")


def test_case_is_not_reopened_by_somebody_who_leaves_without_a_successor():
    case = _closed()
    end_employment(case.opened_by, timezone.localdate() + timedelta(days=10))

    response = client_of(case.opened_by.user).post(_address("case_reopen", case), follow=True)

    assert Page(response).messages == [
        "Your employment here ends soon, and nobody is named to take the case over. Ask your coordinator."
    ]
    assert not Case.objects.get().is_open


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
        client_of(case.opened_by.user),
        _address("case_close", case),
        {"closed_on": timezone.localdate().isoformat(), "reason": "work"},
    )

    assert page.errors == [("", "This case was closed in the meantime. Reopen it first.")]
    assert Case.objects.get().closing_reason == "moved"


def test_contact_form_of_a_closed_case_names_the_case_field():
    case = _closed()
    make_case(manager=case.opened_by)
    sent = {
        "case": case.code,
        "date": timezone.localdate().isoformat(),
        "minutes": "5",
        "kind": "crisis",
        "channel": "phone",
        "topics": ["1"],
        "mediation": "none",
    }

    page = submit(client_of(case.opened_by.user), reverse("casework:contact_new"), sent)

    assert_refused(page, "case", sent)
    assert Contact.objects.count() == 0
