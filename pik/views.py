"""Pages that belong to no room: start, health, language, membership, access log."""

import logging

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST, require_safe
from django_redis import get_redis_connection
from redis import RedisError

from pik.access import any_role, coordinator_or_auditor
from pik.models import AccessRecord
from pik.navigation import START

logger = logging.getLogger(__name__)
PAGE_SIZE = 50


@require_GET
@any_role
def start(request: HttpRequest) -> HttpResponse:
    """Leads to the start page of the role."""
    return redirect(START[request.user.membership.role])


@login_not_required
@csrf_exempt
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while entries can be saved, 503 otherwise; says in JSON which part is away."""
    state = {"database": _database_answers(), "queue": _queue_answers()}
    report = {name: "ok" if answers else "away" for name, answers in state.items()}
    return JsonResponse(report, status=200 if state["database"] else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        logger.warning("database away: %s", type(error).__name__)
        return False
    return True


def _queue_answers() -> bool:
    try:
        return bool(get_redis_connection("default").ping())
    except RedisError as error:
        logger.warning("queue away: %s", type(error).__name__)
        return False


@require_POST
@any_role
def membership_switch(request: HttpRequest) -> HttpResponse:
    """Acts in another of the person's own memberships from now on."""
    wanted = request.POST.get("membership", "")
    active = {str(membership.pk): membership for membership in request.user.active_memberships}
    if wanted not in active:
        messages.error(request, _("This membership has ended. Choose one from the list."))
        return redirect("start")
    request.session["membership"] = active[wanted].pk
    return redirect("start")


@require_GET
@coordinator_or_auditor
def access_log(request: HttpRequest) -> HttpResponse:
    """Who drew data of the organisation, the latest first."""
    records = AccessRecord.objects.visible_to(request.user).for_log()
    page = Paginator(records, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "pik/access_log.html", {"page": page})
