"""What is due for the manager who is logged in, and the weekly mail about it."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from casework.due import by_urgency, due_for
from casework.forms.due import DueFilterForm
from casework.models import Deputyship, Digest
from casework.services.digests import choose_digest
from pik.access import manager_only

PAGE_SIZE = 50


@require_GET
@manager_only
def due_list(request: HttpRequest) -> HttpResponse:
    """Everything that is due, by date."""
    deputyships = Deputyship.objects.held_today(request.user)
    form = DueFilterForm(request.GET, stands_in=bool(deputyships))
    lines = [line for line in due_for(request.user, stands_in=bool(deputyships)) if form.admits(line)]
    page = Paginator(lines, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "form": form,
        "groups": by_urgency(page, today=timezone.localdate()),
        "deputyships": deputyships,
    }
    return render(request, "casework/due_list.html", context)


@require_http_methods(["GET", "POST"])
@manager_only
def mails(request: HttpRequest) -> HttpResponse:
    """Switches the weekly mail on or off."""
    if request.method == "POST":
        wanted = request.POST.get("weekly") == "on"
        choose_digest(user=request.user, wanted=wanted)
        if wanted:
            messages.success(request, _("The weekly mail is on. The first one leaves next Monday."))
        else:
            messages.success(request, _("The weekly mail is off."))
        return redirect("casework:mails")
    return render(request, "casework/mails.html", {"weekly": Digest.objects.of(request.user).exists()})
