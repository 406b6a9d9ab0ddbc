from django.db import migrations, models


class Migration(migrations.Migration):
    """A reason for closing in better English; the words of a choice are part of its field."""

    dependencies = [("casework", "0049_course_has_participants")]
    operations = [
        migrations.AlterField(
            "case",
            "closing_reason",
            models.CharField(
                blank=True,
                choices=[
                    ("self_reliant", "finds their own way in the regular services"),
                    ("time_limit", "end of the funding period"),
                    ("moved", "moved away"),
                    ("withdrawn", "consent withdrawn or contact ended"),
                    ("training", "transition into vocational training"),
                    ("work", "transition into work"),
                    ("school", "transition into further schooling"),
                    ("other", "other reason"),
                ],
                max_length=20,
                verbose_name="reason",
            ),
        ),
    ]
