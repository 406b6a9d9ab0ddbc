from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone, translation

from casework.models import Case, Contact, MonthlyFigure, Referral, ReferralTarget, Topic
from casework.services.cases import close_case
from casework.services.contacts import correct_contact, withdraw_contact
from casework.services.figures import reconcile, refresh_changed_figures
from casework.services.referrals import record_outcome, withdraw_referral
from pik.conflicts import ChangedMeanwhile
from pik.months import add_months, month_of
from tests.casework.slow_count import counted_slowly, stored
from tests.database import refused_by
from tests.factories import make_case, make_contact, make_referral
from tests.scene import make_scene

pytestmark = pytest.mark.django_db
TODAY, DAY, WEEKS = timezone.localdate(), timedelta(days=1), timedelta(weeks=4)
THIS = month_of(TODAY)


def _target(code: str = "jobcenter") -> ReferralTarget:
    return ReferralTarget.objects.get(code=code)


def _held(referral: Referral) -> tuple[str, date | None, date | None]:
    """Outcome, its day, and the day on which one asks."""
    referral.refresh_from_db()
    return referral.outcome, referral.outcome_on, referral.ask_on


def _counted(case: Case, month: date = THIS) -> tuple[int, int]:
    refresh_changed_figures()
    figure = MonthlyFigure.objects.get(manager=case.opened_by, month=month)
    return figure.referrals_made, figure.referrals_arrived


def _correct(contact: Contact, **changes: object) -> Contact:
    names = ("case", "date", "kind", "channel", "minutes", "mediation", "referral_target")
    values = {name: getattr(contact, name) for name in names} | {"topics": [Topic.objects.first()]}
    return correct_contact(contact=contact, **{**values, **changes})


# Made and asked about.


def test_referral_counts_where_and_for_whom_it_was_made():
    case = make_case()

    referral = make_referral(case=case, ask_on=TODAY + 7 * DAY)

    assert (referral.manager, referral.organisation) == (case.opened_by, case.organisation)
    assert referral.municipality == case.municipality
    assert _held(referral) == ("", None, TODAY + 7 * DAY)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"referred_on": TODAY + DAY, "ask_on": TODAY + DAY}, "referred_on"),
        ({"referred_on": TODAY - 91 * DAY}, "referred_on"),
        ({"ask_on": TODAY - DAY}, "ask_on"),
        ({"ask_on": date(2087, 3, 15)}, "ask_on"),
    ],
    ids=["tomorrow", "before the case", "asked before", "asked in decades"],
)
def test_referral_of_an_impossible_day_names_the_field_and_keeps_nothing(values, field):
    case = make_case()

    with pytest.raises(ValidationError) as caught:
        make_referral(case=case, **values)

    assert list(caught.value.message_dict) == [field]
    assert Referral.objects.count() == 0


def test_referral_to_a_service_no_longer_in_use_is_refused():
    ReferralTarget.objects.filter(code="ehrenamt").update(ends_on=TODAY - DAY)

    with translation.override("en"), pytest.raises(ValidationError) as caught:
        make_referral(target="ehrenamt")

    assert caught.value.message_dict == {"target": ["This service is no longer in use. Choose another one."]}


def test_referral_of_a_closed_case_is_refused():
    case = make_case()
    close_case(case=case, closed_on=TODAY, reason="moved")

    with translation.override("en"), pytest.raises(ValidationError, match="closed in the meantime"):
        make_referral(case=case)


@pytest.mark.parametrize("outcome", ["arrived", "not_arrived", "declined", "not_needed"])
def test_outcome_ends_the_asking(outcome):
    referral = make_referral()

    record_outcome(referral=referral, outcome=outcome)

    assert _held(referral) == (outcome, TODAY, None)


def test_waiting_list_is_asked_about_again():
    referral = make_referral(ask_on=TODAY)

    record_outcome(referral=referral, outcome="waiting")

    assert _held(referral) == ("waiting", TODAY, TODAY + WEEKS)


def test_outcome_that_is_taken_back_is_asked_about_again():
    referral = make_referral(referred_on=TODAY - 50 * DAY, ask_on=TODAY)
    record_outcome(referral=referral, outcome="arrived")

    record_outcome(referral=referral, outcome="")

    assert _held(referral) == ("", None, TODAY)


def test_unknown_outcome_is_refused():
    referral = make_referral()

    with translation.override("en"), pytest.raises(ValidationError, match="Choose one of the outcomes"):
        record_outcome(referral=referral, outcome="lost")

    assert _held(referral)[0] == ""


def test_outcome_of_a_referral_that_was_removed_says_so():
    referral = make_referral()
    Referral.objects.all().delete()

    with translation.override("en"), pytest.raises(ValidationError, match="removed in the meantime"):
        record_outcome(referral=referral, outcome="arrived")


def test_referral_of_its_own_can_be_removed():
    referral = make_referral()

    withdraw_referral(referral=referral)

    assert Referral.objects.count() == 0


# Made in a contact, and following it.


def test_contact_with_a_service_makes_a_referral():
    contact = make_contact(date=TODAY - 3 * DAY, referral_target=_target())

    referral = Referral.objects.get()

    assert (referral.contact, referral.case, referral.manager) == (contact, contact.case, contact.manager)
    assert (referral.target, referral.referred_on, referral.ask_on) == (_target(), contact.date, contact.date + WEEKS)


