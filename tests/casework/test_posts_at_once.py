"""Two coordinators who book in the same instant: one wins, the other is told by whom and what is left."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone, translation

from casework.models import Assignment, Manager, Post
from casework.services.bookings import assign_manager
from pik.models import User
from tests.database import app_session, side_by_side, wait_until_queued
from tests.factories import make_free_manager, make_member, make_post
from tests.own_database import ROOT

pytestmark = pytest.mark.django_db(transaction=True)
TODAY, DAY = timezone.localdate(), timedelta(days=1)
HALF = Decimal("0.50")


def _process(post: Post, manager: Manager, by: User) -> subprocess.Popen:
    """A process that is about to book half of the post, and waits for a line."""
    database = connection.settings_dict["NAME"]
    command = [sys.executable, "-m", "tests.casework.booking_process", database, post.pk, manager.pk, by.pk]
    process = subprocess.Popen(
        [str(part) for part in command],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "pik.settings"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "ready\n"
    return process


def _coordinator(post: Post, name: str) -> User:
    user = make_member("coordinator", post.organisation)
    User.objects.filter(pk=user.pk).update(name=name)
    return User.objects.get(pk=user.pk)


def test_two_processes_that_book_the_same_half_post_book_it_once():
    post = make_post(fte=HALF)
    names = {name: _coordinator(post, name) for name in ("Cem Coord", "Dana Coord")}
    people = {name: make_free_manager(post.organisation, name=f"Person of {name}") for name in names}
    processes = [_process(post, people[name], by) for name, by in names.items()]

    # Both have sent their booking before either of them is through.
    with app_session() as session:
        session.execute("SELECT FROM casework_post WHERE id = %s FOR UPDATE", [post.pk])
        for process in processes:
            process.stdin.write("go\n")
            process.stdin.flush()
        wait_until_queued(2)
        session.commit()
    answers = [process.communicate(timeout=30)[0].strip() for process in processes]

    assert [process.returncode for process in processes] == [0, 0]
    booked = Assignment.objects.get(post=post)
    winner = booked.booked_by.name
    assert (booked.manager, booked.fte) == (people[winner], HALF)
    assert answers.count("booked") == 1
    (refusal,) = (json.loads(answer) for answer in answers if answer != "booked")
    ((field, (sentence,)),) = refusal.items()
    assert field == "fte"
    assert sentence.startswith(f"This post is full in that time. Booked: 0.50 FTE for Person of {winner}")
    assert f"(by {winner}, " in sentence


def _book(post: Post, manager: Manager, fte: Decimal) -> Callable[[], Assignment]:
    def book() -> Assignment:
        with translation.override("en"):
            return assign_manager(post=post, manager=manager, fte=fte, starts_on=TODAY, ends_on=None, booked_by=None)

    return book


def test_two_bookings_of_one_person_on_two_posts_never_exceed_full_time():
    first = make_post()
    second = make_post(organisation=first.organisation)
    manager = make_free_manager(first.organisation)
    fte = Decimal("0.75")

    with app_session() as session:
        session.execute("SELECT FROM pik_user WHERE id = %s FOR UPDATE", [manager.user_id])

        def release() -> None:
            wait_until_queued(2)
            session.commit()

        *booked, released = side_by_side(_book(first, manager, fte), _book(second, manager, fte), release)

    assert released is None
    assert {type(result) for result in booked} == {Assignment, ValidationError}
    (refusal,) = (result for result in booked if isinstance(result, ValidationError))
    assert refusal.message_dict == {
        "fte": ["This person has 0.25 FTE left in that time; nobody works more than 1.00. Enter less or other days."]
    }
    assert [row.fte for row in Assignment.objects.filter(manager=manager)] == [fte]


def test_two_halves_of_a_post_booked_at_once_are_both_kept():
    post = make_post()
    people = [make_free_manager(post.organisation) for _number in range(2)]

    booked = side_by_side(*(_book(post, manager, HALF) for manager in people))

    assert [type(result) for result in booked] == [Assignment, Assignment]
    assert set(post.assignments.values_list("manager", flat=True)) == {manager.pk for manager in people}
