from datetime import date, timedelta

import pytest
from django.utils import timezone

from casework.models import Case, Contact, Manager, MonthlyFigure, Topic
from casework.services.cases import close_case
from casework.services.contacts import correct_contact, withdraw_contact
from casework.services.figures import reconcile, reconcile_month, refresh_changed_figures
from pik.months import add_months, month_of
from tests.casework.slow_count import counted_slowly, noted, stored
from tests.database import run_sql
from tests.factories import (
    hand_over,
    make_case,
    make_contact,
    make_language_course,
    make_manager,
    make_organisation,
    make_queer_support,
)
from tests.scene import make_scene

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)
THIS = month_of(TODAY)
LAST, BEFORE_LAST = add_months(THIS, -1), add_months(THIS, -2)


def _figure(manager: Manager, month: date) -> MonthlyFigure:
    return MonthlyFigure.objects.get(manager=manager, month=month)


def _colleague(case: Case) -> Manager:
    return make_manager(organisation=case.organisation)


def _correct(contact: Contact, **overrides: object) -> Contact:
    names = ("case", "date", "kind", "channel", "minutes", "mediation", "referral_target")
    values = {name: getattr(contact, name) for name in names}
    return correct_contact(contact=contact, topics=[Topic.objects.first()], **{**values, **overrides})


# The right numbers.


def test_figures_of_one_small_life():
    manager = make_manager()
    case = make_case(manager=manager, opened_on=BEFORE_LAST + 9 * DAY)
    make_contact(case=case, date=BEFORE_LAST + 9 * DAY, minutes=30)
    make_contact(case=case, date=LAST, minutes=45)
    make_contact(case=case, date=LAST + 4 * DAY, minutes=15)
    close_case(case=case, closed_on=LAST + 4 * DAY, reason="moved")

    refresh_changed_figures()

    place = (manager.pk, manager.organisation_id, case.municipality_id, "im")
    assert stored() == {
        (*place, BEFORE_LAST): (1, 1, 0, 0, 0, 0, 1, 30, 0, 0, {}),
        (*place, LAST): (0, 0, 1, 0, 0, 0, 2, 60, 0, 0, {}),
    }


def test_case_open_to_the_last_day_of_a_month_is_not_open_at_its_end():
    manager = make_manager()
    make_case(manager=manager, opened_on=BEFORE_LAST)
    ended = make_case(manager=manager, opened_on=BEFORE_LAST)
    close_case(case=ended, closed_on=LAST - DAY, reason="moved")

    refresh_changed_figures()

    figure = _figure(manager, BEFORE_LAST)
    assert (figure.cases_opened, figure.cases_closed, figure.cases_open) == (2, 1, 1)
    assert _figure(manager, LAST).cases_open == 1


def test_case_and_contacts_at_the_edge_of_two_months_count_where_they_belong():
    manager = make_manager()
    case = make_case(manager=manager, opened_on=LAST - DAY)
    make_contact(case=case, date=LAST - DAY, minutes=10)
    make_contact(case=case, date=LAST, minutes=20)
    close_case(case=case, closed_on=LAST, reason="moved")

    refresh_changed_figures()

    place = (manager.pk, manager.organisation_id, case.municipality_id, "im")
    assert stored() == {
        (*place, BEFORE_LAST): (1, 1, 0, 0, 0, 0, 1, 10, 0, 0, {}),
        (*place, LAST): (0, 0, 1, 0, 0, 0, 1, 20, 0, 0, {}),
    }


def test_case_handed_over_counts_for_who_answers_on_the_day_of_each_event():
    case = make_case(opened_on=BEFORE_LAST)
    first, second, third = case.opened_by, _colleague(case), _colleague(case)
    make_contact(case=case, date=LAST, minutes=10)
    # Third has the case within a month only, so that there is nothing to count.
    for manager, day in ((third, LAST + DAY), (second, LAST + 2 * DAY), (first, THIS)):
        hand_over(case, manager, day)
    close_case(case=case, closed_on=THIS, reason="moved")

    refresh_changed_figures()

    def of(manager: Manager, month: date) -> tuple:
        return (manager.pk, manager.organisation_id, case.municipality_id, "im", month)

    assert stored() == {
        of(first, BEFORE_LAST): (1, 1, 0, 0, 0, 0, 0, 0, 0, 0, {}),
        of(first, LAST): (0, 0, 0, 0, 0, 0, 1, 10, 0, 0, {}),
        of(second, LAST): (1, 0, 0, 0, 0, 0, 0, 0, 0, 0, {}),
        of(first, THIS): (0, 0, 1, 0, 0, 0, 0, 0, 0, 0, {}),
    }


