"""Work of the ground floor that Celery does."""

from celery import shared_task

from pik import people


@shared_task(name="pik.send_invitations")
def send_invitations() -> None:
    """Sends the invitations that are due."""
    people.send_due_invitations()
