"""One form is one entry, however often it is sent: clicked thrice, or sent again because the answer was slow."""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

Row = TypeVar("Row", bound=Model)


def entry_key_field() -> forms.UUIDField:
    """The key of an entry, made with its form; it stays the same while the form is corrected and sent again."""
    return forms.UUIDField(required=False, initial=uuid4, widget=forms.HiddenInput)


def sent_before() -> tuple[None, str]:
    """What is said of a key under which somebody else, or the same person elsewhere, stored an entry."""
    return None, _("This entry was sent before. Reload the page for a new one.")


def entered_once(enter: Callable[[], Row], before: QuerySet[Row], entry_key: UUID | None, **sent: object) -> Row:
    """What `enter` stores, or the row of `before` that was stored under the key already.

    Raises ValidationError when that row holds other values than were `sent`: nothing is dropped in silence.
    """
    try:
        return enter()
    except ValidationError:
        # Sent before, or the first of two requests at once has just stored it.
        stored = before.filter(entry_key=entry_key).first() if entry_key else None
        if stored is None:
            raise
    if any(getattr(stored, name) != value for name, value in sent.items()):
        raise ValidationError(_("This entry was saved before, with other values. Open the saved entry and correct it."))
    return stored
