"""Records of numbers, no person, no case: the measures of counts, and group offers of Integrationsmanagement."""

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_
from typing import ClassVar, Self
from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from casework.models.contacts import first_open_day
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


# The largest number that each field can plausibly have on one day or in one course; more is a typing error.
_COURSE = {"units": 2000, **dict.fromkeys((f"participants_{step}" for step in ("begun", "finished", "certified")), 500)}
_SCREENING = {**dict.fromkeys(("green", "orange", "red", "counselling_sessions", "referrals"), 500), "coaches": 100}
_ROMA = {
    **dict.fromkeys(("trainings", "municipalities", "multipliers"), 100),
    **dict.fromkeys(("participants", "counselling_online", "counselling_on_site"), 500),
}
_QUEER = {
    **dict.fromkeys(("counselling", "accompaniments", "group_meetings", "trainings"), 100),
    "persons_trained": 500,
}
_GROUP = {"participants": 300, "minutes": 600}
# A group is more than one.
SMALLEST_GROUP_OFFER = 2


def _plausible(name: str, largest: Mapping[str, int]) -> models.CheckConstraint:
    """A constraint that no number is larger than it can be."""
    return models.CheckConstraint(name=name, condition=Q(**{f"{field}__lte": most for field, most in largest.items()}))


def _something(name: str, fields: Iterable[str]) -> models.CheckConstraint:
    """A constraint that not all of the numbers are zero."""
    return models.CheckConstraint(name=name, condition=reduce(or_, (Q(**{f"{field}__gt": 0}) for field in fields)))


def _once(name: str) -> models.UniqueConstraint:
    """A constraint that a form which is sent twice is stored once."""
    return models.UniqueConstraint(name=name, fields=["entry_key"])


class CountRecord(models.Model):
    """What every count record has: who recorded it for which organisation, where and when."""

    MEASURE: ClassVar[str]
    # The fields that are summed up into the monthly figures.
    SUMMED: ClassVar[tuple[str, ...]]
    # All fields that a person enters beside day and place.
    ENTERED: ClassVar[tuple[str, ...]]
    # The largest number that a field takes.
    LARGEST: ClassVar[Mapping[str, int]]
    # What the records are called, where the name of the measure says too little.
    TITLE: ClassVar[str | Promise] = ""

    manager = models.ForeignKey(Manager, on_delete=models.RESTRICT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.RESTRICT, related_name="+")
    municipality = models.ForeignKey(
        Municipality, verbose_name=_("municipality"), on_delete=models.RESTRICT, related_name="+"
    )
    date = models.DateField(_("date"))
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    # Made with the form, so that an entry that is sent twice is stored once; the database makes it for bulk loads.
    entry_key = models.UUIDField(default=uuid4, db_default=RandomUUID(), editable=False)
    # Goes up with every correction, so that the second of two tabs is told.
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)

    objects = CountRecordQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self._meta.model_name} {self.date:%Y-%m-%d}"

    @property
    def is_final(self) -> bool:
        """Whether its month is closed: then it can be read only."""
        return self.date < first_open_day()


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
    LARGEST = _COURSE

    format = models.CharField(_("format"), max_length=20, choices=CourseFormat.choices)
    level = models.CharField(_("level"), max_length=5, choices=CourseLevel.choices)
    units = models.PositiveIntegerField(_("teaching units"))
    participants_begun = models.PositiveIntegerField(_("participants begun"))
    participants_finished = models.PositiveIntegerField(_("participants finished"))
    participants_certified = models.PositiveIntegerField(_("participants certified"))
    childcare = models.BooleanField(_("with childcare"), default=False)

    class Meta:
        constraints = [
            _once("course_entry_once"),
            known(name="course_format_known", field="format", choices=CourseFormat),
            known(name="course_level_known", field="level", choices=CourseLevel),
            models.CheckConstraint(name="course_has_units", condition=Q(units__range=(1, _COURSE["units"]))),
            models.CheckConstraint(name="course_has_participants", condition=Q(participants_begun__gte=1)),
            _plausible("course_numbers_plausible", _COURSE),
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
    LARGEST = _SCREENING

    green = models.PositiveIntegerField(_("screenings green"))
    orange = models.PositiveIntegerField(_("screenings orange"))
    red = models.PositiveIntegerField(_("screenings red"))
    counselling_sessions = models.PositiveIntegerField(_("counselling sessions"))
    referrals = models.PositiveIntegerField(_("referrals"))
    coaches = models.PositiveIntegerField(_("coaches active"))

    class Meta:
        constraints = [
            _once("screening_entry_once"),
            _plausible("screening_numbers_plausible", _SCREENING),
            _something("screening_counts_something", _SCREENING),
            # Green needs no treatment (kreis-fds.de: orange is counselled, red is referred).
            models.CheckConstraint(
                name="screening_referrals_among_results", condition=Q(referrals__lte=F("orange") + F("red"))
            ),
        ]
        triggers = _triggers("green", "orange", "red", "counselling_sessions", "referrals", "coaches")


class RomaSupport(CountRecord):
    """INTURO: trainings and counselling given on one day."""

    MEASURE = "inturo"
    SUMMED = ("trainings", "participants", "counselling_online", "counselling_on_site", "municipalities", "multipliers")
    ENTERED = SUMMED
    LARGEST = _ROMA

    trainings = models.PositiveIntegerField(_("trainings"))
    participants = models.PositiveIntegerField(_("participants of the trainings"))
    counselling_online = models.PositiveIntegerField(_("counselling online"))
    counselling_on_site = models.PositiveIntegerField(_("counselling on site"))
    municipalities = models.PositiveIntegerField(_("municipalities reached"))
    multipliers = models.PositiveIntegerField(_("multipliers"))

    class Meta:
        constraints = [
            _once("roma_support_entry_once"),
            _plausible("roma_support_numbers_plausible", _ROMA),
            _something("roma_support_counts_something", _ROMA),
            models.CheckConstraint(
                name="roma_support_participants_of_trainings", condition=Q(participants=0) | Q(trainings__gte=1)
            ),
        ]
        triggers = _triggers(
            "trainings", "participants", "counselling_online", "counselling_on_site", "municipalities", "multipliers"
        )


class QueerSupport(CountRecord):
    """Queere Geflüchtete: what was done on one day, state level only, so that no place can out anybody."""

    MEASURE = "queer"
    SUMMED = ("counselling", "accompaniments", "group_meetings", "trainings", "persons_trained")
    ENTERED = SUMMED
    LARGEST = _QUEER

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
            _once("queer_support_entry_once"),
            _plausible("queer_support_numbers_plausible", _QUEER),
            _something("queer_support_counts_something", _QUEER),
            models.CheckConstraint(
                name="queer_support_persons_of_trainings", condition=Q(persons_trained=0) | Q(trainings__gte=1)
            ),
            models.CheckConstraint(name="queer_support_has_no_place", condition=Q(municipality__isnull=True)),
        ]
        triggers = _triggers("counselling", "accompaniments", "group_meetings", "trainings", "persons_trained")


