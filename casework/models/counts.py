"""Records of the measures that know counts only: no person, no case."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casework.models.figures import figure_change_triggers
from casework.models.managers import Manager
from pik.choices import known
from pik.models import Membership, Municipality, Organisation, User


class CountRecordQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> Self:
        """The own records for a manager; those of the organisation for its coordinators; none for others."""
        membership = user.membership
        if membership is None:
            return self.none()
        if membership.role == Membership.Role.MANAGER:
            return self.filter(manager__user=user, organisation=membership.organisation_id)
        if membership.role == Membership.Role.COORDINATOR:
            return self.filter(organisation_id=membership.organisation_id)
        return self.none()

    def for_list(self) -> Self:
        return self.select_related("municipality", "manager__user").order_by("-date", "-pk")


def _triggers(*fields: str) -> list:
    return figure_change_triggers(
        months="date_trunc('month', r.date)::date, date_trunc('month', r.date)::date",
        counted=("manager_id", "organisation_id", "municipality_id", "date", *fields),
    )


class CountRecord(models.Model):
    """What every count record has: who recorded it for which organisation, where and when."""

    MEASURE: ClassVar[str]
    # The fields that are summed up into the monthly figures.
    SUMMED: ClassVar[tuple[str, ...]]
    # All fields that a person enters beside day and place.
    ENTERED: ClassVar[tuple[str, ...]]

    manager = models.ForeignKey(Manager, on_delete=models.RESTRICT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.RESTRICT, related_name="+")
    municipality = models.ForeignKey(
        Municipality, verbose_name=_("municipality"), on_delete=models.RESTRICT, related_name="+"
    )
    date = models.DateField(_("date"))
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = CountRecordQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self._meta.model_name} {self.date:%Y-%m-%d}"


class CourseFormat(models.TextChoices):
    PARENTS = "parents", _("for parents")
    PART_TIME = "part_time", _("beside work")
    TRAINEES = "trainees", _("intensive for trainees")
    ENTRY_QUALIFICATION = "entry_qualification", _("beside an entry qualification (EQ)")


class CourseLevel(models.TextChoices):
    LITERACY = "alpha", _("literacy")
    A1 = "A1", "A1"
    A2 = "A2", "A2"
    B1 = "B1", "B1"
    B2 = "B2", "B2"
    C1 = "C1", "C1"


class LanguageCourse(CountRecord):
    """Sprachförderung: one course, entered when it ends; `units` are Unterrichtseinheiten of 45 minutes."""

    MEASURE = "deutsch"
    SUMMED = ("units", "participants_begun", "participants_finished", "participants_certified")
    ENTERED = ("format", "level", "childcare", *SUMMED)

    format = models.CharField(_("format"), max_length=20, choices=CourseFormat.choices)
    level = models.CharField(_("level"), max_length=5, choices=CourseLevel.choices)
    units = models.PositiveIntegerField(_("teaching units"))
    participants_begun = models.PositiveIntegerField(_("participants begun"))
    participants_finished = models.PositiveIntegerField(_("participants finished"))
    participants_certified = models.PositiveIntegerField(_("participants certified"))
    childcare = models.BooleanField(_("with childcare"), default=False)

    class Meta:
        constraints = [
            known(name="course_format_known", field="format", choices=CourseFormat),
            known(name="course_level_known", field="level", choices=CourseLevel),
            models.CheckConstraint(name="course_has_units", condition=Q(units__range=(1, 2000))),
            models.CheckConstraint(
                name="course_finished_among_begun",
                condition=Q(participants_finished__lte=F("participants_begun")),
                violation_error_message=_("More people finished than began. Correct one of the two numbers."),
            ),
            models.CheckConstraint(
                name="course_certified_among_finished",
                condition=Q(participants_certified__lte=F("participants_finished")),
                violation_error_message=_("More people were certified than finished. Correct one of the two numbers."),
            ),
        ]
        triggers = _triggers("units", "participants_begun", "participants_finished", "participants_certified")


class ScreeningDay(CountRecord):
    """BW schützt!: one screening day at a site, with results green, orange and red."""

    MEASURE = "bws"
    SUMMED = ("green", "orange", "red", "counselling_sessions", "referrals", "coaches")
    ENTERED = SUMMED

    green = models.PositiveIntegerField(_("screenings green"))
    orange = models.PositiveIntegerField(_("screenings orange"))
    red = models.PositiveIntegerField(_("screenings red"))
    counselling_sessions = models.PositiveIntegerField(_("counselling sessions"))
    referrals = models.PositiveIntegerField(_("referrals"))
    coaches = models.PositiveIntegerField(_("coaches active"))

    class Meta:
        triggers = _triggers("green", "orange", "red", "counselling_sessions", "referrals", "coaches")


class RomaSupport(CountRecord):
    """INTURO: trainings and counselling given on one day."""

    MEASURE = "inturo"
    SUMMED = ("trainings", "participants", "counselling_online", "counselling_on_site", "municipalities", "multipliers")
    ENTERED = SUMMED

    trainings = models.PositiveIntegerField(_("trainings"))
    participants = models.PositiveIntegerField(_("participants of the trainings"))
    counselling_online = models.PositiveIntegerField(_("counselling online"))
    counselling_on_site = models.PositiveIntegerField(_("counselling on site"))
    municipalities = models.PositiveIntegerField(_("municipalities reached"))
    multipliers = models.PositiveIntegerField(_("multipliers"))

    class Meta:
        triggers = _triggers(
            "trainings", "participants", "counselling_online", "counselling_on_site", "municipalities", "multipliers"
        )


class QueerSupport(CountRecord):
    """Queere Geflüchtete: what was done on one day, state level only, so that no place can out anybody."""

    MEASURE = "queer"
    SUMMED = ("counselling", "accompaniments", "group_meetings", "trainings", "persons_trained")
    ENTERED = SUMMED

    municipality = models.ForeignKey(
        Municipality,
        verbose_name=_("municipality"),
        on_delete=models.RESTRICT,
        null=True,
        editable=False,
        related_name="+",
    )
    counselling = models.PositiveIntegerField(_("counselling"))
    accompaniments = models.PositiveIntegerField(_("accompaniments"))
    group_meetings = models.PositiveIntegerField(_("group meetings"))
    trainings = models.PositiveIntegerField(_("trainings"))
    persons_trained = models.PositiveIntegerField(_("persons trained"))

    class Meta:
        constraints = [
            models.CheckConstraint(name="queer_support_has_no_place", condition=Q(municipality__isnull=True)),
        ]
        triggers = _triggers("counselling", "accompaniments", "group_meetings", "trainings", "persons_trained")


COUNT_MODELS: dict[str, type[CountRecord]] = {
    model.MEASURE: model for model in (LanguageCourse, ScreeningDay, RomaSupport, QueerSupport)
}
