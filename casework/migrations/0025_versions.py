from django.db import migrations, models

VERSION = models.PositiveIntegerField(db_default=1, default=1, editable=False)


class Migration(migrations.Migration):
    """Cases and contacts count their changes."""

    dependencies = [("casework", "0024_contact_templates")]

    operations = [
        migrations.AddField("case", "version", VERSION),
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.AddField("contact", "version", VERSION.clone())],
            database_operations=[
                # Without a check: it would read every row of every month.
                migrations.RunSQL(
                    "ALTER TABLE casework_contact ADD COLUMN version integer NOT NULL DEFAULT 1",
                    "ALTER TABLE casework_contact DROP COLUMN version",
                ),
            ],
        ),
    ]
