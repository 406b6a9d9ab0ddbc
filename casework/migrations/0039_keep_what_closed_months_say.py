from django.db import migrations

# As 0038 keeps contacts and referrals of closed months from going: they stay as they are, and none is moved there. Named
# are the column of the day and those that go on changing: the day of the opening follows the case, and what became of a
# referral is known later.
KEEP = """
CREATE FUNCTION casework_keep_changed_work() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
IF least((to_jsonb(OLD)->>TG_ARGV[0])::date, (to_jsonb(NEW)->>TG_ARGV[0])::date)
        < date_trunc('month', (now() AT TIME ZONE 'Europe/Berlin')::date - 92)::date
    AND to_jsonb(NEW) - TG_ARGV[1:] <> to_jsonb(OLD) - TG_ARGV[1:] THEN
  RAISE EXCEPTION 'what was done in a closed month is kept'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'closed_month_is_kept';
END IF;
RETURN NEW;
END $$;
CREATE TRIGGER keep_changed_work BEFORE UPDATE ON casework_contact
    FOR EACH ROW EXECUTE FUNCTION casework_keep_changed_work('date', 'case_opened_on');
CREATE TRIGGER keep_changed_work BEFORE UPDATE ON casework_referral
    FOR EACH ROW EXECUTE FUNCTION casework_keep_changed_work('referred_on', 'ask_on', 'outcome', 'outcome_on', 'version');
"""
DROP = """
DROP TRIGGER keep_changed_work ON casework_referral;
DROP TRIGGER keep_changed_work ON casework_contact;
DROP FUNCTION casework_keep_changed_work();
"""


class Migration(migrations.Migration):
    """Contacts and referrals of closed months are not changed by hand either, but for what became of a referral."""

    dependencies = [("casework", "0038_keep_closed_work")]
    operations = [migrations.RunSQL(KEEP, DROP)]
