"""Two people or two tabs on the outcome of one referral, or on one count record: who saves second chooses."""

from functools import partial

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from casework.models import GroupOffer, LanguageCourse, Referral
from casework.models.counts import COUNT_MODELS
from casework.services.absences import name_deputy
from casework.services.counts import correct_counts
from casework.services.referrals import record_outcome
from pik.conflicts import ChangedMeanwhile
from tests.casework.test_count_views import CODES, MAKE
from tests.database import app_session, side_by_side, wait_until_queued
from tests.factories import make_group_offer, make_language_course, make_manager, make_referral
from tests.pages import Page, client_of

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def _choices(page: Page) -> dict[str, tuple[str, ...]]:
    """By field, what is stored and what was sent, in words."""
    return {
        field.one("legend").text: tuple(label.text.split(": ", 1)[1] for label in field.all("label"))
        for field in page.main.all("fieldset")
    }


def _address(record) -> str:
    code = next(code for code, model in COUNT_MODELS.items() if isinstance(record, model))
    return reverse("casework:count_edit", args=[code, record.pk])


@pytest.mark.parametrize("code", CODES)
def test_second_tab_on_a_count_record_sees_both_versions_and_chooses(code):
    model = COUNT_MODELS[code]
    record = MAKE[model]()
    client, address, name = client_of(record.manager.user), _address(record), model.SUMMED[0]
    before = getattr(record, name)
    shown = Page(client.get(address)).values()
    client.post(address, {**shown, name: str(before + 1)})

    refused = client.post(address, {**shown, name: str(before + 2)})

    page = Page(refused)
    assert refused.status_code == 409
    assert list(_choices(page).values()) == [(str(before + 1), str(before + 2))]
    assert model.objects.values_list(name, "version").get() == (before + 1, 2)

    saved = client.post(address, {**page.values(), f"keep_{name}": "sent"}, follow=True)

    assert Page(saved).messages == ["Entry corrected."]
    assert model.objects.values_list(name, "version").get() == (before + 2, 3)


def test_words_and_choices_of_a_count_record_are_compared_as_well():
    record = make_language_course(childcare=False)
    client, address = client_of(record.manager.user), _address(record)
    shown = Page(client.get(address)).values()
    client.post(address, {**shown, "childcare": "on", "level": "C1"})

    page = Page(client.post(address, {**shown, "level": "A1"}))

    assert _choices(page) == {"Level": ("C1", "A1"), "With childcare": ("yes", "no")}

    client.post(address, {**page.values(), "keep_level": "sent", "keep_childcare": "stored"})

    assert LanguageCourse.objects.values_list("level", "childcare").get() == ("A1", True)


def test_topics_of_a_group_offer_are_compared_as_well():
    record = make_group_offer()
    client, address = client_of(record.manager.user), _address(record)
    shown = Page(client.get(address)).values()
    client.post(address, {**shown, "topics": ["2", "3"]})

    page = Page(client.post(address, {**shown, "topics": ["3"]}))
    client.post(address, {**page.values(), "keep_topics": "stored"})

    assert list(_choices(page)) == ["Topics"]
    assert GroupOffer.objects.get().topics == [2, 3]


