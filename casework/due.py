"""What is due for a manager: one dated list out of several sources."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from casework.domains import Domain
from casework.models import Assessment, Case, Goal, Plan, Referral, Transfer
from pik.models import User
from pik.months import months_later


class Kind(models.TextChoices):
    LIMIT = "limit", gettext_lazy("Funding time ends")
    CONSENT = "consent", gettext_lazy("Consent")
    REVIEW = "review", gettext_lazy("Review of a plan")
    GOAL = "goal", gettext_lazy("Goal of a plan")
    STEP = "step", gettext_lazy("Step of a plan")
    ASSESSMENT = "assessment", gettext_lazy("Assessment of self-reliance")
    UNSEEN = "unseen", gettext_lazy("No entry for eight weeks")
    REFERRAL = "referral", gettext_lazy("Ask about a referral")
    TRANSFER = "transfer", gettext_lazy("Case offered to your organisation")


# What cannot be made good after its day comes first, what is only looked at anew comes last; each in a word.
WAITS_LEAST: Mapping[Kind, str] = {
    Kind.LIMIT: gettext_lazy("Funding time"),
    Kind.TRANSFER: gettext_lazy("Transfers"),
    Kind.CONSENT: gettext_lazy("Consents"),
    Kind.REFERRAL: gettext_lazy("Referrals"),
    Kind.GOAL: gettext_lazy("Goals"),
    Kind.STEP: gettext_lazy("Steps"),
    Kind.REVIEW: gettext_lazy("Reviews"),
    Kind.ASSESSMENT: gettext_lazy("Assessments"),
    Kind.UNSEEN: gettext_lazy("Without an entry"),
}


@dataclass(frozen=True, slots=True)
class Due:
    """One thing to do: until which day, with which case, in which words and on which page.

    Words and address are made when they are read: a page shows a dozen of hundreds.
    """

    day: date
    kind: Kind
    code: str
    say: Callable[[], str]
    # Who answers for the case, where the reader stands in.
    whose: str = ""

    @property
    def words(self) -> str:
        return self.say()

    @property
    def url(self) -> str:
        if self.kind == Kind.TRANSFER:
            return reverse("casework:transfer_list")
        # Reviewing a plan is for who answers for the case.
        if self.kind == Kind.REVIEW and not self.whose:
            return reverse("casework:plan_review", args=[self.code])
        return reverse("casework:case_detail", args=[self.code])


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

    def line(self, case: Case, day: date, kind: Kind, say: Callable[[], str]) -> Due:
        whose = "" if getattr(case, "is_own", True) else case.responsible_name
        return Due(day, kind, case.code, say, whose)


def due_for(user: User, *, stands_in: bool = False, cases: Iterable[Case] | None = None) -> list[Due]:
    """Everything that is due for a manager, the earliest first; two queries whatever its length.

    With `stands_in` the cases of others are marked with the name of who answers for them. A page that has read the
    cases already (`for_due_list`) hands them in, closed ones among them do not count.
    """
    if cases is None:
        cases = Case.objects.visible_to(user).open().for_due_list(user, stands_in=stands_in)
    desk = Desk(user, {case.pk: case for case in cases if case.is_open}, timezone.localdate())
    lines = (line for source in SOURCES for line in source(desk))
    return sorted(lines, key=lambda line: (line.day, line.code, line.kind))


def by_kind(lines: Iterable[Due]) -> list[tuple[Kind, str, int]]:
    """How many lines there are of each kind, with a word for it, those that wait least first."""
    numbers = Counter(line.kind for line in lines)
    return [(kind, word, numbers[kind]) for kind, word in WAITS_LEAST.items() if numbers[kind]]


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
        if case.is_near_limit:
            day = case.limit_on
            yield desk.line(case, day, Kind.LIMIT, partial(_limit, day, over=day < desk.today))


def _limit(day: date, *, over: bool) -> str:
    words = _("Funding time ended on %(day)s") if over else _("Funding time ends on %(day)s")
    return words % {"day": _written(day)}


def _consents(desk: Desk) -> Iterator[Due]:
    """Consents that end, that were withdrawn, and that are missing after the time that an intake takes."""
    for case in desk.cases.values():
        if case.withdrawn_on:
            yield desk.line(case, case.withdrawn_on, Kind.CONSENT, partial(_no_longer, case.withdrawn_on))
        elif case.consent_on is None:
            day = months_later(case.opened_on, settings.CONSENT_WITHIN_MONTHS)
            if day < desk.today:
                yield desk.line(case, day, Kind.CONSENT, partial(_none_yet, case.opened_on))
        elif case.consent_until and case.consent_until <= desk.until:
            day = case.consent_until
            yield desk.line(case, day, Kind.CONSENT, partial(_consent, day, over=day < desk.today))


def _no_longer(day: date) -> str:
    return _("Consent withdrawn on %(day)s: record a new one, or close the case") % {"day": _written(day)}


def _none_yet(opened_on: date) -> str:
    return _("No consent since the case was opened on %(day)s") % {"day": _written(opened_on)}


def _consent(day: date, *, over: bool) -> str:
    words = _("Consent ended on %(day)s") if over else _("Consent ends on %(day)s")
    return words % {"day": _written(day)}


def _recorded(desk: Desk) -> Iterator[Due]:
    """What hangs on plans, goals, assessments and referrals of the cases, and cases offered, all in one query."""
    parts = (
        Plan.objects.to_review(desk.cases, until=desk.until).for_due_list(Kind.REVIEW),
        Goal.objects.to_reach(desk.cases, until=desk.until).for_due_list(Kind.GOAL),
        Goal.objects.steps_due(desk.cases, until=desk.until).for_due_list(Kind.STEP),
        Assessment.objects.last_of(desk.cases).for_due_list(Kind.ASSESSMENT),
        Referral.objects.to_ask_about(desk.cases, until=desk.until).for_due_list(Kind.REFERRAL),
        Transfer.objects.received_by(desk.user).waiting().for_due_list(Kind.TRANSFER),
    )
    first, *others = parts
    for name, case, day, word, number, since, code in first.union(*others, all=True):
        kind = Kind(name)
        say = partial(_WORDS[kind], day, word, number, since)
        due = months_later(day, settings.ASSESSMENT_MONTHS) if kind == Kind.ASSESSMENT else day
        if kind == Kind.TRANSFER:
            yield Due(due, kind, code, say)
        elif due <= desk.until:
            yield desk.line(desk.cases[case], due, kind, say)


def _review(day: date, _word: str, _number: int, _since: date | None) -> str:
    return _("Review the plan by %(day)s") % {"day": _written(day)}


def _goal(_day: date, domain: str, _number: int, _since: date | None) -> str:
    return _("Goal in “%(domain)s”: work on it or note its outcome") % {"domain": Domain(domain).label}


def _steps(_day: date, domain: str, steps: int, _since: date | None) -> str:
    words = ngettext("%(number)d step, goal in “%(domain)s”", "%(number)d steps, goal in “%(domain)s”", steps)
    return words % {"number": steps, "domain": Domain(domain).label}


def _assessment(last: date, _word: str, _number: int, _since: date | None) -> str:
    return _("Assess self-reliance anew, last done on %(day)s") % {"day": _written(last)}


def _referral(_ask_on: date, target: str, _number: int, referred_on: date) -> str:
    words = _("Ask about the referral to %(target)s of %(day)s")
    return words % {"target": target, "day": _written(referred_on)}


def _transfer(_day: date, organisation: str, _number: int, _since: date | None) -> str:
    return _("Offered by %(organisation)s: accept or decline") % {"organisation": organisation}


# The words for a recorded thing.
_WORDS: Mapping[Kind, Callable[[date, str, int, date | None], str]] = {
    Kind.REVIEW: _review,
    Kind.GOAL: _goal,
    Kind.STEP: _steps,
    Kind.ASSESSMENT: _assessment,
    Kind.REFERRAL: _referral,
    Kind.TRANSFER: _transfer,
}


def _unseen(desk: Desk) -> Iterator[Due]:
    for case in desk.cases.values():
        if case.is_unseen:
            seen = timezone.localdate(case.last_used_at)
            yield desk.line(case, seen + settings.CASE_UNSEEN, Kind.UNSEEN, partial(_last_seen, seen))


def _last_seen(day: date) -> str:
    return _("No entry since %(day)s") % {"day": _written(day)}


# To add one: a function that gives the lines of a desk.
SOURCES: Sequence[Callable[[Desk], Iterator[Due]]] = (_limits, _consents, _recorded, _unseen)


def _written(day: date) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")
