from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.models import Absence, Case, Contact, Deputyship, Manager
from casework.services.figures import refresh_changed_figures
from pik.models import Membership
from tests.casework.slow_count import stored
from tests.casework.standing_in import colleague_of, stand_in
from tests.database import refused_at_commit_by, refused_by
from tests.factories import (
    end_employment,
    hand_over,
    make_case,
    make_contact,
    make_manager,
    make_membership,
)
from tests.pages import Page, client_of
from tests.scene import make_scene

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)


def _seen(manager: Manager) -> set[Case]:
    return set(Case.objects.visible_to(manager.user))


def _address(case: Case) -> str:
    return reverse("casework:case_detail", args=[case.code])


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "sees"),
    [
        (TODAY, TODAY, True),
        (TODAY - 9 * DAY, TODAY, True),
        (TODAY, TODAY + 9 * DAY, True),
        (TODAY - 9 * DAY, TODAY - DAY, False),
        (TODAY + DAY, TODAY + 9 * DAY, False),
    ],
)
def test_deputy_sees_the_cases_from_the_first_to_the_last_day_only(starts_on, ends_on, sees):
    case = make_case()
    deputy = colleague_of(case.opened_by)
    own = make_case(manager=deputy)
    make_case(manager=colleague_of(deputy))
    stand_in(case.opened_by, deputy, starts_on, ends_on)

    assert _seen(deputy) == ({own, case} if sees else {own})
    assert _seen(case.opened_by) == {case}
    assert client_of(deputy.user).get(_address(case)).status_code == (200 if sees else 404)


def test_deputy_of_a_deputy_sees_the_cases_of_the_deputy_only():
    case = make_case()
    deputy = colleague_of(case.opened_by)
    second, own = colleague_of(deputy), make_case(manager=deputy)
    stand_in(case.opened_by, deputy)
    stand_in(deputy, second)

    assert _seen(second) == {own}


def test_deputy_sees_what_the_manager_answers_for_today():
    manager = make_manager()
    deputy, receiver = colleague_of(manager), colleague_of(manager)
    kept, given, to_come = (make_case(manager=manager) for _number in range(3))
    hand_over(given, receiver, TODAY)
    hand_over(to_come, receiver, TODAY + DAY)
    stand_in(manager, deputy)

    assert _seen(deputy) == {kept, to_come}


def test_deputy_whose_employment_is_over_sees_nothing():
    case = make_case()
    deputy = colleague_of(case.opened_by)
    stand_in(case.opened_by, deputy)
    end_employment(deputy, TODAY - DAY)

    assert _seen(deputy) == set()


def test_deputy_who_acts_elsewhere_sees_nothing_of_it_there():
    case, there = make_case(), make_case()
    deputy = colleague_of(case.opened_by)
    membership = make_membership(user=deputy.user, organisation=there.organisation, role="manager")
    Manager.objects.create(user=deputy.user, organisation=there.organisation)
    stand_in(case.opened_by, deputy)

    here = _seen(deputy)
    deputy.user.acting_membership_id = membership.pk

    assert (here, _seen(deputy)) == ({case}, set())


def test_deputy_who_acts_as_coordinator_sees_no_case():
    case = make_case()
    deputy = colleague_of(case.opened_by)
    stand_in(case.opened_by, deputy)
    coordinator = make_membership(user=deputy.user, organisation=case.organisation, role=Membership.Role.COORDINATOR)

    deputy.user.acting_membership_id = coordinator.pk

    assert _seen(deputy) == set()


# What a deputy does.


def test_page_tells_a_deputy_who_is_responsible():
    case = make_case()
    deputy = colleague_of(case.opened_by)
    stand_in(case.opened_by, deputy)

    def told(manager: Manager) -> dict[str, str]:
        page = Page(client_of(manager.user).get(_address(case)))
        return {entry.one("dt").text: entry.one("dd").text for entry in page.all("dl")[0].all("div")}

    sentence = "You stand in; this reading is noted in the access log."
    assert told(deputy)["Responsible"] == f"{case.opened_by.user.name}. {sentence}"
    assert "Responsible" not in told(case.opened_by)


