"""Forms of the access review."""

from datetime import date, timedelta
from urllib.parse import urlencode

from crispy_forms.helper import FormHelper
from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pik.forms import Form
from pik.models import AccessLine
from pik.months import quarter_of
from pik.templatetags.figures import quarter_name


class ReviewFilterForm(Form):
    """This or a past quarter, and one organisation or all."""

    quarter = forms.ChoiceField(label=_("Quarter"), required=False)
    organisation = forms.TypedChoiceField(label=_("Organisation"), required=False, coerce=int, empty_value=None)

    def __init__(self, data: object, *, quarters: list[date], organisations: list[tuple[int, str]]) -> None:
        super().__init__(data)
        this = quarter_of(timezone.localdate())
        offered = {f"{quarter:%Y-%m}": quarter for quarter in sorted({this, *quarters}, reverse=True)}
        self.fields["quarter"].choices = [(code, quarter_name(quarter)) for code, quarter in offered.items()]
        self.fields["organisation"].choices = [("", _("all organisations")), *organisations]
        self.has_several_organisations = len(organisations) > 1
        if not self.has_several_organisations:
            del self.fields["organisation"]
        self.has_a_choice = len(offered) > 1 or self.has_several_organisations
        # An address with a quarter or an organisation that is not offered shows this quarter, and all of them.
        wanted = self.cleaned_data if self.is_valid() else {}
        self.quarter_shown = offered[wanted.get("quarter") or f"{this:%Y-%m}"]
        self.organisation_shown: int | None = wanted.get("organisation")
        self.is_running = self.quarter_shown == this
        self.data = {"quarter": f"{self.quarter_shown:%Y-%m}", "organisation": self.organisation_shown or ""}

    @property
    def query(self) -> str:
        """What the next page and the way back need to show the same."""
        return urlencode({name: value for name, value in self.data.items() if value})


class ConfirmOthersForm(Form):
    """The lines that were named on the page and that the button confirms."""

    lines = forms.ModelMultipleChoiceField(
        queryset=AccessLine.objects.none(),
        widget=forms.MultipleHiddenInput,
        error_messages={"required": _("Nobody is chosen. Load the page again.")},
    )

    def __init__(self, *args: object, lines: QuerySet[AccessLine], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lines"].queryset = lines
        self.helper = FormHelper()
        self.helper.form_tag = False


class EndAccessForm(Form):
    """With which day an access ends."""

    last_day = forms.DateField(
        label=_("Last day of the access"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        initial=timezone.localdate,
        help_text=_("The access holds until the end of this day. Yesterday ends it at once."),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        self.fields["last_day"].widget.attrs |= {
            "min": (today - timedelta(days=1)).isoformat(),
            "max": (today + settings.ACCESS_END_AHEAD).isoformat(),
        }
        self.helper = FormHelper()
        self.helper.form_tag = False
