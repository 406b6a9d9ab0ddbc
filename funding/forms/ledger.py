"""Which bookings the ledger shows."""

from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext_lazy as _

from funding.models import LedgerEntry
from funding.money import years_with_budget
from pik.forms import Form
from pik.models import Measure


class LedgerFilterForm(Form):
    """Year, measure and kind; empty means all."""

    year = forms.TypedChoiceField(label=_("Year"), required=False, coerce=int, empty_value=None)
    measure = forms.ModelChoiceField(
        label=_("Measure"), queryset=Measure.objects.all(), required=False, empty_label=_("all measures")
    )
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("all")), *LedgerEntry.Kind.choices])

    def __init__(self, data: object) -> None:
        super().__init__(data)
        self.fields["year"].choices = [("", _("all")), *((year, str(year)) for year in years_with_budget())]
        self.full_clean()
        self.choice: dict[str, object] = {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def query(self) -> str:
        """What the download needs to show the same."""
        return urlencode({name: getattr(value, "pk", value) for name, value in self.choice.items()})
