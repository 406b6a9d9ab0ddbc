from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from casework.models import Assignment, Manager, Post
from casework.services.managers import register_manager
from pik.models import Measure, Membership, Municipality, Organisation, User
from pik.people import send_due_invitations
from tests.database import refused_by
from tests.factories import STARTED, make_manager, make_membership, make_organisation, make_user, places_of
from tests.scene import make_scene

TODAY, DAY = timezone.localdate(), timedelta(days=1)


def _values(organisation: Organisation, **overrides: object) -> dict[str, object]:
    values = {
        "name": "Ada Beispiel",
        "email": "ada@pik.example",
        "organisation": organisation,
        "measure": Measure.objects.get(code="im"),
        "fte": Decimal("0.75"),
        "starts_on": TODAY,
        "ends_on": None,
        "municipalities": places_of(organisation, 2),
    }
    return {**values, **overrides}


@pytest.mark.django_db
def test_register_manager_makes_person_post_and_assignment():
    organisation = make_organisation()
    places = places_of(organisation, 2)

    manager = register_manager(**_values(organisation))

    post = Post.objects.get(organisation=organisation)
    assignment = Assignment.objects.get(manager=manager)
    assert (manager.user.email, str(manager), manager.organisation) == ("ada@pik.example", "Ada Beispiel", organisation)
    assert manager.user.membership.role == "manager"
    assert (post.measure_id, post.fte, post.district, post.starts_on, post.ends_on) == (
        "im",
        Decimal("0.75"),
        organisation.district,
        TODAY,
        None,
    )
    assert set(post.municipalities.all()) == set(places)
    assert (assignment.post, assignment.fte, assignment.starts_on) == (post, Decimal("0.75"), TODAY)
    assert manager.user.invitation_due_at is not None


@pytest.mark.django_db
def test_manager_registered_ahead_can_log_in_today():
    manager = make_manager(starts_on=TODAY + DAY)

    assert manager.user.membership.starts_on == TODAY


@pytest.mark.django_db
def test_manager_of_a_provider_is_funded_by_the_kreis_of_the_municipalities():
    provider = make_organisation(kind="provider")
    places = list(Municipality.objects.filter(district="08117")[:2])

    manager = register_manager(**_values(provider, municipalities=places))

    assert manager.assignments.get().post.district_id == "08117"


@pytest.mark.django_db
def test_manager_of_a_state_level_measure_has_neither_kreis_nor_municipality():
    manager = make_manager(measure="queer", organisation=make_organisation(kind="provider"))

    post = manager.assignments.get().post
    assert (post.district, list(post.municipalities.all())) == (None, [])


def _foreign_places(organisation: Organisation) -> list[Municipality]:
    return list(Municipality.objects.exclude(district=organisation.district).order_by("ags")[:1])


WRONG = {
    "address in use": (lambda body: {"email": "Taken@pik.example"}, "email"),
    "no address": (lambda body: {"email": "ada"}, "email"),
    "no name": (lambda body: {"name": " "}, "name"),
    "too small": (lambda body: {"fte": Decimal("0.20")}, "fte"),
    "too large": (lambda body: {"fte": Decimal("1.05")}, "fte"),
    "three decimals": (lambda body: {"fte": Decimal("0.333")}, "fte"),
    "ends before it starts": (lambda body: {"ends_on": TODAY - DAY}, "ends_on"),
    "ends before it starts, ahead": (lambda body: {"starts_on": TODAY + 9 * DAY, "ends_on": TODAY + DAY}, "ends_on"),
    "no municipality": (lambda body: {"municipalities": []}, "municipalities"),
    "foreign municipality": (lambda body: {"municipalities": _foreign_places(body)}, "municipalities"),
    "two districts": (
        lambda body: {"municipalities": places_of(body) + _foreign_places(body)},
        "municipalities",
    ),
    "place for the state": (lambda body: {"measure": Measure.objects.get(code="queer")}, "municipalities"),
}


def _rows() -> list[int]:
    return [model.objects.count() for model in (User, Membership, Manager, Post, Assignment)]


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", WRONG)
def test_register_manager_with_an_error_names_the_field_and_leaves_nothing(wrong, django_capture_on_commit_callbacks):
    make_user(email="taken@pik.example")
    organisation = make_organisation()
    overrides, field = WRONG[wrong]
    before = _rows()

    with django_capture_on_commit_callbacks() as after_commit, pytest.raises(ValidationError) as caught:
        register_manager(**_values(organisation, **overrides(organisation)))

    assert list(caught.value.message_dict) == [field]
    assert (_rows(), after_commit) == (before, [])
    assert (send_due_invitations(), mail.outbox) == (0, [])


