"""The managers: since when and until when they work, how many hours, with which qualification."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from django.db.backends.utils import CursorWrapper

from casework.models import Manager
from funding.demo.copying import copy_rows, reserve_ids
from funding.demo.organisations import Land
from funding.demo.period import Period, months_before
from funding.demo.seats import make_seats
from funding.demo.sizes import LOGIN_DISTRICT, STAFF_MONTHS, Sizes
from pik.models import Measure, Municipality, Organisation, User
from pik.months import add_months, month_of

if TYPE_CHECKING:
    from funding.demo.posts import Stint

DAY = timedelta(days=1)
SHARES = tuple(Decimal(share) for share in ("0.25", "0.50", "0.60", "0.75", "0.80", "0.90", "1.00"))
SHARE_WEIGHTS = (3, 20, 5, 17, 12, 5, 38)
# Of those who work, who came within the time that the changes of staff cover.
JOINED = 0.09
# Whose post is filled again, and after how many days without anybody.
FILLED_AGAIN = 0.6
GAPS = (15, 31, 46, 61, 92, 153)
# In per cent; of those who have one, most have shown the evidence.
QUALIFICATIONS = {"a": 55, "b": 15, "c": 30}
QUALIFIED, PROVEN = 0.95, 0.95
COLUMNS = ("id", "user_id", "organisation_id", "qualification", "qualification_proven_on", "registered_at")


class Away(NamedTuple):
    """An interruption of pay; without a last day its end is not known."""

    kind: str
    starts_on: date
    ends_on: date | None


@dataclass(slots=True, eq=False)
class Staff:
    """One manager: seat, time and the ids the database gave."""

    measure: str
    body: Organisation
    district: str | None
    places: list[Municipality]
    first_day: date = date.min
    # Of those who left, and of one whose leaving is announced.
    last_day: date | None = None
    # In the latest post.
    fte: Decimal = SHARES[-1]
    qualification: str = ""
    proven_on: date | None = None
    # On whose post the manager follows, and who takes over the cases of one who leaves.
    predecessor: "Staff | None" = None
    successor: "Staff | None" = None
    stints: "list[Stint]" = field(default_factory=list)
    absences: list[Away] = field(default_factory=list)
    user: User | None = None
    pk: int = 0
    is_former: bool = False
    is_login: bool = False
    # The colleague for whom the login stands in.
    is_deputised_by_login: bool = False

    @property
    def stays(self) -> bool:
        return self.last_day is None

    def works_on(self, day: date) -> bool:
        """Whether the manager is employed and not away."""
        if day < self.first_day or (self.last_day and day > self.last_day):
            return False
        return not any(
            away.starts_on <= day and (away.ends_on is None or day <= away.ends_on) for away in self.absences
        )

    def fte_on(self, day: date) -> Decimal:
        """The VZÄ that the manager fills on a day."""
        held = (each for each in self.stints if each.starts_on <= day and (not each.ends_on or each.ends_on >= day))
        return sum((each.fte for each in held), Decimal(0))


def make_staff(rng: Random, land: Land, sizes: Sizes, period: Period) -> list[Staff]:
    """Managers of all measures, without posts; the one of the demo login comes first."""
    staff = [Staff(*seat) for seat in make_seats(land, sizes)]
    home = land.of_district[LOGIN_DISTRICT]
    login, left, leaving, follower, away, *_others = (
        each for each in staff if each.measure == "im" and each.body is home
    )
    login.is_login, login.places, away.is_deputised_by_login = True, login.places[:3], True
    staff.sort(key=lambda each: not each.is_login)
    told = (login, left, leaving, follower, away)
    candidates = [each for each in staff if each.measure == "im" and each not in told]
    _let_leave(period, [left, *rng.sample(candidates, sizes.former - 1)])
    starts = {measure.pk: measure.starts_on for measure in Measure.objects.all()}
    for each in staff:
        _begin(rng, each, period, starts[each.measure])
    _meet_total(rng, staff, sizes.fte)
    _follow(rng, left, [follower], period)
    for each in staff:
        if each.is_former and each is not left and rng.random() < FILLED_AGAIN:
            free = (other for other in candidates if other.body is each.body and other.stays and not other.predecessor)
            _follow(rng, each, list(free), period)
    leaving.last_day, leaving.successor = add_months(month_of(period.until), 2) - DAY, follower
    for each in staff:
        _qualify(rng, each)
    return staff


def load_managers(cursor: CursorWrapper, staff: Sequence[Staff], period: Period) -> int:
    """Gives the managers their ids and writes them; who takes over from whom is written with the hand-overs."""
    for each, pk in zip(staff, reserve_ids(cursor, Manager, len(staff)), strict=True):
        each.pk = pk
    rows = (
        (
            each.pk, each.user.pk, each.body.pk, each.qualification, each.proven_on, period.moment(each.first_day, 9),
        )
        for each in staff
    )  # fmt: skip
    return copy_rows(cursor, Manager, COLUMNS, rows)


def _let_leave(period: Period, leavers: list[Staff]) -> None:
    """Spreads the leavings evenly over the time; the first is recent, so that the hand-over is among those shown."""
    for index, each in enumerate(leavers):
        ago = index * STAFF_MONTHS // len(leavers) if index else 4
        each.is_former, each.last_day = True, months_before(period.until, ago) - DAY


def _begin(rng: Random, each: Staff, period: Period, measure_starts_on: date) -> None:
    """First day and VZÄ: most began long ago and stay."""
    if each.is_former:
        first = months_before(each.last_day, 8 + int(52 * rng.random()))
    elif each.is_login:
        first = months_before(period.until, 42)
    elif rng.random() < JOINED and not each.is_deputised_by_login:
        first = months_before(period.until, rng.randint(1, STAFF_MONTHS - 1))
    else:
        first = months_before(period.until, STAFF_MONTHS + 1 + int(60 * rng.random() ** 1.5))
    each.first_day = max(measure_starts_on, first)
    if not each.is_login:
        jbh = each.measure == "jbh"
        each.fte = rng.choices(SHARES[:2], (3, 2))[0] if jbh else rng.choices(SHARES, SHARE_WEIGHTS)[0]


def _follow(rng: Random, former: Staff, candidates: list[Staff], period: Period) -> None:
    """Lets one of the candidates take the post over after weeks or months in which nobody filled it."""
    gaps = [gap for gap in GAPS if former.last_day + (gap + 14) * DAY <= period.until]
    if not gaps or not candidates:
        return
    follower = rng.choice(candidates)
    follower.predecessor, follower.first_day = former, former.last_day + (rng.choice(gaps) + 1) * DAY
    former.fte = follower.fte


def _qualify(rng: Random, each: Staff) -> None:
    if rng.random() < QUALIFIED:
        (each.qualification,) = rng.choices(list(QUALIFICATIONS), QUALIFICATIONS.values())
        if rng.random() < PROVEN:
            each.proven_on = each.first_day - rng.randint(30, 6000) * DAY


def _meet_total(rng: Random, staff: list[Staff], wanted: Decimal) -> None:
    """Moves single shares up or down a step until the current VZÄ come within a quarter of what is wanted."""
    current = [each for each in staff if not each.is_former]
    free = [each for each in current if each.measure == "im" and not each.is_login]
    total = sum(each.fte for each in current)
    while free and abs(total - wanted) > Decimal("0.25"):
        each = rng.choice(free)
        position = SHARES.index(each.fte) + (1 if total < wanted else -1)
        if 0 <= position < len(SHARES):
            total += SHARES[position] - each.fte
            each.fte = SHARES[position]
