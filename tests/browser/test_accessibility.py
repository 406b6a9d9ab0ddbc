"""Every page for every role: WCAG 2.1 A and AA by axe, a narrow phone, and the keyboard."""

from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

SECRET = "a long way home"
# One of everything, each list with a second page; who logs in how, and which pages open.
MAKE_WORLD = """
import json
from tests.test_access import READERS, column
from tests.world import make_crowd, make_world
world = make_world()
make_crowd(world)
NO_PAGES = ("_csv", "_export", "_map", "_picture", "_curve", "_template", "_rest", "_state", "healthz")
pages = {
    reader: [
        world.address(name, key)
        for (method, name, key), status in column(reader).items()
        if (method, status) == ("GET", "200")
        and not name.endswith(NO_PAGES)
        # The own account is the same for everybody; forms are the same without rows.
        and (reader in ("anon", "mgr") or not name.startswith("account_"))
        and (reader in ("mgr", "kreis") or not name.endswith("_new"))
    ]
    for reader in ("anon", "mgr", "fmgr", "kreis", "fcoord", "mini", "audit")
}
people = {reader: world.reader(READERS[reader]).email for reader in pages if reader != "anon"}
print(json.dumps({"pages": pages, "people": people, "contact": world.address("casework:contact_new")}))
"""
# Where the keyboard stands: what identifies the element, without the parts inside a date field.
FOCUS = """() => {
    const at = document.activeElement;
    return at.id || at.getAttribute("href") || at.className || at.tagName;
}"""
IN_ORDER = """form => [...form.querySelectorAll("input, select, textarea, button, a[href]")]
    .filter(element => element.type !== "hidden" && element.checkVisibility())
    .map(element => element.id || element.getAttribute("href") || element.className)"""


@dataclass(frozen=True)
class Walk:
    """Which pages each kind of reader opens, and how they log in."""

    pages: dict[str, list[str]]
    people: dict[str, str]
    contact: str


@pytest.fixture(scope="module")
def walk(stack) -> Walk:
    return Walk(**stack.make(MAKE_WORLD))


@pytest.fixture
def enter(page, walk):
    """Logs one kind of reader in."""

    def log_in(reader: str) -> Page:
        page.goto("/accounts/login/")
        page.fill("#id_login", walk.people[reader])
        page.fill("#id_password", SECRET)
        page.click("main form button")
        expect(page.locator(".pik-account__name")).to_be_visible()
        return page

    return log_in


# The page, and what is in cards: there nothing is to be looked for at the side.
WIDER = """() => {
    const cards = [...document.querySelectorAll(".pik-scroll:has(> .pik-table--cards)")];
    const wider = cards.map(at => at.scrollWidth - at.clientWidth);
    return Math.max(0, document.scrollingElement.scrollWidth - window.innerWidth, ...wider);
}"""


def _overflow(page: Page) -> int:
    """By how many pixels the page, or a table of cards in it, is wider than what shows it."""
    return page.evaluate(WIDER)


@pytest.mark.parametrize("reader", ["anon", "mgr", "fmgr", "kreis", "fcoord", "mini", "audit"])
def test_every_page_is_accessible_and_fits_a_phone(reader, walk, enter, page, axe):
    if reader != "anon":
        enter(reader)
    broken, wide, in_cards = {}, {}, 0
    for address in walk.pages[reader]:
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(address)
        if found := axe(page):
            broken[address] = found
        page.set_viewport_size({"width": 360, "height": 740})
        if overflow := _overflow(page):
            wide[address] = overflow
        in_cards += page.locator(".pik-table--cards[data-named] td[data-label]").count()

    assert (broken, wide) == ({}, {})
    assert len(walk.pages[reader]) >= 4
    assert (in_cards > 0) == (reader in ("mgr", "kreis", "fcoord", "audit"))


def test_refused_form_is_accessible_and_says_first_what_to_correct(walk, enter, page, axe):
    enter("mgr")
    page.goto(walk.contact)
    page.click("main form.pik-form button[type=submit]")

    expect(page.locator("[data-error-summary]")).to_be_focused()
    assert axe(page) == []
    page.set_viewport_size({"width": 360, "height": 740})
    assert _overflow(page) == 0

    page.click("[data-error-summary] a[href='#id_topics_0']")
    expect(page.locator("#id_topics_0")).to_be_focused()


def test_keyboard_skips_to_the_content_and_reaches_every_field_in_order(walk, enter, page):
    enter("mgr")
    # With a place named in the address the page does not take the keyboard to its first field.
    page.goto(f"{walk.contact}#content-first")

    page.keyboard.press("Tab")
    expect(page.locator(".pik-skip")).to_be_focused()
    expect(page.locator(".pik-skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()

    expected = page.locator("main form.pik-form").evaluate(IN_ORDER)
    reached: list[str] = []
    for _press in range(4 * len(expected)):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        if not reached or focus != reached[-1]:
            reached.append(focus)
        if focus == expected[-1] and expected[0] in reached:
            break

    assert len(expected) > 20
    assert reached[reached.index(expected[0]) :] == expected


def test_menu_of_a_phone_opens_and_closes_by_keyboard(walk, enter, page):
    enter("kreis")
    page.set_viewport_size({"width": 360, "height": 740})
    menu, links = page.locator(".pik-menu-button"), page.locator("#navigation a")

    expect(links.first).to_be_hidden()
    menu.focus()
    page.keyboard.press("Enter")
    expect(links.first).to_be_visible()
    assert _overflow(page) == 0
    page.keyboard.press("Escape")
    expect(links.first).to_be_hidden()

    account = page.locator(".pik-account summary")
    account.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".pik-account__body")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".pik-account__body")).to_be_hidden()
    expect(account).to_be_focused()


def test_english_is_one_button_away_and_stays(walk, enter, page):
    page.goto("/accounts/login/")
    expect(page.locator("html")).to_have_attribute("lang", "de")

    page.click("button[name=language]")
    expect(page.locator("h1")).to_have_text("Sign in")
    enter("mini")
    expect(page.locator("html")).to_have_attribute("lang", "en")

    page.click(".pik-account summary")
    page.click(".pik-account button[name=language]")
    expect(page.locator("html")).to_have_attribute("lang", "de")
