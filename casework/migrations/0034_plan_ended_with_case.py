from django.db import migrations, models

# Who ended a plan was not known: as before, those that ended on the day of the closing run on with the case.
KNOWN = """
UPDATE casework_plan SET ended_with_case = true FROM casework_case k
WHERE k.id = casework_plan.case_id AND k.closed_on = casework_plan.ends_on
"""


class Migration(migrations.Migration):
    """Plans that the closing of their case ended can be told from those that somebody ended on the same day."""

    dependencies = [("casework", "0033_closing_entered")]
    operations = [
        migrations.AddField(
            "plan", "ended_with_case", models.BooleanField(db_default=False, default=False, editable=False)
        ),
        migrations.RunSQL(KNOWN, migrations.RunSQL.noop),
    ]
