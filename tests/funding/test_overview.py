"""One year of work in two Kreise, seen from the Land, a Kreis and a Gemeinde: every number from every side."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone, translation

from casework.quality import Quality
from casework.reporting import figure_cells, filled_posts
from casework.services.figures import refresh_changed_figures
from funding.models import LedgerEntry
from funding.money import award_sums
from funding.overview import Overview, Period, district_overview, organisation_overview, state_overview
from funding.services.ledger import correct_award
from pik.models import District, Measure, Membership, Organisation, User
from tests.factories import (
    make_case,
    make_contact,
    make_manager,
    make_member,
    make_organisation,
    make_queer_support,
)
from tests.funding.land import ALB_DONAU, BIBERACH, YEAR, Land, award, make_land, work
from tests.world import give_post

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture(name="land")
def _land() -> Land:
    return make_land()


def _arguments(user: User, measure: str, year: int) -> dict[str, object]:
    # As it comes with a request: nothing read before.
    reader = User.objects.get(pk=user.pk)
    return {"reader": reader, "year": year, "measures": list(Measure.objects.all()), "measure_code": measure}


def of_state(*, reader: User | None = None, measure: str = "", year: int = YEAR) -> Overview:
    return state_overview(**_arguments(reader or make_member("ministry"), measure, year))


def of_district(reader: User, ags: str = ALB_DONAU, *, measure: str = "", year: int = YEAR) -> Overview:
    district = District.objects.get(pk=ags)
    return district_overview(district=district, **_arguments(reader, measure, year))


def test_kreis_of_one_person_has_the_same_cases_on_overview_and_quality_page():
    reader, kreis = make_member("ministry"), make_organisation(kind="district")
    manager = make_manager(organisation=kreis, measure="jbh")
    for _number in range(8):
        make_case(manager=manager, measure="jbh")
    refresh_changed_figures()

    overview = of_state(reader=reader, measure="jbh", year=timezone.localdate().year)

    name = kreis.district.name_full
    seen = [line.cases for line in overview.lines if line.name == name]
    seen += [line.sums.cases for line in Quality(reader, "jbh").lines if line.name == name]
    assert [*seen, overview.total.cases, Quality(reader, "jbh").total.cases] == [10] * 4


def of_organisation(organisation: Organisation, *, measure: str = "", year: int = YEAR) -> Overview:
    reader = make_member("coordinator", organisation)
    return organisation_overview(organisation=organisation, **_arguments(reader, measure, year))


def numbers(line) -> tuple:
    return line.heads, line.fte, line.cases, line.contacts, line.awarded


def exact(line) -> tuple:
    """What is the same for every reader: staff, work and money."""
    return line.heads, line.fte, line.contacts, line.awarded


def line_of(overview: Overview, key: object, *, lines: str = "lines"):
    found = [line for line in getattr(overview, lines) if line.key == str(key)]
    assert len(found) == 1
    return found[0]


def test_ministry_sees_every_district_with_work_and_money_exact_and_cases_rounded(land):
    overview = of_state()

    assert len(overview.lines) == 44
    assert numbers(line_of(overview, ALB_DONAU)) == (6, Decimal("4.50"), 15, 7, Decimal("1200.03"))
    assert numbers(line_of(overview, BIBERACH)) == (3, Decimal("0.75"), 5, 3, Decimal("30.03"))
    assert numbers(line_of(overview, "08111")) == (0, Decimal("0.00"), 0, 0, Decimal("0.00"))
    assert numbers(overview.total) == (9, Decimal("5.25"), 20, 10, Decimal("1230.06"))


def test_coordinator_and_ministry_see_the_same_work_staff_and_money_of_a_district(land):
    coordinator = make_member("coordinator", land.kreis)

    own, from_outside = of_district(coordinator), of_district(make_member("ministry"))

    in_the_land = line_of(of_state(), ALB_DONAU)
    assert exact(own.total) == exact(from_outside.total) == exact(in_the_land)
    assert own.months == from_outside.months
    assert from_outside.total.cases == in_the_land.cases


def test_cases_are_exact_inside_the_own_organisation_and_rounded_outside(land):
    coordinator = make_member("coordinator", land.kreis)

    own, from_outside = of_district(coordinator), of_district(make_member("ministry"))

    assert [line_of(own, land.kreis.pk).cases, line_of(own, land.body.pk).cases] == [7, 10]
    assert [line_of(from_outside, land.kreis.pk).cases, line_of(from_outside, land.body.pk).cases] == [5, 10]
    # The own seven and the others' nine: the difference of the two sums is rounded as well.
    assert (own.total.cases, from_outside.total.cases) == (7 + 10, 15)


def test_district_without_other_bodies_sees_its_own_cases_exactly(land):
    coordinator = make_member("coordinator", land.other)

    assert of_district(coordinator, BIBERACH).total.cases == 3
    assert line_of(of_state(), BIBERACH).cases == 5


def test_body_sees_its_own_numbers_exactly_and_nothing_of_its_district(land):
    overview = of_organisation(land.body)

    assert numbers(overview.total) == (3, Decimal("3.00"), 9, 3, Decimal("200.02"))
    assert overview.lines == []
    assert [line.contacts for line in overview.places if line.contacts] == [3]


def test_contacts_of_a_municipality_are_those_of_the_own_organisation(land):
    place = land.body.municipality_id
    kreis_place = line_of(of_district(make_member("coordinator", land.kreis)), place, lines="places")
    own_place = line_of(of_organisation(land.body), place, lines="places")
    outside_place = line_of(of_district(make_member("ministry")), place, lines="places")

    # Both bodies work in the first municipality: 4 + 3 contacts, 7 + 9 cases.
    assert (kreis_place.contacts, kreis_place.cases) == (4, 7 + 10)
    assert (outside_place.contacts, outside_place.cases) == (0, 15)
    assert (own_place.contacts, own_place.cases) == (3, 9)


@pytest.mark.parametrize(("people", "shown"), [(1, None), (2, None), (3, 12)])
def test_contacts_of_fewer_than_three_people_are_not_shown_outside_their_organisation(land, people, shown):
    body = make_organisation(kind="municipality", district=BIBERACH)
    work(body, cases=people, contacts=12, people=people)

    from_outside = [of_district(reader, BIBERACH) for reader in (make_member("ministry"), make_member("auditor"))]
    own = of_organisation(body)

    assert [line_of(page, body.pk).contacts for page in from_outside] == [shown, shown]
    assert [page.total.contacts for page in from_outside] == [3 + 12, 3 + 12]
    assert (own.total.contacts, own.months[5]) == (12, (date(YEAR, 5, 1), 12))


def test_line_that_would_give_a_small_one_away_is_not_shown_either(land):
    """Kreis less everything else shown would be the work of the one."""
    body = make_organisation(kind="municipality", district=ALB_DONAU)
    work(body, cases=1, contacts=12, people=1)

    ministry, kreis = of_district(make_member("ministry")), of_district(make_member("coordinator", land.kreis))

    hidden = {reader: {line.key for line in page.lines if line.contacts is None} for reader, page in
              (("ministry", ministry), ("kreis", kreis))}  # fmt: skip
    # The Kreis knows its own four: for it the other body has to stand beside the small one.
    assert hidden == {
        "ministry": {str(body.pk), str(land.kreis.pk)},
        "kreis": {str(body.pk), str(land.body.pk)},
    }
    assert (ministry.total.contacts, kreis.total.contacts) == (19, 19)


def test_kreis_with_a_single_small_body_sees_no_sum_that_tells_its_work(land):
    body = make_organisation(kind="municipality", district=BIBERACH)
    work(body, cases=1, contacts=12, people=1)

    kreis, ministry = of_district(make_member("coordinator", land.other), BIBERACH), of_state()

    assert (line_of(kreis, land.other.pk).contacts, line_of(kreis, body.pk).contacts) == (3, None)
    assert kreis.total.contacts is None
    assert dict(kreis.months)[date(YEAR, 5, 1)] is None
    assert line_of(ministry, BIBERACH).contacts == 15


def test_small_measure_is_left_out_of_the_sum_of_all_measures(land):
    """Otherwise the sum less the other measures would be the work of the one."""
    work(land.other, cases=1, contacts=6, measure="jbh", people=1)

    everything, im, jbh = (of_state(measure=measure) for measure in ("", "im", "jbh"))

    assert [line_of(page, BIBERACH).contacts for page in (everything, im, jbh)] == [3, 3, None]
    assert [page.total.contacts for page in (everything, im, jbh)] == [10, 10, None]
    assert [line.contacts for line in everything.measures if line.key in ("im", "jbh")] == [10, None]


def test_running_month_counts_once_three_people_have_recorded_in_it(land):
    """A closed month would take the year with it; the running one only waits."""
    today = timezone.localdate()
    team = [make_manager(organisation=land.other) for _number in range(3)]
    cases = [make_case(manager=manager, opened_on=today.replace(day=1)) for manager in team]
    seen = []

    for case in cases:
        make_contact(case=case, date=today)
        refresh_changed_figures()
        seen.append(line_of(of_state(year=today.year), BIBERACH).contacts)

    assert seen == [None, None, 3]


def test_district_lists_all_its_municipalities(land):
    overview = of_district(make_member("coordinator", land.kreis))

    assert {line.key[:5] for line in overview.places} == {ALB_DONAU}
    assert len(overview.places) == District.objects.get(pk=ALB_DONAU).municipalities.count()


def test_person_on_two_posts_is_one_head_with_the_time_of_both(land):
    manager = make_manager(organisation=land.other, fte=Decimal("0.50"))
    give_post(manager, "deutsch", fte=Decimal("0.25"))

    overview = of_state()

    assert (overview.total.heads, overview.total.fte) == (10, Decimal("6.00"))
    assert numbers(line_of(overview, BIBERACH))[:2] == (4, Decimal("1.50"))
    assert [line_of(overview, code, lines="measures").heads for code in ("im", "deutsch")] == [10, 1]


def test_only_posts_filled_on_the_last_day_count(land):
    make_manager(organisation=land.other, ends_on=date(YEAR, 12, 30))
    make_manager(organisation=land.other, starts_on=date(YEAR + 1, 1, 1))
    make_manager(organisation=land.other, ends_on=date(YEAR, 12, 31))

    assert line_of(of_state(), BIBERACH).heads == 3 + 1


def test_contacts_count_in_their_year_and_cases_while_they_are_open(land):
    for _number in range(3):
        case = make_case(manager=make_manager(organisation=land.other), opened_on=date(YEAR - 1, 12, 1))
        make_contact(case=case, date=date(YEAR - 1, 12, 31))
        make_contact(case=case, date=date(YEAR, 1, 1))
    refresh_changed_figures()

    before, during = of_state(year=YEAR - 1), of_state()

    assert (line_of(before, BIBERACH).contacts, line_of(before, BIBERACH).cases) == (3, 5)
    assert line_of(during, BIBERACH).contacts == 3 + 3
    assert of_district(make_member("coordinator", land.other), BIBERACH).total.cases == 3 + 3


def test_curve_shows_thirteen_months_that_end_with_the_year(land):
    months = of_state().months

    assert [month for month, _contacts in months] == [date(YEAR - 1, 12, 1)] + [date(YEAR, n, 1) for n in range(1, 13)]
    assert {month: contacts for month, contacts in months if contacts} == {date(YEAR, 5, 1): 10}


def test_work_for_the_whole_land_stands_in_a_row_of_its_own(land):
    assert [line.name for line in of_state().lines if not line.key] == []

    provider = make_organisation(kind="provider")
    manager = make_manager(organisation=provider, measure="queer", fte=Decimal("0.30"))
    make_queer_support(manager=manager, date=date(2026, 1, 5))
    award(provider, "7.07", measure="queer", year=2026)
    refresh_changed_figures()

    overview = of_state(year=2026, measure="queer")

    state_level = line_of(overview, "")
    assert state_level.name == "State level, no district"
    assert numbers(state_level) == numbers(overview.total) == (1, Decimal("0.30"), 0, 0, Decimal("7.07"))


def test_amounts_are_the_sums_of_the_ledger_corrections_included(land):
    entry = LedgerEntry.objects.get(recipient=land.other)
    correct_award(entry=entry, amount=Decimal("-10.00"), reason="too much", booked_by=make_member("ministry"))

    overview = of_state()

    im = line_of(overview, "im", lines="measures")
    assert (im.balance.budget, im.balance.allocated) == (Decimal(58_000_000), Decimal("1220.06"))
    assert im.balance.free == Decimal("57998779.94")
    assert overview.all_measures.balance.budget == Decimal(61_920_000)
    assert overview.total.awarded == sum(line.awarded for line in overview.lines) == Decimal("1220.06")
    assert overview.total.awarded == sum(line.awarded for line in overview.measures)


def test_money_of_another_year_stays_there(land):
    award(land.other, "5.00", year=2026)

    assert line_of(of_state(), BIBERACH).awarded == Decimal("30.03")
    assert line_of(of_state(year=2026), BIBERACH).awarded == Decimal("5.00")


def test_measure_limits_districts_total_and_curve_but_not_the_table_of_measures(land):
    work(land.other, cases=3, contacts=6, measure="jbh")

    everything, limited = of_state(), of_state(measure="jbh")

    assert numbers(line_of(limited, BIBERACH))[:4] == (3, Decimal("3.00"), 5, 6)
    assert (limited.total.contacts, everything.total.contacts) == (6, 16)
    assert (limited.total.balance.budget, everything.total.balance.budget) == (Decimal(220_000), Decimal(61_920_000))
    assert dict(limited.months)[date(YEAR, 5, 1)] == 6
    assert limited.measures == everything.measures
    assert limited.all_measures == everything.all_measures
    assert limited.measure_name == "Youth vocational support"


@pytest.mark.parametrize("measure", ["", "unknown", "IM", "\x00"])
def test_measure_that_does_not_exist_limits_nothing(land, measure):
    assert of_state(measure=measure).total == of_state().total


def test_ended_membership_sees_neither_work_nor_people_nor_money(land):
    yesterday = timezone.localdate() - timedelta(days=1)
    for user in (make_member("ministry"), make_member("coordinator", land.kreis)):
        Membership.objects.filter(user=user).update(ends_on=yesterday)
        reader = User.objects.get(pk=user.pk)

        assert (
            figure_cells(reader=reader, first=date(YEAR, 1, 1), last=date(YEAR, 12, 1), district=None, by_place=True)
            == []
        )
        assert filled_posts(reader=reader, day=date(YEAR, 12, 31)) == []
        assert award_sums(reader=reader, year=YEAR) == []


def test_manager_sees_no_money_and_no_colleague(land):
    reader = User.objects.filter(managers__organisation=land.body).first()

    assert award_sums(reader=reader, year=YEAR) == []
    assert filled_posts(reader=reader, day=date(YEAR, 12, 31)) == []


def test_period_of_a_year_that_is_over_is_the_whole_year():
    period = Period.of(YEAR)

    assert (period.day, period.first_month, period.last_month) == (
        date(YEAR, 12, 31),
        date(YEAR, 1, 1),
        date(YEAR, 12, 1),
    )
    assert (period.curve[0], period.curve[-1], period.open_month) == (date(YEAR - 1, 12, 1), date(YEAR, 12, 1), None)


def test_period_of_this_year_ends_today_and_knows_the_running_month():
    today = timezone.localdate()

    period = Period.of(today.year)

    assert (period.day, period.last_month, period.open_month) == (today, today.replace(day=1), today.replace(day=1))
    assert len(period.curve) == 13
