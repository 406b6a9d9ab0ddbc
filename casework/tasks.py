"""Work of the casework room that Celery does. Every task may run twice, or twice at once."""

from celery import shared_task
from django.utils import timezone

from casework.services import digests, figures, leavings, manager_lists, retention, summaries
from pik.months import add_months, month_of


@shared_task(name="casework.refresh_figures")
def refresh_figures() -> None:
    """Works off the noted changes."""
    figures.refresh_changed_figures()


@shared_task(name="casework.reconcile_figures")
def reconcile_figures() -> None:
    """Every night: all months that pages show are made anew; summaries follow, missed ones included."""
    figures.reconcile()
    summaries.summarise_again()


@shared_task(name="casework.summarise_last_month")
def summarise_last_month() -> None:
    """On the first day of a month: figures and summaries of the month that has just ended."""
    month = add_months(month_of(timezone.localdate()), -1)
    figures.reconcile_month(month)
    summaries.summarise_month(month)


@shared_task(name="casework.prepare_partitions")
def prepare_partitions() -> None:
    """Every night: a year of monthly partitions lies ahead."""
    figures.prepare_partitions(until=timezone.localdate())


@shared_task(name="casework.apply_retention")
def apply_retention() -> None:
    """Every night: cases end with their funding time, and lose their code some time after their end."""
    retention.apply_retention()


@shared_task(name="casework.purge_manager_lists")
def purge_manager_lists() -> None:
    """Every hour: lists of managers that are older than a day are deleted."""
    manager_lists.purge_outlived_lists()


@shared_task(name="casework.purge_leavings")
def purge_leavings() -> None:
    """Every night: what was kept to take a leaving back is forgotten once its day has passed."""
    leavings.purge_outlived_leavings()


@shared_task(name="casework.queue_digests")
def queue_digests() -> None:
    """Every morning: the weekly mails are due, so that a Monday without a queue is made up for."""
    digests.queue_digests(day=timezone.localdate())


@shared_task(name="casework.send_digests")
def send_digests() -> None:
    """Sends the weekly mails that are due."""
    digests.send_due_digests()
