"""Work of the ground floor that Celery does. Every task may run twice, or twice at once."""

from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from pik import access_reviews, drafts, people


@shared_task(name="pik.send_invitations")
def send_invitations() -> None:
    """Sends the invitations that are due."""
    people.send_due_invitations()


@shared_task(name="pik.open_access_reviews")
def open_access_reviews() -> None:
    """Every night: the access reviews of the quarter are open."""
    access_reviews.open_reviews(day=timezone.localdate())


@shared_task(name="pik.send_review_mails")
def send_review_mails() -> None:
    """Sends the mails on access reviews that are due."""
    access_reviews.send_due_mails()


@shared_task(name="pik.purge_outlived_drafts")
def purge_outlived_drafts() -> None:
    """Every five minutes: drafts to which nobody came back are deleted."""
    drafts.purge_outlived_drafts()


@shared_task(name="pik.clear_sessions")
def clear_sessions() -> None:
    """Every night: sessions that have ended are deleted."""
    SessionStore.clear_expired()
