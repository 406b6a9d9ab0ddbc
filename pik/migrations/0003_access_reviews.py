import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Access reviews of an organisation and quarter, with a line for every access."""

    dependencies = [("pik", "0002_append_only_rights")]

    operations = [
        migrations.CreateModel(
            name="AccessReview",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("quarter", models.DateField(verbose_name="quarter")),
                ("due_on", models.DateField(verbose_name="due on")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("mail_due_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("mail_sent_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("reminder_sent_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="pik.organisation"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AccessLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "decision",
                    models.CharField(
                        blank=True, choices=[("confirmed", "confirmed"), ("ended", "ended")], max_length=10
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="pik.membership"
                    ),
                ),
                (
                    "review",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="lines",
                        to="pik.accessreview",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="accessreview",
            constraint=models.UniqueConstraint(fields=("organisation", "quarter"), name="access_review_once_a_quarter"),
        ),
        migrations.AddConstraint(
            model_name="accessreview",
            constraint=models.CheckConstraint(
                condition=models.Q(("quarter__day", 1), ("quarter__month__in", [1, 4, 7, 10])),
                name="access_review_quarter_is_first_day",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="accessreview",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_reviews",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="f4d6251f79b8aec8550eefc76ea4d2f1caadd7d6",
                    operation="DELETE",
                    pgid="pgtrigger_keep_reviews_dc8b1",
                    table="pik_accessreview",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="accessreview",
            trigger=pgtrigger.compiler.Trigger(
                name="freeze_reviews",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."due_on" IS DISTINCT FROM (NEW."due_on") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."organisation_id" IS DISTINCT FROM (NEW."organisation_id") OR OLD."quarter" IS DISTINCT FROM (NEW."quarter"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="91e16cf7e017ee527f11d04cc9f62cde66d05b0e",
                    operation="UPDATE",
                    pgid="pgtrigger_freeze_reviews_d25ba",
                    table="pik_accessreview",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="accessline",
            constraint=models.UniqueConstraint(fields=("review", "membership"), name="access_line_once_a_review"),
        ),
        migrations.AddConstraint(
            model_name="accessline",
            constraint=models.CheckConstraint(
                condition=models.Q(("decision__in", ["", "confirmed", "ended"])), name="access_line_decision_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="accessline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at__isnull", True), ("decided_by__isnull", True), ("decision", "")),
                    models.Q(
                        models.Q(("decision", ""), _negated=True),
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="access_line_decided_by_whom_and_when",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="accessline",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_lines",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="96761fae0b7bbb4067fc83796bfcc66395ad38f0",
                    operation="DELETE",
                    pgid="pgtrigger_keep_lines_e2295",
                    table="pik_accessline",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="accessline",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_whose_line",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."review_id" IS DISTINCT FROM (NEW."review_id") OR OLD."membership_id" IS DISTINCT FROM (NEW."membership_id"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="283bce5da5121abde6bbe0e9048626dbc99eb6d9",
                    operation="UPDATE",
                    pgid="pgtrigger_keep_whose_line_1e446",
                    table="pik_accessline",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="accessline",
            trigger=pgtrigger.compiler.Trigger(
                name="freeze_decisions",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NOT (OLD.\"decision\" = ''))",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="fb3b9eddbbf9c32843c5259424886a97842d4330",
                    operation="UPDATE",
                    pgid="pgtrigger_freeze_decisions_0eb85",
                    table="pik_accessline",
                    when="BEFORE",
                ),
            ),
        ),
    ]
