"""The register of integration managers."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from casework.forms.managers import ManagerFilterForm, RegisterManagerForm
from casework.models import Manager
from casework.models.posts import measures_open_to
from casework.services.managers import register_manager
from pik import people
from pik.access import coordinator_only
from pik.models import AccessLine, Municipality, Organisation

PAGE_SIZE = 50


@require_GET
@coordinator_only
def manager_list(request: HttpRequest) -> HttpResponse:
    """The people for whom the coordinator answers."""
    form = ManagerFilterForm(request.GET)
    managers = Manager.objects.visible_to(request.user).matching(form.text).for_register()
    page = Paginator(managers, PAGE_SIZE).get_page(request.GET.get("page"))
    review = AccessLine.objects.visible_to(request.user).running().progress()
    return render(request, "casework/manager_list.html", {"page": page, "form": form, "review": review})


@require_http_methods(["GET", "POST"])
@coordinator_only
def manager_new(request: HttpRequest) -> HttpResponse:
    """Registers a manager with a post."""
    own = request.user.membership.organisation
    form = RegisterManagerForm(
        request.POST or None,
        organisations=Organisation.objects.visible_to(request.user).employers().order_by("sort_name"),
        measures=measures_open_to(own),
        places=Municipality.objects.reached_by(own).for_choice(),
        own=own,
    )
    if request.method == "POST" and form.is_valid():
        try:
            manager = register_manager(**form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(
                request, _("%(name)s is registered. The invitation is on its way.") % {"name": manager.user.name}
            )
            return redirect("casework:manager_detail", pk=manager.pk)
    return render(request, "casework/manager_form.html", {"form": form})


@require_GET
@coordinator_only
def manager_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One manager with posts and invitation."""
    manager = get_object_or_404(Manager.objects.visible_to(request.user).for_register(), pk=pk)
    return render(request, "casework/manager_detail.html", {"manager": manager, "assignments": manager.posts_held()})


@require_POST
@coordinator_only
def manager_invite(request: HttpRequest, pk: int) -> HttpResponse:
    """Sends the invitation once more."""
    manager = get_object_or_404(Manager.objects.visible_to(request.user).select_related("user"), pk=pk)
    people.invite(user=manager.user)
    messages.success(request, _("A new invitation to %(email)s is on its way.") % {"email": manager.user.email})
    return redirect("casework:manager_detail", pk=manager.pk)


@require_GET
@coordinator_only
def member_leave(request: HttpRequest, membership: int) -> HttpResponse:
    """Leads from a membership to the manager whose leaving is recorded."""
    manager = get_object_or_404(Manager.objects.visible_to(request.user).of_membership(membership))
    return redirect("casework:manager_detail", pk=manager.pk)
