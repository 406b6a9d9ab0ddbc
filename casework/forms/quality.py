"""Which measure the quality page shows."""

from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext_lazy as _

from pik.forms import Form
from pik.models import Measure


class QualityFilterForm(Form):
    """One measure with cases, or all; anything else shows all."""

    measure = forms.ModelChoiceField(
        label=_("Measure"),
        queryset=Measure.objects.filter(profile=Measure.Profile.CASES),
        required=False,
        empty_label=_("all measures"),
    )

    def __init__(self, data: object) -> None:
        super().__init__(data)
        chosen = self.cleaned_data.get("measure") if self.is_valid() else None
        self.measure_shown = chosen.pk if chosen else ""
        self.data = {"measure": self.measure_shown}

    @property
    def query(self) -> str:
        """What picture and downloads need to show the same."""
        return urlencode(self.data) if self.measure_shown else ""
