from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.models import Absence, Assignment, FundingRate, Manager, Post
from casework.services.posts import assign_manager
from pik.models import Membership, Organisation, User
from tests.factories import (
    make_free_manager,
    make_manager,
    make_member,
    make_membership,
    make_organisation,
    make_post,
    places_of,
)
from tests.forms import assert_refused, submit
from tests.pages import Page, client_of

pytestmark = pytest.mark.django_db
NEW = reverse("casework:post_new")
TODAY, DAY = timezone.localdate(), timedelta(days=1)
HALF = Decimal("0.50")
HOSTILE = "<script>alert('x')</script>"


def _address(name: str, row: Post | Assignment) -> str:
    return reverse(f"casework:{name}", args=[row.pk])


def _client(organisation: Organisation, name: str = "Cem Coord"):
    user = make_member("coordinator", organisation)
    User.objects.filter(pk=user.pk).update(name=name)
    return client_of(User.objects.get(pk=user.pk))


def _detail(post: Post, organisation: Organisation | None = None) -> Page:
    return Page(_client(organisation or post.organisation).get(_address("post_detail", post)))


def _book(post: Post, manager: Manager, fte=HALF, starts_on=TODAY, ends_on=None, booked_by=None) -> Assignment:
    return assign_manager(
        post=post, manager=manager, fte=fte, starts_on=starts_on, ends_on=ends_on, booked_by=booked_by
    )


def _facts(page: Page) -> dict[str, str]:
    return {row.one("dt").text: row.one("dd").text for row in page.one("dl", class_="pik-definition").all("div")}


def _links(page: Page) -> dict[str, str]:
    return {link.text: link["href"] for link in page.main.all("a")}


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

    response = _client(organisation).post(NEW, _entered(organisation), follow=True)

    post, page = Post.objects.get(), Page(response)
    assert (post.fte, post.reference, post.required_qualification) == (Decimal("0.75"), "IM-07", "b")
    assert response.redirect_chain == [(_address("post_detail", post), 302)]
    assert (page.heading, page.messages) == ("Post IM-07", ["Post IM-07 is entered."])
    assert _facts(page)["State today"] == "vacant"


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

    page = submit(_client(organisation), NEW, sent := _entered(organisation, **{field: value}))

    assert_refused(page, field, sent)
    assert Post.objects.count() == 0


def test_post_at_the_state_level_for_another_body_leads_a_kreis_back_to_the_board():
    kreis = make_organisation(district="08425")
    body = make_organisation(kind="association", district="08425")

    response = _client(kreis).post(NEW, _entered(body, measure="queer", municipalities=[]))

    assert Post.objects.get().organisation == body
    assert response["Location"] == reverse("casework:staffing")


# --- posts/<pk>/


