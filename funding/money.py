"""Budget, allocated and free, out of the ledger."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, Sum
from django.utils import timezone

from casework.models import MonthlySummary
from funding.models import Budget, LedgerEntry
from pik.models import User

ZERO = Decimal("0.00")


@dataclass(frozen=True)
class Balance:
    """Budget and awards of one measure in one year, in EUR."""

    budget: Decimal = ZERO
    allocated: Decimal = ZERO

    @property
    def free(self) -> Decimal:
        return self.budget - self.allocated

    def __add__(self, other: "Balance") -> "Balance":
        return Balance(self.budget + other.budget, self.allocated + other.allocated)


def years_with_budget() -> list[int]:
    """The years for which a budget is booked, the latest first."""
    return list(Budget.objects.order_by("-year").values_list("year", flat=True).distinct())


def years_to_show() -> list[int]:
    """From the first year with a budget or a monthly summary to the last with a budget, or this one; latest first."""
    budgets = Budget.objects.order_by().values_list("year")
    found = {int(year) for (year,) in budgets.union(MonthlySummary.objects.first_year())} | {timezone.localdate().year}
    return list(range(max(found), min(found) - 1, -1))


def balances(year: int) -> dict[str, Balance]:
    """The balance of every measure that has a budget in `year`, by code, in one query."""
    sums = (
        LedgerEntry.objects.of_year(year)
        .values("budget__measure_id")
        .annotate(
            budget_sum=Sum("amount", filter=Q(kind=LedgerEntry.Kind.BUDGET)),
            award_sum=Sum("amount", filter=Q(kind=LedgerEntry.Kind.AWARD)),
        )
        .order_by("budget__measure__position")
    )
    return {row["budget__measure_id"]: Balance(row["budget_sum"] or ZERO, row["award_sum"] or ZERO) for row in sums}


@dataclass(frozen=True)
class AwardSum:
    """What one organisation was awarded for one measure in a year, corrections included, in EUR."""

    recipient: int
    district: str | None
    measure: str
    amount: Decimal


def award_sums(*, reader: User, year: int) -> list[AwardSum]:
    """The awards of `year` that `reader` may see, per recipient and measure, in one query."""
    sums = (
        LedgerEntry.objects.visible_to(reader)
        .of_year(year)
        .of_kind(LedgerEntry.Kind.AWARD)
        .values("recipient_id", "recipient__district_id", "budget__measure_id")
        .annotate(award_sum=Sum("amount"))
        .order_by()
    )
    return [
        AwardSum(row["recipient_id"], row["recipient__district_id"], row["budget__measure_id"], row["award_sum"])
        for row in sums
    ]
