"""The weekly mail on what is due, by choice of the person."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from pik.models import User


class DigestQuerySet(models.QuerySet["Digest"]):
    def of(self, user: User) -> Self:
        return self.filter(user=user)

    def queue(self, *, monday: date) -> int:
        """Marks everybody who got no mail in the week that begins on `monday`; returns how many."""
        missing = self.filter(week__lt=monday, mail_due_at__isnull=True)
        return missing.update(week=monday, mail_due_at=timezone.now())

    def due(self) -> Self:
        return self.filter(mail_due_at__isnull=False)


class Digest(models.Model):
    """A person who wants the weekly mail; without a row there is none."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="+")
    # The Monday of the last week that is done or on its way.
    week = models.DateField()
    mail_due_at = models.DateTimeField(null=True, editable=False)

    objects = DigestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="digest_week_begins_on_monday", condition=Q(week__iso_week_day=1)),
        ]
        indexes = [
            models.Index(name="digest_mail_due", fields=["mail_due_at"], condition=Q(mail_due_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.week}"
