"""Who answers for a case on which day, and what the database refuses about it."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils import timezone

from casework.models import Case, Manager, Responsibility
from casework.services.cases import close_case, reopen_case
from pik.models import Membership
from tests.database import app_session, refused_by, run_sql, sessions_waiting_for, side_by_side
from tests.factories import end_employment, hand_over, make_case, make_manager, make_membership, make_organisation

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)
FIRST = date(2017, 1, 1)
LEFT_ALONE, PAST = "case_has_responsible_manager", "responsibility_past_is_kept"


def _colleague(manager: Manager, **overrides: object) -> Manager:
    return make_manager(organisation=manager.organisation, **overrides)


def _rows(case: Case) -> list[tuple[int, date]]:
    return list(case.responsibilities.order_by("starts_on").values_list("manager", "starts_on"))


def _employment(manager: Manager):
    return Membership.objects.filter(user=manager.user, organisation=manager.organisation)


def _without_posts(manager: Manager) -> None:
    """So that nothing but the cases stands in the way of an end of the employment."""
    manager.assignments.update(ends_on=TODAY - DAY)


def _closed_case_of_somebody_who_left() -> Case:
    case = make_case()
    close_case(case=case, closed_on=TODAY, reason="moved")
    end_employment(case.opened_by, TODAY - DAY)
    return Case.objects.get(pk=case.pk)


# Who answers when.


def test_first_row_comes_with_the_case_and_holds_from_the_beginning_of_the_pact():
    case = make_case()

    assert _rows(case) == [(case.opened_by_id, FIRST)]
    assert case.responsible == case.opened_by


def test_cases_stored_in_bulk_have_their_first_rows():
    known = make_case()
    fields = [field.attname for field in Case._meta.concrete_fields if field.name not in ("id", "code", "entry_key")]

    cases = Case.objects.bulk_create(Case(**{name: getattr(known, name) for name in fields}) for _number in range(2))

    assert [_rows(case) for case in cases] == [[(known.opened_by_id, FIRST)]] * 2


@pytest.mark.parametrize(
    ("day", "who"),
    [
        (TODAY - 11 * DAY, "first"),
        (TODAY - 10 * DAY, "second"),
        (TODAY - DAY, "second"),
        (TODAY, "third"),
        (TODAY + 99 * DAY, "third"),
    ],
)
def test_on_a_day_one_row_of_each_case_holds(day, who):
    case = make_case(opened_on=TODAY - 20 * DAY)
    other = make_case(manager=case.opened_by)
    people = {"first": case.opened_by, "second": _colleague(case.opened_by), "third": _colleague(case.opened_by)}
    hand_over(case, people["third"], TODAY)
    hand_over(case, people["second"], TODAY - 10 * DAY)

    held = Responsibility.objects.on(day).values_list("case", "manager")

    assert set(held) == {(case.pk, people[who].pk), (other.pk, case.opened_by_id)}
    assert Responsibility.objects.on(day).of(people[who]).filter(case=case).count() == 1


def test_on_a_day_before_the_pact_nobody_answers():
    make_case()

    assert list(Responsibility.objects.on(FIRST - DAY)) == []


@pytest.mark.parametrize(
    ("day", "reaching"),
    [
        (TODAY - 11 * DAY, ["first", "second", "third"]),
        (TODAY - 10 * DAY, ["second", "third"]),
        (TODAY + 9 * DAY, ["second", "third"]),
        (TODAY + 10 * DAY, ["third"]),
    ],
)
def test_rows_reaching_a_day_hold_on_it_or_begin_later(day, reaching):
    case = make_case(opened_on=TODAY - 20 * DAY)
    people = {"first": case.opened_by, "second": _colleague(case.opened_by), "third": _colleague(case.opened_by)}
    hand_over(case, people["second"], TODAY - 10 * DAY)
    hand_over(case, people["third"], TODAY + 10 * DAY)

    rows = Responsibility.objects.reaching(day).order_by("starts_on")

    assert [row.manager for row in rows] == [people[name] for name in reaching]


def test_case_passes_from_one_reader_to_the_next_on_the_day():
    today, tomorrow = make_case(), make_case()
    after = {}
    for case, day in ((today, TODAY), (tomorrow, TODAY + DAY)):
        after[case] = _colleague(case.opened_by)
        hand_over(case, after[case], day)

    def sees(manager: Manager) -> list[Case]:
        return list(Case.objects.visible_to(manager.user))

    assert (sees(today.opened_by), sees(after[today])) == ([], [today])
    assert (sees(tomorrow.opened_by), sees(after[tomorrow])) == ([tomorrow], [])


def test_cases_answered_from_a_day_are_the_open_ones_held_then_or_to_come():
    manager = make_manager()
    receiver = _colleague(manager)
    kept, given, closed, to_come = (make_case(manager=manager) for _number in range(4))
    hand_over(given, receiver, TODAY)
    hand_over(to_come, receiver, TODAY + 5 * DAY)
    close_case(case=closed, closed_on=TODAY, reason="moved")

    assert set(Case.objects.answered_from(manager, day=TODAY)) == {kept, to_come}
    assert set(Case.objects.answered_from(manager, day=TODAY + 5 * DAY)) == {kept}
    assert set(Case.objects.answered_from(receiver, day=TODAY)) == {given, to_come}


# What the database keeps.


def test_past_row_is_neither_changed_nor_removed():
    case = make_case(opened_on=TODAY - 20 * DAY)
    other = make_case(manager=case.opened_by)
    row = hand_over(case, _colleague(case.opened_by), TODAY - DAY)

    for values in ({"manager": case.opened_by}, {"case": other}, {"starts_on": TODAY}):
        with refused_by(PAST):
            Responsibility.objects.filter(pk=row.pk).update(**values)
    with refused_by(PAST):
        run_sql("DELETE FROM casework_responsibility WHERE id = %s", row.pk)


def test_first_row_of_a_case_is_not_removed_even_when_a_later_one_holds():
    case = make_case()
    hand_over(case, _colleague(case.opened_by), TODAY)

    with refused_by(PAST):
        run_sql("DELETE FROM casework_responsibility WHERE case_id = %s AND starts_on = %s", case.pk, FIRST)


def test_row_from_today_on_goes_to_another_or_is_taken_back_but_never_moves():
    case = make_case()
    one, two = _colleague(case.opened_by), _colleague(case.opened_by)
    row = hand_over(case, one, TODAY)

    with refused_by(PAST):
        Responsibility.objects.filter(pk=row.pk).update(starts_on=TODAY + DAY)
    Responsibility.objects.filter(pk=row.pk).update(manager=two)
    changed = Case.objects.get(pk=case.pk).responsible
    row.delete()

    assert (changed, Case.objects.get(pk=case.pk).responsible) == (two, case.opened_by)


def test_two_rows_of_a_case_on_one_day_are_refused():
    case = make_case()
    hand_over(case, _colleague(case.opened_by), TODAY)

    with refused_by("responsibility_one_a_day"):
        hand_over(case, _colleague(case.opened_by), TODAY)


def test_case_is_not_deleted_without_its_history():
    case = close_case(case=make_case(), closed_on=TODAY, reason="other")

    with refused_by("case_is_kept"):
        run_sql("DELETE FROM casework_case WHERE id = %s", case.pk)


# No open case is left alone.


@pytest.mark.parametrize("last_day", [TODAY - DAY, TODAY, TODAY + 30 * DAY])
def test_employment_does_not_end_while_an_open_case_depends_on_it(last_day):
    case = make_case()
    _without_posts(case.opened_by)

    with refused_by(LEFT_ALONE):
        _employment(case.opened_by).update(ends_on=last_day)


def test_employment_with_an_open_case_is_neither_removed_nor_turned_into_another():
    case = make_case()
    _without_posts(case.opened_by)
    elsewhere = make_organisation()

    for values in ({"role": "coordinator"}, {"organisation": elsewhere}, {"starts_on": TODAY + DAY}):
        with refused_by(LEFT_ALONE):
            _employment(case.opened_by).update(**values)
    with refused_by(LEFT_ALONE):
        _employment(case.opened_by).delete()


def test_employment_ends_when_all_cases_are_closed():
    case = make_case()
    _without_posts(case.opened_by)
    close_case(case=case, closed_on=TODAY, reason="moved")

    assert _employment(case.opened_by).update(ends_on=TODAY - DAY) == 1


def test_employment_ends_on_the_day_before_a_hand_over_and_not_earlier():
    case = make_case()
    _without_posts(case.opened_by)
    hand_over(case, _colleague(case.opened_by), TODAY + 10 * DAY)

    with refused_by(LEFT_ALONE):
        _employment(case.opened_by).update(ends_on=TODAY + 8 * DAY)

    assert _employment(case.opened_by).update(ends_on=TODAY + 9 * DAY) == 1


def test_hand_over_that_an_ended_employment_needs_is_not_taken_back():
    case = make_case()
    _without_posts(case.opened_by)
    row = hand_over(case, _colleague(case.opened_by), TODAY + 10 * DAY)
    _employment(case.opened_by).update(ends_on=TODAY + 9 * DAY)

    with refused_by(LEFT_ALONE):
        row.delete()
    with refused_by(LEFT_ALONE):
        Responsibility.objects.filter(pk=row.pk).update(manager=case.opened_by)


def test_case_stays_over_a_new_contract_that_follows_without_a_gap_only():
    case = make_case()
    manager, between = case.opened_by, _colleague(case.opened_by)
    _without_posts(manager)
    row = hand_over(case, between, TODAY + 10 * DAY)
    _employment(manager).update(ends_on=TODAY + 9 * DAY)
    renewed = make_membership(
        user=manager.user, organisation=case.organisation, role="manager", starts_on=TODAY + 11 * DAY
    )

    with refused_by(LEFT_ALONE):
        row.delete()
    Membership.objects.filter(pk=renewed.pk).update(starts_on=TODAY + 10 * DAY)
    Responsibility.objects.get(pk=row.pk).delete()

    assert _rows(case) == [(manager.pk, FIRST)]


@pytest.mark.parametrize("day", [TODAY, TODAY + DAY])
def test_case_is_not_given_to_a_manager_of_another_organisation(day):
    case, stranger = make_case(), make_manager()

    with refused_by(LEFT_ALONE):
        hand_over(case, stranger, day)


def test_case_does_not_move_to_another_organisation_without_its_manager():
    case, other = make_case(), make_organisation()

    with refused_by(LEFT_ALONE):
        Case.objects.filter(pk=case.pk).update(organisation=other)


@pytest.mark.parametrize("day", [TODAY, TODAY + 10 * DAY])
def test_case_is_not_given_to_somebody_who_leaves(day):
    case = make_case()
    leaving = _colleague(case.opened_by)
    end_employment(leaving, TODAY + 20 * DAY)

    with refused_by(LEFT_ALONE):
        hand_over(case, leaving, day)


def test_who_answered_in_the_past_may_have_left():
    case = make_case(opened_on=TODAY - 20 * DAY)
    gone = _colleague(case.opened_by)
    end_employment(gone, TODAY - 10 * DAY)
    hand_over(case, case.opened_by, TODAY - 9 * DAY)

    hand_over(case, gone, TODAY - 15 * DAY)

    assert case.responsible == case.opened_by


def test_case_of_somebody_who_left_is_not_reopened():
    case = _closed_case_of_somebody_who_left()

    with refused_by(LEFT_ALONE):
        Case.objects.filter(pk=case.pk).update(closed_on=None, closing_reason="")
    with pytest.raises(ValidationError):
        reopen_case(case=case)

    assert not Case.objects.get(pk=case.pk).is_open


def test_case_of_somebody_who_left_is_reopened_once_a_colleague_answers_for_it():
    case = _closed_case_of_somebody_who_left()
    hand_over(case, _colleague(case.opened_by), TODAY)

    reopen_case(case=case)

    assert Case.objects.get(pk=case.pk).is_open


# Who opens a case shortly before leaving.


def test_new_case_of_somebody_who_leaves_goes_on_to_the_named_successor():
    manager = make_manager()
    successor = _colleague(manager)
    Manager.objects.filter(pk=manager.pk).update(successor=successor)
    end_employment(manager, TODAY + 10 * DAY)

    case = make_case(manager=manager)

    assert _rows(case) == [(manager.pk, FIRST), (successor.pk, TODAY + 11 * DAY)]
    assert case.responsible == manager


def test_new_case_of_somebody_who_leaves_without_a_successor_is_refused_in_words():
    manager = make_manager()
    end_employment(manager, TODAY + 10 * DAY)

    with pytest.raises(ValidationError) as caught:
        make_case(manager=manager)

    assert list(caught.value.message_dict) == ["__all__"]
    assert not Case.objects.filter(opened_by=manager).exists()


def test_new_case_of_somebody_who_stays_has_one_row_although_a_successor_is_named():
    manager = make_manager()
    Manager.objects.filter(pk=manager.pk).update(successor=_colleague(manager))

    case = make_case(manager=manager)

    assert _rows(case) == [(manager.pk, FIRST)]


def test_manager_is_not_the_own_successor():
    manager = make_manager()

    with refused_by("manager_succeeded_by_another"):
        Manager.objects.filter(pk=manager.pk).update(successor=manager)


@pytest.mark.django_db(transaction=True)
def test_hand_over_to_somebody_whose_employment_is_ended_in_the_same_instant_leaves_no_case_alone():
    case = make_case()
    receiver = _colleague(case.opened_by)
    _without_posts(receiver)

    with app_session() as session:
        session.execute(
            "INSERT INTO casework_responsibility (case_id, manager_id, starts_on) VALUES (%s, %s, %s)",
            [case.pk, receiver.pk, TODAY],
        )

        def commit() -> None:
            sessions_waiting_for(session)
            session.commit()

        ended, committed = side_by_side(lambda: _employment(receiver).update(ends_on=TODAY - DAY), commit)

    assert (type(ended), committed) == (IntegrityError, None)
    assert case.responsible == receiver
    assert _employment(receiver).get().ends_on is None


@pytest.mark.django_db(transaction=True)
def test_end_of_an_employment_that_is_not_committed_yet_holds_a_hand_over_back():
    case = make_case()
    receiver = _colleague(case.opened_by)
    _without_posts(receiver)

    with app_session() as session:
        session.execute("UPDATE pik_membership SET ends_on = %s WHERE user_id = %s", [TODAY - DAY, receiver.user_id])

        def commit() -> None:
            sessions_waiting_for(session)
            session.commit()

        given, committed = side_by_side(lambda: hand_over(case, receiver, TODAY), commit)

    assert (type(given), committed) == (IntegrityError, None)
    assert case.responsible == case.opened_by
