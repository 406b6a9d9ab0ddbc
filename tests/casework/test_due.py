from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format

from casework.due import by_urgency, due_for
from casework.models import Case
from casework.services.absences import name_deputy
from casework.services.cases import close_case
from casework.services.plans import make_plan, review_plan
from casework.services.referrals import record_outcome
from pik.models import User
from tests.factories import make_agreed_case, make_case, make_manager, make_organisation, make_referral, make_transfer
from tests.pages import Page, client_of

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)
LIST = reverse("casework:due_list")


def _unseen(case: Case, days: int) -> Case:
    """The case has had no entry for so many days."""
    Case.objects.filter(pk=case.pk).update(last_used_at=timezone.now() - timedelta(days=days, hours=1))
    return case


def _due(user: User) -> list[tuple[str, date, str]]:
    """Kind, day and case of everything that is due, as a new request finds it."""
    lines = due_for(User.objects.get(pk=user.pk))
    return [(line.kind.value, line.day, line.code) for line in lines]


def _written(day: date) -> str:
    with translation.override("en"):
        return date_format(day, "SHORT_DATE_FORMAT")


# One source each.


def test_case_without_an_entry_for_eight_weeks_is_due_since_then():
    manager = make_manager()
    _unseen(make_case(manager=manager), 55)
    case = _unseen(make_case(manager=manager), 60)

    assert _due(manager.user) == [
        ("unseen", timezone.localdate(timezone.now() - timedelta(days=4, hours=1)), case.code)
    ]


def test_end_of_the_funding_time_is_announced_half_a_year_before():
    manager = make_manager()
    make_agreed_case(manager=manager, opened_on=TODAY - timedelta(days=800))
    case = make_agreed_case(manager=manager, opened_on=TODAY - timedelta(days=1000))

    assert _due(manager.user) == [("limit", case.limit_on, case.code)]


def test_referral_is_due_from_four_weeks_before_one_asks_until_the_outcome_is_known():
    case = make_case()
    for days in (28, 29):
        make_referral(case=case, ask_on=TODAY + days * DAY)
    record_outcome(referral=make_referral(case=case, ask_on=TODAY), outcome="arrived")

    assert _due(case.opened_by.user) == [("referral", TODAY + 28 * DAY, case.code)]


def test_offered_case_is_due_for_everybody_who_can_accept_it():
    manager = make_manager()
    transfer = make_transfer(receiver=manager.organisation, starts_on=TODAY + 3 * DAY)

    assert _due(manager.user) == [("transfer", TODAY + 3 * DAY, transfer.case.code)]
    assert _due(transfer.offered_by.user) == []


def test_closed_case_and_those_of_others_are_not_due():
    manager = make_manager()
    closed = make_case(manager=manager)
    make_referral(case=closed, ask_on=TODAY)
    close_case(case=closed, closed_on=TODAY, reason="moved")
    make_referral(case=_unseen(make_case(), 60), ask_on=TODAY)
    make_transfer()

    assert _due(manager.user) == []


# Together.


def test_list_is_in_the_order_of_days_over_all_sources():
    manager = make_manager()
    old = _unseen(make_agreed_case(manager=manager, opened_on=TODAY - timedelta(days=1000)), 70)
    make_referral(case=old, ask_on=TODAY)
    _unseen(old, 70)
    offered = make_transfer(receiver=manager.organisation, starts_on=TODAY + DAY)

    assert [(kind, code) for kind, _day, code in _due(manager.user)] == [
        ("unseen", old.code),
        ("referral", old.code),
        ("transfer", offered.case.code),
        ("limit", old.code),
    ]


@pytest.mark.parametrize(
    ("day", "part"),
    [
        (date(2026, 11, 24), "Overdue"),
        (date(2026, 11, 25), "This week"),
        (date(2026, 11, 29), "This week"),
        (date(2026, 11, 30), "Later"),
    ],
)
def test_days_fall_into_overdue_this_week_and_later(day, part):
    case = make_case()
    make_referral(case=case, ask_on=TODAY)
    (line,) = due_for(case.opened_by.user)
    moved = type(line)(day, line.kind, line.code, line.words, line.url)

    with translation.override("en"):
        # A Wednesday.
        groups = by_urgency([moved], today=date(2026, 11, 25))

    assert groups == [(part, [moved])]


def test_deputy_finds_the_cases_of_the_other_marked_with_the_name():
    manager = make_manager(name="Mona Abwesend")
    deputy = make_manager(organisation=manager.organisation)
    name_deputy(manager=manager, deputy=deputy, starts_on=TODAY, ends_on=TODAY)
    theirs, own = make_case(manager=manager), make_case(manager=deputy)
    for case in (theirs, own):
        make_referral(case=case, ask_on=TODAY)

    lines = {line.code: line.whose for line in due_for(User.objects.get(pk=deputy.user_id), stands_in=True)}

    assert lines == {theirs.code: "Mona Abwesend", own.code: ""}
    assert "for Mona Abwesend" in Page(client_of(deputy.user).get(LIST)).main.text


