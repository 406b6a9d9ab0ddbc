"""What a page, an address, a download or a title tells of a case: its code to those who see it, and no more."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.http import HttpResponse

from casework.models import Case
from casework.models.case_bands import AgeBand, HouseholdBand, OriginGroup, ResidenceGroup
from casework.services.goals import StepEntry
from casework.services.plans import make_plan
from tests.database import owner_session
from tests.factories import make_case, make_contact, make_goal
from tests.pages import Page, client_of
from tests.test_access import READERS, column, entered
from tests.world import World, make_world

pytestmark = pytest.mark.django_db

# Rows of which a running number would tell how many there are, or in what order they came.
COUNTED = (
    "case",
    "contact",
    "contacttemplate",
    "referral",
    "transfer",
    "plan",
    "goal",
    "step",
    "assessment",
    "casephase",
    "planreview",
    "languagecourse",
)
# Begins the running numbers of this world, and nothing else in it.
MARK = "831760000"
FIRST = int(f"{MARK}001")
# Pages that show more of cases when asked to.
MORE = {"casework:manager_handover": {"list": "1"}, "casework:case_list": {"state": "all"}}
# What a download is.
FILES = ("text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "image/svg+xml")


@contextmanager
def _numbers_that_can_be_told() -> Iterator[None]:
    """Rows made inside have running numbers that begin with MARK."""
    tables = [f"casework_{name}" for name in COUNTED]
    with owner_session() as session:
        found = session.execute(
            "SELECT pg_get_serial_sequence(name, 'id') FROM unnest(%s::text[]) AS t (name)", [tables]
        )
        sequences = [sequence for (sequence,) in found]
        before = [session.execute(f"SELECT last_value, is_called FROM {name}").fetchone() for name in sequences]
        for name in sequences:
            session.execute("SELECT setval(%s, %s, false)", [name, FIRST])
        yield
        for name, (value, called) in zip(sequences, before, strict=True):
            session.execute("SELECT setval(%s, %s, %s)", [name, value, called])


@pytest.fixture(name="world")
def _world() -> Iterator[World]:
    with _numbers_that_can_be_told():
        world = make_world()
        make_goal(case=world.case, steps=[StepEntry(words="Asks for a place", doer="person")])
        make_contact(case=world.given.case)
        yield world


def _answers(world: World, reader: str) -> Iterator[tuple[str, HttpResponse]]:
    """All that a reader can open, and what comes back when somebody else was faster."""
    client, statuses = client_of(world.reader(READERS[reader])), column(reader)
    for (method, name, key), status in statuses.items():
        if status not in ("200", "302") or name.startswith("account_"):
            continue
        address = world.address(name, key)
        if method == "GET":
            yield name, client.get(address, MORE.get(name))
        elif "version" in entered(world, name):
            yield name, client.post(address, {**entered(world, name), "version": 0})


def _text(response: HttpResponse) -> str:
    """What an answer says; of a workbook all of its parts, which are packed."""
    content = response.content
    if content.startswith(b"PK"):
        with ZipFile(BytesIO(content)) as workbook:
            content = b"".join(map(workbook.read, workbook.namelist()))
    return content.decode()


def _told(response: HttpResponse) -> str:
    """The answer with everything around it that a proxy, a browser or a file system keeps."""
    return "\n".join([_text(response), *(f"{name}: {value}" for name, value in response.headers.items())])


def _is_file(response: HttpResponse) -> bool:
    return response.status_code == 200 and response.headers.get("Content-Type", "").split(";")[0] in FILES


@pytest.mark.parametrize("reader", ["mgr", "coord", "kreis", "fcoord", "mini", "audit"])
def test_nobody_is_told_a_running_number_and_no_file_more_of_a_case_than_its_code(world, reader):
    assert [str(row.pk)[: len(MARK)] for row in (world.case, world.goal, world.referral)] == [MARK] * 3
    codes, bands = set(Case.objects.values_list("code", flat=True)), _bands(world.case)
    assert (len(codes) > 3, len(bands) > 3) == (True, True)

    answers = [(name, _told(response), _is_file(response)) for name, response in _answers(world, reader)]

    assert {name for name, text, _file in answers if MARK in re.sub(r"[.,\u00a0\u202f]", "", text)} == set()
    files = [(name, text) for name, text, is_file in answers if is_file]
    named = {"casework:assessment_export"} if reader == "mgr" else set()
    assert {name for name, text in files for code in codes if code in text.upper()} == named
    of_cases = [(name, text) for name, text in files if name.startswith("casework:")]
    assert {(name, band) for name, text in of_cases for band in bands if band in text} == set()


def _bands(case: Case) -> set[str]:
    """The words of a case, stored and written, that are long enough to stand nowhere else by chance."""
    stored = {
        AgeBand: case.age_band,
        HouseholdBand: case.household_band,
        OriginGroup: case.origin_group,
        ResidenceGroup: case.residence_group,
    }
    words = {str(text) for choices, value in stored.items() for text in (value, choices(value).label)}
    return {word for word in words if len(word) > 3}


def test_titles_and_addresses_of_two_cases_differ_in_the_code_alone(world):
    one, other = world.case, make_case(manager=world.manager, household_band="5+", age_band="65+")
    assert (one.age_band, one.household_band) != (other.age_band, other.household_band)
    make_plan(case=other, agreed_on=other.opened_on)
    client = client_of(world.manager.user)

    def seen(case: Case) -> list[tuple[str, ...]]:
        told = []
        for (method, name, key), status in column("mgr").items():
            if method != "GET" or key != "case" or status != "200":
                continue
            address = world.address(name, key).replace(one.code, case.code)
            response = client.get(address)
            if _is_file(response) or response.status_code != 200:
                continue
            page = Page(response)
            told.append((address, page.one("title").text, page.heading))
        return [tuple(text.replace(case.code, "CODE") for text in line) for line in told]

    assert seen(one) == seen(other)
    assert len(seen(one)) > 8
