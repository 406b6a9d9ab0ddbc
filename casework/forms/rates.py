"""Forms of the fixed amounts."""

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout, Row
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from casework.models.qualifications import Qualification
from pik.days import day_field
from pik.forms import Form
from pik.models import Measure


class RateForm(Form):
    """A fixed amount for one or more qualifications."""

    measure = forms.ModelChoiceField(label=_("Measure"), queryset=Measure.objects.none(), empty_label=None)
    qualifications = forms.MultipleChoiceField(
        label=_("Qualifications"), choices=Qualification.choices, widget=forms.CheckboxSelectMultiple
    )
    amount = forms.DecimalField(
        label=_("Amount for a full-time post and year"), max_digits=11, decimal_places=2, localize=True
    )
    starts_on = day_field(_("From"))
    ends_on = day_field(
        _("Until"), required=False, help_text=_("The last day; empty when it holds until further notice.")
    )
    source = forms.CharField(
        label=_("Source"),
        max_length=200,
        help_text=_("Where the amount stands, so that others find it."),
        error_messages={"required": _("Write where the amount stands.")},
    )

    def __init__(self, *args: object, measures: QuerySet[Measure], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["measure"].queryset = measures
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(
            "measure", "qualifications", Row(Field("amount", data_suffix="€")), Row("starts_on", "ends_on"), "source"
        )


class EndRateForm(Form):
    """Until when a rate holds."""

    ends_on = day_field(_("Last day"))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(Row("ends_on"))
