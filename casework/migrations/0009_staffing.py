from decimal import Decimal

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Posts without people, absences, deputies, hand-overs, plans, rates; who answers for a case has a history."""

    dependencies = [
        ("casework", "0008_append_only_rights"),
        ("pik", "0002_append_only_rights"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Absence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("parental", "Parental leave"),
                            ("illness", "Long illness"),
                            ("other", "Other interruption of pay"),
                        ],
                        max_length=10,
                        verbose_name="reason",
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="from")),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="to")),
            ],
        ),
        migrations.CreateModel(
            name="Deputyship",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starts_on", models.DateField(verbose_name="from")),
                ("ends_on", models.DateField(verbose_name="to")),
            ],
        ),
        migrations.CreateModel(
            name="FundingRate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "qualification",
                    models.CharField(
                        choices=[
                            ("a", "(a) degree in a listed social subject"),
                            ("b", "(b) other suitable degree"),
                            ("c", "(c) vocational training with a suitable additional qualification"),
                        ],
                        max_length=1,
                        verbose_name="qualification",
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=2, max_digits=14, verbose_name="amount a year")),
                ("starts_on", models.DateField(verbose_name="from")),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="to")),
                ("source", models.CharField(max_length=200, verbose_name="source")),
            ],
        ),
        migrations.CreateModel(
            name="Handover",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("leaving", "leaves the organisation"),
                            ("absence", "is absent"),
                            ("balance", "work is shared out anew"),
                        ],
                        max_length=10,
                        verbose_name="reason",
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="from")),
                ("decided_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
        ),
        migrations.CreateModel(
            name="HandoverShare",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("cases", models.PositiveIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Plan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starts_on", models.DateField(verbose_name="agreed on")),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="ended on")),
            ],
        ),
        migrations.CreateModel(
            name="Responsibility",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starts_on", models.DateField()),
            ],
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="case",
            name="figures_after_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="case",
            name="figures_after_delete",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="case",
            name="figures_after_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="monthlysummary",
            name="freeze_summaries",
        ),
        migrations.RemoveIndex(
            model_name="case",
            name="case_of_manager_by_use",
        ),
        migrations.RenameField(model_name="case", old_name="manager", new_name="opened_by"),
        migrations.AddField(
            model_name="assignment",
            name="booked_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False),
        ),
        migrations.AddField(
            model_name="assignment",
            name="booked_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="case",
            name="opened_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="casework.manager"
            ),
        ),
        migrations.AddField(
            model_name="manager",
            name="qualification",
            field=models.CharField(
                blank=True,
                choices=[
                    ("a", "(a) degree in a listed social subject"),
                    ("b", "(b) other suitable degree"),
                    ("c", "(c) vocational training with a suitable additional qualification"),
                ],
                max_length=1,
                verbose_name="qualification",
            ),
        ),
        migrations.AddField(
            model_name="manager",
            name="qualification_proven_on",
            field=models.DateField(blank=True, null=True, verbose_name="evidence of"),
        ),
        migrations.AddField(
            model_name="manager",
            name="successor",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="predecessors",
                to="casework.manager",
            ),
        ),
        migrations.AddField(
            model_name="monthlyfigure",
            name="plans_active",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="monthlyfigure",
            name="plans_ended",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="monthlyfigure",
            name="plans_new",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="monthlysummary",
            name="plans_active",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="monthlysummary",
            name="plans_continued",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="monthlysummary",
            name="plans_new",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="post",
            name="reference",
            field=models.CharField(blank=True, max_length=30, verbose_name="number in your staffing plan"),
        ),
        migrations.AddField(
            model_name="post",
            name="required_qualification",
            field=models.CharField(
                blank=True,
                choices=[
                    ("a", "(a) degree in a listed social subject"),
                    ("b", "(b) other suitable degree"),
                    ("c", "(c) vocational training with a suitable additional qualification"),
                ],
                max_length=1,
                verbose_name="required qualification",
            ),
        ),
        migrations.AlterField(
            model_name="assignment",
            name="fte",
            field=models.DecimalField(
                decimal_places=2,
                max_digits=3,
                validators=[
                    django.core.validators.MinValueValidator(Decimal("0.25")),
                    django.core.validators.MaxValueValidator(Decimal("1.00")),
                ],
                verbose_name="full-time equivalents",
            ),
        ),
        migrations.AlterField(
            model_name="manager",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.RESTRICT, related_name="managers", to=settings.AUTH_USER_MODEL
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="case",
            trigger=pgtrigger.compiler.Trigger(
                name="figures_after_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="INSERT INTO casework_figurechange (manager_id, first_month, last_month) SELECT DISTINCT p.manager_id, date_trunc('month', r.opened_on)::date, date_trunc('month', coalesce(r.closed_on, greatest(current_date, r.opened_on)))::date FROM new_rows r JOIN casework_responsibility p ON p.case_id = r.id; RETURN NULL;",
                    hash="d540105ce4684cfe69714674fe30acb104eb6378",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_figures_after_insert_626a6",
                    referencing="REFERENCING NEW TABLE AS new_rows ",
                    table="casework_case",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="case",
            trigger=pgtrigger.compiler.Trigger(
                name="figures_after_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="INSERT INTO casework_figurechange (manager_id, first_month, last_month) SELECT DISTINCT p.manager_id, date_trunc('month', r.opened_on)::date, date_trunc('month', coalesce(r.closed_on, greatest(current_date, r.opened_on)))::date FROM old_rows r JOIN casework_responsibility p ON p.case_id = r.id; RETURN NULL;",
                    hash="80f868e0dece375b5a6faa90928dece369bc5a83",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_figures_after_delete_64cbb",
                    referencing="REFERENCING OLD TABLE AS old_rows ",
                    table="casework_case",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="case",
            trigger=pgtrigger.compiler.Trigger(
                name="figures_after_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="INSERT INTO casework_figurechange (manager_id, first_month, last_month) SELECT DISTINCT p.manager_id, date_trunc('month', r.opened_on)::date, date_trunc('month', coalesce(r.closed_on, greatest(current_date, r.opened_on)))::date FROM (SELECT o.* FROM old_rows o JOIN new_rows n USING (id) WHERE ROW(o.organisation_id, o.municipality_id, o.measure_id, o.opened_on, o.closed_on) IS DISTINCT FROM ROW(n.organisation_id, n.municipality_id, n.measure_id, n.opened_on, n.closed_on) UNION ALL SELECT n.* FROM old_rows o JOIN new_rows n USING (id) WHERE ROW(o.organisation_id, o.municipality_id, o.measure_id, o.opened_on, o.closed_on) IS DISTINCT FROM ROW(n.organisation_id, n.municipality_id, n.measure_id, n.opened_on, n.closed_on)) r JOIN casework_responsibility p ON p.case_id = r.id; RETURN NULL;",
                    hash="71dcc172cdda246f25b5f733137cc7c1a4473118",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_figures_after_update_43f13",
                    referencing="REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ",
                    table="casework_case",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="monthlysummary",
            trigger=pgtrigger.compiler.Trigger(
                name="freeze_summaries",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."cases_closed" IS DISTINCT FROM (NEW."cases_closed") OR OLD."cases_open" IS DISTINCT FROM (NEW."cases_open") OR OLD."cases_opened" IS DISTINCT FROM (NEW."cases_opened") OR OLD."contacts" IS DISTINCT FROM (NEW."contacts") OR OLD."counts" IS DISTINCT FROM (NEW."counts") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."fte" IS DISTINCT FROM (NEW."fte") OR OLD."heads" IS DISTINCT FROM (NEW."heads") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."inputs_hash" IS DISTINCT FROM (NEW."inputs_hash") OR OLD."measure_id" IS DISTINCT FROM (NEW."measure_id") OR OLD."minutes" IS DISTINCT FROM (NEW."minutes") OR OLD."month" IS DISTINCT FROM (NEW."month") OR OLD."organisation_id" IS DISTINCT FROM (NEW."organisation_id") OR OLD."plans_active" IS DISTINCT FROM (NEW."plans_active") OR OLD."plans_continued" IS DISTINCT FROM (NEW."plans_continued") OR OLD."plans_new" IS DISTINCT FROM (NEW."plans_new") OR OLD."rule_version" IS DISTINCT FROM (NEW."rule_version") OR OLD."version" IS DISTINCT FROM (NEW."version"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="e0fbdee824ce4d40a8e7cd93510cc0e29e8a4ef5",
                    operation="UPDATE",
                    pgid="pgtrigger_freeze_summaries_ee8ce",
                    table="casework_monthlysummary",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="manager",
            constraint=models.UniqueConstraint(
                fields=("user", "organisation"),
                name="manager_once_in_an_organisation",
                violation_error_message="This person is registered in this organisation already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="manager",
            constraint=models.UniqueConstraint(fields=("id", "organisation"), name="manager_id_and_organisation"),
        ),
        migrations.AddConstraint(
            model_name="manager",
            constraint=models.CheckConstraint(
                condition=models.Q(("qualification__in", ["a", "b", "c", ""])), name="manager_qualification_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="manager",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("qualification_proven_on__isnull", True),
                    models.Q(("qualification", ""), _negated=True),
                    _connector="OR",
                ),
                name="manager_evidence_of_a_qualification",
                violation_error_message="Say which qualification the evidence is for.",
            ),
        ),
        migrations.AddConstraint(
            model_name="manager",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("successor__isnull", True), models.Q(("successor", models.F("pk")), _negated=True), _connector="OR"
                ),
                name="manager_succeeded_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(("required_qualification__in", ["a", "b", "c", ""])), name="post_qualification_known"
            ),
        ),
        migrations.AddField(
            model_name="absence",
            name="manager",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.RESTRICT, related_name="absences", to="casework.manager"
            ),
        ),
        migrations.AddField(
            model_name="deputyship",
            name="deputy",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="deputises",
                to="casework.manager",
                verbose_name="deputy",
            ),
        ),
        migrations.AddField(
            model_name="deputyship",
            name="manager",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.RESTRICT, related_name="deputies", to="casework.manager"
            ),
        ),
        migrations.AddField(
            model_name="deputyship",
            name="organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="pik.organisation"
            ),
        ),
        migrations.AddField(
            model_name="fundingrate",
            name="measure",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="pik.measure", verbose_name="measure"
            ),
        ),
        migrations.AddField(
            model_name="handover",
            name="decided_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.RESTRICT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="handover",
            name="manager",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.RESTRICT, related_name="handovers", to="casework.manager"
            ),
        ),
        migrations.AddField(
            model_name="handover",
            name="organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="pik.organisation"
            ),
        ),
        migrations.AddField(
            model_name="handovershare",
            name="handover",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.RESTRICT, related_name="received", to="casework.handover"
            ),
        ),
        migrations.AddField(
            model_name="handovershare",
            name="manager",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="casework.manager"
            ),
        ),
        migrations.AddField(
            model_name="plan",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.RESTRICT, related_name="plans", to="casework.case"
            ),
        ),
        migrations.AddField(
            model_name="responsibility",
            name="case",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="responsibilities",
                to="casework.case",
            ),
        ),
        migrations.AddField(
            model_name="responsibility",
            name="handover",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="responsibilities",
                to="casework.handover",
            ),
        ),
        migrations.AddField(
            model_name="responsibility",
            name="manager",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.RESTRICT, related_name="responsibilities", to="casework.manager"
            ),
        ),
        migrations.AddConstraint(
            model_name="absence",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["parental", "illness", "other"])), name="absence_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="absence",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__isnull", True), ("ends_on__gte", models.F("starts_on")), _connector="OR"),
                name="absence_ends_after_it_starts",
                violation_error_message="The last day lies before the first. Change one of the two dates.",
            ),
        ),
        migrations.AddConstraint(
            model_name="absence",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    ("manager", "="),
                    (
                        models.Func(
                            models.F("starts_on"),
                            models.F("ends_on"),
                            django.contrib.postgres.fields.ranges.RangeBoundary(
                                inclusive_lower=True, inclusive_upper=True
                            ),
                            function="daterange",
                            output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                        ),
                        "&&",
                    ),
                ],
                name="absence_once_at_a_time",
                violation_error_message="There is an absence in that time already. Change that one or choose other days.",
            ),
        ),
        migrations.AddConstraint(
            model_name="deputyship",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__isnull", True), ("ends_on__gte", models.F("starts_on")), _connector="OR"),
                name="deputyship_ends_after_it_starts",
                violation_error_message="The last day lies before the first. Change one of the two dates.",
            ),
        ),
        migrations.AddConstraint(
            model_name="deputyship",
            constraint=models.CheckConstraint(
                condition=models.Q(("deputy", models.F("manager")), _negated=True), name="deputyship_of_another"
            ),
        ),
        migrations.AddConstraint(
            model_name="deputyship",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    ("manager", "="),
                    ("deputy", "="),
                    (
                        models.Func(
                            models.F("starts_on"),
                            models.F("ends_on"),
                            django.contrib.postgres.fields.ranges.RangeBoundary(
                                inclusive_lower=True, inclusive_upper=True
                            ),
                            function="daterange",
                            output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                        ),
                        "&&",
                    ),
                ],
                name="deputyship_once_at_a_time",
                violation_error_message="This colleague is the deputy in that time already. Choose other days.",
            ),
        ),
        migrations.AddConstraint(
            model_name="fundingrate",
            constraint=models.CheckConstraint(
                condition=models.Q(("qualification__in", ["a", "b", "c"])), name="rate_qualification_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="fundingrate",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0), ("amount__lt", 1000000000)), name="rate_amount_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="fundingrate",
            constraint=models.CheckConstraint(
                condition=models.Q(("source", ""), _negated=True), name="rate_has_source"
            ),
        ),
        migrations.AddConstraint(
            model_name="fundingrate",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__isnull", True), ("ends_on__gte", models.F("starts_on")), _connector="OR"),
                name="rate_ends_after_it_starts",
                violation_error_message="The last day lies before the first. Change one of the two dates.",
            ),
        ),
        migrations.AddConstraint(
            model_name="fundingrate",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    ("measure", "="),
                    ("qualification", "="),
                    (
                        models.Func(
                            models.F("starts_on"),
                            models.F("ends_on"),
                            django.contrib.postgres.fields.ranges.RangeBoundary(
                                inclusive_lower=True, inclusive_upper=True
                            ),
                            function="daterange",
                            output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                        ),
                        "&&",
                    ),
                ],
                name="rate_once_at_a_time",
                violation_error_message="There is a rate for this qualification in that time already. Choose another period.",
            ),
        ),
        migrations.AddConstraint(
            model_name="handover",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason__in", ["leaving", "absence", "balance"])), name="handover_reason_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="handovershare",
            constraint=models.UniqueConstraint(fields=("handover", "manager"), name="handover_share_once"),
        ),
        migrations.AddIndex(
            model_name="plan",
            index=models.Index(condition=models.Q(("ends_on__isnull", True)), fields=["case"], name="plan_running"),
        ),
        migrations.AddConstraint(
            model_name="plan",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__isnull", True), ("ends_on__gte", models.F("starts_on")), _connector="OR"),
                name="plan_ends_after_it_starts",
                violation_error_message="The last day lies before the first. Change one of the two dates.",
            ),
        ),
        migrations.AddConstraint(
            model_name="plan",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    ("case", "="),
                    (
                        models.Func(
                            models.F("starts_on"),
                            models.F("ends_on"),
                            django.contrib.postgres.fields.ranges.RangeBoundary(
                                inclusive_lower=True, inclusive_upper=True
                            ),
                            function="daterange",
                            output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                        ),
                        "&&",
                    ),
                ],
                name="plan_once_at_a_time",
                violation_error_message="This case has a plan in that time already. End that one first.",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="plan",
            trigger=pgtrigger.compiler.Trigger(
                name="figures_after_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="INSERT INTO casework_figurechange (manager_id, first_month, last_month) SELECT DISTINCT p.manager_id, date_trunc('month', r.starts_on)::date, date_trunc('month', coalesce(r.ends_on, greatest(current_date, r.starts_on)))::date FROM new_rows r JOIN casework_responsibility p ON p.case_id = r.case_id; RETURN NULL;",
                    hash="3a7ec6ad681fa9ab90519bb231b09ae57b1af130",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_figures_after_insert_7315b",
                    referencing="REFERENCING NEW TABLE AS new_rows ",
                    table="casework_plan",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="plan",
            trigger=pgtrigger.compiler.Trigger(
                name="figures_after_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="INSERT INTO casework_figurechange (manager_id, first_month, last_month) SELECT DISTINCT p.manager_id, date_trunc('month', r.starts_on)::date, date_trunc('month', coalesce(r.ends_on, greatest(current_date, r.starts_on)))::date FROM old_rows r JOIN casework_responsibility p ON p.case_id = r.case_id; RETURN NULL;",
                    hash="3d3375a58206b0a6c6eb63fffb0f9f0a4fb0185c",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_figures_after_delete_cef7c",
                    referencing="REFERENCING OLD TABLE AS old_rows ",
                    table="casework_plan",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="plan",
            trigger=pgtrigger.compiler.Trigger(
                name="figures_after_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="INSERT INTO casework_figurechange (manager_id, first_month, last_month) SELECT DISTINCT p.manager_id, date_trunc('month', r.starts_on)::date, date_trunc('month', coalesce(r.ends_on, greatest(current_date, r.starts_on)))::date FROM (SELECT o.* FROM old_rows o JOIN new_rows n USING (id) WHERE ROW(o.case_id, o.starts_on, o.ends_on) IS DISTINCT FROM ROW(n.case_id, n.starts_on, n.ends_on) UNION ALL SELECT n.* FROM old_rows o JOIN new_rows n USING (id) WHERE ROW(o.case_id, o.starts_on, o.ends_on) IS DISTINCT FROM ROW(n.case_id, n.starts_on, n.ends_on)) r JOIN casework_responsibility p ON p.case_id = r.case_id; RETURN NULL;",
                    hash="804da660f1d6b36163ff8c68b9e0a0af95b5aa61",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_figures_after_update_0cae2",
                    referencing="REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ",
                    table="casework_plan",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="responsibility",
            constraint=models.UniqueConstraint(fields=("case", "starts_on"), name="responsibility_one_a_day"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="responsibility",
            trigger=pgtrigger.compiler.Trigger(
                name="figures_after_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="INSERT INTO casework_figurechange (manager_id, first_month, last_month) SELECT DISTINCT unnest(ARRAY[r.manager_id, p.manager_id]), date_trunc('month', greatest(r.starts_on, k.opened_on))::date, date_trunc('month', coalesce(k.closed_on, greatest(current_date, k.opened_on)))::date FROM new_rows r JOIN casework_case k ON k.id = r.case_id JOIN casework_responsibility p ON p.case_id = r.case_id; RETURN NULL;",
                    hash="4feac128f75dc3982ebdfb3a5f48b5e4f3db73e5",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_figures_after_insert_d7493",
                    referencing="REFERENCING NEW TABLE AS new_rows ",
                    table="casework_responsibility",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="responsibility",
            trigger=pgtrigger.compiler.Trigger(
                name="figures_after_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="INSERT INTO casework_figurechange (manager_id, first_month, last_month) SELECT DISTINCT unnest(ARRAY[r.manager_id, p.manager_id]), date_trunc('month', greatest(r.starts_on, k.opened_on))::date, date_trunc('month', coalesce(k.closed_on, greatest(current_date, k.opened_on)))::date FROM old_rows r JOIN casework_case k ON k.id = r.case_id JOIN casework_responsibility p ON p.case_id = r.case_id; RETURN NULL;",
                    hash="d563b7af12588dc4599f6c61ae09546fa0261b1a",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_figures_after_delete_9d000",
                    referencing="REFERENCING OLD TABLE AS old_rows ",
                    table="casework_responsibility",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="responsibility",
            trigger=pgtrigger.compiler.Trigger(
                name="figures_after_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="INSERT INTO casework_figurechange (manager_id, first_month, last_month) SELECT DISTINCT unnest(ARRAY[r.manager_id, p.manager_id]), date_trunc('month', greatest(r.starts_on, k.opened_on))::date, date_trunc('month', coalesce(k.closed_on, greatest(current_date, k.opened_on)))::date FROM (SELECT o.* FROM old_rows o JOIN new_rows n USING (id) WHERE ROW(o.case_id, o.manager_id, o.starts_on) IS DISTINCT FROM ROW(n.case_id, n.manager_id, n.starts_on) UNION ALL SELECT n.* FROM old_rows o JOIN new_rows n USING (id) WHERE ROW(o.case_id, o.manager_id, o.starts_on) IS DISTINCT FROM ROW(n.case_id, n.manager_id, n.starts_on)) r JOIN casework_case k ON k.id = r.case_id JOIN casework_responsibility p ON p.case_id = r.case_id; RETURN NULL;",
                    hash="b26501f08798cf9efec3caf564ed54bf40e175f3",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_figures_after_update_652cc",
                    referencing="REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ",
                    table="casework_responsibility",
                    when="AFTER",
                ),
            ),
        ),
    ]
