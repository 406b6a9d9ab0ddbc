"""Cases that are deleted after their time: what goes, what stays, and who cannot make it happen."""

import json
import os
import subprocess
import sys
from datetime import date
from importlib import import_module

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.utils import translation

from casework.models import (
    ArchivedFigure,
    Case,
    Contact,
    Handover,
    Manager,
    MonthlyFigure,
    MonthlySummary,
    Responsibility,
    RetentionFigure,
    WithheldFigure,
)
from casework.personnel import months_of_work, proof_lines
from casework.quality import Quality
from casework.services import retention
from casework.services.cases import close_case, reopen_case
from casework.services.figures import figures_of_cases, reconcile, refresh_changed_figures
from casework.services.handovers import hand_over
from casework.services.retention import apply_retention, delete_long_closed_cases
from casework.services.summaries import summarise_again, summarise_month
from casework.tasks import apply_retention as apply_retention_task
from pik.models import AccessRecord, Draft, User
from pik.months import last_months, month_of, months_later
from tests.casework.long_closed import CLOSED, DAY, OPENED, TODAY, make_full_case, make_long_closed_case, make_past
from tests.database import owner_session, refused_by, run_sql
from tests.factories import (
    make_case,
    make_contact,
    make_manager,
    make_member,
    make_organisation,
    make_referral,
    make_transfer,
    places_of,
)

pytestmark = pytest.mark.django_db
MONTHS = last_months(48)


def _rows(model: type, *left_out: str) -> list[tuple]:
    names = [field.attname for field in model._meta.concrete_fields if field.attname not in ("id", *left_out)]
    return sorted(map(str, model.objects.values_list(*names)))


def _shown(reader: User) -> list[object]:
    """What the quality page of a reader says, of the present and of the months in which the cases were open."""
    shown = []
    for months in (last_months(13), last_months(13, until=CLOSED), last_months(13, until=months_later(OPENED, 6))):
        quality = Quality(User.objects.get(pk=reader.pk), months=months)
        shown += [quality.lines, quality.total, quality.by_month]
    return shown


def _everything() -> list[object]:
    """All that is told of past months, by way of every page."""
    people = [User.objects.get(memberships__role="ministry"), User.objects.get(memberships__role="coordinator")]
    managers = list(Manager.objects.select_related("user").order_by("pk"))
    years = range(OPENED.year, TODAY.year + 1)
    return [
        _rows(MonthlyFigure, "refreshed_at"),
        _rows(WithheldFigure),
        _rows(MonthlySummary, "created_at"),
        [_shown(reader) for reader in [*people, *(manager.user for manager in managers if manager.user.membership)]],
        [months_of_work(manager, reader=people[0], months=MONTHS) for manager in managers],
        [proof_lines(manager, reader=people[0], year=year) for manager in managers for year in years],
    ]


def _codes_left(codes: set[str]) -> list[str]:
    """Every text of every table in which one of the codes stands, as `table.column`."""
    columns = run_sql(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' "
        "AND data_type IN ('text', 'character varying', 'json', 'jsonb', 'ARRAY')"
    )
    return [
        f"{table}.{column}"
        for table, column in columns
        if run_sql(f'SELECT 1 FROM "{table}" WHERE upper("{column}"::text) ~ %s LIMIT 1', "|".join(codes))
    ]


def test_all_numbers_of_all_months_are_the_same_before_and_after():
    going = make_past()
    make_member("ministry")
    make_member("coordinator", organisation=going[0].organisation)
    reconcile(MONTHS)
    for month in MONTHS[:-1]:
        summarise_month(month)
    before = _everything()
    assert sum(MonthlyFigure.objects.filter(month=month_of(CLOSED)).values_list("cases_closed", flat=True)) == 5

    deleted = delete_long_closed_cases()

    assert deleted == 5
    assert _everything() == before
    assert refresh_changed_figures() == 0
    assert reconcile(MONTHS) == 0
    assert summarise_again() == 0
    assert _everything() == before


def test_figures_made_wholly_anew_hold_what_was_deleted():
    make_past()
    reconcile(MONTHS)
    before = _rows(MonthlyFigure, "refreshed_at")
    delete_long_closed_cases()
    MonthlyFigure.objects.all().delete()

    reconcile(MONTHS)

    assert _rows(MonthlyFigure, "refreshed_at") == before


