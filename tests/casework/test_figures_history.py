from collections.abc import Callable
from datetime import date, timedelta
from random import Random

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from casework.models import Case, Contact, Manager, Plan, Referral, ReferralTarget, Topic, Transfer
from casework.models.counts import COUNT_MODELS
from casework.services.cases import change_case, close_case, reopen_case
from casework.services.contacts import correct_contact, withdraw_contact
from casework.services.counts import correct_counts, withdraw_counts
from casework.services.figures import reconcile, refresh_changed_figures
from casework.services.plans import end_plan, make_plan
from casework.services.referrals import record_outcome
from casework.services.transfers import accept_transfer, decline_transfer, relocate_case
from pik.models import Municipality
from pik.months import add_months, month_of
from tests.casework.slow_count import counted_slowly, stored
from tests.factories import (
    hand_over,
    make_case,
    make_contact,
    make_group_offer,
    make_language_course,
    make_manager,
    make_membership,
    make_organisation,
    make_queer_support,
    make_referral,
    make_roma_support,
    make_screening_day,
    make_transfer,
)

TODAY, DAY = timezone.localdate(), timedelta(days=1)
COUNTS = tuple(COUNT_MODELS.values())
COURSES = (make_language_course, make_group_offer, make_group_offer)


class History:
    """A random life of some managers, made through the services; what they refuse does not happen."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        body = make_organisation(district="08115")
        self.bodies = [body, make_organisation(kind="municipality", district="08115")]
        self.places = list(Municipality.objects.filter(district="08115")[:3])
        self.managers = [make_manager(organisation=body, municipalities=self.places) for _ in range(3)]
        self.steps: list[Callable[[], object]] = [
            *[self.open, self.record, self.record, self.record, self.close, self.reopen, self.correct, self.withdraw],
            *[self.change, self.record_counts, self.record_counts, self.correct_counts, self.withdraw_counts],
            *[self.hand_over, self.hand_over, self.make_plan, self.make_plan, self.end_plan],
            *[self.refer, self.refer, self.record_outcome, self.relocate, self.offer, self.decide, self.decide],
            *[self.work_elsewhere_too, self.update_in_bulk, refresh_changed_figures],
        ]

    def run(self, number: int) -> None:
        for _step in range(number):
            try:
                self.random.choice(self.steps)()
            except ValidationError:
                continue

    def day(self) -> date:
        """Often the first or the last day of a month: there one slip changes a figure."""
        edges = [add_months(month_of(TODAY), -back) - DAY * last for back in range(4) for last in (0, 1)]
        return self.random.choice([TODAY - self.random.randrange(120) * DAY, self.random.choice(edges)])

    def manager(self) -> Manager:
        return Manager.objects.get(pk=self.random.choice(self.managers).pk)

    def any(self, model: type) -> object:
        rows = list(model.objects.order_by("pk"))
        if not rows:
            raise ValidationError("nothing there yet")
        return self.random.choice(rows)

    def open(self) -> None:
        measure, place = self.random.choice(["im", "jbh"]), self.random.choice(self.places)
        make_case(manager=self.manager(), measure=measure, municipality=place, opened_on=self.day())

    def record(self) -> None:
        make_contact(case=self.any(Case), manager=self.manager(), date=self.day(), minutes=self.random.randint(1, 600))

    def close(self) -> None:
        close_case(case=self.any(Case), closed_on=self.day(), reason="moved")

    def reopen(self) -> None:
        reopen_case(case=self.any(Case))

    def change(self) -> None:
        case = self.any(Case)
        bands = ("age_band", "household_band", "origin_group", "residence_group")
        change_case(
            case=case,
            municipality=self.random.choice(self.places),
            opened_on=self.day(),
            **{name: getattr(case, name) for name in bands},
        )

    def correct(self) -> None:
        contact = self.any(Contact)
        correct_contact(
            contact=contact,
            case=self.any(Case),
            date=self.day(),
            kind=contact.kind,
            channel=contact.channel,
            minutes=self.random.randint(1, 600),
            topics=[Topic.objects.first()],
            mediation=contact.mediation,
        )

    def withdraw(self) -> None:
        withdraw_contact(contact=self.any(Contact))

    def record_counts(self) -> None:
        make = self.random.choice([*COURSES, make_screening_day, make_roma_support, make_queer_support])
        place = {} if make is make_queer_support else {"municipality": self.random.choice(self.places)}
        make(manager=self.manager(), date=self.day(), **place)

    def correct_counts(self) -> None:
        record = self.any(self.random.choice(COUNTS))
        values = {name: getattr(record, name) for name in record.ENTERED}
        values[record.SUMMED[0]] += self.random.randint(0, 3)
        correct_counts(record=record, date=self.day(), municipality=record.municipality, **values)

    def withdraw_counts(self) -> None:
        withdraw_counts(record=self.any(self.random.choice(COUNTS)))

    def hand_over(self) -> None:
        """To a colleague, or back; what was decided for days to come is taken back first, now and then."""
        case, day = self.any(Case), self.day() + 20 * DAY * self.random.randrange(2)
        colleagues = [manager for manager in self.managers if manager.organisation_id == case.organisation_id]
        if self.random.randrange(2):
            case.responsibilities.filter(starts_on__gte=TODAY).delete()
        if case.responsibilities.filter(starts_on=day).exists():
            raise ValidationError("one hand-over a day")
        hand_over(case, self.random.choice(colleagues), day)

    def refer(self) -> None:
        if self.random.randrange(2):
            make_referral(case=self.any(Case), manager=self.manager(), referred_on=self.day())
        else:
            make_contact(case=self.any(Case), manager=self.manager(), referral_target=ReferralTarget.objects.first())

    def record_outcome(self) -> None:
        record_outcome(referral=self.any(Referral), outcome=self.random.choice(["arrived", "waiting", "declined", ""]))

    def relocate(self) -> None:
        relocate_case(case=self.any(Case), municipality=self.random.choice(self.places), starts_on=self.day())

    def offer(self) -> None:
        case = self.any(Case)
        receiver = self.random.choice(self.bodies)
        make_transfer(
            case=case, manager=case.responsible, receiver=receiver, municipality=self.random.choice(self.places)
        )

    def decide(self) -> None:
        transfer = self.any(Transfer)
        if self.random.randrange(3):
            takers = [manager for manager in self.managers if manager.organisation_id == transfer.receiver_id]
            if not takers:
                raise ValidationError("nobody works there yet")
            taker = self.random.choice(takers)
            accept_transfer(transfer=transfer, manager=taker, accepted_by=taker.user)
        else:
            decline_transfer(transfer=transfer, reason="other", declined_by=transfer.offered_by.user)

    def make_plan(self) -> None:
        make_plan(case=self.any(Case), agreed_on=self.day())

    def end_plan(self) -> None:
        end_plan(case=self.any(Plan).case, ended_on=self.day())

    def work_elsewhere_too(self) -> None:
        """The same person for the Gemeinde: contacts then count there, also those with cases of the Kreis."""
        user = self.manager().user
        if user.managers.count() > 1:
            raise ValidationError("works for both already")
        make_membership(user=user, organisation=self.bodies[1], role="manager")
        self.managers.append(Manager.objects.create(user=user, organisation=self.bodies[1]))

    def update_in_bulk(self) -> None:
        Contact.objects.filter(manager=self.manager(), date=self.day()).update(minutes=self.random.randint(1, 600))


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(4))
def test_figures_are_those_a_slow_count_finds(seed):
    history = History(seed)

    for _part in range(2):
        history.run(60)
        refresh_changed_figures()

        assert stored() == counted_slowly()
    assert {row[2] and row[2][:5] for row in stored()} <= {"08115", None}
    assert (refresh_changed_figures(), reconcile()) == (0, 0)
