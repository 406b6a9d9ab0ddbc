"""Cases of the manager who is logged in."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from casework.forms.cases import CaseFilterForm, CaseForm, CloseCaseForm
from casework.models import Case, CasePhase, Contact, Deputyship, Goal, Manager, Referral, Topic
from casework.models.case_bands import BANDS
from casework.models.referrals import ReferralOutcome
from casework.services.cases import change_case, close_case, open_case, reopen_case
from casework.services.plans import end_plan, make_plan
from pik.access import log_case_read, manager_only
from pik.conflicts import ChangedMeanwhile, conflict_page, differences, settled
from pik.drafts import drafted, forget_draft
from pik.models import Measure

PAGE_SIZE = 50
CONTACTS_SHOWN = 20
REFERRALS_SHOWN = 20


@require_GET
@manager_only
def case_list(request: HttpRequest) -> HttpResponse:
    """The own cases and those of people for whom one stands in, open ones by default."""
    deputyships = Deputyship.objects.held_today(request.user)
    form = CaseFilterForm(request.GET, stands_in=bool(deputyships))
    cases = (
        Case.objects.visible_to(request.user)
        .whose(form.choice.get("whose", "all"), request.user)
        .in_state(form.choice.get("state", "open"))
        .with_code_like(form.choice.get("code", ""))
        .for_case_list()
        .with_file()
        .with_responsible(request.user)
    )
    # What can be no code is in none.
    found = cases.none() if "code" in form.errors else cases
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "form": form, "deputyships": deputyships}
    return render(request, "casework/case_list.html", context)


@require_http_methods(["GET", "POST"])
@manager_only
def case_new(request: HttpRequest) -> HttpResponse:
    """Opens a case under a new code."""
    manager = Manager.objects.acting(request.user)
    form = CaseForm(request.POST or None, measures=manager.measures(Measure.Profile.CASES), places=manager.places())
    if request.method == "POST" and form.is_valid():
        try:
            case = open_case(manager=manager, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            forget_draft(user=request.user, form="case", data=request.POST)
            messages.success(
                request, _("Case %(code)s opened. Note the code in your own papers.") % {"code": case.code}
            )
            return redirect("casework:case_detail", code=case.code)
    no_post = request.method == "GET" and not form.fields["measure"].initial
    context = {"no_post": no_post, **drafted(request, form, "case")}
    return render(request, "casework/case_form.html", context)


def read_case(request: HttpRequest, code: str, *, part: bool = False) -> tuple[Case, Manager]:
    """A case that is about to be shown, and who reads it; a deputy leaves a line in the access log.

    What is only `part` of a page leaves one when it is asked for without the page.
    """
    cases = Case.objects.visible_to(request.user).with_file().with_last_plan().with_responsible(request.user)
    case = get_object_or_404(cases.select_related("measure", "municipality", "extended_by"), code=code)
    manager = Manager.objects.acting(request.user)
    if not case.is_own:
        sent = part or request.method == "POST"
        log_case_read(user=request.user, code=case.code, organisation_id=case.organisation_id, sent=sent)
    return case, manager


def turned_back(request: HttpRequest, case: Case, why: str) -> HttpResponse:
    """Leads to the case and says why nothing can be entered now, before anybody types it."""
    messages.warning(request, why if case.is_open else _("This case is closed. Reopen it first."))
    return redirect("casework:case_detail", code=case.code)


def closed_before(request: HttpRequest, case: Case) -> HttpResponse | None:
    """Leads back to a case that has ended who opens a form about it; None for an open one, and for what was typed."""
    return turned_back(request, case, "") if request.method == "GET" and not case.is_open else None


@require_GET
@manager_only
def case_detail(request: HttpRequest, code: str) -> HttpResponse:
    """One case with its phases, its goals and its latest contacts."""
    case, manager = read_case(request, code)
    context = {
        "case": case,
        "phases": CasePhase.objects.history(case),
        "goals": Goal.objects.of_case(case).for_case_page(),
        "stands_in": not case.is_own,
        "contacts": Contact.objects.of_case(case).for_list()[:CONTACTS_SHOWN],
        "mine": manager.pk,
        "topics": Topic.objects.in_bulk(),
        "referrals": Referral.objects.for_case(case)[:REFERRALS_SHOWN],
        "outcomes": ReferralOutcome.choices,
    }
    return render(request, "casework/case_detail.html", context)


def _correction(case: Case, manager: Manager, data: QueryDict | None = None) -> CaseForm:
    names = ("municipality", "opened_on", *BANDS, "version")
    form = CaseForm(
        data or None,
        measures=Measure.objects.none(),
        places=manager.places(keep=case.municipality_id),
        case=case,
        initial={name: getattr(case, name) for name in names},
    )
    if data:
        form.data = settled(data, form)
    return form


@require_http_methods(["GET", "POST"])
@manager_only
def case_edit(request: HttpRequest, code: str) -> HttpResponse:
    """Corrects the bands of an open case."""
    case, manager = read_case(request, code)
    if turned := closed_before(request, case):
        return turned
    form = _correction(case, manager, request.POST)
    if request.method == "POST" and form.is_valid():
        try:
            change_case(case=case, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        except ChangedMeanwhile as changed:
            case.refresh_from_db()
            form.initial = _correction(case, manager).initial
            if found := differences(form):
                title = _("Change case")
                return conflict_page(request, form, found, version=changed.version, title=title)
            return _changed(request, case)
        else:
            return _changed(request, case)
    context = {"case": case, **drafted(request, form, f"case-{case.code.lower()}")}
    return render(request, "casework/case_form.html", context)


def _changed(request: HttpRequest, case: Case) -> HttpResponse:
    forget_draft(user=request.user, form=f"case-{case.code.lower()}", data=request.POST)
    messages.success(request, _("Case %(code)s changed.") % {"code": case.code})
    return redirect("casework:case_detail", code=case.code)


@require_http_methods(["GET", "POST"])
@manager_only
def case_close(request: HttpRequest, code: str) -> HttpResponse:
    """Ends a case."""
    case, _manager = read_case(request, code)
    if turned := closed_before(request, case):
        return turned
    form, key = CloseCaseForm(request.POST or None, case=case), f"close-{case.code.lower()}"
    if request.method == "POST" and form.is_valid():
        try:
            close_case(case=case, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            forget_draft(user=request.user, form=key, data=request.POST)
            messages.success(request, _("Case %(code)s closed.") % {"code": case.code})
            return redirect("casework:case_detail", code=case.code)
    return render(request, "casework/case_close.html", {"case": case, **drafted(request, form, key)})


@require_POST
@manager_only
def case_reopen(request: HttpRequest, code: str) -> HttpResponse:
    """Takes the end of a case back."""
    case = get_object_or_404(Case.objects.visible_to(request.user), code=code)
    try:
        reopen_case(case=case)
        messages.success(request, _("Case %(code)s is open again.") % {"code": case.code})
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("casework:case_detail", code=case.code)


@require_POST
@manager_only
def case_plan(request: HttpRequest, code: str) -> HttpResponse:
    """Notes that an integration plan was agreed on today, or that the running one ends today."""
    case = get_object_or_404(Case.objects.visible_to(request.user), code=code)
    try:
        if "end" in request.POST:
            end_plan(case=case, ended_on=timezone.localdate())
            messages.success(request, _("The integration plan of case %(code)s has ended.") % {"code": case.code})
        else:
            make_plan(case=case, agreed_on=timezone.localdate())
            messages.success(request, _("Integration plan of case %(code)s noted.") % {"code": case.code})
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("casework:case_detail", code=case.code)
