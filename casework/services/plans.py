"""Making and ending integration plans."""

from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from casework.models import Case, Plan
from casework.services import figures
from pik.integrity import refusals


def make_plan(*, case: Case, agreed_on: date) -> Plan:
    """A new plan of an open case that has none; raises ValidationError otherwise, or for a day before the opening."""
    refused = {
        "plan_once_at_a_time": (None, _("This case has a plan in that time already. End that one first.")),
        "plan_not_in_future": ("agreed_on", _("This day has not come yet. Enter today or an earlier day.")),
    }
    with refusals(refused):
        case = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
        if not case.is_open:
            raise ValidationError(_("This case was closed in the meantime. Reopen it first."))
        if agreed_on < case.opened_on:
            message = _("The case was opened later. Enter the day of the opening or a later one.")
            raise ValidationError({"agreed_on": message})
        plan = Plan.objects.create(case=case, starts_on=agreed_on)
        figures.refresh_soon()
    return plan


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
        plan = Plan.objects.select_for_update().filter(case=case).running()
        if plan is None:
            raise ValidationError(_("This case has no running plan. Reload the page."))
        plan.ends_on = ended_on
        plan.full_clean(validate_constraints=False)
        plan.save()
        figures.refresh_soon()
    return plan
