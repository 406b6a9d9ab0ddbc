"""The quarterly access review: opening it, telling the coordinators, confirming and ending access."""

import logging
from collections.abc import Iterable
from datetime import date, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.db import connection, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from pik.integrity import refusals
from pik.models import AccessLine, AccessReview, Membership, Organisation, User
from pik.months import add_months, quarter_of

logger = logging.getLogger(__name__)
LOCK = "SELECT pg_advisory_xact_lock(hashtext('pik.access_reviews'))"
REVIEWED = (Membership.Role.MANAGER, Membership.Role.COORDINATOR)
Decision = AccessLine.Decision


@transaction.atomic
def open_reviews(*, day: date) -> int:
    """Opens the review of the quarter of `day` wherever it is missing and returns how many were opened.

    Every organisation that can employ managers gets one, with a line for each manager and coordinator who has had
    access since the quarter began. A review that is open already stays as it is; two runs at once open it once.
    """
    with connection.cursor() as cursor:
        cursor.execute(LOCK)
    quarter = quarter_of(day)
    # Who came during the quarter was looked at just then.
    held = Membership.objects.active_on(quarter).active_on(day).filter(role__in=REVIEWED)
    missing = Organisation.objects.employers().exclude(
        pk__in=AccessReview.objects.filter(quarter=quarter).values("organisation")
    )
    found = list(held.filter(organisation__in=missing).order_by("organisation", "pk").values_list("organisation", "pk"))
    due_on = min(day + settings.ACCESS_REVIEW_TIME, add_months(quarter, 3) - timedelta(days=1))
    now = timezone.now()
    reviews = {
        organisation: AccessReview(organisation_id=organisation, quarter=quarter, due_on=due_on, mail_due_at=now)
        for organisation, _membership in found
    }
    AccessReview.objects.bulk_create(reviews.values())
    AccessLine.objects.bulk_create(
        AccessLine(review=reviews[organisation], membership_id=membership) for organisation, membership in found
    )
    return len(reviews)


def send_due_mails() -> int:
    """Sends every mail and reminder on a review that is due and returns how many left.

    Each review is locked while the mail is handed over, so two runs at once send it once; a mail server that refuses,
    or a review for which no coordinator answers, leaves it due.
    """
    sent, today = 0, timezone.localdate()
    for pk in AccessReview.objects.with_mail_due(today).values_list("pk", flat=True):
        with transaction.atomic():
            locked = AccessReview.objects.select_for_update(of=("self",), skip_locked=True)
            review = locked.with_mail_due(today).select_related("organisation").filter(pk=pk).first()
            recipients = _recipients(review.organisation, today) if review else []
            if not recipients:
                continue
            try:
                _send_mail(review, recipients)
            except OSError as error:
                logger.warning("mail on access review %s not sent: %s", review.pk, type(error).__name__)
                continue
            if review.mail_due_at:
                review.mail_due_at, review.mail_sent_at = None, timezone.now()
            else:
                review.reminder_sent_at = timezone.now()
            review.save(update_fields=["mail_due_at", "mail_sent_at", "reminder_sent_at"])
            sent += 1
    return sent


def confirm_access(*, line: AccessLine, by: User) -> AccessLine:
    """The person keeps the access. Raises ValidationError when the line is decided, ended or out of its quarter."""
    with transaction.atomic():
        return _decide(_locked_open(line), Decision.CONFIRMED, by)


def confirm_others(*, lines: Iterable[AccessLine], by: User) -> int:
    """Confirms those of `lines` that are still open and returns how many; what others have decided stays."""
    with transaction.atomic():
        # One order for everybody, so that two who confirm at once never wait for each other.
        chosen = AccessLine.objects.running().open().filter(pk__in=[line.pk for line in lines]).order_by("pk")
        keys = [line.pk for line in chosen.select_for_update(of=("self",))]
        decided = {"decision": Decision.CONFIRMED, "decided_by": by, "decided_at": timezone.now()}
        return AccessLine.objects.filter(pk__in=keys).update(**decided)


