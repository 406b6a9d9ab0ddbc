"""What the database refuses about who fills which post when, with no service in between."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError
from django.utils import timezone

from casework.models import Assignment, Manager, Post
from pik.models import Membership, Organisation, User
from tests.database import app_session, refused_by, sessions_waiting_for, side_by_side
from tests.factories import (
    STARTED,
    end_employment,
    make_manager,
    make_member,
    make_membership,
    make_organisation,
    make_user,
)

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)
FULL, HALF, QUARTER = Decimal("1.00"), Decimal("0.50"), Decimal("0.25")
# A year that is over: employments play no part in it.
FIRST, LAST = date(2025, 3, 1), date(2025, 9, 30)


def _post(organisation: Organisation, **overrides: object) -> Post:
    values = {"measure_id": "im", "district": organisation.district, "fte": FULL, "starts_on": STARTED, **overrides}
    return Post.objects.create(organisation=organisation, **values)


def _manager(organisation: Organisation, user: User | None = None) -> Manager:
    """Employed since 2025, on no post yet."""
    membership = make_membership(role="manager", organisation=organisation, user=user)
    return Manager.objects.create(user=membership.user, organisation=organisation)


def _fill(
    post: Post, manager: Manager, fte: Decimal = FULL, starts_on: date = STARTED, ends_on: date | None = None
) -> Assignment:
    return Assignment.objects.create(post=post, manager=manager, fte=fte, starts_on=starts_on, ends_on=ends_on)


def _change(row: Assignment | Post, **values: object) -> int:
    return type(row).objects.filter(pk=row.pk).update(**values)


# Inside the post.


@pytest.mark.parametrize(
    ("starts_on", "ends_on"),
    [(FIRST - DAY, LAST), (FIRST, LAST + DAY), (FIRST, None), (LAST + DAY, LAST + 2 * DAY)],
)
def test_assignment_beyond_the_period_of_its_post_is_refused(starts_on, ends_on):
    organisation = make_organisation()
    post, manager = _post(organisation, starts_on=FIRST, ends_on=LAST), _manager(organisation)
    inside = _fill(post, manager, QUARTER, FIRST, LAST)

    with refused_by("assignment_within_post"):
        _fill(post, manager, QUARTER, starts_on, ends_on)
    with refused_by("assignment_within_post"):
        _change(inside, starts_on=starts_on, ends_on=ends_on)


def test_assignment_from_the_first_to_the_last_day_of_its_post_is_kept():
    organisation = make_organisation()
    post = _post(organisation, starts_on=FIRST, ends_on=LAST)

    assignment = _fill(post, _manager(organisation), FULL, FIRST, LAST)

    assert post.assignments.get() == assignment


@pytest.mark.parametrize("values", [{"starts_on": FIRST + DAY}, {"ends_on": LAST - DAY}])
def test_post_is_not_shortened_below_its_assignments(values):
    organisation = make_organisation()
    post = _post(organisation)
    _fill(post, _manager(organisation), FULL, FIRST, LAST)

    with refused_by("assignment_within_post"):
        _change(post, **values)
    assert _change(post, starts_on=FIRST, ends_on=LAST) == 1


def test_filled_post_does_not_move_to_another_organisation():
    organisation = make_organisation()
    post = _post(organisation)
    _fill(post, _manager(organisation))

    with refused_by("assignment_within_post"):
        _change(post, organisation=make_organisation())


def test_post_of_another_organisation_is_not_filled():
    manager = _manager(make_organisation())

    with refused_by("assignment_in_own_organisation"):
        _fill(_post(make_organisation()), manager)


# Inside the employment.


@pytest.mark.parametrize("ends_on", [None, TODAY + 11 * DAY])
def test_assignment_beyond_the_employment_is_refused(ends_on):
    organisation = make_organisation()
    manager = _manager(organisation)
    end_employment(manager, TODAY + 10 * DAY)

    with refused_by("assignment_within_employment"):
        _fill(_post(organisation), manager, FULL, STARTED, ends_on)

    assert _fill(_post(organisation), manager, FULL, STARTED, TODAY + 10 * DAY).pk


def test_assignment_before_the_employment_begins_is_refused():
    organisation = make_organisation()
    manager = _manager(organisation)
    manager.user.memberships.update(starts_on=TODAY + 10 * DAY)

    with refused_by("assignment_within_employment"):
        _fill(_post(organisation), manager, FULL, TODAY + 9 * DAY)

    assert _fill(_post(organisation), manager, FULL, TODAY + 10 * DAY).pk


@pytest.mark.parametrize("role", ["coordinator", "auditor"])
def test_employment_in_another_role_fills_no_post(role):
    organisation = make_organisation()
    manager = Manager.objects.create(user=make_member(role, organisation), organisation=organisation)

    with refused_by("assignment_within_employment"):
        _fill(_post(organisation), manager)


def test_employment_of_two_contracts_without_a_gap_counts_as_one():
    organisation = make_organisation()
    manager = _manager(organisation)
    end_employment(manager, TODAY + 10 * DAY)
    second = make_membership(
        role="manager", user=manager.user, organisation=organisation, starts_on=TODAY + 12 * DAY, ends_on=None
    )

    with refused_by("assignment_within_employment"):
        _fill(_post(organisation), manager)
    Membership.objects.filter(pk=second.pk).update(starts_on=TODAY + 11 * DAY)

    assert _fill(_post(organisation), manager).pk


def test_assignment_that_is_over_needs_no_employment():
    organisation = make_organisation()
    manager = _manager(organisation)
    end_employment(manager, FIRST)

    assert _fill(_post(organisation), manager, FULL, STARTED, TODAY - DAY).pk


def test_employment_does_not_end_before_its_assignments():
    organisation = make_organisation()
    manager = _manager(organisation)
    _fill(_post(organisation), manager, FULL, STARTED, TODAY + 10 * DAY)
    employment = manager.user.memberships.all()

    for change in ({"ends_on": TODAY + 9 * DAY}, {"role": "coordinator"}, {"starts_on": TODAY + DAY}):
        with refused_by("assignment_within_employment"):
            employment.update(**change)
    with refused_by("assignment_within_employment"):
        employment.all().delete()

    assert employment.update(ends_on=TODAY + 10 * DAY) == 1


# The VZÄ of a post, on every day.


def test_assignments_beyond_the_size_of_a_post_are_refused():
    organisation = make_organisation()
    post = _post(organisation, fte=Decimal("0.75"))
    first = _fill(post, _manager(organisation), HALF)

    with refused_by("assignment_within_fte_of_post"):
        _fill(post, _manager(organisation), Decimal("0.26"))
    _fill(post, _manager(organisation), QUARTER)

    with refused_by("assignment_within_fte_of_post"):
        _change(first, fte=Decimal("0.51"))


def test_one_follows_the_other_on_a_post_on_the_next_day_and_not_on_the_same():
    organisation = make_organisation()
    post = _post(organisation)
    _fill(post, _manager(organisation), FULL, STARTED, LAST)

    with refused_by("assignment_within_fte_of_post"):
        _fill(post, _manager(organisation), QUARTER, LAST)

    assert _fill(post, _manager(organisation), FULL, LAST + DAY).pk


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "fits"),
    [
        (STARTED, FIRST - DAY, True),
        (STARTED, FIRST, False),
        (LAST, None, False),
        (LAST + DAY, None, True),
        (FIRST + DAY, LAST - DAY, False),
        (STARTED, None, False),
    ],
)
def test_days_on_which_a_post_is_full_have_no_room_whatever_lies_around_them(starts_on, ends_on, fits):
    organisation = make_organisation()
    post = _post(organisation)
    _fill(post, _manager(organisation), HALF)
    _fill(post, _manager(organisation), HALF, FIRST, LAST)
    third = _manager(organisation)

    if fits:
        assert _fill(post, third, HALF, starts_on, ends_on).pk
    else:
        with refused_by("assignment_within_fte_of_post"):
            _fill(post, third, HALF, starts_on, ends_on)


def test_post_is_not_made_smaller_than_the_fullest_of_its_days():
    organisation = make_organisation()
    post = _post(organisation)
    _fill(post, _manager(organisation), HALF)
    _fill(post, _manager(organisation), QUARTER, FIRST, LAST)
    _fill(post, _manager(organisation), QUARTER, LAST + DAY)

    with refused_by("assignment_within_fte_of_post"):
        _change(post, fte=Decimal("0.74"))
    assert _change(post, fte=Decimal("0.75")) == 1


# The time of a person.


def test_person_fills_no_more_than_a_full_post():
    organisation = make_organisation()
    manager = _manager(organisation)
    first = _fill(_post(organisation), manager, Decimal("0.75"))

    with refused_by("assignment_within_full_time"):
        _fill(_post(organisation), manager, Decimal("0.26"))
    _fill(_post(organisation), manager, QUARTER)

    with refused_by("assignment_within_full_time"):
        _change(first, fte=Decimal("0.76"))


def test_person_changes_the_post_on_the_next_day_and_not_on_the_same():
    organisation = make_organisation()
    manager = _manager(organisation)
    _fill(_post(organisation), manager, FULL, STARTED, LAST)

    with refused_by("assignment_within_full_time"):
        _fill(_post(organisation), manager, FULL, LAST)

    assert _fill(_post(organisation), manager, FULL, LAST + DAY).pk


def test_person_of_two_organisations_fills_no_more_than_a_full_post_in_both_together():
    here, there = make_organisation(), make_organisation()
    manager = _manager(here)
    same_person = _manager(there, user=manager.user)
    _fill(_post(here), manager, Decimal("0.60"))

    with refused_by("assignment_within_full_time"):
        _fill(_post(there), same_person, HALF)

    assert _fill(_post(there), same_person, Decimal("0.40")).pk


# In the same instant.


def _in_another_session(post: Post, manager: Manager, fte: Decimal, work: object) -> tuple[object, object]:
    """What `work` comes to that meets an assignment which another session has written and not committed yet."""
    with app_session() as session:
        session.execute(
            "INSERT INTO casework_assignment (post_id, manager_id, fte, starts_on, booked_at) "
            "VALUES (%s, %s, %s, %s, now())",
            [post.pk, manager.pk, fte, STARTED],
        )

        def commit() -> None:
            sessions_waiting_for(session)
            session.commit()

        return tuple(side_by_side(work, commit))


def _name(error: object) -> str:
    assert isinstance(error, IntegrityError)
    return error.__cause__.diag.constraint_name


@pytest.mark.django_db(transaction=True)
def test_two_bookings_of_one_post_at_once_do_not_overfill_it():
    organisation = make_organisation()
    post, one, two = _post(organisation), _manager(organisation), _manager(organisation)

    booked, committed = _in_another_session(post, one, FULL, lambda: _fill(post, two, QUARTER))

    assert (_name(booked), committed) == ("assignment_within_fte_of_post", None)
    assert [row.manager for row in post.assignments.all()] == [one]


@pytest.mark.django_db(transaction=True)
def test_two_bookings_of_one_person_at_once_in_two_organisations_do_not_exceed_full_time():
    here, there = make_organisation(), make_organisation()
    manager = _manager(here)
    same_person, other_post = _manager(there, user=manager.user), _post(there)

    booked, committed = _in_another_session(_post(here), manager, FULL, lambda: _fill(other_post, same_person, QUARTER))

    assert (_name(booked), committed) == ("assignment_within_full_time", None)
    assert list(same_person.assignments.all()) == []


@pytest.mark.django_db(transaction=True)
def test_post_that_is_made_smaller_while_it_is_filled_stays_as_large_as_its_assignments():
    organisation = make_organisation()
    post = _post(organisation)

    changed, committed = _in_another_session(post, _manager(organisation), FULL, lambda: _change(post, fte=HALF))

    assert (_name(changed), committed) == ("assignment_within_fte_of_post", None)


@pytest.mark.django_db(transaction=True)
def test_employment_that_is_ended_while_a_post_is_filled_goes_on():
    organisation = make_organisation()
    manager = _manager(organisation)
    employment = manager.user.memberships.all()

    ended, committed = _in_another_session(
        _post(organisation), manager, FULL, lambda: employment.update(ends_on=TODAY - DAY)
    )

    assert (_name(ended), committed) == ("assignment_within_employment", None)


@pytest.mark.parametrize("field", ["user", "organisation"])
def test_manager_is_neither_turned_into_somebody_else_nor_carried_elsewhere(field):
    manager = make_manager()
    other = {"user": make_user(), "organisation": make_organisation()}[field]

    with refused_by("manager_keeps_person_and_organisation"):
        Manager.objects.filter(pk=manager.pk).update(**{field: other})
