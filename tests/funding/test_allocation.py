from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funding.allocation import allocate

CENT = Decimal("0.01")
amounts = st.decimals(min_value=0, max_value=10**9, places=2)
keys = st.dictionaries(
    st.text(min_size=1, max_size=5),
    st.integers(0, 10**7) | st.decimals(min_value=0, max_value=1000, places=3),
    min_size=1,
    max_size=12,
).filter(lambda weights: any(weights.values()))


@given(total=amounts, weights=keys)
def test_allocate_sums_exactly_to_the_total(total, weights):
    shares = allocate(total=total, weights=weights)

    assert sum(shares.values()) == total
    assert shares.keys() == weights.keys()


@given(total=amounts, weights=keys)
def test_allocate_stays_within_a_cent_of_the_exact_share(total, weights):
    shares = allocate(total=total, weights=weights)

    for key, share in shares.items():
        # Multiplied out, because a quotient of decimals would be rounded itself.
        assert abs(share * sum(weights.values()) - total * weights[key]) < CENT * sum(weights.values())
        assert share == share.quantize(CENT)


@given(total=amounts, weights=keys)
def test_allocate_does_not_depend_on_the_order_of_the_key(total, weights):
    backwards = dict(reversed(weights.items()))

    assert allocate(total=total, weights=backwards) == allocate(total=total, weights=weights)


@given(total=amounts, weights=keys)
def test_allocate_gives_a_larger_weight_no_less(total, weights):
    shares = allocate(total=total, weights=weights)

    by_weight = sorted(weights, key=lambda key: (weights[key], shares[key]))
    assert sorted(shares.values()) == [shares[key] for key in by_weight]


def test_allocate_gives_the_odd_cents_to_the_first_keys_of_a_tie():
    shares = allocate(total=Decimal("100.00"), weights={"c": 1, "b": 1, "a": 1})

    assert shares == {"a": Decimal("33.34"), "b": Decimal("33.33"), "c": Decimal("33.33")}


def test_allocate_follows_the_textbook_example_of_the_largest_remainder():
    votes = {"A": 47000, "B": 16000, "C": 15900, "D": 12000, "E": 6000, "F": 3100}

    seats = allocate(total=Decimal(10), weights=votes, unit=Decimal(1))

    assert seats == {"A": 5, "B": 2, "C": 1, "D": 1, "E": 1, "F": 0}


@pytest.mark.parametrize(
    ("total", "weights"),
    [
        ("1.00", {}),
        ("1.00", {"a": 0, "b": Decimal(0)}),
        ("1.00", {"a": 2, "b": -1}),
        ("1.00", {"a": Decimal("Infinity")}),
        ("1.00", {"a": Decimal("NaN")}),
        ("-1.00", {"a": 1}),
        ("1.005", {"a": 1}),
    ],
)
def test_allocate_refuses_what_cannot_be_divided(total, weights):
    with pytest.raises(ValueError, match=r"empty|weight|finer"):
        allocate(total=Decimal(total), weights=weights)
