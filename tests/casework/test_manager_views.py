from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from casework.models import Assignment, Manager, Post
from pik.models import Membership, User
from pik.people import send_due_invitations
from tests.factories import make_manager, make_member, make_organisation, make_user, places_of
from tests.forms import assert_refused, submit
from tests.pages import Page, client_of
from tests.world import give_post

pytestmark = pytest.mark.django_db
NEW = reverse("casework:manager_new")
LIST = reverse("casework:manager_list")
HOSTILE = "<script>alert('x')</script>"


def _coordinator(organisation=None) -> User:
    return make_member("coordinator", organisation)


def _entered(organisation, /, **overrides: object) -> dict[str, object]:
    values = {
        "name": "Ottilie Neu",
        "email": "Ottilie.Neu@pik.example",
        "organisation": organisation.pk,
        "measure": "im",
        "fte": "0.75",
        "starts_on": timezone.localdate().isoformat(),
        "ends_on": "",
        "municipalities": [place.pk for place in places_of(organisation, 2)],
    }
    return {**values, **overrides}


def test_person_is_registered_with_post_membership_and_invitation():
    organisation = make_organisation(district="08425")
    sent = _entered(organisation, ends_on=(timezone.localdate() + timedelta(days=365)).isoformat())

    response = client_of(_coordinator(organisation)).post(NEW, sent, follow=True)

    manager = Manager.objects.get()
    post, assignment, membership = Post.objects.get(), Assignment.objects.get(), manager.user.memberships.get()
    assert (manager.user.name, manager.user.email) == ("Ottilie Neu", "ottilie.neu@pik.example")
    assert (manager.organisation, post.organisation, membership.organisation) == (organisation,) * 3
    assert (post.measure_id, post.fte, post.district_id) == ("im", Decimal("0.75"), "08425")
    assert {place.pk for place in post.municipalities.all()} == set(sent["municipalities"])
    assert (assignment.manager, assignment.post, assignment.fte) == (manager, post, Decimal("0.75"))
    assert membership.role == Membership.Role.MANAGER
    assert {str(row.ends_on) for row in (post, assignment)} == {sent["ends_on"]}
    # Access lasts until the leaving is recorded.
    assert membership.ends_on is None
    assert response.redirect_chain == [(reverse("casework:manager_detail", args=[manager.pk]), 302)]
    assert Page(response).messages == ["Ottilie Neu is registered. The invitation is on its way."]


def test_person_is_registered_with_qualification_by_the_coordinator():
    organisation = make_organisation(district="08425")
    coordinator = _coordinator(organisation)
    today = timezone.localdate()
    sent = _entered(organisation, qualification="b", qualification_proven_on=today.isoformat())

    client_of(coordinator).post(NEW, sent)

    manager = Manager.objects.get()
    assert (manager.qualification, manager.qualification_proven_on) == ("b", today)
    assert manager.assignments.get().booked_by == coordinator


@pytest.mark.parametrize("kind", ["district", "association"])
def test_person_on_a_post_at_the_state_level_is_shown_to_the_own_coordinator_only(kind):
    kreis = make_organisation(district="08425")
    body = kreis if kind == "district" else make_organisation(kind=kind, district="08425")

    response = client_of(_coordinator(kreis)).post(NEW, _entered(body, measure="queer", municipalities=[]))

    seen = reverse("casework:manager_detail", args=[Manager.objects.get().pk])
    assert response["Location"] == (seen if body == kreis else LIST)


def test_invitation_leads_to_a_password_and_into_the_house(client):
    organisation = make_organisation()
    client_of(_coordinator(organisation)).post(NEW, _entered(organisation))
    send_due_invitations()

    link = next(line for line in mail.outbox[0].body.splitlines() if line.startswith("http"))
    path = "/" + link.split("/", 3)[3]
    form = client.get(path, follow=True)
    address = form.redirect_chain[-1][0]
    secret = "ein langer Weg nach Hause"
    client.post(address, {"password1": secret, "password2": secret})
    login = client.post(reverse("account_login"), {"login": "ottilie.neu@pik.example", "password": secret}, follow=True)

    assert mail.outbox[0].to == ["ottilie.neu@pik.example"]
    assert Page(login).one("h1").text != ""
    assert login.redirect_chain[-1][0] == reverse("casework:start")


