"""The measures of the pact and what may be recorded for each."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class MeasureQuerySet(models.QuerySet["Measure"]):
    def running_on(self, day: date) -> Self:
        """Measures in which something may happen on `day`."""
        return self.filter(Q(starts_on__lte=day), Q(ends_on__isnull=True) | Q(ends_on__gte=day))


class Measure(models.Model):
    """One of the pact's measures; its recording profile decides what may be stored (data minimisation)."""

    class Profile(models.TextChoices):
        CASES = "cases", _("Cases and contacts")
        COUNTS = "counts", _("Counts only")

    class PlaceLevel(models.TextChoices):
        MUNICIPALITY = "municipality", _("Municipality")
        STATE = "state", _("State only")

    code = models.CharField(_("code"), max_length=10, primary_key=True)
    name_de = models.CharField(max_length=100)
    name_en = models.CharField(max_length=100)
    profile = models.CharField(max_length=10, choices=Profile.choices)
    sensitive = models.BooleanField()
    place_level = models.CharField(max_length=12, choices=PlaceLevel.choices)
    # Whether a case may hold the group of origin and of residence status.
    records_origin = models.BooleanField()
    position = models.PositiveSmallIntegerField(unique=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = MeasureQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(
                name="measure_profile_known",
                condition=Q(profile__in=["cases", "counts"]),
            ),
            models.CheckConstraint(
                # Tying a person to a sensitive measure reveals an Art. 9 GDPR datum.
                name="measure_sensitive_has_no_cases",
                condition=Q(sensitive=False) | Q(profile="counts"),
            ),
            models.CheckConstraint(
                name="measure_state_level_has_no_cases",
                condition=Q(place_level="municipality") | Q(place_level="state", profile="counts"),
            ),
            # Cases refer to these three, so that a measure of counts can never have one.
            models.UniqueConstraint(name="measure_recording", fields=["code", "profile", "records_origin"]),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.name_en if get_language() == "en" else self.name_de

    @property
    def has_cases(self) -> bool:
        return self.profile == self.Profile.CASES
