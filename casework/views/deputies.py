"""Deputies of managers, for the coordinators of their employer."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from casework.forms.absences import DeputyForm
from casework.models import Absence, Deputyship, Manager
from casework.services.absences import end_deputyship, name_deputy
from pik.access import coordinator_only


@require_http_methods(["GET", "POST"])
@coordinator_only
def deputy_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Names a colleague who stands in; the time of the absence that holds or comes next is proposed."""
    manager = get_object_or_404(Manager.objects.in_own_organisation(request.user).select_related("user"), pk=pk)
    today = timezone.localdate()
    form = DeputyForm(
        request.POST or None,
        colleagues=Manager.objects.colleagues_of(manager, day=today).present_first(request.user),
        absence=Absence.objects.visible_to(request.user).of_manager(manager).next_one(today),
    )
    if request.method == "POST" and form.is_valid():
        try:
            deputyship = name_deputy(manager=manager, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            words = {"deputy": deputyship.deputy.user.name, "name": manager.user.name}
            messages.success(request, _("%(deputy)s stands in for %(name)s and sees the cases in that time.") % words)
            return redirect("casework:manager_detail", pk=manager.pk)
    return render(request, "casework/deputy_form.html", {"form": form, "manager": manager})


@require_POST
@coordinator_only
def deputy_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Ends a deputyship today; one that has not begun is taken back."""
    deputyship = get_object_or_404(Deputyship.objects.visible_to(request.user), pk=pk)
    today = timezone.localdate()
    end_deputyship(deputyship=deputyship, ends_on=today)
    if deputyship.starts_on > today:
        messages.success(request, _("The deputyship was taken back."))
    else:
        messages.success(request, _("The deputyship ends today."))
    return redirect("casework:manager_detail", pk=deputyship.manager_id)
