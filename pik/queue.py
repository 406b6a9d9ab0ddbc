"""Handing work to Celery without ever failing the request that found it."""

import logging

from celery import Task
from django.core.cache import cache
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def after_commit(task: Task, *, within_seconds: int) -> None:
    """Queues `task` (without arguments) once the transaction is committed, at most once in `within_seconds`.

    The task must find its work in the database: when the queue is away the request still succeeds, and the
    periodic run of the same task does the work later.
    """
    transaction.on_commit(lambda: _enqueue(task, within_seconds), robust=True)


def _enqueue(task: Task, within_seconds: int) -> None:
    # Without a cache `add` answers None; then we queue once more than needed rather than once too few.
    if cache.add(f"queued:{task.name}", 1, timeout=within_seconds) is False:
        return
    try:
        task.apply_async(countdown=within_seconds)
    except OperationalError:
        logger.warning("queue away: %s waits for its periodic run", task.name)
