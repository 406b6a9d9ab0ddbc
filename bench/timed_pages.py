"""Times pages in the web process: the median of several rounds after a warm-up, and the queries of each."""

import sys
from collections.abc import Iterable, Iterator
from statistics import median

from bench.measurements import Measurement
from bench.pages import Page
from bench.visitor import RefusedError, Visitor

WARM_UP, ROUNDS = 3, 15
MILLISECONDS, QUERIES = 100, 12


def timed_pages(address: str, pages: Iterable[Page]) -> Iterator[Measurement]:
    """Every page as its login sees it."""
    from django.urls import reverse

    visitors = {}
    for page in pages:
        if page.login not in visitors:
            visitors[page.login] = Visitor(address)
            visitors[page.login].log_in(page.login)
        path = reverse(page.url, kwargs=page.arguments())
        yield from timed_page(visitors[page.login], f"{page.login}: {page.name}", path, MILLISECONDS)


def timed_page(visitor: Visitor, name: str, path: str, limit: float) -> Iterator[Measurement]:
    """One page: time in the web process and number of queries."""
    time_taken, queries = None, None
    try:
        costs = [visitor.get(path) for _ in range(WARM_UP + ROUNDS)][WARM_UP:]
        time_taken, queries = median(cost.milliseconds for cost in costs), max(cost.queries for cost in costs)
    except RefusedError as refusal:
        print(f"bench: {refusal}", file=sys.stderr)
    yield Measurement(name, time_taken, "ms", limit)
    yield Measurement(name, queries, "queries", QUERIES, inclusive=True)
