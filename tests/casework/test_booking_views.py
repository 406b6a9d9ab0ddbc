from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.models import Assignment, Post
from tests.bookings import book
from tests.factories import (
    make_free_manager,
    make_manager,
    make_organisation,
    make_post,
)
from tests.forms import assert_refused, submit
from tests.pages import Page
from tests.post_pages import address_of, coordinator_client

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)
FAR = date(TODAY.year + 10, 12, 31)
HALF = Decimal("0.50")


def test_booking_form_offers_who_works_here_and_what_is_free():
    post = make_post()
    book(post, make_free_manager(post.organisation, name="Zoe Zeder"), ends_on=FAR)
    gone = make_free_manager(post.organisation, name="Gustav Gegangen")
    gone.user.memberships.update(ends_on=TODAY - DAY)
    make_free_manager(make_organisation(), name="Frida Fremd")
    ada = make_free_manager(post.organisation, name="Ada Ahorn")

    page = Page(coordinator_client(post.organisation).get(address_of("post_book", post)))

    offered = [option.text.split(",")[0] for option in page.one("select", name="manager").all("option")]
    assert offered == ["Please choose", "Ada Ahorn", "Zoe Zeder"]
    values = page.values()
    assert (values["fte"], values["starts_on"], values["ends_on"]) == (["0.50"], [TODAY.isoformat()], [""])
    assert ada.assignments.count() == 0


@pytest.mark.parametrize("name", ["post_book", "manager_new"])
def test_form_for_a_full_post_says_who_holds_it_until_when(name):
    post = make_post(fte=Decimal("0.70"), ends_on=FAR)
    book(post, make_free_manager(post.organisation, name="Ada Ahorn"), ends_on=FAR)
    book(post, make_free_manager(post.organisation, name="Gustav Gegangen"), HALF, date(2025, 1, 1), TODAY - DAY)
    address = address_of(name, post) if name == "post_book" else f"{reverse('casework:manager_new')}?post={post.pk}"
    client = coordinator_client(post.organisation)

    full = Page(client.get(address))
    post.assignments.all().delete()
    free = Page(client.get(address))

    assert f"Booked: 0.50 FTE for Ada Ahorn until 31 Dec {FAR.year}. End one of the bookings" in full.main.text
    assert "Gustav Gegangen until" not in full.main.text
    assert "The post is full" not in free.main.text


def test_booking_form_says_of_whom_how_much_is_booked_already():
    post = make_post()
    book(make_post(organisation=post.organisation), make_free_manager(post.organisation, name="Zoe Zeder"))
    make_free_manager(post.organisation, name="Ada Ahorn")

    page = Page(coordinator_client(post.organisation).get(address_of("post_book", post)))

    offered = [option.text.split(", ") for option in page.one("select", name="manager").all("option")]
    assert [[words[0], *words[2:]] for words in offered] == [
        ["Please choose"],
        ["Ada Ahorn"],
        ["Zoe Zeder", "0.50 FTE booked"],
    ]


def test_who_is_booked_in_full_already_is_not_told_to_enter_less():
    post = make_post()
    ada = make_manager(organisation=post.organisation)
    sent = {"manager": ada.pk, "fte": "0.50", "starts_on": TODAY.isoformat(), "ends_on": ""}

    page = submit(coordinator_client(post.organisation), address_of("post_book", post), sent)

    assert_refused(page, "fte", sent, error="fully booked in that time. Choose somebody else or other days.")


def test_person_is_booked_by_the_coordinator():
    post = make_post(reference="IM-07")
    ada = make_free_manager(post.organisation, name="Ada Ahorn")
    sent = {"manager": ada.pk, "fte": "0.50", "starts_on": TODAY.isoformat(), "ends_on": ""}

    response = coordinator_client(post.organisation).post(address_of("post_book", post), sent, follow=True)

    assignment = Assignment.objects.get()
    assert (assignment.manager, assignment.fte, assignment.booked_by.name) == (ada, HALF, "Cem Coord")
    assert Page(response).messages == ["Ada Ahorn is booked on post IM-07."]


