"""Passing cases on to colleagues."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from casework.models import (
    Case,
    Handover,
    HandoverShare,
    Manager,
    Responsibility,
)
from casework.services import figures
from pik.days import refuse_after
from pik.integrity import refusals
from pik.models import Organisation, User

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
    ValidationError for a day before today or more than a year ahead, a colleague who does not work in the organisation
    for good from that day on, a picked case that is not the manager's, or when no case is passed on. Nothing is changed
    then.
    """
    by_municipality = by_municipality or {}
    message = _("Cases are passed on at most one year ahead. Enter %(day)s or an earlier day.")
    refuse_after(timezone.localdate() + settings.DECIDED_AHEAD, message, starts_on=starts_on)
    if starts_on < timezone.localdate():
        raise ValidationError({"starts_on": _("Cases are passed on from today or a later day on. Enter such a day.")})
    with refusals(refused()):
        lock_teams(manager.organisation_id)
        refuse_strangers(manager, starts_on, {rest, *by_municipality.values()} - {None})
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


def lock_teams(*organisations: int) -> None:
    """Decisions about one organisation's cases come one after the other."""
    locked = Organisation.objects.select_for_update(no_key=True).filter(pk__in=organisations)
    # Always in the same order, so that two decisions about the same two never wait for each other.
    list(locked.order_by("pk").values_list("pk", flat=True))


def refuse_strangers(manager: Manager, day: date, receivers: Collection[Manager]) -> None:
    """Raises ValidationError when a receiver does not work beside the manager for good from `day` on."""
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


def refused() -> dict[str, tuple[str | None, str]]:
    """What a decision is told that would leave a case alone."""
    return {
        "case_has_responsible_manager": (
            "rest",
            _("Open cases would be left without anybody who answers for them. Choose who takes them over."),
        ),
    }
