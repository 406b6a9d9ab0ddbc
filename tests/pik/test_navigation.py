from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from casework.models import Assignment, Responsibility
from casework.services.absences import name_deputy
from pik.models import Membership
from pik.navigation import ENTRIES, START
from tests.factories import make_case, make_manager, make_member
from tests.pages import Page, client_of
from tests.test_access import column
from tests.world import give_post

ROLES = list(Membership.Role)
COLUMNS = {"manager": "mgr", "coordinator": "kreis", "ministry": "mini", "auditor": "audit"}


def _user(role: str):
    return make_manager().user if role == "manager" else make_member(role)


@pytest.mark.parametrize("role", ROLES)
def test_every_entry_opens_for_its_role(role):
    answers = column(COLUMNS[role])
    opened = {name: answers["GET", name, "-"] for _label, name in ENTRIES[role]}

    # The list of counts leads on when there is only one measure.
    assert set(opened.values()) - {"302"} == {"200"}
    assert START[role] in opened


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_navigation_shows_the_entries_of_the_role_and_marks_the_page(role):
    client = client_of(_user(role))

    page = Page(client.get("/", follow=True))
    links = page.one("nav", id="navigation").all("a")

    with translation.override("en"):
        expected = [(str(label), reverse(name)) for label, name in ENTRIES[role]]
    assert [(link.text, link["href"]) for link in links] == expected
    assert [link["href"] for link in links if link.attrs.get("aria-current") == "page"] == [reverse(START[role])]


CASE_ENTRIES = {f"casework:{name}" for name in ("case_list", "contact_list", "transfer_list", "figure_list", "quality")}


def _hidden(user) -> set[str]:
    """The entries of a manager that the menu does not show."""
    shown = {link["href"] for link in Page(client_of(user).get("/", follow=True)).one("nav", id="navigation").all("a")}
    return {name for _label, name in ENTRIES["manager"] if reverse(name) not in shown}


@pytest.mark.django_db
def test_menu_hides_what_is_not_of_the_posts_that_somebody_fills():
    both = make_manager(measure="jbh", fte=Decimal("0.50"))
    give_post(both, "deutsch")
    without = make_manager()
    Assignment.objects.filter(manager=without).delete()
    managers = {name: make_manager(measure=name) for name in ("im", "jbh", "deutsch", "queer")}

    hidden = {name: _hidden(manager.user) for name, manager in (managers | {"both": both, "none": without}).items()}

    counts = {"casework:counts"}
    assert hidden == {
        "im": set(), "jbh": counts, "deutsch": CASE_ENTRIES, "queer": CASE_ENTRIES, "both": set(), "none": counts
    }  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("how", ["answers", "stands in"])
def test_menu_keeps_the_cases_of_who_records_counts_by_now(how):
    manager, today = make_manager(measure="deutsch"), timezone.localdate()
    other = make_manager(organisation=manager.organisation)
    if how == "answers":
        Responsibility.objects.create(case=make_case(manager=other), manager=manager, starts_on=today)
    else:
        name_deputy(manager=other, deputy=manager, starts_on=today, ends_on=today)

    assert _hidden(manager.user) == set()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "current"),
    [("case_list", "case_list"), ("case_new", "case_list"), ("contact_new", "contact_list"), ("start", "start")],
)
def test_page_below_an_entry_marks_that_entry(name, current):
    page = Page(client_of(make_manager().user).get(reverse(f"casework:{name}")))

    marked = [link["href"] for link in page.one("nav", id="navigation").all("a", aria_current="page")]

    assert marked == [reverse(f"casework:{current}")]


@pytest.mark.django_db
@pytest.mark.parametrize(("role", "current"), [("manager", "case_list"), ("coordinator", "summary_list")])
def test_page_of_what_goes_when_marks_the_entry_that_leads_to_it(role, current):
    page = Page(client_of(_user(role)).get(reverse("casework:retention")))

    marked = [link["href"] for link in page.one("nav", id="navigation").all("a", aria_current="page")]

    assert marked == [reverse(f"casework:{current}")]


@pytest.mark.django_db
def test_header_names_person_role_and_organisation():
    user = make_member("coordinator")

    page = Page(client_of(user).get("/", follow=True))

    header = page.one("header").text
    assert (user.name in header, "Coordinator" in header) == (True, True)
    assert user.membership.organisation.name in header


@pytest.mark.django_db
def test_person_without_a_role_sees_the_name_and_no_navigation():
    user = make_member("coordinator")
    user.memberships.update(ends_on=user.memberships.get().starts_on)

    page = Page(client_of(user).get("/"))

    assert page.response.status_code == 403
    assert user.name in page.one("header").text
    assert page.all("nav") == []