def test_contact_without_a_service_makes_none():
    make_contact()

    assert Referral.objects.count() == 0


def test_corrected_contact_takes_its_referral_along():
    contact = make_contact(referral_target=_target())
    other = make_case(manager=contact.manager)

    _correct(contact, case=other, date=TODAY - 40 * DAY, referral_target=_target("sprachkurs"))

    referral = Referral.objects.get()
    assert (referral.case, referral.target) == (other, _target("sprachkurs"))
    # Asked about no sooner than it was to be.
    assert (referral.referred_on, referral.ask_on) == (TODAY - 40 * DAY, TODAY + WEEKS)


def test_contact_corrected_to_no_service_removes_the_referral():
    contact = make_contact(referral_target=_target())

    _correct(contact, referral_target=None)

    assert Referral.objects.count() == 0


def test_contact_corrected_to_a_service_makes_the_referral():
    contact = make_contact()

    _correct(contact, referral_target=_target())

    assert Referral.objects.get().contact == contact


def test_contact_corrected_beyond_the_known_outcome_is_refused_as_a_whole():
    contact = make_contact(date=TODAY - 3 * DAY, referral_target=_target())
    Referral.objects.update(outcome="arrived", outcome_on=TODAY - DAY, ask_on=None)

    with pytest.raises(ValidationError) as caught:
        _correct(contact, date=TODAY, minutes=99)

    assert list(caught.value.message_dict) == ["date"]
    assert Contact.objects.get().minutes == 30


def test_withdrawn_contact_takes_its_referral_along_and_leaves_others():
    contact = make_contact(referral_target=_target())
    other = make_referral(case=contact.case)

    withdraw_contact(contact=contact)

    assert list(Referral.objects.all()) == [other]


def test_referral_made_in_a_contact_is_not_removed_alone():
    make_contact(referral_target=_target())

    with translation.override("en"), pytest.raises(ValidationError, match="Correct that contact instead"):
        withdraw_referral(referral=Referral.objects.get())

    assert Referral.objects.count() == 1


# Counted.


def test_figures_count_a_referral_in_its_month_and_its_arrival_there_too():
    case = make_case()
    earlier = add_months(THIS, -1)
    old = make_referral(case=case, referred_on=earlier, ask_on=TODAY)
    make_referral(case=case)
    before = _counted(case, earlier)

    record_outcome(referral=old, outcome="arrived")

    assert before == (1, 0)
    assert _counted(case, earlier) == (1, 1)
    assert _counted(case) == (1, 0)


def test_figures_follow_corrections_and_agree_with_a_slow_count():
    case = make_case()
    contact = make_contact(case=case, referral_target=_target())
    for outcome in ("arrived", "waiting", "declined"):
        record_outcome(referral=make_referral(case=case, referred_on=TODAY - 40 * DAY), outcome=outcome)
    refresh_changed_figures()
    _correct(contact, date=TODAY - 40 * DAY)
    Referral.objects.filter(outcome="waiting").update(outcome="arrived", ask_on=None)

    refresh_changed_figures()

    assert stored() == counted_slowly()
    assert sum(row[8] for row in stored().values()) == 4
    assert sum(row[9] for row in stored().values()) == 2
    assert reconcile() == 0


# What the database refuses.


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"outcome": "lost", "outcome_on": TODAY, "ask_on": None}, "referral_outcome_known"),
        ({"outcome": "arrived", "outcome_on": TODAY}, "referral_asked_about_until_decided"),
        ({"ask_on": None}, "referral_asked_about_until_decided"),
        ({"outcome": "arrived", "ask_on": None}, "referral_outcome_has_a_day"),
        ({"outcome_on": TODAY}, "referral_outcome_has_a_day"),
        ({"outcome": "waiting", "outcome_on": TODAY - DAY}, "referral_outcome_after_referral"),
        ({"outcome": "waiting", "outcome_on": TODAY + DAY}, "referral_outcome_not_in_future"),
        ({"ask_on": TODAY - DAY}, "referral_asked_about_later"),
        ({"referred_on": TODAY + DAY}, "referral_not_in_future"),
    ],
)
def test_database_refuses_what_cannot_be(values, constraint):
    make_referral()

    with refused_by(constraint):
        Referral.objects.update(**values)


# Who sees it.


def test_referrals_are_seen_by_whoever_sees_the_case():
    scene = make_scene()
    rows = {name: make_referral(case=make_case(manager=manager)) for name, manager in scene.managers().items()}

    seen = scene.seen(rows)

    assert {reader: names for reader, names in seen.items() if names} == {"manager": {"mine"}}


def test_outcome_is_not_noted_of_a_service_that_was_not_shown():
    contact = make_contact(referral_target=_target())
    shown = Referral.objects.get()
    _correct(contact, referral_target=_target("auslaenderbehoerde"))

    with pytest.raises(ChangedMeanwhile):
        record_outcome(referral=shown, outcome="arrived", version=shown.version)

    assert Referral.objects.values_list("outcome", "version").get() == ("", 2)


def test_correction_that_leaves_the_referral_leaves_its_version():
    contact = make_contact(referral_target=_target())

    _correct(contact, minutes=55)

    assert Referral.objects.get().version == 1
