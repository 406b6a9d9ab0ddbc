"""Posts, heads and VZÄ of the lines of a board, summed by the database out of one set-based query."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.conf import settings
from django.db import connection

from casework.models.posts import PostQuerySet
from casework.staffing.over_time import STRETCHES, chosen

Key = str | int | None
NONE = Decimal("0.00")
# A booking ends where the same person does not go on the next day, on whatever share of the post.
SUMS = (
    "WITH "
    + STRETCHES
    + """, asked AS (
    SELECT %s::date AS day, %s::date AS soon, %s::date AS year_first, %s::date AS window_first, %s::date AS window_last
)
SELECT grouping(p.{key}), grouping(p.measure_id), p.{key}, p.measure_id,
    count(*) FILTER (WHERE holds AND s.planned > 0),
    count(DISTINCT m.user_id) FILTER (WHERE holds AND s.filled > 0),
    coalesce(sum(s.planned) FILTER (WHERE holds), 0.00),
    coalesce(sum(s.filled) FILTER (WHERE holds), 0.00),
    coalesce(sum(s.absent) FILTER (WHERE holds), 0.00),
    count(DISTINCT s.post_id) FILTER (WHERE CASE WHEN holds AND s.absent = 0 AND s.ends_on <= soon THEN NOT EXISTS (
        SELECT FROM casework_assignment n
        WHERE n.post_id = s.post_id AND n.manager_id = s.manager_id AND n.starts_on = s.ends_on + 1
    ) END),
    coalesce(sum(s.planned * year_days), 0.00),
    coalesce(sum(s.filled * year_days), 0.00),
    coalesce(sum(s.absent * year_days), 0.00),
    coalesce(sum(s.filled * window_days), 0.00)
FROM asked CROSS JOIN stretches s JOIN posts p ON p.id = s.post_id LEFT JOIN casework_manager m ON m.id = s.manager_id
CROSS JOIN LATERAL (SELECT
    day BETWEEN s.starts_on AND coalesce(s.ends_on, 'infinity') AS holds,
    greatest(0, least(s.ends_on, day) - greatest(s.starts_on, year_first) + 1) AS year_days,
    greatest(0, least(s.ends_on, window_last) - greatest(s.starts_on, window_first) + 1) AS window_days
) AS spans
GROUP BY GROUPING SETS ((p.{key}, p.measure_id), (p.{key}), ())
"""
)


class Staff(NamedTuple):
    """Posts that run on the day, who works on them, and VZÄ: planned, filled, and of these by people who are absent.

    `ending` are posts that end within `STAFFING_WARNING_DAYS` or on which a booking does. `days_…` are VZÄ times
    calendar days of the year up to the day, `window_days` those filled in the months of the figures; all exact.
    """

    posts: int = 0
    heads: int = 0
    planned: Decimal = NONE
    filled: Decimal = NONE
    absent: Decimal = NONE
    ending: int = 0
    days_planned: Decimal = NONE
    days_filled: Decimal = NONE
    days_absent: Decimal = NONE
    window_days: Decimal = NONE

    @property
    def vacant(self) -> Decimal:
        return self.planned - self.filled

    @property
    def days_empty(self) -> Decimal:
        """Funded, but nobody worked: vacant or absent."""
        return self.days_planned - self.days_filled + self.days_absent


NOBODY = Staff()


@dataclass(frozen=True)
class StaffSums:
    """The staff of every line, of its measures, and of all together; who works in two lines is one head of the total.

    A line is here as soon as it has posts, whenever they run.
    """

    lines: dict[Key, Staff]
    measures: dict[Key, dict[str, Staff]]
    total: Staff

    def by_measure(self, key: Key) -> Mapping[str, Staff]:
        return self.measures.get(key, {})


def staff_sums(posts: PostQuerySet, *, day: date, window: tuple[date, date], by: str) -> StaffSums:
    """The staff of `posts` on `day`, by `organisation_id` or `district_id`; `window` are two days, both included."""
    if by not in ("organisation_id", "district_id"):
        raise ValueError(f"staff is summed by organisation or district, not by {by}")
    sql, parameters = chosen(posts)
    soon = day + timedelta(days=settings.STAFFING_WARNING_DAYS)
    with connection.cursor() as cursor:
        cursor.execute(SUMS.format(posts=sql, key=by), [*parameters, day, soon, day.replace(month=1, day=1), *window])
        rows = cursor.fetchall()
    lines, measures, total = {}, {}, NOBODY
    for of_all, of_line, key, measure, *sums in rows:
        if of_all:
            total = Staff(*sums)
        elif of_line:
            lines[key] = Staff(*sums)
        else:
            measures.setdefault(key, {})[measure] = Staff(*sums)
    return StaffSums(lines, measures, total)