def test_case_handed_over_on_the_last_day_of_a_month_is_open_with_the_receiver():
    on_the_last, on_the_first = make_case(opened_on=BEFORE_LAST), make_case(opened_on=BEFORE_LAST)
    hand_over(on_the_last, late := _colleague(on_the_last), LAST - DAY)
    hand_over(on_the_first, early := _colleague(on_the_first), LAST)

    refresh_changed_figures()

    open_then = set(MonthlyFigure.objects.filter(month=BEFORE_LAST, cases_open=1).values_list("manager", flat=True))
    assert open_then == {late.pk, on_the_first.opened_by_id}
    assert _figure(early, LAST).cases_open == 1


def test_hand_over_to_come_changes_no_figure():
    case = make_case(opened_on=LAST)
    refresh_changed_figures()
    before = stored()

    hand_over(case, _colleague(case), TODAY + DAY)
    refresh_changed_figures()

    assert stored() == before


def test_hand_over_is_noted_for_everybody_who_ever_answered_from_its_month_on():
    case = make_case(opened_on=BEFORE_LAST)
    second, third = _colleague(case), _colleague(case)
    hand_over(case, second, LAST)
    refresh_changed_figures()

    hand_over(case, third, LAST + 3 * DAY)

    assert noted() == {(manager, LAST, THIS) for manager in (case.opened_by_id, second.pk, third.pk)}


def test_counts_are_summed_field_by_field():
    manager = make_manager(measure="deutsch")
    make_language_course(manager=manager, date=LAST, units=100, participants_begun=20)
    make_language_course(manager=manager, date=LAST + 3 * DAY, units=60, participants_begun=15)
    make_language_course(manager=manager, date=BEFORE_LAST, units=7, participants_begun=12)

    refresh_changed_figures()

    assert _figure(manager, LAST).counts == {
        "records": 2,
        "units": 160,
        "participants_begun": 35,
        "participants_finished": 24,
        "participants_certified": 18,
    }
    assert _figure(manager, BEFORE_LAST).counts["units"] == 7


def test_figures_of_a_state_level_measure_have_no_place():
    manager = make_manager(measure="queer")
    make_queer_support(manager=manager, date=LAST)
    make_queer_support(manager=manager, date=LAST)

    refresh_changed_figures()

    figure = _figure(manager, LAST)
    assert (figure.municipality, figure.district) == (None, None)
    assert (figure.counts["records"], figure.counts["persons_trained"]) == (2, 24)


def test_figures_of_a_state_level_measure_are_refreshed_in_place():
    record = make_queer_support(date=LAST)
    refresh_changed_figures()

    make_queer_support(manager=record.manager, date=LAST)
    refresh_changed_figures()

    assert _figure(record.manager, LAST).counts["records"] == 2


# Only what has to change does.


def test_refresh_run_again_changes_nothing():
    contact = make_contact(date=LAST)
    refresh_changed_figures()
    before = list(MonthlyFigure.objects.order_by("pk").values())

    changed = [refresh_changed_figures(), reconcile_month(LAST), reconcile()]

    assert changed == [0, 0, 0]
    assert list(MonthlyFigure.objects.order_by("pk").values()) == before
    assert _figure(contact.manager, LAST).contacts == 1


def test_late_entry_changes_its_own_month_only():
    case = make_case(opened_on=BEFORE_LAST)
    refresh_changed_figures()
    before = {row["month"]: row for row in MonthlyFigure.objects.values()}

    make_contact(case=case, date=LAST, minutes=20)
    changed = refresh_changed_figures()

    after = {row["month"]: row for row in MonthlyFigure.objects.values()}
    assert changed == 1
    assert (after[LAST]["contacts"], after[LAST]["minutes"]) == (1, 20)
    assert {month for month in before if after[month] != before[month]} == {LAST}


def test_late_entry_changes_the_figures_of_its_manager_only():
    one, other = make_case(opened_on=LAST), make_case(opened_on=LAST)
    make_contact(case=other, date=LAST)
    refresh_changed_figures()
    before = _figure(other.opened_by, LAST)

    make_contact(case=one, date=LAST)
    refresh_changed_figures()

    assert _figure(other.opened_by, LAST).refreshed_at == before.refreshed_at
    assert _figure(one.opened_by, LAST).contacts == 1


def test_contact_moved_to_another_month_refreshes_both():
    contact = make_contact(case=make_case(opened_on=BEFORE_LAST), date=LAST + 2 * DAY)
    refresh_changed_figures()

    _correct(contact, date=BEFORE_LAST + 2 * DAY)
    notes = noted()
    refresh_changed_figures()

    manager = contact.manager_id
    assert notes == {(manager, LAST, LAST), (manager, BEFORE_LAST, BEFORE_LAST)}
    assert _figure(contact.manager, LAST).contacts == 0
    assert _figure(contact.manager, BEFORE_LAST).contacts == 1


