import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from pik.grants import grant

# The code of a case that is deleted is taken out of the log by this function alone. It can be called by functions of the
# owner only, who is the only one to write the table that lets the trigger pass; outside of it the table is empty.
FORGET = """
CREATE TABLE pik_forgottensubject (subject varchar(100) PRIMARY KEY, instead varchar(100) NOT NULL);
CREATE INDEX accessrecord_subject ON pik_accessrecord (subject);
CREATE FUNCTION pik_forget_subjects(subjects text[], instead text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
INSERT INTO pik_forgottensubject SELECT * FROM unnest(subjects, instead);
UPDATE pik_accessrecord r SET subject = f.instead
FROM unnest(subjects, instead) f (subject, instead) WHERE r.subject = f.subject;
DELETE FROM pik_forgottensubject;
END $$;
REVOKE ALL ON FUNCTION pik_forget_subjects(text[], text[]) FROM PUBLIC;
"""
DROP = """
DROP FUNCTION pik_forget_subjects(text[], text[]);
DROP INDEX accessrecord_subject;
DROP TABLE pik_forgottensubject;
"""


class Migration(migrations.Migration):
    """The access log forgets the codes of cases that are deleted, and nothing else."""

    dependencies = [
        ("pik", "0007_drafts_end_by_their_own_time"),
    ]

    operations = [
        migrations.RunSQL(FORGET, DROP),
        grant("REVOKE INSERT, UPDATE, DELETE ON pik_forgottensubject FROM {role}"),
        pgtrigger.migrations.RemoveTrigger(
            model_name="accessrecord",
            name="append_only",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="accessrecord",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nIF TG_OP = 'UPDATE' THEN\n  IF to_jsonb(NEW) - 'subject' = to_jsonb(OLD) - 'subject' AND EXISTS (\n      SELECT FROM public.pik_forgottensubject f WHERE f.subject = OLD.subject AND f.instead = NEW.subject) THEN\n    RETURN NEW;\n  END IF;\nEND IF;\nRAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;\n",
                    hash="2fb3c6d4d72fdfebc0574cd47dd969faed333d2f",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_b85af",
                    table="pik_accessrecord",
                    when="BEFORE",
                ),
            ),
        ),
    ]
