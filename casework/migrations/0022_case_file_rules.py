from django.db import migrations

# A row is compared with the one before it behind a lock on the case, so that of two steps taken in the same instant the
# second sees the first. Each OFFSET 0 binds the way by the keys: left alone, the database compares the cases of a bulk
# load with each other. An earlier row that is written later has the higher id.
PHASES = """
CREATE FUNCTION casework_check_phases() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    broken text;
BEGIN
PERFORM FROM (SELECT DISTINCT case_id FROM new_rows ORDER BY 1) n
CROSS JOIN LATERAL (SELECT FROM casework_case WHERE id = n.case_id FOR NO KEY UPDATE OFFSET 0) c;
SELECT s.broken INTO broken FROM (
    SELECT CASE
        WHEN b.phase IS NULL AND n.starts_on < c.opened_on THEN 'phase_not_before_opening'
        WHEN b.phase IS NULL AND (n.phase <> 'intake' OR n.starts_on <> c.opened_on) THEN 'phase_begins_with_intake'
        WHEN EXISTS (SELECT FROM casework_casephase f
                     WHERE f.case_id = n.case_id AND f.starts_on > n.starts_on AND f.id < n.id)
            THEN 'phase_history_is_kept'
        WHEN b.phase IS NULL THEN NULL
        WHEN n.starts_on > c.closed_on THEN 'phase_within_case'
        WHEN (b.phase, n.phase) NOT IN (
            ('intake', 'assessment'), ('assessment', 'planning'), ('planning', 'linking'), ('linking', 'evaluation'),
            ('linking', 'assessment'), ('linking', 'planning'), ('evaluation', 'assessment'),
            ('evaluation', 'planning')) THEN 'phase_transition_allowed'
        WHEN c.consent_on IS NULL OR c.consent_on > n.starts_on OR c.withdrawn_on <= n.starts_on
            OR c.consent_until < n.starts_on THEN 'phase_needs_consent'
        END AS broken
    FROM new_rows n
    CROSS JOIN LATERAL (SELECT * FROM casework_case WHERE id = n.case_id OFFSET 0) c
    LEFT JOIN LATERAL (SELECT phase FROM casework_casephase f WHERE f.case_id = n.case_id
                       AND f.starts_on < n.starts_on ORDER BY f.starts_on DESC LIMIT 1) b ON true) s
WHERE s.broken IS NOT NULL
LIMIT 1;
IF broken IS NOT NULL THEN
  RAISE EXCEPTION 'phase of a case: %', broken USING ERRCODE = 'check_violation', CONSTRAINT = broken;
END IF;
RETURN NULL;
END $$;
CREATE TRIGGER check_phases AFTER INSERT ON casework_casephase REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION casework_check_phases();

CREATE FUNCTION casework_keep_phases() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
-- The first moves with the opening of its case; the last may be taken back; with its case all of them may go.
IF TG_OP = 'UPDATE' THEN
  IF NEW.case_id = OLD.case_id AND NEW.phase = OLD.phase
      AND NEW.starts_on = (SELECT opened_on FROM casework_case WHERE id = NEW.case_id)
      AND NOT EXISTS (SELECT FROM casework_casephase WHERE case_id = OLD.case_id AND starts_on < OLD.starts_on) THEN
    RETURN NEW;
  END IF;
END IF;
RAISE EXCEPTION 'the phases of a case are kept'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'phase_history_is_kept';
END $$;
CREATE TRIGGER keep_phases BEFORE UPDATE ON casework_casephase
    FOR EACH ROW EXECUTE FUNCTION casework_keep_phases();

CREATE FUNCTION casework_keep_earlier_phases() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
IF EXISTS (SELECT FROM casework_casephase f JOIN old_rows o ON o.case_id = f.case_id AND o.starts_on < f.starts_on) THEN
  RAISE EXCEPTION 'the phases of a case are kept'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'phase_history_is_kept';
END IF;
RETURN NULL;
END $$;
CREATE TRIGGER keep_earlier_phases AFTER DELETE ON casework_casephase REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION casework_keep_earlier_phases();

CREATE FUNCTION casework_first_phase() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
INSERT INTO casework_casephase (case_id, phase, starts_on) SELECT id, 'intake', opened_on FROM new_rows;
RETURN NULL;
END $$;
CREATE TRIGGER first_phase AFTER INSERT ON casework_case REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION casework_first_phase();
"""
DROP_PHASES = """
DROP TRIGGER first_phase ON casework_case;
DROP TRIGGER check_phases ON casework_casephase;
DROP TRIGGER keep_phases ON casework_casephase;
DROP TRIGGER keep_earlier_phases ON casework_casephase;
DROP FUNCTION casework_first_phase();
DROP FUNCTION casework_check_phases();
DROP FUNCTION casework_keep_phases();
DROP FUNCTION casework_keep_earlier_phases();
"""

