"""Leaving an organisation, taking that back, and moving to another one."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from casework.forms.handovers import LeaveForm, MoveForm
from casework.leaving_words import announced_leaving, leaving_sentences, withdrawal_sentences
from casework.models import Manager
from casework.personnel import person_file, workload
from casework.services.leavings import move_manager, record_leaving
from casework.services.withdrawals import withdraw_employment, withdraw_leaving
from pik.access import coordinator_only
from pik.models import Organisation


def _written(day: object) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")


def _what_ends(manager: Manager) -> list:
    """The bookings that hold today or later."""
    return list(manager.posts_held().reaching(timezone.localdate()))


@require_http_methods(["GET", "POST"])
@coordinator_only
def manager_leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Records the last day of a manager and who takes the cases over."""
    manager = get_object_or_404(Manager.objects.answered_for_by(request.user).for_register(), pk=pk)
    load, ending = workload(manager, reader=request.user), _what_ends(manager)
    form = LeaveForm(request.POST or None, workload=load)
    if request.method == "POST" and form.is_valid():
        try:
            leaving = record_leaving(manager=manager, decided_by=request.user, **form.decision)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            parts = [_("%(name)s leaves on %(day)s.") % {"name": manager.user.name, "day": _written(leaving.last_day)}]
            if load.places:
                parts.append(_("The open cases go to colleagues from the day after."))
            parts += leaving_sentences(leaving, reader=request.user)
            messages.success(request, " ".join(parts))
            return redirect("casework:manager_detail", pk=manager.pk)
    context = {"form": form, "load": load, "manager": manager, "ending": ending, "today": timezone.localdate()}
    return render(request, "casework/manager_leave.html", context)


@require_http_methods(["GET", "POST"])
@coordinator_only
def manager_leave_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes back a leaving that has not come, after showing what comes back with it."""
    manager = get_object_or_404(Manager.objects.answered_for_by(request.user).for_register(), pk=pk)
    if request.method == "POST":
        try:
            withdrawal = withdraw_leaving(manager=manager, decided_by=request.user)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            parts = [_("%(name)s stays, with all cases.") % {"name": manager.user.name}]
            parts += withdrawal_sentences(withdrawal, manager, reader=request.user)
            # What did not come back waits for somebody to enter it anew.
            level = messages.WARNING if withdrawal.lost or withdrawal.moved_to_stays else messages.SUCCESS
            messages.add_message(request, level, " ".join(parts))
        return redirect("casework:manager_detail", pk=manager.pk)
    leaving = announced_leaving(manager, reader=request.user)
    return render(request, "casework/manager_leave_withdraw.html", {"manager": manager, "leaving": leaving})


@require_http_methods(["GET", "POST"])
@coordinator_only
def employment_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes back an employment that has not begun, after showing what is planned in it."""
    manager = get_object_or_404(Manager.objects.answered_for_by(request.user).for_register(), pk=pk)
    file = person_file(manager, reader=request.user)
    if request.method == "POST":
        try:
            withdraw_employment(manager=manager)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            words = {"name": manager.user.name, "employer": manager.organisation.name}
            messages.success(request, _("The employment of %(name)s with %(employer)s is taken back.") % words)
        if Manager.objects.visible_to(request.user).contains(manager):
            return redirect("casework:manager_detail", pk=manager.pk)
        return redirect("casework:manager_list")
    return render(request, "casework/employment_withdraw.html", {"manager": manager, "file": file})


@require_GET
@coordinator_only
def member_leave(request: HttpRequest, membership: int) -> HttpResponse:
    """Leads from a membership to the page on which the leaving of the manager is recorded."""
    manager = get_object_or_404(Manager.objects.answered_for_by(request.user).of_membership(membership))
    return redirect("casework:manager_leave", pk=manager.pk)


@require_http_methods(["GET", "POST"])
@coordinator_only
def manager_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Lets a manager leave and begin with another employer for whom the coordinator answers."""
    manager = get_object_or_404(Manager.objects.answered_for_by(request.user).for_register(), pk=pk)
    organisations = Organisation.objects.visible_to(request.user).employers().other_than(manager.organisation_id)
    load, ending = workload(manager, reader=request.user), _what_ends(manager)
    form = MoveForm(request.POST or None, workload=load, organisations=organisations)
    if request.method == "POST" and form.is_valid():
        try:
            moved = move_manager(manager=manager, decided_by=request.user, **form.decision)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            words = {
                "name": manager.user.name,
                "day": _written(form.cleaned_data["last_day"]),
                "employer": moved.organisation.name,
            }
            text = _("%(name)s works until %(day)s for the old employer and then for %(employer)s. Book a post there.")
            parts = [text % words, *leaving_sentences(manager.leaving, reader=request.user)]
            messages.success(request, " ".join(parts))
            if Manager.objects.answered_for_by(request.user).contains(moved):
                return redirect("casework:manager_detail", pk=moved.pk)
            return redirect("casework:manager_detail", pk=manager.pk)
    context = {"form": form, "load": load, "manager": manager, "ending": ending, "today": timezone.localdate()}
    return render(request, "casework/manager_move.html", context)
