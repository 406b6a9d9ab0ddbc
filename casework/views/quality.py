"""Quality beside quantity, for a manager's own cases, an organisation, a Kreis or the Land."""

from collections.abc import Iterator

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from casework.forms.quality import QualityFilterForm
from casework.quality import Column, Quality, Sums, columns
from casework.quality_pictures import curve_sentence_of, curve_svg, sentence_of, title_of
from pik import exports
from pik.access import any_role, log_export
from pik.months import month_of
from pik.templatetags.figures import month_name


def _address(form: QualityFilterForm, name: str, **key: str) -> str:
    address = reverse(f"casework:{name}", kwargs=key)
    return f"{address}?{form.query}" if form.query else address


def _lines(quality: Quality) -> Iterator[tuple[str, Sums]]:
    yield from ((line.name, line.sums) for line in quality.lines)
    if len(quality.lines) > 1:
        yield _("Total"), quality.total


def _months(quality: Quality) -> Iterator[tuple[str, Sums]]:
    today = month_of(timezone.localdate())
    for month, sums in reversed(quality.by_month):
        name = month_name(month)
        yield _("%(month)s (not finished)") % {"month": name} if month == today else name, sums


def _table(
    first: str, all_columns: list[Column], rows: Iterator[tuple[str, Sums]], *, with_total: bool = False
) -> dict[str, object]:
    shown = [column for column in all_columns if not column.in_files_only]
    head = [{"label": first, "unit": ""}, *({"label": each.label, "unit": each.unit} for each in shown)]
    shown_rows = [[name, *(each.shown(sums) for each in shown)] for name, sums in rows]
    # The sum is the last of the rows, where there is one.
    total = shown_rows.pop() if with_total else None
    return {"head": head, "rows": shown_rows, "total": total, "wide": True}


def _first_head(quality: Quality) -> str:
    heads = {"manager_id": _("Cases"), "district_id": _("District"), "organisation_id": _("Organisation")}
    return heads[quality.by]


@require_GET
@any_role
def quality(request: HttpRequest) -> HttpResponse:
    """Plans, goals, reviews and change in self-reliance of everything the reader may see."""
    form = QualityFilterForm(request.GET)
    figures = Quality(request.user, form.measure_shown)
    title, curve_sentence = title_of(figures), curve_sentence_of(figures)
    context = {
        "form": form,
        "month": figures.months[-1],
        "own_only": figures.by == "manager_id",
        "rounded": figures.shows_others,
        "held_back": figures.holds_back,
        "lines": _table(_first_head(figures), columns(), _lines(figures), with_total=len(figures.lines) > 1),
        "lines_csv": _address(form, "quality_export", table="lines", format="csv"),
        "lines_xlsx": _address(form, "quality_export", table="lines", format="xlsx"),
        "title": title,
        "sentence": sentence_of(figures),
        "curve_sentence": curve_sentence,
        "alt": _("Curve: %(title)s. %(sentence)s") % {"title": title, "sentence": curve_sentence},
        "months": _table(_("Month"), columns(by_month=True), _months(figures)),
        "src": _address(form, "quality_curve"),
        "months_csv": _address(form, "quality_export", table="months", format="csv"),
    }
    return render(request, "casework/quality.html", context)


@require_GET
@any_role
def quality_curve(request: HttpRequest) -> HttpResponse:
    """The shares month by month as a picture."""
    svg = curve_svg(Quality(request.user, QualityFilterForm(request.GET).measure_shown))
    response = HttpResponse(svg, content_type="image/svg+xml")
    response["Cache-Control"] = "private, max-age=60"
    return response


@require_GET
@any_role
def quality_export(request: HttpRequest, table: str, format: str) -> HttpResponse:
    """The tables of the page as CSV or workbook."""
    made = {"lines": _lines, "months": _months}
    if table not in made or format not in ("csv", "xlsx"):
        raise Http404
    figures = Quality(request.user, QualityFilterForm(request.GET).measure_shown)
    membership = request.user.membership
    log_export(
        user=request.user,
        subject=f"quality-{table} {figures.months[-1]:%Y-%m}",
        organisation_id=None if membership.sees_whole_state else membership.organisation_id,
    )
    first = _("Month") if table == "months" else _first_head(figures)
    shown = columns(by_month=table == "months")
    return exports.table_response(
        format=format,
        name=f"pik-quality-{table}-{figures.months[-1]:%Y-%m}",
        title=_("Quality, %(month)s") % {"month": month_name(figures.months[-1])},
        head=[first, *(exports.Column(each.label, each.unit) for each in shown)],
        rows=([name, *(each.exported(sums) for each in shown)] for name, sums in made[table](figures)),
        notes=[
            _("A full stop stands where a share would be of fewer than ten people outside your own organisation."),
            _("A full stop also stands where a number would tell what one or two managers did."),
        ],
    )
