"""Puts the invented state together, in one transaction."""

from collections.abc import Callable
from datetime import date
from random import Random

from django.db import connection, transaction

from casework.models import Assignment, FigureChange, Manager, Post
from casework.services import figures, retention, summaries
from funding.demo import (
    absences,
    awards,
    case_file,
    cases,
    contacts,
    counts,
    handovers,
    organisations,
    people,
    plans,
    posts,
    referrals,
    reviews,
    staff,
    transfers,
)
from funding.demo.period import Period
from funding.demo.sizes import Sizes, sizes_for
from pik.models import Membership, Organisation, User

_READ_WHILE_LOADING = (Organisation, User, Membership, Manager, Post, Assignment)
# Months: more at once is quicker, fewer show sooner how far the work is.
FIGURES_AT_ONCE = 5
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
        self.members: list[Membership] = []

    def rng(self, noun: str) -> Random:
        return Random(f"{self.seed}/{noun}")  # noqa: S311 - repeatable on purpose

    def sources(self) -> None:
        """Everything that people would have entered."""
        land, team = self._staff()
        kept = cases.make_cases(self.rng("cases"), team, self.sizes, self.period)
        passed_on = handovers.make_handovers(self.rng("hand-overs"), team, kept, self.period)
        # Who received a case has it in hand as well.
        drafts = [case for each in team for case in kept.get(each.pk, ()) if case.staff is each]
        cases.number_cases(self.cursor, drafts)
        self._contacts(team, kept)
        self._cases(team, drafts, passed_on)
        self.progress("referrals", 0.64)
        self.written["referrals"] = referrals.load_referrals(self.cursor, self.period)
        rng = self.rng("transfers")
        offers = transfers.make_transfers(rng, team, drafts, self.period)
        self.written["transfers"] = transfers.load_transfers(self.cursor, rng, offers, self.period)
        self.progress("counts and awards", 0.66)
        self.written["counts"] = counts.load_counts(self.cursor, self.rng("counts"), team, self.period)
        booked_by = next(member.user for member in self.members if member.organisation is land.ministry)
        self.written["awards"] = awards.load_awards(self.cursor, land, booked_by, self.period)
        self.progress("checking", 0.67)
        self.cursor.execute("ANALYZE")
        self.cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    def _staff(self) -> tuple[organisations.Land, list[staff.Staff]]:
        """Organisations, people, and the history of their posts."""
        cursor, period, written = self.cursor, self.period, self.written
        self.progress("organisations and people", 0)
        land, bodies = organisations.make_organisations()
        written["organisations"] = organisations.load_organisations(cursor, bodies)
        team = staff.make_staff(self.rng("staff"), land, self.sizes, period)
        funded = posts.make_posts(self.rng("posts"), team, period)
        deputies = absences.make_absences(self.rng("absences"), team, period)
        self.members = people.make_people(self.rng("people"), land, team, period)
        written["people"] = people.load_people(cursor, self.members)
        written["managers"] = staff.load_managers(cursor, team, period)
        coordinators = people.coordinators(self.members)
        written["posts"], written["assignments"] = posts.load_posts(cursor, funded, coordinators, period)
        written["absences"], written["deputies"] = absences.load_absences(cursor, team, deputies)
        # Not the tables that are still empty: after a load that was killed the database would go on to think so.
        cursor.execute(f"ANALYZE {', '.join(model._meta.db_table for model in _READ_WHILE_LOADING)}")
        # References are checked as they come, not in one silent minute at the end; but cases follow their contacts.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS contact_of_case DEFERRED")
        return land, team

    def _contacts(self, team: list[staff.Staff], kept: dict[int, list[cases.CaseDraft]]) -> None:
        months, rng = self.period.months, self.rng("contacts")
        self.written["contacts"], ways = 0, contacts.make_ways(rng)
        for index, month in enumerate(months):
            self.progress(f"contacts {month:%m/%Y}", 0.05 + 0.34 * index / len(months))
            self.written["contacts"] += contacts.load_contacts(
                self.cursor, rng, month, ways, team, kept, self.sizes, self.period
            )

    def _cases(
        self, team: list[staff.Staff], drafts: list[cases.CaseDraft], passed_on: list[handovers.HandoverDraft]
    ) -> None:
        """Cases, who answers for them, their plans; then the employments of those who left can end."""
        cursor, written = self.cursor, self.written
        self.progress("cases", 0.39)
        case_file.agree(self.rng("consents"), drafts, self.period)
        written["cases"] = cases.load_cases(cursor, self.rng("case rows"), drafts, self.period)
        cursor.execute("ANALYZE casework_case, casework_responsibility")
        written["hand-overs"], written["cases passed on"] = handovers.load_handovers(
            cursor, passed_on, people.coordinators(self.members), self.period
        )
        handovers.end_employments(cursor, team)
        self.progress("plans", 0.6)
        made, written["plan reviews"] = plans.load_plans(cursor, self.rng("plans"), drafts, self.period)
        written["plans"] = len(made)
        self.progress("phases, assessments and goals", 0.62)
        written["phases"] = case_file.load_phases(cursor, self.rng("phases"), drafts, self.period)
        written["assessments"] = case_file.load_assessments(cursor, self.rng("assessments"), drafts, self.period)
        written["goals"], written["steps"] = case_file.load_goals(cursor, self.rng("goals"), made, self.period)

    def figures(self) -> None:
        """What the application makes of it: the same code that works every night."""
        # All figures are made anew below, so nothing noted during the load is still to do.
        FigureChange.objects.all().delete()
        months, written = self.period.months, self.written
        written["figures"] = 0
        for index in range(0, len(months), FIGURES_AT_ONCE):
            self.progress(f"figures {months[index]:%m/%Y}", 0.8 + 0.18 * index / len(months))
            written["figures"] += figures.reconcile_together(months[index : index + FIGURES_AT_ONCE])
        self.progress("summaries", 0.98)
        written["summaries"] = sum(summaries.summarise_month(month) for month in months[:-1])
        retention.count_what_goes()
        written["access reviews"] = reviews.load_reviews(self.rng("access reviews"), self.period)
        # The pages that come next read these; the housekeeping of the database would take a minute to notice them.
        self.cursor.execute(
            "ANALYZE casework_monthlyfigure, casework_monthlysummary, casework_figurechange, pik_accessreview, "
            "pik_accessline"
        )
