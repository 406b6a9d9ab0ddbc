"""What the database refuses about contacts, with no service in between."""

from datetime import timedelta

import pytest
from django.utils import timezone

from casework.models import Contact
from tests.database import refused_at_commit_by, refused_by, refused_by_trigger, run_sql
from tests.factories import make_case, make_contact

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)


def _change_raw(contact: Contact, **values: object) -> None:
    Contact.objects.filter(pk=contact.pk).update(**values)


@pytest.mark.parametrize("minutes", [0, 601, -1])
def test_contact_of_impossible_length_is_refused(minutes):
    contact = make_contact()

    with refused_by("contact_minutes_in_range"):
        _change_raw(contact, minutes=minutes)


@pytest.mark.parametrize("minutes", [1, 600])
def test_contact_of_the_shortest_and_the_longest_length_is_kept(minutes):
    contact = make_contact(minutes=minutes)

    assert Contact.objects.get(pk=contact.pk).minutes == minutes


@pytest.mark.parametrize("days", [1, 40, 800])
def test_contact_in_the_future_is_refused_in_every_partition(days):
    contact = make_contact()

    with refused_by("contact_not_in_future"):
        _change_raw(contact, date=TODAY + days * DAY)


def test_contact_before_the_opening_of_its_case_is_refused():
    contact = make_contact(case=make_case(opened_on=TODAY - 10 * DAY))

    with refused_by("contact_not_before_case"):
        _change_raw(contact, date=TODAY - 11 * DAY)


def test_contact_cannot_pretend_that_its_case_was_opened_earlier():
    contact = make_contact(case=make_case(opened_on=TODAY - 10 * DAY))

    with refused_at_commit_by("contact_of_case"):
        _change_raw(contact, date=TODAY - 11 * DAY, case_opened_on=TODAY - 11 * DAY)


@pytest.mark.parametrize(
    ("name", "constraint"),
    [
        ("kind", "contact_kind_known"),
        ("channel", "contact_channel_known"),
        ("mediation", "contact_mediation_known"),
    ],
)
def test_unknown_word_is_refused(name, constraint):
    contact = make_contact()

    with refused_by(constraint):
        _change_raw(contact, **{name: "other"})


def test_contact_without_topic_is_refused():
    contact = make_contact()

    with refused_by("contact_has_topics"):
        _change_raw(contact, topics=[])


def test_case_with_contacts_cannot_be_deleted():
    contact = make_contact()

    with refused_by("case_is_kept"):
        run_sql("DELETE FROM casework_case WHERE id = %s", contact.case_id)


def test_topic_is_never_deleted():
    with refused_by_trigger("Cannot delete rows from casework_topic"):
        run_sql("DELETE FROM casework_topic WHERE code = 'wohnen'")
