import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """The access log says whose figures somebody read for the proof of use."""

    dependencies = [
        ("pik", "0004_access_review_rights"),
    ]

    operations = [
        migrations.AddField(
            model_name="accessrecord",
            name="person",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="accessrecord",
            name="action",
            field=models.CharField(
                choices=[("export", "Export"), ("case_read", "Case read"), ("proof_read", "Figures of a person read")],
                max_length=10,
            ),
        ),
    ]
