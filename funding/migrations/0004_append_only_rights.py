import pgtrigger.migrations
from django.db import migrations

from pik.grants import grant

# Writes the budget row first, so that of two awards that arrive together the second waits and then sees the first, or
# fails when its transaction is bound to an older state (REPEATABLE READ): a mere lock would not stop that one.
# Runs as the owner: web and worker may not touch budget rows themselves.
CREATE = """
CREATE FUNCTION funding_keep_within_budget() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    remainder numeric;
    awarded numeric;
BEGIN
UPDATE funding_budget SET year = year WHERE id = NEW.budget_id;
IF NEW.corrects_id IS NOT NULL AND NOT EXISTS (
    SELECT FROM funding_ledgerentry entry WHERE entry.id = NEW.corrects_id AND entry.budget_id = NEW.budget_id
    AND entry.kind = NEW.kind AND entry.recipient_id IS NOT DISTINCT FROM NEW.recipient_id) THEN
  RAISE EXCEPTION 'correction of an entry of another budget, kind or recipient'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_correction_fits_its_entry';
END IF;
SELECT coalesce(sum(CASE WHEN kind = 'budget' THEN amount ELSE -amount END), 0) INTO remainder
  FROM funding_ledgerentry WHERE budget_id = NEW.budget_id;
remainder := remainder + CASE WHEN NEW.kind = 'budget' THEN NEW.amount ELSE -NEW.amount END;
IF remainder < 0 THEN
  RAISE EXCEPTION 'award beyond the budget by % EUR', -remainder
    USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_award_within_budget';
END IF;
IF NEW.kind = 'award' THEN
  SELECT coalesce(sum(amount), 0) + NEW.amount INTO awarded FROM funding_ledgerentry
    WHERE budget_id = NEW.budget_id AND kind = 'award' AND recipient_id = NEW.recipient_id;
  IF awarded < 0 THEN
    RAISE EXCEPTION 'correction takes back % EUR more than was awarded', -awarded
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_correction_within_award';
  END IF;
END IF;
RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION funding_keep_within_budget() FROM PUBLIC;
CREATE TRIGGER keep_within_budget BEFORE INSERT ON funding_ledgerentry
    FOR EACH ROW EXECUTE FUNCTION funding_keep_within_budget();
"""
DROP = """
DROP TRIGGER keep_within_budget ON funding_ledgerentry;
DROP FUNCTION funding_keep_within_budget();
"""


class Migration(migrations.Migration):
    """No session can ask to be let past the budget, and web and worker can change neither bookings nor budget rows."""

    dependencies = [("funding", "0003_keep_budget_rows")]
    operations = [
        pgtrigger.migrations.RemoveTrigger(model_name="ledgerentry", name="award_within_budget"),
        migrations.RunSQL(CREATE, DROP),
        grant(
            "REVOKE UPDATE, DELETE ON funding_ledgerentry FROM {role}",
            "REVOKE UPDATE, DELETE ON funding_budget FROM {role}",
            # One column, so that a service may lock the row.
            "GRANT UPDATE (source) ON funding_budget TO {role}",
        ),
    ]
