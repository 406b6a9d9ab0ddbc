from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from casework.models import GroupOffer, LanguageCourse, Manager, QueerSupport, RomaSupport, ScreeningDay
from casework.models.counts import COUNT_MODELS, CountRecord
from casework.services.counts import correct_counts, withdraw_counts
from pik.models import Measure, Membership, Municipality
from tests.database import refused_by
from tests.factories import (
    end_employment,
    make_group_offer,
    make_language_course,
    make_manager,
    make_membership,
    make_organisation,
    make_queer_support,
    make_roma_support,
    make_screening_day,
)
from tests.scene import make_scene

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)
MAKERS: dict[type[CountRecord], Callable[..., CountRecord]] = {
    LanguageCourse: make_language_course,
    ScreeningDay: make_screening_day,
    RomaSupport: make_roma_support,
    QueerSupport: make_queer_support,
    GroupOffer: make_group_offer,
}
every_measure = pytest.mark.parametrize("model", MAKERS, ids=lambda model: model.MEASURE)


def _values(record: CountRecord) -> dict[str, object]:
    return {name: getattr(record, name) for name in ("date", "municipality", *record.ENTERED)}


def _change_raw(record: CountRecord, **values: object) -> None:
    type(record).objects.filter(pk=record.pk).update(**values)


def test_every_measure_of_counts_has_its_own_record_and_integration_management_its_group_offers():
    measures = set(Measure.objects.filter(profile="counts").values_list("code", flat=True))

    assert set(COUNT_MODELS) == measures | {"im"}


@every_measure
def test_record_of_a_measure_names_no_person(model):
    names = {field.name for field in model._meta.get_fields()}

    own = {"id", "manager", "organisation", "municipality", "date", "recorded_at", "entry_key", "version"}
    assert names == own | {*model.ENTERED}


@every_measure
def test_record_keeps_the_numbers(model):
    record = MAKERS[model]()

    stored = model.objects.get(pk=record.pk)

    assert _values(stored) == _values(record)
    assert (stored.manager, stored.organisation) == (record.manager, record.manager.organisation)


# What the database refuses, with no service in between.


@pytest.mark.parametrize(
    ("model", "constraint"),
    [
        (LanguageCourse, "course_not_in_future"),
        (ScreeningDay, "screening_not_in_future"),
        (RomaSupport, "roma_support_not_in_future"),
        (QueerSupport, "queer_support_not_in_future"),
        (GroupOffer, "group_offer_not_in_future"),
    ],
)
def test_record_of_tomorrow_is_refused(model, constraint):
    record = MAKERS[model]()

    with refused_by(constraint):
        _change_raw(record, date=TODAY + DAY)


@every_measure
def test_negative_numbers_are_refused(model):
    record = MAKERS[model]()
    if model is LanguageCourse:
        # What else would contradict a negative number.
        _change_raw(record, participants_certified=0, participants_finished=0)

    for name in model.SUMMED:
        with pytest.raises(IntegrityError, match=f"{name}_check|course_"), transaction.atomic():
            _change_raw(record, **{name: -1})


def test_queer_support_with_a_municipality_is_refused():
    record = make_queer_support()

    with refused_by("queer_support_has_no_place"):
        _change_raw(record, municipality="08111000")


@pytest.mark.parametrize(("name", "constraint"), [("format", "course_format_known"), ("level", "course_level_known")])
def test_unknown_word_is_refused(name, constraint):
    record = make_language_course()

    with refused_by(constraint):
        _change_raw(record, **{name: "C3"})


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"units": 0}, "course_has_units"),
        ({"units": 2001}, "course_has_units"),
        ({"participants_finished": 16}, "course_finished_among_begun"),
        ({"participants_certified": 13}, "course_certified_among_finished"),
    ],
)
def test_course_with_contradicting_numbers_is_refused(values, constraint):
    record = make_language_course()

    with refused_by(constraint):
        _change_raw(record, **values)


# What the services do.


@every_measure
@pytest.mark.parametrize("day", [TODAY + DAY, date(2016, 12, 31)], ids=["tomorrow", "before the measure"])
def test_record_counts_of_an_impossible_day_names_the_field_and_keeps_nothing(model, day):
    manager = make_manager(measure=model.MEASURE)

    with pytest.raises(ValidationError) as caught:
        MAKERS[model](manager=manager, date=day)

    assert list(caught.value.message_dict) == ["date"]
    assert not model.objects.filter(manager=manager).exists()


