from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone, translation

from casework.models import (
    Absence,
    Assignment,
    Case,
    Contact,
    Deputyship,
    Handover,
    HandoverShare,
    Leaving,
    Manager,
    Responsibility,
)
from casework.services.absences import name_deputy, record_absence
from casework.services.cases import close_case, open_case, reopen_case
from casework.services.handovers import hand_over
from casework.services.leavings import record_leaving
from pik.models import Membership
from tests.database import refused_by, side_by_side
from tests.factories import make_case, make_contact, make_manager, make_member, make_organisation, places_of

TODAY, DAY = timezone.localdate(), timedelta(days=1)
NEXT = TODAY + timedelta(days=30)


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


@pytest.mark.django_db
def test_all_cases_go_to_one_colleague_and_history_is_kept():
    giver, receiver, _other = _team()
    cases = [make_case(manager=giver) for _number in range(2)]
    kept = make_case(manager=receiver)

    handover = _hand_over(giver, receiver)

    assert [_answers(case) for case in (*cases, kept)] == [receiver] * 3
    assert [_answers(case, TODAY - DAY) for case in cases] == [giver, giver]
    assert list(HandoverShare.objects.values_list("handover", "manager", "cases")) == [(handover.pk, receiver.pk, 2)]
    assert set(Case.objects.visible_to(receiver.user)) == {*cases, kept}
    assert list(Case.objects.visible_to(giver.user)) == []


@pytest.mark.django_db
def test_cases_are_shared_out_by_municipality_and_others_stay():
    giver, receiver, other = _team()
    first, second = places_of(giver.organisation, 2)
    here, there = make_case(manager=giver, municipality=first), make_case(manager=giver, municipality=second)

    _hand_over(giver, None, by_municipality={first.pk: receiver})
    assert (_answers(here), _answers(there)) == (receiver, giver)

    _hand_over(receiver, other, by_municipality={second.pk: giver})
    assert (_answers(here), _answers(there)) == (other, giver)


@pytest.mark.django_db
def test_only_picked_cases_are_passed_on_from_their_day():
    giver, receiver, _other = _team()
    picked, kept = make_case(manager=giver), make_case(manager=giver)

    _hand_over(giver, receiver, picked=[picked.pk], starts_on=NEXT)

    assert [_answers(picked, day) for day in (TODAY, NEXT - DAY, NEXT)] == [giver, giver, receiver]
    assert _answers(kept, NEXT) == giver


@pytest.mark.django_db
def test_closed_cases_stay_with_their_manager():
    giver, receiver, _other = _team()
    closed = close_case(case=make_case(manager=giver), closed_on=TODAY, reason="moved")
    make_case(manager=giver)

    _hand_over(giver, receiver)

    assert _answers(closed) == giver


@pytest.mark.django_db
def test_day_before_today_is_refused():
    giver, receiver, _other = _team()
    make_case(manager=giver)

    assert _refused("starts_on", _hand_over, giver, receiver, starts_on=TODAY - DAY).startswith("Cases are passed on")


@pytest.mark.django_db
def test_day_more_than_a_year_ahead_is_refused_and_the_last_one_named():
    giver, receiver, _other = _team()
    case = make_case(manager=giver)
    last = TODAY + timedelta(days=365)

    sentence = _refused("starts_on", _hand_over, giver, receiver, starts_on=last + DAY)

    assert sentence.endswith(f"Enter {last.day} {last:%b %Y} or an earlier day.")
    _hand_over(giver, receiver, starts_on=last)
    assert _answers(case, last) == receiver


@pytest.mark.django_db
def test_colleague_who_does_not_work_here_for_good_is_refused():
    giver, leaving, later = _team()
    make_case(manager=giver)
    _leave(leaving)
    Assignment.objects.filter(manager=later).delete()
    Membership.objects.filter(user=later.user).update(starts_on=NEXT)

    for stranger in (make_manager(), giver, leaving, later):
        assert _refused("rest", _hand_over, giver, stranger).startswith("A colleague who takes cases over")
    assert _hand_over(giver, later, starts_on=NEXT).received.get().manager == later


