from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from casework.models import Assignment, Case, Contact, Manager, MonthlyFigure, MonthlySummary, Post
from casework.services import summaries
from casework.services.contacts import withdraw_contact
from casework.services.figures import refresh_changed_figures
from casework.services.summaries import summarise_again, summarise_month
from casework.tasks import reconcile_figures, summarise_last_month
from pik.models import Municipality, Organisation
from pik.months import add_months, month_of
from tests.factories import (
    make_case,
    make_contact,
    make_language_course,
    make_manager,
    make_organisation,
    make_queer_support,
)
from tests.scene import make_scene

TODAY, DAY = timezone.localdate(), timedelta(days=1)
THIS = month_of(TODAY)
LAST, BEFORE_LAST = add_months(THIS, -1), add_months(THIS, -2)
LAST_DAY = THIS - DAY
NUMBERS = ("cases_open", "cases_opened", "cases_closed", "contacts", "minutes")


def _versions(organisation: Organisation, **conditions: object) -> list[MonthlySummary]:
    found = MonthlySummary.objects.filter(organisation=organisation, month=LAST, **conditions)
    return list(found.order_by("measure_id", "version"))


def _numbers(summary: MonthlySummary) -> tuple:
    return tuple(getattr(summary, name) for name in NUMBERS)


def _a_month(manager: Manager | None = None) -> Contact:
    """One case opened and one contact of 40 minutes in the last month, with its figures."""
    contact = make_contact(case=make_case(manager=manager or make_manager(), opened_on=LAST), date=LAST, minutes=40)
    refresh_changed_figures()
    return contact


@pytest.mark.django_db
def test_summary_adds_up_the_figures_of_an_organisation():
    organisation = make_organisation()
    for _number in range(2):
        _a_month(make_manager(organisation=organisation))
    other = _a_month()

    summarise_month(LAST)

    (summary,) = _versions(organisation)
    assert (summary.version, summary.superseded, summary.measure_id) == (1, False, "im")
    assert _numbers(summary) == (2, 2, 0, 2, 80)
    assert (summary.heads, summary.fte, summary.counts) == (2, Decimal("2.00"), {})
    assert _numbers(_versions(other.organisation)[0]) == (1, 1, 0, 1, 40)


@pytest.mark.django_db
def test_summary_keeps_measures_apart_and_adds_up_counts():
    organisation = make_organisation()
    manager = make_manager(organisation=organisation, measure="deutsch")
    _a_month(manager)
    for units in (100, 50):
        make_language_course(manager=manager, date=LAST, units=units)
    make_language_course(manager=make_manager(organisation=organisation, measure="deutsch"), date=LAST, units=7)
    refresh_changed_figures()

    summarise_month(LAST)

    courses, cases = _versions(organisation)
    assert (courses.measure_id, courses.counts["records"], courses.counts["units"]) == ("deutsch", 3, 157)
    assert _numbers(courses) == (0, 0, 0, 0, 0)
    assert (cases.measure_id, cases.counts, cases.heads) == ("im", {}, 0)
    assert _numbers(cases) == (1, 1, 0, 1, 40)


@pytest.mark.django_db
def test_summary_counts_the_staff_of_the_last_day():
    organisation = make_organisation()
    periods = {
        "all the time": (LAST - 40 * DAY, None),
        "until the last day": (LAST, LAST_DAY),
        "on the last day only": (LAST_DAY, LAST_DAY),
        "left the day before": (LAST, LAST_DAY - DAY),
        "came the day after": (THIS, None),
    }
    for starts_on, ends_on in periods.values():
        make_manager(organisation=organisation, fte=Decimal("0.50"), starts_on=starts_on, ends_on=ends_on)

    summarise_month(LAST)

    (summary,) = _versions(organisation)
    assert (summary.heads, summary.fte) == (3, Decimal("1.50"))


@pytest.mark.django_db
def test_summary_counts_a_person_on_two_posts_as_one_head():
    manager = make_manager(fte=Decimal("0.50"))
    post = manager.assignments.get().post
    second = Post.objects.create(
        organisation=post.organisation, district=post.district, measure=post.measure, fte="0.25", starts_on=LAST
    )
    Assignment.objects.create(post=second, manager=manager, fte=Decimal("0.25"), starts_on=LAST)

    summarise_month(LAST)

    (summary,) = _versions(manager.organisation)
    assert (summary.heads, summary.fte) == (1, Decimal("0.75"))


@pytest.mark.django_db
def test_summary_run_again_writes_nothing():
    contact = _a_month()

    summarise_again()
    written = [summarise_month(LAST), summarise_again()]

    assert written == [0, 0]
    assert len(_versions(contact.organisation)) == 1


