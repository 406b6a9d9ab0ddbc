"""One entry form for each kind of count record."""

from collections.abc import Mapping

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Fieldset, Layout, Row
from django import forms
from django.core.validators import MaxValueValidator
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casework.days import check_day, closed_month, require_open_month
from casework.models import GroupOffer, LanguageCourse, QueerSupport, RomaSupport, ScreeningDay, Topic
from casework.models.contacts import first_open_day
from casework.models.counts import SMALLEST_GROUP_OFFER, CountRecord, CourseFormat, CourseLevel, GroupKind
from pik.conflicts import version_field
from pik.entered_once import entry_key_field
from pik.forms import Form, read_once
from pik.models import Municipality

PEOPLE = _("people")


def _count(label: str, help_text: str = "", *, smallest: int = 0) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=smallest,
        # What cannot be 0 is entered by who knows it: a number that is there already would be saved unread.
        initial=None if smallest else 0,
        help_text=help_text,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )


class CountForm(Form):
    """The day and the place of a count record; each measure adds its own numbers and groups them in `ROWS`."""

    MODEL: type[CountRecord]
    ROWS: tuple[tuple[str, tuple[str, ...]], ...] = ()
    # What is counted, where the label does not say it.
    UNITS: Mapping[str, str] = {}
    # True for a measure that records the state level only.
    places_are_unknown = False

    date = forms.DateField(
        label=_("Date"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), initial=timezone.localdate
    )
    municipality = forms.ModelChoiceField(
        label=_("Municipality"), queryset=Municipality.objects.none(), empty_label=_("Please choose")
    )
    entry_key = entry_key_field()
    version = version_field()

    def __init__(
        self, *args: object, places: QuerySet[Municipality], record: CountRecord | None = None, **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)
        # The day under which a correction finds its record.
        self.stored_on = record and record.date
        del self.fields["entry_key" if record else "version"]
        self.fields["municipality"].queryset = places
        open_days = {"min": first_open_day().isoformat(), "max": timezone.localdate().isoformat()}
        self.fields["date"].widget.attrs |= open_days
        if self.places_are_unknown:
            del self.fields["municipality"]
        for name, largest in self.MODEL.LARGEST.items():
            _limit(self.fields[name], largest)
        hidden = [name for name in ("entry_key", "version") if name in self.fields]
        head = Row(*(name for name in ("date", "municipality") if name in self.fields))
        self.helper = FormHelper()
        self.helper.form_tag = False
        rows = ((legend, (self._with_unit(name) for name in names)) for legend, names in self.ROWS)
        self.helper.layout = Layout(*hidden, head, *(Fieldset(legend, Row(*fields)) for legend, fields in rows))

    def _with_unit(self, name: str) -> str | Field:
        return Field(name, data_suffix=self.UNITS[name]) if name in self.UNITS else name

    def clean(self) -> dict[str, object]:
        """An entry of zeros says nothing."""
        data = super().clean()
        if self.stored_on and closed_month(self.stored_on):
            self.ask(require_open_month, self.stored_on)
        elif data.get("date"):
            self.ask(check_day, data["date"])
        numbers = [data.get(name) for name in self.MODEL.SUMMED]
        if not any(numbers) and None not in numbers:
            self.add_error(self.MODEL.SUMMED[0], _("All numbers are 0. Enter at least one, or cancel."))
        return data

    def _refuse_people_without_training(self, data: dict[str, object], people: str, message: str) -> None:
        if data.get(people) and data.get("trainings") == 0:
            self.add_error("trainings", message)


def _limit(field: forms.IntegerField, largest: int) -> None:
    """Lets a field take no more than `largest`, and says so in one sentence whatever is wrong."""
    field.validators.append(MaxValueValidator(largest))
    field.widget.attrs["max"] = largest
    sentence = gettext("Enter a whole number from %(smallest)s to %(largest)s.")
    sentence %= {"smallest": field.min_value, "largest": largest}
    field.error_messages |= dict.fromkeys(("required", "invalid", "min_value", "max_value"), sentence)


