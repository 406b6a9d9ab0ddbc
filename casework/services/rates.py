"""The fixed amounts a post is paid with."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from casework.models import FundingRate
from pik.integrity import refusals
from pik.models import Measure


def add_rates(
    *,
    measure: Measure,
    qualifications: Collection[str],
    amount: Decimal,
    starts_on: date,
    ends_on: date | None,
    source: str,
) -> list[FundingRate]:
    """One rate in EUR a full-time post and year for each of the qualifications, for a time that had none.

    Raises ValidationError, naming the field, for an amount that is none, a period that is turned round or overlaps a
    rate that is there. Nothing is kept then.
    """
    if ends_on and ends_on < starts_on:
        raise ValidationError({"ends_on": _("The last day lies before the first. Change one of the two dates.")})
    refused = {
        "rate_once_at_a_time": (
            "starts_on",
            _("There is a rate for this qualification in that time already. Choose another period."),
        ),
        "rate_amount_positive": ("amount", _("Enter an amount above 0.")),
    }
    rates = [
        FundingRate(
            measure=measure,
            qualification=qualification,
            amount=amount,
            starts_on=starts_on,
            ends_on=ends_on,
            source=source.strip(),
        )
        for qualification in qualifications
    ]
    with refusals(refused):
        for rate in rates:
            rate.full_clean(exclude=["measure"], validate_constraints=False)
            rate.save()
    return rates


def end_rate(*, rate: FundingRate, ends_on: date) -> None:
    """Lets a rate hold until a day, so that another can follow.

    Raises ValidationError for a day before its first, or in the time of the rate that follows.
    """
    if ends_on < rate.starts_on:
        raise ValidationError({"ends_on": _("The last day lies before the first. Change one of the two dates.")})
    follows = _("Another rate for this qualification holds then. Enter a day before it begins.")
    with refusals({"rate_once_at_a_time": ("ends_on", follows)}):
        FundingRate.objects.filter(pk=rate.pk).update(ends_on=ends_on)
