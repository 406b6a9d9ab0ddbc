from django.db import migrations

# Ends entered before there was a rule against it lie before a contact or a referral of the case. What is younger keeps the
# case (`casework_has_outlived`), and the day on which it goes is shown by `closing_entered_on` alone.
LAST_ENTRY = """
UPDATE casework_case c SET closing_entered_on = found.day
FROM (SELECT case_id, max(day) AS day FROM (
          SELECT case_id, date AS day FROM casework_contact
          UNION ALL SELECT case_id, referred_on FROM casework_referral) AS entries GROUP BY case_id) AS found
WHERE found.case_id = c.id AND c.closing_entered_on < found.day
"""


class Migration(migrations.Migration):
    """The end of a case counts as entered no earlier than the last thing that was recorded of it."""

    dependencies = [("casework", "0036_versions_of_numbers_and_outcomes")]
    operations = [migrations.RunSQL(LAST_ENTRY, migrations.RunSQL.noop)]
