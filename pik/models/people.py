"""People who log in, and the roles they have in organisations for a time."""

from datetime import date
from typing import Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from pik.models.organisations import Organisation
from pik.ordering import sort_key_field
from pik.periods import PeriodQuerySet, ends_after_start, once_at_a_time


class UserManager(BaseUserManager["User"]):
    def create_user(self, *, email: str, name: str, password: str | None = None) -> "User":
        """Creates a person who can log in; without a password the invitation lets them choose one."""
        user = self.model(email=email.strip().lower(), name=name.strip())
        user.set_password(password)
        # Whether the address is free is for the database to say: its refusal names the field.
        user.full_clean(validate_constraints=False)
        user.save(using=self._db)
        return user

    def returning(self, *, email: str, on: date) -> "User | None":
        """The active person with this address whose roles have all ended before the day `on`; None without one."""
        known = self.select_for_update().filter(email=email.strip().lower(), is_active=True).first()
        ends = list(known.memberships.values_list("ends_on", flat=True)) if known else []
        return known if ends and all(end and end < on for end in ends) else None

    def get_by_natural_key(self, email: str) -> "User":
        return self.get(email__iexact=email)


class User(AbstractBaseUser):
    """A member of staff with a login; never a client."""

    email = models.EmailField(_("e-mail address"), max_length=200)
    name = models.CharField(_("name"), max_length=100)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    invitation_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    invitation_sent_at = models.DateTimeField(null=True, blank=True, editable=False)
    sort_name = sort_key_field("name")

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    # Set by the middleware from the session: in which of several memberships the person acts now.
    acting_membership_id: int | None = None

    class Meta:
        constraints = [
            models.CheckConstraint(name="user_email_in_small_letters", condition=Q(email=Lower("email"))),
            models.UniqueConstraint(
                fields=["email"],
                name="user_email_unique",
                violation_error_message=_("This e-mail address already has a login. Use another address."),
            ),
        ]
        indexes = [
            models.Index(
                name="user_invitation_due", fields=["invitation_due_at"], condition=Q(invitation_due_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @cached_property
    def active_memberships(self) -> list["Membership"]:
        """The memberships that hold today, the oldest first."""
        if not self.is_active:
            return []
        held = self.memberships.active_on(timezone.localdate()).select_related("organisation__district")
        return list(held.annotate(posts_allow=import_string(settings.ALLOWED_BY_POSTS)()))

    @property
    def membership(self) -> "Membership | None":
        """The membership in which the person acts: the one chosen, else the oldest active; None without any."""
        chosen = (m for m in self.active_memberships if m.pk == self.acting_membership_id)
        return next(chosen, self.active_memberships[0] if self.active_memberships else None)


class MembershipQuerySet(PeriodQuerySet):
    def coordinators_on(self, day: date) -> Self:
        """Coordinators who can log in on `day`."""
        return self.active_on(day).filter(role=Membership.Role.COORDINATOR, user__is_active=True)


class Membership(models.Model):
    """The role of a person in an organisation from the first to the last day, both included."""

    class Role(models.TextChoices):
        MANAGER = "manager", _("Integration manager")
        COORDINATOR = "coordinator", _("Coordinator")
        MINISTRY = "ministry", _("Ministry")
        AUDITOR = "auditor", _("Auditor")

    user = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.RESTRICT, related_name="memberships")
    role = models.CharField(_("role"), max_length=12, choices=Role.choices)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True)

    # Whether today's posts let the person open cases, and record counts; read with the memberships that hold today.
    posts_allow: tuple[bool | None, bool | None] = (None, None)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["starts_on", "pk"]
        constraints = [
            models.CheckConstraint(
                name="membership_role_known", condition=Q(role__in=["manager", "coordinator", "ministry", "auditor"])
            ),
            ends_after_start("membership_ends_after_it_starts"),
            once_at_a_time(
                name="membership_once_at_a_time",
                fields=["user", "organisation", "role"],
                message=_("The person already has this role in this organisation in that time."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()}, {self.organisation}"

    @property
    def opens_cases(self) -> bool:
        return bool(self.posts_allow[0])

    @property
    def records_counts(self) -> bool:
        return bool(self.posts_allow[1])

    @cached_property
    def keeps_cases(self) -> bool:
        """Whether cases are the person's work, or have been: only who records nothing but counts never had any."""
        if self.opens_cases or not self.records_counts:
            return True
        return import_string(settings.ANSWERS_FOR_CASES)(self)

    @property
    def sees_whole_state(self) -> bool:
        return self.role in (self.Role.MINISTRY, self.Role.AUDITOR)

    @property
    def leads_district(self) -> bool:
        """True for the coordinator of a Kreis, who answers for all bodies the Kreis passes money on to."""
        return self.role == self.Role.COORDINATOR and self.organisation.kind == Organisation.Kind.DISTRICT
