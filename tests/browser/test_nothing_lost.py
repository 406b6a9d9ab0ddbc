"""An expired session, a closed tab, a browser without scripts: what was typed is there again, and is saved once."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.login import SECRET, log_in

MAKE_PEOPLE = f"""
import json
from casework.services.contact_templates import keep_template
from casework.services.plans import make_plan
from tests.factories import make_case, make_contact, make_manager
manager = make_manager(name="Mila Müller")
other = make_manager(organisation=manager.organisation)
for each in (manager, other):
    each.user.set_password({SECRET!r})
    each.user.save()
case = make_case(manager=manager)
make_plan(case=case, agreed_on=case.opened_on)
keep_template(contact=make_contact(case=make_case(manager=manager), minutes=65), name="Anruf")
make_case(manager=other)
print(json.dumps({{"email": manager.user.email, "other": other.user.email, "code": case.code}}))
"""
COUNT = """
from casework.models import Contact
print(Contact.objects.filter(case__code="{code}").count())
"""
REFERRALS = """
from casework.models import Referral
for referral in Referral.objects.filter(case__code="{code}"):
    print(referral.referred_on, referral.outcome)
"""
HELD = "() => Object.keys(sessionStorage).filter(name => name.startsWith('pik-draft:'))"
# Types once more while the form is on its way.
TYPE_ON = """() => document.querySelector("form[data-keep]").addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    setTimeout(() => {
        const field = document.getElementById("id_minutes");
        field.value = "26";
        field.dispatchEvent(new Event("input", { bubbles: true }));
    });
})"""
SAVE = "main form.pik-form button[type=submit]"


@pytest.fixture
def people(stack) -> dict:
    return stack.make(MAKE_PEOPLE)


def _end_session(page: Page) -> None:
    page.context.clear_cookies(name="sessionid")


def _type(page: Page, code: str, minutes: str) -> None:
    page.fill("#id_case", code)
    page.keyboard.press("Enter")
    page.fill("#id_minutes", minutes)
    page.check("#id_topics_0")


def _stored(stack, code: str) -> int:
    return int(stack.manage("shell", "-v", "0", "-c", COUNT.format(code=code)).splitlines()[-1])


def test_expired_session_asks_for_the_password_in_place_and_sends_once(stack, page, people, axe):
    log_in(page, people["email"])
    page.goto("/casework/contacts/new/")
    _type(page, people["code"], "25")
    _end_session(page)
    page.click(SAVE)

    dialog = page.locator("#login-again")
    expect(dialog).to_be_visible()
    expect(page.locator("#login-again-password")).to_be_focused()
    assert axe(page) == []
    page.set_viewport_size({"width": 360, "height": 740})
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator("#id_minutes")).to_have_value("25")

    page.click(SAVE)
    page.fill("#login-again-password", "wrong")
    page.keyboard.press("Enter")
    expect(dialog.locator("[role=alert]")).to_contain_text("Das hat nicht geklappt")
    page.fill("#login-again-password", SECRET)
    page.keyboard.press("Enter")

    expect(page.locator(".pik-messages")).to_contain_text(f"{people['code']} gespeichert")
    assert _stored(stack, people["code"]) == 1
    # Nothing is left over that would be offered again.
    page.goto("/casework/contacts/new/")
    expect(page.locator("#id_minutes")).to_have_value("")
    assert page.evaluate(HELD) == []


def test_referral_and_its_outcome_outlive_the_session_and_are_sent_once(stack, page, people, axe):
    log_in(page, people["email"])
    closed = page.context.new_page()
    closed.goto(f"/casework/cases/{people['code']}/referrals/new/")
    today = closed.input_value("#id_referred_on")
    with closed.expect_response("**/drafts/") as kept:
        closed.select_option("#id_target", index=2)
        closed.fill("#id_referred_on", "2026-01-15")
    assert kept.value.status == 204
    closed.close()
    page.goto(f"/casework/cases/{people['code']}/referrals/new/")
    expect(page.locator("#id_referred_on")).to_have_value("2026-01-15")
    expect(page.locator(".pik-draft")).to_contain_text("wiederhergestellt")
    page.fill("#id_referred_on", today)
    _end_session(page)
    page.click(SAVE)

    expect(page.locator("#login-again")).to_be_visible()
    assert axe(page) == []
    page.fill("#login-again-password", SECRET)
    page.keyboard.press("Enter")
    expect(page.locator(".pik-messages")).to_contain_text("gespeichert")
    _end_session(page)
    page.click("button[name=outcome][value=arrived]")
    page.fill("#login-again-password", SECRET)
    page.keyboard.press("Enter")
    expect(page.locator(".pik-messages")).to_contain_text("gespeichert")

    stored = stack.manage("shell", "-v", "0", "-c", REFERRALS.format(code=people["code"]))
    assert stored.splitlines() == [f"{today} arrived"]
    page.goto(f"/casework/cases/{people['code']}/referrals/new/")
    expect(page.locator(".pik-draft")).to_have_count(0)


def test_another_person_in_the_same_browser_cannot_send_it(stack, page, people):
    log_in(page, people["email"])
    page.goto("/casework/contacts/new/")
    _type(page, people["code"], "25")
    _end_session(page)
    second = page.context.new_page()
    log_in(second, people["other"])
    page.fill("#id_minutes", "26")
    expect(page.locator("[data-draft-status]")).to_contain_text("nicht auf dem Server")
    page.click(SAVE)

    expect(page.locator("#login-again [role=alert]")).to_contain_text("jemand anderes")
    expect(page.locator("#login-again-title")).to_have_text("Jemand anderes ist angemeldet", use_inner_text=True)
    expect(page.locator("#login-again-password")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("#id_minutes")).to_have_value("26")
    assert _stored(stack, people["code"]) == 0


def test_draft_is_there_again_after_the_tab_was_closed_and_can_be_discarded(page, people, axe):
    log_in(page, people["email"])
    closed = page.context.new_page()
    closed.goto("/casework/contacts/new/")
    with closed.expect_response("**/drafts/") as kept:
        _type(closed, people["code"], "55")
    assert kept.value.status == 204
    closed.close()
    page.goto("/casework/")

    expect(page.locator("#id_minutes")).to_have_value("55")
    expect(page.locator("#id_case")).to_have_value(re.compile(people["code"]))
    expect(page.locator(".pik-draft")).to_contain_text("wiederhergestellt")
    assert axe(page) == []
    # Also what the server has not heard of yet.
    page.fill("#id_minutes", "56")
    page.click(".pik-draft button")
    expect(page.locator(".pik-draft")).to_have_count(0)
    expect(page.locator("#id_minutes")).to_have_value("")
    expect(page.locator("#id_case")).to_have_value("")
    expect(page.locator("#id_topics_0")).not_to_be_checked()
    expect(page.locator("#id_case")).to_be_focused()


def test_entry_that_its_tab_alone_still_holds_can_be_discarded(page, people, axe):
    log_in(page, people["email"])
    page.goto("/casework/")
    # The page comes again before the server has heard of what was typed.
    page.route("**/drafts/", lambda route: route.abort())
    _type(page, people["code"], "55")
    page.reload()

    expect(page.locator("#id_minutes")).to_have_value("55")
    expect(page.locator("[data-kept]")).to_contain_text("Der Fall stammt aus einem Entwurf.")
    expect(page.locator(".pik-draft")).to_contain_text("noch nicht gespeichert")
    assert axe(page) == []
    page.click(".pik-draft button")
    expect(page.locator(".pik-draft")).to_have_count(0)
    expect(page.locator("#id_minutes")).to_have_value("")
    expect(page.locator("#id_case")).to_have_value("")
    assert page.evaluate(HELD) == []


def test_half_a_code_is_there_again_in_its_tab_and_no_draft_elsewhere(page, people):
    log_in(page, people["email"])
    with page.expect_response("**/drafts/"):
        page.locator("#id_case").press_sequentially("zz")
    page.goto("/casework/cases/")
    other = page.context.new_page()
    other.goto("/casework/")
    page.goto("/casework/")

    expect(other.locator("#id_case")).to_have_value("")
    expect(page.locator("#id_case")).to_have_value("zz")
    for tab in (page, other):
        expect(tab.locator(".pik-draft")).to_have_count(0)
        expect(tab.locator("#id_case")).to_be_focused()


def test_key_pressed_while_the_contact_is_saved_makes_no_draft_of_it(page, people):
    log_in(page, people["email"])
    page.goto("/casework/contacts/new/")
    _type(page, people["code"], "25")
    page.evaluate(TYPE_ON)
    page.click(SAVE)

    expect(page.locator(".pik-messages")).to_contain_text(f"{people['code']} gespeichert")
    expect(page.locator(".pik-draft")).to_have_count(0)
    page.goto("/casework/contacts/new/")
    expect(page.locator("#id_minutes")).to_have_value("")
    expect(page.locator(".pik-draft")).to_have_count(0)


def test_draft_is_kept_while_somebody_types_without_a_pause(page, people):
    log_in(page, people["email"])
    page.goto(f"/casework/cases/{people['code']}/goals/new/")

    with page.expect_response("**/drafts/") as kept:
        page.locator("#id_words").press_sequentially("findet Arbeit " * 4, delay=120)

    assert kept.value.status == 204


def test_draft_is_kept_when_the_tab_is_left_at_once(page, people):
    log_in(page, people["email"])
    page.goto("/casework/contacts/new/")
    _type(page, people["code"], "45")
    page.goto("/casework/cases/")
    page.evaluate("() => sessionStorage.clear()")

    page.goto("/casework/contacts/new/")

    expect(page.locator("#id_minutes")).to_have_value("45")
    expect(page.locator(".pik-draft")).to_contain_text("wiederhergestellt")


def test_without_a_script_the_entry_waits_behind_the_login(page, people, browser, stack):
    log_in(page, people["email"])
    plain = browser.new_context(
        base_url=stack.url, java_script_enabled=False, storage_state=page.context.storage_state()
    )
    tab = plain.new_page()
    tab.goto("/casework/contacts/new/")
    option = tab.locator("#id_case option", has_text=people["code"])
    tab.select_option("#id_case", value=option.get_attribute("value"))
    tab.fill("#id_minutes", "35")
    plain.clear_cookies(name="sessionid")
    tab.click(SAVE)
    expect(tab).to_have_url(f"{stack.url}/accounts/login/?next=/casework/contacts/new/")
    tab.fill("#id_login", people["email"])
    tab.fill("#id_password", SECRET)
    tab.click("main form button")

    expect(tab.locator("#id_minutes")).to_have_value("35")
    expect(tab.locator(".pik-draft")).to_be_visible()
    plain.close()


def test_lost_network_during_the_login_in_place_is_said_and_loses_nothing(stack, page, people):
    log_in(page, people["email"])
    page.goto("/casework/contacts/new/")
    _type(page, people["code"], "25")
    _end_session(page)
    page.click(SAVE)
    page.fill("#login-again-password", SECRET)
    page.context.set_offline(True)
    page.keyboard.press("Enter")

    expect(page.locator("#login-again [role=alert]")).to_contain_text("Keine Verbindung")
    page.context.set_offline(False)
    page.keyboard.press("Enter")
    expect(page.locator(".pik-messages")).to_contain_text(f"{people['code']} gespeichert")
    assert _stored(stack, people["code"]) == 1


def test_lost_network_while_sending_keeps_the_page_and_sends_once_later(stack, page, people):
    log_in(page, people["email"])
    page.goto("/casework/contacts/new/")
    _type(page, people["code"], "25")
    page.context.set_offline(True)
    page.click(SAVE)

    expect(page.locator("[data-draft-status]")).to_contain_text("Keine Verbindung")
    page.context.set_offline(False)
    page.click(SAVE)
    expect(page.locator(".pik-messages")).to_contain_text(f"{people['code']} gespeichert")
    assert _stored(stack, people["code"]) == 1


def test_words_that_name_somebody_stay_in_the_tab_alone_until_logout(stack, page, people, axe):
    log_in(page, people["email"])
    goals = f"/casework/cases/{people['code']}/goals/new/"
    page.goto(goals)
    page.select_option("#id_domain", "work")
    with page.expect_response("**/drafts/"):
        page.fill("#id_words", "Frau Yilmaz findet Arbeit")

    expect(page.locator("[data-draft-status]")).to_contain_text("Ziel: Von diesem Feld wird kein Entwurf")
    expect(page.locator("[data-draft-status]")).to_contain_text("Kein Name")
    page.set_viewport_size({"width": 360, "height": 740})
    expect(page.locator("[data-draft-status]")).to_be_in_viewport()
    assert axe(page) == []
    assert "Yilmaz" not in _drafts(stack)
    page.reload()
    expect(page.locator("#id_words")).to_have_value("Frau Yilmaz findet Arbeit")
    only_here, left_out = page.get_by_text("nur in diesem Browser"), page.get_by_text("Weggelassen")
    expect(only_here).to_contain_text("nicht auf dem Server, weil sie verraten könnten, um wen es geht: Ziel.")
    expect(only_here).to_be_visible()
    expect(left_out).to_be_hidden()
    other = page.context.new_page()
    other.goto(goals)
    expect(other.locator("#id_words")).to_have_value("")
    expect(other.get_by_text("Weggelassen")).to_be_visible()
    expect(other.get_by_text("nur in diesem Browser")).to_be_hidden()
    page.click(".pik-account summary")
    page.click("form[action$='/logout/'] button")
    assert page.evaluate(HELD) == []


def test_signing_out_in_one_tab_empties_the_others_at_once(page, people):
    log_in(page, people["email"])
    other = page.context.new_page()
    other.goto(f"/casework/cases/{people['code']}/goals/new/")
    with other.expect_response("**/drafts/"):
        other.fill("#id_words", "Frau Yilmaz findet Arbeit")
    assert other.evaluate(HELD) != []
    page.click(".pik-account summary")
    page.click("form[action$='/logout/'] button")

    other.wait_for_function(f"() => ({HELD})().length === 0")


def test_form_of_somebody_else_is_refused_without_a_script_and_kept_for_them(page, people, browser, stack):
    log_in(page, people["email"])
    state = page.context.storage_state()
    plain = browser.new_context(base_url=stack.url, java_script_enabled=False, storage_state=state)
    tab = plain.new_page()
    tab.goto(f"/casework/cases/{people['code']}/referrals/new/")
    tab.fill("#id_ask_on", "2027-02-03")
    page.context.clear_cookies(name="sessionid")
    log_in(page, people["other"])
    # As in one browser: with the session the token against forged requests is another one, too.
    plain.clear_cookies()
    plain.add_cookies(page.context.cookies())
    tab.click(SAVE)

    expect(tab.locator("h1")).to_have_text("Nicht gespeichert")
    expect(tab.locator("main")).not_to_contain_text("2027")
    plain.close()
    page.context.clear_cookies(name="sessionid")
    log_in(page, people["email"])
    page.goto(f"/casework/cases/{people['code']}/referrals/new/")
    expect(page.locator("#id_ask_on")).to_have_value("2027-02-03")


def test_template_fills_a_draft_as_well(page, people):
    log_in(page, people["email"])
    filled = page.context.new_page()
    filled.goto("/casework/contacts/new/")
    with filled.expect_response("**/drafts/") as kept:
        filled.click("button[name=template]")
    assert kept.value.status == 204
    filled.close()

    page.goto("/casework/contacts/new/")

    expect(page.locator("#id_minutes")).to_have_value("65")


def _drafts(stack) -> str:
    return stack.manage("shell", "-v", "0", "-c", "from pik.models import Draft; print(list(Draft.objects.values()))")
