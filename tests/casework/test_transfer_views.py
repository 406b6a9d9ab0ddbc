from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.due import due_for
from casework.models import Case, Manager, Transfer
from casework.services.absences import name_deputy, record_absence
from casework.services.transfers import decline_transfer
from pik.models import User
from tests.factories import make_case, make_manager, make_member, make_organisation, make_transfer, places_of
from tests.forms import assert_refused, submit
from tests.pages import Page, client_of

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)
LIST = reverse("casework:transfer_list")


def _case() -> Case:
    """A case in a Kreis of several municipalities."""
    return make_case(manager=make_manager(organisation=make_organisation(district="08115")))


def _address(name: str, row: Case | Transfer) -> str:
    return reverse(f"casework:{name}", args=[row.code if isinstance(row, Case) else row.pk])


def _page(user: User, address: str = LIST) -> Page:
    return Page(client_of(user).get(address))


def _post(user: User, name: str, transfer: Transfer, **values: object) -> Page:
    return Page(client_of(user).post(_address(name, transfer), values, follow=True))


def _offers(page: Page) -> list[str]:
    return [entry.text for entry in page.main.all("li")]


def _received(number: int = 1) -> tuple[Manager, list[Transfer]]:
    """A manager, and cases that are offered to the organisation."""
    manager = make_manager()
    return manager, [make_transfer(receiver=manager.organisation) for _number in range(number)]


# On the page of the case.


def test_page_of_the_case_leads_to_both_ways():
    case = _case()

    links = {link.text: link["href"] for link in _page(case.opened_by.user, _address("case_detail", case)).all("a")}

    assert links["Move to another municipality"] == _address("case_move", case)
    assert links["Offer to another organisation"] == _address("case_transfer", case)


def test_page_of_an_offered_case_says_so_and_offers_no_second_way():
    transfer = make_transfer()

    page = _page(transfer.offered_by.user, _address("case_detail", transfer.case))

    assert f"This case is offered to {transfer.receiver.name}." in page.main.text
    assert "Offer to another organisation" not in page.main.text


def test_deputy_does_not_give_a_case_away():
    case = make_case()
    deputy = make_manager(organisation=case.organisation)
    name_deputy(manager=case.opened_by, deputy=deputy, starts_on=TODAY, ends_on=TODAY)
    client = client_of(deputy.user)

    page = Page(client.get(_address("case_detail", case)))

    assert "Offer to another organisation" not in page.main.text
    assert [client.get(_address(name, case)).status_code for name in ("case_move", "case_transfer")] == [404, 404]


# To another municipality.


def test_move_names_the_new_place():
    case = _case()
    place = places_of(case.organisation, 2)[1]
    values = {"municipality": place.pk, "starts_on": TODAY.isoformat()}

    page = Page(client_of(case.opened_by.user).post(_address("case_move", case), values, follow=True))

    assert page.messages == [f"Case {case.code} now belongs to {place.name}."]


def test_move_on_an_impossible_day_comes_back_with_what_was_entered():
    case = _case()
    place = places_of(case.organisation, 2)[1]
    values = {"municipality": place.pk, "starts_on": (TODAY + DAY).isoformat()}

    page = submit(client_of(case.opened_by.user), _address("case_move", case), values)

    assert_refused(page, "starts_on", values, error="Enter today or an earlier day.")


def test_move_within_one_municipality_leads_to_the_offer():
    # Stuttgart is Kreis and Gemeinde in one.
    case = make_case(manager=make_manager(organisation=make_organisation(district="08111")))

    page = _page(case.opened_by.user, _address("case_move", case))

    assert page.main.all("form") == []
    assert page.main.one("a", href=_address("case_transfer", case)).text == "Offer it to that organisation"


# Offering.


