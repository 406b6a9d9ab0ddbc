from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from casework.models import MonthlyFigure
from casework.quality import _NUMBERS, Quality, Sums
from casework.quality_pictures import curve_sentence_of, title_of
from casework.services.assessments import correct_assessment
from casework.services.cases import close_case
from casework.services.figures import reconcile, refresh_changed_figures
from casework.services.goals import end_goal, reopen_goal
from casework.services.plans import make_plan, review_plan
from pik.models import AccessRecord, District
from pik.months import add_months, last_months, month_of
from tests.casework.slow_quality import quality_counted_slowly, quality_stored
from tests.factories import (
    hand_over,
    hold_back_all,
    make_assessment,
    make_case,
    make_goal,
    make_manager,
    make_member,
    make_organisation,
    place_of,
)
from tests.pages import Page, client_of, csv_rows
from tests.scene import make_scene

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)
PAGE = reverse("casework:quality")
THIS_MONTH = f"{TODAY:%B %Y}"


def _figures(manager=None, **numbers: int) -> None:
    """Figures of this month, as the refresh would have written them."""
    manager = manager or make_manager()
    place = place_of(manager)
    MonthlyFigure.objects.create(
        manager=manager,
        organisation=manager.organisation,
        municipality=place,
        district=place.district,
        measure_id="im",
        month=month_of(TODAY),
        **numbers,
    )


def _lines(user) -> dict[str, Sums]:
    return {line.name: line.sums for line in Quality(user).lines}


def test_figures_count_goals_reviews_and_change_as_a_person_would():
    case = make_case(opened_on=add_months(month_of(TODAY), -9))
    make_plan(case=case, agreed_on=case.opened_on)
    review_plan(case=case, reviewed_on=add_months(month_of(TODAY), -1), review_on=TODAY - DAY)
    end_goal(goal=make_goal(case=case), outcome="reached", outcome_on=TODAY)
    end_goal(goal=make_goal(case=case), outcome="partly", outcome_on=TODAY - 40 * DAY)
    make_goal(case=case)
    make_assessment(case=case, assessed_on=case.opened_on + 9 * DAY, work=1, health=4, children=0)
    make_assessment(case=case, assessed_on=TODAY - 40 * DAY, work=3, health=3, children=2)
    make_assessment(case=case, assessed_on=TODAY, work=4, language=2)
    gone = make_case(manager=case.opened_by, opened_on=case.opened_on)
    make_assessment(case=gone, assessed_on=case.opened_on, work=2)
    make_assessment(case=gone, assessed_on=TODAY - 35 * DAY, work=5)
    close_case(case=gone, closed_on=TODAY - 34 * DAY, reason="work")

    refresh_changed_figures()

    assert quality_stored() == quality_counted_slowly()
    now = MonthlyFigure.objects.get(month=month_of(TODAY))
    assert (now.goals_ended, now.goals_reached, now.reviews_overdue) == (1, 1, 1)
    assert (now.reliance_cases, now.reliance_domains, now.reliance_change) == (1, 1, 3)


def test_reconcile_finds_nothing_to_correct_after_each_change():
    goal = end_goal(goal=make_goal(), outcome="reached", outcome_on=TODAY)
    make_assessment(case=goal.plan.case, assessed_on=TODAY - DAY, work=1)
    assessment = make_assessment(case=goal.plan.case, work=3)
    refresh_changed_figures()

    reopen_goal(goal=goal)
    correct_assessment(assessment=assessment, assessed_on=TODAY, levels={"work": 2})
    refresh_changed_figures()

    assert quality_stored() == quality_counted_slowly()
    assert reconcile(last_months(4)) == 0


def test_change_goes_with_the_case_to_whoever_answers_at_the_end_of_the_month():
    case = make_case()
    make_assessment(case=case, assessed_on=TODAY - DAY, work=1)
    make_assessment(case=case, work=3)
    colleague = make_manager(organisation=case.organisation)
    hand_over(case, colleague, TODAY)

    refresh_changed_figures()

    assert quality_stored() == quality_counted_slowly()
    assert MonthlyFigure.objects.get(manager=colleague, month=month_of(TODAY)).reliance_change == 2


