"""Count records of the measures that know no cases."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from casework.days import closed_month
from casework.forms.counts import COUNT_FORMS, CountForm
from casework.models import Manager
from casework.models.counts import COUNT_MODELS, CountRecord
from casework.services.counts import correct_counts, record_counts, withdraw_counts
from pik.access import manager_only
from pik.concealed import conceal
from pik.conflicts import ChangedMeanwhile, conflict_page, differences, settled
from pik.drafts import drafted, forget_draft
from pik.models import Measure, User

PAGE_SIZE = 50
LATEST = 5


@require_GET
@manager_only
def counts(request: HttpRequest) -> HttpResponse:
    """What the manager records in numbers, by measure; a single list opens at once."""
    measures = list(Manager.objects.acting(request.user).measures_among(COUNT_MODELS))
    if len(measures) == 1:
        return redirect("casework:count_list", measure=measures[0].code)
    lists = [(measure.code, COUNT_MODELS[measure.code].TITLE or measure.name) for measure in measures]
    return render(request, "casework/counts.html", {"lists": lists})


def _measure(user: User, code: str) -> tuple[Measure, type[CountRecord]]:
    """The measure and its model, when the manager fills a post for it; otherwise a 404."""
    measure = get_object_or_404(Manager.objects.acting(user).measures_among(COUNT_MODELS), code=code)
    return measure, COUNT_MODELS[code]


def _title(measure: Measure, model: type[CountRecord]) -> str:
    return str(model.TITLE) or measure.name


def _form(user: User, model: type[CountRecord], data: object, record: CountRecord | None = None) -> CountForm:
    places = Manager.objects.acting(user).places(keep=record.municipality_id if record else None)
    initial = None
    if record:
        initial = {name: getattr(record, name) for name in ("date", "municipality", "version", *model.ENTERED)}
    form = COUNT_FORMS[model](data, places=places, record=record, initial=initial)
    if record and data:
        form.data = settled(data, form)
    return form


@dataclass(frozen=True)
class Listed:
    """Records of one measure as a table shows them: the heads of its numbers, and each record with its own."""

    measure: Measure
    title: str
    heads: list[str]
    rows: list[tuple[CountRecord, list[int]]]


def _listed(measure: Measure, records: Iterable[CountRecord]) -> Listed:
    model = COUNT_MODELS[measure.code]
    fields = [model._meta.get_field(name) for name in model.SUMMED]
    rows = [(record, [getattr(record, field.name) for field in fields]) for record in records]
    return Listed(measure, _title(measure, model), [field.verbose_name for field in fields], rows)


def latest_counts(user: User) -> list[Listed]:
    """The latest own records of each measure for which the manager fills a post."""
    measures = Manager.objects.acting(user).measures_among(COUNT_MODELS)
    own = {measure: COUNT_MODELS[measure.code].objects.visible_to(user).for_list() for measure in measures}
    return [_listed(measure, records[:LATEST]) for measure, records in own.items()]


@require_GET
@manager_only
def count_list(request: HttpRequest, measure: str) -> HttpResponse:
    """The own records of one measure, the latest first."""
    found, model = _measure(request.user, measure)
    records = model.objects.visible_to(request.user).for_list()
    page = Paginator(records, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "title": _title(found, model), "listed": _listed(found, page)}
    return render(request, "casework/count_list.html", context)


@require_http_methods(["GET", "POST"])
@manager_only
def count_new(request: HttpRequest, measure: str) -> HttpResponse:
    """Records counts of one measure."""
    found, model = _measure(request.user, measure)
    form, key = _form(request.user, model, request.POST or None), f"counts-{found.code}"
    if request.method == "POST" and form.is_valid():
        values = {"municipality": None, **form.cleaned_data}
        try:
            record_counts(model=model, manager=Manager.objects.acting(request.user), **values)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            forget_draft(user=request.user, form=key, data=request.POST)
            messages.success(request, _("Entry saved."))
            return redirect("casework:count_list", measure=measure)
    context = {"measure": found, "title": _title(found, model), **drafted(request, form, key)}
    return render(request, "casework/count_form.html", context)


@require_http_methods(["GET", "POST"])
@manager_only
def count_edit(request: HttpRequest, measure: str, pk: int) -> HttpResponse:
    """Corrects an own record."""
    found, model = _measure(request.user, measure)
    record = get_object_or_404(model.objects.visible_to(request.user).select_related("municipality"), pk=pk)
    form = _form(request.user, model, request.POST or None, record)
    # Each measure counts its records by itself.
    key = f"{found.code}-{conceal('count', record.pk)}"
    if request.method == "POST" and form.is_valid():
        values = {"municipality": None, **form.cleaned_data}
        try:
            correct_counts(record=record, **values)
        except ValidationError as error:
            form.add_error(None, error)
        except ChangedMeanwhile as changed:
            record.refresh_from_db()
            form.initial = _form(request.user, model, None, record).initial
            if found_differences := differences(form):
                title = _("Correct an entry")
                return conflict_page(request, form, found_differences, version=changed.version, title=title)
            return _corrected(request, measure, key)
        else:
            return _corrected(request, measure, key)
    page = {"title": _title(found, model), "record": record, "closed": closed_month(record.date)}
    context = {"measure": found, **page, **drafted(request, form, key)}
    return render(request, "casework/count_form.html", context)


def _corrected(request: HttpRequest, measure: str, key: str) -> HttpResponse:
    forget_draft(user=request.user, form=key, data=request.POST)
    messages.success(request, _("Entry corrected."))
    return redirect("casework:count_list", measure=measure)


@require_POST
@manager_only
def count_withdraw(request: HttpRequest, measure: str, pk: int) -> HttpResponse:
    """Removes an own record that should not be there."""
    _found, model = _measure(request.user, measure)
    try:
        withdraw_counts(record=get_object_or_404(model.objects.visible_to(request.user), pk=pk))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("casework:count_edit", measure=measure, pk=pk)
    messages.success(request, _("The entry was removed."))
    return redirect("casework:count_list", measure=measure)
