from django.db import migrations

# As 0038 and 0039 keep contacts and referrals: what was counted in a month that is closed since 92 days, as
# ENTRY_CLOSED_AFTER_DAYS says, is neither removed nor changed, and nothing is moved there.
TABLES = ("languagecourse", "screeningday", "romasupport", "queersupport", "groupoffer")
FUNCTION = """
CREATE FUNCTION casework_keep_counts() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    first_open date := date_trunc('month', (now() AT TIME ZONE 'Europe/Berlin')::date - 92)::date;
BEGIN
IF TG_OP = 'DELETE' THEN
  IF OLD.date >= first_open THEN
    RETURN OLD;
  END IF;
ELSIF NEW IS NOT DISTINCT FROM OLD OR least(OLD.date, NEW.date) >= first_open THEN
  RETURN NEW;
END IF;
RAISE EXCEPTION 'what was counted in a closed month is kept'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'closed_month_is_kept';
END $$;
"""
TRIGGER = """
CREATE TRIGGER keep_counts BEFORE UPDATE OR DELETE ON casework_{table}
    FOR EACH ROW EXECUTE FUNCTION casework_keep_counts();
"""
DROP = "DROP TRIGGER keep_counts ON casework_{table};\n"


class Migration(migrations.Migration):
    """Count records of closed months are not changed or removed by hand."""

    dependencies = [("casework", "0043_contact_entered_once")]
    operations = [
        migrations.RunSQL(
            FUNCTION + "".join(TRIGGER.format(table=table) for table in TABLES),
            "".join(DROP.format(table=table) for table in TABLES) + "DROP FUNCTION casework_keep_counts();",
        )
    ]
