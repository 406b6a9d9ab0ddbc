"""VZÄ over time out of one set-based query."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db import connection

from casework.models.posts import PostQuerySet

# Every stretch of time in which VZÄ were planned, filled or filled by somebody absent, with the post it belongs to.
STRETCHES = """
posts AS MATERIALIZED ({posts}),
booked AS MATERIALIZED (
    SELECT p.id AS post_id, a.manager_id, a.fte, a.starts_on, a.ends_on
    FROM posts p JOIN casework_assignment a ON a.post_id = p.id
), stretches AS (
    SELECT id AS post_id, NULL::bigint AS manager_id, starts_on, ends_on, fte AS planned, 0.00 AS filled, 0.00 AS absent
    FROM posts
    UNION ALL
    SELECT post_id, manager_id, starts_on, ends_on, 0.00, fte, 0.00 FROM booked
    UNION ALL
    SELECT b.post_id, NULL, greatest(b.starts_on, x.starts_on), least(b.ends_on, x.ends_on), 0.00, 0.00, b.fte
    FROM booked b JOIN casework_absence x ON x.manager_id = b.manager_id
        AND daterange(b.starts_on, b.ends_on, '[]') && daterange(x.starts_on, x.ends_on, '[]')
)"""
# What begins counts from its first day, what ends no more from the day after its last; the running sum up to a day is
# what holds on it. width_bucket says how many of the days lie before an event.
OVER_TIME = (
    "WITH "
    + STRETCHES
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


class FtePoint(NamedTuple):
    """VZÄ on a day: planned by posts, filled by people, and the part of the filled whose people are absent."""

    day: date
    planned: Decimal
    filled: Decimal
    absent: Decimal

    @property
    def vacant(self) -> Decimal:
        return self.planned - self.filled


def over_time_query(posts: PostQuerySet, days: Sequence[date]) -> tuple[str, list[object]]:
    """The SQL of `fte_over_time` and its parameters, for those who want to measure it bare."""
    sql, parameters = chosen(posts)
    return OVER_TIME.format(posts=sql), [*parameters, list(days), list(days)]


def fte_over_time(posts: PostQuerySet, days: Sequence[date]) -> list[FtePoint]:
    """The VZÄ of `posts` on each of `days` (ascending, no day twice), in one query."""
    with connection.cursor() as cursor:
        cursor.execute(*over_time_query(posts, days))
        return [FtePoint(*row) for row in cursor.fetchall()]


def chosen(posts: PostQuerySet) -> tuple[str, Sequence[object]]:
    """The SQL of `posts` for `STRETCHES`, and its parameters."""
    columns = ("id", "organisation_id", "district_id", "measure_id", "fte", "starts_on", "ends_on")
    return posts.order_by().values(*columns).query.sql_with_params()
