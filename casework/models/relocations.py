"""Moves of a case to another municipality: where it was before, so that the past counts where it happened."""

import pgtrigger
from django.db import models

from casework.models.cases import Case
from casework.models.figures import figure_change_triggers
from pik.models import Municipality


class Relocation(models.Model):
    """From `starts_on` on the case belongs to another place; until the day before it belonged to `left`.

    Where it belongs now stands in the case itself. Figures count what happened before in the place of that time.
    """

    case = models.ForeignKey(Case, on_delete=models.RESTRICT, related_name="relocations", db_index=False)
    left = models.ForeignKey(Municipality, on_delete=models.RESTRICT, related_name="+", db_index=False)
    starts_on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(name="relocation_once_a_day", fields=["case", "starts_on"])]
        triggers = [
            *figure_change_triggers(
                months=(
                    "date_trunc('month', k.opened_on)::date, "
                    "date_trunc('month', coalesce(k.closed_on, greatest(current_date, k.opened_on)))::date"
                ),
                counted=("case_id", "left_id", "starts_on"),
                manager="p.manager_id",
                join="JOIN casework_case k ON k.id = r.case_id JOIN casework_responsibility p ON p.case_id = r.case_id",
            ),
            pgtrigger.Protect(name="keep_relocations", operation=pgtrigger.Update),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.left_id} {self.starts_on}"
