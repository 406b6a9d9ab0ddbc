"""Kreis Waldshut as it was in 2024: 17 managers, 7,048 talks, plans 430 new, 1,118 continued, 1,228 active.

The figures are those that the Kreis itself published; how they spread over people and days is invented here.
"""

from datetime import date, timedelta

from django.db import connection

from casework.codes import new_code
from casework.models import Case, Contact, Manager, Plan, Topic
from casework.services.figures import prepare_partitions, reconcile_month
from casework.services.summaries import summarise_month
from pik.models import Organisation
from tests.factories import make_manager, make_organisation, places_of

AGS = "08337"
YEAR = 2024
HEADS, TALKS = 17, 7048
PLANS_NEW, PLANS_CONTINUED, PLANS_ACTIVE = 430, 1118, 1228
FIRST, LAST = date(YEAR, 1, 1), date(YEAR, 12, 31)
DAY = timedelta(days=1)


def enter_waldshut() -> Organisation:
    """The Kreis with its people, cases, plans and talks of the year, and the figures that the refresh makes of them."""
    kreis = make_organisation(district=AGS)
    team = [make_manager(organisation=kreis, starts_on=date(2023, 1, 1)) for _ in range(HEADS)]
    cases = _cases(kreis, team)
    _plans(cases)
    prepare_partitions(until=FIRST)
    _talks(cases)
    for month in range(1, 13):
        reconcile_month(date(YEAR, month, 1))
    summarise_month(date(YEAR, 12, 1))
    return kreis


def _cases(kreis: Organisation, team: list[Manager]) -> list[Case]:
    """One case for every plan; those with a plan from before the year were opened before it."""
    place = places_of(kreis)[0]
    return Case.objects.bulk_create(
        Case(
            code=new_code(),
            measure_id="im",
            records_origin=True,
            opened_by=team[number % HEADS],
            organisation=kreis,
            municipality=place,
            opened_on=date(2023, 6, 1) if number < PLANS_CONTINUED else FIRST + DAY * (number % 300),
            age_band="25-34",
            household_band="1",
            origin_group="ukraine",
            residence_group="temporary_protection",
        )
        for number in range(PLANS_CONTINUED + PLANS_NEW)
    )


def _plans(cases: list[Case]) -> None:
    """The old plans first; so many of them end in the year that the active ones remain."""
    ending = PLANS_CONTINUED + PLANS_NEW - PLANS_ACTIVE
    Plan.objects.bulk_create(
        Plan(
            case=case,
            starts_on=date(2023, 7, 1) if number < PLANS_CONTINUED else case.opened_on + DAY * (number % 60),
            ends_on=FIRST + DAY * (number % 366) if number < ending else None,
        )
        for number, case in enumerate(cases)
    )


def _talks(cases: list[Case]) -> None:
    topics = [Topic.objects.get(code="wohnen").pk]
    columns = ("case_id", "case_opened_on", "manager_id", "organisation_id", "municipality_id", "date", "kind")
    columns += ("channel", "minutes", "topics", "mediation", "recorded_at")
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {Contact._meta.db_table} ({', '.join(columns)}) FROM STDIN") as copy,
    ):
        for number in range(TALKS):
            case = cases[number % PLANS_CONTINUED]
            day = FIRST + DAY * (number % 366)
            where = (case.pk, case.opened_on, case.opened_by_id, case.organisation_id, case.municipality_id)
            copy.write_row((*where, day, "counselling", "office", 30, topics, "none", f"{day} 12:00+01"))
