"""Rules that hold in every test: own database, the application's role, no error log, no missing variable."""

import logging
import os
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connections
from django.test import TransactionTestCase
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from pik.celery import app
from tests import own_database
from tests.missing_variable import MissingVariable

# Before Django builds its template engines.
settings.TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = MissingVariable()
# How long an example takes says how busy the machine is, not whether the code is right.
hypothesis_settings.register_profile("pik", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("pik")
# The real one takes a third of a second for each login, on purpose.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_configure() -> None:
    if not {"DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"} <= os.environ.keys():
        raise pytest.UsageError("No servers to test against. Use script/test, e.g. script/test tests/pik -k rounding")


@pytest.fixture(scope="session")
def test_run(testrun_uid: str) -> str:
    """Names this run, the same in all of its workers."""
    return os.environ.get("PIK_TEST_RUN", testrun_uid)


@pytest.fixture(scope="session")
def template_database(test_run: str) -> str:
    """The migrated database with the pact from which every other one is copied."""
    own_database.prepare_template(test_run)
    return own_database.TEMPLATE


@pytest.fixture(scope="session", autouse=True)
def own_queue(test_run: str, worker_id: str) -> None:
    """Keys in Redis that no other run and no other worker of this run uses."""
    prefix = f"{test_run}-{worker_id}-"
    settings.CACHES["default"]["KEY_PREFIX"] = prefix
    app.conf.broker_transport_options = {**app.conf.broker_transport_options, "global_keyprefix": prefix}


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker, template_database, worker_id) -> Iterator[None]:
    """A database for this worker; the connection keeps the application's role."""
    name = f"{own_database.TEMPLATE}_{worker_id}"
    own_database.renew(name)

    def renew_database(self: TransactionTestCase) -> None:
        connections.close_all()
        own_database.renew(name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(connections["default"].settings_dict, "NAME", name)
        patch.setitem(settings.DATABASES["default"], "NAME", name)
        patch.setattr(TransactionTestCase, "_fixture_teardown", renew_database)
        yield
    with django_db_blocker.unblock():
        connections.close_all()
    own_database.drop(name)


class _Errors(logging.Handler):
    """Collects what was logged as an error."""

    def __init__(self) -> None:
        super().__init__(level=logging.ERROR)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture(autouse=True)
def no_error_log(request: pytest.FixtureRequest) -> Iterator[None]:
    """An ERROR log record fails the test, unless it is marked `expects_error_log`; then its absence does."""
    handler = _Errors()
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)
    lines = [f"{record.name}: {record.getMessage()}" for record in handler.records]
    if request.node.get_closest_marker("expects_error_log"):
        assert lines, "the test expects an ERROR log record, but there is none"
    else:
        assert lines == []


@pytest.fixture(autouse=True)
def no_missing_variable(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A template variable that does not exist fails the test, unless marked `expects_missing_variable`."""
    marked = request.node.get_closest_marker("expects_missing_variable") is not None
    monkeypatch.setattr(MissingVariable, "silent", marked)
