"""Rows for tests: every `make_…` is valid and takes any field as keyword; the pact itself is loaded already."""

from contextlib import AbstractContextManager, nullcontext
from datetime import date, timedelta
from decimal import Decimal
from itertools import count

from django.db import connection
from django.test import override_settings
from django.utils import timezone

from casework.models import (
    Assessment,
    Case,
    Contact,
    Goal,
    GroupOffer,
    LanguageCourse,
    Manager,
    MonthlyFigure,
    Post,
    QueerSupport,
    Referral,
    ReferralTarget,
    Responsibility,
    RomaSupport,
    ScreeningDay,
    Topic,
    Transfer,
)
from casework.models.contacts import first_open_day
from casework.models.counts import CountRecord
from casework.services.assessments import assess
from casework.services.case_file import record_consent
from casework.services.cases import open_case
from casework.services.contacts import record_contact
from casework.services.counts import record_counts
from casework.services.goals import set_goal
from casework.services.managers import register_manager
from casework.services.plans import make_plan
from casework.services.posts import create_post
from casework.services.referrals import refer
from casework.services.transfers import offer_transfer
from casework.services.withholding import withhold
from funding.models import Budget, LedgerEntry
from funding.services.ledger import book_award
from pik.models import AccessLine, AccessReview, District, Measure, Membership, Municipality, Organisation, User
from pik.months import quarter_of

STARTED = date(2025, 1, 1)
_numbers = count(1)


def make_user(**overrides: object) -> User:
    """A person with a login and no role; without `password` nobody can log in as this person."""
    number = next(_numbers)
    return User.objects.create_user(**{"email": f"person{number}@pik.example", "name": f"Person {number}", **overrides})


def make_organisation(
    *,
    kind: str = "district",
    district: District | str | None = None,
    municipality: Municipality | None = None,
    **overrides: object,
) -> Organisation:
    """A Kreis by default; bodies of a place lie in the first Kreis (and Gemeinde) that has no such body yet."""
    if isinstance(district, str):
        district = District.objects.get(ags=district)
    if kind == "municipality" and municipality is None:
        municipality = _free_municipality(district)
    if district is None and municipality:
        district = municipality.district
    if district is None and kind in ("district", "association"):
        taken = Organisation.objects.filter(kind=kind).values("district")
        district = District.objects.exclude(pk__in=taken).order_by("ags").first()
    name = f"{kind.capitalize()} {next(_numbers)}"
    return Organisation.objects.create(
        **{"name": name, "kind": kind, "district": district, "municipality": municipality, **overrides}
    )


def _free_municipality(district: District | None) -> Municipality:
    taken = Organisation.objects.filter(municipality__isnull=False).values("municipality")
    free = Municipality.objects.exclude(pk__in=taken).order_by("ags")
    return (free.filter(district=district) if district else free).first()


def make_membership(**overrides: object) -> Membership:
    """A coordinator of a Kreis, since 2025."""
    values = {"role": Membership.Role.COORDINATOR, "starts_on": STARTED, **overrides}
    values.setdefault("user", None)
    values.setdefault("organisation", None)
    values["user"] = values["user"] or make_user()
    values["organisation"] = values["organisation"] or make_organisation(kind=_HOMES[values["role"]])
    return Membership.objects.create(**values)


# Where people of a role usually belong.
_HOMES = {"manager": "district", "coordinator": "district", "ministry": "ministry", "auditor": "audit"}


def make_member(role: str, organisation: Organisation | None = None, **overrides: object) -> User:
    """A person who has `role` in an organisation of the usual kind."""
    return make_membership(role=role, organisation=organisation, **overrides).user


def make_review(organisation: Organisation | None = None, **overrides: object) -> AccessReview:
    """A review of this quarter, due in four weeks and mailed already, with a line for everybody in the organisation."""
    organisation = organisation or make_member("coordinator").membership.organisation
    today = timezone.localdate()
    values = {"quarter": quarter_of(today), "due_on": today + timedelta(weeks=4), "mail_sent_at": timezone.now()}
    review = AccessReview.objects.create(organisation=organisation, **{**values, **overrides})
    for membership in organisation.memberships.all():
        AccessLine.objects.create(review=review, membership=membership)
    return review


def hold_back_all() -> None:
    """Withholds what the refresh would, for tests that write monthly figures themselves."""
    with connection.cursor() as cursor:
        withhold(cursor, set(MonthlyFigure.objects.values_list("month", flat=True)))


def places_of(organisation: Organisation, number: int = 1) -> list[Municipality]:
    """The first municipalities of the organisation's Kreis, or of the Land for a body without one."""
    seat = {"district": organisation.district_id} if organisation.district_id else {}
    return list(Municipality.objects.filter(**seat).order_by("ags")[:number])


