"""The overview: money beside people and work, for the Land, a Kreis or an organisation.

Every number of a page comes from the same cells, so that no two tables of it, and no two pages, can differ.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from casework import reporting
from casework.models.withheld import Work
from casework.reporting import FigureCell, FilledPost, Staffing
from casework.withheld import Hides, Withheld, nothing_hidden, shown_sum
from funding import money
from funding.money import AwardSum, Balance
from pik.models import District, Measure, Municipality, Organisation, User
from pik.months import last_months, month_of
from pik.rounding import rounded


@dataclass(frozen=True)
class Period:
    """A year of the pact up to today: `day` for stocks (posts, open cases), months for what happened in it."""

    year: int
    day: date
    first_month: date
    last_month: date
    curve: list[date]

    @classmethod
    def of(cls, year: int) -> "Period":
        day = min(timezone.localdate(), date(year, 12, 31))
        return cls(year, day, date(year, 1, 1), month_of(day), last_months(settings.CURVE_MONTHS, until=day))

    @property
    def open_month(self) -> date | None:
        """The running month, whose figures still grow; None for a year that is over."""
        current = month_of(timezone.localdate())
        return current if self.curve[-1] == current else None


@dataclass(frozen=True)
class Line:
    """One row of an overview.

    `cases` are people and rounded to a multiple of five where they are not the reader's own organisation's; contacts
    are work and exact, None where they would tell about fewer than three people, and by municipality those of the
    reader's own organisation. `balance` stands only where a budget is.
    """

    key: str
    name: str
    heads: int
    fte: Decimal
    cases: int
    contacts: int | None
    awarded: Decimal | None = None
    balance: Balance | None = None
    has_cases: bool = True
    # Plans made in the year, running on from before it, and active on the day: people, and rounded like cases.
    plans_new: int = 0
    plans_continued: int = 0
    plans_active: int = 0


@dataclass(frozen=True)
class Overview:
    """All that one overview page, its pictures and its downloads show."""

    period: Period
    measure: Measure | None
    measures: list[Line]
    all_measures: Line
    total: Line
    lines: list[Line]
    places: list[Line]
    months: list[tuple[date, int | None]]

    @property
    def measure_name(self) -> str:
        return self.measure.name if self.measure else _("all measures")


class _Cells:
    """The rows of one page, sorted into lines in one pass each."""

    def __init__(self, *, reader: User, period: Period, district: District | None = None, by_place: bool) -> None:
        self.period = period
        self.reader = reader
        self.own = reader.membership.organisation_id
        first = min(period.first_month, period.curve[0])
        self.figures = reporting.figure_cells(
            reader=reader,
            first=first,
            last=period.last_month,
            district=district.pk if district else None,
            by_place=by_place,
        )
        self.held_back = Withheld(reader=reader, first=first, last=period.last_month, districts_only=not by_place)
        self.posts = reporting.filled_posts(reader=reader, day=period.day)
        self.awards = money.award_sums(reader=reader, year=period.year)

    def keep(self, wanted: Callable[[FigureCell | FilledPost | AwardSum], bool]) -> None:
        """Leaves out everything that does not belong to the page."""
        self.figures = [cell for cell in self.figures if wanted(cell)]
        self.posts = [post for post in self.posts if wanted(post)]
        self.awards = [award for award in self.awards if wanted(award)]

    def line(
        self,
        *,
        key: str,
        name: str,
        figures: Iterable[FigureCell],
        hides: Hides = nothing_hidden,
        posts: Iterable[FilledPost] = (),
        awards: Iterable[AwardSum] | None = None,
        balance: Balance | None = None,
        has_cases: bool = True,
        own_contacts_only: bool = False,
    ) -> Line:
        figures, staffing = list(figures), Staffing()
        for post in posts:
            staffing.add(post.manager, post.fte)
        contacts = [cell for cell in figures if cell.month >= self.period.first_month]
        cases = [cell for cell in figures if cell.month == self.period.last_month]
        made, ended = (self._own_and_others(contacts, name) for name in ("plans_new", "plans_ended"))
        active = self._own_and_others(cases, "plans_active")
        continued = tuple(now + over - new for now, over, new in zip(active, ended, made, strict=True))
        return Line(
            key=key,
            name=name,
            heads=staffing.heads,
            fte=staffing.fte,
            cases=self._own_and_rounded(cases, "cases_open"),
            contacts=self._own_and_others(contacts, "contacts")[0]
            if own_contacts_only
            else shown_sum(_parts(contacts), hides),
            awarded=None if awards is None else sum((award.amount for award in awards), money.ZERO),
            balance=balance,
            has_cases=has_cases,
            plans_new=made[0] + rounded(made[1]),
            plans_continued=continued[0] + rounded(continued[1]),
            plans_active=active[0] + rounded(active[1]),
        )

    def _own_and_rounded(self, cells: list[FigureCell], name: str) -> int:
        """The own organisation's number exactly, plus the others' rounded: no difference of two sums tells more."""
        own, others = self._own_and_others(cells, name)
        return own + rounded(others)

    def _own_and_others(self, cells: list[FigureCell], name: str) -> tuple[int, int]:
        own = sum(getattr(cell, name) for cell in cells if cell.organisation == self.own)
        return own, sum(getattr(cell, name) for cell in cells) - own

    def hides(self, *, district: str | None = None, organisation: int | None = None) -> Hides:
        """What is held back of a line; the own organisation sees all that it did itself."""
        if organisation == self.own:
            return nothing_hidden
        return self.held_back.of(Work.CONTACTS, district=district, organisation=organisation)

    def months(self, hides: Hides) -> list[tuple[date, int | None]]:
        cells = _by(self.figures, lambda cell: cell.month)
        return [(month, shown_sum(_parts(cells[month]), hides)) for month in self.period.curve]

    def total(self, hides: Hides, balances: Iterable[Balance] = ()) -> Line:
        return self.line(
            key="",
            name=_("Total"),
            figures=self.figures,
            hides=hides,
            posts=self.posts,
            awards=self.awards,
            balance=sum(balances, Balance()),
        )


def _by(rows: Iterable, key: Callable[[object], Hashable]) -> defaultdict:
    groups: defaultdict = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups


def _parts(cells: Iterable[FigureCell]) -> dict[tuple[str, date], int]:
    """Contacts by measure and month."""
    parts: defaultdict[tuple[str, date], int] = defaultdict(int)
    for cell in cells:
        parts[cell.measure, cell.month] += cell.contacts
    return parts


def _measure_lines(
    cells: _Cells, measures: list[Measure], hides: Hides, balances: Mapping[str, Balance] | None = None
) -> list[Line]:
    balances = balances or {}
    figures, posts, awards = (_by(rows, lambda row: row.measure) for rows in (cells.figures, cells.posts, cells.awards))
    return [
        cells.line(
            key=measure.pk,
            name=measure.name,
            figures=figures[measure.pk],
            hides=hides,
            posts=posts[measure.pk],
            awards=awards[measure.pk],
            balance=balances.get(measure.pk, Balance()),
            has_cases=measure.has_cases,
        )
        for measure in measures
    ]


def state_overview(*, reader: User, year: int, measures: list[Measure], measure_code: str) -> Overview:
    """The whole Land by measure and by Kreis; the Kreis table and the curve are limited to `measure_code` if given."""
    cells = _Cells(reader=reader, period=Period.of(year), by_place=False)
    balances = money.balances(year)
    hides = cells.hides()
    by_measure, all_measures = _measure_lines(cells, measures, hides, balances), cells.total(hides, balances.values())
    measure = _limit(cells, measures, measure_code)
    total = cells.total(hides, [balances.get(measure.pk, Balance())] if measure else balances.values())
    figures, posts, awards = (
        _by(rows, lambda row: row.district) for rows in (cells.figures, cells.posts, cells.awards)
    )
    names = [(district.pk, district.name_full) for district in District.objects.all()]
    if figures[None] or posts[None] or awards[None]:
        names.append((None, _("State level, no district")))
    lines = [
        cells.line(
            key=ags or "",
            name=name,
            figures=figures[ags],
            hides=cells.hides(district=ags),
            posts=posts[ags],
            awards=awards[ags],
        )
        for ags, name in names
    ]
    return Overview(cells.period, measure, by_measure, all_measures, total, lines, [], cells.months(hides))


def district_overview(
    *, reader: User, district: District, year: int, measures: list[Measure], measure_code: str
) -> Overview:
    """One Kreis by measure, organisation and municipality."""
    cells = _Cells(reader=reader, period=Period.of(year), district=district, by_place=True)
    cells.keep(lambda row: row.district == district.pk)
    hides = cells.hides(district=district.pk)
    by_measure, all_measures = _measure_lines(cells, measures, hides), cells.total(hides)
    measure = _limit(cells, measures, measure_code)
    involved = {row.organisation for row in (*cells.figures, *cells.posts)} | {
        award.recipient for award in cells.awards
    }
    names = Organisation.objects.names(involved)
    figures, posts = (_by(rows, lambda row: row.organisation) for rows in (cells.figures, cells.posts))
    awards = _by(cells.awards, lambda award: award.recipient)
    lines = [
        cells.line(
            key=str(pk),
            name=name,
            figures=figures[pk],
            hides=cells.hides(district=district.pk, organisation=pk),
            posts=posts[pk],
            awards=awards[pk],
        )
        for pk, name in names
    ]
    places, months = _places(cells, district), cells.months(hides)
    return Overview(cells.period, measure, by_measure, all_measures, cells.total(hides), lines, places, months)


def organisation_overview(
    *, reader: User, organisation: Organisation, year: int, measures: list[Measure], measure_code: str
) -> Overview:
    """One organisation by measure and municipality."""
    cells = _Cells(reader=reader, period=Period.of(year), by_place=True)
    hides = cells.hides(organisation=organisation.pk)
    by_measure, all_measures = _measure_lines(cells, measures, hides), cells.total(hides)
    measure = _limit(cells, measures, measure_code)
    places, months = _places(cells, organisation.district), cells.months(hides)
    return Overview(cells.period, measure, by_measure, all_measures, cells.total(hides), [], places, months)


def _limit(cells: _Cells, measures: list[Measure], code: str) -> Measure | None:
    measure = next((measure for measure in measures if measure.pk == code), None)
    if measure:
        cells.keep(lambda row: row.measure == measure.pk)
    return measure


def _places(cells: _Cells, district: District | None) -> list[Line]:
    """A line for every municipality of the Kreis and for those outside it in which something happened."""
    figures = _by(cells.figures, lambda cell: cell.municipality)
    inside = Municipality.objects.of_district(district.pk if district else None, also=[ags for ags in figures if ags])
    return [
        cells.line(key=ags, name=name, figures=figures[ags], own_contacts_only=True)
        for ags, name in inside.values_list("ags", "name")
    ]
