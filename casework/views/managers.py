"""The register of integration managers."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from casework.forms.managers import ManagerFilterForm, RegisterManagerForm
from casework.forms.qualifications import QualificationForm
from casework.models import Manager, Post
from casework.models.posts import employers_open_to, measures_open_to
from casework.personnel import person_file
from casework.services.managers import register_manager, register_on_post, set_qualification
from casework.vacancies import holders, next_booking, vacancies
from pik import people
from pik.access import coordinator_only
from pik.models import AccessLine, Municipality

PAGE_SIZE = 50
# No key of the database has more digits.
LONGEST_NUMBER = 18


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
    """Registers a manager, with a new post or, with `?post=`, on one that is there."""
    own = request.user.membership.organisation
    post = _post_asked_for(request)
    today = timezone.localdate()
    bookings = list(post.assignments.for_post()) if post else []
    free = vacancies(post, bookings, since=today) if post else []
    proposed = next_booking(free)
    form = RegisterManagerForm(
        request.POST or None,
        organisations=employers_open_to(request.user),
        measures=measures_open_to(own),
        places=Municipality.objects.reached_by(own).for_choice(),
        own=own,
        post=post,
        proposed=proposed,
    )
    if request.method == "POST" and form.is_valid():
        values = {**form.cleaned_data, "booked_by": request.user}
        try:
            manager = register_on_post(post=post, **values) if post else register_manager(**values)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(
                request, _("%(name)s is registered. The invitation is on its way.") % {"name": manager.user.name}
            )
            # A Kreis does not see the people of others on posts that are funded at the state level.
            if Manager.objects.visible_to(request.user).contains(manager):
                return redirect("casework:manager_detail", pk=manager.pk)
            return redirect("casework:manager_list")
    held = [] if proposed else holders(bookings, since=today)
    context = {"form": form, "post": post, "free": free, "holders": held}
    return render(request, "casework/manager_form.html", context)


def _post_asked_for(request: HttpRequest) -> Post | None:
    """The post that the address names; 404 for one that the reader does not see, None when it names none."""
    if "post" not in request.GET:
        return None
    number = request.GET["post"]
    if not number.isdecimal() or len(number) > LONGEST_NUMBER:
        raise Http404
    return get_object_or_404(Post.objects.visible_to(request.user).for_detail(), pk=number)


@require_GET
@coordinator_only
def manager_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One manager: employment, access, qualification, posts, absences, deputies, hand-overs, and what is to be done."""
    manager = get_object_or_404(Manager.objects.visible_to(request.user).for_register(), pk=pk)
    file = person_file(manager, reader=request.user)
    context = {"file": file, "manager": manager, "assignments": file.assignments}
    return render(request, "casework/manager_detail.html", context)


@require_http_methods(["GET", "POST"])
@coordinator_only
def manager_qualification(request: HttpRequest, pk: int) -> HttpResponse:
    """Notes the qualification of a manager and its evidence."""
    manager = get_object_or_404(Manager.objects.visible_to(request.user).select_related("user"), pk=pk)
    form = QualificationForm(request.POST or None, manager=manager)
    if request.method == "POST" and form.is_valid():
        try:
            set_qualification(manager=manager, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The qualification of %(name)s is saved.") % {"name": manager.user.name})
            return redirect("casework:manager_detail", pk=manager.pk)
    return render(request, "casework/manager_qualification.html", {"form": form, "manager": manager})


@require_POST
@coordinator_only
def manager_invite(request: HttpRequest, pk: int) -> HttpResponse:
    """Sends the invitation once more."""
    manager = get_object_or_404(Manager.objects.visible_to(request.user).select_related("user"), pk=pk)
    people.invite(user=manager.user)
    messages.success(request, _("A new invitation to %(email)s is on its way.") % {"email": manager.user.email})
    return redirect("casework:manager_detail", pk=manager.pk)
