"""Form to register an integration manager."""

from decimal import Decimal
from urllib.parse import urlencode

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Fieldset, Layout, Row
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from casework.models.posts import LARGEST_FTE, SMALLEST_FTE
from pik.models import Measure, Municipality, Organisation


class RegisterManagerForm(forms.Form):
    """A person and the post that this person fills."""

    name = forms.CharField(label=_("First and last name"), max_length=100)
    email = forms.EmailField(
        label=_("E-mail address at work"), max_length=200, help_text=_("The invitation to log in goes to this address.")
    )
    organisation = forms.ModelChoiceField(
        label=_("Employer"), queryset=Organisation.objects.none(), empty_label=_("Please choose")
    )
    measure = forms.ModelChoiceField(label=_("Measure"), queryset=Measure.objects.none(), empty_label=None)
    fte = forms.DecimalField(
        label=_("Share of a full-time post"),
        min_value=SMALLEST_FTE,
        max_value=LARGEST_FTE,
        decimal_places=2,
        localize=True,
        initial=Decimal("1.00"),
        help_text=_("Between 0.25 and 1.00."),
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value", "max_decimal_places"), _("Enter a number between 0.25 and 1.00.")
        ),
    )
    starts_on = forms.DateField(
        label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), initial=timezone.localdate
    )
    ends_on = forms.DateField(
        label=_("Until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("The last day; empty when the post has no end."),
    )
    municipalities = forms.ModelMultipleChoiceField(
        label=_("Municipalities served"),
        queryset=Municipality.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None for a measure that is recorded for the state only."),
    )

    def __init__(
        self,
        *args: object,
        organisations: QuerySet[Organisation],
        measures: QuerySet[Measure],
        places: QuerySet[Municipality],
        own: Organisation,
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = organisations
        self.fields["organisation"].initial = own
        self.fields["measure"].queryset = measures
        self.fields["municipalities"].queryset = places
        # Only a measure that is recorded for the whole Land needs none.
        chosen = next((measure for measure in measures if measure.pk == self.data.get("measure")), None)
        self.fields["municipalities"].required = chosen is None or chosen.place_level != Measure.PlaceLevel.STATE
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(
            Fieldset(_("Person"), Row("name", "email")),
            Fieldset(
                _("Post"),
                Row("organisation", "measure"),
                Row(Field("fte", data_suffix=_("FTE"), wrapper_class="pik-narrow"), "starts_on", "ends_on"),
                "municipalities",
            ),
        )

    def clean(self) -> dict[str, object]:
        data = super().clean()
        first, last = data.get("starts_on"), data.get("ends_on")
        if first and first < settings.PACT_START:
            message = _("The pact began on %(day)s. Enter this day or a later one.")
            self.add_error("starts_on", message % {"day": date_format(settings.PACT_START, "SHORT_DATE_FORMAT")})
        if first and last and last < first:
            self.add_error(
                "ends_on", ValidationError(_("The last day lies before the first. Change one of the two dates."))
            )
        return data


class ManagerFilterForm(forms.Form):
    """Which people the register shows."""

    text = forms.CharField(label=_("Name or e-mail"), required=False, max_length=100)

    def __init__(self, data: object) -> None:
        super().__init__(data)
        self.full_clean()
        self.text: str = self.cleaned_data.get("text", "")

    @property
    def query(self) -> str:
        """What the next page of the list needs to show the same."""
        return urlencode({"text": self.text}) if self.text else ""
