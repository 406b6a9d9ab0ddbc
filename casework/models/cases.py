"""Pseudonymous cases: bands instead of values, no free text, nothing that names a person."""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Self
from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Replace
from django.utils import timezone
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _

from casework.codes import PATTERN, new_code, plain
from casework.models.case_bands import (
    AgeBand,
    ClosingReason,
    ExtensionReason,
    HouseholdBand,
    OriginGroup,
    ResidenceGroup,
)
from casework.models.figures import figure_change_triggers
from casework.models.managers import Manager
from pik.choices import known
from pik.models import Measure, Membership, Municipality, Organisation, User
from pik.months import add_months, month_of, months_later

if TYPE_CHECKING:
    from casework.models.contacts import Contact


def plain_code(field: str) -> Replace:
    """The code in this field as codes are compared."""
    return Replace(field, Value("-"), Value(""))


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, user: User) -> Self:
        """A case is seen by who answers for it today, and by their deputies, while employed by its organisation."""
        from casework.models.absences import Deputyship

        membership = user.membership
        if membership is None or membership.role != Membership.Role.MANAGER:
            return self.none()
        own = Manager.objects.filter(user=user, organisation=membership.organisation_id)
        return self._of(own, Deputyship.objects.held_by(user, membership.organisation_id), membership.organisation_id)

    def with_manager(self, manager: Manager) -> Self:
        """Cases that a manager answers for today, or for which they stand in."""
        from casework.models.absences import Deputyship

        own = Manager.objects.filter(pk=manager.pk)
        return self._of(
            own, Deputyship.objects.held_by(manager.user_id, manager.organisation_id), manager.organisation_id
        )

    def _of(self, own: models.QuerySet[Manager], stood_in_for: models.QuerySet, organisation_id: int) -> Self:
        # A union, because the database takes "one of them or the other" for half of all managers.
        whose = own.values("pk").union(stood_in_for.values("manager"))
        return self.answered_by(whose, on=timezone.localdate()).filter(organisation=organisation_id)

    def answered_by(self, managers: "Manager | models.QuerySet[Manager]", *, on: date) -> Self:
        """Cases for which one of `managers` answers on a day."""
        from casework.models.responsibilities import Responsibility

        return self.filter(pk__in=Responsibility.objects.on(on).of(managers).values("case"))

    def answered_from(self, manager: Manager, *, day: date) -> Self:
        """Open cases for which `manager` answers on `day` or, as decided already, on any later one."""
        from casework.models.responsibilities import Responsibility

        return self.open().filter(pk__in=Responsibility.objects.reaching(day).of(manager).values("case"))

    def with_responsible(self, user: User) -> Self:
        """Adds `responsible_name`, who answers for the case today, and whether that is `user` (`is_own`)."""
        from casework.models.responsibilities import Responsibility

        today = Responsibility.objects.on(timezone.localdate()).filter(case=OuterRef("pk"))
        return self.annotate(
            responsible_name=Subquery(today.values("manager__user__name")[:1]),
            is_own=Exists(today.filter(manager__user=user)),
        )

    def whose(self, choice: str, user: User) -> Self:
        """`own` for those that `user` answers for, `others` for those of people they stand in for, else all of them."""
        if choice not in ("own", "others"):
            return self
        acting = Manager.objects.filter(user=user, organisation=user.membership.organisation_id)
        own = Case.objects.answered_by(acting, on=timezone.localdate())
        return self.filter(pk__in=own) if choice == "own" else self.exclude(pk__in=own)

    def open_or_of(self, contacts: Iterable["Contact"]) -> Self:
        """Open cases, and closed ones to which one of the contacts belongs."""
        return self.filter(Q(closed_on__isnull=True) | Q(pk__in={contact.case_id for contact in contacts}))

    def for_due_list(self, user: User, *, stands_in: bool) -> Self:
        """With who answers for a case, for a reader who stands in for others."""
        return self.with_responsible(user) if stands_in else self

    def ids_among(self, contacts: Iterable["Contact"]) -> set[int]:
        """Which of the contacts' cases are among these."""
        return set(self.filter(pk__in={contact.case_id for contact in contacts}).values_list("pk", flat=True))

    def unchanged(self, case: "Case") -> Self:
        """The case, if it belongs where it did, and what a contact takes over from it is stored as it was read."""
        return self.filter(
            pk=case.pk,
            organisation=case.organisation_id,
            opened_on=case.opened_on,
            municipality=case.municipality_id,
        )

    def lasting_on(self, day: date) -> Self:
        """Cases that had not ended before a day."""
        return self.filter(Q(closed_on__isnull=True) | Q(closed_on__gte=day))

    def with_code(self, code: str | None) -> "Case | None":
        return self.filter(code=code).first() if code else None

    def open(self) -> Self:
        return self.filter(closed_on__isnull=True)

    def for_picking(self) -> Self:
        """Code and municipality, by municipality."""
        return self.select_related("municipality").order_by("municipality__sort_name", "municipality", "code")

    def with_file(self) -> Self:
        """Adds the present phase and its first day, the running plan with its next review, the last assessment, and the
        organisation to which the case is offered.
        """
        from casework.models.assessments import Assessment
        from casework.models.phases import CasePhase
        from casework.models.plans import Plan
        from casework.models.transfers import Transfer

        offers = Transfer.objects.waiting().filter(case=OuterRef("pk"))
        phases = CasePhase.objects.filter(case=OuterRef("pk")).order_by("-starts_on")
        plans = Plan.objects.filter(case=OuterRef("pk"), ends_on__isnull=True)
        assessments = Assessment.objects.filter(case=OuterRef("pk")).order_by("-assessed_on")
        return self.annotate(
            phase=Subquery(phases.values("phase")[:1]),
            phase_since=Subquery(phases.values("starts_on")[:1]),
            plan_agreed_on=Subquery(plans.values("starts_on")[:1]),
            review_on=Subquery(plans.values("review_on")[:1]),
            assessed_on=Subquery(assessments.values("assessed_on")[:1]),
            offered_to=Subquery(offers.values("receiver__name")[:1]),
        )

    def with_last_plan(self) -> Self:
        """Adds the last day of the plan that ended last."""
        from casework.models.plans import Plan

        ended = Plan.objects.filter(case=OuterRef("pk"), ends_on__isnull=False).order_by("-ends_on")
        return self.annotate(plan_ended_on=Subquery(ended.values("ends_on")[:1]))

    def for_case_list(self) -> Self:
        """Open ones first, the youngest on top.

        Places come by themselves for the page that is shown: of a million cases the database takes those of one
        manager for a single row, and joins it to places by reading all 1,101 for each.
        """
        cases = self.select_related("measure").prefetch_related("municipality")
        return cases.order_by(F("closed_on").desc(nulls_first=True), "-opened_on", "code")

    def for_choice(self, user: User, *, keep: int | None = None) -> Self:
        """Open cases for the contact form with whose they are, the one used last on top.

        `keep` stays in although it may be closed.
        """
        choosable = self.filter(Q(closed_on__isnull=True) | Q(pk=keep))
        return choosable.with_responsible(user).select_related("measure").for_picker()

    def for_picker(self) -> Self:
        """Code and municipality, the case used last on top."""
        return self.select_related("municipality").order_by("-last_used_at", "code")

    def due(self) -> Self:
        """Open cases that need attention: the funding time ends within half a year, or no entry for eight weeks."""
        warned_from = add_months(timezone.localdate().replace(day=1), settings.CASE_WARNING_MONTHS)
        near_limit = Q(opened_on__lt=add_months(warned_from, -settings.CASE_LIMIT_MONTHS), extension_reason="")
        near_end = Q(opened_on__lt=add_months(warned_from, -settings.CASE_EXTENDED_MONTHS))
        unseen = timezone.now() - settings.CASE_UNSEEN
        return self.open().filter(near_limit | near_end | Q(last_used_at__lt=unseen))

    def with_code_like(self, text: str) -> Self:
        """Those whose code contains `text`, hyphen and blanks apart; all for an empty one."""
        return self.alias(plain=plain_code("code")).filter(plain__contains=plain(text)) if text else self

    def in_state(self, state: str) -> Self:
        """`open`, `due`, `closed`, or all of them for any other word."""
        if state in ("open", "due"):
            return self.open() if state == "open" else self.due()
        return self.filter(closed_on__isnull=False) if state == "closed" else self


