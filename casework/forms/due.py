"""Which of the things that are due the list shows."""

from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext_lazy as _

from casework.due import Due, Kind
from pik.forms import Form


class DueFilterForm(Form):
    """One kind or all, and for deputies whose cases; whatever is not offered shows all."""

    kind = forms.ChoiceField(label=_("What"), required=False, choices=[("", _("all")), *Kind.choices])
    whose = forms.ChoiceField(
        label=_("Whose"),
        required=False,
        choices=[("", _("all")), ("own", _("my own")), ("others", _("those I stand in for"))],
    )

    def __init__(self, data: object, *, stands_in: bool) -> None:
        super().__init__(data)
        if not stands_in:
            del self.fields["whose"]
        self.full_clean()
        self.choice: dict[str, str] = {name: value for name, value in self.cleaned_data.items() if value}
        self.data = self.choice

    @property
    def query(self) -> str:
        """What the next page of the list needs to show the same."""
        return urlencode(self.choice)

    def admits(self, line: Due) -> bool:
        """Whether the list shows this line; what is offered to the organisation is the reader's own to decide."""
        whose = self.choice.get("whose")
        return self.choice.get("kind") in (None, line.kind) and (not whose or bool(line.whose) == (whose == "others"))
