"""How a post stands on a day, and what is left of it on which days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from casework.models import Assignment, Post
from casework.models.posts import SMALLEST_FTE
from pik.templatetags.figures import fte as written_fte

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Vacancy:
    """So many VZÄ of a post are free from the first to the last day, both included; without a last day for good."""

    fte: Decimal
    starts_on: date
    ends_on: date | None

    def __str__(self) -> str:
        words = {"fte": written_fte(self.fte), "first": date_format(self.starts_on, "SHORT_DATE_FORMAT")}
        if self.ends_on is None:
            return _("From %(first)s %(fte)s FTE are free.") % words
        words["last"] = date_format(self.ends_on, "SHORT_DATE_FORMAT")
        return _("From %(first)s to %(last)s %(fte)s FTE are free.") % words


def vacancies(post: Post, bookings: Sequence[Assignment], *, since: date) -> list[Vacancy]:
    """What is free of a post from `since` on, in stretches of equal size; nothing for one that has ended."""
    first = max(since, post.starts_on)
    if post.ends_on and post.ends_on < first:
        return []
    changes = {first}
    for booking in bookings:
        changes |= {booking.starts_on} | ({booking.ends_on + DAY} if booking.ends_on else set())
    days = sorted(day for day in changes if day >= first and (post.ends_on is None or day <= post.ends_on))
    found: list[Vacancy] = []
    for day, next_day in zip(days, [*days[1:], None], strict=True):
        free = post.fte - filled_on(bookings, day)
        last = next_day - DAY if next_day else post.ends_on
        if found and found[-1].fte == free:
            found[-1] = Vacancy(free, found[-1].starts_on, last)
        else:
            found.append(Vacancy(free, day, last))
    return [vacancy for vacancy in found if vacancy.fte > 0]


def next_booking(free: Sequence[Vacancy]) -> Vacancy | None:
    """The earliest booking that is possible: all that is free then, for as long as no less is left. None without one.

    `free` as `vacancies` gives it. Less than the smallest share cannot be booked.
    """
    large = [vacancy for vacancy in free if vacancy.fte >= SMALLEST_FTE]
    if not large:
        return None
    first, last = large[0], large[0].ends_on
    for vacancy in large[1:]:
        if last is None or vacancy.starts_on > last + DAY or vacancy.fte < first.fte:
            break
        last = vacancy.ends_on
    return Vacancy(first.fte, first.starts_on, last)


def holders(bookings: Sequence[Assignment], *, since: date) -> list[str]:
    """Who holds how much of a post from `since` on and until when, the first to leave on top."""
    held = [booking for booking in bookings if booking.ends_on is None or booking.ends_on >= since]
    return [booking_words(booking) for booking in sorted(held, key=lambda booking: booking.ends_on or date.max)]


def booking_words(booking: Assignment) -> str:
    """So much for whom until when."""
    words = {"name": booking.manager.user.name, "fte": written_fte(booking.fte)}
    if booking.ends_on is None:
        return _("%(fte)s FTE for %(name)s without end") % words
    return _("%(fte)s FTE for %(name)s until %(last)s") % {
        **words,
        "last": date_format(booking.ends_on, "SHORT_DATE_FORMAT"),
    }


def filled_on(bookings: Sequence[Assignment], day: date) -> Decimal:
    """The VZÄ that are booked on a day."""
    booked = (row.fte for row in bookings if row.starts_on <= day and (row.ends_on is None or row.ends_on >= day))
    return sum(booked, Decimal("0.00"))


def state_words(post: Post, bookings: Sequence[Assignment], *, day: date) -> str:
    """How the post stands on `day`: filled or not, and an end that is near."""
    if post.starts_on > day:
        return _("not yet begun")
    if post.ends_on and post.ends_on < day:
        return _("ended")
    filled = filled_on(bookings, day)
    words = _("vacant") if not filled else _("filled")
    if 0 < filled < post.fte:
        words = _("%(filled)s of %(fte)s FTE filled") % {"filled": written_fte(filled), "fte": written_fte(post.fte)}
    if post.ends_on is None or (left := (post.ends_on - day).days) > settings.STAFFING_WARNING_DAYS:
        return words
    if left == 0:
        return _("%(state)s, ends today") % {"state": words}
    return ngettext("%(state)s, ends in %(days)s day", "%(state)s, ends in %(days)s days", left) % {
        "state": words,
        "days": left,
    }
