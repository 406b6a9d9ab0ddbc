"""What no contact may be: each refusal names the place and the remedy, keeps what was typed and saves nothing."""

from datetime import date, timedelta

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from casework.models import Case, Contact, Topic
from casework.models.contacts import first_open_day
from casework.services.contacts import correct_contact, record_contact, withdraw_contact
from pik.models import Measure
from tests.factories import make_case, make_contact
from tests.forms import assert_refused, submit
from tests.pages import Page, client_of

pytestmark = pytest.mark.django_db
NEW = reverse("casework:contact_new")
TODAY, DAY = timezone.localdate(), timedelta(days=1)


def _old_case() -> Case:
    return make_case(opened_on=date(2025, 1, 1))


def _entered(case: Case, /, **overrides: object) -> dict[str, object]:
    values = {
        "case": case.code,
        "date": TODAY.isoformat(),
        "minutes": "45",
        "kind": "crisis",
        "channel": "phone",
        "topics": ["1", "3"],
        "mediation": "none",
    }
    return {**values, **overrides}


def _values(case: Case, **overrides: object) -> dict[str, object]:
    values = {"case": case, "date": TODAY, "minutes": 5, "kind": "crisis", "channel": "phone", "mediation": "none"}
    return {**values, "topics": Topic.objects.all()[:1], **overrides}


@pytest.mark.parametrize(
    ("today", "first"),
    [
        (date(2026, 11, 24), date(2026, 8, 1)),
        # 92 days after the last day of August the month is open for the last time.
        (date(2026, 12, 1), date(2026, 8, 1)),
        (date(2026, 12, 2), date(2026, 9, 1)),
        (date(2026, 1, 5), date(2025, 10, 1)),
    ],
)
def test_month_closes_so_many_days_after_its_last_one(today, first, monkeypatch):
    monkeypatch.setattr(timezone, "localdate", lambda: today)

    assert settings.ENTRY_CLOSED_AFTER_DAYS == 92
    assert first_open_day() == first


def test_contact_of_a_closed_month_is_refused_with_the_first_open_day():
    case = _old_case()
    sent = _entered(case, date=(first_open_day() - DAY).isoformat())

    page = submit(client_of(case.opened_by.user), NEW, sent)

    assert_refused(page, "date", sent, error="This month is closed for entries. Enter a day from ")
    assert Contact.objects.count() == 0
    assert page.one("input", name="date")["min"] == first_open_day().isoformat()


def test_contact_of_the_first_open_day_is_taken():
    case = _old_case()

    response = client_of(case.opened_by.user).post(NEW, _entered(case, date=first_open_day().isoformat()))

    assert (response.status_code, Contact.objects.get().date) == (302, first_open_day())


def test_contact_is_not_moved_into_a_closed_month():
    contact = make_contact(case=_old_case())

    with pytest.raises(ValidationError) as refused:
        correct_contact(contact=contact, **_values(contact.case, date=first_open_day() - DAY))

    assert list(refused.value.message_dict) == ["date"]
    assert Contact.objects.get().date == TODAY


def test_contact_of_a_closed_month_is_neither_changed_nor_removed():
    contact = make_contact(case=_old_case(), date=first_open_day() - DAY)
    client = client_of(contact.manager.user)
    address = reverse("casework:contact_edit", args=[contact.pk])
    sent = {**Page(client.get(address)).values(), "date": TODAY.isoformat(), "minutes": "99"}

    changed = submit(client, address, sent)
    removed = client.post(reverse("casework:contact_withdraw", args=[contact.pk]), follow=True)

    sentence = "is closed: this entry can no longer be changed or removed. Tell your coordinator."
    assert sentence in changed.errors[0][1]
    assert changed.values()["minutes"] == ["99"]
    assert sentence in Page(removed).messages[0]
    assert removed.redirect_chain == [(address, 302)]
    with pytest.raises(ValidationError):
        withdraw_contact(contact=contact)
    assert Contact.objects.values("date", "minutes").get() == {"date": contact.date, "minutes": 30}


def test_contact_after_the_end_of_the_measure_is_refused():
    case = _old_case()
    Measure.objects.filter(pk=case.measure_id).update(ends_on=TODAY - 5 * DAY)
    sent = _entered(case)

    page = submit(client_of(case.opened_by.user), NEW, sent)

    assert_refused(page, "case", sent, error="The measure of this case ended on ")
    assert Contact.objects.count() == 0
    before = client_of(case.opened_by.user).post(NEW, _entered(case, date=(TODAY - 5 * DAY).isoformat()))
    assert before.status_code == 302


@pytest.mark.parametrize("which", ["closed", "foreign", "unknown"])
def test_case_that_is_closed_foreign_or_unknown_is_refused_in_the_same_words(which):
    own = make_case()
    case = make_case(manager=own.opened_by) if which == "closed" else make_case()
    Case.objects.filter(pk=case.pk).update(closed_on=TODAY, closing_reason="moved")
    sent = _entered(own, case="0" if which == "unknown" else case.code)

    page = submit(client_of(own.opened_by.user), NEW, sent)

    assert_refused(page, "case", sent, error="None of your open cases has this code. Choose one from the list")
    # What was typed stays, and says no more than that.
    assert [option.text for option in page.one("select", name="case").all("option")][1] == sent["case"]
    assert page.text.count(case.code) == (which != "unknown")
    assert Contact.objects.count() == 0


def test_case_that_was_closed_after_the_form_was_checked_is_refused():
    case = make_case()
    Case.objects.filter(pk=case.pk).update(closed_on=TODAY - DAY, closing_reason="moved")

    with pytest.raises(ValidationError) as refused:
        record_contact(manager=case.opened_by, **_values(case))

    assert list(refused.value.message_dict) == ["case"]
    assert Contact.objects.count() == 0


def test_topic_that_has_ended_is_refused_and_the_others_stay_ticked():
    case = make_case()
    Topic.objects.filter(pk=3).update(ends_on=TODAY - DAY)
    sent = _entered(case)

    page = submit(client_of(case.opened_by.user), NEW, sent)

    assert_refused(page, "topics", sent, error="A topic is no longer in use. Choose from those that are shown.")
    assert page.values()["topics"] == ["1"]
    assert Contact.objects.count() == 0
