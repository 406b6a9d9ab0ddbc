"""Posts through their services: what is kept, and at which field a refusal stands."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import timezone

from casework.models import Post
from casework.services.bookings import end_assignment
from casework.services.leavings import record_leaving
from casework.services.posts import change_post, create_post, withdraw_post
from pik.models import Measure, Municipality
from tests.bookings import book, refused_at
from tests.database import side_by_side
from tests.factories import (
    make_manager,
    make_organisation,
    make_post,
    places_of,
)

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)
HALF, FULL = Decimal("0.50"), Decimal("1.00")


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


def test_post_begins_within_two_years_and_ends_within_ten():
    begin, end = date(TODAY.year + 2, 12, 31), date(TODAY.year + 10, 12, 31)
    organisation = make_organisation()

    with refused_at("starts_on", f"Enter 31 Dec {begin.year} or an earlier day."):
        _new(organisation, starts_on=begin + DAY)
    with refused_at("ends_on", f"Enter 31 Dec {end.year} or an earlier day, or leave"):
        _new(organisation, ends_on=end + DAY)
    post = _new(organisation, starts_on=begin, ends_on=end)
    with refused_at("ends_on", f"Enter 31 Dec {end.year}"):
        _changed(post, ends_on=end + DAY)

    kept = Post.objects.get()
    assert (kept.starts_on, kept.ends_on) == (begin, end)


def test_booking_begins_within_two_years_and_ends_within_ten():
    manager = make_manager(fte=HALF)
    post = make_post(organisation=manager.organisation)
    begin, end = date(TODAY.year + 2, 12, 31), date(TODAY.year + 10, 12, 31)

    with refused_at("starts_on", f"Enter 31 Dec {begin.year}"):
        book(post, manager, starts_on=begin + DAY)
    with refused_at("ends_on", f"Enter 31 Dec {end.year}"):
        book(post, manager, ends_on=end + DAY)
    assignment = book(post, manager, starts_on=begin, ends_on=end)
    with refused_at("ends_on", f"Enter 31 Dec {end.year}"):
        end_assignment(assignment=assignment, ends_on=end + DAY)

    assert post.assignments.get().ends_on == end


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

    with refused_at("reference", "has a post with this number already"):
        _changed(ended, ends_on=TODAY + DAY)
    assert Post.objects.count() == 5


def test_form_sent_twice_makes_one_post():
    organisation, key = make_organisation(), uuid4()

    first, second = (_new(organisation, entry_key=key) for _time in range(2))
    other = _new(organisation)

    assert first == second != other
    assert Post.objects.count() == 2
    with refused_at("__all__", "sent before"):
        _new(make_organisation(), entry_key=key)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("reference", ["", "IM-07"])
def test_form_sent_four_times_at_once_makes_one_post(reference):
    organisation, key = make_organisation(), uuid4()

    made = side_by_side(*[lambda: _new(organisation, entry_key=key, reference=reference)] * 4)

    assert made == [Post.objects.get()] * 4


def test_post_that_nobody_was_booked_on_is_taken_back():
    post, kept = make_post(), make_post()

    withdraw_post(post=post)

    assert list(Post.objects.all()) == [kept]
    with refused_at("__all__", "taken back meanwhile"):
        withdraw_post(post=post)
    with refused_at("__all__", "taken back meanwhile"):
        book(post, make_manager(organisation=post.organisation))


@pytest.mark.parametrize("ended", [False, True])
def test_post_that_somebody_was_booked_on_stays(ended):
    assignment = make_manager().assignments.get()
    if ended:
        end_assignment(assignment=assignment, ends_on=TODAY - DAY)

    with refused_at("__all__", "is or was booked"):
        withdraw_post(post=assignment.post)

    assert Post.objects.get() == assignment.post


def test_post_whose_booking_a_leaving_took_away_stays():
    manager = make_manager()
    post = make_post(organisation=manager.organisation)
    manager.assignments.get().delete()
    book(post, manager, starts_on=TODAY + 9 * DAY)
    record_leaving(manager=manager, last_day=TODAY, decided_by=manager.user, rest=None)

    with refused_at("__all__", "is or was booked"):
        withdraw_post(post=post)


def test_welfare_body_has_posts_of_other_kreise_than_its_seat_and_they_can_be_changed():
    provider = make_organisation(kind="provider", district="08425")
    place, other = Municipality.objects.filter(district="08426").order_by("ags")[:2]

    post = _new(provider, municipalities=[place])
    _changed(post, municipalities=[place, other], reference="IM-07")

    kept = Post.objects.get()
    assert (kept.district_id, kept.reference, kept.municipalities.count()) == ("08426", "IM-07", 2)
    with refused_at("municipalities", "Another district"):
        _changed(post, municipalities=places_of(provider))


@pytest.mark.parametrize("kind", ["district", "municipality", "association"])
def test_body_of_a_place_has_posts_in_its_own_kreis_only(kind):
    with refused_at("municipalities", "where the employer is seated"):
        _new(make_organisation(kind=kind, district="08425"), municipalities=Municipality.objects.filter(pk="08426001"))

    assert Post.objects.count() == 0


def test_change_post_to_another_district_is_refused_and_keeps_the_places():
    provider = make_organisation(kind="provider")
    post = make_post(organisation=provider, municipalities=Municipality.objects.filter(pk="08425002"))

    with refused_at("municipalities", "Another district"):
        _changed(post, municipalities=Municipality.objects.filter(pk="08426001"))

    assert [place.pk for place in post.municipalities.all()] == ["08425002"]
