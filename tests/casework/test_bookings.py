"""Posts and bookings through their services: what is kept, and at which field a refusal stands."""

from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils import timezone, translation

from casework.models import Assignment, Manager, Post
from casework.services.managers import register_on_post, set_qualification
from casework.services.posts import assign_manager, change_fte, change_post, create_post, end_assignment
from pik.models import Measure, Membership, Municipality, User
from tests.factories import (
    make_free_manager,
    make_manager,
    make_member,
    make_organisation,
    make_post,
    places_of,
)

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)
HALF, FULL = Decimal("0.50"), Decimal("1.00")


@contextmanager
def refused_at(field, *words):
    """The block is refused at exactly this field, with a sentence that has all of `words`."""
    with translation.override("en"), pytest.raises(ValidationError) as caught:
        yield
    found = caught.value.update_error_dict({})
    assert list(found) == [field]
    (sentence,) = ValidationError(found[field]).messages
    assert [word for word in words if word not in sentence] == []


def _book(post, manager, fte=HALF, starts_on=TODAY, ends_on=None, booked_by=None) -> Assignment:
    return assign_manager(
        post=post, manager=manager, fte=fte, starts_on=starts_on, ends_on=ends_on, booked_by=booked_by
    )


def _rows(post) -> list[tuple]:
    """Who is booked on a post with how much from when to when, the first first."""
    rows = post.assignments.order_by("starts_on", "pk")
    return list(rows.values_list("manager", "fte", "starts_on", "ends_on"))


# --- create_post, change_post


def _new(organisation, **overrides) -> Post:
    values = {
        "measure": Measure.objects.get(code="im"),
        "fte": HALF,
        "starts_on": TODAY,
        "ends_on": None,
        "municipalities": places_of(organisation, 2),
    }
    return create_post(organisation=organisation, **{**values, **overrides})


def test_create_post_is_vacant_and_funded_by_the_kreis_of_its_places():
    organisation = make_organisation()

    post = _new(organisation, reference=" IM-07 ", required_qualification="b")

    kept = Post.objects.get()
    assert (kept, kept.label, kept.fte, kept.required_qualification) == (post, "IM-07", HALF, "b")
    assert kept.district == organisation.district
    assert set(kept.municipalities.all()) == set(places_of(organisation, 2))
    assert kept.assignments.count() == 0


def test_post_without_a_reference_is_called_by_its_number():
    post = make_post()

    assert post.label == f"S-{post.pk}"


WRONG_POSTS = {
    "too small": (lambda body: {"fte": Decimal("0.20")}, "fte"),
    "too large": (lambda body: {"fte": Decimal("1.05")}, "fte"),
    "ends before it starts": (lambda body: {"ends_on": TODAY - DAY}, "ends_on"),
    "no municipality": (lambda body: {"municipalities": []}, "municipalities"),
    "place for the state": (lambda body: {"measure": Measure.objects.get(code="queer")}, "municipalities"),
    "foreign place": (
        lambda body: {"municipalities": Municipality.objects.exclude(district=body.district)[:1]},
        "municipalities",
    ),
    "unknown qualification": (lambda body: {"required_qualification": "z"}, "required_qualification"),
    "long reference": (lambda body: {"reference": "x" * 31}, "reference"),
}


@pytest.mark.parametrize("wrong", WRONG_POSTS)
def test_create_post_with_an_error_names_the_field_and_leaves_nothing(wrong):
    organisation = make_organisation()
    overrides, field = WRONG_POSTS[wrong]

    with refused_at(field):
        _new(organisation, **overrides(organisation))

    assert Post.objects.count() == 0


def test_create_post_for_two_districts_is_refused():
    with refused_at("municipalities", "One district"):
        _new(
            make_organisation(kind="provider"),
            municipalities=Municipality.objects.filter(pk__in=["08425002", "08426001"]),
        )


