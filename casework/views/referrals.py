"""Referrals of a case to the regular services."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from casework.forms.referrals import ReferralForm
from casework.models import Case, Manager, Referral
from casework.services.referrals import record_outcome, refer, withdraw_referral
from pik.access import manager_only


@require_http_methods(["GET", "POST"])
@manager_only
def referral_new(request: HttpRequest, code: str) -> HttpResponse:
    """Refers the person of a case to a service, beside any contact."""
    case = get_object_or_404(Case.objects.visible_to(request.user), code=code)
    form = ReferralForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            referral = refer(case=case, manager=Manager.objects.acting(request.user), **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Referral to %(target)s saved.") % {"target": referral.target})
            return redirect("casework:case_detail", code=case.code)
    return render(request, "casework/referral_form.html", {"form": form, "case": case})


@require_POST
@manager_only
def referral_outcome(request: HttpRequest, pk: int) -> HttpResponse:
    """Notes what became of a referral, or takes that back."""
    referral = _referral(request, pk)
    try:
        record_outcome(referral=referral, outcome=request.POST.get("outcome", "-"))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Outcome of the referral to %(target)s saved.") % {"target": referral.target})
    return redirect("casework:case_detail", code=referral.case.code)


@require_POST
@manager_only
def referral_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Removes a referral that should not be there."""
    referral = _referral(request, pk)
    try:
        withdraw_referral(referral=referral)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("The referral was removed."))
    return redirect("casework:case_detail", code=referral.case.code)


def _referral(request: HttpRequest, pk: int) -> Referral:
    visible = Referral.objects.visible_to(request.user).select_related("case", "target")
    return get_object_or_404(visible, pk=pk)