def _wrong() -> list[tuple[str, object]]:
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    return [
        ("name", ""),
        ("name", "x" * 101),
        ("name", "\x00"),
        ("email", ""),
        ("email", "ottilie"),
        ("email", f"{'x' * 190}@pik.example"),
        ("organisation", ""),
        ("organisation", "0"),
        ("organisation", "\x00"),
        ("measure", ""),
        ("measure", "unknown"),
        ("fte", ""),
        ("fte", "0.24"),
        ("fte", "1.01"),
        ("fte", "0.333"),
        ("fte", "half"),
        ("fte", "NaN"),
        ("fte", "Infinity"),
        ("starts_on", ""),
        ("starts_on", "soon"),
        ("starts_on", "2016-12-31"),
        ("ends_on", "never"),
        ("ends_on", yesterday),
        ("municipalities", []),
        ("municipalities", ["08111000"]),
        ("municipalities", ["\x00"]),
    ]


@pytest.mark.parametrize(("field", "value"), _wrong())
def test_wrong_entry_is_explained_and_nothing_typed_is_lost(field, value):
    organisation = make_organisation(district="08425")
    sent = _entered(organisation, **{field: value})

    page = submit(client_of(_coordinator(organisation)), NEW, sent)

    assert_refused(page, field, sent)
    assert (Manager.objects.count(), Post.objects.count()) == (0, 0)
    assert User.objects.filter(email__icontains="ottilie").count() == 0


@pytest.mark.parametrize("email", ["taken@pik.example", "TAKEN@pik.example"])
def test_address_that_is_taken_is_named_at_its_field(email):
    organisation = make_organisation()
    make_member("coordinator", user=make_user(email="taken@pik.example"))
    sent = _entered(organisation, email=email)

    page = submit(client_of(_coordinator(organisation)), NEW, sent)

    assert_refused(page, "email", sent, error="This e-mail address already has a login. Use another address,")
    assert Manager.objects.count() == 0


def test_measure_of_the_state_level_is_registered_without_a_municipality():
    organisation = make_organisation(kind="provider")
    # The first post of a sensitive measure does not come from the body itself.
    Post.objects.create(organisation=organisation, measure_id="queer", fte="0.50", starts_on=date(2026, 1, 1))
    client = client_of(_coordinator(organisation))

    refused = submit(client, NEW, sent := _entered(organisation, measure="queer"))
    response = client.post(NEW, _entered(organisation, measure="queer", municipalities=[]))

    assert_refused(refused, "municipalities", sent)
    assert response.status_code == 302
    assert [post.district for post in Post.objects.all()] == [None, None]


def test_sensitive_measure_is_not_offered_to_a_body_without_a_post_of_it():
    organisation = make_organisation(kind="provider")

    page = submit(client_of(_coordinator(organisation)), NEW, sent := _entered(organisation, measure="queer"))

    assert_refused(page, "measure", sent)


def test_municipalities_of_two_districts_are_refused():
    organisation = make_organisation(kind="provider")
    sent = _entered(organisation, municipalities=["08425002", "08426001"])

    page = submit(client_of(_coordinator(organisation)), NEW, sent)

    assert_refused(page, "municipalities", sent)


def test_employers_offered_are_those_for_whom_the_coordinator_answers():
    kreis = make_organisation(district="08425")
    body = make_organisation(kind="municipality", district="08425")
    make_organisation(district="08426")
    make_organisation(kind="ministry")

    def offered(organisation) -> set[str]:
        page = Page(client_of(_coordinator(organisation)).get(NEW))
        return {option["value"] for option in page.one("select", name="organisation").all("option")} - {""}

    assert offered(kreis) == {str(kreis.pk), str(body.pk)}
    assert offered(body) == {str(body.pk)}


def test_foreign_employer_is_refused_and_not_told_from_an_unknown_one():
    own, foreign = make_organisation(), make_organisation()
    client = client_of(_coordinator(own))

    page = submit(client, NEW, _entered(own, organisation=foreign.pk))
    unknown = submit(client, NEW, _entered(own, organisation="0"))

    assert page.errors == unknown.errors
    assert Manager.objects.count() == 0


def test_form_starts_with_the_own_organisation_and_all_its_places():
    organisation = make_organisation(district="08425")

    page = Page(client_of(_coordinator(organisation)).get(NEW))

    boxes = page.main.all("input", name="municipalities")
    assert page.values()["organisation"] == [str(organisation.pk)]
    assert {box["value"] for box in boxes} == {place.pk for place in places_of(organisation, 200)}


def test_names_of_people_are_text_and_nothing_else():
    organisation = make_organisation()
    client = client_of(_coordinator(organisation))

    pages = [
        Page(client.post(NEW, _entered(organisation, name=HOSTILE), follow=True)),
        Page(client.get(LIST)),
        Page(client.get(LIST, {"text": HOSTILE})),
        submit(client, NEW, _entered(organisation, name=HOSTILE, fte="7")),
    ]

    for page in pages:
        assert page.all("script", where=lambda node: "src" not in node.attrs) == []
    assert pages[0].heading == HOSTILE
    assert pages[1].rows("managers-caption")[0][0] == HOSTILE
    assert pages[3].values()["name"] == [HOSTILE]


