from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import date_format

from casework.due import due_for
from casework.models import Case, Goal
from casework.services.case_file import record_consent
from casework.services.cases import close_case
from casework.services.goals import StepEntry, end_goal
from casework.services.plans import end_plan, make_plan, review_plan
from pik.models import User
from pik.months import months_later
from tests.factories import make_assessment, make_case, make_goal, make_manager

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def _due(case: Case) -> list[tuple]:
    lines = due_for(User.objects.get(pk=case.opened_by.user_id))
    return [(line.kind.value, line.day, line.words) for line in lines]


def _written(day) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")


@pytest.mark.parametrize(("days", "words"), [(3, "Consent ends on"), (-3, "Consent ended on")])
def test_consent_that_ends_is_due_on_its_last_day(days, words):
    case = make_case()
    record_consent(case=case, consent_on=case.opened_on, consent_until=TODAY + days * DAY)

    assert _due(case) == [("consent", TODAY + days * DAY, f"{words} {_written(TODAY + days * DAY)}")]


def test_withdrawn_consent_is_due_from_that_day_on():
    case = make_case()
    record_consent(case=case, consent_on=case.opened_on, consent_until=TODAY, withdrawn_on=TODAY - DAY)

    words = f"Consent withdrawn on {_written(TODAY - DAY)}: record a new one, or close the case"
    assert _due(case) == [("consent", TODAY - DAY, words)]


def test_consent_that_nobody_gave_is_due_after_a_quarter_of_a_year():
    since = TODAY - 130 * DAY
    case, young = make_case(opened_on=since), make_case(opened_on=TODAY - 80 * DAY)

    words = f"No consent since the case was opened on {_written(since)}"
    assert _due(case)[0] == ("consent", months_later(since, 3), words)
    assert _due(young) == []


def test_review_is_due_until_it_was_held():
    case = make_case()
    make_plan(case=case, agreed_on=case.opened_on)
    review_plan(case=case, reviewed_on=TODAY - DAY, review_on=TODAY)

    before = _due(case)
    review_plan(case=case, reviewed_on=TODAY, review_on=TODAY + 300 * DAY)

    assert before == [("review", TODAY, f"Review the plan by {_written(TODAY)}")]
    assert _due(case) == []


def test_steps_of_a_goal_are_one_line_until_the_goal_has_ended():
    steps = [
        StepEntry("Calls", "person", TODAY),
        StepEntry("Writes", "manager", TODAY - DAY),
        StepEntry("Done", "person", TODAY, TODAY),
        StepEntry("Some day", "person"),
    ]
    goal = make_goal(steps=steps)
    case = goal.plan.case

    before = _due(case)
    end_goal(goal=goal, outcome="reached", outcome_on=TODAY)

    assert before == [("step", TODAY - DAY, "2 steps, goal in “Work”")]
    assert _due(case) == []


def test_goal_is_due_until_it_has_an_outcome_beside_its_steps():
    case = make_case()
    goal = make_goal(case=case, due_on=TODAY, steps=[StepEntry("Calls", "person", TODAY + DAY)])
    make_goal(case=case, domain="health")
    make_goal(case=case, domain="housing", due_on=TODAY + settings.DUE_AHEAD + DAY)
    Goal.objects.filter(pk=goal.pk).update(due_on=TODAY - 3 * DAY)

    before = _due(case)
    end_goal(goal=goal, outcome="partly", outcome_on=TODAY)

    words = "Goal in “Work”: work on it or note its outcome"
    assert before == [("goal", TODAY - 3 * DAY, words), ("step", TODAY + DAY, "1 step, goal in “Work”")]
    assert _due(case) == []


def test_goal_of_a_plan_that_has_ended_is_not_due():
    goal = make_goal(due_on=TODAY)
    case = goal.plan.case
    before = _due(case)

    end_plan(case=case, ended_on=TODAY)

    assert ([kind for kind, *_rest in before], _due(case)) == (["goal"], [])


def test_assessment_is_due_half_a_year_after_the_last_one():
    case = make_case(opened_on=months_later(TODAY, -9))
    first = months_later(TODAY, -7)
    make_assessment(case=case, assessed_on=first)

    before = _due(case)
    make_assessment(case=case, assessed_on=TODAY)

    words = f"Assess self-reliance anew, last done on {_written(first)}"
    assert before == [("assessment", months_later(first, 6), words)]
    assert _due(case) == []


def test_nothing_is_due_of_closed_cases_and_of_others():
    case = make_case()
    make_goal(case=case, steps=[StepEntry("Calls", "person", TODAY)])
    colleague = make_manager(organisation=case.organisation)

    seen_by_colleague = due_for(User.objects.get(pk=colleague.user_id))
    close_case(case=case, closed_on=TODAY, reason="moved")

    assert seen_by_colleague == []
    assert _due(case) == []
