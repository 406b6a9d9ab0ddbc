"""A person at a browser, as far as a measurement needs one."""

import re
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from typing import NamedTuple

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_TIMING = re.compile(r'app;dur=([\d.]+), db;desc="(\d+)"')


class Cost(NamedTuple):
    """What an answer cost in the web process."""

    milliseconds: float
    queries: int


class RefusedError(Exception):
    """The page did not come as expected; the message says what came instead."""


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
        try:
            with self.opener.open(self.address + path) as page:
                page.read()
                said = _TIMING.search(page.headers.get("Server-Timing", ""))
        except urllib.error.HTTPError as answer:
            raise RefusedError(f"{path} answered {answer.code}") from answer
        if not said:
            raise RefusedError(f"{path} does not say what it cost: is PIK_TIMING set?")
        return Cost(float(said[1]), int(said[2]))
