from datetime import date, timedelta

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone, translation

from casework.models import Case, Manager
from casework.services.cases import change_case, close_case, open_case, reopen_case
from casework.services.plans import make_plan
from pik.models import Measure
from pik.months import months_later
from tests.factories import (
    end_employment,
    make_case,
    make_contact,
    make_manager,
    make_membership,
    make_organisation,
    make_referral,
    places_of,
)
from tests.scene import make_scene

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)
COUNTS = ["deutsch", "bws", "inturo", "queer"]


def _bands(**overrides: object) -> dict[str, object]:
    return {
        "opened_on": TODAY - 10 * DAY,
        "age_band": "18-24",
        "household_band": "1",
        "origin_group": "africa",
        "residence_group": "procedure",
        "arrival_year": 2024,
        **overrides,
    }


def _change(case: Case, **overrides: object) -> Case:
    return change_case(case=case, municipality=case.municipality, **_bands(**overrides))


def test_open_case_keeps_the_bands_under_a_fresh_code():
    manager = make_manager()
    place = places_of(manager.organisation)[0]

    case = open_case(manager=manager, measure=Measure.objects.get(code="im"), municipality=place, **_bands())

    case.refresh_from_db()
    assert (case.opened_by, case.organisation, case.municipality) == (manager, manager.organisation, place)
    assert (case.age_band, case.household_band, case.origin_group, case.residence_group, case.arrival_year) == (
        "18-24",
        "1",
        "africa",
        "procedure",
        2024,
    )
    assert case.is_open


def test_open_case_drops_origin_where_the_measure_does_not_record_it():
    manager = make_manager(measure="jbh")
    place = places_of(manager.organisation)[0]

    case = open_case(manager=manager, measure=Measure.objects.get(code="jbh"), municipality=place, **_bands())

    assert (case.origin_group, case.residence_group, case.arrival_year) == ("", "", None)


@pytest.mark.parametrize("measure", COUNTS)
def test_open_case_in_a_measure_of_counts_names_the_field(measure):
    manager = make_manager()
    place = places_of(manager.organisation)[0]

    with pytest.raises(ValidationError) as caught:
        open_case(manager=manager, measure=Measure.objects.get(code=measure), municipality=place, **_bands())

    assert list(caught.value.message_dict) == ["measure"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"opened_on": TODAY + DAY}, "opened_on"),
        ({"age_band": "young"}, "age_band"),
        ({"household_band": ""}, "household_band"),
        ({"origin_group": ""}, "origin_group"),
        ({"residence_group": ""}, "residence_group"),
        ({"arrival_year": 1066}, "arrival_year"),
    ],
)
def test_open_and_change_case_with_an_error_name_the_field_and_keep_nothing(wrong, field):
    known = make_case()
    before = Case.objects.filter(pk=known.pk).values().get()

    with pytest.raises(ValidationError) as opening:
        make_case(manager=known.opened_by, **wrong)
    with pytest.raises(ValidationError) as changing:
        _change(known, **wrong)

    assert (list(opening.value.message_dict), list(changing.value.message_dict)) == ([field], [field])
    assert Case.objects.filter(opened_by=known.opened_by).values().get() == before


def test_open_case_after_the_end_of_its_measure_names_the_field():
    Measure.objects.filter(code="im").update(ends_on=TODAY - DAY)

    with pytest.raises(ValidationError) as caught:
        make_case(opened_on=TODAY)

    assert list(caught.value.message_dict) == ["measure"]


def test_open_case_before_the_start_of_its_measure_names_the_field():
    Measure.objects.filter(code="im").update(starts_on=date(2026, 6, 1))

    with pytest.raises(ValidationError) as caught:
        make_case(opened_on=date(2026, 5, 31))

    assert list(caught.value.message_dict) == ["opened_on"]


