"""The statements by which the monthly figures are counted, from contacts, cases and count records."""

from casework.domains import Domain
from casework.models.counts import COUNT_MODELS

# The same statement counts some cases alone, which are about to go; without any given it counts everything. The
# database drops the condition, or the part of the statement, before it makes its plan.
_EVERYTHING = "%(cases)s::bigint[] IS NULL"


def _counted(case: str) -> str:
    return f"({_EVERYTHING} OR {case} = ANY (%(cases)s::bigint[]))"


def _count_records() -> str:
    """SQL for the sums of every model of counts, as one JSON object per manager, place and month."""
    parts = []
    for code, model in COUNT_MODELS.items():
        sums = ", ".join(f"'{field}', sum(r.{field})" for field in model.SUMMED)
        parts.append(
            f"SELECT r.manager_id, r.organisation_id, r.municipality_id, '{code}'::varchar AS measure_id, s.month, "
            f"jsonb_build_object('records', count(*), {sums}) AS counts "
            f"FROM scope s JOIN {model._meta.db_table} r ON r.manager_id = s.manager_id "
            "AND r.date >= s.month AND r.date < s.next_month "
            f"AND r.date >= %(first)s AND r.date < %(end)s AND {_EVERYTHING} GROUP BY 1, 2, 3, 4, 5"
        )
    return " UNION ALL ".join(parts)


# The columns of sums, in the order in which they are written.
_COLUMNS = (
    "cases_open",
    "cases_opened",
    "cases_closed",
    "plans_new",
    "plans_ended",
    "plans_active",
    "contacts",
    "minutes",
    "referrals_made",
    "referrals_arrived",
    "reviews_overdue",
    "goals_ended",
    "goals_reached",
    "reliance_cases",
    "reliance_domains",
    "reliance_change",
)
_NUMBERS = ", ".join(_COLUMNS)
_SUMS = ", ".join(f"sum({name}) AS {name}" for name in _COLUMNS)
_SET = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS)
_STORED = ", ".join(f"f.{name}" for name in _COLUMNS)
_NEW = ", ".join(f"excluded.{name}" for name in _COLUMNS)
# Whoever answers on the last day of the month has the stock of it.
_AT_THE_END = "h.starts_on <= s.last_day AND h.until > s.last_day"
# A domain counts where it was answered in the first and in the last assessment; what does not apply is 0, what was
# not asked is nothing.
_BOTH = " + ".join(f"((first.{domain} > 0 AND last.{domain} > 0) IS TRUE)::int" for domain in Domain.values)
_CHANGE = " + ".join(
    f"CASE WHEN first.{domain} > 0 AND last.{domain} > 0 THEN last.{domain} - first.{domain} ELSE 0 END"
    for domain in Domain.values
)


def _part(source: str, *names: str, counts: str = "'{}'::jsonb") -> str:
    """SQL that brings a part into the shape of all: its own sums, nothing for the others."""
    numbers = ", ".join(name if name in names else f"0 AS {name}" for name in _COLUMNS)
    keys = "manager_id, organisation_id, municipality_id, measure_id, month"
    return f"SELECT {keys}, {numbers}, {counts} AS counts FROM {source}"


_PARTS = " UNION ALL ".join(
    (
        _part("of_contacts", "contacts", "minutes"),
        _part("of_cases", "cases_open", "cases_opened", "cases_closed"),
        _part("of_plans", "plans_new", "plans_ended", "plans_active", "reviews_overdue"),
        _part("of_goals", "goals_ended", "goals_reached"),
        _part("of_reliance", "reliance_cases", "reliance_domains", "reliance_change"),
        _part("of_referrals", "referrals_made", "referrals_arrived"),
        _part("of_counts", counts="counts"),
        _part("of_archived", *_COLUMNS),
    )
)

