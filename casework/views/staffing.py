"""The staffing board of the Land, a Kreis or an organisation, with its pictures and downloads."""

from dataclasses import dataclass
from functools import cached_property

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from casework.forms.staffing import ON_MAP, StaffingFilterForm
from casework.models.posts import funding_districts
from casework.staffing import Board, Line, PostRow, Scope, organisations_to_open, pictures, tables
from casework.staffing.titles import title_of_body
from pik.access import coordinator_or_overseer, log_export, overseer_only
from pik.exports import table_response
from pik.models import District, Measure, Membership


@dataclass(frozen=True)
class _Page:
    """One board with its filter, and the addresses that belong to it."""

    form: StaffingFilterForm
    board: Board
    name: str
    title: str
    # The end of the names of its addresses, and what they take.
    suffix: str
    key: dict[str, object]

    @property
    def scope(self) -> Scope:
        return self.board.scope

    @property
    def concerned_id(self) -> int | None:
        """The organisation whose data is drawn, for the access log; None for the whole Land."""
        if self.scope.organisation:
            return self.scope.organisation.pk
        return getattr(self.scope.district, "administration_id", None)

    def address(self, what: str, **more: str) -> str:
        """A page, picture or download of this board, showing the same choice."""
        query = self.form.query
        address = reverse(f"casework:staffing{self.suffix}{what}", kwargs=self.key | more)
        return f"{address}?{query}" if query else address

    @cached_property
    def lines(self) -> list[Line]:
        return tables.ordered(self.board.lines, tables.line_fields(self.board), self.form.order)

    @cached_property
    def posts(self) -> list[PostRow]:
        admitted = [row for row in self.board.posts if self.form.admits(row)]
        return tables.ordered(admitted, tables.post_fields(self.board), self.form.posts_order)


def _page(request: HttpRequest, *, ags: str | None = None, pk: int | None = None) -> _Page:
    """The board of an address; without one, a coordinator's own or that of the Land. 404 for what is not theirs."""
    user, membership = request.user, request.user.membership
    suffix = "_district" if ags else "_organisation" if pk is not None else ""
    key: dict[str, object] = {"ags": ags} if ags else {"pk": pk} if pk is not None else {}
    if not key and not membership.sees_whole_state:
        ags, pk = (
            (membership.organisation.district_id, None)
            if membership.leads_district
            else (None, membership.organisation_id)
        )
    district = get_object_or_404(District.objects.visible_to(user).with_administration(), pk=ags) if ags else None
    organisation = get_object_or_404(organisations_to_open(user), pk=pk) if pk is not None else None
    funding = funding_districts(organisation) if organisation else []
    measures = Measure.objects.in_bulk()
    whole_state = not (district or organisation)
    names = not membership.sees_whole_state
    form = StaffingFilterForm(
        request.GET,
        measures=list(measures.values()),
        whole_state=whole_state,
        names=names,
        districts=[each.pk for each in funding if _may_come_from(each, membership)],
    )
    scope = Scope(user, form.day, district, organisation, form.measure)
    title = "Baden-Württemberg"
    if district or organisation:
        title = district.name_full if district else title_of_body(organisation, funding, user)
    name = district.pk if district else f"organisation-{organisation.pk}" if organisation else "baden-wuerttemberg"
    return _Page(form, Board(scope, measures), name, title, suffix, key)


def _may_come_from(district: District, membership: Membership) -> bool:
    """Whether the reader may open the board of a Kreis, and so can have come from there."""
    return membership.sees_whole_state or (
        membership.leads_district and membership.organisation.district_id == district.pk
    )


