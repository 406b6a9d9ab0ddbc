"""One year of work and money in two Kreise, for the tests of overviews, pictures and the ledger."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from casework.services.figures import refresh_changed_figures
from funding.models import Budget, LedgerEntry
from pik.models import Organisation
from tests.factories import make_award, make_case, make_contact, make_manager, make_organisation

YEAR = 2025
OPENED, WORKED = date(YEAR, 2, 3), date(YEAR, 5, 6)
ALB_DONAU, BIBERACH = "08425", "08426"


@dataclass
class Land:
    """The Alb-Donau-Kreis with one Gemeinde in it, and the Kreis Biberach."""

    kreis: Organisation
    body: Organisation
    other: Organisation


def work(
    organisation: Organisation, *, cases: int, contacts: int, measure: str = "im", people: int = 3, **overrides: object
) -> None:
    """So many cases of new managers, all open at the end of the year, and so many contacts, spread over all of them."""
    team = [make_manager(organisation=organisation, measure=measure, **overrides) for _number in range(people)]
    opened = [make_case(manager=team[n % people], measure=measure, opened_on=OPENED) for n in range(cases)]
    for number in range(contacts):
        make_contact(case=opened[number % min(people, cases)], date=WORKED)
    refresh_changed_figures()


def award(organisation: Organisation, amount: str, *, measure: str = "im", year: int = YEAR) -> LedgerEntry:
    return make_award(budget=Budget.objects.get(measure=measure, year=year), recipient=organisation, amount=amount)


def make_land() -> Land:
    """Nine people, three a house: 16 cases and 7 contacts in one Kreis, 3 and 3 in the other; 1,230.06 EUR in all."""
    land = Land(
        kreis=make_organisation(district=ALB_DONAU),
        body=make_organisation(kind="municipality", district=ALB_DONAU),
        other=make_organisation(district=BIBERACH),
    )
    work(land.kreis, cases=7, contacts=4, fte=Decimal("0.50"))
    work(land.body, cases=9, contacts=3)
    work(land.other, cases=3, contacts=3, fte=Decimal("0.25"))
    award(land.kreis, "1000.01")
    award(land.body, "200.02")
    award(land.other, "30.03")
    return land
