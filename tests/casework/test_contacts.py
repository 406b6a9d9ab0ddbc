import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from casework.models import Case, Contact, ReferralTarget, Topic
from casework.models.contacts import first_open_day
from casework.services.cases import change_case, close_case
from casework.services.contacts import correct_contact, record_contact, withdraw_contact
from pik.conflicts import ChangedMeanwhile
from pik.months import add_months, month_of
from tests.bookings import refused_at
from tests.database import run_sql, side_by_side, wait_until_waited_for
from tests.factories import make_case, make_contact, make_manager, make_organisation, places_of

TODAY, DAY = timezone.localdate(), timedelta(days=1)


def _entry(**overrides: object) -> dict[str, object]:
    return {
        "date": TODAY - DAY,
        "kind": "home_visit",
        "channel": "outreach",
        "minutes": 45,
        "topics": list(Topic.objects.filter(code__in=["wohnen", "arbeit"])),
        "mediation": "interpreter",
        "referral_target": ReferralTarget.objects.get(code="jobcenter"),
        **overrides,
    }


def _correct(contact: Contact, **overrides: object) -> Contact:
    return correct_contact(contact=contact, **{"case": contact.case, **_entry(**overrides)})


@pytest.mark.django_db
def test_record_contact_keeps_the_entry_for_organisation_and_place_of_that_day():
    case = make_case()
    topics = list(Topic.objects.filter(code__in=["wohnen", "arbeit"]))

    contact = record_contact(case=case, manager=case.opened_by, **_entry())

    contact.refresh_from_db()
    assert (contact.case, contact.manager, contact.organisation, contact.municipality) == (
        case,
        case.opened_by,
        case.organisation,
        case.municipality,
    )
    assert (contact.date, contact.kind, contact.channel, contact.minutes, contact.mediation) == (
        TODAY - DAY,
        "home_visit",
        "outreach",
        45,
        "interpreter",
    )
    assert contact.topics == sorted(topic.pk for topic in topics)
    assert contact.referral_target.code == "jobcenter"


