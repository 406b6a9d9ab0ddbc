"""The weekly mail on what is due: chosen, queued and sent."""

import logging
from collections import Counter
from datetime import date, timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from casework.due import Kind, due_for
from casework.models import Digest
from pik.models import Membership, User

logger = logging.getLogger(__name__)


def choose_digest(*, user: User, wanted: bool) -> None:
    """Switches the weekly mail on, from next Monday, or off; saying the same twice changes nothing."""
    if wanted:
        Digest.objects.get_or_create(user=user, defaults={"week": _monday(timezone.localdate())})
    else:
        Digest.objects.of(user).delete()


def queue_digests(*, day: date) -> int:
    """Makes the mails of the week of `day` due, once for everybody who wants one; returns how many."""
    return Digest.objects.queue(monday=_monday(day))


def send_due_digests() -> int:
    """Sends every mail that is due and returns how many left; who has nothing to do gets none.

    Each row is locked while the mail is handed over, so two runs at once send it once; a mail server that refuses
    leaves it due.
    """
    sent = 0
    for pk in Digest.objects.due().order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            locked = Digest.objects.select_for_update(of=("self",), skip_locked=True)
            digest = locked.due().select_related("user").filter(pk=pk).first()
            if digest is None:
                continue
            numbers = _numbers(digest.user)
            try:
                if numbers:
                    _send_mail(digest.user, numbers)
                    sent += 1
            except OSError as error:
                logger.warning("weekly mail %s not sent: %s", digest.pk, type(error).__name__)
                continue
            digest.mail_due_at = None
            digest.save(update_fields=["mail_due_at"])
    return sent


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _numbers(user: User) -> list[tuple[str, int]]:
    """How much of each kind is due until the end of the week, over all organisations that employ the person."""
    sunday = _monday(timezone.localdate()) + timedelta(days=6)
    counts: Counter[Kind] = Counter()
    for membership in user.active_memberships:
        if membership.role == Membership.Role.MANAGER:
            user.acting_membership_id = membership.pk
            counts.update(line.kind for line in due_for(user) if line.day <= sunday)
    with translation.override(settings.LANGUAGE_CODE):
        return [(str(kind.label), counts[kind]) for kind in Kind if counts[kind]]


def _send_mail(user: User, numbers: list[tuple[str, int]]) -> None:
    """Numbers only: a mail passes through many hands."""
    with translation.override(settings.LANGUAGE_CODE):
        words = {
            "numbers": numbers,
            "link": settings.SITE_URL + reverse("casework:due_list"),
            "off": settings.SITE_URL + reverse("casework:mails"),
        }
        send_mail(_("PIK: due this week"), render_to_string("mail/digest.txt", words), None, [user.email])
