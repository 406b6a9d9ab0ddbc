from collections.abc import Iterator
from datetime import date, timedelta

import psycopg
import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone, translation

from pik.access_reviews import confirm_access, confirm_others, end_access, open_reviews
from pik.models import AccessLine, AccessReview, Membership, User
from pik.models.reviews import Progress
from pik.months import add_months, quarter_of
from pik.tasks import open_access_reviews
from tests.database import owner_session, refused_by, refused_by_trigger, run_sql, side_by_side
from tests.factories import make_manager, make_member, make_membership, make_organisation, make_review, make_user
from tests.scene import make_scene

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)
QUARTER = quarter_of(TODAY)
LAST_QUARTER = add_months(QUARTER, -3)
# The role of the tests has no right to; the owner, who has, meets the trigger.
KEPT = r"permission denied for table pik_access|Cannot (update|delete) rows from pik_access"


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


def _line(user: User) -> AccessLine:
    return AccessLine.objects.get(membership__user=user)


def _pair(**overrides: object) -> tuple[User, User]:
    """Two coordinators of one organisation under review."""
    organisation = make_organisation()
    first, second = (make_member("coordinator", organisation, **overrides) for _number in range(2))
    make_review(organisation)
    return first, second


def _reviewed() -> set[User]:
    return {line.membership.user for line in AccessLine.objects.select_related("membership__user")}


def test_open_reviews_lists_everybody_with_access_since_the_quarter_began():
    organisation = make_organisation()
    coordinator = make_member("coordinator", organisation)
    manager = make_manager(organisation=organisation)
    make_member("manager", organisation, ends_on=TODAY - DAY)
    make_member("manager", organisation, starts_on=QUARTER + DAY)
    make_member("ministry")
    make_membership(role="coordinator", organisation=make_organisation(kind="authority"))
    make_organisation()

    opened = open_reviews(day=TODAY)

    review = AccessReview.objects.get()
    assert opened == 1
    assert (review.organisation, review.quarter, review.mail_sent_at) == (organisation, QUARTER, None)
    assert review.mail_due_at is not None
    assert _reviewed() == {coordinator, manager.user}


@pytest.mark.parametrize(
    ("day", "due_on"),
    [
        (date(2026, 10, 1), date(2026, 10, 29)),
        (date(2026, 11, 5), date(2026, 12, 3)),
        (date(2026, 12, 20), date(2026, 12, 31)),
    ],
)
def test_review_is_due_four_weeks_after_it_opened_and_never_after_its_quarter(day, due_on):
    make_member("coordinator")

    open_reviews(day=day)

    assert AccessReview.objects.get().due_on == due_on


def test_open_reviews_again_changes_nothing():
    organisation = make_organisation()
    coordinator = make_member("coordinator", organisation)
    open_reviews(day=TODAY)
    make_manager(organisation=organisation)
    other = make_member("coordinator")

    opened = [open_reviews(day=TODAY), open_reviews(day=TODAY)]
    open_access_reviews()

    assert opened == [1, 0]
    assert _reviewed() == {coordinator, other}


@pytest.mark.django_db(transaction=True)
def test_open_reviews_twice_at_once_opens_each_once():
    for _number in range(3):
        make_member("coordinator")

    opened = side_by_side(lambda: open_reviews(day=TODAY), lambda: open_reviews(day=TODAY))

    assert sorted(opened) == [0, 3]
    assert (AccessReview.objects.count(), AccessLine.objects.count()) == (3, 3)


@pytest.mark.parametrize("rows", [1, 3])
def test_open_reviews_asks_as_often_for_one_organisation_as_for_three(rows, django_assert_num_queries):
    for _number in range(rows):
        make_member("coordinator")

    # Two of them begin and end the transaction.
    with django_assert_num_queries(6):
        open_reviews(day=TODAY)

    assert AccessReview.objects.count() == rows


