from django.db import migrations

from pik.grants import grant

TODAY = "(now() AT TIME ZONE 'Europe/Berlin')::date"
# The days on which a person works for an organisation; without any, an empty set.
EMPLOYED = """coalesce((SELECT range_agg(daterange(m.starts_on, m.ends_on, '[]')) FROM pik_membership m
    WHERE m.role = 'manager' AND m.user_id = {user} AND m.organisation_id = {organisation}), '{{}}'::datemultirange)"""

# Both rows are written first, so that of two bookings that arrive together the second waits and then sees the first,
# or fails when its transaction is bound to an older state: a mere lock would not stop that one.
ASSIGNMENTS = f"""
CREATE FUNCTION casework_check_assignment() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    post casework_post;
    person bigint;
    employer bigint;
    most numeric;
BEGIN
UPDATE casework_post SET reference = reference WHERE id = NEW.post_id RETURNING * INTO post;
SELECT user_id, organisation_id INTO person, employer FROM casework_manager WHERE id = NEW.manager_id;
UPDATE pik_user SET is_active = is_active WHERE id = person;
IF employer <> post.organisation_id THEN
  RAISE EXCEPTION 'assignment to a post of another organisation'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'assignment_in_own_organisation';
END IF;
IF NOT daterange(post.starts_on, post.ends_on, '[]') @> daterange(NEW.starts_on, NEW.ends_on, '[]') THEN
  RAISE EXCEPTION 'assignment beyond the period of its post'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'assignment_within_post';
END IF;
PERFORM FROM pik_membership WHERE role = 'manager' AND user_id = person AND organisation_id = employer FOR SHARE;
IF (NEW.ends_on IS NULL OR NEW.ends_on >= {TODAY}) AND NOT
    {EMPLOYED.format(user="person", organisation="employer")}
    @> daterange(greatest(NEW.starts_on, {TODAY}), NEW.ends_on, '[]') THEN
  RAISE EXCEPTION 'assignment beyond the employment of its person'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'assignment_within_employment';
END IF;
-- The sum is highest on the first day of NEW or of one that begins in its time.
SELECT max(load) INTO most FROM (
  SELECT (SELECT sum(a.fte) FROM casework_assignment a WHERE a.post_id = NEW.post_id
          AND a.starts_on <= day AND (a.ends_on IS NULL OR a.ends_on >= day)) AS load
  FROM (SELECT NEW.starts_on AS day UNION SELECT o.starts_on FROM casework_assignment o WHERE o.post_id = NEW.post_id
        AND daterange(NEW.starts_on, NEW.ends_on, '[]') @> o.starts_on) AS days) AS loads;
IF most > post.fte THEN
  RAISE EXCEPTION 'assignments of a post exceed its VZÄ'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'assignment_within_fte_of_post';
END IF;
SELECT max(load) INTO most FROM (
  SELECT (SELECT sum(a.fte) FROM casework_assignment a JOIN casework_manager m ON m.id = a.manager_id
          WHERE m.user_id = person AND a.starts_on <= day AND (a.ends_on IS NULL OR a.ends_on >= day)) AS load
  FROM (SELECT NEW.starts_on AS day UNION
        SELECT o.starts_on FROM casework_assignment o JOIN casework_manager m ON m.id = o.manager_id
        WHERE m.user_id = person AND daterange(NEW.starts_on, NEW.ends_on, '[]') @> o.starts_on) AS days) AS loads;
IF most > 1.00 THEN
  RAISE EXCEPTION 'assignments of a person exceed 1.00 VZÄ'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'assignment_within_full_time';
END IF;
RETURN NULL;
END $$;
CREATE TRIGGER check_assignment AFTER INSERT OR UPDATE ON casework_assignment
    FOR EACH ROW EXECUTE FUNCTION casework_check_assignment();

CREATE FUNCTION casework_check_post() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
IF EXISTS (SELECT FROM casework_assignment a JOIN casework_manager m ON m.id = a.manager_id WHERE a.post_id = NEW.id
           AND (m.organisation_id <> NEW.organisation_id OR NOT daterange(NEW.starts_on, NEW.ends_on, '[]')
                @> daterange(a.starts_on, a.ends_on, '[]'))) THEN
  RAISE EXCEPTION 'assignment beyond the period of its post'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'assignment_within_post';
END IF;
IF EXISTS (SELECT FROM casework_assignment d WHERE d.post_id = NEW.id AND NEW.fte <
           (SELECT sum(a.fte) FROM casework_assignment a WHERE a.post_id = NEW.id AND a.starts_on <= d.starts_on
            AND (a.ends_on IS NULL OR a.ends_on >= d.starts_on))) THEN
  RAISE EXCEPTION 'assignments of a post exceed its VZÄ'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'assignment_within_fte_of_post';
END IF;
RETURN NULL;
END $$;
CREATE TRIGGER check_post AFTER UPDATE OF fte, starts_on, ends_on, organisation_id ON casework_post
    FOR EACH ROW EXECUTE FUNCTION casework_check_post();
"""
DROP_ASSIGNMENTS = """
DROP TRIGGER check_assignment ON casework_assignment;
DROP TRIGGER check_post ON casework_post;
DROP FUNCTION casework_check_assignment();
DROP FUNCTION casework_check_post();
"""