def test_record_counts_begins_with_the_first_day_of_the_measure():
    first = Measure.objects.get(code="queer").starts_on

    with pytest.raises(ValidationError):
        make_queer_support(date=first - DAY)

    assert make_queer_support(date=first).date == first


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"units": 0}, "units"),
        ({"units": 2001}, "units"),
        ({"participants_begun": -1}, "participants_begun"),
        (dict.fromkeys(LanguageCourse.SUMMED[1:], 0), "participants_begun"),
        ({"participants_finished": 16}, "participants_finished"),
        ({"participants_certified": 13}, "participants_certified"),
        ({"format": "evening"}, "format"),
        ({"level": ""}, "level"),
        ({"municipality": None}, "municipality"),
    ],
)
def test_record_and_correct_course_with_an_error_name_the_field_and_keep_nothing(wrong, field):
    record = make_language_course()
    before = _values(record)

    with pytest.raises(ValidationError) as recording:
        make_language_course(manager=record.manager, **wrong)
    with pytest.raises(ValidationError) as correcting:
        correct_counts(record=record, **{**before, **wrong})

    assert (list(recording.value.message_dict), list(correcting.value.message_dict)) == ([field], [field])
    assert _values(LanguageCourse.objects.get(manager=record.manager)) == before


def test_record_queer_support_with_a_municipality_is_refused():
    with refused_by("queer_support_has_no_place"):
        make_queer_support(municipality=Municipality.objects.first())


@every_measure
def test_correct_counts_changes_this_record_only(model):
    record, other = MAKERS[model](), MAKERS[model]()
    before = _values(other)
    changed = {name: getattr(record, name) + 7 for name in model.SUMMED}

    correct_counts(record=record, **{**_values(record), **changed, "date": TODAY - DAY})

    stored = model.objects.get(pk=record.pk)
    assert {name: getattr(stored, name) for name in model.SUMMED} == changed
    assert stored.date == TODAY - DAY
    assert _values(model.objects.get(pk=other.pk)) == before


@every_measure
def test_correct_counts_does_not_bring_back_what_was_withdrawn(model):
    record = MAKERS[model]()
    values = _values(record)
    withdraw_counts(record=model.objects.get(pk=record.pk))

    with pytest.raises(ValidationError):
        correct_counts(record=record, **values)

    assert not model.objects.filter(pk=record.pk).exists()


@every_measure
def test_withdraw_counts_removes_this_record_only(model):
    record, other = MAKERS[model](), MAKERS[model]()

    withdraw_counts(record=record)

    assert set(model.objects.values_list("pk", flat=True)) == {other.pk}


# Who sees a record.


@every_measure
def test_record_visible_to_who_recorded_it_and_the_coordinator_of_the_organisation(model):
    scene = make_scene(model.MEASURE)
    records = {name: MAKERS[model](manager=manager) for name, manager in scene.managers(model.MEASURE).items()}

    assert scene.seen(records) == {
        "nobody": set(),
        "expired": set(),
        "unknown role": set(),
        "manager": {"mine"},
        "foreign manager": set(),
        "coordinator": {"mine", "colleague"},
        "Kreis coordinator": {"neighbour"},
        "foreign coordinator": {"foreign"},
        "ministry": set(),
        "auditor": set(),
    }


def test_record_stays_with_the_organisation_when_the_manager_changes_employer():
    manager = make_screening_day().manager
    user = manager.user
    end_employment(manager, TODAY - DAY)
    there = make_membership(user=user, organisation=make_organisation(), role=Membership.Role.MANAGER).organisation
    Manager.objects.create(user=user, organisation=there)

    assert user.membership.organisation == there
    assert list(ScreeningDay.objects.visible_to(user)) == []


def test_records_stand_with_the_latest_first():
    manager = make_manager(measure="bws")
    days = [make_screening_day(manager=manager, date=TODAY - number * DAY) for number in (2, 0, 1, 1)]

    assert list(ScreeningDay.objects.filter(manager=manager).for_list()) == [days[1], days[3], days[2], days[0]]
