"""The managers: for whom and where they work, on which posts, since when."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from django.db.backends.utils import CursorWrapper

from casework.models import Assignment, Manager, Post
from funding.allocation import allocate
from funding.demo.copying import copy_instances, copy_rows, reserve_ids
from funding.demo.organisations import Land
from funding.demo.period import Period, months_before
from funding.demo.sizes import LOGIN_DISTRICT, Sizes
from pik.models import District, Measure, Municipality, Organisation, User
from pik.months import add_months

ONE = Decimal(1)
# Kreise in which INTURO's managers have their desks.
ROMA_DISTRICTS = ("08111", "08121", "08212", "08222", "08311", "08421")
# Who employs the managers of a Kreis, in per cent.
EMPLOYERS = {
    District.Kind.RURAL: {"district": 45, "city": 35, "association": 10, "provider": 10},
    District.Kind.URBAN: {"district": 75, "provider": 25},
}
SHARES = tuple(Decimal(share) for share in ("0.25", "0.50", "0.60", "0.75", "0.80", "0.90", "1.00"))
SHARE_WEIGHTS = (3, 20, 5, 17, 12, 5, 38)


@dataclass(slots=True)
class Stint:
    """A time on a post; a post may stay open after its holder has left."""

    fte: Decimal
    starts_on: date
    ends_on: date | None = None
    post_ends_on: date | None = None


@dataclass(slots=True)
class Staff:
    """One manager: seat, time and the ids the database gave."""

    measure: str
    body: Organisation
    district: str | None
    places: list[Municipality]
    stints: list[Stint] = field(default_factory=list)
    user: User | None = None
    pk: int = 0
    is_former: bool = False
    is_login: bool = False

    @property
    def first_day(self) -> date:
        return self.stints[0].starts_on

    @property
    def left_on(self) -> date | None:
        """The last day of somebody who is gone; None while the person works."""
        return self.stints[-1].ends_on if self.is_former else None

    @property
    def fte(self) -> Decimal:
        return self.stints[-1].fte


def make_staff(rng: Random, land: Land, sizes: Sizes, period: Period) -> list[Staff]:
    """Managers of all measures; the one of the demo login comes first."""
    staff = [*_integration(land, sizes), *_courses(land, sizes), *_vocational(land, sizes)]
    staff += [*_screening(land, sizes), *_roma(land, sizes), *_queer(land, sizes)]
    login = next(each for each in staff if each.measure == "im" and each.body is land.of_district[LOGIN_DISTRICT])
    login.is_login, login.places = True, login.places[:3]
    staff.sort(key=lambda each: not each.is_login)
    candidates = [each for each in staff if each.measure == "im" and not each.is_login]
    for each in rng.sample(candidates, sizes.former):
        each.is_former = True
    starts = {measure.pk: measure.starts_on for measure in Measure.objects.all()}
    for each in staff:
        each.stints = _stints(rng, each, period, starts[each.measure])
    _meet_total(rng, staff, sizes.fte)
    return staff


def load_staff(cursor: CursorWrapper, staff: list[Staff], period: Period) -> int:
    """Writes managers, posts, the places they serve and who fills them."""
    for each, pk in zip(staff, reserve_ids(cursor, Manager, len(staff)), strict=True):
        each.pk = pk
    count = copy_rows(
        cursor,
        Manager,
        ("id", "user_id", "organisation_id", "registered_at"),
        ((each.pk, each.user.pk, each.body.pk, period.moment(each.first_day, 9)) for each in staff),
    )
    held = [(each, stint) for each in staff for stint in each.stints]
    posts = [
        Post(
            pk=pk,
            organisation=each.body,
            district_id=each.district,
            measure_id=each.measure,
            fte=stint.fte,
            starts_on=stint.starts_on,
            ends_on=stint.post_ends_on,
        )
        for (each, stint), pk in zip(held, reserve_ids(cursor, Post, len(held)), strict=True)
    ]
    count += copy_instances(
        cursor, posts, "id", "organisation_id", "district_id", "measure_id", "fte", "starts_on", "ends_on"
    )
    served = ((post.pk, place.pk) for (each, _), post in zip(held, posts, strict=True) for place in each.places)
    count += copy_rows(cursor, Post.municipalities.through, ("post_id", "municipality_id"), served)
    filled = (
        (post.pk, each.pk, stint.fte, stint.starts_on, stint.ends_on)
        for (each, stint), post in zip(held, posts, strict=True)
    )
    return count + copy_rows(cursor, Assignment, ("post_id", "manager_id", "fte", "starts_on", "ends_on"), filled)


def _integration(land: Land, sizes: Sizes) -> Iterator[Staff]:
    """Integration managers: over the Kreise by population, within a Kreis over its employers."""
    heads = _divide(sizes.heads["im"] + sizes.former, {district.pk: district.population for district in land.districts})
    if not heads[LOGIN_DISTRICT]:
        # In a small part of the state; the login takes a place of the Kreis with the most.
        heads[max(heads, key=heads.get)] -= 1
        heads[LOGIN_DISTRICT] = 1
    for district in land.districts:
        by_kind = _divide(heads[district.pk], EMPLOYERS[district.kind])
        served = land.served_by_district(district.pk)
        for places in _tours(served, by_kind["district"]):
            yield Staff("im", land.of_district[district.pk], district.pk, places)
        cities = {body.municipality_id: body for body in land.cities[district.pk]}
        weights = {ags: body.municipality.population for ags, body in cities.items()}
        for ags, count in _divide(by_kind.get("city", 0), weights or {"": 1}).items():
            body = cities.get(ags, land.of_district[district.pk])
            yield from (Staff("im", body, district.pk, [body.municipality or served[0]]) for _ in range(count))
        associations = land.associations[district.pk]
        for index in range(by_kind.get("association", 0)):
            body, members = associations[index % len(associations)]
            yield Staff("im", body, district.pk, members)
        for places in _tours(land.largest(district.pk, 12), by_kind["provider"]):
            yield Staff("im", land.providers[district.pk], district.pk, places[:3])


def _courses(land: Land, sizes: Sizes) -> Iterator[Staff]:
    heads = _divide(sizes.heads["deutsch"], {district.pk: district.population for district in land.districts})
    for ags, count in heads.items():
        yield from (Staff("deutsch", land.of_district[ags], ags, land.largest(ags, 3)) for _ in range(count))


def _vocational(land: Land, sizes: Sizes) -> Iterator[Staff]:
    by_size = sorted(land.districts, key=lambda district: (-district.population, district.pk))
    for district in by_size[: sizes.heads["jbh"]]:
        yield Staff("jbh", land.of_district[district.pk], district.pk, land.largest(district.pk, 2))


def _screening(land: Land, sizes: Sizes) -> Iterator[Staff]:
    sites = sorted(land.screening)
    for index in range(sizes.heads["bws"]):
        ags = sites[index % len(sites)]
        yield Staff("bws", land.screening[ags], ags, land.largest(ags, 1))


def _roma(land: Land, sizes: Sizes) -> Iterator[Staff]:
    for index in range(sizes.heads["inturo"]):
        ags = ROMA_DISTRICTS[index % len(ROMA_DISTRICTS)]
        yield Staff("inturo", land.roma, ags, land.largest(ags, 1))


def _queer(land: Land, sizes: Sizes) -> Iterator[Staff]:
    for index in range(sizes.heads["queer"]):
        yield Staff("queer", land.queer[index % len(land.queer)], None, [])


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


def _stints(rng: Random, each: Staff, period: Period, measure_starts_on: date) -> list[Stint]:
    """Most began years ago and stay; some began, changed their hours or left within the months shown."""
    recent = rng.random() < 0.08 and not each.is_login and not each.is_former
    ago = rng.randint(1, 12) if recent else 15 + int(80 * rng.random() ** 1.5)
    starts_on = max(measure_starts_on, months_before(period.until, 42 if each.is_login else ago))
    fte = rng.choices(SHARES[:2], (3, 2))[0] if each.measure == "jbh" else rng.choices(SHARES, SHARE_WEIGHTS)[0]
    last = Stint(SHARES[-1] if each.is_login else fte, starts_on)
    if each.is_former:
        last.ends_on = months_before(period.until, rng.randint(0, 11)) - timedelta(days=1)
        # Half of those posts were given up; the others are vacant.
        last.post_ends_on = last.ends_on if rng.random() < 0.5 else None
    elif rng.random() < 0.25 and not each.is_login and period.until.month < 12:
        last.ends_on = last.post_ends_on = date(period.until.year, 12, 31)
    changed_on = months_before(period.until, rng.randint(0, 11))
    if rng.random() < 0.06 and not each.is_login and starts_on < add_months(changed_on, -6) and not each.is_former:
        before = Stint(rng.choice(SHARES), starts_on, changed_on - timedelta(days=1), changed_on - timedelta(days=1))
        last.starts_on = changed_on
        return [before, last]
    return [last]


def _meet_total(rng: Random, staff: list[Staff], wanted: Decimal) -> None:
    """Moves single shares up or down a step until the current VZÄ come within a quarter of what is wanted."""
    current = [each for each in staff if not each.is_former]
    free = [each for each in current if each.measure == "im" and not each.is_login]
    total = sum(each.fte for each in current)
    while free and abs(total - wanted) > Decimal("0.25"):
        stint = rng.choice(free).stints[-1]
        position = SHARES.index(stint.fte) + (1 if total < wanted else -1)
        if 0 <= position < len(SHARES):
            total += SHARES[position] - stint.fte
            stint.fte = SHARES[position]
