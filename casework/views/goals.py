"""Goals of a case's plan and the steps towards them."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from casework.forms.goals import EndGoalForm, GoalForm, StepDoneForm
from casework.models import Case, Goal
from casework.services.goals import change_goal, do_step, end_goal, reopen_goal, set_goal
from casework.views.case_file import case_action
from casework.views.cases import closed_before, read_case, turned_back
from pik.access import manager_only
from pik.conflicts import ChangedMeanwhile, conflict_page, differences, settled
from pik.drafts import drafted, forget_draft


def _goal_of(case: Case, pk: int) -> Goal:
    goal = get_object_or_404(Goal.objects.of_case(case).for_goal_list(), pk=pk)
    # The services compare the case with how it was when the person was let in.
    goal.plan.case = case
    return goal


@require_GET
@manager_only
def goal_list(request: HttpRequest, code: str) -> HttpResponse:
    """All goals of a case with their steps, the running ones on top."""
    case, _manager = read_case(request, code)
    goals = Goal.objects.of_case(case).for_goal_list()
    return render(request, "casework/goal_list.html", {"case": case, "goals": goals})


@require_http_methods(["GET", "POST"])
@manager_only
def goal_new(request: HttpRequest, code: str) -> HttpResponse:
    """Sets a goal for the running plan."""
    case, _manager = read_case(request, code)
    if turned := closed_before(request, case):
        return turned
    if request.method == "GET" and not case.plan_agreed_on:
        return turned_back(request, case, _("Goals belong to a plan, and none runs. Note a new plan first."))
    form, key = GoalForm(request.POST or None, case=case), f"goal-of-{case.code.lower()}"
    if request.method == "POST" and form.is_valid():
        try:
            set_goal(case=case, entry_key=form.cleaned_data["entry_key"], **form.entered)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return _saved(request, case, key)
    return render(request, "casework/goal_form.html", {"case": case, **drafted(request, form, key)})


@require_http_methods(["GET", "POST"])
@manager_only
def goal_edit(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Changes a goal and its steps."""
    case, _manager = read_case(request, code)
    if turned := closed_before(request, case):
        return turned
    goal = _goal_of(case, pk)
    form, key = _change(goal, request.POST), f"goal-{goal.key}"
    if request.method == "POST" and form.is_valid():
        try:
            change_goal(goal=goal, version=form.cleaned_data["version"], **form.entered)
        except ValidationError as error:
            form.add_error(None, error)
        except ChangedMeanwhile as changed:
            form = _change(_goal_of(case, pk), form.data)
            form.name_steps()
            form.full_clean()
            if found := differences(form):
                title = _("Change a goal")
                return conflict_page(request, form, found, version=changed.version, title=title)
            return _saved(request, case, key)
        else:
            return _saved(request, case, key)
    return render(request, "casework/goal_form.html", {"case": case, "goal": goal, **drafted(request, form, key)})


@require_POST
@manager_only
def goal_step_done(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Notes that a step of a goal was done today."""
    case, _manager = read_case(request, code)
    goal, form = _goal_of(case, pk), StepDoneForm(request.POST)
    try:
        if form.is_valid():
            do_step(goal=goal, **form.cleaned_data)
            messages.success(request, _("The step is done. “Change” takes it back."))
        else:
            messages.error(request, _("Press the button at a step of this goal."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except ChangedMeanwhile:
        messages.warning(request, _("This goal was changed in the meantime. Look at its steps, then press again."))
    # Back to where the button was.
    return redirect(f"{reverse('casework:goal_list', args=[case.code])}#goal-{goal.key}")


def _change(goal: Goal, data: QueryDict) -> GoalForm:
    form = GoalForm(data or None, case=goal.plan.case, goal=goal, steps=goal.steps.all())
    if data:
        form.data = settled(data, form)
    return form


def _saved(request: HttpRequest, case: Case, key: str) -> HttpResponse:
    forget_draft(user=request.user, form=key, data=request.POST)
    messages.success(request, _("Goal saved."))
    return redirect("casework:goal_list", code=case.code)


@require_http_methods(["GET", "POST"])
@manager_only
def goal_end(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Notes what became of a goal."""
    case, _manager = read_case(request, code)
    goal = _goal_of(case, pk)
    form = EndGoalForm(request.POST or None, goal=goal)

    def do() -> str:
        try:
            ended = end_goal(goal=goal, **form.cleaned_data)
        except ChangedMeanwhile as changed:
            # The page that follows shows what the goal says now.
            form.data = form.data.copy()
            form.data["version"] = str(changed.version)
            message = _("This goal was changed in the meantime. Read it anew; if the outcome fits, save again.")
            raise ValidationError(message) from changed
        return _("Goal in “%(domain)s”: %(outcome)s.") % {
            "domain": ended.get_domain_display(), "outcome": ended.get_outcome_display()
        }  # fmt: skip

    return case_action(
        request,
        case,
        form,
        do,
        key=f"end-{goal.key}",
        heading=_("Outcome of the goal"),
        intro=f"{goal.get_domain_display()}: {goal.words}",
        button=_("Save the outcome"),
    )


@require_POST
@manager_only
def goal_reopen(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Takes the outcome of a goal back."""
    case, _manager = read_case(request, code)
    try:
        reopen_goal(goal=_goal_of(case, pk))
        messages.success(request, _("The goal is open again."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("casework:goal_list", code=case.code)