def test_detail_of_a_vacant_post_offers_to_fill_it():
    post = make_post(organisation=make_organisation(district="08425"), reference="IM-07", required_qualification="b")

    page = _detail(post)

    links = _links(page)
    assert page.heading == "Post IM-07"
    assert _facts(page) == {
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
    assert links["Book somebody who is registered"] == _address("post_book", post)
    assert links["Change"] == _address("post_edit", post)
    assert links["Staffing"] == reverse("casework:staffing")


def test_detail_of_a_filled_post_offers_no_booking():
    page = _detail(make_manager().assignments.get().post)

    links = _links(page)
    assert (_facts(page)["State today"], _facts(page)["Free"]) == ("filled", "Nothing is free from today on.")
    assert {"Register a new person on this post", "Book somebody who is registered"} & links.keys() == set()


def test_detail_lists_bookings_the_latest_first_with_who_booked_them():
    post = make_post(reference="IM-07")
    ada, bo = (make_free_manager(post.organisation, name=name) for name in ("Ada Ahorn", "Bo Buche"))
    coordinator = make_member("coordinator", post.organisation)
    old = _book(post, ada, starts_on=date(2025, 1, 1), ends_on=TODAY - DAY)
    new = _book(post, bo, booked_by=coordinator)
    Absence.objects.create(manager=bo, kind="parental", starts_on=TODAY, ends_on=TODAY)

    page = _detail(post)

    rows = page.rows("bookings-caption")
    assert [row[:2] for row in rows] == [["Bo Buche", "0.50"], ["Ada Ahorn", "0.50"]]
    assert [row[4] for row in rows] == ["yes", "no"]
    assert rows[0][5].startswith(f"by {coordinator.name}, ")
    assert rows[1][6] == "has ended"
    links = _links(page)
    assert links["Bo Buche"] == reverse("casework:manager_detail", args=[bo.pk])
    assert links["Change share from a day : Bo Buche"] == _address("assignment_fte", new)
    assert links["Change the end : Bo Buche"] == _address("assignment_end", new)
    assert "End : Ada Ahorn" not in links
    assert old.pk != new.pk


def test_detail_tells_nobody_why_somebody_is_absent():
    provider = make_organisation(kind="provider")
    kreis = make_organisation(district="08425")
    manager = make_manager(organisation=provider, municipalities=places_of(kreis))
    Absence.objects.create(manager=manager, kind="parental", starts_on=TODAY, ends_on=TODAY)
    post = manager.assignments.get().post

    pages = [_detail(post), _detail(post, kreis)]

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
        _book(post, manager, starts_on=date(TODAY.year - 1, 7, 1), ends_on=date(TODAY.year, 12, 31))
    year = TODAY.year

    page = _detail(post)

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
    _book(post, make_free_manager(post.organisation, qualification="a"), starts_on=date(TODAY.year, 1, 1))

    page = _detail(post)

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

    page = _detail(manager.assignments.get().post)

    assert [row[5] for row in page.rows(f"amounts-{TODAY.year}-heading")] == ["–"]


def test_detail_of_a_post_to_come_and_of_one_long_gone_has_no_amount():
    coming = make_post(starts_on=date(TODAY.year + 1, 1, 1))
    gone = make_post(organisation=coming.organisation, starts_on=date(2020, 1, 1), ends_on=date(2020, 12, 31))

    for post, state in ((coming, "not yet begun"), (gone, "ended")):
        page = _detail(post)

        assert _facts(page)["State today"] == state
        assert "The post runs neither this year nor did it last year." in [node.text for node in page.main.all("p")]


def test_names_on_the_pages_of_a_post_are_text_and_nothing_else():
    post = make_post(reference=HOSTILE)
    manager = make_free_manager(post.organisation, name=HOSTILE)
    assignment = _book(post, manager)
    client = _client(post.organisation)

    addresses = [_address(name, post) for name in ("post_detail", "post_edit", "post_book")]
    addresses += [_address(name, assignment) for name in ("assignment_fte", "assignment_end")]
    addresses.append(f"{reverse('casework:manager_new')}?post={post.pk}")
    pages = [Page(client.get(address)) for address in addresses]

    for page in pages:
        assert page.all("script", where=lambda node: "src" not in node.attrs) == []
    assert pages[0].heading == f"Post {HOSTILE}"


# --- posts/<pk>/edit/, posts/<pk>/book/


def test_post_is_changed_and_its_form_begins_with_what_holds():
    post = make_post(organisation=make_organisation(district="08425"), reference="IM-07", required_qualification="c")
    client, address = _client(post.organisation), _address("post_edit", post)

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
    client, address = _client(post.organisation), _address("post_edit", post)
    sent = {"fte": "0.50", "municipalities": [post.municipalities.get().pk]}

    page = submit(client, address, sent)
    backward = submit(client, address, late := {**sent, "fte": "1.00", "ends_on": "2024-12-31"})

    assert_refused(page, "fte", sent, error="More than that is booked on this post.")
    assert_refused(backward, "ends_on", late)
    assert Post.objects.get().fte == Decimal("1.00")


def test_booking_form_offers_who_works_here_and_what_is_free():
    post = make_post()
    _book(post, make_free_manager(post.organisation, name="Zoe Zeder"), ends_on=date(2099, 12, 31))
    gone = make_free_manager(post.organisation, name="Gustav Gegangen")
    gone.user.memberships.update(ends_on=TODAY - DAY)
    make_free_manager(make_organisation(), name="Frida Fremd")
    ada = make_free_manager(post.organisation, name="Ada Ahorn")

    page = Page(_client(post.organisation).get(_address("post_book", post)))

    offered = [option.text.split(",")[0] for option in page.one("select", name="manager").all("option")]
    assert offered == ["Please choose", "Ada Ahorn", "Zoe Zeder"]
    values = page.values()
    assert (values["fte"], values["starts_on"], values["ends_on"]) == (["0.50"], [TODAY.isoformat()], [""])
    assert ada.assignments.count() == 0


@pytest.mark.parametrize("name", ["post_book", "manager_new"])
def test_form_for_a_full_post_says_who_holds_it_until_when(name):
    post = make_post(fte=Decimal("0.70"), ends_on=date(2099, 12, 31))
    _book(post, make_free_manager(post.organisation, name="Ada Ahorn"), ends_on=date(2099, 12, 31))
    _book(post, make_free_manager(post.organisation, name="Gustav Gegangen"), HALF, date(2025, 1, 1), TODAY - DAY)
    address = _address(name, post) if name == "post_book" else f"{reverse('casework:manager_new')}?post={post.pk}"
    client = _client(post.organisation)

    full = Page(client.get(address))
    post.assignments.all().delete()
    free = Page(client.get(address))

    assert "Booked: 0.50 FTE for Ada Ahorn until 31 Dec 2099. End one of the bookings" in full.main.text
    assert "Gustav Gegangen until" not in full.main.text
    assert "The post is full" not in free.main.text


def test_booking_form_says_of_whom_how_much_is_booked_already():
    post = make_post()
    _book(make_post(organisation=post.organisation), make_free_manager(post.organisation, name="Zoe Zeder"))
    make_free_manager(post.organisation, name="Ada Ahorn")

    page = Page(_client(post.organisation).get(_address("post_book", post)))

    offered = [option.text.split(", ") for option in page.one("select", name="manager").all("option")]
    assert [[words[0], *words[2:]] for words in offered] == [
        ["Please choose"],
        ["Ada Ahorn"],
        ["Zoe Zeder", "0.50 FTE booked"],
    ]


def test_who_is_booked_in_full_already_is_not_told_to_enter_less():
    post = make_post()
    ada = make_manager(organisation=post.organisation)
    sent = {"manager": ada.pk, "fte": "0.50", "starts_on": TODAY.isoformat(), "ends_on": ""}

    page = submit(_client(post.organisation), _address("post_book", post), sent)

    assert_refused(page, "fte", sent, error="fully booked in that time. Choose somebody else or other days.")


def test_person_is_booked_by_the_coordinator():
    post = make_post(reference="IM-07")
    ada = make_free_manager(post.organisation, name="Ada Ahorn")
    sent = {"manager": ada.pk, "fte": "0.50", "starts_on": TODAY.isoformat(), "ends_on": ""}

    response = _client(post.organisation).post(_address("post_book", post), sent, follow=True)

    assignment = Assignment.objects.get()
    assert (assignment.manager, assignment.fte, assignment.booked_by.name) == (ada, HALF, "Cem Coord")
    assert Page(response).messages == ["Ada Ahorn is booked on post IM-07."]


def test_coordinator_who_comes_second_is_told_by_whom_it_is_booked():
    post = make_post(fte=HALF)
    ada, bo = (make_free_manager(post.organisation, name=name) for name in ("Ada Ahorn", "Bo Buche"))
    address, sent = _address("post_book", post), {"fte": "0.50", "starts_on": TODAY.isoformat()}
    _client(post.organisation, "Dana Coord").post(address, {**sent, "manager": ada.pk})

    page = submit(_client(post.organisation), address, mine := {**sent, "manager": bo.pk})

    assert_refused(page, "fte", mine, error="This post is full in that time. Booked:")
    assert "0.50 FTE for Ada Ahorn without end (by Dana Coord" in page.field_error("fte")
    assert Assignment.objects.get().manager == ada


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("manager", ""),
        ("manager", "0"),
        ("fte", "0.24"),
        ("starts_on", ""),
        ("starts_on", "2024-12-31"),
        ("ends_on", (TODAY - DAY).isoformat()),
    ],
)
def test_wrong_booking_is_explained_and_nothing_typed_is_lost(field, value):
    post = make_post()
    ada = make_free_manager(post.organisation)
    sent = {"manager": ada.pk, "fte": "0.50", "starts_on": TODAY.isoformat(), "ends_on": "", field: value}

    page = submit(_client(post.organisation), _address("post_book", post), sent)

    assert_refused(page, field, sent)
    assert Assignment.objects.count() == 0