def test_change_case_behind_a_contact_names_the_field():
    case = make_contact(date=TODAY - 20 * DAY).case

    with pytest.raises(ValidationError) as caught:
        _change(case, opened_on=TODAY - 19 * DAY)

    assert list(caught.value.message_dict) == ["opened_on"]


def test_change_case_behind_a_plan_names_the_field():
    case = make_case(opened_on=TODAY - 20 * DAY)
    make_plan(case=case, agreed_on=TODAY - 15 * DAY)

    with pytest.raises(ValidationError) as caught:
        _change(case, opened_on=TODAY - 14 * DAY)
    _change(case, opened_on=TODAY - 15 * DAY)

    assert list(caught.value.message_dict) == ["opened_on"]
    assert Case.objects.get().opened_on == TODAY - 15 * DAY


def test_change_case_of_a_closed_case_is_refused():
    case = make_case()
    close_case(case=case, closed_on=TODAY, reason="moved")

    with pytest.raises(ValidationError):
        _change(case)


def test_close_case_ends_it_on_the_day():
    case = make_case()

    close_case(case=case, closed_on=TODAY, reason="self_reliant")

    case.refresh_from_db()
    assert (case.is_open, case.closed_on, case.closing_reason) == (False, TODAY, "self_reliant")


@pytest.mark.parametrize(
    ("closed_on", "reason", "field"),
    [
        (TODAY + DAY, "moved", "closed_on"),
        (TODAY - 91 * DAY, "moved", "closed_on"),
        (TODAY, "bored", "reason"),
        (TODAY, "", "reason"),
    ],
)
def test_close_case_with_an_error_names_the_field_and_keeps_it_open(closed_on, reason, field):
    case = make_case(opened_on=TODAY - 90 * DAY)

    with pytest.raises(ValidationError) as caught:
        close_case(case=case, closed_on=closed_on, reason=reason)

    case.refresh_from_db()
    assert list(caught.value.message_dict) == [field]
    assert case.is_open


@pytest.mark.parametrize("extended", [False, True])
def test_end_of_the_funding_time_is_no_reason_before_the_month_in_which_it_ends(extended, monkeypatch):
    monkeypatch.setattr(timezone, "localdate", lambda: date(2026, 11, 24))
    years = settings.CASE_EXTENDED_MONTHS if extended else settings.CASE_LIMIT_MONTHS
    case = make_case(opened_on=months_later(date(2026, 11, 12), -years))
    if extended:
        Case.objects.filter(pk=case.pk).update(
            extension_reason="health", extended_by=case.opened_by.user, extended_at=timezone.now()
        )

    with translation.override("en"), pytest.raises(ValidationError) as caught:
        close_case(case=case, closed_on=date(2026, 10, 31), reason="time_limit")
    closed = close_case(case=case, closed_on=date(2026, 11, 1), reason="time_limit")

    assert caught.value.message_dict == {
        "reason": ["The funding time ends on 12 Nov 2026. This reason holds from 1 Nov 2026 on; choose another one."]
    }
    assert closed.closed_on == date(2026, 11, 1)


def test_close_case_before_its_last_contact_names_the_field():
    case = make_contact(date=TODAY - DAY).case

    with pytest.raises(ValidationError) as caught:
        close_case(case=case, closed_on=TODAY - 2 * DAY, reason="moved")
    close_case(case=case, closed_on=TODAY - DAY, reason="moved")

    assert list(caught.value.message_dict) == ["closed_on"]


def test_close_case_before_its_last_referral_names_the_field():
    case = make_referral(referred_on=TODAY - DAY).case

    with pytest.raises(ValidationError) as caught:
        close_case(case=case, closed_on=TODAY - 2 * DAY, reason="moved")
    close_case(case=case, closed_on=TODAY - DAY, reason="moved")

    assert list(caught.value.message_dict) == ["closed_on"]


def test_close_case_twice_is_refused():
    case = make_case()
    close_case(case=case, closed_on=TODAY - DAY, reason="moved")

    with pytest.raises(ValidationError):
        close_case(case=case, closed_on=TODAY, reason="other")

    case.refresh_from_db()
    assert (case.closed_on, case.closing_reason) == (TODAY - DAY, "moved")


