"""Referrals of a case to the regular services."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from casework.forms.referrals import OutcomeForm, ReferralForm
from casework.models import Referral
from casework.services.referrals import record_outcome, refer, withdraw_referral
from casework.views.cases import closed_before, read_case
from pik.access import manager_only
from pik.conflicts import ChangedMeanwhile, conflict_page, differences, settled
from pik.drafts import drafted, forget_draft


@require_http_methods(["GET", "POST"])
@manager_only
def referral_new(request: HttpRequest, code: str) -> HttpResponse:
    """Refers the person of a case to a service, beside any contact."""
    case, manager = read_case(request, code)
    if turned := closed_before(request, case):
        return turned
    form, key = ReferralForm(request.POST or None, case=case), f"referral-of-{case.code.lower()}"
    if request.method == "POST" and form.is_valid():
        try:
            referral = refer(case=case, manager=manager, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            forget_draft(user=request.user, form=key, data=request.POST)
            messages.success(request, _("Referral to %(target)s saved.") % {"target": referral.target})
            return redirect("casework:case_detail", code=case.code)
    return render(request, "casework/referral_form.html", {"case": case, **drafted(request, form, key)})


@require_POST
@manager_only
def referral_outcome(request: HttpRequest, pk: int) -> HttpResponse:
    """Notes what became of a referral, or takes that back."""
    referral = _referral(request, pk)
    form = OutcomeForm(settled(request.POST, OutcomeForm(referral=referral)), referral=referral)
    try:
        if not form.is_valid():
            raise ValidationError([error for errors in form.errors.as_data().values() for error in errors])
        record_outcome(referral=referral, outcome=form.cleaned_data["outcome"], version=form.cleaned_data["version"])
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return _to_case(referral)
    except ChangedMeanwhile as changed:
        referral.refresh_from_db()
        form.initial = OutcomeForm(referral=referral).initial
        if found := differences(form):
            read_case(request, referral.case.code)
            title = _("Referral to %(target)s") % {"target": referral.target}
            back = reverse("casework:case_detail", args=[referral.case.code])
            return conflict_page(request, form, found, version=changed.version, title=title, back=back)
    messages.success(request, _("Outcome of the referral to %(target)s saved.") % {"target": referral.target})
    return _to_case(referral)


@require_POST
@manager_only
def referral_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Removes a referral that should not be there."""
    referral = _referral(request, pk)
    try:
        withdraw_referral(referral=referral, version=OutcomeForm(request.POST, referral=referral).shown_version)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except ChangedMeanwhile:
        messages.error(request, _("An outcome was saved in the meantime. Nothing was removed."))
    else:
        messages.success(request, _("The referral was removed."))
    return _to_case(referral)


def _to_case(referral: Referral) -> HttpResponse:
    return redirect("casework:case_detail", code=referral.case.code)


def _referral(request: HttpRequest, pk: int) -> Referral:
    visible = Referral.objects.visible_to(request.user).select_related("case", "target")
    return get_object_or_404(visible, pk=pk)
