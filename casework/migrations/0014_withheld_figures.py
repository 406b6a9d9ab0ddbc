import django.db.models.deletion
from django.db import migrations, models

# The worker makes the sums held back together with the figures: it is asked for all of them.
ASK_FOR_ALL = """
INSERT INTO casework_figurechange (manager_id, first_month, last_month)
SELECT manager_id, min(month), max(month) FROM casework_monthlyfigure GROUP BY manager_id
"""


class Migration(migrations.Migration):
    """Sums of a month that would tell what one or two people did."""

    dependencies = [("casework", "0013_manager_stays"), ("pik", "0004_access_review_rights")]
    operations = [
        migrations.CreateModel(
            name="WithheldFigure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "audience",
                    models.CharField(choices=[("state", "State"), ("district", "District")], max_length=10),
                ),
                ("work", models.CharField(choices=[("contacts", "Contacts"), ("cases", "Cases")], max_length=10)),
                ("month", models.DateField()),
                ("few", models.BooleanField()),
                (
                    "district",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="pik.district",
                    ),
                ),
                (
                    "measure",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="pik.measure",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="pik.organisation",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("month", "audience", "work", "measure", "district", "organisation"),
                        name="withheld_once",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(condition=models.Q(("month__day", 1)), name="withheld_month_is_first_day"),
                    models.CheckConstraint(
                        condition=models.Q(("audience__in", ["state", "district"])), name="withheld_audience_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("work__in", ["contacts", "cases"])), name="withheld_work_known"
                    ),
                ],
            },
        ),
        migrations.RunSQL(ASK_FOR_ALL, migrations.RunSQL.noop),
    ]
