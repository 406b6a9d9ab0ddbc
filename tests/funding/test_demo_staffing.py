"""The staff of the demo state: three years of changes, and today as it must be."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest
from django.db.models import F, OuterRef, Q, Subquery, Sum

from casework.models import (
    Absence,
    Assignment,
    Case,
    Deputyship,
    Handover,
    Manager,
    MonthlyFigure,
    Plan,
    Post,
    Qualification,
    Responsibility,
)
from funding.demo.absences import make_absences
from funding.demo.organisations import make_organisations
from funding.demo.period import Period
from funding.demo.posts import PostDraft, make_posts
from funding.demo.sizes import sizes_for
from funding.demo.staff import Staff, make_staff
from pik.models import Membership
from tests.funding.demo_state import SCALE, UNTIL, small_state

pytestmark = pytest.mark.django_db
YEAR, DAY = timedelta(days=365), timedelta(days=1)
LEAVING_ON = date(2026, 11, 30)


@pytest.fixture(scope="module", autouse=True)
def _small_state(django_db_setup, django_db_blocker):
    with small_state(django_db_blocker):
        yield


@pytest.fixture(scope="module", name="whole")
def _whole(_small_state) -> tuple[list[Staff], list[PostDraft]]:
    """The staff of the whole state with its posts and absences, as it is before it is written."""
    land, bodies = make_organisations()
    for pk, body in enumerate(bodies, start=1):
        body.pk = pk
    period = Period(UNTIL)
    team = make_staff(Random(1), land, sizes_for(1), period)
    posts = make_posts(Random(2), team, period)
    make_absences(Random(3), team, period)
    return team, posts


def _covers(each: object, day: date) -> bool:
    return each.starts_on <= day and (each.ends_on is None or each.ends_on >= day)


def _fte(stints: list, day: date) -> Decimal:
    return sum((stint.fte for stint in stints if _covers(stint, day)), Decimal(0))


def test_whole_state_has_its_heads_and_fte_and_a_twenty_fifth_of_the_plan_vacant(whole):
    team, posts = whole

    working = [each for each in team if each.fte_on(UNTIL)]
    filled = sum(each.fte_on(UNTIL) for each in team)
    planned = sum(post.fte for post in posts if _covers(post, UNTIL))

    assert len(working) == 1200
    assert filled == pytest.approx(967, abs=Decimal("0.25"))
    assert (planned - filled) / planned == pytest.approx(Decimal("0.04"), abs=Decimal("0.002"))


def test_whole_state_never_fills_a_post_or_a_person_beyond_what_they_have(whole):
    team, posts = whole

    for post in posts:
        assert all(_fte(post.stints, stint.starts_on) <= post.fte for stint in post.stints)
        assert all(post.starts_on <= stint.starts_on for stint in post.stints)
        assert post.ends_on is None or all(stint.ends_on and stint.ends_on <= post.ends_on for stint in post.stints)
    for each in team:
        assert all(_fte(each.stints, stint.starts_on) <= 1 for stint in each.stints)
        assert min(stint.starts_on for stint in each.stints) == each.first_day


def test_whole_state_lets_as_many_leave_in_each_of_the_three_years(whole):
    left = [each.last_day for each in whole[0] if each.is_former]

    years = Counter((UNTIL - day) // YEAR for day in left)

    assert len(left) == 108
    assert all(years[year] == pytest.approx(36, abs=3) for year in range(3))


def test_whole_state_has_every_kind_of_change(whole):
    team, posts = whole
    current = [post for post in posts if _covers(post, UNTIL)]
    followed = [post for post in posts if len(post.stints) == 2 and post.stints[1].staff.predecessor]
    half_filled = [post for post in current if post.fte == 1 and _fte(post.stints, UNTIL) == Decimal("0.50")]
    shared = [post for post in current if len({s.staff for s in post.stints if _covers(s, UNTIL)}) == 2]
    gaps = [post.stints[1].starts_on - post.stints[0].ends_on - DAY for post in followed]
    joined = [each for each in team if each.first_day > UNTIL - 3 * YEAR and not each.is_former]

    assert 15 * DAY == min(gaps) < max(gaps) > 90 * DAY
    assert len(followed) > 40
    assert len(shared) > 20
    assert len(half_filled) > 15
    assert len([post for post in current if not _fte(post.stints, UNTIL)]) > 20
    assert len([post for post in posts if post.continues]) > 40
    assert len([post for post in current if post.ends_on and post.ends_on <= UNTIL + 90 * DAY]) > 15
    assert len([post for post in posts if post.starts_on > UNTIL]) > 8
    assert 100 < len(joined) < 250


def test_whole_state_has_posts_in_the_kreis_that_funds_them_and_only_welfare_bodies_leave_their_seat(whole):
    _team, posts = whole
    funded = [post for post in posts if post.district]

    assert all(post.places and {place.district_id for place in post.places} == {post.district} for post in funded)
    away = [post.body.kind for post in funded if post.body.district_id not in (None, post.district)]
    assert set(away) == {"provider"}


def test_whole_state_has_its_absences_qualifications_and_numbers(whole):
    team, posts = whole
    now = [each for each in team if each.fte_on(UNTIL)]
    held = Counter(each.qualification for each in team if each.proven_on)
    away = [each for each in now if not each.works_on(UNTIL)]

    assert len(away) / len(now) == pytest.approx(0.03, abs=0.005)
    assert sum(held.values()) / len(team) == pytest.approx(0.9, abs=0.03)
    assert [held[code] / held.total() for code in "abc"] == pytest.approx([0.55, 0.15, 0.30], abs=0.05)
    assert len([post for post in posts if post.reference]) / len(posts) == pytest.approx(2 / 3, abs=0.1)
    assert len([post for post in posts if post.required]) / len(posts) == pytest.approx(1 / 3, abs=0.05)


def test_demo_assignments_lie_inside_the_employment_of_their_person():
    employed = Membership.objects.filter(
        user=OuterRef("manager__user"), organisation=OuterRef("post__organisation"), role="manager"
    )
    held = Assignment.objects.annotate(
        since=Subquery(employed.values("starts_on")), until=Subquery(employed.values("ends_on"))
    )

    assert held.exists()
    assert not held.filter(since=None).exists()
    assert not held.filter(Q(starts_on__lt=F("since")) | Q(ends_on__gt=F("until"))).exists()
    assert not held.filter(until__isnull=False, ends_on=None).exists()


def test_demo_bookings_of_the_three_years_name_the_coordinator_of_the_body():
    booked = Assignment.objects.filter(starts_on__gt=date(2023, 11, 1))

    assert booked.exists()
    assert not booked.filter(booked_by=None).exists()
    assert not booked.exclude(
        booked_by__memberships__organisation=F("post__organisation"), booked_by__memberships__role="coordinator"
    ).exists()
    assert not booked.filter(booked_at__date__gt=UNTIL).exists()


def test_demo_posts_are_filled_with_the_qualification_that_they_demand():
    demanding = Assignment.objects.exclude(post__required_qualification="")

    assert demanding.exists()
    assert all(
        Qualification.suffices(*pair)
        for pair in demanding.values_list("manager__qualification", "post__required_qualification")
    )


def test_demo_hand_overs_are_decided_by_the_coordinator_and_count_their_cases():
    for handover in Handover.objects.all():
        employment = Membership.objects.get(user=handover.manager.user, role="manager")
        passed_on = Counter(handover.responsibilities.values_list("manager", flat=True))
        coordinator = handover.decided_by.memberships.get()

        assert (coordinator.role, coordinator.organisation) == ("coordinator", handover.organisation)
        assert handover.starts_on == employment.ends_on + DAY
        assert handover.decided_at.date() < min(handover.starts_on, UNTIL)
        assert dict(handover.received.values_list("manager", "cases")) == dict(passed_on)
        assert handover.manager.successor_id in passed_on
        assert not handover.responsibilities.exclude(starts_on=handover.starts_on).exists()
    # Whoever accepted the case of another organisation answers for it without a hand-over.
    passed_on = Responsibility.objects.filter(starts_on__gt=date(2017, 1, 1), handover=None)
    assert passed_on.exclude(case__transfers__state="accepted").count() == 0


def test_demo_team_of_the_login_shows_what_can_happen():
    login = Manager.objects.get(user__email="manager@pik.example")
    team = Manager.objects.filter(organisation=login.organisation)
    leaving, left = team.filter(user__memberships__ends_on__isnull=False).order_by("-user__memberships__ends_on")
    posts = Post.objects.filter(organisation=login.organisation)
    deputyship = Deputyship.objects.active_on(UNTIL).get(deputy=login)

    assert Absence.objects.active_on(UNTIL).filter(manager=deputyship.manager).exists()
    assert not Absence.objects.filter(manager=login).exists()
    assert Membership.objects.get(user=leaving.user).ends_on == LEAVING_ON
    assert leaving.successor in team
    assert Handover.objects.get(manager=leaving).starts_on == LEAVING_ON + DAY
    assert not Case.objects.answered_from(leaving, day=LEAVING_ON + DAY).exists()
    assert Case.objects.answered_by(leaving, on=UNTIL).open().exists()
    assert Handover.objects.filter(manager=left, starts_on__lt=UNTIL).exists()
    assert posts.active_on(UNTIL).filter(assignments=None).exists()
    assert posts.filter(starts_on__gt=UNTIL).exists()
    assert posts.filter(reference="IM-01").exists()
    assert posts.get(assignments__manager=left).assignments.count() == 2


def test_demo_deputies_work_in_the_organisation_for_the_time_that_they_stand_in():
    for each in Deputyship.objects.select_related("manager", "deputy"):
        employment = Membership.objects.get(user=each.deputy.user, role="manager")

        assert each.manager.organisation_id == each.deputy.organisation_id == each.organisation_id
        assert employment.starts_on <= each.starts_on
        assert employment.ends_on is None
        assert not each.deputy.absences.active_on(UNTIL).exists()


def test_demo_plans_lie_within_their_case_and_show_in_the_figures():
    open_cases, closed = Case.objects.open(), Case.objects.filter(closed_on__isnull=False)
    running = Plan.objects.filter(ends_on=None)
    last = MonthlyFigure.objects.filter(month=date(2026, 10, 1)).aggregate(Sum("plans_active"))

    assert not Plan.objects.filter(Q(starts_on__lt=F("case__opened_on")) | Q(starts_on__gt=UNTIL)).exists()
    assert not Plan.objects.filter(Q(ends_on__gt=F("case__closed_on")) | Q(ends_on__gt=UNTIL)).exists()
    assert not running.filter(case__closed_on__isnull=False).exists()
    assert running.count() / open_cases.count() == pytest.approx(0.82, abs=0.03)
    assert closed.filter(plans__isnull=False).distinct().count() / closed.count() > 0.6
    assert last["plans_active__sum"] == running.count() > 1000 * SCALE


def test_demo_absent_managers_record_nothing():
    absences = Absence.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=F("manager__contacts__date")), starts_on__lte=F("manager__contacts__date")
    )

    assert Absence.objects.exists()
    assert not absences.exists()
