from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, Sum
from django.utils import timezone

from casework.codes import normalised
from casework.models import (
    Assignment,
    Case,
    Contact,
    FigureChange,
    GroupOffer,
    Handover,
    LanguageCourse,
    Manager,
    MonthlyFigure,
    MonthlySummary,
    Post,
    QueerSupport,
    Referral,
    Responsibility,
    Transfer,
)
from casework.services import figures
from casework.staffing import fte_over_time
from funding.demo.people import LOGINS, PASSWORD
from funding.demo.sizes import LOGIN_DISTRICT, sizes_for
from funding.models import Budget, LedgerEntry
from pik.models import AccessLine, AccessReview, Membership, Organisation, User
from pik.months import add_months
from tests.funding.demo_state import SCALE, UNTIL, small_state

FIRST_MONTH, LAST_MONTH = date(2025, 10, 1), date(2026, 10, 1)


@pytest.fixture(scope="module", autouse=True)
def _small_state(django_db_setup, django_db_blocker):
    with small_state(django_db_blocker):
        yield


pytestmark = pytest.mark.django_db


def test_demo_has_the_heads_and_the_fte_of_its_scale():
    working = Assignment.objects.active_on(UNTIL)

    assert working.values("manager").distinct().count() == 24
    assert working.aggregate(total=Sum("fte"))["total"] == pytest.approx(Decimal(967) * 24 / 1200, abs=Decimal("0.25"))


def test_demo_sizes_are_those_of_the_state():
    sizes = sizes_for(1)

    assert sum(sizes.heads.values()) == 1200
    assert sizes.fte == 967
    assert sizes.cases_open == 87_000
    assert sizes.heads["im"] / 1200 == pytest.approx(0.9, abs=0.02)


def test_demo_has_the_organisations_of_the_whole_state():
    kinds = dict(Organisation.objects.order_by().values_list("kind").annotate(Count("pk")))

    assert kinds == {
        "ministry": 1, "authority": 1, "audit": 1,
        "district": 44, "municipality": 100, "association": 40, "provider": 12,
    }  # fmt: skip


def test_demo_posts_serve_municipalities_of_the_district_that_pays():
    outside = Post.objects.filter(~Q(municipalities__district=F("district")), district__isnull=False)

    assert not outside.exists()
    assert not Post.objects.exclude(measure="queer").filter(municipalities=None).exists()
    assert not Post.objects.filter(measure="queer").exclude(district=None, municipalities=None).exists()


def test_demo_employers_have_exactly_one_coordinator():
    employers = Organisation.objects.filter(managers__isnull=False).distinct()
    coordinators = employers.annotate(
        number=Count("memberships", filter=Q(memberships__role="coordinator"), distinct=True)
    )

    assert set(coordinators.values_list("number", flat=True)) == {1}


def test_demo_cases_are_as_many_as_planned_and_their_codes_are_valid():
    codes = list(Case.objects.values_list("code", flat=True))

    assert Case.objects.open().count() == 1740
    assert len(codes) == 1740 + 600
    assert all(normalised(code) == code for code in codes)
    assert Case.objects.aggregate(first=Min("opened_on"))["first"] >= UNTIL - timedelta(days=5 * 365)


def test_demo_pupils_have_no_origin_and_refugees_have_one():
    assert not Case.objects.filter(measure="jbh").exclude(origin_group="", residence_group="").exists()
    assert not Case.objects.filter(measure="jbh", arrival_year__isnull=False).exists()
    assert not Case.objects.filter(measure="im", origin_group="").exists()


def test_demo_contacts_lie_within_their_case_and_the_time_of_who_answered_for_it():
    answered = Responsibility.objects.filter(case=OuterRef("case"), starts_on__lte=OuterRef("date"))
    wrong = Contact.objects.annotate(answers=answered.order_by("-starts_on").values("manager")[:1]).filter(
        ~Q(manager=F("answers"))
        # A case that went elsewhere has left the place of its contacts.
        | ~Q(municipality=F("case__municipality")) & Q(case__relocations=None)
        | Q(date__lt=F("case__opened_on"))
        | Q(date__gt=F("case__closed_on"))
        | Q(date__gt=UNTIL)
        | Q(date__lt=FIRST_MONTH)
    )

    assert not wrong.exists()
    assert Contact.objects.count() == pytest.approx(540_000 * SCALE, rel=0.05)


