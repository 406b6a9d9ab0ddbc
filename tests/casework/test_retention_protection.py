"""Who cannot delete a case, and with which figures it cannot go."""

import json

import psycopg
import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from casework.models import ArchivedFigure, Case, Responsibility
from casework.services.figures import figures_of_cases
from casework.services.retention import delete_long_closed_cases
from pik.models import AccessRecord
from pik.months import months_later
from tests.casework.long_closed import CLOSED, DAY, OPENED, TODAY, make_full_case, make_long_closed_case, make_past
from tests.database import owner_session, refused_by, run_sql
from tests.factories import (
    make_case,
    make_contact,
    make_manager,
    make_member,
    make_organisation,
    make_transfer,
    places_of,
)

pytestmark = pytest.mark.django_db


def _retire(*cases: Case, kept: int = 24, figures: str = "[]") -> list[tuple]:
    keys = [case.pk for case in cases]
    return run_sql("SELECT casework_retire_cases(%s::bigint[], %s, %s::jsonb)", keys, kept, figures)


def test_function_refuses_a_case_before_its_time_whoever_calls_it():
    old, young = make_long_closed_case(), make_long_closed_case(closed_on=TODAY - 40 * DAY)

    with refused_by("case_is_kept"):
        _retire(old, young)
    with refused_by("case_is_kept"):
        _retire(make_case())
    with refused_by("case_kept_for_a_year"):
        _retire(young, kept=1)


def test_function_refuses_figures_that_are_not_those_of_the_cases():
    make_contact(case=make_long_closed_case(), date=CLOSED)

    with refused_by("archived_figures_of_the_cases"):
        _retire(Case.objects.get())

    assert (Case.objects.count(), ArchivedFigure.objects.count()) == (1, 0)


def _figures_of(case: Case) -> list[dict]:
    with connection.cursor() as cursor:
        return json.loads(figures_of_cases(cursor, [case.pk]))


@pytest.mark.parametrize(
    "wrong",
    [
        {"month": f"{months_later(TODAY, -1):%Y-%m-01}"},
        {"month": "2017-01-01"},
        {"manager_id": 0},
        {"cases_open": 2},
        {"cases_opened": 2},
        {"plans_new": 1},
        {"goals_ended": 1},
        {"goals_reached": 1},
        {"referrals_arrived": 1},
        {"reviews_overdue": 1},
        {"reliance_change": 3},
        {"cases_open": -1},
    ],
    ids=lambda wrong: "-".join(f"{name}-{value}" for name, value in wrong.items()),
)
def test_function_refuses_figures_that_the_cases_cannot_have(wrong):
    case = make_long_closed_case()
    figures = _figures_of(case)

    with pytest.raises(IntegrityError), transaction.atomic():
        _retire(case, figures=json.dumps([figures[0] | wrong, *figures[1:]]))

    assert _retire(case, figures=json.dumps(figures)) == [(1,)]


@pytest.mark.parametrize("key", ["organisation_id", "municipality_id", "measure_id", "manager_id"])
def test_function_refuses_figures_that_count_elsewhere(key):
    body = make_organisation(district="08115")
    manager, colleague = (make_manager(organisation=body, municipalities=places_of(body, 2)) for _ in range(2))
    case, other = make_full_case(manager, colleague), make_case(measure="jbh")
    wrong = {key: other.opened_by_id if key == "manager_id" else getattr(other, key)}
    figures = _figures_of(case)

    for number, row in enumerate(figures):
        with refused_by("archived_figures_of_the_cases"):
            _retire(case, figures=json.dumps([*figures[:number], row | wrong, *figures[number + 1 :]]))

    assert len(figures) > 10
    assert _retire(case, figures=json.dumps(figures)) == [(1,)]


@pytest.mark.parametrize(
    "names",
    [("contacts", "minutes"), ("goals_ended", "goals_reached"), ("plans_new",), ("plans_ended",), ("cases_closed",)],
)
def test_function_refuses_figures_that_were_in_another_month(names):
    manager = make_manager(organisation=make_organisation(district="08115"))
    case = make_full_case(manager, make_manager(organisation=manager.organisation))
    figures = sorted(_figures_of(case), key=lambda row: row["month"])
    there = next(row for row in figures if row[names[0]])
    elsewhere = next(row for row in figures if row[names[0]] != there[names[0]] or row["minutes"] != there["minutes"])

    for name in names:
        there[name], elsewhere[name] = elsewhere[name], there[name]

    with refused_by("archived_figures_of_the_cases"):
        _retire(case, figures=json.dumps(figures))


