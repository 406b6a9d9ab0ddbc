"""Section casework: saving a contact and lists of cases, with the contacts of a year and with those of the design size.

Two web processes work on two copies of the demo state, the second with fifty million contacts (PIK_BENCH_CONTACTS
names another number). Both are asked in turn, so that a slow moment of the machine meets both.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from statistics import median

from bench.application import Loaded, web
from bench.growth import DEPUTY, LARGE, LOGIN, SMALL, address, prepare, working_in
from bench.measurements import Measurement
from bench.visitor import Cost, RefusedError, Visitor

CONTACTS = int(os.environ.get("PIK_BENCH_CONTACTS", "50000000"))
WARM_UP, ROUNDS = 5, 31
RATIO = 1.3
SAVE, SAVE_QUERIES = 40, 8
LIST, LIST_QUERIES = 80, 10
PAGE, PAGE_QUERIES = 100, 12
# The form with this field; a contact that leads to nobody else.
ENTRY = {"field": "entry_key", "minutes": "30", "referral_target": ""}


def measure(loaded: Loaded | None) -> Iterator[Measurement]:
    """All measurements of this section; nothing where the database is a foreign one."""
    if loaded is None:
        print("bench: section casework makes databases and needs a server of its own.", file=sys.stderr)
        return
    number = prepare(CONTACTS)
    if number is None:
        yield Measurement("save of a contact, large table", None, "ms", SAVE)
        return
    large = f"{number / 1e6:.1f} million"
    with ExitStack() as stack:
        sites = [stack.enter_context(web(address(name))) for name in (SMALL, LARGE)]
        with working_in(SMALL):
            code, open_cases = _case_and_numbers()
        yield from _compared(sites, code, open_cases, large)


def _case_and_numbers() -> tuple[str, dict[str, int]]:
    """A case of the login, and how many open ones each of the two sees."""
    from casework.models import Case
    from pik.models import User

    found = {login: User.objects.get(email=f"{login}@pik.example") for login in (LOGIN, DEPUTY)}
    numbers = {login: Case.objects.visible_to(user).open().count() for login, user in found.items()}
    return Case.objects.visible_to(found[LOGIN]).open().for_choice(found[LOGIN])[0].code, numbers


def _compared(sites: list[str], code: str, open_cases: dict[str, int], large: str) -> Iterator[Measurement]:
    from django.urls import reverse

    new, listed = reverse("casework:contact_new"), reverse("casework:case_list")
    opened = {login: [_logged_in(site, login) for site in sites] for login in (LOGIN, DEPUTY)}
    asked: list[tuple[str, str, Callable[[Visitor], Cost], float, int]] = [
        ("save of a contact", LOGIN, lambda who: who.save(new, **ENTRY), SAVE, SAVE_QUERIES),
        (f"case list, {open_cases[LOGIN]} open", LOGIN, lambda who: who.get(listed), LIST, LIST_QUERIES),
        (f"case list, deputy with {open_cases[DEPUTY]} open", DEPUTY, lambda who: who.get(listed), LIST, LIST_QUERIES),
        ("new contact", LOGIN, lambda who: who.get(new), PAGE, PAGE_QUERIES),
        ("one case", LOGIN, lambda who: who.get(reverse("casework:case_detail", args=[code])), PAGE, PAGE_QUERIES),
        ("contacts", LOGIN, lambda who: who.get(reverse("casework:contact_list")), PAGE, PAGE_QUERIES),
        ("start", LOGIN, lambda who: who.get(reverse("casework:start")), PAGE, PAGE_QUERIES),
    ]
    for name, login, ask, limit, queries in asked:
        yield from _pairs(name, large, opened[login], ask, limit, queries)


def _pairs(
    name: str, large: str, visitors: list[Visitor], ask: Callable[[Visitor], Cost], limit: float, queries: int
) -> Iterator[Measurement]:
    """One page in both states, in turn: its time and queries with a year of contacts, and how much longer it takes."""
    try:
        pairs = [[ask(visitor) for visitor in visitors] for _ in range(WARM_UP + ROUNDS)][WARM_UP:]
    except RefusedError as refusal:
        print(f"bench: {refusal}", file=sys.stderr)
        yield Measurement(name, None, "ms", limit)
        return
    for size, costs in zip(("", f", {large}"), zip(*pairs, strict=True), strict=True):
        yield Measurement(name + size, median(cost.milliseconds for cost in costs), "ms", limit)
    yield Measurement(name, max(cost.queries for pair in pairs for cost in pair), "queries", queries, inclusive=True)
    ratio = median(more.milliseconds / few.milliseconds for few, more in pairs)
    yield Measurement(f"{name}, {large} to a year's", ratio, "times", RATIO, inclusive=True)


def _logged_in(site: str, login: str) -> Visitor:
    visitor = Visitor(site)
    visitor.log_in(login)
    return visitor
