import socket
from collections import OrderedDict

import pytest
from django.db import OperationalError, connection
from django.urls import reverse
from django.utils import timezone
from django_redis import get_redis_connection
from kombu import pools
from kombu.exceptions import OperationalError as KombuError
from redis import RedisError

from casework.models import Contact, FigureChange, MonthlyFigure
from casework.tasks import refresh_figures
from pik.access import log_export
from pik.celery import app
from tests.factories import make_case, make_manager, make_member, make_organisation, make_user
from tests.pages import Page, client_of

pytestmark = pytest.mark.django_db
HEALTH = reverse("healthz")
LOG = reverse("access_log")


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


@pytest.fixture
def redis_away(settings):
    """Nobody listens where cache and queue should be."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"redis://127.0.0.1:{probe.getsockname()[1]}/0"
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": address}}
    # Another pool for a while; the usual one is left alone, other tests queue through it.
    usual, app.amqp._producer_pool = app.amqp._producer_pool, pools.producers[app.connection_for_write(address)]
    yield
    app.amqp._producer_pool = usual


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
    client = client_of(case.opened_by.user)
    FigureChange.objects.all().delete()
    today = timezone.localdate()
    entered = {
        "case": case.code,
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

    assert Page(response).messages == [f"Contact with {case.code} saved: Crisis support, By phone, 45 minutes."]
    assert (Contact.objects.count(), len(callbacks)) == (1, 1)
    assert noted == [(case.opened_by_id, today.replace(day=1))]
    assert MonthlyFigure.objects.get(month=today.replace(day=1), contacts=1).minutes == 45


@pytest.mark.expects_error_log
def test_pages_answer_while_the_queue_is_away(redis_away, monkeypatch):
    # Nor does this process remember a picture.
    monkeypatch.setattr("pik.charts.cache._recent", OrderedDict())
    client = client_of(make_member("ministry"))

    page = Page(client.get(reverse("funding:state")))
    picture = client.get(page.all("img")[0]["src"])

    assert (page.response.status_code, picture.status_code) == (200, 200)


def test_nobody_listens_in_these_tests(redis_away):
    with pytest.raises(RedisError):
        get_redis_connection("default").ping()
    with pytest.raises(KombuError):
        refresh_figures.apply_async()


def test_log_shows_coordinators_what_concerns_their_house_the_latest_first():
    organisation, foreign = make_organisation(), make_organisation()
    reader = make_member("ministry")
    for subject, concerned in (("ledger", organisation), ("summaries 2026-10", organisation), ("ledger", foreign)):
        log_export(user=reader, subject=subject, organisation_id=concerned.pk)
    log_export(user=reader, subject="ledger", organisation_id=None)

    own = Page(client_of(make_member("coordinator", organisation)).get(LOG)).rows("log-caption")
    everything = Page(client_of(make_member("auditor")).get(LOG)).rows("log-caption")

    assert [[row[0], *row[2:]] for row in own] == [
        [reader.name, "Export", "Monthly summaries, October 2026", organisation.name],
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
