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
from pik.models import Measure, Membership, Municipality, Organisation


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
) -> Manager:
    """A new integration manager who fills a new post of `fte` full-time equivalents, and the invitation to log in.

    The Kreis of the municipalities funds the post. Raises ValidationError, naming the field, when the address already
    has a login, the period or the VZÄ are not possible, or the municipalities do not fit. Nothing is kept then.
    """
    if ends_on and ends_on < starts_on:
        raise ValidationError({"ends_on": _("The last day lies before the first. Change one of the two dates.")})
    district_id = _funding_district(measure, organisation, municipalities)
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
        organisation=organisation,
        district_id=district_id,
        measure=measure,
        fte=fte,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    post.full_clean()
    post.save()
    post.municipalities.set(municipalities)
    assignment = Assignment(post=post, manager=manager, fte=fte, starts_on=starts_on, ends_on=ends_on)
    assignment.full_clean()
    assignment.save()
    return manager


def _funding_district(
    measure: Measure, organisation: Organisation, municipalities: Collection[Municipality]
) -> str | None:
    """The AGS of the Kreis that funds a post; None for a measure that knows the state level only."""
    if measure.place_level == Measure.PlaceLevel.STATE:
        if municipalities:
            raise ValidationError(
                {"municipalities": _("This measure is recorded for the state only. Choose no municipality.")}
            )
        return None
    districts = {municipality.district_id for municipality in municipalities}
    if not districts:
        raise ValidationError({"municipalities": _("Choose at least one municipality that the post serves.")})
    if len(districts) > 1:
        raise ValidationError(
            {"municipalities": _("One district funds a post. Choose municipalities of one district.")}
        )
    if organisation.district_id and districts != {organisation.district_id}:
        message = _("Choose municipalities of %(district)s, where the employer is seated.")
        raise ValidationError({"municipalities": message % {"district": organisation.district}})
    return districts.pop()
