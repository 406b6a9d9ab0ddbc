"""Cases in bands, open and closed ones, over the time of their manager."""

from bisect import bisect
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import accumulate
from random import Random
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.backends.utils import CursorWrapper

from casework.codes import ALPHABET, RANDOM_LENGTH, with_check_digit
from casework.models import Case
from casework.models.case_bands import (
    AgeBand,
    ClosingReason,
    ExtensionReason,
    HouseholdBand,
    OriginGroup,
    ResidenceGroup,
)
from funding.allocation import allocate
from funding.demo.copying import copy_rows, reserve_ids
from funding.demo.period import Period, day_between, months_before
from funding.demo.sizes import LOGIN_OPEN_CASES, Sizes
from funding.demo.staff import Staff

if TYPE_CHECKING:
    from funding.demo.handovers import HandoverDraft

COLUMNS = (
    "id", "code", "measure_id", "profile", "records_origin", "opened_by_id", "organisation_id", "municipality_id",
    "opened_on", "closed_on", "closing_entered_on", "closing_reason", "age_band", "household_band", "origin_group",
    "residence_group", "arrival_year", "consent_on", "extension_reason", "extended_by_id", "extended_at",
    "last_used_at",
)  # fmt: skip
# Integrationsmanagement is funded for three years a case.
LONGEST = timedelta(days=3 * 365)
# Of the cases in the last half of their third year, those given a fourth, and how long ago.
EXTENDED, DAYS_SINCE = 0.15, timedelta(days=12)
AGES = {
    "im": dict(zip(AgeBand.values, (2, 15, 31, 33, 14, 5), strict=True)),
    "jbh": {AgeBand.UNDER_18: 62, AgeBand.TO_24: 38},
}
HOUSEHOLDS = dict(zip(HouseholdBand.values, (38, 17, 28, 17), strict=True))
ORIGINS = dict(zip(OriginGroup.values, (44, 27, 10, 8, 8, 3), strict=True))
RESIDENCE = dict(zip(ResidenceGroup.values, (0, 56, 22, 14, 8), strict=True))
REASONS = {
    "im": dict(zip(ClosingReason.values, (41, 21, 18, 9, 3, 6, 0, 2), strict=True)),
    "jbh": dict(zip(ClosingReason.values, (2, 4, 4, 9, 45, 14, 20, 2), strict=True)),
}


class CaseDraft:
    """What contacts need to know of a case; its bands are drawn when it is written."""

    __slots__ = ("closed_on", "consent_on", "handover", "last_used_at", "opened_on", "pk", "place", "staff")

    def __init__(self, staff: Staff, place: str, opened_on: date, closed_on: date | None) -> None:
        self.staff, self.place, self.opened_on, self.closed_on = staff, place, opened_on, closed_on
        self.pk = 0
        self.consent_on: date | None = None
        self.last_used_at: datetime | None = None
        # The one by which `staff`, who opened the case, passed it on.
        self.handover: HandoverDraft | None = None

    def answered_by(self, staff: Staff, day: date) -> bool:
        """Whether `staff`, who has the case in hand at some time, answers for it on the day."""
        return self.handover is None or (day < self.handover.day) == (self.staff is staff)


class Words:
    """Draws words by their weights with one random number."""

    def __init__(self, weights: dict[str, int]) -> None:
        self.words, self.bounds = list(weights), list(accumulate(weights.values()))

    def draw(self, rng: Random) -> str:
        return self.words[bisect(self.bounds, rng.random() * self.bounds[-1])]


def make_cases(rng: Random, staff: Sequence[Staff], sizes: Sizes, period: Period) -> dict[int, list[CaseDraft]]:
    """The cases of every manager whose measure has cases, by the manager's id, the newest first."""
    keepers = [each for each in staff if each.measure in AGES]
    open_cases, closed_cases = _numbers(rng, keepers, sizes, period)
    return {
        each.pk: sorted(
            _of_one(rng, each, open_cases.get(each.pk, 0), closed_cases[each.pk], period),
            key=lambda case: case.opened_on,
            reverse=True,
        )
        for each in keepers
    }


def number_cases(cursor: CursorWrapper, cases: Sequence[CaseDraft]) -> None:
    """Gives the cases their ids, which contacts refer to."""
    for case, pk in zip(cases, reserve_ids(cursor, Case, len(cases)), strict=True):
        case.pk = pk


def load_cases(cursor: CursorWrapper, rng: Random, cases: Sequence[CaseDraft], period: Period) -> int:
    """Writes the cases; comes after the contacts, because those say when a case was used last."""
    return copy_rows(cursor, Case, COLUMNS, _rows(rng, cases, period))


