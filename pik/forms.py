"""What all our forms have in common: a field that is empty says what to write, and all mistakes are told at once."""

from collections.abc import Callable
from functools import cache

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

_BARE = forms.Field.default_error_messages["required"]
_BARE_DAY = forms.DateField.default_error_messages["invalid"]


class Form(forms.Form):
    """A form that names the remedy for each of its fields."""

    def full_clean(self) -> None:
        # Only now all fields are there: many forms make some of theirs when they are made themselves.
        for field in self.fields.values():
            say_what_to_write(field)
        super().full_clean()

    def label_of(self, name: str) -> str:
        """How a field is called where it stands alone."""
        return str(self.fields[name].label)

    def ask(self, rule: Callable[..., None], *known: object, **values: object) -> None:
        """Asks a rule of a service, so that what it refuses is told together with everything else."""
        try:
            rule(*known, **values)
        except ValidationError as error:
            self.add_error(None, error)


def read_once(field: forms.ModelChoiceField) -> None:
    """Lets the rows of a choice be read once for the page and for its mark, and not before one of them asks."""
    field.choices = cache(
        lambda: [(field.prepare_value(row), field.label_from_instance(row)) for row in field.queryset]
    )


def say_what_to_write(field: forms.Field) -> None:
    """Gives a field that has no words of its own for what is missing those of its kind; the same for what is no day."""
    for code, bare in (("required", _BARE), ("invalid", _BARE_DAY)):
        if field.error_messages.get(code) is bare:
            field.error_messages[code] = _what_to_write(field)


def _what_to_write(field: forms.Field) -> str:
    if isinstance(field, forms.DateField):
        day = date_format(timezone.localdate(), "SHORT_DATE_FORMAT")
        return _("Enter a day, such as %(day)s.") % {"day": day}
    if isinstance(field, forms.IntegerField):
        return _("Enter a number.")
    if isinstance(field, forms.FileField):
        return _("Choose a file.")
    if isinstance(field, (forms.MultipleChoiceField, forms.ModelMultipleChoiceField)):
        return _("Choose at least one of the options.")
    if isinstance(field, forms.ChoiceField):
        return _("Choose one of the options.")
    if isinstance(field, forms.BooleanField):
        return _("Tick this box.")
    if isinstance(field, forms.EmailField):
        return _("Write an e-mail address, such as name@example.org.")
    return _("Write a few words.")
