from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone, translation

from casework.models import Case, Contact, Manager, Plan, Relocation, Responsibility, Transfer
from casework.services.cases import close_case
from casework.services.figures import reconcile, refresh_changed_figures
from casework.services.handovers import record_leaving
from casework.services.plans import make_plan
from casework.services.transfers import (
    accept_transfer,
    decline_transfer,
    relocate_case,
    withdraw_transfer,
)
from pik.models import Municipality
from pik.months import add_months, month_of
from tests.casework.slow_count import counted_slowly, stored
from tests.database import refused_by, refused_by_trigger
from tests.factories import (
    hand_over,
    make_case,
    make_contact,
    make_free_manager,
    make_manager,
    make_organisation,
    make_referral,
    make_transfer,
    places_of,
)
from tests.scene import make_scene

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


def _case(**overrides: object) -> Case:
    """A case in a Kreis of several municipalities."""
    return make_case(manager=make_manager(organisation=make_organisation(district="08115")), **overrides)


def _other_place(case: Case) -> Municipality:
    return places_of(case.organisation, 2)[1]


# To another municipality.


def test_relocated_case_has_the_new_place_and_keeps_the_old_one_for_the_past():
    case = _case()
    old, new = case.municipality, _other_place(case)

    relocate_case(case=case, municipality=new, starts_on=TODAY - 5 * DAY)

    assert Case.objects.get().municipality == new
    assert list(Relocation.objects.values_list("left", "starts_on")) == [(old.pk, TODAY - 5 * DAY)]


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        (TODAY + DAY, "This day has not come yet."),
        (TODAY - 90 * DAY, "Enter a day after"),
        (TODAY - 20 * DAY, "Enter a day after"),
    ],
    ids=["tomorrow", "opening", "last move"],
)
def test_relocation_on_an_impossible_day_is_refused(day, sentence):
    case = _case()
    old, new = case.municipality, _other_place(case)
    relocate_case(case=case, municipality=new, starts_on=TODAY - 20 * DAY)

    refusal = _refusal(lambda: relocate_case(case=case, municipality=old, starts_on=day))

    assert list(refusal) == ["starts_on"]
    assert refusal["starts_on"][0].startswith(sentence)
    assert Case.objects.get().municipality == new


def test_relocation_to_where_the_case_is_or_of_a_closed_case_is_refused():
    case, closed = _case(), make_case()
    close_case(case=closed, closed_on=TODAY, reason="moved")

    same = _refusal(lambda: relocate_case(case=case, municipality=case.municipality, starts_on=TODAY))
    late = _refusal(lambda: relocate_case(case=closed, municipality=_other_place(case), starts_on=TODAY))

    assert list(same) == ["municipality"]
    assert late == {"": ["This case was closed in the meantime. Reopen it first."]}


def test_figures_of_the_past_stay_in_the_old_place():
    case = _case(opened_on=BEFORE_LAST)
    make_contact(case=case, date=LAST)
    refresh_changed_figures()
    past = {key: row for key, row in stored().items() if key[4] < THIS}

    relocate_case(case=case, municipality=_other_place(case), starts_on=max(THIS, LAST + DAY))
    refresh_changed_figures()

    assert {key: row for key, row in stored().items() if key[4] < THIS} == past
    assert {key[2] for key in stored() if key[4] == THIS} == {_other_place(case).pk}
    assert stored() == counted_slowly()
    assert reconcile() == 0


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


@pytest.mark.parametrize("who", ["own", "past", "closed", "another"])
def test_impossible_offer_is_refused_and_nothing_is_kept(who):
    case = make_case()
    changes = {
        "own": {"receiver": case.organisation},
        "past": {"starts_on": TODAY - DAY},
        "closed": {},
        "another": {"manager": make_manager(organisation=case.organisation)},
    }[who]
    if who == "closed":
        close_case(case=case, closed_on=TODAY, reason="moved")

    refusal = _refusal(lambda: make_transfer(case=case, **changes))

    assert list(refusal) == {"own": ["receiver"], "past": ["starts_on"]}.get(who, [""])
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


