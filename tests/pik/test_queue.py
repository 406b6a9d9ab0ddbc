import logging
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import Mock

import pytest
from django.core.cache import cache
from django.db import transaction
from kombu import pools
from kombu.exceptions import OperationalError

from casework.models import FigureChange, MonthlyFigure
from casework.tasks import refresh_figures
from pik import settings as rules
from pik.celery import app
from pik.people import register_person
from pik.queue import after_commit
from tests.factories import STARTED, make_case, make_contact, make_organisation

LOCAL_CACHE = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "queue-tests"}}


@pytest.fixture
def lead_redis(settings):
    """Leads cache and queue to another Redis, with the time limits of the application."""
    eager, producers = app.conf.task_always_eager, app.amqp._producer_pool

    def lead(url: str) -> None:
        settings.CACHES = {"default": {**rules.CACHES["default"], "LOCATION": url}}
        app.conf.task_always_eager = False
        app.amqp._producer_pool = pools.producers[app.connection_for_write(url)]

    yield lead
    app.conf.task_always_eager, app.amqp._producer_pool = eager, producers


@contextmanager
def listening() -> Iterator[str]:
    """The address of a server that takes every connection and never says a word."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(20)
        yield f"redis://:x@127.0.0.1:{server.getsockname()[1]}/0"


def dead_address() -> str:
    """The address of a port that refuses connections."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"redis://:x@127.0.0.1:{probe.getsockname()[1]}/0"


@pytest.fixture
def task(settings):
    """A task that only notes how it was queued, beside an empty cache."""
    settings.CACHES = LOCAL_CACHE
    cache.clear()
    task = Mock()
    task.name = "tests.task"
    return task


@pytest.mark.django_db
def test_task_is_queued_after_the_commit_only(task, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        after_commit(task, within_seconds=7)

        assert task.apply_async.mock_calls == []

    task.apply_async.assert_called_once_with(countdown=7)


@pytest.mark.django_db(transaction=True)
def test_task_of_a_transaction_that_is_rolled_back_is_never_queued(task):
    with transaction.atomic():
        after_commit(task, within_seconds=1)
        transaction.set_rollback(True)

    assert task.apply_async.mock_calls == []


@pytest.mark.django_db
def test_task_is_queued_once_for_many_saves_in_a_row(task, django_capture_on_commit_callbacks):
    for _save in range(3):
        with django_capture_on_commit_callbacks(execute=True):
            after_commit(task, within_seconds=60)

    assert task.apply_async.call_count == 1


@pytest.mark.django_db
def test_task_is_queued_again_when_the_time_is_over(task, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        after_commit(task, within_seconds=1)
    time.sleep(1.05)
    with django_capture_on_commit_callbacks(execute=True):
        after_commit(task, within_seconds=1)

    assert task.apply_async.call_count == 2


@pytest.mark.django_db
def test_queue_that_is_away_is_a_warning_and_no_error(task, django_capture_on_commit_callbacks, caplog):
    task.apply_async.side_effect = OperationalError("away")

    with django_capture_on_commit_callbacks(execute=True):
        after_commit(task, within_seconds=1)

    assert [(record.levelno, record.message) for record in caplog.records if record.name == "pik.queue"] == [
        (logging.WARNING, "queue away: tests.task waits for its periodic run")
    ]


@pytest.mark.expects_error_log
@pytest.mark.django_db(transaction=True)
def test_contact_is_saved_while_redis_is_down_and_figures_follow(lead_redis):
    case = make_case()
    refresh_figures()
    lead_redis(dead_address())

    begun = time.monotonic()
    contact = make_contact(case=case)
    taken = time.monotonic() - begun

    figures = MonthlyFigure.objects.filter(manager=case.opened_by, month=contact.date.replace(day=1))
    assert taken < 2
    assert [figure.contacts for figure in figures] == [0]
    assert FigureChange.objects.filter(manager=case.opened_by).count() == 1
    refresh_figures()
    assert [figure.contacts for figure in figures.all()] == [1]


@pytest.mark.expects_error_log
@pytest.mark.django_db(transaction=True)
def test_invitation_stays_due_while_redis_is_down(lead_redis):
    lead_redis(dead_address())

    user = register_person(
        email="new@pik.example", name="New", organisation=make_organisation(), role="manager", starts_on=STARTED
    )

    user.refresh_from_db()
    assert user.invitation_due_at is not None


@pytest.mark.expects_error_log
@pytest.mark.django_db(transaction=True)
def test_contact_is_saved_in_time_while_redis_hangs(lead_redis):
    case = make_case()

    with listening() as address:
        lead_redis(address)
        begun = time.monotonic()
        make_contact(case=case)
        taken = time.monotonic() - begun

    assert case.contacts.count() == 1
    # Half a second for the cache, one and a half for the queue, and some air for a slow machine.
    assert taken < 4
