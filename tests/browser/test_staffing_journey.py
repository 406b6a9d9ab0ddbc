"""From a vacancy to a board without one: a new post, somebody on it, cases passed on, the same numbers in the file."""

from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from tests.browser.login import SECRET, log_in

# A Kreis with a coordinator who can log in and a manager with three open cases.
MAKE_TEAM = f"""
import json
from pik.models import User
from tests.factories import make_case, make_manager, make_member, make_organisation, places_of
kreis = make_organisation(district="08435", name="Landratsamt Bodenseekreis")
coordinator = make_member("coordinator", kreis)
coordinator.set_password({SECRET!r})
coordinator.save()
giver = make_manager(organisation=kreis, name="Gerda Geber")
for _ in range(3):
    make_case(manager=giver)
print(json.dumps({{"email": coordinator.email, "giver": giver.pk, "place": places_of(kreis)[0].name}}))
"""


def _table(page: Page, caption: str) -> list[list[str]]:
    """The rows of a table as they are written, without the line of the sum."""
    rows = page.locator(f"[aria-labelledby={caption}] tbody tr")
    return [row.locator("th, td").all_inner_texts() for row in rows.all()]


def _tile(page: Page, label: str) -> str:
    return page.locator(".pik-tile", has=page.get_by_text(label, exact=True)).locator("dd").first.inner_text()


def _german(value: object, like: str) -> str:
    """A cell of the workbook as the page writes it, with as many decimals."""
    if value is None:
        return "–"
    decimals = len(like.rpartition(",")[2])
    return f"{value:.{decimals}f}".replace(".", ",") if isinstance(value, float) else str(value)


def test_vacancy_registration_and_handover_meet_on_the_board_and_in_its_file(stack, page, tmp_path):
    team = stack.make(MAKE_TEAM)
    log_in(page, team["email"])

    # A post that nobody fills yet: the board says so.
    page.goto("/casework/staffing/")
    page.click(".pik-page-header__action a")
    page.fill("#id_reference", "IM-77")
    page.fill("#id_fte", "0,75")
    page.get_by_label(team["place"]).check()
    page.click("main form button[type=submit]")
    expect(page.locator("h1")).to_have_text("Stelle IM-77")
    post = page.url
    page.goto("/casework/staffing/")
    assert [_tile(page, label) for label in ("Geplant", "Besetzt", "Unbesetzt")] == ["1,75 VZÄ", "1,00 VZÄ", "0,75 VZÄ"]

    # Somebody is registered on it; what is free is proposed.
    page.goto(post)
    page.click(".pik-page-header__action a")
    page.fill("#id_name", "Nora Neu")
    page.fill("#id_email", "nora.neu@pik.example")
    expect(page.locator("#id_fte")).to_have_value("0,75")
    page.click("main form button[type=submit]")
    expect(page.locator("h1")).to_have_text("Nora Neu")

    # The open cases of a colleague go to her in one step.
    page.goto(f"/casework/managers/{team['giver']}/handover/")
    page.check("input[name=way][value=all]")
    page.locator("#id_rest").select_option(index=1)
    page.select_option("#id_reason", "balance")
    page.click("main form button[type=submit]")
    expect(page.locator("h1")).to_have_text("Gerda Geber")
    expect(page.locator("main")).to_contain_text("Nora Neu")

    # The board shows no vacancy any more, and the workbook holds the same as the page.
    page.goto("/casework/staffing/?posts=-planned")
    assert [_tile(page, label) for label in ("Geplant", "Besetzt", "Unbesetzt")] == ["1,75 VZÄ", "1,75 VZÄ", "0,00 VZÄ"]
    assert page.locator(".pik-tile dd").first.inner_text() == "2 Köpfe"
    for table in ("lines", "posts"):
        with page.expect_download() as download:
            page.click(f"a[download][href*='{table}.xlsx']")
        download.value.save_as(tmp_path / f"{table}.xlsx")
        rows = list(load_workbook(tmp_path / f"{table}.xlsx").active.iter_rows(values_only=True))
        shown = _table(page, f"{table}-caption")
        in_file = [list(map(_german, row, words)) for row, words in zip(rows[1 : len(shown) + 1], shown, strict=True)]
        assert in_file == shown


# A Kreis whose people have long names and serve two municipalities.
MAKE_LONG_NAMES = f"""
import json
from tests.factories import make_case, make_manager, make_member, make_organisation, make_review, make_user, places_of
kreis = make_organisation(district="08437", name="Landratsamt Sigmaringen")
coordinator = make_member("coordinator", kreis, user=make_user(email="phone@pik.example"))
coordinator.set_password({SECRET!r})
coordinator.save()
places = places_of(kreis, 2)
leaving, _other = (
    make_manager(
        organisation=kreis,
        name=f"Maximiliane Oberhuber-Musterfrau {{number}}",
        email=f"long{{number}}@pik.example",
        municipalities=places,
    )
    for number in range(2)
)
for place in places:
    make_case(manager=leaving, municipality=place)
make_review(kreis)
print(json.dumps({{"email": coordinator.email, "leaving": leaving.pk}}))
"""


def test_phone_shows_whole_choices_and_headings_and_low_rows(stack, page):
    team = stack.make(MAKE_LONG_NAMES)
    page.set_viewport_size({"width": 360, "height": 740})
    log_in(page, team["email"])

    page.goto(f"/casework/managers/{team['leaving']}/leave/")
    choices = [choice.bounding_box()["width"] for choice in page.locator(".pik-table select").all()]
    headings = [heading.bounding_box() for heading in page.locator("caption:not(.kern-sr-only)").all()]
    page.goto("/casework/staffing/")
    filters = [choice.bounding_box()["width"] for choice in page.locator(".pik-filter select").all()]
    posts = [row.bounding_box()["height"] for row in page.locator("[aria-labelledby=posts-caption] tbody tr").all()]
    page.goto("/access-review/")
    people = [row.bounding_box()["height"] for row in page.locator(".pik-table tbody tr").all()]

    assert len(choices) == 2
    assert min(choices) >= 120
    assert max(box["x"] + box["width"] for box in headings) <= 360
    assert min(filters) >= 240
    assert (len(posts), len(people)) == (2, 3)
    assert max(posts) <= 90
    # A card holds all of a person below each other.
    assert max(people) <= 220