def test_same_numbers_in_both_tabs_need_no_choice():
    record = make_group_offer()
    client, address = client_of(record.manager.user), _address(record)
    shown = Page(client.get(address)).values()

    answers = [client.post(address, {**shown, "minutes": "95"}) for _tab in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert GroupOffer.objects.values_list("minutes", "version").get() == (95, 2)


def test_correction_that_says_no_version_overwrites_nothing():
    record = make_group_offer()
    client, address = client_of(record.manager.user), _address(record)
    shown = Page(client.get(address)).values()

    answer = client.post(address, {**shown, "minutes": "95", "version": ""})

    assert answer.status_code == 409
    assert GroupOffer.objects.get().minutes == record.minutes


def _outcome_page(referral: Referral, client: Client) -> dict[str, str]:
    page = Page(client.get(reverse("casework:case_detail", args=[referral.case.code])))
    form = page.one("form", action=reverse("casework:referral_outcome", args=[referral.pk]))
    return {"version": form.one("input", name="version")["value"]}


def test_second_person_on_an_outcome_sees_both_and_chooses():
    referral = make_referral()
    manager = referral.case.opened_by
    deputy = make_manager(organisation=referral.organisation)
    name_deputy(manager=manager, deputy=deputy, starts_on=TODAY, ends_on=TODAY)
    first, second = client_of(manager.user), client_of(deputy.user)
    address = reverse("casework:referral_outcome", args=[referral.pk])
    shown = [_outcome_page(referral, client) for client in (first, second)]
    first.post(address, {**shown[0], "outcome": "arrived"})

    refused = second.post(address, {**shown[1], "outcome": "not_arrived"})

    page = Page(refused)
    assert refused.status_code == 409
    assert _choices(page) == {"Outcome": ("arrived", "not arrived")}
    back = page.main.one("a", href=reverse("casework:case_detail", args=[referral.case.code]))
    assert back.text == "Leave it as it is stored"
    assert Referral.objects.values_list("outcome", "version").get() == ("arrived", 2)

    second.post(address, {**page.values(), "keep_outcome": "sent"})

    assert Referral.objects.values_list("outcome", "version").get() == ("not_arrived", 3)


def test_outcome_that_stays_as_it_is_stored_keeps_its_day():
    referral = make_referral()
    client, address = client_of(referral.manager.user), reverse("casework:referral_outcome", args=[referral.pk])
    shown = _outcome_page(referral, client)
    client.post(address, {**shown, "outcome": "waiting"})
    page = Page(client.post(address, {**shown, "outcome": "declined"}))
    before = Referral.objects.values().get()

    client.post(address, {**page.values(), "keep_outcome": "stored"})

    assert Referral.objects.values().get() == before


def test_same_outcome_twice_needs_no_choice():
    referral = make_referral()
    client, address = client_of(referral.manager.user), reverse("casework:referral_outcome", args=[referral.pk])
    sent = {**_outcome_page(referral, client), "outcome": "arrived"}

    answers = [client.post(address, sent) for _click in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert Referral.objects.values_list("outcome", "version").get() == ("arrived", 2)


def test_referral_whose_outcome_was_saved_meanwhile_is_not_removed():
    referral = make_referral()
    client = client_of(referral.manager.user)
    shown = _outcome_page(referral, client)
    client.post(reverse("casework:referral_outcome", args=[referral.pk]), {**shown, "outcome": "arrived"})

    answer = client.post(reverse("casework:referral_withdraw", args=[referral.pk]), shown, follow=True)

    assert Page(answer).messages[-1] == "An outcome was saved in the meantime. Nothing was removed."
    assert Referral.objects.get().outcome == "arrived"


# The version is compared under a lock: of two who have seen the same, one is told.


def _told(results: list[object]) -> list[int]:
    return [result.version for result in results if isinstance(result, ChangedMeanwhile)]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_correct_a_record_at_once_one_is_told():
    record = make_group_offer()
    values = {"date": record.date, "municipality": record.municipality, "kind": record.kind, "topics": record.topics}

    def correct(minutes: int) -> object:
        mine = GroupOffer.objects.get(pk=record.pk)
        return correct_counts(record=mine, minutes=minutes, participants=9, version=1, **values)

    with app_session() as session:
        session.execute("SELECT FROM casework_groupoffer WHERE id = %s FOR UPDATE", [record.pk])

        def release() -> None:
            wait_until_queued(2)
            session.commit()

        results = side_by_side(partial(correct, 70), partial(correct, 80), release)

    assert _told(results) == [2]
    assert GroupOffer.objects.values_list("version", flat=True).get() == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_who_note_an_outcome_at_once_one_is_told():
    referral = make_referral()

    def note(outcome: str) -> object:
        mine = Referral.objects.select_related("case").get(pk=referral.pk)
        return record_outcome(referral=mine, outcome=outcome, version=1)

    with app_session() as session:
        session.execute("SELECT FROM casework_case WHERE id = %s FOR UPDATE", [referral.case_id])

        def release() -> None:
            wait_until_queued(2)
            session.commit()

        results = side_by_side(partial(note, "arrived"), partial(note, "declined"), release)

    assert _told(results) == [2]
    assert Referral.objects.values_list("version", flat=True).get() == 2
