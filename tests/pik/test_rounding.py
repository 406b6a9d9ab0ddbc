from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pik.rounding import rounded


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, 0), (1, 0), (2, 0), (3, 5), (4, 5), (5, 5), (7, 5), (8, 10), (12, 10), (13, 15), (87_003, 87_005)],
)
def test_rounded_gives_the_nearest_multiple_of_five(value, shown):
    assert rounded(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [("0.00", 0), ("2.49", 0), ("2.50", 5), ("7.49", 5), ("7.50", 10), ("966.75", 965)]
)
def test_rounded_takes_full_time_equivalents_too(value, shown):
    assert rounded(Decimal(value)) == shown


def test_rounded_keeps_none():
    assert rounded(None) is None


@given(st.integers(min_value=0, max_value=10**9))
def test_rounded_moves_no_whole_number_by_more_than_two(value):
    assert rounded(value) % 5 == 0
    assert abs(rounded(value) - value) <= 2


def test_rounded_treats_every_figure_on_its_own():
    cells = [2, 2, 2]

    assert [rounded(cell) for cell in cells] == [0, 0, 0]
    assert rounded(sum(cells)) == 5