def end_access(*, line: AccessLine, by: User, last_day: date) -> AccessLine:
    """The person's access ends with `last_day`: today or a later day, or yesterday, which ends it at once.

    Raises ValidationError when the line is decided, ended or out of its quarter, when it is the own access, when the
    person still answers for open cases, and on `last_day` when it is not possible or would make the access longer.
    """
    with refusals(_refused()):
        line = _locked_open(line)
        if line.membership.user_id == by.pk:
            raise ValidationError(
                _("You cannot end your own access. Ask another coordinator of your organisation or your district.")
            )
        membership = Membership.objects.select_for_update().get(pk=line.membership_id)
        _check_last_day(last_day, membership.ends_on)
        membership.ends_on = last_day
        membership.save(update_fields=["ends_on"])
        return _decide(line, Decision.ENDED, by)


def _refused() -> dict[str, tuple[str | None, str]]:
    return {
        "case_has_responsible_manager": (
            None,
            _("This person still answers for open cases. Record the leaving and hand the cases over first."),
        ),
        "membership_ends_after_it_starts": (
            "last_day",
            _("The access began later. Enter its first day or a later one."),
        ),
    }


def _check_last_day(last_day: date, ends_on: date | None) -> None:
    today = timezone.localdate()
    if last_day < today - timedelta(days=1):
        raise ValidationError({"last_day": _("This day is over. Enter yesterday to end the access at once.")})
    if last_day > today + settings.ACCESS_END_AHEAD:
        raise ValidationError({"last_day": _("This day is more than a year away. Enter an earlier one.")})
    if ends_on and last_day > ends_on:
        message = _("The access ends on %(day)s already. Enter this day or an earlier one.")
        raise ValidationError({"last_day": message % {"day": _day(ends_on)}})


def _locked_open(line: AccessLine) -> AccessLine:
    """The line as it is now, kept from others until the end; refused when there is nothing left to decide."""
    AccessLine.objects.select_for_update().get(pk=line.pk)
    # Read after the lock: what a query joins while it waits is older than the row it waits for.
    line = AccessLine.objects.for_review().get(pk=line.pk)
    name, ends_on = line.membership.user.name, line.membership.ends_on
    if not line.review.is_running:
        raise ValidationError(_("This review is over. Decide in the review of this quarter."))
    if line.decision:
        message = {
            Decision.CONFIRMED: _("%(by)s confirmed the access of %(name)s on %(day)s. Nothing was changed."),
            Decision.ENDED: _("%(by)s ended the access of %(name)s on %(day)s. Nothing was changed."),
        }[Decision(line.decision)]
        decided_on = timezone.localdate(line.decided_at)
        raise ValidationError(message % {"by": line.decided_by.name, "name": name, "day": _day(decided_on)})
    if line.has_ended:
        message = _("The access of %(name)s ended on %(day)s. Nothing is left to decide.")
        raise ValidationError(message % {"name": name, "day": _day(ends_on)})
    return line


def _decide(line: AccessLine, decision: str, by: User) -> AccessLine:
    line.decision, line.decided_by, line.decided_at = decision, by, timezone.now()
    line.save(update_fields=["decision", "decided_by", "decided_at"])
    return line


def _recipients(organisation: Organisation, day: date) -> list[str]:
    """Addresses of the organisation's coordinators; without one, of those of the Kreis in which it is seated."""
    coordinators = Membership.objects.coordinators_on(day).order_by("user__email").values_list("user__email", flat=True)
    own = coordinators.filter(organisation=organisation)
    kreis = coordinators.filter(
        organisation__kind=Organisation.Kind.DISTRICT, organisation__district=organisation.district_id
    )
    return list(own) or list(kreis)


def _send_mail(review: AccessReview, recipients: list[str]) -> None:
    with translation.override(settings.LANGUAGE_CODE):
        progress = review.lines.progress()
        words = {
            "organisation": review.organisation.name,
            "progress": progress,
            "is_reminder": review.mail_due_at is None,
            "due_on": review.due_on,
            "link": settings.SITE_URL + reverse("access_review"),
        }
        subject = _("Check access to PIK by %(day)s") % {"day": _day(review.due_on)}
        send_mail(subject, render_to_string("mail/access_review.txt", words), None, recipients)


def _day(day: date) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")
