"""Cases that were closed long ago, with everything that can hang on one."""

from datetime import date, timedelta

from django.utils import timezone

from casework.models import Case, Manager, Transfer
from casework.services.case_file import record_consent
from casework.services.cases import close_case
from casework.services.goals import StepEntry, end_goal, set_goal
from casework.services.leavings import record_leaving
from casework.services.phases import move_case
from casework.services.plans import make_plan, review_plan
from casework.services.referrals import record_outcome
from casework.services.transfers import relocate_case
from pik.access import log_case_read, log_export
from pik.models import Draft
from pik.months import months_later
from tests.database import run_as_owner, run_sql
from tests.factories import (
    hand_over,
    make_assessment,
    make_case,
    make_contact,
    make_free_manager,
    make_manager,
    make_organisation,
    make_referral,
    make_transfer,
    places_of,
)

TODAY, DAY = timezone.localdate(), timedelta(days=1)
OPENED, CLOSED = months_later(TODAY, -40), months_later(TODAY, -30)


def make_long_closed_case(*, closed_on: date = CLOSED, **overrides: object) -> Case:
    """A case of ten months, closed two and a half years ago, without anything recorded in it."""
    opened_on = overrides.pop("opened_on", min(OPENED, months_later(closed_on, -10)))
    case = close_case(case=make_case(opened_on=opened_on, **overrides), closed_on=closed_on, reason="moved")
    return entered_at_once(case)


def entered_at_once(case: Case) -> Case:
    """The case as if its end had been entered on its day; the service enters it today."""
    enter_closing(case, case.closed_on)
    case.closing_entered_on = case.closed_on
    return case


def enter_closing(case: Case, day: date) -> None:
    """Says on which day the end of a case was entered, which only the owner of the table can."""
    run_as_owner("UPDATE casework_case SET closing_entered_on = %s WHERE id = %s", day, case.pk)


def make_full_case(manager: Manager, colleague: Manager, **overrides: object) -> Case:
    """The same with contacts, referrals, plan, goals, reviews, assessments, a move, a hand-over and readers."""
    case = make_case(manager=manager, opened_on=OPENED, **overrides)
    record_consent(case=case, consent_on=OPENED)
    for name, months in (("assessment", 1), ("planning", 2), ("linking", 3)):
        move_case(case=case, phase=name, starts_on=months_later(OPENED, months), user=manager.user)
    make_assessment(case=case, assessed_on=months_later(OPENED, 1), language=1, housing=2)
    make_assessment(case=case, assessed_on=months_later(OPENED, 6), language=3, housing=2, work=1)
    make_plan(case=case, agreed_on=months_later(OPENED, 2))
    steps = [StepEntry(words="Fills in the form", doer="person")]
    for outcome, months in (("reached", 5), ("partly", 7)):
        goal = set_goal(case=case, domain="work", words="Takes up work", steps=steps)
        end_goal(goal=goal, outcome=outcome, outcome_on=months_later(OPENED, months))
    reviewed_on = months_later(OPENED, 9)
    review_plan(case=case, reviewed_on=reviewed_on, review_on=months_later(reviewed_on, 6))
    for months in range(8):
        make_contact(case=case, date=months_later(OPENED, months), minutes=20 + months)
    make_contact(case=case, manager=colleague, date=months_later(OPENED, 4), minutes=45)
    record_outcome(referral=make_referral(case=case, referred_on=months_later(OPENED, 3)), outcome="arrived")
    make_referral(case=case, manager=colleague, referred_on=months_later(OPENED, 5))
    elsewhere = next(place for place in places_of(manager.organisation, 2) if place.pk != case.municipality_id)
    relocate_case(case=case, municipality=elsewhere, starts_on=months_later(OPENED, 5))
    hand_over(case, colleague, months_later(OPENED, 6))
    log_case_read(user=colleague.user, code=case.code, organisation_id=case.organisation_id, sent=False)
    log_export(user=manager.user, subject=f"assessments {case.code}", organisation_id=case.organisation_id)
    return entered_at_once(close_case(case=Case.objects.get(pk=case.pk), closed_on=CLOSED, reason="self_reliant"))


def transferred(case: Case) -> Transfer:
    """A long closed case that was accepted by another organisation half a year before its end."""
    there, day = make_manager(organisation=make_organisation()), months_later(CLOSED, -6)
    # The services accept today only: the same rows with earlier days.
    Case.objects.filter(pk=case.pk).update(closed_on=None, closing_reason="")
    transfer = make_transfer(case=case, receiver=there.organisation)
    values = {"starts_on": day, "state": "accepted", "decided_at": timezone.now(), "decided_by": there.user}
    Transfer.objects.filter(pk=transfer.pk).update(**values, manager=there)
    run_sql(
        "WITH moved AS (UPDATE casework_case SET organisation_id = %s, closed_on = %s, "
        "closing_reason = 'moved' WHERE id = %s) "
        "INSERT INTO casework_responsibility (case_id, manager_id, starts_on) VALUES (%s, %s, %s)",
        *(there.organisation_id, CLOSED, case.pk, case.pk, there.pk, day),
    )
    enter_closing(case, CLOSED)
    return Transfer.objects.get(pk=transfer.pk)


def make_past() -> list[Case]:
    """Cases of all kinds that are to go, beside as many that stay; the codes of some stand in drafts and in the log."""
    body = make_organisation(district="08115")
    manager, colleague = (make_manager(organisation=body, municipalities=places_of(body, 2)) for _ in range(2))
    leaver = make_free_manager(body)
    youth = make_manager(organisation=body, measure="jbh")
    full = make_full_case(manager, colleague)
    going = [
        full,
        make_long_closed_case(manager=manager),
        make_long_closed_case(manager=leaver),
        make_long_closed_case(manager=youth, measure="jbh"),
        transferred(make_long_closed_case(manager=colleague)).case,
    ]
    make_contact(case=going[3], date=CLOSED, minutes=15)
    record_leaving(manager=leaver, last_day=TODAY - DAY, decided_by=manager.user, rest=None)
    for staying in (manager, youth):
        measure = "im" if staying is manager else "jbh"
        case = make_case(manager=staying, measure=measure, opened_on=OPENED)
        make_contact(case=case, date=months_later(OPENED, 2))
        closed = make_long_closed_case(manager=staying, measure=measure, closed_on=TODAY - 60 * DAY)
        make_contact(case=closed, date=TODAY - 70 * DAY)
    for form, data in ((f"goal-{full.code.lower()}", {}), ("contact", {"code": [full.code]}), ("case", {})):
        Draft.objects.create(
            user=manager.user,
            membership=manager.user.memberships.get(),
            form=form,
            data=data,
            expires_at=timezone.now() + DAY,
        )
    return going
