"""What somebody typed into a form and has not saved yet."""

from collections.abc import Sequence
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from pik.models.people import Membership, User

KEY = r"^[a-z0-9-]{1,40}$"


class DraftQuerySet(models.QuerySet["Draft"]):
    def visible_to(self, user: User) -> Self:
        """A draft is seen by who typed it, while acting in the same membership; by nobody else."""
        membership = user.membership
        if membership is None:
            return self.none()
        return self.filter(user=user, membership=membership.pk, expires_at__gt=timezone.now())

    def of_form(self, form: str) -> Self:
        return self.filter(form=form)

    def of_membership(self, membership: int) -> Self:
        return self.filter(membership=membership)

    def beyond(self, number: int) -> Self:
        """All but the latest of these, as many as `number`."""
        return self.exclude(pk__in=self.order_by("-saved_at", "-pk").values("pk")[:number])

    def current(self) -> Self:
        return self.filter(expires_at__gt=timezone.now())

    def outlived(self) -> Self:
        """Drafts to which nobody came back."""
        return self.filter(expires_at__lte=timezone.now())


class Draft(models.Model):
    """The fields of one form, as they were sent last while somebody typed."""

    # The labels of `left_out` in the form into which the draft was put.
    missing: Sequence[str] = ()

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    form = models.CharField(max_length=40)
    # Each field with the list of its values.
    data = models.JSONField()
    # The names of fields whose words the guard refused; the words themselves are kept nowhere.
    left_out = models.JSONField(default=list)
    # When the page was made in which it was typed: what comes late from another one is no later state of it.
    opened_at = models.DateTimeField(null=True, editable=False)
    saved_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(editable=False, db_index=True)

    objects = DraftQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="draft_once_a_form", fields=["membership", "form"]),
            models.CheckConstraint(name="draft_form_shape", condition=Q(form__regex=KEY)),
        ]

    def __str__(self) -> str:
        return self.form
