from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from casework.models import Absence, Manager, MonthlyFigure, Post
from casework.services.absences import record_absence
from casework.services.bookings import assign_manager, change_fte
from casework.services.posts import create_post
from casework.staffing import Board, Line, PostState, Scope
from pik.models import Measure, Organisation, User
from pik.months import add_months, month_of
from tests.factories import hold_back_all, make_manager, make_member, make_organisation, places_of

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
DAY = timedelta(days=1)


def _board(reader: User, **choice: object) -> Board:
    """The board as a request would read it, of today unless `choice` names another `day`."""
    hold_back_all()
    reader = User.objects.get(pk=reader.pk)
    return Board(Scope(reader, **{"day": TODAY, **choice}), Measure.objects.in_bulk())


def _post(organisation: Organisation, **overrides: object) -> Post:
    values = {
        "organisation": organisation,
        "measure": Measure.objects.get(code="im"),
        "fte": Decimal("1.00"),
        "starts_on": date(2025, 1, 1),
        "ends_on": None,
        "municipalities": places_of(organisation),
    }
    return create_post(**values | overrides)


def _figures(manager: Manager, *, measure: str = "im", month: date | None = None, **numbers: int) -> None:
    """What the refresh would have found for a month, the running one by default."""
    place = places_of(manager.organisation)[0]
    MonthlyFigure.objects.create(
        manager=manager,
        organisation=manager.organisation,
        municipality=place,
        district=place.district,
        measure_id=measure,
        month=month or month_of(TODAY),
        **numbers,
    )


def _team(organisation: Organisation, number: int, **numbers: int) -> list[Manager]:
    people = [make_manager(organisation=organisation) for _ in range(number)]
    for person in people:
        _figures(person, **numbers)
    return people


def _line(board: Board, organisation: Organisation) -> Line:
    return next(line for line in board.lines if line.key == organisation.pk)


def _ratios(line: Line) -> tuple[Decimal | None, ...]:
    load = line.caseload
    return load.cases, load.contacts, load.contacts_window, load.plan_share


def test_post_is_vacant_partly_filled_filled_or_absent():
    organisation = make_organisation()
    coordinator = make_member("coordinator", organisation)
    vacant, partly = _post(organisation, reference="vacant"), _post(organisation, reference="partly")
    person, away = make_manager(organisation=organisation), make_manager(organisation=organisation)
    Post.objects.filter(pk=person.assignments.get().post_id).update(reference="filled", reference_key="filled")
    Post.objects.filter(pk=away.assignments.get().post_id).update(reference="absent", reference_key="absent")
    half = make_manager(organisation=organisation, fte=Decimal("0.50"))
    Post.objects.filter(pk=half.assignments.get().post_id).update(reference="half", reference_key="half")
    assign_manager(post=partly, manager=half, fte=Decimal("0.50"), starts_on=TODAY, ends_on=None, booked_by=coordinator)
    record_absence(manager=away, kind="parental", starts_on=TODAY, ends_on=None)

    posts = {row.label: row for row in _board(coordinator, organisation=organisation).posts}

    assert {name: (row.state, row.filled, row.absent, row.vacant) for name, row in posts.items()} == {
        "vacant": (PostState.VACANT, 0, 0, 1),
        "partly": (PostState.PARTLY, Decimal("0.50"), 0, Decimal("0.50")),
        "filled": (PostState.FILLED, 1, 0, 0),
        "absent": (PostState.ABSENT, 1, 1, 0),
        "half": (PostState.FILLED, Decimal("0.50"), 0, 0),
    }
    assert vacant.label == "vacant"


@pytest.mark.parametrize(
    ("days", "ending"), [(0, True), (90, True), (91, False), (None, False)], ids=["today", "90", "91", "no end"]
)
def test_post_that_ends_within_90_days_is_announced(days, ending):
    organisation = make_organisation()
    last = None if days is None else TODAY + DAY * days
    make_manager(organisation=organisation, ends_on=last)

    (row,) = _board(make_member("coordinator", organisation), organisation=organisation).posts

    assert (row.ending_on == last if ending else row.ending_on is None, row.needs_attention) == (True, ending)


def test_board_of_another_day_shows_what_holds_then():
    organisation = make_organisation()
    coordinator = make_member("coordinator", organisation)
    make_manager(organisation=organisation, starts_on=date(2025, 3, 1), ends_on=date(2025, 8, 31))

    def state(day: date) -> list[str]:
        return [row.state for row in _board(coordinator, organisation=organisation, day=day).posts]

    assert (state(date(2025, 2, 28)), state(date(2025, 3, 1))) == ([PostState.COMING], [PostState.FILLED])
    assert (state(date(2025, 8, 31)), state(date(2025, 9, 1))) == ([PostState.FILLED], [PostState.ENDED])


