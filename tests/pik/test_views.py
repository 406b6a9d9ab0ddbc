import re
import socket
from datetime import timedelta

import pytest
from django.core import mail
from django.db import OperationalError, connection
from django.urls import reverse
from django.utils import timezone
from django_redis import get_redis_connection
from kombu.exceptions import OperationalError as KombuError
from redis import RedisError

from casework.models import Contact, FigureChange, MonthlyFigure
from casework.tasks import refresh_figures
from pik.access import log_export
from pik.celery import app
from pik.models import Membership, User
from tests.factories import make_case, make_manager, make_member, make_organisation, make_user
from tests.forms import submit
from tests.pages import Page, client_of

pytestmark = pytest.mark.django_db
HEALTH = reverse("healthz")
LOGIN = reverse("account_login")
LOG = reverse("access_log")
SECRET = "ein langer Weg nach Hause"


# --- Start --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "target"),
    [
        ("manager", "casework:start"),
        ("coordinator", "funding:organisation"),
        ("ministry", "funding:state"),
        ("auditor", "funding:ledger"),
    ],
)
def test_each_role_lands_on_its_own_start_page(role, target):
    user = make_manager().user if role == "manager" else make_member(role)

    response = client_of(user).get(reverse("start"))

    assert (response.status_code, response["Location"]) == (302, reverse(target))


# --- Health and a queue that is away ------------------------------------------------------------------


@pytest.fixture
def redis_away(settings, monkeypatch):
    """Nobody listens where cache and queue should be."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"redis://127.0.0.1:{probe.getsockname()[1]}/0"
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": address}}
    monkeypatch.setattr(app.conf, "broker_url", address)
    monkeypatch.setattr(app.conf, "broker_write_url", address)
    app.pool.force_close_all()
    app.amqp._producer_pool = None
    yield
    app.pool.force_close_all()
    app.amqp._producer_pool = None


def test_health_is_green_while_everything_answers(django_assert_num_queries):
    client = client_of()

    with django_assert_num_queries(1):
        response = client.get(HEALTH)

    assert (response.status_code, response.json()) == (200, {"database": "ok", "queue": "ok"})


def test_health_is_green_and_says_so_while_the_queue_is_away(redis_away):
    response = client_of().get(HEALTH)

    assert (response.status_code, response.json()) == (200, {"database": "ok", "queue": "away"})


@pytest.mark.expects_error_log
def test_health_is_red_while_the_database_is_away(monkeypatch):
    def refuse(*arguments: object) -> None:
        raise OperationalError

    monkeypatch.setattr(connection, "cursor", refuse)

    response = client_of().get(HEALTH)

    assert (response.status_code, response.json()) == (503, {"database": "away", "queue": "ok"})


@pytest.mark.expects_error_log
def test_contact_is_saved_and_its_figures_follow_while_the_queue_is_away(
    redis_away, django_capture_on_commit_callbacks
):
    case = make_case()
    client = client_of(case.manager.user)
    FigureChange.objects.all().delete()
    today = timezone.localdate()
    entered = {
        "case": case.pk,
        "date": today.isoformat(),
        "minutes": "45",
        "kind": "crisis",
        "channel": "phone",
        "topics": ["1"],
        "mediation": "none",
    }

    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        response = client.post(reverse("casework:contact_new"), entered, follow=True)
    noted = list(FigureChange.objects.values_list("manager", "first_month"))
    refresh_figures()

    assert Page(response).messages == [f"Contact with {case.code} saved."]
    assert (Contact.objects.count(), len(callbacks)) == (1, 1)
    assert noted == [(case.manager_id, today.replace(day=1))]
    assert MonthlyFigure.objects.get(month=today.replace(day=1), contacts=1).minutes == 45


@pytest.mark.expects_error_log
def test_pages_answer_while_the_queue_is_away(redis_away):
    client = client_of(make_member("ministry"))

    page = Page(client.get(reverse("funding:state")))
    picture = client.get(page.all("img")[0]["src"])

    assert (page.response.status_code, picture.status_code) == (200, 200)


def test_nobody_listens_in_these_tests(redis_away):
    with pytest.raises(RedisError):
        get_redis_connection("default").ping()
    with pytest.raises(KombuError):
        refresh_figures.apply_async()


# --- Access log ---------------------------------------------------------------------------------------


def test_log_shows_coordinators_what_concerns_their_house_the_latest_first():
    organisation, foreign = make_organisation(), make_organisation()
    reader = make_member("ministry")
    for subject, concerned in (("ledger", organisation), ("summaries 2026-10", organisation), ("ledger", foreign)):
        log_export(user=reader, subject=subject, organisation_id=concerned.pk)
    log_export(user=reader, subject="ledger", organisation_id=None)

    own = Page(client_of(make_member("coordinator", organisation)).get(LOG)).rows("log-caption")
    everything = Page(client_of(make_member("auditor")).get(LOG)).rows("log-caption")

    assert [row[1:] for row in own] == [
        [reader.name, "Export", "Monthly summaries 2026-10", organisation.name],
        [reader.name, "Export", "Ledger", organisation.name],
    ]
    assert [row[4] for row in everything] == ["Baden-Württemberg", foreign.name, organisation.name, organisation.name]


def test_empty_log_says_so():
    page = Page(client_of(make_member("coordinator")).get(LOG))

    assert "Nobody has downloaded data yet." in page.main.text


@pytest.mark.parametrize("rows", [1, 3])
def test_log_asks_as_often_for_one_row_as_for_three(rows, django_assert_num_queries):
    organisation = make_organisation()
    for _number in range(rows):
        log_export(user=make_user(), subject="ledger", organisation_id=organisation.pk)
    client = client_of(make_member("coordinator", organisation))

    with django_assert_num_queries(5):
        page = Page(client.get(LOG))

    assert len(page.rows("log-caption")) == rows


# --- Login --------------------------------------------------------------------------------------------


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


# --- Passwords ----------------------------------------------------------------------------------------


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