def test_coordinator_who_comes_second_is_told_by_whom_it_is_booked():
    post = make_post(fte=HALF)
    ada, bo = (make_free_manager(post.organisation, name=name) for name in ("Ada Ahorn", "Bo Buche"))
    address, sent = address_of("post_book", post), {"fte": "0.50", "starts_on": TODAY.isoformat()}
    coordinator_client(post.organisation, "Dana Coord").post(address, {**sent, "manager": ada.pk})

    page = submit(coordinator_client(post.organisation), address, mine := {**sent, "manager": bo.pk})

    assert_refused(page, "fte", mine, error="This post is full in that time. Booked:")
    assert "0.50 FTE for Ada Ahorn without end (by Dana Coord" in page.field_error("fte")
    assert Assignment.objects.get().manager == ada


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("manager", ""),
        ("manager", "0"),
        ("fte", "0.24"),
        ("starts_on", ""),
        ("starts_on", "2024-12-31"),
        ("ends_on", (TODAY - DAY).isoformat()),
    ],
)
def test_wrong_booking_is_explained_and_nothing_typed_is_lost(field, value):
    post = make_post()
    ada = make_free_manager(post.organisation)
    sent = {"manager": ada.pk, "fte": "0.50", "starts_on": TODAY.isoformat(), "ends_on": "", field: value}

    page = submit(coordinator_client(post.organisation), address_of("post_book", post), sent)

    assert_refused(page, field, sent)
    assert Assignment.objects.count() == 0


def test_person_of_another_organisation_cannot_be_booked():
    post, stranger = make_post(), make_free_manager(make_organisation())

    page = submit(
        coordinator_client(post.organisation),
        address_of("post_book", post),
        sent := {"manager": stranger.pk, "fte": "0.50", "starts_on": TODAY.isoformat()},
    )

    assert_refused(page, "manager", sent)


# --- assignments/<pk>/fte/, assignments/<pk>/end/


@pytest.mark.parametrize("with_post", [False, True])
def test_share_is_changed_from_a_day_and_leads_to_the_post(with_post):
    assignment = make_manager(name="Ada Ahorn").assignments.get()
    sent = {"fte": "0.50", "starts_on": TODAY.isoformat()} | ({"with_post": "on"} if with_post else {})

    response = coordinator_client(assignment.post.organisation).post(
        address_of("assignment_fte", assignment), sent, follow=True
    )

    old, new = Assignment.objects.order_by("starts_on")
    assert (old.ends_on, new.fte, new.starts_on, new.booked_by.name) == (TODAY - DAY, HALF, TODAY, "Cem Coord")
    assert (new.post == old.post, new.post.fte) == ((False, HALF) if with_post else (True, Decimal("1.00")))
    assert response.redirect_chain == [(address_of("post_detail", new.post), 302)]
    assert Page(response).messages == ["The share of Ada Ahorn is changed."]


@pytest.mark.parametrize(
    ("field", "value"),
    [("fte", "1.00"), ("fte", "1.01"), ("starts_on", ""), ("starts_on", "2024-12-31"), ("with_post", "on")],
)
def test_wrong_change_of_a_share_is_explained_at_its_field(field, value):
    assignment = make_manager().assignments.get()
    post = assignment.post
    Post.objects.filter(pk=post.pk).update(fte=Decimal("1.00"))
    sent = {"fte": "0.50", "starts_on": TODAY.isoformat(), field: value}
    if field == "with_post":
        assignment.fte = HALF
        assignment.save()
        book(post, make_free_manager(post.organisation))
        sent["fte"] = "0.25"

    page = submit(coordinator_client(post.organisation), address_of("assignment_fte", assignment), sent)

    assert_refused(page, field, sent)


def test_booking_is_ended_on_a_day():
    assignment = make_manager(name="Ada Ahorn").assignments.get()
    client = coordinator_client(assignment.post.organisation)

    response = client.post(address_of("assignment_end", assignment), {"ends_on": TODAY.isoformat()}, follow=True)

    assert Assignment.objects.get().ends_on == TODAY
    assert Page(response).messages == ["The end of the booking of Ada Ahorn is noted."]


def test_booking_is_taken_back_by_the_day_before_it_begins_and_not_by_a_slip():
    assignment = make_manager(name="Ada Ahorn").assignments.get()
    client, address = coordinator_client(assignment.post.organisation), address_of("assignment_end", assignment)

    refused = submit(client, address, sent := {"ends_on": "2024-12-30"})
    kept = Assignment.objects.count()
    response = client.post(address, {"ends_on": "2024-12-31"}, follow=True)

    assert_refused(refused, "ends_on", sent, error="The booking begins on")
    assert (kept, Assignment.objects.count()) == (1, 0)
    assert Page(response).messages == ["The booking of Ada Ahorn is taken back."]


def test_booking_cannot_last_longer_than_its_post():
    assignment = make_manager(ends_on=TODAY).assignments.get()

    page = submit(
        coordinator_client(assignment.post.organisation),
        address_of("assignment_end", assignment),
        sent := {"ends_on": (TODAY + DAY).isoformat()},
    )

    assert_refused(page, "ends_on", sent, error="The post ends on")
