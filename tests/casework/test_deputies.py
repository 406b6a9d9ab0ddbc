from datetime import date, timedelta

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from casework.models import Absence, Case, Contact, Deputyship, Manager
from casework.services.figures import refresh_changed_figures
from casework.services.plans import make_plan
from casework.services.referrals import record_outcome
from pik.models import AccessRecord, Membership
from pik.months import months_later
from tests.casework.slow_count import stored
from tests.database import refused_at_commit_by, refused_by
from tests.factories import (
    end_employment,
    hand_over,
    make_assessment,
    make_case,
    make_contact,
    make_manager,
    make_membership,
    make_referral,
)
from tests.pages import Page, client_of
from tests.scene import make_scene

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)


def _stand_in(manager: Manager, deputy: Manager, starts_on: date = TODAY, ends_on: date = TODAY) -> Deputyship:
    return Deputyship.objects.create(
        manager=manager, deputy=deputy, organisation=manager.organisation, starts_on=starts_on, ends_on=ends_on
    )


def _colleague(manager: Manager) -> Manager:
    return make_manager(organisation=manager.organisation)


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
    deputy = _colleague(case.opened_by)
    own = make_case(manager=deputy)
    make_case(manager=_colleague(deputy))
    _stand_in(case.opened_by, deputy, starts_on, ends_on)

    assert _seen(deputy) == ({own, case} if sees else {own})
    assert _seen(case.opened_by) == {case}
    assert client_of(deputy.user).get(_address(case)).status_code == (200 if sees else 404)


def test_deputy_of_a_deputy_sees_the_cases_of_the_deputy_only():
    case = make_case()
    deputy = _colleague(case.opened_by)
    second, own = _colleague(deputy), make_case(manager=deputy)
    _stand_in(case.opened_by, deputy)
    _stand_in(deputy, second)

    assert _seen(second) == {own}


def test_deputy_sees_what_the_manager_answers_for_today():
    manager = make_manager()
    deputy, receiver = _colleague(manager), _colleague(manager)
    kept, given, to_come = (make_case(manager=manager) for _number in range(3))
    hand_over(given, receiver, TODAY)
    hand_over(to_come, receiver, TODAY + DAY)
    _stand_in(manager, deputy)

    assert _seen(deputy) == {kept, to_come}


def test_deputy_whose_employment_is_over_sees_nothing():
    case = make_case()
    deputy = _colleague(case.opened_by)
    _stand_in(case.opened_by, deputy)
    end_employment(deputy, TODAY - DAY)

    assert _seen(deputy) == set()


def test_deputy_who_acts_elsewhere_sees_nothing_of_it_there():
    case, there = make_case(), make_case()
    deputy = _colleague(case.opened_by)
    membership = make_membership(user=deputy.user, organisation=there.organisation, role="manager")
    Manager.objects.create(user=deputy.user, organisation=there.organisation)
    _stand_in(case.opened_by, deputy)

    here = _seen(deputy)
    deputy.user.acting_membership_id = membership.pk

    assert (here, _seen(deputy)) == ({case}, set())


def test_deputy_who_acts_as_coordinator_sees_no_case():
    case = make_case()
    deputy = _colleague(case.opened_by)
    _stand_in(case.opened_by, deputy)
    coordinator = make_membership(user=deputy.user, organisation=case.organisation, role=Membership.Role.COORDINATOR)

    deputy.user.acting_membership_id = coordinator.pk

    assert _seen(deputy) == set()


# What a deputy does.


def test_deputy_who_opens_a_case_leaves_a_line_in_the_access_log_each_time():
    case = make_case()
    deputy = _colleague(case.opened_by)
    _stand_in(case.opened_by, deputy)
    client = client_of(deputy.user)

    for _time in range(2):
        client.get(_address(case))

    lines = AccessRecord.objects.values_list("user", "organisation", "action", "subject")
    assert list(lines) == [(deputy.user_id, case.organisation_id, "case_read", case.code)] * 2


PAGES = (
    "case_detail case_edit case_close case_phase case_consent case_extend plan_review referral_new goal_list goal_new"
)


@pytest.mark.parametrize("page", [*PAGES.split(), "assessment_list", "assessment_new"])
def test_each_page_of_a_case_that_a_deputy_opens_leaves_a_line(page):
    # One with a plan, whose funding time is about to end.
    case = make_case(opened_on=months_later(timezone.localdate(), 1 - settings.CASE_LIMIT_MONTHS))
    make_plan(case=case, agreed_on=case.opened_on)
    deputy = _colleague(case.opened_by)
    _stand_in(case.opened_by, deputy)

    answer = client_of(deputy.user).get(reverse(f"casework:{page}", args=[case.code]))

    assert answer.status_code == 200
    assert AccessRecord.objects.get().subject == case.code


