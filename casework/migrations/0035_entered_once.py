import uuid

import django.contrib.postgres.functions
from django.db import migrations, models

CONSTRAINTS = {
    "case": "case_entry_once",
    "goal": "goal_entry_once",
    "referral": "referral_entry_once",
    "languagecourse": "course_entry_once",
    "screeningday": "screening_entry_once",
    "romasupport": "roma_support_entry_once",
    "queersupport": "queer_support_entry_once",
    "groupoffer": "group_offer_entry_once",
}


def _key() -> models.UUIDField:
    random = django.contrib.postgres.functions.RandomUUID()
    return models.UUIDField(db_default=random, default=uuid.uuid4, editable=False)


class Migration(migrations.Migration):
    """A form for a new row that is sent twice makes one row; the database gives rows in bulk a key each."""

    dependencies = [("casework", "0034_plan_ended_with_case")]

    operations = [
        *(migrations.AddField(model_name=model, name="entry_key", field=_key()) for model in CONSTRAINTS),
        *(
            migrations.AddConstraint(model, models.UniqueConstraint(fields=["entry_key"], name=name))
            for model, name in CONSTRAINTS.items()
        ),
    ]
