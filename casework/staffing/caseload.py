"""Cases, contacts and plans beside the VZÄ that work on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.conf import settings
from django.db.models import Q, Sum

from casework.models import MonthlyFigure
from casework.staffing.scope import Scope
from pik.rounding import rounded

# What a caseload looks at: the day, its month, the 13 months up to it.
TODAY, MONTH, WINDOW = range(3)


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


@dataclass(frozen=True)
class Load:
    """The work of one measure in one line: its figures, the VZÄ on it, and how many people did it when."""

    own: Figures = NO_FIGURES
    others: Figures = NO_FIGURES
    filled: Decimal = Decimal(0)
    filled_on_average: Decimal = Decimal(0)
    people: tuple[frozenset[int], frozenset[int], frozenset[int]] = (frozenset(), frozenset(), frozenset())

    def __add__(self, other: "Load") -> "Load":
        return Load(
            self.own + other.own,
            self.others + other.others,
            self.filled + other.filled,
            self.filled_on_average + other.filled_on_average,
            tuple(mine | theirs for mine, theirs in zip(self.people, other.people, strict=True)),
        )

    @property
    def persons(self) -> tuple[int, int, int]:
        return tuple(map(len, self.people))

    def reveals(self, when: int) -> bool:
        """Whether it is the work of one or two people."""
        return 0 < self.persons[when] < settings.SMALLEST_GROUP

    @property
    def seen(self) -> Seen:
        return Seen.of(own=self.own, others=self.others)


@dataclass(frozen=True)
class Caseload:
    """Ratios per filled VZÄ in measures with cases; None without VZÄ or where `hidden` says so.

    `cases` are open cases per VZÄ on the day, `contacts` those of the month per VZÄ of the day, `contacts_window` the
    monthly contacts per VZÄ on the average of the 13 months; `plan_share` is running plans in per cent of open cases.
    A measure in which fewer than three people work is left out; with no other, the ratio is hidden.
    """

    cases: Decimal | None
    contacts: Decimal | None
    contacts_window: Decimal | None
    plan_share: Decimal | None
    hidden: tuple[bool, bool, bool]

    @classmethod
    def of(cls, loads: Mapping[str, Load], veiled: Sequence[set[str]]) -> "Caseload":
        """The ratios of all measures in `loads` but those that `veiled` names for the day, the month, the 13 months."""
        shown = [
            sum((load for measure, load in loads.items() if measure not in veiled[when]), Load()) for when in range(3)
        ]
        today, month, window = (load.seen for load in shown)
        return cls(
            cases=_ratio(today.cases, shown[TODAY].filled),
            contacts=_ratio(month.contacts, shown[MONTH].filled),
            contacts_window=_ratio(window.contacts_window, shown[WINDOW].filled_on_average * settings.CURVE_MONTHS),
            plan_share=_ratio(today.plans * 100, Decimal(today.cases)),
            hidden=tuple(bool(veiled[when]) and veiled[when] >= _worked_on(loads, when) for when in range(3)),
        )


def _worked_on(loads: Mapping[str, Load], when: int) -> set[str]:
    return {measure for measure, load in loads.items() if load.persons[when]}


def veils(
    lines: Sequence[Mapping[str, Load]], total: Mapping[str, Load]
) -> tuple[list[list[set[str]]], list[set[str]]]:
    """Which measures have to be left out of which line (and of the total), for the day, the month, the 13 months.

    A measure with one or two people in a line is. Where all such people together are fewer than three, the total less
    all that is shown would be theirs: then the smallest of the other lines leaves the measure out as well.
    """
    of_lines = [[set() for _when in range(3)] for _line in lines]
    of_total = [{measure for measure, load in total.items() if load.reveals(when)} for when in range(3)]
    for when in range(3):
        for measure in total:
            numbers = [line[measure].persons[when] if measure in line else 0 for line in lines]
            few = {index for index, number in enumerate(numbers) if 0 < number < settings.SMALLEST_GROUP}
            others = [index for index, number in enumerate(numbers) if number and index not in few]
            if few and others and sum(numbers[index] for index in few) < settings.SMALLEST_GROUP:
                few.add(min(others, key=numbers.__getitem__))
            for index in few:
                of_lines[index][when].add(measure)
    return of_lines, of_total


def _ratio(number: int, by: Decimal) -> Decimal | None:
    return (number / by).quantize(Decimal("0.1"), rounding="ROUND_HALF_UP") if by else None


def read_figures(scope: Scope, *, by: str) -> dict[tuple[str | int | None, str], Figures]:
    """The exact sums of the choice by measure and `organisation_id` or `district_id`, in one query."""
    month, year = Q(month=scope.month), Q(month__year=scope.month.year)
    window = Q(month__gte=scope.months[0])
    figures = MonthlyFigure.objects.visible_to(scope.reader).of_measure(scope.measure.pk if scope.measure else "")
    if scope.organisation:
        figures = figures.filter(organisation=scope.organisation)
    sums = (
        figures.of_district(scope.district.pk if scope.district else None)
        .between(scope.first_day, scope.month)
        .order_by()
        .values_list(by, "measure_id")
        .annotate(
            cases_now=Sum("cases_open", filter=month, default=0),
            plans_now=Sum("plans_active", filter=month, default=0),
            contacts_month=Sum("contacts", filter=month, default=0),
            contacts_months=Sum("contacts", filter=window, default=0),
            contacts_this_year=Sum("contacts", filter=year, default=0),
            plans_made=Sum("plans_new", filter=year, default=0),
            plans_over=Sum("plans_ended", filter=year, default=0),
        )
    )
    return {(key, measure): Figures(*numbers) for key, measure, *numbers in sums}