def test_picture_of_a_case_leaves_a_line_when_a_deputy_asks_for_it_without_its_page():
    case = make_assessment().case
    deputy = _colleague(case.opened_by)
    _stand_in(case.opened_by, deputy)

    answer = client_of(deputy.user).get(reverse("casework:assessment_picture", args=[case.code]))

    assert answer.status_code == 200
    assert AccessRecord.objects.get().subject == case.code


def test_page_with_its_picture_leaves_one_line():
    case = make_assessment().case
    deputy = _colleague(case.opened_by)
    _stand_in(case.opened_by, deputy)
    client = client_of(deputy.user)

    for name in ("assessment_list", "assessment_picture"):
        client.get(reverse(f"casework:{name}", args=[case.code]))

    assert AccessRecord.objects.get().subject == case.code


@pytest.mark.parametrize(("own_entry", "status"), [({"minutes": "50"}, 200), ({}, 302)])
def test_last_contact_that_a_deputy_is_shown_or_told_of_leaves_a_line(own_entry, status):
    case = make_contact(date=TODAY - DAY).case
    deputy = _colleague(case.opened_by)
    _stand_in(case.opened_by, deputy)
    sent = {"case": case.code, "date": TODAY.isoformat(), "again": "1", **own_entry}

    answer = client_of(deputy.user).post(reverse("casework:contact_new"), sent)

    assert answer.status_code == status
    assert AccessRecord.objects.get().subject == case.code


def test_last_contact_of_the_own_case_leaves_no_line():
    case = make_contact(date=TODAY - DAY).case

    client_of(case.opened_by.user).post(
        reverse("casework:contact_new"), {"case": case.code, "date": TODAY.isoformat(), "again": "1"}
    )

    assert list(AccessRecord.objects.all()) == []


def test_outcome_of_somebody_else_that_a_deputy_is_shown_leaves_a_line():
    referral = make_referral()
    deputy = _colleague(referral.case.opened_by)
    _stand_in(referral.case.opened_by, deputy)
    record_outcome(referral=referral, outcome="arrived", version=1)

    answer = client_of(deputy.user).post(
        reverse("casework:referral_outcome", args=[referral.pk]), {"outcome": "not_arrived", "version": 1}
    )

    assert answer.status_code == 409
    assert AccessRecord.objects.get().subject == referral.case.code


def test_form_that_a_deputy_sends_back_wrong_leaves_no_second_line():
    case = make_case()
    deputy = _colleague(case.opened_by)
    _stand_in(case.opened_by, deputy)
    client = client_of(deputy.user)
    address = reverse("casework:case_edit", args=[case.code])

    client.get(address)
    answers = [client.post(address, {"age_band": "unknown"}).status_code for _time in range(2)]

    assert answers == [200, 200]
    assert AccessRecord.objects.get().subject == case.code


def test_manager_who_opens_the_own_case_leaves_no_line():
    case = make_case()
    deputy = _colleague(case.opened_by)
    own = make_case(manager=deputy)
    _stand_in(case.opened_by, deputy)

    client_of(case.opened_by.user).get(_address(case))
    client_of(deputy.user).get(_address(own))

    assert list(AccessRecord.objects.all()) == []


def test_stranger_who_is_refused_a_case_leaves_no_line():
    case = make_case()
    stranger = _colleague(case.opened_by)
    _stand_in(case.opened_by, stranger, TODAY - 9 * DAY, TODAY - DAY)

    response = client_of(stranger.user).get(_address(case))

    assert response.status_code == 404
    assert list(AccessRecord.objects.all()) == []


def test_receiver_of_a_case_opens_it_without_a_line_and_reads_who_recorded_what():
    contact = make_contact(date=TODAY - DAY)
    receiver = _colleague(contact.manager)
    hand_over(contact.case, receiver, TODAY)

    page = Page(client_of(receiver.user).get(_address(contact.case)))

    assert [row[-1] for row in page.rows("contacts-caption")] == [contact.manager.user.name]
    assert list(AccessRecord.objects.all()) == []