def test_person_of_another_organisation_cannot_be_booked():
    post, stranger = make_post(), make_free_manager(make_organisation())

    page = submit(
        _client(post.organisation),
        _address("post_book", post),
        sent := {"manager": stranger.pk, "fte": "0.50", "starts_on": TODAY.isoformat()},
    )

    assert_refused(page, "manager", sent)


# --- assignments/<pk>/fte/, assignments/<pk>/end/


@pytest.mark.parametrize("with_post", [False, True])
def test_share_is_changed_from_a_day_and_leads_to_the_post(with_post):
    assignment = make_manager(name="Ada Ahorn").assignments.get()
    sent = {"fte": "0.50", "starts_on": TODAY.isoformat()} | ({"with_post": "on"} if with_post else {})

    response = _client(assignment.post.organisation).post(_address("assignment_fte", assignment), sent, follow=True)

    old, new = Assignment.objects.order_by("starts_on")
    assert (old.ends_on, new.fte, new.starts_on, new.booked_by.name) == (TODAY - DAY, HALF, TODAY, "Cem Coord")
    assert (new.post == old.post, new.post.fte) == ((False, HALF) if with_post else (True, Decimal("1.00")))
    assert response.redirect_chain == [(_address("post_detail", new.post), 302)]
    assert Page(response).messages == ["The share of Ada Ahorn is changed."]


