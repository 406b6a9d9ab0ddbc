from django.db import migrations, models


class Migration(migrations.Migration):
    """A draft knows when the page was made in which it was typed; of one that is there already nobody can say."""

    dependencies = [("pik", "0008_forgotten_subjects")]

    operations = [
        migrations.AddField("draft", "opened_at", models.DateTimeField(editable=False, null=True)),
    ]
