import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

# A case is offered by who works for its organisation, and taken by who works for the one it was offered to.
PAIRS = """
ALTER TABLE casework_transfer
    ADD CONSTRAINT transfer_offered_by_own_manager FOREIGN KEY (offered_by_id, organisation_id)
        REFERENCES casework_manager (id, organisation_id),
    ADD CONSTRAINT transfer_accepted_where_it_was_offered FOREIGN KEY (manager_id, receiver_id)
        REFERENCES casework_manager (id, organisation_id);
ALTER TABLE casework_relocation
    ADD CONSTRAINT relocation_not_in_future CHECK (starts_on <= (now() AT TIME ZONE 'Europe/Berlin')::date);
"""
DROP_PAIRS = """
ALTER TABLE casework_transfer
    DROP CONSTRAINT transfer_offered_by_own_manager, DROP CONSTRAINT transfer_accepted_where_it_was_offered;
ALTER TABLE casework_relocation DROP CONSTRAINT relocation_not_in_future;
"""


class Migration(migrations.Migration):
    """Cases move to other places and go to other organisations; what was before stays as it was."""

    dependencies = [
        ("casework", "0016_referrals"),
        ("pik", "0004_access_review_rights"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Transfer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("moved", "moved to another municipality"),
                            ("responsibility", "another body answers for it"),
                            ("support", "fitting support is there"),
                            ("other", "other reason"),
                        ],
                        max_length=15,
                        verbose_name="reason",
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="from")),
                ("offered_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("offered", "waiting"),
                            ("accepted", "accepted"),
                            ("declined", "declined"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="offered",
                        editable=False,
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "decline_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("no_capacity", "no free capacity"),
                            ("not_responsible", "we do not answer for it"),
                            ("not_arrived", "the person did not come to us"),
                            ("other", "other reason"),
                        ],
                        max_length=15,
                        verbose_name="reason",
                    ),
                ),
                ("decided_at", models.DateTimeField(editable=False, null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT, related_name="transfers", to="casework.case"
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "manager",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="casework.manager",
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="pik.municipality",
                        verbose_name="municipality",
                    ),
                ),
                (
                    "offered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="casework.manager"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="pik.organisation",
                    ),
                ),
                (
                    "receiver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="pik.organisation",
                        verbose_name="organisation",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Relocation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starts_on", models.DateField()),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="relocations",
                        to="casework.case",
                    ),
                ),
                (
                    "left",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="pik.municipality",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("case", "starts_on"), name="relocation_once_a_day")],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="relocation",
            trigger=pgtrigger.compiler.Trigger(
                name="figures_after_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="INSERT INTO casework_figurechange (manager_id, first_month, last_month) SELECT DISTINCT p.manager_id, date_trunc('month', k.opened_on)::date, date_trunc('month', coalesce(k.closed_on, greatest(current_date, k.opened_on)))::date FROM new_rows r JOIN casework_case k ON k.id = r.case_id JOIN casework_responsibility p ON p.case_id = r.case_id; RETURN NULL;",
                    hash="456164b936a6a80f88585cb38b54cbca47f260aa",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_figures_after_insert_6eb01",
                    referencing="REFERENCING NEW TABLE AS new_rows ",
                    table="casework_relocation",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="relocation",
            trigger=pgtrigger.compiler.Trigger(
                name="figures_after_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="INSERT INTO casework_figurechange (manager_id, first_month, last_month) SELECT DISTINCT p.manager_id, date_trunc('month', k.opened_on)::date, date_trunc('month', coalesce(k.closed_on, greatest(current_date, k.opened_on)))::date FROM old_rows r JOIN casework_case k ON k.id = r.case_id JOIN casework_responsibility p ON p.case_id = r.case_id; RETURN NULL;",
                    hash="eb912f3d8750861477d857c947821d05c1618ad7",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_figures_after_delete_1fe04",
                    referencing="REFERENCING OLD TABLE AS old_rows ",
                    table="casework_relocation",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="relocation",
            trigger=pgtrigger.compiler.Trigger(
                name="figures_after_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="INSERT INTO casework_figurechange (manager_id, first_month, last_month) SELECT DISTINCT p.manager_id, date_trunc('month', k.opened_on)::date, date_trunc('month', coalesce(k.closed_on, greatest(current_date, k.opened_on)))::date FROM (SELECT o.* FROM old_rows o JOIN new_rows n USING (id) WHERE ROW(o.case_id, o.left_id, o.starts_on) IS DISTINCT FROM ROW(n.case_id, n.left_id, n.starts_on) UNION ALL SELECT n.* FROM old_rows o JOIN new_rows n USING (id) WHERE ROW(o.case_id, o.left_id, o.starts_on) IS DISTINCT FROM ROW(n.case_id, n.left_id, n.starts_on)) r JOIN casework_case k ON k.id = r.case_id JOIN casework_responsibility p ON p.case_id = r.case_id; RETURN NULL;",
                    hash="52ab99a4ae15df389e4c1463120ec1a8810f436a",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_figures_after_update_2e885",
                    referencing="REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ",
                    table="casework_relocation",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["offered", "accepted", "declined", "withdrawn"])),
                name="transfer_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason__in", ["moved", "responsibility", "support", "other"])),
                name="transfer_reason_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decline_reason__in", ["no_capacity", "not_responsible", "not_arrived", "other", ""])
                ),
                name="transfer_decline_reason_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "offered")), fields=("case",), name="transfer_one_offer_a_case"
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(("receiver", models.F("organisation")), _negated=True), name="transfer_to_another"
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at__isnull", True), ("decided_by__isnull", True), ("state", "offered")),
                    models.Q(models.Q(("state", "offered"), _negated=True), ("decided_at__isnull", False)),
                    _connector="OR",
                ),
                name="transfer_decided_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("manager__isnull", False), ("state", "accepted")),
                    models.Q(models.Q(("state", "accepted"), _negated=True), ("manager__isnull", True)),
                    _connector="OR",
                ),
                name="transfer_accepted_by_a_manager",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "declined"), models.Q(("decline_reason", ""), _negated=True)),
                    models.Q(models.Q(("state", "declined"), _negated=True), ("decline_reason", "")),
                    _connector="OR",
                ),
                name="transfer_declined_with_reason",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="transfer",
            trigger=pgtrigger.compiler.Trigger(
                name="freeze_decided_transfers",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.\"state\" IN ('accepted', 'declined', 'withdrawn'))",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="7d4a60f48c780987100bbacccf3f68e187e8e635",
                    operation="UPDATE",
                    pgid="pgtrigger_freeze_decided_transfers_da4ac",
                    table="casework_transfer",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(PAIRS, DROP_PAIRS),
    ]
