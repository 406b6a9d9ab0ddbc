"""Monthly figures: the only table that dashboards, exports and summaries read."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Self

import pgtrigger
from django.db import models
from django.db.models import Min, Q

from pik.models import District, Measure, Membership, Municipality, Organisation, User

if TYPE_CHECKING:
    from casework.models.managers import Manager


def figure_change_triggers(
    *, months: str, counted: Sequence[str], manager: str = "r.manager_id", join: str = ""
) -> list[pgtrigger.Trigger]:
    """Triggers that note, for every written row, whose figures of which months have to be made anew.

    `months` is SQL over the row `r` (and what `join` adds to it) giving first and last month; `manager` is whose
    figures; `counted` names the columns that figures depend on, so that an update of anything else notes nothing.
    Bulk loads and raw SQL are covered.
    """
    note = f"INSERT INTO casework_figurechange (manager_id, first_month, last_month) SELECT DISTINCT {manager}, "
    old, new = (", ".join(f"{side}.{name}" for name in counted) for side in ("o", "n"))
    differs = f"ROW({old}) IS DISTINCT FROM ROW({new})"
    rows = {
        "insert": "new_rows r",
        "delete": "old_rows r",
        "update": (
            f"(SELECT o.* FROM old_rows o JOIN new_rows n USING (id) WHERE {differs} "
            f"UNION ALL SELECT n.* FROM old_rows o JOIN new_rows n USING (id) WHERE {differs}) r"
        ),
    }
    operations = {"insert": pgtrigger.Insert, "update": pgtrigger.Update, "delete": pgtrigger.Delete}
    return [
        pgtrigger.Trigger(
            name=f"figures_after_{name}",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=operations[name],
            referencing=pgtrigger.Referencing(
                old="old_rows" if name != "insert" else None, new="new_rows" if name != "delete" else None
            ),
            func=f"{note}{months} FROM {' '.join(filter(None, (source, join)))}; RETURN NULL;",
        )
        for name, source in rows.items()
    ]


class FigureChange(models.Model):
    """A note that the figures of one manager are out of date from the first to the last month; taken by the refresh."""

    manager = models.ForeignKey("casework.Manager", on_delete=models.CASCADE, related_name="+", db_index=False)
    first_month = models.DateField()
    last_month = models.DateField()

    def __str__(self) -> str:
        return f"{self.manager_id} {self.first_month:%Y-%m}–{self.last_month:%Y-%m}"


class MonthlyFigureQuerySet(models.QuerySet["MonthlyFigure"]):
    def visible_to(self, user: User) -> Self:
        """The own figures for a manager, those of organisation or Kreis for coordinators, all for the overseers."""
        membership = user.membership
        if membership is None:
            return self.none()
        if membership.sees_whole_state:
            return self
        if membership.role == Membership.Role.MANAGER:
            return self.filter(manager__user=user)
        if membership.role != Membership.Role.COORDINATOR:
            return self.none()
        own = Q(organisation_id=membership.organisation_id)
        if membership.leads_district:
            own |= Q(district_id=membership.organisation.district_id)
        return self.filter(own)

    def between(self, first: date, last: date) -> Self:
        """Figures of the months from `first` to `last`, both included."""
        return self.filter(month__gte=first, month__lte=last)

    def of_district(self, ags: str | None) -> Self:
        """Figures of one Kreis; of all of them for None."""
        return self.filter(district=ags) if ags else self

    def seated_elsewhere(self, ags: str) -> Self:
        """Figures of organisations that are seated in another Kreis or in none."""
        return self.exclude(organisation__district=ags)

    def of_manager(self, manager: "Manager") -> Self:
        return self.filter(manager=manager)

    def first_month_with_contacts(self) -> date | None:
        return self.filter(contacts__gt=0).aggregate(first=Min("month"))["first"]

    def of_measure(self, code: str) -> Self:
        """Figures of one measure; of all of them for an empty code."""
        return self.filter(measure_id=code) if code else self


class MonthlyFigure(models.Model):
    """What one manager did in one municipality for one measure in one month, and the cases open at its end.

    `cases_open` and `plans_active` count cases and plans that are open at the end of the month (today, for the running
    one) and answered for by the manager then; the other columns count what happened in it. Plans continued in a period
    are those active at its end and ended in it, less those new in it (`Plan`). `minutes` are minutes of contact.
    `counts` holds the sums of the fields of the measure's own record, by field name, with `records` for their number;
    for Integrationsmanagement these are its group offers. `referrals_arrived` are those of the `referrals_made` in the
    month that have arrived by now, so that the share of a month can still rise. `reviews_overdue` counts active plans
    whose review should have been by then; of the goals that ended in the month some were reached. The change in
    self-reliance is that between the first and the last assessment of a case open at the end of the month or closed in
    it: `reliance_cases` have a domain answered in both, `reliance_domains` is the number of such domains and
    `reliance_change` the sum of their changes in levels.
    """

    manager = models.ForeignKey("casework.Manager", on_delete=models.RESTRICT, related_name="figures")
    organisation = models.ForeignKey(Organisation, on_delete=models.RESTRICT, related_name="+")
    # Both empty for measures that know the state level only.
    municipality = models.ForeignKey(
        Municipality, on_delete=models.RESTRICT, null=True, related_name="+", db_index=False
    )
    district = models.ForeignKey(District, on_delete=models.RESTRICT, null=True, related_name="+", db_index=False)
    measure = models.ForeignKey(Measure, on_delete=models.RESTRICT, related_name="+", db_index=False)
    month = models.DateField()
    cases_open = models.PositiveIntegerField(default=0)
    cases_opened = models.PositiveIntegerField(default=0)
    cases_closed = models.PositiveIntegerField(default=0)
    plans_new = models.PositiveIntegerField(default=0)
    plans_ended = models.PositiveIntegerField(default=0)
    plans_active = models.PositiveIntegerField(default=0)
    contacts = models.PositiveIntegerField(default=0)
    minutes = models.PositiveIntegerField(default=0)
    referrals_made = models.PositiveIntegerField(default=0)
    referrals_arrived = models.PositiveIntegerField(default=0)
    reviews_overdue = models.PositiveIntegerField(default=0)
    goals_ended = models.PositiveIntegerField(default=0)
    goals_reached = models.PositiveIntegerField(default=0)
    reliance_cases = models.PositiveIntegerField(default=0)
    reliance_domains = models.PositiveIntegerField(default=0)
    reliance_change = models.IntegerField(default=0)
    counts = models.JSONField(default=dict, blank=True)
    refreshed_at = models.DateTimeField(auto_now=True)

    objects = MonthlyFigureQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="figure_once",
                fields=["manager", "organisation", "municipality", "measure", "month"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(name="figure_month_is_first_day", condition=Q(month__day=1)),
        ]
        indexes = [models.Index(name="figure_district_month", fields=["district", "month"])]

    def __str__(self) -> str:
        return f"{self.manager_id} {self.measure_id} {self.month:%Y-%m}"
