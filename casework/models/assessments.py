"""Assessments of self-reliance: ten domains of life, five named levels each, at the start, on the way, at the end."""

from collections.abc import Collection
from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casework.domains import HIGHEST, LOWEST, NOT_APPLICABLE, Domain
from casework.models.cases import Case
from casework.models.due import due_rows
from casework.models.figures import figure_change_triggers
from casework.models.managers import Manager
from pik.choices import known
from pik.concealed import conceal


class Occasion(models.TextChoices):
    START = "start", _("at the start")
    REVIEW = "review", _("on the way")
    END = "end", _("at the end")


def _level(domain: Domain) -> models.PositiveSmallIntegerField:
    """One of the five levels; NOT_APPLICABLE for what does not apply, nothing for what was not asked."""
    validators = [MinValueValidator(NOT_APPLICABLE), MaxValueValidator(HIGHEST)]
    return models.PositiveSmallIntegerField(domain.label, null=True, blank=True, validators=validators)


def _levels_known() -> Q:
    known_ones = Q()
    for domain in Domain:
        lowest = NOT_APPLICABLE if domain.may_not_apply else LOWEST
        known_ones &= Q(**{f"{domain}__isnull": True}) | Q(**{f"{domain}__range": (lowest, HIGHEST)})
    return known_ones


def _answered() -> Q:
    answered = Q()
    for domain in Domain:
        # Nothing compared with a number is neither true nor false, and a constraint takes that for true.
        answered |= Q(**{f"{domain}__isnull": False, f"{domain}__gte": LOWEST})
    return answered


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    def of_case(self, case: Case) -> Self:
        """All of a case, the first on top."""
        return self.filter(case=case).order_by("assessed_on")

    def last_of(self, cases: Collection[int]) -> Self:
        """The last assessment of each of the cases (ids) that has one."""
        later = self.model.objects.filter(case=OuterRef("case"), assessed_on__gt=OuterRef("assessed_on"))
        return self.filter(~Exists(later), case__in=cases)

    def for_due_list(self, kind: str) -> models.QuerySet:
        return due_rows(self, kind, case="case", day="assessed_on")


class Assessment(models.Model):
    """How far a person manages alone, domain by domain, on one day.

    It is corrected on the day of its entry only, which the database holds; later ones are new assessments, so that the
    change between them stays true.
    """

    case = models.ForeignKey(Case, on_delete=models.RESTRICT, related_name="assessments", db_index=False)
    occasion = models.CharField(max_length=6, choices=Occasion.choices, editable=False)
    assessed_on = models.DateField(_("assessed on"))
    language = _level(Domain.LANGUAGE)
    housing = _level(Domain.HOUSING)
    work = _level(Domain.WORK)
    education = _level(Domain.EDUCATION)
    children = _level(Domain.CHILDREN)
    health = _level(Domain.HEALTH)
    strain = _level(Domain.STRAIN)
    residence = _level(Domain.RESIDENCE)
    livelihood = _level(Domain.LIVELIHOOD)
    participation = _level(Domain.PARTICIPATION)
    recorded_by = models.ForeignKey(Manager, on_delete=models.RESTRICT, related_name="+", db_index=False)
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    # Goes up with every change, so that the second of two tabs is told.
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        constraints = [
            known(name="assessment_occasion_known", field="occasion", choices=Occasion),
            models.CheckConstraint(name="assessment_levels_known", condition=_levels_known()),
            models.CheckConstraint(name="assessment_has_an_answer", condition=_answered()),
            models.UniqueConstraint(name="assessment_one_a_day", fields=["case", "assessed_on"]),
        ]
        triggers = figure_change_triggers(
            months=(
                "date_trunc('month', r.assessed_on)::date, "
                "date_trunc('month', greatest(current_date, r.assessed_on))::date"
            ),
            counted=("case_id", "assessed_on", *Domain.values),
            manager="p.manager_id",
            join="JOIN casework_responsibility p ON p.case_id = r.case_id",
        )

    def __str__(self) -> str:
        return f"{self.case_id} {self.assessed_on}"

    @property
    def key(self) -> str:
        """How a page names it."""
        return conceal("assessment", self.pk)

    @property
    def is_correctable(self) -> bool:
        return timezone.localdate(self.recorded_at) == timezone.localdate()

    @property
    def levels(self) -> dict[Domain, int]:
        """The answers, without what was not asked or does not apply."""
        return {domain: level for domain in Domain if (level := getattr(self, domain))}
