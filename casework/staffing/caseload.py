"""Cases, contacts and plans beside the VZÄ that work on them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple

from django.conf import settings
from django.db.models import Q, Sum

from casework.models import MonthlyFigure
from casework.staffing.scope import Scope
from pik.rounding import rounded

# Persons by measure with cases: today, in the month, in the 13 months.
Persons = tuple[Mapping[str, int], Mapping[str, int], Mapping[str, int]]
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
class Caseload:
    """Ratios per filled VZÄ in measures with cases; None without VZÄ or where `hidden` says so.

    `cases` are open cases per VZÄ on the day, `contacts` those of the month per VZÄ of the day, `contacts_window` the
    monthly contacts per VZÄ on the average of the 13 months; `plan_share` is running plans in per cent of open cases.
    """

    seen: Seen
    persons: Persons
    cases: Decimal | None
    contacts: Decimal | None
    contacts_window: Decimal | None
    plan_share: Decimal | None
    hidden: tuple[bool, bool, bool] = (False, False, False)

    @classmethod
    def of(cls, seen: Seen, *, persons: Persons, filled: Decimal, filled_on_average: Decimal) -> "Caseload":
        return cls(
            seen=seen,
            persons=persons,
            cases=_ratio(seen.cases, filled),
            contacts=_ratio(seen.contacts, filled),
            contacts_window=_ratio(seen.contacts_window, filled_on_average * settings.CURVE_MONTHS),
            plan_share=_ratio(seen.plans * 100, Decimal(seen.cases)),
        )

    def number_of_persons(self, when: int) -> int:
        return sum(self.persons[when].values())

    def reveals(self, when: int) -> bool:
        """Whether the ratios tell about one or two people: in any of the measures, as these can be chosen apart."""
        return any(0 < number < settings.SMALLEST_GROUP for number in self.persons[when].values())

    def veiled(self, hidden: tuple[bool, bool, bool]) -> "Caseload":
        """The same with the ratios of today, of the month, of the 13 months taken away where `hidden` says so."""
        names = {"cases": TODAY, "plan_share": TODAY, "contacts": MONTH, "contacts_window": WINDOW}
        return replace(self, hidden=hidden, **{name: None for name, when in names.items() if hidden[when]})


def _ratio(number: int, by: Decimal) -> Decimal | None:
    return (number / by).quantize(Decimal("0.1"), rounding="ROUND_HALF_UP") if by else None


def read_figures(scope: Scope, *, by: str) -> dict[str | int | None, Figures]:
    """The exact sums of the choice by `organisation_id` or `district_id`, in one query."""
    month, year = Q(month=scope.month), Q(month__year=scope.month.year)
    window = Q(month__gte=scope.months[0])
    figures = MonthlyFigure.objects.visible_to(scope.reader).of_measure(scope.measure.pk if scope.measure else "")
    if scope.organisation:
        figures = figures.filter(organisation=scope.organisation)
    sums = (
        figures.of_district(scope.district.pk if scope.district else None)
        .between(scope.first_day, scope.month)
        .order_by()
        .values_list(by)
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
    return {key: Figures(*numbers) for key, *numbers in sums}