def test_offer_takes_two_steps():
    case, receiver = make_case(), make_organisation(district="08115")
    client, address = client_of(case.opened_by.user), _address("case_transfer", case)

    first = Page(client.get(address))
    second = Page(client.get(address, {"organisation": receiver.pk}))
    values = {"municipality": places_of(receiver)[0].pk, "reason": "moved", "starts_on": TODAY.isoformat()}
    page = Page(client.post(f"{address}?organisation={receiver.pk}", values, follow=True))

    assert first.heading == "To which organisation?"
    places = [option["value"] for option in second.one("select", name="municipality").all("option")]
    assert {place[:5] for place in places if place} == {"08115"}
    assert page.messages == [
        f"Case {case.code} is offered to {receiver.name}. Until they accept, it stays with you.",
    ]
    assert _offers(page)[0].startswith(f"{case.code} · {receiver.name}")


def test_offer_without_a_reason_comes_back_with_what_was_entered():
    case, receiver = make_case(), make_organisation(district="08115")
    values = {"municipality": places_of(receiver)[0].pk, "reason": "", "starts_on": TODAY.isoformat()}

    address = f"{_address('case_transfer', case)}?organisation={receiver.pk}"
    page = submit(client_of(case.opened_by.user), address, values)

    assert_refused(page, "reason", values)
    assert Transfer.objects.count() == 0


def test_offer_to_an_organisation_that_is_none_asks_again():
    case = make_case()

    page = _page(case.opened_by.user, f"{_address('case_transfer', case)}?organisation={case.organisation_id}")

    assert page.heading == "To which organisation?"
    assert page.field_error("organisation") != ""


# Deciding.


def test_list_without_any_transfer_says_so():
    page = _page(make_manager().user)

    assert [note.text for note in page.main.all("p", class_="pik-muted")] == [
        "No offer is waiting.",
        "You have offered no case. You do so on the page of the case.",
    ]


def test_manager_takes_an_offered_case_over():
    manager, (transfer,) = _received()

    page = _post(manager.user, "transfer_accept", transfer)

    assert page.messages == [f"You answer for case {transfer.case.code} from today on."]
    assert page.heading == f"Case {transfer.case.code}"


def test_offer_for_a_later_day_cannot_be_accepted_yet():
    manager = make_manager()
    transfer = make_transfer(receiver=manager.organisation, starts_on=TODAY + DAY)

    shown = _page(manager.user)
    page = _post(manager.user, "transfer_accept", transfer)

    assert "can be accepted from" in shown.main.text
    assert shown.all("form", action=_address("transfer_accept", transfer)) == []
    assert page.messages[0].startswith("This case is offered from")


def test_manager_declines_with_a_reason_only():
    manager, (transfer,) = _received()

    without = _post(manager.user, "transfer_decline", transfer)
    page = _post(manager.user, "transfer_decline", transfer, reason="not_arrived")

    assert without.messages == ["Choose the reason why the offer is declined."]
    assert page.messages == [f"Offer of case {transfer.case.code} declined."]
    (row,) = page.rows("decided-caption")
    assert row[0] == transfer.case.code
    assert row[3].startswith("declined on")
    assert row[3].endswith(": the person did not come to us")


def test_coordinator_sees_the_code_alone_and_names_who_takes_the_case():
    manager, (transfer,) = _received()
    coordinator = make_member("coordinator", manager.organisation)

    shown = _page(coordinator)
    without = _post(coordinator, "transfer_accept", transfer)
    page = _post(coordinator, "transfer_accept", transfer, manager=manager.pk)

    (offer,) = _offers(shown)
    assert offer.startswith(f"{transfer.case.code} · from {transfer.organisation.name}")
    assert not any(word in offer for word in (transfer.municipality.name, "moved", transfer.case.measure.name))
    assert without.messages == ["Choose the manager who takes the case over."]
    assert page.messages == [f"{manager.user.name} answers for case {transfer.case.code} from today on."]
    assert client_of(coordinator).get(_address("case_detail", transfer.case)).status_code == 403