@pytest.mark.django_db(transaction=True)
def test_register_manager_that_fails_at_the_very_end_leaves_nothing(monkeypatch):
    organisation = make_organisation()
    before = _rows()

    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(Assignment, "save", fail)
    with pytest.raises(RuntimeError):
        register_manager(**_values(organisation))

    assert _rows() == before
    assert (send_due_invitations(), mail.outbox) == (0, [])


@pytest.mark.django_db
def test_register_manager_with_an_error_leaves_a_surrounding_transaction_usable():
    make_user(email="ada@pik.example")
    organisation = make_organisation()

    with transaction.atomic(), pytest.raises(ValidationError):
        register_manager(**_values(organisation))

    assert Organisation.objects.filter(pk=organisation.pk).exists()


@pytest.mark.django_db
def test_person_is_manager_once_in_an_organisation():
    manager = make_manager()

    with refused_by("manager_once_in_an_organisation"):
        Manager.objects.create(user=manager.user, organisation=manager.organisation)


@pytest.mark.django_db
def test_person_of_two_organisations_acts_as_the_manager_of_the_chosen_one():
    here = make_manager(fte=Decimal("0.50"))
    membership = make_membership(user=here.user, organisation=make_organisation(), role="manager")
    there = Manager.objects.create(user=here.user, organisation=membership.organisation)

    user = User.objects.get(pk=here.user_id)
    at_first = Manager.objects.acting(user)
    user.acting_membership_id = membership.pk

    assert (at_first, Manager.objects.acting(user)) == (here, there)
    assert list(Manager.objects.visible_to(user)) == [there]


@pytest.mark.django_db
def test_manager_visible_to_the_person_and_those_who_answer():
    scene = make_scene()
    provider = make_organisation(kind="provider")
    funded = make_manager(organisation=provider, municipalities=[scene.own.municipality])
    managers = {**scene.managers(), "provider": funded}

    assert scene.seen(managers) == {
        "nobody": set(),
        "expired": set(),
        "unknown role": set(),
        "manager": {"mine"},
        "foreign manager": set(),
        "coordinator": {"mine", "colleague"},
        "Kreis coordinator": {"mine", "colleague", "neighbour", "provider"},
        "foreign coordinator": {"foreign"},
        "ministry": set(),
        "auditor": set(),
    }


@pytest.mark.django_db
def test_register_shows_names_in_german_order_with_the_posts_of_today():
    organisation = make_organisation()
    coordinator = make_membership(organisation=organisation).user
    for name in ("Zoe", "Ärmel", "Adler"):
        make_manager(organisation=organisation, name=name)
    gone = make_manager(organisation=organisation, name="Öz", ends_on=TODAY - DAY)

    register = list(Manager.objects.visible_to(coordinator).for_register())

    assert [str(manager) for manager in register] == ["Adler", "Ärmel", "Öz", "Zoe"]
    assert [len(manager.current_assignments) for manager in register] == [1, 1, 0, 1]
    assert gone.assignments.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "found"), [("mül", ["Müller"]), ("EVA@", ["Evchen"]), ("", ["Evchen", "Müller"]), ("%", [])]
)
def test_register_is_searched_by_name_and_address(text, found):
    organisation = make_organisation()
    make_manager(organisation=organisation, name="Müller", email="m@pik.example")
    make_manager(organisation=organisation, name="Evchen", email="eva@pik.example")

    matching = Manager.objects.filter(organisation=organisation).matching(text).for_register()

    assert [str(manager) for manager in matching] == found


@pytest.mark.django_db
def test_manager_works_in_the_places_and_measures_of_the_posts_of_today():
    organisation = make_organisation()
    manager = make_manager(organisation=organisation, municipalities=places_of(organisation, 2))
    past = make_manager(organisation=organisation, starts_on=STARTED, ends_on=TODAY - DAY)

    assert set(manager.places()) == set(places_of(organisation, 2))
    assert [measure.pk for measure in manager.measures(Measure.Profile.CASES)] == ["im"]
    assert list(manager.measures(Measure.Profile.COUNTS)) == []
    assert (list(past.places()), list(past.measures(Measure.Profile.CASES))) == ([], [])
