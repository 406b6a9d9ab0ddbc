from django.db import migrations, models

TODAY = "(now() AT TIME ZONE 'Europe/Berlin')::date"

# Whoever writes an end without saying when it was entered enters it today. The condition keeps the function from all
# the writes that leave both days as they are.
RULE = f"""
CREATE FUNCTION casework_note_closing_entry() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
NEW.closing_entered_on := CASE WHEN NEW.closed_on IS NOT NULL THEN greatest(NEW.closed_on, {TODAY}) END;
RETURN NEW;
END $$;
CREATE TRIGGER note_closing_entry BEFORE INSERT OR UPDATE ON casework_case FOR EACH ROW
    WHEN ((NEW.closed_on IS NULL) <> (NEW.closing_entered_on IS NULL) OR NEW.closing_entered_on < NEW.closed_on)
    EXECUTE FUNCTION casework_note_closing_entry();
"""
DROP_RULE = """
DROP TRIGGER note_closing_entry ON casework_case;
DROP FUNCTION casework_note_closing_entry();
"""

# As in 0032, and the end was entered so long ago as well.
ENTERED = f"""
AND NOT EXISTS (SELECT FROM casework_case k WHERE k.id = $1
                AND k.closing_entered_on + make_interval(months => kept_months) > {TODAY})"""
OUTLIVED = """
CREATE OR REPLACE FUNCTION casework_has_outlived(case_id bigint, closed_on date, kept_months integer) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
SELECT coalesce(closed_on + make_interval(months => kept_months) <= {today}, false){entered}
AND NOT EXISTS (SELECT FROM casework_contact c WHERE c.case_id = $1 AND c.date > $2
                AND c.date + make_interval(months => kept_months) > {today})
AND NOT EXISTS (SELECT FROM casework_referral r WHERE r.case_id = $1 AND r.referred_on > $2
                AND r.referred_on + make_interval(months => kept_months) > {today})
AND NOT EXISTS (SELECT FROM casework_plan p WHERE p.case_id = $1
                AND (p.ends_on IS NULL OR p.ends_on + make_interval(months => kept_months) > {today}))
$$;
"""


class Migration(migrations.Migration):
    """A case is kept from the day on which its end was entered; of ends entered before, that is the end itself."""

    dependencies = [("casework", "0032_retired_cases")]
    operations = [
        migrations.AddField("case", "closing_entered_on", models.DateField(editable=False, null=True)),
        migrations.RunSQL(RULE, DROP_RULE),
        migrations.RunSQL(OUTLIVED.format(today=TODAY, entered=ENTERED), OUTLIVED.format(today=TODAY, entered="")),
        migrations.RunSQL(
            "UPDATE casework_case SET closing_entered_on = closed_on WHERE closed_on IS NOT NULL",
            migrations.RunSQL.noop,
        ),
    ]