def test_no_row_and_no_code_of_a_deleted_case_is_left():
    going = make_past()
    codes, keys = {case.code for case in going}, [case.pk for case in going]
    assert {"casework_case.code", "pik_accessrecord.subject", "pik_draft.form", "pik_draft.data"} == set(
        _codes_left(codes)
    )

    delete_long_closed_cases()

    assert _codes_left(codes) == []
    named = [
        (model, field.name)
        for model in apps.get_app_config("casework").get_models()
        for field in model._meta.concrete_fields
        if field.related_model is Case
    ]
    assert len(named) == 8
    assert {(model, name): model.objects.filter(**{f"{name}__in": keys}).count() for model, name in named} == (
        dict.fromkeys(named, 0)
    )
    assert Case.objects.count() == 4
    assert run_sql("SELECT count(*) FROM casework_retiringcase") == [(0,)]
    assert run_sql("SELECT count(*) FROM pik_forgottensubject") == [(0,)]


def test_nothing_hangs_in_the_air_after_a_deletion():
    make_past()

    delete_long_closed_cases()

    run_sql("SET CONSTRAINTS ALL IMMEDIATE")
    for table, key, of in (
        ("casework_goal", "plan_id", "casework_plan"),
        ("casework_step", "goal_id", "casework_goal"),
        ("casework_planreview", "plan_id", "casework_plan"),
    ):
        assert run_sql(f"SELECT 1 FROM {table} WHERE {key} NOT IN (SELECT id FROM {of})") == []


def test_access_log_keeps_who_read_but_not_what():
    make_past()

    delete_long_closed_cases()

    subjects = AccessRecord.objects.order_by("pk").values_list("action", "subject")
    assert list(subjects) == [("case_read", "deleted case"), ("export", "assessments")]
    with translation.override("en"):
        assert AccessRecord.objects.earliest("pk").subject_in_words == "A case that has been deleted since"


def test_drafts_of_other_forms_stay():
    make_past()

    delete_long_closed_cases()

    assert list(Draft.objects.values_list("form", flat=True)) == ["case"]


def test_archived_figures_add_up_and_tell_no_case_apart():
    manager = make_manager()
    for _ in range(3):
        case = make_long_closed_case(manager=manager)
        make_contact(case=case, date=CLOSED, minutes=10)

        delete_long_closed_cases()

    row = ArchivedFigure.objects.get(month=month_of(CLOSED))
    assert (row.manager, row.cases_closed, row.contacts, row.minutes) == (manager, 3, 3, 30)


def test_running_twice_changes_nothing():
    make_past()
    reconcile(MONTHS)
    apply_retention()
    before = [_rows(model) for model in (ArchivedFigure, Case, Contact, Responsibility)]

    apply_retention()

    assert [_rows(model) for model in (ArchivedFigure, Case, Contact, Responsibility)] == before


@pytest.mark.parametrize(
    ("closed_on", "left"),
    [
        (TODAY - DAY, 1),
        (months_later(TODAY, -settings.CASE_KEPT_MONTHS) + DAY, 1),
        (months_later(TODAY, -settings.CASE_KEPT_MONTHS), 0),
    ],
    ids=["yesterday", "one day too late", "to the day"],
)
def test_case_goes_on_the_day_that_is_announced(closed_on, left):
    case = make_long_closed_case(closed_on=closed_on)

    delete_long_closed_cases()

    assert (case.goes_on <= TODAY, Case.objects.count()) == (left == 0, left)


def test_case_whose_end_is_entered_late_is_kept_from_the_entry():
    case = close_case(case=make_case(opened_on=OPENED), closed_on=CLOSED, reason="moved")

    apply_retention()

    assert Case.objects.get().goes_on == months_later(TODAY, settings.CASE_KEPT_MONTHS) == case.goes_on
    rows = RetentionFigure.objects.values_list("month", "cases_going")
    assert list(rows) == [(month_of(case.goes_on), 1)]


def test_case_that_is_reopened_past_its_limit_is_not_deleted_the_night_after():
    case = make_long_closed_case(opened_on=months_later(TODAY, -6 * 12), closed_on=months_later(TODAY, -3 * 12))
    reopen_case(case=case)
    reopened = Case.objects.values_list("closed_on", "closing_entered_on").get()

    apply_retention()

    assert reopened == (None, None)
    assert list(Case.objects.values_list("closed_on", "closing_entered_on")) == [(case.limit_on, TODAY)]


def test_end_that_is_written_past_the_service_counts_as_entered_today():
    case = make_case(opened_on=OPENED)

    Case.objects.filter(pk=case.pk).update(closed_on=CLOSED, closing_reason="moved")

    assert Case.objects.get().closing_entered_on == TODAY
    with refused_by("case_is_kept"):
        _retire(case)
    Case.objects.filter(pk=case.pk).update(closed_on=None, closing_reason="")
    assert Case.objects.get().closing_entered_on is None


