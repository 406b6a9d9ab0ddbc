from django.db import migrations, models

import casework.words


class Migration(migrations.Migration):
    """Words of one's own can be read, and the guard looks at none that are too long."""

    dependencies = [("casework", "0047_steps_within_case")]
    operations = [
        migrations.AlterField(
            "goal",
            "words",
            models.CharField(max_length=280, validators=[casework.words.Words(280)], verbose_name="goal"),
        ),
        migrations.AlterField(
            "step",
            "words",
            models.CharField(max_length=280, validators=[casework.words.Words(280)], verbose_name="step"),
        ),
        migrations.AlterField(
            "contacttemplate",
            "name",
            models.CharField(max_length=40, validators=[casework.words.Words(40)], verbose_name="name"),
        ),
    ]
