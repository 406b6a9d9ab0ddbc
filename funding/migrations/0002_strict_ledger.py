import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """No NaN, no older state and no correction of something else gets past the budget."""

    dependencies = [
        ("funding", "0001_initial"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="ledgerentry",
            name="award_within_budget",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ledgerentry",
            trigger=pgtrigger.compiler.Trigger(
                name="award_within_budget",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE remainder numeric; awarded numeric;",
                    func="\nUPDATE funding_budget SET year = year WHERE id = NEW.budget_id;\nIF NEW.corrects_id IS NOT NULL AND NOT EXISTS (\n    SELECT FROM funding_ledgerentry entry WHERE entry.id = NEW.corrects_id AND entry.budget_id = NEW.budget_id\n    AND entry.kind = NEW.kind AND entry.recipient_id IS NOT DISTINCT FROM NEW.recipient_id) THEN\n  RAISE EXCEPTION 'correction of an entry of another budget, kind or recipient'\n    USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_correction_fits_its_entry';\nEND IF;\nSELECT coalesce(sum(CASE WHEN kind = 'budget' THEN amount ELSE -amount END), 0) INTO remainder\n  FROM funding_ledgerentry WHERE budget_id = NEW.budget_id;\nremainder := remainder + CASE WHEN NEW.kind = 'budget' THEN NEW.amount ELSE -NEW.amount END;\nIF remainder < 0 THEN\n  RAISE EXCEPTION 'award beyond the budget by % EUR', -remainder\n    USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_award_within_budget';\nEND IF;\nIF NEW.kind = 'award' THEN\n  SELECT coalesce(sum(amount), 0) + NEW.amount INTO awarded FROM funding_ledgerentry\n    WHERE budget_id = NEW.budget_id AND kind = 'award' AND recipient_id = NEW.recipient_id;\n  IF awarded < 0 THEN\n    RAISE EXCEPTION 'correction takes back % EUR more than was awarded', -awarded\n      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_correction_within_award';\n  END IF;\nEND IF;\nRETURN NEW;\n",
                    hash="caec56c9befe7778669181c85f82c194f451a845",
                    operation="INSERT",
                    pgid="pgtrigger_award_within_budget_0382c",
                    table="funding_ledgerentry",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__lt", 1000000000000)), name="ledger_amount_is_a_number"
            ),
        ),
    ]
