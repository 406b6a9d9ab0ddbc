"""Two tabs on one row: nobody's change is overwritten without being asked."""

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.models import Case, Contact, Topic
from casework.services.cases import change_case, close_case, reopen_case
from casework.services.contacts import correct_contact, withdraw_contact
from pik.conflicts import ChangedMeanwhile
from tests.factories import make_case, make_contact
from tests.pages import Page, client_of

pytestmark = pytest.mark.django_db
BANDS = ("municipality", "opened_on", "age_band", "household_band", "origin_group", "residence_group", "arrival_year")


def _contact_address(contact: Contact) -> str:
    return reverse("casework:contact_edit", args=[contact.pk])


def _case_address(case: Case) -> str:
    return reverse("casework:case_edit", args=[case.code])


def _shown(client, address: str) -> dict[str, list[str]]:
    return Page(client.get(address)).values()


def _choices(page: Page) -> dict[str, tuple[str, str]]:
    """By field, what is stored and what was sent, in words."""
    sets = page.main.all("fieldset")
    return {field.one("legend").text: tuple(label.text for label in field.all("label")) for field in sets}


def _change(case: Case, **changes: object) -> Case:
    return change_case(case=case, **{**{name: getattr(case, name) for name in BANDS}, **changes})


def test_every_change_of_a_case_counts():
    case = make_case()

    _change(case, age_band="65+")
    close_case(case=case, closed_on=timezone.localdate(), reason="moved")
    reopen_case(case=case)

    assert Case.objects.values_list("version", flat=True).get() == 4


def test_contact_of_a_case_is_no_change_of_it():
    contact = make_contact()

    assert Case.objects.values_list("version", flat=True).get(pk=contact.case_id) == 1


def test_stale_version_of_a_case_is_refused_whatever_was_read_since():
    case = make_case()
    _change(case, age_band="65+")

    with pytest.raises(ChangedMeanwhile) as refused:
        _change(case, household_band="1", version=1)

    assert refused.value.version == 2
    assert Case.objects.values("age_band", "household_band").get() == {"age_band": "65+", "household_band": "3-4"}


@pytest.mark.parametrize("read", ["before", "after"])
def test_stale_version_of_a_contact_is_refused_whatever_was_read_since(read):
    contact = make_contact()
    Contact.objects.update(version=2, minutes=5)
    if read == "after":
        contact.refresh_from_db()
    values = {name: getattr(contact, name) for name in ("case", "date", "kind", "channel", "mediation")}

    with pytest.raises(ChangedMeanwhile) as refused:
        correct_contact(contact=contact, topics=Topic.objects.all()[:1], minutes=9, version=1, **values)

    assert refused.value.version == 2
    assert Contact.objects.values("minutes", "version").get() == {"minutes": 5, "version": 2}


def test_second_tab_on_a_contact_sees_both_versions_and_chooses():
    contact = make_contact()
    client, address = client_of(contact.manager.user), _contact_address(contact)
    first, second = _shown(client, address), _shown(client, address)
    client.post(address, {**first, "minutes": "45", "kind": "crisis"})

    refused = client.post(address, {**second, "minutes": "50", "channel": "phone"})

    page = Page(refused)
    assert refused.status_code == 409
    assert _choices(page) == {
        "Duration": ("Stored now: 45", "Yours: 50"),
        "Kind": ("Stored now: Crisis support", "Yours: Counselling"),
        "Channel": ("Stored now: In the office", "Yours: By phone"),
    }
    assert Contact.objects.values("minutes", "version").get() == {"minutes": 45, "version": 2}

    decided = {**page.values(), "keep_minutes": "sent", "keep_kind": "stored", "keep_channel": "sent"}
    saved = client.post(address, decided, follow=True)

    assert Page(saved).messages == [f"Contact with {contact.case.code} corrected."]
    after = Contact.objects.get()
    assert (after.minutes, after.kind, after.channel, after.version) == (50, "crisis", "phone", 3)


def test_choice_that_is_missing_is_asked_for_again():
    contact = make_contact()
    client, address = client_of(contact.manager.user), _contact_address(contact)
    shown = _shown(client, address)
    client.post(address, {**shown, "minutes": "45"})
    page = Page(client.post(address, {**shown, "minutes": "50"}))

    again = client.post(address, page.values())

    assert again.status_code == 409
    assert "Choose one of the two for every field." in Page(again).main.text
    assert Contact.objects.get().minutes == 45


def test_third_change_during_the_choice_is_seen_as_well():
    contact = make_contact()
    client, address = client_of(contact.manager.user), _contact_address(contact)
    shown = _shown(client, address)
    client.post(address, {**shown, "minutes": "45"})
    page = Page(client.post(address, {**shown, "minutes": "50"}))
    client.post(address, {**_shown(client, address), "minutes": "60"})

    again = client.post(address, {**page.values(), "keep_minutes": "sent"})

    assert again.status_code == 409
    assert _choices(Page(again)) == {"Duration": ("Stored now: 60", "Yours: 50")}
    assert Contact.objects.get().minutes == 60


def test_same_change_in_both_tabs_needs_no_choice():
    contact = make_contact()
    client, address = client_of(contact.manager.user), _contact_address(contact)
    shown = _shown(client, address)

    answers = [client.post(address, {**shown, "minutes": "45"}) for _tab in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert Contact.objects.values("minutes", "version").get() == {"minutes": 45, "version": 2}


def test_contact_that_was_moved_in_another_tab_is_compared_as_well():
    contact = make_contact(date=timezone.localdate())
    client, address = client_of(contact.manager.user), _contact_address(contact)
    shown = _shown(client, address)
    day = contact.case.opened_on
    client.post(address, {**shown, "date": day.isoformat()})

    refused = client.post(address, {**shown, "minutes": "50"})

    assert list(_choices(Page(refused))) == ["Date", "Duration"]
    assert Contact.objects.get().date == day


def test_contact_that_was_removed_in_another_tab_is_gone():
    contact = make_contact()
    client, address = client_of(contact.manager.user), _contact_address(contact)
    shown = _shown(client, address)
    withdraw_contact(contact=contact)

    assert client.post(address, {**shown, "minutes": "50"}).status_code == 404


def test_draft_from_before_the_change_of_another_tab_does_not_overwrite_it():
    contact = make_contact()
    client, address = client_of(contact.manager.user), _contact_address(contact)
    typed = _shown(client, address)
    client.post(reverse("draft_keep"), {**typed, "minutes": "50"})
    Contact.objects.update(version=2, kind="crisis")

    answer = client.post(address, _shown(client, address))

    assert answer.status_code == 409
    assert list(_choices(Page(answer))) == ["Duration", "Kind"]


def test_second_tab_on_a_case_sees_both_versions_and_chooses():
    case = make_case()
    client, address = client_of(case.opened_by.user), _case_address(case)
    shown = _shown(client, address)
    client.post(address, {**shown, "age_band": "65+", "household_band": "1"})

    refused = client.post(address, {**shown, "age_band": "18-24"})

    page = Page(refused)
    assert refused.status_code == 409
    assert _choices(page) == {
        "Age of the main person": ("Stored now: 65 and older", "Yours: 18 to 24"),
        "Household": ("Stored now: 1 person", "Yours: 3 to 4 persons"),
    }

    client.post(address, {**page.values(), "keep_age_band": "sent", "keep_household_band": "stored"})

    after = Case.objects.get()
    assert (after.age_band, after.household_band, after.version) == ("18-24", "1", 3)
