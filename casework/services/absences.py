"""Recording absences and naming deputies."""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from casework.models import Absence, Deputyship, Manager
from pik.integrity import refusals
from pik.models import Membership


def record_absence(*, manager: Manager, kind: str, starts_on: date, ends_on: date | None) -> Absence:
    """An interruption of pay; raises ValidationError, naming the field, for days on which there is one already."""
    absence = Absence(manager=manager, kind=kind, starts_on=starts_on, ends_on=ends_on)
    return _save_absence(absence)


def change_absence(*, absence: Absence, kind: str, starts_on: date, ends_on: date | None) -> Absence:
    """Corrects an absence under the rules of `record_absence`, for instance when the end is known."""
    absence.kind, absence.starts_on, absence.ends_on = kind, starts_on, ends_on
    return _save_absence(absence)


def withdraw_absence(*, absence: Absence) -> None:
    """Removes an absence that never was."""
    Absence.objects.filter(pk=absence.pk).delete()


def _save_absence(absence: Absence) -> Absence:
    _refuse_backward(absence.starts_on, absence.ends_on)
    refused = {
        "absence_once_at_a_time": (
            "starts_on",
            _("There is an absence in that time already. Change that one or choose other days."),
        )
    }
    with refusals(refused):
        absence.full_clean(exclude=["manager"], validate_constraints=False)
        absence.save()
    return absence


def name_deputy(*, manager: Manager, deputy: Manager, starts_on: date, ends_on: date) -> Deputyship:
    """`deputy` sees and records the cases of `manager` from the first to the last day.

    Raises ValidationError, naming the field, for the person themselves, somebody of another organisation or who does
    not work here for all of that time, or days on which the colleague is the deputy already.
    """
    _refuse_backward(starts_on, ends_on)
    elsewhere = _("A deputy works in the same organisation. Choose a colleague.")
    refused = {
        "deputyship_once_at_a_time": (
            "starts_on",
            _("This colleague is the deputy in that time already. Choose other days."),
        ),
        "deputyship_of_another": ("deputy", _("Nobody is the own deputy. Choose a colleague.")),
        "deputyship_by_own_manager": ("deputy", elsewhere),
    }
    if deputy.organisation_id != manager.organisation_id:
        raise ValidationError({"deputy": elsewhere})
    with refusals(refused):
        # Held until the deputyship stands, so that neither leaves in the same instant.
        held = Membership.objects.select_for_update(of=("self",)).filter(
            user__in=[manager.user_id, deputy.user_id],
            organisation=manager.organisation_id,
            role=Membership.Role.MANAGER,
        )
        employments = list(held.order_by("starts_on", "pk"))
        for person, field in ((manager, "ends_on"), (deputy, "deputy")):
            if not _works(employments, person, starts_on, ends_on):
                raise ValidationError({field: _("Both work here for all of that time, or it ends earlier.")})
        deputyship = Deputyship(
            manager=manager,
            deputy=deputy,
            organisation_id=manager.organisation_id,
            starts_on=starts_on,
            ends_on=ends_on,
        )
        deputyship.full_clean(exclude=["manager", "deputy", "organisation"], validate_constraints=False)
        deputyship.save()
    return deputyship


@transaction.atomic
def end_deputyship(*, deputyship: Deputyship, ends_on: date) -> None:
    """Ends a deputyship on a day; one that has not begun by then is taken back."""
    held = Deputyship.objects.select_for_update().get(pk=deputyship.pk)
    if ends_on < held.starts_on:
        held.delete()
    elif ends_on < held.ends_on:
        held.ends_on = ends_on
        held.save(update_fields=["ends_on"])


def _works(employments: Iterable[Membership], person: Manager, first: date, last: date) -> bool:
    """Whether one of these is a person's and covers the time."""
    return any(
        row.user_id == person.user_id and row.starts_on <= first and (row.ends_on is None or row.ends_on >= last)
        for row in employments
    )


def _refuse_backward(starts_on: date, ends_on: date | None) -> None:
    if ends_on and ends_on < starts_on:
        raise ValidationError({"ends_on": _("The last day lies before the first. Change one of the two dates.")})
