"""What was recorded in a case keeps its ground: consent, end and first phase do not move away under it."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone, translation

from casework.models import Case, CasePhase
from casework.services.case_file import record_consent
from casework.services.cases import close_case
from casework.services.goals import end_goal, set_goal
from casework.services.phases import move_case
from casework.services.plans import make_plan, review_plan
from tests.database import refused_by
from tests.factories import make_assessment, make_case, make_goal

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)
AGREED, MOVED = TODAY - 50 * DAY, TODAY - 40 * DAY


def _moved() -> Case:
    """A case in assessment since 40 days, with a consent of ten days before."""
    case = record_consent(case=make_case(), consent_on=AGREED)
    move_case(case=case, phase="assessment", starts_on=MOVED, user=case.opened_by.user)
    return case


@pytest.mark.parametrize(
    "values",
    [
        {"consent_on": MOVED + DAY},
        {"consent_on": AGREED, "withdrawn_on": MOVED - DAY},
        {"consent_on": AGREED, "consent_until": MOVED - DAY},
    ],
    ids=["given later", "withdrawn before", "ended before"],
)
def test_consent_does_not_move_away_under_a_phase(values):
    case = _moved()

    with translation.override("en"), pytest.raises(ValidationError) as caught:
        record_consent(case=case, **values)

    (message,) = caught.value.messages
    assert message == (
        "A phase began or an assessment was made on a day without consent then. "
        "Let the consent begin before them, and end or be withdrawn after them."
    )
    stored = Case.objects.values_list("consent_on", "consent_until", "withdrawn_on").get()
    assert stored == (AGREED, None, None)


def test_consent_does_not_move_away_under_an_assessment():
    case = make_case()
    make_assessment(case=case, assessed_on=MOVED)

    with refused_by("consent_covers_what_was_done"):
        Case.objects.update(consent_on=MOVED + DAY)


@pytest.mark.parametrize(
    "values",
    [
        {"consent_on": MOVED},
        {"consent_on": AGREED, "withdrawn_on": MOVED},
        {"consent_on": AGREED, "consent_until": MOVED},
    ],
)
def test_consent_moves_as_long_as_it_covers_what_was_done(values):
    record_consent(case=_moved(), **values)

    assert Case.objects.filter(**values).exists()


def test_open_case_keeps_its_only_phase():
    case = make_case()

    with refused_by("phase_history_is_kept"):
        CasePhase.objects.filter(case=case).delete()


def test_closed_case_keeps_its_phases():
    case = close_case(case=make_case(), closed_on=TODAY, reason="moved")

    with refused_by("case_history_is_kept"):
        CasePhase.objects.filter(case=case).delete()


def test_case_is_not_closed_before_a_plan_with_goals():
    case = make_case()
    make_plan(case=case, agreed_on=MOVED)
    set_goal(case=case, domain="work", words="Takes up work")

    with translation.override("en"), pytest.raises(ValidationError) as caught:
        close_case(case=case, closed_on=MOVED - DAY, reason="moved")

    assert caught.value.message_dict == {
        "closed_on": ["A plan with goals was agreed on later. Enter the day of that plan or a later one."]
    }
    assert Case.objects.get().is_open


def test_case_is_not_closed_before_a_goal_ended_or_its_plan_was_reviewed():
    ended, reviewed = make_goal(), make_goal()
    end_goal(goal=ended, outcome="reached", outcome_on=TODAY)
    review_plan(case=reviewed.plan.case, reviewed_on=TODAY, review_on=TODAY + 100 * DAY)

    for goal in (ended, reviewed):
        with pytest.raises(ValidationError) as caught:
            close_case(case=goal.plan.case, closed_on=MOVED, reason="moved")
        assert list(caught.value.message_dict) == ["closed_on"]

    assert Case.objects.open().count() == 2


def test_case_is_closed_on_the_day_of_its_last_goal():
    goal = make_goal()
    end_goal(goal=goal, outcome="reached", outcome_on=MOVED)

    case = close_case(case=goal.plan.case, closed_on=MOVED, reason="moved")

    assert case.plans.get().ends_on == MOVED
