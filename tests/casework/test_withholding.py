"""Which sums of a month are held back, and that no other sum gives one of them away."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.models import WithheldFigure
from casework.models.withheld import Audience
from casework.services.figures import refresh_changed_figures
from casework.services.withholding import Cell, Sum, sums_to_withhold
from tests.factories import make_case, make_contact, make_manager, make_organisation

ONE, OTHER, THIRD = "08425", "08426", "08111"
# Organisation 1 administers the first Kreis, 2 the second; 9 works in both and has its seat in the first.
ADMINISTRATIONS = {ONE: 1, OTHER: 2, THIRD: 3}
SEATS = {1: ONE, 2: OTHER, 3: THIRD, 4: ONE, 5: ONE, 6: OTHER, 7: OTHER, 8: THIRD, 9: ONE}


def _people(*numbers: int) -> frozenset[int]:
    return frozenset(numbers)


def _withheld(cells: Mapping[Cell, frozenset[int]], audience: Audience) -> set[tuple[str | None, int | None]]:
    found = sums_to_withhold(cells, ADMINISTRATIONS, SEATS)
    return {(row.district, row.organisation) for row in found if row.audience == audience}


def _few_and_many() -> dict[Cell, frozenset[int]]:
    return {
        Cell(ONE, 1): _people(1, 2, 3, 4, 5),
        Cell(ONE, 4): _people(6, 7, 8),
        Cell(ONE, 5): _people(9),
        Cell(OTHER, 2): _people(11, 12, 13),
    }


def test_small_one_and_the_smallest_beside_it_are_held_back():
    cells = _few_and_many()

    assert _withheld(cells, Audience.STATE) == {(ONE, 5), (None, 5), (ONE, 4), (None, 4)}
    assert _withheld(cells, Audience.DISTRICT) == {(ONE, 5), (None, 5), (ONE, 4), (None, 4)}


def test_kreis_knows_its_own_and_so_does_not_count_as_cover():
    cells = _few_and_many() | {Cell(ONE, 1): _people(1, 2, 3)}
    del cells[Cell(ONE, 4)]

    assert _withheld(cells, Audience.STATE) == {(ONE, 5), (None, 5), (ONE, 1), (None, 1)}
    assert _withheld(cells, Audience.DISTRICT) == {(ONE, 5), (None, 5), (ONE, None)}


def test_three_small_ones_cover_each_other():
    cells = {Cell(ONE, pk): _people(pk) for pk in (1, 4, 5)} | {Cell(OTHER, 2): _people(11, 12, 13)}

    assert (ONE, None) not in _withheld(cells, Audience.STATE)
    # The two that the Kreis does not know already are fewer than three.
    assert (ONE, None) in _withheld(cells, Audience.DISTRICT)


def test_kreis_of_one_person_takes_another_kreis_with_it():
    cells = {Cell(ONE, 1): _people(1), Cell(OTHER, 2): _people(11, 12, 13), Cell(THIRD, 3): _people(*range(20, 30))}

    withheld = _withheld(cells, Audience.STATE)

    assert {(ONE, None), (OTHER, None)} <= withheld
    assert withheld.isdisjoint({(THIRD, None), (None, None)})


def test_land_of_one_person_shows_no_sum_at_all():
    assert (None, None) in _withheld({Cell(ONE, 1): _people(1)}, Audience.STATE)


def test_person_employed_twice_is_one():
    cells = {Cell(ONE, 4): _people(1, 2), Cell(ONE, 5): _people(1, 2), Cell(ONE, 1): _people(3, 4, 5)}

    assert (ONE, 1) in _withheld(cells, Audience.STATE)


def test_kreis_of_the_seat_does_not_see_what_one_person_did_elsewhere():
    cells = {Cell(OTHER, 9): _people(1), Cell(OTHER, 2): _people(2, 3, 4), Cell(OTHER, 6): _people(5, 6, 7)}

    assert _withheld(cells, Audience.DISTRICT) >= {(None, 9)}


def test_nothing_is_held_back_where_everybody_is_three():
    cells = {Cell(ONE, pk): _people(pk, pk + 100, pk + 200) for pk in (1, 4, 5, 9)}

    assert sums_to_withhold(cells, ADMINISTRATIONS, SEATS) == set()


def _rank(rows: Iterable[Iterable[int]]) -> int:
    rows, rank = [[Fraction(value) for value in row] for row in rows], 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((index for index in range(rank, len(rows)) if rows[index][column]), None)
        if pivot is None:
            continue
        rows[rank], rows[pivot] = rows[pivot], rows[rank]
        for index in range(rank + 1, len(rows)):
            factor = rows[index][column] / rows[rank][column]
            rows[index] = [mine - factor * theirs for mine, theirs in zip(rows[index], rows[rank], strict=True)]
        rank += 1
    return rank


def _vector(cells: list[Cell], wanted: Iterable[Cell]) -> list[int]:
    wanted = set(wanted)
    return [int(cell in wanted) for cell in cells]


def _shown_to_the_land(cells: list[Cell], withheld: set[tuple[str | None, int | None]]) -> list[list[int]]:
    """All sums that whoever sees the whole Land can read, as coefficients of the cells."""
    sums = {(cell.district, cell.organisation): [cell] for cell in cells}
    sums |= {(ags, None): [cell for cell in cells if cell.district == ags] for ags in {c.district for c in cells}}
    sums |= {(None, pk): [c for c in cells if c.organisation == pk] for pk in {c.organisation for c in cells}}
    sums[None, None] = cells
    return [_vector(cells, parts) for key, parts in sums.items() if key not in withheld]


@st.composite
def _lands(draw) -> dict[Cell, frozenset[int]]:
    """Up to nine organisations in their Kreise, one of them in two."""
    places = [(SEATS[pk], pk) for pk in range(1, 9)] + [(ONE, 9), (OTHER, 9)]
    sizes = draw(st.lists(st.integers(0, 5), min_size=len(places), max_size=len(places)))
    return {
        Cell(*place): frozenset(range(100 * index, 100 * index + size))
        for index, (place, size) in enumerate(zip(places, sizes, strict=True))
        if size
    }


@given(_lands())
def test_no_combination_of_shown_sums_tells_the_work_of_one_or_two(cells):
    order = sorted(cells)
    withheld = _withheld(cells, Audience.STATE)

    shown = _shown_to_the_land(order, withheld)

    known = _rank(shown)
    for group in _small_groups(cells):
        assert _rank([*shown, _vector(order, group)]) == known + 1, f"{group} can be worked out"


def _small_groups(cells: Mapping[Cell, frozenset[int]]) -> list[tuple[Cell, ...]]:
    """Every cell, and every two, behind which there are fewer than three people."""
    groups = [*((cell,) for cell in cells), *combinations(cells, 2)]
    return [group for group in groups if len(frozenset().union(*(cells[cell] for cell in group))) < 3]


@given(_lands(), st.sampled_from([ONE, OTHER, THIRD]))
def test_no_kreis_can_work_out_the_work_of_one_or_two_others(cells, district):
    order = sorted(cell for cell in cells if cell.district == district)
    own = Cell(district, ADMINISTRATIONS[district])
    rows = [row for row in sums_to_withhold(cells, ADMINISTRATIONS, SEATS) if row.audience == Audience.DISTRICT]
    withheld = {(row.district, row.organisation) for row in rows}

    shown = [_vector(order, [cell]) for cell in order if cell == own or tuple(cell) not in withheld]
    shown += [_vector(order, order)] if (district, None) not in withheld else []

    known = _rank(shown)
    for group in _small_groups({cell: cells[cell] for cell in order if cell != own}):
        assert _rank([*shown, _vector(order, group)]) == known + 1, f"{group} can be worked out"


@pytest.mark.django_db
def test_refresh_holds_back_and_lets_go_with_the_figures():
    organisation = make_organisation()
    cases = [make_case(manager=make_manager(organisation=organisation)) for _number in range(3)]
    held_back = []

    for case in cases:
        contact = make_contact(case=case)
        refresh_changed_figures()
        held_back.append(WithheldFigure.objects.filter(work="contacts", organisation=organisation).exists())
    contact.__class__.objects.filter(pk=contact.pk).delete()
    refresh_changed_figures()

    assert held_back == [True, True, False]
    assert WithheldFigure.objects.filter(work="contacts", district=organisation.district, few=True).exists()


def test_few_says_whose_number_tells_itself():
    rows = sums_to_withhold(_few_and_many(), ADMINISTRATIONS, SEATS)

    few = {row.organisation for row in rows if row.few}

    assert few == {5}
    assert Sum(Audience.STATE, ONE, 4, few=False) in rows
