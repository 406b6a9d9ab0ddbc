from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format

from casework.models import Case
from casework.services.case_file import extend_case, record_consent
from casework.services.cases import close_case
from casework.services.phases import move_case
from casework.services.plans import make_plan
from pik.months import months_later
from tests.database import refused_by, run_sql
from tests.factories import make_case
from tests.forms import assert_refused, submit
from tests.pages import Page, client_of

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)
OLD = months_later(TODAY, -34)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def _address(name: str, case: Case) -> str:
    return reverse(f"casework:{name}", args=[case.code])


@pytest.mark.parametrize(
    ("days", "field"),
    [
        ({"consent_on": TODAY + DAY}, "consent_on"),
        ({"consent_on": None, "withdrawn_on": TODAY}, "consent_on"),
        ({"consent_on": TODAY, "consent_until": TODAY - DAY}, "consent_until"),
        ({"consent_on": TODAY, "consent_until": date(2087, 3, 15)}, "consent_until"),
        ({"consent_on": date(1987, 3, 15)}, "consent_on"),
        ({"consent_on": TODAY, "withdrawn_on": TODAY - DAY}, "withdrawn_on"),
        ({"consent_on": TODAY, "withdrawn_on": TODAY + DAY}, "withdrawn_on"),
    ],
)
def test_consent_on_impossible_days_names_the_field_and_keeps_nothing(days, field):
    case = make_case()

    with pytest.raises(ValidationError) as caught:
        record_consent(case=case, **days)

    assert list(caught.value.message_dict) == [field]
    assert Case.objects.get().consent_on is None


def test_consent_of_a_case_beyond_intake_is_withdrawn_not_emptied():
    case = record_consent(case=make_case(), consent_on=TODAY - 9 * DAY)
    move_case(case=case, phase="assessment", starts_on=TODAY, user=case.opened_by.user)

    with pytest.raises(ValidationError) as caught:
        record_consent(case=case, consent_on=None)
    with refused_by("phase_needs_consent"):
        run_sql("UPDATE casework_case SET consent_on = NULL WHERE id = %s", case.pk)
    withdrawn = record_consent(case=case, consent_on=TODAY - 9 * DAY, withdrawn_on=TODAY)

    assert list(caught.value.message_dict) == ["consent_on"]
    assert withdrawn.has_consent is False


@pytest.mark.parametrize(
    "columns",
    [
        "withdrawn_on = '2024-05-01'",
        "consent_on = '2016-12-31'",
        "consent_on = '2024-05-01', consent_until = '2024-04-01'",
    ],
)
def test_database_refuses_a_consent_out_of_order(columns):
    case = make_case()

    with refused_by("case_consent_in_order"):
        run_sql(f"UPDATE casework_case SET {columns} WHERE id = %s", case.pk)


def test_consent_page_starts_with_today_and_keeps_what_is_wrong():
    case = make_case()
    client = client_of(case.opened_by.user)
    sent = {"consent_on": TODAY.isoformat(), "consent_until": (TODAY - DAY).isoformat(), "withdrawn_on": ""}

    held = Page(client.get(_address("case_consent", case))).values()
    page = submit(client, _address("case_consent", case), sent)
    saved = client.post(_address("case_consent", case), held, follow=True)

    assert held["consent_on"] == [TODAY.isoformat()]
    assert_refused(page, "consent_until", sent)
    assert Page(saved).messages == [f"Consent of case {case.code} saved."]


