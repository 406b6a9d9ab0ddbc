from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.models import Assignment, Case
from casework.services.absences import name_deputy
from tests.factories import (
    make_agreed_case,
    make_case,
    make_contact,
    make_goal,
    make_language_course,
    make_manager,
    make_queer_support,
    make_roma_support,
    make_screening_day,
    make_transfer,
)
from tests.pages import Page, client_of

pytestmark = pytest.mark.django_db
START = reverse("casework:start")
MAKE_COUNTS = {
    "deutsch": make_language_course,
    "bws": make_screening_day,
    "inturo": make_roma_support,
    "queer": make_queer_support,
}


def _due_for(case: Case, *, weeks: int = 9) -> Case:
    Case.objects.filter(pk=case.pk).update(last_used_at=timezone.now() - timedelta(weeks=weeks))
    return case


def _start(manager) -> Page:
    return Page(client_of(manager.user).get(START))


def _due(page: Page) -> list[str]:
    lists = page.all("ul", class_="pik-list")
    return [entry.text for found in lists for entry in found.all("li")]


def test_start_page_has_entry_first_then_what_is_due_then_last_entries():
    case = make_case()

    page = _start(case.opened_by)

    assert [heading.text for heading in page.main.all("h2")] == ["Record a contact", "What is due", "Last entries"]
    assert page.main.one("form")["action"] == reverse("casework:contact_new")


def test_entry_offers_own_open_cases_the_last_used_first():
    manager = make_manager()
    used_long_ago, used_today = _due_for(make_case(manager=manager)), make_case(manager=manager)
    closed, foreign = make_case(manager=manager), make_case()
    make_contact(case=closed)
    Case.objects.filter(pk=closed.pk).update(closed_on=timezone.localdate(), closing_reason="moved")

    options = [option["value"] for option in _start(manager).one("select", name="case").all("option")]

    assert options == ["", used_today.code, used_long_ago.code]
    assert str(foreign.pk) not in options


def test_manager_without_open_case_is_led_to_open_one():
    manager = make_manager()

    page = _start(manager)

    assert page.main.all("form") == []
    assert "You have no open case yet. Open one, then record contacts with it." in page.main.text
    links = {link["href"] for link in page.main.all("a")}
    assert links == {reverse("casework:case_new"), reverse("casework:mails")}


@pytest.mark.parametrize("measure", ["deutsch", "bws", "inturo", "queer"])
def test_who_records_counts_alone_finds_them_and_nothing_of_cases(measure):
    manager = make_manager(measure=measure)
    # Offered to the organisation: for colleagues who keep cases.
    make_transfer(receiver=manager.organisation)
    records = [MAKE_COUNTS[measure](manager=manager, date=timezone.localdate()) for _number in range(6)]

    page = _start(manager)

    assert len(page.rows(f"counts-{measure}")) == 5
    links = {link["href"] for link in page.main.all("a")}
    new, everything = (reverse(f"casework:{name}", args=[measure]) for name in ("count_new", "count_list"))
    latest = {reverse("casework:count_edit", args=[measure, record.pk]) for record in records[1:]}
    assert links == {new, everything, *latest}
    assert page.main.all("form") == []
    assert "case" not in page.main.text.lower()


def test_who_records_counts_and_stands_in_has_both_and_opens_no_case():
    manager = make_manager()
    deputy = make_manager(organisation=manager.organisation, measure="deutsch")
    case, today = make_case(manager=manager), timezone.localdate()
    name_deputy(manager=manager, deputy=deputy, starts_on=today, ends_on=today)

    page = _start(deputy)

    assert [option["value"] for option in page.one("select", name="case").all("option")] == ["", case.code]
    links = {link["href"] for link in page.main.all("a")}
    assert reverse("casework:count_new", args=["deutsch"]) in links
    assert reverse("casework:case_new") not in links


def test_who_fills_no_post_is_told_so_instead_of_led_to_open_a_case():
    manager = make_manager()
    Assignment.objects.all().delete()

    page = _start(manager)

    assert "You fill no post with cases today. Ask your coordinator to check your post." in page.main.text
    assert (
        page.main.one("section", aria_labelledby="due-heading").one("p", class_="pik-muted").text == "Nothing is due."
    )
    assert {link["href"] for link in page.main.all("a")} == {reverse("casework:mails")}


def test_due_cases_say_why_and_strangers_are_not_among_them():
    manager, today = make_manager(), timezone.localdate()
    make_case(manager=manager)
    over = make_agreed_case(manager=manager, opened_on=today - timedelta(days=1200))
    unseen = _due_for(make_case(manager=manager))
    _due_for(make_case())

    page = _start(manager)

    lines = _due(page)
    assert [heading.text for heading in page.main.all("h3")] == ["Overdue"]
    assert [line.split(" · ")[1].split()[0] for line in lines] == [over.code, unseen.code]
    assert "Funding time ended on" in lines[0]
    assert "No entry since" in lines[1]


def test_twelve_entries_are_shown_and_the_rest_is_one_link_away():
    manager = make_manager()
    for _number in range(13):
        _due_for(make_case(manager=manager))

    page = _start(manager)

    assert len(_due(page)) == 12
    assert page.main.one("a", href=reverse("casework:due_list")).text == "Show all 13 entries"


def test_numbers_of_each_kind_lead_to_the_list_of_it_and_begin_with_what_cannot_wait():
    manager, today = make_manager(), timezone.localdate()
    for _number in range(13):
        _due_for(make_case(manager=manager), weeks=30)
    make_agreed_case(manager=manager, opened_on=today - timedelta(days=1000))
    make_goal(case=make_case(manager=manager), due_on=today)

    page = _start(manager)

    line = page.main.one("p", id="due-kinds")
    assert line.text == "Funding time 1 · Goals 1 · Without an entry 13"
    list_ = reverse("casework:due_list")
    assert [link["href"] for link in line.all("a")] == [f"{list_}?kind={kind}" for kind in ("limit", "goal", "unseen")]


def test_last_ten_own_contacts_are_shown_the_latest_first():
    case, today = make_case(), timezone.localdate()
    for number in range(11):
        make_contact(case=case, date=today - timedelta(days=number), minutes=100 + number)
    make_contact(minutes=599)

    rows = _start(case.opened_by).rows("contacts-caption")

    assert [row[4] for row in rows] == [str(100 + number) for number in range(10)]


@pytest.mark.parametrize("rows", [1, 3])
def test_start_page_asks_as_often_for_one_row_as_for_three(rows, django_assert_num_queries):
    manager = make_manager()
    for _number in range(rows):
        make_contact(case=_due_for(make_case(manager=manager)))
    Case.objects.update(last_used_at=timezone.now() - timedelta(weeks=9))
    client = client_of(manager.user)

    with django_assert_num_queries(11):
        page = Page(client.get(START))

    assert (len(_due(page)), len(page.rows("contacts-caption"))) == (rows, rows)


@pytest.mark.parametrize("name", ["contact_new", "contact_day", "case_list"])
def test_who_records_counts_alone_is_not_asked_to_open_a_case_elsewhere_either(name):
    manager = make_manager(measure="deutsch")

    page = Page(client_of(manager.user).get(reverse(f"casework:{name}")))

    assert reverse("casework:case_new") not in {link["href"] for link in page.main.all("a")}
