from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone, translation

from casework.models import Case, Goal, Step
from casework.services.cases import change_case, close_case
from casework.services.goals import StepEntry, change_goal, do_step, end_goal, reopen_goal, set_goal
from casework.services.plans import end_plan, make_plan
from pik.conflicts import ChangedMeanwhile
from tests.database import refused_by, run_as_owner, run_sql
from tests.factories import make_case, make_goal
from tests.forms import assert_refused, submit
from tests.pages import Page, client_of

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)
STEPS = [StepEntry("Fills in the form", "person", TODAY), StepEntry("Looks for a course", "manager")]


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def _address(name: str, case: Case, *more: object) -> str:
    return reverse(f"casework:{name}", args=[case.code, *more])


def _case(goal: Goal) -> Case:
    return goal.plan.case


def _steps(goal: Goal) -> list[tuple]:
    return list(goal.steps.order_by("pk").values_list("words", "doer", "due_on", "done_on"))


def _changed(goal: Goal, *, version: int = 1, steps: list[StepEntry], words: str = "Other words") -> Goal:
    return change_goal(goal=goal, version=version, domain="housing", words=words, due_on=None, steps=steps)


def test_goal_is_set_with_its_steps():
    goal = make_goal(due_on=TODAY, steps=STEPS)

    assert (goal.domain, goal.words, goal.due_on, goal.version) == ("work", "Takes up work", TODAY, 1)
    assert _steps(goal) == [("Fills in the form", "person", TODAY, None), ("Looks for a course", "manager", None, None)]


def test_goal_without_a_plan_or_of_a_closed_case_is_refused():
    case = make_case()

    with pytest.raises(ValidationError, match="Make a new plan first"):
        set_goal(case=case, domain="work", words="Takes up work")
    make_plan(case=case, agreed_on=TODAY)
    close_case(case=case, closed_on=TODAY, reason="moved")
    with pytest.raises(ValidationError, match="closed in the meantime"):
        set_goal(case=case, domain="work", words="Takes up work")

    assert Goal.objects.count() == 0


def test_change_takes_steps_that_are_named_and_counts_the_version():
    goal = make_goal(steps=[*STEPS, StepEntry("Waits", "person")])
    first, second, _third = goal.steps.order_by("pk")
    steps = [
        STEPS[0]._replace(done_on=TODAY, pk=first.pk),
        StepEntry("", "", pk=second.pk),
        StepEntry("Calls", "service"),
    ]

    changed = _changed(goal, steps=steps)

    assert (changed.domain, changed.words, changed.version) == ("housing", "Other words", 2)
    assert _steps(goal) == [
        ("Fills in the form", "person", TODAY, TODAY),
        ("Waits", "person", None, None),
        ("Calls", "service", None, None),
    ]


def test_change_from_a_second_tab_is_refused_and_nothing_is_overwritten():
    goal = make_goal(steps=STEPS)
    _changed(goal, steps=[])

    with pytest.raises(ChangedMeanwhile) as refused:
        _changed(goal, steps=[], words="Older words")

    assert refused.value.version == 2
    assert Goal.objects.get().words == "Other words"


def test_step_of_another_goal_is_not_taken_over():
    goal, other = make_goal(), make_goal(steps=STEPS)
    theirs = other.steps.earliest("pk")

    _changed(goal, steps=[StepEntry("Mine", "person", pk=theirs.pk)])

    assert [each[0] for each in _steps(goal)] == ["Mine"]
    assert [each[0] for each in _steps(other)] == ["Fills in the form", "Looks for a course"]


@pytest.mark.parametrize(
    ("outcome", "reason", "stored"),
    [("reached", "", ""), ("partly", "health", ""), ("dropped", "no_offer", "no_offer")],
)
def test_outcome_is_kept_and_only_a_dropped_goal_has_a_reason(outcome, reason, stored):
    goal = end_goal(goal=make_goal(), outcome=outcome, outcome_on=TODAY, drop_reason=reason)

    assert (goal.outcome, goal.outcome_on, goal.drop_reason, goal.version) == (outcome, TODAY, stored, 2)


@pytest.mark.parametrize(
    ("ending", "field"),
    [
        ({"outcome": "dropped", "outcome_on": TODAY}, "drop_reason"),
        ({"outcome": "reached", "outcome_on": TODAY + DAY}, "outcome_on"),
        ({"outcome": "reached", "outcome_on": TODAY - 91 * DAY}, "outcome_on"),
    ],
    ids=["no reason", "tomorrow", "before the plan"],
)
def test_wrong_outcome_names_the_field_and_keeps_nothing(ending, field):
    goal = make_goal()

    with pytest.raises(ValidationError) as caught:
        end_goal(goal=goal, **ending)

    assert list(caught.value.message_dict) == [field]
    assert Goal.objects.get().outcome == ""


