"""Where work happens: 44 Kreise and 1,101 Gemeinden, keyed by their AGS as text."""

from typing import TYPE_CHECKING, Self

from django.apps import apps
from django.db import models
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from pik.ordering import sort_key_field

if TYPE_CHECKING:
    from pik.models.organisations import Organisation
    from pik.models.people import User


class DistrictQuerySet(models.QuerySet["District"]):
    def visible_to(self, user: "User") -> Self:
        """All Kreise for ministry and auditors, the own one for the coordinator of a Kreis, none for others."""
        membership = user.membership
        if membership is None:
            return self.none()
        if membership.sees_whole_state:
            return self
        return self.filter(pk=membership.organisation.district_id) if membership.leads_district else self.none()

    def with_administration(self) -> Self:
        """Adds `administration_id`, the organisation that runs the Kreis, or None."""
        administrations = apps.get_model("pik", "Organisation").objects.filter(kind="district", district=OuterRef("pk"))
        return self.annotate(administration_id=Subquery(administrations.values("pk")[:1]))


class District(models.Model):
    """A Kreis (Landkreis or Stadtkreis); the AGS has five digits, the first of them a zero."""

    class Kind(models.TextChoices):
        RURAL = "Landkreis", _("Rural district")
        URBAN = "Stadtkreis", _("Urban district")

    ags = models.CharField(_("AGS"), max_length=5, primary_key=True)
    name = models.CharField(_("name"), max_length=60)
    name_full = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    government_region = models.CharField(max_length=20)
    population = models.PositiveIntegerField()
    sort_name = sort_key_field("name_full")
    sort_short = sort_key_field("name")

    objects = DistrictQuerySet.as_manager()

    class Meta:
        # Heilbronn and Karlsruhe are each an urban and a rural district: the AGS decides between them.
        ordering = ["sort_short", "ags"]
        constraints = [
            models.CheckConstraint(name="district_ags_of_five_digits", condition=models.Q(ags__regex=r"^08\d{3}$")),
        ]

    def __str__(self) -> str:
        return self.name_full


class MunicipalityQuerySet(models.QuerySet["Municipality"]):
    def for_choice(self) -> Self:
        """Municipalities with their districts, in the order in which people look for them."""
        return self.select_related("district").order_by("sort_name", "ags")

    def of_district(self, ags: str | None, *, also: list[str]) -> Self:
        """The municipalities of one Kreis and those with an AGS in `also`, in German order."""
        return self.filter(models.Q(district=ags) | models.Q(pk__in=also)).order_by("sort_name", "ags")

    def reached_by(self, organisation: "Organisation") -> Self:
        """Where people of `organisation` may work: its Kreis, or the whole Land for a welfare body."""
        return self.filter(district=organisation.district_id) if organisation.works_in_one_district else self

    def other_than(self, ags: str) -> Self:
        """All but one."""
        return self.exclude(pk=ags)


class Municipality(models.Model):
    """A Gemeinde; the AGS has eight digits and begins with its Kreis's five. Names are not unique."""

    ags = models.CharField(_("AGS"), max_length=8, primary_key=True)
    district = models.ForeignKey(District, on_delete=models.RESTRICT, related_name="municipalities")
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(max_length=30)
    population = models.PositiveIntegerField()
    postcode = models.CharField(max_length=5)
    sort_name = sort_key_field("name")

    objects = MunicipalityQuerySet.as_manager()

    class Meta:
        ordering = ["sort_name", "ags"]
        constraints = [
            models.CheckConstraint(
                name="municipality_ags_of_eight_digits", condition=models.Q(ags__regex=r"^08\d{6}$")
            ),
            models.CheckConstraint(
                name="municipality_ags_begins_with_district",
                condition=models.Q(ags__startswith=models.F("district_id")),
            ),
        ]

    def __str__(self) -> str:
        return self.name
