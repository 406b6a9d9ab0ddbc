from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.models import Absence, Assignment, Case, Deputyship, Handover, Manager, Responsibility
from casework.services.absences import name_deputy, record_absence
from casework.services.cases import close_case
from casework.services.leavings import move_manager, record_leaving
from pik.models import AccessRecord, Membership, User
from tests.bookings import book
from tests.factories import make_case, make_manager, make_member, make_organisation, make_post, places_of
from tests.forms import assert_refused, submit
from tests.pages import Page, client_of

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)
NEXT = TODAY + 30 * DAY


def _written(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _team() -> tuple[Manager, Manager, Manager]:
    """Three colleagues of a Kreis who serve two municipalities."""
    organisation = make_organisation(district="08425")
    places = places_of(organisation, 2)
    giver, first, second = (
        make_manager(organisation=organisation, municipalities=places, name=name) for name in ("Gerda", "Ada", "Bo")
    )
    return giver, first, second


def _coordinator(manager: Manager) -> User:
    return make_member("coordinator", manager.organisation)


def _address(name: str, manager: Manager) -> str:
    return reverse(f"casework:{name}", args=[manager.pk])


def _answers(case: Case, day: date = TODAY) -> Manager:
    return Responsibility.objects.on(day).get(case=case).manager


def _entered(rest: Manager | None = None, **overrides: object) -> dict[str, object]:
    values = {"way": "all", "rest": rest.pk if rest else "", "starts_on": TODAY.isoformat(), "reason": "balance"}
    return {**values, **overrides}


def test_all_cases_are_passed_on_in_one_step_and_stay_in_the_history():
    giver, receiver, _other = _team()
    case = make_case(manager=giver)
    client = client_of(coordinator := _coordinator(giver))

    response = client.post(_address("manager_handover", giver), _entered(receiver), follow=True)

    page = Page(response)
    assert _answers(case) == receiver
    assert response.redirect_chain == [(_address("manager_detail", giver), 302)]
    assert page.messages == [f"The cases of Gerda that you chose go to the colleagues from {_written(TODAY)} on."]
    assert [row[1:4] for row in page.rows("handovers-caption")] == [
        ["Gerda", "Ada (1)", "work is shared out anew"],
    ]
    there = Page(client.get(_address("manager_detail", receiver)))
    assert there.rows("handovers-caption") == page.rows("handovers-caption")
    assert Handover.objects.get().decided_by == coordinator


def test_cases_are_passed_on_by_municipality():
    giver, first, second = _team()
    here, there = places_of(giver.organisation, 2)
    cases = [make_case(manager=giver, municipality=place) for place in (here, there)]
    sent = _entered(way="places", **{f"place_{here.pk}": first.pk, f"place_{there.pk}": ""})

    client_of(_coordinator(giver)).post(_address("manager_handover", giver), sent)

    assert [_answers(case) for case in cases] == [first, giver]
    assert second not in {_answers(case) for case in cases}


def test_page_shows_numbers_by_municipality_and_the_work_of_colleagues_but_no_code():
    giver, first, _second = _team()
    here, there = places_of(giver.organisation, 2)
    codes = [make_case(manager=giver, municipality=place).code for place in (here, there, there)]
    make_case(manager=first)

    page = Page(client_of(_coordinator(giver)).get(_address("manager_handover", giver)))

    numbers = {row[0]: row[1] for row in page.rows("places-caption")}
    options = [option.text for option in page.one("select", name="rest").all("option")]
    assert numbers == {here.name: "1", there.name: "2"}
    assert options == ["Please choose", "Ada (open cases: 1, FTE: 1.00)", "Bo (open cases: 0, FTE: 1.00)"]
    assert [code for code in codes if code in page.text] == []
    assert AccessRecord.objects.count() == 0


def test_list_to_pick_from_shows_codes_and_leaves_one_line_in_the_log():
    giver, receiver, _other = _team()
    picked, kept = make_case(manager=giver), make_case(manager=giver)
    closed = close_case(case=make_case(manager=giver), closed_on=TODAY, reason="moved")
    client = client_of(coordinator := _coordinator(giver))
    address = _address("manager_handover", giver) + "?list=1"

    page = Page(client.get(address))
    record = AccessRecord.objects.get()
    client.post(address, _entered(receiver, way="picked", cases=[picked.code]))

    assert {box.text for box in page.all("label", where=lambda node: node.has_class("pik-code"))} == {
        picked.code,
        kept.code,
    }
    assert closed.code not in page.text
    assert (record.user, record.organisation, record.action) == (coordinator, giver.organisation, "case_read")
    assert record.person == giver.user
    assert AccessRecord.objects.visible_to(coordinator).get() == record
    assert (_answers(picked), _answers(kept)) == (receiver, giver)
    assert AccessRecord.objects.count() == 1


def test_list_to_pick_from_is_grouped_by_municipality_and_keeps_the_ticks():
    giver, receiver, _other = _team()
    here, there = places_of(giver.organisation, 2)
    first = [make_case(manager=giver, municipality=here) for _number in range(2)]
    last = make_case(manager=giver, municipality=there)
    address = _address("manager_handover", giver) + "?list=1"
    sent = _entered(receiver, way="picked", cases=[last.code, first[0].code], starts_on="")

    page = submit(client_of(_coordinator(giver)), address, sent)

    groups = page.all("fieldset", where=lambda node: node.has_class("pik-ways__place"))
    assert [group.one("legend").text for group in groups] == [f"{here.name} (2 cases)", f"{there.name} (1 case)"]
    codes = [{label.text for label in group.all("label")} for group in groups]
    assert codes == [{case.code for case in first}, {last.code}]
    assert set(page.values()["cases"]) == {last.code, first[0].code}
    assert len({box["id"] for box in page.all("input", name="cases")}) == 3


def test_log_says_in_words_that_the_list_was_opened():
    giver, _receiver, _other = _team()
    make_case(manager=giver)
    client = client_of(_coordinator(giver))

    client.get(_address("manager_handover", giver) + "?list=1")

    log = Page(client.get(reverse("access_log")))
    row = log.one("tbody").all("tr")[0]
    assert [cell.text for cell in row.all("td")][1:3] == ["Case read", "List of cases for a hand-over: Gerda"]


def test_form_that_is_refused_leaves_no_second_line_and_one_sent_unseen_leaves_its_own():
    giver, receiver, other = _team()
    case, foreign = make_case(manager=giver), make_case(manager=other)
    client = client_of(_coordinator(giver))
    wrong = _entered(receiver, way="picked", cases=[])

    client.get(_address("manager_handover", giver) + "?list=1")
    refused = Page(client.post(_address("manager_handover", giver) + "?list=1", wrong))
    unseen = Page(client.post(_address("manager_handover", other) + "?list=1", wrong))

    assert [code in page.text for page, code in ((refused, case.code), (unseen, foreign.code))] == [True, True]
    assert list(AccessRecord.objects.order_by("pk").values_list("person", flat=True)) == [giver.user_id, other.user_id]


def _kreis_and_body() -> tuple[Manager, Manager, User]:
    """Two people of a Gemeinde with seven cases of the first, and the coordinator of the Kreis around it."""
    kreis = make_organisation(district="08425")
    body = make_organisation(kind="municipality", district="08425")
    giver, receiver = (make_manager(organisation=body, name=name) for name in ("Gerda", "Ada"))
    for _number in range(7):
        make_case(manager=giver)
    return giver, receiver, make_member("coordinator", kreis)


def test_coordinator_of_the_kreis_gets_rounded_numbers_and_no_list():
    giver, receiver, coordinator = _kreis_and_body()
    client = client_of(coordinator)

    page = Page(client.get(_address("manager_handover", giver) + "?list=1"))
    detail = Page(client.get(_address("manager_detail", giver)))
    sent = _entered(receiver, way="picked", cases=[Case.objects.first().code])
    refused = submit(client, _address("manager_handover", giver) + "?list=1", sent)

    assert [row[1] for row in page.rows("places-caption")] == ["5"]
    assert "rounded to multiples of 5" in page.main.text
    assert "rounded to multiples of 5" in detail.main.text
    assert {box["value"] for box in page.all("input", name="way")} == {"all", "places"}
    assert [code for code in Case.objects.values_list("code", flat=True) if code in page.text] == []
    assert refused.errors[0][0] == "id_way_0"
    assert AccessRecord.objects.count() == 0
    client.post(_address("manager_handover", giver), _entered(receiver))
    assert {_answers(case) for case in Case.objects.all()} == {receiver}


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("way", {"way": "none"}),
        ("way", {"way": "places"}),
        ("rest", {"rest": ""}),
        ("rest", {"rest": "0"}),
        ("rest", {"rest": "\x00"}),
        ("cases", {"way": "picked", "cases": []}),
        ("cases", {"way": "picked", "cases": ["0"]}),
        ("starts_on", {"starts_on": (TODAY - DAY).isoformat()}),
        ("starts_on", {"starts_on": "soon"}),
        ("reason", {"reason": "boredom"}),
    ],
)
def test_wrong_hand_over_is_explained_and_nothing_is_passed_on(field, values):
    giver, receiver, _other = _team()
    case = make_case(manager=giver)
    sent = {**_entered(receiver), **values}

    page = submit(client_of(_coordinator(giver)), _address("manager_handover", giver) + "?list=1", sent)

    assert_refused(page, field, sent)
    assert (_answers(case), Handover.objects.count()) == (giver, 0)


