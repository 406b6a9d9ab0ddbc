from django.db import migrations

# Each day by itself: one that was entered before there was a rule against it stays until it is changed.
RULE = """
CREATE FUNCTION casework_check_planned_days() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    plan bigint;
    due date := (to_jsonb(NEW)->>'due_on')::date;
    done date := (to_jsonb(NEW)->>'done_on')::date;
BEGIN
IF TG_OP = 'UPDATE' THEN
  due := nullif(due, (to_jsonb(OLD)->>'due_on')::date);
  done := nullif(done, (to_jsonb(OLD)->>'done_on')::date);
END IF;
IF due IS NULL AND done IS NULL THEN
  RETURN NEW;
END IF;
IF TG_TABLE_NAME = 'casework_goal' THEN
  plan := (to_jsonb(NEW)->>'plan_id')::bigint;
ELSE
  SELECT plan_id INTO plan FROM casework_goal WHERE id = (to_jsonb(NEW)->>'goal_id')::bigint;
END IF;
IF done > (now() AT TIME ZONE 'Europe/Berlin')::date OR least(due, done) < (
    SELECT c.opened_on FROM casework_plan p JOIN casework_case c ON c.id = p.case_id WHERE p.id = plan) THEN
  RAISE EXCEPTION 'a step was due or done before the opening of its case, or is done in days to come'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'step_within_case';
END IF;
RETURN NEW;
END $$;
CREATE TRIGGER check_planned_days BEFORE INSERT OR UPDATE ON casework_goal FOR EACH ROW
    WHEN (NEW.due_on IS NOT NULL) EXECUTE FUNCTION casework_check_planned_days();
CREATE TRIGGER check_planned_days BEFORE INSERT OR UPDATE ON casework_step FOR EACH ROW
    WHEN (NEW.due_on IS NOT NULL OR NEW.done_on IS NOT NULL) EXECUTE FUNCTION casework_check_planned_days();
"""
DROP = """
DROP TRIGGER check_planned_days ON casework_step;
DROP TRIGGER check_planned_days ON casework_goal;
DROP FUNCTION casework_check_planned_days();
"""


class Migration(migrations.Migration):
    """Goals and steps are due, and steps done, on days of their case: a birth date is none."""

    dependencies = [("casework", "0046_code_stays")]
    operations = [migrations.RunSQL(RULE, DROP)]
