"""Booking awards and their corrections; the ledger itself is never changed."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from funding.models import Budget, LedgerEntry
from pik.integrity import refusals
from pik.models import Organisation, User


def book_award(
    *, budget: Budget, recipient: Organisation, amount: Decimal, reason: str, booked_by: User
) -> LedgerEntry:
    """An award of `amount` EUR to `recipient`, out of what is free in `budget`.

    Raises ValidationError on `amount` when it is not above 0 or beyond what is free, also when another award took
    the money in the same instant. Nothing is booked then.
    """
    if amount <= 0:
        raise ValidationError({"amount": _("Enter an amount above 0.")})
    award = LedgerEntry(
        kind=LedgerEntry.Kind.AWARD,
        budget=budget,
        recipient=recipient,
        amount=amount,
        reason=reason,
        booked_by=booked_by,
    )
    return _book(award)


def correct_award(*, entry: LedgerEntry, amount: Decimal, reason: str, booked_by: User) -> LedgerEntry:
    """A new entry that changes the award `entry` by `amount` EUR: below 0 takes back, above 0 adds.

    Raises ValidationError on `amount` when it is 0, takes back more than the recipient has out of this budget, or
    adds more than is free; and when `entry` is not an award.
    """
    if entry.kind != LedgerEntry.Kind.AWARD:
        raise ValidationError(_("Only awards can be corrected. Choose an award."))
    if not amount:
        raise ValidationError({"amount": _("Enter the difference: below 0 takes back, above 0 adds.")})
    correction = LedgerEntry(
        kind=entry.kind,
        budget=entry.budget,
        recipient=entry.recipient,
        amount=amount,
        reason=reason,
        corrects=entry,
        booked_by=booked_by,
    )
    return _book(correction)


@transaction.atomic
def _book(entry: LedgerEntry) -> LedgerEntry:
    # The lock that the database's own check takes: until the end nobody else books, so the sums in a refusal are true.
    Budget.objects.select_for_update().get(pk=entry.budget_id)
    kinds, entries = LedgerEntry.Kind, LedgerEntry.objects.filter(budget=entry.budget)
    totals = entries.totals()
    free = totals[kinds.BUDGET] - totals[kinds.AWARD]
    awarded = entries.filter(recipient=entry.recipient).totals()[kinds.AWARD]
    beyond_budget = _("%(free)s € are free in this budget. Enter this amount or less.") % {"free": _euros(free)}
    beyond_award = _("%(awarded)s € are awarded. Take back this amount or less.") % {"awarded": _euros(awarded)}
    with refusals(
        {
            "ledger_award_within_budget": ("amount", beyond_budget),
            "ledger_correction_within_award": ("amount", beyond_award),
        }
    ):
        entry.full_clean(validate_constraints=False)
        entry.save(force_insert=True)
    return entry


def _euros(amount: Decimal) -> str:
    return number_format(amount, decimal_pos=2, force_grouping=True)
