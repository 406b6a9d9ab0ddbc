"""Which monthly summaries are shown."""

from datetime import date
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from pik.forms import Form
from pik.models import Measure
from pik.months import last_months
from pik.templatetags.figures import month_name


class SummaryFilterForm(Form):
    """One of the last closed months, and one measure or all."""

    month = forms.ChoiceField(label=_("Month"), required=False)
    measure = forms.ModelChoiceField(
        label=_("Measure"), queryset=Measure.objects.all(), required=False, empty_label=_("all measures")
    )

    def __init__(self, data: object) -> None:
        super().__init__(data)
        closed = list(reversed(last_months(settings.CURVE_MONTHS)[:-1]))
        self.fields["month"].choices = [(f"{month:%Y-%m}", month_name(month)) for month in closed]
        wanted = self.cleaned_data if self.is_valid() else {}
        # An address with a month that is not offered shows the latest one.
        year, number = (wanted.get("month") or f"{closed[0]:%Y-%m}").split("-")
        self.month_shown = date(int(year), int(number), 1)
        measure = wanted.get("measure")
        self.measure_shown = measure.pk if measure else ""
        self.data = {"month": f"{self.month_shown:%Y-%m}", "measure": self.measure_shown}

    @property
    def query(self) -> str:
        """What the download and the next page need to show the same."""
        return urlencode(self.data)