def test_ended_goal_is_opened_again_while_its_plan_runs():
    goal = end_goal(goal=make_goal(), outcome="dropped", outcome_on=TODAY, drop_reason="health")

    with pytest.raises(ValidationError, match="has ended in the meantime"):
        end_goal(goal=goal, outcome="reached", outcome_on=TODAY)
    again = reopen_goal(goal=goal)
    end_plan(case=_case(goal), ended_on=TODAY)
    with pytest.raises(ValidationError, match="Make a new plan first"):
        end_goal(goal=goal, outcome="reached", outcome_on=TODAY)

    assert (again.outcome, again.outcome_on, again.drop_reason) == ("", None, "")


def test_step_is_done_today_by_one_button_and_the_form_takes_it_back():
    goal = make_goal(steps=[StepEntry("Did it", "person", done_on=TODAY), *STEPS])
    client = client_of(_case(goal).opened_by.user)
    page = Page(client.get(_address("goal_list", _case(goal))))
    buttons = page.main.all("button", name="step")
    done = {"version": "1", "step": buttons[0]["value"]}

    response = client.post(_address("goal_step_done", _case(goal), goal.pk), done)
    answer = Page(client.get(response.url))
    after = [step[3] for step in _steps(goal)]
    form = Page(client.get(_address("goal_edit", _case(goal), goal.pk))).values()
    client.post(_address("goal_edit", _case(goal), goal.pk), {**form, "step0_done_on": ""})

    assert [button.text for button in buttons] == ["Done today : Fills in the form", "Done today : Looks for a course"]
    assert "The step is done. “Change” takes it back." in answer.text
    # The focus goes back to the goal.
    assert answer.one("h2", id=response.url.partition("#")[2])["tabindex"] == "-1"
    assert (after, [step[3] for step in _steps(goal)]) == ([TODAY, TODAY, None], [TODAY, None, None])


def test_step_is_not_done_of_a_goal_that_was_changed_or_has_ended_nor_twice():
    goal, other = make_goal(steps=STEPS), make_goal(steps=STEPS)
    client, address = client_of(_case(goal).opened_by.user), _address("goal_step_done", _case(goal), goal.pk)
    first, second = goal.steps.order_by("pk")
    changed = _changed(goal, steps=[])
    tries = [
        (first.key, 1),
        (other.steps.first().key, 2),
        ("x", 2),
        (first.key, 2),
        (first.key, 3),
    ]

    answers = [Page(client.post(address, {"step": key, "version": n}, follow=True)).text for key, n in tries]
    end_goal(goal=changed, outcome="reached", outcome_on=TODAY)
    answers.append(Page(client.post(address, {"step": second.key, "version": 4}, follow=True)).text)

    said = [
        "was changed in the meantime",
        "done already, or was removed",
        "Press the button at a step",
        "The step is done.",
        "done already, or was removed",
        "has ended in the meantime",
    ]
    assert [words in answer for words, answer in zip(said, answers, strict=True)] == [True] * 6
    assert [step[3] for step in (*_steps(goal), *_steps(other))] == [TODAY, None, None, None]


def test_database_holds_the_shape_of_goals_and_steps():
    goal = make_goal(steps=STEPS)
    rows = Goal.objects.filter(pk=goal.pk)

    with refused_by("goal_dropped_has_reason"):
        rows.update(outcome="dropped", outcome_on=TODAY)
    with refused_by("goal_dropped_has_reason"):
        rows.update(drop_reason="health")
    with refused_by("goal_outcome_has_a_day"):
        rows.update(outcome="reached")
    with refused_by("goal_ended_not_in_future"):
        rows.update(outcome="reached", outcome_on=TODAY + 2 * DAY)
    with refused_by("goal_has_words"):
        rows.update(words="")
    with refused_by("goal_domain_known"):
        rows.update(domain="sports")
    with refused_by("step_doer_known"):
        Step.objects.update(doer="nobody")


@pytest.mark.parametrize("days", [{"due_on": TODAY - 50 * DAY}, {"done_on": TODAY - 50 * DAY}])
def test_case_is_not_opened_after_a_step_of_its_goals(days):
    case = make_case()
    make_plan(case=case, agreed_on=TODAY)
    make_goal(case=case, steps=[STEPS[1]._replace(**days)])
    stored = {"municipality": case.municipality, "age_band": case.age_band, "household_band": case.household_band}
    stored |= {"origin_group": case.origin_group, "residence_group": case.residence_group}

    with pytest.raises(ValidationError) as refused:
        change_case(case=case, opened_on=TODAY - 49 * DAY, **stored)
    change_case(case=case, opened_on=TODAY - 50 * DAY, **stored)

    assert list(refused.value.message_dict) == ["opened_on"]
    assert Case.objects.get().opened_on == TODAY - 50 * DAY


