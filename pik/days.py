"""Entering days."""

from datetime import date

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _


def plausible(day: date) -> None:
    """Refuses days that nobody can mean, before a calculation with them leaves the calendar."""
    first, last = settings.ENTERED_DAYS
    if not first <= day <= last:
        days = {"first": date_format(first, "SHORT_DATE_FORMAT"), "last": date_format(last, "SHORT_DATE_FORMAT")}
        raise ValidationError(_("Enter a day between %(first)s and %(last)s.") % days)


def refuse_after(last: date, message: str, **days: date | None) -> None:
    """Raises ValidationError at each of the named days that comes after `last`.

    `message` names the last day that is allowed as %(day)s.
    """
    late = [name for name, day in days.items() if day and day > last]
    if late:
        sentence = message % {"day": date_format(last, "SHORT_DATE_FORMAT")}
        raise ValidationError(dict.fromkeys(late, sentence))


def refuse_before(first: date, message: str, **days: date | None) -> None:
    """Raises ValidationError at each of the named days that comes before `first`, which `message` names as %(day)s."""
    early = [name for name, day in days.items() if day and day < first]
    if early:
        sentence = message % {"day": date_format(first, "SHORT_DATE_FORMAT")}
        raise ValidationError(dict.fromkeys(early, sentence))


def refuse_future(**days: date | None) -> None:
    """Raises ValidationError at each of the named days that has not come yet."""
    refuse_after(timezone.localdate(), not_yet(), **days)


def not_yet() -> str:
    """What is said of a day to come on which something is to have been done."""
    return _("This day has not come yet. Enter today or an earlier day.")


def day_field(label: str, **options: object) -> forms.DateField:
    """A field for a day that somebody can mean, with the calendar of the browser."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, validators=[plausible], **options)
