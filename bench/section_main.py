"""Section main: the demo load, the nightly reconcile, and every page."""

import time
from collections.abc import Iterator

from bench.application import Loaded, web
from bench.measurements import Measurement
from bench.pages import PAGES
from bench.timed_pages import timed_page, timed_pages
from bench.visitor import Visitor

HEALTH_MILLISECONDS = 20
MEGABYTE = 1_000_000


def measure(loaded: Loaded | None) -> Iterator[Measurement]:
    """All measurements of this section."""
    yield from _load(loaded)
    yield from _reconcile()
    with web() as address:
        yield from _pages(address)


def _load(loaded: Loaded | None) -> Iterator[Measurement]:
    from django.db import connection

    if loaded:
        yield Measurement("demo load", loaded.seconds, "s", 90)
        yield Measurement("demo load, peak memory", loaded.peak_memory / MEGABYTE, "MB", 500)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        yield Measurement("demo state, database", cursor.fetchone()[0] / MEGABYTE, "MB", 500)


def _reconcile() -> Iterator[Measurement]:
    """As in every night, and the worst of nights: all figures gone. The latter is taken back."""
    from django.db import transaction

    from casework.models import MonthlyFigure
    from casework.services import figures

    yield Measurement("reconcile, 13 months", _seconds(figures.reconcile), "s", 20)
    with transaction.atomic():
        MonthlyFigure.objects.all().delete()
        seconds = _seconds(figures.reconcile)
        transaction.set_rollback(True)
    yield Measurement("reconcile, all figures gone", seconds, "s", 20)


def _seconds(work) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _pages(address: str) -> Iterator[Measurement]:
    from django.urls import reverse

    yield from timed_page(Visitor(address), "healthz", reverse("healthz"), HEALTH_MILLISECONDS)
    yield from timed_pages(address, PAGES)
