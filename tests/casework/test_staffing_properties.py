"""No sequence of bookings, absences and hand-overs breaks the rules of VZÄ or leaves a case alone."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casework.models import Assignment, Case, Manager, Post, Responsibility
from casework.services.absences import name_deputy, record_absence
from casework.services.bookings import assign_manager, change_fte, end_assignment
from casework.services.cases import close_case, reopen_case
from casework.services.handovers import hand_over
from casework.services.leavings import move_manager, record_leaving
from casework.services.posts import create_post
from casework.services.withdrawals import withdraw_employment, withdraw_leaving
from pik.models import Measure, Membership, User
from tests.factories import make_case, make_manager, make_member, make_organisation, places_of

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)
# Few people, posts and days, so that the steps meet each other.
DAYS = st.integers(-3, 12).map(lambda weeks: TODAY + timedelta(weeks=weeks))
ENDS = st.none() | DAYS
FTE = st.sampled_from([Decimal("0.25"), Decimal("0.50"), Decimal("0.75"), Decimal("1.00")])
ONE = st.integers(0, 3)


class _Office:
    """Two Kreise with three people and one who can move; what every step may do."""

    def __init__(self) -> None:
        self.here, self.there = make_organisation(district="08425"), make_organisation(district="08426")
        for organisation, number in ((self.here, 3), (self.there, 1)):
            for _number in range(number):
                manager = make_manager(
                    organisation=organisation, fte=Decimal("0.75"), municipalities=places_of(organisation, 2)
                )
                make_case(manager=manager)
        self.decided_by: User = make_member("coordinator", self.here)

    def manager(self, number: int) -> Manager:
        return _nth(Manager, number)

    def book(self, one: int, other: int, first: date, last: date | None, fte: Decimal) -> None:
        assign_manager(
            post=_nth(Post, other),
            manager=self.manager(one),
            fte=fte,
            starts_on=first,
            ends_on=last,
            booked_by=self.decided_by,
        )

    def plan_post(self, _one: int, other: int, first: date, last: date | None, fte: Decimal) -> None:
        organisation = (self.here, self.there)[other % 2]
        create_post(
            organisation=organisation,
            measure=Measure.objects.get(code="im"),
            fte=fte,
            starts_on=first,
            ends_on=last,
            municipalities=places_of(organisation),
        )

    def change(self, one: int, other: int, first: date, _last: date | None, fte: Decimal) -> None:
        change_fte(
            assignment=_nth(Assignment, one),
            fte=fte,
            starts_on=first,
            with_post=other % 2 == 0,
            booked_by=self.decided_by,
        )

    def end(self, one: int, _other: int, first: date, _last: date | None, _fte: Decimal) -> None:
        end_assignment(assignment=_nth(Assignment, one), ends_on=first)

    def be_absent(self, one: int, _other: int, first: date, last: date | None, _fte: Decimal) -> None:
        record_absence(manager=self.manager(one), kind="illness", starts_on=first, ends_on=last)

    def stand_in(self, one: int, other: int, first: date, last: date | None, _fte: Decimal) -> None:
        name_deputy(manager=self.manager(one), deputy=self.manager(other), starts_on=first, ends_on=last or first)

    def pass_on(self, one: int, other: int, first: date, last: date | None, _fte: Decimal) -> None:
        manager, receiver = self.manager(one), self.manager(other)
        place = places_of(manager.organisation)[0].pk
        shared = {"rest": None, "by_municipality": {place: receiver}} if last else {"rest": receiver}
        hand_over(manager=manager, starts_on=first, reason="absence", decided_by=self.decided_by, **shared)

    def leave(self, one: int, other: int, first: date, last: date | None, _fte: Decimal) -> None:
        rest = self.manager(other) if last else None
        record_leaving(manager=self.manager(one), last_day=first, decided_by=self.decided_by, rest=rest)

    def stay(self, one: int, _other: int, _first: date, _last: date | None, _fte: Decimal) -> None:
        withdraw_leaving(manager=self.manager(one), decided_by=self.decided_by)

    def not_begin(self, one: int, _other: int, _first: date, _last: date | None, _fte: Decimal) -> None:
        withdraw_employment(manager=self.manager(one))

    def move(self, one: int, other: int, first: date, _last: date | None, _fte: Decimal) -> None:
        move_manager(
            manager=self.manager(one),
            organisation=self.there,
            last_day=first,
            decided_by=self.decided_by,
            rest=self.manager(other),
        )

    def open(self, one: int, _other: int, _first: date, _last: date | None, _fte: Decimal) -> None:
        make_case(manager=self.manager(one))

    def close_or_reopen(self, one: int, _other: int, _first: date, _last: date | None, _fte: Decimal) -> None:
        case = _nth(Case, one)
        if case.is_open:
            close_case(case=case, closed_on=TODAY, reason="moved")
        else:
            reopen_case(case=case)


STEPS: list[Callable] = [
    _Office.book,
    _Office.plan_post,
    _Office.change,
    _Office.end,
    _Office.be_absent,
    _Office.stand_in,
    _Office.pass_on,
    _Office.leave,
    _Office.stay,
    _Office.not_begin,
    _Office.move,
    _Office.open,
    _Office.close_or_reopen,
]
STEP = st.tuples(st.sampled_from(STEPS), ONE, ONE, DAYS, ENDS, FTE)


def _nth(model: type, number: int):
    """One of the rows of a model, the oldest first."""
    rows = list(model.objects.order_by("pk"))
    return rows[number % len(rows)]


def _holds(row: Assignment | Membership, day: date) -> bool:
    return row.starts_on <= day and (row.ends_on is None or row.ends_on >= day)


def _broken() -> list[tuple]:
    """What is wrong on any day of the next two years, in plain Python.

    Everything changes on a first day or after a last one only, so these days are enough.
    """
    assignments = list(Assignment.objects.select_related("post", "manager"))
    employments = list(Membership.objects.filter(role="manager"))
    rows = list(Responsibility.objects.order_by("starts_on").select_related("manager"))
    cases = list(Case.objects.open())
    periods = [*assignments, *employments]
    days = {
        TODAY,
        *(row.starts_on for row in (*periods, *rows)),
        *(row.ends_on + DAY for row in periods if row.ends_on),
    }
    wrong: list[tuple] = []
    for day in sorted(day for day in days if TODAY <= day <= TODAY + timedelta(days=730)):
        posts, people = Counter(), Counter()
        sizes = {row.post_id: row.post.fte for row in assignments}
        for row in assignments:
            if _holds(row, day):
                posts[row.post_id] += row.fte
                people[row.manager.user_id] += row.fte
        wrong += [("post", day, key) for key, fte in posts.items() if fte > sizes[key]]
        wrong += [("person", day, key) for key, fte in people.items() if fte > 1]
        employed = {(row.user_id, row.organisation_id) for row in employments if _holds(row, day)}
        for case in cases:
            begun = [row for row in rows if row.case_id == case.pk and row.starts_on <= day]
            holder = begun[-1].manager if begun else None
            latest = [row for row in begun if row.starts_on == begun[-1].starts_on]
            if len(latest) != 1 or (holder.user_id, case.organisation_id) not in employed:
                wrong.append(("case", day, case.pk))
            elif holder.organisation_id != case.organisation_id:
                wrong.append(("organisation", day, case.pk))
    return wrong


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=st.lists(STEP, min_size=1, max_size=12))
def test_no_sequence_of_steps_breaks_the_rules_or_orphans_a_case(steps):
    with transaction.atomic():
        office = _Office()
        for step, *values in steps:
            # A refusal is an answer, an error of the database is none.
            with suppress(ValidationError):
                step(office, *values)
            assert (step.__name__, _broken()) == (step.__name__, [])
        transaction.set_rollback(True)
