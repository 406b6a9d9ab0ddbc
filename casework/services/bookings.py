"""Who fills a post, or a part of it, and when."""

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
from casework.services.posts import refuse_backward_period, refuse_far_begin, refuse_far_end
from casework.vacancies import booking_words
from pik.integrity import Message, refusals
from pik.models import User
from pik.templatetags.figures import fte as written_fte

DAY = timedelta(days=1)


def assign_manager(
    *, post: Post, manager: Manager, fte: Decimal, starts_on: date, ends_on: date | None, booked_by: User
) -> Assignment:
    """Books `manager` on `fte` of a post for a period.

    Raises ValidationError, naming the field, when the post has less left on any of the days (then it says who was
    booked by whom), the person would exceed 1.00 VZÄ, the period lies outside that of post or employment or as far
    away as `create_post` refuses, or the person lacks the qualification that the post demands. Of two people who book
    at once one wins.
    """
    refuse_backward_period(starts_on, ends_on)
    refuse_far_begin(starts_on)
    refuse_far_end(ends_on)
    required = post.required_qualification
    if manager.qualification and not Qualification.suffices(manager.qualification, required):
        message = _("This post demands %(required)s. Choose somebody else, or correct the qualification of the person.")
        raise ValidationError({"manager": message % {"required": Qualification(required).label}})
    assignment = Assignment(
        post=post, manager=manager, fte=fte, starts_on=starts_on, ends_on=ends_on, booked_by=booked_by
    )
    with refusals(_refused(assignment)):
        if not Post.objects.select_for_update().filter(pk=post.pk).exists():
            raise ValidationError(_("This post was taken back meanwhile."))
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
    the employment leaves no room for that, or it is as far away as `create_post` refuses.
    """
    refuse_far_end(ends_on)
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
    follower.full_clean(validate_constraints=False)
    follower.save()
    follower.municipalities.set(places)
    return follower


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
