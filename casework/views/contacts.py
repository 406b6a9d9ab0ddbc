"""Contacts of the manager who is logged in."""

from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from casework.codes import normalised
from casework.forms.contacts import ContactForm
from casework.models import Case, Contact, Manager, Topic
from casework.services.contacts import correct_contact, record_contact, withdraw_contact
from pik.access import manager_only
from pik.models import User

PAGE_SIZE = 50


def contact_form(user: User, data: object = None, contact: Contact | None = None, case: str = "") -> ContactForm:
    """The form for a new contact, or for one that is corrected; `case` preselects a case by its code."""
    cases = Case.objects.visible_to(user)
    if contact:
        initial = {
            name: getattr(contact, name)
            for name in ("case", "date", "minutes", "kind", "channel", "topics", "mediation", "referral_target")
        }
        choosable = cases.and_one(contact.case_id).for_choice(keep=contact.case_id)
        return ContactForm(data, cases=choosable, initial=initial)
    chosen = cases.filter(code=normalised(case)).first() if case else None
    return ContactForm(data, cases=cases.for_choice(), initial={"case": chosen, "entry_key": uuid4()})


@require_GET
@manager_only
def contact_list(request: HttpRequest) -> HttpResponse:
    """All own contacts, the latest first."""
    contacts = Contact.objects.visible_to(request.user).for_list()
    page = Paginator(contacts, PAGE_SIZE).get_page(request.GET.get("page"))
    openable = Case.objects.visible_to(request.user).ids_among(page)
    context = {"page": page, "openable": openable, "topics": Topic.objects.in_bulk()}
    return render(request, "casework/contact_list.html", context)


@require_http_methods(["GET", "POST"])
@manager_only
def contact_new(request: HttpRequest) -> HttpResponse:
    """Records a contact."""
    form = contact_form(request.user, request.POST or None, case=request.GET.get("case", ""))
    if request.method == "POST" and form.is_valid():
        try:
            contact = record_contact(manager=Manager.objects.acting(request.user), **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Contact with %(code)s saved.") % {"code": contact.case.code})
            return redirect("casework:start")
    return render(request, "casework/contact_form.html", {"form": form})


@require_http_methods(["GET", "POST"])
@manager_only
def contact_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Corrects an own contact."""
    contact = get_object_or_404(Contact.objects.visible_to(request.user).for_list(), pk=pk)
    form = contact_form(request.user, request.POST or None, contact=contact)
    if request.method == "POST" and form.is_valid():
        try:
            form.cleaned_data.pop("entry_key")
            correct_contact(contact=contact, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Contact with %(code)s corrected.") % {"code": contact.case.code})
            return redirect("casework:contact_list")
    return render(request, "casework/contact_form.html", {"form": form, "contact": contact})


@require_POST
@manager_only
def contact_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Removes an own contact that should not be there."""
    contact = get_object_or_404(Contact.objects.visible_to(request.user), pk=pk)
    withdraw_contact(contact=contact)
    messages.success(request, _("The contact was removed."))
    return redirect("casework:contact_list")
