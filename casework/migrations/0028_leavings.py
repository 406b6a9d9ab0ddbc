import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """What a leaving ended, kept until it is taken back or its day has passed."""

    dependencies = [
        ("casework", "0027_templates_in_own_order"),
        ("pik", "0007_drafts_end_by_their_own_time"),
    ]

    operations = [
        migrations.CreateModel(
            name="Leaving",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("last_day", models.DateField()),
                (
                    "manager",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="leaving", to="casework.manager"
                    ),
                ),
                (
                    "moved_to",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="pik.membership",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LeavingEffect",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("booking", "Booking"),
                            ("absence", "Absence"),
                            ("deputy", "Deputy"),
                            ("stands_in", "Stands In"),
                        ],
                        max_length=9,
                    ),
                ),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField(blank=True, null=True)),
                ("fte", models.DecimalField(blank=True, decimal_places=2, max_digits=3, null=True)),
                ("absence_kind", models.CharField(blank=True, max_length=10)),
                (
                    "colleague",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="casework.manager",
                    ),
                ),
                (
                    "leaving",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="effects", to="casework.leaving"
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="casework.post",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["booking", "absence", "deputy", "stands_in"])),
                        name="leaving_effect_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("absence_kind__in", ["parental", "illness", "other", ""])),
                        name="leaving_effect_absence_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("fte__isnull", False), ("kind", "booking"), ("post__isnull", False)),
                            models.Q(("kind", "absence"), models.Q(("absence_kind", ""), _negated=True)),
                            models.Q(("colleague__isnull", False), ("kind__in", ["deputy", "stands_in"])),
                            _connector="OR",
                        ),
                        name="leaving_effect_names_what_it_was",
                    ),
                ],
            },
        ),
    ]
