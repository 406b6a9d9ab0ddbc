"""Passing cases on to colleagues, leaving, and moving to another organisation."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from casework.models import (
    Absence,
    Assignment,
    Case,
    Contact,
    Deputyship,
    Handover,
    HandoverShare,
    Manager,
    Responsibility,
)
from casework.models.counts import COUNT_MODELS
from casework.models.responsibilities import HandoverReason
from casework.services import figures
from pik.integrity import refusals
from pik.models import Membership, Organisation, User

DAY = timedelta(days=1)


def hand_over(
    *,
    manager: Manager,
    starts_on: date,
    reason: str,
    decided_by: User,
    rest: Manager | None,
    by_municipality: Mapping[str, Manager] | None = None,
    picked: Collection[int] | None = None,
) -> Handover:
    """Passes open cases of `manager` on, from `starts_on` until further notice, in one step.

    With `picked` (ids of cases) these go to `rest`; else those in a municipality that `by_municipality` names (by AGS)
    go to the colleague named there and all others to `rest`, or stay when it is None. What is past is kept. Raises
    ValidationError for a day before today, a colleague who does not work in the organisation for good from that day
    on, a picked case that is not the manager's, or when no case is passed on. Nothing is changed then.
    """
    by_municipality = by_municipality or {}
    if starts_on < timezone.localdate():
        raise ValidationError({"starts_on": _("Cases are passed on from today or a later day on. Enter such a day.")})
    with refusals(_refused()):
        _lock_team(manager.organisation_id)
        _refuse_strangers(manager, starts_on, {rest, *by_municipality.values()} - {None})
        cases = Case.objects.answered_from(manager, day=starts_on)
        if picked is not None:
            cases = cases.filter(pk__in=picked)
            if cases.count() != len(set(picked)):
                message = _("Some of these cases were closed or passed on meanwhile. Reload the page and pick again.")
                raise ValidationError({"cases": message})
        receivers = {
            pk: rest if picked is not None else by_municipality.get(ags, rest)
            for pk, ags in cases.values_list("pk", "municipality_id")
        }
        receivers = {pk: receiver for pk, receiver in receivers.items() if receiver}
        if not receivers:
            raise ValidationError(_("No open case was chosen, so nothing was passed on."))
        handover = Handover.objects.create(
            organisation_id=manager.organisation_id,
            manager=manager,
            reason=reason,
            starts_on=starts_on,
            decided_by=decided_by,
        )
        _pass_on(handover, receivers)
        figures.refresh_soon()
    return handover


def record_leaving(
    *,
    manager: Manager,
    last_day: date,
    decided_by: User,
    rest: Manager | None,
    by_municipality: Mapping[str, Manager] | None = None,
) -> Membership:
    """The last day of `manager` in the organisation: bookings and access end with it, open cases go to colleagues.

    `rest` also takes the cases that the manager still opens until then. Raises ValidationError when open cases would
    be left alone, the manager has recorded something after `last_day` or does not work there then, or the day lies more
    than three months back. Nothing is changed
    then.
    """
    with refusals(_refused()):
        _lock_team(manager.organisation_id)
        employment = _employment(manager)
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
            _refuse_strangers(manager, starts_on, {rest})
        Manager.objects.filter(pk=manager.pk).update(successor=rest)
        # Whoever was to take over cases from somebody else cannot do so any more.
        Manager.objects.filter(successor=manager).exclude(pk=rest and rest.pk).update(successor=rest)
        Manager.objects.filter(successor=manager).update(successor=None)
        _end_with_employment(manager, last_day)
        employment.ends_on = last_day
        employment.full_clean(validate_constraints=False)
        employment.save(update_fields=["ends_on"])
        manager.refresh_from_db(fields=["successor"])
    return employment


def withdraw_leaving(*, manager: Manager) -> Membership:
    """Takes back a leaving whose day has not come: the person stays, and so do the cases that were to go on.

    Bookings, absences and deputyships stay ended, because others may have been planned since; so does an employment
    elsewhere. Raises ValidationError when no leaving is announced or its day has passed.
    """
    with transaction.atomic():
        _lock_team(manager.organisation_id)
        employment = _employment(manager)
        last_day = employment.ends_on
        if last_day is None:
            raise ValidationError(_("No leaving is recorded for this person. Reload the page."))
        employment.ends_on = None
        employment.save(update_fields=["ends_on"])
        _take_back(manager, last_day)
        Manager.objects.filter(pk=manager.pk).update(successor=None)
        manager.refresh_from_db(fields=["successor"])
        figures.refresh_soon()
    return employment


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
        record_leaving(
            manager=manager, last_day=last_day, decided_by=decided_by, rest=rest, by_municipality=by_municipality
        )
        refused = {
            "membership_once_at_a_time": (
                "organisation",
                _("The person is registered there for that time already. Record the leaving only."),
            )
        }
        with refusals(refused):
            membership = Membership(
                user=manager.user, organisation=organisation, role=Membership.Role.MANAGER, starts_on=last_day + DAY
            )
            membership.full_clean(validate_constraints=False)
            membership.save()
        there, _new = Manager.objects.get_or_create(user=manager.user, organisation=organisation)
        there.qualification, there.qualification_proven_on = manager.qualification, manager.qualification_proven_on
        there.save(update_fields=["qualification", "qualification_proven_on"])
    return there


def _lock_team(organisation_id: int) -> None:
    """Decisions about one organisation's cases come one after the other."""
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation_id)


