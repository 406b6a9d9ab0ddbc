"""Topics of counselling and the regular services people are referred to: rows that an admin can add to."""

from datetime import date
from typing import Self

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language


class VocabularyQuerySet(models.QuerySet):
    def valid_on(self, day: date) -> Self:
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day))


class Topic(models.Model):
    """What a contact was about. A topic is ended, never deleted: old contacts keep naming it."""

    id = models.SmallAutoField(primary_key=True)
    code = models.SlugField(max_length=30, unique=True)
    name_de = models.CharField(max_length=60)
    name_en = models.CharField(max_length=60)
    position = models.PositiveSmallIntegerField()
    ends_on = models.DateField(null=True, blank=True)

    objects = VocabularyQuerySet.as_manager()

    class Meta:
        ordering = ["position", "code"]
        triggers = [pgtrigger.Protect(name="keep_topics", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.name_en if get_language() == "en" else self.name_de


class ReferralTarget(models.Model):
    """A regular service to which a person is referred (Jobcenter, Sprachkurs …); ended, never deleted."""

    id = models.SmallAutoField(primary_key=True)
    code = models.SlugField(max_length=30, unique=True)
    name_de = models.CharField(max_length=60)
    name_en = models.CharField(max_length=60)
    position = models.PositiveSmallIntegerField()
    ends_on = models.DateField(null=True, blank=True)

    objects = VocabularyQuerySet.as_manager()

    class Meta:
        ordering = ["position", "code"]

    def __str__(self) -> str:
        return self.name_en if get_language() == "en" else self.name_de
