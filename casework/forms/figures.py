"""Which year the figures of a person are shown for."""

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext_lazy as _

from pik.forms import Form


class ProofYearForm(Form):
    """A year of the employment; one that is not offered falls back to the latest."""

    year = forms.TypedChoiceField(label=_("Year"), required=False, coerce=int)

    def __init__(self, data: object, *, years: Sequence[int]) -> None:
        super().__init__(data)
        self.fields["year"].choices = [(year, str(year)) for year in years]
        self.full_clean()
        self.shown_year: int = self.cleaned_data.get("year") or years[0]
        self.data = {"year": self.shown_year}
