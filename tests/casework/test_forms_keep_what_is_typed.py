"""Every form about a case keeps what is typed into it, and asks for a login that has ended without leaving the page."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from casework.models import Goal, Manager
from casework.services.contact_templates import keep_template
from casework.services.goals import StepEntry, end_goal
from casework.services.plans import make_plan
from pik.months import months_later
from tests.casework.standing_in import colleague_of, stand_in
from tests.factories import make_case, make_goal, make_manager, make_organisation
from tests.pages import Node, Page, client_of
from tests.test_access import column
from tests.world import World, make_world

pytestmark = pytest.mark.django_db
# Buttons, and one list to choose from: nothing is typed, so that no draft is kept. With the page on which they stand.
BUTTONS = {
    "case_plan": ("case_detail", "case"),
    "case_phase_withdraw": ("case_detail", "case"),
    "case_reopen": ("case_detail", "closed"),
    "contact_withdraw": ("contact_edit", "contact"),
    "count_withdraw": ("count_edit", "course"),
    "goal_reopen": ("goal_list", "case"),
    "goal_step_done": ("goal_list", "case"),
    "referral_outcome": ("case_detail", "case"),
    "referral_withdraw": ("case_detail", "case"),
    "template_move": ("template_list", "-"),
    "template_remove": ("template_list", "-"),
    "transfer_accept": ("transfer_list", "-"),
    "transfer_decline": ("transfer_list", "-"),
    "transfer_withdraw": ("transfer_list", "-"),
}
# About colleagues and money, not about a case: the names that they ask for are what no draft may hold.
STAFF = ("absence_", "assignment_", "deputy_", "employment_", "manager_", "member_", "post_", "rate_")
# One box about oneself, which the next page shows again.
ONESELF = "mails"


@pytest.fixture(name="world")
def _world() -> World:
    world = make_world()
    make_goal(case=world.case, domain="housing", steps=[StepEntry("Looks at a flat", "person")])
    ended = make_goal(case=world.case, domain="health")
    end_goal(goal=ended, outcome="reached", outcome_on=world.case.opened_on)
    return world


def _sent() -> list[tuple[str, str]]:
    """The addresses to which a form about a case is sent, with the key of a row."""
    cells = [cell for cell in column("mgr") if cell[0] == "POST" and cell[1].startswith("casework:")]
    cells = [(name.removeprefix("casework:"), key) for _method, name, key in cells]
    return [(name, key) for name, key in cells if not name.startswith(STAFF) and name != ONESELF]


def _page(world: World, name: str, key: str) -> Page:
    address, user = world.address(f"casework:{name}", key), world.manager.user
    if name == "case_move":
        # Where there is one place only, no case can move.
        case = make_case(manager=make_manager(organisation=make_organisation(district="08116")))
        address, user = reverse("casework:case_move", args=[case.code]), case.opened_by.user
    if name == "case_extend":
        # Only the last half a year of the funding time offers it.
        opened_on = months_later(timezone.localdate(), 1 - settings.CASE_LIMIT_MONTHS)
        case = make_case(opened_on=opened_on)
        address, user = reverse("casework:case_extend", args=[case.code]), case.opened_by.user
    if name == "case_transfer":
        address += f"?organisation={world.scene.neighbour.pk}"
    return Page(client_of(user).get(address))


def _keeps(page: Page) -> bool:
    """Whether one form of the page keeps what is typed: where to, as what, whose, and where the page says so."""
    kept = page.main.all("form", data_keep=reverse("draft_keep"))
    names = [[control.attrs.get("name") for control in form.all("input")] for form in kept]
    said = [form.all(data_draft_status="") for form in kept]
    off = [form.attrs.get("autocomplete") for form in kept]
    return len(kept) == 1 and {"draft", "owner", "drafted"} <= set(names[0]) and bool(said[0]) and off == ["off"]


def _asks(page: Page, address: str) -> bool:
    """Whether all forms of the page that are sent to `address` ask for the login in place."""

    def goes_there(form: Node) -> bool:
        return form.attrs.get("action") == address or bool(form.all("button", formaction=address))

    forms = page.main.all("form", where=goes_there)
    return bool(forms) and all("data-ask-login" in form.attrs for form in forms)


def test_every_form_into_which_something_is_typed_keeps_it(world):
    typed = [(name, key) for name, key in _sent() if name not in BUTTONS]

    kept = [name for name, key in typed if _keeps(_page(world, name, key))]

    assert kept == [name for name, _key in typed]
    assert len(kept) > 15


def test_every_button_asks_for_a_login_that_has_ended(world):
    keys = {name: key for name, key in _sent() if name in BUTTONS}
    addresses = {name: world.address(f"casework:{name}", key) for name, key in keys.items()}
    # The page shows other ones of these.
    shown = {"goal_reopen": Goal.objects.latest("pk"), "goal_step_done": Goal.objects.get(domain="housing")}
    for name, goal in shown.items():
        addresses[name] = reverse(f"casework:{name}", args=[world.case.code, goal.pk])
    pages = {name: world.address(f"casework:{page}", key) for name, (page, key) in BUTTONS.items()}
    # One alone cannot be moved.
    keep_template(contact=world.contact, name="Second talk")
    client = client_of(world.manager.user)

    asking = {name for name, page in pages.items() if _asks(Page(client.get(page)), addresses[name])}

    assert asking == set(BUTTONS)


def test_no_form_that_is_sent_goes_without_asking_for_a_login_that_has_ended():
    templates = sorted((Path(settings.BASE_DIR) / "templates" / "casework").glob("*.html"))
    begin = re.compile(r'<form\b.*method="post".*')
    sent = [(path.name, line) for path in templates for line in begin.findall(path.read_text())]

    silent = [name for name, line in sent if "data-keep" not in line and "data-ask-login" not in line]

    assert silent == []
    assert len(sent) > 40


def _goal_typed_as(deputy: Manager, address: str) -> dict[str, str]:
    """What a deputy sends who has opened the form of a goal and typed into it."""
    owner = Page(client_of(deputy.user).get(address)).one("input", name="owner")["value"]
    return {"owner": owner, "domain": "work", "words": "Findet eine Stelle <in Teilzeit>"}


def test_goal_sent_after_the_deputyship_is_shown_back_and_nothing_of_the_case():
    case = make_case()
    make_plan(case=case, agreed_on=case.opened_on)
    deputy, address = colleague_of(case.opened_by), reverse("casework:goal_new", args=[case.code])
    deputyship = stand_in(case.opened_by, deputy)
    sent = _goal_typed_as(deputy, address)
    deputyship.delete()

    answer = client_of(deputy.user).post(address, sent)

    assert answer.status_code == 404
    assert [each.text for each in Page(answer).all("blockquote")] == ["Findet eine Stelle <in Teilzeit>"]
    assert case.code not in Page(answer).main.text


def test_words_that_somebody_else_typed_are_not_shown_back():
    case = make_case()
    make_plan(case=case, agreed_on=case.opened_on)
    deputy, address = colleague_of(case.opened_by), reverse("casework:goal_new", args=[case.code])
    stand_in(case.opened_by, deputy)
    sent = _goal_typed_as(deputy, address)

    answers = [
        client_of(make_manager().user).post(address, sent),
        client_of(make_manager().user).post(address, {**sent, "owner": "forged"}),
    ]

    assert [answer.status_code for answer in answers] == [409, 404]
    assert [b"Teilzeit" in answer.content for answer in answers] == [False, False]