class GroupKind(models.TextChoices):
    INFORMATION = "information", _("information event")
    WORKSHOP = "workshop", _("workshop or training")
    LANGUAGE_CAFE = "language_cafe", _("language café")
    MEETING = "meeting", _("open meeting")
    FAMILIES = "families", _("group for parents or families")
    OTHER = "other", _("other group offer")


class GroupOffer(CountRecord):
    """Integrationsmanagement: one meeting of a group, in numbers.

    The measure's profile allows cases; it does not ask for one here, and a group offer is tied to none.
    """

    MEASURE = "im"
    SUMMED = ("participants", "minutes")
    ENTERED = ("kind", "topics", *SUMMED)
    LARGEST = _GROUP
    TITLE = _("Group offers")

    kind = models.CharField(_("kind"), max_length=15, choices=GroupKind.choices)
    # Ids of topics, as in a contact.
    topics = ArrayField(models.PositiveSmallIntegerField(), verbose_name=_("topics"))
    participants = models.PositiveIntegerField(_("participants"))
    minutes = models.PositiveIntegerField(_("minutes"))

    class Meta:
        constraints = [
            _once("group_offer_entry_once"),
            known(name="group_offer_kind_known", field="kind", choices=GroupKind),
            models.CheckConstraint(name="group_offer_has_topics", condition=Q(topics__len__gte=1)),
            models.CheckConstraint(
                name="group_offer_is_for_a_group",
                condition=Q(participants__range=(SMALLEST_GROUP_OFFER, _GROUP["participants"])),
            ),
            models.CheckConstraint(name="group_offer_lasts", condition=Q(minutes__range=(1, _GROUP["minutes"]))),
        ]
        triggers = _triggers("participants", "minutes")


COUNT_MODELS: dict[str, type[CountRecord]] = {
    model.MEASURE: model for model in (LanguageCourse, ScreeningDay, RomaSupport, QueerSupport, GroupOffer)
}
