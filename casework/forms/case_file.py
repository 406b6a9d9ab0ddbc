"""Forms about the course of a case: phase, consent, fourth year, review."""

from datetime import date

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, Row
from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casework.days import refuse_before_opening
from casework.models import Case
from casework.models.case_bands import ExtensionReason
from casework.models.phases import NEXT_PHASES, Phase
from casework.services.case_file import check_order
from casework.services.phases import check_step
from casework.services.plans import check_next_review, latest_review_after, review_after
from pik.conflicts import version_field
from pik.days import day_field, refuse_future
from pik.forms import Form


def past_day(label: str, **options: object) -> forms.DateField:
    """A field for a day that has come, today at first."""
    field = day_field(label, **{"initial": timezone.localdate, **options})
    field.widget.attrs["max"] = timezone.localdate().isoformat()
    return field


def helper(*layout: object) -> FormHelper:
    made = FormHelper()
    made.form_tag = False
    made.layout = Layout(*layout)
    return made


class PhaseForm(Form):
    """The next phase, of those that may follow the present one."""

    phase = forms.ChoiceField(label=_("Next phase"), widget=forms.RadioSelect)

    def __init__(self, *args: object, present: str, since: date, **kwargs: object) -> None:
        """`present` is the phase in which the case is since a day."""
        super().__init__(*args, **kwargs)
        self.since = since
        following = NEXT_PHASES[present]
        self.fields["phase"].choices = [(phase.value, Phase(phase).label) for phase in following]
        self.fields["phase"].initial = following[0].value
        self.fields["starts_on"] = past_day(_("From"))
        self.helper = helper("phase", Row("starts_on"))

    def clean(self) -> dict[str, object]:
        data = super().clean()
        self.ask(check_step, self.since, starts_on=data.get("starts_on"))
        return data


class ConsentForm(Form):
    """Since when the person agrees, until when, and since when no longer."""

    version = version_field()

    def __init__(self, data: QueryDict | None = None, *, case: Case) -> None:
        super().__init__(data, initial=self.stored(case))
        self.case = case
        if not self.is_bound:
            self.initial["consent_on"] = case.consent_on or timezone.localdate()
        self.fields["consent_on"] = past_day(_("Consent given on"), required=False)
        self.fields["consent_until"] = day_field(
            _("Consent ends on"), required=False, help_text=_("Only where the person agreed for a limited time.")
        )
        self.fields["withdrawn_on"] = past_day(_("Consent withdrawn on"), required=False, initial=None)
        self.helper = helper("version", Row("consent_on", "consent_until", "withdrawn_on"))

    def clean(self) -> dict[str, object]:
        data = super().clean()
        days = {name: data.get(name) for name in ("consent_on", "consent_until", "withdrawn_on")}
        self.ask(refuse_future, consent_on=days["consent_on"], withdrawn_on=days["withdrawn_on"])
        if "consent_on" in self.changed_data:
            self.ask(refuse_before_opening, self.case, consent_on=days["consent_on"])
        if "consent_on" in data:
            self.ask(check_order, **days)
        return data

    @staticmethod
    def stored(case: Case) -> dict[str, object]:
        names = ("consent_on", "consent_until", "withdrawn_on", "version")
        return {name: getattr(case, name) for name in names}


class ExtensionForm(Form):
    """Why a case is given a fourth year."""

    reason = forms.ChoiceField(label=_("Reason"), choices=ExtensionReason.choices, widget=forms.RadioSelect)
    version = version_field()

    def __init__(self, data: QueryDict | None = None, *, case: Case) -> None:
        super().__init__(data, initial=self.stored(case))
        self.helper = helper("version", "reason")

    @staticmethod
    def stored(case: Case) -> dict[str, object]:
        return {"reason": case.extension_reason, "version": case.version}


class ReviewForm(Form):
    """When the plan was looked at together, and when it is to be again."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reviewed_on"] = past_day(_("Reviewed on"))
        self.fields["review_on"] = day_field(_("Next review by"), initial=_next_review)
        self.fields["review_on"].widget.attrs["max"] = latest_review_after(timezone.localdate()).isoformat()
        self.helper = helper(Row("reviewed_on", "review_on"))

    def clean(self) -> dict[str, object]:
        data = super().clean()
        days = {name: data[name] for name in ("reviewed_on", "review_on") if name in data}
        self.ask(refuse_future, reviewed_on=days.get("reviewed_on"))
        if len(days) == 2:
            self.ask(check_next_review, **days)
        return data


def _next_review() -> date:
    return review_after(timezone.localdate())