def test_day_of_a_stored_goal_lies_within_its_case():
    goal = make_goal(due_on=TODAY)
    sent = {"domain": "work", "words": "Work", "due_on": "1987-03-15", "version": 1}

    page = submit(client_of(_case(goal).opened_by.user), _address("goal_edit", _case(goal), goal.pk), sent)

    assert_refused(page, "due_on", sent)


def test_number_in_parts_is_refused_also_where_it_goes_on_from_a_step_that_stays():
    goal = make_goal(steps=[StepEntry("Number 0151", "person"), StepEntry("Looks for a course", "manager")])
    number, course = goal.steps.all()
    _changed(goal, steps=[StepEntry("", "", pk=course.pk)])

    with pytest.raises(ValidationError, match="0151 23"):
        _changed(goal, version=2, steps=[StepEntry("23", "person")])
    assert list(goal.steps.all()) == [number]


def test_number_in_parts_over_goal_and_steps_is_refused_in_form_and_service():
    case = make_case()
    make_plan(case=case, agreed_on=TODAY)
    steps = [StepEntry("1 23", "person"), StepEntry("45 67", "manager")]
    sent = {"domain": "work", "words": "Reached at 0171"}
    sent |= {f"step{row}_words": step.words for row, step in enumerate(steps)}
    sent |= {f"step{row}_doer": step.doer for row, step in enumerate(steps)}

    page = submit(client_of(case.opened_by.user), _address("goal_new", case), sent)
    with pytest.raises(ValidationError, match="No telephone number"):
        set_goal(case=case, domain="work", words="Reached at 0171", steps=steps)

    assert page.errors == [("", "“0171 1 23 45 67”: No telephone number: write for example “reached by phone”.")]
    assert Goal.objects.count() == 0


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"words": "Frau Kovalenko findet Arbeit"}, "words"),
        ({"step0_words": "Anruf bei Samir Haddad", "step0_doer": "manager"}, "step0_words"),
    ],
)
def test_goal_and_step_name_nobody(values, field):
    case = make_goal().plan.case
    client = client_of(case.opened_by.user, language="de")
    address = _address("goal_new", case)

    entered = {"domain": "work", "words": "Takes up work", "due_on": "", **values}
    page = Page(client.post(address, entered))

    assert "Schreiben Sie z. B." in page.main.text
    assert page.values()[field] == [values[field]]
    assert Goal.objects.filter(plan__case=case).count() == 1


def test_service_refuses_words_that_name_somebody():
    goal = make_goal()

    with pytest.raises(ValidationError) as caught:
        set_goal(case=goal.plan.case, domain="work", words="Herr Haddad findet Arbeit")

    assert list(caught.value.message_dict) == ["words"]


# What is stored from before there was a rule against it.


def _goal_of_old(**step: object) -> Goal:
    """A goal with a step, due and words as they could be stored once."""
    goal = make_goal(words="Finds work", steps=[StepEntry("Calls", "person", TODAY + DAY)])
    before = _case(goal).opened_on - DAY
    run_sql("SET CONSTRAINTS ALL IMMEDIATE")
    run_as_owner("ALTER TABLE casework_step DISABLE TRIGGER check_planned_days")
    Step.objects.update(due_on=before, **step)
    run_as_owner("ALTER TABLE casework_step ENABLE TRIGGER check_planned_days")
    return goal


def test_goal_with_words_that_are_refused_by_now_can_end():
    goal = make_goal()
    Goal.objects.update(words="Mit Frau Haddad lernen")

    ended = Page(
        client_of(_case(goal).opened_by.user).post(
            _address("goal_end", _case(goal), goal.pk),
            {"outcome": "reached", "outcome_on": TODAY.isoformat(), "version": "1"},
            follow=True,
        )
    )

    assert ended.messages[-1] == "Goal in “Work”: reached."


def test_step_that_was_due_before_the_opening_can_be_done():
    goal = _goal_of_old()

    do_step(goal=goal, version=1, step=Step.objects.get().pk)

    assert Step.objects.get().done_on == TODAY


def test_goal_with_an_old_day_can_be_changed_in_everything_else():
    goal = _goal_of_old()
    case = _case(goal)
    client, address = client_of(case.opened_by.user), _address("goal_edit", case, goal.pk)

    client.post(address, {**Page(client.get(address)).values(), "words": "Finds better work"})
    refused = submit(
        client, address, {**Page(client.get(address)).values(), "step0_done_on": (case.opened_on - DAY).isoformat()}
    )

    assert Goal.objects.get().words == "Finds better work"
    assert refused.field_error("step0_done_on") != ""
