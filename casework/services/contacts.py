"""Recording, correcting and withdrawing contacts."""

from collections.abc import Collection
from datetime import date
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from casework.days import check_day, opened_later, refuse_before_opening, require_open_month
from casework.models import Case, Contact, Manager, Referral, ReferralTarget, Topic
from casework.models.contacts import first_open_day
from casework.services import figures, referrals
from casework.services.cases import locked
from pik.conflicts import ChangedMeanwhile
from pik.days import not_yet
from pik.entered_once import entered_once, sent_before
from pik.integrity import refusals


def _refused() -> dict[str, tuple[str | None, str]]:
    return {
        "contact_not_before_case": ("date", opened_later()),
        "contact_not_in_future": ("date", not_yet()),
        "contact_minutes_in_range": ("minutes", _("Enter between 1 and 600 minutes.")),
        "contact_has_topics": ("topics", _("Choose at least one topic.")),
        "referral_outcome_after_referral": (
            "date",
            _("The outcome of the referral is of an earlier day. Take the outcome back on the page of the case first."),
        ),
        "contact_entry_once": sent_before(),
    }


def record_contact(
    *,
    case: Case,
    manager: Manager,
    date: date,
    kind: str,
    channel: str,
    minutes: int,
    topics: Collection[Topic],
    mediation: str,
    referral_target: ReferralTarget | None = None,
    entry_key: UUID | None = None,
) -> Contact:
    """A contact of `manager` with `case`; it counts for the manager's organisation and the case's municipality.

    With a `referral_target` it makes a referral, about which one asks later.

    An `entry_key` that was sent before gives the contact stored then, as `entered_once` says.

    Raises ValidationError, naming the field, for a case that is closed, a day before its opening or not yet come,
    a day in a closed month, a measure that has ended, minutes outside 1–600, or a topic that has ended. Nothing is
    kept then.
    """
    contact = Contact(manager=manager, organisation_id=manager.organisation_id, entry_key=entry_key or uuid4())
    sent = {
        "case_id": case.pk,
        "date": date,
        "kind": kind,
        "channel": channel,
        "minutes": minutes,
        "topics": sorted(topic.pk for topic in topics),
        "mediation": mediation,
        "referral_target_id": referral_target and referral_target.pk,
    }
    # Stored on whatever day that could be entered, or on this one in a month that has been closed since.
    before = Contact.objects.filter(manager=manager).since(min(date, first_open_day()))
    return entered_once(
        lambda: _save(contact, case, date, kind, channel, minutes, topics, mediation, referral_target),
        before.select_related("case"),
        entry_key,
        **sent,
    )


def correct_contact(
    *,
    contact: Contact,
    case: Case,
    date: date,
    kind: str,
    channel: str,
    minutes: int,
    topics: Collection[Topic],
    mediation: str,
    referral_target: ReferralTarget | None = None,
    version: int | None = None,
) -> Contact:
    """Corrects an entry, under the rules of `record_contact`; its referral and the figures of both months follow.

    Day, case and referral stay as they are while the case is with somebody else: ValidationError at each that does not.
    Raises ChangedMeanwhile when it is stored in another version than the one that was shown.
    """
    if version is not None and version != contact.version:
        raise ChangedMeanwhile(contact.version)
    passed_on = _is_passed_on(contact)
    if passed_on:
        target = referral_target and referral_target.pk
        given = {"case": case.pk, "date": date, "referral_target": target}
        stored = {"case": contact.case_id, "date": contact.date, "referral_target": contact.referral_target_id}
        if changed := [name for name in given if given[name] != stored[name]]:
            raise ValidationError(dict.fromkeys(changed, said_when_passed_on()))
    return _save(contact, case, date, kind, channel, minutes, topics, mediation, referral_target, passed_on=passed_on)


def said_when_passed_on() -> str:
    """What is said of an entry about a case that somebody else answers for by now."""
    return _("This case is with somebody else by now. Case, day and referral stay as they were recorded.")


