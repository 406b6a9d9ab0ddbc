from django.db import migrations

# A month is closed so long after its last day, as ENTRY_CLOSED_AFTER_DAYS says: then its contacts and referrals are part
# of the proof of use. Contacts that wait for their partition move there, which only the owner's function does.
KEEP = """
CREATE FUNCTION casework_keep_work() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
IF OLD.case_id IN (SELECT case_id FROM casework_retiringcase)
    OR (to_jsonb(OLD)->>TG_ARGV[0])::date >= date_trunc('month', (now() AT TIME ZONE 'Europe/Berlin')::date - 92)::date
    OR (TG_TABLE_NAME = 'casework_contact_other'
        AND current_user = (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID)) THEN
  RETURN OLD;
END IF;
RAISE EXCEPTION 'what was done in a closed month is kept'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'closed_month_is_kept';
END $$;
CREATE TRIGGER keep_work BEFORE DELETE ON casework_contact
    FOR EACH ROW EXECUTE FUNCTION casework_keep_work('date');
CREATE TRIGGER keep_work BEFORE DELETE ON casework_referral
    FOR EACH ROW EXECUTE FUNCTION casework_keep_work('referred_on');

-- A plan stays, but for one that would begin after the end of its case; so do its goals. Steps go while theirs is open.
CREATE FUNCTION casework_keep_plan() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    of_case bigint;
    may_go boolean := false;
BEGIN
IF TG_TABLE_NAME = 'casework_plan' THEN
  SELECT id, coalesce(closed_on < OLD.starts_on, false) INTO of_case, may_go FROM casework_case WHERE id = OLD.case_id;
ELSIF TG_TABLE_NAME = 'casework_goal' THEN
  SELECT case_id INTO of_case FROM casework_plan WHERE id = OLD.plan_id;
ELSE
  SELECT p.case_id, g.outcome = '' AND p.ends_on IS NULL INTO of_case, may_go
  FROM casework_goal g JOIN casework_plan p ON p.id = g.plan_id WHERE g.id = OLD.goal_id;
END IF;
IF may_go OR EXISTS (SELECT FROM casework_retiringcase WHERE case_id = of_case) THEN
  RETURN OLD;
END IF;
RAISE EXCEPTION 'what a case has gone through is kept'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'case_history_is_kept';
END $$;
CREATE TRIGGER keep_history BEFORE DELETE ON casework_plan FOR EACH ROW EXECUTE FUNCTION casework_keep_plan();
CREATE TRIGGER keep_history BEFORE DELETE ON casework_goal FOR EACH ROW EXECUTE FUNCTION casework_keep_plan();
CREATE TRIGGER keep_history BEFORE DELETE ON casework_step FOR EACH ROW EXECUTE FUNCTION casework_keep_plan();
"""
DROP = """
DROP TRIGGER keep_history ON casework_step;
DROP TRIGGER keep_history ON casework_goal;
DROP TRIGGER keep_history ON casework_plan;
DROP FUNCTION casework_keep_plan();
DROP TRIGGER keep_work ON casework_referral;
DROP TRIGGER keep_work ON casework_contact;
DROP FUNCTION casework_keep_work();
"""


class Migration(migrations.Migration):
    """Contacts and referrals of closed months, plans, goals and the steps of ended goals are not deleted by hand."""

    dependencies = [("casework", "0037_last_entries_of_closed_cases")]
    operations = [migrations.RunSQL(KEEP, DROP)]
