"""Tables that move in a box of their own: what stays in sight meanwhile."""

from playwright.sync_api import Page, expect

from tests.browser.login import SECRET, log_in

# The ministry, and four Kreise with cases, of those that no other journey needs.
MAKE_KREISE = f"""
import json
from tests.casework.test_quality import _figures
from tests.factories import make_manager, make_member, make_organisation
from pik.models import District, Organisation
taken = [*Organisation.objects.filter(kind="district").values_list("district", flat=True), "08435", "08436", "08437"]
for kreis in District.objects.exclude(pk__in=taken).order_by("pk")[:4]:
    _figures(make_manager(organisation=make_organisation(kind="district", district=kreis)), cases_open=20)
reader = make_member("ministry")
reader.set_password({SECRET!r})
reader.save()
print(json.dumps({{"email": reader.email}}))
"""


def test_sum_stays_in_sight_below_the_rows_that_are_shown(stack, page: Page):
    log_in(page, stack.make(MAKE_KREISE)["email"])
    page.set_viewport_size({"width": 1280, "height": 200})
    page.goto("/casework/quality/")

    box = page.locator(".pik-scroll--always").first
    box.scroll_into_view_if_needed()
    seen, last, total = (part.bounding_box() for part in (box, box.locator("tbody tr").last, box.locator("tfoot th")))

    assert last["y"] > seen["y"] + seen["height"]
    assert total["y"] + total["height"] <= seen["y"] + seen["height"] + 1
    expect(box.locator("tfoot th")).to_have_text("Summe")
