"""Figures of one person: for the person, and what the proof of use needs of them."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from casework.forms.figures import ProofYearForm
from casework.models import Manager
from casework.personnel import months_of_work, proof_lines
from pik.access import coordinator_only, log_export, log_proof_read, manager_only
from pik.exports import csv_response
from pik.months import last_months


@require_GET
@manager_only
def figure_list(request: HttpRequest) -> HttpResponse:
    """What the person did in each of the last months."""
    manager, months = Manager.objects.acting(request.user), last_months(settings.CURVE_MONTHS)
    rows = reversed(months_of_work(manager, reader=request.user, months=months))
    return render(request, "casework/figure_list.html", {"rows": rows, "manager": manager})


@require_GET
@manager_only
def figure_export(request: HttpRequest) -> HttpResponse:
    """The same as CSV."""
    manager, months = Manager.objects.acting(request.user), last_months(settings.CURVE_MONTHS)
    rows = months_of_work(manager, reader=request.user, months=months)
    log_export(user=request.user, subject=f"figures {months[-1]:%Y-%m}", organisation_id=manager.organisation_id)
    head = [_("Month"), _("Contacts"), _("Minutes"), _("New plans"), _("Plans ended"), _("Active plans")]
    return csv_response(
        name=f"pik-figures-{months[-1]:%Y-%m}",
        head=head,
        rows=((f"{row.month:%Y-%m}", *row[1:]) for row in reversed(rows)),
    )


@require_GET
@coordinator_only
def manager_proof(request: HttpRequest, pk: int) -> HttpResponse:
    """The figures of one person that the proof of use demands, and nothing else; each view is noted."""
    people = Manager.objects.in_own_organisation(request.user).for_register()
    manager = get_object_or_404(people, pk=pk)
    this_year = timezone.localdate().year
    first = min(manager.employed_since.year, this_year) if manager.employed_since else this_year
    form = ProofYearForm(request.GET, years=range(this_year, first - 1, -1))
    lines = proof_lines(manager, reader=request.user, year=form.shown_year)
    log_proof_read(
        user=request.user, person=manager.user, year=form.shown_year, organisation_id=manager.organisation_id
    )
    context = {"form": form, "lines": lines, "manager": manager, "year": str(form.shown_year)}
    return render(request, "casework/manager_proof.html", context)
