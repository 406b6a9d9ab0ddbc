from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.utils import timezone, translation

from casework.manager_list_columns import COLUMNS, positions_of
from casework.models import Assignment, Manager, ManagerList, Post
from casework.services.manager_lists import (
    discard,
    purge_outlived_lists,
    register_good_rows,
)
from casework.tasks import purge_manager_lists
from pik.models import Measure, User
from pik.people import send_due_invitations
from tests.factories import make_manager, make_member, make_organisation
from tests.people_lists import HEAD, faults_of, line, people, taken_in
from tests.scene import make_scene

pytestmark = pytest.mark.django_db
PEOPLE = (User, Manager, Post, Assignment)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture(name="coordinator")
def _coordinator() -> User:
    return make_member("coordinator", make_organisation(district="08425", name="Landratsamt Alb-Donau-Kreis"))


def _stored() -> list[int]:
    return [model.objects.count() for model in PEOPLE]


def test_good_row_is_understood_and_nobody_is_registered_yet(coordinator, django_capture_on_commit_callbacks):
    before = _stored()

    with django_capture_on_commit_callbacks() as callbacks:
        waiting = taken_in(coordinator, line(ends_on="2027-02-28", ags="08425002, 08425004"))
    sent = send_due_invitations()

    (person,) = waiting.good
    assert (person.line, faults_of(waiting)) == (2, [])
    assert person.reading[:4] == [
        "Ottilie Neu",
        "ottilie@pik.example",
        "Landratsamt Alb-Donau-Kreis",
        "Integration management",
    ]
    assert person.reading[4:] == ["0.50", "1 Mar 2026", "28 Feb 2027", "Allmendingen, Altheim"]
    assert (_stored(), callbacks, sent, mail.outbox) == (before, [], 0, [])


def test_decision_registers_the_good_and_keeps_the_faulty(coordinator):
    waiting = taken_in(coordinator, line(), line(name="Adam Alt", email="adam@pik.example", fte="1.2"))

    after = register_good_rows(waiting=waiting, coordinator=coordinator)

    manager = Manager.objects.get()
    assignment = manager.assignments.get()
    assert (manager.user.name, manager.user.email, manager.organisation) == (
        "Ottilie Neu",
        "ottilie@pik.example",
        coordinator.membership.organisation,
    )
    assert (assignment.fte, assignment.starts_on, assignment.booked_by) == (
        Decimal("0.50"),
        date(2026, 3, 1),
        coordinator,
    )
    assert (after.registered, [person.line for person in after.people]) == (1, [3])
    assert "ottilie" not in str(ManagerList.objects.values_list("rows", flat=True).get()).lower()


def test_invitations_are_due_after_the_decision_only(coordinator):
    waiting = taken_in(coordinator, *people(3))
    before = send_due_invitations()

    register_good_rows(waiting=waiting, coordinator=coordinator)

    assert (before, send_due_invitations(), len(mail.outbox)) == (0, 3, 3)


def test_decision_sent_twice_registers_once(coordinator):
    waiting = taken_in(coordinator, *people(2))

    first, second = (register_good_rows(waiting=waiting, coordinator=coordinator) for _time in range(2))

    assert (first.registered, second.registered, Manager.objects.count()) == (2, 2, 2)


def test_address_that_was_taken_meanwhile_makes_its_row_faulty(coordinator):
    waiting = taken_in(coordinator, *people(2))
    make_manager(email="person1@list.example")

    after = register_good_rows(waiting=waiting, coordinator=coordinator)

    assert (after.registered, Manager.objects.count()) == (1, 2)
    assert [(row, column) for row, column, *_rest in faults_of(after)] == [(3, "E-Mail")]


UNKNOWN_AGS = (
    "“08425999” is the AGS of no municipality. Write eight digits that begin with 08; the statistical office of the "
    "Land lists them."
)


UNKNOWN_EMPLOYER = (
    "No employer of this name is among yours. Write “Landratsamt Alb-Donau-Kreis”, for example, or leave the cell "
    "empty for your own organisation."
)