def test_demo_managers_do_nothing_before_their_first_and_after_their_last_day():
    times = Manager.objects.annotate(
        since=Min("assignments__starts_on"), first=Min("contacts__date"), last=Max("contacts__date"),
        left=Max("user__memberships__ends_on"),
    )  # fmt: skip
    cases = Case.objects.alias(
        since=Min("opened_by__assignments__starts_on"), left=Max("opened_by__user__memberships__ends_on")
    )

    assert not times.filter(Q(first__lt=F("since")) | Q(last__gt=F("left"))).exists()
    assert not cases.filter(Q(opened_on__lt=F("since")) | Q(opened_on__gt=F("left"))).exists()


def test_demo_cases_are_answered_for_by_somebody_who_works_there():
    today = Responsibility.objects.on(UNTIL).filter(case__closed_on__isnull=True)
    employed = Membership.objects.active_on(UNTIL).filter(
        user=OuterRef("manager__user"), organisation=OuterRef("case__organisation"), role="manager"
    )

    assert today.count() == Case.objects.open().count()
    assert not today.exclude(Exists(employed)).exists()
    assert Handover.objects.exists()


def test_demo_posts_stand_vacant_change_and_are_missed():
    points = fte_over_time(Post.objects.all(), [add_months(FIRST_MONTH, -20), UNTIL])

    assert points[0].filled > 0
    assert points[1].planned > points[1].filled > points[1].absent > 0


def test_demo_cases_were_used_last_with_their_latest_contact():
    used = Case.objects.annotate(latest=Max("contacts__recorded_at")).filter(latest__isnull=False)

    assert used.exists()
    assert not used.exclude(last_used_at=F("latest")).exists()
    assert not Case.objects.filter(last_used_at__gt=timezone.now()).exists()


def test_demo_referrals_are_those_of_the_contacts_and_most_have_arrived():
    named = Contact.objects.filter(referral_target__isnull=False)
    old = Referral.objects.filter(referred_on__lt=UNTIL - timedelta(weeks=12))

    assert Referral.objects.count() == named.count() > 500
    assert 0.55 < old.filter(outcome="arrived").count() / old.count() < 0.75
    assert 0 < old.filter(outcome__in=["", "waiting"]).count() < old.count() * 0.06
    assert not Referral.objects.filter(outcome_on__gt=UNTIL).exists()


def test_demo_transfers_are_of_every_kind_and_accepted_ones_moved_the_case():
    states = dict(Transfer.objects.order_by().values_list("state").annotate(Count("pk")))
    accepted = Transfer.objects.filter(state="accepted")

    assert set(states) == {"offered", "accepted", "declined", "withdrawn"}
    assert not accepted.exclude(case__organisation=F("receiver"), case__municipality=F("municipality")).exists()
    assert all(each.case.responsible == each.manager for each in accepted.select_related("case"))
    assert not Transfer.objects.exclude(state="accepted").exclude(case__organisation=F("organisation")).exists()


def test_demo_group_offers_are_held_by_those_who_work_on_cases():
    assert GroupOffer.objects.count() > 20
    assert not GroupOffer.objects.exclude(manager__assignments__post__measure="im").exists()


def test_demo_counts_stay_in_the_time_and_the_place_of_their_measure():
    assert LanguageCourse.objects.filter(date__range=(FIRST_MONTH, UNTIL)).count() == LanguageCourse.objects.count() > 0
    assert QueerSupport.objects.aggregate(first=Min("date"))["first"] >= date(2026, 1, 1)
    assert not MonthlyFigure.objects.filter(measure="queer", district__isnull=False).exists()


def test_demo_figures_are_those_that_the_nightly_run_would_make():
    months = [add_months(FIRST_MONTH, offset) for offset in range(13)]

    assert not FigureChange.objects.exists()
    assert MonthlyFigure.objects.aggregate(total=Sum("contacts"))["total"] == Contact.objects.count()
    assert figures.reconcile(months) == 0
    assert set(MonthlySummary.objects.values_list("month", flat=True)) == set(months[:-1])


