from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.models import GroupOffer, LanguageCourse, QueerSupport, RomaSupport, ScreeningDay
from casework.models.counts import COUNT_MODELS
from tests.factories import (
    make_group_offer,
    make_language_course,
    make_manager,
    make_queer_support,
    make_roma_support,
    make_screening_day,
    place_of,
)
from tests.forms import assert_refused, submit
from tests.pages import Page, client_of
from tests.world import give_post

pytestmark = pytest.mark.django_db
MAKE = {
    LanguageCourse: make_language_course,
    ScreeningDay: make_screening_day,
    RomaSupport: make_roma_support,
    QueerSupport: make_queer_support,
    GroupOffer: make_group_offer,
}
CODES = list(COUNT_MODELS)


def _address(name: str, code: str, *more: object) -> str:
    return reverse(f"casework:{name}", args=[code, *more])


def _entered(manager, code: str, **overrides: object) -> dict[str, object]:
    """Each number different from every other, so that none can stand in the place of another."""
    model = COUNT_MODELS[code]
    values = {name: str(40 - number) for number, name in enumerate(model.SUMMED)}
    if model is LanguageCourse:
        values |= {"format": "trainees", "level": "B2", "childcare": "on"}
    if model is GroupOffer:
        values |= {"kind": "workshop", "topics": ["1", "3"]}
    if model is not QueerSupport:
        values["municipality"] = place_of(manager).pk
    return {**values, "date": timezone.localdate().isoformat(), **overrides}


@pytest.mark.parametrize("code", CODES)
def test_entry_is_stored_as_entered(code):
    manager = make_manager(measure=code)
    entered = _entered(manager, code)

    response = client_of(manager.user).post(_address("count_new", code), entered, follow=True)

    record = COUNT_MODELS[code].objects.get()
    numbers = {name: str(getattr(record, name)) for name in record.SUMMED}
    assert numbers == {name: entered[name] for name in record.SUMMED}
    assert (record.manager, record.organisation, record.date) == (manager, manager.organisation, timezone.localdate())
    assert record.municipality_id == entered.get("municipality")
    assert response.redirect_chain == [(_address("count_list", code), 302)]
    assert Page(response).messages == ["Entry saved."]
    assert Page(response).rows("counts-caption")[0][2:-1] == [entered[name] for name in record.SUMMED]


def test_course_keeps_its_words():
    manager = make_manager(measure="deutsch")

    client_of(manager.user).post(_address("count_new", "deutsch"), _entered(manager, "deutsch"))

    assert LanguageCourse.objects.values_list("format", "level", "childcare").get() == ("trainees", "B2", True)


def _wrong() -> list[tuple[str, str, object]]:
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    days = [(code, "date", value) for code in CODES for value in ("", "some day", tomorrow, "2016-12-31")]
    places = [
        (code, "municipality", value)
        for code, model in COUNT_MODELS.items()
        for value in ("", "08425002", "\x00")
        if model is not QueerSupport
    ]
    numbers = [
        (code, name, value)
        for code, model in COUNT_MODELS.items()
        for name in model.SUMMED
        for value in ("", "-1", "1.5", "many", "99999999999999999999")
    ]
    course = [
        ("deutsch", "format", "evening"),
        ("deutsch", "level", "Z9"),
        ("deutsch", "units", "0"),
        ("deutsch", "units", "2001"),
        ("deutsch", "participants_begun", "0"),
        ("deutsch", "participants_finished", "40"),
        ("deutsch", "participants_certified", "39"),
    ]
    beyond = [(code, name, most + 1) for code, model in COUNT_MODELS.items() for name, most in model.LARGEST.items()]
    others = [
        ("bws", "referrals", "78"),
        ("inturo", "trainings", "0"),
        ("queer", "trainings", "0"),
        ("im", "kind", "evening"),
        ("im", "topics", []),
        ("im", "participants", "1"),
        ("im", "minutes", "0"),
    ]
    return days + places + numbers + course + beyond + others


@pytest.mark.parametrize("code", CODES)
def test_wrong_entries_are_explained_and_nothing_typed_is_lost(code):
    manager = make_manager(measure=code)
    client = client_of(manager.user)

    for _code, field, value in (case for case in _wrong() if case[0] == code):
        sent = _entered(manager, code, **{field: value})
        assert_refused(submit(client, _address("count_new", code), sent), field, sent)

    assert COUNT_MODELS[code].objects.count() == 0


def test_course_of_which_nothing_is_entered_is_refused():
    manager = make_manager(measure="deutsch")
    client = client_of(manager.user)
    shown = Page(client.get(_address("count_new", "deutsch"))).values()

    page = submit(client, _address("count_new", "deutsch"), {**shown, "municipality": str(place_of(manager).pk)})

    assert {page.field_error(name).removeprefix("Error: ") for name in ("units", "participants_begun")} == {
        "Enter a whole number from 1 to 2000.",
        "Enter a whole number from 1 to 500.",
    }
    assert LanguageCourse.objects.count() == 0


def test_contradiction_between_two_numbers_is_named_at_the_later_one():
    manager = make_manager(measure="deutsch")
    sent = _entered(manager, "deutsch", participants_begun="3")

    page = submit(client_of(manager.user), _address("count_new", "deutsch"), sent)

    assert_refused(
        page,
        "participants_finished",
        sent,
        error="More people finished than began. Correct one of the two numbers.",
    )


