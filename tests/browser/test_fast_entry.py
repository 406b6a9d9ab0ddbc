"""A contact in seconds: keys counted from the moment the page is there, and the same with a thumb on a phone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.login import SECRET, log_in

# A manager with many cases, the last contact of one of them a week ago, who stands in for a colleague.
MAKE_CASES = f"""
import json
from datetime import timedelta
from django.utils import timezone
from casework.models import Deputyship
from casework.services.contact_templates import keep_template
from tests.factories import make_case, make_contact, make_manager
today = timezone.localdate()
manager = make_manager()
manager.user.set_password({SECRET!r})
manager.user.save()
colleague = make_manager(organisation=manager.organisation, name="Konrad Kollege")
Deputyship.objects.create(
    manager=colleague, deputy=manager, organisation=manager.organisation, starts_on=today, ends_on=today
)
cases = [make_case(manager=manager) for _ in range(12)]
others = [make_case(manager=colleague) for _ in range(3)]
contact = make_contact(case=cases[0], date=today - timedelta(days=7), kind="crisis", channel="phone", minutes=35)
keep_template(contact=contact, name="Anruf")
codes = [case.code for case in [*cases, *others]]
# Characters that begin no other code.
lengths = [next(n for n in range(1, 9) if sum(c.startswith(code[:n]) for c in codes) == 1) for code in codes]
print(json.dumps({{
    "email": manager.user.email, "codes": codes, "typed": [c[:max(n, 2)] for c, n in zip(codes, lengths)]
}}))
"""
COUNT_KEYS = "() => addEventListener('keydown', () => sessionStorage.keys = Number(sessionStorage.keys ?? 0) + 1, true)"


@pytest.fixture(scope="module")
def cases(stack) -> dict:
    return stack.make(MAKE_CASES)


@pytest.fixture
def start(page, cases) -> Page:
    """The start page of the manager, as the login leads to it; keys are counted from here on."""
    log_in(page, cases["email"])
    # What an earlier page was left with is kept as a draft.
    expect(page.locator("#id_case")).to_be_visible()
    if page.locator(".pik-draft").count():
        page.click(".pik-draft button")
        expect(page.locator(".pik-draft")).to_have_count(0)
    expect(page.locator("#id_case")).to_be_focused()
    page.add_init_script(f"({COUNT_KEYS})()")
    page.goto("/casework/")
    page.evaluate("() => sessionStorage.removeItem('keys')")
    return page


def _press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def _keys(page: Page) -> int:
    return int(page.evaluate("() => sessionStorage.keys"))


def _overflow(page: Page) -> int:
    return max(0, page.evaluate("() => document.scrollingElement.scrollWidth - window.innerWidth"))


def _saved(page: Page, words: str) -> None:
    expect(page.locator(".pik-messages")).to_contain_text(words)


def test_repeat_contact_takes_at_most_five_keys(start, cases):
    _press(start, *cases["typed"][0], "Control+Enter")

    _saved(start, f"{cases['codes'][0]} gespeichert: Hilfe in einer Krise, Telefonisch, 35 Minuten")
    assert _keys(start) <= 5


def test_text_that_fits_several_cases_saves_nothing_before_one_of_them_was_seen(start, cases):
    # The place, which all of them share.
    start.click("#id_case")
    place = start.locator("#id_case_list [role=option]").first.inner_text().split(" · ")[1]
    start.fill("#id_case", place)
    _press(start, "Control+Enter")

    expect(start.locator("#id_minutes")).to_be_focused()
    expect(start.locator("#id_case")).not_to_have_value(place)
    expect(start.locator(".pik-messages")).to_have_count(0)


def test_new_contact_on_a_known_case_takes_at_most_eight_keys(start, cases):
    _press(start, *cases["typed"][1], "Enter", "4", "5", "Tab", " ", "Enter")

    _saved(start, f"{cases['codes'][1]} gespeichert")
    _saved(start, "45 Minuten")
    assert _keys(start) <= 8
    # Ready for the next one.
    expect(start.locator("#id_case")).to_be_focused()


def test_case_used_last_is_one_arrow_away_and_a_letter_finds_a_topic(start, cases):
    _press(start, "ArrowDown")
    first = start.locator("#id_case_list [role=option]").first
    expect(first).to_have_attribute("aria-selected", "true")
    last_used = first.inner_text()
    _press(start, "Enter", "5", "Tab", "k")

    expect(start.locator("#id_case")).to_have_value(last_used)
    expect(start.locator("label", has_text="Kinder und Kita").locator("xpath=../input")).to_be_focused()


def test_part_of_a_code_narrows_own_cases_first_and_the_list_is_accessible(start, cases, axe):
    start.keyboard.type("zzz")
    expect(start.locator(".pik-picker__none")).to_be_visible()
    assert axe(start) == []
    start.fill("#id_case", "")
    start.click("#id_case")
    heads = start.locator(".pik-picker__head").all_inner_texts()

    part = cases["codes"][12][5:8]
    start.fill("#id_case", part.lower())

    assert heads == ["Eigene Fälle", "Konrad Kollege"]
    expect(start.locator("#id_case_list [role=option]")).to_contain_text([cases["codes"][12]])
    expect(start.locator(".pik-picker [role=status]")).to_contain_text("Treffer:")
    assert axe(start) == []


def test_template_fills_the_form_which_a_thumb_saves_on_a_phone(start, cases):
    start.set_viewport_size({"width": 360, "height": 740})
    start.click("#id_case")
    start.click(f"#id_case_list [role=option]:has-text('{cases['codes'][2]}')")
    start.get_by_role("button", name="Ausfüllen: Anruf").click()

    expect(start.locator("#id_minutes")).to_have_value("35")
    expect(start.locator("#id_minutes")).to_have_attribute("inputmode", "numeric")
    expect(start.locator("#id_kind")).to_have_value("crisis")
    assert _overflow(start) == 0
    start.click("main form.pik-form button[type=submit]")
    _saved(start, f"{cases['codes'][2]} gespeichert")


def test_template_leaves_what_was_typed_as_it_is(start):
    start.fill("#id_minutes", "50")
    chip = start.get_by_role("button", name="Ausfüllen: Anruf")
    chip.click()

    expect(start.locator("#id_minutes")).to_have_value("50")
    expect(start.locator("#id_kind")).to_have_value("crisis")
    kept = start.locator("[data-kept]")
    expect(kept).to_have_text("Sie hatten selbst etwas eingegeben. Das bleibt: Dauer.")
    # What the template filled in is nobody's own.
    start.fill("#id_minutes", "")
    chip.click()
    expect(start.locator("#id_minutes")).to_have_value("35")
    expect(kept).to_have_text("")


def test_like_last_time_asks_when_something_was_entered_and_saves_with_the_next_key(start, cases, axe):
    _press(start, *cases["typed"][0], "Enter", "5", "0", "Control+Enter")

    asked = start.locator("#shown-again")
    expect(asked).to_contain_text("Noch nicht gespeichert.")
    expect(start.locator("#id_minutes")).to_have_value("50")
    expect(start.locator("#id_kind")).to_have_value("crisis")
    expect(start.locator("main form.pik-form button[type=submit]")).to_be_focused()
    start.set_viewport_size({"width": 360, "height": 740})
    assert _overflow(start) == 0
    assert axe(start) == []
    _press(start, "Control+Enter")
    _saved(start, f"{cases['codes'][0]} gespeichert: Hilfe in einer Krise, Telefonisch, 50 Minuten")


@pytest.mark.parametrize("key", ["Enter", "Control+Enter"])
def test_text_that_is_no_code_of_a_case_stays_and_is_explained(start, key):
    start.keyboard.type("zzz")
    _press(start, "Escape", key)

    expect(start.locator("[data-error-summary]")).to_contain_text("Keiner Ihrer offenen Fälle hat diesen Code.")
    expect(start.locator("#id_case")).to_have_value("zzz")
    # It is still in the way, until a case is chosen.
    start.fill("#id_case", "")
    _press(start, "ArrowDown", "Enter", "Control+Enter")
    expect(start.locator("#id_case")).not_to_have_value("zzz")


@pytest.fixture
def restored(start, cases) -> Page:
    """The start page with the draft of a contact that was left unsaved."""
    _press(start, *cases["typed"][3], "Enter", "1", "5", "Tab", " ")
    start.goto("/casework/cases/")
    start.goto("/casework/")
    expect(start.locator("#id_minutes")).to_have_value("15")
    expect(start.locator("#id_case")).to_have_value(re.compile(cases["codes"][3]))
    expect(start.locator("#id_case")).to_be_focused()
    return start


@pytest.mark.parametrize("key", ["Enter", "Control+Enter"])
def test_code_typed_after_a_draft_was_restored_puts_another_case_in_its_place(restored, cases, key):
    _press(restored, *cases["typed"][0], key)

    expect(restored.locator("#id_case")).to_have_value(re.compile(cases["codes"][0]))
    expect(restored.locator(".pik-messages")).to_have_count(0)


@pytest.mark.parametrize("key", ["Enter", "Control+Enter"])
@pytest.mark.parametrize("field", ["#id_minutes", "#id_topics_0", "#id_case"])
def test_no_key_saves_the_case_of_a_draft_before_it_was_looked_at(restored, cases, axe, field, key):
    said = restored.locator("[data-kept]")
    expect(said).to_contain_text("Der Fall stammt aus einem Entwurf.")
    assert axe(restored) == []
    restored.focus(field)
    # Letters go nowhere in a field for numbers.
    _press(restored, *([] if field == "#id_case" else "yn"), key)
    if field != "#id_case":
        expect(restored.locator("#id_case")).to_be_focused()
        _press(restored, key)

    expect(restored.locator("#id_minutes")).to_be_focused()
    expect(restored.locator(".pik-messages")).to_have_count(0)
    expect(said).to_have_text("")
    _press(restored, "Enter")
    _saved(restored, f"{cases['codes'][3]} gespeichert")


def _ticked(page: Page) -> int:
    return page.locator("[name=topics]:checked").count()


@pytest.fixture
def crisis(start, cases) -> Page:
    """The start page with the draft of a whole contact, another kind and a referral with it."""
    _press(start, *cases["typed"][4], "Enter", "1", "5", "Tab", " ")
    start.select_option("#id_kind", "crisis")
    with start.expect_response("**/drafts/"):
        start.select_option("#id_referral_target", index=1)
    start.goto("/casework/cases/")
    start.goto("/casework/")
    expect(start.locator("#id_kind")).to_have_value("crisis")
    return start


def _shows_an_empty_form(page: Page, case: str) -> None:
    expect(page.locator("#id_minutes")).to_be_focused()
    for field, value in {"minutes": "", "kind": "counselling", "referral_target": ""}.items():
        expect(page.locator(f"#id_{field}")).to_have_value(value)
    assert _ticked(page) == 0
    expect(page.locator("[data-kept]")).to_have_text(
        f"Der Entwurf gehört zu Fall {case}; seine Angaben wurden nicht übernommen."
    )


def test_another_case_takes_nothing_from_a_draft_by_keyboard(crisis, cases, axe):
    _press(crisis, *cases["typed"][5], "Enter")

    _shows_an_empty_form(crisis, cases["codes"][4])
    assert axe(crisis) == []
    _press(crisis, "3", "0", "Tab", "s", " ", "Enter")
    _saved(crisis, f"{cases['codes'][5]} gespeichert: Beratung, Im Büro, 30 Minuten")


def test_another_case_takes_nothing_from_a_draft_by_thumb_which_waits_for_its_own(crisis, cases):
    crisis.set_viewport_size({"width": 360, "height": 740})
    own, other = cases["codes"][4], cases["codes"][5]
    crisis.click("#id_case")
    crisis.click(f"#id_case_list [role=option]:has-text('{other}')")

    _shows_an_empty_form(crisis, own)
    assert _overflow(crisis) == 0
    # What is entered for the other case takes no draft away.
    crisis.fill("#id_minutes", "40")
    crisis.goto("about:blank")
    phone = crisis.context.new_page()
    phone.goto("/casework/")
    expect(phone.locator("#id_case")).to_have_value(re.compile(own))
    expect(phone.locator("#id_minutes")).to_have_value("15")
    for code in (other, own):
        phone.click("#id_case")
        phone.click(f"#id_case_list [role=option]:has-text('{code}')")
    expect(phone.locator("#id_minutes")).to_have_value("15")
    expect(phone.locator("#id_kind")).to_have_value("crisis")
    assert _ticked(phone) == 1
    expect(phone.locator("[data-kept]")).to_have_text("")


def test_another_case_keeps_what_was_entered_since_the_draft_was_restored(crisis, cases):
    crisis.fill("#id_minutes", "20")
    crisis.locator("[name=topics]").nth(3).check()
    crisis.focus("#id_case")
    crisis.fill("#id_case", cases["typed"][5])
    _press(crisis, "Enter")

    expect(crisis.locator("#id_minutes")).to_have_value("20")
    expect(crisis.locator("#id_kind")).to_have_value("counselling")
    assert _ticked(crisis) == 1


@pytest.fixture
def chosen(start, cases) -> Page:
    """The start page with a draft of which there is the case alone."""
    with start.expect_response("**/drafts/"):
        _press(start, *cases["typed"][6], "Enter")
    start.goto("/casework/cases/")
    start.goto("/casework/")
    expect(start.locator("#id_case")).to_have_value(re.compile(cases["codes"][6]))
    return start


def test_template_asks_to_look_at_the_case_of_a_draft_first(chosen, cases):
    chosen.get_by_role("button", name="Ausfüllen: Anruf").click()

    expect(chosen.locator("#id_minutes")).to_have_value("35")
    expect(chosen.locator("#id_case")).to_be_focused()
    expect(chosen.locator("[data-kept]")).to_contain_text("Der Fall stammt aus einem Entwurf.")
    _press(chosen, "Enter")
    expect(chosen.locator(".pik-messages")).to_have_count(0)
    expect(chosen.locator("[data-kept]")).to_have_text("")
    _press(chosen, "Enter")
    _saved(chosen, f"{cases['codes'][6]} gespeichert")


def test_targets_are_large_enough_for_a_thumb(start, browser, stack, cases):
    state = start.context.storage_state()
    phone = browser.new_context(
        base_url=stack.url, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True, storage_state=state
    )
    page = phone.new_page()
    page.goto("/casework/contacts/day/")
    page.click("#id_case")

    low = page.evaluate(
        """() => [...document.querySelectorAll("main :is(a.pik-chip, button, input, select, [role=option])")]
            .map(element => element.type === "checkbox" ? element.parentElement : element)
            .filter(element => element.checkVisibility() && element.type !== "hidden")
            .filter(element => element.getBoundingClientRect().height < 44)
            .map(element => `${element.tagName} ${element.className} ${element.getBoundingClientRect().height}`)"""
    )

    assert low == []
    assert _overflow(page) == 0
    phone.close()


def test_everything_is_there_without_a_script(start, browser, stack, cases):
    plain = browser.new_context(
        base_url=stack.url, java_script_enabled=False, storage_state=start.context.storage_state()
    )
    page = plain.new_page()
    page.goto("/casework/")
    option = page.locator("#id_case option", has_text=cases["codes"][0])
    page.select_option("#id_case", value=option.get_attribute("value"))
    page.click("button[name=again]")

    _saved(page, f"{cases['codes'][0]} gespeichert: Hilfe in einer Krise")
    page.select_option("#id_case", value=option.get_attribute("value"))
    page.fill("#id_minutes", "8")
    page.check("#id_topics_0")
    # The Enter key saves what was typed, not what was last.
    page.press("#id_minutes", "Enter")
    _saved(page, "8 Minuten")
    plain.close()
