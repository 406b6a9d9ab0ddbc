from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.models import Absence, FundingRate, Post
from pik.models import Organisation
from tests.bookings import book
from tests.factories import (
    make_free_manager,
    make_manager,
    make_member,
    make_organisation,
    make_post,
    places_of,
)
from tests.forms import assert_refused, submit
from tests.pages import Page
from tests.post_pages import address_of, coordinator_client, detail_page, facts_of, links_of

pytestmark = pytest.mark.django_db
NEW = reverse("casework:post_new")
TODAY, DAY = timezone.localdate(), timedelta(days=1)
HALF = Decimal("0.50")
HOSTILE = "<script>alert('x')</script>"


# --- posts/new/


def _entered(organisation: Organisation, /, **overrides: object) -> dict[str, object]:
    values = {
        "organisation": organisation.pk,
        "measure": "im",
        "fte": "0.75",
        "starts_on": TODAY.isoformat(),
        "ends_on": "",
        "reference": "IM-07",
        "required_qualification": "b",
        "municipalities": [place.pk for place in places_of(organisation, 2)],
    }
    return {**values, **overrides}


def test_vacant_post_is_entered_and_shown():
    organisation = make_organisation(district="08425")

    response = coordinator_client(organisation).post(NEW, _entered(organisation), follow=True)

    post, page = Post.objects.get(), Page(response)
    assert (post.fte, post.reference, post.required_qualification) == (Decimal("0.75"), "IM-07", "b")
    assert response.redirect_chain == [(address_of("post_detail", post), 302)]
    assert (page.heading, page.messages) == ("Post IM-07", [f"Post IM-07 of {organisation.name} is entered."])
    assert facts_of(page)["State today"] == "vacant"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("organisation", ""),
        ("organisation", "0"),
        ("measure", "unknown"),
        ("fte", "0.24"),
        ("fte", "NaN"),
        ("starts_on", "2016-12-31"),
        ("starts_on", ""),
        ("ends_on", (TODAY - DAY).isoformat()),
        ("reference", "x" * 31),
        ("reference", "\x00"),
        ("required_qualification", "z"),
        ("municipalities", []),
        ("municipalities", ["08111000"]),
    ],
)
def test_wrong_post_is_explained_and_nothing_typed_is_lost(field, value):
    organisation = make_organisation(district="08425")

    page = submit(coordinator_client(organisation), NEW, sent := _entered(organisation, **{field: value}))

    assert_refused(page, field, sent)
    assert Post.objects.count() == 0


def test_form_sent_twice_makes_one_post_and_a_new_form_another():
    organisation = make_organisation(district="08425")
    client = coordinator_client(organisation)
    first, second = (Page(client.get(NEW)).values()["entry_key"] for _form in range(2))

    for key in (first, first, second):
        response = client.post(NEW, _entered(organisation, reference="", entry_key=key[0]), follow=True)

    assert first != second
    assert Post.objects.count() == 2
    assert Page(response).messages == [f"Post S-{Post.objects.latest('pk').pk} of {organisation.name} is entered."]


def test_corrected_form_keeps_its_key():
    organisation = make_organisation(district="08425")
    client = coordinator_client(organisation)
    key = Page(client.get(NEW)).values()["entry_key"]

    page = submit(client, NEW, _entered(organisation, fte="9", entry_key=key[0]))

    assert page.values()["entry_key"] == key


def test_post_that_nobody_was_booked_on_is_taken_back_after_asking():
    post = make_post(organisation=make_organisation(district="08425"), reference="IM-07")
    client, address = coordinator_client(post.organisation), address_of("post_withdraw", post)

    shown = detail_page(post)
    asked = Page(client.get(address))
    page = Page(response := client.post(address, follow=True))

    assert links_of(shown)["Take the post back"] == address
    assert "removed, as if it had never been entered" in asked.main.text
    assert response.redirect_chain == [(reverse("casework:staffing"), 302)]
    assert (page.messages, Post.objects.count()) == (["Post IM-07 is taken back."], 0)


def test_post_with_a_booking_is_not_taken_back_and_not_offered_to_be():
    post = make_manager().assignments.get().post
    client, address = coordinator_client(post.organisation), address_of("post_withdraw", post)

    page = Page(client.post(address, follow=True))

    assert "Take the post back" not in links_of(page)
    assert page.messages == ["Somebody is or was booked on this post, so it stays. Give it a last day instead."]
    assert Post.objects.count() == 1


def test_post_at_the_state_level_for_another_body_leads_a_kreis_back_to_the_board():
    kreis = make_organisation(district="08425")
    body = make_organisation(kind="association", district="08425")

    response = coordinator_client(kreis).post(NEW, _entered(body, measure="queer", municipalities=[]))

    assert Post.objects.get().organisation == body
    assert response["Location"] == reverse("casework:staffing")


# --- posts/<pk>/


