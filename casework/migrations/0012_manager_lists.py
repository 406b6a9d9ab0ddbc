import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Lists of people to register wait in the database, between check and decision, for a day at most."""

    dependencies = [
        ("casework", "0011_staffing_rules"),
        ("pik", "0002_append_only_rights"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ManagerList",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uploaded_at", models.DateTimeField(db_index=True, default=django.utils.timezone.now, editable=False)),
                (
                    "kind",
                    models.CharField(choices=[("csv", "CSV"), ("xlsx", "XLSX")], max_length=4, verbose_name="kind"),
                ),
                ("language", models.CharField(max_length=2)),
                ("head", models.JSONField()),
                ("rows", models.JSONField()),
                ("saved_at", models.DateTimeField(blank=True, null=True)),
                ("registered", models.PositiveSmallIntegerField(default=0)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="pik.organisation"
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["csv", "xlsx"])), name="manager_list_kind_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("registered", 0), ("saved_at__isnull", False), _connector="OR"),
                        name="manager_list_registers_when_saved",
                    ),
                ],
            },
        ),
    ]