def test_line_counts_heads_and_fte_apart():
    organisation = make_organisation()
    person = make_manager(organisation=organisation, fte=Decimal("0.50"))
    second = _post(organisation, fte=Decimal("0.50"))
    coordinator = make_member("coordinator", organisation)
    assign_manager(
        post=second, manager=person, fte=Decimal("0.25"), starts_on=TODAY, ends_on=None, booked_by=coordinator
    )

    total = _board(coordinator, organisation=organisation).total

    assert (total.staff.posts, total.staff.heads, total.staff.planned, total.staff.filled, total.staff.vacant) == (
        2, 1, Decimal("1.00"), Decimal("0.75"), Decimal("0.25"),
    )  # fmt: skip


def test_empty_days_are_those_vacant_or_absent_in_the_year():
    organisation = make_organisation()
    first = date(TODAY.year, 1, 1)
    person = make_manager(organisation=organisation, starts_on=first)
    _post(organisation, starts_on=TODAY - DAY * 9)
    Absence.objects.create(manager=person, kind="other", starts_on=TODAY - DAY * 4, ends_on=TODAY)

    total = _board(make_member("coordinator", organisation), organisation=organisation).total

    assert total.staff.days_empty == 10 + 5
    assert total.empty_months == (Decimal(15) * 12 / 365).quantize(Decimal("0.01"))


def test_caseload_is_work_by_filled_fte():
    organisation = make_organisation()
    _team(organisation, 3, cases_open=70, contacts=30, plans_active=56)
    coordinator = make_member("coordinator", organisation)

    total = _board(coordinator, organisation=organisation).total

    assert _ratios(total)[:2] == (Decimal("70.0"), Decimal("30.0"))
    assert _ratios(total)[3] == Decimal("80.0")


@pytest.mark.parametrize(("people", "shown"), [(1, False), (2, False), (3, True)])
def test_caseload_of_fewer_than_three_people_is_held_back_from_everybody(people, shown):
    organisation = make_organisation()
    _team(organisation, people, cases_open=70, contacts=30, plans_active=35)
    readers = [make_member("coordinator", organisation), make_member("ministry"), make_member("auditor")]

    lines = [_board(reader, organisation=organisation).total for reader in readers]

    assert [all(value is not None for value in _ratios(line)) for line in lines] == [shown] * 3
    assert [line.caseload.hidden for line in lines] == [(not shown,) * 4] * 3


def test_caseload_that_a_difference_would_give_away_is_held_back_as_well():
    kreis = make_organisation(kind="district")
    large, middle, small = (make_organisation(kind="association", district=kreis.district) for _ in range(3))
    for organisation, number in ((large, 5), (middle, 3), (small, 2)):
        _team(organisation, number, cases_open=50, contacts=20)

    board = _board(make_member("coordinator", kreis), district=kreis.district)

    hidden = {line.key for line in board.lines if line.caseload.hidden[0]}
    assert hidden == {middle.pk, small.pk}
    assert board.total.caseload.hidden == (False,) * 4


def test_two_small_groups_together_hide_each_other():
    kreis = make_organisation(kind="district")
    large, one, other = (make_organisation(kind="association", district=kreis.district) for _ in range(3))
    for organisation, number in ((large, 5), (one, 2), (other, 2)):
        _team(organisation, number, cases_open=50, contacts=20)

    board = _board(make_member("coordinator", kreis), district=kreis.district)

    assert {line.key for line in board.lines if line.caseload.hidden[0]} == {one.pk, other.pk}


def test_person_alone_in_a_measure_is_left_out_of_the_caseload_of_all_measures():
    """Otherwise the board of all measures less that of the other one would be this person's work."""
    organisation = make_organisation()
    _team(organisation, 4, cases_open=50)
    _figures(make_manager(organisation=organisation, measure="jbh"), measure="jbh", cases_open=30)
    coordinator = make_member("coordinator", organisation)

    everything, alone, single = (
        _board(coordinator, organisation=organisation, measure=measure).total
        for measure in (None, Measure.objects.get(code="im"), Measure.objects.get(code="jbh"))
    )

    assert [line.caseload.cases for line in (everything, alone, single)] == [Decimal("50.0"), Decimal("50.0"), None]
    assert [line.caseload.hidden[0] for line in (everything, alone, single)] == [False, False, True]
    assert everything.seen.cases == 230


