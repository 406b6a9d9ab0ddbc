import logging
from datetime import date

import pytest
from django.utils import timezone

from casework.models import Manager, MonthlyFigure
from casework.services.figures import reconcile, reconcile_month, reconcile_together, refresh_changed_figures
from pik.months import add_months, last_months, month_of
from tests.casework.slow_count import counted_slowly, noted, stored
from tests.database import run_sql
from tests.factories import make_case, make_contact

pytestmark = pytest.mark.django_db
THIS = month_of(timezone.localdate())
LAST, BEFORE_LAST = add_months(THIS, -1), add_months(THIS, -2)


def _figure(manager: Manager, month: date) -> MonthlyFigure:
    return MonthlyFigure.objects.get(manager=manager, month=month)


def test_reconcile_repairs_what_raw_sql_has_damaged(caplog):
    case = make_case(opened_on=BEFORE_LAST)
    make_contact(case=case, date=LAST)
    refresh_changed_figures()
    right = stored()

    run_sql("UPDATE casework_monthlyfigure SET contacts = 99 WHERE month = %s", LAST)
    run_sql("DELETE FROM casework_monthlyfigure WHERE month = %s", THIS)
    run_sql("UPDATE casework_monthlyfigure SET municipality_id = '08115003' WHERE month = %s", BEFORE_LAST)
    with caplog.at_level(logging.INFO):
        changed = reconcile()

    # The row in the wrong place goes, the one in the right place comes.
    assert changed == 4
    assert stored() == right
    assert [record.message for record in caplog.records if record.name == "casework.services.figures"] == [
        "reconcile corrected 4 figures"
    ]


def test_reconcile_repairs_a_figure_in_the_wrong_kreis():
    case = make_case(opened_on=THIS)
    refresh_changed_figures()
    MonthlyFigure.objects.update(district="08115")

    changed = reconcile_month(THIS)

    assert changed == 1
    assert _figure(case.opened_by, THIS).district_id == case.municipality_id[:5] != "08115"


def test_reconcile_of_a_month_leaves_the_others_alone():
    case = make_case(opened_on=BEFORE_LAST)
    refresh_changed_figures()
    run_sql("UPDATE casework_monthlyfigure SET contacts = 99")

    changed = reconcile_month(LAST)

    assert changed == 1
    assert [_figure(case.opened_by, month).contacts for month in (BEFORE_LAST, LAST, THIS)] == [99, 0, 99]


def test_reconcile_of_several_months_together_makes_what_each_alone_would():
    case = make_case(opened_on=BEFORE_LAST)
    make_contact(case=case, date=LAST)
    refresh_changed_figures()
    right = stored()
    run_sql("UPDATE casework_monthlyfigure SET contacts = 99, cases_open = 7")

    changed = reconcile_together([LAST, BEFORE_LAST])

    assert changed == 2
    assert (reconcile_month(THIS), stored()) == (1, right)


def test_reconcile_finds_cases_that_nothing_happened_to_in_a_new_month():
    case = make_case(opened_on=BEFORE_LAST)
    refresh_changed_figures()
    MonthlyFigure.objects.filter(month=THIS).delete()

    reconcile()

    assert _figure(case.opened_by, THIS).cases_open == 1


def test_reconcile_works_off_what_was_noted_for_older_months_too():
    case = make_case(opened_on=add_months(THIS, -30))

    reconcile()

    months = set(MonthlyFigure.objects.filter(manager=case.opened_by).values_list("month", flat=True))
    assert months == set(last_months(31))
    assert noted() == set()
    assert stored() == counted_slowly()
