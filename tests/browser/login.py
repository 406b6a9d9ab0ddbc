"""Logging in on the page, as everybody does; people are made with this secret."""

from playwright.sync_api import Page, expect

SECRET = "ein langer Weg nach Hause"


def log_in(page: Page, email: str) -> None:
    """Logs in and waits for the page that follows."""
    page.goto("/accounts/login/")
    page.fill("#id_login", email)
    page.fill("#id_password", SECRET)
    page.click("main form button")
    expect(page.locator(".pik-account__name")).to_be_visible()
