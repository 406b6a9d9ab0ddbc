"""Contacts of the manager who is logged in."""

from collections.abc import Collection

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from casework.codes import normalised
from casework.days import closed_month
from casework.entry import like_last_time, like_template
from casework.forms.contacts import ContactFilterForm, ContactForm
from casework.models import Case, Contact, ContactTemplate, Manager, MonthlyFigure, Topic
from casework.models.contacts import first_open_day
from casework.services.contacts import correct_contact, record_contact, said_when_passed_on, withdraw_contact
from casework.views.cases import closed_before
from pik.access import log_case_read, manager_only
from pik.conflicts import ChangedMeanwhile, conflict_page, differences, settled
from pik.drafts import drafted, forget_draft, sent_key
from pik.models import User

PAGE_SIZE = 50
# The draft of a new contact, wherever it is not begun for a certain case or day.
ENTRY = "contact"


def entry_form(
    user: User,
    data: object = None,
    *,
    known: Case | None = None,
    found: Collection[Case] | None = None,
    **initial: object,
) -> ContactForm:
    """The form for a new contact; `initial` holds what is chosen or filled in.

    `known` is a case that was read before, `found` are all that can be chosen, by last use, where the page has them.
    """
    return ContactForm(
        data,
        cases=Case.objects.visible_to(user).for_choice(user),
        known=known,
        found=found,
        templates=ContactTemplate.objects.visible_to(user).for_list(),
        initial=initial,
    )


def entered(request: HttpRequest) -> tuple[ContactForm, Contact | None]:
    """The form as it was sent, and the contact that came of it; None when there is something to correct or to add."""
    user, data = request.user, request.POST
    if "template" in data:
        return _filled_in(user, data), None
    if "again" in data:
        form, may_be_saved = _again(user, data)
    else:
        form, may_be_saved = entry_form(user, data), True
    if not may_be_saved or not form.is_valid():
        return form, None
    try:
        contact = record_contact(manager=Manager.objects.acting(user), **form.cleaned_data)
    except ValidationError as error:
        form.add_error(None, error)
        return form, None
    forget_draft(user=user, form=sent_key(request, ENTRY), data=request.POST)
    if contact.case.consent_on and not contact.case.has_consent:
        if contact.case.withdrawn_on:
            text = _("The consent for case %(code)s was withdrawn. Record a new one, or close the case.")
        else:
            text = _("The consent for case %(code)s has ended. Record a new one, or close the case.")
        messages.warning(request, text % {"code": contact.case.code})
    messages.success(
        request,
        _("Contact with %(code)s saved: %(kind)s, %(channel)s, %(minutes)d minutes.")
        % {
            "code": contact.case.code,
            "kind": contact.get_kind_display(),
            "channel": contact.get_channel_display(),
            "minutes": contact.minutes,
        },
    )
    return form, contact


def _filled_in(user: User, data: QueryDict) -> ContactForm:
    """The form with the values of a template beside what the person entered."""
    filled, kept = like_template(user, data, own=entry_form(user, data).own_entries)
    form = entry_form(user, **{name: filled.getlist(name) if name == "topics" else filled[name] for name in filled})
    form.show_filled_in(data["template"], kept)
    return form


def _again(user: User, data: QueryDict) -> tuple[ContactForm, bool]:
    """The form with the values of the last contact, and whether it may be saved before the person has seen it.

    What the person entered stays; then it is shown first, because the page did not say what the rest would be.
    """
    sent = entry_form(user, data)
    if sent.shows_last_time:
        return sent, True
    own = sent.own_entries
    filled, last = like_last_time(user, data, own=own)
    # A closed case has a last contact, too; nothing is recorded with it any more.
    if not last or not last.case.is_open:
        sent.refuse_again()
        return sent, False
    if not last.of_own_case:
        # Page and message say what is in the case, which nobody needs to have opened for it.
        log_case_read(user=user, code=last.case.code, organisation_id=last.case.organisation_id, sent=False)
    form = entry_form(user, filled, known=last.case)
    if own and form.is_valid():
        form.show_last_time(own)
        return form, False
    return form, True