def _changed(post, **overrides) -> Post:
    values = {
        "fte": post.fte,
        "ends_on": post.ends_on,
        "municipalities": list(post.municipalities.all()),
        "required_qualification": post.required_qualification,
        "reference": post.reference,
    }
    return change_post(post=post, **{**values, **overrides})


def test_change_post_keeps_what_was_entered():
    organisation = make_organisation(district="08425")
    post = make_post(organisation=organisation)
    place = places_of(organisation, 2)[1]

    _changed(post, fte=HALF, ends_on=TODAY, municipalities=[place], required_qualification="c", reference="IM-08")

    kept = Post.objects.get()
    assert (kept.fte, kept.ends_on, kept.required_qualification, kept.reference) == (HALF, TODAY, "c", "IM-08")
    assert list(kept.municipalities.all()) == [place]


def test_change_post_that_would_not_hold_its_people_is_refused():
    post = make_manager(fte=HALF).assignments.get().post

    with refused_at("fte", "booked"):
        _changed(post, fte=Decimal("0.25"))
    with refused_at("ends_on", "longer"):
        _changed(post, ends_on=TODAY)
    with refused_at("ends_on"):
        _changed(post, ends_on=post.starts_on - DAY)
    with refused_at("fte"):
        _changed(post, fte=Decimal("1.05"))

    kept = Post.objects.get()
    assert (kept.fte, kept.ends_on) == (HALF, None)


def test_number_of_another_post_of_the_employer_is_refused_and_that_post_is_named():
    organisation = make_organisation(district="08425")
    make_post(organisation=organisation, reference="IM-07", fte=HALF, ends_on=TODAY)
    other = make_post(organisation=organisation, reference="IM-08")
    named = "0.50 FTE from 1 Jan 2025 to"

    with refused_at("reference", named):
        _new(organisation, reference=" IM-07 ", starts_on=TODAY)
    with refused_at("reference", named):
        _changed(other, reference="IM-07")

    other.refresh_from_db()
    assert (other.reference, Post.objects.count()) == ("IM-08", 2)


def test_number_is_free_again_after_its_post_and_for_others_and_none_is_no_number():
    organisation = make_organisation(district="08425")
    ended = make_post(organisation=organisation, reference="IM-07", ends_on=TODAY)

    make_post(organisation=make_organisation(), reference="IM-07")
    _new(organisation, reference="IM-07", starts_on=TODAY + DAY)
    for _number in range(2):
        make_post(organisation=organisation)

    with refused_at("reference", "has this number"):
        _changed(ended, ends_on=TODAY + DAY)
    assert Post.objects.count() == 5


def test_change_post_to_another_district_is_refused_and_keeps_the_places():
    provider = make_organisation(kind="provider")
    post = make_post(organisation=provider, municipalities=Municipality.objects.filter(pk="08425002"))

    with refused_at("municipalities", "Another district"):
        _changed(post, municipalities=Municipality.objects.filter(pk="08426001"))

    assert [place.pk for place in post.municipalities.all()] == ["08425002"]


# --- assign_manager


def test_assign_manager_books_and_notes_by_whom():
    post = make_post()
    manager, coordinator = make_free_manager(post.organisation), make_member("coordinator", post.organisation)

    assignment = _book(post, manager, HALF, TODAY, TODAY + DAY, coordinator)

    assert _rows(post) == [(manager.pk, HALF, TODAY, TODAY + DAY)]
    assert (assignment.booked_by, assignment.booked_at.date()) == (coordinator, timezone.now().date())


def test_assign_manager_beyond_what_is_left_names_who_is_booked_by_whom():
    post = make_post()
    ada, bo = (make_free_manager(post.organisation, name=name) for name in ("Ada Ahorn", "Bo Buche"))
    coordinator = make_member("coordinator", post.organisation)
    User.objects.filter(pk=coordinator.pk).update(name="Cem Coord")
    _book(post, ada, Decimal("0.75"), TODAY + 9 * DAY, booked_by=User.objects.get(pk=coordinator.pk))

    with refused_at("fte", "0.25 FTE", "0.75 FTE for Ada Ahorn", "by Cem Coord"):
        _book(post, bo)

    assert _rows(post) == [(ada.pk, Decimal("0.75"), TODAY + 9 * DAY, None)]


