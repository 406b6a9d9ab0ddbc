"""Registering many integration managers from a list."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from casework.forms.manager_lists import ManagerListForm
from casework.manager_list_columns import COLUMNS, REMEDY, columns_left_out, example
from casework.models import ManagerList
from casework.services.manager_lists import discard, register_good_rows, rows_to_correct, take_in
from pik.access import coordinator_only
from pik.exports import table_response
from pik.models import Municipality


@require_http_methods(["GET", "POST"])
@coordinator_only
def manager_list_new(request: HttpRequest) -> HttpResponse:
    """Takes in a list and checks it."""
    posted = request.method == "POST"
    form = ManagerListForm(request.POST, request.FILES) if posted else ManagerListForm()
    if posted and form.is_valid():
        try:
            waiting = take_in(table=form.cleaned_data["file"], kind=form.kind, coordinator=request.user)
        except ValidationError as error:
            form.add_error("file", error)
        else:
            return redirect("casework:manager_list_detail", pk=waiting.pk)
    context = {"form": form, "columns": COLUMNS, "limit": settings.MANAGER_LIST_ROWS}
    return render(request, "casework/manager_list_form.html", context)


@require_GET
@coordinator_only
def manager_list_template(request: HttpRequest) -> HttpResponse:
    """The list to fill in, with an example."""
    places = Municipality.objects.reached_by(request.user.membership.organisation).for_choice()[:2]
    return table_response(
        format="csv" if request.GET.get("format") == "csv" else "xlsx",
        name="pik-managers",
        title=_("Integration managers"),
        head=[str(column.label) for column in COLUMNS],
        rows=[example(places)],
    )


@require_GET
@coordinator_only
def manager_list_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What the check found, and the decision."""
    waiting = get_object_or_404(ManagerList.objects.visible_to(request.user), pk=pk)
    context = {"waiting": waiting, "left_out": ", ".join(columns_left_out(waiting.head))}
    return render(request, "casework/manager_list_detail.html", context)


@require_POST
@coordinator_only
def manager_list_register(request: HttpRequest, pk: int) -> HttpResponse:
    """Registers the people whose rows are good."""
    waiting = get_object_or_404(ManagerList.objects.visible_to(request.user), pk=pk)
    number = register_good_rows(waiting=waiting, coordinator=request.user).registered
    if number:
        message = ngettext(
            "%(number)d person is registered. The invitation is on its way.",
            "%(number)d persons are registered. Their invitations are on their way.",
            number,
        )
        messages.success(request, message % {"number": number})
    else:
        messages.warning(request, _("Nobody could be registered. See below what has to be corrected."))
    return redirect("casework:manager_list_detail", pk=pk)


@require_GET
@coordinator_only
def manager_list_rest(request: HttpRequest, pk: int) -> HttpResponse:
    """The rows to correct, in the format in which they came."""
    waiting = get_object_or_404(ManagerList.objects.visible_to(request.user), pk=pk)
    return table_response(
        format=waiting.kind,
        name="pik-managers-to-correct",
        title=_("Rows to correct"),
        head=[*waiting.head, str(REMEDY)],
        rows=rows_to_correct(waiting),
    )


@require_POST
@coordinator_only
def manager_list_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Deletes the list."""
    discard(waiting=get_object_or_404(ManagerList.objects.visible_to(request.user), pk=pk))
    messages.success(request, _("The list is deleted."))
    return redirect("casework:manager_list")
