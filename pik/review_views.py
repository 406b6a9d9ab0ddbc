"""The quarterly access review: the list, and confirming or ending an access."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pik.access import coordinator_only, coordinator_or_auditor
from pik.access_reviews import confirm_access, confirm_others, end_access
from pik.models import AccessLine, AccessReview, Membership
from pik.review_forms import ConfirmOthersForm, EndAccessForm, ReviewFilterForm

PAGE_SIZE = 50


@require_GET
@coordinator_or_auditor
def access_review(request: HttpRequest) -> HttpResponse:
    """Who has access, and who of them is confirmed or ended; past quarters are for reading only."""
    form = _filter(request)
    lines = _lines(request).of_quarter(form.quarter_shown).of_organisation(form.organisation_shown)
    page = Paginator(lines.for_review(), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "query": f"{form.query}&page={page.number}",
        "progress": lines.progress(),
        "decides": form.is_running and request.user.membership.role == Membership.Role.COORDINATOR,
        "reader_id": request.user.pk,
    }
    return render(request, "pik/access_review.html", context)


@require_POST
@coordinator_only
def access_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """One person keeps the access."""
    line = get_object_or_404(_lines(request).for_review(), pk=pk)
    try:
        confirm_access(line=line, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("The access of %(name)s is confirmed.") % {"name": line.membership.user.name})
    return redirect(f"{_list(request)}#line-{line.pk}")


@require_http_methods(["GET", "POST"])
@coordinator_only
def access_confirm_others(request: HttpRequest) -> HttpResponse:
    """Everybody who is still open keeps the access; the page names them and how many they are."""
    lines = _lines(request).running()
    choice = _filter(request)
    shown = lines.open().of_organisation(choice.organisation_shown).for_review()
    form = ConfirmOthersForm(request.POST or None, lines=lines, initial={"lines": shown})
    if request.method == "POST" and form.is_valid():
        number = confirm_others(lines=form.cleaned_data["lines"], by=request.user)
        text = ngettext(
            "The access of %(number)d person is confirmed.", "The access of %(number)d people is confirmed.", number
        )
        messages.success(request, text % {"number": number})
        return redirect(_list(request))
    if not shown:
        messages.info(request, _("Nobody is left to decide."))
        return redirect(_list(request))
    context = {"form": form, "lines": shown, "several": choice.has_several_organisations, "back": _list(request)}
    return render(request, "pik/access_confirm_others.html", context)


@require_http_methods(["GET", "POST"])
@coordinator_only
def access_end(request: HttpRequest, pk: int) -> HttpResponse:
    """The access of a coordinator ends; managers have cases and posts, so their leaving is recorded instead."""
    line = get_object_or_404(_lines(request).for_review(), pk=pk)
    if line.membership.role == Membership.Role.MANAGER:
        return redirect("casework:member_leave", membership=line.membership_id)
    form = EndAccessForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            line = end_access(line=line, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            day = date_format(form.cleaned_data["last_day"], "SHORT_DATE_FORMAT")
            text = _("The last day of the access of %(name)s is %(day)s.")
            messages.success(request, text % {"name": line.membership.user.name, "day": day})
            return redirect(f"{_list(request)}#line-{line.pk}")
    return render(request, "pik/access_end.html", {"form": form, "line": line, "back": _list(request)})


def _lines(request: HttpRequest):
    return AccessLine.objects.visible_to(request.user)


def _filter(request: HttpRequest) -> ReviewFilterForm:
    reviews = AccessReview.objects.visible_to(request.user)
    return ReviewFilterForm(request.GET, quarters=reviews.quarters(), organisations=reviews.organisations())


def _list(request: HttpRequest) -> str:
    """The list as the reader left it: forms carry its filter and page in their own address."""
    query = request.GET.urlencode()
    return f"{reverse('access_review')}?{query}" if query else reverse("access_review")
