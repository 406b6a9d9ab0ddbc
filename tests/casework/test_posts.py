from datetime import date
from decimal import Decimal

import pytest

from casework.models import Assignment, Post
from tests.database import refused_by
from tests.factories import make_manager, make_organisation
from tests.scene import make_scene

pytestmark = pytest.mark.django_db


def _rows() -> tuple[Post, Assignment]:
    assignment = make_manager().assignments.get()
    return assignment.post, assignment


@pytest.mark.parametrize("fte", ["0.20", "0.24", "1.01", "1.05", "0", "-0.5"])
def test_post_of_impossible_size_is_refused(fte):
    post, assignment = _rows()

    with refused_by("post_fte_between_quarter_and_full"):
        Post.objects.filter(pk=post.pk).update(fte=Decimal(fte))
    with refused_by("assignment_fte_between_quarter_and_full"):
        Assignment.objects.filter(pk=assignment.pk).update(fte=Decimal(fte))


@pytest.mark.parametrize("fte", ["0.25", "0.80", "1.00"])
def test_post_of_possible_size_is_kept(fte):
    assignment = make_manager(fte=Decimal(fte)).assignments.get()

    assert (assignment.fte, assignment.post.fte) == (Decimal(fte), Decimal(fte))


def test_post_that_ends_before_it_starts_is_refused():
    post, assignment = _rows()

    with refused_by("post_ends_after_it_starts"):
        Post.objects.filter(pk=post.pk).update(ends_on=date(2024, 12, 31))
    with refused_by("assignment_ends_after_it_starts"):
        Assignment.objects.filter(pk=assignment.pk).update(ends_on=date(2024, 12, 31))


@pytest.mark.parametrize(
    ("day", "active"),
    [(date(2025, 12, 31), False), (date(2026, 1, 1), True), (date(2026, 6, 30), True), (date(2026, 7, 1), False)],
)
def test_assignment_is_active_from_the_first_to_the_last_day(day, active):
    manager = make_manager(starts_on=date(2026, 1, 1), ends_on=date(2026, 6, 30))

    assert manager.assignments.active_on(day).exists() is active


def test_post_visible_to_employer_funding_kreis_and_overseers():
    scene = make_scene()
    posts = {name: manager.assignments.get().post for name, manager in scene.managers().items() if name != "mine"}
    provider = make_organisation(kind="provider")
    funded = make_manager(organisation=provider, municipalities=[scene.own.municipality])
    posts["provider"] = funded.assignments.get().post

    every = set(posts)
    assert scene.seen(posts) == {
        "nobody": set(),
        "expired": set(),
        "unknown role": set(),
        "manager": set(),
        "foreign manager": set(),
        "coordinator": {"colleague"},
        "Kreis coordinator": {"colleague", "neighbour", "provider"},
        "foreign coordinator": {"foreign"},
        "ministry": every,
        "auditor": every,
    }
