"""Monthly summaries."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from casework.forms.summaries import SummaryFilterForm
from casework.models import MonthlySummary
from casework.models.summaries import MonthlySummaryQuerySet
from casework.reporting import Elsewhere, at_home_elsewhere, summary_lines
from pik.access import coordinator_or_overseer, log_export
from pik.exports import csv_response
from pik.models import District
from pik.templatetags.figures import exported

PAGE_SIZE = 100


@require_GET
@coordinator_or_overseer
def summary_list(request: HttpRequest) -> HttpResponse:
    """The summaries in force for one closed month."""
    form = _form(request)
    page = Paginator(_summaries(request, form), PAGE_SIZE).get_page(request.GET.get("page"))
    lines = summary_lines(page, month=form.month_shown, reader=request.user)
    context = {
        "form": form,
        "page": page,
        "lines": lines,
        "month": form.month_shown,
        "elsewhere": list(dict.fromkeys(each.organisation for each in _elsewhere(request, form))),
    }
    return render(request, "casework/summary_list.html", context)


@require_GET
@coordinator_or_overseer
def summary_export(request: HttpRequest) -> HttpResponse:
    """The same choice as CSV, without pages."""
    form = _form(request)
    lines = summary_lines(_summaries(request, form), month=form.month_shown, reader=request.user)
    district, membership = form.district_shown, request.user.membership
    concerned = (
        getattr(district, "administration_id", None) if membership.sees_whole_state else membership.organisation_id
    )
    what = [f"{form.month_shown:%Y-%m}", *([district.pk] if district else [])]
    log_export(user=request.user, subject=" ".join(["summaries", *what]), organisation_id=concerned)
    head = [_("Organisation"), _("Measure"), _("Month"), _("Version"), _("Managers (heads)")]
    plans = [_("Plans new"), _("Plans continued"), _("Plans active")]
    head += [_("Managers (FTE)"), _("Open cases"), *plans, _("Contacts"), _("Minutes")]
    rows = [
        (s.organisation, s.measure, f"{s.month:%Y-%m}", s.version, s.heads, s.fte, *people, *map(exported, work))
        for s, people, work in lines
    ]
    if elsewhere := _elsewhere(request, form):
        # Only who misses somebody gets the column.
        head.append(_("Remark"))
        remark = _("works in several districts; its share in this one stands in the overview")
        blank = [None] * (len(head) - 4)
        rows = [(*row, "") for row in rows]
        rows += [(each.organisation, each.measure, f"{form.month_shown:%Y-%m}", *blank, remark) for each in elsewhere]
    return csv_response(name="-".join(["pik", *what]), head=head, rows=rows)


def _form(request: HttpRequest) -> SummaryFilterForm:
    """Who sees the whole Land can look at one Kreis alone."""
    whole_state = request.user.membership.sees_whole_state
    districts = District.objects.visible_to(request.user).with_administration() if whole_state else []
    return SummaryFilterForm(request.GET, districts=list(districts))


def _summaries(request: HttpRequest, form: SummaryFilterForm) -> MonthlySummaryQuerySet:
    summaries = MonthlySummary.objects.visible_to(request.user).latest_versions(form.month_shown)
    return summaries.of_measure(form.measure_shown).of_district(form.data.get("district", ""))


def _elsewhere(request: HttpRequest, form: SummaryFilterForm) -> list[Elsewhere]:
    return at_home_elsewhere(
        month=form.month_shown,
        measure=form.measure_shown,
        reader=request.user,
        district=form.data.get("district", ""),
    )
