"""Awards out of the budgets that are present, and one correction."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.db.backends.utils import CursorWrapper

from funding.allocation import CENT, allocate
from funding.demo.copying import copy_instances, reserve_ids
from funding.demo.organisations import Land
from funding.demo.period import Period
from funding.models import Budget, LedgerEntry
from pik.models import Organisation, User

# Part of the budget that is awarded; the rest is still free.
AWARDED = {"im": "1", "deutsch": "0.85", "bws": "0.80", "inturo": "0.75", "queer": "0.80", "jbh": "0.90"}
DECIDED = (2, 16)


def load_awards(cursor: CursorWrapper, land: Land, booked_by: User, period: Period) -> int:
    """Writes the awards of every year that had begun; Integrationsmanagement goes out to the last cent."""
    entries = []
    for budget in Budget.objects.filter(year__lte=period.until.year).order_by("year", "measure__position"):
        day = date(budget.year, *DECIDED)
        if day <= period.until:
            entries += _awards(budget, _key(land, budget.measure_id), booked_by, day, period)
    for entry, pk in zip(entries, reserve_ids(cursor, LedgerEntry, len(entries)), strict=True):
        entry.pk = pk
    first = next((entry for entry in entries if entry.budget.measure_id == "deutsch"), None)
    if first:
        entries.append(_correction(cursor, first, period))
    return copy_instances(
        cursor, entries, "id", "kind", "budget_id", "recipient_id", "amount", "reason", "corrects_id", "booked_by_id",
        "booked_at",
    )  # fmt: skip


def _key(land: Land, measure: str) -> Mapping[str, tuple[Organisation, int]]:
    """Recipients with their weight, by a name that never changes."""
    if measure == "bws":
        return {ags: (body, 1) for ags, body in land.screening.items()}
    if measure == "inturo":
        return {land.roma.name: (land.roma, 1)}
    if measure == "queer":
        return {body.name: (body, 1) for body in land.queer}
    by_population = {district.pk: (land.of_district[district.pk], district.population) for district in land.districts}
    if measure == "jbh":
        largest = sorted(by_population, key=lambda ags: (-by_population[ags][1], ags))[:12]
        return {ags: by_population[ags] for ags in sorted(largest)}
    return by_population


def _awards(
    budget: Budget, key: Mapping[str, tuple[Organisation, int]], booked_by: User, day: date, period: Period
) -> list[LedgerEntry]:
    part = Decimal(AWARDED.get(budget.measure_id, "0.5"))
    total = (budget.entries.totals()[LedgerEntry.Kind.BUDGET] * part).quantize(CENT)
    by_population = budget.measure_id in ("im", "deutsch", "jbh")
    amounts = allocate(total=total, weights={name: weight for name, (_, weight) in key.items()})
    return [
        LedgerEntry(
            kind=LedgerEntry.Kind.AWARD,
            budget=budget,
            recipient=key[name][0],
            amount=amount,
            reason="Beispiel: Schlüssel nach Einwohnern" if by_population else "Beispiel: zu gleichen Teilen",
            booked_by=booked_by,
            booked_at=period.moment(day, 10 + index / 60),
        )
        for index, (name, amount) in enumerate(amounts.items())
    ]


def _correction(cursor: CursorWrapper, award: LedgerEntry, period: Period) -> LedgerEntry:
    """A fifth of an award that was not needed comes back."""
    return LedgerEntry(
        pk=reserve_ids(cursor, LedgerEntry, 1)[0],
        kind=award.kind,
        budget=award.budget,
        recipient=award.recipient,
        amount=-(award.amount / 5).quantize(CENT),
        reason="Beispiel: weniger Kurse als beantragt",
        corrects=award,
        booked_by=award.booked_by,
        booked_at=period.moment(min(date(award.budget.year, 9, 15), period.until), 11),
    )
