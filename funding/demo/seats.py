"""Where the managers work: for which measure, employed by whom, in which places."""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from funding.allocation import allocate
from funding.demo.organisations import Land
from funding.demo.sizes import LOGIN_DISTRICT, LOGIN_TEAM, Sizes
from pik.models import District, Municipality, Organisation

ONE = Decimal(1)
# Kreise in which INTURO's managers have their desks.
ROMA_DISTRICTS = ("08111", "08121", "08212", "08222", "08311", "08421")
# Who employs the managers of a Kreis, in per cent.
EMPLOYERS = {
    District.Kind.RURAL: {"district": 45, "city": 35, "association": 10, "provider": 10},
    District.Kind.URBAN: {"district": 75, "provider": 25},
}


class Seat(NamedTuple):
    """One manager's place in the state; `district` pays, and is empty for measures of the state level."""

    measure: str
    body: Organisation
    district: str | None
    places: list[Municipality]


def make_seats(land: Land, sizes: Sizes) -> Iterator[Seat]:
    """A seat for everybody who works or has left."""
    for seats in (_integration, _courses, _vocational, _screening, _roma, _queer):
        yield from seats(land, sizes)


def _integration(land: Land, sizes: Sizes) -> Iterator[Seat]:
    """Integration managers: over the Kreise by population, within a Kreis over its employers."""
    heads = _divide(sizes.heads["im"] + sizes.former, {district.pk: district.population for district in land.districts})
    others = heads.keys() - {LOGIN_DISTRICT}
    while heads[LOGIN_DISTRICT] < LOGIN_TEAM:
        # In a small part of the state; the team of the login takes places of the Kreise with the most.
        heads[max(others, key=lambda ags: (heads[ags], ags))] -= 1
        heads[LOGIN_DISTRICT] += 1
    for district in land.districts:
        shares = EMPLOYERS[district.kind]
        if district.pk == LOGIN_DISTRICT and heads[district.pk] <= 2 * LOGIN_TEAM:
            shares = {"district": 1, "provider": 0}
        by_kind = _divide(heads[district.pk], shares)
        served = land.served_by_district(district.pk)
        for places in _tours(served, by_kind["district"]):
            yield Seat("im", land.of_district[district.pk], district.pk, places)
        cities = {body.municipality_id: body for body in land.cities[district.pk]}
        weights = {ags: body.municipality.population for ags, body in cities.items()}
        for ags, count in _divide(by_kind.get("city", 0), weights or {"": 1}).items():
            body = cities.get(ags, land.of_district[district.pk])
            yield from (Seat("im", body, district.pk, [body.municipality or served[0]]) for _ in range(count))
        associations = land.associations[district.pk]
        for index in range(by_kind.get("association", 0)):
            body, members = associations[index % len(associations)]
            yield Seat("im", body, district.pk, members)
        for places in _tours(land.largest(district.pk, 12), by_kind["provider"]):
            yield Seat("im", land.providers[district.pk], district.pk, places[:3])


def _courses(land: Land, sizes: Sizes) -> Iterator[Seat]:
    heads = _divide(sizes.heads["deutsch"], {district.pk: district.population for district in land.districts})
    for ags, count in heads.items():
        yield from (Seat("deutsch", land.of_district[ags], ags, land.largest(ags, 3)) for _ in range(count))


def _vocational(land: Land, sizes: Sizes) -> Iterator[Seat]:
    by_size = sorted(land.districts, key=lambda district: (-district.population, district.pk))
    for district in by_size[: sizes.heads["jbh"]]:
        yield Seat("jbh", land.of_district[district.pk], district.pk, land.largest(district.pk, 2))


def _screening(land: Land, sizes: Sizes) -> Iterator[Seat]:
    sites = sorted(land.screening)
    for index in range(sizes.heads["bws"]):
        ags = sites[index % len(sites)]
        yield Seat("bws", land.screening[ags], ags, land.largest(ags, 1))


def _roma(land: Land, sizes: Sizes) -> Iterator[Seat]:
    for index in range(sizes.heads["inturo"]):
        ags = ROMA_DISTRICTS[index % len(ROMA_DISTRICTS)]
        yield Seat("inturo", land.roma, ags, land.largest(ags, 1))


def _queer(land: Land, sizes: Sizes) -> Iterator[Seat]:
    for index in range(sizes.heads["queer"]):
        yield Seat("queer", land.queer[index % len(land.queer)], None, [])


def _divide(count: int, weights: dict) -> dict:
    """Heads by the same rule as the money, in whole persons."""
    return {key: int(share) for key, share in allocate(total=Decimal(count), weights=weights, unit=ONE).items()}


def _tours(places: list[Municipality], count: int) -> Iterator[list[Municipality]]:
    """Cuts the places into `count` tours of neighbours, at most five each; shares them when there are too few."""
    for index in range(count):
        if count >= len(places):
            yield [places[index % len(places)]]
        else:
            yield places[index * len(places) // count : (index + 1) * len(places) // count][:5]
