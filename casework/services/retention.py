"""Ends cases with their funding time, and deletes them some time after their end; what figures need of them stays.

Every batch is a transaction of its own: a run that is killed leaves whole batches, and the next one goes on.
"""

import logging
from collections.abc import Sequence
from datetime import date, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Greatest
from django.utils import timezone

from casework.models import Assessment, Case, CasePhase, Contact, Goal, Plan, PlanReview, Referral
from casework.models.case_bands import ClosingReason
from casework.services import figures
from casework.services.cases import close_case
from pik.months import earliest_reaching

logger = logging.getLogger(__name__)
# Cases in one transaction. They are locked as long, and closing takes eleven queries for each.
ENDED_AT_ONCE = 100
DELETED_AT_ONCE = 500

_LONG_CLOSED = """
SELECT id FROM casework_case
WHERE closed_on < %(before)s AND closing_entered_on < %(before)s AND casework_has_outlived(id, closed_on, %(kept)s)
ORDER BY closed_on, id LIMIT %(batch)s FOR UPDATE SKIP LOCKED
"""
# What is overdue happens in the night to come.
_COUNT = """
INSERT INTO casework_retentionfigure (organisation_id, month, cases_ending, cases_extended, cases_going)
SELECT organisation_id, date_trunc('month', greatest(day, %(today)s))::date,
       count(*) FILTER (WHERE is_open), count(*) FILTER (WHERE is_open AND extension_reason <> ''),
       count(*) FILTER (WHERE NOT is_open)
FROM (SELECT organisation_id, extension_reason, closed_on IS NULL AS is_open, CASE
          WHEN closed_on IS NOT NULL THEN closing_entered_on + make_interval(months => %(kept)s)
          WHEN extension_reason = '' THEN opened_on + make_interval(months => %(limit)s)
          ELSE opened_on + make_interval(months => %(extended)s) END AS day
      FROM casework_case) AS each
GROUP BY 1, 2
"""


def apply_retention() -> None:
    """Everything that a night does; safe to repeat."""
    ended, deleted = end_outlived_cases(), delete_long_closed_cases()
    count_what_goes()
    if ended or deleted:
        logger.info("retention ended %s and deleted %s cases", ended, deleted)


def end_outlived_cases() -> int:
    """Closes open cases whose funding time is over; returns how many.

    A case ends on the last day of its funding time, or on the last later day of which something is recorded. Plans,
    offers and figures follow as when a manager closes it. One that cannot be closed keeps no other from it.
    """
    ended, last = 0, 0
    while batch := list(_past_limit().filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:ENDED_AT_ONCE]):
        ended, last = ended + _end(batch), batch[-1]
    return ended


def delete_long_closed_cases() -> int:
    """Deletes cases that have been closed for `CASE_KEPT_MONTHS`, with everything that names them; returns how many.

    The time runs from the day on which the end was entered: nothing goes that somebody has only just closed.

    What the monthly figures hold of them is kept in `ArchivedFigure`, in the same transaction and without a code, so
    that the figures of every month are the same before and after.
    """
    deleted = 0
    while number := _delete_batch():
        deleted += number
    return deleted


@transaction.atomic
def count_what_goes() -> None:
    """Counts anew how many cases end, and how many are deleted, in which month (`RetentionFigure`)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('casework.retention'))")
        cursor.execute("DELETE FROM casework_retentionfigure")
        months = {"limit": settings.CASE_LIMIT_MONTHS, "extended": settings.CASE_EXTENDED_MONTHS}
        cursor.execute(_COUNT, {"today": timezone.localdate(), "kept": settings.CASE_KEPT_MONTHS, **months})


@transaction.atomic
def _end(cases: Sequence[int]) -> int:
    """Closes those of the cases that are still to be closed once they are locked."""
    ended = 0
    for case in _with_last_day(_past_limit().filter(pk__in=cases)).select_for_update(of=("self",), skip_locked=True):
        try:
            close_case(case=case, closed_on=max(case.limit_on, case.last_day), reason=ClosingReason.TIME_LIMIT)
        except ValidationError:
            logger.warning("retention: a case past its funding time could not be closed")
        else:
            ended += 1
    return ended


def _past_limit() -> QuerySet[Case]:
    today = timezone.localdate()
    plain = Q(extension_reason="", opened_on__lt=earliest_reaching(today, settings.CASE_LIMIT_MONTHS))
    extended = Q(opened_on__lt=earliest_reaching(today, settings.CASE_EXTENDED_MONTHS))
    return Case.objects.open().filter(plain | extended)


def _with_last_day(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Adds the last day of which anything is recorded (`last_day`)."""
    days = (
        (Contact, "case", "date"),
        (Referral, "case", "referred_on"),
        (CasePhase, "case", "starts_on"),
        (Assessment, "case", "assessed_on"),
        (Plan, "case", "starts_on"),
        (PlanReview, "plan__case", "reviewed_on"),
        (Goal, "plan__case", "outcome_on"),
    )
    parts = [
        Subquery(
            model.objects.filter(**{case: OuterRef("pk")}).order_by().values(case).annotate(d=Max(day)).values("d")
        )
        for model, case, day in days
    ]
    return cases.annotate(last_day=Greatest(F("opened_on"), *parts))


@transaction.atomic
def _delete_batch() -> int:
    kept = settings.CASE_KEPT_MONTHS
    before: date = earliest_reaching(timezone.localdate() + timedelta(days=1), kept)
    with connection.cursor() as cursor:
        cursor.execute(_LONG_CLOSED, {"before": before, "kept": kept, "batch": DELETED_AT_ONCE})
        cases = [pk for (pk,) in cursor.fetchall()]
        if not cases:
            return 0
        archived = figures.figures_of_cases(cursor, cases)
        cursor.execute("SELECT casework_retire_cases(%s::bigint[], %s, %s::jsonb)", [cases, kept, archived])
        (deleted,) = cursor.fetchone()
    figures.refresh_soon()
    return deleted
