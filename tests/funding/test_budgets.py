from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import ProgrammingError
from django.utils import timezone

from casework.services.summaries import summarise_month
from funding.models import Budget, LedgerEntry
from funding.money import Balance, balances, years_to_show, years_with_budget
from tests.database import refused_by, run_sql
from tests.factories import make_award, make_budget, make_manager, make_member, make_organisation

pytestmark = pytest.mark.django_db


def test_second_budget_of_a_measure_and_year_is_refused():
    with refused_by("budget_one_per_measure_and_year"):
        make_budget(measure="im", year=2026)


@pytest.mark.parametrize("year", [2016, 2101])
def test_budget_outside_the_years_of_the_pact_is_refused(year):
    with refused_by("budget_year_of_the_pact"):
        make_budget(year=year)


def test_budget_is_never_deleted():
    budget = make_budget()

    with pytest.raises(ProgrammingError, match="permission denied"):
        run_sql("DELETE FROM funding_budget WHERE id = %s", budget.pk)


def test_budget_is_the_sum_of_its_entries():
    budget = make_budget(year=2030, amount="1000.10")
    LedgerEntry.objects.create(kind="budget", budget=budget, amount=Decimal("0.90"), reason="supplement")
    make_award(budget=budget, amount="300.01")
    make_award(budget=budget, amount="0.99")

    found = balances(2030)

    assert found == {"im": Balance(budget=Decimal("1001.00"), allocated=Decimal("301.00"))}
    assert found["im"].free == Decimal("700.00")


def test_budget_without_award_is_free_altogether():
    balance = balances(2026)["queer"]

    assert (balance.allocated, balance.free) == (Decimal("0.00"), Decimal("300000.00"))


def test_balances_of_a_year_stand_in_the_order_of_the_measures():
    assert list(balances(2026)) == ["im", "deutsch", "bws", "inturo", "queer", "jbh"]
    assert list(balances(2025)) == ["im", "deutsch", "bws", "inturo", "jbh"]
    assert balances(2024) == {}


def test_balances_add_up_to_the_pact():
    total = sum(balances(2026).values(), Balance())

    assert (total.budget, total.allocated) == (Decimal("62220000.00"), Decimal("0.00"))


def test_years_with_budget_begin_with_the_latest():
    make_budget(year=2031)

    assert years_with_budget() == [2031, 2026, 2025]


def test_years_to_show_reach_from_the_first_figures_to_the_last_budget():
    make_budget(year=2028)
    make_manager(starts_on=date(2023, 1, 1))
    summarise_month(date(2023, 12, 1))

    assert years_to_show() == [2028, 2027, 2026, 2025, 2024, 2023]


def test_ledger_is_chosen_by_year_measure_and_kind():
    budget = make_budget(measure="jbh", year=2030)
    award = make_award(budget=budget)
    entries = LedgerEntry.objects.all()

    assert set(entries.chosen({"year": 2030, "kind": "award"})) == {award}
    assert entries.chosen({"year": 2030, "measure": "jbh"}).count() == 2
    assert entries.chosen({"year": 2030, "measure": "im"}).count() == 0
    assert entries.chosen({}).count() == entries.count()


def test_ledger_page_begins_with_the_latest_entry():
    budget, ministry, body = make_budget(), make_member("ministry"), make_organisation()
    first, second = (make_award(budget=budget, booked_by=ministry, recipient=body) for _ in range(2))

    page = list(LedgerEntry.objects.filter(budget=budget, kind="award").for_ledger_page())

    assert page == [second, first]
    assert page[0].booked_at - timezone.now() < timedelta(minutes=1)


def test_budget_names_measure_and_year():
    assert str(Budget.objects.get(measure="im", year=2026)) == "im 2026"


@pytest.mark.django_db
def test_budget_keeps_its_measure_and_year():
    budget = make_budget()

    with pytest.raises(ProgrammingError, match="permission denied"):
        Budget.objects.filter(pk=budget.pk).update(year=budget.year + 1)
