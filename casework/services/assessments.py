"""Recording assessments of self-reliance, and correcting them within the day."""

from collections.abc import Mapping
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from casework.days import opened_later, refuse_before_opening
from casework.domains import LOWEST, Domain
from casework.models import Assessment, Case, Manager
from casework.models.assessments import Occasion
from casework.models.phases import Phase
from casework.services import figures
from casework.services.cases import locked_open
from pik.conflicts import ChangedMeanwhile
from pik.days import not_yet, refuse_future
from pik.integrity import refusals


def _refused() -> dict[str, tuple[str | None, str]]:
    return {
        "assessment_one_a_day": (
            "assessed_on",
            _("There is an assessment of this day already. Enter another day, or correct that one."),
        ),
        "assessment_not_in_future": ("assessed_on", not_yet()),
        "assessment_not_before_opening": ("assessed_on", opened_later()),
        "assessment_needs_consent": (
            "assessed_on",
            _("The person had not agreed on this day. Record the consent first, or enter a later day."),
        ),
        "assessment_levels_known": (None, _("Choose one of the levels in each domain.")),
        "assessment_corrected_within_the_day": (
            None,
            _("This assessment was recorded on another day and stays as it is. Make a new one instead."),
        ),
    }


def assess(*, case: Case, manager: Manager, assessed_on: date, levels: Mapping[str, int | None]) -> Assessment:
    """A new assessment; a domain without a level was not asked.

    The first of a case is the one at the start, those in its last phase are at its end. Raises ValidationError for a
    closed case, without consent, for a second one on a day or a day that cannot be, and without any level.
    """
    with refusals(_refused()):
        case = locked_open(case, seen_by=manager.organisation_id)
        if not case.assessments.exists():
            occasion = Occasion.START
        else:
            at_the_end = case.phases.latest("starts_on").phase == Phase.EVALUATION
            occasion = Occasion.END if at_the_end else Occasion.REVIEW
        assessment = Assessment(case=case, occasion=occasion, recorded_by=manager)
        _fill(assessment, assessed_on, levels)
    return assessment


def correct_assessment(
    *, assessment: Assessment, assessed_on: date, levels: Mapping[str, int | None], version: int | None = None
) -> Assessment:
    """Corrects an assessment on the day of its entry, under the rules of `assess`.

    Raises ChangedMeanwhile when it is stored in another version than the one that was shown.
    """
    with refusals(_refused()):
        locked_open(assessment.case)
        assessment = Assessment.objects.get(pk=assessment.pk)
        if not assessment.is_correctable:
            raise ValidationError(_refused()["assessment_corrected_within_the_day"][1])
        if version not in (None, assessment.version):
            raise ChangedMeanwhile(assessment.version)
        assessment.version += 1
        _fill(assessment, assessed_on, levels)
    return assessment


def require_a_level(levels: Mapping[str, int | None]) -> None:
    """Raises ValidationError when no domain has a level."""
    if not any(level and level >= LOWEST for level in levels.values()):
        raise ValidationError(_("Choose a level in at least one domain."))


def check_assessed(case: Case, *, assessed_on: date | None) -> None:
    """Raises ValidationError for a day that has not come, or on which the case was not open yet."""
    refuse_future(assessed_on=assessed_on)
    refuse_before_opening(case, assessed_on=assessed_on)


def _fill(assessment: Assessment, assessed_on: date, levels: Mapping[str, int | None]) -> None:
    require_a_level(levels)
    check_assessed(assessment.case, assessed_on=assessed_on)
    assessment.assessed_on = assessed_on
    for domain in Domain:
        setattr(assessment, domain, levels.get(domain))
    assessment.save()
    figures.refresh_soon()
