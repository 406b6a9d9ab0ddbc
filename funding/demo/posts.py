"""Posts and who filled them when: changed, shared, given up, filled again, vacant, not yet begun."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from django.db.backends.utils import CursorWrapper

from casework.models import Assignment, Post, Qualification
from casework.post_numbers import number_key
from funding.demo.copying import copy_rows, reserve_ids
from funding.demo.period import Period, months_before
from funding.demo.sizes import STAFF_MONTHS, VACANT
from funding.demo.staff import DAY, SHARES, Staff
from pik.models import Municipality, Organisation, User
from pik.months import add_months, month_of

FULL, HALF, SMALLEST = SHARES[-1], Decimal("0.50"), SHARES[0]
# Of two colleagues with half a post each, and of all others.
SHARED, CHANGED, HALF_FILLED = 0.8, 0.14, 0.2
# How current posts end: with the year of funding, or within the next 90 days.
ENDS_WITH_YEAR, ENDS_SOON = 0.22, 0.025
# A post of somebody who left lately is looked for again, others are given up.
KEPT_VACANT, VACANT_MONTHS = 0.6, 9
NOT_YET_BEGUN = 0.01
REQUIRED = 0.34
BOOKED_BEFORE = timedelta(days=21)
POST_COLUMNS = (
    "id", "organisation_id", "district_id", "measure_id", "fte", "starts_on", "ends_on", "reference",
    "reference_key", "required_qualification",
)  # fmt: skip
ASSIGNMENT_COLUMNS = ("post_id", "manager_id", "fte", "starts_on", "ends_on", "booked_by_id", "booked_at")


@dataclass(slots=True, eq=False)
class PostDraft:
    """A post with those who filled it; `continues` is the one of another size in whose place it came."""

    measure: str
    body: Organisation
    district: str | None
    places: list[Municipality]
    fte: Decimal
    starts_on: date
    ends_on: date | None = None
    continues: "PostDraft | None" = None
    stints: "list[Stint]" = field(default_factory=list)
    reference: str = ""
    required: str = ""
    pk: int = 0

    def fill(self, staff: Staff, fte: Decimal, starts_on: date, ends_on: date | None = None) -> None:
        stint = Stint(self, staff, fte, starts_on, ends_on)
        self.stints.append(stint)
        staff.stints.append(stint)

    def end(self, day: date) -> None:
        """Ends the post together with those who fill it."""
        self.ends_on = day
        for stint in self.stints:
            stint.ends_on = min(stint.ends_on or day, day)


@dataclass(slots=True, eq=False)
class Stint:
    """A time on a post."""

    post: PostDraft
    staff: Staff
    fte: Decimal
    starts_on: date
    ends_on: date | None


def make_posts(rng: Random, staff: Sequence[Staff], period: Period) -> list[PostDraft]:
    """The posts of everybody, and those that nobody fills; no person and no post is ever filled beyond its VZÄ."""
    posts = [*_shared(rng, staff)]
    followers = {each.predecessor: each for each in staff if each.predecessor}
    for each in staff:
        if each.stints or each.predecessor:
            continue
        if each.is_former:
            posts.append(_left(rng, each, followers.get(each), period))
        else:
            posts += _held(rng, each, period)
    for post in posts:
        _end(rng, post, period)
    posts += _vacant(rng, staff, posts, period)
    posts += _not_yet_begun(rng, staff, period)
    _number(posts)
    for post in posts:
        _require(rng, post)
    return posts


def load_posts(
    cursor: CursorWrapper, posts: Sequence[PostDraft], coordinators: Mapping[Organisation, User], period: Period
) -> tuple[int, int]:
    """Writes posts, the places they serve and who fills them; returns how many posts and how many assignments."""
    for post, pk in zip(posts, reserve_ids(cursor, Post, len(posts)), strict=True):
        post.pk = pk
    rows = (
        (
            post.pk, post.body.pk, post.district, post.measure, post.fte, post.starts_on, post.ends_on, post.reference,
            number_key(post.reference), post.required,
        )
        for post in posts
    )  # fmt: skip
    count = copy_rows(cursor, Post, POST_COLUMNS, rows)
    served = ((post.pk, place.pk) for post in posts for place in post.places)
    copy_rows(cursor, Post.municipalities.through, ("post_id", "municipality_id"), served)
    filled = (
        (post.pk, stint.staff.pk, stint.fte, stint.starts_on, stint.ends_on, *_booking(stint, coordinators, period))
        for post in posts
        for stint in post.stints
    )
    return count, copy_rows(cursor, Assignment, ASSIGNMENT_COLUMNS, filled)


def _booking(stint: Stint, coordinators: Mapping[Organisation, User], period: Period) -> tuple:
    """Who booked and when; what is older than the coordinators came in bulk."""
    day = stint.starts_on - BOOKED_BEFORE
    if day < months_before(period.until, STAFF_MONTHS):
        return None, period.moment(stint.starts_on, 9)
    return coordinators[stint.post.body].pk, period.moment(day, 10)


def _of(each: Staff, fte: Decimal, starts_on: date, **times: object) -> PostDraft:
    return PostDraft(each.measure, each.body, each.district, each.places, fte, starts_on, **times)


def _shared(rng: Random, staff: Sequence[Staff]) -> Iterator[PostDraft]:
    """Full posts that two colleagues fill with a half each."""
    halves = defaultdict(list)
    for each in staff:
        if each.measure == "im" and each.fte == HALF and each.stays and not each.predecessor:
            halves[each.body].append(each)
    for team in halves.values():
        for one, other in zip(team[::2], team[1::2], strict=False):
            if rng.random() < SHARED:
                post = _of(one, FULL, min(one.first_day, other.first_day))
                for each in (one, other):
                    post.fill(each, HALF, each.first_day)
                yield post


def _left(rng: Random, each: Staff, follower: Staff | None, period: Period) -> PostDraft:
    """The post of somebody who left: filled again after a while, vacant, or given up."""
    post = _of(each, each.fte, each.first_day)
    post.fill(each, each.fte, each.first_day, each.last_day)
    if follower:
        post.fill(follower, follower.fte, follower.first_day, follower.last_day)
    elif each.last_day < months_before(period.until, VACANT_MONTHS) or rng.random() > KEPT_VACANT:
        post.ends_on = each.last_day
    return post


def _held(rng: Random, each: Staff, period: Period) -> Iterator[PostDraft]:
    """The post of somebody who works, with a change of hours for some."""
    changed_on = months_before(period.until, rng.randint(0, STAFF_MONTHS - 1))
    if each.is_login or rng.random() > CHANGED or each.first_day >= add_months(changed_on, -6):
        half_filled = each.measure == "im" and each.fte == HALF and rng.random() < HALF_FILLED
        post = _of(each, FULL if half_filled else each.fte, each.first_day)
        post.fill(each, each.fte, each.first_day, each.last_day)
        yield post
        return
    before = rng.choice([share for share in SHARES if share != each.fte])
    if rng.random() < 0.5:
        old = _of(each, before, each.first_day, ends_on=changed_on - DAY)
        new = _of(each, each.fte, changed_on, continues=old)
        yield old
    else:
        old = new = _of(each, max(before, each.fte), each.first_day)
    old.fill(each, before, each.first_day, changed_on - DAY)
    new.fill(each, each.fte, changed_on, each.last_day)
    yield new


def _end(rng: Random, post: PostDraft, period: Period) -> None:
    """Ends some of the posts that are filled now; nobody's on which somebody changes anyway, and not the login's."""
    if post.ends_on or post.stints[-1].ends_on or any(stint.staff.is_login for stint in post.stints):
        return
    chance = rng.random()
    if chance < ENDS_SOON:
        post.end(period.until + rng.randint(10, 89) * DAY)
    elif chance < ENDS_SOON + ENDS_WITH_YEAR:
        # The year that is funded now, or the next one when this is nearly over.
        post.end(date(period.until.year + (period.until.month > 9), 12, 31))


def _vacant(rng: Random, staff: Sequence[Staff], posts: Sequence[PostDraft], period: Period) -> Iterator[PostDraft]:
    """Posts that nobody has filled yet, as many as are missing to the usual part; the first in the login's team."""
    now = [post for post in posts if post.ends_on is None or post.ends_on >= period.until]
    filled = sum(each.fte_on(period.until) for each in staff)
    missing = filled / (1 - VACANT) * VACANT - (sum(post.fte for post in now) - filled)
    seats = [each for each in staff if each.measure == "im"]
    seat = seats[0]
    while missing >= SMALLEST:
        fte = rng.choice([share for share in SHARES[-4:] if share <= missing] or [SMALLEST])
        yield _of(seat, fte, months_before(period.until, rng.randint(0, 7)))
        missing -= fte
        seat = rng.choice(seats)


