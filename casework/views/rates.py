"""The fixed amounts that the Land pays for posts."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from casework.amounts import years_without_rate
from casework.forms.rates import EndRateForm, RateForm
from casework.models import FundingRate
from casework.services.rates import add_rates, end_rate
from pik.access import coordinator_or_overseer, ministry_only
from pik.models import Measure, Membership


@require_GET
@coordinator_or_overseer
def rate_list(request: HttpRequest) -> HttpResponse:
    """All rates, by measure, the latest first."""
    rates = list(FundingRate.objects.for_table())
    missing = years_without_rate(reader=request.user, rates=rates)
    context = {
        "rates": rates,
        "missing": [line for line in missing if line.years],
        "without_any": [line.measure for line in missing if not line.years],
        "today": timezone.localdate(),
        "can_change": request.user.membership.role == Membership.Role.MINISTRY,
    }
    return render(request, "casework/rate_list.html", context)


@require_http_methods(["GET", "POST"])
@ministry_only
def rate_new(request: HttpRequest) -> HttpResponse:
    """Adds a rate for one or more qualifications."""
    form = RateForm(request.POST or None, measures=Measure.objects.all())
    if request.method == "POST" and form.is_valid():
        try:
            rates = add_rates(**form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            text = ngettext("%(number)s rate saved.", "%(number)s rates saved.", len(rates))
            messages.success(request, text % {"number": len(rates)})
            return redirect("casework:rate_list")
    return render(request, "casework/rate_form.html", {"form": form})


@require_http_methods(["GET", "POST"])
@ministry_only
def rate_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Lets a rate hold until a day."""
    rate = get_object_or_404(FundingRate.objects.for_table(), pk=pk)
    form = EndRateForm(request.POST or None, initial={"ends_on": rate.ends_on})
    if request.method == "POST" and form.is_valid():
        try:
            end_rate(rate=rate, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The last day of the rate is saved."))
            return redirect("casework:rate_list")
    return render(request, "casework/rate_end.html", {"form": form, "rate": rate})
