"""Phases of case management: in which one a case stands, since when, and in which ones it stood before."""

from datetime import date, timedelta
from typing import NamedTuple

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casework.models.cases import Case
from pik.choices import known
from pik.models import User


class Phase(models.TextChoices):
    INTAKE = "intake", _("Intake")
    ASSESSMENT = "assessment", _("Assessment")
    PLANNING = "planning", _("Planning of support")
    LINKING = "linking", _("Linking and monitoring")
    EVALUATION = "evaluation", _("Evaluation and end")


# Which phase may follow which (case management as socialnet and the DGCC describe it): one step on, and from the last
# two back to a new round, where something changed in the person's life. The database holds the same table.
NEXT_PHASES: dict[str, tuple[Phase, ...]] = {
    Phase.INTAKE: (Phase.ASSESSMENT,),
    Phase.ASSESSMENT: (Phase.PLANNING,),
    Phase.PLANNING: (Phase.LINKING,),
    Phase.LINKING: (Phase.EVALUATION, Phase.ASSESSMENT, Phase.PLANNING),
    Phase.EVALUATION: (Phase.ASSESSMENT, Phase.PLANNING),
}


class PhaseDays(NamedTuple):
    """A phase of the history with its last day; None while it lasts."""

    row: "CasePhase"
    last_day: date | None


class CasePhaseQuerySet(models.QuerySet["CasePhase"]):
    def history(self, case: Case) -> list[PhaseDays]:
        """The phases of a case, the latest first; each lasts until the day before the next, the last until the end."""
        rows = list(self.filter(case=case).select_related("recorded_by").order_by("-starts_on"))
        ends = [case.closed_on, *(row.starts_on - timedelta(days=1) for row in rows)]
        return [PhaseDays(row, last_day) for row, last_day in zip(rows, ends, strict=False)]


class CasePhase(models.Model):
    """From `starts_on` until the next row of the same case it is in `phase`.

    There is no last day, so that no gap and no overlap can be written down. The database makes the first row with the
    case, moves it with the day of the opening, and refuses steps that `NEXT_PHASES` does not know, days before the
    opening, after the end or yet to come, and leaving the intake without consent.
    """

    case = models.ForeignKey(Case, on_delete=models.RESTRICT, related_name="phases", db_index=False)
    phase = models.CharField(_("phase"), max_length=10, choices=Phase.choices)
    starts_on = models.DateField(_("from"))
    # Nobody for the first one, which comes with the case.
    recorded_by = models.ForeignKey(User, on_delete=models.RESTRICT, null=True, related_name="+", db_index=False)
    recorded_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)

    objects = CasePhaseQuerySet.as_manager()

    class Meta:
        constraints = [
            known(name="phase_known", field="phase", choices=Phase),
            models.UniqueConstraint(name="phase_one_a_day", fields=["case", "starts_on"]),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.phase} {self.starts_on}"

    @property
    def is_revocable(self) -> bool:
        """Whether the step can still be taken back: on the day it was recorded."""
        return self.recorded_by_id is not None and timezone.localdate(self.recorded_at) == timezone.localdate()