class LanguageCourseForm(CountForm):
    MODEL = LanguageCourse
    UNITS = {
        "units": _("units"),
        "participants_begun": PEOPLE,
        "participants_finished": PEOPLE,
        "participants_certified": PEOPLE,
    }
    ROWS = (
        (_("Course"), ("format", "level", "units", "childcare")),
        (_("Participants"), ("participants_begun", "participants_finished", "participants_certified")),
    )

    date = forms.DateField(
        label=_("End of the course"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        initial=timezone.localdate,
    )
    format = forms.ChoiceField(label=_("Format"), choices=CourseFormat)
    level = forms.ChoiceField(label=_("Level"), choices=CourseLevel)
    units = _count(_("Teaching units"), _("Of 45 minutes each."), smallest=1)
    childcare = forms.BooleanField(label=_("With childcare"), required=False)
    participants_begun = _count(_("Begun"), smallest=1)
    participants_finished = _count(_("Finished"))
    participants_certified = _count(_("Certified"))

    def clean(self) -> dict[str, object]:
        data = super().clean()
        begun, finished, certified = (data.get(f"participants_{step}") for step in ("begun", "finished", "certified"))
        if begun is not None and finished is not None and finished > begun:
            self.add_error(
                "participants_finished", _("More people finished than began. Correct one of the two numbers.")
            )
        if finished is not None and certified is not None and certified > finished:
            self.add_error(
                "participants_certified", _("More people were certified than finished. Correct one of the two numbers.")
            )
        return data


class ScreeningDayForm(CountForm):
    MODEL = ScreeningDay
    UNITS = dict.fromkeys(("green", "orange", "red", "referrals", "coaches"), PEOPLE)
    ROWS = (
        (_("Screenings by result"), ("green", "orange", "red")),
        (_("What followed"), ("counselling_sessions", "referrals", "coaches")),
    )

    municipality = forms.ModelChoiceField(
        label=_("Site"), queryset=Municipality.objects.none(), empty_label=_("Please choose")
    )
    green = _count(_("Green"), _("no sign of strain"))
    orange = _count(_("Orange"), _("low-threshold counselling"))
    red = _count(_("Red"), _("referral to treatment"))
    counselling_sessions = _count(_("Counselling sessions"))
    referrals = _count(_("Referrals"))
    coaches = _count(_("Coaches active"))

    def clean(self) -> dict[str, object]:
        data = super().clean()
        orange, red, referrals = (data.get(name) for name in ("orange", "red", "referrals"))
        if None not in (orange, red, referrals) and referrals > orange + red:
            self.add_error(
                "referrals",
                _("More people were referred than had the result orange or red. Correct one of the numbers."),
            )
        return data


class RomaSupportForm(CountForm):
    MODEL = RomaSupport
    UNITS = {"participants": PEOPLE, "multipliers": PEOPLE}
    ROWS = (
        (_("Trainings"), ("trainings", "participants", "multipliers")),
        (_("Counselling"), ("counselling_online", "counselling_on_site", "municipalities")),
    )

    trainings = _count(_("Trainings"))
    participants = _count(_("Participants of the trainings"))
    multipliers = _count(_("Multipliers"))
    counselling_online = _count(_("Counselling online"))
    counselling_on_site = _count(_("Counselling on site"))
    municipalities = _count(_("Municipalities reached"))

    def clean(self) -> dict[str, object]:
        data = super().clean()
        message = _("There are participants, but no training. Enter the number of trainings.")
        self._refuse_people_without_training(data, "participants", message)
        return data


class QueerSupportForm(CountForm):
    MODEL = QueerSupport
    UNITS = {"persons_trained": PEOPLE}
    ROWS = (
        (_("Support"), ("counselling", "accompaniments", "group_meetings")),
        (_("Trainings"), ("trainings", "persons_trained")),
    )
    places_are_unknown = True

    counselling = _count(_("Counselling sessions"))
    accompaniments = _count(_("Accompaniments"))
    group_meetings = _count(_("Group meetings"))
    trainings = _count(_("Trainings"))
    persons_trained = _count(_("Persons trained"))

    def clean(self) -> dict[str, object]:
        data = super().clean()
        message = _("There are persons trained, but no training. Enter the number of trainings.")
        self._refuse_people_without_training(data, "persons_trained", message)
        return data


class GroupOfferForm(CountForm):
    MODEL = GroupOffer
    ROWS = ((_("Group offer"), ("kind", "participants", "minutes")),)
    UNITS = {"participants": PEOPLE, "minutes": _("minutes")}

    kind = forms.ChoiceField(label=_("Kind"), choices=GroupKind)
    participants = _count(_("Participants"), smallest=SMALLEST_GROUP_OFFER)
    minutes = _count(_("Duration"), smallest=1)
    topics = forms.ModelMultipleChoiceField(
        label=_("Topics"),
        queryset=Topic.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one topic.")},
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["topics"].queryset = Topic.objects.valid_on(timezone.localdate())
        read_once(self.fields["topics"])
        self.helper.layout.append("topics")

    def clean_topics(self) -> list[int]:
        return sorted(topic.pk for topic in self.cleaned_data["topics"])


COUNT_FORMS: dict[type[CountRecord], type[CountForm]] = {
    LanguageCourse: LanguageCourseForm,
    ScreeningDay: ScreeningDayForm,
    RomaSupport: RomaSupportForm,
    QueerSupport: QueerSupportForm,
    GroupOffer: GroupOfferForm,
}
