from datetime import date, timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from casework.models import Case, Digest
from casework.services.digests import choose_digest, queue_digests, send_due_digests
from casework.tasks import queue_digests as queue_task
from casework.tasks import send_digests as send_task
from pik.models import User
from tests.database import app_session, refused_by, side_by_side
from tests.factories import end_employment, make_case, make_manager, make_membership, make_referral, make_transfer
from tests.pages import Page, client_of

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)
MONDAY = TODAY - TODAY.weekday() * DAY
NEXT = MONDAY + 7 * DAY
MAILS = reverse("casework:mails")


def _reader(case: Case | None = None) -> User:
    """A manager with one referral to ask about, who wants the mail since last week."""
    case = case or make_case()
    make_referral(case=case, ask_on=TODAY)
    user = case.opened_by.user
    Digest.objects.create(user=user, week=MONDAY - 7 * DAY)
    return user


def _send() -> list[mail.EmailMessage]:
    queue_digests(day=TODAY)
    send_due_digests()
    return mail.outbox


def test_mail_is_off_until_it_is_chosen():
    make_referral(ask_on=TODAY)

    assert _send() == []


def test_first_mail_leaves_on_the_next_monday():
    user = make_referral(ask_on=TODAY).case.opened_by.user

    choose_digest(user=user, wanted=True)
    choose_digest(user=user, wanted=True)

    assert Digest.objects.get().week == MONDAY
    assert [queue_digests(day=day) for day in (TODAY, NEXT, NEXT)] == [0, 1, 0]


def test_mail_names_numbers_and_links_and_nothing_else(settings):
    case = make_case()
    user = _reader(case)
    make_referral(case=case, ask_on=TODAY)
    # Not this week.
    make_referral(case=case, ask_on=NEXT)
    offered = make_transfer(receiver=case.organisation)

    (sent,) = _send()

    assert sent.to == [user.email]
    assert sent.subject == "PIK: Diese Woche fällig"
    assert "- Nach Vermittlung fragen: 2\n" in sent.body
    assert "- Fall, der Ihrer Organisation angeboten ist: 1\n" in sent.body
    assert [line for line in sent.body.splitlines() if line.startswith("http")] == [
        settings.SITE_URL + reverse("casework:due_list"),
        settings.SITE_URL + MAILS,
    ]
    secrets = (case.code, offered.case.code, offered.organisation.name, case.municipality.name, "Jobcenter", user.name)
    assert [word for word in secrets if word in sent.body + sent.subject] == []


def test_nobody_is_told_that_nothing_is_due():
    user = make_case().opened_by.user
    Digest.objects.create(user=user, week=MONDAY - 7 * DAY)

    assert _send() == []
    assert not Digest.objects.due().exists()


def test_who_left_or_is_no_manager_gets_no_mail():
    left, other = make_manager(), make_membership(role="coordinator").user
    for user in (left.user, other):
        Digest.objects.create(user=user, week=MONDAY - 7 * DAY)
    end_employment(left, TODAY - DAY)

    assert _send() == []


def test_mail_covers_every_employer_of_the_person():
    user = _reader()
    there = make_membership(user=user, role="manager").organisation
    make_transfer(receiver=there)

    (sent,) = _send()

    assert "angeboten ist: 1" in sent.body


def test_tasks_that_run_twice_send_once():
    _reader()

    for _time in range(2):
        queue_task()
        send_task()

    assert len(mail.outbox) == 1


def test_mail_server_that_refuses_leaves_the_mail_due(monkeypatch, caplog):
    _reader()

    def refuse(*args: object, **kwargs: object) -> None:
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr("casework.services.digests.send_mail", refuse)
        first = _send()[:]
    second = _send()

    assert (len(first), len(second)) == (0, 1)
    assert "ConnectionRefusedError" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_send_one_mail():
    _reader()
    queue_digests(day=TODAY)

    sent = side_by_side(send_due_digests, send_due_digests)

    assert sorted(sent) == [0, 1]


@pytest.mark.django_db(transaction=True)
def test_row_that_another_run_holds_is_left_to_it():
    _reader()
    queue_digests(day=TODAY)

    with app_session() as session:
        session.execute("SELECT FROM casework_digest FOR UPDATE")
        sent = send_due_digests()

    assert sent == 0


def test_database_refuses_a_week_that_begins_on_another_day():
    with refused_by("digest_week_begins_on_monday"):
        Digest.objects.create(user=make_manager().user, week=date(2026, 11, 24))


def test_page_switches_the_mail_on_and_off():
    client = client_of(make_manager().user)

    before = Page(client.get(MAILS))
    on = Page(client.post(MAILS, {"weekly": "on"}, follow=True))
    off = Page(client.post(MAILS, {"weekly": "off"}, follow=True))

    assert [page.main.one("button").text for page in (before, on, off)] == [
        *["Switch it on", "Switch it off", "Switch it on"],
    ]
    assert on.messages == ["The weekly mail is on. The first one leaves next Monday."]
    assert off.messages == ["The weekly mail is off."]


def test_link_in_the_mail_leads_to_the_page_after_signing_in():
    response = client_of().get(MAILS)

    assert response.headers["Location"] == f"{reverse('account_login')}?next={MAILS}"
