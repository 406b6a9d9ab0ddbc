"""Which monthly summaries are shown."""

from collections.abc import Sequence
from datetime import date
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from pik.forms import Form
from pik.models import District, Measure
from pik.months import last_months
from pik.templatetags.figures import month_name


class SummaryFilterForm(Form):
    """One of the last closed months, one measure or all, and one of several `districts` or all."""

    month = forms.ChoiceField(label=_("Month"), required=False)
    measure = forms.ModelChoiceField(
        label=_("Measure"), queryset=Measure.objects.all(), required=False, empty_label=_("all measures")
    )
    district = forms.ChoiceField(label=_("District"), required=False)

    def __init__(self, data: object, *, districts: Sequence[District] = ()) -> None:
        super().__init__(data)
        if districts:
            names = [(each.pk, each.name_full) for each in districts]
            self.fields["district"].choices = [("", _("all districts")), *names]
        else:
            del self.fields["district"]
        closed = list(reversed(last_months(settings.CURVE_MONTHS)[:-1]))
        self.fields["month"].choices = [(f"{month:%Y-%m}", month_name(month)) for month in closed]
        self.full_clean()
        wanted = self.cleaned_data
        # An address with a month that is not offered shows the latest one.
        year, number = (wanted.get("month") or f"{closed[0]:%Y-%m}").split("-")
        self.month_shown = date(int(year), int(number), 1)
        measure = wanted.get("measure")
        self.measure_shown = measure.pk if measure else ""
        self.district_shown = next((each for each in districts if each.pk == wanted.get("district")), None)
        self.data = {"month": f"{self.month_shown:%Y-%m}", "measure": self.measure_shown}
        if self.district_shown:
            self.data["district"] = self.district_shown.pk

    @property
    def query(self) -> str:
        """What the download and the next page need to show the same."""
        return urlencode(self.data)
