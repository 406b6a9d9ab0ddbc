"""Funded posts and who fills them when."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Self
from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.functions import RandomUUID
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Count, Min, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casework.models.managers import Manager
from casework.models.qualifications import Qualification
from casework.post_numbers import NumberKeyField, number_key
from pik.choices import known
from pik.models import District, Measure, Membership, Municipality, Organisation, User
from pik.periods import PeriodQuerySet, ends_after_start, once_at_a_time

SMALLEST_FTE, LARGEST_FTE = (Decimal(limit) for limit in settings.POST_FTE)


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

    def of_measure(self, measure: Measure | None) -> Self:
        """Posts of one measure; of all of them for None."""
        return self.filter(measure=measure) if measure else self

    def of_district(self, district: District) -> Self:
        """What a Kreis funds, and the posts of its own administration that no Kreis funds."""
        administration = Q(organisation__kind=Organisation.Kind.DISTRICT, organisation__district=district)
        return self.filter(Q(district=district) | administration)

    def numbered_like(self, post: "Post") -> Self:
        """The others of the employer that have the post's number, however it is written, on one of its days."""
        key = number_key(post.reference)
        others = self.filter(organisation=post.organisation_id, reference_key=key).exclude(pk=post.pk)
        return others.reaching(post.starts_on, post.ends_on).order_by("starts_on")

    def ids_among(self, assignments: Iterable["Assignment"]) -> set[int]:
        """Which of the assignments' posts are among these."""
        return set(self.filter(pk__in={assignment.post_id for assignment in assignments}).values_list("pk", flat=True))

    def by_measure(self) -> dict[str, tuple[int, date]]:
        """By code of the measure: how many posts it has, and the first day of the oldest of them."""
        rows = self.order_by().values_list("measure_id").annotate(number=Count("pk"), first=Min("starts_on"))
        return {measure: (number, first) for measure, number, first in rows}

    def for_detail(self) -> Self:
        return self.select_related("organisation", "district", "measure").prefetch_related("municipalities")


def measures_open_to(organisation: Organisation) -> models.QuerySet[Measure]:
    """The measures that run today and for which coordinators of `organisation` may register people.

    A sensitive measure only where the organisation has a post of it already: the first one comes from a Kreis.
    """
    running = Measure.objects.running_on(timezone.localdate())
    if organisation.kind == Organisation.Kind.DISTRICT:
        return running
    held = Post.objects.filter(organisation=organisation).values("measure")
    return running.filter(Q(sensitive=False) | Q(pk__in=held))


def employers_open_to(reader: User) -> models.QuerySet[Organisation]:
    """The employers with whose posts a reader has to do: the own body, those seated in the Kreis, those it funds."""
    funded = Post.objects.visible_to(reader).order_by().values("organisation")
    visible = Organisation.objects.visible_to(reader).employers().values("pk")
    return Organisation.objects.filter(Q(pk__in=visible) | Q(pk__in=funded)).order_by("sort_name")


def funding_districts(organisation: Organisation) -> list[District]:
    """The Kreise that fund posts of an organisation, whenever these run, and the one of its seat, in German order."""
    found = District.objects.filter(Q(posts__organisation=organisation) | Q(pk=organisation.district_id))
    return list(found.annotate(funds=Count("posts", filter=Q(posts__organisation=organisation))))


def _fte_field() -> models.DecimalField:
    limits = [MinValueValidator(SMALLEST_FTE), MaxValueValidator(LARGEST_FTE)]
    return models.DecimalField(_("full-time equivalents"), max_digits=3, decimal_places=2, validators=limits)


