"""Rights of the role that owns nothing, taken back in migrations table by table."""

from django.conf import settings
from django.db import migrations


def grant(*statements: str) -> migrations.RunPython:
    """Runs SQL in which `{role}` stands for the role of web and worker; without that role there is nothing to do."""

    def apply(apps, schema_editor) -> None:
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [settings.DATABASE_APP_ROLE])
            if cursor.fetchone():
                role = schema_editor.quote_name(settings.DATABASE_APP_ROLE)
                for statement in statements:
                    cursor.execute(statement.format(role=role))

    return migrations.RunPython(apply, migrations.RunPython.noop)
