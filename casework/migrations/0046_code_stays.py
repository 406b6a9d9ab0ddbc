from django.db import migrations

RULE = """
CREATE FUNCTION casework_keep_code() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
RAISE EXCEPTION 'the code of a case stays'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'case_code_stays';
END $$;
CREATE TRIGGER keep_code BEFORE UPDATE ON casework_case FOR EACH ROW
    WHEN (NEW.code <> OLD.code) EXECUTE FUNCTION casework_keep_code();
"""
DROP = """
DROP TRIGGER keep_code ON casework_case;
DROP FUNCTION casework_keep_code();
"""


class Migration(migrations.Migration):
    """The code of a case stays as long as the case."""

    dependencies = [("casework", "0045_closing_entered_by_the_database")]
    operations = [migrations.RunSQL(RULE, DROP)]