def test_detail_of_a_vacant_post_offers_to_fill_it():
    post = make_post(organisation=make_organisation(district="08425"), reference="IM-07", required_qualification="b")

    page = detail_page(post)

    links = links_of(page)
    assert page.heading == "Post IM-07"
    assert facts_of(page) == {
        "State today": "vacant",
        "Free": f"From {TODAY:%-d %b %Y} 1.00 FTE are free.",
        "Size of the post": "1.00 FTE",
        "Period": "from 1 Jan 2025, no end",
        "Employer": post.organisation.name,
        "Measure": "Integration management",
        "Funded by": "Alb-Donau-Kreis",
        "Municipalities served": post.municipalities.get().name,
        "Required qualification": "(b) other suitable degree",
    }
    assert links["Register a new person on this post"] == f"{reverse('casework:manager_new')}?post={post.pk}"
    assert links["Book somebody who is registered"] == address_of("post_book", post)
    assert links["Change"] == address_of("post_edit", post)
    assert links["Staffing"] == reverse("casework:staffing")


def test_detail_of_a_filled_post_offers_no_booking():
    page = detail_page(make_manager().assignments.get().post)

    links = links_of(page)
    assert (facts_of(page)["State today"], facts_of(page)["Free"]) == ("filled", "Nothing is free from today on.")
    assert {"Register a new person on this post", "Book somebody who is registered"} & links.keys() == set()


def test_detail_lists_bookings_the_latest_first_with_who_booked_them():
    post = make_post(reference="IM-07")
    ada, bo = (make_free_manager(post.organisation, name=name) for name in ("Ada Ahorn", "Bo Buche"))
    coordinator = make_member("coordinator", post.organisation)
    old = book(post, ada, starts_on=date(2025, 1, 1), ends_on=TODAY - DAY)
    new = book(post, bo, booked_by=coordinator)
    Absence.objects.create(manager=bo, kind="parental", starts_on=TODAY, ends_on=TODAY)

    page = detail_page(post)

    rows = page.rows("bookings-caption")
    assert [row[:2] for row in rows] == [["Bo Buche", "0.50"], ["Ada Ahorn", "0.50"]]
    assert [row[4] for row in rows] == ["yes", "no"]
    assert rows[0][5].startswith(f"by {coordinator.name}, ")
    assert rows[1][6] == "has ended"
    links = links_of(page)
    assert links["Bo Buche"] == reverse("casework:manager_detail", args=[bo.pk])
    assert links["Change share from a day : Bo Buche"] == address_of("assignment_fte", new)
    assert links["Change the end : Bo Buche"] == address_of("assignment_end", new)
    assert "End : Ada Ahorn" not in links
    assert old.pk != new.pk


def test_detail_tells_nobody_why_somebody_is_absent():
    provider = make_organisation(kind="provider")
    kreis = make_organisation(district="08425")
    manager = make_manager(organisation=provider, municipalities=places_of(kreis))
    Absence.objects.create(manager=manager, kind="parental", starts_on=TODAY, ends_on=TODAY)
    post = manager.assignments.get().post

    pages = [detail_page(post), detail_page(post, kreis)]

    assert [page.rows("bookings-caption")[0][4] for page in pages] == ["yes", "yes"]
    assert [page for page in pages if "Parental" in page.text] == []


def _rate(amount: str = "64000.00", **overrides: object) -> FundingRate:
    values = {"starts_on": date(TODAY.year, 1, 1), "qualification": "a", "source": "decision of the Land"}
    return FundingRate.objects.create(measure_id="im", amount=Decimal(amount), **{**values, **overrides})


def test_detail_shows_the_fixed_amount_of_this_year_and_that_there_was_no_rate_before():
    FundingRate.objects.all().delete()
    _rate()
    post = make_post()
    ada = make_free_manager(post.organisation, name="Ada Ahorn", qualification="a")
    bo = make_free_manager(post.organisation, name="Bo Buche")
    for manager in (ada, bo):
        book(post, manager, starts_on=date(TODAY.year - 1, 7, 1), ends_on=date(TODAY.year, 12, 31))
    year = TODAY.year

    page = detail_page(post)

    days = str((date(year + 1, 1, 1) - date(year, 1, 1)).days)
    degree = "(a) degree in a listed social subject"
    assert page.rows(f"amounts-{year}-heading") == [
        ["Ada Ahorn", degree, "0.50", days, "64,000.00", "32,000.00"],
        ["Bo Buche", "not known yet, so no amount", "0.50", days, "–", "–"],
    ]
    assert page.rows(f"amounts-{year}-heading", "tfoot") == [["Total of the amounts that are known", "32,000.00"]]
    assert page.rows(f"amounts-{year - 1}-heading") == [
        ["Ada Ahorn", degree, "0.50", "184", "–", "–"],
        ["Bo Buche", "not known yet, so no amount", "0.50", "184", "–", "–"],
        ["vacant", "–", "1.00", "181", "–", "–"],
    ]
    sentences = [node.text for node in page.main.all("p")]
    assert [text for text in sentences if "rate for" in text] == [
        f"There is no rate for {year - 1} yet. The ministry enters it on its page “Rates”."
    ]


