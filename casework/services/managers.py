"""Registering integration managers."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from casework.models import Assignment, Manager, Post
from pik import people
from pik.models import District, Measure, Membership, Municipality, Organisation


@transaction.atomic
def register_manager(
    *,
    name: str,
    email: str,
    organisation: Organisation,
    district: District | None,
    measure: Measure,
    fte: Decimal,
    starts_on: date,
    ends_on: date | None,
    municipalities: Collection[Municipality],
) -> Manager:
    """A new integration manager who fills a new post of `fte` full-time equivalents, and the invitation to log in.

    Raises ValidationError, naming the field, when the address already has a login, the period or the VZÄ are not
    possible, or a municipality lies outside the Kreis that funds the post. Nothing is kept then.
    """
    _check_places(measure, district, municipalities)
    user = people.register_person(
        email=email,
        name=name,
        organisation=organisation,
        role=Membership.Role.MANAGER,
        starts_on=min(starts_on, timezone.localdate()),
        ends_on=ends_on,
    )
    manager = Manager.objects.create(user=user, organisation=organisation)
    post = Post(
        organisation=organisation, district=district, measure=measure, fte=fte, starts_on=starts_on, ends_on=ends_on
    )
    post.full_clean()
    post.save()
    post.municipalities.set(municipalities)
    assignment = Assignment(post=post, manager=manager, fte=fte, starts_on=starts_on, ends_on=ends_on)
    assignment.full_clean()
    assignment.save()
    return manager


def _check_places(measure: Measure, district: District | None, municipalities: Collection[Municipality]) -> None:
    if measure.place_level == Measure.PlaceLevel.STATE:
        if municipalities:
            raise ValidationError({"municipalities": _("This measure is recorded for the state only. Choose none.")})
        return
    if district is None:
        raise ValidationError({"measure": _("This measure needs a district that funds the post.")})
    if not municipalities:
        raise ValidationError({"municipalities": _("Choose at least one municipality that the post serves.")})
    foreign = [m.name for m in municipalities if m.district_id != district.pk]
    if foreign:
        message = _("%(names)s lies outside %(district)s. Choose municipalities of this district.")
        raise ValidationError({"municipalities": message % {"names": ", ".join(foreign), "district": district}})

