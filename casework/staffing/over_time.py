"""VZÄ over time and VZÄ-days, each out of one set-based query."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db import connection

from casework.models.posts import PostQuerySet

# Every stretch of time in which VZÄ were planned, filled or filled by somebody absent, with the post it belongs to.
_STRETCHES = """
posts AS MATERIALIZED (SELECT id, organisation_id, district_id, fte, starts_on, ends_on FROM ({posts}) AS chosen),
booked AS MATERIALIZED (
    SELECT p.id AS post_id, a.manager_id, a.fte, a.starts_on, a.ends_on
    FROM posts p JOIN casework_assignment a ON a.post_id = p.id
), stretches AS (
    SELECT id AS post_id, starts_on, ends_on, fte AS planned, 0 AS filled, 0 AS absent FROM posts
    UNION ALL
    SELECT post_id, starts_on, ends_on, 0, fte, 0 FROM booked
    UNION ALL
    SELECT b.post_id, greatest(b.starts_on, x.starts_on), least(b.ends_on, x.ends_on), 0, 0, b.fte
    FROM booked b JOIN casework_absence x ON x.manager_id = b.manager_id
        AND daterange(b.starts_on, b.ends_on, '[]') && daterange(x.starts_on, x.ends_on, '[]')
)"""
# What begins counts from its first day, what ends no more from the day after its last; the running sum up to a day is
# what holds on it. width_bucket says how many of the days lie before an event.
OVER_TIME = (
    "WITH "
    + _STRETCHES
    + """, events AS (
    SELECT starts_on AS day, planned, filled, absent FROM stretches
    UNION ALL
    SELECT ends_on + 1, -planned, -filled, -absent FROM stretches WHERE ends_on IS NOT NULL
), steps AS (
    SELECT width_bucket(day - 1, %s::date[]) + 1 AS position,
           sum(planned) AS planned, sum(filled) AS filled, sum(absent) AS absent
    FROM events GROUP BY 1
)
SELECT d.day, coalesce(sum(s.planned) OVER w, 0), coalesce(sum(s.filled) OVER w, 0), coalesce(sum(s.absent) OVER w, 0)
FROM unnest(%s::date[]) WITH ORDINALITY AS d (day, position) LEFT JOIN steps s USING (position)
WINDOW w AS (ORDER BY d.position) ORDER BY d.position
"""
)
DAYS = (
    "WITH "
    + _STRETCHES
    + """
SELECT p.{key}, sum(s.planned * n.days), sum(s.filled * n.days), sum(s.absent * n.days)
FROM stretches s JOIN posts p ON p.id = s.post_id
CROSS JOIN LATERAL (SELECT least(s.ends_on, %s::date) - greatest(s.starts_on, %s::date) + 1 AS days) n
WHERE n.days > 0 GROUP BY 1
"""
)


class FtePoint(NamedTuple):
    """VZÄ on a day: planned by posts, filled by people, and the part of the filled whose people are absent."""

    day: date
    planned: Decimal
    filled: Decimal
    absent: Decimal

    @property
    def vacant(self) -> Decimal:
        return self.planned - self.filled


class FteDays(NamedTuple):
    """VZÄ times calendar days of a period, exact: planned, filled, and the part of the filled that was absent."""

    planned: Decimal = Decimal(0)
    filled: Decimal = Decimal(0)
    absent: Decimal = Decimal(0)

    @property
    def empty(self) -> Decimal:
        """Funded, but nobody worked: vacant or absent."""
        return self.planned - self.filled + self.absent

    def __add__(self, other: "FteDays") -> "FteDays":
        return FteDays(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


def over_time_query(posts: PostQuerySet, days: Sequence[date]) -> tuple[str, list[object]]:
    """The SQL of `fte_over_time` and its parameters, for those who want to measure it bare."""
    sql, parameters = _chosen(posts)
    return OVER_TIME.format(posts=sql), [*parameters, list(days), list(days)]


def fte_over_time(posts: PostQuerySet, days: Sequence[date]) -> list[FtePoint]:
    """The VZÄ of `posts` on each of `days` (ascending, no day twice), in one query."""
    with connection.cursor() as cursor:
        cursor.execute(*over_time_query(posts, days))
        return [FtePoint(*row) for row in cursor.fetchall()]


def fte_days(posts: PostQuerySet, *, first: date, last: date, by: str) -> dict[str | int | None, FteDays]:
    """The VZÄ-days of `posts` from `first` to `last`, both included, by `organisation_id` or `district_id`."""
    if by not in ("organisation_id", "district_id"):
        raise ValueError(f"VZÄ-days are summed by organisation or district, not by {by}")
    sql, parameters = _chosen(posts)
    with connection.cursor() as cursor:
        cursor.execute(DAYS.format(posts=sql, key=by), [*parameters, last, first])
        return {key: FteDays(*sums) for key, *sums in cursor.fetchall()}


def _chosen(posts: PostQuerySet) -> tuple[str, Sequence[object]]:
    columns = ("id", "organisation_id", "district_id", "fte", "starts_on", "ends_on")
    return posts.order_by().values(*columns).query.sql_with_params()
