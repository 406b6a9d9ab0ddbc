"""Loads the budgets of the pact from the data file that comes with the application."""

from decimal import Decimal
from pathlib import Path

from django.db import transaction

from funding.models import Budget, LedgerEntry
from pik.load import rows

DATA = Path(__file__).parent / "data"


@transaction.atomic
def load_budgets() -> int:
    """Books each budget of the file once, as row and first ledger entry; later decisions are never touched."""
    booked = 0
    for row in rows(DATA / "budgets.csv"):
        budget, new = Budget.objects.get_or_create(
            measure_id=row["measure"], year=int(row["year"]), defaults={"source": row["source"]}
        )
        if new:
            LedgerEntry.objects.create(
                kind=LedgerEntry.Kind.BUDGET, budget=budget, amount=Decimal(row["amount"]), reason=row["source"]
            )
            booked += 1
    return booked
