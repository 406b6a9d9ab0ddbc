import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """What is left of deleted cases, and how many will go when."""

    dependencies = [
        ("casework", "0030_post_number_keys"),
        ("pik", "0008_forgotten_subjects"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ArchivedFigure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField()),
                ("cases_open", models.PositiveIntegerField()),
                ("cases_opened", models.PositiveIntegerField()),
                ("cases_closed", models.PositiveIntegerField()),
                ("plans_new", models.PositiveIntegerField()),
                ("plans_ended", models.PositiveIntegerField()),
                ("plans_active", models.PositiveIntegerField()),
                ("contacts", models.PositiveIntegerField()),
                ("minutes", models.PositiveIntegerField()),
                ("referrals_made", models.PositiveIntegerField()),
                ("referrals_arrived", models.PositiveIntegerField()),
                ("reviews_overdue", models.PositiveIntegerField()),
                ("goals_ended", models.PositiveIntegerField()),
                ("goals_reached", models.PositiveIntegerField()),
                ("reliance_cases", models.PositiveIntegerField()),
                ("reliance_domains", models.PositiveIntegerField()),
                ("reliance_change", models.IntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="RetentionFigure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField()),
                ("cases_ending", models.PositiveIntegerField()),
                ("cases_extended", models.PositiveIntegerField()),
                ("cases_going", models.PositiveIntegerField()),
            ],
        ),
        migrations.AddField(
            model_name="handover",
            name="outlived",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("closed_on__isnull", False)), fields=["closed_on"], name="case_closed"
            ),
        ),
        migrations.AddField(
            model_name="archivedfigure",
            name="manager",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="casework.manager"
            ),
        ),
        migrations.AddField(
            model_name="archivedfigure",
            name="measure",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="pik.measure"
            ),
        ),
        migrations.AddField(
            model_name="archivedfigure",
            name="municipality",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="pik.municipality"
            ),
        ),
        migrations.AddField(
            model_name="archivedfigure",
            name="organisation",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="pik.organisation"
            ),
        ),
        migrations.AddField(
            model_name="retentionfigure",
            name="organisation",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="pik.organisation"
            ),
        ),
        migrations.AddConstraint(
            model_name="archivedfigure",
            constraint=models.UniqueConstraint(
                fields=("manager", "month", "organisation", "municipality", "measure"), name="archived_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="archivedfigure",
            constraint=models.CheckConstraint(
                condition=models.Q(("month__day", 1)), name="archived_month_is_first_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="retentionfigure",
            constraint=models.UniqueConstraint(fields=("organisation", "month"), name="retention_figure_once"),
        ),
        migrations.AddConstraint(
            model_name="retentionfigure",
            constraint=models.CheckConstraint(
                condition=models.Q(("month__day", 1)), name="retention_month_is_first_day"
            ),
        ),
    ]
