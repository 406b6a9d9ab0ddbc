from django.db import migrations

from pik.grants import grant


class Migration(migrations.Migration):
    """Web and worker have no right to change the access log, triggers or not."""

    dependencies = [("pik", "0001_initial")]
    operations = [
        grant("REVOKE UPDATE, DELETE ON pik_accessrecord FROM {role}"),
        grant("REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}"),
    ]