def test_who_has_no_colleague_is_told_what_to_do():
    case = make_case()
    client = client_of(_coordinator(case.opened_by))

    for name in ("manager_handover", "manager_leave"):
        page = Page(client.get(_address(name, case.opened_by)))
        assert "Register a successor first, or have the cases closed." in page.main.text


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("name", "queries"), [("manager_handover", 13), ("manager_leave", 14), ("manager_move", 16), ("manager_detail", 16)]
)
def test_pages_ask_as_often_for_one_case_as_for_three(rows, name, queries, django_assert_num_queries):
    giver, receiver, _other = _team()
    make_organisation(kind="municipality", district="08425")
    coordinator = _coordinator(giver)
    for place in places_of(giver.organisation, rows):
        make_case(manager=giver, municipality=place)
        make_manager(organisation=giver.organisation)
        case = make_case(manager=giver)
        client_of(coordinator).post(
            _address("manager_handover", giver) + "?list=1", _entered(receiver, way="picked", cases=[case.code])
        )
    client = client_of(coordinator)

    with django_assert_num_queries(queries):
        response = client.get(_address(name, giver))

    assert response.status_code == 200


def test_leaving_is_recorded_with_successors_and_reported():
    leaving, first, second = _team()
    here, there = places_of(leaving.organisation, 2)
    cases = [make_case(manager=leaving, municipality=place) for place in (here, there)]
    sent = {"last_day": NEXT.isoformat(), "rest": first.pk, f"place_{there.pk}": second.pk}
    client = client_of(_coordinator(leaving))

    shown = Page(client.get(_address("manager_leave", leaving)))
    page = Page(client.post(_address("manager_leave", leaving), sent, follow=True))

    after = NEXT + DAY
    assert [row[3] for row in shown.rows("ending-caption")] == ["no end"]
    assert [_answers(case, after) for case in cases] == [first, second]
    booking = f"booking on post {leaving.assignments.get().post.label} (1.00 FTE, from 1 Jan 2025)"
    assert page.messages == [
        (
            f"Gerda leaves on {_written(NEXT)}. The open cases go to colleagues from the day after. "
            f"Ends on {_written(NEXT)}: {booking}."
        )
    ]
    assert f"leaves on {_written(NEXT)}" in page.main.text