@pytest.mark.parametrize(
    ("field", "value"),
    [("fte", "1.00"), ("fte", "1.01"), ("starts_on", ""), ("starts_on", "2024-12-31"), ("with_post", "on")],
)
def test_wrong_change_of_a_share_is_explained_at_its_field(field, value):
    assignment = make_manager().assignments.get()
    post = assignment.post
    Post.objects.filter(pk=post.pk).update(fte=Decimal("1.00"))
    sent = {"fte": "0.50", "starts_on": TODAY.isoformat(), field: value}
    if field == "with_post":
        assignment.fte = HALF
        assignment.save()
        _book(post, make_free_manager(post.organisation))
        sent["fte"] = "0.25"

    page = submit(_client(post.organisation), _address("assignment_fte", assignment), sent)

    assert_refused(page, field, sent)


def test_booking_is_ended_on_a_day():
    assignment = make_manager(name="Ada Ahorn").assignments.get()
    client = _client(assignment.post.organisation)

    response = client.post(_address("assignment_end", assignment), {"ends_on": TODAY.isoformat()}, follow=True)

    assert Assignment.objects.get().ends_on == TODAY
    assert Page(response).messages == ["The end of the booking of Ada Ahorn is noted."]


def test_booking_is_taken_back_by_the_day_before_it_begins_and_not_by_a_slip():
    assignment = make_manager(name="Ada Ahorn").assignments.get()
    client, address = _client(assignment.post.organisation), _address("assignment_end", assignment)

    refused = submit(client, address, sent := {"ends_on": "2024-12-30"})
    kept = Assignment.objects.count()
    response = client.post(address, {"ends_on": "2024-12-31"}, follow=True)

    assert_refused(refused, "ends_on", sent, error="The booking begins on")
    assert (kept, Assignment.objects.count()) == (1, 0)
    assert Page(response).messages == ["The booking of Ada Ahorn is taken back."]


