from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    """Somebody began every course; of courses that are stored already nobody can say who did."""

    dependencies = [("casework", "0048_words_can_be_read")]
    operations = [
        AddConstraintNotValid(
            "languagecourse",
            models.CheckConstraint(condition=models.Q(("participants_begun__gte", 1)), name="course_has_participants"),
        ),
    ]
