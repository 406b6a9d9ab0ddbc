"""What holds for the application as a whole: nothing unused, nothing pending, every page built by the same rules."""

import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from types import ModuleType

import allauth
import crispy_forms
import django.views
import pytest
from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import SuspiciousOperation
from django.core.management import call_command
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import reverse
from django.utils.module_loading import import_string
from django.views import defaults

from pik import access
from tests.pages import Node, Page, client_of
from tests.structure import faults_of
from tests.test_access import READERS, addresses, column
from tests.world import World, make_crowd, make_world

ROOT = settings.BASE_DIR
TEMPLATES = ROOT / "templates"
ROOMS = ("pik", "casework", "funding")
# Open to everybody, and why.
PUBLIC = {
    "healthz": "asked by the machine that watches",
    "session_state": "a page asks whether somebody is still logged in",
    "set_language": "the login page speaks both languages",
    "account_login": "the way in",
    "account_logout": "leads to the login",
    "account_signup": "says that accounts come by invitation",
    "account_inactive": "says that an account is closed",
    "account_reset_password": "for people who forgot it",
    "account_reset_password_done": "for people who forgot it",
    "account_reset_password_from_key": "the link in the invitation",
    "account_reset_password_from_key_done": "the link in the invitation",
}
# Open to everybody who is logged in, whatever the role: the own account.
OWN_ACCOUNT = {"account_change_password"}


@pytest.mark.django_db
def test_models_need_no_new_migration():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_imports_go_one_way_by_contract():
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]

    assert contract["root_packages"] == ["funding", "casework", "pik"]
    assert [(entry["type"], entry["layers"]) for entry in contract["contracts"]] == [
        ("layers", ["funding", "casework", "pik"])
    ]


def test_german_catalogue_is_complete():
    check = subprocess.run(
        [sys.executable, "script/messages", "check"], cwd=ROOT, check=False, capture_output=True, text=True
    )

    assert (check.returncode, check.stderr) == (0, "")


