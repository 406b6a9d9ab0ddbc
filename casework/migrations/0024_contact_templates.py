import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Templates of entries that managers name."""

    dependencies = [
        ("casework", "0023_case_file_stays_whole"),
    ]

    operations = [
        migrations.CreateModel(
            name="ContactTemplate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=40, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("counselling", "Counselling"),
                            ("accompaniment", "Accompaniment"),
                            ("home_visit", "Home visit"),
                            ("crisis", "Crisis support"),
                            ("coordination", "Coordination with services"),
                        ],
                        max_length=15,
                        verbose_name="kind",
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("office", "In the office"),
                            ("outreach", "On site"),
                            ("phone", "By phone"),
                            ("video", "By video"),
                            ("written", "In writing"),
                        ],
                        max_length=10,
                        verbose_name="channel",
                    ),
                ),
                (
                    "minutes",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(600),
                        ],
                        verbose_name="duration",
                    ),
                ),
                (
                    "topics",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(), size=None, verbose_name="topics"
                    ),
                ),
                (
                    "mediation",
                    models.CharField(
                        choices=[
                            ("none", "not needed"),
                            ("staff", "by staff"),
                            ("interpreter", "interpreter on site"),
                            ("remote", "interpreter by phone or video"),
                            ("lay", "relatives or volunteers"),
                            ("digital", "translation app"),
                        ],
                        max_length=15,
                        verbose_name="language mediation",
                    ),
                ),
                (
                    "manager",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contact_templates",
                        to="casework.manager",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("manager", "name"),
                        name="contact_template_named_once",
                        violation_error_message="You have a template of this name already. Choose another name.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="contact_template_has_name"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("minutes__gte", 1), ("minutes__lte", 600)),
                        name="contact_template_minutes_in_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["counselling", "accompaniment", "home_visit", "crisis", "coordination"])
                        ),
                        name="contact_template_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("channel__in", ["office", "outreach", "phone", "video", "written"])),
                        name="contact_template_channel_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("mediation__in", ["none", "staff", "interpreter", "remote", "lay", "digital"])
                        ),
                        name="contact_template_mediation_known",
                    ),
                ],
            },
        ),
    ]
