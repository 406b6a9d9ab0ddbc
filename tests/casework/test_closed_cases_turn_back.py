"""Who opens a form about a case that has ended is led back to it before anything is typed."""

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.services.cases import close_case
from tests.factories import make_assessment, make_case, make_goal
from tests.pages import Page, client_of

pytestmark = pytest.mark.django_db
FORMS = [
    "case_edit",
    "case_close",
    "case_phase",
    "case_consent",
    "case_extend",
    "case_move",
    "case_transfer",
    "plan_review",
    "goal_new",
    "goal_edit",
    "goal_end",
    "referral_new",
    "assessment_new",
    "assessment_edit",
]


@pytest.mark.parametrize("name", FORMS)
def test_form_about_a_closed_case_leads_back_to_it(name):
    case = make_case()
    rows = {"goal": make_goal(case=case), "assessment": make_assessment(case=case)}
    more = [row.pk for part, row in rows.items() if name in (f"{part}_edit", f"{part}_end")]
    close_case(case=case, closed_on=timezone.localdate(), reason="moved")

    response = client_of(case.opened_by.user).get(reverse(f"casework:{name}", args=[case.code, *more]), follow=True)

    assert response.redirect_chain == [(reverse("casework:case_detail", args=[case.code]), 302)]
    assert Page(response).messages == ["This case is closed. Reopen it first."]


def test_contact_begun_for_a_closed_case_leads_back_to_it_whoever_may_read_it_alone():
    case, foreign = make_case(), make_case()
    for each in (case, foreign):
        close_case(case=each, closed_on=timezone.localdate(), reason="moved")
    client, address = client_of(case.opened_by.user), reverse("casework:contact_new")

    response = client.get(address, {"case": case.code}, follow=True)

    assert response.redirect_chain == [(reverse("casework:case_detail", args=[case.code]), 302)]
    assert Page(response).messages == ["This case is closed. Reopen it first."]
    assert client.get(address, {"case": foreign.code}).status_code == 200
