"""Opening, changing and closing cases."""

from datetime import date
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from casework.days import opened_later, refuse_before_measure, refuse_before_opening
from casework.models import Case, Contact, Goal, Manager, Plan, Referral, Responsibility, Transfer
from casework.models.case_bands import BANDS, ClosingReason
from casework.services import figures
from pik.conflicts import ChangedMeanwhile
from pik.days import not_yet, refuse_future
from pik.entered_once import entered_once, sent_before
from pik.integrity import refusals
from pik.models import Measure, Municipality
from pik.months import month_of

# What a person enters of a new case.
_SENT = ("measure_id", "municipality_id", "opened_on", *BANDS)


def _refused() -> dict[str, tuple[str | None, str]]:
    return {
        "case_entry_once": sent_before(),
        "case_opened_not_in_future": ("opened_on", not_yet()),
        "contact_not_before_case": (
            "opened_on",
            _("There is an earlier contact. Enter the day of the first contact or an earlier one."),
        ),
        "case_closed_after_opened": ("closed_on", opened_later()),
        "case_closed_not_in_future": ("closed_on", not_yet()),
        "phase_not_before_opening": (
            "opened_on",
            _("The next phase began earlier. Enter a day before it."),
        ),
        "assessment_not_before_opening": (
            "opened_on",
            _("There is an earlier assessment. Enter the day of the first one or an earlier one."),
        ),
        "phase_within_case": ("closed_on", _("The present phase began later. Enter its first day or a later one.")),
        "assessment_within_case": (
            "closed_on",
            _("There is a later assessment. Enter the day of the last one or a later one."),
        ),
        "goal_within_case": (
            "closed_on",
            _("A goal ended later. Enter the day on which the last one ended or a later one."),
        ),
        "plan_review_within_case": (
            "closed_on",
            _("The plan was reviewed later. Enter the day of the last review or a later one."),
        ),
        "case_measure_records_cases": (
            "measure",
            _("This measure is recorded in counts only. Choose another measure."),
        ),
        "case_arrival_year_plausible": ("arrival_year", _("Enter the year with four digits, 1950 or later.")),
        "case_has_responsible_manager": (
            None,
            _("Your employment here ends soon, and nobody is named to take the case over. Ask your coordinator."),
        ),
    }


def open_case(
    *,
    manager: Manager,
    measure: Measure,
    municipality: Municipality,
    opened_on: date,
    age_band: str,
    household_band: str,
    origin_group: str = "",
    residence_group: str = "",
    arrival_year: int | None = None,
    entry_key: UUID | None = None,
) -> Case:
    """A new case under a fresh random code, in the responsibility of `manager`.

    An `entry_key` that was sent before gives the case opened then, as `entered_once` says.

    Origin, residence status and year of arrival are kept only where the measure records them. Raises
    ValidationError, naming the field, for a measure of counts, a day outside the measure's time or not yet come, or
    missing groups.
    """
    if not measure.has_cases:
        raise ValidationError({"measure": _refused()["case_measure_records_cases"][1]})
    check_opening(measure, opened_on=opened_on)
    case = Case(
        opened_by=manager,
        organisation_id=manager.organisation_id,
        measure=measure,
        records_origin=measure.records_origin,
        municipality=municipality,
        opened_on=opened_on,
        age_band=age_band,
        household_band=household_band,
        entry_key=entry_key or uuid4(),
    )
    if measure.records_origin:
        case.origin_group, case.residence_group, case.arrival_year = origin_group, residence_group, arrival_year
    sent = {name: getattr(case, name) for name in _SENT}

    def enter() -> Case:
        with refusals(_refused()):
            _store(case)
        return case

    return entered_once(enter, Case.objects.filter(opened_by=manager), entry_key, **sent)


def check_opening(measure: Measure, *, opened_on: date | None) -> None:
    """Raises ValidationError for a day that has not come or lies outside the time of the measure."""
    refuse_future(opened_on=opened_on)
    refuse_before_measure(measure, opened_on=opened_on)
    if opened_on and measure.ends_on and opened_on > measure.ends_on:
        raise ValidationError({"measure": _("This measure has ended. Choose one that is running.")})


def change_case(
    *,
    case: Case,
    municipality: Municipality,
    opened_on: date,
    age_band: str,
    household_band: str,
    origin_group: str = "",
    residence_group: str = "",
    arrival_year: int | None = None,
    version: int | None = None,
) -> Case:
    """Corrects the bands, the place or the opening of an open case; measure and code stay.

    Raises ValidationError when the case is closed or a contact or a plan lies before the new opening, and
    ChangedMeanwhile when it is stored in another version than the one that was shown.
    """
    with refusals(_refused()):
        case = locked_open(case)
        if version is not None and version != case.version:
            raise ChangedMeanwhile(case.version)
        if Plan.objects.filter(case=case, starts_on__lt=opened_on).exists():
            message = _("There is an earlier integration plan. Enter the day of the first plan or an earlier one.")
            raise ValidationError({"opened_on": message})
        if opened_on > case.opened_on and Goal.objects.of_case(case).with_a_day_before(opened_on).exists():
            message = _("A goal or one of its steps has an earlier day. Enter that day or an earlier one.")
            raise ValidationError({"opened_on": message})
        case.municipality, case.opened_on = municipality, opened_on
        case.age_band, case.household_band = age_band, household_band
        if case.records_origin:
            case.origin_group, case.residence_group, case.arrival_year = origin_group, residence_group, arrival_year
        _store(case)
    return case