def _orphans(cases: str) -> str:
    """SQL for the open ones of `cases` whose managers, from today on, are not employed on all the days they answer.

    Each OFFSET 0 binds the way: from a case by its keys. Left alone, the database takes the tables for empty when a
    bulk load follows one that was taken back, and compares a hundred thousand cases with each other.
    """
    return f"""
    SELECT FROM (SELECT DISTINCT w.case_id FROM ({cases}) w (case_id)) w
    CROSS JOIN LATERAL (
        SELECT id, organisation_id FROM casework_case WHERE id = w.case_id AND closed_on IS NULL OFFSET 0) c
    LEFT JOIN LATERAL (
        SELECT manager_id, starts_on, lead(starts_on) OVER (ORDER BY starts_on) AS next
        FROM casework_responsibility WHERE case_id = c.id OFFSET 0) a ON true
    LEFT JOIN LATERAL (
        SELECT organisation_id, {EMPLOYED.format(user="g.user_id", organisation="g.organisation_id")} AS days
        FROM casework_manager g WHERE g.id = a.manager_id OFFSET 0) e ON true
    WHERE (a.next IS NULL OR a.next > {TODAY}) AND (e.days IS NULL OR e.organisation_id <> c.organisation_id
        OR NOT e.days @> daterange(greatest(a.starts_on, {TODAY}), a.next, '[)'))"""


REFUSE = """RAISE EXCEPTION 'open case without a responsible manager'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'case_has_responsible_manager';"""
# An employment that is read here cannot be ended in the same instant.
HOLD = """PERFORM FROM pik_membership m JOIN casework_manager g ON m.user_id = g.user_id
    AND m.organisation_id = g.organisation_id AND m.role = 'manager' WHERE g.id IN ({managers})
    ORDER BY m.id FOR SHARE OF m;"""


def _check(name: str, *, cases: str, managers: str) -> str:
    """SQL of a trigger function that refuses cases without a responsible manager among `cases`."""
    return f"""
CREATE FUNCTION {name}() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
{HOLD.format(managers=managers)}
IF EXISTS ({_orphans(cases)}) THEN
  {REFUSE}
END IF;
RETURN NULL;
END $$;
"""


WRITTEN = _check(
    "casework_check_written_responsibility",
    cases="SELECT case_id FROM new_rows",
    managers="SELECT manager_id FROM new_rows",
)
DELETED = _check(
    "casework_check_deleted_responsibility",
    cases="SELECT case_id FROM old_rows",
    managers="SELECT r.manager_id FROM casework_responsibility r JOIN old_rows o USING (case_id)",
)
OF_PERSON = """
    SELECT r.case_id FROM casework_responsibility r JOIN casework_manager g ON g.id = r.manager_id
    WHERE g.user_id = OLD.user_id AND g.organisation_id = OLD.organisation_id"""
