"""Goals of a plan with their steps: setting, changing, ending."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from casework.days import check_due, refuse_before_opening
from casework.guard import no_number_in_parts
from casework.models import Case, Goal, Plan, Step
from casework.models.goals import DropReason, Outcome
from casework.services import figures
from casework.services.cases import locked_open
from pik.conflicts import ChangedMeanwhile
from pik.days import not_yet, refuse_before, refuse_future
from pik.entered_once import entered_once, sent_before
from pik.integrity import refusals

# What the end of a goal writes.
ENDING = {"outcome", "outcome_on", "drop_reason"}
# More than anybody can keep in view.
MOST_STEPS = 60


class StepEntry(NamedTuple):
    """A step as it is entered; without a `pk`, or with that of a step that is gone, it is a new one.

    One without words is removed.
    """

    words: str
    doer: str
    due_on: date | None = None
    done_on: date | None = None
    pk: int | None = None


def set_goal(
    *,
    case: Case,
    domain: str,
    words: str,
    due_on: date | None = None,
    steps: Sequence[StepEntry] = (),
    entry_key: UUID | None = None,
) -> Goal:
    """A new goal of the running plan; raises ValidationError for a closed case and without a plan.

    An `entry_key` that was sent before gives the goal stored then, as `entered_once` says.
    """

    def enter() -> Goal:
        with refusals({"goal_entry_once": sent_before()}):
            goal = Goal(plan=_running(locked_open(case)), entry_key=entry_key or uuid4())
            return _store(goal, domain, words, due_on, steps)

    sent = {"domain": domain, "words": words, "due_on": due_on}
    entered_steps = [entry[:-1] for entry in steps if entry.words]
    return entered_once(enter, Goal.objects.of_case(case), entry_key, entered_steps=entered_steps, **sent)


def change_goal(
    *, goal: Goal, version: int, domain: str, words: str, due_on: date | None, steps: Sequence[StepEntry]
) -> Goal:
    """Changes a goal and its steps; steps of which `steps` says nothing stay as they are.

    Raises ValidationError when the goal has ended or its plan has, and ChangedMeanwhile when it is stored in another
    version than the one that was shown.
    """
    with refusals({}):
        goal = _locked(goal, version=version)
        goal.version += 1
        return _store(goal, domain, words, due_on, steps)


def do_step(*, goal: Goal, version: int, step: int | None) -> Goal:
    """Notes that a step (its id) was done today; `change_goal` takes it back.

    Raises ValidationError for a step that is done or gone, otherwise as `change_goal` does.
    """
    with refusals({}):
        goal = _locked(goal, version=version)
        if not goal.steps.filter(pk=step, done_on__isnull=True).update(done_on=timezone.localdate()):
            raise ValidationError(_("This step is done already, or was removed."))
        goal.version += 1
        goal.save(update_fields=["version"])
    return goal


def end_goal(*, goal: Goal, outcome: str, outcome_on: date, drop_reason: str = "", version: int | None = None) -> Goal:
    """Notes what became of a goal; a dropped one needs a reason. Raises as `change_goal` does."""
    require_reason(outcome=outcome, drop_reason=drop_reason)
    with refusals({"goal_ended_not_in_future": ("outcome_on", not_yet())}):
        goal = _locked(goal, version=version)
        check_end(goal, outcome_on=outcome_on)
        goal.outcome, goal.outcome_on, goal.version = outcome, outcome_on, goal.version + 1
        goal.drop_reason = drop_reason if outcome == Outcome.DROPPED else ""
        # The words stand as they were written; what is refused in new ones by now is not asked of them.
        goal.clean_fields(exclude={field.name for field in Goal._meta.fields} - ENDING)
        goal.save()
        figures.refresh_soon()
    return goal


def require_reason(*, outcome: str, drop_reason: str) -> None:
    """Raises ValidationError for a goal that is dropped without a reason."""
    if outcome == Outcome.DROPPED and drop_reason not in DropReason.values:
        raise ValidationError({"drop_reason": _("Choose why the goal was dropped.")})


def check_end(goal: Goal, *, outcome_on: date | None) -> None:
    """Raises ValidationError for a day that has not come, or on which the plan of the goal did not run yet."""
    refuse_future(outcome_on=outcome_on)
    message = _("The plan was agreed on later. Enter that day or a later one.")
    refuse_before(goal.plan.starts_on, message, outcome_on=outcome_on)


def reopen_goal(*, goal: Goal) -> Goal:
    """Takes the outcome of a goal back while its plan runs, for instance when it was entered by mistake."""
    with refusals({}):
        _running(locked_open(goal.plan.case), goal.plan_id)
        goal = Goal.objects.select_for_update(of=("self",)).select_related("plan").get(pk=goal.pk)
        goal.outcome, goal.outcome_on, goal.drop_reason, goal.version = "", None, "", goal.version + 1
        goal.save()
        figures.refresh_soon()
    return goal


def refuse_too_many(steps: int) -> None:
    """Raises ValidationError for more steps than a goal can have."""
    if steps > MOST_STEPS:
        message = _("A goal has at most %(most)d steps. Remove some, or set a second goal.")
        raise ValidationError(message % {"most": MOST_STEPS})


def _running(case: Case, plan_id: int | None = None) -> Plan:
    plan = case.plans.running()
    if plan is None or plan_id not in (None, plan.pk):
        raise ValidationError(_("The plan of this goal does not run any more. Make a new plan first."))
    return plan


def _locked(goal: Goal, *, version: int | None = None) -> Goal:
    """The goal as it is now, open for changes."""
    case = locked_open(goal.plan.case)
    _running(case, goal.plan_id)
    goal = Goal.objects.select_for_update(of=("self",)).select_related("plan").get(pk=goal.pk)
    goal.plan.case = case
    if goal.outcome:
        raise ValidationError(_("This goal has ended in the meantime. Reload the page."))
    if version not in (None, goal.version):
        raise ChangedMeanwhile(goal.version)
    return goal


def check_done(case: Case, **days: date | None) -> None:
    """Raises ValidationError at each of the named days that has not come, or on which the case was not open yet."""
    refuse_future(**days)
    refuse_before_opening(case, **days)


def _check_days(case: Case, entry: StepEntry, stored: Step | None) -> None:
    """Raises ValidationError for new days of a step that cannot be; others may be from before there was a rule."""
    try:
        if stored is None or entry.due_on != stored.due_on:
            check_due(case, due_on=entry.due_on)
        if stored is None or entry.done_on != stored.done_on:
            check_done(case, done_on=entry.done_on)
    except ValidationError as error:
        # In which of the rows it stands only a form knows, and that has asked before.
        raise ValidationError(error.messages) from None


def _store(goal: Goal, domain: str, words: str, due_on: date | None, steps: Sequence[StepEntry]) -> Goal:
    stored = {step.pk: step for step in goal.steps.all()} if goal.pk else {}
    if due_on != goal.due_on:
        check_due(goal.plan.case, due_on=due_on)
    for entry in steps:
        if entry.words:
            _check_days(goal.plan.case, entry, stored.get(entry.pk))
    # Of the steps that stay as well: a number may be written bit by bit.
    said = {pk: step.words for pk, step in stored.items()}
    said |= {entry.pk or -row: entry.words for row, entry in enumerate(steps, 1)}
    no_number_in_parts([words, *said.values()])
    goal.domain, goal.words, goal.due_on = domain, words, due_on
    goal.full_clean(exclude=["plan"], validate_constraints=False)
    goal.save()
    removed = stored.keys() & {entry.pk for entry in steps if not entry.words}
    new = sum(entry.pk not in stored for entry in steps if entry.words)
    refuse_too_many(len(stored) - len(removed) + new)
    Step.objects.filter(pk__in=removed).delete()
    for entry in steps:
        if not entry.words:
            continue
        step = stored.get(entry.pk) or Step(goal=goal)
        step.words, step.doer, step.due_on, step.done_on = entry.words, entry.doer, entry.due_on, entry.done_on
        step.full_clean(exclude=["goal"], validate_constraints=False)
        step.save()
    return goal