class Post(models.Model):
    """A funded post (Stelle), filled or not: who employs, which Kreis funds, measure, VZÄ and period."""

    # As in the organisation's own staffing plan, never a person's name.
    reference = models.CharField(_("number in your staffing plan"), max_length=30, blank=True)
    reference_key = NumberKeyField(of="reference", blank=True, default="", editable=False)
    # Tells whether a form was sent before; rows that are loaded in bulk get one from the database.
    entry_key = models.UUIDField(default=uuid4, db_default=RandomUUID(), editable=False)
    organisation = models.ForeignKey(
        Organisation, verbose_name=_("organisation"), on_delete=models.RESTRICT, related_name="posts"
    )
    # The Kreis from whose award the post is paid; empty for measures that know the state level only.
    district = models.ForeignKey(
        District, verbose_name=_("district"), on_delete=models.RESTRICT, null=True, blank=True, related_name="posts"
    )
    measure = models.ForeignKey(Measure, verbose_name=_("measure"), on_delete=models.RESTRICT, related_name="posts")
    fte = _fte_field()
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True)
    required_qualification = models.CharField(
        _("required qualification"), max_length=1, choices=Qualification.choices, blank=True
    )
    municipalities = models.ManyToManyField(Municipality, verbose_name=_("municipalities served"), related_name="posts")

    objects = PostQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="post_fte_between_quarter_and_full",
                condition=Q(fte__gte=SMALLEST_FTE, fte__lte=LARGEST_FTE),
                violation_error_message=_("A post has between 0.25 and 1.00 full-time equivalents."),
            ),
            ends_after_start("post_ends_after_it_starts"),
            # A post may take the number of one that has ended, as its follower of another size does.
            once_at_a_time(
                name="post_reference_once_at_a_time",
                fields=["organisation", "reference_key"],
                condition=~Q(reference_key=""),
                message=_("Another post has this number in that time."),
            ),
            models.CheckConstraint(
                name="post_reference_has_its_key",
                condition=Q(reference="", reference_key="") | (~Q(reference="") & ~Q(reference_key="")),
            ),
            models.UniqueConstraint(name="post_entry_once", fields=["entry_key"]),
            known(name="post_qualification_known", field="required_qualification", choices=Qualification, blank=True),
        ]

    def __str__(self) -> str:
        return f"{self.measure_id} {self.fte} {self.starts_on}"

    @property
    def label(self) -> str:
        """What people call the post: the number of the own staffing plan, else ours."""
        return self.reference or f"S-{self.pk}"


class AssignmentQuerySet(PeriodQuerySet):
    def visible_to(self, user: User) -> Self:
        """Who fills which post, as far as the posts are visible."""
        return self.filter(post__in=Post.objects.visible_to(user))

    def of_person(self, user_id: int) -> Self:
        """All that a person is booked on, in whatever organisation."""
        return self.filter(manager__user=user_id)

    def fte_by_manager(self, organisation_id: int, *, day: date) -> dict[int, Decimal]:
        """The VZÄ that each manager of an organisation fills on `day`."""
        rows = self.active_on(day).filter(manager__organisation=organisation_id)
        return dict(rows.order_by().values_list("manager").annotate(Sum("fte")))

    def for_post(self) -> Self:
        """What the page of a post shows of them, the latest first."""
        return self.select_related("manager__user", "booked_by").order_by("-starts_on", "-pk")

    def for_change(self) -> Self:
        """What the forms that change one of them show of it."""
        return self.select_related("manager__user", "post__organisation")


class Assignment(models.Model):
    """A manager fills a post, or a part of it, from the first to the last day, both included.

    The database holds more than the constraints below say (`casework/migrations/0011_staffing_rules.py`): it lies
    inside its post's period and its person's employment; the assignments of a post never exceed its VZÄ on any day,
    nor those of a person 1.00, also when two people book in the same instant.
    """

    post = models.ForeignKey(Post, on_delete=models.RESTRICT, related_name="assignments")
    manager = models.ForeignKey(Manager, on_delete=models.RESTRICT, related_name="assignments")
    fte = _fte_field()
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True)
    # Empty for what was loaded in bulk.
    booked_by = models.ForeignKey(User, on_delete=models.RESTRICT, null=True, blank=True, related_name="+")
    booked_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="assignment_fte_between_quarter_and_full",
                condition=Q(fte__gte=SMALLEST_FTE, fte__lte=LARGEST_FTE),
                violation_error_message=_("A person fills between 0.25 and 1.00 full-time equivalents of a post."),
            ),
            ends_after_start("assignment_ends_after_it_starts"),
        ]
        indexes = [models.Index(name="assignment_period", fields=["starts_on", "ends_on"])]

    def __str__(self) -> str:
        return f"{self.manager_id} {self.fte} {self.starts_on}"
