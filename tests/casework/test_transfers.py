from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone, translation

from casework.models import Case, Contact, Manager, Plan, Responsibility, Transfer
from casework.services.cases import close_case
from casework.services.figures import reconcile, refresh_changed_figures
from casework.services.leavings import record_leaving
from casework.services.plans import make_plan
from casework.services.transfers import accept_transfer, decline_transfer, withdraw_transfer
from pik.months import add_months, month_of
from tests.casework.slow_count import counted_slowly, stored
from tests.factories import (
    hand_over,
    make_case,
    make_contact,
    make_free_manager,
    make_manager,
    make_organisation,
    make_referral,
    make_transfer,
)

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)
THIS = month_of(TODAY)
LAST, BEFORE_LAST = add_months(THIS, -1), add_months(THIS, -2)


def _offer(case: Case | None = None, **overrides: object) -> tuple[Transfer, Manager]:
    """An offer, and somebody who can accept it."""
    receiver = make_organisation()
    return make_transfer(case=case or make_case(), receiver=receiver, **overrides), make_manager(organisation=receiver)


def _accept(transfer: Transfer, manager: Manager) -> Transfer:
    return accept_transfer(transfer=transfer, manager=manager, accepted_by=manager.user)


def _refusal(act: Callable[[], object]) -> dict[str, list[str]]:
    with translation.override("en"), pytest.raises(ValidationError) as caught:
        act()
    return caught.value.message_dict if hasattr(caught.value, "error_dict") else {"": caught.value.messages}


def _answers(case: Case) -> list[tuple[int, date]]:
    return list(case.responsibilities.order_by("starts_on").values_list("manager", "starts_on"))


# Offered.


def test_offer_changes_nothing_yet():
    case = make_case()
    before = _answers(case)

    transfer, _manager = _offer(case, reason="support")

    assert (transfer.organisation, transfer.offered_by) == (case.organisation, case.opened_by)
    assert (transfer.state, transfer.is_waiting) == ("offered", True)
    assert (_answers(case), Case.objects.get().organisation) == (before, case.organisation)


def test_second_offer_of_a_case_is_refused_until_the_first_is_withdrawn():
    case = make_case()
    transfer, _manager = _offer(case)

    refusal = _refusal(lambda: _offer(case))
    withdraw_transfer(transfer=transfer, withdrawn_by=case.opened_by.user)
    _offer(case)

    assert refusal == {"__all__": ["This case is offered already. Withdraw that offer before you make another one."]}
    assert sorted(Transfer.objects.values_list("state", flat=True)) == ["offered", "withdrawn"]


@pytest.mark.parametrize("who", ["own", "past", "far", "closed", "another"])
def test_impossible_offer_is_refused_and_nothing_is_kept(who):
    case = make_case()
    changes = {
        "own": {"receiver": case.organisation},
        "past": {"starts_on": TODAY - DAY},
        "far": {"starts_on": date(2087, 3, 15)},
        "closed": {},
        "another": {"manager": make_manager(organisation=case.organisation)},
    }[who]
    if who == "closed":
        close_case(case=case, closed_on=TODAY, reason="moved")

    refusal = _refusal(lambda: make_transfer(case=case, **changes))

    assert list(refusal) == {"own": ["receiver"], "past": ["starts_on"], "far": ["starts_on"]}.get(who, [""])
    assert Transfer.objects.count() == 0


def test_offer_ends_with_its_case():
    transfer, manager = _offer()

    close_case(case=transfer.case, closed_on=TODAY, reason="moved")

    refusal = _refusal(lambda: _accept(transfer, manager))
    assert Transfer.objects.get().state == "withdrawn"
    assert refusal[""][0].startswith("This offer was withdrawn on")


# Accepted.


def test_accepted_case_goes_to_the_manager_with_its_history_and_its_code():
    case = make_case()
    contact = make_contact(case=case)
    make_plan(case=case, agreed_on=TODAY - 30 * DAY)
    transfer, manager = _offer(case)

    _accept(transfer, manager)

    moved = Case.objects.get()
    assert (moved.code, moved.organisation, moved.responsible) == (case.code, manager.organisation, manager)
    assert moved.municipality == transfer.municipality
    assert _answers(moved) == [(case.opened_by_id, date(2017, 1, 1)), (manager.pk, TODAY)]
    # Old contacts stay where they happened; the plan goes on.
    assert list(Contact.objects.values_list("pk", "organisation", "municipality")) == [
        (contact.pk, case.organisation_id, case.municipality_id)
    ]
    assert Plan.objects.get().ends_on is None
    stored_transfer = Transfer.objects.get()
    assert (stored_transfer.state, stored_transfer.manager, stored_transfer.decided_by) == (
        *("accepted", manager),
        manager.user,
    )


def test_accepted_case_is_seen_by_the_receiver_and_no_more_by_the_giver():
    transfer, manager = _offer()
    giver = transfer.offered_by.user
    before = [Case.objects.visible_to(user).count() for user in (giver, manager.user)]

    _accept(transfer, manager)

    assert before == [1, 0]
    assert [Case.objects.visible_to(user).count() for user in (giver, manager.user)] == [0, 1]