def test_case_whose_end_was_entered_so_long_ago_goes():
    case = close_case(case=make_case(opened_on=OPENED), closed_on=CLOSED, reason="moved")
    kept = settings.CASE_KEPT_MONTHS
    Case.objects.filter(pk=case.pk).update(closing_entered_on=months_later(TODAY, -kept) + DAY)
    too_early = delete_long_closed_cases()
    Case.objects.filter(pk=case.pk).update(closing_entered_on=months_later(TODAY, -kept))

    assert (too_early, delete_long_closed_cases()) == (0, 1)


def test_open_case_stays_however_old_it_is():
    make_case(opened_on=date(2017, 1, 1))

    assert delete_long_closed_cases() == 0


def _late_contact(case: Case) -> None:
    Case.objects.filter(pk=case.pk).update(closed_on=TODAY)
    make_contact(case=case, date=TODAY - 5 * DAY)
    Case.objects.filter(pk=case.pk).update(closed_on=CLOSED, closing_entered_on=CLOSED)


def _late_referral(case: Case) -> None:
    Case.objects.filter(pk=case.pk).update(closed_on=None, closing_reason="")
    make_referral(case=case, referred_on=TODAY - 5 * DAY)
    Case.objects.filter(pk=case.pk).update(closed_on=CLOSED, closing_entered_on=CLOSED, closing_reason="moved")


def _running_plan(case: Case) -> None:
    case.plans.create(starts_on=OPENED)


@pytest.mark.parametrize("late", [_late_contact, _late_referral])
def test_case_that_ended_before_its_last_entry_goes_on_the_day_that_is_shown(late):
    case = make_long_closed_case()
    late(case)
    migration = import_module("casework.migrations.0037_last_entries_of_closed_cases")

    run_sql(migration.LAST_ENTRY)

    case.refresh_from_db()
    assert case.goes_on == months_later(TODAY - 5 * DAY, settings.CASE_KEPT_MONTHS)


@pytest.mark.parametrize("late", [_late_contact, _late_referral, _running_plan])
def test_case_with_something_that_counts_in_an_open_month_stays(late):
    case = make_long_closed_case()
    late(case)
    make_long_closed_case()

    deleted = delete_long_closed_cases()

    assert (deleted, Case.objects.get()) == (1, case)


def test_run_that_breaks_off_leaves_whole_batches(monkeypatch):
    make_past()
    reconcile(MONTHS)
    before = _rows(MonthlyFigure, "refreshed_at")
    monkeypatch.setattr(retention, "DELETED_AT_ONCE", 2)
    batches, real = [], retention.figures.figures_of_cases

    def breaking(cursor, cases):
        batches.append(cases)
        if len(batches) == 2:
            raise KeyboardInterrupt
        return real(cursor, cases)

    monkeypatch.setattr(retention.figures, "figures_of_cases", breaking)
    with pytest.raises(KeyboardInterrupt):
        delete_long_closed_cases()
    half = Case.objects.count()
    reconcile(MONTHS)
    after_half = _rows(MonthlyFigure, "refreshed_at")

    deleted = delete_long_closed_cases()

    reconcile(MONTHS)
    assert (half, deleted, Case.objects.count()) == (7, 3, 4)
    assert before == after_half == _rows(MonthlyFigure, "refreshed_at")


def test_handover_of_deleted_cases_counts_as_carried_out():
    manager = make_manager()
    colleague = make_manager(organisation=manager.organisation)
    case = make_case(manager=manager, opened_on=OPENED)
    handover = hand_over(manager=manager, starts_on=TODAY, reason="balance", decided_by=manager.user, rest=colleague)
    Case.objects.filter(pk=case.pk).update(closed_on=CLOSED, closing_entered_on=CLOSED, closing_reason="moved")

    delete_long_closed_cases()

    (row,) = Handover.objects.all().given_or_received_by(manager)
    assert (row, row.holds) == (handover, True)


# Who cannot make it happen.


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


def test_installation_that_keeps_cases_less_than_a_year_does_not_start():
    environment = os.environ | {"CASE_KEPT_MONTHS": "11", "SECRET_KEY": "x", "PIK_LOCAL": "1"}

    done = subprocess.run(
        [sys.executable, "-c", "import pik.settings"], env=environment, check=False, capture_output=True, text=True
    )

    assert done.stderr.splitlines()[-1] == (
        "django.core.exceptions.ImproperlyConfigured: CASE_KEPT_MONTHS: a closed case is kept for at least 12 months."
    )


def test_task_of_the_night_ends_deletes_and_counts():
    manager = make_manager()
    over = make_case(manager=manager, opened_on=months_later(TODAY, -settings.CASE_LIMIT_MONTHS) - DAY)
    make_long_closed_case(manager=manager)

    apply_retention_task()

    assert Case.objects.get().pk == over.pk
    assert list(RetentionFigure.objects.values_list("cases_ending", "cases_going")) == [(0, 1)]
