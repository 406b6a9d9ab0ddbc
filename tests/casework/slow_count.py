"""The monthly figures counted a second time, in another way: what the set-based SQL is held against."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

from django.utils import timezone

from casework.models import Case, Contact, FigureChange, Manager, MonthlyFigure, Plan, Referral, Responsibility
from casework.models.counts import COUNT_MODELS
from pik.months import add_months, month_of

NUMBERS = (
    "cases_open",
    "cases_opened",
    "cases_closed",
    "plans_new",
    "plans_ended",
    "plans_active",
    "contacts",
    "minutes",
    "referrals_made",
    "referrals_arrived",
)


def counted_slowly() -> dict[tuple, tuple]:
    """All figures as a person with a pencil would count them, one row and one month after the other."""
    numbers, counts = defaultdict(Counter), defaultdict(Counter)
    answered, employers = _answered(), dict(Manager.objects.values_list("pk", "organisation"))
    for case in Case.objects.all():
        events = _events(case.opened_on, case.closed_on, ("cases_opened", "cases_closed", "cases_open"))
        for day, name in events:
            numbers[_key(case, _manager_on(answered[case.pk], day), employers, day)][name] += 1
    for plan in Plan.objects.select_related("case"):
        events = _events(plan.starts_on, plan.ends_on, ("plans_new", "plans_ended", "plans_active"))
        for day, name in events:
            numbers[_key(plan.case, _manager_on(answered[plan.case_id], day), employers, day)][name] += 1
    for contact in Contact.objects.select_related("case"):
        key = (contact.manager_id, contact.organisation_id, contact.municipality_id, contact.case.measure_id)
        numbers[*key, month_of(contact.date)].update(contacts=1, minutes=contact.minutes)
    for referral in Referral.objects.select_related("case"):
        key = (referral.manager_id, referral.organisation_id, referral.municipality_id, referral.case.measure_id)
        arrived = int(referral.outcome == "arrived")
        numbers[*key, month_of(referral.referred_on)].update(referrals_made=1, referrals_arrived=arrived)
    for model in COUNT_MODELS.values():
        for record in model.objects.all():
            key = (record.manager_id, record.organisation_id, record.municipality_id, model.MEASURE)
            fields = {field: getattr(record, field) for field in model.SUMMED}
            counts[*key, month_of(record.date)].update(records=1, **fields)
    cells = numbers.keys() | counts.keys()
    return {key: (*(numbers[key][name] for name in NUMBERS), dict(counts[key])) for key in cells}


def _answered() -> dict[int, list[tuple[date, int]]]:
    """Who answers for each case from which day on, the earliest first."""
    answered = defaultdict(list)
    for row in Responsibility.objects.order_by("starts_on"):
        answered[row.case_id].append((row.starts_on, row.manager_id))
    return answered


def _manager_on(answered: list[tuple[date, int]], day: date) -> int:
    return [manager for first, manager in answered if first <= day][-1]


def _events(first: date, last: date | None, names: tuple[str, str, str]) -> Iterator[tuple[date, str]]:
    """The days on which something with a beginning and an end is counted, and as what: begun, ended, there."""
    begun, ended, there = names
    yield first, begun
    if last:
        yield last, ended
    month, today = month_of(first), timezone.localdate()
    while month <= today:
        counted_on = min(add_months(month, 1) - timedelta(days=1), today)
        if not last or month_of(last) > month:
            yield counted_on, there
        month = add_months(month, 1)


def _key(case: Case, manager: int, employers: dict[int, int], day: date) -> tuple:
    return (manager, employers[manager], _place_on(case, day), case.measure_id, month_of(day))


def _place_on(case: Case, day: date) -> str:
    """Where the case belonged on a day: the place it left next, else where it is now."""
    next_move = case.relocations.filter(starts_on__gt=day).order_by("starts_on").first()
    return next_move.left_id if next_move else case.municipality_id


def stored() -> dict[tuple, tuple]:
    """All figures as the table holds them."""
    columns = ("manager", "organisation", "municipality", "measure", "month")
    rows = MonthlyFigure.objects.values_list(*columns, *NUMBERS, "counts")
    return {row[:5]: row[5:] for row in rows}


def noted() -> set[tuple]:
    """All notes of changes: manager, first and last month."""
    return set(FigureChange.objects.values_list("manager", "first_month", "last_month"))
