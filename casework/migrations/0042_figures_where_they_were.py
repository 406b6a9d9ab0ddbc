from importlib import import_module

from django.db import migrations

# Who answered for a case, where, and for whom, is found as the monthly figures find it. What happened on a day is to be
# given exactly as it is in the rows; of what is counted at the end of a month there is no more than of cases and plans,
# and it counts where a case was then.
POSSIBLE = """
CREATE OR REPLACE FUNCTION casework_figures_are_possible(cases bigint[], kept_months integer, figures jsonb) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
WITH given AS MATERIALIZED (
    SELECT * FROM jsonb_populate_recordset(NULL::casework_archivedfigure, figures)
), many AS (
    SELECT cardinality(cases) AS cases, (SELECT count(*) FROM casework_plan WHERE case_id = ANY (cases)) AS plans,
           (SELECT date_trunc('month', min(opened_on))::date FROM casework_case WHERE id = ANY (cases)) AS first_month
), answered AS (
    SELECT case_id, manager_id, starts_on,
           coalesce(lead(starts_on) OVER (PARTITION BY case_id ORDER BY starts_on), 'infinity') AS until
    FROM casework_responsibility WHERE case_id = ANY (cases)
), placed AS (
    SELECT case_id, left_id AS municipality_id, starts_on AS until,
           coalesce(lag(starts_on) OVER (PARTITION BY case_id ORDER BY starts_on), '-infinity') AS starts_on
    FROM casework_relocation WHERE case_id = ANY (cases)
    UNION ALL
    SELECT case_id, NULL, 'infinity', max(starts_on) FROM casework_relocation WHERE case_id = ANY (cases) GROUP BY 1
), held AS MATERIALIZED (
    SELECT a.case_id, a.manager_id, g.organisation_id, k.measure_id,
           coalesce(p.municipality_id, k.municipality_id) AS municipality_id,
           greatest(a.starts_on, p.starts_on) AS starts_on, least(a.until, p.until) AS until
    FROM answered a JOIN casework_manager g ON g.id = a.manager_id JOIN casework_case k ON k.id = a.case_id
    LEFT JOIN placed p ON p.case_id = a.case_id AND p.starts_on < a.until AND p.until > a.starts_on
), happened AS MATERIALIZED (
    SELECT k.id AS case_id, d.day, d.what FROM casework_case k
    CROSS JOIN LATERAL (VALUES (k.opened_on, 'cases_opened'), (k.closed_on, 'cases_closed')) d (day, what)
    WHERE k.id = ANY (cases)
    UNION ALL
    SELECT p.case_id, d.day, d.what FROM casework_plan p
    CROSS JOIN LATERAL (VALUES (p.starts_on, 'plans_new'), (p.ends_on, 'plans_ended')) d (day, what)
    WHERE p.case_id = ANY (cases)
    UNION ALL
    SELECT p.case_id, g.outcome_on, d.what FROM casework_plan p JOIN casework_goal g ON g.plan_id = p.id
    CROSS JOIN LATERAL (VALUES ('goals_ended', true), ('goals_reached', g.outcome = 'reached')) d (what, counts)
    WHERE p.case_id = ANY (cases) AND g.outcome <> '' AND d.counts
), stood AS (
    SELECT h.manager_id, h.organisation_id, h.municipality_id, h.measure_id, m.month::date AS month
    FROM held h JOIN (SELECT case_id, min(day) AS first_day, max(day) AS last_day FROM happened GROUP BY 1) s USING (case_id)
    CROSS JOIN LATERAL generate_series(date_trunc('month', greatest(h.starts_on, s.first_day)::timestamp),
                                       least(h.until - 1, s.last_day)::timestamp, interval '1 month') AS m (month)
), dated AS (
    SELECT h.manager_id, h.organisation_id, h.municipality_id, h.measure_id, d.day, d.what, 1 AS number
    FROM happened d JOIN held h ON h.case_id = d.case_id AND h.starts_on <= d.day AND h.until > d.day
    UNION ALL
    SELECT c.manager_id, c.organisation_id, c.municipality_id, k.measure_id, c.date, d.what, d.number
    FROM casework_contact c JOIN casework_case k ON k.id = c.case_id
    CROSS JOIN LATERAL (VALUES ('contacts', 1), ('minutes', c.minutes)) d (what, number)
    WHERE c.case_id = ANY (cases) AND c.date >= (SELECT first_month FROM many)
    UNION ALL
    SELECT f.manager_id, f.organisation_id, f.municipality_id, k.measure_id, f.referred_on, d.what, d.number
    FROM casework_referral f JOIN casework_case k ON k.id = f.case_id
    CROSS JOIN LATERAL (VALUES ('referrals_made', 1), ('referrals_arrived', (f.outcome = 'arrived')::int)) d (what, number)
    WHERE f.case_id = ANY (cases)
), counted AS (
    SELECT manager_id, organisation_id, municipality_id, measure_id, date_trunc('month', day)::date AS month, what,
           sum(number) AS number
    FROM dated GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(number) > 0
), claimed AS (
    SELECT g.manager_id, g.organisation_id, g.municipality_id, g.measure_id, g.month, d.what, sum(d.number) AS number
    FROM given g CROSS JOIN LATERAL (VALUES
        ('cases_opened', g.cases_opened), ('cases_closed', g.cases_closed),
        ('plans_new', g.plans_new), ('plans_ended', g.plans_ended),
        ('goals_ended', g.goals_ended), ('goals_reached', g.goals_reached),
        ('contacts', g.contacts), ('minutes', g.minutes),
        ('referrals_made', g.referrals_made), ('referrals_arrived', g.referrals_arrived)) d (what, number)
    GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(d.number) > 0
)
SELECT NOT EXISTS (TABLE claimed EXCEPT TABLE counted) AND NOT EXISTS (TABLE counted EXCEPT TABLE claimed)
AND NOT EXISTS (
    SELECT manager_id, organisation_id, municipality_id, measure_id, month FROM given
    WHERE cases_open + plans_active + reviews_overdue + reliance_cases > 0
    OR cases_opened + cases_closed + plans_new + plans_ended + goals_ended + contacts + referrals_made = 0
    EXCEPT TABLE stood)
AND (SELECT min(month) >= max(first_month)
        AND max(month) <= date_trunc('month', (now() AT TIME ZONE 'Europe/Berlin')::date
                                              - make_interval(months => kept_months)) FROM given, many)
AND NOT EXISTS (
    SELECT FROM (SELECT sum(cases_open) AS open, sum(plans_active) AS active, sum(reliance_cases) AS assessed
                 FROM given GROUP BY month) m, many
    WHERE m.open > many.cases OR m.assessed > many.cases OR m.active > many.plans)
AND NOT EXISTS (
    SELECT FROM given WHERE reviews_overdue > plans_active OR reliance_domains > 10 * reliance_cases
    OR abs(reliance_change) > 4 * reliance_domains)
$$;
"""
BEFORE = import_module("casework.migrations.0032_retired_cases").POSSIBLE.replace("CREATE", "CREATE OR REPLACE", 1)


class Migration(migrations.Migration):
    """What deleted cases leave in figures counts for whom and where it was counted while they were there."""

    dependencies = [("casework", "0041_keep_moves_and_phases")]
    operations = [migrations.RunSQL(POSSIBLE, BEFORE)]
