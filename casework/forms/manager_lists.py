"""Forms to register many managers from a list."""

from crispy_forms.helper import FormHelper
from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from casework.forms.managers import RegisterManagerForm
from casework.models import ManagerList
from pik.forms import Form
from pik.imports import Table, read_table


class ManagerListForm(Form):
    """The file; its content is a `Table` once it is clean."""

    file = forms.FileField(
        label=_("File with the list"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt,.tsv"}),
        help_text=_("A workbook (.xlsx) or a CSV file. Only the first sheet of a workbook is read."),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty. Choose another one.")},
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False

    def clean_file(self) -> Table:
        file: UploadedFile = self.cleaned_data["file"]
        self.kind = ManagerList.Kind.XLSX if file.name.lower().endswith(".xlsx") else ManagerList.Kind.CSV
        return read_table(file, file.name)


class ListedManagerForm(RegisterManagerForm):
    """One row of a list, held to the rules of the form for one person; it is never shown."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for name in ("starts_on", "ends_on", "qualification_proven_on"):
            sentence = _("Write a date such as 31.12.2026 or 2026-12-31.")
            self.fields[name].error_messages |= dict.fromkeys(("required", "invalid"), sentence)
        self.fields["municipalities"].error_messages["required"] = _("Write the AGS of at least one municipality.")
