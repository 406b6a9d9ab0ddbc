"""Two tabs on the plan, the assessment, the consent or the fourth year of one case: who saves second chooses."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from casework.models import Assessment, Case, Goal, Step
from casework.services.assessments import correct_assessment
from casework.services.case_file import extend_case, record_consent
from casework.services.cases import close_case
from casework.services.goals import StepEntry, change_goal
from pik.conflicts import ChangedMeanwhile
from pik.models import Draft
from pik.months import add_months
from tests.factories import make_assessment, make_case, make_goal, make_manager
from tests.pages import Page, client_of

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)
# Near enough to its end to be extended.
OLD = add_months(TODAY.replace(day=1), -33)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def _address(name: str, case: Case, *more: object) -> str:
    return reverse(f"casework:{name}", args=[case.code, *more])


def _shown(client: Client, address: str) -> dict[str, list[str]]:
    return Page(client.get(address)).values()


def _choices(page: Page) -> dict[str, tuple[str, str]]:
    """By field, what is stored and what was sent, in words."""
    return {
        field.one("legend").text: tuple(label.text.split(": ", 1)[1] for label in field.all("label"))
        for field in page.main.all("fieldset")
    }


def _chosen(page: Page, **choices: str) -> dict[str, object]:
    return {**page.values(), **{f"keep_{name}": choice for name, choice in choices.items()}}


def _goal_page(**overrides: object) -> tuple[Goal, Client, str]:
    goal = make_goal(**overrides)
    case = goal.plan.case
    return goal, client_of(case.opened_by.user), _address("goal_edit", case, goal.pk)


def _steps(goal: Goal) -> set[tuple[str, str]]:
    return set(goal.steps.values_list("words", "doer"))


def test_goal_and_step_show_both_versions_and_keep_what_is_chosen():
    goal, client, address = _goal_page(steps=[StepEntry("Calls", "person")])
    shown = _shown(client, address)
    client.post(address, {**shown, "words": "Finds a flat", "step0_words": "Writes", "step0_doer": "manager"})

    refused = client.post(address, {**shown, "words": "Finds a room", "step0_words": "Asks"})

    page = Page(refused)
    assert refused.status_code == 409
    assert _choices(page) == {
        "Goal": ("Finds a flat", "Finds a room"),
        "Step 1: What": ("Writes", "Asks"),
        "Step 1: Who": ("integration manager", "the person"),
    }

    client.post(address, _chosen(page, words="sent", step0_words="stored", step0_doer="stored"))

    stored = Goal.objects.get()
    assert (stored.words, stored.version, _steps(goal)) == ("Finds a room", 3, {("Writes", "manager")})


def test_step_added_in_another_tab_stays_and_is_not_mixed_up_with_mine():
    goal, client, address = _goal_page(steps=[StepEntry("Calls", "person", TODAY)])
    shown = _shown(client, address)
    # Stands above the one that is there already.
    first = {"step1_words": "First", "step1_doer": "manager", "step1_due_on": (TODAY - DAY).isoformat()}
    client.post(address, {**shown, **first})

    page = Page(client.post(address, {**shown, "step0_words": "Calls twice", "step1_words": "", "step1_doer": ""}))
    client.post(address, _chosen(page, step0_words="sent"))

    assert _choices(page) == {"Step 1: What": ("Calls", "Calls twice")}
    assert _steps(goal) == {("First", "manager"), ("Calls twice", "person")}


def test_step_removed_in_another_tab_comes_back_only_if_that_is_chosen():
    goal, client, address = _goal_page(steps=[StepEntry("Calls", "person")])
    shown = _shown(client, address)
    client.post(address, {**shown, "step0_words": ""})

    page = Page(client.post(address, {**shown, "step0_words": "Calls twice"}))

    assert _choices(page) == {"Step 1: What": ("–", "Calls twice"), "Step 1: Who": ("–", "the person")}
    for choice, left in (("stored", set()), ("sent", {("Calls twice", "person")})):
        client.post(address, {**_chosen(page, step0_words=choice, step0_doer=choice), "version": str(_version())})
        assert _steps(goal) == left


def _version() -> int:
    return Goal.objects.get().version


def test_goal_that_says_the_same_in_both_tabs_is_saved_without_a_question():
    _goal, client, address = _goal_page()
    shown = _shown(client, address)
    client.post(address, {**shown, "words": "Finds a flat"})

    again = client.post(address, {**shown, "words": "Finds a flat"}, follow=True)

    assert Page(again).messages[-1] == "Goal saved."
    assert _version() == 2


def test_choice_about_a_goal_that_is_missing_is_asked_for_again():
    _goal, client, address = _goal_page()
    shown = _shown(client, address)
    client.post(address, {**shown, "words": "Finds a flat"})
    page = Page(client.post(address, {**shown, "words": "Finds a room"}))

    again = client.post(address, page.values())

    assert again.status_code == 409
    assert "Choose one of the two for every field." in Page(again).main.text
    assert Goal.objects.get().words == "Finds a flat"


def test_words_of_a_goal_are_kept_while_typed_unless_they_name_somebody():
    goal, client, address = _goal_page(steps=[StepEntry("Calls", "person")])
    shown = _shown(client, address)

    kept = client.post(reverse("draft_keep"), {**shown, "words": "Finds a flat", "due_on": "2026-12-24"})
    restored = Page(client.get(address))
    refused = client.post(reverse("draft_keep"), {**shown, "words": "Frau Yilmaz", "step0_words": "Herr Haddad"})
    after = Page(client.get(address))

    assert kept.status_code == 204
    assert (restored.values()["words"], restored.values()["due_on"]) == (["Finds a flat"], ["2026-12-24"])
    assert restored.values()["step0_key"] == [Step.objects.get().key]
    assert sorted(each["field"] for each in refused.json()["refused"]) == ["step0_words", "words"]
    assert "Left out because the words could have told who somebody is: Step 1: What, Goal." in after.main.text
    client.post(address, {**after.values(), "words": "Finds work"})
    assert (Draft.objects.count(), Goal.objects.get(pk=goal.pk).words) == (0, "Finds work")


def test_assessment_shows_both_versions_and_keeps_what_is_chosen():
    assessment = make_assessment(work=2)
    case = assessment.case
    client, address = client_of(case.opened_by.user), _address("assessment_edit", case, assessment.pk)
    shown = _shown(client, address)
    client.post(address, {**shown, "work": "3", "housing": "1"})

    refused = client.post(address, {**shown, "work": "5"})

    page = Page(refused)
    assert page.errors == []
    assert refused.status_code == 409
    assert {legend: (stored[:1], sent[:1]) for legend, (stored, sent) in _choices(page).items()} == {
        "Work": ("3", "5"),
        "Housing": ("1", "–"),
    }
    client.post(address, _chosen(page, work="sent", housing="stored"))
    after = Assessment.objects.get()
    assert (after.work, after.housing, after.version) == (5, 1, 3)


def test_stale_version_of_an_assessment_is_refused():
    assessment = make_assessment(work=2)
    values = {"assessed_on": assessment.assessed_on, "levels": {"work": 3}}
    correct_assessment(assessment=assessment, version=1, **values)

    with pytest.raises(ChangedMeanwhile) as refused:
        correct_assessment(assessment=assessment, version=1, **values)

    assert refused.value.version == 2


def test_consent_shows_both_versions_and_keeps_what_is_chosen():
    case = make_case(opened_on=TODAY - 90 * DAY)
    client, address = client_of(case.opened_by.user), _address("case_consent", case)
    shown = _shown(client, address)
    first, second = ((TODAY - days * DAY).isoformat() for days in (9, 5))
    client.post(address, {**shown, "consent_on": first, "consent_until": TODAY.isoformat()})

    refused = client.post(address, {**shown, "consent_on": second})

    page = Page(refused)
    assert refused.status_code == 409
    assert set(_choices(page)) == {"Consent given on", "Consent ends on"}
    client.post(address, _chosen(page, consent_on="stored", consent_until="sent"))
    after = Case.objects.get()
    assert (after.consent_on.isoformat(), after.consent_until, after.version) == (first, None, 3)


def test_consent_taken_away_in_another_tab_does_not_come_back_as_today():
    case = make_case(opened_on=TODAY - 90 * DAY)
    client, address = client_of(case.opened_by.user), _address("case_consent", case)
    shown = _shown(client, address)
    record_consent(case=case, consent_on=None)

    page = Page(client.post(address, shown))
    client.post(address, _chosen(page, consent_on="stored"))

    assert _choices(page)["Consent given on"][0] == "–"
    assert Case.objects.get().consent_on is None


def test_consent_and_fourth_year_count_as_changes_of_the_case():
    case = make_case(opened_on=OLD)

    record_consent(case=case, consent_on=OLD)
    extend_case(case=case, reason="care", user=case.opened_by.user)

    assert Case.objects.get().version == 3


def test_fourth_year_given_by_two_people_shows_both_reasons():
    case = make_case(opened_on=OLD)
    client, address = client_of(case.opened_by.user), _address("case_extend", case)
    shown = _shown(client, address)
    other = make_manager(organisation=case.organisation).user
    extend_case(case=case, reason="care", user=other)

    refused = client.post(address, {**shown, "reason": "health"})

    page = Page(refused)
    assert refused.status_code == 409
    assert _choices(page) == {"Reason": ("care for children or relatives", "illness or disability")}
    client.post(address, _chosen(page, reason="stored"))
    assert (Case.objects.get().extension_reason, Case.objects.get().extended_by) == ("care", other)
    client.post(address, _chosen(page, reason="sent"))
    assert (Case.objects.get().extension_reason, Case.objects.get().extended_by) == ("health", case.opened_by.user)


def test_fourth_year_is_given_although_the_bands_changed_meanwhile():
    case = make_case(opened_on=OLD)
    client, address = client_of(case.opened_by.user), _address("case_extend", case)
    shown = _shown(client, address)
    record_consent(case=case, consent_on=OLD)

    client.post(address, {**shown, "reason": "health"})

    assert Case.objects.get().extension_reason == "health"


def test_case_closed_meanwhile_refuses_with_a_sentence_and_keeps_what_was_typed():
    goal, client, address = _goal_page()
    shown = _shown(client, address)
    Goal.objects.filter(pk=goal.pk).update(version=2)
    close_case(case=goal.plan.case, closed_on=TODAY, reason="moved")

    page = Page(client.post(address, {**shown, "words": "Finds a flat"}))

    assert "closed in the meantime" in page.main.text
    assert page.values()["words"] == ["Finds a flat"]


def test_goal_changed_between_reading_and_saving_is_not_overwritten():
    goal = make_goal()
    change_goal(goal=goal, version=1, domain="work", words="Finds a flat", due_on=None, steps=[])

    with pytest.raises(ChangedMeanwhile):
        change_goal(goal=goal, version=1, domain="work", words="Finds a room", due_on=None, steps=[])

    assert Goal.objects.get().words == "Finds a flat"
