"""What goes when: the ends of cases by law, and their deletion."""

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from casework.models import Deputyship
from casework.retention import cases_going, months_of_going
from pik.access import any_role
from pik.models import Membership
from pik.templatetags.figures import month_name, whole

PAGE_SIZE = 50


@require_GET
@any_role
def retention(request: HttpRequest) -> HttpResponse:
    """The own cases for a manager, numbers by month for everybody else."""
    if request.user.membership.role == Membership.Role.MANAGER:
        return _cases(request)
    return _numbers(request)


def _cases(request: HttpRequest) -> HttpResponse:
    deputyships = Deputyship.objects.held_today(request.user)
    lines = cases_going(request.user, stands_in=bool(deputyships))
    context = {
        "page": Paginator(lines, PAGE_SIZE).get_page(request.GET.get("page")),
        "deputyships": deputyships,
        "kept_months": settings.CASE_KEPT_MONTHS,
    }
    return render(request, "casework/retention_cases.html", context)


def _numbers(request: HttpRequest) -> HttpResponse:
    rows = months_of_going(request.user)
    head = [
        {"label": _("Month"), "unit": ""},
        {"label": _("Cases that end"), "unit": ""},
        {"label": _("of these in the fourth year"), "unit": ""},
        {"label": _("Cases that are deleted"), "unit": ""},
    ]
    context = {
        "table": {"head": head, "rows": [[month_name(row.month), *map(whole, row[1:])] for row in rows]},
        "whole_state": request.user.membership.sees_whole_state,
        "kept_months": settings.CASE_KEPT_MONTHS,
    }
    return render(request, "casework/retention_numbers.html", context)