@pytest.mark.parametrize(
    ("field", "values"),
    [("last_day", {"last_day": ""}), ("last_day", {"last_day": "2024-12-31"}), ("rest", {"rest": ""})],
)
def test_wrong_leaving_is_explained_and_nothing_ends(field, values):
    leaving, receiver, _other = _team()
    make_case(manager=leaving)
    sent = {"last_day": NEXT.isoformat(), "rest": receiver.pk, **values}

    page = submit(client_of(_coordinator(leaving)), _address("manager_leave", leaving), sent)

    assert_refused(page, field, sent)
    assert Membership.objects.get(user=leaving.user).ends_on is None


def test_announced_leaving_is_taken_back_on_the_page_of_the_person():
    leaving, receiver, _other = _team()
    case = make_case(manager=leaving)
    record_leaving(manager=leaving, last_day=NEXT, decided_by=_coordinator(leaving), rest=receiver)
    client = client_of(_coordinator(leaving))

    again = Page(client.get(_address("manager_leave", leaving)))
    asked = Page(client.get(_address("manager_leave_withdraw", leaving)))
    page = Page(client.post(_address("manager_leave_withdraw", leaving), follow=True))

    assert again.main.all("form") == []
    booking = Assignment.objects.get(manager=leaving)
    words = f"ooking on post {booking.post.label} (1.00 FTE, from 1 Jan 2025)"
    assert page.messages == [f"Gerda stays, with all cases. As before: b{words}."]
    assert [link.text for link in asked.main.all("li")] == [f"B{words}"]
    assert asked.main.one("li").one("a")["href"] == reverse("casework:post_detail", args=[booking.post_id])
    assert (_answers(case, NEXT + DAY), booking.ends_on) == (leaving, None)
    assert [row[3].split(" (")[1] for row in page.rows("handovers-caption")] == ["taken back or replaced)"]
    nothing = Page(client.post(_address("manager_leave_withdraw", leaving), follow=True))
    assert nothing.messages == ["No leaving is recorded for this person. Reload the page."]


