"""What a leaving that has not come ended, kept so that it can be taken back."""

from collections.abc import Iterator
from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from casework.models.absences import Absence, AbsenceKind, Deputyship
from casework.models.managers import Manager
from casework.models.posts import Assignment, Post
from pik.choices import known
from pik.models import Membership
from pik.periods import PeriodQuerySet


class LeavingQuerySet(models.QuerySet["Leaving"]):
    def outlived(self) -> Self:
        """Those whose day has passed: nobody can take them back any more."""
        return self.filter(last_day__lt=timezone.localdate())

    def of(self, manager: Manager) -> "Leaving | None":
        """What is known of the leaving of a manager; None without one, and for one that was loaded in bulk."""
        return self.filter(manager=manager).select_related("moved_to__organisation").first()


class Leaving(models.Model):
    """A leaving that was recorded, until it is taken back or its day has passed."""

    manager = models.OneToOneField(Manager, on_delete=models.CASCADE, related_name="leaving")
    last_day = models.DateField()
    # The employment elsewhere that was entered with it.
    moved_to = models.ForeignKey(Membership, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    objects = LeavingQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.manager_id} {self.last_day}"


class EffectKind(models.TextChoices):
    """Whether a colleague stands in for the person (`DEPUTY`) or the other way round (`STANDS_IN`)."""

    BOOKING = "booking"
    ABSENCE = "absence"
    DEPUTY = "deputy"
    STANDS_IN = "stands_in"


class LeavingEffect(models.Model):
    """A booking, absence or deputyship as it was before a leaving shortened it or took it away."""

    leaving = models.ForeignKey(Leaving, on_delete=models.CASCADE, related_name="effects")
    kind = models.CharField(max_length=9, choices=EffectKind.choices)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    fte = models.DecimalField(max_digits=3, decimal_places=2, null=True, blank=True)
    # Only to enter it anew; nobody is shown it here.
    absence_kind = models.CharField(max_length=10, blank=True)
    colleague = models.ForeignKey(Manager, on_delete=models.CASCADE, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            known(name="leaving_effect_kind_known", field="kind", choices=EffectKind),
            known(name="leaving_effect_absence_known", field="absence_kind", choices=AbsenceKind, blank=True),
            models.CheckConstraint(
                name="leaving_effect_names_what_it_was",
                condition=Q(kind="booking", post__isnull=False, fte__isnull=False)
                | (Q(kind="absence") & ~Q(absence_kind=""))
                | Q(kind__in=["deputy", "stands_in"], colleague__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.starts_on}"

    @property
    def had_begun(self) -> bool:
        """Whether it holds until the last day; else nothing of it was left."""
        return self.starts_on <= self.leaving.last_day


def periods_of(manager: Manager) -> list[tuple[EffectKind, PeriodQuerySet]]:
    """All that goes on for a time and cannot without the person."""
    return [
        (EffectKind.BOOKING, Assignment.objects.filter(manager=manager).select_related("post")),
        (EffectKind.ABSENCE, Absence.objects.filter(manager=manager)),
        (EffectKind.DEPUTY, Deputyship.objects.filter(manager=manager).select_related("deputy__user")),
        (EffectKind.STANDS_IN, Deputyship.objects.filter(deputy=manager).select_related("manager__user")),
    ]


def reaching_beyond(leaving: Leaving, day: date) -> Iterator[LeavingEffect]:
    """What would hold on `day` or later, as it is now, not saved."""
    for kind, periods in periods_of(leaving.manager):
        for row in periods.reaching(day).order_by("starts_on", "pk"):
            yield _as_it_is(leaving, kind, row)


def ending_on(leaving: Leaving) -> Iterator[LeavingEffect]:
    """What ends on the last day, for whatever reason, not saved."""
    for kind, periods in periods_of(leaving.manager):
        for row in periods.ending_on(leaving.last_day).order_by("starts_on", "pk"):
            yield _as_it_is(leaving, kind, row)


def _as_it_is(leaving: Leaving, kind: EffectKind, row: Assignment | Absence | Deputyship) -> LeavingEffect:
    effect = LeavingEffect(leaving=leaving, kind=kind, starts_on=row.starts_on, ends_on=row.ends_on)
    if kind == EffectKind.BOOKING:
        effect.post, effect.fte = row.post, row.fte
    elif kind == EffectKind.ABSENCE:
        effect.absence_kind = row.kind
    else:
        effect.colleague = row.deputy if kind == EffectKind.DEPUTY else row.manager
    return effect