class Case(models.Model):
    """A person or family in case management, under a random code; who it is stands in the manager's own paper."""

    code = models.CharField(_("code"), max_length=9, unique=True, default=new_code, editable=False)
    measure = models.ForeignKey(Measure, verbose_name=_("measure"), on_delete=models.RESTRICT, related_name="+")
    # Always "cases"; the database ties this pair to the measure's own, so that no other measure can have a case.
    profile = models.CharField(max_length=10, default=Measure.Profile.CASES, editable=False)
    records_origin = models.BooleanField(editable=False)
    # The first to answer for it; who does now stands in `Responsibility`.
    opened_by = models.ForeignKey(Manager, on_delete=models.RESTRICT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.RESTRICT, related_name="+")
    municipality = models.ForeignKey(
        Municipality, verbose_name=_("municipality"), on_delete=models.RESTRICT, related_name="+"
    )
    opened_on = models.DateField(_("opened on"))
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    # From this day on a closed case is kept for its time: an end may be entered long after it.
    closing_entered_on = models.DateField(null=True, editable=False)
    closing_reason = models.CharField(_("reason"), max_length=20, choices=ClosingReason.choices, blank=True)
    age_band = models.CharField(_("age"), max_length=5, choices=AgeBand.choices)
    household_band = models.CharField(_("household"), max_length=3, choices=HouseholdBand.choices)
    origin_group = models.CharField(_("region of origin"), max_length=15, choices=OriginGroup.choices, blank=True)
    residence_group = models.CharField(_("residence status"), max_length=20, choices=ResidenceGroup.choices, blank=True)
    arrival_year = models.PositiveSmallIntegerField(_("year of arrival in Germany"), null=True, blank=True)
    # That the person agreed to case management, for how long, and since when no longer.
    consent_on = models.DateField(_("consent given on"), null=True, blank=True)
    consent_until = models.DateField(_("consent ends on"), null=True, blank=True)
    withdrawn_on = models.DateField(_("consent withdrawn on"), null=True, blank=True)
    # The fourth year of the funding time, in single cases.
    extension_reason = models.CharField(_("reason"), max_length=10, choices=ExtensionReason.choices, blank=True)
    extended_by = models.ForeignKey(
        User, on_delete=models.RESTRICT, null=True, blank=True, editable=False, related_name="+", db_index=False
    )
    extended_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(default=timezone.now, editable=False)
    # Made with the form, so that an entry that is sent twice is stored once; the database makes it for bulk loads.
    entry_key = models.UUIDField(default=uuid4, db_default=RandomUUID(), editable=False)
    # Counts the changes, so that nobody overwrites what somebody else has saved meanwhile.
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="case_code_shape", condition=Q(code__regex=PATTERN)),
            known(name="case_age_known", field="age_band", choices=AgeBand),
            known(name="case_household_known", field="household_band", choices=HouseholdBand),
            known(name="case_origin_known", field="origin_group", choices=OriginGroup, blank=True),
            known(name="case_residence_known", field="residence_group", choices=ResidenceGroup, blank=True),
            known(name="case_closing_reason_known", field="closing_reason", choices=ClosingReason, blank=True),
            models.CheckConstraint(name="case_profile_is_cases", condition=Q(profile="cases")),
            models.CheckConstraint(name="case_opened_in_the_pact", condition=Q(opened_on__gte=settings.PACT_START)),
            models.CheckConstraint(
                name="case_closed_after_opened", condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("opened_on"))
            ),
            models.CheckConstraint(
                name="case_closing_has_reason",
                condition=Q(closed_on__isnull=True, closing_reason="")
                | (Q(closed_on__isnull=False) & ~Q(closing_reason="")),
            ),
            models.CheckConstraint(
                name="case_origin_exactly_where_measure_records_it",
                condition=Q(records_origin=False, origin_group="", residence_group="", arrival_year__isnull=True)
                | (Q(records_origin=True) & ~Q(origin_group="") & ~Q(residence_group="")),
            ),
            models.CheckConstraint(
                name="case_arrival_year_plausible",
                condition=Q(arrival_year__isnull=True) | Q(arrival_year__range=(1950, 2100)),
            ),
            models.CheckConstraint(
                name="case_consent_in_order",
                condition=Q(consent_on__isnull=True, consent_until__isnull=True, withdrawn_on__isnull=True)
                | (
                    Q(consent_on__isnull=False, consent_on__gte=settings.PACT_START)
                    & (Q(consent_until__isnull=True) | Q(consent_until__gte=F("consent_on")))
                    & (Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gte=F("consent_on")))
                ),
            ),
            known(name="case_extension_reason_known", field="extension_reason", choices=ExtensionReason, blank=True),
            models.CheckConstraint(
                name="case_extension_has_reason",
                condition=Q(extension_reason="", extended_by__isnull=True, extended_at__isnull=True)
                | (~Q(extension_reason="") & Q(extended_by__isnull=False, extended_at__isnull=False)),
            ),
            models.UniqueConstraint(name="case_entry_once", fields=["entry_key"]),
            # Contacts refer to (id, opened_on), so that none can lie before the case was opened.
            models.UniqueConstraint(name="case_id_and_opening", fields=["id", "opened_on"]),
        ]
        indexes = [models.Index(name="case_closed", fields=["closed_on"], condition=Q(closed_on__isnull=False))]
        triggers = figure_change_triggers(
            months=(
                "date_trunc('month', r.opened_on)::date, "
                "date_trunc('month', coalesce(r.closed_on, greatest(current_date, r.opened_on)))::date"
            ),
            counted=("organisation_id", "municipality_id", "measure_id", "opened_on", "closed_on"),
            manager="p.manager_id",
            # Nobody stands there yet for a new case: the rows of `Responsibility` note themselves.
            join="JOIN casework_responsibility p ON p.case_id = r.id",
        )

    def __str__(self) -> str:
        return self.code

    @property
    def is_open(self) -> bool:
        return self.closed_on is None

    @cached_property
    def responsible(self) -> Manager:
        """Who answers for the case today."""
        from casework.models.responsibilities import Responsibility

        today = Responsibility.objects.on(timezone.localdate()).select_related("manager__user")
        return today.get(case=self).manager

    @property
    def phase_name(self) -> str | Promise:
        """The present phase in words, of a case read `with_file`."""
        from casework.models.phases import Phase

        return Phase(self.phase).label

    @property
    def is_review_overdue(self) -> bool:
        """Whether the review of the running plan should have been, of a case read `with_file`."""
        return self.is_open and self.review_on is not None and self.review_on < timezone.localdate()

    @property
    def is_assessment_due(self) -> bool:
        """Whether the last assessment is old enough for a new one, of a case read `with_file`."""
        if not self.is_open or self.assessed_on is None:
            return False
        return months_later(self.assessed_on, settings.ASSESSMENT_MONTHS) <= timezone.localdate()

    @property
    def has_consent(self) -> bool:
        """Whether the person agrees today."""
        if self.consent_on is None or self.withdrawn_on is not None:
            return False
        return self.consent_until is None or self.consent_until >= timezone.localdate()

    @property
    def may_be_extended(self) -> bool:
        """A fourth year can be given from half a year before the end of the third on, once."""
        return self.is_near_limit and not self.extension_reason

    @property
    def extendable_from(self) -> date:
        """From which day on a fourth year can be given, to an open case in its third or an earlier one."""
        return add_months(month_of(self.limit_on), 1 - settings.CASE_WARNING_MONTHS)

    @property
    def limit_on(self) -> date:
        """The last day of the funding time: three years after the opening (four in single cases, with a reason)."""
        months = settings.CASE_EXTENDED_MONTHS if self.extension_reason else settings.CASE_LIMIT_MONTHS
        return months_later(self.opened_on, months)

    @property
    def goes_on(self) -> date:
        """The day on which a closed case is deleted, or an open one that lasts until its limit."""
        return months_later(self.closing_entered_on or self.limit_on, settings.CASE_KEPT_MONTHS)

    @property
    def is_entered_late(self) -> bool:
        """Whether the end was entered after its day, so that the case is kept from then on."""
        return not self.is_open and self.closing_entered_on > self.closed_on

    @property
    def is_ended_by_limit(self) -> bool:
        """Whether the funding time was over when it was closed; a manager may give that reason a little earlier."""
        return self.closing_reason == ClosingReason.TIME_LIMIT and self.closed_on >= self.limit_on

    @property
    def is_near_limit(self) -> bool:
        warned_from = add_months(timezone.localdate().replace(day=1), settings.CASE_WARNING_MONTHS)
        return self.is_open and self.limit_on < warned_from

    @property
    def is_past_limit(self) -> bool:
        return self.is_open and self.limit_on < timezone.localdate()

    @property
    def is_unseen(self) -> bool:
        return self.is_open and self.last_used_at < timezone.now() - settings.CASE_UNSEEN
