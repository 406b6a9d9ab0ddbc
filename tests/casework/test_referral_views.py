from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format

from casework.models import Case, Referral, ReferralTarget
from casework.models.contacts import first_open_day
from casework.services.absences import name_deputy
from casework.services.referrals import record_outcome
from tests.factories import make_case, make_contact, make_manager, make_referral
from tests.forms import assert_refused, submit
from tests.pages import Page, client_of

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)


def _detail(case: Case) -> Page:
    return Page(client_of(case.opened_by.user).get(reverse("casework:case_detail", args=[case.code])))


def _written(day: date) -> str:
    with translation.override("en"):
        return date_format(day, "SHORT_DATE_FORMAT")


def _post(case: Case, name: str, referral: Referral, **values: str) -> Page:
    client = client_of(case.opened_by.user)
    sent = {"version": referral.version, **values}
    return Page(client.post(reverse(f"casework:{name}", args=[referral.pk]), sent, follow=True))


def _buttons(page: Page) -> list[str]:
    return [button.text for button in page.all("button", name="outcome")]


def test_case_without_referral_says_how_one_is_made():
    page = _detail(make_case())

    assert "No referral yet." in page.main.text
    assert page.one("a", href=reverse("casework:referral_new", args=[_code(page)])).text == "New referral"


def _code(page: Page) -> str:
    return page.heading.removeprefix("Case ")


def test_case_shows_its_referrals_those_to_ask_about_first():
    case = make_case()
    make_referral(case=make_case(manager=case.opened_by), target="anerkennung")
    record_outcome(referral=make_referral(case=case, target="sprachkurs"), outcome="arrived")
    make_referral(case=case, referred_on=TODAY - 9 * DAY, ask_on=TODAY - DAY)

    first, second = [
        entry.text for entry in _detail(case).one("section", aria_labelledby="referrals-heading").all("li")
    ]

    assert first.startswith(
        f"Jobcenter · referred on {_written(TODAY - 9 * DAY)} ask: due since {_written(TODAY - DAY)}"
    )
    assert second.startswith(f"Language and integration course · referred on {_written(TODAY)} · arrived, known on")


def test_outcome_is_one_click_and_can_be_taken_back():
    case = make_case()
    referral = make_referral(case=case)
    before = _buttons(_detail(case))

    page = _post(case, "referral_outcome", referral, outcome="waiting")

    assert before == ["arrived", "waiting list", "not arrived", "declined by the service", "no longer needed"]
    assert page.messages == ["Outcome of the referral to Jobcenter saved."]
    assert _buttons(page) == [
        *["arrived", "not arrived", "declined by the service", "no longer needed"],
        "Take the outcome back",
    ]
    assert Referral.objects.get().outcome == "waiting"


def test_outcome_that_nobody_offered_is_refused():
    case = make_case()

    page = _post(case, "referral_outcome", make_referral(case=case), outcome="lost")

    assert page.messages == ["Choose one of the outcomes."]


def test_referral_is_entered_on_a_page_of_its_own():
    case = make_case()
    values = {
        "target": ReferralTarget.objects.get(code="jobcenter").pk,
        "referred_on": TODAY.isoformat(),
        "ask_on": (TODAY + 7 * DAY).isoformat(),
    }

    address = reverse("casework:referral_new", args=[case.code])
    page = Page(client_of(case.opened_by.user).post(address, values, follow=True))

    assert page.messages == ["Referral to Jobcenter saved."]
    assert page.one("section", aria_labelledby="referrals-heading").one("strong").text == "Jobcenter"


def test_referral_of_a_closed_month_names_the_field_and_the_first_open_day():
    case = make_case(opened_on=first_open_day() - 30 * DAY)
    day = first_open_day() - DAY
    values = {
        "target": str(ReferralTarget.objects.get(code="jobcenter").pk),
        "referred_on": day.isoformat(),
        "ask_on": TODAY.isoformat(),
    }

    page = submit(client_of(case.opened_by.user), reverse("casework:referral_new", args=[case.code]), values)

    error = f"This month is closed for entries. Enter a day from {_written(first_open_day())} on."
    assert_refused(page, "referred_on", values, error=error)
    assert page.one("input", name="referred_on")["min"] == first_open_day().isoformat()
    assert Referral.objects.count() == 0


def test_referral_of_a_closed_month_stays_and_its_outcome_can_become_known():
    case = make_case(opened_on=first_open_day() - 30 * DAY)
    referral = make_referral(case=case, referred_on=first_open_day() - DAY, ask_on=TODAY)

    removed = _post(case, "referral_withdraw", referral)
    known = _post(case, "referral_outcome", referral, outcome="arrived")

    assert removed.messages[0].endswith("is closed: this referral can no longer be removed. Tell your coordinator.")
    assert known.messages == ["Outcome of the referral to Jobcenter saved."]


def test_wrong_referral_comes_back_with_what_was_entered():
    case = make_case()
    values = {"target": "", "referred_on": TODAY.isoformat(), "ask_on": (TODAY + DAY).isoformat()}

    page = submit(client_of(case.opened_by.user), reverse("casework:referral_new", args=[case.code]), values)

    assert_refused(page, "target", values)
    assert Referral.objects.count() == 0


def test_referral_of_a_contact_offers_no_removal_and_refuses_it():
    case = make_case()
    make_contact(case=case, referral_target=ReferralTarget.objects.get(code="jobcenter"))
    referral = Referral.objects.get()

    offered = _detail(case).all("button", formaction=reverse("casework:referral_withdraw", args=[referral.pk]))
    page = _post(case, "referral_withdraw", referral)

    assert offered == []
    assert page.messages[0].startswith("This referral was recorded with the contact of")


def test_referral_entered_by_mistake_is_removed():
    case = make_case()

    page = _post(case, "referral_withdraw", make_referral(case=case))

    assert page.messages == ["The referral was removed."]
    assert Referral.objects.count() == 0


def test_deputy_records_the_outcome_and_a_stranger_finds_nothing():
    case = make_case()
    deputy, stranger = make_manager(organisation=case.organisation), make_manager(organisation=case.organisation)
    name_deputy(manager=case.opened_by, deputy=deputy, starts_on=TODAY, ends_on=TODAY)
    address = reverse("casework:referral_outcome", args=[make_referral(case=case).pk])

    refused = client_of(stranger.user).post(address, {"outcome": "arrived", "version": "1"})
    done = client_of(deputy.user).post(address, {"outcome": "not_arrived", "version": "1"})

    assert (refused.status_code, done.status_code) == (404, 302)
    assert Referral.objects.get().outcome == "not_arrived"


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("name", "queries"), [("case_detail", 10), ("referral_new", 7)])
def test_pages_ask_as_often_for_one_referral_as_for_three(rows, name, queries, django_assert_num_queries):
    case = make_case()
    for _number in range(rows):
        make_referral(case=case)
    client = client_of(case.opened_by.user)

    with django_assert_num_queries(queries):
        response = client.get(reverse(f"casework:{name}", args=[case.code]))

    assert response.status_code == 200