def withdraw_contact(*, contact: Contact) -> None:
    """Removes an entry that should not be there; its referral and the figures of its month follow.

    Raises ValidationError when that month is closed, or when what became of its referral was noted by others, with whom
    the case is by now.
    """
    require_open_month(contact.date)
    with refusals({}):
        if _is_passed_on(contact):
            locked(contact.case)
            if Referral.objects.filter(contact=contact).exclude(outcome="").exists():
                message = _("This case is with somebody else by now, and so is its referral. The contact stays.")
                raise ValidationError(message)
        # Not by date as well: it is to go even if it was moved to another day in the meantime.
        Contact.objects.filter(pk=contact.pk).since(first_open_day()).delete()
        figures.refresh_soon()


def _save(
    contact: Contact,
    case: Case,
    day: date,
    kind: str,
    channel: str,
    minutes: int,
    topics: Collection[Topic],
    mediation: str,
    referral_target: ReferralTarget | None,
    *,
    passed_on: bool = False,
) -> Contact:
    stored_date = contact.date
    if contact.pk:
        require_open_month(stored_date)
    check_day(day)
    with refusals(_refused()):
        # What was recorded of a case that was passed on can be corrected, and says nothing of how the case has gone on.
        case = locked(contact.case) if passed_on else _used(case, day, contact.organisation_id)
        check_case_on(case, day)
        ended = [str(topic) for topic in topics if topic.ends_on and topic.ends_on < day]
        if ended:
            message = _("No longer in use: %(names)s. Choose other topics.")
            raise ValidationError({"topics": message % {"names": ", ".join(ended)}})
        if contact.case_id != case.pk:
            # A corrected contact keeps the place where it happened, wherever the case is now.
            contact.municipality_id = case.municipality_id
        contact.case, contact.case_opened_on = case, case.opened_on
        contact.date, contact.kind, contact.channel = day, kind, channel
        contact.minutes, contact.topics = minutes, sorted(topic.pk for topic in topics)
        contact.mediation, contact.referral_target = mediation, referral_target
        # Relations come from limited choices and from the locked case; asking for each again would cost six queries.
        contact.clean_fields(exclude=["case", "manager", "organisation", "municipality", "referral_target"])
        if contact.pk:
            shown, contact.version = contact.version, contact.version + 1
            if not Contact.objects.stored_as(contact.pk, stored_date, shown).update(**_columns(contact)):
                if now := Contact.objects.filter(pk=contact.pk).first():
                    raise ChangedMeanwhile(now.version)
                message = _("This entry was removed in the meantime. Record it again if it is to stay.")
                raise ValidationError(message)
            referrals.follow_correction(contact=contact)
        else:
            contact.save(force_insert=True)
            if referral_target:
                referrals.refer_in_contact(contact=contact)
        figures.refresh_soon()
    return contact


def _is_passed_on(contact: Contact) -> bool:
    return not Case.objects.with_manager(contact.manager).filter(pk=contact.case_id).exists()


def check_case_on(case: Case, day: date) -> None:
    """Raises ValidationError when the case was not open yet on a day, or its measure had ended."""
    refuse_before_opening(case, date=day)
    if case.measure.ends_on and day > case.measure.ends_on:
        message = _("The measure of this case ended on %(day)s. Enter a day until then, or choose another case.")
        raise ValidationError({"case": message % {"day": date_format(case.measure.ends_on, "SHORT_DATE_FORMAT")}})


def _used(case: Case, day: date, seen_by: int | None) -> Case:
    """Notes that the case was used, which locks it, and gives it as it is stored; it must not have ended before."""
    now = timezone.now()
    ours = seen_by in (None, case.organisation_id)
    # As a rule the case is as it was read, and one statement checks, notes and locks.
    if ours and Case.objects.unchanged(case).lasting_on(day).update(last_used_at=now):
        return case
    case = locked(case, seen_by=seen_by)
    if case.closed_on and day > case.closed_on:
        message = _("This case was closed on %(day)s. Choose an open case or reopen it.")
        raise ValidationError({"case": message % {"day": date_format(case.closed_on, "SHORT_DATE_FORMAT")}})
    Case.objects.filter(pk=case.pk).update(last_used_at=now)
    return case


def _columns(contact: Contact) -> dict[str, object]:
    """The values to store, by column; an update that names them moves a row to the partition of its month."""
    return {
        field.attname: getattr(contact, field.attname)
        for field in Contact._meta.concrete_fields
        if not field.primary_key
    }
