from django.db import migrations

# A plan stays with its case and begins when it began. One that has ended changes with the end of its case alone: closing
# the case takes later days away from it, and reopening lets it run on if it was the closing that ended it.
PLANS = """
CREATE FUNCTION casework_keep_changed_plan() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    closed date;
BEGIN
SELECT coalesce(closed_on, 'infinity') INTO closed FROM casework_case WHERE id = OLD.case_id;
IF NEW.case_id = OLD.case_id AND NEW.starts_on = OLD.starts_on
    AND (NOT NEW.ended_with_case OR coalesce(NEW.ends_on = closed, false))
    AND (OLD.ends_on IS NULL
        OR NEW.review_on IS NOT DISTINCT FROM OLD.review_on AND NEW.ended_with_case <= OLD.ended_with_case
        AND CASE WHEN NEW.ends_on IS NULL THEN OLD.ended_with_case
                 ELSE NEW.ends_on = OLD.ends_on OR NEW.ends_on = least(OLD.ends_on, closed) END) THEN
  RETURN NEW;
END IF;
RAISE EXCEPTION 'what a case has gone through is kept'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'case_history_is_kept';
END $$;
CREATE TRIGGER keep_changed BEFORE UPDATE ON casework_plan
    FOR EACH ROW EXECUTE FUNCTION casework_keep_changed_plan();
"""
DROP_PLANS = """
DROP TRIGGER keep_changed ON casework_plan;
DROP FUNCTION casework_keep_changed_plan();
"""

# Goals stay with their plan and steps with their goal. What has ended is not changed; while its plan runs a goal may be
# taken up again as it was.
GOALS = """
CREATE FUNCTION casework_keep_changed_goal() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    may_change boolean;
BEGIN
IF TG_TABLE_NAME = 'casework_goal' THEN
  may_change := NEW.plan_id = OLD.plan_id
      AND EXISTS (SELECT FROM casework_plan WHERE id = OLD.plan_id AND ends_on IS NULL)
      AND (OLD.outcome = ''
          OR (NEW.outcome, NEW.domain, NEW.words) = ('', OLD.domain, OLD.words)
          AND NEW.due_on IS NOT DISTINCT FROM OLD.due_on);
ELSE
  may_change := NEW.goal_id = OLD.goal_id AND EXISTS (
      SELECT FROM casework_goal g JOIN casework_plan p ON p.id = g.plan_id
      WHERE g.id = OLD.goal_id AND g.outcome = '' AND p.ends_on IS NULL);
END IF;
IF may_change THEN
  RETURN NEW;
END IF;
RAISE EXCEPTION 'what a case has gone through is kept'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'case_history_is_kept';
END $$;
CREATE TRIGGER keep_changed BEFORE UPDATE ON casework_goal
    FOR EACH ROW EXECUTE FUNCTION casework_keep_changed_goal();
CREATE TRIGGER keep_changed BEFORE UPDATE ON casework_step
    FOR EACH ROW EXECUTE FUNCTION casework_keep_changed_goal();
"""
DROP_GOALS = """
DROP TRIGGER keep_changed ON casework_step;
DROP TRIGGER keep_changed ON casework_goal;
DROP FUNCTION casework_keep_changed_goal();
"""


class Migration(migrations.Migration):
    """Plans keep their days, and what has ended keeps its words and its outcome."""

    dependencies = [("casework", "0039_keep_what_closed_months_say")]
    operations = [
        migrations.RunSQL(PLANS, DROP_PLANS),
        migrations.RunSQL(GOALS, DROP_GOALS),
    ]
