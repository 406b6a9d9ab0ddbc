import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """What is typed waits on the server until it is saved."""

    dependencies = [("pik", "0005_proof_read")]

    operations = [
        migrations.CreateModel(
            name="Draft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("form", models.CharField(max_length=40)),
                ("data", models.JSONField()),
                ("saved_at", models.DateTimeField(db_index=True, default=django.utils.timezone.now, editable=False)),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="pik.membership"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("membership", "form"), name="draft_once_a_form"),
                    models.CheckConstraint(
                        condition=models.Q(("form__regex", "^[a-z0-9-]{1,40}$")), name="draft_form_shape"
                    ),
                ],
            },
        ),
    ]
