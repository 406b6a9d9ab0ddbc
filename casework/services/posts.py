"""Posts and who fills them."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from casework.models import Assignment, Manager, Post, Qualification
from casework.models.posts import SMALLEST_FTE
from casework.vacancies import booking_words
from pik.integrity import Message, refusals
from pik.models import Measure, Municipality, Organisation, User
from pik.templatetags.figures import fte as written_fte

DAY = timedelta(days=1)


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
) -> Post:
    """A new post that nobody fills yet; the Kreis of the municipalities funds it, for a welfare body any Kreis.

    Raises ValidationError, naming the field, when the period or the VZÄ are not possible, or the municipalities do not
    fit measure and employer, or another post of the employer has the number in that time.
    """
    _refuse_backward_period(starts_on, ends_on)
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
        reference=reference.strip(),
    )
    with refusals({"post_reference_once_at_a_time": ("reference", lambda: _number_is_taken(post))}):
        post.full_clean(validate_constraints=False)
        post.save()
        post.municipalities.set(municipalities)
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
    _refuse_backward_period(post.starts_on, ends_on)
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
        post.required_qualification, post.reference = required_qualification, reference.strip()
        post.full_clean(validate_constraints=False)
        post.save()
        post.municipalities.set(municipalities)
    return post


def assign_manager(
    *, post: Post, manager: Manager, fte: Decimal, starts_on: date, ends_on: date | None, booked_by: User
) -> Assignment:
    """Books `manager` on `fte` of a post for a period.

    Raises ValidationError, naming the field, when the post has less left on any of the days (then it says who was
    booked by whom), the person would exceed 1.00 VZÄ, the period lies outside that of post or employment, or the
    person lacks the qualification that the post demands. Of two people who book at once one wins.
    """
    _refuse_backward_period(starts_on, ends_on)
    required = post.required_qualification
    if manager.qualification and not Qualification.suffices(manager.qualification, required):
        message = _("This post demands %(required)s. Choose somebody else, or correct the qualification of the person.")
        raise ValidationError({"manager": message % {"required": Qualification(required).label}})
    assignment = Assignment(
        post=post, manager=manager, fte=fte, starts_on=starts_on, ends_on=ends_on, booked_by=booked_by
    )
    with refusals(_refused(assignment)):
        assignment.full_clean(exclude=["post", "manager", "booked_by"], validate_constraints=False)
        assignment.save()
    return assignment


def change_fte(
    *, assignment: Assignment, fte: Decimal, starts_on: date, with_post: bool, booked_by: User
) -> Assignment:
    """Changes the VZÄ of a booking from a day on: the old one ends the day before, a new one begins.

    `with_post` changes the size of the post with it: the post ends as well and one of the new size takes its place,
    which needs that nobody else is booked on it from that day on. Raises ValidationError as `assign_manager`.
    """
    new = Assignment(
        post=assignment.post, manager=assignment.manager, fte=fte, starts_on=starts_on, ends_on=assignment.ends_on
    )
    with refusals(_refused(new)):
        held = _held(assignment)
        _refuse_day_outside(held, starts_on)
        if held.fte == fte:
            raise ValidationError({"fte": _("That is the share until now. Enter another one.")})
        post, last_day = held.post, held.ends_on
        if starts_on == held.starts_on:
            held.delete()
        else:
            held.ends_on = starts_on - DAY
            held.save()
        if with_post:
            post = _resized(post, fte, starts_on)
        return assign_manager(
            post=post, manager=held.manager, fte=fte, starts_on=starts_on, ends_on=last_day, booked_by=booked_by
        )


def end_assignment(*, assignment: Assignment, ends_on: date) -> None:
    """Ends a booking on a day; one that would end before it begins is taken back altogether.

    A later day than before prolongs it; raises ValidationError on `ends_on` when the post, somebody else's booking or
    the employment leaves no room for that.
    """
    with transaction.atomic():
        held = _held(assignment)
        if held.post.ends_on and ends_on > held.post.ends_on:
            message = _("The post ends on %(day)s. Enter this day or an earlier one.")
            raise ValidationError({"ends_on": message % {"day": date_format(held.post.ends_on, "SHORT_DATE_FORMAT")}})
        if ends_on < held.starts_on:
            held.delete()
        else:
            move_end(assignment=held, ends_on=ends_on)


def move_end(*, assignment: Assignment, ends_on: date | None) -> None:
    """Lets a booking end on another day, or never; raises ValidationError on `ends_on` when there is no room for it."""
    with refusals({name: ("ends_on", sentence) for name, (_field, sentence) in _refused(assignment).items()}):
        assignment.ends_on = ends_on
        assignment.save()


def _held(assignment: Assignment) -> Assignment:
    """The booking as it is now, locked; ValidationError when somebody has taken it back meanwhile."""
    locked = Assignment.objects.select_for_update(of=("self",)).select_related("post", "manager__user")
    held = locked.filter(pk=assignment.pk).first()
    if held is None:
        raise ValidationError(_("This booking was taken back meanwhile. Look at the post to see what holds now."))
    return held


def _resized(post: Post, fte: Decimal, starts_on: date) -> Post:
    """The post of another size that follows `post` on a day."""
    if post.assignments.reaching(starts_on).exists():
        message = _(
            "Somebody else is booked on this post from that day on. Change the share without the size of the post."
        )
        raise ValidationError({"with_post": message})
    if starts_on == post.starts_on:
        post.fte = fte
        post.full_clean()
        post.save()
        return post
    places, last_day = list(post.municipalities.all()), post.ends_on
    follower = Post(
        reference=post.reference,
        organisation_id=post.organisation_id,
        district_id=post.district_id,
        measure_id=post.measure_id,
        fte=fte,
        starts_on=starts_on,
        ends_on=last_day,
        required_qualification=post.required_qualification,
    )
    Post.objects.filter(pk=post.pk).update(ends_on=starts_on - DAY)
    follower.full_clean()
    follower.save()
    follower.municipalities.set(places)
    return follower


def _number_is_taken(post: Post) -> str:
    """Names the post that has the number already."""
    other = Post.objects.numbered_like(post).select_related("measure").first()
    if other is None:
        return _("Another post had this number until just now. Save once more.")
    words = {
        "fte": written_fte(other.fte),
        "measure": other.measure.name,
        "first": date_format(other.starts_on, "SHORT_DATE_FORMAT"),
    }
    message = _("A post of %(measure)s with %(fte)s FTE from %(first)s has this number. Enter another one.")
    if other.ends_on:
        words["last"] = date_format(other.ends_on, "SHORT_DATE_FORMAT")
        message = _(
            "A post of %(measure)s with %(fte)s FTE from %(first)s to %(last)s has this number. Enter another one."
        )
    return message % words


def _refuse_backward_period(starts_on: date, ends_on: date | None) -> None:
    if ends_on and ends_on < starts_on:
        raise ValidationError({"ends_on": _("The last day lies before the first. Change one of the two dates.")})


def _refuse_day_outside(held: Assignment, day: date) -> None:
    if day < held.starts_on or (held.ends_on and day > held.ends_on):
        message = _("The booking does not reach to this day. Enter a day from %(first)s on.")
        first = date_format(held.starts_on, "SHORT_DATE_FORMAT")
        raise ValidationError({"starts_on": message % {"first": first}})


def _refused(assignment: Assignment) -> Mapping[str, tuple[str | None, Message]]:
    """What a refused booking is told; the two about what is left look at what others have booked meanwhile."""
    post, person = assignment.post, assignment.manager

    def left_of_post() -> str:
        others = (
            post.assignments.reaching(assignment.starts_on, assignment.ends_on).for_post().exclude(pk=assignment.pk)
        )
        left = post.fte - most(others, assignment.starts_on)
        booked = "; ".join(_booking(other) for other in others)
        message = _("%(left)s FTE of this post are left in that time. Booked: %(booked)s. Enter less or other days.")
        if left < SMALLEST_FTE:
            message = _("This post is full in that time. Booked: %(booked)s. Choose other days.")
        return message % {"left": written_fte(left), "booked": booked}

    def left_of_person() -> str:
        others = (
            Assignment.objects.of_person(person.user_id)
            .reaching(assignment.starts_on, assignment.ends_on)
            .exclude(pk=assignment.pk)
        )
        left = Decimal(1) - most(others, assignment.starts_on)
        message = _(
            "This person has %(left)s FTE left in that time; nobody works more than 1.00. Enter less or other days."
        )
        if left < SMALLEST_FTE:
            return _("This person is fully booked in that time. Choose somebody else or other days.")
        return message % {"left": written_fte(left)}

    first, last = post.starts_on, post.ends_on
    period = {"first": date_format(first, "SHORT_DATE_FORMAT")}
    within = _("The post begins on %(first)s. Choose days from then on.") % period
    if last:
        period["last"] = date_format(last, "SHORT_DATE_FORMAT")
        within = _("The post runs from %(first)s to %(last)s. Choose days within this time.") % period
    return {
        "assignment_within_fte_of_post": ("fte", left_of_post),
        "assignment_within_full_time": ("fte", left_of_person),
        "assignment_within_post": ("starts_on", within),
        "assignment_within_employment": (
            "ends_on",
            _("The person does not work here for all of that time. Enter a last day within the employment."),
        ),
        "assignment_in_own_organisation": (
            "manager",
            _("The person works for another organisation. Choose somebody of the organisation that has the post."),
        ),
        "assignment_fte_between_quarter_and_full": ("fte", _("Enter a number between 0.25 and 1.00.")),
    }


def most(assignments: Collection[Assignment], first: date) -> Decimal:
    """The highest sum of VZÄ on any day from `first` on; it lies on `first` or where one of them begins."""
    rows = list(assignments)
    days = {first, *(row.starts_on for row in rows if row.starts_on > first)}
    sums = (
        sum((row.fte for row in rows if row.starts_on <= day and (not row.ends_on or row.ends_on >= day)), Decimal(0))
        for day in days
    )
    return max(sums)


def _booking(assignment: Assignment) -> str:
    if assignment.booked_by is None:
        return booking_words(assignment)
    words = {
        "booking": booking_words(assignment),
        "by": assignment.booked_by.name,
        "at": date_format(localtime(assignment.booked_at), "SHORT_DATETIME_FORMAT"),
    }
    return _("%(booking)s (by %(by)s, %(at)s)") % words


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
