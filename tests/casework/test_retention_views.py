"""What goes when: the page of a manager, and the numbers of everybody else."""

from datetime import date

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format

from casework.models import Case, RetentionFigure
from casework.services.absences import name_deputy
from casework.services.case_file import extend_case
from casework.services.cases import close_case
from casework.services.retention import count_what_goes, end_outlived_cases
from pik.models import User
from pik.months import add_months, month_of, months_later
from pik.templatetags.figures import month_name
from tests.casework.long_closed import DAY, TODAY, make_long_closed_case
from tests.factories import make_case, make_manager, make_member, make_organisation
from tests.pages import Page, client_of
from tests.scene import make_scene

pytestmark = pytest.mark.django_db
PAGE = reverse("casework:retention")
LIMIT = settings.CASE_LIMIT_MONTHS
THIS = month_of(TODAY)


def _page(user: User) -> Page:
    return Page(client_of(User.objects.get(pk=user.pk)).get(PAGE))


def _written(day: date) -> str:
    with translation.override("en"):
        return date_format(day, "SHORT_DATE_FORMAT")


def _month(month: date) -> str:
    with translation.override("en"):
        return month_name(month)


def _opened(*, limit_on: date) -> date:
    return months_later(limit_on, -LIMIT)


# A manager.


def test_manager_sees_every_own_case_by_day():
    manager = make_manager()
    young = make_case(manager=manager)
    closed = close_case(case=make_case(manager=manager), closed_on=TODAY - DAY, reason="moved")
    near = make_case(manager=manager, opened_on=_opened(limit_on=TODAY + 10 * DAY))
    extended = make_case(manager=manager, opened_on=_opened(limit_on=TODAY))
    extended = extend_case(case=extended, reason="health", user=manager.user)
    make_case()

    rows = _page(manager.user).rows("retention-caption")

    ends = "Funding time ends, the case is closed"
    assert rows == [
        [
            near.code,
            _written(near.limit_on),
            ends,
            "possible now",
            _expected(near),
            f"Extend to four years : {near.code}",
        ],
        [extended.code, _written(extended.limit_on), ends, "given: illness or disability", _expected(extended), ""],
        [
            closed.code,
            _written(closed.goes_on),
            "The case is deleted",
            "not given",
            f"{_written(closed.goes_on)} closed on {_written(TODAY - DAY)}: moved away entered on {_written(TODAY)}",
            "",
        ],
        [
            young.code,
            _written(young.limit_on),
            ends,
            f"possible from {_written(young.extendable_from)}",
            _expected(young),
            "",
        ],
    ]


def _expected(case: Case) -> str:
    return f"expected on {_written(case.goes_on)}"


def test_fourth_year_is_possible_from_the_announced_day_on():
    manager = make_manager()
    case = make_case(manager=manager)
    limit = add_months(THIS, settings.CASE_WARNING_MONTHS)

    for limit_on, may in ((limit - DAY, True), (limit, False)):
        case.opened_on = _opened(limit_on=limit_on)
        assert (case.may_be_extended, case.extendable_from <= TODAY) == (may, may)


def test_case_whose_time_is_over_is_said_to_be_closed_tonight():
    case = make_case(opened_on=_opened(limit_on=TODAY - 3 * DAY))

    assert _page(case.opened_by.user).rows("retention-caption")[0][2] == "The case is closed tonight"


def test_deputy_sees_whose_cases_go():
    manager = make_manager()
    deputy = make_manager(organisation=manager.organisation)
    cases = [make_case(manager=who, opened_on=TODAY - days * DAY) for who, days in ((manager, 400), (deputy, 300))]
    name_deputy(manager=manager, deputy=deputy, starts_on=TODAY, ends_on=TODAY + 5 * DAY)

    rows = _page(deputy.user).rows("retention-caption")

    assert [[row[0], row[-2]] for row in rows] == [[cases[0].code, manager.user.name], [cases[1].code, "my own"]]


def test_manager_without_a_case_is_told_so():
    page = _page(make_manager().user)

    assert page.main.one("div", class_="pik-empty").one("p").text == (
        "You have no case, open or closed, so nothing will go."
    )


