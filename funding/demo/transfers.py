"""Cases that were offered to other organisations: waiting, declined, withdrawn, and accepted with their history."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from casework.models import Transfer
from casework.models.transfers import DeclineReason, TransferReason, TransferState
from funding.demo.cases import CaseDraft
from funding.demo.copying import copy_rows
from funding.demo.period import Period, day_between
from funding.demo.staff import DAY, Staff

COLUMNS = (
    "case_id", "organisation_id", "offered_by_id", "receiver_id", "municipality_id", "reason", "starts_on",
    "offered_at", "state", "decline_reason", "decided_at", "decided_by_id", "manager_id",
)  # fmt: skip
# Of a thousand open cases.
PARTS = {
    TransferState.OFFERED: 1.5,
    TransferState.ACCEPTED: 3,
    TransferState.DECLINED: 1,
    TransferState.WITHDRAWN: 0.5,
}
REASONS = dict(zip(TransferReason.values, (70, 14, 10, 6), strict=True))
DECLINES = dict(zip(DeclineReason.values, (44, 22, 26, 8), strict=True))
# Offers that wait where the login works, so that there is something to decide.
FOR_LOGIN = 2
LONGEST_WAIT = 20 * DAY
# In one statement, as the application does it: the database refuses either half alone.
MOVE = """
WITH moving AS (
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::varchar[], %s::date[])
        AS m (case_id, manager_id, receiver_id, place, day)
), moved AS (
    UPDATE casework_case c SET organisation_id = m.receiver_id, municipality_id = m.place
    FROM moving m WHERE c.id = m.case_id
), placed AS (
    INSERT INTO casework_relocation (case_id, left_id, starts_on)
    SELECT m.case_id, c.municipality_id, m.day FROM moving m JOIN casework_case c ON c.id = m.case_id
    WHERE c.municipality_id <> m.place
)
INSERT INTO casework_responsibility (case_id, manager_id, starts_on) SELECT case_id, manager_id, day FROM moving
"""


@dataclass(slots=True)
class TransferDraft:
    """One offer of a case to a colleague elsewhere."""

    case: CaseDraft
    taker: Staff
    place: str
    state: TransferState
    offered_on: date
    decided_on: date


def make_transfers(
    rng: Random, staff: Sequence[Staff], cases: Sequence[CaseDraft], period: Period
) -> list[TransferDraft]:
    """Offers of open cases that nobody passed on; what was accepted was so after the giver's last contact."""
    takers = [each for each in staff if each.stays and each.places and each.works_on(period.until)]
    free = [case for case in cases if _is_free(case, period)]
    numbers = {state: max(1, round(len(free) * part / 1000)) for state, part in PARTS.items()}
    states = [state for state, number in numbers.items() for _ in range(number)]
    login = next(each for each in staff if each.is_login)
    drafts = []
    for index, case in enumerate(rng.sample(free, min(len(states), len(free)))):
        others = [each for each in takers if each.measure == case.staff.measure and each.body is not case.staff.body]
        if index < FOR_LOGIN and login in others:
            taker = login
        elif others:
            taker = rng.choice(others)
        else:
            continue
        drafts.append(_draft(rng, case, taker, states[index], period))
    return drafts


def load_transfers(cursor: CursorWrapper, rng: Random, transfers: Sequence[TransferDraft], period: Period) -> int:
    """Moves the accepted cases and writes all offers; comes after the cases and who answers for them."""
    accepted = [each for each in transfers if each.state == TransferState.ACCEPTED]
    rows = [(each.case.pk, each.taker.pk, each.taker.body.pk, each.place, each.decided_on) for each in accepted]
    cursor.execute(MOVE, [list(column) for column in zip(*rows, strict=True)])
    return copy_rows(cursor, Transfer, COLUMNS, _rows(rng, transfers, period))


def _is_free(case: CaseDraft, period: Period) -> bool:
    """Whether the case is open, was never passed on, and belongs to somebody who stays and is no login."""
    last_used = case.last_used_at and timezone.localdate(case.last_used_at)
    giver = case.staff
    return (
        case.closed_on is None
        and case.handover is None
        and giver.stays
        and not giver.is_login
        and not giver.is_deputised_by_login
        and last_used is not None
        and last_used < period.until - DAY
    )


def _draft(rng: Random, case: CaseDraft, taker: Staff, state: TransferState, period: Period) -> TransferDraft:
    earliest = timezone.localdate(case.last_used_at) + DAY
    decided_on = day_between(rng, max(earliest, period.start), period.until)
    offered_on = max(case.opened_on, decided_on - timedelta(days=int(rng.random() * LONGEST_WAIT.days)))
    return TransferDraft(case, taker, rng.choice(taker.places).pk, state, offered_on, decided_on)


def _rows(rng: Random, transfers: Sequence[TransferDraft], period: Period) -> Iterator[tuple]:
    for each in transfers:
        waits, accepted = each.state == TransferState.OFFERED, each.state == TransferState.ACCEPTED
        declined = each.state == TransferState.DECLINED
        by = each.case.staff if each.state == TransferState.WITHDRAWN else each.taker
        yield (
            each.case.pk, each.case.staff.body.pk, each.case.staff.pk, each.taker.body.pk, each.place,
            rng.choices(list(REASONS), REASONS.values())[0], each.offered_on, period.moment(each.offered_on, 10),
            each.state.value, rng.choices(list(DECLINES), DECLINES.values())[0] if declined else "",
            None if waits else period.moment(each.decided_on, 14), None if waits else by.user.pk,
            each.taker.pk if accepted else None,
        )  # fmt: skip