def make_manager(*, measure: Measure | str = "im", **overrides: object) -> Manager:
    """A manager on a full post, with login and membership, employed by a Kreis since 2025, serving one municipality."""
    number = next(_numbers)
    if isinstance(measure, str):
        measure = Measure.objects.get(code=measure)
    organisation = overrides.pop("organisation", None) or make_organisation()
    stateless = measure.place_level == Measure.PlaceLevel.STATE
    values = {
        "name": f"Manager {number}",
        "email": f"manager{number}@pik.example",
        "organisation": organisation,
        "measure": measure,
        "fte": Decimal("1.00"),
        "starts_on": STARTED,
        "ends_on": None,
        "municipalities": [] if stateless else places_of(organisation),
    }
    return register_manager(**{**values, **overrides})


def make_post(*, measure: Measure | str = "im", **overrides: object) -> Post:
    """A vacant full post of a Kreis since 2025, serving one municipality."""
    if isinstance(measure, str):
        measure = Measure.objects.get(code=measure)
    organisation = overrides.pop("organisation", None) or make_organisation()
    stateless = measure.place_level == Measure.PlaceLevel.STATE
    values = {
        "fte": Decimal("1.00"),
        "starts_on": STARTED,
        "ends_on": None,
        "municipalities": [] if stateless else places_of(organisation),
    }
    return create_post(organisation=organisation, measure=measure, **{**values, **overrides})


def make_free_manager(organisation: Organisation, **overrides: object) -> Manager:
    """A manager of the organisation who is booked on no post."""
    user = make_user(name=overrides.pop("name", f"Manager {next(_numbers)}"))
    make_member(Membership.Role.MANAGER, organisation, user=user)
    return Manager.objects.create(user=user, organisation=organisation, **overrides)


def end_employment(manager: Manager, last_day: date) -> None:
    """The manager's posts and then the employment end on `last_day`, as far as they did not end before."""
    manager.assignments.active_on(last_day).update(ends_on=last_day)
    employments = manager.user.memberships.filter(organisation=manager.organisation_id, role=Membership.Role.MANAGER)
    employments.update(ends_on=last_day)


def hand_over(case: Case, receiver: Manager, starts_on: date) -> Responsibility:
    """From a day on `receiver` answers for the case."""
    return Responsibility.objects.create(case=case, manager=receiver, starts_on=starts_on)


def make_case(*, measure: Measure | str = "im", **overrides: object) -> Case:
    """A case of a new manager in the manager's first municipality, open for 90 days."""
    if isinstance(measure, str):
        measure = Measure.objects.get(code=measure)
    manager = overrides.pop("manager", None) or make_manager(measure=measure)
    values = {
        "measure": measure,
        "municipality": place_of(manager),
        "opened_on": timezone.localdate() - timedelta(days=90),
        "age_band": "25-34",
        "household_band": "3-4",
    }
    if measure.records_origin:
        values |= {"origin_group": "ukraine", "residence_group": "temporary_protection", "arrival_year": 2022}
    return open_case(manager=manager, **{**values, **overrides})


def make_agreed_case(**overrides: object) -> Case:
    """A case whose person has agreed on the first day."""
    case = make_case(**overrides)
    return record_consent(case=case, consent_on=case.opened_on)


def make_assessment(*, case: Case | None = None, **overrides: object) -> Assessment:
    """Level 2 in three domains today, of a case whose person has agreed; levels are given by domain."""
    case = case or make_case()
    if case.consent_on is None:
        case = record_consent(case=case, consent_on=case.opened_on)
    assessed_on = overrides.pop("assessed_on", timezone.localdate())
    levels = overrides or {"language": 2, "housing": 2, "work": 2}
    return assess(case=case, manager=case.opened_by, assessed_on=assessed_on, levels=levels)


def make_goal(*, case: Case | None = None, **overrides: object) -> Goal:
    """A goal about work without steps, of the running plan; a case without a plan gets one on its first day."""
    case = case or make_case()
    if case.plans.running() is None:
        make_plan(case=case, agreed_on=case.opened_on)
    return set_goal(case=case, **{"domain": "work", "words": "Takes up work", **overrides})


def place_of(manager: Manager) -> Municipality:
    """The first municipality that the manager's posts serve, else the first of the employer's Kreis."""
    served = Municipality.objects.filter(posts__assignments__manager=manager).order_by("ags").first()
    return served or places_of(manager.organisation)[0]


def make_contact(**overrides: object) -> Contact:
    """A counselling of 30 minutes today, by the manager of a new case."""
    case = overrides.pop("case", None)
    if case is None:
        manager = overrides.get("manager")
        case = make_case(manager=manager) if manager else make_case()
    values = {
        "manager": case.opened_by,
        "date": timezone.localdate(),
        "kind": "counselling",
        "channel": "office",
        "minutes": 30,
        "topics": [Topic.objects.get(code="wohnen")],
        "mediation": "none",
    }
    values |= overrides
    with _months_open_from(values["date"]):
        return record_contact(case=case, **values)