def test_list_has_pages():
    manager = make_manager()
    for _ in range(51):
        make_case(manager=manager)

    assert len(_page(manager.user).rows("retention-caption")) == 50


@pytest.mark.parametrize("rows", [1, 3])
def test_page_of_a_manager_asks_as_often_for_one_case_as_for_three(rows, django_assert_num_queries):
    manager = make_manager()
    for _ in range(rows):
        make_case(manager=manager)
        close_case(case=make_case(manager=manager), closed_on=TODAY, reason="moved")
    client = client_of(manager.user)

    with django_assert_num_queries(5):
        response = client.get(PAGE)

    assert len(Page(response).rows("retention-caption")) == 2 * rows


@pytest.mark.parametrize("name", ["case_list", "due_list"])
def test_lists_of_a_manager_lead_to_the_page(name):
    page = Page(client_of(make_manager().user).get(reverse(f"casework:{name}")))

    assert [link.text for link in page.main.all("a", href=PAGE)] == ["What goes when"]


@pytest.mark.parametrize(
    ("reader", "name"), [("coordinator", "manager_list"), ("coordinator", "summary_list"), ("ministry", "summary_list")]
)
def test_lists_of_others_lead_to_the_page(reader, name):
    page = Page(client_of(make_member(reader)).get(reverse(f"casework:{name}")))

    assert [link.text for link in page.main.all("a", href=PAGE)] == ["What goes when: cases that end or are deleted"]


# A case that has ended.


def _case_page(case: Case) -> Page:
    return Page(client_of(case.opened_by.user).get(reverse("casework:case_detail", args=[case.code])))


def test_case_page_says_that_the_time_ended_it_and_when_it_goes():
    case = make_case(opened_on=_opened(limit_on=TODAY - 3 * DAY))
    end_outlived_cases()
    case.refresh_from_db()

    page = _case_page(case)

    (alert,) = page.all(where=lambda node: node.has_class("pik-alert"))
    assert alert.text == (
        f"The funding time of three years was over, so the case was closed on {_written(TODAY - 3 * DAY)}. "
        "If there is a reason for a fourth year, reopen the case and extend it on the same day; "
        "else it is closed again in the night."
    )
    assert [link.text for link in page.main.all("a", href=PAGE)] == [
        f"on {_written(case.goes_on)}, with everything recorded here"
    ]


def test_case_list_says_that_the_time_ended_a_case():
    case = make_case(opened_on=_opened(limit_on=TODAY - 3 * DAY))
    end_outlived_cases()

    page = Page(client_of(case.opened_by.user).get(reverse("casework:case_list"), {"state": "closed"}))

    (row,) = page.rows("cases-caption")
    assert row[4] == f"closed on {_written(TODAY - 3 * DAY)}: end of the funding period"


def test_case_that_its_manager_closed_earlier_was_not_ended_by_the_time():
    # The time ends later in this month.
    case = make_case(opened_on=_opened(limit_on=month_of(TODAY) + 27 * DAY))
    close_case(case=case, closed_on=month_of(TODAY), reason="time_limit")

    assert _case_page(case).all(where=lambda node: node.has_class("pik-alert")) == []


def test_case_page_of_an_open_case_names_no_deletion():
    assert _case_page(make_case()).main.all("a", href=PAGE) == []


def test_end_that_was_entered_late_is_named_with_the_day_of_its_entry():
    manager = make_manager()
    ended = TODAY - 300 * DAY
    case = make_case(manager=manager, opened_on=ended)
    close_case(case=case, closed_on=ended, reason="moved")

    ((_code, day, *_middle, last, _action),) = _page(manager.user).rows("retention-caption")

    goes_on = _written(months_later(TODAY, settings.CASE_KEPT_MONTHS))
    assert (day, last) == (
        goes_on,
        f"{goes_on} closed on {_written(ended)}: moved away entered on {_written(TODAY)}",
    )


# Numbers.