# What hangs on the days and the consent of a case, when the case changes.
CASES = """
CREATE FUNCTION casework_check_case_file() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
IF NEW.opened_on <> OLD.opened_on THEN
  IF EXISTS (SELECT FROM casework_casephase WHERE case_id = NEW.id AND starts_on > OLD.opened_on
             AND starts_on <= NEW.opened_on) THEN
    RAISE EXCEPTION 'phase before the opening of its case'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'phase_not_before_opening';
  END IF;
  IF EXISTS (SELECT FROM casework_assessment WHERE case_id = NEW.id AND assessed_on < NEW.opened_on) THEN
    RAISE EXCEPTION 'assessment before the opening of its case'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'assessment_not_before_opening';
  END IF;
  UPDATE casework_casephase SET starts_on = NEW.opened_on WHERE case_id = NEW.id AND starts_on = OLD.opened_on;
END IF;
IF NEW.closed_on IS NOT NULL AND NEW.closed_on IS DISTINCT FROM OLD.closed_on THEN
  IF EXISTS (SELECT FROM casework_casephase WHERE case_id = NEW.id AND starts_on > NEW.closed_on) THEN
    RAISE EXCEPTION 'phase after the end of its case'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'phase_within_case';
  END IF;
  IF EXISTS (SELECT FROM casework_assessment WHERE case_id = NEW.id AND assessed_on > NEW.closed_on) THEN
    RAISE EXCEPTION 'assessment after the end of its case'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'assessment_within_case';
  END IF;
END IF;
IF NEW.consent_on IS NULL AND OLD.consent_on IS NOT NULL AND (
    EXISTS (SELECT FROM casework_casephase WHERE case_id = NEW.id AND phase <> 'intake')
    OR EXISTS (SELECT FROM casework_assessment WHERE case_id = NEW.id)) THEN
  RAISE EXCEPTION 'case beyond intake without consent'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'phase_needs_consent';
END IF;
RETURN NULL;
END $$;
CREATE TRIGGER check_case_file AFTER UPDATE OF opened_on, closed_on, consent_on ON casework_case
    FOR EACH ROW EXECUTE FUNCTION casework_check_case_file();
"""
DROP_CASES = """
DROP TRIGGER check_case_file ON casework_case;
DROP FUNCTION casework_check_case_file();
"""

ASSESSMENTS = """
CREATE FUNCTION casework_check_assessments() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    broken text;
BEGIN
PERFORM FROM (SELECT DISTINCT case_id FROM new_rows ORDER BY 1) n
CROSS JOIN LATERAL (SELECT FROM casework_case WHERE id = n.case_id FOR NO KEY UPDATE OFFSET 0) c;
SELECT CASE WHEN n.assessed_on < c.opened_on THEN 'assessment_not_before_opening'
            WHEN n.assessed_on > c.closed_on THEN 'assessment_within_case'
            ELSE 'assessment_needs_consent' END
INTO broken FROM new_rows n
CROSS JOIN LATERAL (SELECT * FROM casework_case WHERE id = n.case_id OFFSET 0) c
WHERE n.assessed_on < c.opened_on OR n.assessed_on > c.closed_on OR c.consent_on IS NULL
    OR c.consent_on > n.assessed_on OR c.withdrawn_on <= n.assessed_on OR c.consent_until < n.assessed_on
LIMIT 1;
IF broken IS NOT NULL THEN
  RAISE EXCEPTION 'assessment of a case: %', broken USING ERRCODE = 'check_violation', CONSTRAINT = broken;
END IF;
RETURN NULL;
END $$;
CREATE TRIGGER check_inserted AFTER INSERT ON casework_assessment REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION casework_check_assessments();
CREATE TRIGGER check_updated AFTER UPDATE ON casework_assessment REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION casework_check_assessments();

CREATE FUNCTION casework_keep_assessment() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
IF (OLD.recorded_at AT TIME ZONE 'Europe/Berlin')::date < (now() AT TIME ZONE 'Europe/Berlin')::date OR NEW.case_id <> OLD.case_id
    OR NEW.recorded_at <> OLD.recorded_at THEN
  RAISE EXCEPTION 'an assessment is corrected on the day of its entry only'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'assessment_corrected_within_the_day';
END IF;
RETURN NEW;
END $$;
CREATE TRIGGER keep_assessment BEFORE UPDATE ON casework_assessment
    FOR EACH ROW EXECUTE FUNCTION casework_keep_assessment();

ALTER TABLE casework_assessment ADD CONSTRAINT assessment_not_in_future CHECK (assessed_on <= (now() AT TIME ZONE 'Europe/Berlin')::date);
ALTER TABLE casework_casephase ADD CONSTRAINT phase_not_in_future CHECK (starts_on <= (now() AT TIME ZONE 'Europe/Berlin')::date);
ALTER TABLE casework_goal ADD CONSTRAINT goal_ended_not_in_future CHECK (outcome_on <= (now() AT TIME ZONE 'Europe/Berlin')::date);
ALTER TABLE casework_planreview ADD CONSTRAINT plan_reviewed_not_in_future CHECK (reviewed_on <= (now() AT TIME ZONE 'Europe/Berlin')::date);
ALTER TABLE casework_case
    ADD CONSTRAINT case_consent_not_in_future CHECK (consent_on <= (now() AT TIME ZONE 'Europe/Berlin')::date AND withdrawn_on <= (now() AT TIME ZONE 'Europe/Berlin')::date);
"""
DROP_ASSESSMENTS = """
ALTER TABLE casework_case DROP CONSTRAINT case_consent_not_in_future;
ALTER TABLE casework_planreview DROP CONSTRAINT plan_reviewed_not_in_future;
ALTER TABLE casework_goal DROP CONSTRAINT goal_ended_not_in_future;
ALTER TABLE casework_casephase DROP CONSTRAINT phase_not_in_future;
ALTER TABLE casework_assessment DROP CONSTRAINT assessment_not_in_future;
DROP TRIGGER check_inserted ON casework_assessment;
DROP TRIGGER check_updated ON casework_assessment;
DROP TRIGGER keep_assessment ON casework_assessment;
DROP FUNCTION casework_check_assessments();
DROP FUNCTION casework_keep_assessment();
"""


class Migration(migrations.Migration):
    """Phases follow each other as they may, with consent and inside their case; assessments stay as they were."""

    dependencies = [("casework", "0021_first_phases")]
    operations = [
        migrations.RunSQL(PHASES, DROP_PHASES),
        migrations.RunSQL(CASES, DROP_CASES),
        migrations.RunSQL(ASSESSMENTS, DROP_ASSESSMENTS),
    ]
