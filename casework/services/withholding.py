"""Finds out which sums of a month would tell what one or two people did, and those that would give one away."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from typing import NamedTuple

from django.conf import settings

from casework.models import WithheldFigure
from casework.models.withheld import Audience, Work
from pik.models import Organisation

# The people behind the work of an organisation in a Kreis: a person employed twice is one.
_PEOPLE = """
SELECT f.measure_id, f.month, f.district_id, f.organisation_id,
       coalesce(array_agg(DISTINCT m.user_id) FILTER (WHERE f.contacts > 0), '{}'),
       coalesce(array_agg(DISTINCT m.user_id) FILTER (WHERE f.cases_open > 0), '{}')
FROM casework_monthlyfigure f JOIN casework_manager m ON m.id = f.manager_id
WHERE f.month = ANY(%s) AND f.district_id IS NOT NULL AND (f.contacts > 0 OR f.cases_open > 0)
GROUP BY 1, 2, 3, 4
"""

People = AbstractSet[int]


class Cell(NamedTuple):
    """The work of an organisation in a Kreis."""

    district: str
    organisation: int


class Sum(NamedTuple):
    """A sum that is held back (`WithheldFigure`)."""

    audience: Audience
    district: str | None
    organisation: int | None
    few: bool


class _Houses(NamedTuple):
    """Which organisation administers a Kreis, and in which Kreis each has its seat."""

    administrations: Mapping[str, int]
    seats: Mapping[int, str | None]


def withhold(cursor, months: Iterable[date]) -> None:
    """Brings the sums held back of `months` up to date; belongs into the transaction that changes their figures."""
    months = sorted(set(months))
    rows = Organisation.objects.values_list("pk", "kind", "district")
    houses = _Houses(
        {district: pk for pk, kind, district in rows if kind == Organisation.Kind.DISTRICT},
        {pk: district for pk, _kind, district in rows},
    )
    cursor.execute(_PEOPLE, [months])
    groups: defaultdict[tuple[Work, str, date], dict[Cell, frozenset[int]]] = defaultdict(dict)
    for measure, month, district, organisation, recorders, keepers in cursor.fetchall():
        for work, people in ((Work.CONTACTS, recorders), (Work.CASES, keepers)):
            if people:
                groups[work, measure, month][Cell(district, organisation)] = frozenset(people)
    _store(
        months,
        {
            (work, measure, month, *withheld)
            for (work, measure, month), cells in groups.items()
            for withheld in sums_to_withhold(cells, houses.administrations, houses.seats)
        },
    )


def _store(months: Sequence[date], wanted: set[tuple]) -> None:
    names = ("work", "measure_id", "month", "audience", "district_id", "organisation_id", "few")
    rows = WithheldFigure.objects.filter(month__in=months).values_list("pk", *names)
    stored = {tuple(row): pk for pk, *row in rows}
    WithheldFigure.objects.filter(pk__in=[pk for row, pk in stored.items() if row not in wanted]).delete()
    WithheldFigure.objects.bulk_create(
        WithheldFigure(**dict(zip(names, row, strict=True))) for row in wanted - stored.keys()
    )


def sums_to_withhold(
    cells: Mapping[Cell, People], administrations: Mapping[str, int], seats: Mapping[int, str | None]
) -> set[Sum]:
    """The sums of one measure and month that are held back, given the people behind each cell.

    Held back is what fewer than three people did (primäre Geheimhaltung, minimum cell count of the Bundesagentur für
    Arbeit). Where all cells held back of a Kreis, or of the Land, are together the work of fewer than three, the sum
    less what is shown would be theirs: then the smallest other cell is held back too, or, without another, the sum
    itself (sekundäre Geheimhaltung).
    """
    by_district: defaultdict[str, dict[int, People]] = defaultdict(dict)
    for (district, organisation), people in cells.items():
        by_district[district][organisation] = people
    return _for_state(cells, by_district) | _for_districts(cells, by_district, administrations, seats)


def _for_state(cells: Mapping[Cell, People], by_district: Mapping[str, Mapping[int, People]]) -> set[Sum]:
    hidden, sums_hidden = set(), set()
    for district, bodies in by_district.items():
        found, with_sum = _hidden_of(bodies)
        hidden |= {Cell(district, organisation) for organisation in found}
        sums_hidden |= {district} if with_sum else set()
    others = sorted(by_district.keys() - sums_hidden, key=lambda ags: (len(_all(by_district[ags].values())), ags))
    while sums_hidden and not _enough(_of(cells, hidden, sums_hidden)) and others:
        district = others.pop(0)
        sums_hidden.add(district)
        if not any(cell.district == district for cell in hidden):
            hidden.add(Cell(district, _smallest(by_district[district])[0]))
    found = {Sum(Audience.STATE, *cell, _few(cells[cell])) for cell in hidden}
    found |= {Sum(Audience.STATE, ags, None, _few(_all(by_district[ags].values()))) for ags in sums_hidden}
    if sums_hidden and not _enough(_of(cells, hidden, sums_hidden)):
        found.add(Sum(Audience.STATE, None, None, _few(_all(cells.values()))))
    # An organisation that works in several Kreise: its sum would be one more way to reckon back, across the Kreise.
    parts = _parts(cells)
    found |= {
        Sum(Audience.STATE, None, organisation, _few(_all(parts[organisation].values())))
        for organisation in {cell.organisation for cell in hidden}
    }
    return found


def _for_districts(
    cells: Mapping[Cell, People],
    by_district: Mapping[str, Mapping[int, People]],
    administrations: Mapping[str, int],
    seats: Mapping[int, str | None],
) -> set[Sum]:
    found = set()
    hidden_cells: set[Cell] = set()
    for district, bodies in by_district.items():
        others = {pk: people for pk, people in bodies.items() if pk != administrations.get(district)}
        hidden, with_sum = _hidden_of(others)
        found |= {Sum(Audience.DISTRICT, district, pk, _few(others[pk])) for pk in hidden}
        if with_sum:
            found.add(Sum(Audience.DISTRICT, district, None, _few(_all(bodies.values()))))
        hidden_cells |= {Cell(district, pk) for pk in hidden}
    # A Kreis reads the sums of the organisations seated in it, also of those that work only elsewhere.
    for organisation, parts in _parts(cells).items():
        seat = seats.get(organisation)
        if seat is None or administrations.get(seat) == organisation:
            continue
        elsewhere = _all(people for district, people in parts.items() if district != seat)
        if Cell(seat, organisation) in hidden_cells or (elsewhere and not _enough(elsewhere)):
            found.add(Sum(Audience.DISTRICT, None, organisation, _few(_all(parts.values()))))
    return found


def _hidden_of(bodies: Mapping[int, People]) -> tuple[set[int], bool]:
    """The organisations of a Kreis whose work is held back, and whether the sum of the Kreis is as well."""
    hidden = {pk for pk, people in bodies.items() if _few(people)}
    if hidden and not _enough(_all(bodies[pk] for pk in hidden)):
        hidden |= set(_smallest({pk: people for pk, people in bodies.items() if pk not in hidden})[:1])
    return hidden, bool(hidden) and not _enough(_all(bodies[pk] for pk in hidden))


def _smallest(bodies: Mapping[int, People]) -> list[int]:
    return sorted(bodies, key=lambda pk: (len(bodies[pk]), pk))


def _parts(cells: Mapping[Cell, People]) -> dict[int, dict[str, People]]:
    parts: defaultdict[int, dict[str, People]] = defaultdict(dict)
    for (district, organisation), people in cells.items():
        parts[organisation][district] = people
    return parts


def _of(cells: Mapping[Cell, People], hidden: set[Cell], districts: set[str]) -> People:
    return _all(cells[cell] for cell in hidden if cell.district in districts)


def _all(groups: Iterable[People]) -> People:
    return frozenset().union(*groups)


def _enough(people: People) -> bool:
    return len(people) >= settings.SMALLEST_GROUP


def _few(people: People) -> bool:
    return not _enough(people)
