"""People who are registered on a post that exists, and what they have learned."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from casework.models import Assignment, Manager, Post
from casework.services.managers import register_on_post, set_qualification
from pik.models import Membership, User
from tests.bookings import book, refused_at, rows_of
from tests.factories import (
    make_free_manager,
    make_manager,
    make_member,
    make_post,
)

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)
HALF, FULL = Decimal("0.50"), Decimal("1.00")


def _register(post, **overrides) -> Manager:
    values = {
        "name": "Ada Beispiel",
        "email": "ada@pik.example",
        "fte": HALF,
        "starts_on": TODAY,
        "ends_on": None,
    }
    return register_on_post(post=post, **{**values, **overrides})


def test_register_on_post_books_the_new_person_on_it():
    post = make_post()
    coordinator = make_member("coordinator", post.organisation)

    manager = _register(
        post, ends_on=TODAY + DAY, qualification="b", qualification_proven_on=TODAY, booked_by=coordinator
    )

    assert (manager.organisation, manager.user.email) == (post.organisation, "ada@pik.example")
    assert (manager.qualification, manager.qualification_proven_on) == ("b", TODAY)
    assert rows_of(post) == [(manager.pk, HALF, TODAY, TODAY + DAY)]
    assert (post.assignments.get().booked_by, Post.objects.count()) == (coordinator, 1)
    assert [row.ends_on for row in manager.user.memberships.all()] == [None]
    assert manager.user.invitation_due_at is not None


WRONG_REGISTRATIONS = {
    "no name": ({"name": " "}, "name"),
    "no address": ({"email": "ada"}, "email"),
    "too large": ({"fte": Decimal("1.05")}, "fte"),
    "more than is left": ({"fte": Decimal("0.75")}, "fte"),
    "before the post": ({"starts_on": date(2024, 12, 31)}, "starts_on"),
    "ends before it starts": ({"ends_on": TODAY - DAY}, "ends_on"),
    "not qualified": ({"qualification": "c"}, "qualification"),
    "unknown qualification": ({"qualification": "z"}, "qualification"),
    "evidence of nothing": ({"qualification_proven_on": TODAY}, "qualification"),
    "evidence to come": (
        {"qualification": "a", "qualification_proven_on": TODAY + DAY},
        "qualification_proven_on",
    ),
}


@pytest.mark.parametrize("wrong", WRONG_REGISTRATIONS)
def test_register_on_post_with_an_error_names_the_field_and_leaves_nothing(wrong):
    post = make_post(required_qualification="b")
    book(post, make_free_manager(post.organisation), HALF)
    overrides, field = WRONG_REGISTRATIONS[wrong]
    before = [model.objects.count() for model in (User, Membership, Manager, Assignment)]

    with refused_at(field):
        _register(post, **overrides)

    assert [model.objects.count() for model in (User, Membership, Manager, Assignment)] == before


def test_register_on_post_gives_who_left_elsewhere_the_same_login_again():
    gone = make_manager(email="ada@pik.example", name="Ada Ahorn")
    gone.assignments.update(ends_on=TODAY - DAY)
    gone.user.memberships.update(ends_on=TODAY - DAY)
    post = make_post()

    manager = _register(post, name="Ada Neu")

    assert (manager.user, manager.user.name) == (gone.user, "Ada Ahorn")
    assert manager != gone
    assert User.objects.get(pk=gone.user_id).membership.organisation == post.organisation
    assert rows_of(post) == [(manager.pk, HALF, TODAY, None)]


def test_register_on_post_gives_who_returns_to_the_organisation_the_same_row():
    gone = make_manager(email="ada@pik.example", qualification="a")
    gone.assignments.update(ends_on=TODAY - DAY)
    gone.user.memberships.update(ends_on=TODAY - DAY)
    post = make_post(organisation=gone.organisation)

    manager = _register(post)

    assert (manager, Manager.objects.get().qualification) == (gone, "a")
    assert manager.user.memberships.count() == 2


@pytest.mark.parametrize("last_day", [None, TODAY])
def test_register_on_post_of_somebody_who_works_elsewhere_is_refused(last_day):
    there = make_manager(email="ada@pik.example")
    there.assignments.update(ends_on=last_day)
    there.user.memberships.update(ends_on=last_day)
    post = make_post()

    with refused_at("email", "leaving recorded"):
        _register(post)

    assert (Manager.objects.count(), post.assignments.count()) == (1, 0)


def test_register_on_post_for_the_day_after_the_leaving_is_possible_at_once():
    there = make_manager(email="ada@pik.example")
    there.assignments.update(ends_on=TODAY)
    there.user.memberships.update(ends_on=TODAY)
    post = make_post()

    manager = _register(post, starts_on=TODAY + DAY)

    assert [row.starts_on for row in manager.user.memberships.filter(organisation=post.organisation)] == [TODAY + DAY]


def test_set_qualification_is_noted_with_its_evidence_and_taken_back():
    manager = make_manager()

    set_qualification(manager=manager, qualification="c", proven_on=TODAY)
    noted = Manager.objects.values_list("qualification", "qualification_proven_on").get()
    set_qualification(manager=manager, qualification="", proven_on=None)

    assert noted == ("c", TODAY)
    assert Manager.objects.values_list("qualification", "qualification_proven_on").get() == ("", None)


@pytest.mark.parametrize(
    ("qualification", "proven_on", "field"),
    [("", TODAY, "qualification"), ("z", None, "qualification"), ("a", TODAY + DAY, "proven_on")],
)
def test_set_qualification_with_an_error_names_the_field(qualification, proven_on, field):
    manager = make_manager(qualification="b")

    with refused_at(field):
        set_qualification(manager=manager, qualification=qualification, proven_on=proven_on)

    assert Manager.objects.get().qualification == "b"
