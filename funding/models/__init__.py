from funding.models.budgets import Budget
from funding.models.ledger import LedgerEntry

__all__ = ["Budget", "LedgerEntry"]
