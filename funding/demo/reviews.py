"""The access reviews of the running quarter, half done as in real life."""

from random import Random

from django.db.models import OuterRef, Subquery

from funding.demo.period import Period
from funding.demo.sizes import LOGIN_DISTRICT
from pik.access_reviews import open_reviews
from pik.models import AccessLine, AccessReview, Membership

# How much of its list an organisation has confirmed: all, a part, nothing; in per cent of the organisations.
SHARES = {1.0: 40, 0.7: 35, 0.0: 25}
LOGIN_SHARE = 0.5


def load_reviews(rng: Random, period: Period) -> int:
    """Opens the reviews as the nightly run does, mails nobody, and lets coordinators confirm a part of them."""
    opened = open_reviews(day=period.until)
    now = period.moment(period.until, 8)
    # A reminder that has left keeps the invented people free of mail for the whole quarter.
    AccessReview.objects.update(mail_due_at=None, mail_sent_at=now, reminder_sent_at=now)
    coordinator = Membership.objects.coordinators_on(period.until).filter(
        organisation__memberships=OuterRef("membership")
    )
    AccessLine.objects.filter(pk__in=_confirmed(rng)).update(
        decision=AccessLine.Decision.CONFIRMED,
        decided_by=Subquery(coordinator.values("user")[:1]),
        decided_at=now,
    )
    return opened


def _confirmed(rng: Random) -> list[int]:
    """Which lines are confirmed; the order does not depend on the ids."""
    lines = AccessLine.objects.order_by(
        "review__organisation__sort_name", "membership__user__email", "membership__role"
    )
    shares: dict[int, float] = {}
    chosen = []
    for line in lines.select_related("review__organisation"):
        body = line.review.organisation
        if body.pk not in shares:
            (share,) = rng.choices(list(SHARES), weights=SHARES.values())
            is_login = body.kind == body.Kind.DISTRICT and body.district_id == LOGIN_DISTRICT
            shares[body.pk] = LOGIN_SHARE if is_login else share
        if rng.random() < shares[body.pk]:
            chosen.append(line.pk)
    return chosen
