"""Cases, contacts and plans beside the VZÄ that work on them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.conf import settings
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Func, Q, Sum

from casework.models import MonthlyFigure
from casework.staffing.scope import Scope
from pik.rounding import rounded

# Stands where a number would tell about too few people.
HIDDEN = "."
# What a caseload looks at: the cases of the day, the contacts of the month, of the 13 months, of the year. For the last
# two the month with the fewest people decides: two windows that differ by a month would tell about that month.
TODAY, MONTH, WINDOW, YEAR = LOOKS = range(4)


class Figures(NamedTuple):
    """Exact sums of the monthly figures; `year` and plans new and ended are those of the year up to the month."""

    cases: int = 0
    plans: int = 0
    contacts: int = 0
    contacts_window: int = 0
    contacts_year: int = 0
    plans_new: int = 0
    plans_ended: int = 0

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))

    @property
    def plans_continued(self) -> int:
        """Plans from before the year that ran on into it (`Plan`)."""
        return self.plans + self.plans_ended - self.plans_new


NO_FIGURES = Figures()


@dataclass(frozen=True)
class Seen:
    """Figures as a reader may see them: people of others rounded to a multiple of five, contacts and the own exact."""

    cases: int
    plans: int
    plans_new: int
    plans_continued: int
    contacts: int
    contacts_window: int
    contacts_year: int

    @classmethod
    def of(cls, *, own: Figures, others: Figures) -> "Seen":
        people = ("cases", "plans", "plans_new", "plans_continued")
        return cls(
            **{name: getattr(own, name) + rounded(getattr(others, name)) for name in people},
            **{name: getattr(own, name) + getattr(others, name) for name in cls.__annotations__ if name not in people},
        )


# Who had open cases in the month, and who recorded contacts in each month: keys of managers.
People = Mapping[date, AbstractSet[int]]


@dataclass(frozen=True)
class Load:
    """The work of one measure in one line: its figures, the VZÄ on it, and whose work it is."""

    own: Figures = NO_FIGURES
    others: Figures = NO_FIGURES
    filled: Decimal = Decimal(0)
    filled_on_average: Decimal = Decimal(0)
    keepers: frozenset[int] = frozenset()
    recorders: People = field(default_factory=dict)

    @classmethod
    def together(cls, loads: Iterable["Load"], *, people: bool = True) -> "Load":
        """The work of several lines or measures; without `people`, where only the numbers are asked for."""
        loads = list(loads)
        recorders: defaultdict[date, set[int]] = defaultdict(set)
        keepers: set[int] = set()
        for load in loads if people else ():
            keepers |= load.keepers
            for month, found in load.recorders.items():
                recorders[month] |= found
        return cls(
            sum((load.own for load in loads), NO_FIGURES),
            sum((load.others for load in loads), NO_FIGURES),
            sum((load.filled for load in loads), Decimal(0)),
            sum((load.filled_on_average for load in loads), Decimal(0)),
            frozenset(keepers),
            recorders,
        )

    def groups(self, look: int, scope: Scope) -> list[AbstractSet[int]]:
        """The groups of people about whom a look tells something."""
        if look == TODAY:
            return [self.keepers] if self.keepers else []
        if look == MONTH:
            return [self.recorders[scope.month]] if scope.month in self.recorders else []
        first = scope.months[0] if look == WINDOW else scope.month.replace(month=1)
        return [people for month, people in self.recorders.items() if month >= first]

    def reveals(self, look: int, scope: Scope) -> bool:
        """Whether it is the work of one or two people."""
        return any(len(people) < settings.SMALLEST_GROUP for people in self.groups(look, scope))

    @property
    def seen(self) -> Seen:
        return Seen.of(own=self.own, others=self.others)


@dataclass(frozen=True)
class Caseload:
    """Ratios per filled VZÄ in measures with cases; None without VZÄ or where `hidden` says so.

    `cases` are open cases per VZÄ on the day, `contacts` those of the month per VZÄ of the day, `contacts_window` the
    monthly contacts per VZÄ on the average of the 13 months; `plan_share` is running plans in per cent of open cases;
    `contacts_year` is the number of contacts of the year up to the month. A measure in which fewer than three people
    did the work is left out; with no other, the number is hidden.
    """

    cases: Decimal | None
    contacts: Decimal | None
    contacts_window: Decimal | None
    plan_share: Decimal | None
    contacts_year: int | None
    hidden: tuple[bool, ...]

    @classmethod
    def of(cls, loads: Mapping[str, Load], veiled: Sequence[set[str]], scope: Scope) -> "Caseload":
        """The ratios of all measures in `loads` but those that `veiled` names for each look."""
        shown = [
            Load.together((load for measure, load in loads.items() if measure not in veiled[look]), people=False)
            for look in LOOKS
        ]
        worked_on = [{measure for measure, load in loads.items() if load.groups(look, scope)} for look in LOOKS]
        today, month, window, year = (load.seen for load in shown)
        hidden = tuple(bool(veiled[look]) and veiled[look] >= worked_on[look] for look in LOOKS)
        return cls(
            cases=_ratio(today.cases, shown[TODAY].filled),
            contacts=_ratio(month.contacts, shown[MONTH].filled),
            contacts_window=_ratio(window.contacts_window, shown[WINDOW].filled_on_average * settings.CURVE_MONTHS),
            plan_share=_ratio(today.plans * 100, Decimal(today.cases)),
            contacts_year=None if hidden[YEAR] else year.contacts_year,
            hidden=hidden,
        )


def veils(
    lines: Sequence[Mapping[str, Load]], total: Mapping[str, Load], scope: Scope
) -> tuple[list[list[set[str]]], list[set[str]]]:
    """Which measures have to be left out of which line (and of the total), for each look.

    A measure that is the work of one or two people in a line is. Where all such people together are fewer than three,
    the total less all that is shown would be theirs: then the smallest of the other lines leaves the measure out too.
    """
    of_lines = [[set() for _look in LOOKS] for _line in lines]
    of_total = [{measure for measure, load in total.items() if load.reveals(look, scope)} for look in LOOKS]
    for look in LOOKS:
        for measure in total:
            worked = {
                index for index, line in enumerate(lines) if measure in line and line[measure].groups(look, scope)
            }
            few = {index for index in worked if lines[index][measure].reveals(look, scope)}
            others = worked - few
            # Only a few are worth the look at whose work they are together.
            if few and others and Load.together(lines[index][measure] for index in few).reveals(look, scope):
                few.add(min(others, key=lambda index: lines[index][measure].filled_on_average))
            for index in few:
                of_lines[index][look].add(measure)
    return of_lines, of_total


def _ratio(number: int, by: Decimal) -> Decimal | None:
    return (number / by).quantize(Decimal("0.1"), rounding="ROUND_HALF_UP") if by else None


def _some_people(wanted: Q) -> Func:
    """Who is behind a sum: all of them, or as many as are enough to tell about nobody."""
    everybody = ArrayAgg("manager_id", filter=wanted, distinct=True, default=[])
    return Func(everybody, template=f"(%(expressions)s)[1:{settings.SMALLEST_GROUP}]")


def read_figures(scope: Scope, *, by: str) -> dict[tuple[str | int | None, str], "Work"]:
    """The exact sums of the choice, and whose they are, by `organisation_id` or `district_id` and measure."""
    figures = MonthlyFigure.objects.visible_to(scope.reader).of_measure(scope.measure.pk if scope.measure else "")
    if scope.organisation:
        figures = figures.filter(organisation=scope.organisation)
    rows = (
        figures.of_district(scope.district.pk if scope.district else None)
        .between(scope.first_day, scope.month)
        .order_by()
        .values_list(by, "measure_id", "month")
        .annotate(
            cases=Sum("cases_open"),
            plans=Sum("plans_active"),
            talks=Sum("contacts"),
            made=Sum("plans_new"),
            over=Sum("plans_ended"),
            recorders=_some_people(Q(contacts__gt=0)),
            keepers=_some_people(Q(cases_open__gt=0, month=scope.month)),
        )
    )
    work: defaultdict[tuple[str | int | None, str], Work] = defaultdict(Work)
    for key, measure, month, *numbers, recorders, keepers in rows:
        work[key, measure].add(scope, month, numbers, recorders, keepers)
    return work


@dataclass
class Work:
    """What is gathered for one line and measure, month by month."""

    # In the order of `Figures`.
    sums: list[int] = field(default_factory=lambda: [0] * len(Figures._fields))
    keepers: frozenset[int] = frozenset()
    recorders: dict[date, frozenset[int]] = field(default_factory=dict)

    @property
    def figures(self) -> Figures:
        return Figures(*self.sums)

    def add(
        self, scope: Scope, month: date, numbers: Sequence[int], recorders: Sequence[int], keepers: Sequence[int]
    ) -> None:
        cases, plans, contacts, made, over = numbers
        sums = self.sums
        if month == scope.month:
            sums[0] += cases
            sums[1] += plans
            sums[2] += contacts
        if month >= scope.months[0]:
            sums[3] += contacts
        if month.year == scope.month.year:
            sums[4] += contacts
            sums[5] += made
            sums[6] += over
        self.keepers |= frozenset(keepers)
        if recorders:
            self.recorders[month] = frozenset(recorders)
