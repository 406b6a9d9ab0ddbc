import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

# As in 0032; but a phase of an open case goes on the day it was recorded only. Whether it is the first or one in the
# middle is seen when the statement is through, by `keep_first_phase` and `keep_earlier_phases`.
PHASES = """
CREATE OR REPLACE FUNCTION casework_keep_history() RETURNS trigger
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
    AND EXISTS (SELECT FROM casework_case WHERE id = of_case AND closed_on IS NULL){revocable} THEN
  RETURN OLD;
END IF;
RAISE EXCEPTION 'what a case has gone through is kept'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'case_history_is_kept';
END $$;
"""
REVOCABLE = """
    AND ((to_jsonb(OLD)->>'recorded_at')::timestamptz AT TIME ZONE 'Europe/Berlin')::date
        = (now() AT TIME ZONE 'Europe/Berlin')::date"""


class Migration(migrations.Migration):
    """Where a case was and in which phase is not changed later; a phase is taken back on the day of its entry."""

    dependencies = [("casework", "0040_keep_what_was_planned")]
    operations = [
        migrations.RunSQL(PHASES.format(revocable=REVOCABLE), PHASES.format(revocable="")),
        pgtrigger.migrations.AddTrigger(
            model_name="relocation",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_relocations",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="254d37f7bfdc3474a10a2d4b00bbe40288198d8d",
                    operation="UPDATE",
                    pgid="pgtrigger_keep_relocations_2d59a",
                    table="casework_relocation",
                    when="BEFORE",
                ),
            ),
        ),
    ]
