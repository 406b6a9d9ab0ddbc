"""Overview pages of the Land, a Kreis and an organisation, with their pictures and downloads."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from funding import pictures
from funding.forms.overview import OverviewFilterForm
from funding.overview import Line, Overview, district_overview, organisation_overview, state_overview
from pik.access import coordinator_only, coordinator_or_overseer, log_export, overseer_only
from pik.exports import csv_response
from pik.models import AccessLine, District, Measure
from pik.models.reviews import Progress
from pik.templatetags.figures import exported


@dataclass(frozen=True)
class _Page:
    """One overview with its filter and with what its downloads are about."""

    form: OverviewFilterForm
    overview: Overview
    name: str
    district: District | None = None
    # The organisation whose data is shown, for the access log; None for the whole Land.
    concerned_id: int | None = None
    # Where a reader of the whole Land came from.
    back_url: str = ""


def _state(request: HttpRequest) -> _Page:
    measures = list(Measure.objects.all())
    form = OverviewFilterForm(request.GET, measures=measures)
    overview = state_overview(
        reader=request.user, year=form.shown_year, measures=measures, measure_code=form.shown_measure
    )
    return _Page(form, overview, "baden-wuerttemberg")


def _district(request: HttpRequest, ags: str) -> _Page:
    own = request.user.membership.organisation
    if request.user.membership.leads_district and own.district_id == ags:
        return _page_of(request, own.district, own.pk)
    district = get_object_or_404(District.objects.visible_to(request.user).with_administration(), pk=ags)
    return _page_of(request, district, district.administration_id)


def _page_of(request: HttpRequest, district: District, administration_id: int | None) -> _Page:
    measures = list(Measure.objects.all())
    own_work = not request.user.membership.sees_whole_state
    form = OverviewFilterForm(request.GET, measures=measures, places=True, own_work=own_work)
    overview = district_overview(
        reader=request.user, district=district, year=form.shown_year, measures=measures, measure_code=form.shown_measure
    )
    back = f"{reverse('funding:state')}?{form.query}" if request.user.membership.sees_whole_state else ""
    return _Page(form, overview, district.pk, district=district, concerned_id=administration_id, back_url=back)


def _organisation(request: HttpRequest) -> _Page:
    own = request.user.membership.organisation
    if request.user.membership.leads_district:
        return _district(request, own.district_id)
    measures = list(Measure.objects.all())
    form = OverviewFilterForm(request.GET, measures=measures, places=True, own_work=True)
    overview = organisation_overview(
        reader=request.user, organisation=own, year=form.shown_year, measures=measures, measure_code=form.shown_measure
    )
    return _Page(form, overview, f"organisation-{own.pk}", district=own.district, concerned_id=own.pk)


def _render(
    request: HttpRequest, template: str, page: _Page, addresses: dict[str, str], review: Progress | None = None
) -> HttpResponse:
    context = {
        "review": review,
        "page": page,
        "overview": page.overview,
        # Lines are Kreise or organisations; those of others hold people in rounded numbers.
        "rounded": any(line.key != str(request.user.membership.organisation_id) for line in page.overview.lines),
        "form": page.form,
        "addresses": {name: f"{address}?{page.form.query}" for name, address in addresses.items()},
        "lines_table": pictures.lines_table(
            page.overview,
            query=page.form.query,
            district=page.district,
            opens=request.user.membership.sees_whole_state,
        ),
        "map": pictures.map_words(page.overview, page.form.shown, page.form.shown_label),
        "curve": pictures.curve_words(page.overview),
    }
    return render(request, template, context)


def _svg(svg: str) -> HttpResponse:
    response = HttpResponse(svg, content_type="image/svg+xml")
    response["Cache-Control"] = "private, max-age=60"
    return response


def _lines_csv(request: HttpRequest, page: _Page, name: str, lines: list[Line]) -> HttpResponse:
    head = [_("Key"), _("Name"), _("Awarded (EUR)"), _("Managers (heads)"), _("Managers (FTE)")]
    rows = ((x.key, x.name, x.awarded, x.heads, x.fte, x.cases, exported(x.contacts)) for x in lines)
    return _download(request, page, name, [*head, _("Open cases"), _("Contacts")], rows)


def _places_csv(request: HttpRequest, page: _Page) -> HttpResponse:
    """Open cases, and to whoever has work of the own organisation to see, its contacts."""
    head, places = [_("AGS"), _("Municipality"), _("Open cases")], page.overview.places
    if request.user.membership.sees_whole_state:
        return _download(request, page, "municipalities", head, ((x.key, x.name, x.cases) for x in places))
    rows = ((x.key, x.name, x.cases, x.contacts) for x in places)
    return _download(request, page, "municipalities", [*head, _("Contacts of your organisation")], rows)


def _months_csv(request: HttpRequest, page: _Page) -> HttpResponse:
    rows = ((f"{month:%Y-%m}", exported(contacts)) for month, contacts in page.overview.months)
    return _download(request, page, "months", [_("Month"), _("Contacts")], rows)


def _download(request: HttpRequest, page: _Page, name: str, head: list[str], rows: Iterable) -> HttpResponse:
    subject = f"{name} {page.name} {page.overview.period.year}"
    log_export(user=request.user, subject=subject, organisation_id=page.concerned_id)
    return csv_response(name=f"pik-{page.name}-{name}-{page.overview.period.year}", head=head, rows=rows)


@require_GET
@overseer_only
def state(request: HttpRequest) -> HttpResponse:
    """The whole Land: budget, allocated, free, people, work."""
    addresses = {
        "map": reverse("funding:state_map"),
        "curve": reverse("funding:state_curve"),
        "lines": reverse("funding:state_districts_csv"),
        "months": reverse("funding:state_months_csv"),
    }
    return _render(request, "funding/state.html", _state(request), addresses)


@require_GET
@overseer_only
def state_map(request: HttpRequest) -> HttpResponse:
    page = _state(request)
    return _svg(pictures.map_svg(page.overview, page.form.shown, page.form.shown_label))


@require_GET
@overseer_only
def state_curve(request: HttpRequest) -> HttpResponse:
    return _svg(pictures.curve_svg(_state(request).overview))


@require_GET
@overseer_only
def state_districts_csv(request: HttpRequest) -> HttpResponse:
    page = _state(request)
    return _lines_csv(request, page, "districts", page.overview.lines)


@require_GET
@overseer_only
def state_months_csv(request: HttpRequest) -> HttpResponse:
    return _months_csv(request, _state(request))


def _district_addresses(ags: str) -> dict[str, str]:
    return {
        "map": reverse("funding:district_map", args=[ags]),
        "curve": reverse("funding:district_curve", args=[ags]),
        "lines": reverse("funding:district_places_csv", args=[ags]),
        "months": reverse("funding:district_months_csv", args=[ags]),
    }


@require_GET
@coordinator_or_overseer
def district(request: HttpRequest, ags: str) -> HttpResponse:
    """One Kreis by measure, organisation and municipality."""
    return _render(request, "funding/district.html", _district(request, ags), _district_addresses(ags))


@require_GET
@coordinator_or_overseer
def district_map(request: HttpRequest, ags: str) -> HttpResponse:
    page = _district(request, ags)
    return _svg(pictures.map_svg(page.overview, page.form.shown, page.form.shown_label, page.district))


@require_GET
@coordinator_or_overseer
def district_curve(request: HttpRequest, ags: str) -> HttpResponse:
    return _svg(pictures.curve_svg(_district(request, ags).overview))


@require_GET
@coordinator_or_overseer
def district_places_csv(request: HttpRequest, ags: str) -> HttpResponse:
    return _places_csv(request, _district(request, ags))


@require_GET
@coordinator_or_overseer
def district_months_csv(request: HttpRequest, ags: str) -> HttpResponse:
    return _months_csv(request, _district(request, ags))


@require_GET
@coordinator_only
def organisation(request: HttpRequest) -> HttpResponse:
    """The coordinator's start page: the Kreis for its administration, otherwise the own organisation."""
    membership = request.user.membership
    review = AccessLine.objects.visible_to(request.user).running().progress()
    if membership.leads_district:
        ags = membership.organisation.district_id
        return _render(request, "funding/district.html", _district(request, ags), _district_addresses(ags), review)
    addresses = {
        "map": reverse("funding:organisation_map"),
        "curve": reverse("funding:organisation_curve"),
        "lines": reverse("funding:organisation_places_csv"),
        "months": reverse("funding:organisation_months_csv"),
    }
    return _render(request, "funding/organisation.html", _organisation(request), addresses, review)


@require_GET
@coordinator_only
def organisation_map(request: HttpRequest) -> HttpResponse:
    page = _organisation(request)
    if page.district is None:
        raise Http404
    return _svg(pictures.map_svg(page.overview, page.form.shown, page.form.shown_label, page.district))


@require_GET
@coordinator_only
def organisation_curve(request: HttpRequest) -> HttpResponse:
    return _svg(pictures.curve_svg(_organisation(request).overview))


@require_GET
@coordinator_only
def organisation_places_csv(request: HttpRequest) -> HttpResponse:
    return _places_csv(request, _organisation(request))


@require_GET
@coordinator_only
def organisation_months_csv(request: HttpRequest) -> HttpResponse:
    return _months_csv(request, _organisation(request))