# What the database refuses.


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"state": "lost", "decided_at": timezone.now()}, "transfer_state_known"),
        ({"reason": "lost"}, "transfer_reason_known"),
        ({"state": "declined", "decided_at": timezone.now()}, "transfer_declined_with_reason"),
        ({"state": "accepted", "decided_at": timezone.now()}, "transfer_accepted_by_a_manager"),
        ({"state": "withdrawn"}, "transfer_decided_at_a_time"),
        ({"decided_at": timezone.now()}, "transfer_decided_at_a_time"),
    ],
)
def test_database_refuses_what_cannot_be(values, constraint):
    _offer()

    with refused_by(constraint):
        Transfer.objects.update(**values)


def test_database_refuses_a_second_open_offer_and_one_to_oneself():
    transfer, _manager = _offer()
    copy = {
        name: getattr(transfer, name)
        for name in ("case", "organisation", "offered_by", "receiver", "municipality", "reason", "starts_on")
    }

    with refused_by("transfer_one_offer_a_case"):
        Transfer.objects.create(**copy)
    with refused_by("transfer_to_another"):
        Transfer.objects.create(**{**copy, "receiver": transfer.organisation})


def test_database_ties_both_managers_to_their_organisations():
    transfer, _manager = _offer()
    stranger = make_manager()
    accepted = {"state": "accepted", "decided_at": timezone.now(), "manager": stranger}

    with refused_by("transfer_offered_by_own_manager"):
        Transfer.objects.filter(pk=transfer.pk).update(offered_by=stranger)
    with refused_by("transfer_accepted_where_it_was_offered"):
        Transfer.objects.filter(pk=transfer.pk).update(**accepted)


def test_database_keeps_what_was_decided():
    transfer, manager = _offer()
    decline_transfer(transfer=transfer, reason="other", declined_by=manager.user)

    with refused_by_trigger("freeze_decided_transfers"):
        Transfer.objects.update(decline_reason="no_capacity")


def test_database_refuses_a_case_that_changes_its_organisation_alone():
    transfer, manager = _offer()

    with refused_by("case_has_responsible_manager"):
        Case.objects.update(organisation=manager.organisation)
    with refused_by("case_has_responsible_manager"):
        hand_over(transfer.case, manager, TODAY)


def test_database_refuses_two_moves_on_a_day_and_one_to_come():
    case = _case()
    relocate_case(case=case, municipality=_other_place(case), starts_on=TODAY)

    with refused_by("relocation_once_a_day"):
        Relocation.objects.create(case=case, left=case.municipality, starts_on=TODAY)
    with refused_by("relocation_not_in_future"):
        Relocation.objects.create(case=case, left=case.municipality, starts_on=TODAY + DAY)


# Who sees it.


def test_waiting_offers_are_seen_by_who_gives_and_by_the_receiver():
    scene = make_scene()
    managers = scene.managers()
    rows = {
        "given": make_transfer(case=make_case(manager=managers["mine"]), receiver=scene.foreign),
        "colleague's": make_transfer(case=make_case(manager=managers["colleague"]), receiver=scene.foreign),
        "received": make_transfer(case=make_case(manager=managers["foreign"]), receiver=scene.own),
        "of strangers": make_transfer(case=make_case(manager=managers["neighbour"]), receiver=make_organisation()),
    }

    seen = scene.seen(rows)

    assert {reader: names for reader, names in seen.items() if names} == {
        "manager": {"given", "received"},
        "foreign manager": {"given", "colleague's"},
        "coordinator": {"received"},
        "foreign coordinator": {"given", "colleague's"},
    }


def test_decided_offers_are_seen_by_who_gave_and_by_who_decided():
    scene = make_scene()
    managers = scene.managers()
    foreign = scene.readers["foreign manager"].managers.get()
    transfer = make_transfer(case=make_case(manager=managers["mine"]), receiver=scene.foreign)

    accept_transfer(transfer=transfer, manager=foreign, accepted_by=scene.readers["foreign coordinator"])

    assert {reader for reader, names in scene.seen({"it": transfer}).items() if names} == {
        *("manager", "foreign manager", "foreign coordinator"),
    }
    assert managers["foreign"].user.pk not in {foreign.user_id}
    assert not Transfer.objects.visible_to(managers["foreign"].user).exists()
