"""Assessments of self-reliance of a case, and the change between them."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from casework.forms.assessments import AssessmentForm
from casework.models import Assessment, Case
from casework.self_reliance import Course, head_of, picture_of, rows_of, sentence_of, title_of
from casework.services.assessments import assess, correct_assessment
from casework.views.cases import closed_before, read_case
from pik.access import log_export, manager_only
from pik.conflicts import ChangedMeanwhile, conflict_page, differences, settled
from pik.drafts import drafted, forget_draft
from pik.exports import csv_response


def _course(case: Case) -> Course | None:
    found = list(Assessment.objects.of_case(case))
    return Course(found) if found else None


@require_GET
@manager_only
def assessment_list(request: HttpRequest, code: str) -> HttpResponse:
    """The assessments of a case side by side, with the change between the first and the last."""
    case, _manager = read_case(request, code)
    course = _course(case)
    context: dict[str, object] = {"case": case}
    if course:
        heads = [{"label": label, "unit": ""} for label in head_of(course)]
        title, sentence = title_of(course), sentence_of(course)
        context |= {
            "last": course.last,
            "title": title,
            "sentence": sentence,
            "alt": _("Picture: %(title)s. %(sentence)s") % {"title": title, "sentence": sentence},
            "table": {"head": heads, "rows": rows_of(course)},
            "src": reverse("casework:assessment_picture", args=[case.code]),
            "csv": reverse("casework:assessment_export", args=[case.code]),
        }
    return render(request, "casework/assessment_list.html", context)


@require_GET
@manager_only
def assessment_picture(request: HttpRequest, code: str) -> HttpResponse:
    """The change as a picture."""
    case, _manager = read_case(request, code, part=True)
    course = _course(case)
    if course is None:
        raise Http404
    response = HttpResponse(picture_of(course), content_type="image/svg+xml")
    response["Cache-Control"] = "private, max-age=60"
    return response


@require_GET
@manager_only
def assessment_export(request: HttpRequest, code: str) -> HttpResponse:
    """The same table as CSV."""
    case = get_object_or_404(Case.objects.visible_to(request.user), code=code)
    course = _course(case)
    if course is None:
        raise Http404
    log_export(user=request.user, subject=f"assessments {case.code}", organisation_id=case.organisation_id)
    return csv_response(name=f"pik-{case.code}", head=head_of(course), rows=rows_of(course))


@require_http_methods(["GET", "POST"])
@manager_only
def assessment_new(request: HttpRequest, code: str) -> HttpResponse:
    """Assesses self-reliance anew."""
    case, manager = read_case(request, code)
    if turned := closed_before(request, case):
        return turned
    last = Assessment.objects.of_case(case).last()
    form, key = AssessmentForm(request.POST or None, case=case, last=last), f"assessment-of-{case.code.lower()}"
    if request.method == "POST" and form.is_valid():
        try:
            assess(case=case, manager=manager, **form.entered)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            forget_draft(user=request.user, form=key, data=request.POST)
            messages.success(request, _("Assessment saved. It can be corrected today."))
            return redirect("casework:assessment_list", code=case.code)
    return render(request, "casework/assessment_form.html", {"case": case, **drafted(request, form, key)})


@require_http_methods(["GET", "POST"])
@manager_only
def assessment_edit(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Corrects an assessment on the day of its entry."""
    case, _manager = read_case(request, code)
    if turned := closed_before(request, case):
        return turned
    assessment = get_object_or_404(Assessment.objects.of_case(case), pk=pk)
    # The service compares the case with how it was when the person was let in.
    assessment.case = case
    form = _correction(assessment, request.POST)
    if request.method == "POST" and form.is_valid():
        try:
            correct_assessment(assessment=assessment, version=form.cleaned_data["version"], **form.entered)
        except ValidationError as error:
            form.add_error(None, error)
        except ChangedMeanwhile as changed:
            assessment.refresh_from_db()
            form.initial = _correction(assessment).initial
            if found := differences(form):
                title = _("Correct an assessment")
                return conflict_page(request, form, found, version=changed.version, title=title)
            return _corrected(request, case, assessment)
        else:
            return _corrected(request, case, assessment)
    context = {"case": case, "assessment": assessment, **drafted(request, form, f"assessment-{assessment.key}")}
    return render(request, "casework/assessment_form.html", context)


def _correction(assessment: Assessment, data: QueryDict | None = None) -> AssessmentForm:
    form = AssessmentForm(data or None, case=assessment.case, assessment=assessment)
    if data:
        form.data = settled(data, form)
    return form


def _corrected(request: HttpRequest, case: Case, assessment: Assessment) -> HttpResponse:
    forget_draft(user=request.user, form=f"assessment-{assessment.key}", data=request.POST)
    messages.success(request, _("Assessment corrected."))
    return redirect("casework:assessment_list", code=case.code)
