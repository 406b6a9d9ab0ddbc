"""The main job, end to end: from a person whom nobody knows yet to one contact more on the ministry's page."""

import email
import re
import time
from email.policy import default
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Stack

KREIS, AGS = "Alb-Donau-Kreis", "08425"
MINISTRY, COORDINATOR, MANAGER = (f"{name}@pik.example" for name in ("ministerium", "kreis", "ottilie.neu"))
SECRET = "ein langer Weg nach Hause"
# The task waits two seconds for more of its kind; on a busy machine everything takes longer.
PATIENCE_SECONDS = 30


# Four colleagues have recorded something this month, and three in another Kreis: the work of fewer than three people is
# shown to nobody outside, nor is that of the smallest other Kreis, where the work of one could be worked out from it.
MAKE_TEAM = """
from casework.services.figures import refresh_changed_figures
from pik.models import Organisation
from tests.factories import make_case, make_contact, make_manager, make_organisation
kreis = Organisation.objects.get(district="08425", kind="district")
other = make_organisation(district="08436", name="Landratsamt Ravensburg")
for organisation in [kreis] * 4 + [other] * 3:
    make_contact(case=make_case(manager=make_manager(organisation=organisation)))
refresh_changed_figures()
print("{}")
"""


def invite(stack: Stack, address: str, role: str, organisation: str, *more: str) -> None:
    stack.manage("invite", address, f"Name of {address}", "--role", role, "--organisation", organisation, *more)


def invitation_link(stack: Stack, address: str) -> str:
    """The link in the mail that the worker sends to `address`; waits for it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        for path in sorted(stack.mail_dir.glob("*")) if stack.mail_dir.exists() else []:
            message = email.message_from_bytes(_settled(path), policy=default)
            if message["To"] == address:
                return re.search(r"https?://\S+", message.get_body().get_content())[0]
        time.sleep(0.2)
    raise AssertionError(f"no mail to {address} within {PATIENCE_SECONDS} s; the worker says:\n{stack.log('worker')}")


def _settled(path: Path) -> bytes:
    """The first mail of a file."""
    return path.read_bytes().split(b"\n" + b"-" * 79 + b"\n")[0]


def choose_password(page: Page, link: str) -> None:
    page.goto(link)
    page.fill("#id_password1", SECRET)
    page.fill("#id_password2", SECRET)
    page.click("main form button")
    page.click("main a.kern-btn")


def log_in(page: Page, address: str) -> None:
    """Ends whatever session there was and begins one of this person."""
    page.context.clear_cookies()
    page.goto("/accounts/login/")
    page.fill("#id_login", address)
    page.fill("#id_password", SECRET)
    page.click("main form button")
    expect(page.locator(".pik-account__name")).to_be_visible()


def contacts_of_kreis(page: Page) -> int:
    """What the ministry's table says about the Kreis, in its last column."""
    row = page.locator("table tr", has=page.get_by_role("rowheader", name=KREIS, exact=True)).first
    return int(row.locator("td").last.inner_text().replace(".", ""))


def test_contact_of_a_new_manager_reaches_the_ministry(stack, page):
    # The operators invite the first people of each house.
    invite(stack, MINISTRY, "ministry", "Sozialministerium", "--kind", "ministry")
    invite(stack, COORDINATOR, "coordinator", f"Landratsamt {KREIS}", "--kind", "district", "--district", AGS)
    for address in (MINISTRY, COORDINATOR):
        choose_password(page, invitation_link(stack, address))
    stack.make(MAKE_TEAM)
    log_in(page, MINISTRY)
    before = contacts_of_kreis(page)

    # The coordinator registers a manager.
    log_in(page, COORDINATOR)
    page.click(".pik-page-header__action a")
    page.fill("#id_name", "Ottilie Neu")
    page.fill("#id_email", MANAGER)
    page.fill("#id_fte", "0,75")
    page.get_by_label("Allmendingen").check()
    page.click("main form button[type=submit]")
    expect(page.locator("h1")).to_have_text("Ottilie Neu")

    # The mail arrives; its reader chooses a password and comes in.
    choose_password(page, invitation_link(stack, MANAGER))
    log_in(page, MANAGER)
    expect(page).to_have_url(f"{stack.url}/casework/")

    # She opens a case ...
    page.click(".pik-page-header__action a")
    page.select_option("#id_municipality", label="Allmendingen")
    page.select_option("#id_age_band", "25-34")
    page.select_option("#id_household_band", "3-4")
    page.select_option("#id_origin_group", "ukraine")
    page.select_option("#id_residence_group", "temporary_protection")
    page.click("main form button[type=submit]")
    expect(page).to_have_url(re.compile(r"/casework/cases/[2-9A-Y]{4}-[2-9A-Y]{4}/$"))
    code = page.url.split("/")[-2]

    # ... and records a contact with it.
    page.click(".pik-page-header__action a")
    expect(page.locator("#id_case")).to_have_value(re.compile(code))
    page.fill("#id_minutes", "25")
    page.check("#id_topics_0")
    page.click("main form.pik-form button[type=submit]")
    expect(page).to_have_url(f"{stack.url}/casework/")
    expect(page.locator("tbody tr")).to_contain_text([code])

    # The worker refreshes the figures, and the ministry sees one contact more.
    log_in(page, MINISTRY)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (now := contacts_of_kreis(page)) == before and time.monotonic() < deadline:
        page.wait_for_timeout(500)
        page.reload()
    assert now == before + 1