@pytest.mark.django_db
def test_case_of_somebody_else_or_closed_cannot_be_picked():
    giver, receiver, other = _team()
    foreign = make_case(manager=other)
    closed = close_case(case=make_case(manager=giver), closed_on=TODAY, reason="moved")

    for case in (foreign, closed):
        assert _refused("cases", _hand_over, giver, receiver, picked=[case.pk]).startswith("Some of these cases")


@pytest.mark.django_db
@pytest.mark.parametrize("picked", [None, []])
def test_hand_over_of_nothing_is_refused(picked):
    giver, receiver, _other = _team()

    assert _refused("__all__", _hand_over, giver, receiver, picked=picked).startswith("No open case was chosen")


@pytest.mark.django_db
def test_later_decision_of_the_giver_goes_along():
    giver, receiver, other = _team()
    case = make_case(manager=other)
    _hand_over(other, giver, starts_on=NEXT)

    _hand_over(giver, receiver, starts_on=NEXT + DAY)
    assert [_answers(case, NEXT + count * DAY) for count in range(2)] == [giver, receiver]

    _hand_over(giver, other, starts_on=NEXT)
    assert [_answers(case, NEXT + count * DAY) for count in range(2)] == [other, receiver]


@pytest.mark.django_db
def test_leaving_ends_bookings_absences_and_deputyships_and_passes_cases_on():
    leaving, receiver, _other = _team()
    case = make_case(manager=leaving)
    record_absence(manager=leaving, kind="parental", starts_on=TODAY, ends_on=None)
    record_absence(manager=receiver, kind="parental", starts_on=TODAY, ends_on=None)
    name_deputy(manager=leaving, deputy=receiver, starts_on=NEXT + DAY, ends_on=NEXT + 9 * DAY)
    name_deputy(manager=receiver, deputy=leaving, starts_on=TODAY, ends_on=NEXT + 9 * DAY)

    _leave(leaving, receiver)

    assert (Membership.objects.get(user=leaving.user).ends_on, leaving.successor) == (NEXT, receiver)
    assert Assignment.objects.get(manager=leaving).ends_on == NEXT
    assert [absence.ends_on for absence in Absence.objects.order_by("pk")] == [NEXT, None]
    assert [deputyship.ends_on for deputyship in Deputyship.objects.all()] == [NEXT]
    assert [_answers(case, day) for day in (NEXT, NEXT + DAY)] == [leaving, receiver]
    assert Handover.objects.get().reason == "leaving"


@pytest.mark.django_db
def test_leaving_in_the_past_passes_cases_on_from_today():
    leaving, receiver, _other = _team()
    case = make_case(manager=leaving)

    _leave(leaving, receiver, last_day=TODAY - 9 * DAY)

    assert [_answers(case, day) for day in (TODAY - DAY, TODAY)] == [leaving, receiver]
    assert leaving.user.membership is None


@pytest.mark.django_db
def test_leaving_with_open_cases_needs_a_receiver():
    leaving, receiver, _other = _team()
    place = make_case(manager=leaving).municipality_id

    for shared in ({}, {place: receiver}):
        assert _refused("rest", _leave, leaving, None, by_municipality=shared).startswith("There are open cases")
    assert Membership.objects.get(user=leaving.user).ends_on is None


@pytest.mark.django_db
def test_leaving_before_a_contact_or_the_first_day_is_refused():
    leaving, receiver, _other = _team()
    make_contact(case=make_case(manager=leaving), date=TODAY - DAY)

    assert _refused("last_day", _leave, leaving, receiver, last_day=TODAY - 2 * DAY).startswith("There is an entry of")
    assert _refused("last_day", _leave, leaving, receiver, last_day=date(2024, 12, 31)).startswith("The person works")


@pytest.mark.django_db
def test_leaving_of_somebody_who_left_is_refused():
    leaving, receiver, _other = _team()
    _leave(leaving, last_day=TODAY - DAY)

    assert _refused("__all__", _leave, leaving, receiver, last_day=TODAY).startswith("This person does not work here")


@pytest.mark.django_db
def test_receiver_without_cases_must_be_a_colleague_all_the_same():
    leaving, _receiver, _other = _team()

    assert _refused("rest", _leave, leaving, make_manager()).startswith("A colleague who takes cases over")


