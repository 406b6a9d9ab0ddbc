"""The ledger."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from funding.forms.ledger import LedgerFilterForm
from funding.models import LedgerEntry
from pik.access import coordinator_or_overseer, log_export
from pik.exports import csv_response

PAGE_SIZE = 50


@require_GET
@coordinator_or_overseer
def ledger(request: HttpRequest) -> HttpResponse:
    """Every booking the reader may see, the latest first, with the sums of the choice."""
    form = LedgerFilterForm(request.GET)
    entries = LedgerEntry.objects.visible_to(request.user).chosen(form.choice)
    page = Paginator(entries.for_ledger_page(), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "funding/ledger.html", {"form": form, "page": page, "totals": entries.totals()})


@require_GET
@coordinator_or_overseer
def ledger_export(request: HttpRequest) -> HttpResponse:
    """The same choice as CSV, without pages."""
    form = LedgerFilterForm(request.GET)
    entries = LedgerEntry.objects.visible_to(request.user).chosen(form.choice).for_ledger_page()
    membership = request.user.membership
    log_export(
        user=request.user,
        subject="ledger",
        organisation_id=None if membership.sees_whole_state else membership.organisation_id,
    )
    head = [_("Number"), _("Booked at"), _("Kind"), _("Measure"), _("Year"), _("Recipient"), _("Amount (EUR)")]
    return csv_response(
        name="pik-ledger",
        head=[*head, _("Reason"), _("Corrects"), _("Booked by")],
        rows=(
            (
                entry.pk,
                formats.date_format(timezone.localtime(entry.booked_at), "SHORT_DATETIME_FORMAT"),
                entry.get_kind_display(),
                entry.budget.measure.name,
                entry.budget.year,
                entry.recipient,
                entry.amount,
                entry.reason,
                entry.corrects_id,
                entry.booked_by,
            )
            for entry in entries
        ),
    )
