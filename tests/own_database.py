"""Databases for tests: made and migrated by the owner's role, filled with the pact, used by the application's role.

Migrations run once, into a template; every worker works in a copy. A test that commits gets a fresh copy afterwards
instead of emptied tables: the application's role may not truncate, and the pact is there again.
"""

import os
import subprocess
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent
GRANTS = ROOT / "docker" / "postgres" / "grants" / "database.sql"
TEMPLATE = "test_pik"
CREATE_EMPTY = sql.SQL(
    "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
).format(sql.Identifier(TEMPLATE))

# Rows of former times, which the database keeps the application's role from making, inside the transaction of a test.
RUN_AS_OWNER = """
CREATE FUNCTION tests_run_as_owner(statement text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$ BEGIN EXECUTE statement; END $$
"""


def in_database(url: str, name: str) -> str:
    """The same address with another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def owner_url(name: str) -> str:
    """The owner's address of a database."""
    return in_database(os.environ["DATABASE_OWNER_URL"], name)


def app_url(name: str) -> str:
    """The application's address of a database."""
    return in_database(os.environ["DATABASE_URL"], name)


def as_owner() -> psycopg.Connection:
    """A session of the owner beside the test databases."""
    return psycopg.connect(owner_url("postgres"), autocommit=True)


def prepare_template(run: str) -> None:
    """Makes the template of this test run, once; other workers wait for it."""
    with as_owner() as session:
        session.execute("SELECT pg_advisory_lock(hashtext(%s))", [TEMPLATE])
        query = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
        if session.execute(query, [TEMPLATE]).fetchone() == (run,):
            return
        drop(TEMPLATE)
        session.execute(CREATE_EMPTY)
        with psycopg.connect(owner_url(TEMPLATE), autocommit=True) as inside:
            inside.execute(GRANTS.read_bytes())
        environment = os.environ | {"DATABASE_OWNER_URL": owner_url(TEMPLATE), "DATABASE_URL": app_url(TEMPLATE)}
        for step in ("migrate", "load-pact"):
            done = subprocess.run(
                ["script/process", step], cwd=ROOT, env=environment, check=False, capture_output=True, text=True
            )
            assert done.returncode == 0, f"script/process {step} failed:\n{done.stdout}{done.stderr}"
        with psycopg.connect(owner_url(TEMPLATE), autocommit=True) as inside:
            inside.execute(RUN_AS_OWNER)
        session.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(TEMPLATE), run))


def renew(name: str) -> None:
    """Puts a fresh copy of the template in the place of a database."""
    drop(name)
    database = sql.Identifier(name)
    with as_owner() as session:
        session.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(database, sql.Identifier(TEMPLATE)))
        session.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
        session.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO pik_app").format(database))


def drop(name: str) -> None:
    """Removes a database; each role ends its own sessions, as neither may end the other's."""
    end_sessions = (
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE datname = %s AND usename = current_user AND pid <> pg_backend_pid()"
    )
    for url in (app_url("postgres"), owner_url("postgres")):
        with psycopg.connect(url, autocommit=True) as session:
            session.execute(end_sessions, [name])
    with as_owner() as session:
        session.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
