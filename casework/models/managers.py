"""Integration managers: the staff whose work the pact pays for."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Prefetch, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casework.models.qualifications import Qualification
from pik.choices import known
from pik.models import Measure, Membership, Municipality, Organisation, User


class ManagerQuerySet(models.QuerySet["Manager"]):
    def visible_to(self, user: User) -> Self:
        """A manager sees the own row; coordinators their organisation's people and those their Kreis funds.

        Who has no post yet is seen by the Kreis in which the organisation is seated.
        """
        membership = user.membership
        if membership is None:
            return self.none()
        if membership.role == Membership.Role.MANAGER:
            return self.filter(user=user, organisation=membership.organisation_id)
        if membership.role != Membership.Role.COORDINATOR:
            return self.none()
        own = Q(organisation_id=membership.organisation_id)
        if membership.leads_district:
            from casework.models.posts import Assignment

            district = membership.organisation.district_id
            held = Assignment.objects.filter(manager=OuterRef("pk"))
            own |= Q(Exists(held.filter(post__district=district)))
            own |= Q(~Exists(held), organisation__district=district)
        return self.filter(own)

    def in_own_organisation(self, user: User) -> Self:
        """The visible ones whom the organisation employs for which `user` acts."""
        membership = user.membership
        return self.visible_to(user).filter(organisation=membership.organisation_id) if membership else self.none()

    def answered_for_by(self, user: User) -> Self:
        """Those whose employment a coordinator may end or whose cases pass on: of the own body or one in the Kreis.

        A Kreis sees the people of a state-wide body on posts that it funds; their employment is not its own to decide.
        """
        membership = user.membership
        own = Q(organisation_id=membership.organisation_id)
        if membership.leads_district:
            own |= Q(organisation__district=membership.organisation.district_id)
        return self.visible_to(user).filter(own)

    def acting(self, user: User) -> "Manager":
        """The manager as whom a person works now: in the organisation of the membership they act in."""
        return self.select_related("organisation").get(user=user, organisation=user.membership.organisation_id)

    def with_employment(self) -> Self:
        """Adds first and last day of the latest employment (None without an end), and `is_employed` on this day."""
        today = timezone.localdate()
        employments = Membership.objects.filter(
            user=OuterRef("user"), organisation=OuterRef("organisation"), role=Membership.Role.MANAGER
        )
        latest = employments.order_by("-starts_on")
        return self.annotate(
            employed_since=models.Subquery(latest.values("starts_on")[:1]),
            employed_until=models.Subquery(latest.values("ends_on")[:1]),
            is_employed=Exists(employments.active_on(today)),
        )

    def for_register(self) -> Self:
        """The register: names in German order with organisation, current posts and the next booking's first day."""
        from casework.models.posts import Assignment

        today = timezone.localdate()
        current = Assignment.objects.active_on(today).select_related("post__measure")
        coming = Assignment.objects.filter(manager=OuterRef("pk"), starts_on__gt=today).order_by("starts_on")
        return (
            self.with_employment()
            .annotate(booked_from=models.Subquery(coming.values("starts_on")[:1]))
            .select_related("user", "organisation")
            .prefetch_related(Prefetch("assignments", queryset=current, to_attr="current_assignments"))
            .order_by("user__sort_name", "pk")
        )

    def bookable_in(self, organisation: Organisation) -> Self:
        """Who works in the organisation today or later and can fill a post of it, in German order."""
        employments = Membership.objects.filter(
            user=OuterRef("user"), organisation=OuterRef("organisation"), role=Membership.Role.MANAGER
        )
        return (
            self.filter(Exists(employments.reaching(timezone.localdate())), organisation=organisation)
            .select_related("user")
            .order_by("user__sort_name", "pk")
        )

    def lasting_in(self, organisation_id: int, *, day: date) -> Self:
        """Who works in an organisation on `day` and has no end in sight, in German order."""
        lasting = Membership.objects.filter(
            user=OuterRef("user"),
            organisation=OuterRef("organisation"),
            role=Membership.Role.MANAGER,
            starts_on__lte=day,
            ends_on__isnull=True,
        )
        found = self.filter(Exists(lasting), organisation=organisation_id)
        return found.select_related("user").order_by("user__sort_name", "pk")

    def colleagues_of(self, manager: "Manager", *, day: date) -> Self:
        """Who else works in the organisation on `day` and has no end in sight, in German order."""
        return self.lasting_in(manager.organisation_id, day=day).exclude(pk=manager.pk)

    def present_first(self, reader: User) -> Self:
        """Who is absent today comes last, with the last day of it, as far as `reader` may know of the absence."""
        from casework.models.absences import Absence

        absences = Absence.objects.visible_to(reader).active_on(timezone.localdate()).filter(manager=OuterRef("pk"))
        return self.annotate(
            is_absent=Exists(absences), absent_until=models.Subquery(absences.values("ends_on")[:1])
        ).order_by("is_absent", "user__sort_name", "pk")

    def of_membership(self, key: int) -> Self:
        """The person who works as a manager in the membership with this key."""
        held = Membership.objects.filter(pk=key, role=Membership.Role.MANAGER)
        return self.filter(Exists(held.filter(user=OuterRef("user"), organisation=OuterRef("organisation"))))

    def matching(self, text: str) -> Self:
        """People whose name or e-mail address contains `text`."""
        return self.filter(Q(user__name__icontains=text) | Q(user__email__icontains=text)) if text else self


