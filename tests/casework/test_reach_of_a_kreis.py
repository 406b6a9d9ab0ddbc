"""A welfare body works in several Kreise: each sees what it funds, and none decides about the person."""

from decimal import Decimal

import pytest
from django.urls import reverse

from casework.models import Assignment, Manager, Post
from pik.models import Membership
from tests.factories import make_manager, make_member, make_organisation, make_post, places_of
from tests.pages import Page, client_of
from tests.people_lists import line, taken_in

pytestmark = pytest.mark.django_db


@pytest.fixture(name="people")
def _people() -> dict[str, Manager]:
    """Two people of one welfare body without a seat: one on a post of the reader's Kreis, one elsewhere."""
    own, other = make_organisation(kind="district"), make_organisation(kind="district")
    body = make_organisation(kind="provider")
    return {
        "own": make_manager(organisation=body, municipalities=places_of(own), name="Hanna Hier"),
        "other": make_manager(organisation=body, municipalities=places_of(other), name="Theo Dort"),
        "vacant": make_post(organisation=body, municipalities=places_of(own)),
        "reader": make_member("coordinator", own),
    }


def test_kreis_books_only_people_it_sees(people):
    address = reverse("casework:post_book", args=[people["vacant"].pk])
    client = client_of(people["reader"])

    page = client.get(address).content.decode()
    answer = client.post(address, {"manager": people["other"].pk, "fte": "0.25", "starts_on": "2026-11-24"})

    assert ("Theo Dort" in page, answer.status_code) == (False, 200)
    assert Page(answer).field_error("manager") != ""
    assert not Assignment.objects.filter(post=people["vacant"]).exists()


@pytest.mark.parametrize("name", ["manager_leave", "manager_move", "manager_handover"])
def test_kreis_reads_the_file_of_whom_it_funds_and_ends_no_employment(people, name):
    client = client_of(people["reader"])
    person = people["own"]

    file = client.get(reverse("casework:manager_detail", args=[person.pk]))
    opened = client.get(reverse(f"casework:{name}", args=[person.pk]))
    sent = client.post(reverse(f"casework:{name}", args=[person.pk]), {"last_day": "2026-11-24"})

    assert (file.status_code, opened.status_code, sent.status_code) == (200, 404, 404)
    assert Membership.objects.get(user=person.user).ends_on is None


def test_kreis_enters_and_changes_posts_of_a_body_seated_elsewhere_that_it_funds():
    kreis, seat = make_organisation(district="08425"), make_organisation(district="08426")
    body = make_organisation(kind="provider", district="08426", name="Caritas")
    funded = make_post(organisation=body, municipalities=places_of(kreis), reference="IM-01")
    make_post(organisation=body, reference="IM-02")
    make_organisation(kind="provider", district="08426", name="Not funded here")
    client = client_of(make_member("coordinator", kreis))
    address = reverse("casework:post_edit", args=[funded.pk])

    offered = Page(client.get(reverse("casework:post_new"))).one("select", name="organisation")
    new = {"organisation": body.pk, "measure": "im", "fte": "0.50", "starts_on": "2026-11-24", "reference": "IM-03"}
    created = client.post(reverse("casework:post_new"), {**new, "municipalities": [places_of(kreis)[0].pk]})
    changed = client.post(address, {**Page(client.get(address)).values(), "reference": "IM-09"})

    assert [option.text for option in offered.all("option")] == ["Please choose", "Caritas", kreis.name]
    assert (created.status_code, changed.status_code) == (302, 302)
    assert set(Post.objects.filter(district="08425").values_list("reference", flat=True)) == {"IM-03", "IM-09"}
    around = client_of(make_member("coordinator", seat))
    assert around.get(address).status_code == 404


def test_body_enters_a_post_in_another_kreis_than_its_seat_and_so_does_its_list():
    make_organisation(district="08425")
    body = make_organisation(kind="provider", district="08426")
    coordinator = make_member("coordinator", body)
    new = {"organisation": body.pk, "measure": "im", "fte": "0.50", "starts_on": "2026-11-24"}

    created = client_of(coordinator).post(
        reverse("casework:post_new"), {**new, "municipalities": ["08425002"]}, follow=True
    )
    waiting = taken_in(coordinator, line(ags="08425002"))

    assert Page(created).heading.startswith("Post S-")
    assert Post.objects.get().district_id == "08425"
    assert [len(people) for people in (waiting.good, waiting.faulty)] == [1, 0]


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_day_that_nobody_can_mean_is_refused_in_words(people, day):
    coordinator = make_member("coordinator", people["own"].organisation)
    person, client = people["own"], client_of(coordinator)

    left = client.post(reverse("casework:manager_leave", args=[person.pk]), {"last_day": day})
    booked = client.post(
        reverse("casework:post_book", args=[people["vacant"].pk]),
        {"manager": person.pk, "fte": Decimal("0.25"), "starts_on": "2026-11-24", "ends_on": day},
    )

    assert (left.status_code, booked.status_code) == (200, 200)
    assert Page(left).field_error("last_day").endswith("Enter a day between 1 Jan 1930 and 31 Dec 2099.")
    assert Page(booked).field_error("ends_on").endswith("Enter a day between 1 Jan 1930 and 31 Dec 2099.")


def test_address_with_a_number_of_thousands_of_digits_is_not_found(people):
    client = client_of(people["reader"])

    assert client.get(reverse("casework:manager_new"), {"post": "9" * 4500}).status_code == 404
    assert client.get(reverse("casework:staffing_organisation", args=[0])).status_code == 404
