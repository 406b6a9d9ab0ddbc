"""Which year and measure an overview shows."""

from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from funding.money import years_to_show
from pik.forms import Form
from pik.models import Measure

# What the map can show, with the attribute of the line.
SHOWN = {
    "contacts": _("Contacts"),
    "cases": _("Open cases"),
    "fte": _("Full-time equivalents"),
    "awarded": _("Awarded amount"),
}


class OverviewFilterForm(Form):
    """Year and measure; anything that is not offered falls back to this year and all measures.

    `places` for a map of municipalities, where `own_work` says whether the reader has contacts of the own
    organisation to show: those of others would mostly be the work of one person.
    """

    year = forms.TypedChoiceField(label=_("Year"), required=False, coerce=int)
    measure = forms.ChoiceField(label=_("Measure"), required=False)
    show = forms.ChoiceField(label=_("On the map"), required=False, choices=SHOWN.items())

    def __init__(
        self, data: QueryDict, *, measures: list[Measure], places: bool = False, own_work: bool = False
    ) -> None:
        super().__init__(data)
        years = years_to_show()
        self.fields["year"].choices = [(year, str(year)) for year in years]
        self.fields["measure"].choices = [
            ("", _("all measures")),
            *((measure.pk, measure.name) for measure in measures),
        ]
        if places:
            contacts = [("contacts", _("Contacts of your organisation"))] if own_work else []
            self.fields["show"].choices = [*contacts, ("cases", SHOWN["cases"])]
            if not own_work:
                self.fields["show"].widget = forms.HiddenInput()
        self.full_clean()
        valid = {name: value for name, value in self.cleaned_data.items() if value}
        latest = max((year for year in years if year <= timezone.localdate().year), default=years[0])
        self.shown_year: int = valid.get("year", latest)
        self.shown_measure: str = valid.get("measure", "")
        offered = dict(self.fields["show"].choices)
        self.shown: str = valid.get("show", next(iter(offered)))
        self.shown_label = str(offered[self.shown])
        # A picture that is not offered here is kept for the way back to where it is.
        self._wished = data.get("show") if data.get("show") in SHOWN else self.shown
        self.data = {"year": self.shown_year, "measure": self.shown_measure, "show": self.shown}

    @property
    def query(self) -> str:
        """What pictures and downloads need to show the same."""
        return urlencode({**self.data, "show": self._wished})
