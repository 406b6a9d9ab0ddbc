from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.models import Assignment, Post
from pik.models import Membership, User
from tests.bookings import book
from tests.factories import (
    make_free_manager,
    make_membership,
    make_organisation,
    make_post,
)
from tests.forms import assert_refused, submit
from tests.pages import Page
from tests.post_pages import coordinator_client, facts_of

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)
HALF = Decimal("0.50")


def _register(post: Post) -> str:
    return f"{reverse('casework:manager_new')}?post={post.pk}"


def test_registration_on_a_post_asks_for_the_person_and_shows_the_post():
    post = make_post(organisation=make_organisation(district="08425"), fte=Decimal("0.75"))

    page = Page(coordinator_client(post.organisation).get(_register(post)))

    values, facts = page.values(), facts_of(page)
    assert values == {
        "name": [""],
        "email": [""],
        "qualification": [""],
        "qualification_proven_on": [""],
        "fte": ["0.75"],
        "starts_on": [TODAY.isoformat()],
        "ends_on": [""],
    }
    assert (facts["Employer"], facts["Measure"]) == (post.organisation.name, "Integration management")
    assert facts["Municipalities served"] == post.municipalities.get().name


def test_person_is_registered_on_the_post_with_the_qualification():
    post = make_post()
    sent = {
        "name": "Ottilie Neu",
        "email": "ottilie@pik.example",
        "qualification": "b",
        "qualification_proven_on": TODAY.isoformat(),
        "fte": "0.50",
        "starts_on": TODAY.isoformat(),
    }

    response = coordinator_client(post.organisation).post(_register(post), sent)

    assignment = Assignment.objects.get()
    manager = assignment.manager
    assert (assignment.post, assignment.fte, assignment.booked_by.name) == (post, HALF, "Cem Coord")
    assert (manager.qualification, manager.qualification_proven_on) == ("b", TODAY)
    assert response["Location"] == reverse("casework:manager_detail", args=[manager.pk])
    assert Post.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("email", "taken@pik.example"),
        ("fte", "0.75"),
        ("starts_on", "2024-12-31"),
        ("qualification", "c"),
        ("qualification_proven_on", (TODAY + DAY).isoformat()),
    ],
)
def test_wrong_registration_on_a_post_is_explained_at_its_field(field, value):
    post = make_post(required_qualification="b")
    book(post, make_free_manager(post.organisation))
    make_membership(
        user=User.objects.create_user(email="taken@pik.example", name="Taken"), role=Membership.Role.AUDITOR
    )
    sent = {
        "name": "Ottilie Neu",
        "email": "ottilie@pik.example",
        "qualification": "a",
        "fte": "0.50",
        "starts_on": TODAY.isoformat(),
        field: value,
    }

    page = submit(coordinator_client(post.organisation), _register(post), sent)

    assert_refused(page, field, sent)
    assert Assignment.objects.count() == 1


def test_registration_on_a_post_of_others_or_none_is_not_found():
    foreign = make_post()
    client = coordinator_client(make_organisation())

    statuses = [
        client.get(reverse("casework:manager_new"), {"post": post}).status_code
        for post in (foreign.pk, "0", "x", "", "-1", "²", "9" * 30)
    ]

    assert statuses == [404] * 7