def test_contacts_of_one_person_among_three_are_held_back():
    """Two who were absent all the time do not hide the third."""
    organisation = make_organisation()
    worked, *others = (make_manager(organisation=organisation) for _ in range(3))
    _figures(worked, contacts=47, cases_open=10)
    for person in others:
        _figures(person, cases_open=10)

    total = _board(make_member("ministry"), organisation=organisation).total

    assert (total.caseload.hidden, total.contacts_shown) == ((False, True, True, True), ".")
    assert _ratios(total) == (Decimal("10.0"), None, None, Decimal("0.0"))


def test_year_with_a_month_of_one_person_is_held_back():
    """Otherwise the boards of two days would differ by exactly that month."""
    organisation = make_organisation()
    first, *_others = _team(organisation, 3, contacts=10)
    _figures(first, contacts=7, month=add_months(month_of(TODAY), -1))

    total = _board(make_member("ministry"), organisation=organisation).total

    assert total.caseload.hidden == (False, False, True, TODAY.month > 1)


def test_day_to_come_shows_posts_and_no_caseload():
    organisation = make_organisation()
    _team(organisation, 3, contacts=10, cases_open=10)

    total = _board(make_member("coordinator", organisation), organisation=organisation, day=TODAY + DAY).total

    assert (total.staff.filled, _ratios(total)[:3]) == (3, (None, None, None))


def test_booking_that_goes_on_with_another_share_does_not_end():
    organisation = make_organisation()
    coordinator = make_member("coordinator", organisation)
    person = make_manager(organisation=organisation)
    change_fte(
        assignment=person.assignments.get(),
        fte=Decimal("0.50"),
        starts_on=TODAY + 10 * DAY,
        with_post=False,
        booked_by=coordinator,
    )

    (row,) = _board(coordinator, organisation=organisation).posts

    assert (row.ending_on, row.next_end) == (None, None)


def test_people_are_rounded_for_readers_from_outside_and_contacts_are_not():
    kreis = make_organisation(kind="district")
    body = make_organisation(kind="association", district=kreis.district)
    _team(body, 3, cases_open=71, contacts=31, plans_active=61, plans_new=11)
    _team(kreis, 3, cases_open=11, contacts=7, plans_active=9, plans_new=2)

    totals = {
        name: _board(reader, district=kreis.district).total
        for name, reader in (("kreis", make_member("coordinator", kreis)), ("ministry", make_member("ministry")))
    }
    seen = {name: total.seen for name, total in totals.items()}

    assert (seen["kreis"].cases, seen["kreis"].plans, seen["kreis"].plans_new) == (33 + 215, 27 + 185, 6 + 35)
    assert (seen["ministry"].cases, seen["ministry"].plans, seen["ministry"].plans_new) == (245, 210, 40)
    assert {name: total.caseload.contacts_year for name, total in totals.items()} == {"kreis": 114, "ministry": 114}


def test_state_board_has_a_line_for_each_district_and_their_sum():
    one, other = make_organisation(kind="district"), make_organisation(kind="district")
    make_manager(organisation=one)
    make_manager(organisation=other, fte=Decimal("0.50"))

    board = _board(make_member("ministry"))

    filled = {line.key: line.staff.filled for line in board.lines if line.staff.filled}
    assert len(board.lines) == 44
    assert filled == {one.district_id: 1, other.district_id: Decimal("0.50")}
    assert (board.total.staff.heads, board.total.staff.filled) == (2, Decimal("1.50"))


def test_ministry_counts_heads_and_reads_no_names():
    organisation = make_organisation()
    make_manager(organisation=organisation, name="Ottilie Eigen")

    (own,) = _board(make_member("coordinator", organisation), organisation=organisation).posts
    (foreign,) = _board(make_member("ministry"), organisation=organisation).posts

    assert (own.names, foreign.names, len(foreign.holders)) == ("Ottilie Eigen", "", 1)


def test_board_asks_as_often_for_one_post_as_for_many(django_assert_num_queries):
    organisation = make_organisation()
    reader = make_member("coordinator", organisation)
    make_manager(organisation=organisation)
    measures = Measure.objects.in_bulk()

    def read() -> None:
        board = Board(Scope(reader, TODAY, district=organisation.district), measures)
        _ = board.lines, board.total, board.posts, board.points

    _ = reader.membership
    with django_assert_num_queries(7):
        read()
    _team(organisation, 3)
    with django_assert_num_queries(7):
        read()
