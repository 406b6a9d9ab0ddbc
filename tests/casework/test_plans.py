from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format

from casework.models import Case, Manager, MonthlyFigure, MonthlySummary, Plan
from casework.services.cases import close_case, reopen_case
from casework.services.figures import refresh_changed_figures
from casework.services.plans import end_plan, make_plan
from casework.services.summaries import summarise_month
from pik.months import add_months, month_of
from tests.casework.slow_count import counted_slowly, noted, stored
from tests.database import refused_by
from tests.factories import hand_over, make_case, make_manager
from tests.pages import Page, client_of

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)
THIS = month_of(TODAY)
LAST, BEFORE_LAST = add_months(THIS, -1), add_months(THIS, -2)


def _case(**overrides: object) -> Case:
    return make_case(**{"opened_on": BEFORE_LAST, **overrides})


def _periods(case: Case) -> list[tuple]:
    return list(case.plans.order_by("starts_on").values_list("starts_on", "ends_on"))


def _counted(manager: Manager) -> dict[str, tuple[int, int, int]]:
    """Plans new, ended and active by month."""
    refresh_changed_figures()
    rows = MonthlyFigure.objects.filter(manager=manager)
    return {row.month: (row.plans_new, row.plans_ended, row.plans_active) for row in rows}


def _summary(manager: Manager) -> tuple[int, int, int]:
    """Plans new, continued and active in the last month."""
    refresh_changed_figures()
    summarise_month(LAST)
    row = MonthlySummary.objects.get(organisation=manager.organisation, month=LAST, superseded=False)
    return row.plans_new, row.plans_continued, row.plans_active


# Made and ended.


def test_plan_runs_from_the_day_it_is_agreed_on_until_it_ends():
    case = _case()

    made = make_plan(case=case, agreed_on=LAST)
    running = case.plans.running()
    end_plan(case=case, ended_on=TODAY)

    assert running == made
    assert case.plans.running() is None
    assert _periods(case) == [(LAST, TODAY)]


@pytest.mark.parametrize(
    ("day", "field"),
    [(TODAY + DAY, "agreed_on"), (BEFORE_LAST - DAY, "agreed_on")],
    ids=["tomorrow", "before the case"],
)
def test_make_plan_for_an_impossible_day_names_the_field_and_keeps_nothing(day, field):
    case = _case()

    with pytest.raises(ValidationError) as caught:
        make_plan(case=case, agreed_on=day)

    assert list(caught.value.message_dict) == [field]
    assert _periods(case) == []


def test_make_plan_beside_a_running_one_is_refused():
    case = _case()
    make_plan(case=case, agreed_on=LAST)

    with translation.override("en"), pytest.raises(ValidationError) as caught:
        make_plan(case=case, agreed_on=TODAY)

    assert caught.value.messages == ["This case has a plan in that time already. End that one first."]
    assert _periods(case) == [(LAST, None)]


def test_next_plan_begins_the_day_after_the_last_one_ended_and_not_on_the_same():
    case = _case()
    make_plan(case=case, agreed_on=BEFORE_LAST)
    end_plan(case=case, ended_on=LAST)

    with pytest.raises(ValidationError):
        make_plan(case=case, agreed_on=LAST)
    make_plan(case=case, agreed_on=LAST + DAY)

    assert _periods(case) == [(BEFORE_LAST, LAST), (LAST + DAY, None)]


def test_make_plan_of_a_closed_case_is_refused():
    case = _case()
    close_case(case=case, closed_on=TODAY, reason="moved")

    with pytest.raises(ValidationError):
        make_plan(case=case, agreed_on=TODAY)

    assert _periods(case) == []


@pytest.mark.parametrize("day", [TODAY + DAY, LAST - DAY], ids=["tomorrow", "before it was agreed on"])
def test_end_plan_on_an_impossible_day_names_the_field_and_lets_it_run(day):
    case = _case()
    make_plan(case=case, agreed_on=LAST)

    with pytest.raises(ValidationError) as caught:
        end_plan(case=case, ended_on=day)

    assert list(caught.value.message_dict) == ["ended_on"]
    assert _periods(case) == [(LAST, None)]


