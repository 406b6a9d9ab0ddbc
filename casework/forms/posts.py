"""Forms of posts and of who fills them when."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout, Row
from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casework.models import Assignment, Manager, Post, Qualification
from casework.models.posts import LARGEST_FTE, SMALLEST_FTE
from casework.vacancies import DAY, Vacancy
from pik.days import day_field
from pik.entered_once import entry_key_field
from pik.forms import Form
from pik.models import Measure, Municipality, Organisation
from pik.templatetags.figures import fte as written_fte

BACKWARD = _("The last day lies before the first. Change one of the two dates.")


def share_field(label: str = _("Share of a full-time post")) -> forms.DecimalField:
    """Full-time equivalents between a quarter and one."""
    return forms.DecimalField(
        label=label,
        min_value=SMALLEST_FTE,
        max_value=LARGEST_FTE,
        decimal_places=2,
        localize=True,
        initial=Decimal("1.00"),
        help_text=_("Between 0.25 and 1.00."),
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value", "max_decimal_places"),
            _("Enter a number between 0.25 and 1.00."),
        ),
    )


def qualification_field(label: str, *, empty: str, help_text: str = "") -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=[("", empty), *Qualification.choices], required=False, help_text=help_text
    )


def share_row(*others: str) -> Row:
    """The share with its unit, and fields beside it."""
    return Row(Field("fte", data_suffix=_("FTE"), wrapper_class="pik-narrow"), *others)


def refuse_impossible_period(form: forms.Form, data: Mapping[str, object]) -> None:
    """Marks a first day before the pact, and a last day before the first."""
    first, last = data.get("starts_on"), data.get("ends_on")
    if first and first < settings.PACT_START:
        message = _("The pact began on %(day)s. Enter this day or a later one.")
        form.add_error("starts_on", message % {"day": date_format(settings.PACT_START, "SHORT_DATE_FORMAT")})
    if first and last and last < first:
        form.add_error("ends_on", BACKWARD)


class PostForm(Form):
    """A post, whoever fills it; employer, measure and first day of one that is there already are not asked for."""

    organisation = forms.ModelChoiceField(
        label=_("Employer"), queryset=Organisation.objects.none(), empty_label=_("Please choose")
    )
    measure = forms.ModelChoiceField(label=_("Measure"), queryset=Measure.objects.none(), empty_label=None)
    fte = share_field(_("Size of the post"))
    entry_key = entry_key_field()
    starts_on = day_field(_("From"), initial=timezone.localdate)
    ends_on = day_field(_("Until"), required=False, help_text=_("The last day; empty when the post has no end."))
    reference = forms.CharField(
        label=_("Number in your staffing plan"),
        max_length=30,
        required=False,
        help_text=_("Your own sign for the post, for instance IM-07; never the name of a person."),
    )
    required_qualification = qualification_field(_("Required qualification"), empty=_("none demanded"))
    municipalities = forms.ModelMultipleChoiceField(
        label=_("Municipalities served"),
        queryset=Municipality.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None for a measure that is recorded for the state only."),
    )

    def __init__(
        self,
        *args: object,
        places: QuerySet[Municipality],
        organisations: QuerySet[Organisation] | None = None,
        measures: QuerySet[Measure] | None = None,
        own: Organisation | None = None,
        post: Post | None = None,
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["municipalities"].queryset = places
        if post:
            for name in ("organisation", "measure", "starts_on", "entry_key"):
                del self.fields[name]
            chosen = post.measure
        else:
            self.fields["organisation"].queryset = organisations
            self.fields["organisation"].initial = own
            self.fields["measure"].queryset = measures
            chosen = next((measure for measure in measures if measure.pk == self.data.get("measure")), None)
        # Only a measure that is recorded for the whole Land needs none.
        self.fields["municipalities"].required = chosen is None or chosen.place_level != Measure.PlaceLevel.STATE
        known = [name for name in ("organisation", "measure") if name in self.fields]
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(
            *(["entry_key"] if "entry_key" in self.fields else []),
            *([Row(*known)] if known else []),
            share_row(*(name for name in ("starts_on", "ends_on") if name in self.fields)),
            Row("reference", "required_qualification"),
            "municipalities",
        )

    def clean(self) -> dict[str, object]:
        data = super().clean()
        if "starts_on" in self.fields:
            refuse_impossible_period(self, data)
        return data


class BookForm(Form):
    """Somebody who is registered, on a post or a part of it."""

    manager = forms.ModelChoiceField(label=_("Person"), queryset=Manager.objects.none(), empty_label=_("Please choose"))
    fte = share_field()
    starts_on = day_field(_("From"))
    ends_on = day_field(_("Until"), required=False, help_text=_("The last day; empty when the booking has no end."))

    def __init__(
        self,
        *args: object,
        managers: QuerySet[Manager],
        shares: Mapping[int, Decimal],
        proposed: Vacancy | None,
        **kwargs: object,
    ) -> None:
        """`shares` are the VZÄ on which people are booked already, by the key of the manager."""
        super().__init__(*args, initial=proposal(proposed), **kwargs)
        self.fields["manager"].queryset = managers
        self.fields["manager"].label_from_instance = lambda manager: _person(manager, shares.get(manager.pk))
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout("manager", share_row("starts_on", "ends_on"))

    def clean(self) -> dict[str, object]:
        data = super().clean()
        refuse_impossible_period(self, data)
        return data


def _person(manager: Manager, share: Decimal | None) -> str:
    """Two people may have the same name; and who is booked already has less left."""
    words = f"{manager.user.name}, {manager.user.email}"
    if not share:
        return words
    booked = gettext("%(fte)s FTE booked") % {"fte": written_fte(share)}
    return f"{words}, {booked}"


def proposal(vacancy: Vacancy | None) -> dict[str, object]:
    """What a form for a booking begins with: all that is free next."""
    if vacancy is None:
        return {"starts_on": timezone.localdate()}
    return {"fte": vacancy.fte, "starts_on": vacancy.starts_on, "ends_on": vacancy.ends_on}


class ChangeShareForm(Form):
    """Another share of a post from a day on."""

    fte = share_field(_("New share of a full-time post"))
    starts_on = day_field(_("From"), help_text=_("The old share holds until the day before."))
    with_post = forms.BooleanField(
        label=_("The post changes its size with it"),
        required=False,
        help_text=_("Otherwise the post keeps its size, and what is left of it is vacant."),
    )

    def __init__(self, *args: object, assignment: Assignment, **kwargs: object) -> None:
        first = max(timezone.localdate(), assignment.starts_on)
        super().__init__(*args, initial={"fte": assignment.fte, "starts_on": first}, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(share_row("starts_on"), "with_post")


class EndAssignmentForm(Form):
    """The last day of a booking."""

    ends_on = day_field(_("Last day"))

    def __init__(self, *args: object, assignment: Assignment, **kwargs: object) -> None:
        super().__init__(*args, initial={"ends_on": assignment.ends_on}, **kwargs)
        self.takes_back: date = assignment.starts_on - DAY
        day = date_format(self.takes_back, "SHORT_DATE_FORMAT")
        self.fields["ends_on"].help_text = _("A later day prolongs the booking; %(day)s takes it back altogether.") % {
            "day": day
        }
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout("ends_on")

    def clean_ends_on(self) -> date:
        """A slip of the year must not take a booking back."""
        day = self.cleaned_data["ends_on"]
        if day < self.takes_back:
            first = date_format(self.takes_back + DAY, "SHORT_DATE_FORMAT")
            raise forms.ValidationError(
                _("The booking begins on %(first)s. Enter this day or a later one, or the day before to take it back.")
                % {"first": first}
            )
        return day

    @property
    def takes_booking_back(self) -> bool:
        return self.cleaned_data["ends_on"] == self.takes_back
