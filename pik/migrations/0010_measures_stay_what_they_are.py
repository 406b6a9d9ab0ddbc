from django.db import migrations

# What may be recorded for a measure hangs on these; names, order and days are loaded anew with every release. Where the
# pact itself changes, a migration of the owner says so.
RULE = """
CREATE FUNCTION pik_keep_measure() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
IF current_user = (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID) THEN
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END IF;
IF TG_OP = 'UPDATE' AND (NEW.code, NEW.profile, NEW.sensitive, NEW.place_level, NEW.records_origin)
    = (OLD.code, OLD.profile, OLD.sensitive, OLD.place_level, OLD.records_origin) THEN
  RETURN NEW;
END IF;
RAISE EXCEPTION 'what may be recorded for a measure is not changed'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'measure_is_kept';
END $$;
CREATE TRIGGER keep_measure BEFORE UPDATE OR DELETE ON pik_measure
    FOR EACH ROW EXECUTE FUNCTION pik_keep_measure();
"""
DROP = """
DROP TRIGGER keep_measure ON pik_measure;
DROP FUNCTION pik_keep_measure();
"""


class Migration(migrations.Migration):
    """The application's role neither deletes a measure nor changes what may be recorded for it."""

    dependencies = [("pik", "0009_drafts_know_their_page")]
    operations = [migrations.RunSQL(RULE, DROP)]
