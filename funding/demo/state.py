"""Puts the invented state together, in one transaction."""

from collections.abc import Callable
from datetime import date
from random import Random

from django.db import connection, transaction

from casework.models import FigureChange
from casework.services import figures, summaries
from funding.demo import awards, cases, contacts, counts, organisations, people, reviews, staff
from funding.demo.period import Period
from funding.demo.sizes import Sizes, sizes_for
from pik.models import Organisation, User

# Called with the step that begins and the part of the whole work that is behind it (0 to 1).
Progress = Callable[[str, float], None]


class NotEmptyError(Exception):
    """There is data already, and none of it is ever touched."""


def load_state(*, seed: int, until: date, scale: float, progress: Progress) -> dict[str, int]:
    """Loads the whole state as it stands on the day `until`; returns the rows written, by noun.

    The same seed, day and scale give the same rows, ids apart. One transaction: a load that is killed leaves the
    database empty. Raises NotEmptyError when it is not, also when another load was quicker.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('funding.demo'))")
        if Organisation.objects.exists() or User.objects.exists():
            raise NotEmptyError
        # A worker that runs already must not begin with what is about to be finished here.
        cursor.execute(figures.LOCK)
        period = Period(until)
        figures.prepare_partitions(until=period.start)
        figures.prepare_partitions(until=until)
        load = _Load(cursor, seed, period, sizes_for(scale), progress)
        load.sources()
        load.figures()
    return load.written


class _Load:
    """One run: what every step needs, and what was written so far."""

    def __init__(self, cursor, seed: int, period: Period, sizes: Sizes, progress: Progress) -> None:
        self.cursor, self.seed, self.period, self.sizes, self.progress = cursor, seed, period, sizes, progress
        self.written: dict[str, int] = {}

    def rng(self, noun: str) -> Random:
        return Random(f"{self.seed}/{noun}")  # noqa: S311 - repeatable on purpose

    def sources(self) -> None:
        """Everything that people would have entered."""
        cursor, period, sizes, written = self.cursor, self.period, self.sizes, self.written
        self.progress("organisations and people", 0)
        land, bodies = organisations.make_organisations()
        written["organisations"] = organisations.load_organisations(cursor, bodies)
        team = staff.make_staff(self.rng("staff"), land, sizes, period)
        members = people.make_people(self.rng("people"), land, team, period)
        written["people"] = people.load_people(cursor, members)
        written["managers and posts"] = staff.load_staff(cursor, team, period)
        cursor.execute("ANALYZE")
        # References are checked as they come, not in one silent minute at the end; but cases follow their contacts.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS contact_of_case DEFERRED")
        kept = cases.make_cases(self.rng("cases"), team, sizes, period)
        drafts = [case for mine in kept.values() for case in mine]
        cases.number_cases(cursor, drafts)
        written["contacts"], rng = 0, self.rng("contacts")
        ways = contacts.make_ways(rng)
        for index, month in enumerate(period.months):
            self.progress(f"contacts {month:%m/%Y}", 0.08 + 0.47 * index / len(period.months))
            written["contacts"] += contacts.load_contacts(cursor, rng, month, ways, team, kept, sizes, period)
        self.progress("cases", 0.55)
        written["cases"] = cases.load_cases(cursor, self.rng("case rows"), drafts, period)
        self.progress("counts and awards", 0.73)
        written["counts"] = counts.load_counts(cursor, self.rng("counts"), team, period)
        booked_by = next(member.user for member in members if member.organisation is land.ministry)
        written["awards"] = awards.load_awards(cursor, land, booked_by, period)
        self.progress("checking", 0.75)
        cursor.execute("ANALYZE")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    def figures(self) -> None:
        """What the application makes of it: the same code that works every night."""
        # All figures are made anew below, so nothing noted during the load is still to do.
        FigureChange.objects.all().delete()
        months, written = self.period.months, self.written
        written["figures"] = 0
        for index, month in enumerate(months):
            self.progress(f"figures {month:%m/%Y}", 0.9 + 0.08 * index / len(months))
            written["figures"] += figures.reconcile_month(month)
        self.progress("summaries", 0.98)
        written["summaries"] = sum(summaries.summarise_month(month) for month in months[:-1])
        written["access reviews"] = reviews.load_reviews(self.rng("access reviews"), self.period)
        # The pages that come next read these; the housekeeping of the database would take a minute to notice them.
        self.cursor.execute(
            "ANALYZE casework_monthlyfigure, casework_monthlysummary, casework_figurechange, pik_accessreview, "
            "pik_accessline"
        )
