"""Form of a manager's qualification."""

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casework.models import Manager
from casework.models.qualifications import Qualification
from pik.forms import Form


class QualificationForm(Form):
    """What a person has learned, and the day of the evidence."""

    qualification = forms.ChoiceField(
        label=_("Qualification"), required=False, choices=[("", _("not known yet")), *Qualification.choices]
    )
    proven_on = forms.DateField(
        label=_("Date of the evidence"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("The day of the certificate or of its recognition; empty as long as you have not seen it."),
    )

    def __init__(self, *args: object, manager: Manager, **kwargs: object) -> None:
        held = {"qualification": manager.qualification, "proven_on": manager.qualification_proven_on}
        super().__init__(*args, initial=held, **kwargs)
        self.fields["proven_on"].widget.attrs["max"] = timezone.localdate().isoformat()
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout("qualification", "proven_on")
