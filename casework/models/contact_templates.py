"""Templates: what a manager enters again and again, under a name of the manager's own."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from casework.models.contacts import LONGEST, SHORTEST, ContactChannel, ContactKind, Mediation
from casework.models.managers import Manager
from casework.words import Words
from pik.choices import known
from pik.concealed import conceal, reveal
from pik.models import Membership, User

NAME_LENGTH = 40


class ContactTemplateQuerySet(models.QuerySet["ContactTemplate"]):
    def visible_to(self, user: User) -> Self:
        """A template is seen by the manager who named it, while acting for the same organisation; by nobody else."""
        membership = user.membership
        if membership is None or membership.role != Membership.Role.MANAGER:
            return self.none()
        return self.filter(manager__user=user, manager__organisation=membership.organisation_id)

    def for_list(self) -> Self:
        """In the manager's own order."""
        return self.order_by("position", "pk")

    def with_key(self, key: str) -> "ContactTemplate | None":
        """The template that a page names, if it is still there."""
        number = reveal("template", key)
        return None if number is None else self.filter(pk=number).first()


class ContactTemplate(models.Model):
    """Everything that a contact holds but the case and the day."""

    manager = models.ForeignKey(Manager, on_delete=models.CASCADE, related_name="contact_templates")
    name = models.CharField(_("name"), max_length=NAME_LENGTH, validators=[Words(NAME_LENGTH)])
    kind = models.CharField(_("kind"), max_length=15, choices=ContactKind.choices)
    channel = models.CharField(_("channel"), max_length=10, choices=ContactChannel.choices)
    minutes = models.PositiveSmallIntegerField(
        _("duration"), validators=[MinValueValidator(SHORTEST), MaxValueValidator(LONGEST)]
    )
    topics = ArrayField(models.PositiveSmallIntegerField(), verbose_name=_("topics"))
    mediation = models.CharField(_("language mediation"), max_length=15, choices=Mediation.choices)
    # Where it stands among the manager's others.
    position = models.PositiveSmallIntegerField(default=0, editable=False)

    objects = ContactTemplateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="contact_template_named_once",
                fields=["manager", "name"],
                violation_error_message=_("You have a template of this name already. Choose another name."),
            ),
            models.CheckConstraint(name="contact_template_has_name", condition=~Q(name="")),
            models.CheckConstraint(
                name="contact_template_minutes_in_range", condition=Q(minutes__gte=SHORTEST, minutes__lte=LONGEST)
            ),
            known(name="contact_template_kind_known", field="kind", choices=ContactKind),
            known(name="contact_template_channel_known", field="channel", choices=ContactChannel),
            known(name="contact_template_mediation_known", field="mediation", choices=Mediation),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        """How a page names it."""
        return conceal("template", self.pk)
