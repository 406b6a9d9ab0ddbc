"""Versions of summaries are never altered, doubled or half written."""

from datetime import timedelta

import psycopg
import pytest
from django.utils import timezone

from casework.models import Contact, Manager, MonthlySummary
from casework.services.figures import LOCK, refresh_changed_figures
from casework.services.summaries import summarise_month
from casework.tasks import reconcile_figures, summarise_last_month
from pik.models import Organisation
from pik.months import add_months, month_of
from tests.database import (
    app_session,
    owner_session,
    refused_by,
    refused_by_trigger,
    run_sql,
    sessions_waiting_for,
    side_by_side,
)
from tests.factories import (
    make_case,
    make_contact,
    make_manager,
    make_organisation,
)

TODAY, DAY = timezone.localdate(), timedelta(days=1)
THIS = month_of(TODAY)
LAST, BEFORE_LAST = add_months(THIS, -1), add_months(THIS, -2)
LAST_DAY = THIS - DAY
NUMBERS = ("cases_open", "cases_opened", "cases_closed", "contacts", "minutes")


def _versions(organisation: Organisation, **conditions: object) -> list[MonthlySummary]:
    found = MonthlySummary.objects.filter(organisation=organisation, month=LAST, **conditions)
    return list(found.order_by("measure_id", "version"))


def _numbers(summary: MonthlySummary) -> tuple:
    return tuple(getattr(summary, name) for name in NUMBERS)


def _a_month(manager: Manager | None = None) -> Contact:
    """One case opened and one contact of 40 minutes in the last month, with its figures."""
    contact = make_contact(case=make_case(manager=manager or make_manager(), opened_on=LAST), date=LAST, minutes=40)
    refresh_changed_figures()
    return contact


@pytest.mark.django_db
@pytest.mark.parametrize("name", [*NUMBERS, "heads", "fte", "version", "rule_version"])
def test_summary_cannot_be_changed(name):
    _a_month()
    summarise_month(LAST)

    with refused_by_trigger("permission denied for table casework_monthlysummary"):
        run_sql(f"UPDATE casework_monthlysummary SET {name} = {name} + 1")
    with refused_by_trigger("permission denied for table casework_monthlysummary"):
        MonthlySummary.objects.update(**{name: 77})


@pytest.mark.django_db
def test_summary_cannot_be_moved_or_rehashed():
    contact = _a_month()
    summarise_month(LAST)
    others = {"month": BEFORE_LAST, "organisation": make_organisation(), "measure": "jbh", "inputs_hash": "x"}

    for values in [{name: value} for name, value in {**others, "counts": {"a": 1}}.items()]:
        with refused_by_trigger("permission denied for table casework_monthlysummary"):
            MonthlySummary.objects.filter(organisation=contact.organisation).update(**values)


@pytest.mark.django_db
def test_summary_cannot_be_deleted():
    _a_month()
    summarise_month(LAST)

    with refused_by_trigger("permission denied for table casework_monthlysummary"):
        run_sql("DELETE FROM casework_monthlysummary")
    with refused_by_trigger("permission denied for table casework_monthlysummary"):
        MonthlySummary.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_summary_cannot_be_changed_or_deleted_by_the_owner_either():
    _a_month()
    summarise_month(LAST)

    with owner_session() as owner:
        for statement in ("UPDATE casework_monthlysummary SET heads = 9", "DELETE FROM casework_monthlysummary"):
            with pytest.raises(psycopg.errors.RaiseException):
                owner.execute(statement)

    assert MonthlySummary.objects.get().heads == 1


@pytest.mark.django_db
def test_only_one_version_is_in_force():
    contact = _a_month()
    summarise_month(LAST)
    make_contact(case=contact.case, date=LAST)
    refresh_changed_figures()
    summarise_month(LAST)

    with refused_by("summary_one_in_force"):
        MonthlySummary.objects.update(superseded=False)


@pytest.mark.django_db
def test_version_is_written_once_and_for_a_whole_month():
    _a_month()
    summarise_month(LAST)
    row = MonthlySummary.objects.values().get()
    del row["id"]

    with refused_by("summary_version_once"):
        MonthlySummary.objects.create(**{**row, "superseded": True})
    with refused_by("summary_month_is_first_day"):
        MonthlySummary.objects.create(**{**row, "version": 2, "superseded": True, "month": LAST + DAY})


# At once, or killed.


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_write_each_version_once():
    contact = _a_month()

    def summarise_twice() -> list[object]:
        with app_session() as session:
            session.execute("SELECT pg_advisory_xact_lock(hashtext('casework.summaries'))")

            def release() -> None:
                sessions_waiting_for(session, 2)
                session.commit()

            return side_by_side(release, lambda: summarise_month(LAST), lambda: summarise_month(LAST))

    first = summarise_twice()
    make_contact(case=contact.case, date=LAST)
    refresh_changed_figures()
    second = summarise_twice()

    assert (first[0], sorted(first[1:]), second[0], sorted(second[1:])) == (None, [0, 1], None, [0, 1])
    assert [(row.version, row.superseded) for row in _versions(contact.organisation)] == [(1, True), (2, False)]


@pytest.mark.django_db(transaction=True)
def test_run_that_fails_in_the_middle_leaves_the_old_version_in_force(monkeypatch):
    contact = _a_month()
    summarise_month(LAST)
    make_contact(case=contact.case, date=LAST)
    refresh_changed_figures()

    def fail(*args: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(MonthlySummary.objects, "bulk_create", fail)
        with pytest.raises(RuntimeError):
            summarise_month(LAST)

    assert [(row.version, row.superseded) for row in _versions(contact.organisation)] == [(1, False)]
    assert summarise_month(LAST) == 1


@pytest.mark.django_db(transaction=True)
def test_summary_of_the_first_day_waits_for_a_refresh_that_runs():
    contact = make_contact(case=make_case(opened_on=LAST), date=LAST)

    with app_session() as session:
        session.execute(LOCK)

        def release() -> None:
            # Long enough for a task that would not wait to be through.
            session.execute("SELECT pg_sleep(0.3)")
            session.commit()

        assert side_by_side(summarise_last_month, release) == [None, None]

    assert [row.contacts for row in _versions(contact.organisation)] == [1]


@pytest.mark.django_db
def test_month_whose_first_day_passed_without_a_worker_is_made_up_for():
    last_month = add_months(month_of(timezone.localdate()), -1)
    make_contact(case=make_case(opened_on=last_month), date=last_month)

    reconcile_figures()

    assert MonthlySummary.objects.get(month=last_month, contacts=1).version == 1
