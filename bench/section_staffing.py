"""Section staffing: the boards, and VZÄ over three years against the bare SQL of the query behind it."""

import time
from collections.abc import Callable, Iterator
from statistics import median

from bench.application import Loaded, web
from bench.measurements import Measurement
from bench.pages import STAFFING_PAGES
from bench.timed_pages import timed_pages

PAIRS = 41
RATIO = 2


def measure(loaded: Loaded | None) -> Iterator[Measurement]:
    """All measurements of this section."""
    yield from _fte_over_time()
    with web() as address:
        yield from timed_pages(address, STAFFING_PAGES)


def _fte_over_time() -> Iterator[Measurement]:
    """The function that pages call and its SQL alone, in turn, so that both see the same machine."""
    from django.db import connection
    from django.utils import timezone

    from casework.staffing import Scope, fte_over_time
    from casework.staffing.over_time import over_time_query
    from pik.models import User

    scope = Scope(User.objects.get(email="ministry@pik.example"), timezone.localdate())
    days = scope.curve_days

    def ours() -> None:
        fte_over_time(scope.posts(), days)

    sql, parameters = over_time_query(scope.posts(), days)

    def bare() -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            cursor.fetchall()

    pairs = [(_milliseconds(ours), _milliseconds(bare)) for _ in range(PAIRS)]
    yield Measurement("FTE over 3 years, whole state", median(pair[0] for pair in pairs), "ms", 100)
    yield Measurement("its bare SQL", median(pair[1] for pair in pairs), "ms", 100)
    yield Measurement("ratio of the two, paired", median(a / b for a, b in pairs), "times", RATIO, inclusive=True)


def _milliseconds(work: Callable[[], None]) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000
