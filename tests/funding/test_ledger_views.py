from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from funding.models import Budget, LedgerEntry
from funding.services.ledger import correct_award
from pik.models import AccessRecord, Organisation
from tests.factories import make_member, make_organisation
from tests.funding.land import ALB_DONAU, BIBERACH, award
from tests.pages import Page, client_of, csv_rows

pytestmark = pytest.mark.django_db
LEDGER = reverse("funding:ledger")
EXPORT = reverse("funding:ledger_export")
OF_THE_PACT = 11


def _rows(page: Page) -> list[list[str]]:
    return page.rows("ledger-caption") if page.all("table") else []


def _kreis() -> Organisation:
    return make_organisation(district=ALB_DONAU)


def test_ministry_sees_all_bookings_the_latest_first_with_their_sums():
    entry = award(_kreis(), "1000.01", year=2026)

    page = Page(client_of(make_member("ministry")).get(LEDGER))

    assert len(_rows(page)) == OF_THE_PACT + 1 == LedgerEntry.objects.count()
    first = _rows(page)[0]
    assert (first[0], first[2:8]) == (
        f"{entry.pk}",
        ["Award", "Integration management", "2026", entry.recipient.name, "1,000.01", "share of the Kreis"],
    )
    assert first[8] == entry.booked_by.name
    assert {row[8] for row in _rows(page)[1:]} == {"with the pact"}
    assert page.tiles == [
        ("Budget in this selection", "€124,140,000.00"),
        ("Awarded in this selection", "€1,000.01"),
    ]


def test_coordinators_see_the_awards_of_their_house_alone():
    kreis, body = _kreis(), make_organisation(kind="municipality", district=ALB_DONAU)
    foreign = make_organisation(district=BIBERACH)
    for organisation in (kreis, body, foreign):
        award(organisation, "10.00")

    def seen(organisation: Organisation) -> set[str]:
        return {row[5] for row in _rows(Page(client_of(make_member("coordinator", organisation)).get(LEDGER)))}

    assert seen(kreis) == {kreis.name, body.name}
    assert seen(body) == {body.name}
    assert seen(foreign) == {foreign.name}


def test_correction_is_a_booking_that_names_the_one_it_corrects():
    entry = award(_kreis(), "10.00")
    correct_award(entry=entry, amount=Decimal("-2.50"), reason="typing error", booked_by=make_member("ministry"))

    page = Page(client_of(make_member("auditor")).get(LEDGER, {"kind": "award"}))

    assert [(row[2], row[6]) for row in _rows(page)] == [(f"Award, corrects {entry.pk}", "−2.50"), ("Award", "10.00")]
    assert page.tiles == [("Awarded in this selection", "€7.50")]


def test_choice_limits_rows_sums_and_download_alike():
    kreis = _kreis()
    award(kreis, "10.00", year=2025)
    award(kreis, "20.00", year=2026)
    award(kreis, "30.00", measure="deutsch", year=2026)
    client = client_of(make_member("ministry"))

    page = Page(client.get(LEDGER, {"year": "2026", "measure": "im"}))
    rows = csv_rows(client.get(page.one("a", download="")["href"]))[1:]

    assert [row[6] for row in _rows(page)] == ["20.00", "58,000,000.00"]
    assert [row[6] for row in rows] == ["20.00", "58000000.00"]
    assert page.tiles == [
        ("Budget in this selection", "€58,000,000.00"),
        ("Awarded in this selection", "€20.00"),
    ]


@pytest.mark.parametrize("value", ["nothing", "\x00", "9" * 30, "<script>alert(1)</script>", "' OR 1=1 --"])
@pytest.mark.parametrize("name", ["year", "measure", "kind", "page"])
def test_choice_that_is_not_offered_limits_nothing(name, value):
    client = client_of(make_member("ministry"))

    page, export = Page(client.get(LEDGER, {name: value})), client.get(EXPORT, {name: value})

    assert len(_rows(page)) == len(csv_rows(export)) - 1 == OF_THE_PACT
    assert page.all("script", where=lambda node: "src" not in node.attrs) == []


def test_empty_choice_says_so():
    page = Page(client_of(make_member("ministry")).get(LEDGER, {"kind": "award"}))

    assert _rows(page) == []
    assert "No booking in this selection." in page.main.text


def test_second_page_keeps_the_choice():
    kreis = _kreis()
    for _number in range(51):
        award(kreis, "1.00")
    client = client_of(make_member("ministry"))

    first = Page(client.get(LEDGER, {"kind": "award"}))
    second = Page(client.get(LEDGER + first.one("a", rel="next")["href"]))

    assert [len(_rows(page)) for page in (first, second)] == [50, 1]


def test_download_has_every_booking_of_every_page_and_is_logged():
    kreis = _kreis()
    entries = [award(kreis, "1.00") for _number in range(51)]
    user = make_member("coordinator", kreis)

    head, *rows = csv_rows(client_of(user).get(EXPORT))

    assert head[-4:] == ["Amount (EUR)", "Reason", "Corrects", "Booked by"]
    assert [row[0] for row in rows] == [str(entry.pk) for entry in reversed(entries)]
    assert list(AccessRecord.objects.values_list("user", "subject", "organisation")) == [(user.pk, "ledger", kreis.pk)]


def test_words_of_people_start_no_formula_and_no_script():
    kreis = _kreis()
    Organisation.objects.filter(pk=kreis.pk).update(name="=HYPERLINK(1)")
    LedgerEntry.objects.create(
        kind="award",
        budget=Budget.objects.get(measure="im", year=2025),
        recipient=kreis,
        amount=Decimal("1.00"),
        reason="@SUM(A1)<script>alert(1)</script>",
        booked_by=make_member("ministry"),
    )
    client = client_of(make_member("ministry"))

    row = csv_rows(client.get(EXPORT))[1]
    page = Page(client.get(LEDGER))

    assert (row[5], row[7]) == ("'=HYPERLINK(1)", "'@SUM(A1)<script>alert(1)</script>")
    assert _rows(page)[0][7] == "@SUM(A1)<script>alert(1)</script>"
    assert page.all("script", where=lambda node: "src" not in node.attrs) == []


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("address", "queries"), [(LEDGER, 8), (EXPORT, 6)])
def test_pages_ask_as_often_for_one_booking_as_for_three(rows, address, queries, django_assert_num_queries):
    for _number in range(rows):
        award(make_organisation(), "1.00", year=2026)
    client = client_of(make_member("ministry"))

    with django_assert_num_queries(queries):
        response = client.get(address, {"kind": "award", "year": "2026"})

    assert response.content.decode().count("share of the Kreis") == rows
    assert timezone.localdate() >= LedgerEntry.objects.first().booked_at.date()
