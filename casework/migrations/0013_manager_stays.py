from django.db import migrations

# Cases, bookings and figures hang on the pair of person and organisation: who moves is a new row.
KEEP = """
CREATE FUNCTION casework_keep_manager() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
IF NEW.user_id <> OLD.user_id OR NEW.organisation_id <> OLD.organisation_id THEN
  RAISE EXCEPTION 'a manager keeps person and organisation'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'manager_keeps_person_and_organisation';
END IF;
RETURN NEW;
END $$;
CREATE TRIGGER keep_manager BEFORE UPDATE OF user_id, organisation_id ON casework_manager
    FOR EACH ROW EXECUTE FUNCTION casework_keep_manager();
"""
DROP = """
DROP TRIGGER keep_manager ON casework_manager;
DROP FUNCTION casework_keep_manager();
"""


class Migration(migrations.Migration):
    """Nobody is turned into somebody else, or carried into another organisation together with the open cases."""

    dependencies = [("casework", "0012_manager_lists")]
    operations = [migrations.RunSQL(KEEP, DROP)]