CASES = f"""
CREATE FUNCTION casework_first_responsibility() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
-- Who is about to leave hands new cases on to the successor that was named when the leaving was recorded.
INSERT INTO casework_responsibility (case_id, manager_id, starts_on)
SELECT n.id, n.opened_by_id, '2017-01-01'::date FROM new_rows n
UNION ALL
SELECT n.id, g.successor_id, e.last + 1 FROM new_rows n JOIN casework_manager g ON g.id = n.opened_by_id
JOIN LATERAL (SELECT max(coalesce(m.ends_on, 'infinity')) AS last FROM pik_membership m WHERE m.role = 'manager'
              AND m.user_id = g.user_id AND m.organisation_id = g.organisation_id) e ON e.last < 'infinity'
WHERE g.successor_id IS NOT NULL;
RETURN NULL;
END $$;
CREATE TRIGGER first_responsibility AFTER INSERT ON casework_case REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION casework_first_responsibility();

CREATE FUNCTION casework_keep_past_responsibility() RETURNS trigger
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
CREATE TRIGGER keep_past BEFORE UPDATE OR DELETE ON casework_responsibility
    FOR EACH ROW EXECUTE FUNCTION casework_keep_past_responsibility();
{WRITTEN}{DELETED}
CREATE TRIGGER check_inserted AFTER INSERT ON casework_responsibility REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION casework_check_written_responsibility();
CREATE TRIGGER check_updated AFTER UPDATE ON casework_responsibility REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION casework_check_written_responsibility();
CREATE TRIGGER check_deleted AFTER DELETE ON casework_responsibility REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION casework_check_deleted_responsibility();

CREATE FUNCTION casework_check_reopened_case() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
IF OLD.organisation_id <> NEW.organisation_id OR (OLD.closed_on IS NOT NULL AND NEW.closed_on IS NULL) THEN
  {HOLD.format(managers="SELECT manager_id FROM casework_responsibility WHERE case_id = NEW.id")}
  IF EXISTS ({_orphans("SELECT NEW.id")}) THEN
    {REFUSE}
  END IF;
END IF;
RETURN NULL;
END $$;
CREATE TRIGGER check_reopened AFTER UPDATE OF closed_on, organisation_id ON casework_case
    FOR EACH ROW EXECUTE FUNCTION casework_check_reopened_case();

CREATE FUNCTION casework_check_employment() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
IF OLD.role <> 'manager' THEN
  RETURN NULL;
END IF;
IF EXISTS ({_orphans(OF_PERSON)}) THEN
  {REFUSE}
END IF;
IF EXISTS (
    SELECT FROM casework_assignment a JOIN casework_manager g ON g.id = a.manager_id
    WHERE g.user_id = OLD.user_id AND g.organisation_id = OLD.organisation_id
    AND (a.ends_on IS NULL OR a.ends_on >= {TODAY})
    AND NOT {EMPLOYED.format(user="OLD.user_id", organisation="OLD.organisation_id")}
            @> daterange(greatest(a.starts_on, {TODAY}), a.ends_on, '[]')) THEN
  RAISE EXCEPTION 'assignment beyond the employment of its person'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'assignment_within_employment';
END IF;
RETURN NULL;
END $$;
CREATE TRIGGER check_employment AFTER UPDATE OR DELETE ON pik_membership
    FOR EACH ROW EXECUTE FUNCTION casework_check_employment();
"""
DROP_CASES = """
DROP TRIGGER check_employment ON pik_membership;
DROP TRIGGER check_reopened ON casework_case;
DROP TRIGGER first_responsibility ON casework_case;
DROP TRIGGER keep_past ON casework_responsibility;
DROP TRIGGER check_inserted ON casework_responsibility;
DROP TRIGGER check_updated ON casework_responsibility;
DROP TRIGGER check_deleted ON casework_responsibility;
DROP FUNCTION casework_check_employment();
DROP FUNCTION casework_check_reopened_case();
DROP FUNCTION casework_check_deleted_responsibility();
DROP FUNCTION casework_check_written_responsibility();
DROP FUNCTION casework_keep_past_responsibility();
DROP FUNCTION casework_first_responsibility();
"""

# Both managers of a deputyship work for its organisation; no plan is made tomorrow.
PAIRS = f"""
ALTER TABLE casework_deputyship
    ADD CONSTRAINT deputyship_of_own_manager FOREIGN KEY (manager_id, organisation_id)
        REFERENCES casework_manager (id, organisation_id) DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT deputyship_by_own_manager FOREIGN KEY (deputy_id, organisation_id)
        REFERENCES casework_manager (id, organisation_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE casework_plan
    ADD CONSTRAINT plan_not_in_future CHECK (starts_on <= {TODAY}),
    ADD CONSTRAINT plan_ended_not_in_future CHECK (ends_on IS NULL OR ends_on <= {TODAY});
"""
DROP_PAIRS = """
ALTER TABLE casework_deputyship DROP CONSTRAINT deputyship_of_own_manager, DROP CONSTRAINT deputyship_by_own_manager;
ALTER TABLE casework_plan DROP CONSTRAINT plan_not_in_future, DROP CONSTRAINT plan_ended_not_in_future;
"""


class Migration(migrations.Migration):
    """What no column constraint can say: VZÄ over time, and that somebody answers for every open case on every day."""

    dependencies = [("casework", "0010_first_responsibilities"), ("pik", "0002_append_only_rights")]
    operations = [
        migrations.RunSQL(ASSIGNMENTS, DROP_ASSIGNMENTS),
        migrations.RunSQL(CASES, DROP_CASES),
        migrations.RunSQL(PAIRS, DROP_PAIRS),
        grant(
            "REVOKE UPDATE, DELETE ON casework_handover FROM {role}",
            "REVOKE UPDATE, DELETE ON casework_handovershare FROM {role}",
        ),
    ]
