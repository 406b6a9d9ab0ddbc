"""Bookings through their service, and at which field a refusal stands."""

from contextlib import contextmanager
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone, translation

from casework.models import Assignment
from casework.services.bookings import assign_manager

TODAY, HALF = timezone.localdate(), Decimal("0.50")


@contextmanager
def refused_at(field, *words):
    """The block is refused at exactly this field, with a sentence that has all of `words`."""
    with translation.override("en"), pytest.raises(ValidationError) as caught:
        yield
    found = caught.value.update_error_dict({})
    assert list(found) == [field]
    (sentence,) = ValidationError(found[field]).messages
    assert [word for word in words if word not in sentence] == []


def book(post, manager, fte=HALF, starts_on=TODAY, ends_on=None, booked_by=None) -> Assignment:
    return assign_manager(
        post=post, manager=manager, fte=fte, starts_on=starts_on, ends_on=ends_on, booked_by=booked_by
    )


def rows_of(post) -> list[tuple]:
    """Who is booked on a post with how much from when to when, the first first."""
    rows = post.assignments.order_by("starts_on", "pk")
    return list(rows.values_list("manager", "fte", "starts_on", "ends_on"))
