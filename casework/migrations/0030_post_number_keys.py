from collections import defaultdict
from datetime import date

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
from django.db import migrations, models

from casework.post_numbers import number_key, tidy_number

Row = tuple[int, int, str, date, date | None]


def keys_of(rows: list[Row]) -> dict[int, tuple[str, str]]:
    """Number and key by post, from post, employer, number, first and last day.

    Where posts that stand already have numbers that only look different, the later entered ones keep theirs under a
    key of their own: nobody's staffing plan is changed here, and who saves such a post next is asked for another.
    """
    keys, taken = {}, defaultdict(list)
    for pk, employer, reference, first, last in sorted(rows):
        number = tidy_number(reference)
        key = number_key(number) if number else ""
        others = taken[employer, key]
        if key and any(begin <= (last or date.max) and first <= (end or date.max) for begin, end in others):
            key = f"{key} #{pk}"
        else:
            others.append((first, last))
        keys[pk] = number, key
    return keys


def give_keys(apps, schema_editor) -> None:
    posts = apps.get_model("casework", "Post").objects.exclude(reference="")
    rows = list(posts.values_list("pk", "organisation", "reference", "starts_on", "ends_on"))
    for pk, (number, key) in keys_of(rows).items():
        posts.filter(pk=pk).update(reference=number, reference_key=key)


class Migration(migrations.Migration):
    """Numbers of posts that only look different are the same number."""

    dependencies = [("casework", "0029_post_entered_once")]

    operations = [
        migrations.AddField(
            model_name="post",
            name="reference_key",
            field=models.TextField(blank=True, default="", editable=False),
        ),
        migrations.RemoveConstraint(model_name="post", name="post_reference_once_at_a_time"),
        migrations.RunPython(give_keys, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="post",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("reference_key", ""), _negated=True),
                expressions=[
                    ("organisation", "="),
                    ("reference_key", "="),
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
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reference", ""), ("reference_key", "")),
                    models.Q(
                        models.Q(("reference", ""), _negated=True), models.Q(("reference_key", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="post_reference_has_its_key",
            ),
        ),
    ]
