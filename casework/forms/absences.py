"""Forms of absences and deputies."""

from collections.abc import Sequence

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, Row
from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casework.models import Absence, Manager
from casework.models.absences import AbsenceKind
from pik.days import day_field
from pik.forms import Form


def _helper(*fields: Sequence[str]) -> FormHelper:
    helper = FormHelper()
    helper.form_tag = False
    helper.layout = Layout(*(Row(*row) for row in fields))
    return helper


class AbsenceForm(Form):
    """An interruption of pay."""

    kind = forms.ChoiceField(
        label=_("Reason"),
        choices=[("", _("Please choose")), *AbsenceKind.choices],
        help_text=_("Seen by the coordinators of the employer and by the person, by nobody else."),
    )
    starts_on = day_field(_("From"), initial=timezone.localdate)
    ends_on = day_field(_("Until"), required=False, help_text=_("The last day; empty as long as it is not known."))

    def __init__(self, *args: object, absence: Absence | None = None, **kwargs: object) -> None:
        if absence:
            kwargs["initial"] = {name: getattr(absence, name) for name in ("kind", "starts_on", "ends_on")}
        super().__init__(*args, **kwargs)
        self.helper = _helper(("kind",), ("starts_on", "ends_on"))


class ColleagueField(forms.ModelChoiceField):
    def label_from_instance(self, colleague: Manager) -> str:
        return colleague.name_and_absence


class DeputyForm(Form):
    """Who stands in, and from when to when."""

    deputy = ColleagueField(label=_("Colleague"), queryset=Manager.objects.none(), empty_label=_("Please choose"))
    starts_on = day_field(_("From"), initial=timezone.localdate)
    ends_on = day_field(_("Until"), help_text=_("The last day. A deputyship always has an end."))

    def __init__(
        self, *args: object, colleagues: QuerySet[Manager], absence: Absence | None = None, **kwargs: object
    ) -> None:
        if absence:
            kwargs["initial"] = {"starts_on": absence.starts_on, "ends_on": absence.ends_on}
        super().__init__(*args, **kwargs)
        self.fields["deputy"].queryset = colleagues
        self.helper = _helper(("deputy",), ("starts_on", "ends_on"))
