"""Form of a contact."""

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout, Row
from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casework.models import Case, ReferralTarget, Topic
from casework.models.contacts import LONGEST, SHORTEST, ContactChannel, ContactKind, Mediation


class CaseChoiceField(forms.ModelChoiceField):
    def label_from_instance(self, case: Case) -> str:
        return f"{case.code} · {case.municipality.name}"


class ContactForm(forms.Form):
    """What is recorded of a contact; cases are limited to those the manager may choose."""

    date = forms.DateField(
        label=_("Date"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), initial=timezone.localdate
    )
    case = CaseChoiceField(label=_("Case"), queryset=Case.objects.none(), empty_label=_("Choose a case"))
    # Stays the same while a form is corrected and sent again.
    entry_key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    topics = forms.ModelMultipleChoiceField(
        label=_("Topics"), queryset=Topic.objects.none(), widget=forms.CheckboxSelectMultiple
    )

    minutes = forms.IntegerField(
        label=_("Duration"),
        min_value=SHORTEST,
        max_value=LONGEST,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), _("Enter between 1 and 600 minutes.")),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=ContactKind, initial=ContactKind.COUNSELLING)
    channel = forms.ChoiceField(label=_("Channel"), choices=ContactChannel, initial=ContactChannel.OFFICE)
    mediation = forms.ChoiceField(label=_("Language mediation"), choices=Mediation, initial=Mediation.NONE)
    referral_target = forms.ModelChoiceField(
        label=_("Referral to"), queryset=ReferralTarget.objects.none(), required=False, empty_label=_("no referral")
    )

    def __init__(self, *args: object, cases: QuerySet[Case], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        self.fields["case"].queryset = cases
        self.fields["topics"].queryset = Topic.objects.valid_on(today)
        self.fields["referral_target"].queryset = ReferralTarget.objects.valid_on(today)
        self.fields["date"].widget.attrs["max"] = today.isoformat()
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(
            "entry_key",
            Row("case", "date", Field("minutes", data_suffix=_("minutes"))),
            Row("kind", "channel"),
            "topics",
            Row("mediation", "referral_target"),
        )