def test_own_shares_are_exact_and_those_of_others_made_of_rounded_numbers():
    scene = make_scene()
    own, other = scene.managers()["neighbour"], scene.managers()["mine"]
    _figures(own, cases_open=3, plans_active=2, goals_ended=3, goals_reached=1, reviews_overdue=1)
    _figures(other, cases_open=13, plans_active=12, goals_ended=8, goals_reached=7, reviews_overdue=2)

    lines = _lines(scene.readers["Kreis coordinator"])

    exact, seen = lines[scene.neighbour.name], lines[scene.own.name]
    assert (exact.cases, exact.plan_share, exact.reached_share) == (3, Decimal(200) / 3, Decimal(100) / 3)
    assert (seen.cases, seen.planned, seen.overdue, seen.ended) == (15, 10, 0, 10)
    assert (seen.plan_share, seen.reached_share) == (Decimal(1000) / 15, Decimal(50))


def test_share_of_fewer_than_ten_outside_the_own_organisation_is_held_back():
    scene = make_scene()
    _figures(scene.managers()["mine"], cases_open=7, plans_active=7, reliance_cases=7, reliance_domains=40)

    seen = _lines(scene.readers["ministry"])[scene.own.district.name_full]
    own = Quality(scene.readers["coordinator"]).total

    assert (seen.plan_share, seen.change) == (".", ".")
    assert (own.plan_share, own.change) == (Decimal(100), Decimal(0))


def test_total_is_the_own_number_and_the_others_rounded_together():
    scene = make_scene()
    managers = scene.managers()
    _figures(managers["neighbour"], cases_open=3)
    _figures(managers["mine"], cases_open=7)
    _figures(managers["colleague"], cases_open=6)

    total = Quality(scene.readers["Kreis coordinator"]).total

    assert total.cases == 3 + 15


@pytest.mark.parametrize(
    ("reader", "seen"),
    [
        ("manager", {"mine"}),
        ("coordinator", {"mine", "colleague"}),
        ("Kreis coordinator", {"mine", "colleague", "neighbour"}),
        ("foreign coordinator", {"foreign"}),
        ("ministry", {"mine", "colleague", "neighbour", "foreign"}),
        ("auditor", {"mine", "colleague", "neighbour", "foreign"}),
    ],
)
def test_everybody_sees_what_is_theirs(reader, seen):
    scene = make_scene()
    numbers = {"mine": 100, "colleague": 200, "neighbour": 400, "foreign": 800}
    for name, manager in scene.managers().items():
        _figures(manager, cases_open=numbers[name])

    total = Quality(scene.readers[reader]).total

    assert total.cases == sum(numbers[name] for name in seen)


def test_stocks_are_those_of_the_last_month_and_goals_those_of_twelve():
    manager = make_manager()
    _figures(manager, cases_open=5, goals_ended=2)
    MonthlyFigure.objects.filter(manager=manager).update(month=add_months(month_of(TODAY), -11))
    _figures(manager, cases_open=7, goals_ended=3)
    MonthlyFigure.objects.create(
        manager=manager, organisation=manager.organisation, measure_id="im", goals_ended=90,
        month=add_months(month_of(TODAY), -12),
    )  # fmt: skip

    total = Quality(manager.user).total

    assert (total.cases, total.ended) == (7, 5)


def test_page_says_in_words_what_there_is_nothing_of():
    manager = make_manager()
    _figures(manager, cases_open=4, plans_active=1)

    page = Page(client_of(manager.user).get(PAGE))

    assert (
        "25.0 % of 4 open cases have a current plan; 0 reviews are overdue. No goal ended in twelve months. "
        "No referral was made in twelve months. No case has been assessed twice yet, so nothing can be said about "
        "self-reliance."
    ) in page.text


def test_page_says_each_thing_once():
    manager = make_manager()
    _figures(manager, cases_open=4, plans_active=1, goals_ended=2, goals_reached=1)

    page = Page(client_of(manager.user).get(PAGE))

    assert page.text.count("25.0 % of 4 open cases") == 1
    assert f"Cases with a current plan: 25.0 % in {THIS_MONTH}. Goals reached: 50.0 % in twelve months." in page.text


