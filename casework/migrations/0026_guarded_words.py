from django.db import migrations, models

import casework.guard


class Migration(migrations.Migration):
    """What managers write in words of their own passes the guard."""

    dependencies = [("casework", "0025_versions")]
    operations = [
        migrations.AlterField(
            "goal",
            "words",
            models.CharField(max_length=280, validators=[casework.guard.no_personal_data], verbose_name="goal"),
        ),
        migrations.AlterField(
            "step",
            "words",
            models.CharField(max_length=280, validators=[casework.guard.no_personal_data], verbose_name="step"),
        ),
        migrations.AlterField(
            "contacttemplate",
            "name",
            models.CharField(max_length=40, validators=[casework.guard.no_personal_data], verbose_name="name"),
        ),
    ]
