from django.db import migrations

# What was done under a consent stays covered by it; it may be withdrawn on the same day. Days that were not covered
# before (cases from the time in which consents were on paper only) are no reason to refuse the day on which it is
# recorded at last.
CONSENT = """
CREATE FUNCTION casework_agreed(day date, consent_on date, consent_until date, withdrawn_on date) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp AS $$
SELECT coalesce(consent_on <= day AND coalesce(least(withdrawn_on, consent_until) >= day, true), false)
$$;
CREATE FUNCTION casework_check_consent() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
IF EXISTS (
    SELECT FROM (
        SELECT starts_on AS day FROM casework_casephase WHERE case_id = NEW.id AND phase <> 'intake'
        UNION ALL SELECT assessed_on FROM casework_assessment WHERE case_id = NEW.id) d
    WHERE casework_agreed(d.day, OLD.consent_on, OLD.consent_until, OLD.withdrawn_on)
    AND NOT casework_agreed(d.day, NEW.consent_on, NEW.consent_until, NEW.withdrawn_on)) THEN
  RAISE EXCEPTION 'phase or assessment on a day without consent'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'consent_covers_what_was_done';
END IF;
RETURN NULL;
END $$;
CREATE TRIGGER check_consent AFTER UPDATE OF consent_on, consent_until, withdrawn_on ON casework_case
    FOR EACH ROW EXECUTE FUNCTION casework_check_consent();
"""
DROP_CONSENT = """
DROP TRIGGER check_consent ON casework_case;
DROP FUNCTION casework_check_consent();
DROP FUNCTION casework_agreed(date, date, date, date);
"""

# An open case stands in some phase; with a closed one, which is deleted in the end, its phases go.
PHASES = """
CREATE FUNCTION casework_keep_first_phase() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
IF EXISTS (
    SELECT FROM old_rows o JOIN casework_case c ON c.id = o.case_id WHERE c.closed_on IS NULL
    AND NOT EXISTS (SELECT FROM casework_casephase f WHERE f.case_id = o.case_id)) THEN
  RAISE EXCEPTION 'open case without a phase'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'phase_history_is_kept';
END IF;
RETURN NULL;
END $$;
CREATE TRIGGER keep_first_phase AFTER DELETE ON casework_casephase REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION casework_keep_first_phase();
"""
DROP_PHASES = """
DROP TRIGGER keep_first_phase ON casework_casephase;
DROP FUNCTION casework_keep_first_phase();
"""

PLANS = """
CREATE FUNCTION casework_check_closed_plan() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
IF EXISTS (SELECT FROM casework_plan p JOIN casework_goal g ON g.plan_id = p.id
           WHERE p.case_id = NEW.id AND g.outcome_on > NEW.closed_on) THEN
  RAISE EXCEPTION 'goal ended after the end of its case'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'goal_within_case';
END IF;
IF EXISTS (SELECT FROM casework_plan p JOIN casework_planreview v ON v.plan_id = p.id
           WHERE p.case_id = NEW.id AND v.reviewed_on > NEW.closed_on) THEN
  RAISE EXCEPTION 'plan reviewed after the end of its case'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'plan_review_within_case';
END IF;
RETURN NULL;
END $$;
CREATE TRIGGER check_closed_plan AFTER UPDATE OF closed_on ON casework_case
    FOR EACH ROW WHEN (NEW.closed_on IS NOT NULL) EXECUTE FUNCTION casework_check_closed_plan();
"""
DROP_PLANS = """
DROP TRIGGER check_closed_plan ON casework_case;
DROP FUNCTION casework_check_closed_plan();
"""


class Migration(migrations.Migration):
    """Nobody moves a consent, an end or a phase so that what was recorded before has no ground any more."""

    dependencies = [("casework", "0022_case_file_rules")]
    operations = [
        migrations.RunSQL(CONSENT, DROP_CONSENT),
        migrations.RunSQL(PHASES, DROP_PHASES),
        migrations.RunSQL(PLANS, DROP_PLANS),
    ]
