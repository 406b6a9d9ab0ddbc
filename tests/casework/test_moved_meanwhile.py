"""What somebody still enters on a case that has gone to another organisation, or was deleted, after it was shown."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone, translation

from casework.models import (
    Assessment,
    Case,
    CasePhase,
    Contact,
    Goal,
    Plan,
    PlanReview,
    Referral,
    Relocation,
    Topic,
    Transfer,
)
from casework.services.assessments import assess, correct_assessment
from casework.services.case_file import extend_case, record_consent
from casework.services.cases import change_case, close_case, reopen_case
from casework.services.contacts import correct_contact
from casework.services.goals import change_goal, end_goal, reopen_goal, set_goal
from casework.services.phases import move_case, take_phase_back
from casework.services.plans import end_plan, make_plan, review_plan
from casework.services.referrals import record_outcome, withdraw_referral
from casework.services.retention import delete_long_closed_cases
from casework.services.transfers import _MOVE, accept_transfer, decline_transfer, relocate_case
from tests.casework.long_closed import make_long_closed_case
from tests.database import app_session, side_by_side, wait_until_queued
from tests.factories import (
    make_assessment,
    make_case,
    make_contact,
    make_goal,
    make_manager,
    make_organisation,
    make_referral,
    make_transfer,
    places_of,
)
from tests.pages import client_of

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)
GONE = "This case has gone to another organisation in the meantime."
DELETED = "This case has been deleted in the meantime."
TABLES = (Case, CasePhase, Assessment, Plan, PlanReview, Goal, Contact, Referral, Relocation, Transfer)


def _stored() -> list[list[tuple]]:
    return [sorted(map(str, model.objects.values_list())) for model in TABLES]


def _shown() -> SimpleNamespace:
    """A case with something of everything, as the pages have read it."""
    case = make_case()
    make_assessment(case=case)
    goal = make_goal(case=case)
    make_contact(case=case)
    make_referral(case=case)
    return SimpleNamespace(
        case=Case.objects.get(),
        giver=case.opened_by,
        goal=Goal.objects.select_related("plan__case").get(pk=goal.pk),
        assessment=Assessment.objects.select_related("case").get(),
        referral=Referral.objects.select_related("case").get(),
        contact=Contact.objects.get(),
    )


def _moved(case: Case) -> None:
    receiver = make_organisation()
    manager = make_manager(organisation=receiver)
    transfer = make_transfer(case=case, receiver=receiver)
    accept_transfer(transfer=transfer, manager=manager, accepted_by=manager.user)


def _refusal(act: Callable[[], object]) -> list[str]:
    with translation.override("en"), pytest.raises(ValidationError) as caught:
        act()
    return caught.value.messages


def _bands(case: Case) -> dict[str, object]:
    names = ("municipality", "opened_on", "age_band", "household_band", "origin_group", "residence_group")
    return {name: getattr(case, name) for name in names}


LEVELS = {"language": 4}
ACTS = {
    "changed": lambda at: change_case(case=at.case, **_bands(at.case)),
    "closed": lambda at: close_case(case=at.case, closed_on=TODAY, reason="moved"),
    "reopened": lambda at: reopen_case(case=at.case),
    "consent": lambda at: record_consent(case=at.case, consent_on=TODAY),
    "extended": lambda at: extend_case(case=at.case, reason="health", user=at.giver.user),
    "phase": lambda at: move_case(case=at.case, phase="assessment", starts_on=TODAY, user=at.giver.user),
    "phase back": lambda at: take_phase_back(case=at.case),
    "assessed": lambda at: assess(case=at.case, manager=at.giver, assessed_on=TODAY - DAY, levels=LEVELS),
    "assessment": lambda at: correct_assessment(assessment=at.assessment, assessed_on=TODAY, levels=LEVELS),
    "plan": lambda at: make_plan(case=at.case, agreed_on=TODAY),
    "plan ended": lambda at: end_plan(case=at.case, ended_on=TODAY),
    "review": lambda at: review_plan(case=at.case, reviewed_on=TODAY, review_on=TODAY + DAY),
    "goal": lambda at: set_goal(case=at.case, domain="work", words="Takes up work"),
    "goal changed": lambda at: change_goal(
        goal=at.goal, version=at.goal.version, domain="work", words="Finds work", due_on=None, steps=()
    ),
    "goal ended": lambda at: end_goal(goal=at.goal, outcome="reached", outcome_on=TODAY),
    "goal reopened": lambda at: reopen_goal(goal=at.goal),
    "contact": lambda at: make_contact(case=at.case, manager=at.giver),
    "referral": lambda at: make_referral(case=at.case, manager=at.giver),
    "outcome": lambda at: record_outcome(referral=at.referral, outcome="arrived"),
    "referral withdrawn": lambda at: withdraw_referral(referral=at.referral),
    "relocated": lambda at: relocate_case(case=at.case, municipality=at.case.municipality, starts_on=TODAY),
    "offered": lambda at: make_transfer(case=at.case, manager=at.giver),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_nothing_is_stored_on_a_case_that_went_to_another_organisation(act):
    shown = _shown()
    _moved(shown.case)
    before = _stored()

    refusal = _refusal(lambda: act(shown))

    assert refusal == [GONE]
    assert _stored() == before


@pytest.mark.parametrize("act", [make_contact, make_referral], ids=["contact", "referral"])
def test_manager_of_another_organisation_records_nothing_on_a_case(act):
    shown = _shown()
    _moved(shown.case)
    before = _stored()

    refusal = _refusal(lambda: act(case=Case.objects.get(), manager=shown.giver))

    assert (refusal, _stored()) == ([GONE], before)


def test_own_contact_with_a_case_that_went_away_is_still_corrected():
    shown = _shown()
    _moved(shown.case)
    contact = shown.contact
    names = ("date", "kind", "channel", "mediation")
    values = {name: getattr(contact, name) for name in names} | {"topics": [Topic.objects.get(code="wohnen")]}

    correct_contact(contact=contact, case=Case.objects.get(), minutes=45, **values)

    assert Contact.objects.get(pk=contact.pk).minutes == 45


def test_move_counts_as_a_change_of_the_case():
    case = make_case()

    _moved(case)

    assert Case.objects.get().version == case.version + 1


@pytest.mark.parametrize("name", ["reopened", "plan", "plan ended", "referral", "contact", "consent"])
def test_case_that_was_deleted_meanwhile_is_named_so(name):
    case = make_long_closed_case()
    shown = SimpleNamespace(case=Case.objects.get(), giver=case.opened_by)
    delete_long_closed_cases()

    assert _refusal(lambda: ACTS[name](shown)) == [DELETED]


def test_outcome_and_offer_of_a_case_that_was_deleted_meanwhile_are_refused():
    case = make_case(opened_on=TODAY - DAY)
    referral, transfer = make_referral(case=case), make_transfer(case=case)
    # As they were read before the deletion.
    referral.case = Case(pk=0, organisation_id=case.organisation_id)
    transfer.case_id = 0

    refusals = [
        _refusal(lambda: record_outcome(referral=referral, outcome="arrived")),
        _refusal(lambda: decline_transfer(transfer=transfer, reason="other", declined_by=case.opened_by.user)),
    ]

    assert refusals == [[DELETED], [DELETED]]


def _sent(name: str, shown: SimpleNamespace) -> tuple[str, dict[str, object]]:
    code = shown.case.code
    return {
        "close": (reverse("casework:case_close", args=[code]), {"closed_on": TODAY, "reason": "moved"}),
        "plan": (reverse("casework:case_plan", args=[code]), {"end": ""}),
        "goal": (
            reverse("casework:goal_end", args=[code, shown.goal.pk]),
            {"outcome": "reached", "outcome_on": TODAY, "version": 1},
        ),
        "assessment": (
            reverse("casework:assessment_edit", args=[code, shown.assessment.pk]),
            {"assessed_on": TODAY, "language": "4", "version": "1"},
        ),
        "outcome": (reverse("casework:referral_outcome", args=[shown.referral.pk]), {"outcome": "arrived"}),
        "contact": (
            reverse("casework:contact_new"),
            {
                "date": TODAY,
                "case": code,
                "minutes": 20,
                "kind": "counselling",
                "channel": "office",
                "topics": shown.contact.topics,
                "mediation": "none",
            },
        ),
    }[name]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["close", "plan", "goal", "assessment", "outcome", "contact"])
def test_request_that_waits_while_the_case_goes_stores_nothing(name):
    shown = _shown()
    there = make_manager(organisation=make_organisation())
    url, data = _sent(name, shown)
    client = client_of(shown.giver.user)
    before = _stored()[1:]
    with app_session() as session:
        session.execute("SELECT FROM casework_case FOR UPDATE")

        def move() -> None:
            wait_until_queued(1)
            values = {"receiver": there.organisation_id, "municipality": places_of(there.organisation)[0].pk}
            session.execute(_MOVE, {**values, "case": shown.case.pk, "manager": there.pk, "today": TODAY})
            session.commit()

        response, moved = side_by_side(lambda: client.post(url, data), move)

    assert (response.status_code in (200, 302), moved) == (True, None)
    assert _stored()[1:] == before
    assert Case.objects.get().closed_on is None
