"""What is due for a manager: one dated list out of several sources."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from casework.domains import Domain
from casework.models import Assessment, Case, Goal, Plan, Referral, Transfer
from pik.models import User
from pik.months import months_later


class Kind(models.TextChoices):
    LIMIT = "limit", gettext_lazy("Funding time ends")
    CONSENT = "consent", gettext_lazy("Consent ends")
    REVIEW = "review", gettext_lazy("Review of a plan")
    STEP = "step", gettext_lazy("Step of a plan")
    ASSESSMENT = "assessment", gettext_lazy("Assessment of self-reliance")
    UNSEEN = "unseen", gettext_lazy("No entry for eight weeks")
    REFERRAL = "referral", gettext_lazy("Ask about a referral")
    TRANSFER = "transfer", gettext_lazy("Case offered to your organisation")


@dataclass(frozen=True, slots=True)
class Due:
    """One thing to do: until which day, with which case, in which words and on which page."""

    day: date
    kind: Kind
    code: str
    words: str
    url: str
    # Who answers for the case, where the reader stands in.
    whose: str = ""

    @property
    def kind_name(self) -> str | Promise:
        return self.kind.label


@dataclass(frozen=True)
class Desk:
    """Whose list is made: the reader, and the open cases that the reader answers or stands in for, by id."""

    user: User
    cases: Mapping[int, Case]
    today: date

    @property
    def until(self) -> date:
        """The last day that the list looks ahead to; only the end of the funding time is announced earlier."""
        return self.today + settings.DUE_AHEAD

    def line(self, case: Case, day: date, kind: Kind, words: str) -> Due:
        whose = "" if getattr(case, "is_own", True) else case.responsible_name
        return Due(day, kind, case.code, words, reverse("casework:case_detail", args=[case.code]), whose)


def due_for(user: User, *, stands_in: bool = False) -> list[Due]:
    """Everything that is due for a manager, the earliest first; one query for the cases and one for each source.

    With `stands_in` the cases of others are marked with the name of who answers for them.
    """
    cases = Case.objects.visible_to(user).open()
    if stands_in:
        cases = cases.with_responsible(user)
    desk = Desk(user, {case.pk: case for case in cases}, timezone.localdate())
    lines = (line for source in SOURCES for line in source(desk))
    return sorted(lines, key=lambda line: (line.day, line.code, line.kind))


def by_urgency(lines: Iterable[Due], *, today: date) -> list[tuple[str, list[Due]]]:
    """The lines that are overdue, due this week (today included) and due later, each under its name."""
    sunday = today + timedelta(days=6 - today.weekday())
    parts: dict[str, list[Due]] = {_("Overdue"): [], _("This week"): [], _("Later"): []}
    overdue, this_week, later = parts.values()
    for line in lines:
        (overdue if line.day < today else this_week if line.day <= sunday else later).append(line)
    return [(name, part) for name, part in parts.items() if part]


def _limits(desk: Desk) -> Iterator[Due]:
    for case in desk.cases.values():
        if case.is_past_limit:
            words = _("Funding time ended on %(day)s")
        elif case.is_near_limit:
            words = _("Funding time ends on %(day)s")
        else:
            continue
        yield desk.line(case, case.limit_on, Kind.LIMIT, words % {"day": _written(case.limit_on)})


def _consents(desk: Desk) -> Iterator[Due]:
    for case in desk.cases.values():
        if case.consent_until and case.withdrawn_on is None and case.consent_until <= desk.until:
            over = case.consent_until < desk.today
            words = _("Consent ended on %(day)s") if over else _("Consent ends on %(day)s")
            yield desk.line(case, case.consent_until, Kind.CONSENT, words % {"day": _written(case.consent_until)})


def _reviews(desk: Desk) -> Iterator[Due]:
    for plan in Plan.objects.to_review(desk.cases, until=desk.until):
        words = _("Review the plan by %(day)s") % {"day": _written(plan.review_on)}
        yield desk.line(desk.cases[plan.case_id], plan.review_on, Kind.REVIEW, words)


def _steps(desk: Desk) -> Iterator[Due]:
    for case, domain, day, steps in Goal.objects.steps_due(desk.cases, until=desk.until):
        words = ngettext("%(number)d step, goal in “%(domain)s”", "%(number)d steps, goal in “%(domain)s”", steps)
        words %= {"number": steps, "domain": Domain(domain).label}
        yield desk.line(desk.cases[case], day, Kind.STEP, words)


def _assessments(desk: Desk) -> Iterator[Due]:
    for case, last in Assessment.objects.last_days(desk.cases):
        day = months_later(last, settings.ASSESSMENT_MONTHS)
        if day <= desk.until:
            words = _("Assess self-reliance anew, last done on %(day)s") % {"day": _written(last)}
            yield desk.line(desk.cases[case], day, Kind.ASSESSMENT, words)


def _unseen(desk: Desk) -> Iterator[Due]:
    for case in desk.cases.values():
        if case.is_unseen:
            seen = timezone.localdate(case.last_used_at)
            words = _("No entry since %(day)s") % {"day": _written(seen)}
            yield desk.line(case, seen + settings.CASE_UNSEEN, Kind.UNSEEN, words)


def _referrals(desk: Desk) -> Iterator[Due]:
    for referral in Referral.objects.to_ask_about(desk.cases, until=desk.until):
        words = _("Ask about the referral to %(target)s of %(day)s")
        words %= {"target": referral.target, "day": _written(referral.referred_on)}
        yield desk.line(desk.cases[referral.case_id], referral.ask_on, Kind.REFERRAL, words)


def _transfers(desk: Desk) -> Iterator[Due]:
    address = reverse("casework:transfer_list")
    for transfer in Transfer.objects.received_by(desk.user).waiting().for_list():
        words = _("Offered by %(organisation)s: accept or decline") % {"organisation": transfer.organisation.name}
        yield Due(transfer.starts_on, Kind.TRANSFER, transfer.case.code, words, address)


# To add one: a function that gives the lines of a desk.
SOURCES: Sequence[Callable[[Desk], Iterator[Due]]] = (
    _limits,
    _consents,
    _reviews,
    _steps,
    _assessments,
    _unseen,
    _referrals,
    _transfers,
)


def _written(day: date) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")
