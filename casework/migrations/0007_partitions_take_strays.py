from django.db import migrations

# Rows of a month that had no partition lie in casework_contact_other; they move into the new one first.
REPLACE = """
CREATE OR REPLACE FUNCTION casework_prepare_contact_partitions(first_month date, last_month date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    month date := date_trunc('month', first_month);
    following date;
    made integer := 0;
    name text;
BEGIN
    IF first_month < '2017-01-01' OR last_month > current_date + interval '2 years' THEN
        RAISE EXCEPTION 'partitions from the beginning of the pact to two years ahead';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('casework_prepare_contact_partitions'));
    WHILE month <= last_month LOOP
        following := month + interval '1 month';
        name := 'casework_contact_' || to_char(month, 'YYYYMM');
        IF to_regclass(name) IS NULL THEN
            EXECUTE format('CREATE TABLE %I (LIKE casework_contact INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
            EXECUTE format('WITH moved AS (DELETE FROM casework_contact_other WHERE date >= %L AND date < %L '
                           'RETURNING *) INSERT INTO %I SELECT * FROM moved', month, following, name);
            EXECUTE format('ALTER TABLE casework_contact ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                           name, month, following);
            made := made + 1;
        END IF;
        month := following;
    END LOOP;
    RETURN made;
END $$;
"""


class Migration(migrations.Migration):
    """A month that was prepared too late takes its contacts over."""

    dependencies = [("casework", "0006_case_in_the_pact")]
    operations = [migrations.RunSQL(REPLACE, migrations.RunSQL.noop)]