def test_assign_manager_beyond_full_time_says_what_the_person_has_left():
    manager = make_manager(fte=Decimal("0.75"))
    post = make_post(organisation=manager.organisation)

    with refused_at("fte", "0.25 FTE left"):
        _book(post, manager)


def test_assign_manager_counts_what_a_person_does_for_another_organisation():
    manager = make_manager(fte=Decimal("0.75"))
    post = make_post()
    Membership.objects.create(user=manager.user, organisation=post.organisation, role="manager", starts_on=TODAY)
    second = Manager.objects.create(user=manager.user, organisation=post.organisation)

    with refused_at("fte", "0.25 FTE left"):
        _book(post, second)
    _book(post, second, Decimal("0.25"))

    assert _rows(post) == [(second.pk, Decimal("0.25"), TODAY, None)]


def test_assign_manager_outside_the_post_is_refused():
    post = make_post(starts_on=TODAY, ends_on=TODAY + 9 * DAY)
    manager = make_free_manager(post.organisation)

    with refused_at("starts_on", "The post runs from"):
        _book(post, manager)
    with refused_at("starts_on", "The post runs from"):
        _book(post, manager, starts_on=TODAY - DAY, ends_on=TODAY)
    with refused_at("ends_on"):
        _book(post, manager, starts_on=TODAY + DAY, ends_on=TODAY)


def test_assign_manager_beyond_the_employment_is_refused():
    post = make_post()
    manager = make_free_manager(post.organisation)
    manager.user.memberships.update(ends_on=TODAY + 9 * DAY)

    with refused_at("ends_on", "does not work here"):
        _book(post, manager, ends_on=TODAY + 10 * DAY)
    _book(post, manager, ends_on=TODAY + 9 * DAY)

    assert _rows(post) == [(manager.pk, HALF, TODAY, TODAY + 9 * DAY)]


def test_assign_manager_of_another_organisation_is_refused():
    post, stranger = make_post(), make_free_manager(make_organisation())

    with refused_at("manager", "another organisation"):
        _book(post, stranger)


@pytest.mark.parametrize("fte", ["0.20", "1.05"])
def test_assign_manager_for_an_impossible_share_is_refused(fte):
    post = make_post()

    with refused_at("fte"):
        _book(post, make_free_manager(post.organisation), Decimal(fte))


@pytest.mark.parametrize(
    ("held", "required", "booked"),
    [("a", "b", True), ("b", "b", True), ("c", "b", False), ("c", "", True), ("", "a", True)],
)
def test_assign_manager_asks_for_the_qualification_as_far_as_it_is_noted(held, required, booked):
    post = make_post(required_qualification=required)
    manager = make_free_manager(post.organisation, qualification=held)

    if booked:
        _book(post, manager)
    else:
        with refused_at("manager", "This post demands"):
            _book(post, manager)

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

    assert _rows(old.post) == [
        (old.manager_id, FULL, old.starts_on, TODAY - DAY),
        (old.manager_id, HALF, TODAY, TODAY + 99 * DAY),
    ]
    assert (new.booked_by, Post.objects.get().fte) == (coordinator, FULL)


def test_change_fte_from_the_first_day_leaves_one_booking():
    old = _booking()

    _change(old, HALF, old.starts_on)

    assert _rows(old.post) == [(old.manager_id, HALF, old.starts_on, None)]


