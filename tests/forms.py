"""What every refused form promises: the field is named and linked, nothing typed is lost, nothing is saved."""

from collections.abc import Mapping

from django.test import Client

from tests.pages import Page


def submit(client: Client, address: str, data: Mapping[str, object]) -> Page:
    """Sends a form that is expected to come back."""
    response = client.post(address, data)
    assert response.status_code == 200, f"not refused: {response.status_code} {response.headers.get('Location')}"
    return Page(response)


def assert_refused(page: Page, field: str, sent: Mapping[str, object], *, error: str = "") -> None:
    """The page names `field` (with `error`, if given) and still holds everything that was `sent`.

    What a browser cannot have sent, a choice that was never offered, is not kept.
    """
    assert {name for name, _line in page.errors} in ({f"id_{field}"}, {f"id_{field}_0"})
    target = page.one(id=page.errors[0][0])
    assert target.attrs["name"] == field
    shown = page.field_error(field)
    assert shown != ""
    assert shown in page.errors[0][1]
    assert error in shown
    held = page.values()
    for name, value in sent.items():
        values = {str(each) for each in value} if isinstance(value, list) else {str(value)}
        offered = _offered(page, name)
        assert (name, set(held[name]) - {""}) == (name, (values if offered is None else values & offered) - {""})


def _offered(page: Page, name: str) -> set[str] | None:
    """The choices of a field; None for one into which people type."""
    controls = page.main.all("input", "select", "textarea", name=name)
    options = [option["value"] for control in controls for option in control.all("option")]
    boxes = [box.attrs.get("value") or "on" for box in controls if box.attrs.get("type") in ("checkbox", "radio")]
    return set(options + boxes) if options or boxes else None
