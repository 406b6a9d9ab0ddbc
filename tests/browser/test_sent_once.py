"""Whoever clicks again while the answer is slow sends once, on every form; after any end of it it can be sent again."""

from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.login import SECRET, log_in

MAKE_CASE = f"""
import json
from casework.services.plans import make_plan
from tests.factories import make_case, make_referral
case = make_case()
make_plan(case=case, agreed_on=case.opened_on)
make_referral(case=case)
case.opened_by.user.set_password({SECRET!r})
case.opened_by.user.save()
print(json.dumps({{"email": case.opened_by.user.email, "case": f"/casework/cases/{{case.code}}/"}}))
"""
SAVE = "main form.pik-form button[type=submit]"
# In the page, because Playwright waits with each click of its own for the answer.
CLICK_THRICE = """button => {
    for (const wait of [0, 400, 800]) setTimeout(() => document.querySelector(button).click(), wait);
}"""
FILE = {"status": 200, "headers": {"Content-Disposition": "attachment; filename=a.csv"}, "body": "a"}
# A form without a draft, and one that is kept while somebody types.
FORMS = {
    "plain": ("close/", "#id_reason", "moved"),
    "kept": ("goals/new/", "#id_domain", "work"),
}


@pytest.fixture
def case(stack, page) -> str:
    """The address of a case whose manager is logged in."""
    made = stack.make(MAKE_CASE)
    log_in(page, made["email"])
    return made["case"]


@pytest.fixture(params=FORMS)
def form(page, case, request) -> str:
    """The address of an open form that is filled in."""
    name, field, value = FORMS[request.param]
    page.goto(case + name)
    page.select_option(field, value)
    if page.locator("#id_words").count():
        page.fill("#id_words", "Findet Arbeit")
    return case + name


def _hold(page: Page, address: str) -> list[Route]:
    """Lets nothing that is sent to the address arrive; gives what was sent."""
    held: list[Route] = []
    page.route(
        f"**{address}", lambda route: held.append(route) if route.request.method == "POST" else route.continue_()
    )
    return held


def _click_thrice(page: Page, button: str) -> None:
    page.evaluate(CLICK_THRICE, button)
    page.wait_for_timeout(1600)


def _sends(page: Page, address: str) -> None:
    """A click sends the form now."""
    with page.expect_request(lambda request: request.method == "POST" and request.url.endswith(address)):
        page.evaluate("button => document.querySelector(button).click()", SAVE)


def test_clicks_while_the_answer_is_slow_send_once(page, form):
    held = _hold(page, form)

    _click_thrice(page, SAVE)

    assert len(held) == 1
    held[0].continue_()
    expect(page.locator(".pik-messages")).to_be_visible()


def test_button_that_was_pressed_is_sent_with_its_value(page, case):
    page.goto(case)
    button = page.locator("button[name=outcome][value=arrived]")
    address = button.evaluate("button => new URL(button.form.action).pathname")
    held = _hold(page, address)

    _click_thrice(page, "button[name=outcome][value=arrived]")

    assert [parse_qs(route.request.post_data)["outcome"] for route in held] == [["arrived"]]
    held[0].continue_()
    expect(page.locator(".pik-messages")).to_contain_text("gespeichert")


def test_refused_form_can_be_sent_again(page, form):
    page.select_option(next(field for name, field, _value in FORMS.values() if form.endswith(name)), "")

    for _time in range(2):
        _sends(page, form)
        expect(page.locator("[data-error-summary]")).to_be_focused()


def test_form_can_be_sent_again_after_going_back(page, form):
    page.route(
        f"**{form}",
        lambda route: (
            route.fulfill(status=200, body="<h1>Away</h1>", content_type="text/html")
            if route.request.method == "POST"
            else route.continue_()
        ),
    )
    page.click(SAVE)
    expect(page.locator("h1")).to_have_text("Away")
    page.go_back()
    expect(page.locator(SAVE)).to_be_visible()

    _sends(page, form)


def test_form_can_be_sent_again_after_an_error_of_the_network(page, form):
    held = _hold(page, form)
    page.evaluate("button => document.querySelector(button).click()", SAVE)
    page.wait_for_timeout(1000)
    held[0].abort()
    page.wait_for_timeout(500)
    page.unroute(f"**{form}")
    page.goto(form)

    _sends(page, form)


def test_form_that_is_answered_with_a_file_can_be_sent_again_a_little_later(page, form):
    page.clock.install()
    page.goto(form)
    page.route(
        f"**{form}", lambda route: route.fulfill(**FILE) if route.request.method == "POST" else route.continue_()
    )
    with page.expect_download():
        page.evaluate("button => document.querySelector(button).click()", SAVE)
    assert page.locator("form[data-sent]").count() == 1

    page.clock.fast_forward(16_000)

    assert page.locator("form[data-sent]").count() == 0
    _sends(page, form)


def test_form_that_the_browser_does_not_send_can_be_sent_again(page, form):
    page.evaluate(
        "button => { const form = document.querySelector(button).form; form.noValidate = false; "
        "form.insertAdjacentHTML('beforeend', '<input required id=more>'); }",
        SAVE,
    )
    page.click(SAVE)
    assert page.locator("form[data-sent]").count() == 0
    page.fill("#more", "x")

    _sends(page, form)
