"""Quality beside quantity: plans, goals, reviews, referrals and self-reliance, out of the monthly figures alone.

Stocks (open cases, plans, reviews overdue, change in self-reliance) are those of the last month, what happened (goals
ended, referrals made) is that of twelve. Numbers of people outside the reader's organisation are rounded, each on its
own; shares are made of the rounded numbers and stay away below `SMALLEST_BASE`. Open cases and those with a plan are
numbers of clients and stand here as on the overview, however few managers answer for them. All else, shares included,
tells how managers work and is held back where these are fewer than three (`WithheldFigure`).
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import NamedTuple, Self

from django.conf import settings
from django.db.models import Sum
from django.utils.translation import gettext as _

from casework.models import MonthlyFigure
from casework.models.withheld import Work
from casework.self_reliance import signed
from casework.withheld import Hides, Withheld, nothing_hidden, shown_parts
from pik.models import District, Membership, Organisation, User
from pik.months import last_months
from pik.rounding import rounded
from pik.templatetags.figures import HIDDEN, ratio, whole

WINDOW_MONTHS = 12
# A number, nothing to divide by, or a number that is held back.
Value = int | Decimal | str | None


@dataclass(frozen=True)
class Sums:
    """What the columns of a line are made of; `of_others` when people outside the own organisation are among them.

    `held_back` when fewer than three managers did it: then only the numbers of clients are shown.
    """

    cases: int = 0
    planned: int = 0
    overdue: int = 0
    ended: int = 0
    reached: int = 0
    referred: int = 0
    arrived: int = 0
    reliance_cases: int = 0
    reliance_domains: int = 0
    reliance_change: int = 0
    of_others: bool = False
    held_back: bool = False

    def __add__(self, other: Self) -> Self:
        return type(self)(
            *(getattr(self, name) + getattr(other, name) for name in _NUMBERS),
            self.of_others or other.of_others,
            self.held_back or other.held_back,
        )

    def rounded(self) -> Self:
        """The same as somebody outside sees it."""
        return type(self)(*(rounded(getattr(self, name)) for name in _NUMBERS), True, self.held_back)

    def only(self, names: Collection[str]) -> Self:
        """The same with nothing but the named numbers."""
        return type(self)(**{name: getattr(self, name) for name in names})

    def _per(self, part: int, whole_number: int, *, base: int, factor: int = 1) -> Value:
        if self.held_back:
            return HIDDEN
        if self.of_others and base < settings.SMALLEST_BASE:
            return HIDDEN if base else None
        return Decimal(part * factor) / whole_number if whole_number else None

    @property
    def plan_share(self) -> Value:
        """Open cases with a running plan in per cent of the open cases."""
        return self._per(self.planned, self.cases, base=self.cases, factor=100)

    @property
    def reached_share(self) -> Value:
        """Goals that were reached in per cent of those that ended."""
        return self._per(self.reached, self.ended, base=self.ended, factor=100)

    @property
    def arrived_share(self) -> Value:
        """Referrals that have arrived in per cent of those made."""
        return self._per(self.arrived, self.referred, base=self.referred, factor=100)

    @property
    def change(self) -> Value:
        """The mean change in levels between first and last assessment over the domains answered in both."""
        return self._per(self.reliance_change, self.reliance_domains, base=self.reliance_cases)


_NUMBERS = [each.name for each in fields(Sums) if each.name not in ("of_others", "held_back")]
_SUMMED = {
    "cases": "cases_open",
    "planned": "plans_active",
    "overdue": "reviews_overdue",
    "ended": "goals_ended",
    "reached": "goals_reached",
    "referred": "referrals_made",
    "arrived": "referrals_arrived",
    "reliance_cases": "reliance_cases",
    "reliance_domains": "reliance_domains",
    "reliance_change": "reliance_change",
}
_FLOWS = ("ended", "reached", "referred", "arrived")
_CLIENTS = ("cases", "planned")
_STOCKS = [name for name in _NUMBERS if name not in (*_FLOWS, *_CLIENTS)]
# Sums by measure and month.
Parts = Mapping[tuple[str, date], Sums]


def _summed(parts: Parts, hides: Hides, *, month: date, window: Collection[date]) -> Sums:
    """Cases and plans of `month`, and without what is held back its other stocks and what happened in `window`."""
    stocks = {part for part in parts if part[1] == month}
    done = {part: sums.ended + sums.referred for part, sums in parts.items() if part[1] in window}
    kept, flows = {part for part in stocks if not hides(*part)}, shown_parts(done, hides)
    total = sum((parts[part].only(_CLIENTS) for part in stocks), Sums())
    total = sum((parts[part].only(_STOCKS) for part in kept), total)
    total = sum((parts[part].only(_FLOWS) for part in flows), total)
    lost = (stocks and not kept) or (any(done.values()) and not any(done[part] for part in flows))
    return replace(total, held_back=bool(lost))


class Column(NamedTuple):
    """A column of the table: its head, and how its value is written."""

    key: str
    label: str
    unit: str = ""
    write: Callable[[Value], str] = whole
    # Counted for the file; on the page the share beside it says enough.
    in_files_only: bool = False
    # A number of clients, which is rounded and never held back.
    of_clients: bool = False

    def _value(self, sums: Sums) -> Value:
        return HIDDEN if sums.held_back and not self.of_clients else getattr(sums, self.key)

    def shown(self, sums: Sums) -> str:
        value = self._value(sums)
        return HIDDEN if value == HIDDEN else self.write(tenths(value))

    def exported(self, sums: Sums) -> Value:
        value = self._value(sums)
        return round(value, 2) if isinstance(value, Decimal) else value


def tenths(value: Value) -> Value:
    """A share or a mean to one decimal, half up, as page and picture show it."""
    return value.quantize(Decimal("0.1"), ROUND_HALF_UP) if isinstance(value, Decimal) else value


def columns(*, by_month: bool = False) -> list[Column]:
    """All columns, in the language of the reader; what happened is that of a month or of twelve."""
    window = "" if by_month else _("12 months")
    return [
        Column("cases", _("Open cases"), of_clients=True),
        Column("planned", _("with a current plan"), in_files_only=True, of_clients=True),
        Column("plan_share", _("with a current plan"), "%", ratio),
        Column("overdue", _("Reviews overdue")),
        Column("ended", _("Goals ended"), window),
        Column("reached", _("of these reached"), in_files_only=True),
        Column("reached_share", _("Goals reached"), "%", ratio),
        Column("referred", _("Referrals"), window),
        Column("arrived", _("of these arrived"), in_files_only=True),
        Column("arrived_share", _("Referrals arrived"), "%", ratio),
        Column("reliance_cases", _("Cases assessed twice")),
        Column("change", _("Change in self-reliance"), _("levels"), _written_change),
    ]


def _written_change(value: Value) -> str:
    return ratio(None) if value is None else signed(value, decimals=1)


@dataclass(frozen=True)
class Line:
    """A Kreis, an organisation, or the manager's own cases."""

    name: str
    sums: Sums


