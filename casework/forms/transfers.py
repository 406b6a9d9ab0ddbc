"""Forms that move a case: to another municipality, and to another organisation."""

from collections.abc import Sequence

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, Row
from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casework.models import Manager, Transfer
from casework.models.transfers import DeclineReason, TransferReason
from casework.services.transfers import refuse_over
from pik.days import day_field, refuse_future
from pik.forms import Form
from pik.models import Municipality, Organisation

EMPTY = _("Please choose")


class PlaceField(forms.ModelChoiceField):
    def label_from_instance(self, place: Municipality) -> str:
        return f"{place.name} ({place.district.name})"


class RelocationForm(Form):
    """Another municipality of the same organisation, from a day on."""

    municipality = PlaceField(label=_("New municipality"), queryset=Municipality.objects.none(), empty_label=EMPTY)
    starts_on = day_field(
        _("From this day on"), initial=timezone.localdate, help_text=_("What was before counts in the old place.")
    )

    def __init__(self, *args: object, places: QuerySet[Municipality], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["municipality"].queryset = places
        self.fields["starts_on"].widget.attrs["max"] = timezone.localdate().isoformat()
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(Row("municipality", "starts_on"))

    def clean(self) -> dict[str, object]:
        data = super().clean()
        self.ask(refuse_future, starts_on=data.get("starts_on"))
        return data


class ReceiverForm(Form):
    """To which organisation a case is offered: the first step, because its municipalities follow from it."""

    organisation = forms.ModelChoiceField(
        label=_("Organisation"), queryset=Organisation.objects.none(), empty_label=EMPTY
    )

    def __init__(self, *args: object, organisations: QuerySet[Organisation], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = organisations


class OfferForm(Form):
    """Where in the area of the receiving organisation, why, and from which day on."""

    municipality = PlaceField(label=_("Municipality there"), queryset=Municipality.objects.none(), empty_label=EMPTY)
    reason = forms.ChoiceField(label=_("Reason"), choices=[("", EMPTY), *TransferReason.choices])
    starts_on = day_field(_("From this day on"), initial=timezone.localdate, help_text=_("Today or a later day."))

    def __init__(self, *args: object, places: QuerySet[Municipality], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["municipality"].queryset = places
        self.fields["starts_on"].widget.attrs["min"] = timezone.localdate().isoformat()
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(Row("municipality", "reason", "starts_on"))

    def clean(self) -> dict[str, object]:
        data = super().clean()
        self.ask(refuse_over, starts_on=data.get("starts_on"))
        return data


class DeclineForm(Form):
    """Why an offer is not accepted."""

    reason = forms.ChoiceField(label=_("Reason to decline"), choices=[("", EMPTY), *DeclineReason.choices])


class NameManagerForm(Form):
    """Who answers for the case from today on; for coordinators, a manager accepts for themselves."""

    def __init__(self, *args: object, colleagues: Sequence[Manager], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        found = {str(manager.pk): manager for manager in colleagues}
        self.fields["manager"] = forms.TypedChoiceField(
            label=_("Manager"),
            choices=[("", EMPTY), *((key, manager.name_and_absence) for key, manager in found.items())],
            coerce=found.__getitem__,
            empty_value=None,
        )


class OfferForms:
    """One waiting offer with the forms that decide it; `colleagues` only for a coordinator."""

    def __init__(self, transfer: Transfer, *, colleagues: Sequence[Manager] | None = None) -> None:
        ids = f"id_{transfer.case.code}_%s"
        self.transfer = transfer
        self.decline = DeclineForm(auto_id=ids)
        self.accept = None if colleagues is None else NameManagerForm(colleagues=colleagues, auto_id=ids)
