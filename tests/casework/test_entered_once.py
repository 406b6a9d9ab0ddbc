"""A form for something new that is sent again, at once or later, stores one row, and drops nothing in silence."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.db.models import Model
from django.urls import reverse
from django.utils import timezone

from casework.models import Case, Contact, Goal, GroupOffer, Referral
from casework.models.counts import COUNT_MODELS
from casework.services.goals import StepEntry
from casework.services.plans import make_plan
from tests.bookings import refused_at
from tests.casework.test_counts import MAKERS
from tests.database import side_by_side
from tests.factories import (
    make_case,
    make_contact,
    make_goal,
    make_group_offer,
    make_manager,
    make_referral,
)
from tests.forms import submit
from tests.pages import Page, client_of

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)


def _in_a_case(make: Callable[..., Model]) -> Callable[..., Model]:
    """Makes a row of one case whose plan runs, however often it is called."""
    case = make_case()
    make_plan(case=case, agreed_on=TODAY)
    return partial(make, case=case)


def _of_a_manager(make: Callable[..., Model]) -> Callable[..., Model]:
    """Makes a row of one manager, however often it is called."""
    return partial(make, manager=make_manager())


# By model: whose rows they are, how one is made, and the same form with another value.
ENTRIES = {
    Case: (_of_a_manager, make_case, {"household_band": "1"}),
    Contact: (_in_a_case, make_contact, {"minutes": 55}),
    Goal: (_in_a_case, make_goal, {"words": "Finds a flat"}),
    Referral: (_in_a_case, make_referral, {"ask_on": TODAY + DAY}),
    GroupOffer: (_of_a_manager, make_group_offer, {"minutes": 45}),
}
every_entry = pytest.mark.parametrize("model", ENTRIES, ids=lambda model: model.__name__)


def _enter(model: type[Model]) -> Callable[..., Model]:
    owned, make, _other = ENTRIES[model]
    return owned(make)


@every_entry
def test_form_sent_again_gives_the_row_stored_before(model):
    enter, key = _enter(model), uuid4()

    first, second = enter(entry_key=key), enter(entry_key=key)
    other = enter(entry_key=uuid4())
    without = enter()

    assert first == second
    assert set(model.objects.all()) == {first, other, without}


@pytest.mark.django_db(transaction=True)
@every_entry
def test_form_sent_five_times_at_once_stores_one_row(model):
    enter = partial(_enter(model), entry_key=uuid4())

    made = side_by_side(*[enter] * 5)

    assert made == [model.objects.get()] * 5


@every_entry
def test_form_sent_again_with_other_values_is_refused(model):
    enter, key = _enter(model), uuid4()
    enter(entry_key=key)
    before = list(model.objects.values())

    with refused_at("__all__", "saved before, with other values", "correct it"):
        enter(entry_key=key, **ENTRIES[model][2])

    assert list(model.objects.values()) == before


@every_entry
def test_key_of_somebody_else_gives_nothing_away(model):
    key = uuid4()
    _enter(model)(entry_key=key)
    before = list(model.objects.exclude(entry_key=key))

    with refused_at("__all__", "sent before"):
        _enter(model)(entry_key=key)

    assert list(model.objects.exclude(entry_key=key)) == before


def test_goal_sent_again_with_other_steps_is_refused():
    enter, key, step = _enter(Goal), uuid4(), StepEntry("Fills in the form", "person", TODAY)

    first = enter(entry_key=key, steps=[step])
    second = enter(entry_key=key, steps=[step])

    assert first == second
    with refused_at("__all__", "with other values"):
        enter(entry_key=key, steps=[step._replace(doer="manager")])
    assert first.entered_steps == [("Fills in the form", "person", TODAY, None)]


@pytest.mark.parametrize("model", COUNT_MODELS.values(), ids=lambda model: model.MEASURE)
def test_count_record_sent_again_is_one(model):
    manager, key = make_manager(measure=model.MEASURE), uuid4()

    first, second = (MAKERS[model](manager=manager, entry_key=key) for _time in range(2))

    assert first == second == model.objects.get()


def _form_of(name: str) -> tuple[Case, str, dict[str, object]]:
    """A case, the address of a form, and what is typed into it."""
    case, today = make_case(), TODAY.isoformat()
    make_plan(case=case, agreed_on=TODAY)
    bands = {"age_band": "65+", "household_band": "1", "origin_group": "asia", "residence_group": "other"}
    place = case.municipality_id
    offer = {"kind": "workshop", "participants": 7, "minutes": 90, "topics": ["1"], "municipality": place}
    typed = {
        "case_new": {**bands, "measure": "im", "municipality": place, "opened_on": today},
        "goal_new": {"domain": "work", "words": "Finds work"},
        "referral_new": {"target": "1", "referred_on": today, "ask_on": today},
        "count_new": {**offer, "date": today},
    }
    place_of_form = {"case_new": [], "count_new": ["im"]}.get(name, [case.code])
    return case, reverse(f"casework:{name}", args=place_of_form), typed[name]


ADDED = {"case_new": Case, "goal_new": Goal, "referral_new": Referral, "count_new": GroupOffer}


@pytest.mark.parametrize("name", ADDED)
def test_page_opened_once_and_sent_thrice_stores_one_row(name):
    case, address, typed = _form_of(name)
    client, before = client_of(case.opened_by.user), ADDED[name].objects.count()
    (first,), (other,) = (Page(client.get(address)).values()["entry_key"] for _page in range(2))

    answers = [client.post(address, {**typed, "entry_key": key}) for key in (first, first, first, other)]

    assert [answer.status_code for answer in answers] == [302] * 4
    assert ADDED[name].objects.count() == before + 2
    assert answers[0]["Location"] == answers[1]["Location"]


@pytest.mark.parametrize("name", ADDED)
def test_page_that_is_refused_keeps_its_key(name):
    case, address, _typed = _form_of(name)
    client = client_of(case.opened_by.user)
    key = Page(client.get(address)).values()["entry_key"]

    page = submit(client, address, {"entry_key": key[0]})

    assert page.values()["entry_key"] == key


def test_page_sent_again_with_other_values_says_so_and_keeps_them():
    case, address, typed = _form_of("referral_new")
    client, key = client_of(case.opened_by.user), str(uuid4())
    client.post(address, {**typed, "entry_key": key})

    page = submit(client, address, {**typed, "target": "2", "entry_key": key})

    assert "This entry was saved before, with other values. Open the saved entry and correct it." in page.main.text
    assert page.values()["target"] == ["2"]
    assert Referral.objects.get().target_id == 1
