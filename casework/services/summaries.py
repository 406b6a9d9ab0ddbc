"""Makes the monthly summaries from the monthly figures."""

import json
from datetime import date, timedelta

from django.conf import settings
from django.db import connection, transaction

from casework.models import MonthlySummary
from pik.months import add_months, last_months

# Raised whenever the rules below change what a summary says, so that old and new versions can be told apart.
RULE_VERSION = 2

_COLUMNS = (
    "version",
    "organisation_id",
    "measure_id",
    "inputs_hash",
    "heads",
    "fte",
    "cases_open",
    "cases_opened",
    "cases_closed",
    "plans_new",
    "plans_continued",
    "plans_active",
    "contacts",
    "minutes",
    "counts",
)
_CHANGED = """
WITH inputs AS (
    SELECT organisation_id, measure_id, manager_id, municipality_id,
           cases_open, cases_opened, cases_closed, plans_new, plans_ended, plans_active, contacts, minutes, counts
    FROM casework_monthlyfigure WHERE month = %(month)s
), sums AS (
    SELECT organisation_id, measure_id, sum(cases_open) AS cases_open, sum(cases_opened) AS cases_opened,
           sum(cases_closed) AS cases_closed, sum(plans_new) AS plans_new,
           sum(plans_active) + sum(plans_ended) - sum(plans_new) AS plans_continued, sum(plans_active) AS plans_active,
           sum(contacts) AS contacts, sum(minutes) AS minutes,
           string_agg(concat_ws('|', manager_id, municipality_id, cases_open, cases_opened, cases_closed, plans_new,
                                plans_ended, plans_active, contacts, minutes, counts),
                      ';' ORDER BY manager_id, municipality_id) AS inputs
    FROM inputs GROUP BY 1, 2
), count_sums AS (
    SELECT organisation_id, measure_id, jsonb_object_agg(key, total) AS counts FROM (
        SELECT organisation_id, measure_id, key, sum(value::bigint) AS total
        FROM inputs, jsonb_each_text(counts) GROUP BY 1, 2, 3) AS each GROUP BY 1, 2
), staff AS (
    SELECT p.organisation_id, p.measure_id, count(DISTINCT a.manager_id) AS heads, sum(a.fte) AS fte,
           string_agg(concat_ws('|', a.manager_id, a.fte), ';' ORDER BY a.manager_id, a.id) AS inputs
    FROM casework_assignment a JOIN casework_post p ON p.id = a.post_id
    WHERE a.starts_on <= %(last_day)s AND (a.ends_on IS NULL OR a.ends_on >= %(last_day)s) GROUP BY 1, 2
), in_force AS (
    SELECT id, organisation_id, measure_id, version, inputs_hash, rule_version
    FROM casework_monthlysummary WHERE month = %(month)s AND NOT superseded
), fresh AS (
    SELECT organisation_id, measure_id, coalesce(heads, 0) AS heads, coalesce(fte, 0) AS fte,
           coalesce(cases_open, 0) AS cases_open, coalesce(cases_opened, 0) AS cases_opened,
           coalesce(cases_closed, 0) AS cases_closed, coalesce(plans_new, 0) AS plans_new,
           coalesce(plans_continued, 0) AS plans_continued, coalesce(plans_active, 0) AS plans_active,
           coalesce(contacts, 0) AS contacts,
           coalesce(minutes, 0) AS minutes, coalesce(counts, '{}'::jsonb) AS counts,
           md5(concat(sums.inputs, '#', staff.inputs)) AS inputs_hash
    FROM sums FULL JOIN staff USING (organisation_id, measure_id)
    FULL JOIN (SELECT organisation_id, measure_id FROM in_force) AS known USING (organisation_id, measure_id)
    LEFT JOIN count_sums USING (organisation_id, measure_id)
)
SELECT i.id, coalesce(i.version, 0) + 1, organisation_id, measure_id, f.inputs_hash, heads, fte,
       cases_open, cases_opened, cases_closed, plans_new, plans_continued, plans_active, contacts, minutes, counts
FROM fresh f LEFT JOIN in_force i USING (organisation_id, measure_id)
WHERE i.id IS NULL OR i.inputs_hash <> f.inputs_hash OR i.rule_version <> %(rules)s
"""


def summarise_month(month: date) -> int:
    """Writes a new version of every summary of `month` whose inputs changed; returns how many were written.

    One transaction behind a lock: two runs at once write each version once, a killed run writes none.
    """
    last_day = add_months(month, 1) - timedelta(days=1)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('casework.summaries'))")
        cursor.execute(_CHANGED, {"month": month, "last_day": last_day, "rules": RULE_VERSION})
        rows = cursor.fetchall()
        MonthlySummary.objects.filter(pk__in=[row[0] for row in rows if row[0]]).update(superseded=True)
        MonthlySummary.objects.bulk_create(
            MonthlySummary(month=month, rule_version=RULE_VERSION, **dict(zip(_COLUMNS, values, strict=True)))
            for values in ((*row[1:-1], json.loads(row[-1])) for row in rows)
        )
    return len(rows)


def summarise_again() -> int:
    """Brings the summaries of closed months up to date; returns how many were written.

    Late entries make new versions, and a month whose first day passed without a worker is made up for.
    """
    summarised = MonthlySummary.objects.order_by().values_list("month", flat=True).distinct()
    months = sorted({*summarised, *last_months(settings.CURVE_MONTHS)[:-1]})
    return sum(summarise_month(month) for month in months)
