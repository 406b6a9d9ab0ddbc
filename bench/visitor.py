"""A person at a browser, as far as a measurement needs one."""

import re
import urllib.error
import urllib.parse
import urllib.request
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from typing import NamedTuple
from urllib.response import addinfourl

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_TIMING = re.compile(r'app;dur=([\d.]+), db;desc="(\d+)"')


class Cost(NamedTuple):
    """What an answer cost in the web process."""

    milliseconds: float
    queries: int


class RefusedError(Exception):
    """The page did not come as expected; the message says what came instead."""


class _Fields(HTMLParser):
    """What a form that has a field of some name would send as it stands, with the first choice where none is made."""

    def __init__(self, field: str, page: str) -> None:
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self._select, self._forms = "", [{}]
        self.feed(page)
        self.values = next(values for values in self._forms if field in values)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        name, value = found.get("name", ""), found.get("value") or ""
        values = self._forms[-1]
        if tag == "form":
            self._forms.append({})
        elif tag == "select":
            self._select = name
        elif tag == "option" and value and (self._select not in values or "selected" in found):
            values[self._select] = [value]
        elif tag == "input" and found.get("type") in ("checkbox", "radio"):
            if name not in values or "checked" in found:
                values[name] = [value]
        elif tag == "input":
            values[name] = [value]


class _StayHere(urllib.request.HTTPRedirectHandler):
    """A page that sends elsewhere is not the page that was to be measured."""

    def redirect_request(self, *args: object, **kwargs: object) -> None:
        return None


class Visitor:
    """Keeps the cookies of one login."""

    def __init__(self, address: str) -> None:
        self.address = address
        direct = urllib.request.ProxyHandler({})
        self.opener = urllib.request.build_opener(direct, urllib.request.HTTPCookieProcessor(CookieJar()), _StayHere())

    def log_in(self, login: str) -> None:
        """Uses the login form with the password of the demo."""
        from funding.demo.people import PASSWORD

        path = "/accounts/login/"
        with self.opener.open(self.address + path) as page:
            token = _TOKEN.search(page.read().decode()).group(1)
        fields = {"csrfmiddlewaretoken": token, "login": f"{login}@pik.example", "password": PASSWORD}
        try:
            self.opener.open(self.address + path, urllib.parse.urlencode(fields).encode())
        except urllib.error.HTTPError as answer:
            # A login that worked leads on to the start page.
            if answer.code == 302:
                return
        raise RefusedError(f"{login}@pik.example cannot log in")

    def get(self, path: str) -> Cost:
        """Reads a page to its end and returns what the web process says about it."""
        return self._read(path)[1]

    def save(self, path: str, *, field: str, **values: str) -> Cost:
        """Opens the form with this field, fills in `values`, saves it, and returns what the save cost."""
        form = _Fields(field, self._read(path)[0]).values | {name: [value] for name, value in values.items()}
        try:
            self.opener.open(self.address + path, urllib.parse.urlencode(form, doseq=True).encode())
        except urllib.error.HTTPError as answer:
            # What was saved leads on to another page; a refused form would come back.
            if answer.code == 302:
                return _cost(path, answer)
        raise RefusedError(f"{path} did not save the form")

    def _read(self, path: str) -> tuple[str, Cost]:
        try:
            with self.opener.open(self.address + path) as page:
                return page.read().decode(), _cost(path, page)
        except urllib.error.HTTPError as answer:
            raise RefusedError(f"{path} answered {answer.code}") from answer


def _cost(path: str, answer: addinfourl) -> Cost:
    said = _TIMING.search(answer.headers.get("Server-Timing", ""))
    if not said:
        raise RefusedError(f"{path} does not say what it cost: is PIK_TIMING set?")
    return Cost(float(said[1]), int(said[2]))
