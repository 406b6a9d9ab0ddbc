"""No column of casework can hold the name of a client: the database proves it, or the reason stands here."""

import re

import pytest
from django.db import connection

from casework.guard import personal_data_in
from tests.funding.demo_state import small_state

# Why no text of a client gets into a column that is neither a foreign key nor one of a few words that a constraint
# lists. Who adds a column says here why it cannot tell who a client is; a note of a client runs through the guard.
REASONS = {
    "casework_case.code": "random, made by the database's own default; no form takes it",
    "casework_contact.topics": "ids of topics",
    "casework_contacttemplate.name": "40 characters, refused by the guard where they could tell who somebody is",
    "casework_contacttemplate.topics": "ids of topics",
    "casework_goal.words": "280 characters, refused by the guard where they could tell who somebody is",
    "casework_step.words": "280 characters, refused by the guard where they could tell who somebody is",
    "casework_groupoffer.topics": "ids of topics",
    "casework_fundingrate.source": "written by the ministry about a rate, before any client comes in",
    "casework_managerlist.head": "heads of a list of staff, deleted after a day",
    "casework_managerlist.rows": "a list of staff, deleted after a day; no field of it is about a client",
    "casework_managerlist.language": "a code of two letters",
    "casework_monthlyfigure.counts": "sums of numbers, made by the refresh",
    "casework_monthlysummary.counts": "sums of numbers, made by the summary",
    "casework_monthlysummary.inputs_hash": "a hash of numbers",
    "casework_post.reference_key": "the same number, made comparable",
    "casework_post.reference": "the number of a post in the employer's staffing plan, 30 characters",
    "casework_referraltarget.code": "comes with the application",
    "casework_referraltarget.name_de": "comes with the application",
    "casework_referraltarget.name_en": "comes with the application",
    "casework_topic.code": "comes with the application",
    "casework_topic.name_de": "comes with the application",
    "casework_topic.name_en": "comes with the application",
}
# What a person or a data file writes in words; the guard finds nothing in it.
WORDS = [
    "casework_goal.words",
    "casework_step.words",
    "casework_post.reference",
    "casework_referraltarget.name_de",
    "casework_topic.name_de",
]
COLUMNS = """
SELECT t.relname || '.' || a.attname,
       EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = t.oid AND k.contype = 'f' AND a.attnum = ANY (k.conkey)),
       (SELECT coalesce(string_agg(pg_get_constraintdef(k.oid), ' '), '') FROM pg_constraint k
        WHERE k.conrelid = t.oid AND k.contype = 'c')
FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type y ON y.oid = a.atttypid
WHERE t.relnamespace = 'public'::regnamespace AND t.relkind IN ('r', 'p') AND NOT t.relispartition
    AND t.relname LIKE 'casework\\_%'
    AND (y.typcategory IN ('S', 'A') OR y.typname IN ('json', 'jsonb', 'bytea', 'xml', 'hstore'))
"""


@pytest.fixture(scope="module")
def state(django_db_setup, django_db_blocker):
    with small_state(django_db_blocker):
        yield


def query(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def unproven_columns():
    """Columns of casework that hold text and are neither keys nor held to a list of words by the database."""
    return {
        name
        for name, is_key, checks in query(COLUMNS)
        if not is_key and not re.search(rf"\(?\b{name.split('.')[1]}\)?(?:::text)?\)? = ANY", checks)
    }


@pytest.mark.django_db
def test_text_columns_of_casework_cannot_hold_a_name_of_a_client():
    assert unproven_columns() == set(REASONS)


@pytest.mark.parametrize("column", WORDS)
@pytest.mark.django_db
def test_guard_finds_nothing_in_the_words_of_the_demo_state(state, column):
    table, name = column.split(".")
    texts = [text for (text,) in query(f"SELECT DISTINCT {name} FROM {table}") if text]

    assert texts
    assert [found.text for text in texts for found in personal_data_in(text)] == []