class Manager(models.Model):
    """An integration manager: a person in the employment of one organisation.

    Who moves to another organisation is a new row there; cases, contacts and figures stay with the old one. The days
    of the employment are those of the person's memberships as manager in the organisation.
    """

    user = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="managers")
    organisation = models.ForeignKey(
        Organisation, verbose_name=_("organisation"), on_delete=models.RESTRICT, related_name="managers"
    )
    qualification = models.CharField(_("qualification"), max_length=1, choices=Qualification.choices, blank=True)
    # The day of the certificate or of its recognition.
    qualification_proven_on = models.DateField(_("evidence of"), null=True, blank=True)
    # Takes over the cases that the manager opens between the announcement of the leaving and its day.
    successor = models.ForeignKey("self", on_delete=models.RESTRICT, null=True, blank=True, related_name="predecessors")
    registered_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ManagerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="manager_once_in_an_organisation",
                fields=["user", "organisation"],
                violation_error_message=_("This person is registered in this organisation already."),
            ),
            # Deputyships refer to both, so that they stay within an organisation.
            models.UniqueConstraint(name="manager_id_and_organisation", fields=["id", "organisation"]),
            known(name="manager_qualification_known", field="qualification", choices=Qualification, blank=True),
            models.CheckConstraint(
                name="manager_evidence_of_a_qualification",
                condition=Q(qualification_proven_on__isnull=True) | ~Q(qualification=""),
                violation_error_message=_("Say which qualification the evidence is for."),
            ),
            models.CheckConstraint(
                name="manager_succeeded_by_another", condition=Q(successor__isnull=True) | ~Q(successor=F("pk"))
            ),
        ]

    def __str__(self) -> str:
        return self.user.name

    @property
    def current_fte(self) -> Decimal:
        """The VZÄ of today's posts; needs `for_register`."""
        return sum((assignment.fte for assignment in self.current_assignments), Decimal("0.00"))

    @property
    def name_and_absence(self) -> str:
        """The name, and until when the person is away, never why; needs `present_first`."""
        if not self.is_absent:
            return self.user.name
        words = {"name": self.user.name}
        if self.absent_until is None:
            return gettext("%(name)s, absent, end not known") % words
        return gettext("%(name)s, absent until %(day)s") % {
            **words, "day": date_format(self.absent_until, "SHORT_DATE_FORMAT")
        }  # fmt: skip

    def measures(self, profile: Measure.Profile) -> models.QuerySet[Measure]:
        """The measures of one recording profile for which the manager fills a post today."""
        return Measure.objects.filter(profile=profile, pk__in=self._current_posts().values("post__measure"))

    def measures_among(self, codes: Collection[str]) -> models.QuerySet[Measure]:
        """Those of the measures for which the manager fills a post today."""
        return Measure.objects.filter(pk__in=codes).filter(pk__in=self._current_posts().values("post__measure"))

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
