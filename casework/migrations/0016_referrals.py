import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

TODAY = "(now() AT TIME ZONE 'Europe/Berlin')::date"
DAYS = f"""
ALTER TABLE casework_referral
    ADD CONSTRAINT referral_not_in_future CHECK (referred_on <= {TODAY}),
    ADD CONSTRAINT referral_outcome_not_in_future CHECK (outcome_on IS NULL OR outcome_on <= {TODAY});
"""
DROP_DAYS = """
ALTER TABLE casework_referral DROP CONSTRAINT referral_not_in_future, DROP CONSTRAINT referral_outcome_not_in_future;
"""
FROM_CONTACTS = """
INSERT INTO casework_referral (case_id, contact_id, manager_id, organisation_id, municipality_id, target_id,
    referred_on, ask_on, outcome)
SELECT case_id, id, manager_id, organisation_id, municipality_id, referral_target_id, date, date + 28, ''
FROM casework_contact WHERE referral_target_id IS NOT NULL
"""


class Migration(migrations.Migration):
    """Referrals with their outcome; those that contacts name already are asked about from now on."""

    dependencies = [
        ("casework", "0015_post_reference_once"),
        ("pik", "0004_access_review_rights"),
    ]

    operations = [
        migrations.CreateModel(
            name="Referral",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("referred_on", models.DateField(verbose_name="referred on")),
                ("ask_on", models.DateField(null=True, verbose_name="ask on")),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("arrived", "arrived"),
                            ("waiting", "waiting list"),
                            ("not_arrived", "not arrived"),
                            ("declined", "declined by the service"),
                            ("not_needed", "no longer needed"),
                        ],
                        max_length=12,
                        verbose_name="outcome",
                    ),
                ),
                ("outcome_on", models.DateField(null=True, verbose_name="outcome known on")),
            ],
        ),
        migrations.AddField(
            model_name="monthlyfigure",
            name="referrals_arrived",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="monthlyfigure",
            name="referrals_made",
            field=models.PositiveIntegerField(default=0),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contact",
            trigger=pgtrigger.compiler.Trigger(
                name="referral_goes_with_contact",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="DELETE FROM casework_referral f USING old_rows o WHERE f.contact_id = o.id; RETURN NULL;",
                    hash="5613eb54295a15d40ee43e579b307009b93a9b0c",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_referral_goes_with_contact_9bdbb",
                    referencing="REFERENCING OLD TABLE AS old_rows ",
                    table="casework_contact",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="referral",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.RESTRICT, related_name="referrals", to="casework.case"
            ),
        ),
        migrations.AddField(
            model_name="referral",
            name="contact",
            field=models.OneToOneField(
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="referral",
                to="casework.contact",
            ),
        ),
        migrations.AddField(
            model_name="referral",
            name="manager",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="casework.manager"
            ),
        ),
        migrations.AddField(
            model_name="referral",
            name="municipality",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="pik.municipality"
            ),
        ),
        migrations.AddField(
            model_name="referral",
            name="organisation",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="pik.organisation"
            ),
        ),
        migrations.AddField(
            model_name="referral",
            name="target",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="+",
                to="casework.referraltarget",
                verbose_name="referral to",
            ),
        ),
        migrations.AddIndex(
            model_name="referral",
            index=models.Index(fields=["manager", "referred_on"], name="referral_manager_day"),
        ),
        migrations.AddIndex(
            model_name="referral",
            index=models.Index(
                condition=models.Q(("outcome__in", ("", "waiting"))),
                fields=["case", "ask_on"],
                name="referral_to_ask_about",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("outcome__in", ["arrived", "waiting", "not_arrived", "declined", "not_needed", ""])
                ),
                name="referral_outcome_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ask_on__isnull", False), ("outcome__in", ("", "waiting"))),
                    models.Q(models.Q(("outcome__in", ("", "waiting")), _negated=True), ("ask_on__isnull", True)),
                    _connector="OR",
                ),
                name="referral_asked_about_until_decided",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", ""), ("outcome_on__isnull", True)),
                    models.Q(models.Q(("outcome", ""), _negated=True), ("outcome_on__isnull", False)),
                    _connector="OR",
                ),
                name="referral_outcome_has_a_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("outcome_on__isnull", True), ("outcome_on__gte", models.F("referred_on")), _connector="OR"
                ),
                name="referral_outcome_after_referral",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.CheckConstraint(
                condition=models.Q(("ask_on__isnull", True), ("ask_on__gte", models.F("referred_on")), _connector="OR"),
                name="referral_asked_about_later",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="referral",
            trigger=pgtrigger.compiler.Trigger(
                name="figures_after_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="INSERT INTO casework_figurechange (manager_id, first_month, last_month) SELECT DISTINCT r.manager_id, date_trunc('month', r.referred_on)::date, date_trunc('month', r.referred_on)::date FROM new_rows r; RETURN NULL;",
                    hash="945f2eec43eb27956768e1aad8859610c9883a12",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_figures_after_insert_1086b",
                    referencing="REFERENCING NEW TABLE AS new_rows ",
                    table="casework_referral",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="referral",
            trigger=pgtrigger.compiler.Trigger(
                name="figures_after_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="INSERT INTO casework_figurechange (manager_id, first_month, last_month) SELECT DISTINCT r.manager_id, date_trunc('month', r.referred_on)::date, date_trunc('month', r.referred_on)::date FROM old_rows r; RETURN NULL;",
                    hash="721344dd2028badd3592cddd652f0e8d70e0f7b0",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_figures_after_delete_7cd2c",
                    referencing="REFERENCING OLD TABLE AS old_rows ",
                    table="casework_referral",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="referral",
            trigger=pgtrigger.compiler.Trigger(
                name="figures_after_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="INSERT INTO casework_figurechange (manager_id, first_month, last_month) SELECT DISTINCT r.manager_id, date_trunc('month', r.referred_on)::date, date_trunc('month', r.referred_on)::date FROM (SELECT o.* FROM old_rows o JOIN new_rows n USING (id) WHERE ROW(o.manager_id, o.organisation_id, o.municipality_id, o.case_id, o.referred_on, o.outcome) IS DISTINCT FROM ROW(n.manager_id, n.organisation_id, n.municipality_id, n.case_id, n.referred_on, n.outcome) UNION ALL SELECT n.* FROM old_rows o JOIN new_rows n USING (id) WHERE ROW(o.manager_id, o.organisation_id, o.municipality_id, o.case_id, o.referred_on, o.outcome) IS DISTINCT FROM ROW(n.manager_id, n.organisation_id, n.municipality_id, n.case_id, n.referred_on, n.outcome)) r; RETURN NULL;",
                    hash="a3088be29eb688b9be21fee4ad8381bd011cbb78",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_figures_after_update_30927",
                    referencing="REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ",
                    table="casework_referral",
                    when="AFTER",
                ),
            ),
        ),
        migrations.RunSQL(DAYS, DROP_DAYS),
        migrations.RunSQL(FROM_CONTACTS, migrations.RunSQL.noop),
    ]
