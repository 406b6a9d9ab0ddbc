"""What deputies read of cases leaves a line in the access log; what managers read of their own does not."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from casework.models import Case
from casework.services.plans import make_plan
from casework.services.referrals import record_outcome
from pik.models import AccessRecord
from pik.months import months_later
from tests.casework.standing_in import colleague_of, stand_in
from tests.factories import hand_over, make_assessment, make_case, make_contact, make_referral
from tests.pages import Page, client_of

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)


def _address(case: Case) -> str:
    return reverse("casework:case_detail", args=[case.code])


def test_deputy_who_opens_a_case_leaves_a_line_in_the_access_log_each_time():
    case = make_case()
    deputy = colleague_of(case.opened_by)
    stand_in(case.opened_by, deputy)
    client = client_of(deputy.user)

    for _time in range(2):
        client.get(_address(case))

    lines = AccessRecord.objects.values_list("user", "organisation", "action", "subject")
    assert list(lines) == [(deputy.user_id, case.organisation_id, "case_read", case.code)] * 2


PAGES = (
    "case_detail case_edit case_close case_phase case_consent case_extend plan_review referral_new goal_list goal_new"
)


@pytest.mark.parametrize("page", [*PAGES.split(), "assessment_list", "assessment_new"])
def test_each_page_of_a_case_that_a_deputy_opens_leaves_a_line(page):
    # One with a plan, whose funding time is about to end.
    case = make_case(opened_on=months_later(timezone.localdate(), 1 - settings.CASE_LIMIT_MONTHS))
    make_plan(case=case, agreed_on=case.opened_on)
    deputy = colleague_of(case.opened_by)
    stand_in(case.opened_by, deputy)

    answer = client_of(deputy.user).get(reverse(f"casework:{page}", args=[case.code]))

    assert answer.status_code == 200
    assert AccessRecord.objects.get().subject == case.code


def test_picture_of_a_case_leaves_a_line_when_a_deputy_asks_for_it_without_its_page():
    case = make_assessment().case
    deputy = colleague_of(case.opened_by)
    stand_in(case.opened_by, deputy)

    answer = client_of(deputy.user).get(reverse("casework:assessment_picture", args=[case.code]))

    assert answer.status_code == 200
    assert AccessRecord.objects.get().subject == case.code


def test_page_with_its_picture_leaves_one_line():
    case = make_assessment().case
    deputy = colleague_of(case.opened_by)
    stand_in(case.opened_by, deputy)
    client = client_of(deputy.user)

    for name in ("assessment_list", "assessment_picture"):
        client.get(reverse(f"casework:{name}", args=[case.code]))

    assert AccessRecord.objects.get().subject == case.code


@pytest.mark.parametrize(("own_entry", "status"), [({"minutes": "50"}, 200), ({}, 302)])
def test_last_contact_that_a_deputy_is_shown_or_told_of_leaves_a_line(own_entry, status):
    case = make_contact(date=TODAY - DAY).case
    deputy = colleague_of(case.opened_by)
    stand_in(case.opened_by, deputy)
    sent = {"case": case.code, "date": TODAY.isoformat(), "again": "1", **own_entry}

    answer = client_of(deputy.user).post(reverse("casework:contact_new"), sent)

    assert answer.status_code == status
    assert AccessRecord.objects.get().subject == case.code


def test_last_contact_of_the_own_case_leaves_no_line():
    case = make_contact(date=TODAY - DAY).case

    client_of(case.opened_by.user).post(
        reverse("casework:contact_new"), {"case": case.code, "date": TODAY.isoformat(), "again": "1"}
    )

    assert list(AccessRecord.objects.all()) == []


def test_outcome_of_somebody_else_that_a_deputy_is_shown_leaves_a_line():
    referral = make_referral()
    deputy = colleague_of(referral.case.opened_by)
    stand_in(referral.case.opened_by, deputy)
    record_outcome(referral=referral, outcome="arrived", version=1)

    answer = client_of(deputy.user).post(
        reverse("casework:referral_outcome", args=[referral.pk]), {"outcome": "not_arrived", "version": 1}
    )

    assert answer.status_code == 409
    assert AccessRecord.objects.get().subject == referral.case.code


def test_form_that_a_deputy_sends_back_wrong_leaves_no_second_line():
    case = make_case()
    deputy = colleague_of(case.opened_by)
    stand_in(case.opened_by, deputy)
    client = client_of(deputy.user)
    address = reverse("casework:case_edit", args=[case.code])

    client.get(address)
    answers = [client.post(address, {"age_band": "unknown"}).status_code for _time in range(2)]

    assert answers == [200, 200]
    assert AccessRecord.objects.get().subject == case.code


def test_manager_who_opens_the_own_case_leaves_no_line():
    case = make_case()
    deputy = colleague_of(case.opened_by)
    own = make_case(manager=deputy)
    stand_in(case.opened_by, deputy)

    client_of(case.opened_by.user).get(_address(case))
    client_of(deputy.user).get(_address(own))

    assert list(AccessRecord.objects.all()) == []


def test_stranger_who_is_refused_a_case_leaves_no_line():
    case = make_case()
    stranger = colleague_of(case.opened_by)
    stand_in(case.opened_by, stranger, TODAY - 9 * DAY, TODAY - DAY)

    response = client_of(stranger.user).get(_address(case))

    assert response.status_code == 404
    assert list(AccessRecord.objects.all()) == []


def test_receiver_of_a_case_opens_it_without_a_line_and_reads_who_recorded_what():
    contact = make_contact(date=TODAY - DAY)
    receiver = colleague_of(contact.manager)
    hand_over(contact.case, receiver, TODAY)

    page = Page(client_of(receiver.user).get(_address(contact.case)))

    assert [row[-1] for row in page.rows("contacts-caption")] == [contact.manager.user.name]
    assert list(AccessRecord.objects.all()) == []
