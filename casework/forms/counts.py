"""One entry form for each measure of counts."""

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout, Row
from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casework.models import LanguageCourse, QueerSupport, RomaSupport, ScreeningDay
from casework.models.counts import CountRecord, CourseFormat, CourseLevel
from pik.models import Municipality

# Larger numbers on one day or course are typing errors.
LARGEST_COUNT = 5000


def _count(label: str, help_text: str = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=0,
        max_value=LARGEST_COUNT,
        initial=0,
        help_text=help_text,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )


class CountForm(forms.Form):
    """The day and the place of a count record; each measure adds its own numbers and groups them in `ROWS`."""

    ROWS: tuple[tuple[str, tuple[str, ...]], ...] = ()
    # True for a measure that records the state level only.
    places_are_unknown = False

    date = forms.DateField(
        label=_("Date"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), initial=timezone.localdate
    )
    municipality = forms.ModelChoiceField(
        label=_("Municipality"), queryset=Municipality.objects.none(), empty_label=_("Please choose")
    )

    def __init__(self, *args: object, places: QuerySet[Municipality], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["municipality"].queryset = places
        self.fields["date"].widget.attrs["max"] = timezone.localdate().isoformat()
        if self.places_are_unknown:
            del self.fields["municipality"]
        head = Row(*(name for name in ("date", "municipality") if name in self.fields))
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(head, *(Fieldset(legend, Row(*names)) for legend, names in self.ROWS))


class LanguageCourseForm(CountForm):
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
    units = forms.IntegerField(
        label=_("Teaching units"), min_value=1, max_value=2000, help_text=_("Of 45 minutes each.")
    )
    childcare = forms.BooleanField(label=_("With childcare"), required=False)
    participants_begun = _count(_("Begun"))
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


class RomaSupportForm(CountForm):
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


class QueerSupportForm(CountForm):
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


COUNT_FORMS: dict[type[CountRecord], type[CountForm]] = {
    LanguageCourse: LanguageCourseForm,
    ScreeningDay: ScreeningDayForm,
    RomaSupport: RomaSupportForm,
    QueerSupport: QueerSupportForm,
}
