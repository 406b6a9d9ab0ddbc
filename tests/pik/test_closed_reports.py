"""No address, log line, error report or page title carries more of a client than the code."""

import logging
import re
from io import StringIO

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import HttpResponseNotFound
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.converters import get_converters
from django.utils.log import log_response
from django.utils.module_loading import import_string
from django.views.debug import get_exception_reporter_class

from casework.converters import CaseCodeConverter
from casework.forms.cases import CaseFilterForm
from casework.models import Case
from pik.closed_reports import ClosedFilter, ClosedFormatter, closed_traceback
from pik.concealed import SHAPE
from pik.converters import DistrictConverter
from tests.factories import make_case, make_manager, make_member
from tests.pages import client_of

SECRET = "Frau Geheimnis"
# Everything an address may hold: codes, keys of places, numbers of rows, words that a view knows.
CLOSED = ("int", "code", "district", "slug")


def raised(error: Exception) -> Exception:
    try:
        raise error
    except type(error) as caught:
        return caught


def logged(level: int, message: str, *args: object, **kwargs: object) -> str:
    """The line as the handler of the settings writes it."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    line = settings.LOGGING["formatters"]["line"]
    handler.setFormatter(ClosedFormatter(line["format"], style=line["style"]))
    handler.addFilter(ClosedFilter())
    logger = logging.getLogger("pik.test_closed_reports")
    logger.propagate = False
    logger.addHandler(handler)
    try:
        logger.log(level, message, *args, **kwargs)
    finally:
        logger.removeHandler(handler)
    return stream.getvalue()


def routes(resolver: URLResolver, before: str = "") -> list[tuple[str, URLPattern]]:
    found = []
    for each in resolver.url_patterns:
        route = before + str(each.pattern)
        found += routes(each, route) if isinstance(each, URLResolver) else [(route, each)]
    return found


def test_no_address_has_a_place_for_free_text():
    converters = {kind for route, _ in routes(get_resolver()) for kind in re.findall(r"<(\w+):\w+>", route)}
    untyped = [route for route, _ in routes(get_resolver()) if re.search(r"<\w+>", route) and "(?P" not in route]
    # A concealed number is not made of what somebody typed.
    concealed = {kind for kind in converters if get_converters()[kind].regex == SHAPE}

    assert converters - concealed <= set(CLOSED)
    assert untyped == []
    assert not re.fullmatch(SHAPE, SECRET)
    assert not re.fullmatch(CaseCodeConverter.regex, SECRET)
    assert not re.fullmatch(DistrictConverter.regex, SECRET)


def test_handler_of_the_settings_is_closed():
    handlers = settings.LOGGING["handlers"]

    assert {name: each["filters"] for name, each in handlers.items()} == {"stderr": ["closed"]}
    assert import_string(settings.LOGGING["formatters"]["line"]["()"]) is ClosedFormatter
    assert import_string(settings.LOGGING["filters"]["closed"]["()"]) is ClosedFilter


def test_log_of_an_exception_has_its_kind_and_place_without_its_words():
    error = raised(ValueError(SECRET))

    line = logged(logging.ERROR, "failed", exc_info=(type(error), error, error.__traceback__))

    assert line.endswith("builtins.ValueError\n")
    assert __file__ in line
    assert "Geheimnis" not in line.replace(__file__, "")


def test_page_that_is_not_for_the_reader_is_logged_on_one_line():
    error = raised(PermissionDenied(SECRET))

    line = logged(logging.WARNING, "Forbidden (Permission denied): %s", "/managers/", exc_info=error)

    assert line.count("\n") == 1
    assert line.endswith("Forbidden (Permission denied): /managers/\n")


def test_log_of_causes_and_contexts_has_no_words_either():
    try:
        try:
            raise ValueError(SECRET)
        except ValueError as inner:
            raise KeyError(SECRET) from inner
    except KeyError as error:
        text = closed_traceback(error)

    assert [line for line in text.splitlines() if line.startswith("builtins.")] == [
        "builtins.KeyError",
        "builtins.ValueError",
    ]
    assert "Geheimnis" not in text


def test_error_that_is_its_own_context_ends():
    error = raised(ValueError(SECRET))
    other = raised(KeyError(SECRET))
    error.__context__, other.__context__ = other, error

    assert closed_traceback(error).count("Traceback") == 2


def test_text_kept_by_another_formatter_is_not_used():
    error = raised(ValueError(SECRET))
    record = logging.LogRecord("x", logging.ERROR, "", 1, "failed", (), (type(error), error, error.__traceback__))
    logging.Formatter().format(record)

    assert "Geheimnis" not in ClosedFormatter().format(record)


@pytest.mark.django_db
def test_row_that_the_database_refuses_is_named_by_the_rule_alone():
    case = make_case()

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Case.objects.filter(pk=case.pk).update(age_band="Sec")

    text = closed_traceback(refused.value)
    assert case.code in str(refused.value)
    assert case.code not in text
    assert "psycopg.errors.CheckViolation 23514 case_age_known" in text


def test_failed_task_is_logged_without_the_words_of_its_error():
    error = raised(ValueError(SECRET))
    context = {"name": "casework.refresh_figures", "exc": repr(error), "traceback": SECRET}

    line = logged(logging.ERROR, "Task %(name)s: %(exc)s", context, exc_info=(type(error), error, error.__traceback__))

    assert "Task casework.refresh_figures: ValueError" in line
    assert "Geheimnis" not in line


def test_address_that_leads_nowhere_is_not_logged(caplog):
    request = RequestFactory().get(f"/casework/cases/{SECRET}/")
    log_response("%s: %s", "Not Found", request.path, response=HttpResponseNotFound(), request=request)
    record = caplog.records[-1]

    ClosedFilter().filter(record)

    assert record.getMessage() == "Not Found: (no address)"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "method", "page", "line"),
    [
        ("manager", "get", "case_detail", "Not Found: /casework/cases/<code:code>/"),
        ("ministry", "get", "case_detail", "Forbidden (Permission denied): /casework/cases/<code:code>/"),
        ("manager", "post", "case_detail", "Method Not Allowed (POST): /casework/cases/<code:code>/"),
    ],
)
def test_refused_page_of_a_case_is_logged_by_its_kind_without_the_code(role, method, page, line, caplog):
    case = make_case()
    client = client_of(make_manager().user if role == "manager" else make_member(role))

    getattr(client, method)(reverse(f"casework:{page}", args=[case.code]))

    record = next(record for record in caplog.records if record.name == "django.request")
    ClosedFilter().filter(record)
    assert record.getMessage() == line


def test_error_report_holds_neither_form_nor_variables_nor_address():
    request = RequestFactory().post(f"/casework/cases/?q={SECRET}", {"note": SECRET}, headers={"cookie": SECRET})
    error = raised(ValueError(SECRET))
    report = get_exception_reporter_class(request)(request, type(error), error, error.__traceback__, is_email=True)

    assert report.get_traceback_text().endswith("builtins.ValueError")
    assert "Geheimnis" not in report.get_traceback_text() + report.get_traceback_html()


def test_nobody_gets_error_mails_by_default():
    assert settings.ADMINS == []
    assert settings.DEBUG is False


@pytest.mark.parametrize("text", [SECRET, "Müller", "0123", "12.5.90", "a b", "<b>"])
def test_search_for_anything_but_a_piece_of_a_code_is_refused(text):
    form = CaseFilterForm({"code": text}, stands_in=False)

    assert list(form.errors) == ["code"]
    assert form.query == "state=open"


@pytest.mark.parametrize("text", ["mcuj9", "mcuj 9", "MCUJ-9", "uj-9", "9ams", "mcuj9ams"])
def test_search_takes_a_piece_of_a_code_however_it_is_written(text):
    form = CaseFilterForm({"code": text}, stands_in=False)

    assert form.errors == {}
    assert re.fullmatch(form.fields["code"].widget.attrs["pattern"], text)


def test_search_field_tells_the_browser_what_a_code_looks_like():
    attrs = CaseFilterForm({}, stands_in=False).fields["code"].widget.attrs

    assert re.fullmatch(attrs["pattern"], "k7m3-Q")
    assert not re.fullmatch(attrs["pattern"], "Müller")


def test_titles_name_a_case_by_its_code_alone():
    templates = (settings.BASE_DIR / "templates" / "casework").glob("*.html")
    titles = [line for path in templates for line in path.read_text().splitlines() if "{% block title %}" in line]

    shown = {word for title in titles for word in re.findall(r"{{ ?([\w.]+)", title)}

    assert {word for word in shown if word.startswith("case")} == {"case.code"}
    others = {word.split(".")[0] for word in shown} - {"case"}
    assert others <= {"post", "manager", "assignment", "page", "title", "heading", "day"}
