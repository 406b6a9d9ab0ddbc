"""Records of the four measures that know counts only, in the sizes that their bodies have reported; group offers."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import cache
from random import Random

from django.db.backends.utils import CursorWrapper

from casework.models import Topic
from casework.models.counts import COUNT_MODELS, CountRecord, CourseFormat, CourseLevel, GroupKind
from funding.demo.copying import copy_instances
from funding.demo.period import Period
from funding.demo.staff import Staff

# Records of one manager in a month with a full team, on average.
A_MONTH = {"deutsch": 1.2, "bws": 2.5, "inturo": 1.6, "queer": 3.0, "im": 0.3}


def load_counts(cursor: CursorWrapper, rng: Random, staff: Sequence[Staff], period: Period) -> int:
    """Writes the records of all measures."""
    count = 0
    for code, model in COUNT_MODELS.items():
        records = [
            _record(rng, model, each, day, period)
            for each in staff
            if each.measure == code
            for day in _days(rng, A_MONTH[code], each, period)
        ]
        count += copy_instances(
            cursor, records, *(f.attname for f in model._meta.concrete_fields if not f.primary_key and not f.generated)
        )
    return count


def _days(rng: Random, a_month: float, each: Staff, period: Period) -> Iterator[date]:
    for month in period.months:
        days = period.days(month)
        wanted = a_month * sum(days.values()) / 20
        for _ in range(int(wanted) + (rng.random() < wanted % 1)):
            day = rng.choices(list(days), days.values())[0]
            if each.works_on(day):
                yield day


def _record(rng: Random, model: type[CountRecord], each: Staff, day: date, period: Period) -> CountRecord:
    return model(
        manager_id=each.pk,
        organisation_id=each.body.pk,
        municipality=rng.choice(each.places) if each.places else None,
        date=day,
        recorded_at=period.moment(day, 17),
        **_NUMBERS[model.MEASURE](rng),
    )


def _course(rng: Random) -> dict[str, object]:
    begun = rng.randint(8, 18)
    finished = begun - rng.randint(0, 4)
    format = rng.choices(CourseFormat.values, (40, 30, 20, 10))[0]
    return {
        "format": format,
        "level": rng.choices(CourseLevel.values, (14, 24, 26, 22, 10, 4))[0],
        "units": rng.choice((40, 60, 80, 100, 100, 120, 160, 200, 300)),
        "participants_begun": begun,
        "participants_finished": finished,
        "participants_certified": finished - rng.randint(0, 5) if finished > 5 else 0,
        "childcare": format == CourseFormat.PARENTS and rng.random() < 0.8,
    }


def _screening(rng: Random) -> dict[str, object]:
    screened = rng.randint(8, 24)
    red = sum(rng.random() < 0.09 for _ in range(screened))
    orange = sum(rng.random() < 0.27 for _ in range(screened - red))
    return {
        "green": screened - orange - red,
        "orange": orange,
        "red": red,
        "counselling_sessions": orange + rng.randint(0, 3),
        "referrals": red,
        "coaches": rng.randint(2, 5),
    }


def _roma(rng: Random) -> dict[str, object]:
    training = rng.random() < 0.35
    return {
        "trainings": int(training),
        "participants": rng.randint(12, 36) if training else 0,
        "counselling_online": rng.randint(1, 4),
        "counselling_on_site": int(rng.random() < 0.5),
        "municipalities": int(rng.random() < 0.3),
        "multipliers": int(rng.random() < 0.08),
    }


def _queer(rng: Random) -> dict[str, object]:
    training = rng.random() < 0.15
    return {
        "counselling": rng.randint(1, 5),
        "accompaniments": int(rng.random() < 0.4),
        "group_meetings": int(rng.random() < 0.3),
        "trainings": int(training),
        "persons_trained": rng.randint(6, 20) if training else 0,
    }


def _group(rng: Random) -> dict[str, object]:
    return {
        "kind": rng.choices(GroupKind.values, (34, 22, 18, 12, 10, 4))[0],
        "topics": sorted(rng.sample(_topics(), rng.choice((1, 1, 2)))),
        "participants": rng.randint(4, 22),
        "minutes": rng.choice((60, 90, 90, 120, 120, 180)),
    }


@cache
def _topics() -> list[int]:
    """Ids of the topics, which come with the pact and stay."""
    return list(Topic.objects.order_by("code").values_list("pk", flat=True))


_NUMBERS: dict[str, Callable[[Random], dict[str, object]]] = {
    "deutsch": _course,
    "bws": _screening,
    "inturo": _roma,
    "queer": _queer,
    "im": _group,
}
