"""Numbers that are not shown, because they would tell what one or two people did."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q

from pik.choices import known
from pik.models import District, Measure, Organisation, User


class Audience(models.TextChoices):
    """From whom a sum is held back: whoever sees the whole Land, or the coordinators of a Kreis, who know their own."""

    STATE = "state"
    DISTRICT = "district"


class Work(models.TextChoices):
    """What a sum counts, and so whose it is: the people who recorded contacts, or who answered for open cases."""

    CONTACTS = "contacts"
    CASES = "cases"


class WithheldFigureQuerySet(models.QuerySet["WithheldFigure"]):
    def for_reader(self, user: User) -> Self:
        """What is held back from a coordinator or overseer; of the own organisation only what is few in itself."""
        membership = user.membership
        if membership.sees_whole_state:
            return self.filter(audience=Audience.STATE)
        own = Q(audience=Audience.STATE, organisation=membership.organisation_id, few=True)
        if membership.leads_district:
            own |= Q(audience=Audience.DISTRICT, district=membership.organisation.district_id)
            own |= Q(audience=Audience.DISTRICT, organisation__district=membership.organisation.district_id)
        return self.filter(own)

    def of_districts(self) -> Self:
        """The sums of whole Kreise and of the Land."""
        return self.filter(organisation__isnull=True)

    def between(self, first: date, last: date) -> Self:
        return self.filter(month__gte=first, month__lte=last)


class WithheldFigure(models.Model):
    """One sum of a month and measure that is not shown to an audience.

    With Kreis and organisation it is the work of an organisation in a Kreis; with one of the two all work of the
    Kreis or of the organisation; with neither that of the whole Land. `few` marks sums that are the work of fewer than
    three people themselves; the others would give such a one away by subtraction. Made anew with the figures.
    """

    audience = models.CharField(max_length=10, choices=Audience.choices)
    work = models.CharField(max_length=10, choices=Work.choices)
    measure = models.ForeignKey(Measure, on_delete=models.RESTRICT, related_name="+", db_index=False)
    month = models.DateField()
    district = models.ForeignKey(District, on_delete=models.RESTRICT, null=True, related_name="+", db_index=False)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.RESTRICT, null=True, related_name="+", db_index=False
    )
    few = models.BooleanField()

    objects = WithheldFigureQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="withheld_once",
                fields=["month", "audience", "work", "measure", "district", "organisation"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(name="withheld_month_is_first_day", condition=Q(month__day=1)),
            known(name="withheld_audience_known", field="audience", choices=Audience),
            known(name="withheld_work_known", field="work", choices=Work),
        ]

    def __str__(self) -> str:
        return f"{self.audience} {self.work} {self.measure_id} {self.month:%Y-%m}"
