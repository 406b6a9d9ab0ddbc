"""Figures for pages about more than one person: what happened, who is employed, and who may see it how exactly."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Sum
from django.utils.translation import get_language

from casework.models import MonthlyFigure, MonthlySummary, Post
from casework.models.posts import Assignment
from casework.models.withheld import Work
from casework.withheld import Withheld
from pik.models import User
from pik.rounding import rounded


@dataclass
class Staffing:
    """Who is employed on a day: managers as heads, and their full-time equivalents."""

    people: set[int] = field(default_factory=set)
    fte: Decimal = Decimal("0.00")

    @property
    def heads(self) -> int:
        return len(self.people)

    def add(self, manager_id: int, fte: Decimal) -> None:
        self.people.add(manager_id)
        self.fte += fte


class FigureCell(NamedTuple):
    """Sums of the monthly figures for one measure, place and organisation in one month."""

    measure: str
    district: str | None
    municipality: str | None
    organisation: int
    month: date
    contacts: int
    cases_open: int
    plans_new: int
    plans_ended: int
    plans_active: int


def figure_cells(*, reader: User, first: date, last: date, district: str | None, by_place: bool) -> list[FigureCell]:
    """The figures of a Kreis (of all, for None) that `reader` may see, from month `first` to `last`, in one query.

    Exact; rounding is for those who show them. Without `by_place` the cells are per Kreis and carry neither
    municipality nor organisation (0), which keeps them few for the whole state.
    """
    keys = ["measure_id", "district_id", "month"] + (["municipality_id", "organisation_id"] if by_place else [])
    sums = (
        MonthlyFigure.objects.visible_to(reader)
        .of_district(district)
        .between(first, last)
        .values(*keys)
        .annotate(
            contacts_sum=Sum("contacts"),
            cases_sum=Sum("cases_open"),
            made_sum=Sum("plans_new"),
            ended_sum=Sum("plans_ended"),
            active_sum=Sum("plans_active"),
        )
    )
    return [
        FigureCell(
            measure=row["measure_id"],
            district=row["district_id"],
            municipality=row.get("municipality_id"),
            organisation=row.get("organisation_id", 0),
            month=row["month"],
            contacts=row["contacts_sum"],
            cases_open=row["cases_sum"],
            plans_new=row["made_sum"],
            plans_ended=row["ended_sum"],
            plans_active=row["active_sum"],
        )
        for row in sums.order_by()
    ]


class FilledPost(NamedTuple):
    """One person on one post on a day."""

    manager: int
    organisation: int
    district: str | None
    measure: str
    fte: Decimal


def filled_posts(*, reader: User, day: date) -> list[FilledPost]:
    """Who fills which post on `day`, of the posts that `reader` may see, in one query."""
    assignments = Assignment.objects.active_on(day).filter(post__in=Post.objects.visible_to(reader))
    names = ("manager__user_id", "post__organisation_id", "post__district_id", "post__measure_id", "fte")
    return [FilledPost(*row) for row in assignments.values_list(*names)]


class PeopleOfSummary(NamedTuple):
    """What a summary says about people: open cases, and plans new, continued and active."""

    cases: int
    plans_new: int
    plans_continued: int
    plans_active: int


class WorkOfSummary(NamedTuple):
    """Contacts of a summary and their minutes; None where they would tell about fewer than three people."""

    contacts: int | None
    minutes: int | None


def _work_of(month: date) -> dict[tuple[int, str], WorkOfSummary]:
    """Contacts and minutes of every organisation and measure in a month, as the figures say now."""
    sums = MonthlyFigure.objects.filter(month=month).order_by().values_list("organisation_id", "measure_id")
    rows = sums.annotate(contacts_sum=Sum("contacts"), minutes_sum=Sum("minutes"))
    return {(organisation, measure): WorkOfSummary(*numbers) for organisation, measure, *numbers in rows}


class Elsewhere(NamedTuple):
    """An organisation that works in a Kreis for a measure, while its summary is that of the Kreis of its seat."""

    organisation: str
    measure: str


def at_home_elsewhere(*, month: date, measure: str, reader: User, district: str = "") -> list[Elsewhere]:
    """Whose summaries of `month` are missing in the list of a Kreis, though they work in it.

    The Kreis is the chosen `district`, for its administration always its own; without one nobody is missing.
    """
    membership = reader.membership
    if membership.leads_district:
        district = membership.organisation.district_id
    if not district:
        return []
    figures = MonthlyFigure.objects.visible_to(reader).of_district(district).between(month, month).of_measure(measure)
    rows = figures.seated_elsewhere(district).order_by("organisation__sort_name", "measure__position")
    # The name of a measure is in two languages.
    names = ("organisation__name", "measure__name_en" if get_language() == "en" else "measure__name_de")
    return [Elsewhere(*row) for row in dict.fromkeys(rows.values_list(*names))]


def summary_lines(
    summaries: Iterable[MonthlySummary], *, month: date, reader: User
) -> Iterator[tuple[MonthlySummary, PeopleOfSummary, WorkOfSummary]]:
    """Each summary of `month` with its people and its work as `reader` may see them.

    Cases and plans are people: outside the own organisation their numbers are rounded to multiples of five. Contacts
    and minutes are work and exact, but outside the own organisation not shown where fewer than three people did it.
    """
    own = reader.membership.organisation_id
    summaries = list(summaries)
    held_back = Withheld(reader=reader, first=month, last=month)
    now = _work_of(month) if any(summary.organisation_id != own for summary in summaries) else {}
    for summary in summaries:
        people = PeopleOfSummary(summary.cases_open, summary.plans_new, summary.plans_continued, summary.plans_active)
        work = WorkOfSummary(summary.contacts, summary.minutes)
        if summary.organisation_id == own:
            yield summary, people, work
        else:
            few = held_back.of(Work.CONTACTS, organisation=summary.organisation_id)(summary.measure_id, month)
            # What is held back belongs to the figures of now: a summary from before a late entry waits for its next
            # version, or the third person's entry would uncover what two had done.
            outdated = now.get((summary.organisation_id, summary.measure_id), WorkOfSummary(0, 0)) != work
            hidden = few or outdated
            yield summary, PeopleOfSummary(*map(rounded, people)), WorkOfSummary(None, None) if hidden else work