MEANINGS = (
    "Write a, b or c, or leave the cell empty: (a) degree in a listed social subject; (b) other suitable degree; "
    "(c) vocational training with a suitable additional qualification."
)
WRONG = [
    ({"fte": "1.2"}, "VZÄ", "Enter a number between 0.25 and 1.00."),
    ({"fte": "1,2"}, "VZÄ", "Enter a number between 0.25 and 1.00."),
    ({"fte": "half"}, "VZÄ", "Enter a number between 0.25 and 1.00."),
    ({"fte": "NaN"}, "VZÄ", "Enter a number between 0.25 and 1.00."),
    ({"fte": "1e9999999999"}, "VZÄ", "Enter a number between 0.25 and 1.00."),
    ({"fte": ""}, "VZÄ", "Enter a number between 0.25 and 1.00."),
    ({"name": ""}, "Name", "Write first and last name."),
    ({"name": "=HYPERLINK(A1)"}, "Name", "The cell begins with “=”, as a formula does. Write the value itself."),
    ({"name": "'=1+1"}, "Name", "The cell begins with “=”, as a formula does. Write the value itself."),
    ({"ends_on": "+A1"}, "Bis", "The cell begins with “+”, as a formula does. Write the value itself."),
    ({"email": "@SUM(A1)"}, "E-Mail", "The cell begins with “@”, as a formula does. Write the value itself."),
    ({"name": "-cmd|A1"}, "Name", "The cell begins with “-”, as a formula does. Write the value itself."),
    ({"fte": "-0.5"}, "VZÄ", "Enter a number between 0.25 and 1.00."),
    ({"email": "ottilie"}, "E-Mail", "Enter a valid email address."),
    ({"starts_on": ""}, "Von", "Write a date such as 31.12.2026 or 2026-12-31."),
    ({"starts_on": "soon"}, "Von", "Write a date such as 31.12.2026 or 2026-12-31."),
    ({"starts_on": "31.02.2026"}, "Von", "Write a date such as 31.12.2026 or 2026-12-31."),
    ({"starts_on": "46082"}, "Von", "46082 is how spreadsheets count days. Write 1 Mar 2026."),
    ({"starts_on": "31.12.2016"}, "Von", "The pact began on 1 Jan 2017. Enter this day or a later one."),
    ({"ends_on": "28.02.2026"}, "Bis", "The last day lies before the first. Change one of the two dates."),
    ({"ags": ""}, "AGS", "Write the AGS of at least one municipality."),
    (
        {"ags": "8425002"},
        "AGS",
        "8425002 has lost a zero. Write 08425002 and format the column as text, so that it stays.",
    ),
    ({"ags": "08 4 25 002"}, "AGS", "Write the AGS instead of “08 4 25 002”: 08425002."),
    ({"ags": "Allmendingen"}, "AGS", "Write the AGS instead of “Allmendingen”: 08425002."),
    (
        {"ags": "08426001"},
        "AGS",
        "08426001 (Achstetten) belongs to Landkreis Biberach. Write municipalities of Alb-Donau-Kreis.",
    ),
    (
        {"ags": "08425999"},
        "AGS",
        UNKNOWN_AGS,
    ),
    (
        {"ags": "Ulm"},
        "AGS",
        "“Ulm” is not the name of one municipality of yours. Write its AGS of eight digits.",
    ),
    ({"qualification": "d"}, "Qualifikation", MEANINGS),
    ({"proven_on": "01.02.2020"}, "Qualifikation", "Say which qualification the evidence is for."),
    (
        {"qualification": "a", "proven_on": "01.02.2098"},
        "Nachweis vom",
        "This day has not come yet. Enter the date of the certificate.",
    ),
    (
        {"employer": "Landratsamt Alb Donau"},
        "Arbeitgeber",
        UNKNOWN_EMPLOYER,
    ),
]


@pytest.mark.parametrize(("entry", "column", "sentence"), WRONG)
def test_wrong_cell_is_named_with_its_line_and_what_to_write(coordinator, entry, column, sentence):
    first = line(email="first@pik.example")
    wrong = line(**entry)

    waiting = taken_in(coordinator, first, wrong)

    assert faults_of(waiting) == [(3, column, wrong[HEAD.index(column)], sentence)]
    assert [person.line for person in waiting.good] == [2]


def test_row_with_several_faults_names_each_in_the_order_of_the_file(coordinator):
    waiting = taken_in(coordinator, line(name="", fte="2", ags="8425002; 08425999"))

    assert [fault.column for fault in waiting.faulty[0].faults] == ["Name", "VZÄ", "AGS", "AGS"]


def test_measure_that_is_not_open_is_answered_by_those_that_are(coordinator):
    names = ", ".join(measure.name for measure in Measure.objects.running_on(timezone.localdate()))

    waiting = taken_in(coordinator, line(measure="Kochkurs"))

    assert faults_of(waiting) == [
        (2, "Maßnahme", "Kochkurs", f"No measure of this name is open to you. Write one of these: {names}.")
    ]


@pytest.mark.parametrize("written", ["", "im", "Integrationsmanagement", "INTEGRATION  management"])
def test_measure_is_known_by_code_and_by_both_names(coordinator, written):
    waiting = taken_in(coordinator, line(measure=written))

    assert waiting.good[0].reading[3] == "Integration management"


@pytest.mark.parametrize("measure", ["Sprachförderung", "sprachfoerderung", "SPRACHFORDERUNG"])
def test_umlauts_case_and_blanks_do_not_count(coordinator, measure):
    waiting = taken_in(coordinator, line(measure=measure, employer="landratsamt  ALB-DONAU-KREIS"))

    assert waiting.good[0].reading[2:4] == ["Landratsamt Alb-Donau-Kreis", "Language courses"]


