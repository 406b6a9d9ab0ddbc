"""Makes the monthly figures from contacts, cases and count records: set-based, safe to repeat, safe to run at once."""

import logging
from collections.abc import Sequence
from datetime import date

from django.db import connection, transaction

from casework.models import FigureChange
from casework.models.counts import COUNT_MODELS
from pik import queue
from pik.months import add_months, last_months, month_of

logger = logging.getLogger(__name__)
# Of several saves within this time the figures are refreshed once.
DEBOUNCE_SECONDS = 2
# One refresh at a time: the second waits and then sees everything that the first was too early for.
LOCK = "SELECT pg_advisory_xact_lock(hashtext('casework.figures'))"


def _count_records() -> str:
    """SQL for the sums of every model of counts, as one JSON object per manager, place and month."""
    parts = []
    for code, model in COUNT_MODELS.items():
        sums = ", ".join(f"'{field}', sum(r.{field})" for field in model.SUMMED)
        parts.append(
            f"SELECT r.manager_id, r.organisation_id, r.municipality_id, '{code}'::varchar AS measure_id, s.month, "
            f"jsonb_build_object('records', count(*), {sums}) AS counts "
            f"FROM scope s JOIN {model._meta.db_table} r ON r.manager_id = s.manager_id "
            "AND r.date >= s.month AND r.date < s.month + interval '1 month' "
            "AND r.date >= %(first)s AND r.date < %(end)s GROUP BY 1, 2, 3, 4, 5"
        )
    return " UNION ALL ".join(parts)


_REFRESH = f"""
WITH scope AS MATERIALIZED (
    SELECT * FROM unnest(%(managers)s::bigint[], %(months)s::date[]) AS s (manager_id, month)
), of_contacts AS (
    SELECT c.manager_id, c.organisation_id, c.municipality_id, k.measure_id, s.month,
           count(*) AS contacts, sum(c.minutes) AS minutes
    FROM scope s
    JOIN casework_contact c ON c.manager_id = s.manager_id
        AND c.date >= s.month AND c.date < s.month + interval '1 month'
        AND c.date >= %(first)s AND c.date < %(end)s
    JOIN casework_case k ON k.id = c.case_id
    GROUP BY 1, 2, 3, 4, 5
), of_cases AS (
    SELECT k.manager_id, k.organisation_id, k.municipality_id, k.measure_id, s.month,
           count(*) FILTER (WHERE k.closed_on IS NULL OR k.closed_on >= s.month + interval '1 month') AS cases_open,
           count(*) FILTER (WHERE k.opened_on >= s.month) AS cases_opened,
           count(*) FILTER (WHERE k.closed_on < s.month + interval '1 month') AS cases_closed
    FROM scope s
    JOIN casework_case k ON k.manager_id = s.manager_id
        AND k.opened_on < s.month + interval '1 month' AND (k.closed_on IS NULL OR k.closed_on >= s.month)
    GROUP BY 1, 2, 3, 4, 5
), of_counts AS ({_count_records()}
), parts AS (
    SELECT manager_id, organisation_id, municipality_id, measure_id, month,
           0 AS cases_open, 0 AS cases_opened, 0 AS cases_closed, contacts, minutes, '{{}}'::jsonb AS counts
    FROM of_contacts
    UNION ALL
    SELECT manager_id, organisation_id, municipality_id, measure_id, month,
           cases_open, cases_opened, cases_closed, 0, 0, '{{}}' FROM of_cases
    UNION ALL
    SELECT manager_id, organisation_id, municipality_id, measure_id, month, 0, 0, 0, 0, 0, counts FROM of_counts
), fresh AS MATERIALIZED (
    -- A measure has either cases or counts, so that at most one part of a group carries counts.
    SELECT manager_id, organisation_id, municipality_id, measure_id, month,
           sum(cases_open) AS cases_open, sum(cases_opened) AS cases_opened, sum(cases_closed) AS cases_closed,
           sum(contacts) AS contacts, sum(minutes) AS minutes, max(counts::text)::jsonb AS counts
    FROM parts GROUP BY 1, 2, 3, 4, 5
), gone AS (
    DELETE FROM casework_monthlyfigure f USING scope s
    WHERE f.manager_id = s.manager_id AND f.month = s.month AND NOT EXISTS (
        SELECT 1 FROM fresh n WHERE n.manager_id = f.manager_id AND n.organisation_id = f.organisation_id
        AND n.municipality_id IS NOT DISTINCT FROM f.municipality_id
        AND n.measure_id = f.measure_id AND n.month = f.month)
    RETURNING 1
), written AS (
    INSERT INTO casework_monthlyfigure AS f (manager_id, organisation_id, municipality_id, district_id, measure_id,
        month, cases_open, cases_opened, cases_closed, contacts, minutes, counts, refreshed_at)
    SELECT manager_id, organisation_id, municipality_id, left(municipality_id, 5), measure_id,
        month, cases_open, cases_opened, cases_closed, contacts, minutes, counts, now()
    FROM fresh
    ON CONFLICT (manager_id, organisation_id, municipality_id, measure_id, month) DO UPDATE
    SET district_id = excluded.district_id, cases_open = excluded.cases_open, cases_opened = excluded.cases_opened,
        cases_closed = excluded.cases_closed, contacts = excluded.contacts, minutes = excluded.minutes,
        counts = excluded.counts, refreshed_at = excluded.refreshed_at
    WHERE (f.district_id, f.cases_open, f.cases_opened, f.cases_closed, f.contacts, f.minutes, f.counts)
        IS DISTINCT FROM (excluded.district_id, excluded.cases_open, excluded.cases_opened, excluded.cases_closed,
                          excluded.contacts, excluded.minutes, excluded.counts)
    RETURNING 1
)
SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM written)
"""

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
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LOCK)
        cursor.execute("SELECT id FROM casework_manager")
        managers = [row[0] for row in cursor.fetchall()]
        return _refresh(cursor, managers, [month] * len(managers)) if managers else 0


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


def _refresh(cursor, managers: list[int], months: list[date]) -> int:
    bounds = {"first": min(months), "end": add_months(max(months), 1)}
    cursor.execute(_REFRESH, {"managers": managers, "months": months, **bounds})
    return cursor.fetchone()[0]


def prepare_partitions(*, until: date) -> int:
    """Makes the monthly partitions of contacts up to a year after `until`; returns how many were missing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT casework_prepare_contact_partitions(%s, %s)", [month_of(until), add_months(month_of(until), 12)]
        )
        return cursor.fetchone()[0]
