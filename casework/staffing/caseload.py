"""Cases, contacts and plans beside the VZÄ that work on them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import F, Sum

from casework.models import MonthlyFigure
from casework.models.withheld import Work
from casework.staffing.scope import Scope
from casework.withheld import Hides, Withheld, shown_parts, shown_sum
from pik.rounding import rounded

# What a caseload looks at: the cases of the day, the contacts of the month, of the 13 months, of the year.
TODAY, MONTH, WINDOW, YEAR = LOOKS = range(4)


class Figures(NamedTuple):
    """Exact numbers of people: open cases and running plans; plans new and ended of the year up to the month."""

    cases: int = 0
    plans: int = 0
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
    """Numbers of people as a reader may see them: those of others rounded to a multiple of five, the own exact."""

    cases: int
    plans: int
    plans_new: int
    plans_continued: int

    @classmethod
    def of(cls, *, own: Figures, others: Figures) -> "Seen":
        return cls(**{name: getattr(own, name) + rounded(getattr(others, name)) for name in cls.__annotations__})


@dataclass(frozen=True)
class Load:
    """The work of one measure in one line: its figures, its contacts by month, and the VZÄ on it."""

    own: Figures = NO_FIGURES
    others: Figures = NO_FIGURES
    contacts: Mapping[date, int] = field(default_factory=dict)
    filled: Decimal = Decimal(0)
    filled_on_average: Decimal = Decimal(0)

    @classmethod
    def together(cls, loads: Iterable["Load"]) -> "Load":
        """The work of several lines or measures."""
        loads = list(loads)
        contacts: defaultdict[date, int] = defaultdict(int)
        for load in loads:
            for month, number in load.contacts.items():
                contacts[month] += number
        return cls(
            sum((load.own for load in loads), NO_FIGURES),
            sum((load.others for load in loads), NO_FIGURES),
            contacts,
            sum((load.filled for load in loads), Decimal(0)),
            sum((load.filled_on_average for load in loads), Decimal(0)),
        )

    @property
    def seen(self) -> Seen:
        return Seen.of(own=self.own, others=self.others)


@dataclass(frozen=True)
class Caseload:
    """Ratios per filled VZÄ in measures with cases; None without VZÄ or where `hidden` says so.

    `cases` are open cases per VZÄ on the day, `contacts` those of the month per VZÄ of the day, `contacts_window` the
    monthly contacts per VZÄ on the average of the 13 months; `plan_share` is running plans in per cent of open cases;
    `contacts_year` is the number of contacts of the year up to the month. What is held back (`WithheldFigure`) is left
    out, VZÄ and all; where nothing remains, the number is hidden.
    """

    cases: Decimal | None
    contacts: Decimal | None
    contacts_window: Decimal | None
    plan_share: Decimal | None
    contacts_year: int | None
    hidden: tuple[bool, ...]

    @classmethod
    def of(cls, loads: Mapping[str, Load], held_back: Withheld, scope: Scope, **line: object) -> "Caseload":
        """The ratios of the measures in `loads`; `line` names the line of `held_back` (`Withheld.of`)."""
        hides = held_back.of(Work.CONTACTS, **line)
        hides_cases = held_back.of(Work.CASES, **line)
        todays = {name: load for name, load in loads.items() if not hides_cases(name, scope.month)}
        today = Load.together(todays.values())
        cases, plans = today.seen.cases, today.seen.plans
        month, window, year = (
            _Contacts.of(loads, hides, since, scope.month)
            for since in (scope.month, scope.months[0], scope.month.replace(month=1))
        )
        no_cases = len(todays) < len(loads) and not any(load.own.cases + load.others.cases for load in todays.values())
        return cls(
            cases=None if no_cases else _ratio(cases, today.filled),
            contacts=_ratio(month.number, month.filled),
            contacts_window=_ratio(window.number, window.filled_on_average * settings.CURVE_MONTHS),
            plan_share=_ratio(plans * 100, Decimal(cases)),
            contacts_year=year.number,
            hidden=(no_cases, *(part.number is None for part in (month, window, year))),
        )


@dataclass(frozen=True)
class _Contacts:
    """The contacts of a stretch of months that may be shown, None where none may, and the VZÄ of their measures."""

    number: int | None
    filled: Decimal
    filled_on_average: Decimal

    @classmethod
    def of(cls, loads: Mapping[str, Load], hides: Hides, first: date, last: date) -> "_Contacts":
        parts = {
            (measure, month): number
            for measure, load in loads.items()
            for month, number in load.contacts.items()
            if first <= month <= last
        }
        kept = shown_parts(parts, hides)
        left_out = {measure for measure, _month in parts} - {measure for measure, _month in kept}
        shown = [load for measure, load in loads.items() if measure not in left_out]
        return cls(
            shown_sum(parts, hides),
            sum((load.filled for load in shown), Decimal(0)),
            sum((load.filled_on_average for load in shown), Decimal(0)),
        )


def _ratio(number: int | None, by: Decimal) -> Decimal | None:
    if number is None or not by:
        return None
    return (number / by).quantize(Decimal("0.1"), rounding="ROUND_HALF_UP")


@dataclass(frozen=True)
class Done:
    """What was done in one line for one measure: its figures, and its contacts by month where there were any."""

    figures: Figures = NO_FIGURES
    contacts: Mapping[date, int] = field(default_factory=dict)


# Over the figures by line, measure and month: the page of the Land lives on one row a measure instead of one a month.
BY_MEASURE = """
SELECT place, measure_id,
    coalesce(sum(cases) FILTER (WHERE month = %s), 0)::bigint,
    coalesce(sum(plans) FILTER (WHERE month = %s), 0)::bigint,
    coalesce(sum(made) FILTER (WHERE month >= %s), 0)::bigint,
    coalesce(sum(over) FILTER (WHERE month >= %s), 0)::bigint,
    coalesce(array_agg(month) FILTER (WHERE talks > 0), '{{}}'),
    coalesce(array_agg(talks) FILTER (WHERE talks > 0), '{{}}')
FROM ({figures}) AS figures GROUP BY place, measure_id
"""


def read_figures(scope: Scope, *, by: str) -> dict[tuple[str | int | None, str], Done]:
    """The exact sums of the choice, by `organisation_id` or `district_id` and measure."""
    figures = MonthlyFigure.objects.visible_to(scope.reader).of_measure(scope.measure.pk if scope.measure else "")
    if scope.organisation:
        figures = figures.filter(organisation=scope.organisation)
    by_month = (
        figures.of_district(scope.district.pk if scope.district else None)
        .between(scope.first_day, scope.month)
        .order_by()
        .values("measure_id", "month", place=F(by))
        .annotate(
            cases=Sum("cases_open"),
            plans=Sum("plans_active"),
            talks=Sum("contacts"),
            made=Sum("plans_new"),
            over=Sum("plans_ended"),
        )
    )
    sql, parameters = by_month.query.sql_with_params()
    year = scope.month.replace(month=1)
    with connection.cursor() as cursor:
        cursor.execute(BY_MEASURE.format(figures=sql), [scope.month, scope.month, year, year, *parameters])
        return {
            (place, measure): Done(Figures(*figures), dict(zip(months, talks, strict=True)))
            for place, measure, *figures, months, talks in cursor.fetchall()
        }
