"""Pages as readers get them: clients that are logged in, and the structure of what they answer."""

import csv
import io
from collections.abc import Callable, Iterator
from functools import cache

from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.test.client import ClientHandler
from django.test.html import Element, parse_html

from pik.models import User


@cache
def _handler(enforce_csrf_checks: bool) -> ClientHandler:
    return ClientHandler(enforce_csrf_checks)


def client_of(user: User | None = None, *, language: str = "en", enforce_csrf_checks: bool = False) -> Client:
    """A browser in which `user` is logged in (nobody without one), set to the language of the source texts."""
    client = Client()
    # All of them share one: it reads the names of all static files when it meets its first request.
    client.handler = _handler(enforce_csrf_checks)
    if user:
        client.force_login(user)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    return client


class Node:
    """One element of a page."""

    def __init__(self, element: Element) -> None:
        self.tag = element.name
        self.attrs: dict[str, str | None] = dict(element.attributes)
        self.element = element

    def __getitem__(self, name: str) -> str:
        return self.attrs[name] or ""

    @property
    def text(self) -> str:
        """All words inside, with single blanks."""
        words = [part if isinstance(part, str) else Node(part).text for part in self.element.children]
        return " ".join(" ".join(words).split())

    def walk(self) -> Iterator["Node"]:
        """Everything inside, in the order of the page."""
        for part in self.element.children:
            if not isinstance(part, str):
                node = Node(part)
                yield node
                yield from node.walk()

    def all(self, *tags: str, where: Callable[["Node"], bool] = lambda node: True, **attrs: str) -> list["Node"]:
        """The elements inside with one of these tags (any, without) and exactly these attributes."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attrs.items()}
        return [
            node
            for node in self.walk()
            if (not tags or node.tag in tags) and wanted.items() <= node.attrs.items() and where(node)
        ]

    def one(self, *tags: str, **attrs: str) -> "Node":
        found = self.all(*tags, **attrs)
        assert len(found) == 1, f"{tags} {attrs} occurs {len(found)} times"
        return found[0]

    def has_class(self, name: str) -> bool:
        return name in (self.attrs.get("class") or "").split()


class Page(Node):
    """A whole page; its HTML must be well-formed."""

    def __init__(self, response: HttpResponse) -> None:
        self.response = response
        super().__init__(parse_html(response.content.decode()))

    def walk(self) -> Iterator[Node]:
        yield self
        yield from super().walk()

    @property
    def main(self) -> Node:
        return self.one("main")

    @property
    def heading(self) -> str:
        return self.one("h1").text

    @property
    def messages(self) -> list[str]:
        """What the last action reported."""
        return [alert.text for box in self.all(class_="pik-messages") for alert in box.all("p")]

    @property
    def tiles(self) -> list[tuple[str, str]]:
        """Label and value of the numbers on top."""
        tiles = self.all(where=lambda node: node.has_class("pik-tile"))
        return [(tile.one("dt").text, tile.all("dd")[0].text) for tile in tiles]

    def rows(self, label: str, part: str = "tbody") -> list[list[str]]:
        """The cells of the table in the scroll region with this caption id or this label."""
        regions = [
            region
            for region in self.all(role="region")
            if label in (region.attrs.get("aria-labelledby"), region.attrs.get("aria-label"))
        ]
        assert len(regions) == 1, f"{label} names {len(regions)} tables"
        return [[cell.text for cell in row.all("th", "td")] for body in regions[0].all(part) for row in body.all("tr")]

    def values(self, *, of: str = "post") -> dict[str, list[str]]:
        """What the fields of the page's forms hold, by name, as a browser would send it."""
        held: dict[str, list[str]] = {}
        for form in self.main.all("form", where=lambda node: (node.attrs.get("method") or "get").lower() == of):
            for control in form.all("input", "select", "textarea"):
                name = control.attrs.get("name")
                if name and name != "csrfmiddlewaretoken":
                    held.setdefault(name, []).extend(_held(control))
        return held

    @property
    def errors(self) -> list[tuple[str, str]]:
        """The error summary: id of the field that a line links to ("" without a link) and the whole line."""
        summaries = self.all(data_error_summary="")
        lines = [line for summary in summaries for line in summary.all("li")]
        return [("".join(link["href"].lstrip("#") for link in line.all("a")), line.text) for line in lines]

    def field_error(self, name: str) -> str:
        """The error beside a field, found as a screen reader finds it: through `aria-describedby`."""
        owner = self.all(id=f"id_{name}") or self.all(id=f"div_id_{name}")
        described = (owner[0].attrs.get("aria-describedby") or "").split()
        return " ".join(self.one(id=key).text for key in described if key.endswith("_error"))


def _held(control: Node) -> list[str]:
    if control.tag == "select":
        return [option["value"] for option in control.all("option") if "selected" in option.attrs]
    if control.tag == "textarea":
        return [control.text]
    if control["type"] in ("checkbox", "radio"):
        sent = control["value"] if "value" in control.attrs else "on"
        return [sent] if "checked" in control.attrs else []
    return [control.attrs.get("value") or ""]


def csv_rows(response: HttpResponse) -> list[list[str]]:
    """The lines of a download in English, head first."""
    text = response.content.decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