def _not_yet_begun(rng: Random, staff: Sequence[Staff], period: Period) -> Iterator[PostDraft]:
    seats = [each for each in staff if each.measure == "im"]
    for index in range(max(1, round(NOT_YET_BEGUN * len(seats)))):
        seat = rng.choice(seats) if index else seats[0]
        yield _of(seat, rng.choice(SHARES[-4:]), add_months(month_of(period.until), rng.randint(1, 4)))


def _number(posts: Sequence[PostDraft]) -> None:
    """Numbers as in a staffing plan; every third organisation has none."""
    bodies = {body: index for index, body in enumerate(dict.fromkeys(post.body for post in posts))}
    numbers = Counter()
    for post in posts:
        if post.continues:
            post.reference = post.continues.reference
        elif bodies[post.body] % 3 != 2:
            numbers[post.body, post.measure] += 1
            post.reference = f"{post.measure[:2].upper()}-{numbers[post.body, post.measure]:02}"


def _require(rng: Random, post: PostDraft) -> None:
    """Demands a qualification that everybody has who fills the post."""
    held = [stint.staff.qualification for stint in post.stints]
    if all(held) and rng.random() < REQUIRED:
        lowest = Qualification.values.index(max(held, default=Qualification.SOCIAL_DEGREE))
        post.required = rng.choice(Qualification.values[lowest:])
