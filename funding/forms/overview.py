"""Which year and measure an overview shows."""

from urllib.parse import urlencode

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from funding.money import years_to_show
from pik.models import Measure

# What the map can show, with the attribute of the line.
SHOWN = {
    "contacts": _("Contacts"),
    "cases": _("Open cases"),
    "fte": _("Full-time equivalents"),
    "awarded": _("Awarded amount"),
}


class OverviewFilterForm(forms.Form):
    """Year and measure; anything that is not offered falls back to this year and all measures."""

    year = forms.TypedChoiceField(label=_("Year"), required=False, coerce=int)
    measure = forms.ChoiceField(label=_("Measure"), required=False)
    show = forms.ChoiceField(label=_("On the map"), required=False, choices=SHOWN.items())

    def __init__(self, data: object, *, measures: list[Measure], places: bool = False) -> None:
        super().__init__(data)
        years = years_to_show()
        self.fields["year"].choices = [(year, str(year)) for year in years]
        self.fields["measure"].choices = [
            ("", _("all measures")),
            *((measure.pk, measure.name) for measure in measures),
        ]
        if places:
            self.fields["show"].choices = [(name, SHOWN[name]) for name in ("contacts", "cases")]
        self.full_clean()
        valid = {name: value for name, value in self.cleaned_data.items() if value}
        latest = max((year for year in years if year <= timezone.localdate().year), default=years[0])
        self.shown_year: int = valid.get("year", latest)
        self.shown_measure: str = valid.get("measure", "")
        self.shown: str = valid.get("show", "contacts")
        self.data = {"year": self.shown_year, "measure": self.shown_measure, "show": self.shown}

    @property
    def query(self) -> str:
        """What pictures and downloads need to show the same."""
        return urlencode(self.data)
