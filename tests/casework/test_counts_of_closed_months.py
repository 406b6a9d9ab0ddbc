"""Numbers of a closed month can be read, and neither changed nor removed: by form, by service, or in the database."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from casework.models.contacts import first_open_day
from casework.models.counts import COUNT_MODELS
from casework.services.counts import correct_counts, withdraw_counts
from casework.services.figures import refresh_changed_figures
from tests.casework.test_count_views import CODES, MAKE
from tests.database import refused_by
from tests.factories import make_case, make_contact, make_language_course, make_manager, make_screening_day
from tests.forms import submit
from tests.pages import Page, client_of

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)
CLOSED, OPEN = first_open_day() - DAY, first_open_day()
every_measure = pytest.mark.parametrize("code", CODES)


def _make(code: str, **overrides: object):
    return MAKE[COUNT_MODELS[code]](**overrides)


def _address(name: str, record) -> str:
    code = next(code for code, model in COUNT_MODELS.items() if isinstance(record, model))
    return reverse(f"casework:{name}", args=[code, record.pk])


def _correct(record, **values: object) -> None:
    stored = {name: getattr(record, name) for name in ("date", "municipality", *record.ENTERED)}
    correct_counts(record=record, **{**stored, **values})


@every_measure
def test_database_keeps_what_was_counted_in_a_closed_month(code):
    record = _make(code, date=CLOSED)
    stored = type(record).objects.filter(pk=record.pk)

    for values in ({record.SUMMED[0]: 7}, {"date": OPEN}, {"date": CLOSED - DAY}, {"version": 2}):
        with refused_by("closed_month_is_kept"):
            stored.update(**values)
    with refused_by("closed_month_is_kept"):
        stored.delete()


@every_measure
def test_database_moves_nothing_that_was_counted_into_a_closed_month(code):
    record = _make(code, date=OPEN)

    with refused_by("closed_month_is_kept"):
        type(record).objects.update(date=CLOSED)
    type(record).objects.update(date=TODAY)
    type(record).objects.all().delete()


@every_measure
def test_services_refuse_a_closed_month_and_say_which(code):
    closed, opened = _make(code, date=CLOSED), _make(code, date=OPEN)
    month = date_format(CLOSED, "YEAR_MONTH_FORMAT")

    with pytest.raises(ValidationError, match=month):
        _correct(closed, date=TODAY)
    with pytest.raises(ValidationError, match=month):
        withdraw_counts(record=closed)
    with pytest.raises(ValidationError) as caught:
        _correct(opened, date=CLOSED)

    assert list(caught.value.message_dict) == ["date"]
    assert list(type(closed).objects.order_by("pk").values_list("date", flat=True)) == [CLOSED, OPEN]


@every_measure
def test_new_entry_of_a_closed_month_is_refused_together_with_everything_else(code):
    model, manager = COUNT_MODELS[code], make_manager(measure=code)
    sent = {"date": CLOSED.isoformat(), model.SUMMED[0]: "many"}

    page = submit(client_of(manager.user), reverse("casework:count_new", args=[code]), sent)

    assert "This month is closed for entries." in page.field_error("date")
    assert page.field_error(model.SUMMED[0])
    assert model.objects.count() == 0


def test_entry_of_a_closed_month_is_shown_and_offers_neither_saving_nor_removing():
    record = make_screening_day(date=CLOSED)
    client, address = client_of(record.manager.user), _address("count_edit", record)

    page = Page(client.get(address))
    refused = submit(client, address, {**page.values(), "version": "1", "green": "77"})
    removed = Page(client.post(_address("count_withdraw", record), follow=True))

    assert page.one("h1").text == "View an entry"
    assert "is closed: this entry can no longer be changed or removed." in page.main.text
    assert {"Save entry", "Remove the entry"}.isdisjoint(button.text for button in page.main.all("button"))
    assert "is closed" in refused.errors[0][1]
    assert "is closed" in removed.messages[0]
    assert type(record).objects.values_list("green", "version").get() == (record.green, 1)


def test_list_offers_to_correct_entries_of_open_months_only():
    manager = make_manager(measure="deutsch")
    make_language_course(manager=manager, date=OPEN)
    make_language_course(manager=manager, date=CLOSED)

    rows = Page(client_of(manager.user).get(reverse("casework:count_list", args=["deutsch"]))).rows("counts-caption")

    assert [row[-1].split()[0] for row in rows] == ["Correct", "View"]


def test_list_of_contacts_offers_to_correct_those_of_open_months_only():
    case = make_case(opened_on=CLOSED)
    for day in (OPEN, CLOSED):
        make_contact(case=case, date=day)
    refresh_changed_figures()

    rows = Page(client_of(case.opened_by.user).get(reverse("casework:contact_list"))).rows("contacts-caption")

    assert [row[-1].split()[0] for row in rows] == ["Correct", "View"]


def test_contact_of_a_closed_month_is_shown_and_offers_neither_saving_nor_removing():
    contact = make_contact(case=make_case(opened_on=CLOSED), date=CLOSED)

    page = Page(client_of(contact.manager.user).get(reverse("casework:contact_edit", args=[contact.pk])))

    assert page.one("h1").text == "View a contact"
    assert "is closed: this entry can no longer be changed or removed." in page.main.text
    assert {"Save contact", "Remove the entry"}.isdisjoint(button.text for button in page.main.all("button"))
    assert [link.text for link in page.main.all("a")].count("Save as a template") == 1