def test_change_fte_with_the_post_ends_it_and_begins_one_of_the_new_size():
    old = _booking()
    Post.objects.update(reference="IM-07", required_qualification="c")

    new = _change(old, Decimal("0.75"), TODAY, with_post=True)

    before, after = Post.objects.order_by("starts_on")
    assert (before.fte, before.ends_on, _rows(before)) == (
        FULL,
        TODAY - DAY,
        [(old.manager_id, FULL, old.starts_on, TODAY - DAY)],
    )
    assert (new.post, after.fte, after.starts_on, after.ends_on) == (after, Decimal("0.75"), TODAY, None)
    assert (after.label, after.required_qualification, after.district_id) == ("IM-07", "c", before.district_id)
    assert list(after.municipalities.all()) == list(before.municipalities.all())
    assert _rows(after) == [(old.manager_id, Decimal("0.75"), TODAY, None)]


@pytest.mark.parametrize("fte", ["0.50", "1.00"])
def test_change_fte_with_the_post_from_its_first_day_changes_its_size(fte):
    old = _booking(Decimal("0.75"))

    _change(old, Decimal(fte), old.starts_on, with_post=True)

    post = Post.objects.get()
    assert (post.fte, _rows(post)) == (Decimal(fte), [(old.manager_id, Decimal(fte), old.starts_on, None)])


def test_change_fte_with_the_post_on_which_somebody_else_is_booked_is_refused():
    post = make_post()
    ada, bo = (make_free_manager(post.organisation) for _number in range(2))
    old = _book(post, ada, starts_on=post.starts_on)
    _book(post, bo, starts_on=TODAY + 9 * DAY)
    before = _rows(post)

    for day in (post.starts_on, TODAY):
        with refused_at("with_post", "Somebody else"):
            _change(old, Decimal("0.25"), day, with_post=True)

    assert (_rows(post), Post.objects.count()) == (before, 1)


def test_change_fte_beyond_what_others_leave_counts_the_others_only():
    post = make_post()
    ada, bo = (make_free_manager(post.organisation, name=name) for name in ("Ada Ahorn", "Bo Buche"))
    old = _book(post, ada)
    _book(post, bo)
    before = _rows(post)

    with refused_at("fte", "0.50 FTE of this post", "0.50 FTE for Bo Buche"):
        _change(old, Decimal("0.75"), TODAY + DAY)

    assert _rows(post) == before


@pytest.mark.parametrize("with_post", [False, True])
@pytest.mark.parametrize("fte", ["0.20", "1.05"])
def test_change_fte_to_an_impossible_share_is_refused(fte, with_post):
    old = _booking()

    for day in (old.starts_on, TODAY):
        with refused_at("fte"):
            _change(old, Decimal(fte), day, with_post=with_post)

    assert _rows(old.post) == [(old.manager_id, FULL, old.starts_on, None)]


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
    ended = _rows(assignment.post)
    end_assignment(assignment=assignment, ends_on=TODAY + 9 * DAY)

    assert ended == [(assignment.manager_id, FULL, assignment.starts_on, TODAY)]
    assert _rows(assignment.post) == [(assignment.manager_id, FULL, assignment.starts_on, TODAY + 9 * DAY)]


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
    assignment = _book(post, ada, FULL, ends_on=TODAY + 8 * DAY)
    _book(post, bo, HALF, TODAY + 9 * DAY)

    with refused_at("ends_on", "0.50 FTE of this post", "Bo Buche"):
        end_assignment(assignment=assignment, ends_on=TODAY + 9 * DAY)


def test_end_assignment_cannot_be_prolonged_beyond_full_time_or_employment():
    post = make_post()
    manager = make_free_manager(post.organisation)
    assignment = _book(post, manager, FULL, ends_on=TODAY + 8 * DAY)
    _book(make_post(organisation=post.organisation), manager, HALF, TODAY + 9 * DAY, TODAY + 10 * DAY)
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


# --- register_on_post, set_qualification


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
    assert _rows(post) == [(manager.pk, HALF, TODAY, TODAY + DAY)]
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
    _book(post, make_free_manager(post.organisation), HALF)
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
    assert _rows(post) == [(manager.pk, HALF, TODAY, None)]


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