@pytest.mark.django_db
def test_employment_cannot_end_past_the_service_while_cases_are_open():
    case = make_case()

    with refused_by("case_has_responsible_manager"):
        Membership.objects.filter(user=case.opened_by.user).update(ends_on=NEXT)


@pytest.mark.django_db
def test_case_opened_after_the_announcement_goes_to_the_successor():
    leaving, receiver, _other = _team()
    _leave(leaving, receiver)

    case = make_case(manager=leaving)

    assert [_answers(case, day) for day in (TODAY, NEXT, NEXT + DAY)] == [leaving, leaving, receiver]


@pytest.mark.django_db
def test_case_opened_after_the_announcement_without_a_successor_is_refused():
    leaving, _receiver, _other = _team()
    _leave(leaving)

    with pytest.raises(ValidationError, match="niemand ist benannt, der den Fall übernimmt"):
        make_case(manager=leaving)


@pytest.mark.django_db
def test_case_reopened_after_the_announcement_goes_to_the_successor():
    leaving, receiver, _other = _team()
    case = close_case(case=make_case(manager=leaving), closed_on=TODAY, reason="moved")
    _leave(leaving, receiver)

    reopen_case(case=case)

    assert [_answers(case, day) for day in (TODAY, NEXT, NEXT + DAY)] == [leaving, leaving, receiver]


@pytest.mark.django_db
def test_case_reopened_without_a_successor_is_refused():
    leaving, _receiver, _other = _team()
    case = close_case(case=make_case(manager=leaving), closed_on=TODAY, reason="moved")
    _leave(leaving)

    with pytest.raises(ValidationError, match="niemand ist benannt, der den Fall übernimmt"):
        reopen_case(case=case)
    assert not Case.objects.get(pk=case.pk).is_open


@pytest.mark.django_db
def test_receiver_who_leaves_as_well_passes_on_what_is_to_come():
    leaving, receiver, last = _team()
    case = make_case(manager=leaving)
    _leave(leaving, receiver)

    _leave(receiver, last, last_day=NEXT - 9 * DAY)
    opened = make_case(manager=leaving)

    assert [_answers(each, day) for each in (case, opened) for day in (NEXT, NEXT + DAY)] == [leaving, last] * 2


@pytest.mark.django_db
def test_receiver_who_leaves_later_keeps_the_cases_until_then():
    leaving, receiver, last = _team()
    case = make_case(manager=leaving)
    _leave(leaving, receiver)

    _leave(receiver, last, last_day=NEXT + 9 * DAY)

    days = (NEXT, NEXT + DAY, NEXT + 9 * DAY, NEXT + 10 * DAY)
    assert [_answers(case, day) for day in days] == [leaving, receiver, receiver, last]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_pass_their_cases_to_each_other_and_leave_one_stays():
    first, second, _other = _team()
    cases = [make_case(manager=manager) for manager in (first, second)]
    decided_by = make_member("coordinator", first.organisation)

    results = side_by_side(
        lambda: record_leaving(manager=first, last_day=NEXT, decided_by=decided_by, rest=second),
        lambda: record_leaving(manager=second, last_day=NEXT, decided_by=decided_by, rest=first),
    )

    assert sorted(type(result).__name__ for result in results) == ["Leaving", "ValidationError"]
    stays = next(m for m in (first, second) if Membership.objects.get(user=m.user).ends_on is None)
    assert [_answers(case, NEXT + DAY) for case in cases] == [stays, stays]


@pytest.mark.django_db(transaction=True)
def test_case_opened_while_the_leaving_is_recorded_is_nobodys_orphan():
    leaving, receiver, _other = _team()
    old = make_case(manager=leaving)
    decided_by = make_member("coordinator", leaving.organisation)
    fields = ("measure", "municipality", "opened_on", "age_band", "household_band", "origin_group", "residence_group")
    bands = {name: getattr(old, name) for name in fields}

    left, opened = side_by_side(
        lambda: record_leaving(manager=leaving, last_day=NEXT, decided_by=decided_by, rest=receiver),
        lambda: open_case(manager=leaving, **bands),
    )

    assert isinstance(left, Leaving)
    assert isinstance(opened, Case | ValidationError)
    assert {_answers(case, NEXT + DAY) for case in Case.objects.all()} == {receiver}
    assert Contact.objects.count() == 0
