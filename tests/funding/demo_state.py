"""A fiftieth of the demo state, for the modules that look at it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from django.core.management import call_command
from django.db import transaction

# A Thursday in the middle of a month of a past year, so that the tests do not depend on the day they run.
UNTIL = date(2026, 10, 15)
SCALE = 0.02


@contextmanager
def small_state(django_db_blocker) -> Iterator[None]:
    """Loads it, and takes it back at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("demo", until=UNTIL, scale=SCALE, verbosity=0)
        yield
        transaction.set_rollback(True)
