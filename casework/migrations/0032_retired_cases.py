from django.db import migrations

from pik.grants import grant

TODAY = "(now() AT TIME ZONE 'Europe/Berlin')::date"
COLUMNS = (
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
NUMBERS = ", ".join(COLUMNS)
ADDED = ", ".join(f"{name} = a.{name} + excluded.{name}" for name in COLUMNS)

# The cases that are deleted in this transaction. Only the owner's function writes the table and leaves it empty, so that
# no session can make the triggers believe anything.
MARKS = """
CREATE TABLE casework_retiringcase (case_id bigint PRIMARY KEY);

CREATE FUNCTION casework_keep_case() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
IF NOT EXISTS (SELECT FROM casework_retiringcase WHERE case_id = OLD.id) THEN
  RAISE EXCEPTION 'a case is deleted after its time only'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'case_is_kept';
END IF;
RETURN OLD;
END $$;
CREATE TRIGGER keep_case BEFORE DELETE ON casework_case FOR EACH ROW EXECUTE FUNCTION casework_keep_case();

CREATE FUNCTION casework_keep_archived() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
IF TG_OP = 'DELETE' OR NOT EXISTS (SELECT FROM casework_retiringcase) THEN
  RAISE EXCEPTION 'what is left of deleted cases is kept as it is'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'archived_figures_are_kept';
END IF;
RETURN NULL;
END $$;
CREATE TRIGGER keep_archived BEFORE INSERT OR UPDATE OR DELETE ON casework_archivedfigure
    FOR EACH STATEMENT EXECUTE FUNCTION casework_keep_archived();

-- What a case has gone through stays as long as the case; a phase is taken back while its case is open.
CREATE FUNCTION casework_keep_history() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    of_case bigint;
BEGIN
IF TG_TABLE_NAME = 'casework_planreview' THEN
  SELECT case_id INTO of_case FROM casework_plan WHERE id = (to_jsonb(OLD)->>'plan_id')::bigint;
ELSE
  of_case := (to_jsonb(OLD)->>'case_id')::bigint;
END IF;
IF EXISTS (SELECT FROM casework_retiringcase WHERE case_id = of_case) THEN
  RETURN OLD;
END IF;
IF TG_TABLE_NAME = 'casework_casephase'
    AND EXISTS (SELECT FROM casework_case WHERE id = of_case AND closed_on IS NULL) THEN
  RETURN OLD;
END IF;
RAISE EXCEPTION 'what a case has gone through is kept'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'case_history_is_kept';
END $$;
CREATE TRIGGER keep_history BEFORE DELETE ON casework_assessment
    FOR EACH ROW EXECUTE FUNCTION casework_keep_history();
CREATE TRIGGER keep_history BEFORE DELETE ON casework_planreview
    FOR EACH ROW EXECUTE FUNCTION casework_keep_history();
CREATE TRIGGER keep_history BEFORE DELETE ON casework_casephase
    FOR EACH ROW EXECUTE FUNCTION casework_keep_history();
CREATE TRIGGER keep_history BEFORE DELETE ON casework_relocation
    FOR EACH ROW EXECUTE FUNCTION casework_keep_history();
CREATE TRIGGER keep_history BEFORE DELETE ON casework_transfer
    FOR EACH ROW EXECUTE FUNCTION casework_keep_history();
"""
DROP_MARKS = """
DROP TRIGGER keep_history ON casework_assessment;
DROP TRIGGER keep_history ON casework_planreview;
DROP TRIGGER keep_history ON casework_casephase;
DROP TRIGGER keep_history ON casework_relocation;
DROP TRIGGER keep_history ON casework_transfer;
DROP FUNCTION casework_keep_history();
DROP TRIGGER keep_archived ON casework_archivedfigure;
DROP TRIGGER keep_case ON casework_case;
DROP FUNCTION casework_keep_archived();
DROP FUNCTION casework_keep_case();
DROP TABLE casework_retiringcase;
"""

# As in 0011, but for the cases that are deleted.
PAST = f"""
CREATE OR REPLACE FUNCTION casework_keep_past_responsibility() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
IF TG_OP = 'DELETE' AND EXISTS (SELECT FROM casework_retiringcase WHERE case_id = OLD.case_id) THEN
  RETURN OLD;
END IF;
IF OLD.starts_on < {TODAY} OR (TG_OP = 'UPDATE' AND (NEW.case_id <> OLD.case_id OR NEW.starts_on <> OLD.starts_on)) THEN
  RAISE EXCEPTION 'who answered for a case in the past is not changed'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'responsibility_past_is_kept';
END IF;
IF TG_OP = 'DELETE' THEN
  RETURN OLD;
END IF;
RETURN NEW;
END $$;
"""
PAST_BEFORE = f"""
CREATE OR REPLACE FUNCTION casework_keep_past_responsibility() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
IF OLD.starts_on < {TODAY} OR (TG_OP = 'UPDATE' AND (NEW.case_id <> OLD.case_id OR NEW.starts_on <> OLD.starts_on)) THEN
  RAISE EXCEPTION 'who answered for a case in the past is not changed'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'responsibility_past_is_kept';
END IF;
IF TG_OP = 'DELETE' THEN
  RETURN OLD;
END IF;
RETURN NEW;
END $$;
"""

# A case goes when it was closed so long ago, and when nothing that counts in figures is younger: no contact or referral
# after its end, and no plan that runs on.
OUTLIVED = f"""
CREATE FUNCTION casework_has_outlived(case_id bigint, closed_on date, kept_months integer) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
SELECT coalesce(closed_on + make_interval(months => kept_months) <= {TODAY}, false)
AND NOT EXISTS (SELECT FROM casework_contact c WHERE c.case_id = $1 AND c.date > $2
                AND c.date + make_interval(months => kept_months) > {TODAY})
AND NOT EXISTS (SELECT FROM casework_referral r WHERE r.case_id = $1 AND r.referred_on > $2
                AND r.referred_on + make_interval(months => kept_months) > {TODAY})
AND NOT EXISTS (SELECT FROM casework_plan p WHERE p.case_id = $1
                AND (p.ends_on IS NULL OR p.ends_on + make_interval(months => kept_months) > {TODAY}))
$$;
"""

# What cases can have left in figures: months between the first opening and the period that they are kept, the people who
# worked on them, and no more of anything than there is.
POSSIBLE = f"""
CREATE FUNCTION casework_figures_are_possible(cases bigint[], kept_months integer, figures jsonb) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
WITH given AS MATERIALIZED (SELECT * FROM jsonb_populate_recordset(NULL::casework_archivedfigure, figures)),
    plans AS MATERIALIZED (SELECT id FROM casework_plan WHERE case_id = ANY (cases)),
    many AS (SELECT cardinality(cases) AS cases, (SELECT count(*) FROM plans) AS plans,
        (SELECT count(*) FROM casework_goal WHERE plan_id IN (SELECT id FROM plans)) AS goals)
SELECT NOT EXISTS (
    SELECT FROM given WHERE manager_id NOT IN (
        SELECT manager_id FROM casework_responsibility WHERE case_id = ANY (cases)
        UNION SELECT manager_id FROM casework_contact WHERE case_id = ANY (cases)
        UNION SELECT manager_id FROM casework_referral WHERE case_id = ANY (cases)))
AND (SELECT min(month) >= (SELECT date_trunc('month', min(opened_on)) FROM casework_case WHERE id = ANY (cases))
        AND max(month) <= date_trunc('month', {TODAY} - make_interval(months => kept_months)) FROM given)
AND NOT EXISTS (
    SELECT FROM (SELECT sum(cases_open) AS open, sum(plans_active) AS active, sum(reliance_cases) AS assessed
                 FROM given GROUP BY month) m, many
    WHERE m.open > many.cases OR m.assessed > many.cases OR m.active > many.plans)
AND (SELECT sum(cases_opened) <= max(many.cases) AND sum(plans_new) <= max(many.plans)
        AND sum(plans_ended) <= max(many.plans) AND sum(goals_ended) <= max(many.goals) FROM given, many)
AND NOT EXISTS (
    SELECT FROM given WHERE goals_reached > goals_ended OR referrals_arrived > referrals_made
    OR reviews_overdue > plans_active OR reliance_domains > 10 * reliance_cases
    OR abs(reliance_change) > 4 * reliance_domains)
$$;
"""
DROP_POSSIBLE = "DROP FUNCTION casework_figures_are_possible(bigint[], integer, jsonb);"

# Deletes cases and everything that names them, and adds `figures`, which are what the monthly figures hold of them, to
# those of the cases that went before. Whoever calls it can neither choose a case before its time nor keep a part of it.
# Who answered goes first: then what follows notes no change of figures but that of contacts and referrals, for which the
# next refresh finds nothing to change.
RETIRE = f"""
CREATE FUNCTION casework_retire_cases(cases bigint[], kept_months integer, figures jsonb) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    codes text[];
    first_day date;
    sums bigint[];
    number bigint;
BEGIN
IF kept_months < 12 THEN
  RAISE EXCEPTION 'a closed case is kept for a year at least'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'case_kept_for_a_year';
END IF;
IF cardinality(cases) > 1000 THEN
  RAISE EXCEPTION 'at most 1000 cases at once';
END IF;
PERFORM FROM casework_case WHERE id = ANY (cases) ORDER BY id FOR UPDATE;
INSERT INTO casework_retiringcase SELECT id FROM casework_case
    WHERE id = ANY (cases) AND casework_has_outlived(id, closed_on, kept_months);
GET DIAGNOSTICS number = ROW_COUNT;
IF number = 0 OR number <> cardinality(cases) THEN
  RAISE EXCEPTION 'a case is deleted after its time only'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'case_is_kept';
END IF;
SELECT array_agg(code), min(opened_on) INTO codes, first_day FROM casework_case WHERE id = ANY (cases);

INSERT INTO casework_archivedfigure AS a (manager_id, organisation_id, municipality_id, measure_id, month, {NUMBERS})
SELECT manager_id, organisation_id, municipality_id, measure_id, month, {NUMBERS}
FROM jsonb_populate_recordset(NULL::casework_archivedfigure, figures)
ON CONFLICT (manager_id, month, organisation_id, municipality_id, measure_id) DO UPDATE SET {ADDED};
SELECT ARRAY[sum(cases_closed), sum(contacts), sum(minutes), sum(referrals_made)] INTO sums
FROM jsonb_populate_recordset(NULL::casework_archivedfigure, figures);
IF sums IS DISTINCT FROM ARRAY[
    number,
    (SELECT count(*) FROM casework_contact WHERE case_id = ANY (cases) AND date >= first_day),
    (SELECT coalesce(sum(minutes), 0) FROM casework_contact WHERE case_id = ANY (cases) AND date >= first_day),
    (SELECT count(*) FROM casework_referral WHERE case_id = ANY (cases))]
    OR casework_figures_are_possible(cases, kept_months, figures) IS NOT TRUE THEN
  RAISE EXCEPTION 'the figures are not those of the cases'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'archived_figures_of_the_cases';
END IF;

UPDATE casework_handover SET outlived = true WHERE NOT outlived AND id IN (
    SELECT handover_id FROM casework_responsibility WHERE case_id = ANY (cases));
DELETE FROM casework_responsibility WHERE case_id = ANY (cases);
DELETE FROM casework_contact WHERE case_id = ANY (cases) AND date >= first_day;
DELETE FROM casework_referral WHERE case_id = ANY (cases);
DELETE FROM casework_step s USING casework_goal g, casework_plan p
    WHERE s.goal_id = g.id AND g.plan_id = p.id AND p.case_id = ANY (cases);
DELETE FROM casework_goal g USING casework_plan p WHERE g.plan_id = p.id AND p.case_id = ANY (cases);
DELETE FROM casework_planreview v USING casework_plan p WHERE v.plan_id = p.id AND p.case_id = ANY (cases);
DELETE FROM casework_plan WHERE case_id = ANY (cases);
DELETE FROM casework_assessment WHERE case_id = ANY (cases);
DELETE FROM casework_casephase WHERE case_id = ANY (cases);
DELETE FROM casework_relocation WHERE case_id = ANY (cases);
DELETE FROM casework_transfer WHERE case_id = ANY (cases);
DELETE FROM casework_case WHERE id = ANY (cases);
DELETE FROM pik_draft WHERE upper(concat(form, ' ', data)) ~ array_to_string(codes, '|');
PERFORM pik_forget_subjects(
    codes || ARRAY(SELECT 'assessments ' || code FROM unnest(codes) code),
    array_fill('deleted case'::text, ARRAY[cardinality(codes)])
        || array_fill('assessments'::text, ARRAY[cardinality(codes)]));
DELETE FROM casework_retiringcase;
RETURN number;
END $$;
REVOKE ALL ON FUNCTION casework_retire_cases(bigint[], integer, jsonb) FROM PUBLIC;
"""
DROP_RETIRE = """
DROP FUNCTION casework_retire_cases(bigint[], integer, jsonb);
DROP FUNCTION casework_has_outlived(bigint, date, integer);
"""


class Migration(migrations.Migration):
    """Cases go after their time, through one function, and leave their share of the figures behind."""

    dependencies = [("casework", "0031_archived_figures"), ("pik", "0008_forgotten_subjects")]
    operations = [
        migrations.RunSQL(MARKS, DROP_MARKS),
        migrations.RunSQL(PAST, PAST_BEFORE),
        migrations.RunSQL(OUTLIVED, migrations.RunSQL.noop),
        migrations.RunSQL(POSSIBLE, DROP_POSSIBLE),
        migrations.RunSQL(RETIRE, DROP_RETIRE),
        grant(
            "REVOKE INSERT, UPDATE, DELETE ON casework_archivedfigure, casework_retiringcase FROM {role}",
            "GRANT EXECUTE ON FUNCTION casework_retire_cases(bigint[], integer, jsonb) TO {role}",
        ),
    ]
