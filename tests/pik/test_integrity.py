import psycopg
import pytest
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, ProgrammingError, transaction

from casework.models import Case
from pik.integrity import refusals
from pik.models import Organisation
from tests.database import app_session, run_sql
from tests.factories import make_case, make_organisation

BLANK_NAME = {"name": "Nowhere", "kind": "club"}


@pytest.mark.django_db
def test_refusal_names_the_field_and_the_remedy():
    with pytest.raises(ValidationError) as caught, refusals({"organisation_kind_known": ("kind", "Choose a kind.")}):
        Organisation.objects.create(**BLANK_NAME)

    assert caught.value.message_dict == {"kind": ["Choose a kind."]}


@pytest.mark.django_db
def test_refusal_without_field_belongs_to_the_whole_form():
    with pytest.raises(ValidationError) as caught, refusals({"organisation_kind_known": (None, "Choose a kind.")}):
        Organisation.objects.create(**BLANK_NAME)

    assert caught.value.message_dict == {NON_FIELD_ERRORS: ["Choose a kind."]}


@pytest.mark.django_db
def test_refusal_that_nobody_named_passes_unchanged():
    with pytest.raises(IntegrityError), refusals({"organisation_one_per_district": ("district", "Taken.")}):
        Organisation.objects.create(**BLANK_NAME)


@pytest.mark.django_db
def test_refusal_keeps_nothing_of_the_block_and_all_that_was_before():
    before = make_organisation()

    def make_two() -> None:
        with refusals({"organisation_kind_known": ("kind", "Choose a kind.")}):
            make_organisation(name="Inside")
            Organisation.objects.create(**BLANK_NAME)

    with pytest.raises(ValidationError):
        make_two()

    assert list(Organisation.objects.filter(name__in=[before.name, "Inside"])) == [before]


@pytest.mark.django_db(transaction=True)
def test_refusal_at_the_commit_is_translated_too():
    case = make_case()

    with (
        pytest.raises(ValidationError) as caught,
        refusals({"case_measure_records_cases": ("measure", "Counts only.")}),
    ):
        Case.objects.filter(pk=case.pk).update(measure="deutsch")

    assert caught.value.message_dict == {"measure": ["Counts only."]}
    assert Case.objects.get(pk=case.pk).measure_id == "im"


def _all_tables() -> list[str]:
    return [row[0] for row in run_sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")]


@pytest.mark.django_db
def test_app_role_is_the_one_that_tests_run_as():
    assert run_sql("SELECT current_user") == [("pik_app",)]


@pytest.mark.django_db
def test_app_role_owns_nothing():
    owned = run_sql(
        "SELECT c.relname FROM pg_class c WHERE pg_get_userbyid(c.relowner) = current_user "
        "AND c.relnamespace = 'public'::regnamespace "
        "UNION SELECT p.proname FROM pg_proc p WHERE pg_get_userbyid(p.proowner) = current_user"
    )

    assert owned == []


@pytest.mark.django_db
def test_app_role_has_no_special_powers():
    powers = run_sql(
        "SELECT rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication FROM pg_roles "
        "WHERE rolname = current_user"
    )
    groups = run_sql("SELECT roleid FROM pg_auth_members WHERE member = current_user::regrole")

    assert powers == [(False, False, False, False, False)]
    assert groups == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE note (id int)",
        "CREATE FUNCTION trick() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE SCHEMA trick",
        "ALTER TABLE funding_ledgerentry ADD COLUMN note text",
        "ALTER TABLE funding_ledgerentry DISABLE TRIGGER ALL",
        "ALTER TABLE casework_case DROP CONSTRAINT case_profile_is_cases",
        "DROP TABLE casework_contact",
        "DROP TRIGGER pgtrigger_append_only_b85af ON pik_accessrecord",
        "SET session_replication_role = replica",
        "SET ROLE pik_owner",
    ],
)
def test_app_role_is_refused(statement):
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), transaction.atomic():
        run_sql(statement)


@pytest.mark.django_db
def test_app_role_can_empty_no_table():
    emptied = [
        table
        for table in _all_tables()
        if run_sql("SELECT has_table_privilege(%s, 'TRUNCATE')", f"public.{table}") == [(True,)]
    ]

    assert emptied == []
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        run_sql("TRUNCATE funding_ledgerentry CASCADE")


@pytest.mark.django_db
def test_app_role_may_hang_a_trigger_on_no_table():
    hooked = [
        table
        for table in _all_tables()
        if run_sql("SELECT has_table_privilege(%s, 'TRIGGER')", f"public.{table}") == [(True,)]
    ]

    assert hooked == []


@pytest.mark.django_db
def test_session_of_the_app_role_stays_refused_outside_django():
    with app_session() as session, pytest.raises(psycopg.errors.InsufficientPrivilege):
        session.execute("CREATE TABLE note (id int)")
