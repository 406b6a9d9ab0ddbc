"""Two people, or two tabs, on one row: the second to save sees both versions and chooses, field by field."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _

OWN_NAMES = ("version", "differing", "csrfmiddlewaretoken")
NO_VERSION = "0"


class ChangedMeanwhile(Exception):  # noqa: N818 - it is what happened, not a fault
    """The row was saved by somebody else after it was shown; nothing was changed. `version` is the one stored now."""

    def __init__(self, version: int) -> None:
        super().__init__(version)
        self.version = version


class VersionField(forms.IntegerField):
    """The version that was shown; who sends none has seen none."""

    def clean(self, value: object) -> int:
        return super().clean(value) or int(NO_VERSION)


def version_field() -> VersionField:
    return VersionField(required=False, min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)


@dataclass(frozen=True)
class Difference:
    """A field that is stored in one way and was sent in another, in words."""

    name: str
    label: str
    stored: str
    sent: str


def settled(data: QueryDict, form: forms.Form) -> QueryDict:
    """What was sent, with the stored value (the initial one of `form`) wherever the person chose it.

    A choice that is missing makes the version a stale one, so that the question is asked again.
    """
    asked = [name for name in data.getlist("differing") if name in form.fields]
    if not asked:
        return data
    chosen = data.copy()
    for name in asked:
        choice = data.get(f"keep_{name}")
        if choice == "stored":
            chosen.setlist(name, _sent(form.fields[name], form.get_initial_for_field(form.fields[name], name)))
        elif choice != "sent":
            chosen["version"] = NO_VERSION
    return chosen


def differences(form: forms.Form) -> list[Difference]:
    """Where what was sent (the cleaned data of a valid form) is not what is stored (its initial values)."""
    return list(_differences(form))


def _differences(form: forms.Form) -> Iterator[Difference]:
    for bound in form.visible_fields():
        stored = _sent(bound.field, form.get_initial_for_field(bound.field, bound.name))
        sent = _sent(bound.field, form.cleaned_data.get(bound.name))
        if sorted(stored) != sorted(sent):
            yield Difference(bound.name, str(bound.label), _words(bound, stored), _words(bound, sent))


def conflict_page(
    request: HttpRequest, form: forms.Form, found: list[Difference], *, version: int, title: str, back: str = ""
) -> HttpResponse:
    """Both versions side by side; everything that was sent goes along, under the version stored now.

    `back` is where one goes who leaves it as it is stored, when that is not the page itself.
    """
    asked = {f"keep_{difference.name}" for difference in found}
    sent = [
        (name, value)
        for name, values in form.data.lists()
        if name not in OWN_NAMES and not name.startswith("keep_")
        for value in values
    ]
    chosen = {difference.name: form.data.get(f"keep_{difference.name}", "") for difference in found}
    context = {
        "title": title,
        "differences": [(difference, chosen[difference.name]) for difference in found],
        "sent": sent,
        "version": version,
        "back": back or request.get_full_path(),
        "asked_again": any(name in form.data for name in asked) or "differing" in form.data,
    }
    return render(request, "pik/conflict.html", context, status=409)


def _sent(field: forms.Field, value: object) -> list[str]:
    """A value as a browser sends it."""
    value = field.prepare_value(value)
    if value in field.empty_values:
        return []
    if isinstance(value, (list, tuple)):
        return [str(each) for each in value]
    return [value.isoformat() if isinstance(value, date) else str(value)]


def _words(bound: forms.BoundField, sent: list[str]) -> str:
    """A sent value as a reader knows it: the words of the choice, the day as it is written."""
    widget = bound.field.widget
    if hasattr(widget, "optgroups"):
        groups = widget.optgroups(bound.name, sent)
        labels = [str(option["label"]) for _name, options, _index in groups for option in options if option["selected"]]
        return ", ".join(labels) if sent else "–"
    if isinstance(bound.field, forms.BooleanField):
        return _("yes") if sent == ["True"] else _("no")
    if isinstance(bound.field, forms.DateField):
        sent = [date_format(date.fromisoformat(value), "SHORT_DATE_FORMAT") for value in sent]
    return ", ".join(sent) or "–"
