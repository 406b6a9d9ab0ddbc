from django.db import migrations, models

MODELS = ("referral", "languagecourse", "screeningday", "romasupport", "queersupport", "groupoffer")


class Migration(migrations.Migration):
    """Count records and the outcomes of referrals count their changes."""

    dependencies = [("casework", "0035_entered_once")]

    operations = [
        migrations.AddField(model, "version", models.PositiveIntegerField(db_default=1, default=1, editable=False))
        for model in MODELS
    ]