@dataclass(frozen=True)
class Quality:
    """The figures of a reader, read once; lines, total and months come from the same cells."""

    reader: User
    measure: str = ""
    months: list[date] = field(default_factory=lambda: last_months(settings.CURVE_MONTHS))

    @property
    def by(self) -> str:
        """What the lines are."""
        membership = self.reader.membership
        if membership.role == Membership.Role.MANAGER:
            return "manager_id"
        return "district_id" if membership.sees_whole_state else "organisation_id"

    @cached_property
    def _cells(self) -> dict[str | int, Parts]:
        sums = {name: Sum(column) for name, column in _SUMMED.items()}
        rows = (
            MonthlyFigure.objects.visible_to(self.reader)
            .between(self.months[0], self.months[-1])
            .of_measure(self.measure)
            .exclude(**{self.by: None})
            .values_list(self.by, "measure_id", "month")
            .annotate(**{f"{name}_sum": total for name, total in sums.items()})
            .order_by()
        )
        cells: defaultdict[str | int, dict] = defaultdict(dict)
        for key, measure, month, *numbers in rows:
            if any(numbers):
                cells[key][measure, month] = Sums(*numbers)
        return cells

    @cached_property
    def _withheld(self) -> Withheld:
        return Withheld(
            reader=self.reader,
            first=self.months[0],
            last=self.months[-1],
            districts_only=self.by == "district_id",
        )

    def _hides(self, key: str | int | None = None) -> Hides:
        """What would tell about fewer than three managers: of one line, or of all together."""
        organisation = self.reader.membership.organisation
        if self.by == "manager_id":
            return nothing_hidden
        if self.by == "district_id":
            return self._withheld.of(Work.CASES, district=key)
        if not self.reader.membership.leads_district or key == organisation.pk:
            return self._withheld.of(Work.CASES, organisation=organisation.pk)
        return self._withheld.of(Work.CASES, district=organisation.district_id, organisation=key)

    def _is_own(self, key: str | int) -> bool:
        if self.by == "manager_id":
            return True
        return self.by == "organisation_id" and key == self.reader.membership.organisation_id

    def _hides_of(self, key: str | int, parts: Parts, *, in_total: bool = False) -> Hides:
        """What would tell about fewer than three managers: in the line of `key`, or in what the total has of it.

        The total holds nothing of the own organisation that its line does not show: all others are known line by line.
        Of a month at whose end nobody had a case nothing says how many people ended goals in it.
        """
        if self.by == "manager_id":
            return nothing_hidden
        rules = [self._hides()] if in_total else []
        if not in_total or self._is_own(key):
            rules.append(self._hides(key))
        return lambda measure, month: any(rule(measure, month) for rule in rules) or not parts[measure, month].cases

    def _together(self, *, month: date, window: Collection[date]) -> Sums:
        """The sum of lines: the own numbers, and those of all others rounded together."""
        found = {
            key: _summed(parts, self._hides_of(key, parts, in_total=True), month=month, window=window)
            for key, parts in self._cells.items()
        }
        own = sum((sums for key, sums in found.items() if self._is_own(key)), Sums())
        others = [sums for key, sums in found.items() if not self._is_own(key)]
        seen = own + sum(others, Sums()).rounded() if others else own
        # A line that is held back takes nothing away from a sum in which there is something else.
        told = [sums for sums in found.values() if sums != Sums()]
        return replace(seen, held_back=bool(told) and all(sums.held_back for sums in told))

    @cached_property
    def _by_key(self) -> dict[str | int, Sums]:
        """Each line over the whole time: stocks of the last month, what ended in twelve."""
        last, window = self.months[-1], self.months[-WINDOW_MONTHS:]
        found = {
            key: _summed(parts, self._hides_of(key, parts), month=last, window=window)
            for key, parts in self._cells.items()
        }
        return {key: sums for key, sums in found.items() if sums != Sums()}

    @cached_property
    def lines(self) -> list[Line]:
        """By name in German order; with one line only there is nothing to compare."""
        if self.by == "manager_id":
            return [Line(_("Your cases"), self.total)]
        names = (
            [(district.pk, district.name_full) for district in District.objects.all()]
            if self.by == "district_id"
            else Organisation.objects.names(self._by_key)
        )
        return [
            Line(name, self._by_key[key] if self._is_own(key) else self._by_key[key].rounded())
            for key, name in names
            if key in self._by_key
        ]

    @cached_property
    def total(self) -> Sums:
        return self._together(month=self.months[-1], window=self.months[-WINDOW_MONTHS:])

    @cached_property
    def by_month(self) -> list[tuple[date, Sums]]:
        """Each month on its own."""
        return [(month, self._together(month=month, window=[month])) for month in self.months]

    @property
    def shows_others(self) -> bool:
        return self.total.of_others

    @property
    def holds_back(self) -> bool:
        """Whether a full stop stands for what one or two people did."""
        return any(sums.held_back for sums in (self.total, *(line.sums for line in self.lines)))
