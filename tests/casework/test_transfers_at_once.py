"""Decisions about one offer in the same instant, with real sessions side by side."""

from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone, translation

from casework.models import Case, Manager, Responsibility, Transfer
from casework.services.handovers import hand_over
from casework.services.transfers import accept_transfer, decline_transfer, withdraw_transfer
from tests.database import app_session, side_by_side, wait_until_queued
from tests.factories import make_case, make_manager, make_organisation, make_transfer

pytestmark = pytest.mark.django_db(transaction=True)
Act = Callable[[], object]


def _in_english(act: Act) -> Act:
    def run() -> object:
        with translation.override("en"):
            return act()

    return run


def _at_once(transfer: Transfer, *acts: Act) -> list[object]:
    """What each of the acts gave; all of them have begun before one of them is through."""
    with app_session() as session:
        session.execute("SELECT FROM pik_organisation WHERE id = %s FOR UPDATE", [transfer.organisation_id])
        session.execute("SELECT FROM casework_case WHERE id = %s FOR UPDATE", [transfer.case_id])

        def release() -> None:
            wait_until_queued(len(acts))
            session.commit()

        *results, released = side_by_side(*map(_in_english, acts), release)
    assert released is None
    return results


def _accept(transfer: Transfer, manager: Manager) -> Act:
    return lambda: accept_transfer(transfer=transfer, manager=manager, accepted_by=manager.user)


def _offer(number: int = 2) -> tuple[Transfer, list[Manager]]:
    receiver = make_organisation()
    transfer = make_transfer(case=make_case(), receiver=receiver)
    return transfer, [make_manager(organisation=receiver) for _number in range(number)]


def _refusal(results: list[object]) -> str:
    (refused,) = (result for result in results if isinstance(result, ValidationError))
    return refused.messages[0].split(" on ")[0]


def test_two_who_accept_at_once_get_the_case_once():
    transfer, people = _offer()

    results = _at_once(transfer, *(_accept(transfer, manager) for manager in people))

    assert {type(result) for result in results} == {Transfer, ValidationError}
    assert _refusal(results) == "This offer was accepted"
    kept = Transfer.objects.get()
    assert Case.objects.get().responsible == kept.manager
    assert list(Responsibility.objects.filter(starts_on=timezone.localdate()).values_list("manager", flat=True)) == [
        kept.manager_id
    ]


def test_accepting_and_withdrawing_at_once_lets_one_win_and_tells_the_other():
    transfer, (manager,) = _offer(1)
    giver = transfer.offered_by

    results = _at_once(
        transfer,
        _accept(transfer, manager),
        lambda: withdraw_transfer(transfer=transfer, withdrawn_by=giver.user),
    )

    kept = Transfer.objects.get()
    assert {type(result) for result in results} == {Transfer, ValidationError}
    assert _refusal(results) == f"This offer was {kept.state}"
    assert Case.objects.get().responsible == (manager if kept.state == "accepted" else giver)


def test_accepting_and_declining_at_once_lets_one_win_and_tells_the_other():
    transfer, (first, second) = _offer()

    results = _at_once(
        transfer,
        _accept(transfer, first),
        lambda: decline_transfer(transfer=transfer, reason="other", declined_by=second.user),
    )

    kept = Transfer.objects.get()
    assert {type(result) for result in results} == {Transfer, ValidationError}
    assert _refusal(results) == f"This offer was {kept.state}"


def test_accepting_while_the_giver_passes_the_case_on_leaves_one_who_answers():
    transfer, (manager,) = _offer(1)
    giver = transfer.offered_by
    colleague = make_manager(organisation=giver.organisation)

    results = _at_once(
        transfer,
        _accept(transfer, manager),
        lambda: hand_over(
            manager=giver, starts_on=timezone.localdate(), reason="balance", decided_by=giver.user, rest=colleague
        ),
    )

    case = Case.objects.get()
    assert isinstance(results[0], Transfer)
    assert (case.organisation, case.responsible) == (manager.organisation, manager)