def test_leaving_says_apart_what_ends_and_what_is_taken_back_and_what_does_not_come_back():
    leaving, deputy, _other = _team()
    record_absence(manager=leaving, kind="illness", starts_on=NEXT + 5 * DAY, ends_on=None)
    name_deputy(manager=leaving, deputy=deputy, starts_on=TODAY, ends_on=NEXT + DAY)
    client = client_of(_coordinator(leaving))

    left = Page(
        client.post(_address("manager_leave", leaving), {"last_day": NEXT.isoformat(), "rest": ""}, follow=True)
    )
    Deputyship.objects.update(ends_on=TODAY)
    back = Page(client.post(_address("manager_leave_withdraw", leaving), follow=True))

    booking = f"booking on post {leaving.assignments.get().post.label} (1.00 FTE, from 1 Jan 2025)"
    absence = f"absence, from {_written(NEXT + 5 * DAY)}"
    deputyship = f"deputyship of Ada, {_written(TODAY)} to {_written(NEXT + DAY)}"
    assert left.messages == [
        (
            f"Gerda leaves on {_written(NEXT)}. Ends on {_written(NEXT)}: {booking}; {deputyship}. "
            f"Taken back, because it would have begun later: {absence}."
        )
    ]
    assert back.messages == [
        (
            f"Gerda stays, with all cases. As before: {booking}; {absence}. "
            "Not brought back, because it was changed or something else was planned since: "
            f"{deputyship}. Enter it anew."
        )
    ]


def test_only_what_ends_with_the_leaving_is_named_and_absences_to_the_employer_alone():
    kreis = make_organisation(district="08425")
    body = make_organisation(kind="municipality", district="08425")
    leaving, deputy = (make_manager(organisation=body, name=name) for name in ("Gerda", "Ada"))
    record_absence(manager=leaving, kind="illness", starts_on=TODAY - 9 * DAY, ends_on=TODAY - 5 * DAY)
    record_absence(manager=leaving, kind="parental", starts_on=TODAY, ends_on=None)
    name_deputy(manager=leaving, deputy=deputy, starts_on=TODAY, ends_on=TODAY + DAY)
    name_deputy(manager=deputy, deputy=leaving, starts_on=TODAY, ends_on=NEXT + DAY)
    leaving.assignments.update(ends_on=NEXT - DAY)
    record_leaving(manager=leaving, last_day=NEXT, decided_by=_coordinator(leaving), rest=deputy)
    client = client_of(make_member("coordinator", kreis))

    employer = Page(client_of(_coordinator(leaving)).get(_address("manager_leave_withdraw", leaving)))
    around = Page(client.get(_address("manager_leave_withdraw", leaving)))
    back = Page(client.post(_address("manager_leave_withdraw", leaving), follow=True))

    assert [line.text for line in employer.main.all("li")] == [
        f"Absence, from {_written(TODAY)}",
        f"Deputyship for Ada, {_written(TODAY)} to {_written(NEXT + DAY)}",
    ]
    assert around.main.all("li") == []
    assert "No booking" in around.main.text
    assert back.messages == ["Gerda stays, with all cases."]
    assert Absence.objects.filter(manager=leaving, ends_on=None).count() == 1


def test_page_to_take_a_leaving_back_says_when_there_is_none():
    staying, _receiver, _other = _team()

    page = Page(client_of(_coordinator(staying)).get(_address("manager_leave_withdraw", staying)))

    assert "No leaving is recorded that could be taken back." in page.main.text
    assert page.main.all("form") == []


def test_person_moves_to_a_body_of_the_kreis_and_a_post_is_asked_for():
    leaving, receiver, _other = _team()
    body = make_organisation(kind="municipality", district="08425")
    make_organisation(kind="municipality", district="08426")
    client = client_of(_coordinator(leaving))
    offered = Page(client.get(_address("manager_move", leaving))).one("select", name="organisation")
    sent = {"last_day": TODAY.isoformat(), "rest": "", "organisation": body.pk}

    response = client.post(_address("manager_move", leaving), sent, follow=True)

    moved = Manager.objects.get(user=leaving.user, organisation=body)
    assert [option["value"] for option in offered.all("option")] == ["", str(body.pk)]
    assert response.redirect_chain == [(_address("manager_detail", moved), 302)]
    assert receiver.organisation != moved.organisation


