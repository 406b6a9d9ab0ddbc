"""Who employs, receives and answers."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pik.models.places import District, Municipality
from pik.ordering import sort_key_field

if TYPE_CHECKING:
    from pik.models.people import User


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def visible_to(self, user: "User") -> Self:
        """Ministry and auditors see all; others their own, a Kreis also those seated in it."""
        membership = user.membership
        if membership is None:
            return self.none()
        if membership.sees_whole_state:
            return self
        if membership.role not in (membership.Role.MANAGER, membership.Role.COORDINATOR):
            return self.none()
        own = Q(pk=membership.organisation_id)
        if membership.leads_district:
            own |= Q(district_id=membership.organisation.district_id)
        return self.filter(own)

    def names(self, keys: Iterable[int]) -> list[tuple[int, str]]:
        """Key and name of the organisations with one of `keys`, in German order."""
        return list(self.filter(pk__in=keys).order_by("sort_name").values_list("pk", "name"))

    def other_than(self, key: int) -> Self:
        """All but one, in German order."""
        return self.exclude(pk=key).order_by("sort_name")

    def employers(self) -> Self:
        """Organisations that can employ integration managers."""
        return self.filter(kind__in=["district", "municipality", "association", "provider"])


class Organisation(models.Model):
    """A ministry, authority, Kreis, municipality, association of municipalities or welfare body."""

    class Kind(models.TextChoices):
        MINISTRY = "ministry", _("Ministry")
        AUTHORITY = "authority", _("Granting authority")
        AUDIT = "audit", _("Audit office")
        DISTRICT = "district", _("District administration")
        MUNICIPALITY = "municipality", _("Municipality")
        ASSOCIATION = "association", _("Association of municipalities")
        PROVIDER = "provider", _("Welfare body")

    name = models.CharField(_("name"), max_length=120, unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    district = models.ForeignKey(
        District, verbose_name=_("district"), on_delete=models.RESTRICT, null=True, blank=True, related_name="+"
    )
    municipality = models.ForeignKey(
        Municipality, verbose_name=_("municipality"), on_delete=models.RESTRICT, null=True, blank=True, related_name="+"
    )
    sort_name = sort_key_field("name")

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        ordering = ["sort_name"]
        constraints = [
            models.CheckConstraint(
                name="organisation_kind_known",
                condition=Q(
                    kind__in=["ministry", "authority", "audit", "district", "municipality", "association", "provider"]
                ),
            ),
            models.CheckConstraint(
                name="organisation_of_a_place_names_it",
                condition=~Q(kind__in=["district", "municipality", "association"]) | Q(district__isnull=False),
            ),
            models.CheckConstraint(
                name="organisation_municipality_only_for_its_kind",
                condition=Q(kind="municipality", municipality__isnull=False)
                | (~Q(kind="municipality") & Q(municipality__isnull=True)),
            ),
            models.UniqueConstraint(
                name="organisation_one_per_district", fields=["district"], condition=Q(kind="district")
            ),
            models.UniqueConstraint(name="organisation_one_per_municipality", fields=["municipality"]),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def works_in_one_district(self) -> bool:
        """Whether it stays in the Kreis of its seat; a welfare body may serve several, wherever it is seated."""
        return self.district_id is not None and self.kind != self.Kind.PROVIDER
