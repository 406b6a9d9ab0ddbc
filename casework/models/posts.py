"""Funded posts and who fills them when."""

from datetime import date
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casework.models.managers import Manager
from pik.models import District, Measure, Membership, Municipality, Organisation, User

SMALLEST_FTE, LARGEST_FTE = (Decimal(limit) for limit in settings.POST_FTE)


class PeriodQuerySet(models.QuerySet):
    def active_on(self, day: date) -> Self:
        """Rows whose period includes `day`; the last day counts."""
        return self.filter(Q(starts_on__lte=day), Q(ends_on__isnull=True) | Q(ends_on__gte=day))


class PostQuerySet(PeriodQuerySet):
    def visible_to(self, user: User) -> Self:
        """Ministry and auditors see all posts; coordinators their organisation's and those their Kreis funds."""
        membership = user.membership
        if membership is None:
            return self.none()
        if membership.sees_whole_state:
            return self
        if membership.role != Membership.Role.COORDINATOR:
            return self.none()
        own = Q(organisation_id=membership.organisation_id)
        if membership.leads_district:
            own |= Q(district_id=membership.organisation.district_id)
        return self.filter(own)


def measures_open_to(organisation: Organisation) -> models.QuerySet[Measure]:
    """The measures that run today and for which coordinators of `organisation` may register people.

    A sensitive measure only where the organisation has a post of it already: the first one comes from a Kreis.
    """
    running = Measure.objects.running_on(timezone.localdate())
    if organisation.kind == Organisation.Kind.DISTRICT:
        return running
    held = Post.objects.filter(organisation=organisation).values("measure")
    return running.filter(Q(sensitive=False) | Q(pk__in=held))


class Post(models.Model):
    """A funded post (Stelle): the organisation that employs, the Kreis that funds, measure, VZÄ and period."""

    organisation = models.ForeignKey(
        Organisation, verbose_name=_("organisation"), on_delete=models.RESTRICT, related_name="posts"
    )
    # The Kreis from whose award the post is paid; empty for measures that know the state level only.
    district = models.ForeignKey(
        District, verbose_name=_("district"), on_delete=models.RESTRICT, null=True, blank=True, related_name="posts"
    )
    measure = models.ForeignKey(Measure, verbose_name=_("measure"), on_delete=models.RESTRICT, related_name="posts")
    fte = models.DecimalField(
        _("full-time equivalents"),
        max_digits=3,
        decimal_places=2,
        validators=[MinValueValidator(SMALLEST_FTE), MaxValueValidator(LARGEST_FTE)],
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True)
    municipalities = models.ManyToManyField(Municipality, verbose_name=_("municipalities served"), related_name="posts")

    objects = PostQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="post_fte_between_quarter_and_full",
                condition=Q(fte__gte=SMALLEST_FTE, fte__lte=LARGEST_FTE),
                violation_error_message=_("A post has between 0.25 and 1.00 full-time equivalents."),
            ),
            models.CheckConstraint(
                name="post_ends_after_it_starts",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("The last day lies before the first. Change one of the two dates."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure_id} {self.fte} {self.starts_on}"


class Assignment(models.Model):
    """A manager fills a post from the first to the last day, both included."""

    post = models.ForeignKey(Post, on_delete=models.RESTRICT, related_name="assignments")
    manager = models.ForeignKey(Manager, on_delete=models.RESTRICT, related_name="assignments")
    fte = models.DecimalField(_("full-time equivalents"), max_digits=3, decimal_places=2)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True)

    objects = PeriodQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="assignment_fte_between_quarter_and_full",
                condition=Q(fte__gte=SMALLEST_FTE, fte__lte=LARGEST_FTE),
                violation_error_message=_("A person fills between 0.25 and 1.00 full-time equivalents of a post."),
            ),
            models.CheckConstraint(
                name="assignment_ends_after_it_starts",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("The last day lies before the first. Change one of the two dates."),
            ),
        ]
        indexes = [models.Index(name="assignment_period", fields=["starts_on", "ends_on"])]

    def __str__(self) -> str:
        return f"{self.manager_id} {self.fte} {self.starts_on}"
