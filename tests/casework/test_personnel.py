from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.models import Manager
from casework.personnel import ProofLine, proof_lines
from casework.services.cases import close_case
from casework.services.figures import refresh_changed_figures
from casework.services.handovers import hand_over
from casework.services.plans import make_plan
from pik.models import AccessRecord, Measure, User
from pik.months import add_months, month_of
from tests.factories import end_employment, make_case, make_contact, make_manager, make_member, make_organisation
from tests.forms import assert_refused, submit
from tests.pages import Page, client_of, csv_rows

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)
FIGURES = reverse("casework:figure_list")


def _coordinator(manager: Manager) -> User:
    return make_member("coordinator", manager.organisation)


def _page(manager: Manager, name: str = "manager_detail", **query: object) -> Page:
    client = client_of(_coordinator(manager))
    return Page(client.get(reverse(f"casework:{name}", args=[manager.pk]), query))


def test_qualification_is_noted_with_its_evidence_and_asked_for_until_then():
    manager = make_manager()
    address = reverse("casework:manager_qualification", args=[manager.pk])
    client = client_of(_coordinator(manager))

    before = _page(manager)
    page = Page(client.post(address, {"qualification": "b", "proven_on": "2020-07-01"}, follow=True))

    manager.refresh_from_db()
    assert "There is no evidence of the qualification." in before.main.text
    assert "There is no evidence of the qualification." not in page.main.text
    assert (manager.qualification, manager.qualification_proven_on) == ("b", date(2020, 7, 1))
    assert "evidence of 1 Jul 2020" in page.main.text


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("qualification", {"qualification": ""}),
        ("qualification", {"qualification": "z"}),
        ("proven_on", {"proven_on": "soon"}),
        ("proven_on", {"proven_on": (TODAY + DAY).isoformat()}),
    ],
)
def test_wrong_qualification_is_explained(field, values):
    manager = make_manager()
    sent = {"qualification": "a", "proven_on": "2020-07-01", **values}

    page = submit(client_of(_coordinator(manager)), reverse("casework:manager_qualification", args=[manager.pk]), sent)

    assert_refused(page, field, sent)
    manager.refresh_from_db()
    assert (manager.qualification, manager.qualification_proven_on) == ("", None)


def test_access_that_outlives_the_booking_is_pointed_out():
    manager, left = make_manager(), make_manager()
    manager.assignments.update(ends_on=TODAY - DAY)
    end_employment(left, TODAY - DAY)

    yesterday = TODAY - DAY
    warning = f"The last booking ended on {yesterday.day} {yesterday:%b %Y}, but the person still has access."

    assert warning in _page(manager).main.text
    assert warning not in _page(left).main.text


def test_person_without_any_post_is_seen_by_the_kreis_around_the_employer():
    kreis = make_organisation(district="08425")
    manager = make_manager(organisation=make_organisation(kind="municipality", district="08425"), measure="queer")
    coordinator = make_member("coordinator", kreis)

    booked = list(Manager.objects.visible_to(coordinator))
    manager.assignments.all().delete()

    assert (booked, list(Manager.objects.visible_to(coordinator))) == ([], [manager])


def _worked() -> Manager:
    """Somebody with two contacts this month and one plan that runs."""
    case = make_case()
    make_contact(case=case, minutes=20)
    make_contact(case=case, minutes=40)
    make_plan(case=case, agreed_on=TODAY)
    make_contact()
    refresh_changed_figures()
    return case.opened_by


def test_own_figures_are_shown_month_by_month_and_as_csv():
    manager = _worked()
    client = client_of(manager.user)

    page = Page(client.get(FIGURES))
    rows = page.rows("figures-caption")
    lines = csv_rows(client.get(reverse("casework:figure_export")))

    assert (len(rows), rows[0][1:], rows[1][1:]) == (13, ["2", "60", "1", "0", "1"], ["0"] * 5)
    assert "it is new or ended in neither month" in page.text
    assert lines[1] == [f"{TODAY:%Y-%m}", "2", "60", "1", "0", "1"]
    assert len(lines) == 14
    record = AccessRecord.objects.get()
    assert (record.user, record.organisation, record.action) == (manager.user, manager.organisation, "export")


def test_proof_shows_the_figures_of_one_person_and_is_noted():
    manager = _worked()

    client = client_of(_coordinator(manager))
    page = Page(client.get(reverse("casework:manager_proof", args=[manager.pk]), {"year": TODAY.year}))

    record = AccessRecord.objects.get()
    log = Page(client.get(reverse("access_log")))
    assert [row[1:] for row in page.rows("proof-caption")] == [["2", "1", "0", "1"]]
    assert (record.action, record.person, record.organisation) == ("proof_read", manager.user, manager.organisation)
    assert [cell.text for cell in log.one("tbody").one("tr").all("td")][1:3] == [
        "Figures of a person read",
        f"For the proof of use, {TODAY.year}: {manager.user.name}",
    ]


@pytest.mark.parametrize("year", ["1999", "x", "\x00", ""])
def test_proof_of_a_year_that_is_not_offered_is_that_of_the_latest(year):
    manager = _worked()

    page = _page(manager, "manager_proof", year=year)

    assert page.values(of="get")["year"] == [str(TODAY.year)]


def test_plan_that_is_passed_on_is_new_with_one_and_continued_with_the_other():
    giver = make_manager()
    receiver = make_manager(organisation=giver.organisation)
    case, ended = make_case(manager=giver), make_case(manager=giver)
    for each in (case, ended):
        make_plan(case=each, agreed_on=TODAY)
    close_case(case=ended, closed_on=TODAY, reason="moved")
    coordinator = _coordinator(giver)
    hand_over(manager=giver, starts_on=TODAY, reason="balance", decided_by=coordinator, rest=receiver)
    refresh_changed_figures()

    lines = {manager: proof_lines(manager, reader=coordinator, year=TODAY.year) for manager in (giver, receiver)}

    measure = Measure.objects.get(code="im")
    # New plans count for who answers on the day, which is the receiver from today on.
    assert lines[receiver] == [ProofLine(measure, 0, 1, 0, 1)]
    assert lines[giver] == [ProofLine(measure, 0, 1, 0, 0)]


def test_own_figures_ask_as_often_for_one_month_as_for_three(django_assert_num_queries):
    manager = _worked()
    for months in (1, 2):
        day = add_months(month_of(TODAY), -months)
        make_contact(case=make_case(manager=manager, opened_on=day), date=day)
    refresh_changed_figures()
    client = client_of(manager.user)

    with django_assert_num_queries(5):
        response = client.get(FIGURES)

    assert response.status_code == 200