def _sortable(page: _Page, fields: list[tables.Field], parameter: str, order: str) -> list[dict[str, object]]:
    """The heads of a table as links that sort it, the other way round at the second click."""
    heads = []
    for field in fields:
        first = f"-{field.key}" if field.is_number else field.key
        other = field.key if field.is_number else f"-{field.key}"
        turned = other if order == first else first
        sorted_as = {field.key: "ascending", f"-{field.key}": "descending"}.get(order, "")
        url = f"?{page.form.query_with(**{parameter: turned})}"
        heads.append(
            {"label": field.label, "unit": field.unit, "num": field.is_number, "url": url, "sorted": sorted_as}
        )
    return heads


def _lines_table(page: _Page) -> dict[str, object]:
    """Kreise or organisations; each leads one level down with the same choice."""
    fields = tables.line_fields(page.board)
    target = "casework:staffing_district" if page.scope.is_state else "casework:staffing_organisation"
    query = page.form.query_with(district=page.scope.district.pk) if page.scope.district else page.form.query
    head = _sortable(page, fields, "order", page.form.order)
    return {
        "caption": _("Staffing on %(day)s") % {"day": date_format(page.scope.day, "SHORT_DATE_FORMAT")},
        "codes": False,
        # The first column holds the names.
        "ranked": any(column["sorted"] for column in head[1:]),
        "head": head,
        "rows": [
            {
                "url": f"{reverse(target, args=[line.key])}?{query}".rstrip("?") if line.key else "",
                "cells": [(field.shown(line), field.is_number) for field in fields],
            }
            for line in page.lines
        ],
        "total": [(_("Total"), False), *((field.shown(page.board.total), True) for field in fields[1:])],
        "download": page.address("_export", table="lines", format="csv"),
        "workbook": page.address("_export", table="lines", format="xlsx"),
    }


def _posts_table(page: _Page) -> dict[str, object]:
    """The posts that the filter admits; coordinators open them from here."""
    fields = tables.post_fields(page.board)
    opens = page.scope.sees_names
    return {
        "caption": _("Posts on %(day)s") % {"day": date_format(page.scope.day, "SHORT_DATE_FORMAT")},
        "ranked": False,
        "codes": True,
        "head": _sortable(page, fields, "posts", page.form.posts_order),
        "rows": [
            {
                "url": reverse("casework:post_detail", args=[row.pk]) if opens else "",
                "cells": [(field.shown(row), field.is_number) for field in fields],
            }
            for row in page.posts
        ],
        "total": [],
        "download": page.address("_export", table="posts", format="csv"),
        "workbook": page.address("_export", table="posts", format="xlsx"),
    }


def _back(page: _Page) -> tuple[str, str]:
    """The board one level up, where the reader may go there; empty on the reader's own."""
    membership, scope = page.scope.reader.membership, page.scope
    query = page.form.query
    if scope.organisation and page.key:
        district = page.form.came_from or scope.organisation.district_id
        if membership.sees_whole_state and district:
            return f"{reverse('casework:staffing_district', args=[district])}?{query}", _("The district")
        if membership.leads_district or membership.sees_whole_state:
            return f"{reverse('casework:staffing')}?{query}", _("All organisations")
    if scope.district and membership.sees_whole_state:
        return f"{reverse('casework:staffing')}?{query}", _("All districts")
    return "", ""


def _render(request: HttpRequest, page: _Page) -> HttpResponse:
    back_url, back_label = _back(page)
    state = page.scope.is_state
    here = reverse(f"casework:staffing{page.suffix}", kwargs=page.key)
    context = {
        "page": page,
        "total": page.board.total,
        "seen": page.board.total.seen,
        "rounded": any(line.key != page.scope.own_key for line in page.board.lines),
        "form": page.form,
        "here": f"{here}?{page.form.reset_query}".rstrip("?"),
        "back_url": back_url.rstrip("?"),
        "back_label": back_label,
        "lines_table": None if page.scope.organisation else _lines_table(page),
        "posts_table": None if state else _posts_table(page),
        "curve": pictures.curve_words(page.board),
        "curve_src": page.address("_curve"),
        "curve_csv": page.address("_export", table="curve", format="csv"),
        "may_add": page.scope.sees_names,
    }
    if state:
        context["map"] = pictures.map_words(page.board, page.form.shown, str(ON_MAP[page.form.shown]))
        context["map_src"] = page.address("_map")
    return render(request, "casework/staffing.html", context)


