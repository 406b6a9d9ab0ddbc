from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from casework.case_numbers import CaseNumbers, cases_by_manager, cases_by_place, cases_of
from casework.models import Case, Manager
from casework.personnel import open_cases, workload
from casework.services.cases import close_case
from casework.services.leavings import record_leaving
from tests.factories import hand_over, make_case, make_manager, make_member, make_organisation, places_of
from tests.pages import Page, client_of

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)
SOON, LATER = TODAY + 10 * DAY, TODAY + 20 * DAY


def _team(names: str = "Gerda Ada") -> list[Manager]:
    """Colleagues of a Kreis who serve the same two municipalities."""
    organisation = make_organisation(district="08425")
    places = places_of(organisation, 2)
    return [make_manager(organisation=organisation, municipalities=places, name=name) for name in names.split()]


def _cases(manager: Manager, number: int, **overrides: object) -> list[Case]:
    return [make_case(manager=manager, **overrides) for _number in range(number)]


def test_numbers_of_today_and_of_every_later_day_on_which_they_become_others():
    giver, receiver = _team()
    _kept, soon, later, back = _cases(giver, 4)
    hand_over(soon, receiver, SOON)
    hand_over(later, receiver, LATER)
    hand_over(back, receiver, SOON)
    hand_over(back, giver, LATER)
    close_case(case=make_case(manager=giver), closed_on=TODAY, reason="moved")
    foreign = make_case()

    numbers = cases_by_manager(giver.organisation_id, day=TODAY)

    # On LATER one case goes and one comes back, so that the giver's number stays.
    assert numbers == {giver.pk: CaseNumbers(4, ((SOON, 2),)), receiver.pk: CaseNumbers(0, ((SOON, 2),))}
    assert {pk: cases_of(each, day=TODAY) for pk, each in ((giver.pk, giver), (receiver.pk, receiver))} == numbers
    assert cases_of(foreign.opened_by, day=TODAY) == CaseNumbers(1)


def test_numbers_are_those_of_each_municipality():
    giver, receiver = _team()
    here, there = places_of(giver.organisation, 2)
    _cases(giver, 2, municipality=here)
    hand_over(make_case(manager=giver, municipality=there), receiver, SOON)
    hand_over(make_case(manager=receiver, municipality=here), giver, LATER)

    assert cases_by_place(giver, day=TODAY) == {
        here.pk: CaseNumbers(2, ((LATER, 3),)),
        there.pk: CaseNumbers(1, ((SOON, 0),)),
    }
    assert cases_by_place(receiver, day=TODAY) == {
        here.pk: CaseNumbers(1, ((LATER, 0),)),
        there.pk: CaseNumbers(0, ((SOON, 1),)),
    }


def test_who_has_no_case_today_or_later_has_no_number():
    manager, colleague = _team()
    hand_over(make_case(manager=manager), colleague, TODAY)

    assert (bool(cases_of(manager, day=TODAY)), cases_by_place(manager, day=TODAY)) == (False, {})
    assert bool(CaseNumbers(0, ((SOON, 1),)))


@pytest.mark.parametrize(
    ("numbers", "seen"),
    [
        (CaseNumbers(7, ((SOON, 8),)), CaseNumbers(5, ((SOON, 10),))),
        # A day on which the rounded number stays would tell that something changes by one or two.
        (CaseNumbers(6, ((SOON, 7), (LATER, 13))), CaseNumbers(5, ((LATER, 15),))),
        (CaseNumbers(1, ((SOON, 2),)), CaseNumbers()),
    ],
)
def test_rounded_numbers_tell_no_change_that_rounding_hides(numbers, seen):
    assert numbers.rounded() == seen


@pytest.mark.parametrize(
    ("language", "words"), [("de", f"1.072, ab {SOON:%d.%m.%Y} 163"), ("en", f"1,072, from {SOON:%-d %b %Y} 163")]
)
def test_numbers_say_from_which_day_on_they_hold(language, words):
    with translation.override(language):
        assert str(CaseNumbers(1072, ((SOON, 163),))) == words


def test_every_page_says_the_same_of_cases_that_come_later():
    leaving, receiver = _team()
    _cases(leaving, 2)
    make_case(manager=receiver)
    coordinator = make_member("coordinator", leaving.organisation)
    record_leaving(manager=leaving, last_day=SOON - DAY, decided_by=coordinator, rest=receiver)
    client = client_of(coordinator)

    pages = {
        name: Page(client.get(reverse(f"casework:{name}", args=[receiver.pk])))
        for name in ("manager_detail", "manager_handover", "manager_leave")
    }
    given = Page(client.get(reverse("casework:manager_detail", args=[leaving.pk])))
    absent = client.post(
        reverse("casework:absence_new", args=[receiver.pk]),
        {"kind": "parental", "starts_on": TODAY.isoformat(), "ends_on": ""},
        follow=True,
    )

    words = f"1, from {SOON:%-d %b %Y} 3"
    assert [name for name, page in pages.items() if words not in page.main.text] == []
    assert f"2, from {SOON:%-d %b %Y} 0" in given.main.text
    assert Page(absent).messages == [f"Absence saved. Open cases: {words}. Name a deputy, or pass the cases on."]
    assert "Absent today with 1 open case, and nobody stands in." in Page(absent).main.text


def test_kreis_reads_rounded_numbers_of_both_days():
    kreis = make_organisation(district="08425")
    body = make_organisation(kind="municipality", district="08425")
    giver, receiver = (make_manager(organisation=body, name=name) for name in ("Gerda", "Ada"))
    for case in _cases(giver, 8)[:1]:
        hand_over(case, receiver, SOON)
    reader = make_member("coordinator", kreis)

    load = workload(giver, reader=reader)

    assert open_cases(giver, reader=reader) == load.cases == CaseNumbers(10, ((SOON, 5),))
    assert [place.cases for place in load.places] == [load.cases]
    assert [colleague.cases for colleague in load.colleagues] == [CaseNumbers()]
