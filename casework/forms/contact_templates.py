"""Form of a template: its name."""

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django.utils.translation import gettext_lazy as _

from casework.forms.words import WordsField
from casework.models.contact_templates import NAME_LENGTH
from pik.forms import Form


class TemplateForm(Form):
    """How a template is called; what it holds comes from an entry."""

    name = WordsField(
        label=_("Name of the template"),
        most=NAME_LENGTH,
        one_line=True,
        error_messages={"required": _("Write a name by which you find it again.")},
        help_text=_("What kind of entry it is, such as “Call, 10 minutes”. Never the name of a client."),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout("name")
