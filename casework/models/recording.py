"""What the members of an organisation record: for the menu and the start page, which show nobody what is not theirs."""

from django.db.models import BooleanField
from django.db.models.expressions import RawSQL
from django.utils import timezone

from casework.models.counts import COUNT_MODELS
from pik.models import Measure

# Written out, because every request asks: Django takes longer to put such conditions together than the database to
# answer them. The manager is the person of the membership in its organisation.
_MANAGER = (
    "EXISTS (SELECT FROM casework_manager m {joined} WHERE m.user_id = pik_membership.user_id "
    "AND m.organisation_id = pik_membership.organisation_id AND {condition})"
)
_HOLDS = "{row}.starts_on <= %s AND ({row}.ends_on IS NULL OR {row}.ends_on >= %s)"
_POST = _MANAGER.format(
    joined=(
        "JOIN casework_assignment a ON a.manager_id = m.id JOIN casework_post p ON p.id = a.post_id "
        "JOIN pik_measure e ON e.code = p.measure_id"
    ),
    condition=f"{_HOLDS.format(row='a')} AND {{measure}}",
)
_CASE = _MANAGER.format(
    joined="JOIN casework_responsibility r ON r.manager_id = m.id AND r.starts_on <= %s",
    condition=(
        "NOT EXISTS (SELECT FROM casework_responsibility l "
        "WHERE l.case_id = r.case_id AND l.starts_on > r.starts_on AND l.starts_on <= %s)"
    ),
)
_DEPUTY = _MANAGER.format(joined="JOIN casework_deputyship d ON d.deputy_id = m.id", condition=_HOLDS.format(row="d"))


def recorded_by_members() -> dict[str, RawSQL]:
    """Columns of a membership: whether today's posts let somebody open cases and record counts, and whether the person
    answers or stands in for a case, with or without such a post.
    """
    days = [timezone.localdate()] * 2
    columns = {
        "opens_cases": (_POST.format(measure="e.profile = %s"), [*days, Measure.Profile.CASES.value]),
        "records_counts": (_POST.format(measure="e.code = ANY(%s)"), [*days, list(COUNT_MODELS)]),
        "answers_for_cases": (_CASE, days),
        "stands_in": (_DEPUTY, days),
    }
    return {name: RawSQL(sql, values, output_field=BooleanField()) for name, (sql, values) in columns.items()}