def test_page_tells_a_deputy_who_is_responsible():
    case = make_case()
    deputy = _colleague(case.opened_by)
    _stand_in(case.opened_by, deputy)

    def told(manager: Manager) -> dict[str, str]:
        page = Page(client_of(manager.user).get(_address(case)))
        return {entry.one("dt").text: entry.one("dd").text for entry in page.all("dl")[0].all("div")}

    sentence = "You stand in; this reading is noted in the access log."
    assert told(deputy)["Responsible"] == f"{case.opened_by.user.name}. {sentence}"
    assert "Responsible" not in told(case.opened_by)


def test_contact_of_a_deputy_counts_for_the_deputy_and_the_case_for_its_manager():
    case = make_case(opened_on=TODAY)
    deputy = _colleague(case.opened_by)
    _stand_in(case.opened_by, deputy)
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
    hand_over(contact.case, _colleague(contact.manager), TODAY)

    page = Page(client_of(contact.manager.user).get(reverse("casework:contact_list")))

    assert [row[1] for row in page.rows("contacts-caption")] == [contact.case.code]
    assert page.all("a", href=_address(contact.case)) == []


# What the database refuses.


def test_manager_does_not_stand_in_for_the_own_person():
    manager = make_manager()

    with refused_by("deputyship_of_another"):
        _stand_in(manager, manager)


def test_deputy_and_manager_belong_to_the_same_organisation():
    manager, stranger = make_manager(), make_manager()
    days = {"starts_on": TODAY, "ends_on": TODAY}

    with refused_at_commit_by("deputyship_by_own_manager"):
        Deputyship.objects.create(manager=manager, deputy=stranger, organisation=manager.organisation, **days)
    with refused_at_commit_by("deputyship_of_own_manager"):
        Deputyship.objects.create(manager=manager, deputy=stranger, organisation=stranger.organisation, **days)


def test_deputy_stands_in_for_a_manager_once_at_a_time():
    manager = make_manager()
    deputy = _colleague(manager)
    _stand_in(manager, deputy, TODAY, TODAY + 5 * DAY)

    with refused_by("deputyship_once_at_a_time"):
        _stand_in(manager, deputy, TODAY + 5 * DAY, TODAY + 9 * DAY)
    _stand_in(manager, deputy, TODAY + 6 * DAY, TODAY + 9 * DAY)
    _stand_in(manager, _colleague(manager), TODAY, TODAY + 5 * DAY)

    assert manager.deputies.count() == 3


def test_deputyship_that_ends_before_it_starts_is_refused():
    manager = make_manager()

    with refused_by("deputyship_ends_after_it_starts"):
        _stand_in(manager, _colleague(manager), TODAY, TODAY - DAY)


# Who sees that somebody is away or stands in.


def test_deputyship_visible_to_the_two_concerned_and_the_coordinator_of_the_organisation():
    scene = make_scene()
    managers = scene.managers()
    rows = {name: _stand_in(manager, _colleague(manager)) for name, manager in managers.items()}
    rows["by me"] = _stand_in(managers["colleague"], managers["mine"])

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


def _goal_typed_as(deputy: Manager, address: str) -> dict[str, str]:
    """What a deputy sends who has opened the form of a goal and typed into it."""
    owner = Page(client_of(deputy.user).get(address)).one("input", name="owner")["value"]
    return {"owner": owner, "domain": "work", "words": "Findet eine Stelle <in Teilzeit>"}


def test_goal_sent_after_the_deputyship_is_shown_back_and_nothing_of_the_case():
    case = make_case()
    make_plan(case=case, agreed_on=case.opened_on)
    deputy, address = _colleague(case.opened_by), reverse("casework:goal_new", args=[case.code])
    deputyship = _stand_in(case.opened_by, deputy)
    sent = _goal_typed_as(deputy, address)
    deputyship.delete()

    answer = client_of(deputy.user).post(address, sent)

    assert answer.status_code == 404
    assert [each.text for each in Page(answer).all("blockquote")] == ["Findet eine Stelle <in Teilzeit>"]
    assert case.code not in Page(answer).main.text


def test_words_that_somebody_else_typed_are_not_shown_back():
    case = make_case()
    make_plan(case=case, agreed_on=case.opened_on)
    deputy, address = _colleague(case.opened_by), reverse("casework:goal_new", args=[case.code])
    _stand_in(case.opened_by, deputy)
    sent = _goal_typed_as(deputy, address)

    answers = [
        client_of(make_manager().user).post(address, sent),
        client_of(make_manager().user).post(address, {**sent, "owner": "forged"}),
    ]

    assert [answer.status_code for answer in answers] == [409, 404]
    assert [b"Teilzeit" in answer.content for answer in answers] == [False, False]