def close_case(*, case: Case, closed_on: date, reason: str) -> Case:
    """Ends a case; from then on no contact can be recorded for a later day, and from today on its time of keeping runs.

    Raises ValidationError when it is closed already, anything recorded of it is younger than `closed_on`, the reason is
    unknown, and as `check_closing` does.
    """
    if reason not in ClosingReason.values:
        raise ValidationError({"reason": _("Choose one of the reasons.")})
    with refusals(_refused()):
        case = locked_open(case)
        check_closing(case, closed_on=closed_on, reason=reason)
        if Contact.objects.filter(case=case, date__gt=closed_on).exists():
            message = _("There is a later contact. Enter the day of the last contact or a later one.")
            raise ValidationError({"closed_on": message})
        if Referral.objects.filter(case=case, referred_on__gt=closed_on).exists():
            message = _("There is a later referral. Enter the day of the last referral or a later one.")
            raise ValidationError({"closed_on": message})
        if Plan.objects.filter(case=case, starts_on__gt=closed_on, goals__isnull=False).exists():
            message = _("A plan with goals was agreed on later. Enter the day of that plan or a later one.")
            raise ValidationError({"closed_on": message})
        case.closed_on, case.closing_reason, case.closing_entered_on = closed_on, reason, timezone.localdate()
        _store(case)
        Plan.objects.end_with(case)
        Transfer.objects.withdraw_with(case)
    return case


def check_closing(case: Case, *, closed_on: date | None, reason: str = "") -> None:
    """Raises ValidationError for a day that has not come or on which the case was not open yet.

    The end of the funding time is no reason before the month in which that time ends.
    """
    refuse_future(closed_on=closed_on)
    refuse_before_opening(case, closed_on=closed_on)
    first = month_of(case.limit_on)
    if reason == ClosingReason.TIME_LIMIT and closed_on and closed_on < first:
        message = _("The funding time ends on %(day)s. This reason holds from %(first)s on; choose another one.")
        days = {"day": case.limit_on, "first": first}
        raise ValidationError(
            {"reason": message % {name: date_format(day, "SHORT_DATE_FORMAT") for name, day in days.items()}}
        )


def reopen_case(*, case: Case) -> Case:
    """Takes the end of a case back, for instance when it was entered by mistake; a plan that ended with it runs on.

    Goes to the successor as a new one does when its manager is about to leave; raises ValidationError when nobody who
    stays answers for the case.
    """
    with refusals(_refused()):
        case = locked(case)
        Plan.objects.run_on_with(case)
        Responsibility.objects.go_on_to_successor(case)
        case.closed_on, case.closing_reason, case.closing_entered_on = None, "", None
        case.last_used_at = timezone.now()
        case.version += 1
        case.save()
        figures.refresh_soon()
    return case


def locked(case: Case, *, seen_by: int | None = None) -> Case:
    """The case as it is now, locked until the end of the transaction.

    `case` is to be as it was read when the person was let in. Raises ValidationError when it has been deleted since, or
    belongs to another organisation than then, or than that for which somebody works (`seen_by`, its id).
    """
    found = Case.objects.select_for_update(of=("self",)).select_related("measure").filter(pk=case.pk).first()
    if found is None:
        raise ValidationError(deleted())
    if found.organisation_id != case.organisation_id or seen_by not in (None, found.organisation_id):
        raise ValidationError(_("This case has gone to another organisation in the meantime."))
    return found


def locked_open(case: Case, *, seen_by: int | None = None) -> Case:
    """The same for a case that is to be open; raises ValidationError when it is closed."""
    found = locked(case, seen_by=seen_by)
    if not found.is_open:
        raise ValidationError(_("This case was closed in the meantime. Reopen it first."))
    return found


def deleted() -> str:
    """What is said of a case that is gone."""
    return _("This case has been deleted in the meantime.")


def _store(case: Case) -> None:
    refuse_before_measure(case.measure, opened_on=case.opened_on)
    missing = [name for name in ("origin_group", "residence_group") if case.records_origin and not getattr(case, name)]
    if missing:
        raise ValidationError(dict.fromkeys(missing, _("Choose a group; “other or unknown” is one of them.")))
    # What the constraints say is left to the database: its refusals come with a field and a remedy.
    if case.pk:
        case.version += 1
    case.full_clean(exclude=["code", "opened_by", "organisation"], validate_constraints=False)
    case.save()
    figures.refresh_soon()
