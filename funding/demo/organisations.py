"""Who employs and receives: Kreise, cities, associations of municipalities and welfare bodies."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.backends.utils import CursorWrapper

from funding.demo import names
from funding.demo.copying import copy_instances, reserve_ids
from pik.models import District, Municipality, Organisation

# All Große Kreisstädte, and the largest other towns up to this number.
CITIES = 100
ASSOCIATIONS = 40
ASSOCIATION_MEMBERS = 4
Kind = Organisation.Kind


@dataclass
class Land:
    """The state's places and the organisations in them, as the other modules look them up."""

    districts: list[District]
    municipalities: dict[str, list[Municipality]]
    ministry: Organisation
    authority: Organisation
    audit: Organisation
    of_district: dict[str, Organisation] = field(default_factory=dict)
    cities: dict[str, list[Organisation]] = field(default_factory=lambda: defaultdict(list))
    associations: dict[str, list[tuple[Organisation, list[Municipality]]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    # The welfare body that works in a Kreis.
    providers: dict[str, Organisation] = field(default_factory=dict)
    screening: dict[str, Organisation] = field(default_factory=dict)
    roma: Organisation | None = None
    queer: list[Organisation] = field(default_factory=list)

    def served_by_district(self, ags: str) -> list[Municipality]:
        """Municipalities for which the Kreis's own staff works: those without staff of their own, else all."""
        others = {body.municipality_id for body in self.cities[ags]}
        others |= {member.pk for _, members in self.associations[ags] for member in members}
        return [place for place in self.municipalities[ags] if place.pk not in others] or self.municipalities[ags]

    def largest(self, ags: str, count: int) -> list[Municipality]:
        return sorted(self.municipalities[ags], key=lambda place: (-place.population, place.pk))[:count]


def make_organisations() -> tuple[Land, list[Organisation]]:
    """The state's organisations, without ids, and the same as one list; nothing about them is random."""
    districts = list(District.objects.order_by("ags"))
    municipalities = defaultdict(list)
    for place in Municipality.objects.order_by("ags"):
        municipalities[place.district_id].append(place)
    land = Land(
        districts,
        municipalities,
        Organisation(name="Sozialministerium Baden-Württemberg", kind=Kind.MINISTRY),
        Organisation(name="Regierungspräsidium Stuttgart", kind=Kind.AUTHORITY),
        Organisation(name="Rechnungshof Baden-Württemberg", kind=Kind.AUDIT),
    )
    made = [land.ministry, land.authority, land.audit]
    for add in (_add_districts, _add_cities, _add_associations, _add_providers):
        made += add(land)
    return land, made


def load_organisations(cursor: CursorWrapper, organisations: list[Organisation]) -> int:
    """Gives the organisations their ids and writes them."""
    for body, pk in zip(organisations, reserve_ids(cursor, Organisation, len(organisations)), strict=True):
        body.pk = pk
    return copy_instances(cursor, organisations, "id", "name", "kind", "district_id", "municipality_id")


def _add_districts(land: Land) -> list[Organisation]:
    for district in land.districts:
        name = f"Stadt {district.name}" if district.kind == District.Kind.URBAN else district.name_full
        land.of_district[district.pk] = Organisation(name=name, kind=Kind.DISTRICT, district=district)
    return list(land.of_district.values())


def _add_cities(land: Land) -> list[Organisation]:
    rural = [
        place
        for district in land.districts
        if district.kind == District.Kind.RURAL
        for place in land.municipalities[district.pk]
    ]
    by_size = sorted(rural, key=lambda place: (place.kind != "Große Kreisstadt", -place.population, place.pk))
    made = []
    for place in by_size[:CITIES]:
        body = Organisation(
            name=f"Stadt {place.name}", kind=Kind.MUNICIPALITY, district_id=place.district_id, municipality=place
        )
        land.cities[place.district_id].append(body)
        made.append(body)
    return made


def _add_associations(land: Land) -> list[Organisation]:
    """One in every Landkreis, a second one in those with the most municipalities."""
    rural = [district for district in land.districts if district.kind == District.Kind.RURAL]
    by_size = sorted(rural, key=lambda district: (-len(land.municipalities[district.pk]), district.pk))
    made, taken = [], set()
    for district in (rural + by_size)[:ASSOCIATIONS]:
        cities = {body.municipality_id for body in land.cities[district.pk]}
        free = [place for place in land.municipalities[district.pk] if place.pk not in cities | taken]
        members = free[:ASSOCIATION_MEMBERS]
        name = f"Gemeindeverwaltungsverband {members[0].name}"
        body = Organisation(name=name, kind=Kind.ASSOCIATION, district=district)
        land.associations[district.pk].append((body, members))
        taken |= {place.pk for place in members}
        made.append(body)
    return made


def _add_providers(land: Land) -> list[Organisation]:
    """Welfare bodies for a region each, and those of the small measures."""
    count = len(names.REGIONAL_BODIES)
    regional = []
    for index, name in enumerate(names.REGIONAL_BODIES):
        served = land.districts[index * len(land.districts) // count : (index + 1) * len(land.districts) // count]
        body = Organisation(name=name, kind=Kind.PROVIDER, district=served[0])
        land.providers |= {district.pk: body for district in served}
        regional.append(body)
    land.screening = {
        ags: Organisation(name=name, kind=Kind.PROVIDER, district_id=ags)
        for ags, name in names.SCREENING_BODIES.items()
    }
    land.roma = Organisation(name=names.ROMA_BODY, kind=Kind.PROVIDER)
    land.queer = [Organisation(name=name, kind=Kind.PROVIDER) for name in names.QUEER_BODIES]
    return [*regional, *land.screening.values(), land.roma, *land.queer]
