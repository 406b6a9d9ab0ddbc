"""The course of a case: its phase, the consent, the fourth year, the review of its plan."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from casework.forms.case_file import ConsentForm, ExtensionForm, PhaseForm, ReviewForm
from casework.models import Case
from casework.services.case_file import extend_case, record_consent, require_extendable
from casework.services.phases import move_case, take_phase_back
from casework.services.plans import review_plan
from casework.views.cases import closed_before, read_case, turned_back
from pik.access import manager_only
from pik.conflicts import ChangedMeanwhile, conflict_page, differences, settled
from pik.drafts import drafted, forget_draft


def case_action(
    request: HttpRequest, case: Case, form: forms.Form, do: Callable[[], str], *, key: str, **words: str
) -> HttpResponse:
    """A page with one form about a case: `do` carries it out and says what was done; its draft is kept under `key`.

    When somebody else has changed the same in the meantime, a form that knows what is `stored` shows both.
    """
    if turned := closed_before(request, case):
        return turned
    if request.method == "POST":
        form.data = settled(request.POST, form)
    if request.method == "POST" and form.is_valid():
        try:
            done = do()
        except ValidationError as error:
            form.add_error(None, error)
        except ChangedMeanwhile as changed:
            case.refresh_from_db()
            form.initial = form.stored(case)
            if found := differences(form):
                return conflict_page(request, form, found, version=changed.version, title=words["heading"])
            return _done(request, case, key, _("What you entered is stored already."))
        else:
            return _done(request, case, key, done)
    return render(request, "casework/case_action.html", {"case": case, **words, **drafted(request, form, key)})


def _done(request: HttpRequest, case: Case, key: str, text: str) -> HttpResponse:
    forget_draft(user=request.user, form=key, data=request.POST)
    messages.success(request, text)
    return redirect("casework:case_detail", code=case.code)


@require_http_methods(["GET", "POST"])
@manager_only
def case_phase(request: HttpRequest, code: str) -> HttpResponse:
    """Brings a case into its next phase."""
    case, _manager = read_case(request, code)
    form = PhaseForm(request.POST or None, present=case.phase, since=case.phase_since)

    def do() -> str:
        row = move_case(case=case, user=request.user, **form.cleaned_data)
        return _("Phase of case %(code)s: %(phase)s.") % {"code": case.code, "phase": row.get_phase_display()}

    return case_action(
        request,
        case,
        form,
        do,
        key=f"phase-of-{case.code.lower()}",
        heading=_("Next phase"),
        intro=_("Present phase: %(phase)s, since %(day)s.")
        % {"phase": case.phase_name, "day": date_format(case.phase_since, "SHORT_DATE_FORMAT")},
        button=_("Save the phase"),
    )


@require_POST
@manager_only
def case_phase_withdraw(request: HttpRequest, code: str) -> HttpResponse:
    """Takes the last step back."""
    case, _manager = read_case(request, code)
    try:
        phase = take_phase_back(case=case)
        messages.success(
            request, _("Case %(code)s is in phase %(phase)s again.") % {"code": code, "phase": phase.label}
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("casework:case_detail", code=case.code)


@require_http_methods(["GET", "POST"])
@manager_only
def case_consent(request: HttpRequest, code: str) -> HttpResponse:
    """Records that the person agrees, or no longer does."""
    case, _manager = read_case(request, code)
    form = ConsentForm(request.POST or None, case=case)

    def do() -> str:
        record_consent(case=case, **form.cleaned_data)
        return _("Consent of case %(code)s saved.") % {"code": case.code}

    return case_action(
        request,
        case,
        form,
        do,
        key=f"consent-of-{case.code.lower()}",
        heading=_("Consent"),
        intro=_("The signed paper stays with you; only the days are kept here."),
        button=_("Save the consent"),
    )


@require_http_methods(["GET", "POST"])
@manager_only
def case_extend(request: HttpRequest, code: str) -> HttpResponse:
    """Gives a case its fourth year."""
    case, _manager = read_case(request, code)
    if request.method == "GET":
        try:
            require_extendable(case)
        except ValidationError as error:
            return turned_back(request, case, error.message)
    form = ExtensionForm(request.POST or None, case=case)

    def do() -> str:
        # Who names no version cannot have seen what is stored.
        chosen = "differing" in request.POST and form.cleaned_data["version"] > 0
        extended = extend_case(case=case, user=request.user, instead=chosen, **form.cleaned_data)
        day = date_format(extended.limit_on, "SHORT_DATE_FORMAT")
        return _("Case %(code)s is funded until %(day)s.") % {"code": case.code, "day": day}

    return case_action(
        request,
        case,
        form,
        do,
        key=f"extension-of-{case.code.lower()}",
        heading=_("Extend to four years"),
        intro=_(
            "The funding time ends on %(day)s. In single cases it is extended by one year, for one of these reasons."
        )
        % {"day": date_format(case.limit_on, "SHORT_DATE_FORMAT")},
        button=_("Extend by one year"),
    )


@require_http_methods(["GET", "POST"])
@manager_only
def plan_review(request: HttpRequest, code: str) -> HttpResponse:
    """Notes a review of the running plan."""
    case, _manager = read_case(request, code)
    if request.method == "GET" and not case.plan_agreed_on:
        return turned_back(request, case, _("No plan runs that could be reviewed. Note a new plan first."))
    form = ReviewForm(request.POST or None)

    def do() -> str:
        review_plan(case=case, **form.cleaned_data)
        return _("Review of case %(code)s noted.") % {"code": case.code}

    return case_action(
        request,
        case,
        form,
        do,
        key=f"review-of-{case.code.lower()}",
        heading=_("Review of the plan"),
        intro=_("Look at the goals and steps together, end what is reached, then note the review."),
        button=_("Save the review"),
    )
