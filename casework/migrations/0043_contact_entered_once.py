from django.db import migrations

# The unique index on key and day holds within a day; the same form with another day is found here. Only days of open
# months are entered, so that no more than their partitions are looked into, however many there are. Of two at once the
# second waits for the first and then sees it; what is loaded in bulk has keys of the database, for which nobody waits.
# OFFSET 0 binds the way by the keys.
ONCE = """
CREATE FUNCTION casework_enter_contact_once() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    first_open date := date_trunc('month', (now() AT TIME ZONE 'Europe/Berlin')::date - 92);
BEGIN
IF (SELECT count(*) FROM new_rows) = 1 THEN
  PERFORM pg_advisory_xact_lock(hashtextextended(entry_key::text, 0)) FROM new_rows;
END IF;
IF EXISTS (
    SELECT FROM (SELECT entry_key, date FROM new_rows WHERE date >= first_open) n
    CROSS JOIN LATERAL (SELECT FROM casework_contact c WHERE c.entry_key = n.entry_key AND c.date >= first_open
                        AND c.date <> n.date OFFSET 0) c) THEN
  RAISE EXCEPTION 'an entry is stored once, on one day'
      USING ERRCODE = 'unique_violation', CONSTRAINT = 'contact_entry_once';
END IF;
RETURN NULL;
END $$;
CREATE TRIGGER enter_once AFTER INSERT ON casework_contact REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION casework_enter_contact_once();
"""
DROP = """
DROP TRIGGER enter_once ON casework_contact;
DROP FUNCTION casework_enter_contact_once();
"""


class Migration(migrations.Migration):
    """A form that is sent again with another day makes no second contact."""

    dependencies = [("casework", "0042_figures_where_they_were")]
    operations = [migrations.RunSQL(ONCE, DROP)]
