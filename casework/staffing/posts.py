"""The posts of a board as rows: who holds them, what is vacant, what needs attention."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from casework.models import Absence, Assignment
from casework.staffing.scope import Scope
from pik.models import Measure

NOTHING = Decimal("0.00")


class PostState(models.TextChoices):
    """How a post stands on the day of the board."""

    VACANT = "vacant", _("vacant")
    PARTLY = "partly", _("partly filled")
    ABSENT = "absent", _("filled, but absent")
    FILLED = "filled", _("filled")
    COMING = "coming", _("not yet begun")
    ENDED = "ended", _("ended")


class Holder(NamedTuple):
    """Somebody booked on a post in the time that the board looks at."""

    manager: int
    person: int
    name: str
    fte: Decimal
    starts_on: date
    ends_on: date | None
    is_absent: bool

    def holds_on(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or self.ends_on >= day)


@dataclass(slots=True)
class PostRow:
    """One post on the day of the board."""

    pk: int
    label: str
    organisation: int
    organisation_name: str
    district: str | None
    measure: str
    measure_name: str
    planned: Decimal
    starts_on: date
    ends_on: date | None
    required: str
    day: date
    # Everybody booked in the time that the board looks at, and of these who holds the post on the day.
    bookings: list[Holder] = field(default_factory=list)
    holders: list[Holder] = field(default_factory=list)
    filled: Decimal = NOTHING
    absent: Decimal = NOTHING
    runs: bool = field(init=False)

    def __post_init__(self) -> None:
        self.runs = self.starts_on <= self.day and (self.ends_on is None or self.ends_on >= self.day)

    def book(self, holder: Holder) -> None:
        """Adds somebody to the post; sums are kept along, because every line of the board asks for them."""
        self.bookings.append(holder)
        if holder.holds_on(self.day):
            self.holders.append(holder)
            self.filled += holder.fte
            self.absent += holder.fte if holder.is_absent else NOTHING

    @property
    def vacant(self) -> Decimal:
        return self.planned - self.filled if self.runs else NOTHING

    @property
    def state(self) -> PostState:
        if not self.runs:
            return PostState.COMING if self.starts_on > self.day else PostState.ENDED
        if not self.holders:
            return PostState.VACANT
        if self.absent:
            return PostState.ABSENT
        return PostState.PARTLY if self.vacant else PostState.FILLED

    @property
    def state_label(self) -> str:
        return str(self.state.label)

    @property
    def ending_on(self) -> date | None:
        """The day within the next 90 on which the post, or a booking on it, ends; None without one."""
        end = self.next_end if self.runs else None
        return end if end and (end - self.day).days <= settings.STAFFING_WARNING_DAYS else None

    @property
    def needs_attention(self) -> bool:
        """Whether there is something to do: nobody works on it, in part or at all, or it ends soon."""
        return self.vacant > 0 or self.absent > 0 or self.ending_on is not None

    @property
    def next_end(self) -> date | None:
        """The first day on which the post or a booking on it ends."""
        if not any(holder.ends_on for holder in self.holders):
            # Of most posts, and the board asks all of them.
            return self.ends_on
        # Who goes on the next day with another share does not end.
        starts = {(booking.manager, booking.starts_on) for booking in self.bookings}
        ends = [
            holder.ends_on
            for holder in self.holders
            if holder.ends_on and (holder.manager, holder.ends_on + timedelta(days=1)) not in starts
        ]
        return min([*ends, self.ends_on] if self.ends_on else ends, default=None)

    @property
    def names(self) -> str:
        return ", ".join(holder.name for holder in self.holders)


def read_posts(scope: Scope, measures: Mapping[str, Measure]) -> list[PostRow]:
    """The posts of the choice that run on the day, begin later or ended within 13 months, in two queries."""
    columns = (
        "pk", "reference", "organisation_id", "organisation__name", "district_id", "measure_id",
        "fte", "starts_on", "ends_on", "required_qualification",
    )  # fmt: skip
    rows = {}
    posts = scope.posts().reaching(scope.first_day)
    for pk, reference, body, body_name, district, measure, fte, starts_on, ends_on, required in posts.order_by(
        "organisation__sort_name", "measure__position", "reference", "pk"
    ).values_list(*columns):
        rows[pk] = PostRow(
            pk, reference or f"S-{pk}", body, body_name, district, measure, measures[measure].name,
            fte, starts_on, ends_on, required, scope.day,
        )  # fmt: skip
    for post, holder in _bookings(scope):
        if row := rows.get(post):
            row.book(holder)
    return list(rows.values())


def _bookings(scope: Scope) -> Iterable[tuple[int, Holder]]:
    away = Absence.objects.active_on(scope.day).filter(manager=OuterRef("manager"))
    booked = (
        Assignment.objects.filter(post__in=scope.posts().order_by().values("pk"))
        .reaching(scope.first_day)
        .annotate(is_absent=Exists(away))
        .order_by("starts_on", "pk")
    )
    name = ("manager__user__name",) if scope.sees_names else ()
    columns = ("post_id", "manager_id", "manager__user_id", "fte", "starts_on", "ends_on", "is_absent", *name)
    for post, manager, person, fte, starts_on, ends_on, is_absent, *words in booked.values_list(*columns):
        yield post, Holder(manager, person, "".join(words), fte, starts_on, ends_on, is_absent)