def test_booking_cannot_last_longer_than_its_post():
    assignment = make_manager(ends_on=TODAY).assignments.get()

    page = submit(
        _client(assignment.post.organisation),
        _address("assignment_end", assignment),
        sent := {"ends_on": (TODAY + DAY).isoformat()},
    )

    assert_refused(page, "ends_on", sent, error="The post ends on")


# --- managers/new/?post=


def _register(post: Post) -> str:
    return f"{reverse('casework:manager_new')}?post={post.pk}"


def test_registration_on_a_post_asks_for_the_person_and_shows_the_post():
    post = make_post(organisation=make_organisation(district="08425"), fte=Decimal("0.75"))

    page = Page(_client(post.organisation).get(_register(post)))

    values, facts = page.values(), _facts(page)
    assert values == {
        "name": [""],
        "email": [""],
        "qualification": [""],
        "qualification_proven_on": [""],
        "fte": ["0.75"],
        "starts_on": [TODAY.isoformat()],
        "ends_on": [""],
    }
    assert (facts["Employer"], facts["Measure"]) == (post.organisation.name, "Integration management")
    assert facts["Municipalities served"] == post.municipalities.get().name


def test_person_is_registered_on_the_post_with_the_qualification():
    post = make_post()
    sent = {
        "name": "Ottilie Neu",
        "email": "ottilie@pik.example",
        "qualification": "b",
        "qualification_proven_on": TODAY.isoformat(),
        "fte": "0.50",
        "starts_on": TODAY.isoformat(),
    }

    response = _client(post.organisation).post(_register(post), sent)

    assignment = Assignment.objects.get()
    manager = assignment.manager
    assert (assignment.post, assignment.fte, assignment.booked_by.name) == (post, HALF, "Cem Coord")
    assert (manager.qualification, manager.qualification_proven_on) == ("b", TODAY)
    assert response["Location"] == reverse("casework:manager_detail", args=[manager.pk])
    assert Post.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("email", "taken@pik.example"),
        ("fte", "0.75"),
        ("starts_on", "2024-12-31"),
        ("qualification", "c"),
        ("qualification_proven_on", (TODAY + DAY).isoformat()),
    ],
)
def test_wrong_registration_on_a_post_is_explained_at_its_field(field, value):
    post = make_post(required_qualification="b")
    _book(post, make_free_manager(post.organisation))
    make_membership(
        user=User.objects.create_user(email="taken@pik.example", name="Taken"), role=Membership.Role.AUDITOR
    )
    sent = {
        "name": "Ottilie Neu",
        "email": "ottilie@pik.example",
        "qualification": "a",
        "fte": "0.50",
        "starts_on": TODAY.isoformat(),
        field: value,
    }

    page = submit(_client(post.organisation), _register(post), sent)

    assert_refused(page, field, sent)
    assert Assignment.objects.count() == 1


def test_registration_on_a_post_of_others_or_none_is_not_found():
    foreign = make_post()
    client = _client(make_organisation())

    statuses = [
        client.get(reverse("casework:manager_new"), {"post": post}).status_code
        for post in (foreign.pk, "0", "x", "", "-1", "²", "9" * 30)
    ]

    assert statuses == [404] * 7


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
        assignment = _book(post, manager, Decimal("0.25"), booked_by=make_member("coordinator", organisation))
        Absence.objects.create(manager=manager, kind="other", starts_on=TODAY)
    client = _client(organisation)
    address = {
        "post_new": NEW,
        "manager_new": _register(post),
        "assignment_fte": _address("assignment_fte", assignment),
        "assignment_end": _address("assignment_end", assignment),
    }.get(name) or _address(name, post)

    with django_assert_num_queries(queries):
        response = client.get(address)

    assert response.status_code == 200
