from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone, translation

from casework.models import (
    Absence,
    Assignment,
    Case,
    Deputyship,
    Handover,
    Leaving,
    LeavingEffect,
    Manager,
    Responsibility,
)
from casework.services.absences import name_deputy, record_absence
from casework.services.bookings import assign_manager, end_assignment
from casework.services.handovers import hand_over
from casework.services.leavings import move_manager, record_leaving
from casework.services.withdrawals import Withdrawal, withdraw_employment, withdraw_leaving
from casework.tasks import purge_leavings
from pik.models import Membership, Organisation
from tests.factories import make_case, make_manager, make_member, make_organisation, make_post, places_of

TODAY, DAY = timezone.localdate(), timedelta(days=1)
NEXT = TODAY + timedelta(days=30)
HALF = Decimal("0.50")


def _team(number: int = 3) -> list[Manager]:
    """Colleagues of one Kreis, who serve two municipalities."""
    organisation = make_organisation(district="08425")
    places = places_of(organisation, 2)
    return [make_manager(organisation=organisation, municipalities=places) for _number in range(number)]


def _hand_over(manager: Manager, rest: Manager | None, **overrides: object) -> Handover:
    values = {"starts_on": TODAY, "reason": "balance", "decided_by": make_member("coordinator", manager.organisation)}
    return hand_over(manager=manager, rest=rest, **{**values, **overrides})


def _leave(manager: Manager, rest: Manager | None = None, **overrides: object) -> Leaving:
    values = {"last_day": NEXT, "decided_by": make_member("coordinator", manager.organisation)}
    return record_leaving(manager=manager, rest=rest, **{**values, **overrides})


def _stay(manager: Manager) -> Withdrawal:
    return withdraw_leaving(manager=manager, decided_by=make_member("coordinator", manager.organisation))


def _answers(case: Case, day: date = TODAY) -> Manager:
    return Responsibility.objects.on(day).get(case=case).manager


def _refused(field: str, work, *args: object, **values: object) -> str:
    """The sentence with which the work is refused at a field; nothing of it is kept."""
    rows = sorted(Responsibility.objects.values_list())
    with pytest.raises(ValidationError) as caught, translation.override("en"):
        work(*args, **values)
    assert set(caught.value.update_error_dict({})) == {field}
    assert (sorted(Responsibility.objects.values_list()), Handover.objects.count()) == (rows, 0)
    return caught.value.messages[0]


def _planned(manager: Manager, colleague: Manager) -> list[list[tuple]]:
    """All bookings, absences and deputyships, without their keys."""
    columns = ("starts_on", "ends_on")
    return [
        sorted(Assignment.objects.filter(manager=manager).values_list("post", "fte", *columns)),
        sorted(Absence.objects.filter(manager=manager).values_list("kind", *columns)),
        sorted(Deputyship.objects.filter(deputy__in=[manager, colleague]).values_list("manager", "deputy", *columns)),
    ]


def _plan_much(manager: Manager, colleague: Manager) -> None:
    """For each kind one that runs beyond NEXT, and one that begins after it."""
    end_assignment(assignment=manager.assignments.get(), ends_on=NEXT + 9 * DAY)
    for starts_on in (TODAY, NEXT + 20 * DAY):
        ends_on = starts_on + 40 * DAY
        record_absence(manager=manager, kind="illness", starts_on=starts_on, ends_on=starts_on + 35 * DAY)
        name_deputy(manager=manager, deputy=colleague, starts_on=starts_on, ends_on=ends_on)
        name_deputy(manager=colleague, deputy=manager, starts_on=starts_on, ends_on=ends_on)
    later = make_post(organisation=manager.organisation)
    assign_manager(
        post=later, manager=manager, fte=HALF, starts_on=NEXT + 20 * DAY, ends_on=None, booked_by=manager.user
    )


@pytest.mark.django_db
def test_leaving_notes_what_it_ended_and_what_it_took_away():
    leaving, colleague, _other = _team()
    _plan_much(leaving, colleague)

    noted = _leave(leaving).effects.order_by("kind", "starts_on")

    assert [(effect.kind, effect.had_begun) for effect in noted] == [
        (kind, begun) for kind in ("absence", "booking", "deputy", "stands_in") for begun in (True, False)
    ]
    assert Assignment.objects.get(manager=leaving).ends_on == NEXT


