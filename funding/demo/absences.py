"""Who is away, who was, and who stands in."""

from collections.abc import Sequence
from datetime import date
from random import Random
from typing import NamedTuple

from django.db.backends.utils import CursorWrapper

from casework.models import Absence, Deputyship
from casework.models.absences import AbsenceKind
from funding.demo.copying import copy_rows
from funding.demo.period import Period, day_between, months_before
from funding.demo.sizes import STAFF_MONTHS
from funding.demo.staff import DAY, Away, Staff

# Away today, and at some time before.
AWAY, WAS_AWAY = 0.03, 0.1
KINDS = {AbsenceKind.PARENTAL: 50, AbsenceKind.ILLNESS: 35, AbsenceKind.OTHER: 15}
# Days for which somebody has been away and, where the end is known, will still be.
BEHIND, AHEAD, WHOLE = (14, 300), (20, 400), (45, 400)
END_UNKNOWN = 0.6
# Not everybody has a colleague.
WITH_DEPUTY = 0.6
DEPUTY_DAYS = 60


class Deputy(NamedTuple):
    """Who stands in for whom, both days included."""

    staff: Staff
    deputy: Staff
    starts_on: date
    ends_on: date


def make_absences(rng: Random, staff: Sequence[Staff], period: Period) -> list[Deputy]:
    """Lets some be away today or earlier, never the login; returns who stands in for those of today."""
    first = next(each for each in staff if each.is_deputised_by_login)
    present = [
        each for each in staff if each.stays and not each.is_login and not each.predecessor and each is not first
    ]
    long_here = [each for each in present if each.first_day < period.until - BEHIND[1] * DAY]
    away = [first, *rng.sample(long_here, max(0, round(AWAY * len(present)) - 1))]
    for each in away:
        each.absences.append(_today(rng, period))
    for each in staff:
        if each not in away and not each.is_login and rng.random() < WAS_AWAY:
            each.absences += _earlier(rng, each, period)
    return [deputy for each in away for deputy in _deputies(rng, each, staff, period)]


def load_absences(cursor: CursorWrapper, staff: Sequence[Staff], deputies: Sequence[Deputy]) -> tuple[int, int]:
    """Writes absences and deputyships; returns how many of each."""
    columns = ("manager_id", "kind", "starts_on", "ends_on")
    count = copy_rows(cursor, Absence, columns, ((each.pk, *away) for each in staff for away in each.absences))
    rows = ((each.staff.pk, each.deputy.pk, each.staff.body.pk, each.starts_on, each.ends_on) for each in deputies)
    columns = ("manager_id", "deputy_id", "organisation_id", "starts_on", "ends_on")
    return count, copy_rows(cursor, Deputyship, columns, rows)


def _kind(rng: Random) -> str:
    return rng.choices(list(KINDS), KINDS.values())[0].value


def _today(rng: Random, period: Period) -> Away:
    kind = _kind(rng)
    unknown = kind == AbsenceKind.ILLNESS and rng.random() < END_UNKNOWN
    ends_on = None if unknown else period.until + rng.randint(*AHEAD) * DAY
    return Away(kind, period.until - rng.randint(*BEHIND) * DAY, ends_on)


def _earlier(rng: Random, each: Staff, period: Period) -> list[Away]:
    """One that was over some time ago; none for somebody who was not here long enough."""
    first = max(each.first_day, months_before(period.until, STAFF_MONTHS))
    length = rng.randint(*WHOLE) * DAY
    last = min(each.last_day or period.until, period.until) - BEHIND[0] * DAY - length
    if last <= first:
        return []
    starts_on = day_between(rng, first, last)
    return [Away(_kind(rng), starts_on, starts_on + length)]


def _deputies(rng: Random, each: Staff, staff: Sequence[Staff], period: Period) -> list[Deputy]:
    away = each.absences[-1]
    colleagues = [
        other
        for other in staff
        if other.body is each.body
        and other.measure == each.measure
        and other.stays
        and other is not each
        and other.works_on(away.starts_on)
        and other.works_on(period.until)
        and other.is_login == each.is_deputised_by_login
    ]
    if not colleagues or (rng.random() > WITH_DEPUTY and not each.is_deputised_by_login):
        return []
    return [Deputy(each, rng.choice(colleagues), away.starts_on, away.ends_on or period.until + DEPUTY_DAYS * DAY)]
