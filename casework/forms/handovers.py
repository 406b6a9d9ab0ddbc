"""Forms that pass cases on: hand-over, leaving, moving to another organisation."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casework.models import Case, Manager
from casework.models.responsibilities import HandoverReason
from casework.personnel import Colleague, PlaceCases, Workload
from pik.days import day_field
from pik.forms import Form
from pik.models import Municipality, Organisation
from pik.templatetags.figures import fte

EMPTY = _("Please choose")


def _label(colleague: Colleague) -> str:
    words = {"name": colleague.manager.name_and_absence, "cases": colleague.cases, "fte": fte(colleague.fte)}
    return gettext("%(name)s (open cases: %(cases)s, FTE: %(fte)s)") % words


def _colleague_field(colleagues: Sequence[Colleague], *, label: str, empty: str) -> forms.TypedChoiceField:
    """A choice of colleagues; the value is the manager, or None."""
    found = {str(colleague.manager.pk): colleague.manager for colleague in colleagues}
    return forms.TypedChoiceField(
        label=label,
        required=False,
        choices=[("", empty), *((str(each.manager.pk), _label(each)) for each in colleagues)],
        coerce=found.__getitem__,
        empty_value=None,
    )


class _Places:
    """The fields of a form in which each municipality can be given to a colleague of its own."""

    def __init__(self, form: forms.Form, workload: Workload, *, empty: str) -> None:
        self.form = form
        self.places: Mapping[str, PlaceCases] = {f"place_{place.ags}": place for place in workload.places}
        for name, place in self.places.items():
            label = gettext("Colleague for %(place)s") % {"place": place.name}
            form.fields[name] = _colleague_field(workload.colleagues, label=label, empty=empty)

    def rows(self) -> list[tuple[PlaceCases, forms.BoundField]]:
        return [(place, self.form[name]) for name, place in self.places.items()]

    def chosen(self) -> dict[str, Manager]:
        """The colleague by AGS, where one was chosen."""
        values = ((place.ags, self.form.cleaned_data.get(name)) for name, place in self.places.items())
        return {ags: manager for ags, manager in values if manager}


class HandoverForm(Form):
    """Which open cases go to whom, and from which day on; picking single ones only with a list of `cases`."""

    way = forms.ChoiceField(label=_("Which cases"), widget=forms.RadioSelect)
    cases = forms.MultipleChoiceField(label=_("Cases"), required=False, widget=forms.CheckboxSelectMultiple)
    starts_on = day_field(_("From"), initial=timezone.localdate, help_text=_("Today or a later day."))
    reason = forms.ChoiceField(label=_("Reason"), choices=HandoverReason.choices)

    def __init__(
        self, *args: object, workload: Workload, cases: QuerySet[Case] | None = None, **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)
        self.listed = list(cases) if cases is not None else []
        ways = [("all", _("all of them, to one colleague")), ("places", _("by municipality"))]
        if cases is not None:
            ways.append(("picked", _("single ones, to one colleague")))
        self.fields["way"].choices = ways
        self.fields["way"].initial = ways[-1][0] if cases is not None else "all"
        self.fields["cases"].choices = [(case.code, case.code) for case in self.listed]
        self.fields["rest"] = _colleague_field(workload.colleagues, label=_("Colleague"), empty=EMPTY)
        today = timezone.localdate()
        last = today + settings.DECIDED_AHEAD
        self.fields["starts_on"].widget.attrs |= {"min": today.isoformat(), "max": last.isoformat()}
        self.places = _Places(self, workload, empty=_("stays"))

    def place_rows(self) -> list[tuple[PlaceCases, forms.BoundField]]:
        return self.places.rows()

    def case_groups(self) -> list[tuple[Municipality, list[tuple[int, Case, bool]]]]:
        """The municipalities of the list with their cases: the place in the list, the case, whether it is ticked."""
        ticked = set(self["cases"].value() or ())
        rows = [(index, case, case.code in ticked) for index, case in enumerate(self.listed)]
        return [(place, list(group)) for place, group in groupby(rows, key=lambda row: row[1].municipality)]

    def clean(self) -> dict[str, object]:
        data = super().clean()
        if data.get("way") in ("all", "picked") and not data.get("rest") and "rest" not in self.errors:
            self.add_error("rest", _("Choose a colleague."))
        if data.get("way") == "picked" and not data.get("cases") and "cases" not in self.errors:
            self.add_error("cases", _("Tick at least one case."))
        if data.get("way") == "places" and not self.places.chosen():
            self.add_error("way", _("Choose a colleague for at least one municipality."))
        return data

    @property
    def decision(self) -> dict[str, object]:
        """What the service is to do."""
        data = self.cleaned_data
        values = {"starts_on": data["starts_on"], "reason": data["reason"]}
        if data["way"] == "places":
            return {**values, "rest": None, "by_municipality": self.places.chosen()}
        picked = {case.pk for case in self.listed if case.code in data["cases"]}
        return {**values, "rest": data["rest"], "picked": picked if data["way"] == "picked" else None}


class LeaveForm(Form):
    """The last day, and who takes the open cases over."""

    last_day = day_field(_("Last day"), help_text=_("Access and bookings end with this day."))

    def __init__(self, *args: object, workload: Workload, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rest"] = _colleague_field(workload.colleagues, label=_("Takes the open cases over"), empty=EMPTY)
        self.fields["rest"].help_text = _("Also those that are still opened until the last day.")
        self.fields["rest"].required = bool(workload.places)
        self.places = _Places(self, workload, empty=_("as above"))

    def place_rows(self) -> list[tuple[PlaceCases, forms.BoundField]]:
        return self.places.rows()

    @property
    def decision(self) -> dict[str, object]:
        """What the service is to do."""
        data = self.cleaned_data
        return {"last_day": data["last_day"], "rest": data["rest"], "by_municipality": self.places.chosen()}


class MoveForm(LeaveForm):
    """A leaving, and the organisation in which the person works from the next day on."""

    organisation = forms.ModelChoiceField(
        label=_("New employer"), queryset=Organisation.objects.none(), empty_label=EMPTY
    )

    def __init__(self, *args: object, organisations: QuerySet[Organisation], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = organisations

    @property
    def decision(self) -> dict[str, object]:
        return {**super().decision, "organisation": self.cleaned_data["organisation"]}