def test_end_plan_without_a_running_one_is_refused():
    case = _case()
    make_plan(case=case, agreed_on=LAST)
    end_plan(case=case, ended_on=LAST)

    with pytest.raises(ValidationError):
        end_plan(case=case, ended_on=TODAY)

    assert _periods(case) == [(LAST, LAST)]


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"starts_on": TODAY + DAY}, "plan_not_in_future"),
        ({"ends_on": TODAY + DAY}, "plan_ended_not_in_future"),
        ({"ends_on": LAST - DAY}, "plan_ends_after_it_starts"),
    ],
)
def test_database_refuses_a_plan_in_the_future_or_backwards(values, constraint):
    case = _case()

    with refused_by(constraint):
        Plan.objects.create(**{"case": case, "starts_on": LAST, **values})


def test_database_refuses_two_plans_of_a_case_on_one_day():
    plan = make_plan(case=_case(), agreed_on=LAST)

    with refused_by("plan_once_at_a_time"):
        Plan.objects.create(case=plan.case, starts_on=TODAY)


# With the case.


def test_plan_ends_with_its_case():
    case, other = _case(), _case()
    make_plan(case=case, agreed_on=LAST)
    make_plan(case=other, agreed_on=LAST)

    close_case(case=case, closed_on=LAST + 3 * DAY, reason="moved")

    assert (_periods(case), _periods(other)) == ([(LAST, LAST + 3 * DAY)], [(LAST, None)])


def test_plan_made_after_the_end_of_its_case_never_was():
    case = _case()
    make_plan(case=case, agreed_on=BEFORE_LAST)
    end_plan(case=case, ended_on=LAST)
    make_plan(case=case, agreed_on=TODAY)

    close_case(case=case, closed_on=LAST + DAY, reason="moved")

    assert _periods(case) == [(BEFORE_LAST, LAST)]


def test_plan_that_ended_after_the_day_on_which_its_case_is_closed_ends_on_that_day():
    case = _case()
    make_plan(case=case, agreed_on=BEFORE_LAST)
    end_plan(case=case, ended_on=TODAY)

    close_case(case=case, closed_on=LAST, reason="moved")

    assert _periods(case) == [(BEFORE_LAST, LAST)]
    assert _counted(case.opened_by) == {BEFORE_LAST: (1, 0, 1), LAST: (0, 1, 0)}


def test_plan_that_ended_with_its_case_runs_on_when_it_is_reopened():
    case = _case()
    make_plan(case=case, agreed_on=LAST)
    close_case(case=case, closed_on=LAST + 3 * DAY, reason="moved")

    reopen_case(case=case)

    assert _periods(case) == [(LAST, None)]


def test_plan_that_ended_before_its_case_stays_ended_when_it_is_reopened():
    case = _case()
    make_plan(case=case, agreed_on=LAST)
    end_plan(case=case, ended_on=LAST + 2 * DAY)
    close_case(case=case, closed_on=LAST + 3 * DAY, reason="moved")

    reopen_case(case=case)

    assert _periods(case) == [(LAST, LAST + 2 * DAY)]


def test_plan_ended_by_hand_on_the_day_of_the_closing_stays_ended_when_the_case_is_reopened():
    case = _case()
    make_plan(case=case, agreed_on=BEFORE_LAST)
    end_plan(case=case, ended_on=LAST)
    close_case(case=case, closed_on=LAST, reason="moved")

    reopen_case(case=case)

    assert _periods(case) == [(BEFORE_LAST, LAST)]


def test_plan_that_ran_on_and_was_ended_by_hand_stays_ended_when_the_case_is_reopened_again():
    case = _case()
    make_plan(case=case, agreed_on=BEFORE_LAST)
    close_case(case=case, closed_on=LAST, reason="moved")
    reopen_case(case=case)
    end_plan(case=case, ended_on=LAST)
    close_case(case=case, closed_on=LAST, reason="moved")

    reopen_case(case=case)

    assert _periods(case) == [(BEFORE_LAST, LAST)]


# As figures count them.


def test_plans_are_counted_new_ended_and_active_at_the_edges_of_months():
    manager = make_manager()
    for starts_on, ends_on in (
        (BEFORE_LAST, LAST - DAY),
        (LAST - DAY, LAST),
        (LAST, None),
        (LAST, THIS - DAY),
        (THIS, None),
    ):
        plan = make_plan(case=_case(manager=manager), agreed_on=starts_on)
        if ends_on:
            end_plan(case=plan.case, ended_on=ends_on)

    counted = _counted(manager)

    assert counted == {BEFORE_LAST: (2, 1, 1), LAST: (2, 2, 1), THIS: (1, 0, 2)}
    assert stored() == counted_slowly()