def test_measure_of_the_state_needs_no_municipality(coordinator):
    waiting = taken_in(
        coordinator,
        line(measure="queer", ags=""),
        line(measure="queer", email="second@pik.example"),
    )

    assert [person.line for person in waiting.good] == [2]
    assert [(row, column) for row, column, *_rest in faults_of(waiting)] == [(3, "AGS")]


def test_employer_is_one_of_the_kreis_and_never_a_foreign_one(coordinator):
    body = make_organisation(kind="municipality", district="08425", name="Gemeinde Altheim")
    make_organisation(district="08426", name="Landratsamt Biberach")

    waiting = taken_in(
        coordinator,
        line(employer="Gemeinde Altheim"),
        line(employer="Landratsamt Biberach", email="second@pik.example"),
    )

    assert [person.reading[2] for person in waiting.good] == [body.name]
    assert [(row, column) for row, column, *_rest in faults_of(waiting)] == [(3, "Arbeitgeber")]


def test_employers_who_differ_in_an_umlaut_only_are_told_apart(coordinator):
    for name in ("Verein Mühl", "Verein Muhl"):
        make_organisation(kind="provider", district="08425", name=name)

    waiting = taken_in(
        coordinator, line(employer="Verein Mühl"), line(employer="verein muhl", email="second@pik.example")
    )

    assert [person.reading[2] for person in waiting.good] == ["Verein Mühl"]
    assert [row for row, *_rest in faults_of(waiting)] == [3]


@pytest.mark.parametrize("again", ["ottilie@pik.example", "OTTILIE@pik.example "])
def test_address_on_two_lines_is_wrong_on_both(coordinator, again):
    waiting = taken_in(coordinator, line(), line(email="other@pik.example"), line(email=again))

    told = "has the same address. Keep one line for each person; further posts are booked later."
    assert [(row, sentence) for row, _column, _written, sentence in faults_of(waiting)] == [
        (2, f"Line 4 {told}"),
        (4, f"Line 2 {told}"),
    ]
    assert [person.line for person in waiting.good] == [3]


def test_address_with_a_login_is_wrong(coordinator):
    make_manager(email="taken@pik.example")

    waiting = taken_in(coordinator, line(email="Taken@pik.example"))

    ((row, column, _written, sentence),) = faults_of(waiting)
    assert (row, column) == (2, "E-Mail")
    assert sentence.startswith("This e-mail address already has a login. Use another address")


def test_period_that_overlaps_another_employment_of_the_person_is_wrong(coordinator):
    own = coordinator.membership.organisation
    make_manager(organisation=own, email="back@pik.example", starts_on=date(2026, 1, 1), ends_on=date(2026, 6, 30))

    waiting = taken_in(coordinator, line(email="back@pik.example", starts_on="01.06.2026"))

    assert [(row, column) for row, column, *_rest in faults_of(waiting)] == [(2, "E-Mail")]


def test_example_of_the_template_is_refused_as_such(coordinator):
    waiting = taken_in(coordinator, line(email="erika.beispiel@example.org", fte="7"), line())

    assert faults_of(waiting) == [(2, "", "", "This is the example of the template. Delete the line.")]


def test_lists_are_deleted_after_a_day(coordinator):
    old, young = taken_in(coordinator, line()), taken_in(coordinator, line())
    yesterday = timezone.now() - timedelta(hours=25)
    ManagerList.objects.filter(pk=old.pk).update(uploaded_at=yesterday)

    purge_manager_lists()

    assert list(ManagerList.objects.all()) == [young]
    assert purge_outlived_lists() == 0


def test_discarded_list_is_gone_and_whoever_was_registered_stays(coordinator):
    waiting = register_good_rows(waiting=taken_in(coordinator, line()), coordinator=coordinator)

    discard(waiting=waiting)

    assert (ManagerList.objects.count(), Manager.objects.count()) == (0, 1)


def test_list_is_seen_by_whoever_handed_it_in_and_nobody_else():
    scene = make_scene()
    rows = {
        name: ManagerList.objects.create(
            organisation=organisation, uploaded_by=scene.readers[reader], kind="csv", language="de", head=[], rows=[]
        )
        for name, organisation, reader in (
            ("own", scene.own, "coordinator"),
            ("neighbour", scene.neighbour, "Kreis coordinator"),
            ("elsewhere", scene.foreign, "coordinator"),
            ("of a manager", scene.own, "manager"),
        )
    }

    assert {reader: seen for reader, seen in scene.seen(rows).items() if seen} == {
        "coordinator": {"own"},
        "Kreis coordinator": {"neighbour"},
    }


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_column_of_the_template_is_understood(language):
    with translation.override(language):
        heads = [str(column.label) for column in COLUMNS]

        assert set(positions_of(heads)) == {column.field for column in COLUMNS}