@pytest.mark.parametrize(
    ("page", "opened_on", "why"),
    [
        ("goal_new", OLD, "Goals belong to a plan, and none runs. Note a new plan first."),
        ("plan_review", OLD, "No plan runs that could be reviewed. Note a new plan first."),
        ("case_extend", TODAY - DAY, "The funding time ends on {day}. It can be extended from {first} on."),
    ],
)
def test_page_that_cannot_be_saved_leads_back_before_anything_is_typed(page, opened_on, why):
    case = make_case(opened_on=opened_on)
    client = client_of(case.opened_by.user)

    answer = client.get(_address(page, case), follow=True)
    close_case(case=case, closed_on=TODAY, reason="moved")
    closed = client.get(_address(page, case), follow=True)

    days = {"day": case.limit_on, "first": case.extendable_from}
    written = {name: date_format(day, "SHORT_DATE_FORMAT") for name, day in days.items()}
    assert answer.redirect_chain == [(_address("case_detail", case), 302)]
    assert Page(answer).messages == [why.format(**written)]
    assert Page(closed).messages == ["This case is closed. Reopen it first."]


def test_case_near_its_limit_offers_the_fourth_year_and_stores_who_gave_it():
    case = make_case(opened_on=OLD)
    client = client_of(case.opened_by.user)

    before = Page(client.get(_address("case_detail", case)))
    client.post(_address("case_extend", case), {"reason": "health"})
    after = Page(client.get(_address("case_detail", case)))

    stored = Case.objects.get()
    assert len(before.all("a", href=_address("case_extend", case))) == 1
    assert len(after.all("a", href=_address("case_extend", case))) == 0
    assert (stored.extension_reason, stored.extended_by) == ("health", case.opened_by.user)
    assert stored.limit_on == months_later(OLD, 48)
    assert date_format(stored.limit_on, "SHORT_DATE_FORMAT") in after.text


def test_due_cases_forget_the_third_year_once_there_is_a_fourth():
    case = make_case(opened_on=OLD)

    due_before = list(Case.objects.due())
    extend_case(case=case, reason="care", user=case.opened_by.user)

    assert due_before == [case]
    assert list(Case.objects.due()) == []


@pytest.mark.parametrize(
    ("opened_on", "reason"),
    [(TODAY - 90 * DAY, "health"), (OLD, "longer"), (OLD, "")],
    ids=["early", "unknown", "none"],
)
def test_fourth_year_is_refused_too_early_and_without_a_reason(opened_on, reason):
    case = make_case(opened_on=opened_on)

    with pytest.raises(ValidationError):
        extend_case(case=case, reason=reason, user=case.opened_by.user)

    assert Case.objects.get().limit_on == months_later(opened_on, 36)


def test_there_is_no_fifth_year():
    case = make_case(opened_on=OLD)
    extend_case(case=case, reason="care", user=case.opened_by.user)

    with pytest.raises(ValidationError, match="fifth"):
        extend_case(case=case, reason="health", user=case.opened_by.user)


def test_database_refuses_an_extension_without_reason_or_without_a_person():
    case = make_case()

    with refused_by("case_extension_has_reason"):
        Case.objects.filter(pk=case.pk).update(extended_by=case.opened_by.user, extended_at=timezone.now())
    with refused_by("case_extension_has_reason"):
        Case.objects.filter(pk=case.pk).update(extension_reason="health")


def test_closed_case_takes_neither_consent_nor_extension():
    case = make_case(opened_on=OLD)
    close_case(case=case, closed_on=TODAY, reason="moved")

    for change in (
        lambda: record_consent(case=case, consent_on=TODAY),
        lambda: extend_case(case=case, reason="health", user=case.opened_by.user),
    ):
        with pytest.raises(ValidationError, match="closed in the meantime"):
            change()


def test_case_list_shows_phase_and_next_review():
    case = make_case()
    make_plan(case=case, agreed_on=case.opened_on)

    page = Page(client_of(case.opened_by.user).get(reverse("casework:case_list")))

    day = date_format(months_later(case.opened_on, 6), "SHORT_DATE_FORMAT")
    assert page.rows("cases-caption")[0][5] == f"Intake {day}"


def test_consent_is_given_no_earlier_than_the_case_was_opened():
    case = make_case()

    with pytest.raises(ValidationError) as caught:
        record_consent(case=case, consent_on=case.opened_on - timedelta(days=1))

    assert list(caught.value.message_dict) == ["consent_on"]
    assert Case.objects.get().consent_on is None
