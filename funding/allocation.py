"""Dividing an amount by a key, to the cent."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Protocol, Self, TypeVar


class Sortable(Protocol):
    def __lt__(self, other: Self, /) -> bool: ...


K = TypeVar("K", bound=Sortable)
CENT = Decimal("0.01")


def allocate(*, total: Decimal, weights: Mapping[K, int | Decimal], unit: Decimal = CENT) -> dict[K, Decimal]:
    """Shares of `total` (EUR) in proportion to `weights`, in whole units (cents), whose sum is exactly `total`.

    Rule: the largest remainder (Hare/Niemeyer, as the Bundestag divided its seats from 1987 to 2005). Everyone gets
    the exact share rounded down to a unit; the units left over go one each to the largest cut-off remainders, equal
    remainders in the order of the keys. So no share differs from the exact one by a unit or more, and a weight of 0
    gets nothing. It is computed in fractions: nothing is lost on the way, at any size.

    Raises ValueError without weights, for a negative or infinite weight, when all are 0, and for a total that is
    negative or no whole number of units.
    """
    if not weights:
        raise ValueError("nobody to allocate to: the key is empty")
    if not all(Decimal(weight).is_finite() and weight >= 0 for weight in weights.values()):
        raise ValueError("a weight is negative or no number")
    exact = {key: Fraction(weight) for key, weight in weights.items()}
    weight_sum = sum(exact.values())
    if not weight_sum:
        raise ValueError("all weights are 0")
    units = Fraction(total) / Fraction(unit)
    if units < 0 or units.denominator != 1:
        raise ValueError(f"{total} is negative or finer than {unit}")
    shares = {key: divmod(units * weight, weight_sum) for key, weight in exact.items()}
    left = int(units) - sum(whole for whole, _ in shares.values())
    by_remainder = sorted(sorted(shares), key=lambda key: shares[key][1], reverse=True)
    favoured = set(by_remainder[:left])
    return {key: (whole + (key in favoured)) * unit for key, (whole, _) in shares.items()}
