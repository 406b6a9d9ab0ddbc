from django.db import migrations

FIRST = """
INSERT INTO casework_responsibility (case_id, manager_id, starts_on)
SELECT id, opened_by_id, '2017-01-01' FROM casework_case
"""


class Migration(migrations.Migration):
    """Whoever answered for a case so far has always done so."""

    dependencies = [("casework", "0009_staffing")]
    operations = [migrations.RunSQL(FIRST, "DELETE FROM casework_responsibility")]
