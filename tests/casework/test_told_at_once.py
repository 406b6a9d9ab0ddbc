"""What is wrong in a form is told in one round: what the form sees and what the service would refuse."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.models import Case
from casework.models.contacts import first_open_day
from casework.services.case_file import record_consent
from casework.services.plans import latest_review_after, make_plan
from tests.factories import make_case, make_goal
from tests.forms import submit
from tests.pages import client_of

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)
TOMORROW = (TODAY + DAY).isoformat()
CLOSED_MONTH = (first_open_day() - DAY).isoformat()
CONTACT = {"kind": "crisis", "channel": "phone", "mediation": "none", "minutes": "20"}

BANDS = {
    "measure": "im",
    "age_band": "65+",
    "household_band": "1",
    "origin_group": "asia",
    "residence_group": "other",
}


def _of_case(name: str) -> Callable[[Case], str]:
    return lambda case: reverse(f"casework:{name}", args=[case.code])


def _new_contact(_case: Case) -> str:
    return reverse("casework:contact_new")


def _new_case(_case: Case) -> str:
    return reverse("casework:case_new")


def _goal_end(case: Case) -> str:
    return reverse("casework:goal_end", args=[case.code, make_goal(case=case).pk])


def _old_case() -> Case:
    case = make_case(opened_on=date(2025, 1, 1))
    return record_consent(case=case, consent_on=case.opened_on)


@pytest.mark.parametrize(
    ("address", "sent", "wrong"),
    [
        (_new_contact, {**CONTACT, "date": CLOSED_MONTH}, {"topics", "date"}),
        (_new_contact, {**CONTACT, "date": TOMORROW, "minutes": ""}, {"topics", "date", "minutes"}),
        (_new_case, {**BANDS, "opened_on": TOMORROW}, {"municipality", "opened_on"}),
        (_new_case, {**BANDS, "opened_on": "2016-12-31"}, {"municipality", "opened_on"}),
        (_of_case("case_close"), {"closed_on": "2024-12-31"}, {"closed_on", "reason"}),
        (
            _of_case("referral_new"),
            {"referred_on": CLOSED_MONTH, "ask_on": "soon"},
            {"target", "referred_on", "ask_on"},
        ),
        (_of_case("referral_new"), {"referred_on": TODAY.isoformat(), "ask_on": "2026-01-01"}, {"target", "ask_on"}),
        (
            _of_case("plan_review"),
            {"reviewed_on": TOMORROW, "review_on": (latest_review_after(TODAY) + 9 * DAY).isoformat()},
            {"reviewed_on", "review_on"},
        ),
        (_of_case("case_phase"), {"starts_on": "2024-12-31"}, {"phase", "starts_on"}),
        (
            _of_case("case_consent"),
            {"consent_on": "2025-01-05", "consent_until": "2025-01-01", "withdrawn_on": TOMORROW},
            {"consent_until", "withdrawn_on"},
        ),
        (_of_case("assessment_new"), {"assessed_on": TOMORROW}, {"assessed_on", ""}),
        (_goal_end, {"outcome": "dropped", "outcome_on": TOMORROW}, {"drop_reason", "outcome_on"}),
    ],
)
def test_all_that_is_wrong_is_told_at_once(address, sent, wrong):
    case = _old_case()
    make_plan(case=case, agreed_on=case.opened_on)
    if address is _new_contact:
        sent = {**sent, "case": case.code}

    page = submit(client_of(case.opened_by.user), address(case), sent)

    told = {name.removeprefix("id_").removesuffix("_0") for name, _line in page.errors}
    assert told == wrong