_FRESH = f"""
WITH scope AS MATERIALIZED (
    -- The last day of the running month is today.
    SELECT manager_id, month, (month + interval '1 month')::date AS next_month,
           least((month + interval '1 month')::date - 1, greatest(month, (now() AT TIME ZONE 'Europe/Berlin')::date))
           AS last_day
    FROM unnest(%(managers)s::bigint[], %(months)s::date[]) AS s (manager_id, month)
), of_contacts AS (
    SELECT c.manager_id, c.organisation_id, c.municipality_id, k.measure_id, s.month,
           count(*) AS contacts, sum(c.minutes) AS minutes
    FROM scope s
    JOIN casework_contact c ON c.manager_id = s.manager_id
        AND c.date >= s.month AND c.date < s.next_month
        AND c.date >= %(first)s AND c.date < %(end)s
    JOIN casework_case k ON k.id = c.case_id
    WHERE {_counted("c.case_id")}
    GROUP BY 1, 2, 3, 4, 5
), answered AS (
    -- Who answered for a case from which day until before which; the earliest row holds from the opening on.
    SELECT case_id, manager_id, starts_on,
           coalesce(lead(starts_on) OVER (PARTITION BY case_id ORDER BY starts_on), 'infinity') AS until
    FROM casework_responsibility WHERE case_id IN (
        SELECT case_id FROM casework_responsibility WHERE manager_id IN (SELECT manager_id FROM scope))
    AND {_counted("case_id")}
), placed AS (
    -- Where a case that has moved was from which day until before which; the last place is the case's own.
    SELECT case_id, left_id AS municipality_id, starts_on AS until,
           coalesce(lag(starts_on) OVER (PARTITION BY case_id ORDER BY starts_on), '-infinity') AS starts_on
    FROM casework_relocation WHERE {_counted("case_id")}
    UNION ALL
    SELECT case_id, NULL, 'infinity', max(starts_on) FROM casework_relocation WHERE {_counted("case_id")} GROUP BY 1
), held AS MATERIALIZED (
    -- What was done before a case went to another organisation stays with the one that did it. The database finds it in
    -- the same way when it compares the figures of cases that are to go (`casework_figures_are_possible`).
    SELECT a.case_id, a.manager_id, g.organisation_id, k.measure_id, k.opened_on, k.closed_on,
           coalesce(p.municipality_id, k.municipality_id) AS municipality_id,
           greatest(a.starts_on, p.starts_on) AS starts_on, least(a.until, p.until) AS until
    FROM answered a JOIN casework_manager g ON g.id = a.manager_id JOIN casework_case k ON k.id = a.case_id
    LEFT JOIN placed p ON p.case_id = a.case_id AND p.starts_on < a.until AND p.until > a.starts_on
), assessed AS MATERIALIZED (
    -- Between the first and the last assessment up to the end of a month.
    SELECT first.case_id, m.month, {_BOTH} AS domains, {_CHANGE} AS change
    FROM (SELECT DISTINCT month FROM scope) m
    CROSS JOIN (SELECT DISTINCT ON (case_id) * FROM casework_assessment
                WHERE case_id IN (SELECT case_id FROM held) ORDER BY case_id, assessed_on) first
    JOIN LATERAL (SELECT * FROM casework_assessment WHERE case_id = first.case_id
                  AND assessed_on < m.month + interval '1 month' ORDER BY assessed_on DESC LIMIT 1) last
        ON last.id <> first.id
    WHERE {_BOTH} > 0
), of_cases AS (
    SELECT h.manager_id, h.organisation_id, h.municipality_id, h.measure_id, s.month,
           count(*) FILTER (WHERE (h.closed_on IS NULL OR h.closed_on >= s.next_month)
                            AND {_AT_THE_END}) AS cases_open,
           count(*) FILTER (WHERE h.opened_on >= s.month
                            AND h.starts_on <= h.opened_on AND h.until > h.opened_on) AS cases_opened,
           count(*) FILTER (WHERE h.closed_on < s.next_month
                            AND h.starts_on <= h.closed_on AND h.until > h.closed_on) AS cases_closed
    FROM scope s
    JOIN held h ON h.manager_id = s.manager_id AND h.starts_on < s.next_month AND h.until > s.month
        AND h.opened_on < s.next_month AND (h.closed_on IS NULL OR h.closed_on >= s.month)
    GROUP BY 1, 2, 3, 4, 5
), of_plans AS (
    SELECT h.manager_id, h.organisation_id, h.municipality_id, h.measure_id, s.month,
           count(*) FILTER (WHERE p.starts_on >= s.month
                            AND h.starts_on <= p.starts_on AND h.until > p.starts_on) AS plans_new,
           count(*) FILTER (WHERE p.ends_on < s.next_month
                            AND h.starts_on <= p.ends_on AND h.until > p.ends_on) AS plans_ended,
           count(*) FILTER (WHERE (p.ends_on IS NULL OR p.ends_on >= s.next_month)
                            AND {_AT_THE_END}) AS plans_active,
           -- Of a plan that was reviewed later, the day that was due at the end of the month.
           count(*) FILTER (WHERE (p.ends_on IS NULL OR p.ends_on >= s.next_month) AND {_AT_THE_END}
                            AND CASE WHEN v.plan_id IS NULL THEN p.review_on ELSE v.was_due_on END < s.last_day
                            ) AS reviews_overdue
    FROM scope s
    JOIN held h ON h.manager_id = s.manager_id AND h.starts_on < s.next_month AND h.until > s.month
    JOIN casework_plan p ON p.case_id = h.case_id
        AND p.starts_on < s.next_month AND (p.ends_on IS NULL OR p.ends_on >= s.month)
    LEFT JOIN LATERAL (SELECT plan_id, was_due_on FROM casework_planreview
                       WHERE plan_id = p.id AND reviewed_on > s.last_day ORDER BY reviewed_on LIMIT 1) v ON true
    GROUP BY 1, 2, 3, 4, 5
), of_goals AS (
    SELECT h.manager_id, h.organisation_id, h.municipality_id, h.measure_id, s.month,
           count(*) AS goals_ended, count(*) FILTER (WHERE g.outcome = 'reached') AS goals_reached
    FROM scope s
    JOIN held h ON h.manager_id = s.manager_id AND h.starts_on < s.next_month AND h.until > s.month
    JOIN casework_plan p ON p.case_id = h.case_id
    JOIN casework_goal g ON g.plan_id = p.id AND g.outcome_on >= h.starts_on AND g.outcome_on < h.until
        AND g.outcome_on >= s.month AND g.outcome_on < s.next_month
        AND g.outcome_on >= %(first)s AND g.outcome_on < %(end)s
    GROUP BY 1, 2, 3, 4, 5
), of_reliance AS (
    SELECT h.manager_id, h.organisation_id, h.municipality_id, h.measure_id, s.month, count(*) AS reliance_cases,
           sum(c.domains) AS reliance_domains, sum(c.change) AS reliance_change
    FROM scope s
    JOIN held h ON h.manager_id = s.manager_id AND h.starts_on < s.next_month AND h.until > s.month
        AND h.opened_on < s.next_month AND (h.closed_on IS NULL OR h.closed_on >= s.month)
        AND h.starts_on <= least(h.closed_on, s.last_day) AND h.until > least(h.closed_on, s.last_day)
    JOIN assessed c ON c.case_id = h.case_id AND c.month = s.month
    GROUP BY 1, 2, 3, 4, 5
), of_referrals AS (
    SELECT f.manager_id, f.organisation_id, f.municipality_id, k.measure_id, s.month,
           count(*) AS referrals_made, count(*) FILTER (WHERE f.outcome = 'arrived') AS referrals_arrived
    FROM scope s
    JOIN casework_referral f ON f.manager_id = s.manager_id
        AND f.referred_on >= s.month AND f.referred_on < s.next_month
        AND f.referred_on >= %(first)s AND f.referred_on < %(end)s
    JOIN casework_case k ON k.id = f.case_id
    WHERE {_counted("f.case_id")}
    GROUP BY 1, 2, 3, 4, 5
), of_counts AS ({_count_records()}
), of_archived AS (
    -- What cases did that have been deleted since.
    SELECT a.* FROM scope s JOIN casework_archivedfigure a ON a.manager_id = s.manager_id AND a.month = s.month
    WHERE {_EVERYTHING}
), parts AS ({_PARTS}
), fresh AS MATERIALIZED (
    -- A measure has one kind of count records, so that at most one part of a group carries counts.
    SELECT manager_id, organisation_id, municipality_id, measure_id, month, {_SUMS},
           coalesce(max(nullif(counts::text, '{{}}')), '{{}}')::jsonb AS counts
    FROM parts GROUP BY 1, 2, 3, 4, 5
    -- Who passed all cases on in the middle of a month has nothing of it.
    HAVING sum(cases_open + cases_opened + cases_closed + plans_new + plans_ended + plans_active + contacts
               + referrals_made + goals_ended + reliance_cases) > 0
        OR bool_or(counts <> '{{}}')
)"""
REFRESH = f"""{_FRESH}, gone AS (
    DELETE FROM casework_monthlyfigure f USING scope s
    WHERE f.manager_id = s.manager_id AND f.month = s.month AND NOT EXISTS (
        SELECT 1 FROM fresh n WHERE n.manager_id = f.manager_id AND n.organisation_id = f.organisation_id
        AND n.municipality_id IS NOT DISTINCT FROM f.municipality_id
        AND n.measure_id = f.measure_id AND n.month = f.month)
    RETURNING 1
), written AS (
    INSERT INTO casework_monthlyfigure AS f (manager_id, organisation_id, municipality_id, district_id, measure_id,
        month, {_NUMBERS}, counts, refreshed_at)
    SELECT manager_id, organisation_id, municipality_id, left(municipality_id, 5), measure_id,
        month, {_NUMBERS}, counts, now()
    FROM fresh
    ON CONFLICT (manager_id, organisation_id, municipality_id, measure_id, month) DO UPDATE
    SET district_id = excluded.district_id, {_SET}, counts = excluded.counts, refreshed_at = excluded.refreshed_at
    WHERE (f.district_id, {_STORED}, f.counts) IS DISTINCT FROM (excluded.district_id, {_NEW}, excluded.counts)
    RETURNING 1
)
SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM written)
"""
OF_CASES = f"""{_FRESH}
SELECT coalesce(jsonb_agg(to_jsonb(fresh) - 'counts'), '[]')::text FROM fresh"""

