"""What the staffing board shows, and in which order."""

from collections.abc import Collection
from datetime import date
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casework.staffing.posts import PostRow, PostState
from pik.forms import Form
from pik.models import Measure

# What the map can show, with the key of the column.
ON_MAP = {
    "vacant": _("Vacant FTE"),
    "filled": _("Filled FTE"),
    "heads": _("Managers (heads)"),
    "empty": _("Funded but empty (FTE days)"),
    "cases": _("Cases per FTE"),
    "contacts_window": _("Contacts per FTE and month"),
    "plan_share": _("Cases with a plan (%)"),
}
# What picks rows of the table of posts alone.
POSTS_FILTER = ("state", "text")
STATES = [
    ("", _("all that run today")),
    ("attention", _("something to do")),
    (PostState.VACANT, _("vacant or partly filled")),
    (PostState.ABSENT, PostState.ABSENT.label),
    (PostState.FILLED, PostState.FILLED.label),
    ("ending", _("ending within 90 days")),
    (PostState.COMING, PostState.COMING.label),
    (PostState.ENDED, PostState.ENDED.label),
]


class StaffingFilterForm(Form):
    """Day, measure, state and search; whatever is not offered falls back, so that every address shows something."""

    day = forms.DateField(
        label=_("As of"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    measure = forms.ChoiceField(label=_("Measure"), required=False)
    show = forms.ChoiceField(label=_("On the map"), required=False, choices=ON_MAP.items())
    state = forms.ChoiceField(label=_("Which posts"), required=False, choices=STATES)
    text = forms.CharField(label=_("Post, person or organisation"), required=False, max_length=100)
    order = forms.CharField(required=False, max_length=30, widget=forms.HiddenInput)
    posts = forms.CharField(required=False, max_length=30, widget=forms.HiddenInput)
    # The Kreis from whose board that of an organisation was opened.
    district = forms.ChoiceField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: object, *, measures: list[Measure], whole_state: bool, names: bool, districts: Collection[str] = ()
    ) -> None:
        """`districts` are the AGS of the Kreise from whose boards one can have come to that of an organisation."""
        super().__init__(data)
        if districts:
            self.fields["district"].choices = [(ags, ags) for ags in districts]
        else:
            del self.fields["district"]
        self.fields["measure"].choices = [("", _("all measures")), *((each.pk, each.name) for each in measures)]
        if whole_state:
            del self.fields["state"], self.fields["text"], self.fields["posts"]
        else:
            del self.fields["show"]
            if not names:
                self.fields["text"].label = _("Post or organisation")
        self.full_clean()
        valid = {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}
        today = timezone.localdate()
        self.day_wanted = valid.pop("day", today)
        self.horizon = date(today.year + 5, 12, 31)
        self.day = min(max(self.day_wanted, settings.PACT_START), self.horizon)
        self.measure = next((each for each in measures if each.pk == valid.get("measure")), None)
        self.shown = valid.get("show", "vacant")
        self.state, self.text = valid.get("state", ""), valid.get("text", "")
        self.came_from = valid.get("district", "")
        self.order, self.posts_order = valid.get("order", ""), valid.get("posts", "")
        # What the controls show, and what an address needs to show the same again: nothing that is usual.
        self.chosen = valid | ({"day": self.day.isoformat()} if self.day != today else {})
        self.data = {"day": self.day.isoformat(), "show": self.shown} | valid

    @property
    def is_too_far(self) -> bool:
        return self.day_wanted > self.horizon

    @property
    def is_too_early(self) -> bool:
        return self.day_wanted < settings.PACT_START

    @property
    def page_fields(self) -> list[forms.BoundField]:
        """What holds for the whole page; the table of posts has a filter of its own."""
        return [self[name] for name in ("day", "measure", "show") if name in self.fields]

    @property
    def page_carries(self) -> dict[str, object]:
        """What the page's filter sends along unseen."""
        return self._without("day", "measure", "show")

    @property
    def posts_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in POSTS_FILTER]

    @property
    def posts_carry(self) -> dict[str, object]:
        """What the filter of the posts sends along unseen."""
        return self._without(*POSTS_FILTER)

    @property
    def posts_reset_query(self) -> str:
        """All that was chosen but for the posts."""
        return urlencode(self.posts_carry)

    def _without(self, *names: str) -> dict[str, object]:
        return {name: value for name, value in self.chosen.items() if name not in names}

    @property
    def query(self) -> str:
        """What pictures, downloads and other pages of the board need to show the same."""
        return urlencode(self.chosen)

    @property
    def reset_query(self) -> str:
        """What stays when everything that was chosen is taken back: the Kreis one came from."""
        return urlencode({"district": self.came_from}) if self.came_from else ""

    def query_with(self, **changes: str) -> str:
        """The same choice with some of it changed."""
        return urlencode(self.chosen | changes)

    def admits(self, row: PostRow) -> bool:
        """Whether the table of posts shows this one."""
        if self.text and self.text.casefold() not in f"{row.label}\n{row.names}\n{row.organisation_name}".casefold():
            return False
        needs = {
            "": row.runs,
            "attention": row.needs_attention,
            PostState.VACANT: row.vacant > 0,
            "ending": row.ending_on is not None,
        }
        return needs.get(self.state, row.state == self.state)
