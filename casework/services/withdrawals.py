"""Taking back a leaving that has not come, and an employment that has not begun."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import RestrictedError
from django.utils import timezone
from django.utils.translation import gettext as _

from casework.models import Absence, Assignment, Deputyship, Leaving, LeavingEffect, Manager, Responsibility
from casework.models.leavings import EffectKind, ending_on, periods_of
from casework.models.responsibilities import HandoverReason
from casework.services import figures
from casework.services.absences import change_absence, name_deputy, record_absence
from casework.services.bookings import assign_manager, move_end
from casework.services.handovers import DAY, lock_teams, refused
from casework.services.leavings import employment_of, employments_of
from pik.integrity import refusals
from pik.models import Membership, User


@dataclass(frozen=True)
class Withdrawal:
    """What came back with a leaving that was taken back, what did not, and the employment that a move had led to."""

    restored: list[LeavingEffect]
    lost: list[LeavingEffect]
    moved_to: Membership | None = None
    moved_to_stays: bool = False


def withdraw_leaving(*, manager: Manager, decided_by: User) -> Withdrawal:
    """Takes back a leaving whose day has not come: the person stays, and so do the cases that were to go on.

    Bookings, absences and deputyships are as before, except where something planned since is in the way. The
    employment to which a move led is taken back too, unless something is planned there. Raises ValidationError when no
    leaving is announced or its day has passed.
    """
    with transaction.atomic():
        there = Leaving.objects.filter(manager=manager).values_list("moved_to__organisation", flat=True).first()
        lock_teams(manager.organisation_id, there or manager.organisation_id)
        leaving = Leaving.objects.of(manager)
        elsewhere = leaving.moved_to if leaving else None
        employment = employment_of(manager)
        last_day = employment.ends_on
        if last_day is None:
            raise ValidationError(_("No leaving is recorded for this person. Reload the page."))
        employment.ends_on = None
        employment.save(update_fields=["ends_on"])
        _take_back(manager, last_day)
        Manager.objects.filter(pk=manager.pk).update(successor=None)
        manager.refresh_from_db(fields=["successor"])
        stays = bool(elsewhere) and not can_be_taken_back(elsewhere)
        if elsewhere and not stays:
            _end_before_begin(elsewhere)
        restored, lost = _bring_back(leaving or Leaving(manager=manager, last_day=last_day), decided_by)
        figures.refresh_soon()
    return Withdrawal(restored, lost, elsewhere, stays)


def withdraw_employment(*, manager: Manager) -> None:
    """Takes back an employment that has not begun, with the bookings, absences and deputyships planned in it.

    Whoever never worked for the organisation is not known there any more. Raises ValidationError when it has begun, or
    cases are to go to the person.
    """
    with refusals(refused()):
        lock_teams(manager.organisation_id)
        employment = employments_of(manager).filter(starts_on__gt=timezone.localdate()).first()
        if employment is None:
            raise ValidationError(_("This employment has begun. Record the leaving instead."))
        if _awaits_cases(manager, employment.starts_on):
            message = _("Cases are to go to this person. Have them passed on to somebody else first.")
            raise ValidationError(message)
        for _kind, periods in periods_of(manager):
            periods.filter(starts_on__gte=employment.starts_on).delete()
        _end_before_begin(employment)


def can_be_taken_back(employment: Membership) -> bool:
    """Whether an employment has not begun and nothing is planned in it yet."""
    there = Manager.objects.filter(user=employment.user_id, organisation=employment.organisation_id).first()
    if employment.starts_on <= timezone.localdate() or there is None:
        return False
    planned = any(periods.reaching(employment.starts_on).exists() for _kind, periods in periods_of(there))
    return not planned and not _awaits_cases(there, employment.starts_on)


def _take_back(manager: Manager, last_day: date) -> None:
    """Undoes what a leaving on `last_day` planned for the days after it."""
    own = {"handover__manager": manager}
    later = Responsibility.objects.filter(starts_on__gt=last_day)
    held = Responsibility.objects.on(last_day).of(manager).values("case")
    follows = later.filter(starts_on=last_day + DAY, case__in=held)
    # What the manager was to give away anyhow is no part of it; whatever receivers decided on top of it is.
    given = [HandoverReason.ABSENCE, HandoverReason.BALANCE]
    kept = {**own, "handover__reason__in": given}
    gone_on = list(follows.exclude(**kept).values_list("case", flat=True))
    later.filter(case__in=gone_on).exclude(**kept).delete()
    leaving = {**own, "handover__reason": HandoverReason.LEAVING, "handover__starts_on": last_day + DAY}
    back = list(later.filter(**leaving).values_list("pk", flat=True))
    Responsibility.objects.filter(pk__in=back).update(manager=manager, handover=None)


def _bring_back(leaving: Leaving, decided_by: User) -> tuple[list[LeavingEffect], list[LeavingEffect]]:
    """Makes everything as it was before the leaving; what could be brought back, and what could not.

    Of a leaving that was loaded in bulk nobody knows how it was.
    """
    if leaving.pk is None:
        return [], list(ending_on(leaving))
    restored, lost = [], []
    for effect in leaving.effects.select_related("leaving", "post", "colleague__user").order_by("pk"):
        (restored if _is_brought_back(leaving.manager, effect, decided_by) else lost).append(effect)
    leaving.delete()
    return restored, lost


def _is_brought_back(manager: Manager, effect: LeavingEffect, decided_by: User) -> bool:
    """Makes one row as it was; False when it was changed or taken back since, or something else is in its place."""
    days = {"starts_on": effect.starts_on, "ends_on": effect.ends_on}
    try:
        with transaction.atomic():
            if effect.kind == EffectKind.BOOKING:
                which = {"post": effect.post, "manager": manager, "fte": effect.fte}
                if effect.had_begun:
                    move_end(assignment=_left_of(effect, Assignment, **which), ends_on=effect.ends_on)
                else:
                    assign_manager(**which, **days, booked_by=decided_by)
            elif effect.kind == EffectKind.ABSENCE:
                if effect.had_begun:
                    absence = _left_of(effect, Absence, manager=manager)
                    change_absence(absence=absence, kind=absence.kind, **days)
                else:
                    record_absence(manager=manager, kind=effect.absence_kind, **days)
            else:
                pair = (manager, effect.colleague)
                absent, deputy = pair if effect.kind == EffectKind.DEPUTY else reversed(pair)
                if effect.had_begun:
                    _left_of(effect, Deputyship, manager=absent, deputy=deputy).delete()
                name_deputy(manager=absent, deputy=deputy, **days)
    except ValidationError:
        return False
    return True


def _left_of(
    effect: LeavingEffect, model: type[Assignment | Absence | Deputyship], **which: object
) -> Assignment | Absence | Deputyship:
    """What the leaving left of a row; ValidationError when it was changed since."""
    row = model.objects.filter(starts_on=effect.starts_on, ends_on=effect.leaving.last_day, **which).first()
    if row is None:
        raise ValidationError("changed since")
    return row


def _end_before_begin(employment: Membership) -> None:
    """Removes an employment that has not begun, and the row of a manager who never worked there."""
    there = Manager.objects.filter(user=employment.user_id, organisation=employment.organisation_id).first()
    Membership.objects.filter(pk=employment.pk).delete()
    if there and not employments_of(there).exists():
        # Whoever was named in a hand-over once stays in its history.
        with suppress(RestrictedError):
            there.delete()


def _awaits_cases(manager: Manager, day: date) -> bool:
    """Whether somebody's cases are to go to the manager on `day` or later, or would as soon as they are opened."""
    rows = Responsibility.objects.reaching(day).of(manager).of_open_cases(manager.organisation_id)
    return rows.exists() or manager.predecessors.exists()
