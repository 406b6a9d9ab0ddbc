"""Form of a referral."""

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, Row
from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casework.models import Case, Referral, ReferralTarget
from casework.models.contacts import first_open_day
from casework.models.referrals import ReferralOutcome
from casework.services.referrals import check_referral
from pik.conflicts import version_field
from pik.days import day_field
from pik.entered_once import entry_key_field
from pik.forms import Form


class ReferralForm(Form):
    """To which regular service, when, and when one asks what became of it."""

    target = forms.ModelChoiceField(
        label=_("Referral to"), queryset=ReferralTarget.objects.none(), empty_label=_("Please choose")
    )
    referred_on = day_field(_("Referred on"), initial=timezone.localdate)
    entry_key = entry_key_field()
    ask_on = day_field(_("Ask on"), help_text=_("From this day on the referral stands under “What is due”."))

    def __init__(self, *args: object, case: Case, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.case = case
        today = timezone.localdate()
        self.fields["target"].queryset = ReferralTarget.objects.valid_on(today)
        self.fields["referred_on"].widget.attrs |= {"min": first_open_day().isoformat(), "max": today.isoformat()}
        self.fields["ask_on"].initial = today + settings.REFERRAL_ASK
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout("entry_key", "target", Row("referred_on", "ask_on"))

    def clean(self) -> dict[str, object]:
        data = super().clean()
        self.ask(check_referral, self.case, referred_on=data.get("referred_on"), ask_on=data.get("ask_on"))
        return data


class OutcomeForm(Form):
    """What became of a referral: one button each on the page of the case; an empty one takes it back."""

    outcome = forms.ChoiceField(
        label=_("Outcome"),
        choices=[("", _("not known yet")), *ReferralOutcome.choices],
        required=False,
        error_messages={"invalid_choice": _("Choose one of the outcomes.")},
    )
    version = version_field()

    def __init__(self, data: object = None, *, referral: Referral) -> None:
        super().__init__(data, initial={"outcome": referral.outcome, "version": referral.version})

    @property
    def shown_version(self) -> int:
        """The version that the page showed; 0 when it says none."""
        return self.cleaned_data["version"] if self.is_valid() else 0
