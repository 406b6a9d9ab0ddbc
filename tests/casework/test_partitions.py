from datetime import date, timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.utils import timezone

from casework.models import Contact
from casework.services.figures import prepare_partitions
from casework.tasks import prepare_partitions as nightly
from pik.months import add_months, month_of
from tests.database import run_sql, side_by_side
from tests.factories import make_case, make_contact

TODAY = timezone.localdate()
THIS = month_of(TODAY)
# In the past, where no partition was made; a contact of that time lies beside the months.
UNPREPARED = date(2019, 3, 1)


def _partition(contact: Contact) -> str:
    return run_sql("SELECT tableoid::regclass::text FROM casework_contact WHERE id = %s", contact.pk)[0][0]


def _partitions() -> set[str]:
    rows = run_sql("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'casework_contact'::regclass")
    return {name for (name,) in rows}


def _named(month: date) -> str:
    return f"casework_contact_{month:%Y%m}"


@pytest.mark.django_db
def test_contact_lies_in_the_partition_of_its_month():
    month = add_months(THIS, -5)
    case = make_case(opened_on=month)

    first, last = make_contact(case=case, date=month), make_contact(case=case, date=add_months(month, 1) - timedelta(1))

    assert (_partition(first), _partition(last)) == (_named(month), _named(month))


@pytest.mark.django_db
def test_contact_older_than_all_months_is_kept_beside_them():
    contact = make_contact(case=make_case(opened_on=date(2018, 5, 1)), date=date(2018, 5, 2))

    assert _partition(contact) == "casework_contact_other"


@pytest.mark.django_db
def test_question_about_one_month_reads_one_partition():
    month = add_months(THIS, -3)

    plan = Contact.objects.filter(date__gte=month, date__lt=add_months(month, 1)).explain()

    assert {name for name in _partitions() if name in plan} == {_named(month)}


@pytest.mark.django_db
def test_a_year_of_partitions_lies_ahead():
    nightly()

    assert {_named(add_months(THIS, ahead)) for ahead in range(13)} <= _partitions()


@pytest.mark.django_db
def test_missing_partitions_are_made_once():
    later = UNPREPARED
    before = _partitions()

    made = [prepare_partitions(until=later), prepare_partitions(until=later)]

    assert made == [13, 0]
    assert _partitions() - before == {_named(add_months(later, ahead)) for ahead in range(13)}


@pytest.mark.django_db(transaction=True)
def test_missing_partitions_are_made_once_by_two_runs_at_once():
    later = UNPREPARED

    made = side_by_side(lambda: prepare_partitions(until=later), lambda: prepare_partitions(until=later))

    assert sorted(made) == [0, 13]


@pytest.mark.django_db
def test_new_partition_belongs_to_the_owner_and_has_all_rules():
    later = UNPREPARED
    prepare_partitions(until=later)

    owner = run_sql("SELECT pg_get_userbyid(relowner) FROM pg_class WHERE relname = %s", _named(later))
    query = "SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid = %s::regclass"
    rules = {name: {row[0] for row in run_sql(query, name)} for name in ("casework_contact", _named(later))}

    assert owner == [("pik_owner",)]
    assert rules[_named(later)] == rules["casework_contact"] != set()


@pytest.mark.django_db
def test_entry_of_a_month_ahead_cannot_lie_in_the_future():
    later = add_months(THIS, 6)
    prepare_partitions(until=TODAY)
    contact = make_contact()

    with pytest.raises(IntegrityError, match="contact_not_in_future"), transaction.atomic():
        Contact.objects.filter(pk=contact.pk).update(date=later)


@pytest.mark.django_db
@pytest.mark.parametrize(("first", "last"), [("2026-01-01", "2046-02-01"), ("2016-12-01", "2017-01-01")])
def test_months_outside_the_pact_or_far_ahead_are_refused(first, last):
    before = _partitions()

    with pytest.raises(ProgrammingError, match="from the beginning of the pact"), transaction.atomic():
        run_sql("SELECT casework_prepare_contact_partitions(%s, %s)", first, last)

    assert _partitions() == before


@pytest.mark.django_db(transaction=True)
def test_month_that_is_prepared_late_takes_its_contacts_over():
    stray = make_contact(case=make_case(opened_on=date(2018, 5, 1)), date=date(2018, 5, 2), minutes=45)

    prepare_partitions(until=date(2018, 5, 1))

    assert _partition(stray) == "casework_contact_201805"
    assert Contact.objects.get(pk=stray.pk).minutes == 45
    assert run_sql("SELECT count(*) FROM casework_contact_other")[0][0] == 0


@pytest.mark.django_db(transaction=True)
def test_month_with_strays_takes_further_contacts():
    case = make_case(opened_on=date(2018, 5, 1))
    make_contact(case=case, date=date(2018, 5, 2))
    prepare_partitions(until=date(2018, 5, 1))

    later = make_contact(case=case, date=date(2018, 5, 3))

    assert _partition(later) == "casework_contact_201805"