def test_summary_counts_plans_new_continued_and_active():
    manager = make_manager()
    cases = [_case(manager=manager) for _number in range(5)]
    for case, starts_on in zip(cases, (BEFORE_LAST, BEFORE_LAST, BEFORE_LAST, LAST, LAST + DAY), strict=True):
        make_plan(case=case, agreed_on=starts_on)
    end_plan(case=cases[0], ended_on=LAST - DAY)
    end_plan(case=cases[1], ended_on=LAST)
    end_plan(case=cases[3], ended_on=LAST + DAY)

    # Made in the month: two. Made before and running into it: two. Running at its end: one of each.
    assert _summary(manager) == (2, 2, 2)


def test_plan_that_is_noted_late_makes_a_new_version_of_the_summary():
    case = _case()
    before = _summary(case.opened_by)

    make_plan(case=case, agreed_on=LAST)

    assert (before, _summary(case.opened_by)) == ((0, 0, 0), (1, 0, 1))


def test_plan_goes_with_its_case_to_the_next_manager():
    case = _case()
    receiver = make_manager(organisation=case.organisation)
    make_plan(case=case, agreed_on=BEFORE_LAST)
    hand_over(case, receiver, LAST + DAY)
    end_plan(case=case, ended_on=THIS)

    assert _counted(case.opened_by) == {BEFORE_LAST: (1, 0, 1)}
    assert _counted(receiver) == {LAST: (0, 0, 1), THIS: (0, 1, 0)}
    assert _summary(receiver) == (0, 1, 1)
    assert stored() == counted_slowly()


def test_plan_made_and_ended_is_noted_for_everybody_who_answered_for_its_case():
    case = _case()
    receiver = make_manager(organisation=case.organisation)
    hand_over(case, receiver, LAST)
    refresh_changed_figures()

    make_plan(case=case, agreed_on=LAST)
    made = noted()
    refresh_changed_figures()
    end_plan(case=case, ended_on=LAST)

    both = (case.opened_by_id, receiver.pk)
    assert made == {(manager, LAST, THIS) for manager in both}
    assert noted() == {(manager, LAST, month) for manager in both for month in (THIS, LAST)}


# On the page of the case.


def test_plan_is_noted_and_ended_on_the_page_of_its_case():
    case = _case()
    client = client_of(case.opened_by.user)
    address = reverse("casework:case_plan", args=[case.code])

    made = Page(client.post(address, follow=True))
    again = Page(client.post(address, follow=True))
    ended = Page(client.post(address, {"end": "1"}, follow=True))
    nothing = Page(client.post(address, {"end": "1"}, follow=True))
    too_early = Page(client.post(address, follow=True))

    assert made.messages == [f"Integration plan of case {case.code} noted."]
    assert again.messages == ["This case has a plan in that time already. End that one first."]
    assert ended.messages == [f"The integration plan of case {case.code} has ended."]
    assert nothing.messages == ["This case has no running plan. Reload the page."]
    with translation.override("en"):
        days = [date_format(day, "SHORT_DATE_FORMAT") for day in (TODAY, TODAY + DAY)]
    assert too_early.messages == ["The last plan ran until {}. A new one can be noted from {} on.".format(*days)]
    assert f"none runs, the last one ended on {days[0]}" in ended.main.text
    assert "A new plan can be noted from tomorrow on." in ended.main.text
    assert "Note a plan agreed on today" not in ended.main.text
    assert _periods(case) == [(TODAY, TODAY)]


def test_page_of_a_case_offers_what_can_be_done_about_its_plan():
    case = _case()
    client = client_of(case.opened_by.user)

    def offered() -> list[str]:
        page = Page(client.get(reverse("casework:case_detail", args=[case.code])))
        address = reverse("casework:case_plan", args=[case.code])
        return [button.text for form in page.main.all("form", action=address) for button in form.all("button")]

    without = offered()
    make_plan(case=case, agreed_on=TODAY)
    running = offered()
    close_case(case=case, closed_on=TODAY, reason="moved")

    assert (without, running, offered()) == (["Note a plan agreed on today"], ["End the plan today"], [])


def test_plan_of_a_foreign_case_is_not_made():
    case = _case()
    colleague = make_manager(organisation=case.organisation)

    response = client_of(colleague.user).post(reverse("casework:case_plan", args=[case.code]))

    assert response.status_code == 404
    assert _periods(case) == []
