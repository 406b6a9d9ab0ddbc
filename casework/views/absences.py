"""Absences of managers, for the coordinators of their employer."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from casework.forms.absences import AbsenceForm
from casework.models import Absence, Manager
from casework.personnel import open_cases
from casework.services.absences import change_absence, record_absence, withdraw_absence
from pik.access import coordinator_only


@require_http_methods(["GET", "POST"])
@coordinator_only
def absence_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Records an absence."""
    manager = get_object_or_404(Manager.objects.in_own_organisation(request.user).select_related("user"), pk=pk)
    form = AbsenceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            record_absence(manager=manager, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            _report(request, manager)
            return redirect("casework:manager_detail", pk=manager.pk)
    return render(request, "casework/absence_form.html", {"form": form, "manager": manager})


@require_http_methods(["GET", "POST"])
@coordinator_only
def absence_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Corrects an absence, for instance when its end is known."""
    absence = get_object_or_404(Absence.objects.visible_to(request.user).select_related("manager__user"), pk=pk)
    form = AbsenceForm(request.POST or None, absence=absence)
    if request.method == "POST" and form.is_valid():
        try:
            change_absence(absence=absence, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            _report(request, absence.manager)
            return redirect("casework:manager_detail", pk=absence.manager_id)
    context = {"form": form, "manager": absence.manager, "absence": absence}
    return render(request, "casework/absence_form.html", context)


@require_POST
@coordinator_only
def absence_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Removes an absence that never was."""
    absence = get_object_or_404(Absence.objects.visible_to(request.user), pk=pk)
    withdraw_absence(absence=absence)
    messages.success(request, _("The absence was removed."))
    return redirect("casework:manager_detail", pk=absence.manager_id)


def _report(request: HttpRequest, manager: Manager) -> None:
    """Says that the absence is saved, and what to do about open cases."""
    cases = open_cases(manager, reader=request.user)
    text = _("Absence saved.")
    if cases:
        todo = _("Open cases: %(numbers)s. Name a deputy, or pass the cases on.")
        text = f"{text} {todo % {'numbers': cases}}"
    messages.success(request, text)
