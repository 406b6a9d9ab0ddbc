"""Moving a case to another municipality, and its transfer to another organisation."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from casework.forms.transfers import (
    DeclineForm,
    NameManagerForm,
    OfferForm,
    OfferForms,
    ReceiverForm,
    RelocationForm,
)
from casework.models import Case, Manager, Transfer
from casework.services.transfers import (
    accept_transfer,
    decline_transfer,
    offer_transfer,
    relocate_case,
    withdraw_transfer,
)
from casework.views.cases import closed_before
from pik.access import manager_only, manager_or_coordinator
from pik.drafts import drafted, forget_draft
from pik.models import Membership, Municipality, Organisation, User

# The latest decided ones; older ones are no work any more.
DECIDED_SHOWN = 50


def _own_case(user: User, code: str) -> Case:
    """A case for which the reader answers; deputies do not give it away."""
    own = Case.objects.visible_to(user).whose("own", user).select_related("organisation", "municipality")
    return get_object_or_404(own, code=code)


@require_http_methods(["GET", "POST"])
@manager_only
def case_move(request: HttpRequest, code: str) -> HttpResponse:
    """From a day on the case belongs to another municipality of the organisation."""
    case = _own_case(request.user, code)
    if turned := closed_before(request, case):
        return turned
    places = Municipality.objects.reached_by(case.organisation).other_than(case.municipality_id).for_choice()
    form, key = RelocationForm(request.POST or None, places=places), f"move-{case.code.lower()}"
    if request.method == "POST" and form.is_valid():
        try:
            case = relocate_case(case=case, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            forget_draft(user=request.user, form=key, data=request.POST)
            words = {"code": case.code, "place": case.municipality.name}
            messages.success(request, _("Case %(code)s now belongs to %(place)s.") % words)
            return redirect("casework:case_detail", code=case.code)
    return render(request, "casework/case_move.html", {"case": case, **drafted(request, form, key)})


@require_http_methods(["GET", "POST"])
@manager_only
def case_transfer(request: HttpRequest, code: str) -> HttpResponse:
    """Offers the case to another organisation: first which one, then where there and why."""
    case = _own_case(request.user, code)
    if turned := closed_before(request, case):
        return turned
    organisations = Organisation.objects.employers().other_than(case.organisation_id)
    # An offer that was sent without an organisation is told so.
    asked = request.GET if request.method == "POST" else request.GET or None
    chosen = ReceiverForm(asked, organisations=organisations)
    receiver = chosen.cleaned_data["organisation"] if chosen.is_valid() else None
    if receiver is None:
        return render(request, "casework/case_transfer.html", {"chosen": chosen, "case": case})
    places = Municipality.objects.reached_by(receiver).for_choice()
    form = OfferForm(request.POST or None, places=places, initial={"municipality": receiver.municipality_id})
    key = f"offer-{case.code.lower()}-{receiver.pk}"
    if request.method == "POST" and form.is_valid():
        manager = Manager.objects.acting(request.user)
        try:
            offer_transfer(case=case, manager=manager, receiver=receiver, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            forget_draft(user=request.user, form=key, data=request.POST)
            text = _("Case %(code)s is offered to %(organisation)s. Until they accept, it stays with you.")
            messages.success(request, text % {"code": case.code, "organisation": receiver.name})
            return redirect("casework:transfer_list")
    context = {"case": case, "receiver": receiver, **drafted(request, form, key)}
    return render(request, "casework/case_offer.html", context)


@require_GET
@manager_or_coordinator
def transfer_list(request: HttpRequest) -> HttpResponse:
    """What is offered to the organisation, what one has offered, and what became of both."""
    visible = Transfer.objects.visible_to(request.user).for_list()
    names = _names_managers(request.user)
    colleagues = _colleagues(request.user) if names else None
    waiting = [OfferForms(each, colleagues=colleagues) for each in visible.received_by(request.user).waiting()]
    given = [] if names else visible.given_by(request.user).waiting()
    context = {"waiting": waiting, "given": given, "decided": visible.decided()[:DECIDED_SHOWN], "names": names}
    return render(request, "casework/transfer_list.html", context)


@require_POST
@manager_or_coordinator
def transfer_accept(request: HttpRequest, pk: int) -> HttpResponse:
    """A manager takes the case over, or a coordinator names who does."""
    transfer = _received(request.user, pk)
    try:
        manager = _receiver(request)
        accept_transfer(transfer=transfer, manager=manager, accepted_by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("casework:transfer_list")
    words = {"code": transfer.case.code, "name": manager.user.name}
    if manager.user_id == request.user.pk:
        messages.success(request, _("You answer for case %(code)s from today on.") % words)
        return redirect("casework:case_detail", code=transfer.case.code)
    messages.success(request, _("%(name)s answers for case %(code)s from today on.") % words)
    return redirect("casework:transfer_list")


@require_POST
@manager_or_coordinator
def transfer_decline(request: HttpRequest, pk: int) -> HttpResponse:
    """The organisation does not take the case."""
    transfer, form = _received(request.user, pk), DeclineForm(request.POST)
    try:
        if not form.is_valid():
            raise ValidationError(_("Choose the reason why the offer is declined."))
        decline_transfer(transfer=transfer, declined_by=request.user, **form.cleaned_data)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Offer of case %(code)s declined.") % {"code": transfer.case.code})
    return redirect("casework:transfer_list")


@require_POST
@manager_only
def transfer_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """The case stays after all."""
    given = Transfer.objects.visible_to(request.user).given_by(request.user).select_related("case")
    transfer = get_object_or_404(given, pk=pk)
    try:
        withdraw_transfer(transfer=transfer, withdrawn_by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Offer withdrawn: case %(code)s stays with you.") % {"code": transfer.case.code})
    return redirect("casework:transfer_list")


def _received(user: User, pk: int) -> Transfer:
    received = Transfer.objects.visible_to(user).received_by(user).select_related("case")
    return get_object_or_404(received, pk=pk)


def _names_managers(user: User) -> bool:
    """Whether the reader decides for others: coordinators name who takes the case."""
    return user.membership.role == Membership.Role.COORDINATOR


def _colleagues(user: User) -> list[Manager]:
    lasting = Manager.objects.lasting_in(user.membership.organisation_id, day=timezone.localdate())
    return list(lasting.present_first(user))


def _receiver(request: HttpRequest) -> Manager:
    """Who is to answer for the case: the manager who accepts, or the one whom the coordinator names."""
    if not _names_managers(request.user):
        return Manager.objects.acting(request.user)
    form = NameManagerForm(request.POST, colleagues=_colleagues(request.user))
    if not form.is_valid():
        raise ValidationError(_("Choose the manager who takes the case over."))
    return form.cleaned_data["manager"]
