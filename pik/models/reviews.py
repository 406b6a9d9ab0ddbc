"""The quarterly access review: who had access, and who confirmed or ended it."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, Max, Min, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pik.models.organisations import Organisation
from pik.models.people import Membership, User
from pik.months import quarter_of


class AccessReviewQuerySet(models.QuerySet["AccessReview"]):
    def visible_to(self, user: User) -> Self:
        """Auditors see all; coordinators their organisation's, those of a Kreis also bodies without a coordinator."""
        membership = user.membership
        if membership is None:
            return self.none()
        if membership.role == Membership.Role.AUDITOR:
            return self
        if membership.role != Membership.Role.COORDINATOR:
            return self.none()
        own = Q(organisation_id=membership.organisation_id)
        if membership.leads_district:
            coordinators = Membership.objects.coordinators_on(timezone.localdate())
            led = Exists(coordinators.filter(organisation=OuterRef("organisation")))
            own |= Q(~led, organisation__district_id=membership.organisation.district_id)
        return self.filter(own)

    def quarters(self) -> list[date]:
        """The quarters that have a review, the latest first."""
        return list(self.order_by("-quarter").values_list("quarter", flat=True).distinct())

    def organisations(self) -> list[tuple[int, str]]:
        """Key and name of the organisations that have a review, in German order."""
        return Organisation.objects.names(self.values("organisation"))

    def with_mail_due(self, day: date) -> Self:
        """Reviews of the quarter of `day` with something to decide, whose mail or whose only reminder has to leave.

        The reminder leaves in the last week, unless the first mail did so only then.
        """
        week = settings.ACCESS_REVIEW_REMINDER
        reminder = Q(
            reminder_sent_at__isnull=True,
            mail_sent_at__lte=timezone.now() - week,
            due_on__range=(day, day + week),
        )
        undecided = Exists(AccessLine.objects.open().filter(review=OuterRef("pk")))
        return self.filter(undecided, Q(mail_due_at__isnull=False) | reminder, quarter=quarter_of(day))


class AccessReview(models.Model):
    """The people of one organisation who had access when a quarter began, to be confirmed or ended until `due_on`."""

    organisation = models.ForeignKey(Organisation, on_delete=models.RESTRICT, related_name="+")
    # The first day of the quarter.
    quarter = models.DateField(_("quarter"))
    due_on = models.DateField(_("due on"))
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    mail_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    mail_sent_at = models.DateTimeField(null=True, blank=True, editable=False)
    reminder_sent_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = AccessReviewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="access_review_once_a_quarter", fields=["organisation", "quarter"]),
            models.CheckConstraint(
                name="access_review_quarter_is_first_day",
                condition=Q(quarter__day=1, quarter__month__in=[1, 4, 7, 10]),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="keep_reviews", operation=pgtrigger.Delete),
            # Only the marks of the mails may change.
            pgtrigger.Protect(
                name="freeze_reviews",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(exclude=["mail_due_at", "mail_sent_at", "reminder_sent_at"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.quarter:%Y-%m}"

    @property
    def is_running(self) -> bool:
        """True in its quarter; afterwards nothing can be decided, because the next review asks again."""
        return self.quarter == quarter_of(timezone.localdate())


@dataclass(frozen=True)
class Progress:
    """How far one or several reviews of a quarter are; `due_on` is the next day on which a part of them is due."""

    people: int
    open: int
    due_on: date | None

    @property
    def decided(self) -> int:
        return self.people - self.open

    @property
    def days_left(self) -> int:
        """Below 0 when the day is over."""
        return (self.due_on - timezone.localdate()) // timedelta(days=1)


class AccessLineQuerySet(models.QuerySet["AccessLine"]):
    def visible_to(self, user: User) -> Self:
        """The lines of the reviews that the reader sees."""
        return self.filter(review__in=AccessReview.objects.visible_to(user))

    def of_quarter(self, quarter: date) -> Self:
        return self.filter(review__quarter=quarter)

    def running(self) -> Self:
        """The lines of this quarter, which can still be decided."""
        return self.of_quarter(quarter_of(timezone.localdate()))

    def of_organisation(self, key: int | None) -> Self:
        """The lines of one organisation; all for None."""
        return self.filter(review__organisation=key) if key else self

    def open(self) -> Self:
        """Lines that nobody has decided and whose access has not ended by itself."""
        return self.filter(self._open())

    def for_review(self) -> Self:
        """Lines with people and organisations, in German order."""
        return self.select_related("review__organisation", "membership__user", "decided_by").order_by(
            "review__organisation__sort_name", "membership__user__sort_name", "pk"
        )

    def progress(self) -> Progress:
        """How many people there are and how many of them are open, in one query."""
        sums = self.aggregate(
            people=Count("pk"),
            open=Count("pk", filter=self._open()),
            next_due=Min("review__due_on", filter=self._open()),
            last_due=Max("review__due_on"),
        )
        return Progress(sums["people"], sums["open"], sums["next_due"] or sums["last_due"])

    @staticmethod
    def _open() -> Q:
        today = timezone.localdate()
        return Q(Q(membership__ends_on__isnull=True) | Q(membership__ends_on__gte=today), decision="")


class AccessLine(models.Model):
    """One access under review. What was decided once is never altered; the access may still end later."""

    class Decision(models.TextChoices):
        CONFIRMED = "confirmed", _("confirmed")
        ENDED = "ended", _("ended")

    review = models.ForeignKey(AccessReview, on_delete=models.RESTRICT, related_name="lines", db_index=False)
    membership = models.ForeignKey(Membership, on_delete=models.RESTRICT, related_name="+")
    decision = models.CharField(max_length=10, choices=Decision.choices, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.RESTRICT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = AccessLineQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="access_line_once_a_review", fields=["review", "membership"]),
            models.CheckConstraint(
                name="access_line_decision_known", condition=Q(decision__in=["", "confirmed", "ended"])
            ),
            models.CheckConstraint(
                name="access_line_decided_by_whom_and_when",
                condition=Q(decision="", decided_by__isnull=True, decided_at__isnull=True)
                | (~Q(decision="") & Q(decided_by__isnull=False, decided_at__isnull=False)),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="keep_lines", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="keep_whose_line", fields=["review", "membership"]),
            pgtrigger.Protect(
                name="freeze_decisions", operation=pgtrigger.Update, condition=~pgtrigger.Q(old__decision="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.review_id} {self.membership_id} {self.decision}"

    @property
    def has_ended(self) -> bool:
        """True from the day after the last one."""
        return self.membership.ends_on is not None and self.membership.ends_on < timezone.localdate()

    @property
    def is_open(self) -> bool:
        """True while somebody has to decide; needs `for_review`."""
        return not self.decision and not self.has_ended
