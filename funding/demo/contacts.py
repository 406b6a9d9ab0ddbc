"""Contacts of thirteen months, as many on a day as the season and the managers' hours allow."""

from bisect import bisect
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from itertools import accumulate
from random import Random

from django.db.backends.utils import CursorWrapper

from casework.models import Contact, ReferralTarget, Topic
from funding.allocation import allocate
from funding.demo.cases import CaseDraft
from funding.demo.copying import copy_lines
from funding.demo.period import Period
from funding.demo.sizes import Sizes
from funding.demo.staff import Staff

COLUMNS = (
    "case_id", "case_opened_on", "manager_id", "organisation_id", "municipality_id", "date", "recorded_at",
    "kind", "channel", "minutes", "mediation", "topics", "referral_target_id",
)  # fmt: skip
# Ways in which a contact went; a contact takes one of them, so that a single random number describes it.
WAYS = 4096
KINDS = {"counselling": 68, "coordination": 14, "accompaniment": 8, "home_visit": 7, "crisis": 3}
CHANNELS = {
    "counselling": {"office": 56, "phone": 24, "outreach": 8, "video": 4, "written": 8},
    "coordination": {"phone": 55, "written": 35, "video": 10},
    "accompaniment": {"outreach": 1},
    "home_visit": {"outreach": 1},
    "crisis": {"office": 50, "phone": 35, "outreach": 15},
}
MINUTES = {
    "counselling": {15: 16, 20: 14, 30: 30, 45: 24, 60: 13, 90: 3},
    "coordination": {5: 12, 10: 30, 15: 34, 20: 14, 30: 10},
    "accompaniment": {60: 20, 90: 34, 120: 30, 150: 10, 180: 6},
    "home_visit": {45: 25, 60: 45, 75: 15, 90: 15},
    "crisis": {30: 20, 45: 30, 60: 30, 90: 20},
}
MEDIATION = {"none": 55, "staff": 11, "digital": 13, "lay": 11, "remote": 6, "interpreter": 4}
# Topics that are not named have weight 4.
TOPICS = {
    "im": {
        "wohnen": 20,
        "behoerden": 19,
        "existenz": 15,
        "sprache": 12,
        "arbeit": 12,
        "aufenthalt": 10,
        "rueckkehr": 1,
    },
    "jbh": {"ausbildung": 40, "schule": 25, "arbeit": 20, "sprache": 10, "aufenthalt": 0, "rueckkehr": 0, "kinder": 0},
}
REFERRED = 0.1
# A manager who finds no case on the chosen day after so many tries does something else.
TRIES = 6


def make_ways(rng: Random) -> dict[str, list[str]]:
    """By measure, the ends of COPY's lines: kind, channel, minutes, mediation, topics, referral."""
    return {measure: _ways_of(rng, measure) for measure in TOPICS}


def load_contacts(
    cursor: CursorWrapper,
    rng: Random,
    month: date,
    ways: Mapping[str, list[str]],
    staff: Sequence[Staff],
    cases: Mapping[int, list[CaseDraft]],
    sizes: Sizes,
    period: Period,
) -> int:
    """Writes the contacts of a month and notes in the cases when they were used last."""
    days = period.days(month)
    worked = {each: _days_of(each, days) for each in staff if cases.get(each.pk)}
    weights = {
        each.pk: Decimal(f"{hours * rng.uniform(0.75, 1.25):.4f}")
        for each, own in worked.items()
        if (hours := sum(own.values()) * float(each.fte_on(next(reversed(own), month))))
    }
    if not weights:
        return 0
    total = Decimal(round(sizes.contacts_a_day * sum(days.values())))
    numbers = allocate(total=total, weights=weights, unit=Decimal(1))
    blocks = (
        _lines(rng, each, int(numbers[each.pk]), own, _alive(cases[each.pk], month, period), ways[each.measure], period)
        for each, own in worked.items()
        if each.pk in numbers
    )
    return copy_lines(cursor, Contact, COLUMNS, blocks)


def _days_of(each: Staff, days: dict[date, float]) -> dict[date, float]:
    """Those of the days on which the manager works."""
    return {day: busy for day, busy in days.items() if each.works_on(day)}


def _alive(cases: list[CaseDraft], month: date, period: Period) -> list[CaseDraft]:
    end = period.end_of(month)
    return [case for case in cases if case.opened_on <= end and (not case.closed_on or case.closed_on >= month)]


def _lines(
    rng: Random,
    staff: Staff,
    count: int,
    days: dict[date, float],
    cases: list[CaseDraft],
    ways: list[str],
    period: Period,
) -> list[str]:
    """One manager's contacts of the month in COPY's text form; nothing in them needs quoting."""
    names, bounds, random = list(days), list(accumulate(days.values())), rng.random
    lines = []
    if not cases:
        return lines
    for _ in range(count):
        day = names[bisect(bounds, random() * bounds[-1])]
        for _ in range(TRIES):
            # The cases stand newest first, and those need more.
            case = cases[int(len(cases) * random() ** 1.3)]
            if case.opened_on <= day and (not case.closed_on or case.closed_on >= day) and case.answered_by(staff, day):
                break
        else:
            continue
        recorded_at, written = _moments(period.until, day)[int(random() * 40)]
        if case.last_used_at is None or case.last_used_at < recorded_at:
            case.last_used_at = recorded_at
        lines.append(
            f"{case.pk}\t{case.opened_on}\t{staff.pk}\t{staff.body.pk}\t{case.place}\t{day}\t{written}\t"
            f"{ways[int(random() * WAYS)]}"
        )
    return lines


@cache
def _moments(until: date, day: date) -> list[tuple[datetime, str]]:
    """When a contact of the day may have been recorded: every quarter of an hour from eight to six."""
    moments = [Period(until).moment(day, 8 + quarter / 4) for quarter in range(40)]
    return [(moment, moment.isoformat()) for moment in moments]


def _ways_of(rng: Random, measure: str) -> list[str]:
    topics = {topic.pk: TOPICS[measure].get(topic.code, 4) for topic in Topic.objects.order_by("code")}
    targets = list(ReferralTarget.objects.order_by("code").values_list("pk", flat=True))
    lines = []
    for kind in rng.choices(list(KINDS), KINDS.values(), k=WAYS):
        channel, minutes, mediation = (
            rng.choices(list(weights), weights.values())[0] for weights in (CHANNELS[kind], MINUTES[kind], MEDIATION)
        )
        chosen = sorted(set(rng.choices(list(topics), topics.values(), k=rng.choice((1, 1, 2, 2, 3)))))
        target = rng.choice(targets) if rng.random() < REFERRED else "\\N"
        lines.append(f"{kind}\t{channel}\t{minutes}\t{mediation}\t{{{','.join(map(str, chosen))}}}\t{target}\n")
    return lines
