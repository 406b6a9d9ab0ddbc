"""Form to register an integration manager."""

from urllib.parse import urlencode

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout, Row
from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casework.forms.posts import (
    proposal,
    qualification_field,
    refuse_impossible_period,
    share_field,
    share_row,
)
from casework.models import Post
from casework.vacancies import Vacancy
from pik.days import day_field
from pik.forms import Form
from pik.models import Measure, Municipality, Organisation

# What a post that is there already says itself.
OF_POST = ("organisation", "measure", "municipalities")


class RegisterManagerForm(Form):
    """A person and the post that this person fills."""

    name = forms.CharField(
        label=_("First and last name"), max_length=100, error_messages={"required": _("Write first and last name.")}
    )
    email = forms.EmailField(
        label=_("E-mail address at work"), max_length=200, help_text=_("The invitation to log in goes to this address.")
    )
    organisation = forms.ModelChoiceField(
        label=_("Employer"), queryset=Organisation.objects.none(), empty_label=_("Please choose")
    )
    measure = forms.ModelChoiceField(label=_("Measure"), queryset=Measure.objects.none(), empty_label=None)
    fte = share_field()
    starts_on = day_field(_("From"), initial=timezone.localdate)
    ends_on = day_field(_("Until"), required=False, help_text=_("The last day; empty when the post has no end."))
    municipalities = forms.ModelMultipleChoiceField(
        label=_("Municipalities served"),
        queryset=Municipality.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None for a measure that is recorded for the state only."),
    )
    qualification = qualification_field(
        _("Qualification"),
        empty=_("not known yet"),
        help_text=_("The fixed amount depends on it; it can be noted later."),
    )
    qualification_proven_on = day_field(
        _("Date of the certificate"), required=False, help_text=_("Or of its recognition.")
    )

    def __init__(
        self,
        *args: object,
        organisations: QuerySet[Organisation],
        measures: QuerySet[Measure],
        places: QuerySet[Municipality],
        own: Organisation,
        post: Post | None = None,
        proposed: Vacancy | None = None,
        **kwargs: object,
    ) -> None:
        """With a `post` only person, share and time of the booking are asked for, beginning with what is `proposed`."""
        super().__init__(*args, **({"initial": proposal(proposed)} if post else {}), **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        person = Fieldset(_("Person"), Row("name", "email"), Row("qualification", "qualification_proven_on"))
        if post:
            for name in OF_POST:
                del self.fields[name]
            self.fields["ends_on"].help_text = _("The last day; empty when the booking has no end.")
            self.helper.layout = Layout(person, Fieldset(_("Booking"), share_row("starts_on", "ends_on")))
            return
        self.fields["organisation"].queryset = organisations
        self.fields["organisation"].initial = own
        self.fields["measure"].queryset = measures
        self.fields["municipalities"].queryset = places
        # Only a measure that is recorded for the whole Land needs none.
        chosen = next((measure for measure in measures if measure.pk == self.data.get("measure")), None)
        self.fields["municipalities"].required = chosen is None or chosen.place_level != Measure.PlaceLevel.STATE
        self.helper.layout = Layout(
            person,
            Fieldset(_("Post"), Row("organisation", "measure"), share_row("starts_on", "ends_on"), "municipalities"),
        )

    def clean(self) -> dict[str, object]:
        data = super().clean()
        refuse_impossible_period(self, data)
        return data


class ManagerFilterForm(Form):
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
