from django.db import migrations

# A case is deleted by the day on which its end was entered: an end that changes is entered anew, by note_closing_entry,
# which fires after this one for want of a day. The owner may still say when ends of former times were entered.
RULE = """
CREATE FUNCTION casework_keep_closing_entry() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
IF current_user = (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID) THEN
  RETURN NEW;
END IF;
IF NEW.closed_on IS DISTINCT FROM OLD.closed_on THEN
  NEW.closing_entered_on := NULL;
  RETURN NEW;
END IF;
RAISE EXCEPTION 'when the end of a case was entered is not changed'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'closing_entry_is_kept';
END $$;
CREATE TRIGGER keep_closing_entry BEFORE UPDATE ON casework_case FOR EACH ROW
    WHEN (NEW.closed_on IS DISTINCT FROM OLD.closed_on
          OR NEW.closing_entered_on IS DISTINCT FROM OLD.closing_entered_on)
    EXECUTE FUNCTION casework_keep_closing_entry();
"""
DROP = """
DROP TRIGGER keep_closing_entry ON casework_case;
DROP FUNCTION casework_keep_closing_entry();
"""


class Migration(migrations.Migration):
    """The database alone says when the end of a case was entered, so that none goes before its time."""

    dependencies = [("casework", "0044_keep_counts_of_closed_months")]
    operations = [migrations.RunSQL(RULE, DROP)]