def make_referral(*, target: str = "jobcenter", **overrides: object) -> Referral:
    """A referral to the Jobcenter today, to be asked about in four weeks."""
    case = overrides.pop("case", None) or make_case()
    today = timezone.localdate()
    values = {"manager": case.opened_by, "referred_on": today, "ask_on": today + timedelta(weeks=4)}
    values |= overrides
    with _months_open_from(values["referred_on"]):
        return refer(case=case, target=ReferralTarget.objects.get(code=target), **values)


def _months_open_from(day: date) -> AbstractContextManager:
    """Months long past stay closed for people; tests need rows in them.

    Settings belong to all threads: a factory that runs beside others in a race must leave them alone.
    """
    return override_settings(ENTRY_CLOSED_AFTER_DAYS=36_500) if day < first_open_day() else nullcontext()


def make_transfer(**overrides: object) -> Transfer:
    """A case that its manager offers from today on to another Kreis, for the first municipality there."""
    case = overrides.pop("case", None) or make_case()
    receiver = overrides.pop("receiver", None) or make_organisation()
    values = {
        "manager": case.opened_by,
        "municipality": places_of(receiver)[0],
        "reason": "moved",
        "starts_on": timezone.localdate(),
    }
    return offer_transfer(case=case, receiver=receiver, **{**values, **overrides})


def _make_counts(model: type[CountRecord], values: dict[str, object], overrides: dict[str, object]) -> CountRecord:
    manager = overrides.pop("manager", None) or make_manager(measure=model.MEASURE)
    where = None if model is QueerSupport else place_of(manager)
    values = {"date": timezone.localdate(), "municipality": where, **values}
    values |= overrides
    with _months_open_from(values["date"]):
        return record_counts(model=model, manager=manager, **values)


def make_language_course(**overrides: object) -> LanguageCourse:
    """A course for parents that ended today."""
    values = {
        "format": "parents",
        "level": "A1",
        "units": 100,
        "participants_begun": 15,
        "participants_finished": 12,
        "participants_certified": 9,
        "childcare": True,
    }
    return _make_counts(LanguageCourse, values, overrides)


def make_screening_day(**overrides: object) -> ScreeningDay:
    """A screening day of BW schützt! today."""
    values = {"green": 10, "orange": 4, "red": 2, "counselling_sessions": 4, "referrals": 2, "coaches": 3}
    return _make_counts(ScreeningDay, values, overrides)


def make_roma_support(**overrides: object) -> RomaSupport:
    """A day of INTURO today."""
    values = {
        "trainings": 1,
        "participants": 24,
        "counselling_online": 3,
        "counselling_on_site": 2,
        "municipalities": 2,
        "multipliers": 1,
    }
    return _make_counts(RomaSupport, values, overrides)


def make_queer_support(**overrides: object) -> QueerSupport:
    """A day of support for queer refugees today, without a place."""
    values = {"counselling": 3, "accompaniments": 1, "group_meetings": 1, "trainings": 1, "persons_trained": 12}
    return _make_counts(QueerSupport, values, overrides)


def make_group_offer(**overrides: object) -> GroupOffer:
    """A workshop on housing today, with 12 participants and for an hour and a half."""
    topics = [Topic.objects.get(code="wohnen").pk]
    return _make_counts(
        GroupOffer, {"kind": "workshop", "topics": topics, "participants": 12, "minutes": 90}, overrides
    )


def make_budget(
    *, measure: Measure | str = "im", amount: Decimal | int | str = 1_000_000, **overrides: object
) -> Budget:
    """A budget of a year after the pact's own, with its first ledger entry; an amount of 0 books none."""
    code = measure if isinstance(measure, str) else measure.pk
    last = Budget.objects.filter(measure=code).order_by("-year").first()
    values = {
        "measure_id": code,
        "year": last.year + 1 if last else 2027,
        "source": "decision of the Land",
        **overrides,
    }
    budget = Budget.objects.create(**values)
    if Decimal(amount):
        LedgerEntry.objects.create(kind="budget", budget=budget, amount=Decimal(amount), reason=budget.source)
    return budget


def make_award(**overrides: object) -> LedgerEntry:
    """An award of 1,000 EUR to a new Kreis out of a new budget."""
    values = {"amount": Decimal("1000.00"), "reason": "share of the Kreis", **overrides}
    values["amount"] = Decimal(values["amount"])
    values["budget"] = values.get("budget") or make_budget()
    values["recipient"] = values.get("recipient") or make_organisation()
    values["booked_by"] = values.get("booked_by") or make_member("ministry")
    return book_award(**values)