@pytest.mark.django_db
def test_all_that_a_leaving_ended_or_took_away_comes_back():
    leaving, colleague, _other = _team()
    _plan_much(leaving, colleague)
    before = _planned(leaving, colleague)
    _leave(leaving)
    between = _planned(leaving, colleague)

    withdrawal = _stay(leaving)

    assert between != before
    assert _planned(leaving, colleague) == before
    assert (len(withdrawal.restored), withdrawal.lost) == (8, [])
    assert (Leaving.objects.count(), LeavingEffect.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_what_others_planned_since_stays_and_the_rest_comes_back():
    leaving, _colleague, other = _team()
    post = leaving.assignments.get().post
    record_absence(manager=leaving, kind="parental", starts_on=NEXT + 9 * DAY, ends_on=None)
    _leave(leaving)
    other.assignments.get().delete()
    assign_manager(post=post, manager=other, fte=HALF, starts_on=NEXT + DAY, ends_on=None, booked_by=other.user)

    withdrawal = _stay(leaving)

    assert [effect.kind for effect in withdrawal.lost] == ["booking"]
    assert [effect.kind for effect in withdrawal.restored] == ["absence"]
    assert Absence.objects.get(manager=leaving).kind == "parental"
    assert Assignment.objects.get(manager=leaving).ends_on == NEXT


@pytest.mark.django_db
def test_booking_that_was_ended_anew_after_the_announcement_stays_so():
    leaving, _colleague, _other = _team()
    _leave(leaving)
    end_assignment(assignment=leaving.assignments.get(), ends_on=NEXT - DAY)

    withdrawal = _stay(leaving)

    assert [effect.kind for effect in withdrawal.lost] == ["booking"]
    assert Assignment.objects.get(manager=leaving).ends_on == NEXT - DAY


@pytest.mark.django_db
def test_leaving_that_was_loaded_in_bulk_brings_nothing_back_and_names_what_ends():
    leaving, _colleague, _other = _team()
    leaving.assignments.update(ends_on=NEXT)
    Membership.objects.filter(user=leaving.user).update(ends_on=NEXT)

    withdrawal = _stay(leaving)

    assert ([effect.kind for effect in withdrawal.lost], withdrawal.restored) == (["booking"], [])
    assert Membership.objects.get(user=leaving.user).ends_on is None


@pytest.mark.django_db
def test_leaving_is_entered_at_most_a_year_ahead():
    leaving, receiver, _other = _team()
    case = make_case(manager=leaving)
    last = TODAY + timedelta(days=364)

    sentence = _refused("last_day", _leave, leaving, receiver, last_day=last + DAY)

    assert sentence.endswith(f"Enter {last.day} {last:%b %Y} or an earlier day.")
    _leave(leaving, receiver, last_day=last)
    assert [_answers(case, day) for day in (last, last + DAY)] == [leaving, receiver]


@pytest.mark.django_db
def test_record_of_a_leaving_is_forgotten_once_its_day_has_passed():
    past, coming, _other = _team()
    _leave(past, last_day=TODAY - DAY)
    kept = _leave(coming, last_day=TODAY)

    purge_leavings()

    assert list(Leaving.objects.all()) == [kept]


@pytest.mark.django_db
def test_leaving_is_taken_back_and_everything_stays_as_it_was():
    leaving, receiver, last = _team()
    case, given = make_case(manager=leaving), make_case(manager=leaving)
    awaited = make_case(manager=receiver)
    _hand_over(leaving, last, picked=[given.pk], starts_on=NEXT + DAY)
    _hand_over(receiver, leaving, picked=[awaited.pk], starts_on=NEXT + 5 * DAY)
    _leave(leaving, receiver)
    opened = make_case(manager=leaving)

    _stay(leaving)

    assert (Membership.objects.get(user=leaving.user).ends_on, leaving.successor) == (None, None)
    later = NEXT + 9 * DAY
    assert [_answers(each, later) for each in (case, given, awaited, opened)] == [leaving, last, leaving, leaving]
    assert Assignment.objects.get(manager=leaving).ends_on is None


@pytest.mark.django_db
def test_leaving_is_taken_back_from_a_receiver_who_passed_the_cases_on():
    leaving, receiver, last = _team()
    case = make_case(manager=leaving)
    _leave(leaving, receiver)
    _leave(receiver, last, last_day=NEXT + 9 * DAY)

    _stay(leaving)

    assert [_answers(case, NEXT + count * DAY) for count in (1, 10, 100)] == [leaving] * 3


@pytest.mark.django_db
def test_leaving_that_was_not_announced_or_has_come_is_not_taken_back():
    leaving, _receiver, _other = _team()

    assert _refused("__all__", _stay, leaving).startswith("No leaving is recorded")
    _leave(leaving, last_day=TODAY - DAY)
    assert _refused("__all__", _stay, leaving).startswith("This person does not work here")


def _move(manager: Manager, organisation: Organisation, rest: Manager | None) -> Manager:
    decided_by = make_member("coordinator", manager.organisation)
    return move_manager(manager=manager, organisation=organisation, last_day=NEXT, decided_by=decided_by, rest=rest)


@pytest.mark.django_db
def test_person_moves_with_the_qualification_and_without_the_cases():
    leaving, receiver, _other = _team()
    Manager.objects.filter(pk=leaving.pk).update(qualification="a", qualification_proven_on=TODAY)
    leaving.refresh_from_db()
    case, there = make_case(manager=leaving), make_organisation()

    moved = _move(leaving, there, receiver)

    membership = Membership.objects.get(user=leaving.user, organisation=there)
    assert (moved.user, moved.organisation, membership.starts_on, membership.ends_on) == (
        leaving.user,
        there,
        NEXT + DAY,
        None,
    )
    assert (moved.qualification, moved.qualification_proven_on) == ("a", TODAY)
    assert (_answers(case, NEXT + DAY), Assignment.objects.filter(manager=moved).count()) == (receiver, 0)


@pytest.mark.django_db
def test_move_to_the_own_or_a_second_organisation_of_the_person_is_refused():
    leaving, receiver, _other = _team()
    there = make_organisation()
    Membership.objects.create(user=leaving.user, organisation=there, role="manager", starts_on=TODAY)

    assert _refused("organisation", _move, leaving, leaving.organisation, receiver).startswith("The person works there")
    assert _refused("organisation", _move, leaving, there, receiver).startswith("The person is registered there")
    assert Membership.objects.get(user=leaving.user, organisation=leaving.organisation).ends_on is None


def _employments(manager: Manager) -> list[tuple]:
    rows = Membership.objects.filter(user=manager.user_id).order_by("starts_on")
    return list(rows.values_list("organisation", "ends_on"))


@pytest.mark.django_db
def test_announced_move_is_taken_back_with_the_new_employment():
    leaving, receiver, _other = _team()
    make_case(manager=leaving)
    there = make_organisation()
    _move(leaving, there, receiver)

    withdrawal = _stay(leaving)

    assert _employments(leaving) == [(leaving.organisation_id, None)]
    assert list(Manager.objects.filter(user=leaving.user)) == [leaving]
    assert (withdrawal.moved_to.organisation, withdrawal.moved_to_stays) == (there, False)


@pytest.mark.django_db
@pytest.mark.parametrize("plan", ["booking", "cases", "successor"])
def test_new_employment_stays_when_something_is_planned_there(plan):
    leaving, _receiver, _other = _team()
    there = make_organisation()
    colleague = make_manager(organisation=there)
    moved = _move(leaving, there, None)
    if plan == "booking":
        post = make_post(organisation=there)
        assign_manager(post=post, manager=moved, fte=HALF, starts_on=NEXT + DAY, ends_on=None, booked_by=moved.user)
    else:
        if plan == "cases":
            make_case(manager=colleague)
        _leave(colleague, moved, last_day=NEXT + 9 * DAY)

    withdrawal = _stay(leaving)

    assert withdrawal.moved_to_stays
    assert _employments(leaving) == [(leaving.organisation_id, None), (there.pk, None)]


@pytest.mark.django_db
def test_person_who_worked_there_before_stays_known_there():
    leaving, _receiver, _other = _team()
    there = make_organisation()
    before = Manager.objects.create(user=leaving.user, organisation=there)
    Membership.objects.create(
        user=leaving.user, organisation=there, role="manager", starts_on=TODAY - 9 * DAY, ends_on=TODAY - DAY
    )
    _move(leaving, there, None)

    _stay(leaving)

    assert set(Manager.objects.filter(user=leaving.user)) == {leaving, before}
    assert (there.pk, TODAY - DAY) in _employments(leaving)
    assert len(_employments(leaving)) == 2


@pytest.mark.django_db
def test_employment_that_has_not_begun_is_taken_back_with_what_is_planned_in_it():
    leaving, _colleague, _other = _team()
    there = make_organisation()
    moved = _move(leaving, there, None)
    post = make_post(organisation=there)
    assign_manager(post=post, manager=moved, fte=HALF, starts_on=NEXT + DAY, ends_on=None, booked_by=moved.user)
    record_absence(manager=moved, kind="parental", starts_on=NEXT + 9 * DAY, ends_on=None)

    withdraw_employment(manager=moved)

    assert _employments(leaving) == [(leaving.organisation_id, NEXT)]
    assert list(Manager.objects.filter(user=leaving.user)) == [leaving]
    assert post.assignments.count() == 0
    assert _stay(leaving).moved_to is None


@pytest.mark.django_db
def test_employment_that_has_begun_or_awaits_cases_is_not_taken_back():
    leaving, _receiver, _other = _team()
    there = make_organisation()
    colleague = make_manager(organisation=there)
    moved = _move(leaving, there, None)

    assert _refused("__all__", withdraw_employment, manager=leaving).startswith("This employment has begun")
    _leave(colleague, moved, last_day=NEXT + 9 * DAY)
    assert _refused("__all__", withdraw_employment, manager=moved).startswith("Cases are to go to this person")
