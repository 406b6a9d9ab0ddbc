"""Registering people and inviting them to choose a password."""

import logging
import unicodedata
from datetime import date

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from pik import queue
from pik.integrity import refusals
from pik.models import Membership, Organisation, User

logger = logging.getLogger(__name__)


def register_person(
    *, email: str, name: str, organisation: Organisation, role: str, starts_on: date, ends_on: date | None = None
) -> User:
    """A login with one membership; the invitation leaves as soon as the transaction is committed.

    A person whose memberships have all ended by `starts_on` keeps login and name and gets the membership beside them.
    Raises ValidationError on `email` when the address belongs to somebody who still has a role then, on `ends_on` when
    it lies before the start.
    """
    if ends_on and ends_on < starts_on:
        raise ValidationError({"ends_on": _("The last day lies before the first. Change one of the two dates.")})
    if any(unicodedata.category(character) in ("Cc", "Cf") for character in name) or not name.strip():
        raise ValidationError({"name": _("Enter a name in visible letters, on one line.")})
    in_use = _(
        "This e-mail address already has a login. Use another address, or have the leaving recorded where the person "
        "works until now."
    )
    with refusals({"user_email_unique": ("email", in_use)}):
        user = User.objects.returning(email=email, on=starts_on) or User.objects.create_user(email=email, name=name)
        membership = Membership(user=user, organisation=organisation, role=role, starts_on=starts_on, ends_on=ends_on)
        membership.full_clean()
        membership.save()
        if user.last_login is None:
            invite(user=user)
    return user


def works_until(*, email: str, day: date) -> bool:
    """Whether the person with this address has a role on `day`; its end, if any, is for `register_person` to check."""
    return Membership.objects.active_on(day).filter(user__email=email.strip().lower()).exists()


def invite(*, user: User) -> None:
    """Marks the invitation as due; it is sent after the commit, or with the next periodic run."""
    from pik.tasks import send_invitations

    user.invitation_due_at = timezone.now()
    user.save(update_fields=["invitation_due_at"])
    queue.after_commit(send_invitations, within_seconds=1)


def send_due_invitations() -> int:
    """Sends every invitation that is due and returns how many left.

    Each person is locked while the mail is handed over, so two runs at once send it once; a mail server that
    refuses leaves the invitation due.
    """
    sent = 0
    for pk in User.objects.filter(invitation_due_at__isnull=False).values_list("pk", flat=True):
        with transaction.atomic():
            due = User.objects.select_for_update(skip_locked=True).filter(pk=pk, invitation_due_at__isnull=False)
            user = due.first()
            if user is None:
                continue
            try:
                _send_invitation(user)
            except OSError as error:
                logger.warning("invitation of person %s not sent: %s", user.pk, type(error).__name__)
                continue
            user.invitation_due_at = None
            user.invitation_sent_at = timezone.now()
            user.save(update_fields=["invitation_due_at", "invitation_sent_at"])
            sent += 1
    return sent


def _send_invitation(user: User) -> None:
    key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    path = reverse(
        "account_reset_password_from_key", kwargs=dict(zip(("uidb36", "key"), key.split("-", 1), strict=True))
    )
    with translation.override(settings.LANGUAGE_CODE):
        body = render_to_string(
            "mail/invitation.txt",
            {"name": user.name, "link": settings.SITE_URL + path, "days": settings.PASSWORD_RESET_TIMEOUT // 86400},
        )
        send_mail(_("Your access to PIK"), body, None, [user.email])
