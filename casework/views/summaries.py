"""Monthly summaries."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from casework.forms.summaries import SummaryFilterForm
from casework.models import MonthlySummary
from casework.reporting import at_home_elsewhere, summary_lines
from pik.access import coordinator_or_overseer, log_export
from pik.exports import csv_response
from pik.templatetags.figures import exported

PAGE_SIZE = 100


@require_GET
@coordinator_or_overseer
def summary_list(request: HttpRequest) -> HttpResponse:
    """The summaries in force for one closed month."""
    form = SummaryFilterForm(request.GET)
    page = Paginator(_summaries(request, form), PAGE_SIZE).get_page(request.GET.get("page"))
    lines = summary_lines(page, month=form.month_shown, reader=request.user)
    elsewhere = at_home_elsewhere(month=form.month_shown, measure=form.measure_shown, reader=request.user)
    context = {
        "form": form,
        "page": page,
        "lines": lines,
        "month": form.month_shown,
        "elsewhere": list(dict.fromkeys(each.organisation for each in elsewhere)),
    }
    return render(request, "casework/summary_list.html", context)


@require_GET
@coordinator_or_overseer
def summary_export(request: HttpRequest) -> HttpResponse:
    """The same month as CSV, without pages."""
    form = SummaryFilterForm(request.GET)
    lines = summary_lines(_summaries(request, form), month=form.month_shown, reader=request.user)
    membership = request.user.membership
    log_export(
        user=request.user,
        subject=f"summaries {form.month_shown:%Y-%m}",
        organisation_id=None if membership.sees_whole_state else membership.organisation_id,
    )
    head = [_("Organisation"), _("Measure"), _("Month"), _("Version"), _("Managers (heads)")]
    plans = [_("Plans new"), _("Plans continued"), _("Plans active")]
    head += [_("Managers (FTE)"), _("Open cases"), *plans, _("Contacts"), _("Minutes")]
    rows = [
        (s.organisation, s.measure, f"{s.month:%Y-%m}", s.version, s.heads, s.fte, *people, *map(exported, work))
        for s, people, work in lines
    ]
    elsewhere = at_home_elsewhere(month=form.month_shown, measure=form.measure_shown, reader=request.user)
    if elsewhere:
        # Only who misses somebody gets the column.
        head.append(_("Remark"))
        remark = _("works in several districts; its share in yours stands in the overview")
        blank = [None] * (len(head) - 4)
        rows = [(*row, "") for row in rows]
        rows += [(each.organisation, each.measure, f"{form.month_shown:%Y-%m}", *blank, remark) for each in elsewhere]
    return csv_response(name=f"pik-{form.month_shown:%Y-%m}", head=head, rows=rows)


def _summaries(request: HttpRequest, form: SummaryFilterForm):
    return (
        MonthlySummary.objects.visible_to(request.user).latest_versions(form.month_shown).of_measure(form.measure_shown)
    )
