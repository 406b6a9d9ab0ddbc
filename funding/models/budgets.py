"""Budgets: one row per measure and year; their amounts stand in the ledger."""

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from pik.models import Measure


class Budget(models.Model):
    """The budget of a measure in a year. Its amount is the sum of its `budget` entries, never a column of its own."""

    measure = models.ForeignKey(Measure, verbose_name=_("measure"), on_delete=models.RESTRICT, related_name="budgets")
    year = models.PositiveSmallIntegerField(_("year"))
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        ordering = ["-year", "measure__position"]
        constraints = [
            models.UniqueConstraint(name="budget_one_per_measure_and_year", fields=["measure", "year"]),
            models.CheckConstraint(name="budget_year_of_the_pact", condition=models.Q(year__range=(2017, 2100))),
        ]
        # An award refers to the budget of this measure and year; no other may take its place.
        triggers = [pgtrigger.ReadOnly(name="keep_measure_and_year", fields=["measure", "year"])]

    def __str__(self) -> str:
        return f"{self.measure_id} {self.year}"
