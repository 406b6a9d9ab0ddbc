"""Consent of the person, and the fourth year of the funding time."""

from datetime import date

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from casework.days import refuse_before_opening, refuse_too_far
from casework.models import Case
from casework.models.case_bands import ExtensionReason
from casework.services.cases import locked_open
from pik.conflicts import ChangedMeanwhile
from pik.days import refuse_before, refuse_future
from pik.integrity import refusals
from pik.models import User


def record_consent(
    *,
    case: Case,
    consent_on: date | None,
    consent_until: date | None = None,
    withdrawn_on: date | None = None,
    version: int | None = None,
) -> Case:
    """Stores since when the person agrees, until when, and since when no longer.

    Raises ValidationError for days that do not follow each other or have not come, for a new one before the opening,
    and when a case beyond the intake would be left without any consent; ChangedMeanwhile when the case is stored in
    another version than the one shown.
    """
    refuse_future(consent_on=consent_on, withdrawn_on=withdrawn_on)
    if consent_on != case.consent_on:
        refuse_before_opening(case, consent_on=consent_on)
    check_order(consent_on=consent_on, consent_until=consent_until, withdrawn_on=withdrawn_on)
    refused = {
        "phase_needs_consent": (
            "consent_on",
            _("The case is beyond the intake already. Enter the day on which the consent was withdrawn instead."),
        ),
        "consent_covers_what_was_done": (
            None,
            _(
                "A phase began or an assessment was made on a day without consent then. "
                "Let the consent begin before them, and end or be withdrawn after them."
            ),
        ),
        "case_consent_in_order": ("consent_on", _("Check the year of this day.")),
    }
    with refusals(refused):
        case = locked_open(case)
        if version not in (None, case.version):
            raise ChangedMeanwhile(case.version)
        case.consent_on, case.consent_until, case.withdrawn_on = consent_on, consent_until, withdrawn_on
        case.version += 1
        case.save(update_fields=["consent_on", "consent_until", "withdrawn_on", "version"])
    return case


def check_order(*, consent_on: date | None, consent_until: date | None, withdrawn_on: date | None) -> None:
    """Raises ValidationError for days of a consent that do not follow each other, or that no case lasts until."""
    if consent_on is None and (consent_until or withdrawn_on):
        raise ValidationError({"consent_on": _("Enter the day on which the consent was given.")})
    if consent_on:
        message = _("The consent was given later. Enter that day or a later one.")
        refuse_before(consent_on, message, consent_until=consent_until, withdrawn_on=withdrawn_on)
    refuse_too_far(consent_until=consent_until)


def extend_case(*, case: Case, reason: str, user: User, version: int | None = None, instead: bool = False) -> Case:
    """Gives a case a fourth year, for a reason; who decided it and when is stored with it.

    Raises ValidationError earlier than half a year before the end of the third, a second time, and without a reason;
    ChangedMeanwhile when somebody else has extended it since `version` was shown. Who has seen that reason and decided
    for another one comes again with `instead`.
    """
    if reason not in ExtensionReason.values:
        raise ValidationError({"reason": _("Choose one of the reasons.")})
    with refusals({}):
        case = locked_open(case)
        if case.extension_reason and version not in (None, case.version):
            raise ChangedMeanwhile(case.version)
        if instead and case.extension_reason == reason:
            # The stored one is to stay, with who gave it.
            return case
        if not (instead and case.extension_reason):
            require_extendable(case)
        case.extension_reason, case.extended_by, case.extended_at = reason, user, timezone.now()
        case.version += 1
        case.save(update_fields=["extension_reason", "extended_by", "extended_at", "version"])
    return case


def require_extendable(case: Case) -> None:
    """Raises ValidationError for a case that has its fourth year already, or is too young for it."""
    if case.extension_reason:
        raise ValidationError(_("This case has its fourth year already. A fifth one is not funded."))
    if not case.may_be_extended:
        message = _("The funding time ends on %(day)s. It can be extended from %(first)s on.")
        days = {"day": case.limit_on, "first": case.extendable_from}
        raise ValidationError(message % {name: date_format(day, "SHORT_DATE_FORMAT") for name, day in days.items()})