@require_GET
@manager_only
def contact_list(request: HttpRequest) -> HttpResponse:
    """All own contacts, or those with one case, the latest first."""
    form = ContactFilterForm(request.GET)
    # What was recorded before the open months has been counted long since.
    counted = MonthlyFigure.objects.visible_to(request.user).first_month_with_contacts()
    first = min(counted or first_open_day(), first_open_day())
    contacts = Contact.objects.visible_to(request.user).since(first).with_code_like(form.code).for_list()
    # What can be no code is in none.
    contacts = contacts.none() if form.errors else contacts
    page = Paginator(contacts, PAGE_SIZE).get_page(request.GET.get("page"))
    openable = Case.objects.visible_to(request.user).ids_among(page)
    context = {"page": page, "form": form, "openable": openable, "topics": Topic.objects.in_bulk()}
    return render(request, "casework/contact_list.html", context)


@require_http_methods(["GET", "POST"])
@manager_only
def contact_new(request: HttpRequest) -> HttpResponse:
    """Records a contact."""
    if request.method == "POST":
        form, contact = entered(request)
        if contact:
            return redirect("casework:start")
        context = {"closed": "", **drafted(request, form, sent_key(request, ENTRY))}
        return render(request, "casework/contact_form.html", context)
    case = Case.objects.visible_to(request.user).with_code(normalised(request.GET.get("case", "")))
    if case and (turned := closed_before(request, case)):
        return turned
    # Who comes with a case goes on with what was typed for this one, and for no other.
    key = f"{ENTRY}-of-{case.code.lower()}" if case else ENTRY
    context = {"closed": "", **drafted(request, entry_form(request.user, case=case), key)}
    return render(request, "casework/contact_form.html", context)


def _correction(user: User, contact: Contact, data: QueryDict | None = None) -> ContactForm:
    names = ("case", "date", "minutes", "kind", "channel", "topics", "mediation", "referral_target", "version")
    cases = Case.objects.visible_to(user).for_choice(user, keep=contact.case_id)
    found = list(cases)
    passed_on = contact.case_id not in {case.pk for case in found}
    if passed_on:
        cases, found = Case.objects.filter(pk=contact.case_id), [contact.case]
    initial = {name: getattr(contact, name) for name in names}
    form = ContactForm(data or None, cases=cases, found=found, passed_on=passed_on, initial=initial)
    if data:
        form.data = settled(data, form)
    return form


@require_http_methods(["GET", "POST"])
@manager_only
def contact_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Corrects an own contact."""
    contact = get_object_or_404(Contact.objects.visible_to(request.user).for_list(), pk=pk)
    form = _correction(request.user, contact, request.POST)
    if request.method == "POST" and form.is_valid():
        try:
            correct_contact(contact=contact, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        except ChangedMeanwhile as changed:
            contact = get_object_or_404(Contact.objects.visible_to(request.user).for_list(), pk=pk)
            form.initial = _correction(request.user, contact).initial
            if found := differences(form):
                title = _("Correct a contact")
                return conflict_page(request, form, found, version=changed.version, title=title)
            return _corrected(request, contact)
        else:
            return _corrected(request, contact)
    context = {
        "contact": contact,
        "closed": closed_month(contact.date),
        "passed_on": said_when_passed_on() if form.fields["case"].disabled else "",
        **drafted(request, form, f"contact-{contact.key}"),
    }
    return render(request, "casework/contact_form.html", context)


def _corrected(request: HttpRequest, contact: Contact) -> HttpResponse:
    forget_draft(user=request.user, form=f"contact-{contact.key}", data=request.POST)
    messages.success(request, _("Contact with %(code)s corrected.") % {"code": contact.case.code})
    return redirect("casework:contact_list")


@require_POST
@manager_only
def contact_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Removes an own contact that should not be there."""
    contact = get_object_or_404(Contact.objects.visible_to(request.user), pk=pk)
    try:
        withdraw_contact(contact=contact)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("casework:contact_edit", pk=pk)
    messages.success(request, _("The contact was removed."))
    return redirect("casework:contact_list")
