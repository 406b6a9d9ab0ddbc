from django.db import migrations

from pik.grants import grant


class Migration(migrations.Migration):
    """Of an access review web and worker may only mark the mails, of a line only decide; triggers freeze the rest."""

    dependencies = [("pik", "0003_access_reviews")]
    operations = [
        grant(
            "REVOKE UPDATE, DELETE ON pik_accessreview, pik_accessline FROM {role}",
            "GRANT UPDATE (mail_due_at, mail_sent_at, reminder_sent_at) ON pik_accessreview TO {role}",
            "GRANT UPDATE (decision, decided_by_id, decided_at) ON pik_accessline TO {role}",
        ),
    ]