WRONG = {
    "tomorrow": ({"date": TODAY + DAY}, "date"),
    "before the case": ({"date": TODAY - 91 * DAY}, "date"),
    "no time": ({"minutes": 0}, "minutes"),
    "too long": ({"minutes": 601}, "minutes"),
    "no topic": ({"topics": []}, "topics"),
    "unknown kind": ({"kind": "chat"}, "kind"),
    "unknown channel": ({"channel": "fax"}, "channel"),
    "unknown mediation": ({"mediation": "hands"}, "mediation"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", WRONG)
def test_record_contact_with_an_error_names_the_field_and_keeps_nothing(wrong, django_capture_on_commit_callbacks):
    case = make_case(opened_on=TODAY - 90 * DAY)
    overrides, field = WRONG[wrong]

    with django_capture_on_commit_callbacks() as after_commit, pytest.raises(ValidationError) as caught:
        record_contact(case=case, manager=case.opened_by, **_entry(**overrides))

    assert list(caught.value.message_dict) == [field]
    assert (Contact.objects.filter(case=case).count(), after_commit) == (0, [])
    assert Case.objects.get(pk=case.pk).last_used_at == case.last_used_at


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", WRONG)
def test_correct_contact_with_an_error_names_the_field_and_changes_nothing(wrong):
    contact = make_contact(case=make_case(opened_on=TODAY - 90 * DAY))
    before = Contact.objects.filter(pk=contact.pk).values().get()
    overrides, field = WRONG[wrong]

    with pytest.raises(ValidationError) as caught:
        _correct(contact, **overrides)

    assert list(caught.value.message_dict) == [field]
    assert Contact.objects.filter(pk=contact.pk).values().get() == before


@pytest.mark.django_db
def test_record_contact_with_a_topic_that_has_ended_names_the_field():
    Topic.objects.filter(code="arbeit").update(ends_on=TODAY - 2 * DAY)
    case = make_case()

    with pytest.raises(ValidationError) as caught:
        record_contact(case=case, manager=case.opened_by, **_entry(date=TODAY - DAY))
    record_contact(case=case, manager=case.opened_by, **_entry(date=TODAY - 2 * DAY))

    assert list(caught.value.message_dict) == ["topics"]
    assert case.contacts.count() == 1


@pytest.mark.django_db
def test_record_contact_after_the_end_of_the_case_names_the_case():
    case = make_case()
    close_case(case=case, closed_on=TODAY - DAY, reason="moved")

    with pytest.raises(ValidationError) as caught:
        record_contact(case=case, manager=case.opened_by, **_entry(date=TODAY))
    record_contact(case=case, manager=case.opened_by, **_entry(date=TODAY - DAY))

    assert list(caught.value.message_dict) == ["case"]
    assert case.contacts.count() == 1


@pytest.mark.django_db
def test_record_contact_of_a_form_sent_twice_keeps_one():
    case, key = make_case(), uuid4()

    first = record_contact(case=case, manager=case.opened_by, entry_key=key, **_entry())
    second = record_contact(case=case, manager=case.opened_by, entry_key=key, **_entry())

    assert first == second
    assert case.contacts.count() == 1


@pytest.mark.django_db(transaction=True)
def test_record_contact_of_a_form_sent_twice_at_once_keeps_one():
    case, key, entry = make_case(), uuid4(), _entry()

    def send() -> Contact:
        return record_contact(case=case, manager=case.opened_by, entry_key=key, **entry)

    first, second = side_by_side(send, send)

    assert first == second == case.contacts.get()


@pytest.mark.django_db
@pytest.mark.parametrize("day", [TODAY - DAY, first_open_day()], ids=["yesterday", "in the oldest open month"])
def test_record_contact_of_a_form_sent_again_with_another_day_keeps_one(day):
    case, key = make_case(opened_on=first_open_day()), uuid4()
    stored = record_contact(case=case, manager=case.opened_by, entry_key=key, **_entry(date=TODAY))

    with refused_at("__all__", "saved before, with other values"):
        record_contact(case=case, manager=case.opened_by, entry_key=key, **_entry(date=day))

    assert list(case.contacts.values_list("pk", "date")) == [(stored.pk, TODAY)]


@pytest.mark.django_db
def test_record_contact_of_a_form_sent_again_after_its_correction_keeps_the_corrected_one():
    case, key = make_case(), uuid4()
    stored = record_contact(case=case, manager=case.opened_by, entry_key=key, **_entry(date=TODAY))
    _correct(stored, date=TODAY - DAY)

    with refused_at("__all__", "saved before, with other values"):
        record_contact(case=case, manager=case.opened_by, entry_key=key, **_entry(date=TODAY))

    assert list(case.contacts.values_list("pk", "date")) == [(stored.pk, TODAY - DAY)]


@pytest.mark.django_db
def test_correct_contact_changes_every_field_and_no_other_row():
    case = make_case()
    contact, other = make_contact(case=case), make_contact(case=case)

    _correct(contact)

    contact.refresh_from_db()
    other.refresh_from_db()
    assert (contact.date, contact.kind, contact.channel, contact.minutes) == (
        TODAY - DAY,
        "home_visit",
        "outreach",
        45,
    )
    assert (other.date, other.minutes) == (TODAY, 30)


@pytest.mark.django_db
def test_correct_contact_into_another_month_moves_it_to_that_partition():
    last_month = add_months(month_of(TODAY), -1)
    contact = make_contact(case=make_case(opened_on=last_month - DAY))

    _correct(contact, date=last_month)

    partitions = run_sql("SELECT tableoid::regclass::text FROM casework_contact WHERE id = %s", contact.pk)
    assert partitions == [(f"casework_contact_{last_month:%Y%m}",)]


@pytest.mark.django_db
def test_correct_contact_can_give_it_to_another_case():
    contact = make_contact()
    other = make_case(manager=contact.manager, opened_on=TODAY - 5 * DAY)

    _correct(contact, case=other)

    contact.refresh_from_db()
    assert (contact.case, contact.case_opened_on) == (other, TODAY - 5 * DAY)


@pytest.mark.django_db
def test_correct_contact_that_was_withdrawn_meanwhile_is_refused():
    contact = make_contact()
    withdraw_contact(contact=Contact.objects.get(pk=contact.pk))

    with pytest.raises(ValidationError):
        _correct(contact)

    assert not Contact.objects.filter(pk=contact.pk).exists()


@pytest.mark.django_db
def test_correct_contact_that_was_moved_meanwhile_is_refused():
    contact = make_contact()
    _correct(Contact.objects.get(pk=contact.pk), date=TODAY - 2 * DAY)

    with pytest.raises(ChangedMeanwhile):
        _correct(contact, date=TODAY - 3 * DAY, minutes=99)

    assert Contact.objects.filter(pk=contact.pk).values_list("date", "minutes").get() == (TODAY - 2 * DAY, 45)


@pytest.mark.django_db
def test_withdraw_contact_removes_this_one_only():
    case = make_case()
    contact, other = make_contact(case=case), make_contact(case=case)

    withdraw_contact(contact=contact)

    assert case.contacts.get() == other


@pytest.mark.django_db
def test_withdraw_contact_finds_it_although_it_was_moved_meanwhile():
    contact = make_contact()
    _correct(Contact.objects.get(pk=contact.pk), date=TODAY - 40 * DAY)

    withdraw_contact(contact=contact)

    assert not Contact.objects.filter(pk=contact.pk).exists()


@pytest.mark.django_db
def test_contact_keeps_the_place_when_the_case_moves():
    manager = make_manager(organisation=make_organisation(district="08115"))
    here, there = places_of(manager.organisation, 2)
    contact = make_contact(case=make_case(manager=manager, municipality=here))

    change_case(
        case=contact.case,
        municipality=there,
        opened_on=contact.case.opened_on,
        age_band="18-24",
        household_band="1",
        origin_group="asia",
        residence_group="other",
    )

    contact.refresh_from_db()
    assert contact.municipality == here
    assert make_contact(case=contact.case).municipality == there


@pytest.mark.django_db
def test_contact_list_shows_the_latest_first():
    case = make_case()
    days = [3, 1, 2, 1]
    contacts = [make_contact(case=case, date=TODAY - number * DAY) for number in days]

    found = list(Contact.objects.of_case(case).for_list())

    assert found == [contacts[3], contacts[1], contacts[2], contacts[0]]


# Two people, or one with two windows, at once.


@pytest.mark.django_db(transaction=True)
def test_contact_waits_for_a_case_that_is_being_closed_and_is_refused():
    case = make_case()
    manager = case.opened_by
    entry, written = _entry(date=TODAY), threading.Event()

    def close_slowly() -> None:
        with transaction.atomic():
            close_case(case=case, closed_on=TODAY - DAY, reason="moved")
            written.set()
            wait_until_waited_for()

    def record_meanwhile() -> Contact:
        assert written.wait(timeout=10)
        return record_contact(case=case, manager=manager, **entry)

    closed, recorded = side_by_side(close_slowly, record_meanwhile)

    assert closed is None
    assert list(recorded.message_dict) == ["case"]
    assert case.contacts.count() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("cases", [1, 2], ids=["one case", "two cases"])
def test_form_that_is_sent_with_another_day_meanwhile_waits_and_is_refused(cases):
    manager, key, written = make_manager(), uuid4(), threading.Event()
    of = [make_case(manager=manager) for _number in range(cases)]
    entry = {"manager": manager, "entry_key": key, **_entry()}

    def record_slowly() -> None:
        with transaction.atomic():
            record_contact(case=of[0], **entry | {"date": TODAY})
            written.set()
            wait_until_waited_for()

    def record_meanwhile() -> Contact:
        assert written.wait(timeout=10)
        return record_contact(case=of[-1], **entry | {"date": TODAY - DAY})

    _recorded, refused = side_by_side(record_slowly, record_meanwhile)

    assert [type(refused), Contact.objects.get().date] == [ValidationError, TODAY]


@pytest.mark.django_db(transaction=True)
def test_close_case_waits_for_a_contact_that_is_being_recorded_and_is_refused():
    case = make_case()
    entry, written = _entry(date=TODAY), threading.Event()

    def record_slowly() -> None:
        with transaction.atomic():
            record_contact(case=case, manager=case.opened_by, **entry)
            written.set()
            wait_until_waited_for()

    def close_meanwhile() -> Case:
        assert written.wait(timeout=10)
        return close_case(case=case, closed_on=TODAY - DAY, reason="moved")

    recorded, closed = side_by_side(record_slowly, close_meanwhile)

    assert recorded is None
    assert list(closed.message_dict) == ["closed_on"]
    assert Case.objects.get(pk=case.pk).is_open
