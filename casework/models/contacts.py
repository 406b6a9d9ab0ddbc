"""Contacts: what a manager did for a case on a day, in bands and codes, without free text."""

from datetime import date, timedelta
from typing import Self
from uuid import uuid4

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casework.codes import plain
from casework.models.cases import Case, plain_code
from casework.models.figures import figure_change_triggers
from casework.models.managers import Manager
from casework.models.responsibilities import Responsibility
from casework.models.vocabulary import ReferralTarget
from pik.choices import known
from pik.concealed import conceal
from pik.models import Membership, Municipality, Organisation, User
from pik.months import month_of

SHORTEST, LONGEST = settings.CONTACT_MINUTES


def first_open_day() -> date:
    """The first day of the oldest month in which contacts are still recorded, changed or removed."""
    return month_of(timezone.localdate() - timedelta(days=settings.ENTRY_CLOSED_AFTER_DAYS))


class ContactQuerySet(models.QuerySet["Contact"]):
    def visible_to(self, user: User) -> Self:
        """A contact is seen by the manager who recorded it, while employed by its organisation; by nobody else."""
        membership = user.membership
        if membership is None or membership.role != Membership.Role.MANAGER:
            return self.none()
        # A scalar subquery, not a join: the index by manager and date then gives the latest without sorting all.
        own = Manager.objects.filter(user=user, organisation=membership.organisation_id).values("pk")[:1]
        return self.filter(manager=Subquery(own), organisation=membership.organisation_id)

    def for_list(self) -> Self:
        """The latest first, with what a line shows."""
        return self.select_related("case__measure", "municipality", "referral_target").order_by("-date", "-id")

    def stored_as(self, key: int, day: date, version: int) -> Self:
        """The contact, if it is still stored in the version that was read."""
        return self.filter(pk=key, date=day, version=version)

    def since(self, day: date) -> Self:
        """Spares the database the look into the partitions of earlier months."""
        return self.filter(date__gte=day)

    def with_code_like(self, text: str) -> Self:
        """Those with cases whose code contains `text`, hyphen and blanks apart; all for an empty one."""
        return self.alias(plain=plain_code("case__code")).filter(plain__contains=plain(text)) if text else self

    def of_day(self, day: date) -> Self:
        return self.filter(date=day)

    def last_of_case(self, code: str, user: User) -> "Contact | None":
        """The last contact of the case that a form names by its code, whoever recorded it, if `user` sees the case.

        `of_own_case` says whether `user` answers for the case today.
        """
        # One value, not a join: the index by case and date then gives the latest without reading all.
        named = Case.objects.visible_to(user).filter(code=code).values("pk")[:1]
        answers = Responsibility.objects.on(timezone.localdate()).filter(case=OuterRef("case"), manager__user=user)
        of_case = self.filter(case=Subquery(named)).annotate(of_own_case=Exists(answers))
        return of_case.select_related("case__measure").order_by("-date", "-id").first()

    def of_case(self, case: Case) -> Self:
        """All contacts of a case, with who recorded them; whoever sees the case may see these."""
        return self.filter(case=case, date__gte=case.opened_on).select_related("manager__user")


class ContactKind(models.TextChoices):
    COUNSELLING = "counselling", _("Counselling")
    ACCOMPANIMENT = "accompaniment", _("Accompaniment")
    HOME_VISIT = "home_visit", _("Home visit")
    CRISIS = "crisis", _("Crisis support")
    COORDINATION = "coordination", _("Coordination with services")


class ContactChannel(models.TextChoices):
    OFFICE = "office", _("In the office")
    OUTREACH = "outreach", _("On site")
    PHONE = "phone", _("By phone")
    VIDEO = "video", _("By video")
    WRITTEN = "written", _("In writing")


class Mediation(models.TextChoices):
    NONE = "none", _("not needed")
    STAFF = "staff", _("by staff")
    INTERPRETER = "interpreter", _("interpreter on site")
    REMOTE = "remote", _("interpreter by phone or video")
    LAY = "lay", _("relatives or volunteers")
    DIGITAL = "digital", _("translation app")


class Contact(models.Model):
    """One Beratungsgespräch or other contact; stored in monthly partitions by `date`.

    The primary key in the database is (id, date), because a partitioned table demands it; ids are unique all the same,
    they come from one sequence.
    """

    date = models.DateField(_("date"))
    case = models.ForeignKey(Case, verbose_name=_("case"), on_delete=models.RESTRICT, related_name="contacts")
    # Follows the case; the database compares it with `date`.
    case_opened_on = models.DateField(editable=False)
    manager = models.ForeignKey(Manager, on_delete=models.RESTRICT, related_name="contacts", db_index=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.RESTRICT, related_name="+", db_index=False)
    municipality = models.ForeignKey(Municipality, on_delete=models.RESTRICT, related_name="+", db_index=False)
    kind = models.CharField(_("kind"), max_length=15, choices=ContactKind.choices, default=ContactKind.COUNSELLING)
    channel = models.CharField(
        _("channel"), max_length=10, choices=ContactChannel.choices, default=ContactChannel.OFFICE
    )
    minutes = models.PositiveSmallIntegerField(
        _("duration"), validators=[MinValueValidator(SHORTEST), MaxValueValidator(LONGEST)]
    )
    # Ids of topics; an array, because half a million contacts a year would need twice as many link rows.
    topics = ArrayField(models.PositiveSmallIntegerField(), verbose_name=_("topics"))
    mediation = models.CharField(
        _("language mediation"), max_length=15, choices=Mediation.choices, default=Mediation.NONE
    )
    referral_target = models.ForeignKey(
        ReferralTarget,
        verbose_name=_("referral to"),
        on_delete=models.RESTRICT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    # Made with the form, so that an entry that is sent twice is stored once; the database makes it for bulk loads.
    entry_key = models.UUIDField(default=uuid4, editable=False)
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    # Counts the changes, so that nobody overwrites what somebody else has saved meanwhile.
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)

    objects = ContactQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="contact_minutes_in_range", condition=Q(minutes__gte=SHORTEST, minutes__lte=LONGEST)
            ),
            models.UniqueConstraint(name="contact_entry_once", fields=["entry_key", "date"]),
            models.CheckConstraint(name="contact_not_before_case", condition=Q(date__gte=F("case_opened_on"))),
            models.CheckConstraint(name="contact_has_topics", condition=Q(topics__len__gte=1)),
            known(name="contact_kind_known", field="kind", choices=ContactKind),
            known(name="contact_channel_known", field="channel", choices=ContactChannel),
            known(name="contact_mediation_known", field="mediation", choices=Mediation),
        ]
        indexes = [
            models.Index(name="contact_manager_date", fields=["manager", "-date", "-id"]),
        ]
        triggers = [
            *figure_change_triggers(
                months="date_trunc('month', r.date)::date, date_trunc('month', r.date)::date",
                counted=("manager_id", "organisation_id", "municipality_id", "case_id", "date", "minutes"),
            ),
            pgtrigger.Trigger(
                name="referral_goes_with_contact",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Delete,
                referencing=pgtrigger.Referencing(old="old_rows"),
                func="DELETE FROM casework_referral f USING old_rows o WHERE f.contact_id = o.id; RETURN NULL;",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.date}"

    @property
    def key(self) -> str:
        """How a page names it."""
        return conceal("contact", self.pk)

    @property
    def is_final(self) -> bool:
        """Whether its month is closed: then it can be read only."""
        return self.date < first_open_day()
