"""Forms of a case: bands only."""

from urllib.parse import urlencode

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout, Row
from django import forms
from django.core.validators import MaxValueValidator
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casework.codes import PIECE
from casework.days import refuse_before_measure
from casework.models import Case
from casework.models.case_bands import AgeBand, ClosingReason, HouseholdBand, OriginGroup, ResidenceGroup
from casework.services.cases import check_closing, check_opening
from pik.conflicts import version_field
from pik.days import refuse_future
from pik.entered_once import entry_key_field
from pik.forms import Form
from pik.models import Measure, Municipality

EMPTY = [("", _("Please choose"))]
ORIGIN = ("origin_group", "residence_group", "arrival_year")


def _day(label: str) -> forms.DateField:
    return forms.DateField(
        label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), initial=timezone.localdate
    )


class CaseForm(Form):
    """The bands of a case. Origin, status and arrival are asked for only where the measure records them."""

    measure = forms.ModelChoiceField(label=_("Measure"), queryset=Measure.objects.none(), empty_label=None)
    municipality = forms.ModelChoiceField(
        label=_("Municipality"), queryset=Municipality.objects.none(), empty_label=_("Please choose")
    )
    opened_on = _day(_("Opened on"))
    age_band = forms.ChoiceField(label=_("Age of the main person"), choices=[*EMPTY, *AgeBand.choices])
    household_band = forms.ChoiceField(label=_("Household"), choices=[*EMPTY, *HouseholdBand.choices])
    origin_group = forms.ChoiceField(
        label=_("Region of origin"), choices=[*EMPTY, *OriginGroup.choices], required=False
    )
    residence_group = forms.ChoiceField(
        label=_("Residence status"), choices=[*EMPTY, *ResidenceGroup.choices], required=False
    )
    version = version_field()
    entry_key = entry_key_field()
    arrival_year = forms.IntegerField(label=_("Year of arrival in Germany"), required=False, min_value=1950)

    def __init__(
        self,
        *args: object,
        measures: QuerySet[Measure],
        places: QuerySet[Municipality],
        case: Case | None = None,
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        self.case = case
        self.fields["municipality"].queryset = places
        self.fields["opened_on"].widget.attrs["max"] = today.isoformat()
        self.fields["arrival_year"].validators.append(MaxValueValidator(today.year))
        if case:
            del self.fields["measure"], self.fields["entry_key"]
        else:
            del self.fields["version"]
            self.fields["measure"].queryset = measures
            # Read once for all that is asked of them.
            self.fields["measure"].choices = [(measure.pk, str(measure)) for measure in measures]
            self.fields["measure"].initial = next(iter(measures), None)
        self._ask_for_origin({case.records_origin} if case else {measure.records_origin for measure in measures})
        origin = [name for name in ORIGIN if name in self.fields]
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(
            *(name for name in ("version", "entry_key") if name in self.fields),
            Row(*(name for name in ("measure", "municipality", "opened_on") if name in self.fields)),
            Row("age_band", "household_band"),
            *([Fieldset(_("Origin and residence"), Row(*origin))] if origin else []),
        )

    def _ask_for_origin(self, recorded: set[bool]) -> None:
        """Origin is asked for only where a measure records it, and required where all of them do."""
        if recorded == {True}:
            self.fields["origin_group"].required = self.fields["residence_group"].required = True
        elif True not in recorded:
            for name in ORIGIN:
                del self.fields[name]

    def clean(self) -> dict[str, object]:
        data = super().clean()
        measure = self.case.measure if self.case else data.get("measure")
        opened_on = data.get("opened_on")
        if self.case:
            self.ask(refuse_future, opened_on=opened_on)
            self.ask(refuse_before_measure, measure, opened_on=opened_on)
        elif measure:
            self.ask(check_opening, measure, opened_on=opened_on)
        if measure and measure.records_origin:
            for name in ("origin_group", "residence_group"):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, _("Choose a group; “other or unknown” is one of them."))
        return data


class CloseCaseForm(Form):
    """When and why a case ends."""

    closed_on = _day(_("Closed on"))
    reason = forms.ChoiceField(label=_("Reason"), choices=[*EMPTY, *ClosingReason.choices])

    def __init__(self, *args: object, case: Case, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.case = case
        self.fields["closed_on"].widget.attrs["max"] = timezone.localdate().isoformat()
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(Row("closed_on", "reason"))

    def clean(self) -> dict[str, object]:
        data = super().clean()
        self.ask(check_closing, self.case, closed_on=data.get("closed_on"), reason=data.get("reason", ""))
        return data


def code_piece() -> forms.RegexField:
    """A field for what the code of a case contains."""
    return forms.RegexField(
        rf"^(?:{PIECE})$",
        label=_("Code contains"),
        required=False,
        max_length=9,
        error_messages={"invalid": _("Write a piece of a case code, such as K7M3. A name is never kept here.")},
        # The browser refuses it as well: what is searched for stands in the address.
        widget=forms.TextInput(attrs={"pattern": PIECE, "title": _("A piece of a case code, such as K7M3")}),
    )


class CaseFilterForm(Form):
    """Which cases the list shows."""

    code = code_piece()
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("open", _("open")), ("due", _("due")), ("closed", _("closed")), ("all", _("all"))],
    )

    whose = forms.ChoiceField(
        label=_("Whose"),
        required=False,
        choices=[("all", _("all")), ("own", _("my own")), ("others", _("those I stand in for"))],
    )

    def __init__(self, data: object, *, stands_in: bool) -> None:
        names = ("code", "state", "whose")
        super().__init__({"state": "open", **{name: data[name] for name in names if data.get(name)}})
        if not stands_in:
            del self.fields["whose"]
        self.full_clean()
        self.choice: dict[str, str] = {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def query(self) -> str:
        """What the next page of the list needs to show the same."""
        return urlencode(self.choice)
