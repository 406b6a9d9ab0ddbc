"""What coordinators see of the people they answer for: employment, what is to be done, and how much work each has."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Sum
from django.utils import timezone

from casework.case_numbers import CaseNumbers, cases_by_manager, cases_by_place, cases_of
from casework.models import (
    Absence,
    Assignment,
    Deputyship,
    Handover,
    Manager,
    MonthlyFigure,
    Post,
)
from pik.models import Measure, Municipality, User


class Colleague(NamedTuple):
    """Somebody who can take cases over, with the work they have."""

    manager: Manager
    cases: CaseNumbers
    fte: Decimal


class PlaceCases(NamedTuple):
    """How many open cases lie in a municipality."""

    ags: str
    name: str
    cases: CaseNumbers


@dataclass(frozen=True)
class Workload:
    """The open cases of one manager, and who could take them over.

    `places` are all those with a case today or, as decided already, later. Cases are people: their numbers are exact
    for the employer's own coordinators and rounded for the Kreis.
    """

    manager: Manager
    exact: bool
    cases: CaseNumbers
    places: list[PlaceCases]
    colleagues: list[Colleague]


def is_own(manager: Manager, reader: User) -> bool:
    """Whether `reader` acts for the organisation that employs the manager."""
    return manager.organisation_id == reader.membership.organisation_id


def decides_about(manager: Manager, reader: User) -> bool:
    """Whether a coordinator may end the employment and pass cases on (`ManagerQuerySet.answered_for_by`)."""
    membership = reader.membership
    seated = membership.organisation.district_id
    return is_own(manager, reader) or (membership.leads_district and manager.organisation.district_id == seated)


def open_cases(manager: Manager, *, reader: User) -> CaseNumbers:
    """How many cases of a manager are open, exact or rounded as in `Workload`."""
    numbers = cases_of(manager, day=timezone.localdate())
    return numbers if is_own(manager, reader) else numbers.rounded()


def workload(manager: Manager, *, reader: User) -> Workload:
    """What a coordinator needs to pass the cases of a manager on, in seven queries."""
    today, exact = timezone.localdate(), is_own(manager, reader)

    def shown(numbers: CaseNumbers | None) -> CaseNumbers:
        numbers = numbers or CaseNumbers()
        return numbers if exact else numbers.rounded()

    places = cases_by_place(manager, day=today)
    numbers = cases_by_manager(manager.organisation_id, day=today)
    colleagues = Manager.objects.colleagues_of(manager, day=today).present_first(reader)
    shares = Assignment.objects.fte_by_manager(manager.organisation_id, day=today)
    return Workload(
        manager=manager,
        exact=exact,
        cases=shown(numbers.get(manager.pk)),
        places=[
            PlaceCases(place.pk, place.name, shown(places[place.pk]))
            for place in Municipality.objects.filter(pk__in=places).for_choice()
        ],
        colleagues=[
            Colleague(colleague, shown(numbers.get(colleague.pk)), shares.get(colleague.pk, Decimal("0.00")))
            for colleague in colleagues
        ],
    )


@dataclass(frozen=True)
class PersonFile:
    """The page of a manager: what is known, and what is to be done about it."""

    manager: Manager
    own: bool
    decides: bool
    cases: CaseNumbers
    assignments: list[Assignment]
    # Keys of the posts among them whose page the reader may open.
    openable: set[int]
    absences: list[Absence]
    deputyships: list[Deputyship]
    handovers: list[Handover]
    today: date

    @property
    def leaves(self) -> bool:
        """A leaving is announced and has not come."""
        last = self.manager.employed_until
        return last is not None and last >= self.today

    @property
    def is_to_come(self) -> bool:
        """The latest employment is entered and has not begun."""
        first = self.manager.employed_since
        return first is not None and first > self.today

    @property
    def has_left(self) -> bool:
        return not (self.manager.is_employed or self.leaves or self.is_to_come)

    @property
    def needs_cover(self) -> bool:
        """Absent today with open cases, and nobody stands in."""
        covered = any(row.manager_id == self.manager.pk for row in self._on(self.deputyships))
        return bool(self.cases.today and self._on(self.absences)) and not covered

    @property
    def lacks_post(self) -> bool:
        """No booking today or later, yet access that has no end."""
        booked = any(row.ends_on is None or row.ends_on >= self.today for row in self.assignments)
        return self.manager.is_employed and not self.leaves and not booked

    @property
    def last_booked_on(self) -> date | None:
        return max((row.ends_on for row in self.assignments if row.ends_on), default=None)

    def _on(self, periods: Iterable[Absence | Deputyship]) -> list:
        return [
            row for row in periods if row.starts_on <= self.today and (not row.ends_on or row.ends_on >= self.today)
        ]


def person_file(manager: Manager, *, reader: User) -> PersonFile:
    """Everything that `reader` may see of a manager, who comes from `for_register`."""
    assignments = list(manager.posts_held())
    return PersonFile(
        manager=manager,
        own=is_own(manager, reader),
        decides=decides_about(manager, reader),
        cases=open_cases(manager, reader=reader),
        assignments=assignments,
        openable=Post.objects.visible_to(reader).ids_among(assignments),
        absences=list(Absence.objects.visible_to(reader).of_manager(manager).for_list()),
        deputyships=list(Deputyship.objects.visible_to(reader).concerning(manager).for_list()),
        handovers=list(Handover.objects.visible_to(reader).given_or_received_by(manager)),
        today=timezone.localdate(),
    )


class MonthOfWork(NamedTuple):
    """What a person did in a month, and the plans that run at its end."""

    month: date
    contacts: int = 0
    minutes: int = 0
    plans_new: int = 0
    plans_ended: int = 0
    plans_active: int = 0


def months_of_work(manager: Manager, *, reader: User, months: list[date]) -> list[MonthOfWork]:
    """The own figures of a manager for each of the months; for nobody else."""
    figures = MonthlyFigure.objects.visible_to(reader).of_manager(manager).between(months[0], months[-1])
    sums = figures.order_by().values_list("month").annotate(*map(Sum, MonthOfWork._fields[1:]))
    found = {row[0]: MonthOfWork(*row) for row in sums}
    return [found.get(month, MonthOfWork(month)) for month in months]


class ProofLine(NamedTuple):
    """What the proof of use needs of a person for one measure and year."""

    measure: Measure
    contacts: int
    plans_new: int
    plans_continued: int
    plans_active: int


def proof_lines(manager: Manager, *, reader: User, year: int) -> list[ProofLine]:
    """Contacts and plans of one person in a year, by measure.

    Active are the plans at its end (now, in the running year); continued are those that run on from before: active and
    ended, less the new ones (`Plan`). A new plan that was passed on is new here and continued there.
    """
    figures = MonthlyFigure.objects.visible_to(reader).of_manager(manager)
    rows = figures.between(date(year, 1, 1), date(year, 12, 1)).order_by("month")
    names = ("contacts", "plans_new", "plans_ended", "plans_active")
    sums: dict[str, list[int]] = {}
    last = min(date(year, 12, 1), timezone.localdate().replace(day=1))
    for measure, month, contacts, new, ended, active in rows.values_list("measure", "month").annotate(*map(Sum, names)):
        line = sums.setdefault(measure, [0, 0, 0, 0])
        line[0] += contacts
        line[1] += new
        line[2] += ended
        line[3] = active if month == last else 0
    measures = [measure for measure in Measure.objects.all() if measure.has_cases and measure.pk in sums]
    return [
        ProofLine(measure, contacts, new, max(active + ended - new, 0), active)
        for measure in measures
        for contacts, new, ended, active in [sums[measure.pk]]
    ]
