from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone, translation

from casework.models import Absence, Case, Deputyship, Manager
from casework.services.absences import (
    change_absence,
    end_deputyship,
    name_deputy,
    record_absence,
    withdraw_absence,
)
from casework.services.leavings import record_leaving
from tests.database import refused_at_commit_by, refused_by
from tests.factories import make_case, make_manager, make_member
from tests.scene import make_scene

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)
LAST = TODAY + timedelta(days=30)


def _absence(manager: Manager | None = None, **overrides: object) -> Absence:
    values = {"kind": "parental", "starts_on": TODAY, "ends_on": LAST, **overrides}
    return record_absence(manager=manager or make_manager(), **values)


def _pair() -> tuple[Manager, Manager]:
    manager = make_manager()
    return manager, make_manager(organisation=manager.organisation)


def _deputyship(manager: Manager, deputy: Manager, **overrides: object) -> Deputyship:
    return name_deputy(manager=manager, deputy=deputy, **{"starts_on": TODAY, "ends_on": LAST, **overrides})


def _refused(field: str, work, *args: object, **values: object) -> str:
    """The sentence with which the work is refused at a field; nothing of it is kept."""
    rows = [list(model.objects.values_list()) for model in (Absence, Deputyship)]
    with pytest.raises(ValidationError) as caught, translation.override("en"):
        work(*args, **values)
    assert set(caught.value.message_dict) == {field}
    assert [list(model.objects.values_list()) for model in (Absence, Deputyship)] == rows
    return caught.value.messages[0]


@pytest.mark.parametrize("last", [None, TODAY, LAST])
def test_absence_is_recorded_with_or_without_an_end(last):
    absence = _absence(ends_on=last)

    stored = Absence.objects.get()
    assert (stored, stored.kind, stored.starts_on, stored.ends_on) == (absence, "parental", TODAY, last)


@pytest.mark.parametrize("first", [TODAY - DAY, TODAY, LAST])
def test_second_absence_in_that_time_is_refused(first):
    manager = _absence().manager

    assert _refused("starts_on", _absence, manager, starts_on=first).startswith("There is an absence in that time")
    assert _absence(manager, starts_on=LAST + DAY, ends_on=None).pk is not None


def test_wrong_absence_is_refused_at_its_field():
    assert _refused("ends_on", _absence, ends_on=TODAY - DAY).startswith("The last day lies before the first")
    assert _refused("kind", _absence, kind="holiday") != ""


def test_absence_is_corrected_under_the_same_rules():
    manager = make_manager()
    first, second = _absence(manager), _absence(manager, starts_on=LAST + DAY, ends_on=None)
    values = {"kind": "illness", "starts_on": TODAY}

    change_absence(absence=first, ends_on=TODAY, **values)

    first.refresh_from_db()
    assert (first.kind, first.ends_on) == ("illness", TODAY)
    assert _refused("starts_on", change_absence, absence=first, ends_on=second.starts_on, **values) != ""


def test_absence_that_never_was_is_removed():
    absence = _absence()

    withdraw_absence(absence=absence)

    assert Absence.objects.count() == 0


def test_absence_rules_hold_in_the_database_too():
    absence = _absence()

    with refused_by("absence_kind_known"):
        Absence.objects.update(kind="holiday")
    with refused_by("absence_ends_after_it_starts"):
        Absence.objects.update(ends_on=TODAY - DAY)
    with refused_by("absence_once_at_a_time"):
        Absence.objects.create(manager=absence.manager, kind="other", starts_on=LAST)


def test_absences_are_visible_to_the_person_and_the_employers_coordinators():
    scene = make_scene()
    absences = {name: _absence(manager) for name, manager in scene.managers().items()}

    seen = scene.seen(absences)

    assert {reader: names for reader, names in seen.items() if names} == {
        "manager": {"mine"},
        "coordinator": {"mine", "colleague"},
        "Kreis coordinator": {"neighbour"},
        "foreign coordinator": {"foreign"},
    }


def test_deputy_sees_the_cases_from_the_first_to_the_last_day():
    manager, deputy = _pair()
    case = make_case(manager=manager)
    deputyship = _deputyship(manager, deputy)
    periods = [(TODAY, TODAY), (TODAY + DAY, LAST), (TODAY - 2 * DAY, TODAY - DAY)]

    seen = []
    for first, last in periods:
        Deputyship.objects.filter(pk=deputyship.pk).update(starts_on=first, ends_on=last)
        seen.append(list(Case.objects.visible_to(deputy.user)))

    assert seen == [[case], [], []]


def test_nobody_is_the_own_deputy_and_no_stranger_is_one():
    manager, deputy = _pair()
    stranger = make_manager()

    assert _refused("deputy", _deputyship, manager, manager).startswith("Nobody is the own deputy")
    assert _refused("deputy", _deputyship, manager, stranger).startswith("A deputy works in the same organisation")
    assert _refused("ends_on", _deputyship, manager, deputy, ends_on=TODAY - DAY).startswith("The last day lies")
    with refused_at_commit_by("deputyship_by_own_manager"):
        Deputyship.objects.create(
            manager=manager, deputy=stranger, organisation=manager.organisation, starts_on=TODAY, ends_on=LAST
        )


def test_deputyship_beyond_an_employment_is_refused_at_whose_it_is():
    manager, deputy = _pair()
    decided_by = make_member("coordinator", manager.organisation)
    record_leaving(manager=deputy, last_day=LAST - DAY, decided_by=decided_by, rest=None)

    assert _refused("deputy", _deputyship, manager, deputy).startswith("Both work here for all of that time")
    assert _refused("ends_on", _deputyship, deputy, manager).startswith("Both work here for all of that time")
    assert _refused("ends_on", _deputyship, manager, deputy, starts_on=date(2024, 12, 31), ends_on=TODAY) != ""
    assert _deputyship(manager, deputy, ends_on=LAST - DAY).pk is not None


def test_same_deputy_twice_in_that_time_is_refused_and_a_second_one_is_not():
    manager, deputy = _pair()
    _deputyship(manager, deputy)

    assert _refused("starts_on", _deputyship, manager, deputy, starts_on=LAST).startswith("This colleague is")
    assert _deputyship(manager, make_manager(organisation=manager.organisation)).pk is not None


@pytest.mark.parametrize(("day", "left"), [(TODAY - DAY, []), (TODAY, [TODAY]), (LAST, [LAST]), (LAST + DAY, [LAST])])
def test_deputyship_ends_on_a_day_or_is_taken_back_before_it_begins(day, left):
    deputyship = _deputyship(*_pair())

    end_deputyship(deputyship=deputyship, ends_on=day)

    assert list(Deputyship.objects.values_list("ends_on", flat=True)) == left


def test_deputyships_are_visible_to_the_two_and_to_their_coordinators():
    scene = make_scene()
    managers = scene.managers()
    pairs = {"given": ("mine", "colleague"), "taken": ("colleague", "mine")}
    rows = {name: _deputyship(managers[one], managers[other]) for name, (one, other) in pairs.items()}
    for body in ("neighbour", "foreign"):
        pair = managers[body], make_manager(organisation=managers[body].organisation)
        rows[body] = _deputyship(*pair)

    seen = scene.seen(rows)

    assert {reader: names for reader, names in seen.items() if names} == {
        "manager": {"given", "taken"},
        "coordinator": {"given", "taken"},
        "Kreis coordinator": {"neighbour"},
        "foreign coordinator": {"foreign"},
    }