def test_review_visible_to_those_who_answer_for_the_people_and_to_auditors():
    scene = make_scene()
    bodies = {
        "own": scene.own,
        "Kreis": scene.neighbour,
        "foreign": scene.foreign,
        "led by the Kreis": make_organisation(kind="association", district=scene.neighbour.district),
        "left alone": make_organisation(kind="association", district=scene.neighbour.district),
        "led by the foreign Kreis": make_organisation(kind="association", district=scene.foreign.district),
    }
    for body in bodies.values():
        make_manager(organisation=body)
    make_member("coordinator", bodies["left alone"], ends_on=TODAY - DAY)
    blocked = make_member("coordinator", bodies["left alone"])
    User.objects.filter(pk=blocked.pk).update(is_active=False)
    rows = {name: make_review(body) for name, body in bodies.items()}
    lines = {name: review.lines.order_by("pk")[0] for name, review in rows.items()}

    expected = {
        "nobody": set(),
        "expired": set(),
        "unknown role": set(),
        "manager": set(),
        "foreign manager": set(),
        "coordinator": {"own"},
        "Kreis coordinator": {"Kreis", "led by the Kreis", "left alone"},
        "foreign coordinator": {"foreign", "led by the foreign Kreis"},
        "ministry": set(),
        "auditor": set(bodies),
    }
    assert scene.seen(rows) == expected
    assert scene.seen(lines) == expected


def test_progress_counts_what_is_decided_and_what_ended_by_itself():
    organisation = make_organisation()
    coordinator = make_member("coordinator", organisation)
    for _number in range(3):
        make_member("manager", organisation)
    make_member("manager", organisation, ends_on=TODAY)
    make_member("manager", organisation, ends_on=TODAY - DAY)
    review = make_review(organisation)
    confirm_access(line=_line(coordinator), by=coordinator)

    progress = AccessLine.objects.visible_to(coordinator).running().progress()

    assert progress == Progress(people=6, open=4, due_on=review.due_on)
    assert (progress.decided, progress.days_left) == (2, 28)


def test_progress_of_several_reviews_is_due_with_the_first_that_is_open():
    done, soon, late = (make_member("coordinator") for _number in range(3))
    make_review(done.membership.organisation, due_on=TODAY)
    make_review(soon.membership.organisation, due_on=TODAY + 2 * DAY)
    make_review(late.membership.organisation, due_on=TODAY + 3 * DAY)
    confirm_access(line=_line(done), by=done)

    progress = AccessLine.objects.visible_to(make_member("auditor")).running().progress()

    assert (progress.open, progress.due_on, progress.days_left) == (2, TODAY + 2 * DAY, 2)


def test_confirm_access_says_who_and_when_also_for_the_own():
    coordinator, colleague = _pair()

    for person in (coordinator, colleague):
        confirm_access(line=_line(person), by=coordinator)

    lines = AccessLine.objects.all()
    assert {(line.decision, line.decided_by, timezone.localdate(line.decided_at)) for line in lines} == {
        ("confirmed", coordinator, TODAY)
    }
    assert Membership.objects.filter(ends_on__isnull=True).count() == 2


@pytest.mark.parametrize("last_day", [TODAY - DAY, TODAY, TODAY + DAY, TODAY + 365 * DAY])
def test_end_access_sets_the_last_day(last_day):
    coordinator, colleague = _pair()

    end_access(line=_line(colleague), by=coordinator, last_day=last_day)

    line = _line(colleague)
    assert (line.decision, line.decided_by, line.membership.ends_on) == ("ended", coordinator, last_day)
    assert (User.objects.get(pk=colleague.pk).membership is None) == (last_day < TODAY)


@pytest.mark.parametrize(
    ("last_day", "remedy"),
    [
        (TODAY - 2 * DAY, "This day is over. Enter yesterday to end the access at once."),
        (TODAY + 366 * DAY, "This day is more than a year away. Enter an earlier one."),
    ],
)
def test_end_access_refuses_days_that_are_over_or_far_away(last_day, remedy):
    coordinator, colleague = _pair()

    with pytest.raises(ValidationError) as caught:
        end_access(line=_line(colleague), by=coordinator, last_day=last_day)

    assert caught.value.message_dict == {"last_day": [remedy]}
    assert (_line(colleague).decision, _line(colleague).membership.ends_on) == ("", None)


