import uuid

import django.contrib.postgres.functions
from django.db import migrations, models


class Migration(migrations.Migration):
    """A form for a new post that is sent twice makes one post; the database gives rows in bulk a key each."""

    dependencies = [("casework", "0028_leavings")]

    operations = [
        migrations.AddField(
            model_name="post",
            name="entry_key",
            field=models.UUIDField(
                db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.UniqueConstraint(fields=["entry_key"], name="post_entry_once"),
        ),
    ]
