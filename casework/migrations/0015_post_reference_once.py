import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
from django.db import migrations, models


class Migration(migrations.Migration):
    """Two posts of an employer do not have the same number at the same time."""

    dependencies = [("casework", "0014_withheld_figures")]

    operations = [
        migrations.AddConstraint(
            model_name="post",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("reference", ""), _negated=True),
                expressions=[
                    ("organisation", "="),
                    ("reference", "="),
                    (
                        models.Func(
                            models.F("starts_on"),
                            models.F("ends_on"),
                            django.contrib.postgres.fields.ranges.RangeBoundary(
                                inclusive_lower=True, inclusive_upper=True
                            ),
                            function="daterange",
                            output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                        ),
                        "&&",
                    ),
                ],
                name="post_reference_once_at_a_time",
                violation_error_message="Another post has this number in that time.",
            ),
        ),
    ]