def test_months_are_compared_only_where_they_rest_on_enough():
    manager = make_manager()
    for ended, ago in ((3, 12), (10, 6), (20, 4), (1, 0)):
        _figures(manager, cases_open=4, goals_ended=ended, goals_reached=ended // 2)
        MonthlyFigure.objects.filter(month=month_of(TODAY)).update(month=add_months(month_of(TODAY), -ago))

    with translation.override("en"):
        sentence = curve_sentence_of(Quality(manager.user))

    first, last = (f"{add_months(month_of(TODAY), -ago):%B %Y}" for ago in (6, 4))
    assert sentence.endswith(f"Goals reached: 50.0 % in {first}, 50.0 % in {last}.")


def test_running_month_is_marked_as_not_finished():
    manager = make_manager()
    _figures(manager, cases_open=4)

    page = Page(client_of(manager.user).get(PAGE))

    with translation.override("en"):
        months = [row[0] for row in page.rows(title_of(Quality(manager.user)))]
    assert months[0] == f"{THIS_MONTH} (not finished)"
    assert sum("not finished" in month for month in months) == 1


def test_sum_of_the_lines_is_the_foot_of_the_table():
    scene = make_scene()
    for manager in scene.managers().values():
        _figures(manager, cases_open=20)

    page = Page(client_of(scene.readers["ministry"]).get(PAGE))

    assert [row.all("th")[0].text for row in page.all("tfoot")] == ["Total"]
    assert "can differ by some tenths from the one that somebody in another organisation sees" in page.text


def test_kreise_come_in_the_order_of_all_pages():
    for ags in ("08425", "08111", "08335", "08121"):
        kreis = make_organisation(kind="district", district=District.objects.get(pk=ags))
        _figures(make_manager(organisation=kreis), cases_open=20)

    names = [line.name for line in Quality(make_member("ministry")).lines]

    assert names == ["Alb-Donau-Kreis", "Stadtkreis Heilbronn", "Landkreis Konstanz", "Stadtkreis Stuttgart"]


def test_page_without_figures_says_so():
    page = Page(client_of(make_manager().user).get(PAGE))

    assert "There are no open cases in these figures yet." in page.text


def test_page_picture_and_downloads_say_the_same():
    scene = make_scene()
    numbers = {"cases_open": 40, "plans_active": 30, "goals_ended": 20, "goals_reached": 10}
    _figures(scene.managers()["mine"], **numbers, referrals_made=10, referrals_arrived=5)
    client = client_of(scene.readers["ministry"])

    page = Page(client.get(PAGE))
    lines = csv_rows(client.get(reverse("casework:quality_export", args=["lines", "csv"])))
    months = csv_rows(client.get(reverse("casework:quality_export", args=["months", "csv"])))
    picture = client.get(reverse("casework:quality_curve"))

    shown = [scene.own.district.name_full, "40", "75.0", "0", "20", "50.0", "10", "50.0", "0", "–"]
    assert page.rows("At a glance")[0] == shown
    assert lines[1] == [
        scene.own.district.name_full,
        "40",
        "30",
        "75.00",
        "0",
        "20",
        "10",
        "50.00",
        "10",
        "5",
        "50.00",
        "0",
        "",
    ]
    assert months[1][1:4] == ["40", "30", "75.00"]
    assert picture["Content-Type"] == "image/svg+xml"
    assert {record.subject.split()[0] for record in AccessRecord.objects.all()} == {"quality-lines", "quality-months"}


@pytest.mark.parametrize(("table", "format"), [("cases", "csv"), ("lines", "pdf")])
def test_unknown_download_is_not_found(table, format):
    client = client_of(make_member("ministry"))

    assert client.get(reverse("casework:quality_export", args=[table, format])).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_page_asks_as_often_for_one_organisation_as_for_three(rows, django_assert_num_queries):
    scene = make_scene()
    for name in ("neighbour", "mine", "colleague")[:rows]:
        _figures(scene.managers()[name], cases_open=20)
    client = client_of(scene.readers["Kreis coordinator"])
    client.get(PAGE)

    with django_assert_num_queries(7):
        client.get(PAGE)


def _team(organisation, number: int, **numbers: int) -> None:
    for _person in range(number):
        _figures(make_manager(organisation=organisation), **numbers)


@pytest.mark.parametrize("reader", ["Kreis coordinator", "ministry", "coordinator"])
def test_work_of_fewer_than_three_managers_is_a_full_stop(reader):
    scene = make_scene()
    _team(scene.neighbour, 3, cases_open=20, plans_active=16, goals_ended=10, goals_reached=5)
    _team(scene.own, 1, cases_open=20, plans_active=10, goals_ended=10, goals_reached=1)
    _team(scene.foreign, 1, cases_open=20, plans_active=10)
    hold_back_all()

    page = Page(client_of(scene.readers[reader]).get(PAGE))

    rows = {row[0]: row[1:] for row in page.rows("At a glance")}
    hidden = scene.foreign.district.name_full if reader == "ministry" else scene.own.name
    # Open cases are clients: their number stands everywhere.
    assert rows[hidden] == ["20", *"........"]


def test_manager_alone_in_an_organisation_sees_the_own_figures():
    manager = make_manager()
    _figures(manager, cases_open=7, plans_active=7)
    hold_back_all()

    total = Quality(manager.user).total

    assert (total.cases, total.plan_share) == (7, Decimal(100))


def test_total_leaves_out_only_what_is_held_back():
    scene = make_scene()
    _team(scene.neighbour, 3, cases_open=20, reviews_overdue=5)
    _team(scene.own, 4, cases_open=10, reviews_overdue=5)
    hold_back_all()

    total = Quality(scene.readers["Kreis coordinator"]).total

    assert (total.cases, total.overdue) == (60 + 40, 15 + 20)


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("kind", ["district", "municipality", "provider"])
def test_coordinator_of_the_only_body_in_a_kreis_sees_nothing_of_one_or_two(kind, number):
    body = make_organisation(kind=kind)
    _team(body, number, cases_open=20, plans_active=10, goals_ended=12, goals_reached=6, referrals_made=10)
    hold_back_all()

    quality = Quality(make_member("coordinator", body))

    seen = [quality.total, quality.by_month[-1][1], *(line.sums for line in quality.lines)]
    assert [sums.held_back for sums in seen] == [True] * 3
    clients = Sums(cases=20 * number, planned=10 * number)
    assert {sums.only(_NUMBERS) for sums in seen} == {clients}
    assert {(sums.plan_share, sums.reached_share, sums.arrived_share) for sums in seen} == {(".", ".", ".")}


def test_page_says_why_a_full_stop_stands_there():
    body = make_organisation(kind="district")
    _team(body, 1, cases_open=20)
    hold_back_all()

    page = Page(client_of(make_member("coordinator", body)).get(PAGE))

    assert page.rows("At a glance")[0][1:] == ["20", *["."] * 8]
    assert "Open cases: 20. Everything else would tell what one or two managers did" in page.text
    assert "would tell what one or two managers did, in your own organisation as well." in page.text


def test_coordinator_of_three_sees_them_exactly():
    body = make_organisation(kind="district")
    _team(body, 3, cases_open=1, goals_ended=1)
    hold_back_all()

    total = Quality(make_member("coordinator", body)).total

    assert (total.cases, total.ended, total.held_back) == (3, 3, False)


def test_total_of_a_kreis_does_not_give_its_own_one_or_two_away():
    scene = make_scene()
    _team(scene.neighbour, 1, cases_open=17, goals_ended=13)
    _team(scene.own, 4, cases_open=10, goals_ended=10)
    hold_back_all()

    quality = Quality(scene.readers["Kreis coordinator"])

    lines = {line.name: line.sums for line in quality.lines}
    assert (lines[scene.neighbour.name].held_back, lines[scene.own.name].ended) == (True, 40)
    assert [(sums.cases, sums.ended) for sums in (quality.total, quality.by_month[-1][1])] == [(17 + 40, 40)] * 2


@pytest.mark.parametrize("reader", ["coordinator", "Kreis coordinator", "ministry"])
def test_goals_of_a_month_that_ended_without_cases_are_held_back(reader):
    scene = make_scene()
    _team(scene.own, 1, goals_ended=12, goals_reached=6, referrals_made=10)
    hold_back_all()

    quality = Quality(scene.readers[reader])

    assert {(sums.ended, sums.referred) for sums in (quality.total, *(line.sums for line in quality.lines))} == {(0, 0)}
    assert quality.total.held_back
