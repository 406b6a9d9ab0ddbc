import re
from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from pik.models import Membership, User
from tests.factories import make_manager, make_member
from tests.forms import submit
from tests.pages import Page, client_of

pytestmark = pytest.mark.django_db
LOGIN = reverse("account_login")
SECRET = "ein langer Weg nach Hause"


def _person() -> User:
    user = make_member("ministry")
    user.set_password(SECRET)
    user.save()
    return user


@pytest.mark.parametrize("spelling", [str, str.upper, lambda email: f" {email} "])
def test_login_leads_to_the_start_page_however_the_address_is_spelt(spelling):
    user = _person()

    response = client_of().post(LOGIN, {"login": spelling(user.email), "password": SECRET}, follow=True)

    assert response.redirect_chain[-1][0] == reverse("funding:state")
    assert "no-store" in response["Cache-Control"]


def test_login_leads_to_the_page_that_was_asked_for():
    user, client = _person(), client_of()

    asked = client.get(reverse("funding:ledger"))
    form = Page(client.get(asked["Location"]))
    response = client.post(LOGIN, {"login": user.email, "password": SECRET, "next": form.values()["next"][0]})

    assert response["Location"] == reverse("funding:ledger")


def test_login_leads_to_no_other_house():
    user = _person()

    response = client_of().post(
        f"{LOGIN}?next=https://elsewhere.example/",
        {"login": user.email, "password": SECRET, "next": "//elsewhere.example"},
    )

    assert response["Location"] == reverse("start")


def test_wrong_password_and_unknown_address_get_the_same_answer():
    user = _person()

    wrong = submit(client_of(), LOGIN, {"login": user.email, "password": "not this one"})
    unknown = submit(client_of(), LOGIN, {"login": "nobody@pik.example", "password": "not this one"})

    assert wrong.errors == unknown.errors != []
    assert wrong.values()["login"] == [user.email]
    assert wrong.values()["password"] == [""]


@pytest.mark.parametrize("field", ["login", "password"])
def test_missing_login_entry_is_named(field):
    sent = {"login": "nobody@pik.example", "password": "", field: ""}

    page = submit(client_of(), LOGIN, sent)

    assert {name for name, _line in page.errors} >= {f"id_{field}"}
    assert page.values()["login"] == [sent["login"]]


def test_closed_account_does_not_log_in():
    user = _person()
    User.objects.filter(pk=user.pk).update(is_active=False)

    response = client_of().post(LOGIN, {"login": user.email, "password": SECRET}, follow=True)

    assert response.wsgi_request.user.is_authenticated is False


def test_account_that_is_closed_while_logged_in_is_shut_out():
    user = _person()
    client = client_of(user)

    User.objects.filter(pk=user.pk).update(is_active=False)

    assert client.get(reverse("funding:state")).status_code in (302, 403)


def test_membership_that_ends_while_logged_in_shuts_every_page():
    user = make_member("ministry")
    client = client_of(user)

    Membership.objects.filter(user=user).update(ends_on=timezone.localdate() - timedelta(days=1))

    assert client.get(reverse("funding:state")).status_code == 403


def test_nobody_signs_up():
    client = client_of()

    page = Page(client.get(reverse("account_signup")))
    client.post(reverse("account_signup"), {"email": "new@pik.example", "password1": SECRET})

    assert page.heading == "By invitation only"
    assert User.objects.filter(email="new@pik.example").count() == 0


def test_logout_asks_first_and_ends_the_session():
    client = client_of(make_member("ministry"))
    address = reverse("account_logout")

    asked = Page(client.get(address))
    response = client.post(address)

    assert asked.heading == "Sign out"
    assert response["Location"] == LOGIN
    assert client.get(reverse("funding:state")).status_code == 302


def _link() -> str:
    return re.search(r"https?://[^/]+(/\S+)", mail.outbox[-1].body)[1]


def test_forgotten_password_is_replaced_through_a_link_that_works_once():
    user, client = _person(), client_of()
    client.post(reverse("account_reset_password"), {"email": user.email})
    link = _link()

    form = client.get(link, follow=True)
    done = client.post(
        form.redirect_chain[-1][0], {"password1": "neuer Weg 2026", "password2": "neuer Weg 2026"}, follow=True
    )
    again = Page(client_of().get(link, follow=True))

    assert Page(done).heading == "Password saved"
    assert User.objects.get(pk=user.pk).check_password("neuer Weg 2026")
    assert again.heading == "This link no longer works"


def test_unknown_address_is_not_given_away():
    client = client_of()

    known = client.post(reverse("account_reset_password"), {"email": _person().email}, follow=True)
    unknown = client.post(reverse("account_reset_password"), {"email": "nobody@pik.example"}, follow=True)

    assert Page(known).text == Page(unknown).text


@pytest.mark.parametrize(
    ("field", "value"),
    [("password1", ""), ("password1", "kurz"), ("password1", "123456789012"), ("password2", "anders")],
)
def test_new_password_that_will_not_do_is_explained(field, value):
    user = _person()
    sent = {"oldpassword": SECRET, "password1": "neuer Weg 2026", "password2": "neuer Weg 2026", field: value}
    if field == "password1" and value:
        sent["password2"] = value

    page = submit(client_of(user), reverse("account_change_password"), sent)

    assert {name for name, _line in page.errors} == {f"id_{field}"}
    assert page.field_error(field) != ""
    assert User.objects.get(pk=user.pk).check_password(SECRET)


def test_password_is_changed_by_who_knows_the_old_one():
    user = _person()
    client = client_of(user)
    new = {"password1": "neuer Weg 2026", "password2": "neuer Weg 2026"}

    wrong = submit(client, reverse("account_change_password"), {"oldpassword": "falsch", **new})
    client.post(reverse("account_change_password"), {"oldpassword": SECRET, **new})

    assert {name for name, _line in wrong.errors} == {"id_oldpassword"}
    assert User.objects.get(pk=user.pk).check_password("neuer Weg 2026")
    assert client.get(reverse("funding:state")).status_code == 200


def test_form_without_a_token_is_refused_in_words():
    client = client_of(make_manager().user, enforce_csrf_checks=True)

    page = Page(client.post(reverse("casework:contact_new"), {"minutes": "5"}))

    assert (page.response.status_code, page.heading) == (403, "The page was open for too long")
