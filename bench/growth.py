"""Two copies of the demo state beside it: one as it is, one with ten years of contacts of ten times as many people.

The rows are invented but whole: every contact belongs to a case that was open on its day. A month is filled as a table
of its own, indexed, and then attached, so that the database checks its references in one go instead of row by row.
"""

import contextlib
import json
import os
import shutil
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql
from tqdm import tqdm

from bench.application import VAR

SMALL, LARGE = "bench_small", "bench_large"
LOGIN, DEPUTY, DEPUTY_CASES = "manager", "deputy", 300
YEAR = timedelta(days=365)
# Cases of the design size in ten years, and the shortest and longest time one is open, in days.
CASES, SHORTEST, LONGEST = 1_000_000, 60, 1080
# From the first day of the pact on.
MONTHS = 118
# With its four indexes.
BYTES_PER_CONTACT = 370
CASE_COLUMNS = (
    "measure_id, profile, records_origin, opened_by_id, organisation_id, municipality_id, age_band, household_band, "
    "origin_group, residence_group, arrival_year, extension_reason"
)
# Patterns are the cases of everybody but those who work for the organisation of the login that is measured.
ADD_CASES = f"""
WITH patterns AS MATERIALIZED (
    SELECT row_number() OVER () - 1 AS number, {CASE_COLUMNS} FROM casework_case
    WHERE measure_id = 'im' AND extension_reason = '' AND closed_on IS NOT NULL AND organisation_id <> %(kept)s
), drawn AS (
    SELECT c.code, p.*, %(first)s::date + (random() * (%(last)s::date - %(first)s::date))::int AS opened_on
    FROM bench_code c JOIN patterns p ON p.number = c.number %% (SELECT count(*) FROM patterns)
)
INSERT INTO casework_case (code, opened_on, closed_on, closing_entered_on, closing_reason, last_used_at, {CASE_COLUMNS})
SELECT code, opened_on, closed_on, closed_on, 'other', opened_on, {CASE_COLUMNS}
FROM drawn, LATERAL (
    SELECT least(%(last)s::date, opened_on + (%(shortest)s + random() * (%(longest)s - %(shortest)s))::int) AS closed_on
) AS ended
"""
ADD_RESPONSIBILITIES = """
INSERT INTO casework_responsibility (case_id, manager_id, starts_on)
SELECT id, opened_by_id, '2017-01-01' FROM casework_case JOIN bench_code USING (code)
"""
ADD_PHASES = """
INSERT INTO casework_casephase (case_id, phase, starts_on)
SELECT id, 'intake', opened_on FROM casework_case JOIN bench_code USING (code)
"""
CASE_DAYS = "SELECT sum(closed_on - opened_on + 1) FROM casework_case JOIN bench_code USING (code)"
ADD_CONTACTS = """
WITH open AS MATERIALIZED (
    SELECT k.*, greatest(opened_on, %(first)s) AS since, least(closed_on, %(last)s) AS until
    FROM casework_case k JOIN bench_code USING (code) WHERE opened_on <= %(last)s AND closed_on >= %(first)s
)
INSERT INTO {month} (id, date, case_id, case_opened_on, manager_id, organisation_id, municipality_id, kind, channel,
    minutes, topics, mediation, entry_key, recorded_at)
SELECT nextval(pg_get_serial_sequence('casework_contact', 'id')), day, o.id, o.opened_on, o.opened_by_id,
    o.organisation_id, o.municipality_id, (ARRAY['counselling', 'coordination', 'accompaniment'])[1 + n %% 3],
    (ARRAY['office', 'phone', 'outreach'])[1 + n %% 3], 15 + 15 * (n %% 4), ARRAY[1 + n %% 5], 'none',
    gen_random_uuid(), day
FROM open o
CROSS JOIN LATERAL generate_series(1, floor(%(a_day)s * (o.until - o.since + 1) + random())::int) n
CROSS JOIN LATERAL (SELECT o.since + (random() * (o.until - o.since))::int AS day OFFSET 0) d
"""


def prepare(contacts: int) -> int | None:
    """Makes the two databases once; returns how many contacts the large one has, None where there is no room."""
    asked, made = _existing()
    if asked == contacts:
        return made
    free = shutil.disk_usage(VAR).free
    if free < contacts * BYTES_PER_CONTACT * 1.2:
        needed = contacts * BYTES_PER_CONTACT * 1.2 / 1e9
        print(f"bench: {contacts:,} contacts need {needed:.0f} GB of disk, {free / 1e9:.0f} are free.", file=sys.stderr)
        return None
    _copy("pik", SMALL)
    with working_in(SMALL):
        _make_logins()
    _copy(SMALL, LARGE)
    number = _grow(contacts)
    with _as_superuser("postgres") as server:
        comment = sql.Literal(json.dumps([contacts, number]))
        server.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(LARGE), comment))
    return number


def address(name: str) -> str:
    """The address of one of the two databases."""
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


@contextlib.contextmanager
def working_in(name: str) -> Iterator[None]:
    """The models of this process read and write another database of the same server."""
    from django.db import connection

    connection.close()
    before, connection.settings_dict["NAME"] = connection.settings_dict["NAME"], name
    try:
        yield
    finally:
        # A database that somebody is connected to cannot be copied.
        connection.close()
        connection.settings_dict["NAME"] = before


def _copy(name: str, copy: str) -> None:
    with _as_superuser("postgres") as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(copy)))
        make = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER pik_owner")
        server.execute(make.format(sql.Identifier(copy), sql.Identifier(name)))


