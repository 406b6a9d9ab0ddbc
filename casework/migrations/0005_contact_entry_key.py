import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    """An entry that is sent twice is stored once."""

    dependencies = [("casework", "0004_known_words")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddField("contact", "entry_key", models.UUIDField(default=uuid.uuid4, editable=False)),
                migrations.AddConstraint(
                    "contact",
                    models.UniqueConstraint(name="contact_entry_once", fields=["entry_key", "date"]),
                ),
            ],
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE casework_contact ADD COLUMN entry_key uuid NOT NULL DEFAULT gen_random_uuid(), "
                    "ADD CONSTRAINT contact_entry_once UNIQUE (entry_key, date)",
                    "ALTER TABLE casework_contact DROP COLUMN entry_key",
                ),
            ],
        ),
    ]
