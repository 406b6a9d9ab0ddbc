"""Lists of people to register, while they wait between the check and the decision."""

from collections.abc import Iterable
from typing import NamedTuple, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from pik.models import Membership, Organisation, User


class Fault(NamedTuple):
    """What is wrong with a row: the column as its head calls it ("" for the whole row), the cell, and what to do."""

    column: str
    written: str
    sentence: str


class ListedPerson(NamedTuple):
    """One row of a list: as it was written, what is wrong with it, and how it is understood if nothing is."""

    line: int
    cells: list[str]
    faults: list[Fault]
    # Name, e-mail, employer, measure, VZÄ, first and last day, municipalities; all of them texts.
    reading: list[str]


class ManagerListQuerySet(models.QuerySet["ManagerList"]):
    def visible_to(self, user: User) -> Self:
        """The lists that a coordinator handed in for the organisation in which they act; nobody else's."""
        membership = user.membership
        if membership is None or membership.role != Membership.Role.COORDINATOR:
            return self.none()
        return self.filter(uploaded_by=user, organisation=membership.organisation_id)

    def outlived(self) -> Self:
        """Lists that nobody decided on in time, or whose faulty rows nobody needs any more."""
        return self.filter(uploaded_at__lt=timezone.now() - settings.MANAGER_LIST_KEPT)


class ManagerList(models.Model):
    """A list of people as it was handed in and checked; rows that were registered are no longer part of it."""

    class Kind(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "XLSX"

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    uploaded_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now, editable=False, db_index=True)
    kind = models.CharField(_("kind"), max_length=4, choices=Kind.choices)
    # The sentences about the rows are in this language, whatever the reader chooses later.
    language = models.CharField(max_length=2)
    head = models.JSONField()
    rows = models.JSONField()
    # When the person decided, and how many people were registered then.
    saved_at = models.DateTimeField(null=True, blank=True)
    registered = models.PositiveSmallIntegerField(default=0)

    objects = ManagerListQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="manager_list_kind_known", condition=Q(kind__in=["csv", "xlsx"])),
            models.CheckConstraint(
                name="manager_list_registers_when_saved", condition=Q(registered=0) | Q(saved_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uploaded_at:%Y-%m-%d %H:%M}"

    @cached_property
    def people(self) -> list[ListedPerson]:
        """All rows in the order of the file."""
        return [
            ListedPerson(line, cells, [Fault(*fault) for fault in faults], reading)
            for line, cells, faults, reading in self.rows
        ]

    @property
    def good(self) -> list[ListedPerson]:
        return [person for person in self.people if not person.faults]

    @property
    def faulty(self) -> list[ListedPerson]:
        return [person for person in self.people if person.faults]

    def hold(self, people: Iterable[ListedPerson]) -> None:
        """Makes `people` the rows of the list; does not save it."""
        self.rows = [list(person) for person in people]
        self.__dict__.pop("people", None)