def test_coordinator_sees_the_own_numbers_by_month():
    manager = make_manager()
    for months in (0, 0, 5):
        make_case(manager=manager, opened_on=_opened(limit_on=months_later(THIS, months) + 9 * DAY))
    extended = make_case(manager=manager, opened_on=_opened(limit_on=TODAY))
    extend_case(case=extended, reason="care", user=manager.user)
    kept = settings.CASE_KEPT_MONTHS
    closed = months_later(THIS, 5 - kept) + 3 * DAY
    make_long_closed_case(manager=manager, closed_on=closed)
    for _ in range(4):
        make_case(opened_on=_opened(limit_on=TODAY))
    count_what_goes()

    page = _page(make_member("coordinator", organisation=manager.organisation))

    assert page.rows("Cases that end or are deleted, by month") == [
        [_month(THIS), "2", "0", "0"],
        [_month(add_months(THIS, 5)), "1", "0", "1"],
        [_month(add_months(THIS, 12)), "1", "1", "0"],
    ]


def test_what_is_overdue_counts_in_this_month():
    manager = make_manager()
    make_case(manager=manager, opened_on=_opened(limit_on=TODAY - 90 * DAY))
    make_long_closed_case(manager=manager)

    count_what_goes()

    rows = RetentionFigure.objects.values_list("month", "cases_ending", "cases_going")
    assert list(rows) == [(THIS, 1, 1)]


def test_counting_again_changes_nothing():
    make_case()
    count_what_goes()
    before = list(RetentionFigure.objects.values_list("organisation", "month", "cases_ending"))

    count_what_goes()

    assert list(RetentionFigure.objects.values_list("organisation", "month", "cases_ending")) == before


@pytest.mark.parametrize("reader", ["ministry", "auditor"])
def test_overseers_see_numbers_of_the_land_rounded(reader):
    for _ in range(2):
        manager = make_manager()
        for _ in range(2):
            make_case(manager=manager, opened_on=_opened(limit_on=TODAY))
    count_what_goes()

    page = _page(make_member(reader))

    assert page.rows("Cases that end or are deleted, by month") == [[_month(THIS), "5", "0", "0"]]


def test_numbers_are_those_of_the_reader():
    scene = make_scene()
    figures = {}
    for name, manager in scene.managers().items():
        if name != "colleague":
            figures[name] = RetentionFigure.objects.create(
                organisation=manager.organisation, month=THIS, cases_ending=1, cases_extended=0, cases_going=0
            )

    seen = scene.seen(figures)

    assert {reader: names for reader, names in seen.items() if names} == {
        "coordinator": {"mine"},
        "Kreis coordinator": {"neighbour"},
        "foreign coordinator": {"foreign"},
        "ministry": {"mine", "neighbour", "foreign"},
        "auditor": {"mine", "neighbour", "foreign"},
    }


@pytest.mark.parametrize("reader", ["coordinator", "ministry"])
def test_nothing_that_goes_is_said_in_words(reader):
    page = _page(make_member(reader))

    assert page.main.one("div", class_="pik-empty").one("p").text == (
        "No case ends and none is deleted in the months to come. The numbers are counted anew every night."
    )


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("reader", ["coordinator", "ministry"])
def test_page_of_numbers_asks_as_often_for_one_month_as_for_three(rows, reader, django_assert_num_queries):
    organisation = make_organisation()
    for months in range(rows):
        RetentionFigure.objects.create(
            organisation=organisation, month=add_months(THIS, months), cases_ending=5, cases_extended=0, cases_going=0
        )
    client = client_of(make_member(reader, organisation=organisation if reader == "coordinator" else None))

    with django_assert_num_queries(4):
        response = client.get(PAGE)

    assert len(Page(response).rows("Cases that end or are deleted, by month")) == rows


def test_page_names_the_period_that_is_set(settings):
    settings.CASE_KEPT_MONTHS = 18

    rule = _page(make_manager().user).main.all("p", class_="pik-prose")[0].text

    assert rule.split(". ")[1] == (
        "18 months after its end was entered it is deleted with everything recorded in it: "
        "code, plans, goals, assessments, contacts"
    )
