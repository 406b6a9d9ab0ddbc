"""Entering, changing and taking back posts."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from uuid import UUID, uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from casework.models import LeavingEffect, Post
from casework.post_numbers import tidy_number
from pik.days import refuse_after
from pik.integrity import Message, refusals
from pik.models import Measure, Municipality, Organisation
from pik.templatetags.figures import fte as written_fte


def create_post(
    *,
    organisation: Organisation,
    measure: Measure,
    fte: Decimal,
    starts_on: date,
    ends_on: date | None,
    municipalities: Collection[Municipality],
    required_qualification: str = "",
    reference: str = "",
    entry_key: UUID | None = None,
) -> Post:
    """A new post that nobody fills yet; the Kreis of the municipalities funds it, for a welfare body any Kreis.

    An `entry_key` that was sent before gives the post stored then: the same form sent twice is one post.

    Raises ValidationError, naming the field, when the period or the VZÄ are not possible, or the municipalities do not
    fit measure and employer, or another post of the employer has the number in that time. A post begins with the end
    of the second year from now at the latest, and ends with that of the tenth.
    """
    refuse_backward_period(starts_on, ends_on)
    refuse_far_begin(starts_on)
    refuse_far_end(ends_on)
    district = _funding_district(measure, municipalities)
    if district and organisation.works_in_one_district and district != organisation.district_id:
        message = _("Choose municipalities of %(district)s, where the employer is seated.")
        raise ValidationError({"municipalities": message % {"district": organisation.district}})
    post = Post(
        organisation=organisation,
        district_id=district,
        measure=measure,
        fte=fte,
        starts_on=starts_on,
        ends_on=ends_on,
        required_qualification=required_qualification,
        reference=tidy_number(reference),
        entry_key=entry_key or uuid4(),
    )
    refused: dict[str, tuple[str | None, Message]] = {
        "post_reference_once_at_a_time": ("reference", lambda: _number_is_taken(post)),
        "post_entry_once": (None, _("This entry was sent before. Reload the page for a new one.")),
    }
    sent_before = Post.objects.filter(organisation=organisation, entry_key=entry_key)
    try:
        with refusals(refused):
            post.full_clean(validate_constraints=False)
            post.save()
            post.municipalities.set(municipalities)
    except ValidationError:
        # Sent before, or the first of two requests at once has just stored it.
        if entry_key and (stored := sent_before.first()):
            return stored
        raise
    return post


def change_post(
    *,
    post: Post,
    fte: Decimal,
    ends_on: date | None,
    municipalities: Collection[Municipality],
    required_qualification: str,
    reference: str,
) -> Post:
    """Corrects a post; employer, measure, first day and the Kreis that funds it stay, wherever the body is seated.

    Raises ValidationError, naming the field, when it would no longer hold the people on it, or another post of the
    employer has the number in that time.
    """
    refuse_backward_period(post.starts_on, ends_on)
    refuse_far_end(ends_on)
    refused: dict[str, tuple[str | None, Message]] = {
        "assignment_within_fte_of_post": (
            "fte",
            _("More than that is booked on this post. Enter a larger share, or change the bookings first."),
        ),
        "assignment_within_post": (
            "ends_on",
            _("Somebody is booked on this post for longer. Enter a later day, or end the booking first."),
        ),
        "post_reference_once_at_a_time": ("reference", lambda: _number_is_taken(post)),
    }
    with refusals(refused):
        post = Post.objects.select_for_update(of=("self",)).select_related("measure", "organisation").get(pk=post.pk)
        if _funding_district(post.measure, municipalities) != post.district_id:
            message = _("Another district funds this post. Choose municipalities of %(district)s.")
            raise ValidationError({"municipalities": message % {"district": post.district}})
        post.fte, post.ends_on = fte, ends_on
        post.required_qualification, post.reference = required_qualification, tidy_number(reference)
        post.full_clean(validate_constraints=False)
        post.save()
        post.municipalities.set(municipalities)
    return post


def withdraw_post(*, post: Post) -> None:
    """Removes a post that should not be there; raises ValidationError when somebody is or was booked on it."""
    with transaction.atomic():
        held = Post.objects.select_for_update().filter(pk=post.pk).first()
        if held is None:
            raise ValidationError(_("This post was taken back meanwhile."))
        if held.assignments.exists() or LeavingEffect.objects.filter(post=held).exists():
            raise ValidationError(_("Somebody is or was booked on this post, so it stays. Give it a last day instead."))
        held.delete()


def _number_is_taken(post: Post) -> str:
    """Names the post that has the number already."""
    other = Post.objects.numbered_like(post).select_related("measure", "organisation").first()
    if other is None:
        return _("Another post had this number until just now. Save once more.")
    words = {
        "fte": written_fte(other.fte),
        "employer": other.organisation.name,
        "measure": other.measure.name,
        "first": date_format(other.starts_on, "SHORT_DATE_FORMAT"),
    }
    message = _(
        "%(employer)s has a post with this number already: %(measure)s, %(fte)s FTE from %(first)s. Enter another one."
    )
    if other.ends_on:
        words["last"] = date_format(other.ends_on, "SHORT_DATE_FORMAT")
        message = _(
            "%(employer)s has a post with this number already: %(measure)s, %(fte)s FTE from %(first)s to %(last)s. "
            "Enter another one."
        )
    return message % words


def refuse_far_begin(starts_on: date) -> None:
    """Raises ValidationError on `starts_on` after the end of the second year from now."""
    last = date(timezone.localdate().year + settings.POST_BEGINS_WITHIN_YEARS, 12, 31)
    refuse_after(last, _("That is very far away. Enter %(day)s or an earlier day."), starts_on=starts_on)


def refuse_far_end(ends_on: date | None) -> None:
    """Raises ValidationError on `ends_on` after the end of the tenth year from now."""
    last = date(timezone.localdate().year + settings.POST_ENDS_WITHIN_YEARS, 12, 31)
    message = _("That is very far away. Enter %(day)s or an earlier day, or leave the field empty for no end.")
    refuse_after(last, message, ends_on=ends_on)


def refuse_backward_period(starts_on: date, ends_on: date | None) -> None:
    """Raises ValidationError on `ends_on` when it lies before the first day."""
    if ends_on and ends_on < starts_on:
        raise ValidationError({"ends_on": _("The last day lies before the first. Change one of the two dates.")})


def _funding_district(measure: Measure, municipalities: Collection[Municipality]) -> str | None:
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
    return districts.pop()
