"""The manager's start page: quick entry, what is due, the last entries."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from casework.due import by_kind, by_urgency, due_for
from casework.models import Case, Contact, Deputyship
from casework.views.contacts import ENTRY, entry_form
from casework.views.counts import latest_counts
from pik.access import manager_only
from pik.drafts import drafted

LAST_ENTRIES = 10
DUE_SHOWN = 12


@require_GET
@manager_only
def start(request: HttpRequest) -> HttpResponse:
    """Today for a manager."""
    user, membership = request.user, request.user.membership
    deputyships = Deputyship.objects.held_today(user)
    stands_in = bool(deputyships)
    contacts = list(Contact.objects.visible_to(user).for_list()[:LAST_ENTRIES])
    readable = Case.objects.visible_to(user).open_or_of(contacts)
    cases = list(readable.for_due_list(user, stands_in=stands_in).for_picker())
    due = due_for(user, stands_in=stands_in, cases=cases)
    form = entry_form(user, found=[case for case in cases if case.is_open])
    return render(
        request,
        "casework/start.html",
        {
            **drafted(request, form, ENTRY),
            "opens_cases": membership.opens_cases,
            "keeps_cases": membership.keeps_cases,
            # Who opens cases as well finds the counts in the menu.
            "counts": latest_counts(user) if membership.records_counts and not membership.opens_cases else [],
            "deputyships": deputyships,
            "due": by_urgency(due[:DUE_SHOWN], today=timezone.localdate()),
            "due_kinds": by_kind(due),
            "due_count": len(due),
            "due_is_cut": len(due) > DUE_SHOWN,
            "contacts": contacts,
            "openable": {case.pk for case in cases},
        },
    )