def test_detail_names_the_qualification_without_a_rate_and_shows_no_total_of_nothing():
    FundingRate.objects.all().delete()
    _rate(qualification="b")
    post = make_post()
    book(post, make_free_manager(post.organisation, qualification="a"), starts_on=date(TODAY.year, 1, 1))

    page = detail_page(post)

    degree = "(a) degree in a listed social subject"
    assert f"For days of {TODAY.year} there is no rate for: {degree}. The ministry enters it on its page “Rates”." in [
        node.text for node in page.main.all("p")
    ]
    assert page.rows(f"amounts-{TODAY.year}-heading", "tfoot") == []


def test_rate_of_another_measure_gives_no_amount():
    FundingRate.objects.all().delete()
    FundingRate.objects.create(
        measure_id="deutsch", qualification="a", amount=Decimal(1), starts_on=date(2025, 1, 1), source="x"
    )
    manager = make_manager(qualification="a")

    page = detail_page(manager.assignments.get().post)

    assert [row[5] for row in page.rows(f"amounts-{TODAY.year}-heading")] == ["–"]


def test_detail_of_a_post_to_come_and_of_one_long_gone_has_no_amount():
    coming = make_post(starts_on=date(TODAY.year + 1, 1, 1))
    gone = make_post(organisation=coming.organisation, starts_on=date(2020, 1, 1), ends_on=date(2020, 12, 31))

    for post, state in ((coming, "not yet begun"), (gone, "ended")):
        page = detail_page(post)

        assert facts_of(page)["State today"] == state
        assert "The post runs neither this year nor did it last year." in [node.text for node in page.main.all("p")]


def test_names_on_the_pages_of_a_post_are_text_and_nothing_else():
    post = make_post(reference=HOSTILE)
    manager = make_free_manager(post.organisation, name=HOSTILE)
    assignment = book(post, manager)
    client = coordinator_client(post.organisation)

    addresses = [address_of(name, post) for name in ("post_detail", "post_edit", "post_book")]
    addresses += [address_of(name, assignment) for name in ("assignment_fte", "assignment_end")]
    addresses.append(f"{reverse('casework:manager_new')}?post={post.pk}")
    pages = [Page(client.get(address)) for address in addresses]

    for page in pages:
        assert page.all("script", where=lambda node: "src" not in node.attrs) == []
    assert pages[0].heading == f"Post {HOSTILE}"


# --- posts/<pk>/edit/


def test_post_is_changed_and_its_form_begins_with_what_holds():
    post = make_post(organisation=make_organisation(district="08425"), reference="IM-07", required_qualification="c")
    client, address = coordinator_client(post.organisation), address_of("post_edit", post)

    held = Page(client.get(address)).values()
    response = client.post(address, {**held, "fte": "0.50", "reference": "IM-08"}, follow=True)

    assert held == {
        "fte": ["1.00"],
        "ends_on": [""],
        "reference": ["IM-07"],
        "required_qualification": ["c"],
        "municipalities": [post.municipalities.get().pk],
    }
    assert Page(response).messages == ["Post IM-08 changed."]
    changed = Post.objects.get()
    assert (changed.fte, changed.reference, changed.starts_on) == (HALF, "IM-08", post.starts_on)


def test_post_that_would_not_hold_its_people_is_not_changed():
    post = make_manager(organisation=make_organisation(district="08425")).assignments.get().post
    client, address = coordinator_client(post.organisation), address_of("post_edit", post)
    sent = {"fte": "0.50", "municipalities": [post.municipalities.get().pk]}

    page = submit(client, address, sent)
    backward = submit(client, address, late := {**sent, "fte": "1.00", "ends_on": "2024-12-31"})

    assert_refused(page, "fte", sent, error="More than that is booked on this post.")
    assert_refused(backward, "ends_on", late)
    assert Post.objects.get().fte == Decimal("1.00")


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("name", "queries"),
    [
        ("post_detail", 8),
        ("post_edit", 6),
        ("post_book", 8),
        ("assignment_fte", 4),
        ("assignment_end", 4),
        ("post_new", 8),
        ("manager_new", 6),
    ],
)
def test_pages_ask_as_often_for_one_booking_as_for_three(rows, name, queries, django_assert_num_queries):
    organisation = make_organisation(district="08425")
    post = make_post(organisation=organisation, municipalities=places_of(organisation, rows))
    _rate()
    for _number in range(rows):
        manager = make_free_manager(organisation, qualification="a")
        assignment = book(post, manager, Decimal("0.25"), booked_by=make_member("coordinator", organisation))
        Absence.objects.create(manager=manager, kind="other", starts_on=TODAY)
    client = coordinator_client(organisation)
    address = {
        "post_new": NEW,
        "manager_new": f"{reverse('casework:manager_new')}?post={post.pk}",
        "assignment_fte": address_of("assignment_fte", assignment),
        "assignment_end": address_of("assignment_end", assignment),
    }.get(name) or address_of(name, post)

    with django_assert_num_queries(queries):
        response = client.get(address)

    assert response.status_code == 200
