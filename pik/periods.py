"""Periods from a first to a last day, both included; without a last day they have no end."""

from collections.abc import Sequence
from datetime import date
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import CheckConstraint, F, Func, Q
from django.utils.translation import gettext_lazy as _


class PeriodQuerySet(models.QuerySet):
    """Rows with `starts_on` and `ends_on`."""

    def active_on(self, day: date) -> Self:
        """Rows whose period includes `day`; the last day counts."""
        return self.filter(Q(starts_on__lte=day), Q(ends_on__isnull=True) | Q(ends_on__gte=day))

    def ending_on(self, day: date) -> Self:
        """Rows whose last day is `day`."""
        return self.filter(ends_on=day)

    def reaching(self, first: date, last: date | None = None) -> Self:
        """Rows whose period shares at least a day with `first` to `last` (no end, without one)."""
        begun = Q(starts_on__lte=last) if last else Q()
        return self.filter(begun, Q(ends_on__isnull=True) | Q(ends_on__gte=first))


def ends_after_start(name: str) -> CheckConstraint:
    """A constraint that the last day does not lie before the first."""
    return CheckConstraint(
        name=name,
        condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
        violation_error_message=_("The last day lies before the first. Change one of the two dates."),
    )


def once_at_a_time(
    *, name: str, fields: Sequence[str], message: str, condition: Q | None = None
) -> ExclusionConstraint:
    """A constraint that no two rows (of those that meet `condition`) with equal `fields` share a day."""
    period = Func(
        F("starts_on"),
        F("ends_on"),
        RangeBoundary(inclusive_lower=True, inclusive_upper=True),
        function="daterange",
        output_field=DateRangeField(),
    )
    return ExclusionConstraint(
        name=name,
        expressions=[*((field, RangeOperators.EQUAL) for field in fields), (period, RangeOperators.OVERLAPS)],
        condition=condition,
        violation_error_message=message,
    )
