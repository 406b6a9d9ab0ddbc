"""Goals and steps on their pages: what a form takes, refuses and keeps."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone, translation

from casework.models import Case, Goal, Step
from casework.services.goals import StepEntry, change_goal, end_goal
from casework.services.plans import make_plan
from tests.database import refused_by
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


def _changed(goal: Goal, *, version: int = 1, steps: list[StepEntry], words: str = "Other words") -> Goal:
    return change_goal(goal=goal, version=version, domain="housing", words=words, due_on=None, steps=steps)


def test_page_sets_changes_and_ends_a_goal():
    case = make_case()
    make_plan(case=case, agreed_on=TODAY)
    client = client_of(case.opened_by.user)

    held = Page(client.get(_address("goal_new", case))).values()
    client.post(
        _address("goal_new", case),
        {**held, "domain": "work", "words": "Work", "step0_words": "Calls", "step0_doer": "person"},
    )
    goal = Goal.objects.get()
    held = Page(client.get(_address("goal_edit", case, goal.pk))).values()
    client.post(_address("goal_edit", case, goal.pk), {**held, "step0_words": "", "words": "Better work"})
    shown = Page(client.get(_address("goal_end", case, goal.pk))).values()
    ended = client.post(_address("goal_end", case, goal.pk), {**shown, "outcome": "reached"}, follow=True)

    assert (held["words"], held["step0_words"]) == (["Work"], ["Calls"])
    assert (Goal.objects.get().words, Step.objects.count()) == ("Better work", 0)
    assert Page(ended).messages[-1] == "Goal in “Work”: reached."


@pytest.mark.parametrize(
    ("entered", "field"),
    [
        ({"words": ""}, "words"),
        ({"words": "x" * 281}, "words"),
        ({"words": "\u200b\u2060"}, "words"),
        ({"step0_words": "Calls"}, "step0_doer"),
        ({"step0_doer": "person"}, "step0_words"),
        ({"due_on": "1899-01-01"}, "due_on"),
        ({"due_on": (TODAY - DAY).isoformat()}, "due_on"),
        (
            {"step0_words": "Calls", "step0_doer": "person", "step0_done_on": (TODAY + DAY).isoformat()},
            "step0_done_on",
        ),
        *(
            ({"step0_words": "Calls", "step0_doer": "person", f"step0_{name}": day}, f"step0_{name}")
            for name in ("due_on", "done_on")
            for day in ("1987-03-15", "1930-01-01", (TODAY - 91 * DAY).isoformat(), "2087-03-15")
        ),
        ({"due_on": "2087-03-15"}, "due_on"),
    ],
)
def test_wrong_goal_is_explained_and_what_was_typed_stays(entered, field):
    case = make_case()
    make_plan(case=case, agreed_on=TODAY)
    sent = {"domain": "work", "words": "Work", **entered}

    page = submit(client_of(case.opened_by.user), _address("goal_new", case), sent)

    assert_refused(page, field, sent)
    assert Goal.objects.count() == 0


@pytest.mark.parametrize("days", [{"due_on": date(1987, 3, 15)}, {"done_on": date(1987, 3, 15)}])
def test_birth_date_is_no_day_of_a_goal_or_a_step(days):
    goal, born = make_goal(steps=STEPS), date(1987, 3, 15)

    with pytest.raises(ValidationError, match="The case was opened later"):
        _changed(goal, steps=[STEPS[0]._replace(**days)])
    with refused_by("step_within_case"):
        Step.objects.filter(goal=goal).update(**days)
    with refused_by("step_within_case"):
        Step.objects.filter(goal=goal).update(done_on=TODAY + DAY)
    with refused_by("step_within_case"):
        Goal.objects.filter(pk=goal.pk).update(due_on=born)


@pytest.mark.parametrize(
    ("wrong", "label"),
    [({"step2_words": "Calls"}, "Step 3: Who : Choose who"), ({"step2_due_on": "soon"}, "Step 3: Due on : ")],
)
def test_mistake_in_a_step_says_which_step_it_is(wrong, label):
    case = make_case()
    make_plan(case=case, agreed_on=TODAY)
    empty = {f"step{row}_words": "" for row in range(3)}

    page = submit(client_of(case.opened_by.user), _address("goal_new", case), {"domain": "work", **empty, **wrong})

    lines = [line for _field, line in page.errors if line.startswith("Step")]
    assert [line.startswith(label) for line in lines] == [True]


def test_words_that_are_too_long_stay_and_are_counted():
    case = make_case()
    make_plan(case=case, agreed_on=TODAY)
    client = client_of(case.opened_by.user)
    sent = {"domain": "work", "words": "c" * 312, "step0_words": "c" * 281, "step0_doer": "person"}

    page = submit(client, _address("goal_new", case), sent)

    assert [page.field_error(name).removeprefix("Error: ") for name in ("words", "step0_words")] == [
        f"This has {number} characters, at most 280 are kept. Shorten it." for number in (312, 281)
    ]
    assert [page.values()[name] for name in ("words", "step0_words")] == [[sent["words"]], [sent["step0_words"]]]
    # A browser would cut what is pasted without a word.
    assert page.all(maxlength="280") == []


def _many(number: int) -> dict[str, str]:
    steps = {f"step{row}_words": "Calls" for row in range(number)}
    return {"domain": "work", "words": "Work"} | steps | {f"step{row}_doer": "person" for row in range(number)}


def test_goal_with_more_steps_than_anybody_keeps_in_view_is_refused_and_loses_none():
    case = make_case()
    make_plan(case=case, agreed_on=TODAY)
    client = client_of(case.opened_by.user)

    page = submit(client, _address("goal_new", case), _many(61))
    client.post(_address("goal_new", case), _many(60))
    goal = Goal.objects.get()
    with pytest.raises(ValidationError, match="at most 60 steps"):
        change_goal(goal=goal, version=1, domain="work", words="Work", due_on=None, steps=[STEPS[0]])

    assert page.errors == [("", "A goal has at most 60 steps. Remove some, or set a second goal.")]
    assert page.values()["step60_words"] == ["Calls"]
    assert goal.steps.count() == 60


def test_draft_that_leaves_words_of_a_step_out_says_of_which_step():
    case = make_case()
    make_plan(case=case, agreed_on=TODAY)
    client = client_of(case.opened_by.user)
    shown = Page(client.get(_address("goal_new", case))).values()
    client.post(reverse("draft_keep"), {**shown, "words": "Work", "step1_words": "Frau Yilmaz ruft an"})

    notice = Page(client.get(_address("goal_new", case))).one("form", class_="pik-draft").text

    assert "could have told who somebody is: Step 2: What." in notice


def test_goal_of_another_case_is_not_found():
    goal, case = make_goal(), make_case()

    response = client_of(case.opened_by.user).get(_address("goal_edit", case, goal.pk))

    assert response.status_code == 404


def test_case_page_shows_open_goals_with_their_steps_and_what_is_overdue():
    goal = make_goal(due_on=TODAY - DAY, steps=[STEPS[0]._replace(done_on=TODAY), STEPS[1]])
    end_goal(goal=make_goal(case=_case(goal), words="Done"), outcome="reached", outcome_on=TODAY)

    page = Page(client_of(_case(goal).opened_by.user).get(_address("case_detail", _case(goal))))

    rows = page.rows("goals-caption")
    assert [row[:2] + row[3:4] for row in rows] == [["Work", "Takes up work", "1 of 2"]]
    assert rows[0][2].endswith("overdue")


@pytest.mark.parametrize("rows", [1, 3])
def test_goal_list_asks_as_often_for_one_goal_as_for_three(rows, django_assert_num_queries):
    case = make_case()
    for _number in range(rows):
        make_goal(case=case, steps=STEPS)
    client = client_of(case.opened_by.user)
    client.get(_address("goal_list", case))

    with django_assert_num_queries(7):
        client.get(_address("goal_list", case))


def test_outcome_of_a_goal_that_was_changed_meanwhile_is_asked_again():
    goal = make_goal(words="First words")
    case = _case(goal)
    client, address = client_of(case.opened_by.user), _address("goal_end", case, goal.pk)
    shown = {**Page(client.get(address)).values(), "outcome": "reached"}
    change_goal(goal=goal, version=1, domain="work", words="Other words", due_on=None, steps=())

    refused = Page(client.post(address, shown))
    outcome = Goal.objects.get().outcome
    saved = Page(client.post(address, refused.values(), follow=True))

    assert "This goal was changed in the meantime." in refused.main.text
    assert "Other words" in refused.main.text
    assert outcome == ""
    assert saved.messages[-1] == "Goal in “Work”: reached."
    assert Goal.objects.get().outcome == "reached"


def test_form_with_more_rows_than_can_be_stored_is_read_no_further():
    case = make_case()
    make_plan(case=case, agreed_on=TODAY)
    rows = {f"step{row}_words": "Calls" for row in range(500)}

    page = submit(
        client_of(case.opened_by.user), _address("goal_new", case), {"words": "Work", "domain": "work", **rows}
    )

    assert "A goal has at most 60 steps." in page.main.text
    assert len([name for name in page.values() if name.endswith("_words")]) == 64