def test_every_template_is_used():
    files = {path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*") if path.is_file()}
    own = "".join(path.read_text() for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    own += "".join(path.read_text() for path in TEMPLATES.rglob("*") if path.is_file())
    named = {name for name in files if f'"{name}"' in own}

    assert {name for name in files - named if not _asked_for_by_a_part(name)} == set()


def _asked_for_by_a_part(name: str) -> bool:
    """True for a template that Django, allauth or the form pack looks up by this name."""
    room, _, rest = name.partition("/")
    if room == "kern":
        return f"/{rest}" in _source_of(crispy_forms)
    # allauth adds endings of its own: ".html" by a setting, "_subject.txt" and "_message.txt" to mails.
    stem = re.sub(r"(_subject|_message)?\.(html|txt)$", "", name)
    return f'"{stem}' in _source_of(allauth) or f'"{name}"' in _source_of(django.views)


@cache
def _source_of(part: ModuleType) -> str:
    where = Path(part.__file__).parent
    return "".join(path.read_text() for path in where.rglob("*") if path.suffix in {".py", ".html", ".txt"})


def _guard_of(view: Callable) -> bool:
    """Whether a view stands below one of the decorators of `pik/access.py`."""
    guard = access.any_role(lambda request: HttpResponse()).__code__
    while view:
        if getattr(view, "__code__", None) is guard:
            return True
        view = getattr(view, "__wrapped__", None)
    return False


def test_guards_are_told_from_other_decorators():
    def bare(request):
        return HttpResponse()

    assert _guard_of(access.manager_only(bare))
    assert not _guard_of(wraps(bare)(lambda request: bare(request)))


def test_every_view_names_who_may_open_it():
    unguarded = {name for name, pattern in addresses() if not _guard_of(pattern.callback)}

    assert unguarded == set(PUBLIC) | OWN_ACCOUNT


def test_only_public_views_are_open_without_login():
    middleware = "pik.middleware.LoginRequiredKeepingEntries"
    open_views = {name for name, pattern in addresses() if not getattr(pattern.callback, "login_required", True)}

    assert settings.MIDDLEWARE.count(middleware) == 1
    assert issubclass(import_string(middleware), LoginRequiredMiddleware)
    assert open_views == set(PUBLIC)


@pytest.fixture(name="world")
def _world() -> World:
    return make_world()


def _answers(world: World, reader: str) -> dict[str, HttpResponse]:
    """What a reader gets from every address, without following redirects."""
    client = client_of(world.reader(READERS[reader]))
    found = {}
    for method, name, key in column(reader):
        if method == "GET":
            found[f"{name} {key}"] = client.get(world.address(name, key))
    return found


def _pages(answers: dict[str, HttpResponse]) -> dict[str, Page]:
    return {
        name: Page(answer)
        for name, answer in answers.items()
        if answer.status_code != 302 and answer["Content-Type"].startswith("text/html")
    }


@pytest.mark.django_db
@pytest.mark.parametrize("reader", READERS)
def test_every_page_is_well_built(world, reader):
    faults = {name: faults_of(page) for name, page in _pages(_answers(world, reader)).items()}

    assert {name: found for name, found in faults.items() if found} == {}


@pytest.mark.django_db
def test_full_pages_are_as_well_built_as_short_ones(world):
    make_crowd(world)
    for reader in ("mgr", "coord", "audit"):
        pages = _pages(_answers(world, reader))

        assert {name: faults_of(page) for name, page in pages.items() if faults_of(page)} == {}
        assert len([page for page in pages.values() if page.all("nav", where=_is_pagination)]) == PAGED[reader]


# Lists with a second page: what is due or goes, contacts, cases, courses; managers, ledger, access log; the last two.
PAGED = {"mgr": 5, "coord": 3, "audit": 2}


def _is_pagination(node: Node) -> bool:
    return node.has_class("pik-pagination")


@pytest.mark.django_db
@pytest.mark.parametrize("reader", ["mgr", "kreis", "mini"])
def test_every_page_has_a_title_of_its_own(world, reader):
    answers = _answers(world, reader)
    pages = _pages({name: answer for name, answer in answers.items() if answer.status_code == 200})
    # One page under two addresses, or for two rows of a kind.
    same = {"funding:organisation -", "casework:case_detail closed"}

    titles = Counter(page.one("title").text for name, page in pages.items() if name not in same)

    assert [title for title, number in titles.items() if number > 1] == []


@pytest.mark.django_db
@pytest.mark.parametrize("reader", ["coord", "kreis", "mini"])
def test_every_chart_has_table_download_sentence_and_words(world, reader):
    client = client_of(world.reader(READERS[reader]))
    charts = [
        (name, chart)
        for name, page in _pages(_answers(world, reader)).items()
        for chart in page.all("figure", where=lambda node: node.has_class("pik-chart"))
    ]

    assert len(charts) == CHARTS[reader]
    for name, chart in charts:
        picture, download = chart.one("img"), chart.one("a", download="")
        sentence = chart.one(class_="pik-chart__sentence").text
        rows = chart.one("table").one("tbody").all("tr")
        assert (name, sentence in picture["alt"], sentence != "") == (name, True, True)
        assert client.get(picture["src"])["Content-Type"] == "image/svg+xml"
        lines = client.get(download["href"]).content.decode().splitlines()
        assert (name, len(lines)) == (name, len(rows) + 1)


# A map and a curve on each overview, a curve on each board and a map on that of the Land.
CHARTS = {"coord": 5, "kreis": 8, "mini": 9}


@pytest.mark.django_db
@pytest.mark.parametrize("reader", ["anon", "mgr", "kreis"])
def test_refused_forms_are_as_well_built_as_empty_ones(world, reader):
    client = client_of(world.reader(READERS[reader]))
    taken = {name: key for method, name, key in column(reader) if method == "POST" and name != "account_logout"}
    # Asked for first, as some of the forms remove the row of another.
    targets = {name: world.address(name, key) for name, key in taken.items()}
    empty = {name: client.post(target, {"csrfmiddlewaretoken": "-"}) for name, target in targets.items()}

    pages = _pages({name: answer for name, answer in empty.items() if answer.status_code == 200})

    assert {name: faults_of(page) for name, page in pages.items() if faults_of(page)} == {}
    assert {name for name, page in pages.items() if not page.errors} == SILENT[reader]


# Pages that come back without a mistake to name: nothing to enter, or a link that no longer works.
SILENT = {
    "anon": {"account_signup", "account_reset_password_from_key"},
    "mgr": {"account_reset_password_from_key", "casework:case_move"},
    "kreis": {"account_reset_password_from_key"},
}


@pytest.mark.django_db
def test_error_pages_are_well_built(world):
    client = client_of(world.manager.user, enforce_csrf_checks=True)
    request = RequestFactory().get("/")
    bad_request = defaults.bad_request(request, SuspiciousOperation())
    pages = {
        400: bad_request,
        403: client.get(reverse("funding:state")),
        404: client.get("/no-such-page/"),
        500: defaults.server_error(request),
    }
    csrf = client.post(reverse("casework:contact_new"))

    assert {status: answer.status_code for status, answer in pages.items()} == {status: status for status in pages}
    assert (csrf.status_code, Page(csrf).heading) == (403, "The page was open for too long")
    for answer in (*pages.values(), csrf):
        faults = [fault for fault in faults_of(Page(answer)) if fault != "lang de"]
        assert faults == []


@pytest.mark.django_db
@pytest.mark.parametrize("reader", ["anon", "mgr", "kreis", "mini", "ended"])
def test_every_answer_carries_the_strict_policy_and_stays_with_its_reader(world, reader):
    weak, kept = {}, {}
    for name, answer in _answers(world, reader).items():
        policy = answer.headers.get("Content-Security-Policy", "")
        if "default-src 'none'" not in policy or "unsafe" in policy or "*" in policy:
            weak[name] = policy
        if not {"no-store", "private"} & set(re.split(r",\s*", answer.headers.get("Cache-Control", ""))):
            kept[name] = answer.headers.get("Cache-Control")

    assert (weak, kept) == ({}, {})
