"""Cases that end because their funding time is over."""

from datetime import date, timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from casework.models import Case, MonthlyFigure, Responsibility
from casework.services import retention
from casework.services.case_file import extend_case, record_consent
from casework.services.cases import reopen_case
from casework.services.figures import refresh_changed_figures
from casework.services.phases import move_case
from casework.services.plans import make_plan
from casework.services.retention import apply_retention, end_outlived_cases
from pik.models import Measure
from pik.months import add_months, earliest_reaching, month_of, months_later
from tests.casework.slow_count import counted_slowly, stored
from tests.factories import make_assessment, make_case, make_contact, make_goal, make_manager, make_transfer

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)
# Its third year ended five days ago.
OVER = months_later(TODAY - 5 * DAY, -settings.CASE_LIMIT_MONTHS)


def _ended(case: Case) -> tuple[date | None, str]:
    return Case.objects.values_list("closed_on", "closing_reason").get(pk=case.pk)


def test_case_ends_on_the_last_day_of_its_funding_time():
    case = make_case(opened_on=OVER)

    ended = end_outlived_cases()

    assert (ended, _ended(case)) == (1, (case.limit_on, "time_limit"))
    assert case.limit_on == TODAY - 5 * DAY


@pytest.mark.parametrize(
    ("opened_on", "ended"),
    [
        (months_later(TODAY, -settings.CASE_LIMIT_MONTHS), 0),
        (earliest_reaching(TODAY, settings.CASE_LIMIT_MONTHS) - DAY, 1),
    ],
    ids=["last day today", "last day yesterday"],
)
def test_case_is_open_on_its_last_day(opened_on, ended):
    make_case(opened_on=opened_on)

    assert end_outlived_cases() == ended


def test_youth_case_ends_as_well():
    case = make_case(measure="jbh", opened_on=OVER)

    end_outlived_cases()

    assert _ended(case) == (case.limit_on, "time_limit")


def test_case_in_its_fourth_year_lasts_until_the_end_of_that():
    manager = make_manager()
    case = make_case(manager=manager, opened_on=OVER)
    extend_case(case=case, reason="health", user=manager.user)
    last = months_later(TODAY - DAY, -settings.CASE_EXTENDED_MONTHS)
    other = make_case(manager=manager, opened_on=last)
    extend_case(case=other, reason="care", user=manager.user)

    end_outlived_cases()

    assert (_ended(case), _ended(other)) == ((None, ""), (TODAY - DAY, "time_limit"))


def _contact(case: Case, day: date) -> None:
    make_contact(case=case, date=day)


def _assessment(case: Case, day: date) -> None:
    make_assessment(case=case, assessed_on=day)


def _plan(case: Case, day: date) -> None:
    make_plan(case=case, agreed_on=day)


def _phase(case: Case, day: date) -> None:
    record_consent(case=case, consent_on=case.opened_on)
    move_case(case=case, phase="assessment", starts_on=day, user=case.opened_by.user)


@pytest.mark.parametrize("record", [_contact, _assessment, _plan, _phase])
def test_case_with_a_later_entry_ends_with_that_entry(record):
    case = make_case(opened_on=OVER)
    record(case, TODAY - 2 * DAY)

    end_outlived_cases()

    assert _ended(case) == (TODAY - 2 * DAY, "time_limit")


def test_plan_and_offer_end_with_the_case_and_figures_follow():
    manager = make_manager()
    case = make_case(manager=manager, opened_on=OVER)
    make_goal(case=case)
    transfer = make_transfer(case=case)
    make_contact(case=case, date=TODAY - 40 * DAY)

    apply_retention()

    refresh_changed_figures()
    transfer.refresh_from_db()
    assert (case.plans.get().ends_on, transfer.state) == (case.limit_on, "withdrawn")
    month = MonthlyFigure.objects.get(manager=manager, month=month_of(case.limit_on))
    assert (month.cases_open, month.cases_closed, month.plans_ended, month.plans_active) == (0, 1, 1, 0)
    assert stored() == counted_slowly()
    assert Responsibility.objects.filter(case=case).count() == 1


def test_one_that_cannot_be_closed_keeps_no_other_from_it(monkeypatch, caplog):
    monkeypatch.setattr(retention, "ENDED_AT_ONCE", 1)
    cases = [make_case(measure=measure, opened_on=OVER) for measure in ("im", "jbh", "im")]
    # Since then the measure is said to have begun later.
    Measure.objects.filter(pk="jbh").update(starts_on=TODAY)

    ended = end_outlived_cases()

    assert (ended, [_ended(case)[1] for case in cases]) == (2, ["time_limit", "", "time_limit"])
    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == [
        "retention: a case past its funding time could not be closed"
    ]


def test_run_that_breaks_off_leaves_whole_batches(monkeypatch):
    manager = make_manager()
    cases = [make_case(manager=manager, opened_on=OVER) for _ in range(3)]
    monkeypatch.setattr(retention, "ENDED_AT_ONCE", 2)
    real, closed = retention.close_case, []

    def breaking(**values):
        closed.append(values)
        if len(closed) == 3:
            raise KeyboardInterrupt
        return real(**values)

    monkeypatch.setattr(retention, "close_case", breaking)
    with pytest.raises(KeyboardInterrupt):
        end_outlived_cases()
    after_kill = Case.objects.open().count()

    ended = end_outlived_cases()

    assert (after_kill, ended, [_ended(case)[1] for case in cases]) == (1, 1, ["time_limit"] * 3)


def test_running_twice_changes_nothing():
    case = make_case(opened_on=OVER)
    end_outlived_cases()
    before = Case.objects.values().get(pk=case.pk)

    assert end_outlived_cases() == 0

    assert Case.objects.values().get(pk=case.pk) == before


def test_reopened_case_ends_again_unless_it_gets_its_fourth_year():
    manager = make_manager()
    cases = [make_case(manager=manager, opened_on=OVER) for _ in range(2)]
    end_outlived_cases()
    for case in cases:
        reopen_case(case=case)
    extend_case(case=cases[1], reason="health", user=manager.user)

    end_outlived_cases()

    assert [_ended(case)[1] for case in cases] == ["time_limit", ""]


def test_days_of_the_database_and_of_the_pages_are_the_same():
    """Also at the ends of months of different length."""
    days = [add_months(date(2024, 1, 1), month) + timedelta(days=day) for month in range(26) for day in (0, 26, 27, 28)]
    days += [add_months(date(2024, 1, 1), month) - DAY * back for month in range(26) for back in (1, 2, 3)]

    for day in days:
        for count in (6, 24, 36):
            earliest = earliest_reaching(day, count)
            assert months_later(earliest, count) >= day > months_later(earliest - DAY, count)
