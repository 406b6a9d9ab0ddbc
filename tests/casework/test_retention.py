"""Cases that are deleted after their time: what goes and what stays."""

import os
import subprocess
import sys
from datetime import date
from importlib import import_module

import pytest
from django.apps import apps
from django.conf import settings
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
from casework.services.figures import reconcile, refresh_changed_figures
from casework.services.handovers import hand_over
from casework.services.retention import apply_retention, delete_long_closed_cases
from casework.services.summaries import summarise_again, summarise_month
from casework.tasks import apply_retention as apply_retention_task
from pik.models import AccessRecord, Draft, User
from pik.months import last_months, month_of, months_later
from tests.casework.long_closed import (
    CLOSED,
    DAY,
    OPENED,
    TODAY,
    enter_closing,
    make_long_closed_case,
    make_past,
)
from tests.database import run_as_owner, run_sql
from tests.factories import (
    make_case,
    make_contact,
    make_manager,
    make_member,
    make_referral,
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


def test_case_whose_end_was_entered_so_long_ago_goes():
    case = close_case(case=make_case(opened_on=OPENED), closed_on=CLOSED, reason="moved")
    kept = settings.CASE_KEPT_MONTHS
    enter_closing(case, months_later(TODAY, -kept) + DAY)
    too_early = delete_long_closed_cases()
    enter_closing(case, months_later(TODAY, -kept))

    assert (too_early, delete_long_closed_cases()) == (0, 1)


def test_open_case_stays_however_old_it_is():
    make_case(opened_on=date(2017, 1, 1))

    assert delete_long_closed_cases() == 0


def _late_contact(case: Case) -> None:
    Case.objects.filter(pk=case.pk).update(closed_on=TODAY)
    make_contact(case=case, date=TODAY - 5 * DAY)
    Case.objects.filter(pk=case.pk).update(closed_on=CLOSED)
    enter_closing(case, CLOSED)


def _late_referral(case: Case) -> None:
    Case.objects.filter(pk=case.pk).update(closed_on=None, closing_reason="")
    make_referral(case=case, referred_on=TODAY - 5 * DAY)
    Case.objects.filter(pk=case.pk).update(closed_on=CLOSED, closing_reason="moved")
    enter_closing(case, CLOSED)


def _running_plan(case: Case) -> None:
    case.plans.create(starts_on=OPENED)


@pytest.mark.parametrize("late", [_late_contact, _late_referral])
def test_case_that_ended_before_its_last_entry_goes_on_the_day_that_is_shown(late):
    case = make_long_closed_case()
    late(case)
    migration = import_module("casework.migrations.0037_last_entries_of_closed_cases")

    run_as_owner(migration.LAST_ENTRY)

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
    Case.objects.filter(pk=case.pk).update(closed_on=CLOSED, closing_reason="moved")
    enter_closing(case, CLOSED)

    delete_long_closed_cases()

    (row,) = Handover.objects.all().given_or_received_by(manager)
    assert (row, row.holds) == (handover, True)


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
