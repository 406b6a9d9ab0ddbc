import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

DAYS = """
ALTER TABLE casework_groupoffer
    ADD CONSTRAINT group_offer_not_in_future CHECK (date <= (now() AT TIME ZONE 'Europe/Berlin')::date);
"""
DROP_DAYS = "ALTER TABLE casework_groupoffer DROP CONSTRAINT group_offer_not_in_future;"


class Migration(migrations.Migration):
    """Group offers, and numbers that fit together; what was recorded before stays as it is until it is corrected."""

    dependencies = [
        ("casework", "0018_weekly_mails"),
        ("pik", "0004_access_review_rights"),
    ]

    operations = [
        migrations.CreateModel(
            name="GroupOffer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("date", models.DateField(verbose_name="date")),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("information", "information event"),
                            ("workshop", "workshop or training"),
                            ("language_cafe", "language café"),
                            ("meeting", "open meeting"),
                            ("families", "group for parents or families"),
                            ("other", "other group offer"),
                        ],
                        max_length=15,
                        verbose_name="kind",
                    ),
                ),
                (
                    "topics",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(), size=None, verbose_name="topics"
                    ),
                ),
                ("participants", models.PositiveIntegerField(verbose_name="participants")),
                ("minutes", models.PositiveIntegerField(verbose_name="minutes")),
            ],
        ),
        AddConstraintNotValid(
            model_name="languagecourse",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("participants_begun__lte", 500),
                    ("participants_certified__lte", 500),
                    ("participants_finished__lte", 500),
                    ("units__lte", 2000),
                ),
                name="course_numbers_plausible",
            ),
        ),
        AddConstraintNotValid(
            model_name="queersupport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("accompaniments__lte", 100),
                    ("counselling__lte", 100),
                    ("group_meetings__lte", 100),
                    ("persons_trained__lte", 500),
                    ("trainings__lte", 100),
                ),
                name="queer_support_numbers_plausible",
            ),
        ),
        AddConstraintNotValid(
            model_name="queersupport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("counselling__gt", 0),
                    ("accompaniments__gt", 0),
                    ("group_meetings__gt", 0),
                    ("trainings__gt", 0),
                    ("persons_trained__gt", 0),
                    _connector="OR",
                ),
                name="queer_support_counts_something",
            ),
        ),
        AddConstraintNotValid(
            model_name="queersupport",
            constraint=models.CheckConstraint(
                condition=models.Q(("persons_trained", 0), ("trainings__gte", 1), _connector="OR"),
                name="queer_support_persons_of_trainings",
            ),
        ),
        AddConstraintNotValid(
            model_name="romasupport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("counselling_on_site__lte", 500),
                    ("counselling_online__lte", 500),
                    ("multipliers__lte", 100),
                    ("municipalities__lte", 100),
                    ("participants__lte", 500),
                    ("trainings__lte", 100),
                ),
                name="roma_support_numbers_plausible",
            ),
        ),
        AddConstraintNotValid(
            model_name="romasupport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("trainings__gt", 0),
                    ("municipalities__gt", 0),
                    ("multipliers__gt", 0),
                    ("participants__gt", 0),
                    ("counselling_online__gt", 0),
                    ("counselling_on_site__gt", 0),
                    _connector="OR",
                ),
                name="roma_support_counts_something",
            ),
        ),
        AddConstraintNotValid(
            model_name="romasupport",
            constraint=models.CheckConstraint(
                condition=models.Q(("participants", 0), ("trainings__gte", 1), _connector="OR"),
                name="roma_support_participants_of_trainings",
            ),
        ),
        AddConstraintNotValid(
            model_name="screeningday",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("coaches__lte", 100),
                    ("counselling_sessions__lte", 500),
                    ("green__lte", 500),
                    ("orange__lte", 500),
                    ("red__lte", 500),
                    ("referrals__lte", 500),
                ),
                name="screening_numbers_plausible",
            ),
        ),
        AddConstraintNotValid(
            model_name="screeningday",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("green__gt", 0),
                    ("orange__gt", 0),
                    ("red__gt", 0),
                    ("counselling_sessions__gt", 0),
                    ("referrals__gt", 0),
                    ("coaches__gt", 0),
                    _connector="OR",
                ),
                name="screening_counts_something",
            ),
        ),
        AddConstraintNotValid(
            model_name="screeningday",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "referrals__lte",
                        django.db.models.expressions.CombinedExpression(models.F("orange"), "+", models.F("red")),
                    )
                ),
                name="screening_referrals_among_results",
            ),
        ),
        migrations.AddField(
            model_name="groupoffer",
            name="manager",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="casework.manager"
            ),
        ),
        migrations.AddField(
            model_name="groupoffer",
            name="municipality",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="+",
                to="pik.municipality",
                verbose_name="municipality",
            ),
        ),
        migrations.AddField(
            model_name="groupoffer",
            name="organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="pik.organisation"
            ),
        ),
        migrations.AddConstraint(
            model_name="groupoffer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["information", "workshop", "language_cafe", "meeting", "families", "other"])
                ),
                name="group_offer_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="groupoffer",
            constraint=models.CheckConstraint(
                condition=models.Q(("topics__len__gte", 1)), name="group_offer_has_topics"
            ),
        ),
        migrations.AddConstraint(
            model_name="groupoffer",
            constraint=models.CheckConstraint(
                condition=models.Q(("participants__range", (2, 300))), name="group_offer_is_for_a_group"
            ),
        ),
        migrations.AddConstraint(
            model_name="groupoffer",
            constraint=models.CheckConstraint(
                condition=models.Q(("minutes__range", (1, 600))), name="group_offer_lasts"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="groupoffer",
            trigger=pgtrigger.compiler.Trigger(
                name="figures_after_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="INSERT INTO casework_figurechange (manager_id, first_month, last_month) SELECT DISTINCT r.manager_id, date_trunc('month', r.date)::date, date_trunc('month', r.date)::date FROM new_rows r; RETURN NULL;",
                    hash="50a8d540c1f2973a59b5da23c30c947e18ee540c",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_figures_after_insert_e8cb2",
                    referencing="REFERENCING NEW TABLE AS new_rows ",
                    table="casework_groupoffer",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="groupoffer",
            trigger=pgtrigger.compiler.Trigger(
                name="figures_after_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="INSERT INTO casework_figurechange (manager_id, first_month, last_month) SELECT DISTINCT r.manager_id, date_trunc('month', r.date)::date, date_trunc('month', r.date)::date FROM old_rows r; RETURN NULL;",
                    hash="0c19c993210dfcb01b8a0f61e5a25c2ef225fb9a",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_figures_after_delete_b9b9b",
                    referencing="REFERENCING OLD TABLE AS old_rows ",
                    table="casework_groupoffer",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="groupoffer",
            trigger=pgtrigger.compiler.Trigger(
                name="figures_after_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="INSERT INTO casework_figurechange (manager_id, first_month, last_month) SELECT DISTINCT r.manager_id, date_trunc('month', r.date)::date, date_trunc('month', r.date)::date FROM (SELECT o.* FROM old_rows o JOIN new_rows n USING (id) WHERE ROW(o.manager_id, o.organisation_id, o.municipality_id, o.date, o.participants, o.minutes) IS DISTINCT FROM ROW(n.manager_id, n.organisation_id, n.municipality_id, n.date, n.participants, n.minutes) UNION ALL SELECT n.* FROM old_rows o JOIN new_rows n USING (id) WHERE ROW(o.manager_id, o.organisation_id, o.municipality_id, o.date, o.participants, o.minutes) IS DISTINCT FROM ROW(n.manager_id, n.organisation_id, n.municipality_id, n.date, n.participants, n.minutes)) r; RETURN NULL;",
                    hash="8af28da7239ab844a3d1ac5282f8920b4dc04a52",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_figures_after_update_56670",
                    referencing="REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ",
                    table="casework_groupoffer",
                    when="AFTER",
                ),
            ),
        ),
        migrations.RunSQL(DAYS, DROP_DAYS),
    ]
