"""What happens around every request."""

import time
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.urls import is_valid_path
from django.utils import translation
from django.utils.functional import SimpleLazyObject

from pik.draft_marks import read_mark
from pik.draft_views import draft_keep, opened_by_another
from pik.drafts import keep_late_entry

Handler = Callable[[HttpRequest], HttpResponse]


def utf8_only(get_response: Handler) -> Handler:
    """Refuses what names another charset than UTF-8, before anything reads it; no page of ours sends such."""

    def handle(request: HttpRequest) -> HttpResponse:
        charset = request.content_params.get("charset", "utf-8").lower()
        if charset not in ("utf-8", "utf8"):
            return HttpResponseBadRequest("UTF-8 only.\n", content_type="text/plain")
        # Django reads a form under the name with the hyphen only.
        request.encoding = "utf-8"
        return get_response(request)

    return handle


def language_by_choice(get_response: Handler) -> Handler:
    """German unless the person chose English; the browser's own preference does not count."""
    known = dict(settings.LANGUAGES)

    def handle(request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = chosen if chosen in known else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response

    return handle


class LoginRequiredKeepingEntries(LoginRequiredMiddleware):
    """Denies what nobody may open without a login; a form is saved for nobody but who had opened it."""

    def process_view(self, request: HttpRequest, view_func: Callable, *arguments: object) -> HttpResponse | None:
        """Refuses a form of another person or membership; by now the token against forged requests was checked."""
        # A draft is not saved in anybody's name: its view believes the mark alone.
        if request.method == "POST" and "owner" in request.POST and view_func is not draft_keep:
            # However long ago the page was opened.
            mark = read_mark(request.POST)
            if mark and request.user.is_authenticated and request.user.membership and not mark.is_of(request.user):
                return opened_by_another(request, mark)
        return super().process_view(request, view_func, *arguments)

    def handle_no_permission(self, request: HttpRequest, view_func: Callable) -> HttpResponse:
        """Leads to the login; a form that was sent too late waits for who typed it."""
        if request.method == "POST" and "owner" in request.POST and view_func is not draft_keep:
            keep_late_entry(data=request.POST)
        return super().handle_no_permission(request, view_func)


def acting_membership(get_response: Handler) -> Handler:
    """Lets a person with several memberships act in the one chosen last; asks the database only if a page does."""

    def handle(request: HttpRequest) -> HttpResponse:
        found = request.user

        def person() -> AbstractBaseUser | AnonymousUser:
            if found.is_authenticated:
                found.acting_membership_id = request.session.get("membership")
            return found

        request.user = SimpleLazyObject(person)
        return get_response(request)

    return handle


def no_store(get_response: Handler) -> Handler:
    """Pages of people who are logged in stay out of shared caches and of the browser's disk."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return handle


def forms_only(get_response: Handler) -> Handler:
    """Who opens an address that only takes forms is told so in a page, with a way back, instead of getting nothing.

    People come there after a login that a form without script had to wait for, or by changing the language of a page
    that answered a form.
    """

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or request.method != "GET" or response.content:
            return response
        above = _page_above(request.path_info)
        page = render(request, "405.html", {"above": above}, status=HTTPStatus.METHOD_NOT_ALLOWED)
        page.headers["Allow"] = response.headers["Allow"]
        return page

    return handle


def _page_above(path: str) -> str:
    """The nearest address above another that leads somewhere."""
    while path != "/":
        path = path.rstrip("/").rpartition("/")[0] + "/"
        if is_valid_path(path):
            break
    return path


def server_timing(get_response: Handler) -> Handler:
    """Says in a header how long the answer took and how many queries it asked; for measurements only (PIK_TIMING)."""

    def handle(request: HttpRequest) -> HttpResponse:
        queries = 0

        def count(execute: Callable, sql: str, params: object, many: bool, context: dict) -> object:
            nonlocal queries
            queries += 1
            return execute(sql, params, many, context)

        begun = time.perf_counter()
        with connection.execute_wrapper(count):
            response = get_response(request)
        milliseconds = (time.perf_counter() - begun) * 1000
        response.headers["Server-Timing"] = f'app;dur={milliseconds:.2f}, db;desc="{queries}"'
        return response

    return handle
