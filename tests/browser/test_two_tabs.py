"""Two tabs on one contact: the second sees both versions and chooses."""

from playwright.sync_api import expect

from tests.browser.login import SECRET, log_in

MAKE_CONTACT = f"""
import json
from django.urls import reverse
from tests.factories import make_contact
contact = make_contact()
contact.manager.user.set_password({SECRET!r})
contact.manager.user.save()
print(json.dumps({{"email": contact.manager.user.email, "edit": reverse("casework:contact_edit", args=[contact.pk])}}))
"""


def test_second_tab_sees_both_versions_and_chooses(stack, page, axe):
    made = stack.make(MAKE_CONTACT)
    log_in(page, made["email"])
    save = "main form.pik-form button[type=submit]"
    other = page.context.new_page()
    for tab in (page, other):
        tab.goto(made["edit"])
    other.fill("#id_minutes", "45")
    other.select_option("#id_kind", "crisis")
    other.click(save)
    expect(other.locator(".pik-messages")).to_be_visible()

    page.fill("#id_minutes", "50")
    page.click(save)

    expect(page.locator("legend")).to_have_text(["Dauer", "Art"])
    expect(page.locator("[data-read-first]")).to_be_focused()
    assert axe(page) == []
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("() => document.scrollingElement.scrollWidth <= window.innerWidth")
    page.get_by_label("Von Ihnen: 50").check()
    page.get_by_label("Jetzt gespeichert: Hilfe in einer Krise").check()
    page.click(save)

    expect(page.locator(".pik-messages")).to_be_visible()
    page.goto(made["edit"])
    expect(page.locator("#id_minutes")).to_have_value("50")
    expect(page.locator("#id_kind")).to_have_value("crisis")