# The page.


def test_page_without_anything_due_says_so():
    page = Page(client_of(make_manager().user).get(LIST))

    assert page.main.one("p", class_="pik-muted").text == "Nothing is due."


def test_page_shows_day_case_and_what_to_do():
    case = make_case()
    make_referral(case=case, ask_on=TODAY)

    page = Page(client_of(case.opened_by.user).get(LIST))

    (line,) = [entry.text for entry in page.main.all("li")]
    today = _written(TODAY)
    assert line == f"{today} · {case.code} Ask about the referral to Jobcenter of {today}"
    assert page.main.one("a", class_="pik-code")["href"] == reverse("casework:case_detail", args=[case.code])


def test_review_leads_to_where_it_is_noted_but_for_who_stands_in():
    case = make_case()
    manager = case.opened_by
    make_plan(case=case, agreed_on=case.opened_on)
    review_plan(case=case, reviewed_on=TODAY - DAY, review_on=TODAY)
    deputy = make_manager(organisation=manager.organisation)
    name_deputy(manager=manager, deputy=deputy, starts_on=TODAY, ends_on=TODAY)

    links = [
        Page(client_of(reader.user).get(LIST)).main.one("a", class_="pik-code")["href"] for reader in (manager, deputy)
    ]

    assert links == [reverse(f"casework:{name}", args=[case.code]) for name in ("plan_review", "case_detail")]


def test_long_list_goes_on_overleaf():
    manager = make_manager()
    for _number in range(51):
        _unseen(make_case(manager=manager), 60)
    client = client_of(manager.user)

    pages = [Page(client.get(LIST, {"page": number})) for number in (1, 2)]

    assert [len(page.main.all("a", class_="pik-code")) for page in pages] == [50, 1]


def _codes(page: Page) -> list[str]:
    return [link.text for link in page.main.all("a", class_="pik-code")]


def test_list_is_narrowed_to_one_kind_and_to_the_own_cases():
    manager = make_manager()
    deputy = make_manager(organisation=manager.organisation)
    name_deputy(manager=manager, deputy=deputy, starts_on=TODAY, ends_on=TODAY)
    theirs, own = make_case(manager=manager), make_case(manager=deputy)
    for case in (theirs, own):
        make_referral(case=case, ask_on=TODAY)
    _unseen(own, 60)
    client = client_of(deputy.user)

    choices = ({"kind": "unseen"}, {"whose": "own", "kind": "referral"}, {"whose": "others"}, {"kind": "nonsense"})
    shown = [_codes(Page(client.get(LIST, choice))) for choice in choices]

    assert shown == [[own.code], [own.code], [theirs.code], [own.code, *sorted([own.code, theirs.code])]]


def test_selection_of_the_list_that_is_empty_says_so_and_can_be_taken_back():
    case = make_case()
    make_referral(case=case, ask_on=TODAY)

    page = Page(client_of(case.opened_by.user).get(LIST, {"kind": "step"}))

    assert page.main.one("p", class_="pik-muted").text == "Nothing is due in this selection."
    assert page.values(of="get") == {"kind": ["step"]}
    assert page.one("form", role="search").one("a")["href"] == LIST


def test_selection_of_the_list_goes_along_overleaf():
    manager = make_manager()
    for _number in range(51):
        _unseen(make_case(manager=manager), 60)

    page = Page(client_of(manager.user).get(LIST, {"kind": "unseen"}))

    assert page.one("a", rel="next")["href"] == "?kind=unseen&page=2"


@pytest.mark.parametrize("rows", [1, 3])
def test_list_asks_as_often_for_one_entry_of_each_kind_as_for_three(rows, django_assert_num_queries):
    manager = make_manager(organisation=make_organisation())
    other = make_manager(organisation=manager.organisation)
    name_deputy(manager=other, deputy=manager, starts_on=TODAY, ends_on=TODAY)
    for _number in range(rows):
        for answers in (manager, other):
            case = make_agreed_case(manager=answers, opened_on=TODAY - timedelta(days=1000))
            make_referral(case=case, ask_on=TODAY)
            _unseen(case, 60)
        make_transfer(receiver=manager.organisation)
    client = client_of(manager.user)

    with django_assert_num_queries(6):
        page = Page(client.get(LIST))

    assert len(page.main.all("a", class_="pik-code")) == 7 * rows


def test_list_of_a_desk_is_one_query_for_the_cases_and_one_for_all_that_hangs_on_them(django_assert_num_queries):
    case = make_case()
    make_referral(case=case, ask_on=TODAY)
    user = User.objects.get(pk=case.opened_by.user_id)
    assert user.membership is not None

    with django_assert_num_queries(2):
        due_for(user)