def test_move_is_taken_back_with_the_new_employment_and_both_are_named():
    leaving, _receiver, _other = _team()
    body = make_organisation(kind="municipality", district="08425", name="Stadt Achern")
    client = client_of(_coordinator(leaving))
    sent = {"last_day": NEXT.isoformat(), "rest": "", "organisation": body.pk}

    moved = Page(client.post(_address("manager_move", leaving), sent, follow=True))
    asked = Page(client.get(_address("manager_leave_withdraw", leaving)))
    back = Page(client.post(_address("manager_leave_withdraw", leaving), follow=True))

    booking = f"booking on post {leaving.assignments.get().post.label} (1.00 FTE, from 1 Jan 2025)"
    elsewhere = f"The employment with Stadt Achern from {_written(NEXT + DAY)} is taken back as well."
    assert moved.messages == [
        (
            f"Gerda works until {_written(NEXT)} for the old employer and then for Stadt Achern. Book a post there. "
            f"Ends on {_written(NEXT)}: {booking}."
        )
    ]
    assert elsewhere in asked.main.text
    assert back.messages == [f"Gerda stays, with all cases. As before: {booking}. {elsewhere}"]
    assert not Membership.objects.filter(organisation=body).exists()


def test_new_employment_with_a_booking_stays_and_the_reader_is_told_what_to_do():
    leaving, _receiver, _other = _team()
    body = make_organisation(kind="municipality", district="08425", name="Stadt Achern")
    moved = move_manager(manager=leaving, organisation=body, last_day=NEXT, decided_by=_coordinator(leaving), rest=None)
    book(make_post(organisation=body), moved, starts_on=NEXT + DAY)
    client = client_of(_coordinator(leaving))

    asked = Page(client.get(_address("manager_leave_withdraw", leaving)))
    back = Page(client.post(_address("manager_leave_withdraw", leaving), follow=True))

    stays = (
        f"The employment with Stadt Achern from {_written(NEXT + DAY)} stays, because it has begun or something is "
        "planned there. Have the coordinators there take it back."
    )
    assert stays in asked.main.text
    assert back.messages[0].endswith(stays)
    assert Membership.objects.get(organisation=body, role="manager").starts_on == NEXT + DAY


def test_employment_that_has_not_begun_is_taken_back_on_the_page_of_the_person():
    leaving, _receiver, _other = _team()
    body = make_organisation(kind="municipality", district="08425", name="Stadt Achern")
    moved = move_manager(manager=leaving, organisation=body, last_day=NEXT, decided_by=_coordinator(leaving), rest=None)
    booked = book(make_post(organisation=body), moved, starts_on=NEXT + DAY)
    client = client_of(_coordinator(moved))
    address = _address("employment_withdraw", moved)

    person = Page(client.get(_address("manager_detail", moved)))
    asked = Page(client.get(address))
    response = client.post(address, follow=True)

    assert f"from {_written(NEXT + DAY)}" in person.main.text
    assert person.main.one("a", href=address).text == "Take the employment back"
    assert [row[0] for row in asked.rows("posts-caption")] == [booked.post.label]
    assert response.redirect_chain == [(reverse("casework:manager_list"), 302)]
    assert Page(response).messages == ["The employment of Gerda with Stadt Achern is taken back."]
    assert not Manager.objects.filter(organisation=body).exists()


def test_employment_that_has_begun_is_not_taken_back():
    staying, _receiver, _other = _team()
    client = client_of(_coordinator(staying))

    asked = Page(client.get(_address("employment_withdraw", staying)))
    page = Page(client.post(_address("employment_withdraw", staying), follow=True))

    assert asked.main.all("form") == []
    assert page.messages == ["This employment has begun. Record the leaving instead."]


def test_coordinator_of_one_employer_is_told_how_a_person_moves():
    manager = make_manager(organisation=make_organisation(kind="municipality", district="08425"))

    page = Page(client_of(_coordinator(manager)).get(_address("manager_move", manager)))

    assert "the new employer then registers the person with the same e-mail address" in page.main.text
    assert page.main.all("form") == []
