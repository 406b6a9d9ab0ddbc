"""Referring people to the regular services, and noting whether they arrived there."""

from datetime import date
from uuid import UUID, uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from casework.days import check_due, refuse_before_opening, refuse_closed_month
from casework.models import Case, Contact, Manager, Referral, ReferralTarget
from casework.models.contacts import first_open_day
from casework.models.referrals import UNDECIDED, ReferralOutcome
from casework.services import figures
from casework.services.cases import locked, locked_open
from pik.conflicts import ChangedMeanwhile
from pik.days import not_yet, refuse_before, refuse_future
from pik.entered_once import entered_once, sent_before
from pik.integrity import refusals


def refer(
    *,
    case: Case,
    manager: Manager,
    target: ReferralTarget,
    referred_on: date,
    ask_on: date,
    entry_key: UUID | None = None,
) -> Referral:
    """A referral beside any contact; it counts for the manager's organisation and the case's municipality.

    An `entry_key` that was sent before gives the referral stored then, as `entered_once` says.

    Raises ValidationError, naming the field, for a case that is closed, a day before its opening, in a closed month or
    not yet come, a service no longer in use, or a day of asking before the referral.
    """
    sent = {"target_id": target.pk, "referred_on": referred_on, "ask_on": ask_on}
    before = Referral.objects.filter(case=case, manager=manager)
    return entered_once(
        lambda: _refer(case, manager, target, entry_key, referred_on, ask_on), before, entry_key, **sent
    )


def _refer(
    case: Case, manager: Manager, target: ReferralTarget, entry_key: UUID | None, referred_on: date, ask_on: date
) -> Referral:
    with refusals(_refused()):
        case = locked_open(case, seen_by=manager.organisation_id)
        check_referral(case, referred_on=referred_on, ask_on=ask_on)
        if target.ends_on and target.ends_on < referred_on:
            raise ValidationError({"target": _("This service is no longer in use. Choose another one.")})
        referral = Referral.objects.create(
            case=case,
            manager=manager,
            organisation_id=manager.organisation_id,
            municipality_id=case.municipality_id,
            target=target,
            referred_on=referred_on,
            ask_on=ask_on,
            entry_key=entry_key or uuid4(),
        )
        Case.objects.filter(pk=case.pk).update(last_used_at=timezone.now())
        figures.refresh_soon()
    return referral


def check_referral(case: Case, *, referred_on: date | None, ask_on: date | None) -> None:
    """Raises ValidationError for a day before the opening, in a closed month or yet to come, and for asking before."""
    refuse_closed_month(referred_on=referred_on)
    refuse_future(referred_on=referred_on)
    refuse_before_opening(case, referred_on=referred_on)
    if referred_on:
        refuse_before(referred_on, _asked_later(), ask_on=ask_on)
    check_due(case, ask_on=ask_on)


def record_outcome(*, referral: Referral, outcome: str, version: int | None = None) -> Referral:
    """Notes what became of a referral, as known today; a waiting list is asked about again later.

    An empty outcome takes the last one back; one that is stored already stays of its day. An outcome may become known
    when the month of the referral is closed: it counts there, and a summary that was made gets a next version.

    Raises ValidationError for an unknown outcome or a referral that is gone, and ChangedMeanwhile when the outcome is
    stored in another version than the one that was shown.
    """
    if outcome not in ("", *ReferralOutcome.values):
        raise ValidationError(_("Choose one of the outcomes."))
    with refusals(_refused()):
        referral = _locked(referral, version=version)
        if referral.outcome == outcome:
            return referral
        today = timezone.localdate()
        referral.outcome, referral.outcome_on = outcome, today if outcome else None
        referral.ask_on = None
        if outcome == ReferralOutcome.WAITING:
            referral.ask_on = today + settings.REFERRAL_ASK
        elif not outcome:
            referral.ask_on = max(today, referral.referred_on + settings.REFERRAL_ASK)
        referral.version += 1
        referral.save(update_fields=["outcome", "outcome_on", "ask_on", "version"])
        Case.objects.filter(pk=referral.case_id).update(last_used_at=timezone.now())
        figures.refresh_soon()
    return referral


def withdraw_referral(*, referral: Referral, version: int | None = None) -> None:
    """Removes a referral that should not be there; one that was made in a contact goes with the contact only.

    Raises ValidationError when its month is closed, and ChangedMeanwhile as `record_outcome` does.
    """
    with refusals({}):
        referral = _locked(referral, version=version)
        if referral.contact_id:
            day = date_format(referral.referred_on, "SHORT_DATE_FORMAT")
            message = _("This referral was recorded with the contact of %(day)s. Correct that contact instead.")
            raise ValidationError(message % {"day": day})
        if referral.referred_on < first_open_day():
            message = _("%(month)s is closed: this referral can no longer be removed. Tell your coordinator.")
            raise ValidationError(message % {"month": date_format(referral.referred_on, "YEAR_MONTH_FORMAT")})
        referral.delete()
        figures.refresh_soon()


def refer_in_contact(*, contact: Contact) -> Referral:
    """The referral that was made in a contact."""
    return Referral.objects.create(
        case_id=contact.case_id,
        contact=contact,
        manager_id=contact.manager_id,
        organisation_id=contact.organisation_id,
        municipality_id=contact.municipality_id,
        target_id=contact.referral_target_id,
        referred_on=contact.date,
        ask_on=contact.date + settings.REFERRAL_ASK,
    )


def follow_correction(*, contact: Contact) -> None:
    """Lets the referral of a contact be what the corrected contact says; an outcome that is known stays.

    Its version goes up when it became another one, so that nobody notes an outcome of what they have not seen.
    """
    referral = Referral.objects.select_for_update().filter(contact=contact).first()
    if contact.referral_target_id is None:
        if referral:
            referral.delete()
        return
    if referral is None:
        refer_in_contact(contact=contact)
        return
    if referral.outcome in UNDECIDED and referral.referred_on != contact.date:
        referral.ask_on = max(referral.ask_on, contact.date + settings.REFERRAL_ASK)
    names = ("case_id", "municipality_id", "target_id", "referred_on")
    now = (contact.case_id, contact.municipality_id, contact.referral_target_id, contact.date)
    if now == tuple(getattr(referral, name) for name in names):
        return
    for name, value in zip(names, now, strict=True):
        setattr(referral, name, value)
    referral.version += 1
    referral.save()


def _locked(referral: Referral, *, version: int | None = None) -> Referral:
    # The case first, as whoever moves or deletes it does.
    locked(referral.case)
    found = Referral.objects.select_for_update().filter(pk=referral.pk).first()
    if found is None:
        raise ValidationError(_("This referral was removed in the meantime. Reload the page."))
    if version not in (None, found.version):
        raise ChangedMeanwhile(found.version)
    return found


def _refused() -> dict[str, tuple[str | None, str]]:
    return {
        "referral_entry_once": sent_before(),
        "referral_not_in_future": ("referred_on", not_yet()),
        "referral_asked_about_later": ("ask_on", _asked_later()),
    }


def _asked_later() -> str:
    return _("One asks after the referral. Enter the day of the referral or a later one.")
