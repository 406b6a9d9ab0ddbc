"""A day of the manager who is logged in."""

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_http_methods

from casework.models import Case, Contact
from casework.views.contacts import entered, entry_form
from pik.access import manager_only
from pik.drafts import drafted


def _day(text: str) -> date:
    """The day that an address names, today for any other word and for days to come."""
    today = timezone.localdate()
    try:
        return min(parse_date(text) or today, today)
    except ValueError:
        return today


@require_http_methods(["GET", "POST"])
@manager_only
def contact_day(request: HttpRequest) -> HttpResponse:
    """The own entries of one day with their total, and the form for one more."""
    day = _day(request.GET.get("day", ""))
    if request.method == "POST":
        form, contact = entered(request)
        if contact:
            return redirect(f"{reverse('casework:contact_day')}?day={contact.date.isoformat()}")
    else:
        form = entry_form(request.user, date=day)
    contacts = list(Contact.objects.visible_to(request.user).of_day(day).for_list())
    context = {
        **drafted(request, form, f"day-{day.isoformat()}"),
        "day": day,
        "today": timezone.localdate(),
        "previous": day - timedelta(days=1) if day > date.min else None,
        "next": day + timedelta(days=1) if day < timezone.localdate() else None,
        "contacts": contacts,
        "minutes": sum(contact.minutes for contact in contacts),
        "openable": Case.objects.visible_to(request.user).ids_among(contacts),
    }
    return render(request, "casework/contact_day.html", context)
