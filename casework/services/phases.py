"""Moving a case from phase to phase."""

from datetime import date

from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from casework.models import Case, CasePhase
from casework.models.phases import NEXT_PHASES, Phase
from casework.services.cases import locked_open
from pik.days import not_yet, refuse_future
from pik.integrity import refusals
from pik.models import User


def move_case(*, case: Case, phase: str, starts_on: date, user: User) -> CasePhase:
    """Brings an open case into its next phase from `starts_on` on.

    Raises ValidationError for a step that `NEXT_PHASES` does not know, for a day on which the present phase had not
    begun yet or that has not come, without consent on that day, and for a closed case.
    """
    refused = {
        "phase_needs_consent": (
            None,
            _("There is no consent on this day. Record one first: without it a case goes into no other phase."),
        ),
        "phase_not_in_future": ("starts_on", not_yet()),
        "phase_transition_allowed": ("phase", _("This phase does not follow the present one. Reload the page.")),
    }
    with refusals(refused):
        case = locked_open(case)
        present = case.phases.latest("starts_on")
        if phase not in NEXT_PHASES[present.phase]:
            raise ValidationError({"phase": refused["phase_transition_allowed"][1]})
        check_step(present.starts_on, starts_on=starts_on)
        return CasePhase.objects.create(case=case, phase=phase, starts_on=starts_on, recorded_by=user)


def check_step(since: date, *, starts_on: date | None) -> None:
    """Raises ValidationError for a day that has not come, or is not after `since`, when the present phase began."""
    refuse_future(starts_on=starts_on)
    if starts_on and starts_on <= since:
        message = _("The present phase began on %(day)s. Enter a later day.")
        raise ValidationError({"starts_on": message % {"day": date_format(since, "SHORT_DATE_FORMAT")}})


def take_phase_back(*, case: Case) -> Phase:
    """Takes the last step back on the day it was recorded; returns the phase in which the case stands again.

    Raises ValidationError on any later day, and when there is nothing to take back.
    """
    with refusals({}):
        case = locked_open(case)
        present = case.phases.latest("starts_on")
        if not present.is_revocable:
            message = _("A step is taken back on the day it was recorded only. Choose the next phase instead.")
            raise ValidationError(message)
        present.delete()
        return Phase(case.phases.latest("starts_on").phase)