def _numbers(
    rng: Random, keepers: list[Staff], sizes: Sizes, period: Period
) -> tuple[dict[int, Decimal], dict[int, Decimal]]:
    """How many open and closed cases everybody has: by hours, pace and time on the post."""
    load = {}
    for each in keepers:
        months = (min(each.last_day or period.until, period.until) - each.first_day).days / 30
        load[each.pk] = (0.5 + 0.5 * float(each.fte)) * rng.uniform(0.8, 1.2) * min(1, 0.3 + months / 30)
    weights = {key: Decimal(f"{weight:.4f}") for key, weight in load.items()}
    login = next(each.pk for each in keepers if each.is_login)
    fixed = min(LOGIN_OPEN_CASES, sizes.cases_open)
    here = {each.pk: weights[each.pk] for each in keepers if not each.is_former and not each.is_login}
    open_cases = allocate(total=Decimal(sizes.cases_open - fixed), weights=here, unit=Decimal(1)) | {login: fixed}
    # Those who left closed or handed over all they had.
    ended = {each.pk: weights[each.pk] * (2 if each.is_former else 1) for each in keepers}
    return open_cases, allocate(total=Decimal(sizes.cases_closed), weights=ended, unit=Decimal(1))


def _of_one(rng: Random, each: Staff, open_count: int, closed_count: int, period: Period) -> Iterator[CaseDraft]:
    places = [place.pk for place in each.places]
    bounds = list(accumulate(place.population for place in each.places))
    earliest = max(each.first_day, period.until - LONGEST)
    last_day = min(each.last_day or period.until, period.until)

    def place() -> str:
        return places[bisect(bounds, rng.random() * bounds[-1])]

    for _ in range(int(open_count)):
        # More old ones than new ones: somebody who is nearly there needs little and stays long.
        age = (period.until - earliest) * (1 - rng.random() ** 1.3)
        yield CaseDraft(each, place(), period.on_weekday(period.until - age), None)
    # Most ended in the months shown, some before.
    first_end = months_before(min(period.start, last_day), 5) if rng.random() < 0.5 else period.start
    for _ in range(int(closed_count)):
        closed_on = min(
            period.on_weekday(day_between(rng, max(min(first_end, last_day), each.first_day), last_day)), last_day
        )
        opened_on = period.on_weekday(day_between(rng, max(each.first_day, closed_on - LONGEST), closed_on))
        yield CaseDraft(each, place(), min(opened_on, closed_on), closed_on)


def _rows(rng: Random, cases: Sequence[CaseDraft], period: Period) -> Iterator[tuple]:
    codes = _codes(rng)
    ages = {measure: Words(weights) for measure, weights in AGES.items()}
    reasons = {measure: Words(weights) for measure, weights in REASONS.items()}
    near_limit = months_before(period.until, settings.CASE_LIMIT_MONTHS - settings.CASE_WARNING_MONTHS)
    households, origins, residence = Words(HOUSEHOLDS), Words(ORIGINS), Words(RESIDENCE)
    for case in cases:
        measure = case.staff.measure
        records_origin = measure == "im"
        origin, status, arrival = "", "", None
        if records_origin:
            origin = origins.draw(rng)
            from_ukraine = origin == OriginGroup.UKRAINE
            status = ResidenceGroup.TEMPORARY_PROTECTION.value if from_ukraine else residence.draw(rng)
            arrival = max(2022 if from_ukraine else 2015, case.opened_on.year - int(rng.random() ** 2 * 5))
            arrival = None if rng.random() < 0.06 else min(arrival, case.opened_on.year)
        extended = case.closed_on is None and case.opened_on < near_limit and rng.random() < EXTENDED
        fourth_year = (
            (rng.choice(ExtensionReason.values), case.staff.user.pk, period.moment(period.until - DAYS_SINCE, 11))
            if extended
            else ("", None, None)
        )
        yield (
            case.pk, next(codes), measure, "cases", records_origin, case.staff.pk, case.staff.body.pk, case.place,
            case.opened_on, case.closed_on, case.closed_on, reasons[measure].draw(rng) if case.closed_on else "",
            ages[measure].draw(rng), households.draw(rng), origin, status,
            arrival, case.consent_on, *fourth_year, case.last_used_at or period.moment(case.opened_on, 9),
        )  # fmt: skip


def _codes(rng: Random) -> Iterator[str]:
    """Codes as the application makes them, no two alike, but from the stream of the seed."""
    used = set()
    while True:
        number = rng.randrange(len(ALPHABET) ** RANDOM_LENGTH)
        if number in used:
            continue
        used.add(number)
        letters = []
        for _ in range(RANDOM_LENGTH):
            number, digit = divmod(number, len(ALPHABET))
            letters.append(ALPHABET[digit])
        yield with_check_digit("".join(letters))
