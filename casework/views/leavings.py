"""Leaving an organisation, taking that back, and moving to another one."""

from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from casework.forms.handovers import LeaveForm, MoveForm
from casework.models import Manager
from casework.personnel import StaysEnded, stays_ended, workload
from casework.services.handovers import move_manager, record_leaving, withdraw_leaving
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
            employment = record_leaving(manager=manager, decided_by=request.user, **form.decision)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            parts = [
                _("%(name)s leaves on %(day)s.") % {"name": manager.user.name, "day": _written(employment.ends_on)},
            ]
            if load.places:
                parts.append(_("The open cases go to colleagues from the day after."))
            if ending:
                text = ngettext(
                    "%(number)s booking ends; what it filled is vacant from %(day)s.",
                    "%(number)s bookings end; what they filled is vacant from %(day)s.",
                    len(ending),
                )
                vacant_from = employment.ends_on + timedelta(days=1)
                parts.append(text % {"number": len(ending), "day": _written(vacant_from)})
            messages.success(request, " ".join(parts))
            return redirect("casework:manager_detail", pk=manager.pk)
    context = {"form": form, "load": load, "manager": manager, "ending": ending, "today": timezone.localdate()}
    return render(request, "casework/manager_leave.html", context)


@require_http_methods(["GET", "POST"])
@coordinator_only
def manager_leave_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes back a leaving that has not come, after showing what stays ended all the same."""
    manager = get_object_or_404(Manager.objects.answered_for_by(request.user).for_register(), pk=pk)
    ended = stays_ended(manager, reader=request.user)
    if request.method == "POST":
        try:
            withdraw_leaving(manager=manager)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _stays(manager, ended))
        return redirect("casework:manager_detail", pk=manager.pk)
    return render(request, "casework/manager_leave_withdraw.html", {"manager": manager, "ended": ended})


def _stays(manager: Manager, ended: StaysEnded | None) -> str:
    """Says that the person stays, and what does not go on by itself."""
    parts = [_("%(name)s stays, with all cases.") % {"name": manager.user.name}]
    if ended and ended.rows:
        rows = [_("booking on post %(post)s") % {"post": booking.post.label} for booking in ended.bookings]
        rows += [_("absence since %(day)s") % {"day": _written(absence.starts_on)} for absence in ended.absences]
        rows += [_("deputyship of %(name)s") % {"name": row.deputy.user.name} for row in ended.deputyships]
        words = {"day": _written(ended.day), "rows": ", ".join(rows)}
        parts.append(_("Still ends on %(day)s: %(rows)s. Change the end or enter it anew.") % words)
    return " ".join(parts)


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
            messages.success(request, text % words)
            if Manager.objects.answered_for_by(request.user).contains(moved):
                return redirect("casework:manager_detail", pk=moved.pk)
            return redirect("casework:manager_detail", pk=manager.pk)
    context = {"form": form, "load": load, "manager": manager, "ending": ending, "today": timezone.localdate()}
    return render(request, "casework/manager_move.html", context)
