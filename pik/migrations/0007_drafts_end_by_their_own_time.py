from datetime import timedelta

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    """A draft knows until when it is kept, and which fields the guard kept out of it."""

    dependencies = [("pik", "0006_drafts")]

    operations = [
        migrations.AddField("draft", "left_out", models.JSONField(default=list)),
        # What people are typing while this runs stays for the two days that it had.
        migrations.AddField(
            "draft",
            "expires_at",
            models.DateTimeField(
                db_index=True, default=lambda: django.utils.timezone.now() + timedelta(days=2), editable=False
            ),
            preserve_default=False,
        ),
        migrations.AlterField(
            "draft", "saved_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)
        ),
    ]