def test_end_access_never_makes_an_access_longer():
    coordinator, _colleague = _pair(ends_on=TODAY + DAY)
    leaving = AccessLine.objects.exclude(membership__user=coordinator).get()

    with pytest.raises(ValidationError) as caught:
        end_access(line=leaving, by=coordinator, last_day=TODAY + 2 * DAY)

    assert list(caught.value.message_dict) == ["last_day"]
    assert "Enter this day or an earlier one." in caught.value.messages[0]
    assert Membership.objects.get(pk=leaving.membership_id).ends_on == TODAY + DAY


def test_end_access_before_it_began_names_the_field():
    organisation = make_organisation()
    coordinator = make_member("coordinator", organisation)
    newcomer = make_member("coordinator", organisation, starts_on=TODAY)
    make_review(organisation)

    with pytest.raises(ValidationError) as caught:
        end_access(line=_line(newcomer), by=coordinator, last_day=TODAY - DAY)

    assert caught.value.message_dict == {
        "last_day": ["The access began later. Enter its first day or a later one."],
    }


def test_nobody_ends_the_own_access():
    coordinator, _colleague = _pair()

    with pytest.raises(ValidationError, match="Ask another coordinator of your organisation or your district"):
        end_access(line=_line(coordinator), by=coordinator, last_day=TODAY)

    assert Membership.objects.filter(ends_on__isnull=False).count() == 0


@pytest.mark.parametrize("first", ["confirmed", "ended"])
def test_second_decision_is_told_of_the_first(first):
    coordinator, colleague = _pair()
    line = _line(colleague)
    if first == "confirmed":
        confirm_access(line=line, by=coordinator)
    else:
        end_access(line=line, by=coordinator, last_day=TODAY)

    for decide in (
        lambda: confirm_access(line=line, by=colleague),
        lambda: end_access(line=line, by=coordinator, last_day=TODAY + DAY),
    ):
        with pytest.raises(ValidationError) as caught:
            decide()
        (message,) = caught.value.messages
        assert message.startswith(f"{coordinator.name} {first} the access of {colleague.name} on ")

    assert (_line(colleague).decision, _line(colleague).decided_by) == (first, coordinator)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_wins_and_the_other_is_told():
    organisation = make_organisation()
    ada, eva, leaving = (make_member("coordinator", organisation) for _number in range(3))
    make_review(organisation)
    line = _line(leaving)

    confirmed, ended = side_by_side(
        lambda: confirm_access(line=line, by=ada), lambda: end_access(line=line, by=eva, last_day=TODAY)
    )

    kept = _line(leaving)
    won, lost = (confirmed, ended) if kept.decision == "confirmed" else (ended, confirmed)
    winner = ada if kept.decision == "confirmed" else eva
    assert (won, kept.decided_by) == (kept, winner)
    assert (winner.name in lost.messages[0], leaving.name in lost.messages[0]) == (True, True)
    assert (kept.membership.ends_on is None) == (kept.decision == "confirmed")


@pytest.mark.django_db(transaction=True)
def test_two_who_confirm_all_others_at_once_confirm_each_once():
    organisation = make_organisation()
    people = [make_member("coordinator", organisation) for _number in range(5)]
    lines = make_review(organisation).lines

    numbers = side_by_side(
        lambda: confirm_others(lines=lines.order_by("pk"), by=people[0]),
        lambda: confirm_others(lines=lines.order_by("-pk"), by=people[1]),
    )

    assert sorted(numbers) == [0, 5]
    assert lines.filter(decision="confirmed").count() == 5


def test_confirm_others_leaves_what_is_decided_ended_or_past():
    organisation = make_organisation()
    coordinator, colleague, still_open = (make_member("coordinator", organisation) for _number in range(3))
    make_member("manager", organisation, ends_on=TODAY - DAY)
    make_review(organisation, quarter=LAST_QUARTER)
    review = make_review(organisation)
    end_access(line=review.lines.get(membership__user=colleague), by=coordinator, last_day=TODAY)

    number = confirm_others(lines=AccessLine.objects.all(), by=coordinator)

    confirmed = AccessLine.objects.filter(decision="confirmed")
    assert number == 2
    assert {line.membership.user for line in confirmed} == {coordinator, still_open}
    assert {line.review for line in confirmed} == {review}