def test_function_refuses_an_open_case_in_a_month_after_its_end():
    case = make_long_closed_case()
    figures = sorted(_figures_of(case), key=lambda row: row["month"])
    figures[1]["month"] = f"{months_later(CLOSED, 2):%Y-%m-01}"

    with refused_by("archived_figures_of_the_cases"):
        _retire(case, figures=json.dumps(figures))


def test_function_refuses_a_row_without_numbers_of_somebody_else():
    case, other = make_long_closed_case(), make_manager()
    figures = _figures_of(case)
    nothing = {
        name: 0 if isinstance(value, int) and not name.endswith("_id") else value for name, value in figures[1].items()
    }

    with refused_by("archived_figures_of_the_cases"):
        _retire(case, figures=json.dumps([*figures, nothing | {"manager_id": other.pk}]))


@pytest.mark.parametrize("table", ["assessment", "planreview", "casephase", "relocation", "transfer"])
def test_what_a_case_has_gone_through_is_not_deleted_by_hand(table):
    make_past()
    make_transfer(case=make_case())

    with refused_by("case_history_is_kept"):
        run_sql(f"DELETE FROM casework_{table}")


def test_case_and_who_answered_for_it_are_not_deleted_by_hand():
    case = make_long_closed_case()

    with refused_by("responsibility_past_is_kept"):
        Responsibility.objects.filter(case=case).delete()
    with refused_by("case_is_kept"):
        run_sql("DELETE FROM casework_case WHERE id = %s", case.pk)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO casework_retiringcase SELECT id FROM casework_case",
        "INSERT INTO pik_forgottensubject VALUES ('ledger', '')",
        "UPDATE casework_archivedfigure SET contacts = 0",
        "DELETE FROM casework_archivedfigure",
        "SELECT pik_forget_subjects(ARRAY['ledger'], ARRAY[''])",
    ],
)
def test_application_has_no_right_to_lift_the_protection(statement):
    make_long_closed_case()

    with pytest.raises(ProgrammingError, match="permission denied"):
        run_sql(statement)


@pytest.mark.django_db(transaction=True)
def test_owner_is_refused_as_well():
    make_contact(case=make_long_closed_case(), date=CLOSED)
    make_long_closed_case(closed_on=TODAY)
    user = make_member("auditor", organisation=make_organisation(kind="audit"))
    AccessRecord.objects.create(user=user, action="export", subject="ledger")
    delete_long_closed_cases()

    with owner_session() as session:
        for statement in (
            "DELETE FROM casework_case",
            "DELETE FROM casework_responsibility",
            "DELETE FROM casework_archivedfigure",
            "UPDATE casework_archivedfigure SET contacts = 0",
            "UPDATE pik_accessrecord SET subject = 'deleted case'",
            "DELETE FROM pik_accessrecord",
        ):
            with pytest.raises((psycopg.errors.CheckViolation, psycopg.errors.RaiseException)):
                session.execute(statement)


def test_end_that_is_written_past_the_service_counts_as_entered_today():
    case = make_case(opened_on=OPENED)

    Case.objects.filter(pk=case.pk).update(closed_on=CLOSED, closing_reason="moved")

    assert Case.objects.get().closing_entered_on == TODAY
    with refused_by("case_is_kept"):
        _retire(case)
    Case.objects.filter(pk=case.pk).update(closed_on=None, closing_reason="")
    assert Case.objects.get().closing_entered_on is None


def test_end_is_not_entered_in_former_times():
    case = make_case(opened_on=OPENED)

    Case.objects.filter(pk=case.pk).update(closed_on=CLOSED, closing_entered_on=CLOSED, closing_reason="other")

    assert Case.objects.get().closing_entered_on == TODAY
    with refused_by("case_is_kept"):
        _retire(case, kept=12, figures=json.dumps(_figures_of(case)))


def test_end_that_moves_counts_as_entered_today():
    case = make_long_closed_case()

    Case.objects.filter(pk=case.pk).update(closed_on=CLOSED - DAY)

    assert Case.objects.get().closing_entered_on == TODAY


@pytest.mark.parametrize("day", [CLOSED - DAY, CLOSED + DAY, None])
def test_when_an_end_was_entered_is_not_changed(day):
    case = make_long_closed_case()

    with refused_by("closing_entry_is_kept"):
        Case.objects.filter(pk=case.pk).update(closing_entered_on=day)
