"""What counts in a closed month, and what a case was planned to reach, is neither deleted nor changed by hand."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from casework.models import Case, Contact, Goal, Plan, Referral, Step, Topic
from casework.models.contacts import first_open_day
from casework.services.cases import close_case, reopen_case
from casework.services.contacts import correct_contact
from casework.services.goals import StepEntry, change_goal, end_goal, reopen_goal
from casework.services.plans import end_plan, make_plan
from casework.services.referrals import record_outcome
from tests.database import refused_by, run_sql
from tests.factories import make_case, make_contact, make_goal, make_referral

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)
CLOSED, OPEN = first_open_day() - DAY, first_open_day()


def _case():
    return make_case(opened_on=first_open_day() - 40 * DAY)


def test_contact_and_referral_of_a_closed_month_are_kept():
    case = _case()
    make_contact(case=case, date=CLOSED)
    make_referral(case=case, referred_on=CLOSED, ask_on=TODAY)

    for model in (Contact, Referral):
        with refused_by("closed_month_is_kept"):
            model.objects.filter(case=case).delete()
    with refused_by("closed_month_is_kept"):
        run_sql("DELETE FROM casework_contact WHERE case_id = %s", case.pk)


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Contact, {"date": OPEN}),
        (Contact, {"date": CLOSED - DAY}),
        (Contact, {"minutes": 600}),
        (Contact, {"topics": [2]}),
        (Contact, {"kind": "crisis"}),
        (Contact, {"channel": "phone"}),
        (Contact, {"mediation": "staff"}),
        (Contact, {"referral_target_id": 1}),
        (Contact, {"recorded_at": timezone.now()}),
        (Contact, {"version": 2}),
        (Referral, {"referred_on": OPEN}),
        (Referral, {"target_id": 2}),
    ],
    ids=lambda each: next(iter(each)) if isinstance(each, dict) else each.__name__,
)
def test_contact_and_referral_of_a_closed_month_stay_as_they_are(model, values):
    case = _case()
    make_contact(case=case, date=CLOSED)
    make_referral(case=case, referred_on=CLOSED, ask_on=TODAY)

    with refused_by("closed_month_is_kept"):
        model.objects.update(**values)


@pytest.mark.parametrize("key", ["case_id", "manager_id", "organisation_id", "municipality_id"])
def test_contact_and_referral_of_a_closed_month_stay_where_they_count(key):
    case, other = _case(), make_contact(case=_case(), date=TODAY)
    make_contact(case=case, date=CLOSED)
    make_referral(case=case, referred_on=CLOSED, ask_on=TODAY)

    for model in (Contact, Referral):
        with refused_by("closed_month_is_kept"):
            model.objects.filter(case=case).update(**{key: getattr(other, key)})


def test_contact_and_referral_of_an_open_month_are_not_moved_into_a_closed_one():
    case = _case()
    make_contact(case=case, date=OPEN)
    make_referral(case=case, referred_on=OPEN, ask_on=TODAY)

    with refused_by("closed_month_is_kept"):
        Contact.objects.update(date=CLOSED)
    with refused_by("closed_month_is_kept"):
        Referral.objects.update(referred_on=CLOSED)


def test_outcome_of_a_referral_of_a_closed_month_is_recorded_and_taken_back():
    referral = make_referral(case=_case(), referred_on=CLOSED, ask_on=TODAY)

    record_outcome(referral=referral, outcome="arrived")
    first = Referral.objects.values_list("outcome", "outcome_on", "version").get()
    record_outcome(referral=referral, outcome="")

    assert first == ("arrived", TODAY, 2)
    assert Referral.objects.values_list("outcome", "version").get() == ("", 3)


def test_contact_of_a_closed_month_follows_the_opening_of_its_case():
    case = _case()
    make_contact(case=case, date=CLOSED)

    Case.objects.update(opened_on=case.opened_on - DAY)

    assert Contact.objects.get().case_opened_on == case.opened_on - DAY


def test_contact_and_referral_of_an_open_month_can_be_removed():
    case = _case()
    make_contact(case=case, date=OPEN)
    make_referral(case=case, referred_on=OPEN, ask_on=TODAY)

    Contact.objects.filter(case=case).delete()
    Referral.objects.filter(case=case).delete()

    assert (Contact.objects.count(), Referral.objects.count()) == (0, 0)


@pytest.mark.parametrize("day", [OPEN, TODAY])
def test_contact_moves_between_the_partitions_of_open_months(day: date):
    contact = make_contact(case=_case(), date=TODAY if day == OPEN else OPEN)
    values = {name: getattr(contact, name) for name in ("case", "kind", "channel", "minutes", "mediation")}

    correct_contact(contact=contact, date=day, topics=Topic.objects.filter(pk__in=contact.topics), **values)

    assert Contact.objects.get().date == day


def test_plan_and_goal_are_kept():
    goal = make_goal()

    with refused_by("case_history_is_kept"):
        Goal.objects.filter(pk=goal.pk).delete()
    run_sql("SET CONSTRAINTS ALL DEFERRED")
    with refused_by("case_history_is_kept"):
        run_sql("DELETE FROM casework_plan WHERE id = %s", goal.plan_id)


def test_plan_that_would_begin_after_the_end_of_its_case_goes_with_the_closing():
    case = make_case()
    make_plan(case=case, agreed_on=TODAY)

    close_case(case=case, closed_on=TODAY - DAY, reason="moved")

    assert Plan.objects.count() == 0


def test_step_goes_while_its_goal_is_open_and_stays_afterwards():
    goal = make_goal(steps=[StepEntry("Calls", "person"), StepEntry("Writes", "person")])
    Step.objects.filter(words="Calls").delete()
    end_goal(goal=goal, outcome="reached", outcome_on=TODAY)

    with refused_by("case_history_is_kept"):
        Step.objects.filter(words="Writes").delete()

    assert list(Step.objects.values_list("words", flat=True)) == ["Writes"]


def _plan_that_ended() -> Plan:
    """A plan that somebody ended in its open case, with a goal that has a step."""
    goal = make_goal(steps=[StepEntry("Calls", "person")])
    return end_plan(case=goal.plan.case, ended_on=TODAY - 5 * DAY)


@pytest.mark.parametrize(
    "values",
    [{"starts_on": TODAY}, {"ends_on": TODAY, "ended_with_case": True}, {"ended_with_case": True}],
    ids=["begins later", "ends with an open case", "is to run on"],
)
def test_running_plan_begins_when_it_began_and_ends_by_hand_in_an_open_case(values):
    make_plan(case=make_case(), agreed_on=TODAY - 9 * DAY)

    with refused_by("case_history_is_kept"):
        Plan.objects.update(**values)


@pytest.mark.parametrize(
    "values",
    [
        {"starts_on": TODAY - 6 * DAY},
        {"ends_on": TODAY},
        {"ends_on": TODAY - 6 * DAY},
        {"ends_on": None},
        {"ended_with_case": True},
        {"review_on": TODAY},
    ],
    ids=lambda values: "-".join(f"{name}-{value}" for name, value in values.items()),
)
def test_plan_that_has_ended_keeps_its_days(values):
    _plan_that_ended()

    with refused_by("case_history_is_kept"):
        Plan.objects.update(**values)


def test_plan_does_not_go_by_beginning_after_the_end_of_its_case():
    case = make_case()
    make_plan(case=case, agreed_on=TODAY - 9 * DAY)
    close_case(case=case, closed_on=TODAY - 5 * DAY, reason="moved")

    with refused_by("case_history_is_kept"):
        Plan.objects.update(starts_on=TODAY, ends_on=TODAY)
    with refused_by("case_history_is_kept"):
        Plan.objects.all().delete()


@pytest.mark.parametrize(("ended_on", "runs_on"), [(TODAY, False), (None, True), (TODAY - 5 * DAY, False)])
def test_plan_is_cut_by_the_closing_and_runs_on_as_it_was_ended(ended_on: date | None, runs_on: bool):
    case = make_case()
    make_plan(case=case, agreed_on=TODAY - 9 * DAY)
    if ended_on:
        end_plan(case=case, ended_on=ended_on)

    close_case(case=case, closed_on=TODAY - 5 * DAY, reason="moved")
    cut = Plan.objects.get().ends_on
    reopen_case(case=case)

    assert (cut, Plan.objects.get().ends_on is None) == (TODAY - 5 * DAY, runs_on)


def test_plan_goal_and_step_stay_with_what_they_hang_on():
    goal = make_goal(steps=[StepEntry("Calls", "person")])
    other = make_goal()

    for row, values in (
        (goal.plan, {"case": other.plan.case}),
        (goal, {"plan": other.plan}),
        (goal.steps.get(), {"goal": other}),
    ):
        with refused_by("case_history_is_kept"):
            type(row).objects.filter(pk=row.pk).update(**values)


@pytest.mark.parametrize(
    "values",
    [
        {"words": "Finds a flat"},
        {"domain": "health"},
        {"due_on": TODAY},
        {"outcome": "partly"},
        {"outcome_on": TODAY - DAY},
        {"outcome": "", "outcome_on": None, "words": "Finds a flat"},
        {"version": 9},
    ],
    ids=lambda values: "-".join(values),
)
def test_goal_that_has_ended_stays_as_it_is(values):
    end_goal(goal=make_goal(steps=[StepEntry("Calls", "person")]), outcome="reached", outcome_on=TODAY)

    with refused_by("case_history_is_kept"):
        Goal.objects.update(**values)
    with refused_by("case_history_is_kept"):
        Step.objects.update(words="Writes")


def test_goal_and_step_of_a_plan_that_has_ended_stay_as_they_are():
    _plan_that_ended()

    with refused_by("case_history_is_kept"):
        Goal.objects.update(outcome="reached", outcome_on=TODAY - 6 * DAY)
    with refused_by("case_history_is_kept"):
        Step.objects.update(done_on=TODAY - 6 * DAY)


def test_goal_is_taken_up_again_and_changed_while_its_plan_runs():
    goal = make_goal(steps=[StepEntry("Calls", "person")])
    end_goal(goal=goal, outcome="dropped", outcome_on=TODAY, drop_reason="health")

    goal = reopen_goal(goal=goal)
    steps = [StepEntry("Writes", "person", pk=goal.steps.get().pk)]
    change_goal(goal=goal, version=goal.version, domain="health", words="Sees a doctor", due_on=None, steps=steps)

    assert Goal.objects.values_list("outcome", "domain", "words").get() == ("", "health", "Sees a doctor")
    assert Step.objects.get().words == "Writes"
