"""Integration managers: the staff whose work the pact pays for."""

from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Prefetch, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pik.models import Measure, Membership, Municipality, Organisation, User


class ManagerQuerySet(models.QuerySet["Manager"]):
    def visible_to(self, user: User) -> Self:
        """A manager sees the own row; coordinators their organisation's people and those their Kreis funds."""
        membership = user.membership
        if membership is None:
            return self.none()
        if membership.role == Membership.Role.MANAGER:
            return self.filter(user=user)
        if membership.role != Membership.Role.COORDINATOR:
            return self.none()
        own = Q(organisation_id=membership.organisation_id)
        if membership.leads_district:
            from casework.models.posts import Assignment

            district = membership.organisation.district_id
            own |= Q(Exists(Assignment.objects.filter(manager=OuterRef("pk"), post__district=district)))
        return self.filter(own)

    def for_register(self) -> Self:
        """The register: names in German order with organisation and current posts."""
        from casework.models.posts import Assignment

        current = Assignment.objects.active_on(timezone.localdate()).select_related("post__measure")
        return (
            self.select_related("user", "organisation")
            .prefetch_related(Prefetch("assignments", queryset=current, to_attr="current_assignments"))
            .order_by("user__sort_name", "pk")
        )

    def matching(self, text: str) -> Self:
        """People whose name or e-mail address contains `text`."""
        return self.filter(Q(user__name__icontains=text) | Q(user__email__icontains=text)) if text else self


class Manager(models.Model):
    """An integration manager: a person, and the organisation that employs this person now."""

    user = models.OneToOneField(User, on_delete=models.RESTRICT, related_name="manager")
    organisation = models.ForeignKey(
        Organisation, verbose_name=_("organisation"), on_delete=models.RESTRICT, related_name="managers"
    )
    registered_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ManagerQuerySet.as_manager()

    def __str__(self) -> str:
        return self.user.name

    @property
    def current_fte(self) -> Decimal:
        """The VZÄ of today's posts; needs `for_register`."""
        return sum((assignment.fte for assignment in self.current_assignments), Decimal("0.00"))

    def measures(self, profile: Measure.Profile) -> models.QuerySet[Measure]:
        """The measures of one recording profile for which the manager fills a post today."""
        return Measure.objects.filter(profile=profile, pk__in=self._current_posts().values("post__measure"))

    def places(self, *, keep: str | None = None) -> models.QuerySet[Municipality]:
        """The municipalities that the manager's posts of today serve, and the one with AGS `keep`, in German order."""
        served = Q(pk__in=self._current_posts().values("post__municipalities"))
        return Municipality.objects.filter(served | Q(pk=keep)).for_choice()

    def posts_held(self) -> models.QuerySet:
        """All assignments of the manager with their posts, the latest first."""
        posts = self.assignments.select_related("post__measure", "post__organisation", "post__district")
        return posts.prefetch_related("post__municipalities").order_by("-starts_on", "-pk")

    def _current_posts(self) -> models.QuerySet:
        return self.assignments.active_on(timezone.localdate())