def _svg(svg: str) -> HttpResponse:
    response = HttpResponse(svg, content_type="image/svg+xml")
    response["Cache-Control"] = "private, max-age=60"
    return response


def _export(request: HttpRequest, page: _Page, table: str, format: str) -> HttpResponse:
    """Exactly what the page shows: its choice, its order, its columns."""
    # The line of all together would be counted twice by whoever sums up the file; in a workbook it stands apart.
    total = [page.board.total] if format == "xlsx" else []
    known = {
        "lines": (tables.line_fields, lambda: [*page.lines, *total]),
        "posts": (tables.post_fields, lambda: page.posts),
        "curve": (lambda board: tables.curve_fields(), lambda: list(reversed(page.board.points))),
    }
    # The one line of an organisation would say what the board above it may hold back.
    hidden = table == "lines" and page.scope.organisation is not None
    if table not in known or hidden or format not in ("csv", "xlsx"):
        raise Http404
    make_fields, rows = known[table]
    fields = make_fields(page.board)
    log_export(user=request.user, subject=f"staffing-{table} {page.name}", organisation_id=page.concerned_id)
    day = page.scope.day
    return table_response(
        format=format,
        name=f"pik-staffing-{page.name}-{table}-{day:%Y-%m-%d}",
        title=_("Staffing, %(place)s, %(day)s") % {"place": page.title, "day": date_format(day, "SHORT_DATE_FORMAT")},
        head=tables.columns(fields),
        rows=tables.exported(rows(), fields),
        notes=[_("A full stop stands where a number would tell about fewer than three people.")],
    )


@require_GET
@coordinator_or_overseer
def staffing(request: HttpRequest) -> HttpResponse:
    """The board of the whole Land, of the coordinator's Kreis, or of the own organisation."""
    return _render(request, _page(request))


@require_GET
@overseer_only
def staffing_map(request: HttpRequest) -> HttpResponse:
    page = _page(request)
    return _svg(pictures.map_svg(page.board, page.form.shown, str(ON_MAP[page.form.shown])))


@require_GET
@coordinator_or_overseer
def staffing_curve(request: HttpRequest) -> HttpResponse:
    return _svg(pictures.curve_svg(_page(request).board))


@require_GET
@coordinator_or_overseer
def staffing_export(request: HttpRequest, table: str, format: str) -> HttpResponse:
    return _export(request, _page(request), table, format)


@require_GET
@coordinator_or_overseer
def staffing_district(request: HttpRequest, ags: str) -> HttpResponse:
    """The board of a Kreis: its organisations and their posts."""
    return _render(request, _page(request, ags=ags))


@require_GET
@coordinator_or_overseer
def staffing_district_curve(request: HttpRequest, ags: str) -> HttpResponse:
    return _svg(pictures.curve_svg(_page(request, ags=ags).board))


@require_GET
@coordinator_or_overseer
def staffing_district_export(request: HttpRequest, ags: str, table: str, format: str) -> HttpResponse:
    return _export(request, _page(request, ags=ags), table, format)


@require_GET
@coordinator_or_overseer
def staffing_organisation(request: HttpRequest, pk: int) -> HttpResponse:
    """The board of one organisation: its posts."""
    return _render(request, _page(request, pk=pk))


@require_GET
@coordinator_or_overseer
def staffing_organisation_curve(request: HttpRequest, pk: int) -> HttpResponse:
    return _svg(pictures.curve_svg(_page(request, pk=pk).board))


@require_GET
@coordinator_or_overseer
def staffing_organisation_export(request: HttpRequest, pk: int, table: str, format: str) -> HttpResponse:
    return _export(request, _page(request, pk=pk), table, format)
