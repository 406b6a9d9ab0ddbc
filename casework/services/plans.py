"""Making, reviewing and ending integration plans."""

from datetime import date, timedelta
from functools import partial

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from casework.days import refuse_before_opening
from casework.models import Case, Plan, PlanReview
from casework.services import figures
from casework.services.cases import locked, locked_open
from pik.days import not_yet, refuse_after
from pik.integrity import refusals
from pik.months import months_later


def make_plan(*, case: Case, agreed_on: date) -> Plan:
    """A new plan of an open case that has none; raises ValidationError otherwise, or for a day before the opening."""
    refused = {
        "plan_once_at_a_time": (None, partial(_taken, case)),
        "plan_not_in_future": ("agreed_on", not_yet()),
    }
    with refusals(refused):
        case = locked_open(case)
        refuse_before_opening(case, agreed_on=agreed_on)
        review_on = review_after(agreed_on)
        plan = Plan.objects.create(case=case, starts_on=agreed_on, review_on=review_on)
        figures.refresh_soon()
    return plan


def _taken(case: Case) -> str:
    """Why no plan can begin on a day."""
    last = case.plans.order_by("-starts_on").first()
    if last is None or last.ends_on is None:
        return _("This case has a plan in that time already. End that one first.")
    days = {"ended": last.ends_on, "next": last.ends_on + timedelta(days=1)}
    message = _("The last plan ran until %(ended)s. A new one can be noted from %(next)s on.")
    return message % {name: date_format(day, "SHORT_DATE_FORMAT") for name, day in days.items()}


def end_plan(*, case: Case, ended_on: date) -> Plan:
    """Ends the running plan; raises ValidationError when there is none, or for a day before it was agreed on."""
    refused = {
        "plan_ended_not_in_future": ("ended_on", _("This day has not come yet.")),
        "plan_ends_after_it_starts": (
            "ended_on",
            _("The last day lies before the first. Change one of the two dates."),
        ),
    }
    with refusals(refused):
        plan = locked(case).plans.running()
        if plan is None:
            raise ValidationError(_("This case has no running plan. Reload the page."))
        plan.ends_on, plan.version = ended_on, plan.version + 1
        plan.full_clean(validate_constraints=False)
        plan.save()
        figures.refresh_soon()
    return plan


def review_after(day: date) -> date:
    """The day until which a plan is to be reviewed that was agreed on or reviewed on `day`."""
    return months_later(day, settings.PLAN_REVIEW_MONTHS)


def latest_review_after(day: date) -> date:
    """The last day that can be entered for the review that follows one on `day`."""
    return months_later(day, settings.PLAN_REVIEW_WITHIN_MONTHS)


def check_next_review(*, reviewed_on: date, review_on: date) -> None:
    """Raises ValidationError for a next review that does not come after this one, or later than a year after it."""
    if review_on <= reviewed_on:
        raise ValidationError({"review_on": _("Enter a day after this review.")})
    message = _("A plan is reviewed at least once a year. Enter %(day)s or an earlier day.")
    refuse_after(latest_review_after(reviewed_on), message, review_on=review_on)


def review_plan(*, case: Case, reviewed_on: date, review_on: date) -> Plan:
    """Notes that the running plan was reviewed, and until when it is to be reviewed again.

    Raises ValidationError when no plan runs, for a day before the plan or the last review or yet to come, and for a
    next review that does not come after this one, or later than `latest_review_after` allows.
    """
    refused = {
        "plan_reviewed_not_in_future": ("reviewed_on", not_yet()),
        "plan_review_one_a_day": ("reviewed_on", _("A review on this day is noted already. Enter another day.")),
    }
    with refusals(refused):
        case = locked_open(case)
        plan = case.plans.running()
        if plan is None:
            raise ValidationError(_("This case has no running plan. Reload the page."))
        last = plan.reviews.order_by("-reviewed_on").first()
        if reviewed_on < (last.reviewed_on if last else plan.starts_on):
            message = _("The plan or its last review is younger. Enter a later day.")
            raise ValidationError({"reviewed_on": message})
        check_next_review(reviewed_on=reviewed_on, review_on=review_on)
        PlanReview.objects.create(plan=plan, reviewed_on=reviewed_on, was_due_on=plan.review_on)
        plan.review_on, plan.version = review_on, plan.version + 1
        plan.save()
        figures.refresh_soon()
    return plan