@pytest.mark.django_db
def test_late_entry_makes_a_second_version_and_leaves_the_first_as_it_was():
    contact = _a_month()
    summarise_month(LAST)
    first = MonthlySummary.objects.values().get()

    make_contact(case=contact.case, date=LAST + DAY, minutes=20)
    refresh_changed_figures()
    written = summarise_month(LAST)

    old, new = _versions(contact.organisation)
    assert written == 1
    assert MonthlySummary.objects.values().get(pk=old.pk) == {**first, "superseded": True}
    assert (new.version, new.superseded, _numbers(new)) == (2, False, (1, 1, 0, 2, 60))


@pytest.mark.django_db
def test_late_entry_touches_no_other_organisation_and_no_other_month():
    contact, other = _a_month(), _a_month()
    summarise_again()
    before = MonthlySummary.objects.count()

    make_contact(case=contact.case, date=LAST)
    refresh_changed_figures()
    written = summarise_again()

    assert (written, MonthlySummary.objects.count() - before) == (1, 1)
    assert len(_versions(other.organisation)) == 1


@pytest.mark.django_db
def test_summary_whose_rows_are_all_gone_becomes_a_version_of_zeros():
    contact = _a_month()
    summarise_month(LAST)

    withdraw_contact(contact=contact)
    Case.objects.update(opened_on=THIS)
    Assignment.objects.update(ends_on=LAST - DAY)
    refresh_changed_figures()
    written = [summarise_month(LAST), summarise_month(LAST)]

    _old, new = _versions(contact.organisation)
    assert written == [1, 0]
    assert (new.version, new.heads, new.fte, new.counts) == (2, 0, 0, {})
    assert _numbers(new) == (0, 0, 0, 0, 0)


@pytest.mark.django_db
def test_new_rules_make_new_versions(monkeypatch):
    contact = _a_month()
    summarise_month(LAST)

    monkeypatch.setattr(summaries, "RULE_VERSION", summaries.RULE_VERSION + 1)
    written = [summarise_month(LAST), summarise_month(LAST)]

    assert written == [1, 0]
    assert [row.rule_version for row in _versions(contact.organisation)] == [2, 3]


@pytest.mark.django_db
def test_summary_of_a_state_level_measure_has_its_counts():
    record = make_queer_support(date=LAST)
    refresh_changed_figures()

    summarise_month(LAST)

    (summary,) = _versions(record.organisation)
    assert (summary.measure_id, summary.counts["persons_trained"], summary.heads) == ("queer", 12, 1)


@pytest.mark.django_db
def test_task_of_the_first_day_summarises_the_month_that_has_just_ended():
    contact = make_contact(case=make_case(opened_on=BEFORE_LAST), date=LAST)

    summarise_last_month()

    assert [_numbers(row) for row in _versions(contact.organisation)] == [(1, 0, 0, 1, 30)]
    assert set(MonthlySummary.objects.values_list("month", flat=True)) == {LAST}


@pytest.mark.django_db
def test_task_of_the_night_brings_late_entries_into_the_summaries():
    contact = _a_month()
    summarise_month(LAST)

    make_contact(case=contact.case, date=LAST)
    reconcile_figures()

    assert [row.contacts for row in _versions(contact.organisation)] == [1, 2]


# Who sees a summary.


@pytest.mark.django_db
def test_summary_visible_to_those_who_answer_and_the_overseers():
    scene = make_scene()
    for manager in scene.managers().values():
        make_case(manager=manager, opened_on=LAST)
    refresh_changed_figures()
    summarise_month(LAST)
    bodies = {"own": scene.own, "neighbour": scene.neighbour, "foreign": scene.foreign}
    rows = {name: _versions(organisation)[0] for name, organisation in bodies.items()}

    every = set(rows)
    assert scene.seen(rows) == {
        "nobody": set(),
        "expired": set(),
        "unknown role": set(),
        "manager": set(),
        "foreign manager": set(),
        "coordinator": {"own"},
        "Kreis coordinator": {"own", "neighbour"},
        "foreign coordinator": {"foreign"},
        "ministry": every,
        "auditor": every,
    }


@pytest.mark.django_db
def test_list_shows_the_versions_in_force_in_german_order():
    for name in ("Zell", "Öhringen", "Ofen"):
        organisation = make_organisation(kind="provider", name=name)
        _a_month(make_manager(organisation=organisation, municipalities=[Municipality.objects.first()]))
    summarise_month(LAST)
    MonthlyFigure.objects.filter(organisation__name="Ofen").update(contacts=9)
    summarise_month(LAST)

    latest = MonthlySummary.objects.latest_versions(LAST)

    assert [(row.organisation.name, row.version) for row in latest] == [("Ofen", 2), ("Öhringen", 1), ("Zell", 1)]
    assert list(MonthlySummary.objects.latest_versions(THIS)) == []