def _refuse_strangers(manager: Manager, day: date, receivers: Collection[Manager]) -> None:
    colleagues = set(Manager.objects.colleagues_of(manager, day=day))
    if not colleagues.issuperset(receivers):
        message = _("A colleague who takes cases over works here for good on that day. Choose somebody else.")
        raise ValidationError({"rest": message})


def _pass_on(handover: Handover, receivers: Mapping[int, Manager]) -> None:
    """Writes who answers for the cases from the hand-over's day on, in the place of its manager."""
    day, giver = handover.starts_on, handover.manager
    # What begins on the day or was decided for a later one goes to the receiver instead.
    later = list(Responsibility.objects.filter(manager=giver, starts_on__gte=day, case__in=receivers))
    for row in later:
        row.manager, row.handover = receivers[row.case_id], handover
    now = Responsibility.objects.on(day).of(giver).filter(starts_on__lt=day, case__in=receivers)
    fresh = [
        Responsibility(case_id=pk, manager=receivers[pk], starts_on=day, handover=handover)
        for pk in now.values_list("case", flat=True)
    ]
    Responsibility.objects.bulk_create(fresh)
    Responsibility.objects.bulk_update(later, ["manager", "handover"])
    counts = Counter(receivers.values())
    HandoverShare.objects.bulk_create(
        HandoverShare(handover=handover, manager=receiver, cases=count) for receiver, count in counts.items()
    )


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


def _employment(manager: Manager) -> Membership:
    """The membership that is to end, locked, so that no case is opened meanwhile."""
    held = Membership.objects.select_for_update(of=("self",)).filter(
        user=manager.user_id, organisation=manager.organisation_id, role=Membership.Role.MANAGER
    )
    employment = held.order_by("-starts_on").first()
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


def _end_with_employment(manager: Manager, last_day: date) -> None:
    """Ends what cannot go on without the person; what would have begun later is taken back."""
    rows = (
        Assignment.objects.filter(manager=manager),
        Absence.objects.filter(manager=manager),
        Deputyship.objects.filter(manager=manager),
        Deputyship.objects.filter(deputy=manager),
    )
    for periods in rows:
        periods.filter(starts_on__gt=last_day).delete()
        periods.reaching(last_day + DAY).update(ends_on=last_day)


def _refused() -> dict[str, tuple[str | None, str]]:
    return {
        "case_has_responsible_manager": (
            "rest",
            _("Open cases would be left without anybody who answers for them. Choose who takes them over."),
        ),
    }
