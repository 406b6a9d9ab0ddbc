"""The words of a case: bands and groups instead of values, and why it ends or lasts longer."""

from django.db import models
from django.utils.translation import gettext_lazy as _

# What a case says of the person or family, by the names of its columns.
BANDS = ("age_band", "household_band", "origin_group", "residence_group", "arrival_year")


class AgeBand(models.TextChoices):
    UNDER_18 = "0-17", _("under 18")
    TO_24 = "18-24", _("18 to 24")
    TO_34 = "25-34", _("25 to 34")
    TO_49 = "35-49", _("35 to 49")
    TO_64 = "50-64", _("50 to 64")
    FROM_65 = "65+", _("65 and older")


class HouseholdBand(models.TextChoices):
    ONE = "1", _("1 person")
    TWO = "2", _("2 persons")
    TO_FOUR = "3-4", _("3 to 4 persons")
    FROM_FIVE = "5+", _("5 or more persons")


class OriginGroup(models.TextChoices):
    UKRAINE = "ukraine", _("Ukraine")
    NEAR_EAST = "near_east", _("Near and Middle East")
    AFRICA = "africa", _("Africa")
    BALKANS_TURKEY = "balkans_turkey", _("Western Balkans and Türkiye")
    ASIA = "asia", _("other Asia")
    OTHER = "other", _("other or unknown")


class ResidenceGroup(models.TextChoices):
    TEMPORARY_PROTECTION = "temporary_protection", _("temporary protection (§ 24 AufenthG)")
    RECOGNISED = "recognised", _("recognised or subsidiary protection")
    PROCEDURE = "procedure", _("asylum procedure under way")
    TOLERATED = "tolerated", _("tolerated (Duldung)")
    OTHER = "other", _("other or unknown")


class ClosingReason(models.TextChoices):
    SELF_RELIANT = "self_reliant", _("finds their own way in the regular services")
    TIME_LIMIT = "time_limit", _("end of the funding period")
    MOVED = "moved", _("moved away")
    WITHDRAWN = "withdrawn", _("consent withdrawn or contact ended")
    TRAINING = "training", _("transition into vocational training")
    WORK = "work", _("transition into work")
    SCHOOL = "school", _("transition into further schooling")
    OTHER = "other", _("other reason")


class ExtensionReason(models.TextChoices):
    HEALTH = "health", _("illness or disability")
    CARE = "care", _("care for children or relatives")
    FAMILY = "family", _("family members who joined later")
    RESIDENCE = "residence", _("late decision on residence")
    TRAINING = "training", _("language course or training that ends later")
    HARDSHIP = "hardship", _("particular hardship")
