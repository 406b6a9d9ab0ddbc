"""The monthly figures counted a second time, in another way: what the set-based SQL is held against."""

from collections import Counter, defaultdict

from django.utils import timezone

from casework.models import Case, Contact, FigureChange, MonthlyFigure
from casework.models.counts import COUNT_MODELS
from pik.months import add_months, month_of

NUMBERS = ("cases_open", "cases_opened", "cases_closed", "contacts", "minutes")


def counted_slowly() -> dict[tuple, tuple]:
    """All figures as a person with a pencil would count them, one row and one month after the other."""
    numbers, counts = defaultdict(Counter), defaultdict(Counter)
    for case in Case.objects.all():
        key = (case.manager_id, case.organisation_id, case.municipality_id, case.measure_id)
        month = month_of(case.opened_on)
        while month <= month_of(case.closed_on or timezone.localdate()):
            cell = numbers[*key, month]
            cell["cases_opened"] += month_of(case.opened_on) == month
            cell["cases_closed"] += bool(case.closed_on) and month_of(case.closed_on) == month
            cell["cases_open"] += not case.closed_on or month_of(case.closed_on) > month
            month = add_months(month, 1)
    for contact in Contact.objects.select_related("case"):
        key = (contact.manager_id, contact.organisation_id, contact.municipality_id, contact.case.measure_id)
        numbers[*key, month_of(contact.date)].update(contacts=1, minutes=contact.minutes)
    for model in COUNT_MODELS.values():
        for record in model.objects.all():
            key = (record.manager_id, record.organisation_id, record.municipality_id, model.MEASURE)
            fields = {field: getattr(record, field) for field in model.SUMMED}
            counts[*key, month_of(record.date)].update(records=1, **fields)
    cells = numbers.keys() | counts.keys()
    return {key: (*(numbers[key][name] for name in NUMBERS), dict(counts[key])) for key in cells}


def stored() -> dict[tuple, tuple]:
    """All figures as the table holds them."""
    columns = ("manager", "organisation", "municipality", "measure", "month")
    rows = MonthlyFigure.objects.values_list(*columns, *NUMBERS, "counts")
    return {row[:5]: row[5:] for row in rows}


def noted() -> set[tuple]:
    """All notes of changes: manager, first and last month."""
    return set(FigureChange.objects.values_list("manager", "first_month", "last_month"))