def test_contact_of_a_deputy_counts_for_the_deputy_and_the_case_for_its_manager():
    case = make_case(opened_on=TODAY)
    deputy = colleague_of(case.opened_by)
    stand_in(case.opened_by, deputy)
    sent = {
        "case": case.code,
        "date": TODAY.isoformat(),
        "minutes": "20",
        "kind": "crisis",
        "channel": "phone",
        "topics": ["1"],
        "mediation": "none",
    }

    response = client_of(deputy.user).post(reverse("casework:contact_new"), sent)
    refresh_changed_figures()

    assert response.status_code == 302
    assert Contact.objects.get().manager == deputy
    assert {key[0]: numbers[:8] for key, numbers in stored().items()} == {
        case.opened_by_id: (1, 1, 0, 0, 0, 0, 0, 0),
        deputy.pk: (0, 0, 0, 0, 0, 0, 1, 20),
    }


def test_own_contact_with_a_case_that_went_to_a_colleague_stays_in_the_list_without_a_way_into_it():
    contact = make_contact()
    hand_over(contact.case, colleague_of(contact.manager), TODAY)

    page = Page(client_of(contact.manager.user).get(reverse("casework:contact_list")))

    assert [row[1] for row in page.rows("contacts-caption")] == [contact.case.code]
    assert page.all("a", href=_address(contact.case)) == []


# What the database refuses.


def test_manager_does_not_stand_in_for_the_own_person():
    manager = make_manager()

    with refused_by("deputyship_of_another"):
        stand_in(manager, manager)


def test_deputy_and_manager_belong_to_the_same_organisation():
    manager, stranger = make_manager(), make_manager()
    days = {"starts_on": TODAY, "ends_on": TODAY}

    with refused_at_commit_by("deputyship_by_own_manager"):
        Deputyship.objects.create(manager=manager, deputy=stranger, organisation=manager.organisation, **days)
    with refused_at_commit_by("deputyship_of_own_manager"):
        Deputyship.objects.create(manager=manager, deputy=stranger, organisation=stranger.organisation, **days)


def test_deputy_stands_in_for_a_manager_once_at_a_time():
    manager = make_manager()
    deputy = colleague_of(manager)
    stand_in(manager, deputy, TODAY, TODAY + 5 * DAY)

    with refused_by("deputyship_once_at_a_time"):
        stand_in(manager, deputy, TODAY + 5 * DAY, TODAY + 9 * DAY)
    stand_in(manager, deputy, TODAY + 6 * DAY, TODAY + 9 * DAY)
    stand_in(manager, colleague_of(manager), TODAY, TODAY + 5 * DAY)

    assert manager.deputies.count() == 3


def test_deputyship_that_ends_before_it_starts_is_refused():
    manager = make_manager()

    with refused_by("deputyship_ends_after_it_starts"):
        stand_in(manager, colleague_of(manager), TODAY, TODAY - DAY)


# Who sees that somebody is away or stands in.


def test_deputyship_visible_to_the_two_concerned_and_the_coordinator_of_the_organisation():
    scene = make_scene()
    managers = scene.managers()
    rows = {name: stand_in(manager, colleague_of(manager)) for name, manager in managers.items()}
    rows["by me"] = stand_in(managers["colleague"], managers["mine"])

    assert scene.seen(rows) == {
        "nobody": set(),
        "expired": set(),
        "unknown role": set(),
        "manager": {"mine", "by me"},
        "foreign manager": set(),
        "coordinator": {"mine", "colleague", "by me"},
        "Kreis coordinator": {"neighbour"},
        "foreign coordinator": {"foreign"},
        "ministry": set(),
        "auditor": set(),
    }


def test_absence_visible_to_the_person_and_the_coordinator_of_the_employer():
    scene = make_scene()
    rows = {
        name: Absence.objects.create(manager=manager, kind="illness", starts_on=TODAY)
        for name, manager in scene.managers().items()
    }

    assert scene.seen(rows) == {
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