def _make_logins() -> None:
    """One login with the cases of its own alone, and a colleague who stands in for others up to 300 cases."""
    from django.utils import timezone

    from casework.models import Case, Deputyship, Manager

    login = Manager.objects.select_related("user").get(user__email=f"{LOGIN}@pik.example")
    Deputyship.objects.filter(organisation=login.organisation_id).delete()
    colleagues = Manager.objects.filter(organisation=login.organisation_id).exclude(pk=login.pk).select_related("user")
    numbers = {each: Case.objects.visible_to(each.user).open().count() for each in colleagues}
    deputy, *others = sorted(numbers, key=lambda each: -numbers[each])
    deputy.user.email, deputy.user.password = f"{DEPUTY}@pik.example", login.user.password
    deputy.user.save()
    today, sees = timezone.localdate(), numbers[deputy]
    for other in others:
        if sees + numbers[other] <= DEPUTY_CASES * 1.05:
            sees += numbers[other]
            Deputyship.objects.create(
                manager=other, deputy=deputy, organisation=login.organisation, starts_on=today, ends_on=today + YEAR
            )


def _existing() -> tuple[int, int]:
    """How many contacts were asked for when the databases were made, and how many there are."""
    query = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
    with _as_superuser("postgres") as server:
        row = server.execute(query, [LARGE]).fetchone()
    return tuple(json.loads(row[0])) if row and row[0] else (0, 0)


def _as_superuser(name: str) -> psycopg.Connection:
    """Only the superuser of the server of this measurement makes databases; the application's roles may not."""
    password = json.loads((VAR / "secrets.json").read_text())["superuser"]
    host = urlsplit(os.environ["DATABASE_URL"]).netloc.rpartition("@")[2]
    return psycopg.connect(f"postgres://postgres:{quote(password)}@{host}/{name}", autocommit=True)


def _grow(contacts: int) -> int:
    from pik.months import add_months, month_of

    today = date.today()  # noqa: DTZ011 - any clock tells the month
    months = [add_months(month_of(today), -back) for back in reversed(range(MONTHS))]
    with _as_superuser(LARGE) as session:
        # Triggers would take an hour; what they would add is added below, and references are checked with each month.
        session.execute("SET session_replication_role = replica")
        session.execute("SET ROLE pik_owner")
        session.execute("SET synchronous_commit = off")
        session.execute("SET maintenance_work_mem = '256MB'")
        _add_cases(session, months[0], today)
        missing = contacts - session.execute("SELECT count(*) FROM casework_contact").fetchone()[0]
        a_day = missing / float(session.execute(CASE_DAYS).fetchone()[0])
        for month in tqdm(months, desc="months of contacts", disable=None):
            _fill_month(session, month, add_months(month, 1), today, a_day)
        session.execute("DROP TABLE bench_code")
        session.execute("DROP INDEX bench_case_days")
        session.execute("VACUUM (ANALYZE)")
        return session.execute("SELECT count(*) FROM casework_contact").fetchone()[0]


def _add_cases(session: psycopg.Connection, first: date, last: date) -> None:
    from casework.codes import new_code

    codes = {new_code() for _ in range(CASES)}
    session.execute("CREATE TABLE bench_code (number bigint, code varchar PRIMARY KEY)")
    with session.cursor().copy("COPY bench_code FROM STDIN") as copy:
        for number, code in enumerate(codes):
            copy.write_row((number, code))
    session.execute("DELETE FROM bench_code b USING casework_case k WHERE k.code = b.code")
    kept = session.execute(
        "SELECT organisation_id FROM casework_manager m JOIN pik_user u ON u.id = m.user_id WHERE u.email = %s",
        [f"{LOGIN}@pik.example"],
    ).fetchone()[0]
    days = {"first": first, "last": last, "shortest": SHORTEST, "longest": LONGEST}
    session.execute(ADD_CASES, {"kept": kept, **days})
    session.execute(ADD_RESPONSIBILITIES)
    session.execute(ADD_PHASES)
    session.execute("CREATE INDEX bench_case_days ON casework_case (opened_on, closed_on)")
    session.execute("ANALYZE casework_case, casework_responsibility, casework_casephase")


def _fill_month(session: psycopg.Connection, month: date, following: date, today: date, a_day: float) -> None:
    """Takes what is there of the month and the new contacts into one table, and attaches it."""
    old, new = f"casework_contact_{month:%Y%m}", "bench_month"
    days = {"first": month, "last": min(following - timedelta(days=1), today), "a_day": a_day}
    exists = session.execute("SELECT to_regclass(%s) IS NOT NULL", [old]).fetchone()[0]
    with session.transaction():
        session.execute("SET LOCAL work_mem = '64MB'")
        session.execute(f"CREATE TABLE {new} (LIKE casework_contact INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
        session.execute(ADD_CONTACTS.format(month=new), days)
        if exists:
            session.execute(f"INSERT INTO {new} SELECT * FROM {old}")
            session.execute(f"ALTER TABLE casework_contact DETACH PARTITION {old}")
            session.execute(f"DROP TABLE {old}")
        session.execute(f"ALTER TABLE {new} RENAME TO {old}")
        # A constraint of the same content spares the look at every row.
        session.execute(f"ALTER TABLE {old} ADD CHECK (date >= '{month}' AND date < '{following}')")
        bounds = f"FOR VALUES FROM ('{month}') TO ('{following}')"
        session.execute(f"ALTER TABLE casework_contact ATTACH PARTITION {old} {bounds}")
    session.execute(f"VACUUM (FREEZE, ANALYZE) {old}")
