"""Monthly summaries: what an organisation did in a closed month, in versions that are never altered."""

from datetime import date
from typing import Self

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import ExtractYear
from django.utils.translation import gettext_lazy as _

from pik.models import Measure, Membership, Organisation, User


def _of_kreis(ags: str) -> Q:
    """Not of measures that know the state level only: the seat of a body would be a place."""
    return Q(organisation__district_id=ags, measure__place_level=Measure.PlaceLevel.MUNICIPALITY)


class MonthlySummaryQuerySet(models.QuerySet["MonthlySummary"]):
    def visible_to(self, user: User) -> Self:
        """All for ministry and auditors, those of organisation and Kreis for coordinators, none for managers."""
        membership = user.membership
        if membership is None:
            return self.none()
        if membership.sees_whole_state:
            return self
        if membership.role != Membership.Role.COORDINATOR:
            return self.none()
        own = Q(organisation_id=membership.organisation_id)
        if membership.leads_district:
            own |= _of_kreis(membership.organisation.district_id)
        return self.filter(own)

    def in_force(self) -> Self:
        return self.filter(superseded=False)

    def first_year(self) -> Self:
        """The year of the oldest summary, as a row of its own; no row before there is one."""
        return self.in_force().order_by("month").values_list(ExtractYear("month"))[:1]

    def latest_versions(self, month: date) -> Self:
        """The version in force of every organisation and measure for `month`, in German order."""
        return (
            self.in_force()
            .filter(month=month)
            .select_related("organisation", "measure")
            .order_by("organisation__sort_name", "measure__position")
        )

    def of_district(self, ags: str) -> Self:
        """Those that the Kreis itself sees; of all of them for an empty key."""
        return self.filter(_of_kreis(ags)) if ags else self

    def of_measure(self, code: str) -> Self:
        return self.filter(measure_id=code) if code else self


class MonthlySummary(models.Model):
    """The figures of an organisation × measure × closed month; a late entry makes a new version.

    `heads` and `fte` are the managers assigned and their VZÄ on the last day of the month; the other columns are
    sums of the monthly figures. `inputs_hash` is the MD5 of the figures that went in, `rule_version` the version of
    the rules that made it.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.RESTRICT, related_name="+")
    measure = models.ForeignKey(Measure, on_delete=models.RESTRICT, related_name="+", db_index=False)
    month = models.DateField(_("month"))
    version = models.PositiveSmallIntegerField(_("version"))
    superseded = models.BooleanField(default=False)
    rule_version = models.PositiveSmallIntegerField()
    inputs_hash = models.CharField(max_length=32)
    heads = models.PositiveIntegerField()
    fte = models.DecimalField(max_digits=8, decimal_places=2)
    cases_open = models.PositiveIntegerField()
    cases_opened = models.PositiveIntegerField()
    cases_closed = models.PositiveIntegerField()
    plans_new = models.PositiveIntegerField(default=0)
    plans_continued = models.PositiveIntegerField(default=0)
    plans_active = models.PositiveIntegerField(default=0)
    contacts = models.PositiveIntegerField()
    minutes = models.PositiveIntegerField()
    counts = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MonthlySummaryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="summary_version_once", fields=["organisation", "measure", "month", "version"]
            ),
            models.UniqueConstraint(
                name="summary_one_in_force", fields=["organisation", "measure", "month"], condition=Q(superseded=False)
            ),
            models.CheckConstraint(name="summary_month_is_first_day", condition=Q(month__day=1)),
        ]
        indexes = [models.Index(name="summary_month", fields=["month"], condition=Q(superseded=False))]
        triggers = [
            pgtrigger.Protect(name="keep_summaries", operation=pgtrigger.Delete),
            # Only the mark that a newer version is in force may change.
            pgtrigger.Protect(
                name="freeze_summaries",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(exclude=["superseded"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.measure_id} {self.month:%Y-%m} v{self.version}"
