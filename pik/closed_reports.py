"""Logs and error reports that tell where something failed and of which kind, never what somebody typed.

Messages of exceptions quote values: a refused row of the database, a number that could not be read. So only the place
in the code, the kind of the exception and, of the database, the name of the rule are written down.
"""

import logging
import traceback
from collections.abc import Iterator

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.views.debug import ExceptionReporter


def closed_traceback(error: BaseException) -> str:
    """The way to the error and what it came from; of each its kind, without its words."""
    return "\n\n".join(_links(error))


def _links(error: BaseException) -> Iterator[str]:
    met: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in met:
        met.add(id(following))
        places = "".join(traceback.format_tb(following.__traceback__))
        yield f"Traceback (most recent call last):\n{places}{_kind(following)}"
        hidden = None if following.__suppress_context__ else following.__context__
        following = following.__cause__ or hidden


def _kind(error: BaseException) -> str:
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    # Django's errors of the database wrap the driver's, which knows the rule.
    diagnosis = getattr(error, "diag", None)
    rule = getattr(diagnosis, "constraint_name", None)
    state = getattr(error, "sqlstate", None)
    return kind + "".join(f" {word}" for word in (state, rule) if word)


class ClosedFormatter(logging.Formatter):
    """Lines whose tracebacks carry no words of exceptions."""

    def format(self, record: logging.LogRecord) -> str:
        # Another formatter may have kept its open text there.
        record.exc_text = None
        line = super().format(record)
        record.exc_text = None
        return line

    def formatException(self, ei: tuple) -> str:  # noqa: N802 the name is logging's
        return closed_traceback(ei[1])


class ClosedFilter(logging.Filter):
    """Takes out of a message what the frameworks put into it: errors of tasks, addresses with what is in them."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, PermissionDenied):
            # A page that is not for the reader is an answer, no failure: the line with the page says it all.
            record.exc_info = record.exc_text = None
        if isinstance(record.args, dict) and "exc" in record.args:
            record.args = {**record.args, "exc": type(error).__name__ if error else "an error", "traceback": ""}
        request = getattr(record, "request", None)
        if request is not None and isinstance(record.args, tuple):
            path = request.path
            # As Django writes it, signs other than those of ASCII are escaped.
            written = {path, path.encode("unicode_escape").decode("ascii")}
            record.args = tuple(_place(request) if each in written else each for each in record.args)
        return True


def _place(request: HttpRequest) -> str:
    """Which page an address belongs to, without the code in it; one that leads nowhere is free text."""
    found = request.resolver_match
    return f"/{found.route}" if found else "(no address)"


class ClosedReporter(ExceptionReporter):
    """What an error mail may hold: the way to the error, no form, no variable, no cookie, no address."""

    def get_traceback_text(self) -> str:
        return closed_traceback(self.exc_value) if self.exc_value else "No exception."

    def get_traceback_html(self) -> str:
        # Plain text only: a page of details is what must not be mailed.
        return ""