def test_reopen_case_takes_day_and_reason_back():
    case = make_case()
    close_case(case=case, closed_on=TODAY - DAY, reason="moved")

    reopen_case(case=case)
    contact = make_contact(case=case, date=TODAY)

    case.refresh_from_db()
    assert (case.is_open, case.closing_reason) == (True, "")
    assert case.contacts.get() == contact


# Who sees a case.


def test_case_visible_to_who_answers_for_it_only():
    scene = make_scene()
    cases = {name: make_case(manager=manager) for name, manager in scene.managers().items()}

    seen = scene.seen(cases)

    assert {reader: found for reader, found in seen.items() if found} == {"manager": {"mine"}}


def test_contact_visible_to_who_recorded_it_only():
    scene = make_scene()
    contacts = {name: make_contact(manager=manager) for name, manager in scene.managers().items()}

    seen = scene.seen(contacts)

    assert {reader: found for reader, found in seen.items() if found} == {"manager": {"mine"}}


def test_case_and_contact_stay_with_the_organisation_when_the_manager_changes_employer():
    contact = make_contact()
    manager, user = contact.manager, contact.manager.user
    close_case(case=contact.case, closed_on=TODAY, reason="moved")
    end_employment(manager, TODAY - DAY)
    there = make_membership(user=user, organisation=make_organisation(), role="manager").organisation
    Manager.objects.create(user=user, organisation=there)

    user = type(user).objects.get(pk=user.pk)

    assert (user.membership.role, user.membership.organisation) == ("manager", there)
    assert (list(Case.objects.visible_to(user)), list(type(contact).objects.visible_to(user))) == ([], [])


def test_case_is_hidden_while_its_manager_acts_as_coordinator():
    case = make_case()
    user = case.opened_by.user
    coordinator = make_membership(user=user, organisation=case.organisation, role="coordinator")

    user.acting_membership_id = coordinator.pk

    assert list(Case.objects.visible_to(user)) == []


def test_case_used_last_stands_on_top_of_the_choice():
    manager = make_manager()
    first, second, third = (make_case(manager=manager) for _ in range(3))
    make_contact(case=second)
    close_case(case=third, closed_on=TODAY, reason="moved")

    choice = list(Case.objects.visible_to(manager.user).for_choice(manager.user))

    assert choice == [second, first]
    assert list(Case.objects.visible_to(manager.user).for_choice(manager.user, keep=third.pk)) == [second, third, first]


def test_case_list_shows_open_cases_first_and_the_latest_of_them_on_top():
    manager = make_manager()
    old, new, closed = (make_case(manager=manager, opened_on=TODAY - days * DAY) for days in (90, 10, 50))
    close_case(case=closed, closed_on=TODAY, reason="moved")

    assert list(Case.objects.visible_to(manager.user).for_case_list()) == [new, old, closed]


def test_case_is_found_by_a_part_of_its_code_with_or_without_the_hyphen():
    case = make_case()
    part = case.code[2:7].lower()

    for text in (f" {part} ", part.replace("-", ""), part.replace("-", " ")):
        assert list(Case.objects.with_code_like(text)) == [case]
    assert list(Case.objects.with_code_like("O0")) == []


def test_cases_are_told_apart_by_state():
    manager = make_manager()
    opened, closed = make_case(manager=manager), make_case(manager=manager)
    close_case(case=closed, closed_on=TODAY, reason="moved")

    own = Case.objects.visible_to(manager.user)

    assert list(own.in_state("open")) == [opened]
    assert list(own.in_state("closed")) == [closed]
    assert set(own.in_state("all")) == {opened, closed}


def test_record_contact_marks_the_case_as_used():
    case = make_case()
    before = case.last_used_at

    make_contact(case=case)

    case.refresh_from_db()
    assert case.last_used_at > before
