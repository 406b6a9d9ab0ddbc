from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.models import Contact
from tests.factories import make_case, make_contact, make_manager
from tests.pages import Page, client_of

pytestmark = pytest.mark.django_db
DAY = reverse("casework:contact_day")
TODAY = timezone.localdate()
YESTERDAY = TODAY - timedelta(days=1)


def _day(manager, day=None) -> Page:
    return Page(client_of(manager.user).get(DAY, {"day": day} if day else {}))


def _days(page: Page) -> list[str]:
    return [link["href"].rpartition("day=")[2] for link in page.one("nav", class_="pik-days").all("a")]


def test_day_shows_its_own_entries_and_their_total():
    case = make_case()
    for minutes in (25, 45):
        make_contact(case=case, date=YESTERDAY, minutes=minutes)
    make_contact(case=case, minutes=100)
    make_contact(date=YESTERDAY, minutes=200)

    page = _day(case.opened_by, YESTERDAY.isoformat())

    assert [row[4] for row in page.rows("contacts-caption")] == ["45", "25"]
    assert "In total 2 contacts, 70 minutes" in page.main.text
    assert page.values()["date"] == [YESTERDAY.isoformat()]


def test_day_leads_to_its_neighbours_but_not_into_the_future():
    manager = make_manager()

    today, yesterday = _days(_day(manager)), _days(_day(manager, YESTERDAY.isoformat()))

    assert today == [YESTERDAY.isoformat()]
    assert yesterday == [(YESTERDAY - timedelta(days=1)).isoformat(), TODAY.isoformat(), DAY]


@pytest.mark.parametrize("text", ["9999-12-31", "2026-02-31", "tomorrow", "\x00", ""])
def test_day_that_cannot_be_is_today(text):
    page = _day(make_case().opened_by, text)

    assert page.values()["date"] == [TODAY.isoformat()]


def test_first_day_of_all_has_no_day_before():
    assert _days(_day(make_manager(), "0001-01-01")) == ["0001-01-02", DAY]


def test_entry_of_a_day_leads_back_to_it():
    case = make_case()
    entered = {
        "case": case.code,
        "date": YESTERDAY.isoformat(),
        "minutes": "15",
        "kind": "crisis",
        "channel": "phone",
        "topics": ["1"],
        "mediation": "none",
    }

    response = client_of(case.opened_by.user).post(f"{DAY}?day={YESTERDAY.isoformat()}", entered, follow=True)

    assert response.redirect_chain == [(f"{DAY}?day={YESTERDAY.isoformat()}", 302)]
    assert [row[4] for row in Page(response).rows("contacts-caption")] == ["15"]
    assert Contact.objects.count() == 1


def test_draft_of_a_day_is_restored_on_this_day_only():
    case = make_case()
    shown = _day(case.opened_by, YESTERDAY.isoformat()).values()
    client_of(case.opened_by.user).post(reverse("draft_keep"), {**shown, "minutes": "17"})

    minutes = [_day(case.opened_by, day.isoformat()).values()["minutes"] for day in (YESTERDAY, TODAY)]

    assert minutes == [["17"], [""]]


@pytest.mark.parametrize("rows", [1, 3])
def test_day_asks_as_often_for_one_entry_as_for_three(rows, django_assert_num_queries):
    manager = make_manager()
    for _number in range(rows):
        make_contact(case=make_case(manager=manager))
    client = client_of(manager.user)

    with django_assert_num_queries(10):
        page = Page(client.get(DAY))

    assert len(page.rows("contacts-caption")) == rows


def test_any_day_that_has_come_can_be_chosen():
    case = make_case()

    chosen = _day(case.opened_by, YESTERDAY.isoformat()).one("input", id="day")

    assert (chosen["value"], chosen["max"]) == (YESTERDAY.isoformat(), TODAY.isoformat())