def test_accepting_takes_back_what_the_giver_had_planned():
    case = make_case()
    colleague = make_manager(organisation=case.organisation)
    hand_over(case, colleague, TODAY)
    hand_over(case, make_manager(organisation=case.organisation), TODAY + 20 * DAY)
    transfer, manager = _offer(case, manager=colleague)

    _accept(transfer, manager)

    assert _answers(case) == [(case.opened_by_id, date(2017, 1, 1)), (manager.pk, TODAY)]


def test_offer_goes_on_when_the_case_is_passed_on_within_the_team():
    transfer, manager = _offer()
    colleague = make_manager(organisation=transfer.organisation)

    hand_over(transfer.case, colleague, TODAY)

    given = [list(Transfer.objects.given_by(user)) for user in (transfer.offered_by.user, colleague.user)]
    assert given == [[transfer], [transfer]]
    _accept(transfer, manager)
    assert Case.objects.get().responsible == manager


def test_figures_of_the_past_stay_with_the_giver():
    case = make_case(opened_on=BEFORE_LAST)
    make_contact(case=case, date=LAST)
    make_plan(case=case, agreed_on=LAST)
    make_referral(case=case, referred_on=LAST)
    transfer, manager = _offer(case)
    refresh_changed_figures()
    past = {key: row for key, row in stored().items() if key[4] < THIS}

    _accept(transfer, manager)
    refresh_changed_figures()

    assert {key: row for key, row in stored().items() if key[4] < THIS} == past
    # The case open today and its plan are the receiver's.
    assert {key[:3]: row[0] for key, row in stored().items() if key[4] == THIS} == {
        (manager.pk, manager.organisation_id, transfer.municipality_id): 1
    }
    assert stored() == counted_slowly()
    assert reconcile() == 0


def test_case_can_come_back():
    case = make_case()
    there, manager = _offer(case)
    _accept(there, manager)

    back = make_transfer(
        case=Case.objects.get(), manager=manager, receiver=case.organisation, municipality=case.municipality
    )
    accept_transfer(transfer=back, manager=case.opened_by, accepted_by=case.opened_by.user)

    assert Case.objects.get().responsible == case.opened_by
    assert _answers(case) == [(case.opened_by_id, date(2017, 1, 1)), (case.opened_by_id, TODAY)]


def test_offer_is_not_accepted_before_its_day():
    transfer, manager = _offer(starts_on=TODAY + DAY)

    refusal = _refusal(lambda: _accept(transfer, manager))

    assert refusal[""][0].startswith("This case is offered from")
    assert Case.objects.get().organisation == transfer.organisation


def test_offer_is_accepted_by_somebody_with_a_post_of_the_measure_only():
    transfer, _manager = _offer()
    without = make_free_manager(transfer.receiver, name="Ohne Stelle")

    refusal = _refusal(lambda: _accept(transfer, without))

    assert refusal == {"manager": ["Ohne Stelle fills no post of this measure today. Choose somebody who does."]}
    assert Responsibility.objects.filter(manager=without).count() == 0


def test_offer_is_not_accepted_by_somebody_who_is_about_to_leave():
    transfer, manager = _offer()
    record_leaving(manager=manager, last_day=TODAY + 30 * DAY, decided_by=manager.user, rest=None)

    refusal = _refusal(lambda: _accept(transfer, manager))

    assert refusal == {"manager": ["This person does not work here for good. Choose somebody who stays."]}
    assert Transfer.objects.get().is_waiting
    assert Case.objects.get().organisation == transfer.organisation


def test_offer_is_not_accepted_by_a_stranger():
    transfer, _manager = _offer()
    stranger = make_manager()

    refusal = _refusal(lambda: _accept(transfer, stranger))

    assert list(refusal) == ["manager"]
    assert Case.objects.get().responsible == transfer.offered_by


def test_declined_offer_keeps_its_reason_and_leaves_the_case():
    transfer, manager = _offer()

    decline_transfer(transfer=transfer, reason="no_capacity", declined_by=manager.user)

    kept = Transfer.objects.get()
    assert (kept.state, kept.decline_reason, kept.decided_by) == ("declined", "no_capacity", manager.user)
    assert Case.objects.get().responsible == transfer.offered_by


def test_declining_without_a_reason_is_refused():
    transfer, manager = _offer()

    refusal = _refusal(lambda: decline_transfer(transfer=transfer, reason="", declined_by=manager.user))

    assert refusal == {"reason": ["Choose one of the reasons."]}


def test_what_was_decided_is_not_decided_again():
    transfer, manager = _offer()
    decline_transfer(transfer=transfer, reason="other", declined_by=manager.user)

    refusals = [
        _refusal(lambda: _accept(transfer, manager)),
        _refusal(lambda: withdraw_transfer(transfer=transfer, withdrawn_by=manager.user)),
        _refusal(lambda: decline_transfer(transfer=transfer, reason="no_capacity", declined_by=manager.user)),
    ]

    assert {refusal[""][0].split(" on ")[0] for refusal in refusals} == {"This offer was declined"}
