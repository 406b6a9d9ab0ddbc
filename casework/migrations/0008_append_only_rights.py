from django.db import migrations

from pik.grants import grant


class Migration(migrations.Migration):
    """Of a summary web and worker may only mark that a newer version is in force."""

    dependencies = [("casework", "0007_partitions_take_strays")]
    operations = [
        grant(
            "REVOKE UPDATE, DELETE ON casework_monthlysummary FROM {role}",
            "GRANT UPDATE (superseded) ON casework_monthlysummary TO {role}",
        ),
    ]