def test_coordinator_finds_what_a_manager_decided_and_is_told_once_that_nothing_waits():
    manager, (transfer,) = _received()
    _post(manager.user, "transfer_accept", transfer)

    page = _page(make_member("coordinator", manager.organisation))

    assert [row[0] for row in page.rows("decided-caption")] == [transfer.case.code]
    assert "No offer is waiting." in page.text
    assert "0 cases are offered" not in page.text


def test_coordinator_is_told_who_of_the_managers_is_absent():
    manager, _transfers = _received()
    present = make_manager(organisation=manager.organisation)
    record_absence(manager=manager, kind="illness", starts_on=timezone.localdate(), ends_on=None)

    page = _page(make_member("coordinator", manager.organisation))

    names = [option.text for option in page.one("select", name="manager").all("option")]
    assert names == ["Please choose", present.user.name, f"{manager.user.name}, absent, end not known"]


def test_coordinator_names_nobody_of_another_organisation():
    manager, (transfer,) = _received()
    coordinator, stranger = make_member("coordinator", manager.organisation), make_manager()

    page = _post(coordinator, "transfer_accept", transfer, manager=stranger.pk)

    assert page.messages == ["Choose the manager who takes the case over."]


def test_giver_withdraws_and_nobody_else():
    manager, (transfer,) = _received()
    giver = transfer.offered_by.user

    refused = client_of(manager.user).post(_address("transfer_withdraw", transfer))
    page = _post(giver, "transfer_withdraw", transfer)

    assert refused.status_code == 404
    assert page.messages == [f"Offer withdrawn: case {transfer.case.code} stays with you."]


def test_second_decision_is_told_what_happened():
    manager, (transfer,) = _received()
    decline_transfer(transfer=transfer, reason="other", declined_by=manager.user)

    page = _post(transfer.offered_by.user, "transfer_withdraw", transfer)

    assert page.messages[0].startswith("This offer was declined on")


def test_giver_finds_only_the_fact_after_acceptance():
    manager, (transfer,) = _received()
    giver = transfer.offered_by.user
    _post(manager.user, "transfer_accept", transfer)

    page = _page(giver)

    (row,) = page.rows("decided-caption")
    assert row[:3] == [transfer.case.code, transfer.organisation.name, transfer.receiver.name]
    assert client_of(giver).get(_address("case_detail", transfer.case)).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("role", "queries"), [("manager", 6), ("coordinator", 6)])
def test_list_asks_as_often_for_one_transfer_as_for_three(rows, role, queries, django_assert_num_queries):
    manager, transfers = _received(2 * rows)
    user = manager.user if role == "manager" else make_member("coordinator", manager.organisation)
    for transfer in transfers[:rows]:
        decline_transfer(transfer=transfer, reason="other", declined_by=user)
        make_manager(organisation=manager.organisation)
        make_transfer(case=make_case(manager=manager))
    client = client_of(user)

    with django_assert_num_queries(queries):
        page = Page(client.get(LIST))

    assert len(page.rows("decided-caption")) == rows


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("name", "queries"), [("case_move", 7), ("case_transfer", 5)])
def test_pages_ask_as_often_for_one_place_as_for_three(rows, name, queries, django_assert_num_queries):
    case = make_case(manager=make_manager(organisation=make_organisation(district="08115")))
    for _number in range(rows):
        make_organisation()
    client = client_of(case.opened_by.user)

    with django_assert_num_queries(queries):
        response = client.get(_address(name, case))

    assert response.status_code == 200


def test_who_records_counts_alone_sees_and_decides_no_offer():
    manager = make_manager(measure="deutsch")
    transfer = make_transfer(receiver=manager.organisation)
    client = client_of(manager.user)

    page = Page(client.get(reverse("casework:transfer_list")))
    declined = client.post(reverse("casework:transfer_decline", args=[transfer.pk]), {"reason": "unknown"})

    assert transfer.case.code not in page.main.text
    assert declined.status_code == 404
    assert Transfer.objects.get().state == "offered"
    assert due_for(User.objects.get(pk=manager.user_id)) == []
