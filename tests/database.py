"""The database seen from outside the application: refusals by name, the owner's connection, sessions side by side."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from tests.own_database import owner_url


@contextmanager
def refused_by(constraint: str) -> Iterator[None]:
    """The block is refused by exactly this constraint; the surrounding transaction goes on."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        yield
    assert caught.value.__cause__.diag.constraint_name == constraint


@contextmanager
def refused_at_commit_by(constraint: str) -> Iterator[None]:
    """Like `refused_by`, for a deferred constraint: it is checked as the commit would check it."""
    with refused_by(constraint):
        yield
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@contextmanager
def refused_by_trigger(message: str) -> Iterator[None]:
    """The block is refused by a trigger with this message; the surrounding transaction goes on."""
    with pytest.raises(ProgrammingError, match=message), transaction.atomic():
        yield


def run_sql(statement: str, *values: object) -> list[tuple]:
    """Raw SQL as the application's role; the rows it returns."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def run_as_owner(statement: str, *values: object) -> None:
    """Raw SQL as the role that owns the tables, in the transaction of the test: for rows of former times."""
    with connection.cursor() as cursor:
        written = psycopg.ClientCursor(cursor.connection).mogrify(statement, values)
        cursor.execute("SELECT tests_run_as_owner(%s)", [written])


def owner_session() -> psycopg.Connection:
    """A session of the role that owns the tables, in the database of the tests; commits by itself."""
    return psycopg.connect(owner_url(connection.settings_dict["NAME"]), autocommit=True)


def app_session() -> psycopg.Connection:
    """One more session of the application's role, with transactions of its own."""
    return psycopg.connect(**connection.get_connection_params())


def side_by_side(*works: Callable[[], object]) -> list[object]:
    """Runs all `works` in threads that start together; gives what each returned, or the exception it raised."""
    results: list[object] = [None] * len(works)
    start = threading.Barrier(len(works))

    def run(index: int, work: Callable[[], object]) -> None:
        start.wait(timeout=10)
        try:
            results[index] = work()
        except Exception as error:  # noqa: BLE001 - the test compares it
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert not any(thread.is_alive() for thread in threads)
    return results


def sessions_waiting_for(session: psycopg.Connection, number: int = 1) -> list[int]:
    """The processes that wait for a lock of `session`, as soon as there are `number` of them."""
    for _attempt in range(1000):
        query = "SELECT DISTINCT pid FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
        found = [pid for (pid,) in session.execute(query).fetchall()]
        if len(found) >= number:
            return found
        time.sleep(0.005)
    raise AssertionError(f"fewer than {number} sessions wait after five seconds")


def wait_until_waited_for(number: int = 1) -> None:
    """Waits until `number` sessions wait for a lock that this one holds."""
    _wait_until(
        "SELECT count(DISTINCT pid) >= %s FROM pg_locks "
        "WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))",
        number,
    )


def wait_until_queued(number: int) -> None:
    """Waits until `number` sessions wait for a lock, whoever holds it: the second in a queue waits for the first."""
    _wait_until(
        "SELECT count(*) >= %s FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
        number,
    )


def _wait_until(question: str, value: object) -> None:
    for _attempt in range(1000):
        if run_sql(question, value) == [(True,)]:
            return
        time.sleep(0.005)
    raise AssertionError(f"still not so after five seconds: {question}")