def test_state_level_measure_has_no_place():
    manager = make_manager(measure="queer")
    client = client_of(manager.user)

    form = Page(client.get(_address("count_new", "queer"))).values()
    client.post(_address("count_new", "queer"), _entered(manager, "queer", municipality="08111000"))

    assert "municipality" not in form
    assert QueerSupport.objects.get().municipality is None


@pytest.mark.parametrize("code", CODES)
def test_entry_is_corrected_and_removed(code):
    record = MAKE[COUNT_MODELS[code]]()
    client = client_of(record.manager.user)
    name = record.SUMMED[-1]

    held = Page(client.get(_address("count_edit", code, record.pk))).values()
    corrected = client.post(_address("count_edit", code, record.pk), {**held, name: "5"}, follow=True)
    after = COUNT_MODELS[code].objects.get()
    removed = client.post(_address("count_withdraw", code, record.pk), follow=True)

    assert held[name] == [str(getattr(record, name))]
    assert (getattr(after, name), after.date, after.municipality_id) == (5, record.date, record.municipality_id)
    assert Page(corrected).messages == ["Entry corrected."]
    assert Page(removed).messages == ["The entry was removed."]
    assert COUNT_MODELS[code].objects.count() == 0


def test_wrong_correction_changes_nothing():
    record = make_language_course()
    sent = _entered(record.manager, "deutsch", units="0")

    page = submit(client_of(record.manager.user), _address("count_edit", "deutsch", record.pk), sent)

    assert_refused(page, "units", sent)
    assert LanguageCourse.objects.get().units == record.units


def test_record_is_not_reached_through_another_measure():
    record = make_screening_day(manager=make_manager(measure="bws", fte=Decimal("0.50")))
    give_post(record.manager, "deutsch")
    client = client_of(record.manager.user)

    answers = [client.get(_address("count_edit", code, record.pk)).status_code for code in ("bws", "deutsch", "queer")]

    assert answers == [200, 404, 404]


@pytest.mark.parametrize("code", ["jbh", "nothing"])
def test_measure_without_count_records_has_no_entry(code):
    manager = make_manager(measure="im", fte=Decimal("0.50"))
    give_post(manager, "deutsch")

    response = client_of(manager.user).get(_address("count_new", code))

    assert response.status_code == 404


def test_single_list_opens_at_once_and_several_are_offered():
    one, many = make_manager(measure="bws"), make_manager(measure="im", fte=Decimal("0.50"))
    give_post(many, "queer")
    none = make_manager(measure="jbh")
    start = reverse("casework:counts")

    at_once = client_of(one.user).get(start)
    offered = Page(client_of(many.user).get(start))
    empty = Page(client_of(none.user).get(start))

    assert (at_once.status_code, at_once["Location"]) == (302, _address("count_list", "bws"))
    assert [(link.text, link["href"]) for link in offered.main.all("a")] == [
        ("Group offers", _address("count_list", "im")),
        ("Queer refugees", _address("count_list", "queer")),
    ]
    assert "You fill no post for which numbers are recorded." in empty.main.text


@pytest.mark.parametrize("code", ["bws", "inturo", "queer"])
def test_entry_of_zeros_is_refused(code):
    manager, model = make_manager(measure=code), COUNT_MODELS[code]
    sent = _entered(manager, code, **dict.fromkeys(model.SUMMED, "0"))

    page = submit(client_of(manager.user), _address("count_new", code), sent)

    assert_refused(page, model.SUMMED[0], sent, error="All numbers are 0.")


def test_number_beyond_the_plausible_says_what_is_possible():
    manager = make_manager(measure="bws")
    sent = _entered(manager, "bws", coaches="101")

    page = submit(client_of(manager.user), _address("count_new", "bws"), sent)

    assert_refused(page, "coaches", sent, error="Enter a whole number from 0 to 100.")


def test_group_offer_keeps_its_kind_and_topics():
    manager = make_manager()

    client_of(manager.user).post(_address("count_new", "im"), _entered(manager, "im"))

    assert GroupOffer.objects.values_list("kind", "topics").get() == ("workshop", [1, 3])


def test_list_shows_own_entries_the_latest_first():
    manager, today = make_manager(measure="bws"), timezone.localdate()
    for days, green in ((3, 13), (1, 11), (2, 12)):
        make_screening_day(manager=manager, date=today - timedelta(days=days), green=green)
    make_screening_day(green=99)

    rows = Page(client_of(manager.user).get(_address("count_list", "bws"))).rows("counts-caption")

    assert [row[2] for row in rows] == ["11", "12", "13"]


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("name", "queries"), [("count_list", 8), ("count_new", 9), ("count_edit", 10)])
def test_pages_ask_as_often_for_one_entry_as_for_three(rows, name, queries, django_assert_num_queries):
    manager = make_manager(measure="deutsch")
    records = [make_language_course(manager=manager) for _number in range(rows)]
    client = client_of(manager.user)
    more = [records[0].pk] if name == "count_edit" else []

    with django_assert_num_queries(queries):
        response = client.get(_address(name, "deutsch", *more))

    assert response.status_code == 200
