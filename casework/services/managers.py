"""Registering integration managers."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from casework.models import Manager, Post
from casework.services.bookings import assign_manager
from casework.services.posts import create_post
from pik import people
from pik.integrity import refusals
from pik.models import Measure, Membership, Municipality, Organisation, User


@transaction.atomic
def register_manager(
    *,
    name: str,
    email: str,
    organisation: Organisation,
    measure: Measure,
    fte: Decimal,
    starts_on: date,
    ends_on: date | None,
    municipalities: Collection[Municipality],
    qualification: str = "",
    qualification_proven_on: date | None = None,
    booked_by: User | None = None,
) -> Manager:
    """A new integration manager who fills a new post of `fte` full-time equivalents, and the invitation to log in.

    The Kreis of the municipalities funds the post. Raises ValidationError, naming the field, when the address already
    has a login, the period or the VZÄ are not possible, or the municipalities do not fit. Nothing is kept then.
    """
    post = create_post(
        organisation=organisation,
        measure=measure,
        fte=fte,
        starts_on=starts_on,
        ends_on=ends_on,
        municipalities=municipalities,
    )
    return register_on_post(
        post=post,
        name=name,
        email=email,
        fte=fte,
        starts_on=starts_on,
        ends_on=ends_on,
        qualification=qualification,
        qualification_proven_on=qualification_proven_on,
        booked_by=booked_by,
    )


@transaction.atomic
def register_on_post(
    *,
    post: Post,
    name: str,
    email: str,
    fte: Decimal,
    starts_on: date,
    ends_on: date | None,
    qualification: str = "",
    qualification_proven_on: date | None = None,
    booked_by: User | None = None,
) -> Manager:
    """A new integration manager on a post that exists, and the invitation to log in.

    The access lasts until the leaving is recorded, whenever the booking ends. Raises ValidationError as
    `register_manager` and `assign_manager` do, on `qualification` when the post demands another. Nothing is kept then.
    """
    # Access begins at once, so that the first day at work is not spent waiting for it.
    today = timezone.localdate()
    user = people.register_person(
        email=email,
        name=name,
        organisation=post.organisation,
        role=Membership.Role.MANAGER,
        starts_on=starts_on if people.works_until(email=email, day=today) else min(starts_on, today),
    )
    manager, _new = Manager.objects.get_or_create(user=user, organisation=post.organisation)
    with _named_as_entered():
        if qualification or qualification_proven_on:
            set_qualification(manager=manager, qualification=qualification, proven_on=qualification_proven_on)
        assign_manager(post=post, manager=manager, fte=fte, starts_on=starts_on, ends_on=ends_on, booked_by=booked_by)
    return manager


@contextmanager
def _named_as_entered() -> Iterator[None]:
    """Gives refusals the names that the fields have where a person is registered."""
    names = {"manager": "qualification", "proven_on": "qualification_proven_on"}
    try:
        yield
    except ValidationError as error:
        if not hasattr(error, "error_dict"):
            raise
        raise ValidationError({names.get(name, name): found for name, found in error.error_dict.items()}) from error


def set_qualification(*, manager: Manager, qualification: str, proven_on: date | None) -> Manager:
    """Notes what a manager has learned and the date of the evidence; ValidationError for evidence of nothing."""
    if proven_on and proven_on > timezone.localdate():
        raise ValidationError({"proven_on": _("This day has not come yet. Enter the date of the certificate.")})
    refused = {
        "manager_evidence_of_a_qualification": ("qualification", _("Say which qualification the evidence is for."))
    }
    with refusals(refused):
        manager.qualification, manager.qualification_proven_on = qualification, proven_on
        manager.full_clean(exclude=["user", "organisation", "successor"], validate_constraints=False)
        manager.save(update_fields=["qualification", "qualification_proven_on"])
    return manager