def test_demo_awards_integration_management_to_the_last_cent():
    for budget in Budget.objects.filter(measure="im"):
        awards = budget.entries.filter(kind=LedgerEntry.Kind.AWARD)
        assert awards.aggregate(total=Sum("amount"))["total"] == Decimal("58000000.00")
        assert awards.filter(recipient__kind="district").values("recipient").distinct().count() == 44


def test_demo_leaves_a_part_of_every_other_budget_free():
    for budget in Budget.objects.exclude(measure="im"):
        totals = budget.entries.totals()
        assert 0 < totals["award"] < totals["budget"]


@pytest.mark.parametrize(("login", "role"), [
    ("manager", "manager"), ("coordinator", "coordinator"), ("ministry", "ministry"), ("ministry2", "ministry"),
    ("auditor", "auditor"),
])  # fmt: skip
def test_demo_logins_work_and_have_their_role(login, role):
    user = authenticate(email=f"{login}@pik.example", password=PASSWORD)

    assert user.name == LOGINS[login]
    assert user.membership.role == role


def test_demo_manager_has_a_full_post_in_the_district_of_the_coordinator():
    manager = Manager.objects.get(user__email="manager@pik.example")
    coordinator = Membership.objects.get(user__email="coordinator@pik.example")
    post = manager.assignments.get().post

    assert coordinator.organisation == manager.organisation
    assert coordinator.organisation.district_id == LOGIN_DISTRICT
    assert (post.measure_id, post.fte, post.ends_on) == ("im", Decimal("1.00"), None)
    assert Case.objects.answered_by(manager, on=UNTIL).open().count() == 72
    assert post.municipalities.count() in (2, 3)


def test_demo_reviews_are_half_done_and_mail_nobody():
    lines = AccessLine.objects.of_quarter(date(2026, 10, 1))
    confirmed = lines.filter(decision="confirmed")
    own = lines.filter(review__organisation__memberships__user__email="coordinator@pik.example")

    assert lines.count() == AccessLine.objects.count()
    assert {review.due_on for review in AccessReview.objects.all()} == {date(2026, 11, 12)}
    assert 0.2 < confirmed.count() / lines.count() < 0.9
    assert not confirmed.exclude(decided_by__memberships__organisation=F("review__organisation")).exists()
    assert own.open().exists()
    assert not AccessReview.objects.filter(Q(mail_due_at__isnull=False) | Q(mail_sent_at__isnull=True)).exists()


def test_demo_people_apart_from_the_logins_cannot_log_in():
    others = User.objects.exclude(email__endswith="@pik.example")

    assert not any(user.has_usable_password() for user in others)
    assert not others.exclude(email__endswith="@demo.pik.example").exists()


def test_demo_refuses_a_database_that_has_data():
    with pytest.raises(CommandError, match="has data"):
        call_command("demo", until=UNTIL, scale=SCALE)


def test_demo_leaves_a_database_that_has_data_when_asked_so(capsys):
    before = Contact.objects.count()

    call_command("demo", until=UNTIL, scale=SCALE, if_empty=True)

    assert capsys.readouterr().out == "The database has data already; nothing was loaded.\n"
    assert Contact.objects.count() == before


def test_demo_refuses_to_run_outside_the_local_mode(settings):
    settings.LOCAL_MODE = False

    with pytest.raises(CommandError, match="PIK_LOCAL=1"):
        call_command("demo", until=UNTIL, scale=SCALE, if_empty=True)


@pytest.mark.parametrize(
    "option", [{"until": date(2100, 1, 1)}, {"until": date(2020, 1, 1)}, {"scale": 0}, {"scale": 2}]
)
def test_demo_refuses_days_and_sizes_it_cannot_make(option):
    with pytest.raises(CommandError, match=r"--until|--scale"):
        call_command("demo", **option)


def test_later_rows_get_ids_of_their_own():
    organisation = Organisation.objects.create(name="A welfare body that came later", kind="provider")

    assert organisation.pk > Organisation.objects.exclude(pk=organisation.pk).aggregate(last=Max("pk"))["last"]
