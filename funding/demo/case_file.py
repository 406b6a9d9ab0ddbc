"""The course of cases: consent, phases, assessments of self-reliance, goals and their steps."""

from collections.abc import Iterator, Sequence
from random import Random

from django.db.backends.utils import CursorWrapper

from casework.domains import Domain
from casework.models import Assessment, CasePhase, Goal, Step
from casework.models.goals import DropReason
from casework.models.phases import Phase
from funding.demo.cases import CaseDraft
from funding.demo.copying import copy_rows, reserve_ids
from funding.demo.period import Period
from funding.demo.plans import PlanDraft
from funding.demo.staff import DAY

# Of all cases; the others are still in intake, or were recorded on paper.
AGREED = 0.95
# The phases after the intake, with the shortest and longest time until each begins.
COURSE = (
    (Phase.ASSESSMENT, 2, 20),
    (Phase.PLANNING, 10, 40),
    (Phase.LINKING, 10, 40),
    (Phase.EVALUATION, 500, 900),
)
# Of those whose person agreed, and after how many days they are assessed again.
ASSESSED, AGAIN = 0.36, 184
MOST_ASSESSMENTS = 4
# Of the running plans, and of their goals.
WITH_GOALS, ENDED = 0.25, 0.55
OUTCOMES = (("reached", 0.58), ("partly", 0.84), ("dropped", 1.0))
GOALS = (
    (Domain.LANGUAGE, "Besteht die Prüfung B1", "Meldet sich zum Kurs an", "person"),
    (Domain.HOUSING, "Findet eine eigene Wohnung", "Prüft die Unterlagen für die Bewerbung", "manager"),
    (Domain.WORK, "Nimmt eine Arbeit auf", "Termin beim Jobcenter", "service"),
    (Domain.EDUCATION, "Lässt den Abschluss anerkennen", "Stellt den Antrag auf Anerkennung", "person"),
    (Domain.CHILDREN, "Das Kind hat einen Platz in der Kita", "Meldet das Kind an", "person"),
    (Domain.HEALTH, "Hat eine Hausarztpraxis", "Begleitung zum ersten Termin", "volunteer"),
    (Domain.RESIDENCE, "Hält die Fristen selbst ein", "Legt einen Ordner für die Post an", "person"),
    (Domain.LIVELIHOOD, "Füllt den Folgeantrag allein aus", "Übt den Antrag gemeinsam", "manager"),
    (Domain.PARTICIPATION, "Geht regelmäßig in den Verein", "Besuch im Sprachcafé", "volunteer"),
)


def agree(rng: Random, cases: Sequence[CaseDraft], period: Period) -> None:
    """Says on which day the person of each case agreed; comes before the cases are written."""
    for case in cases:
        last = case.closed_on or period.until
        if rng.random() < AGREED or case.staff.is_login:
            case.consent_on = min(case.opened_on + int(rng.random() ** 2 * 15) * DAY, last)


def load_phases(cursor: CursorWrapper, rng: Random, cases: Sequence[CaseDraft], period: Period) -> int:
    """Writes the phases after the intake, which the database has made with each case."""
    columns = ("case_id", "phase", "starts_on", "recorded_by_id", "recorded_at")
    return copy_rows(cursor, CasePhase, columns, _phases(rng, cases, period))


def _phases(rng: Random, cases: Sequence[CaseDraft], period: Period) -> Iterator[tuple]:
    draw = rng.random
    for case in cases:
        if not case.consent_on:
            continue
        last, day = case.closed_on or period.until, max(case.consent_on, case.opened_on)
        for phase, soonest, latest in COURSE:
            day += (soonest + int(draw() * (latest - soonest))) * DAY
            if day > last:
                break
            yield case.pk, phase.value, day, case.staff.user.pk, period.moment(day, 10)


def load_assessments(cursor: CursorWrapper, rng: Random, cases: Sequence[CaseDraft], period: Period) -> int:
    """Writes the assessments of a third of the cases: some weeks after the consent, then every half a year."""
    columns = ("case_id", "occasion", "assessed_on", "recorded_by_id", "recorded_at", "version", *Domain.values)
    return copy_rows(cursor, Assessment, columns, _assessments(rng, cases, period))


def _assessments(rng: Random, cases: Sequence[CaseDraft], period: Period) -> Iterator[tuple]:
    draw = rng.random
    for case in cases:
        if not case.consent_on or case.staff.measure != "im" or (draw() > ASSESSED and not case.staff.is_login):
            continue
        last = case.closed_on or period.until
        day = case.consent_on + int(3 + draw() * 25) * DAY
        levels = [int(1 + draw() * 3) if draw() < 0.85 else None for _domain in Domain]
        levels[0] = levels[0] or 1
        for count in range(MOST_ASSESSMENTS):
            if day > last:
                break
            yield (
                case.pk, "review" if count else "start", day, case.staff.pk, period.moment(day, 10), 1, *levels
            )  # fmt: skip
            day += (AGAIN + int(draw() * 20)) * DAY
            # Most things get better, some stay, a few get worse.
            levels = [
                level and max(1, min(5, level + (1 if chance < 0.4 else -1 if chance > 0.94 else 0)))
                for level, chance in ((level, draw()) for level in levels)
            ]


def load_goals(cursor: CursorWrapper, rng: Random, plans: Sequence[PlanDraft], period: Period) -> tuple[int, int]:
    """Writes goals of some of the running plans, and a step for most of them; how many of each."""
    chosen = [plan for plan in plans if plan.ends_on is None and (plan.is_login or rng.random() < WITH_GOALS)]
    drafts = [(plan, goal) for plan in chosen for goal in rng.sample(GOALS, rng.randint(1, 3))]
    keys = reserve_ids(cursor, Goal, len(drafts))
    goals, steps = [], []
    for pk, (plan, (domain, words, step, doer)) in zip(keys, drafts, strict=True):
        due_on = plan.starts_on + rng.randint(60, 420) * DAY
        ended_on = min(due_on + rng.randint(-40, 20) * DAY, period.until)
        ended = plan.starts_on < ended_on < period.until and rng.random() < ENDED
        outcome = next(name for name, bound in OUTCOMES if rng.random() < bound or bound == 1.0) if ended else ""
        reason = rng.choice(DropReason.values) if outcome == "dropped" else ""
        goals.append((pk, plan.pk, domain.value, words, due_on, outcome, ended_on if ended else None, reason, 1))
        if rng.random() < 0.7:
            step_due = due_on - 30 * DAY
            done = ended or step_due < period.until - 60 * DAY
            steps.append((pk, step, doer, step_due, min(step_due, period.until) if done else None))
    columns = ("id", "plan_id", "domain", "words", "due_on", "outcome", "outcome_on", "drop_reason", "version")
    written = copy_rows(cursor, Goal, columns, goals)
    return written, copy_rows(cursor, Step, ("goal_id", "words", "doer", "due_on", "done_on"), steps)
