"""Leaving an organisation, and moving to another one."""

from collections.abc import Mapping
from datetime import date

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from casework.models import (
    Case,
    Contact,
    Leaving,
    LeavingEffect,
    Manager,
)
from casework.models.counts import COUNT_MODELS
from casework.models.leavings import periods_of, reaching_beyond
from casework.models.responsibilities import HandoverReason
from casework.services.handovers import DAY, hand_over, lock_teams, refuse_strangers, refused
from pik.days import refuse_after
from pik.integrity import refusals
from pik.models import Membership, Organisation, User


def record_leaving(
    *,
    manager: Manager,
    last_day: date,
    decided_by: User,
    rest: Manager | None,
    by_municipality: Mapping[str, Manager] | None = None,
) -> Leaving:
    """The last day of `manager` in the organisation: bookings and access end with it, open cases go to colleagues.

    `rest` also takes the cases that the manager still opens until then. What ends or, not having begun, is taken away
    stands in the `effects` of the leaving. Raises ValidationError when open cases would be left alone, the manager has
    recorded something after `last_day` or does not work there then, or the day lies more than three months back or a
    year ahead. Nothing is changed then.
    """
    with refusals(refused()):
        lock_teams(manager.organisation_id)
        employment = employment_of(manager)
        _refuse_last_day(manager, employment, last_day)
        starts_on = max(last_day + DAY, timezone.localdate())
        if Case.objects.answered_from(manager, day=starts_on).exists():
            if rest is None:
                raise ValidationError({"rest": _("There are open cases. Choose who takes them over.")})
            hand_over(
                manager=manager,
                starts_on=starts_on,
                reason=HandoverReason.LEAVING,
                decided_by=decided_by,
                rest=rest,
                by_municipality=by_municipality,
            )
        elif rest:
            refuse_strangers(manager, starts_on, {rest})
        Manager.objects.filter(pk=manager.pk).update(successor=rest)
        # Whoever was to take over cases from somebody else cannot do so any more.
        Manager.objects.filter(successor=manager).exclude(pk=rest and rest.pk).update(successor=rest)
        Manager.objects.filter(successor=manager).update(successor=None)
        leaving = _end_withemployment_of(manager, last_day)
        employment.ends_on = last_day
        employment.full_clean(validate_constraints=False)
        employment.save(update_fields=["ends_on"])
        manager.refresh_from_db(fields=["successor"])
    return leaving


def move_manager(
    *,
    manager: Manager,
    organisation: Organisation,
    last_day: date,
    decided_by: User,
    rest: Manager | None,
    by_municipality: Mapping[str, Manager] | None = None,
) -> Manager:
    """Lets `manager` leave on `last_day` and begin in another organisation the day after; returns the manager there.

    Cases, contacts and figures stay with the old organisation; the qualification moves along. A post in the new one is
    booked apart. Raises ValidationError as `record_leaving`.
    """
    if organisation.pk == manager.organisation_id:
        raise ValidationError({"organisation": _("The person works there already. Choose another organisation.")})
    with transaction.atomic():
        leaving = record_leaving(
            manager=manager, last_day=last_day, decided_by=decided_by, rest=rest, by_municipality=by_municipality
        )
        taken = {
            "membership_once_at_a_time": (
                "organisation",
                _("The person is registered there for that time already. Record the leaving only."),
            )
        }
        with refusals(taken):
            membership = Membership(
                user=manager.user, organisation=organisation, role=Membership.Role.MANAGER, starts_on=last_day + DAY
            )
            membership.full_clean(validate_constraints=False)
            membership.save()
        leaving.moved_to = membership
        leaving.save(update_fields=["moved_to"])
        there, _new = Manager.objects.get_or_create(user=manager.user, organisation=organisation)
        there.qualification, there.qualification_proven_on = manager.qualification, manager.qualification_proven_on
        there.save(update_fields=["qualification", "qualification_proven_on"])
    return there


def purge_outlived_leavings() -> int:
    """Forgets what leavings ended whose day has passed; returns how many there were."""
    outlived = Leaving.objects.outlived()
    count = outlived.count()
    outlived.delete()
    return count


def employments_of(manager: Manager) -> QuerySet[Membership]:
    """The memberships of a manager, the latest first, locked, so that no case is opened meanwhile."""
    held = Membership.objects.select_for_update(of=("self",)).filter(
        user=manager.user_id, organisation=manager.organisation_id, role=Membership.Role.MANAGER
    )
    return held.order_by("-starts_on")


def employment_of(manager: Manager) -> Membership:
    """The membership that is to end."""
    employment = employments_of(manager).first()
    if employment is None or (employment.ends_on and employment.ends_on < timezone.localdate()):
        raise ValidationError(_("This person does not work here any more."))
    return employment


def _refuse_last_day(manager: Manager, employment: Membership, last_day: date) -> None:
    if employment.ends_on:
        message = _("A leaving on %(day)s is announced already. Take it back first.")
        day = date_format(employment.ends_on, "SHORT_DATE_FORMAT")
        raise ValidationError({"last_day": message % {"day": day}})
    if last_day < employment.starts_on:
        message = _("The person works here since %(day)s. Enter this day or a later one.")
        day = date_format(employment.starts_on, "SHORT_DATE_FORMAT")
        raise ValidationError({"last_day": message % {"day": day}})
    message = _("A leaving is entered at most one year ahead. Enter %(day)s or an earlier day.")
    # The cases go on one day later.
    refuse_after(timezone.localdate() + settings.DECIDED_AHEAD - DAY, message, last_day=last_day)
    earliest = timezone.localdate() - settings.LEAVING_BACKDATED
    if last_day < earliest:
        message = _("A leaving can be entered three months back at most. Enter %(day)s or a later day.")
        raise ValidationError({"last_day": message % {"day": date_format(earliest, "SHORT_DATE_FORMAT")}})
    recorded = [
        model.objects.filter(manager=manager, date__gt=last_day)
        .order_by("-date")
        .values_list("date", flat=True)
        .first()
        for model in (Contact, *COUNT_MODELS.values())
    ]
    if latest := max((day for day in recorded if day), default=None):
        message = _("There is an entry of %(day)s. Enter this day or a later one.")
        raise ValidationError({"last_day": message % {"day": date_format(latest, "SHORT_DATE_FORMAT")}})


def _end_withemployment_of(manager: Manager, last_day: date) -> Leaving:
    """Ends what cannot go on without the person; what would have begun later is taken away."""
    # Of an earlier employment that ended.
    Leaving.objects.filter(manager=manager).delete()
    leaving = Leaving.objects.create(manager=manager, last_day=last_day)
    LeavingEffect.objects.bulk_create(reaching_beyond(leaving, last_day + DAY))
    for _kind, periods in periods_of(manager):
        periods.filter(starts_on__gt=last_day).delete()
        periods.reaching(last_day + DAY).update(ends_on=last_day)
    return leaving