def test_contact_given_to_another_manager_by_sql_refreshes_both():
    contact, other = make_contact(date=LAST), make_manager()
    refresh_changed_figures()

    Contact.objects.filter(pk=contact.pk).update(manager=other)
    refresh_changed_figures()

    assert stored() == counted_slowly()
    assert _figure(other, LAST).contacts == 1


def test_figure_of_a_month_that_became_empty_is_removed():
    contact = make_contact(case=make_case(opened_on=LAST), date=LAST)
    other = make_manager()
    Contact.objects.filter(pk=contact.pk).update(manager=other)
    refresh_changed_figures()

    withdraw_contact(contact=Contact.objects.get(pk=contact.pk))
    refresh_changed_figures()

    assert not MonthlyFigure.objects.filter(manager=other).exists()


@pytest.mark.parametrize("values", [{"kind": "crisis"}, {"channel": "phone"}, {"mediation": "lay"}])
def test_change_that_no_figure_depends_on_is_not_noted(values):
    contact = make_contact()
    refresh_changed_figures()

    Contact.objects.filter(pk=contact.pk).update(**values)
    Case.objects.filter(pk=contact.case_id).update(last_used_at=timezone.now(), age_band="65+")

    assert noted() == set()


def test_change_of_a_case_is_noted_from_its_opening_to_today():
    case = make_case(opened_on=BEFORE_LAST + DAY)
    opened = noted()
    refresh_changed_figures()

    close_case(case=case, closed_on=LAST, reason="moved")

    assert opened == {(case.opened_by_id, BEFORE_LAST, THIS)}
    assert noted() == {(case.opened_by_id, BEFORE_LAST, THIS), (case.opened_by_id, BEFORE_LAST, LAST)}


def test_bulk_load_and_raw_sql_are_noted():
    case = make_case(opened_on=LAST)
    refresh_changed_figures()
    contact = make_contact(case=case, date=LAST)
    refresh_changed_figures()

    contact.pk = None
    Contact.objects.bulk_create([Contact(**{**_raw(contact), "minutes": minutes}) for minutes in (10, 20)])
    refresh_changed_figures()
    after_load = _figure(case.opened_by, LAST).minutes
    run_sql("DELETE FROM casework_contact WHERE minutes = 20")
    refresh_changed_figures()

    assert (after_load, _figure(case.opened_by, LAST).minutes) == (60, 40)


def _raw(contact: Contact) -> dict[str, object]:
    skipped = ("id", "entry_key")
    fields = [field for field in Contact._meta.concrete_fields if field.name not in skipped]
    return {field.attname: getattr(contact, field.attname) for field in fields}


# Who sees a figure, and which.


def test_figure_visible_to_its_manager_those_who_answer_and_the_overseers():
    scene = make_scene()
    managers = scene.managers()
    provider = make_organisation(kind="provider")
    managers["provider"] = make_manager(organisation=provider, municipalities=[scene.own.municipality])
    for manager in managers.values():
        make_case(manager=manager)
    refresh_changed_figures()
    figures = {name: _figure(manager, THIS) for name, manager in managers.items()}

    every = set(figures)
    assert scene.seen(figures) == {
        "nobody": set(),
        "expired": set(),
        "unknown role": set(),
        "manager": {"mine"},
        "foreign manager": set(),
        "coordinator": {"mine", "colleague"},
        "Kreis coordinator": {"mine", "colleague", "neighbour", "provider"},
        "foreign coordinator": {"foreign"},
        "ministry": every,
        "auditor": every,
    }


def test_figure_of_a_state_level_measure_is_hidden_from_the_kreis():
    scene = make_scene("queer")
    record = make_queer_support(manager=make_manager(organisation=scene.own, measure="queer"), date=TODAY)
    refresh_changed_figures()

    seen = scene.seen({"queer": _figure(record.manager, THIS)})

    assert {reader for reader, found in seen.items() if found} == {"coordinator", "ministry", "auditor"}


def test_figures_are_chosen_by_months_measure_and_kreis():
    manager = make_manager()
    make_case(manager=manager, measure="im", opened_on=BEFORE_LAST)
    make_case(manager=manager, measure="jbh", opened_on=BEFORE_LAST)
    refresh_changed_figures()
    figures, kreis = MonthlyFigure.objects.filter(manager=manager), manager.organisation.district_id
    spans = [(BEFORE_LAST, THIS), (BEFORE_LAST, LAST), (LAST, LAST)]

    assert [figures.between(first, last).count() for first, last in spans] == [6, 4, 2]
    assert (figures.of_measure("jbh").count(), figures.of_measure("").count()) == (3, 6)
    assert (figures.of_district(kreis).count(), figures.of_district("08999").count()) == (6, 0)
