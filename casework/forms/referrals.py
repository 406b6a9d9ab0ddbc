"""Form of a referral."""

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, Row
from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casework.models import ReferralTarget
from pik.days import day_field
from pik.entered_once import entry_key_field


class ReferralForm(forms.Form):
    """To which regular service, when, and when one asks what became of it."""

    target = forms.ModelChoiceField(
        label=_("Referral to"), queryset=ReferralTarget.objects.none(), empty_label=_("Please choose")
    )
    referred_on = day_field(_("Referred on"), initial=timezone.localdate)
    entry_key = entry_key_field()
    ask_on = day_field(_("Ask on"), help_text=_("From this day on the referral stands under “What is due”."))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        self.fields["target"].queryset = ReferralTarget.objects.valid_on(today)
        self.fields["referred_on"].widget.attrs["max"] = today.isoformat()
        self.fields["ask_on"].initial = today + settings.REFERRAL_ASK
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout("entry_key", "target", Row("referred_on", "ask_on"))
