"""Makes the monthly figures from contacts, cases and count records: set-based, safe to repeat, safe to run at once."""

import logging
from collections.abc import Sequence
from datetime import date

from django.db import connection, transaction

from casework.models import FigureChange
from casework.services import figure_sql
from casework.services.withholding import withhold
from pik import queue
from pik.months import add_months, last_months, month_of

logger = logging.getLogger(__name__)
# Of several saves within this time the figures are refreshed once.
DEBOUNCE_SECONDS = 2
# One refresh at a time: the second waits and then sees everything that the first was too early for.
LOCK = "SELECT pg_advisory_xact_lock(hashtext('casework.figures'))"

_TAKE_CHANGES = """
WITH taken AS (
    DELETE FROM casework_figurechange WHERE id IN (
        SELECT id FROM casework_figurechange ORDER BY id LIMIT 50000 FOR UPDATE SKIP LOCKED)
    RETURNING manager_id, first_month, last_month)
SELECT DISTINCT t.manager_id, m.month::date FROM taken t,
    generate_series(t.first_month, t.last_month, interval '1 month') AS m (month)
"""


def refresh_soon() -> None:
    """Asks for a refresh after the commit; what changed is noted in the database, so nothing is lost on the way."""
    from casework.tasks import refresh_figures

    queue.after_commit(refresh_figures, within_seconds=DEBOUNCE_SECONDS)


@transaction.atomic
def refresh_changed_figures() -> int:
    """Makes the figures anew that noted changes put out of date; returns how many rows changed.

    Notes and figures change in one transaction: a run that is killed leaves the old figures and its notes.
    """
    with connection.cursor() as cursor:
        cursor.execute(LOCK)
        cursor.execute(_TAKE_CHANGES)
        pairs = cursor.fetchall()
        if not pairs:
            return 0
        managers, months = zip(*pairs, strict=True)
        return _refresh(cursor, list(managers), list(months))


def reconcile_month(month: date) -> int:
    """Makes all figures of one month anew from the sources, in one transaction; returns how many rows changed."""
    return reconcile_together([month])


def reconcile_together(months: Sequence[date]) -> int:
    """The same for several months at once: quicker than one by one, but nobody else refreshes in between."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LOCK)
        cursor.execute("SELECT id FROM casework_manager")
        pairs = [(row[0], month) for row in cursor.fetchall() for month in months]
        return _refresh(cursor, *map(list, zip(*pairs, strict=True))) if pairs else 0


def reconcile(months: Sequence[date] | None = None) -> int:
    """Makes the figures of `months` anew (by default the 13 that pages show); returns how many rows were wrong.

    Changes noted for older months are worked off as well. Each month is a transaction of its own.
    """
    changed = sum(reconcile_month(month) for month in months or last_months(13))
    while FigureChange.objects.exists():
        changed += refresh_changed_figures()
    if changed:
        logger.info("reconcile corrected %s figures", changed)
    return changed


def figures_of_cases(cursor, cases: Sequence[int]) -> str:
    """What the figures of all months hold of some closed cases, as JSON in the shape of `ArchivedFigure`."""
    cursor.execute(figure_sql.SCOPE_OF_CASES, {"cases": cases})
    managers, months = zip(*cursor.fetchall(), strict=True)
    bounds = {"first": min(months), "end": add_months(max(months), 1)}
    scope = {"managers": list(managers), "months": list(months), "cases": list(cases)}
    cursor.execute(figure_sql.OF_CASES, {**scope, **bounds})
    return cursor.fetchone()[0]


def _refresh(cursor, managers: list[int], months: list[date]) -> int:
    bounds = {"first": min(months), "end": add_months(max(months), 1)}
    cursor.execute(figure_sql.REFRESH, {"managers": managers, "months": months, "cases": None, **bounds})
    changed = cursor.fetchone()[0]
    withhold(cursor, months)
    return changed


def prepare_partitions(*, until: date) -> int:
    """Makes the monthly partitions of contacts up to a year after `until`; returns how many were missing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT casework_prepare_contact_partitions(%s, %s)", [month_of(until), add_months(month_of(until), 12)]
        )
        return cursor.fetchone()[0]