def test_register_shows_people_in_german_order_with_posts_and_invitation():
    organisation = make_organisation(district="08425")
    zorn = make_manager(organisation=organisation, name="Zorn, Xaver", fte=Decimal("0.50"))
    give_post(zorn, "deutsch", fte=Decimal("0.25"))
    arzt = make_manager(organisation=organisation, name="Ärztin, Ada")
    make_manager(organisation=organisation, name="Azur, Bo")
    arzt.assignments.update(ends_on=timezone.localdate() - timedelta(days=1))
    coming = timezone.localdate() + timedelta(days=9)
    make_manager(organisation=organisation, name="Zuletzt, Cem", starts_on=coming)
    User.objects.filter(pk=zorn.user_id).update(last_login=timezone.now())

    rows = Page(client_of(_coordinator(organisation)).get(LIST)).rows("managers-caption")

    assert [row[0] for row in rows] == ["Ärztin, Ada", "Azur, Bo", "Zorn, Xaver", "Zuletzt, Cem"]
    assert rows[0][2:] == ["no post today", "0.00", "is being sent"]
    assert rows[2][3:] == ["0.75", "has logged in"]
    assert rows[3][2] == f"from {coming:%-d %b %Y}"
    assert len(rows[2][2].split(", ")) == 2


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ada", ["Ada Ahorn"]),
        ("BERND@", ["Bernd Buche"]),
        ("", ["Ada Ahorn", "Bernd Buche"]),
        ("%", []),
        ("\x00", ["Ada Ahorn", "Bernd Buche"]),
    ],
)
def test_register_is_searched_by_name_and_address(text, found):
    organisation = make_organisation()
    make_manager(organisation=organisation, name="Ada Ahorn")
    make_manager(organisation=organisation, name="Bernd Buche", email="bernd@pik.example")
    make_manager(name="Ada Fremd")

    page = Page(client_of(_coordinator(organisation)).get(LIST, {"text": text}))

    assert [row[0] for row in (page.rows("managers-caption") if page.all("table") else [])] == found


def test_second_page_keeps_the_search():
    organisation = make_organisation(district="08425")
    for number in range(52):
        make_manager(organisation=organisation, name=f"{'Ada' if number else 'Bo'} {number}")
    client = client_of(_coordinator(organisation))

    first = Page(client.get(LIST, {"text": "Ada"}))
    second = Page(client.get(LIST + first.one("a", rel="next")["href"]))

    assert [len(page.rows("managers-caption")) for page in (first, second)] == [50, 1]


def test_detail_shows_posts_the_latest_first():
    manager = make_manager(organisation=make_organisation(district="08425"), fte=Decimal("0.50"))
    give_post(manager, "queer", starts_on=timezone.localdate(), fte=Decimal("0.25"))
    coordinator = _coordinator(manager.organisation)

    rows = Page(client_of(coordinator).get(reverse("casework:manager_detail", args=[manager.pk]))).rows("posts-caption")

    assert [(row[2], row[3]) for row in rows] == [("State level, no district", "0.25"), ("Alb-Donau-Kreis", "0.50")]


def test_invitation_is_sent_again_until_the_person_has_logged_in():
    manager = make_manager()
    User.objects.update(invitation_due_at=None, invitation_sent_at=timezone.now())
    client = client_of(_coordinator(manager.organisation))
    detail = reverse("casework:manager_detail", args=[manager.pk])

    offered = Page(client.get(detail)).main.one("form")["action"]
    response = client.post(offered, follow=True)
    due = User.objects.get(pk=manager.user_id).invitation_due_at
    User.objects.filter(pk=manager.user_id).update(last_login=timezone.now())

    assert Page(response).messages == [f"A new invitation to {manager.user.email} is on its way."]
    assert due is not None
    assert Page(client.get(detail)).main.all("form") == []


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("name", "queries"), [("manager_list", 7), ("manager_new", 8), ("manager_detail", 13)])
def test_pages_ask_as_often_for_one_person_as_for_three(rows, name, queries, django_assert_num_queries):
    organisation = make_organisation(district="08425")
    managers = [make_manager(organisation=organisation, fte=Decimal("0.25")) for _number in range(rows)]
    for manager in managers:
        for measure in ("deutsch", "bws")[: rows - 1]:
            give_post(manager, measure, fte=Decimal("0.25"))
    client = client_of(_coordinator(organisation))
    address = reverse(f"casework:{name}", args=[managers[0].pk] if name == "manager_detail" else [])

    with django_assert_num_queries(queries):
        response = client.get(address)

    assert response.status_code == 200
