"""What happens around every request."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

Handler = Callable[[HttpRequest], HttpResponse]


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


def acting_membership(get_response: Handler) -> Handler:
    """Lets a person with several memberships act in the one chosen last."""

    def handle(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            request.user.acting_membership_id = request.session.get("membership")
        return get_response(request)

    return handle


def no_store(get_response: Handler) -> Handler:
    """Pages of people who are logged in stay out of shared caches and of the browser's disk."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return handle
