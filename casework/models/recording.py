"""What the members of an organisation record: for the menu and the start page, which show nobody what is not theirs."""

from django.contrib.postgres.fields import ArrayField
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL
from django.utils import timezone

from casework.models.absences import Deputyship
from casework.models.counts import COUNT_MODELS
from casework.models.responsibilities import Responsibility
from pik.models import Measure, Membership

# Written out, because every request asks: Django takes longer to put such conditions together than the database to
# answer them. The manager is the person of the membership in its organisation.
_POSTS = """(
SELECT ARRAY[bool_or(e.profile = %s), bool_or(e.code = ANY(%s))] FROM casework_manager m
JOIN casework_assignment a ON a.manager_id = m.id AND a.starts_on <= %s AND (a.ends_on IS NULL OR a.ends_on >= %s)
JOIN casework_post p ON p.id = a.post_id JOIN pik_measure e ON e.code = p.measure_id
WHERE m.user_id = pik_membership.user_id AND m.organisation_id = pik_membership.organisation_id)"""


def allowed_by_posts() -> RawSQL:
    """Of a membership, whether today's posts let the person open cases, and whether they let them record counts."""
    today = timezone.localdate()
    values = [Measure.Profile.CASES.value, list(COUNT_MODELS), today, today]
    return RawSQL(_POSTS, values, output_field=ArrayField(BooleanField(null=True)))


def answers_for_cases(membership: Membership) -> bool:
    """Whether the person answers or stands in for a case today, with or without a post for it."""
    user, organisation = membership.user, membership.organisation_id
    own = Responsibility.objects.on(timezone.localdate()).of(user.managers.filter(organisation=organisation))
    return own.values("pk").union(Deputyship.objects.held_by(user, organisation).values("pk")).exists()
