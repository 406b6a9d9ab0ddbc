"""Passing the cases of a manager on to colleagues."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from casework.forms.handovers import HandoverForm
from casework.models import Absence, Case, Manager
from casework.models.responsibilities import HandoverReason
from casework.personnel import workload
from casework.services.handovers import hand_over
from pik.access import coordinator_only, log_handover_list


@require_http_methods(["GET", "POST"])
@coordinator_only
def manager_handover(request: HttpRequest, pk: int) -> HttpResponse:
    """Passes open cases on: all, by municipality or, with `?list=1` for the employer's own coordinators, picked ones.

    Whoever sees the list leaves a line in the access log that says whose it was.
    """
    manager = get_object_or_404(Manager.objects.answered_for_by(request.user).for_register(), pk=pk)
    load = workload(manager, reader=request.user)
    today = timezone.localdate()
    listed = load.exact and request.GET.get("list") == "1"
    cases = Case.objects.answered_from(manager, day=today).for_picking() if listed else None
    away = load.exact and Absence.objects.visible_to(request.user).of_manager(manager).active_on(today).exists()
    initial = {"reason": HandoverReason.ABSENCE if away else HandoverReason.BALANCE}
    form = HandoverForm(request.POST or None, workload=load, cases=cases, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            handover = hand_over(manager=manager, decided_by=request.user, **form.decision)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            words = {"name": manager.user.name, "day": date_format(handover.starts_on, "SHORT_DATE_FORMAT")}
            text = _("The cases of %(name)s that you chose go to the colleagues from %(day)s on.")
            messages.success(request, text % words)
            return redirect("casework:manager_detail", pk=manager.pk)
    if listed:
        log_handover_list(
            user=request.user,
            person=manager.user,
            organisation_id=manager.organisation_id,
            sent=request.method == "POST",
        )
    return render(request, "casework/manager_handover.html", {"form": form, "load": load, "manager": manager})
