"""Bookings through their services: what is kept, and at which field a refusal stands."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import NON_FIELD_ERRORS
from django.utils import timezone

from casework.models import Assignment, Manager, Post
from casework.services.bookings import change_fte, end_assignment
from pik.models import Membership, User
from tests.bookings import book, refused_at, rows_of
from tests.factories import (
    make_free_manager,
    make_manager,
    make_member,
    make_organisation,
    make_post,
)

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)
HALF, FULL = Decimal("0.50"), Decimal("1.00")


# --- assign_manager


def test_assign_manager_books_and_notes_by_whom():
    post = make_post()
    manager, coordinator = make_free_manager(post.organisation), make_member("coordinator", post.organisation)

    assignment = book(post, manager, HALF, TODAY, TODAY + DAY, coordinator)

    assert rows_of(post) == [(manager.pk, HALF, TODAY, TODAY + DAY)]
    assert (assignment.booked_by, assignment.booked_at.date()) == (coordinator, timezone.now().date())


def test_assign_manager_beyond_what_is_left_names_who_is_booked_by_whom():
    post = make_post()
    ada, bo = (make_free_manager(post.organisation, name=name) for name in ("Ada Ahorn", "Bo Buche"))
    coordinator = make_member("coordinator", post.organisation)
    User.objects.filter(pk=coordinator.pk).update(name="Cem Coord")
    book(post, ada, Decimal("0.75"), TODAY + 9 * DAY, booked_by=User.objects.get(pk=coordinator.pk))

    with refused_at("fte", "0.25 FTE", "0.75 FTE for Ada Ahorn", "by Cem Coord"):
        book(post, bo)

    assert rows_of(post) == [(ada.pk, Decimal("0.75"), TODAY + 9 * DAY, None)]


def test_assign_manager_beyond_full_time_says_what_the_person_has_left():
    manager = make_manager(fte=Decimal("0.75"))
    post = make_post(organisation=manager.organisation)

    with refused_at("fte", "0.25 FTE left"):
        book(post, manager)


def test_assign_manager_counts_what_a_person_does_for_another_organisation():
    manager = make_manager(fte=Decimal("0.75"))
    post = make_post()
    Membership.objects.create(user=manager.user, organisation=post.organisation, role="manager", starts_on=TODAY)
    second = Manager.objects.create(user=manager.user, organisation=post.organisation)

    with refused_at("fte", "0.25 FTE left"):
        book(post, second)
    book(post, second, Decimal("0.25"))

    assert rows_of(post) == [(second.pk, Decimal("0.25"), TODAY, None)]


def test_assign_manager_outside_the_post_is_refused():
    post = make_post(starts_on=TODAY, ends_on=TODAY + 9 * DAY)
    manager = make_free_manager(post.organisation)

    with refused_at("starts_on", "The post runs from"):
        book(post, manager)
    with refused_at("starts_on", "The post runs from"):
        book(post, manager, starts_on=TODAY - DAY, ends_on=TODAY)
    with refused_at("ends_on"):
        book(post, manager, starts_on=TODAY + DAY, ends_on=TODAY)


def test_assign_manager_beyond_the_employment_is_refused():
    post = make_post()
    manager = make_free_manager(post.organisation)
    manager.user.memberships.update(ends_on=TODAY + 9 * DAY)

    with refused_at("ends_on", "does not work here"):
        book(post, manager, ends_on=TODAY + 10 * DAY)
    book(post, manager, ends_on=TODAY + 9 * DAY)

    assert rows_of(post) == [(manager.pk, HALF, TODAY, TODAY + 9 * DAY)]


def test_assign_manager_of_another_organisation_is_refused():
    post, stranger = make_post(), make_free_manager(make_organisation())

    with refused_at("manager", "another organisation"):
        book(post, stranger)


@pytest.mark.parametrize("fte", ["0.20", "1.05"])
def test_assign_manager_for_an_impossible_share_is_refused(fte):
    post = make_post()

    with refused_at("fte"):
        book(post, make_free_manager(post.organisation), Decimal(fte))


@pytest.mark.parametrize(
    ("held", "required", "booked"),
    [("a", "b", True), ("b", "b", True), ("c", "b", False), ("c", "", True), ("", "a", True)],
)
def test_assign_manager_asks_for_the_qualification_as_far_as_it_is_noted(held, required, booked):
    post = make_post(required_qualification=required)
    manager = make_free_manager(post.organisation, qualification=held)

    if booked:
        book(post, manager)
    else:
        with refused_at("manager", "This post demands"):
            book(post, manager)

    assert post.assignments.exists() is booked


# --- change_fte


def _change(assignment, fte, starts_on, *, with_post=False) -> Assignment:
    return change_fte(assignment=assignment, fte=fte, starts_on=starts_on, with_post=with_post, booked_by=None)


def _booking(fte=FULL, **overrides) -> Assignment:
    return make_manager(fte=fte, **overrides).assignments.get()


def test_change_fte_ends_the_old_share_the_day_before_the_new_one():
    old = _booking(ends_on=TODAY + 99 * DAY)
    coordinator = make_member("coordinator", old.post.organisation)

    new = change_fte(assignment=old, fte=HALF, starts_on=TODAY, with_post=False, booked_by=coordinator)

    assert rows_of(old.post) == [
        (old.manager_id, FULL, old.starts_on, TODAY - DAY),
        (old.manager_id, HALF, TODAY, TODAY + 99 * DAY),
    ]
    assert (new.booked_by, Post.objects.get().fte) == (coordinator, FULL)


def test_change_fte_from_the_first_day_leaves_one_booking():
    old = _booking()

    _change(old, HALF, old.starts_on)

    assert rows_of(old.post) == [(old.manager_id, HALF, old.starts_on, None)]


def test_change_fte_with_the_post_ends_it_and_begins_one_of_the_new_size():
    old = _booking()
    Post.objects.update(reference="IM-07", reference_key="im-07", required_qualification="c")

    new = _change(old, Decimal("0.75"), TODAY, with_post=True)

    before, after = Post.objects.order_by("starts_on")
    assert (before.fte, before.ends_on, rows_of(before)) == (
        FULL,
        TODAY - DAY,
        [(old.manager_id, FULL, old.starts_on, TODAY - DAY)],
    )
    assert (new.post, after.fte, after.starts_on, after.ends_on) == (after, Decimal("0.75"), TODAY, None)
    assert (after.label, after.required_qualification, after.district_id) == ("IM-07", "c", before.district_id)
    assert list(after.municipalities.all()) == list(before.municipalities.all())
    assert rows_of(after) == [(old.manager_id, Decimal("0.75"), TODAY, None)]


@pytest.mark.parametrize("fte", ["0.50", "1.00"])
def test_change_fte_with_the_post_from_its_first_day_changes_its_size(fte):
    old = _booking(Decimal("0.75"))

    _change(old, Decimal(fte), old.starts_on, with_post=True)

    post = Post.objects.get()
    assert (post.fte, rows_of(post)) == (Decimal(fte), [(old.manager_id, Decimal(fte), old.starts_on, None)])


def test_change_fte_with_the_post_on_which_somebody_else_is_booked_is_refused():
    post = make_post()
    ada, bo = (make_free_manager(post.organisation) for _number in range(2))
    old = book(post, ada, starts_on=post.starts_on)
    book(post, bo, starts_on=TODAY + 9 * DAY)
    before = rows_of(post)

    for day in (post.starts_on, TODAY):
        with refused_at("with_post", "Somebody else"):
            _change(old, Decimal("0.25"), day, with_post=True)

    assert (rows_of(post), Post.objects.count()) == (before, 1)


def test_change_fte_beyond_what_others_leave_counts_the_others_only():
    post = make_post()
    ada, bo = (make_free_manager(post.organisation, name=name) for name in ("Ada Ahorn", "Bo Buche"))
    old = book(post, ada)
    book(post, bo)
    before = rows_of(post)

    with refused_at("fte", "0.50 FTE of this post", "0.50 FTE for Bo Buche"):
        _change(old, Decimal("0.75"), TODAY + DAY)

    assert rows_of(post) == before


@pytest.mark.parametrize("with_post", [False, True])
@pytest.mark.parametrize("fte", ["0.20", "1.05"])
def test_change_fte_to_an_impossible_share_is_refused(fte, with_post):
    old = _booking()

    for day in (old.starts_on, TODAY):
        with refused_at("fte"):
            _change(old, Decimal(fte), day, with_post=with_post)

    assert rows_of(old.post) == [(old.manager_id, FULL, old.starts_on, None)]


def test_change_fte_that_changes_nothing_or_lies_outside_is_refused():
    old = _booking(ends_on=TODAY + 9 * DAY)

    with refused_at("fte", "until now"):
        _change(old, FULL, TODAY)
    for day in (old.starts_on - DAY, TODAY + 10 * DAY):
        with refused_at("starts_on", "does not reach"):
            _change(old, HALF, day)


# --- end_assignment


def test_end_assignment_on_a_day_and_prolonged_again():
    assignment = _booking()

    end_assignment(assignment=assignment, ends_on=TODAY)
    ended = rows_of(assignment.post)
    end_assignment(assignment=assignment, ends_on=TODAY + 9 * DAY)

    assert ended == [(assignment.manager_id, FULL, assignment.starts_on, TODAY)]
    assert rows_of(assignment.post) == [(assignment.manager_id, FULL, assignment.starts_on, TODAY + 9 * DAY)]


def test_end_assignment_before_it_begins_takes_it_back():
    assignment = _booking(starts_on=TODAY + 9 * DAY)

    end_assignment(assignment=assignment, ends_on=TODAY + 8 * DAY)

    assert Assignment.objects.count() == 0


def test_end_assignment_after_the_post_is_refused():
    assignment = _booking(ends_on=TODAY + 9 * DAY)

    with refused_at("ends_on", "The post ends on"):
        end_assignment(assignment=assignment, ends_on=TODAY + 10 * DAY)


def test_end_assignment_cannot_be_prolonged_into_the_booking_of_somebody_else():
    post = make_post()
    ada, bo = (make_free_manager(post.organisation, name=name) for name in ("Ada Ahorn", "Bo Buche"))
    assignment = book(post, ada, FULL, ends_on=TODAY + 8 * DAY)
    book(post, bo, HALF, TODAY + 9 * DAY)

    with refused_at("ends_on", "0.50 FTE of this post", "Bo Buche"):
        end_assignment(assignment=assignment, ends_on=TODAY + 9 * DAY)


def test_end_assignment_cannot_be_prolonged_beyond_full_time_or_employment():
    post = make_post()
    manager = make_free_manager(post.organisation)
    assignment = book(post, manager, FULL, ends_on=TODAY + 8 * DAY)
    book(make_post(organisation=post.organisation), manager, HALF, TODAY + 9 * DAY, TODAY + 10 * DAY)
    manager.user.memberships.update(ends_on=TODAY + 19 * DAY)

    with refused_at("ends_on", "0.50 FTE left"):
        end_assignment(assignment=assignment, ends_on=TODAY + 9 * DAY)
    Assignment.objects.exclude(pk=assignment.pk).delete()
    with refused_at("ends_on", "does not work here"):
        end_assignment(assignment=assignment, ends_on=TODAY + 20 * DAY)


def test_booking_that_was_taken_back_meanwhile_is_explained():
    assignment = _booking()
    Assignment.objects.all().delete()

    with refused_at(NON_FIELD_ERRORS, "taken back meanwhile"):
        end_assignment(assignment=assignment, ends_on=TODAY)
    with refused_at(NON_FIELD_ERRORS, "taken back meanwhile"):
        _change(assignment, HALF, TODAY)
