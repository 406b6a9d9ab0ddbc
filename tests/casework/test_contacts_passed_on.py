"""A contact stays with who recorded it, a case goes on: what its correction shows and changes after that."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from casework.models import Case, Contact, Deputyship, Manager, Referral, ReferralTarget, Topic
from casework.services.contacts import correct_contact, withdraw_contact
from casework.services.referrals import record_outcome
from casework.services.transfers import accept_transfer
from tests.casework.standing_in import colleague_of, stand_in
from tests.factories import hand_over, make_case, make_contact, make_manager, make_transfer
from tests.forms import submit
from tests.pages import Page, client_of

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)
SAID = "This case is with somebody else by now."


def _transferred(**overrides: object) -> tuple[Contact, Manager]:
    """A contact of a case that another organisation has accepted since, in another place, and who answers for it."""
    contact = make_contact(date=TODAY - 3 * DAY, **overrides)
    receiver = make_manager(name="Ida Fremd")
    transfer = make_transfer(case=contact.case, receiver=receiver.organisation)
    accept_transfer(transfer=transfer, manager=receiver, accepted_by=receiver.user)
    return Contact.objects.get(pk=contact.pk), receiver


def _as_deputy() -> Contact:
    """A contact that a deputy recorded, whose time ended yesterday."""
    case = make_case()
    deputy = colleague_of(case.opened_by)
    time = stand_in(case.opened_by, deputy, starts_on=TODAY - 5 * DAY, ends_on=TODAY)
    contact = make_contact(case=case, manager=deputy, date=TODAY - 3 * DAY)
    Deputyship.objects.filter(pk=time.pk).update(ends_on=TODAY - DAY)
    return contact


def _correct(contact: Contact, **changes: object) -> None:
    names = ("case", "date", "kind", "channel", "minutes", "mediation", "referral_target")
    topics = Topic.objects.filter(pk__in=contact.topics)
    correct_contact(
        contact=contact, **{**{name: getattr(contact, name) for name in names}, "topics": topics, **changes}
    )


def _address(name: str, contact: Contact) -> str:
    return reverse(f"casework:{name}", args=[contact.pk])


def test_correction_shows_the_code_alone_of_a_case_that_was_transferred():
    contact, receiver = _transferred()

    page = Page(client_of(contact.manager.user).get(_address("contact_edit", contact)))

    options = [option.text for option in page.one("select", name="case").all("option") if option["value"]]
    assert options == [contact.case.code]
    assert SAID in page.main.text
    assert receiver.user.name not in page.main.text
    assert Case.objects.get().municipality.name not in page.main.text


def test_correction_after_a_deputyship_shows_the_code_alone():
    contact = _as_deputy()

    page = Page(client_of(contact.manager.user).get(_address("contact_edit", contact)))

    options = [option.text for option in page.one("select", name="case").all("option") if option["value"]]
    assert options == [contact.case.code]
    assert contact.case.opened_by.user.name not in page.main.text


@pytest.mark.parametrize("kind", ["transferred", "after a deputyship"])
def test_only_the_work_itself_is_corrected_by_the_form(kind):
    contact = _as_deputy() if kind == "after a deputyship" else _transferred()[0]
    before = Case.objects.values_list("last_used_at", flat=True).get()
    # A browser sends nothing of a field that cannot be changed.
    sent = {"minutes": "55", "kind": "crisis", "channel": "phone", "topics": ["2"], "mediation": "none", "version": "1"}

    response = client_of(contact.manager.user).post(_address("contact_edit", contact), sent)

    stored = Contact.objects.get()
    assert response.status_code == 302
    assert (stored.minutes, stored.kind, stored.topics, stored.version) == (55, "crisis", [2], 2)
    assert (stored.case_id, stored.date, stored.municipality_id) == (
        contact.case_id, contact.date, contact.municipality_id
    )  # fmt: skip
    assert Referral.objects.count() == 0
    assert Case.objects.values_list("last_used_at", flat=True).get(pk=contact.case_id) == before


@pytest.mark.parametrize("name", ["date", "case", "referral_target"])
def test_service_refuses_to_move_a_contact_of_a_case_that_was_passed_on(name):
    contact = _as_deputy()
    new = {
        "date": TODAY,
        "case": make_case(manager=contact.manager),
        "referral_target": ReferralTarget.objects.get(code="jobcenter"),
    }

    with pytest.raises(ValidationError) as caught:
        _correct(contact, **{name: new[name]})

    assert list(caught.value.message_dict) == [name]
    assert Contact.objects.values_list("date", "version").get() == (contact.date, 1)


def test_correction_of_a_transferred_case_does_not_tell_that_it_was_closed():
    contact, _receiver = _transferred()
    Case.objects.update(closed_on=TODAY - 3 * DAY, closing_reason="other")

    with pytest.raises(ValidationError) as caught:
        _correct(contact, date=TODAY)

    assert list(caught.value.message_dict) == ["date"]
    assert caught.value.messages[0].startswith("Dieser Fall ist inzwischen bei jemand anderem.")


def test_contact_goes_with_its_referral_while_nobody_noted_what_became_of_it():
    contact, _receiver = _transferred(referral_target=ReferralTarget.objects.get(code="jobcenter"))

    withdraw_contact(contact=contact)

    assert (Contact.objects.count(), Referral.objects.count()) == (0, 0)


@pytest.mark.parametrize("outcome", ["arrived", "waiting"])
def test_contact_stays_with_an_outcome_that_others_noted(outcome):
    contact, _receiver = _transferred(referral_target=ReferralTarget.objects.get(code="jobcenter"))
    record_outcome(referral=Referral.objects.get(), outcome=outcome)

    with pytest.raises(ValidationError):
        withdraw_contact(contact=contact)

    assert Referral.objects.get().outcome == outcome


def test_own_case_is_corrected_in_everything():
    contact = make_contact(date=TODAY - 3 * DAY)
    other = make_case(manager=contact.manager)

    _correct(contact, date=TODAY, case=other, referral_target=ReferralTarget.objects.get(code="jobcenter"))

    assert Contact.objects.values_list("date", "case").get() == (TODAY, other.pk)
    assert Referral.objects.get().case == other


def test_who_had_opened_the_page_before_is_told_what_stays():
    contact = make_contact(date=TODAY - 3 * DAY)
    client, address = client_of(contact.manager.user), _address("contact_edit", contact)
    shown = Page(client.get(address)).values()
    colleague = colleague_of(contact.manager)
    hand_over(contact.case, colleague, TODAY)

    told = submit(client, address, {**shown, "date": TODAY.isoformat(), "minutes": "44"})
    stays = Contact.objects.values_list("date", "minutes", "version").get()
    saved = client.post(address, {**told.values(), "minutes": "44"}, follow=True)

    assert SAID in told.errors[0][1]
    assert stays == (contact.date, contact.minutes, 1)
    assert Page(saved).messages == [f"Contact with {contact.case.code} corrected."]
    assert Contact.objects.values_list("date", "minutes").get() == (contact.date, 44)


def test_page_that_was_open_before_and_changes_nothing_of_that_is_saved():
    contact = make_contact(date=TODAY - 3 * DAY)
    client, address = client_of(contact.manager.user), _address("contact_edit", contact)
    shown = Page(client.get(address)).values()
    hand_over(contact.case, colleague_of(contact.manager), TODAY)

    response = client.post(address, {**shown, "minutes": "44"})

    assert response.status_code == 302
    assert Contact.objects.get().minutes == 44


def test_draft_says_nothing_of_what_stays():
    contact = make_contact(date=TODAY - 3 * DAY)
    client, address = client_of(contact.manager.user), _address("contact_edit", contact)
    other = make_case(manager=contact.manager)
    shown = Page(client.get(address)).values()
    typed = {"case": other.code, "date": TODAY.isoformat(), "minutes": "44"}
    client.post(reverse("draft_keep"), {**shown, **typed})
    hand_over(contact.case, colleague_of(contact.manager), TODAY)

    page = Page(client.get(address))

    held = {name: page.one(part, name=name) for part, name in (("select", "case"), ("input", "date"))}
    chosen = [option["value"] for option in held["case"].all("option") if "selected" in option.attrs]
    assert (chosen, held["date"]["value"]) == ([contact.case.code], contact.date.isoformat())
    assert page.values()["minutes"] == ["44"]