def test_past_review_and_ended_access_cannot_be_decided():
    organisation = make_organisation()
    coordinator = make_member("coordinator", organisation)
    gone = make_member("manager", organisation, ends_on=TODAY - DAY)
    past = make_review(organisation, quarter=LAST_QUARTER).lines.get(membership__user=coordinator)
    ended = make_review(organisation).lines.get(membership__user=gone)

    for line, remedy in ((past, "Decide in the review of this quarter"), (ended, "Nothing is left to decide")):
        with pytest.raises(ValidationError, match=remedy):
            confirm_access(line=line, by=coordinator)
        with pytest.raises(ValidationError, match=remedy):
            end_access(line=line, by=coordinator, last_day=TODAY)

    assert set(AccessLine.objects.values_list("decision", flat=True)) == {""}


@pytest.mark.django_db(transaction=True)
def test_manager_who_still_answers_for_cases_keeps_the_access_and_the_reader_is_told_why():
    organisation = make_organisation()
    coordinator = make_member("coordinator", organisation)
    manager = make_member("manager", organisation)
    make_review(organisation)
    with owner_session() as owner:
        owner.execute("""
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            RAISE EXCEPTION 'open cases' USING ERRCODE = 'check_violation', CONSTRAINT = 'case_has_responsible_manager';
            END $$;
            CREATE TRIGGER refuse BEFORE UPDATE ON pik_membership FOR EACH ROW EXECUTE FUNCTION refuse();
        """)

    with pytest.raises(ValidationError, match="Record the leaving and hand the cases over first"):
        end_access(line=_line(manager), by=coordinator, last_day=TODAY)

    assert (_line(manager).decision, _line(manager).membership.ends_on) == ("", None)


def test_review_is_kept_once_a_quarter_from_its_first_day():
    review = make_review()

    with refused_by("access_review_once_a_quarter"):
        make_review(review.organisation)
    for day in (QUARTER + DAY, add_months(QUARTER, 1)):
        with refused_by("access_review_quarter_is_first_day"):
            make_review(review.organisation, quarter=day)


def test_line_is_kept_once_and_names_who_decided_what():
    line = make_review().lines.get()

    with refused_by("access_line_once_a_review"):
        AccessLine.objects.create(review=line.review, membership=line.membership)
    with refused_by("access_line_decision_known"):
        run_sql("UPDATE pik_accessline SET decision = 'x', decided_by_id = %s, decided_at = now()", make_user().pk)
    for change in ("decision = 'ended'", "decided_at = now()", "decision = 'ended', decided_at = now()"):
        with refused_by("access_line_decided_by_whom_and_when"):
            run_sql(f"UPDATE pik_accessline SET {change}")


def test_decisions_and_reviews_are_never_changed_or_deleted():
    coordinator, colleague = _pair()
    line = _line(colleague)
    confirm_access(line=line, by=coordinator)

    with refused_by_trigger(KEPT):
        AccessLine.objects.filter(pk=line.pk).update(decision="ended")
    for statement in (
        "DELETE FROM pik_accessline",
        "DELETE FROM pik_accessreview",
        "UPDATE pik_accessline SET membership_id = 0",
        "UPDATE pik_accessreview SET due_on = due_on + 1",
    ):
        with refused_by_trigger(KEPT):
            run_sql(statement)

    assert _line(colleague).decision == "confirmed"


@pytest.mark.django_db(transaction=True)
def test_decisions_and_reviews_are_never_changed_by_the_owner_either():
    coordinator, colleague = _pair()
    confirm_access(line=_line(colleague), by=coordinator)

    with owner_session() as owner:
        for statement in (
            "DELETE FROM pik_accessline",
            "DELETE FROM pik_accessreview",
            "UPDATE pik_accessline SET membership_id = 0",
            "UPDATE pik_accessline SET decision = 'ended' WHERE decision <> ''",
            "UPDATE pik_accessreview SET due_on = due_on + 1",
        ):
            with pytest.raises(psycopg.errors.RaiseException, match=KEPT):
                owner.execute(statement)

    assert AccessReview.objects.count() == 1
