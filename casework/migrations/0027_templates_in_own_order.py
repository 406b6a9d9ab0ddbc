from django.db import migrations, models

# As they stood until now.
BY_NAME = """
UPDATE casework_contacttemplate t SET position = o.position
FROM (
    SELECT id, row_number() OVER (PARTITION BY manager_id ORDER BY name, id) - 1 AS position
    FROM casework_contacttemplate
) o
WHERE o.id = t.id
"""


class Migration(migrations.Migration):
    """Templates stand in the order that their manager gave them."""

    dependencies = [("casework", "0026_guarded_words")]

    operations = [
        migrations.AddField("contacttemplate", "position", models.PositiveSmallIntegerField(default=0, editable=False)),
        migrations.RunSQL(BY_NAME, migrations.RunSQL.noop),
    ]