# Whose figures of which months some cases are part of, whatever day their parts are from.
SCOPE_OF_CASES = """
WITH days AS (
    SELECT k.id AS case_id, d.day FROM casework_case k CROSS JOIN LATERAL (VALUES (k.opened_on), (k.closed_on)) d (day)
    WHERE k.id = ANY (%(cases)s)
    UNION ALL
    SELECT p.case_id, d.day FROM casework_plan p LEFT JOIN casework_goal g ON g.plan_id = p.id
    CROSS JOIN LATERAL (VALUES (p.starts_on), (p.ends_on), (g.outcome_on)) d (day) WHERE p.case_id = ANY (%(cases)s)
), spans AS (
    SELECT case_id, date_trunc('month', min(day)) AS first_month, max(day) AS last_day FROM days GROUP BY 1)
SELECT r.manager_id, m.month::date FROM spans s JOIN casework_responsibility r USING (case_id)
CROSS JOIN LATERAL generate_series(s.first_month, s.last_day, interval '1 month') AS m (month)
UNION SELECT manager_id, date_trunc('month', date)::date FROM casework_contact WHERE case_id = ANY (%(cases)s)
UNION SELECT manager_id, date_trunc('month', referred_on)::date FROM casework_referral WHERE case_id = ANY (%(cases)s)
"""
