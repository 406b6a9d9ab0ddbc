from datetime import timedelta

import pytest
from django.utils import timezone

from casework.models import Case, Manager, Transfer
from casework.services.transfers import accept_transfer, decline_transfer, withdraw_transfer
from tests.database import refused_by, refused_by_trigger
from tests.factories import hand_over, make_case, make_manager, make_organisation, make_transfer
from tests.scene import make_scene

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)


def _offer(case: Case | None = None, **overrides: object) -> tuple[Transfer, Manager]:
    """An offer, and somebody who can accept it."""
    receiver = make_organisation()
    return make_transfer(case=case or make_case(), receiver=receiver, **overrides), make_manager(organisation=receiver)


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


def test_coordinators_see_what_was_decided_by_others_and_not_what_was_withdrawn():
    scene = make_scene()
    given = [make_transfer(case=make_case(manager=scene.managers()["mine"]), receiver=scene.foreign) for _ in range(3)]
    decider = scene.readers["foreign manager"]
    accept_transfer(transfer=given[0], manager=decider.managers.get(), accepted_by=decider)
    decline_transfer(transfer=given[1], reason="other", declined_by=decider)
    withdraw_transfer(transfer=given[2], withdrawn_by=scene.readers["manager"])

    seen = scene.seen(dict(zip(("accepted", "declined", "withdrawn"), given, strict=True)))

    assert {reader: seen[reader] for reader in ("coordinator", "foreign coordinator", "Kreis coordinator")} == {
        "coordinator": {"accepted", "declined", "withdrawn"},
        "foreign coordinator": {"accepted", "declined"},
        "Kreis coordinator": set(),
    }


def test_decided_offers_are_seen_by_who_gave_and_by_who_decided():
    scene = make_scene()
    managers = scene.managers()
    foreign = scene.readers["foreign manager"].managers.get()
    transfer = make_transfer(case=make_case(manager=managers["mine"]), receiver=scene.foreign)

    accept_transfer(transfer=transfer, manager=foreign, accepted_by=scene.readers["foreign coordinator"])

    assert {reader for reader, names in scene.seen({"it": transfer}).items() if names} == {
        *("manager", "foreign manager", "coordinator", "foreign coordinator"),
    }
    assert managers["foreign"].user.pk not in {foreign.user_id}
    assert not Transfer.objects.visible_to(managers["foreign"].user).exists()
