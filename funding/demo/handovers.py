"""Cases that those who left passed on, and the employments that ended with it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random

from django.db.backends.utils import CursorWrapper

from casework.models import Handover, HandoverShare, Responsibility
from casework.models.responsibilities import HandoverReason
from funding.demo.cases import CaseDraft
from funding.demo.copying import copy_rows, reserve_ids
from funding.demo.period import Period, months_before
from funding.demo.staff import DAY, Staff
from pik.models import Organisation, User

# Hand-overs are shown for as many months as contacts are; so many colleagues share one.
MONTHS, RECEIVERS = 13, 3
# The part of a receiver's cases that came from somebody who left, and how many of a full post there are.
FROM_OTHERS, CASES = 4, 60
DECIDED_BEFORE = 14 * DAY
COLUMNS = ("id", "organisation_id", "manager_id", "reason", "starts_on", "decided_by_id", "decided_at")


@dataclass(slots=True, eq=False)
class HandoverDraft:
    """One decision: the cases of `giver` go to others from `day` on."""

    giver: Staff
    day: date
    cases: "list[tuple[CaseDraft, Staff]]" = field(default_factory=list)
    pk: int = 0

    def pass_on(self, case: CaseDraft, receiver: Staff) -> None:
        case.handover = self
        self.cases.append((case, receiver))


def make_handovers(
    rng: Random, staff: Sequence[Staff], kept: Mapping[int, list[CaseDraft]], period: Period
) -> list[HandoverDraft]:
    """Passes cases on: those who left within the months shown gave theirs away, one more will.

    What a receiver has today stays the same, so some of those cases were opened by the one who left.
    """
    handovers = []
    for each in staff:
        if each.stays or each.last_day < months_before(period.until, MONTHS):
            continue
        handover = HandoverDraft(each, each.last_day + DAY)
        receivers = _receivers(rng, each, staff, period)
        if each.is_former:
            _give_in_the_past(handover, receivers, kept)
        else:
            _give_all(handover, receivers, kept[each.pk])
        if handover.cases:
            each.successor = each.successor or handover.cases[0][1]
            handovers.append(handover)
    return handovers


def load_handovers(
    cursor: CursorWrapper, handovers: Sequence[HandoverDraft], coordinators: Mapping[Organisation, User], period: Period
) -> tuple[int, int]:
    """Writes the decisions and who answers for the cases then; returns how many of each."""
    for each, pk in zip(handovers, reserve_ids(cursor, Handover, len(handovers)), strict=True):
        each.pk = pk
    rows = (
        (
            each.pk, each.giver.body.pk, each.giver.pk, HandoverReason.LEAVING.value, each.day,
            coordinators[each.giver.body].pk, period.moment(min(each.day - DECIDED_BEFORE, period.until - DAY), 11),
        )
        for each in handovers
    )  # fmt: skip
    count = copy_rows(cursor, Handover, COLUMNS, rows)
    copy_rows(cursor, HandoverShare, ("handover_id", "manager_id", "cases"), _shares(handovers))
    answers = ((case.pk, receiver.pk, each.day, each.pk) for each in handovers for case, receiver in each.cases)
    return count, copy_rows(cursor, Responsibility, ("case_id", "manager_id", "starts_on", "handover_id"), answers)


def end_employments(cursor: CursorWrapper, staff: Sequence[Staff]) -> None:
    """Ends the employments of those who leave; the database insists that their cases have been passed on before."""
    leaving = [each for each in staff if not each.stays]
    cursor.executemany(
        "UPDATE casework_manager SET successor_id = %s WHERE id = %s",
        [(each.successor.pk, each.pk) for each in leaving if each.successor],
    )
    cursor.executemany(
        "UPDATE pik_membership SET ends_on = %s WHERE user_id = %s AND role = 'manager'",
        [(each.last_day, each.user.pk) for each in leaving],
    )


def _shares(handovers: Sequence[HandoverDraft]) -> Iterator[tuple[int, int, int]]:
    for each in handovers:
        for receiver, count in Counter(receiver.pk for _case, receiver in each.cases).items():
            yield each.pk, receiver, count


def _receivers(rng: Random, giver: Staff, staff: Sequence[Staff], period: Period) -> list[Staff]:
    """Colleagues who were at work then and stay; the login keeps the cases it is known for."""
    day = min(giver.last_day + DAY, period.until)
    others = [
        other
        for other in staff
        if other.body is giver.body
        and other.measure == giver.measure
        and other.stays
        and not other.is_login
        and other is not giver.successor
        and other.works_on(day)
    ]
    chosen = rng.sample(others, min(RECEIVERS, len(others)))
    return [giver.successor, *chosen] if giver.successor else chosen


def _give_in_the_past(handover: HandoverDraft, receivers: Sequence[Staff], kept: Mapping[int, list[CaseDraft]]) -> None:
    giver = handover.giver
    for receiver in receivers:
        possible = [
            case
            for case in kept[receiver.pk]
            if case.handover is None
            and giver.first_day <= case.opened_on <= giver.last_day
            and (case.closed_on is None or case.closed_on > giver.last_day)
        ]
        most = min(len(kept[receiver.pk]) // FROM_OTHERS, round(CASES * giver.fte / len(receivers)))
        for case in possible[:most]:
            case.staff = giver
            handover.pass_on(case, receiver)
    kept[giver.pk] += [case for case, _receiver in handover.cases]
    kept[giver.pk].sort(key=lambda case: case.opened_on, reverse=True)


def _give_all(handover: HandoverDraft, receivers: Sequence[Staff], cases: Sequence[CaseDraft]) -> None:
    """A municipality goes to one of the colleagues, all others to the successor."""
    by_place: dict[str, Staff] = {}
    for case in cases:
        if case.closed_on is None:
            receiver = by_place.setdefault(case.place, receivers[len(by_place) % len(receivers)])
            handover.pass_on(case, receiver)
