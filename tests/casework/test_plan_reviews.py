"""When a plan is reviewed, and when the next review comes."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone, translation

from casework.models import Case, PlanReview
from casework.services.plans import make_plan, review_plan
from pik.months import months_later
from tests.database import refused_by_trigger
from tests.factories import make_case
from tests.forms import assert_refused, submit
from tests.pages import client_of

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def _address(name: str, case: Case, *more: object) -> str:
    return reverse(f"casework:{name}", args=[case.code, *more])


def test_new_plan_is_to_be_reviewed_after_six_months():
    case = make_case()

    plan = make_plan(case=case, agreed_on=TODAY)

    assert plan.review_on == months_later(TODAY, 6)


def test_review_moves_the_day_on_and_keeps_when_it_was_due():
    case = make_case()
    plan = make_plan(case=case, agreed_on=TODAY - 20 * DAY)

    reviewed = review_plan(case=case, reviewed_on=TODAY, review_on=TODAY + 90 * DAY)

    assert (reviewed.review_on, reviewed.version) == (TODAY + 90 * DAY, 2)
    assert list(PlanReview.objects.values_list("plan", "reviewed_on", "was_due_on")) == [
        (plan.pk, TODAY, plan.review_on)
    ]
    with refused_by_trigger("Cannot update"):
        PlanReview.objects.update(was_due_on=TODAY)


@pytest.mark.parametrize(
    ("days", "field"),
    [((-21, 90), "reviewed_on"), ((1, 90), "reviewed_on"), ((0, 0), "review_on")],
    ids=["before the plan", "tomorrow", "no later day"],
)
def test_wrong_review_names_the_field_and_keeps_nothing(days, field):
    case = make_case()
    plan = make_plan(case=case, agreed_on=TODAY - 20 * DAY)
    reviewed_on, review_on = (TODAY + offset * DAY for offset in days)

    with pytest.raises(ValidationError) as caught:
        review_plan(case=case, reviewed_on=reviewed_on, review_on=review_on)

    assert list(caught.value.message_dict) == [field]
    assert case.plans.get().review_on == plan.review_on


def test_next_review_is_at_most_a_year_later():
    case = make_case()
    make_plan(case=case, agreed_on=TODAY - 20 * DAY)
    last = months_later(TODAY, 12)
    sent = {"reviewed_on": TODAY.isoformat(), "review_on": (last + DAY).isoformat()}

    page = submit(client_of(case.opened_by.user), _address("plan_review", case), sent)
    kept = PlanReview.objects.count()
    plan = review_plan(case=case, reviewed_on=TODAY, review_on=last)

    assert_refused(page, "review_on", sent)
    assert (kept, plan.review_on) == (0, last)


def test_review_without_a_plan_is_refused():
    with pytest.raises(ValidationError, match="no running plan"):
        review_plan(case=make_case(), reviewed_on=TODAY, review_on=TODAY + DAY)
