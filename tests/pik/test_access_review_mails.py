import threading
from contextlib import suppress
from datetime import timedelta
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from pik import access_reviews
from pik.access_reviews import confirm_access, open_reviews, send_due_mails
from pik.models import AccessReview, User
from pik.months import add_months, quarter_of
from tests.database import side_by_side
from tests.factories import make_manager, make_member, make_organisation, make_review

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)
LONG_AGO = timezone.now() - timedelta(days=20)


def _due(organisation, **overrides: object) -> AccessReview:
    """A review whose mail has to leave."""
    return make_review(organisation, **{"mail_sent_at": None, "mail_due_at": timezone.now(), **overrides})


def test_mail_names_number_due_date_and_link_and_none_of_the_people(settings):
    organisation = make_organisation(name="Landratsamt Ottilienkreis")
    coordinator = make_member("coordinator", organisation)
    manager = make_manager(organisation=organisation, name="Ottilie Eigen")
    review = _due(organisation)

    send_due_mails()

    (message,) = mail.outbox
    due = date_format(review.due_on, "d.m.Y")
    assert message.subject == f"Zugänge zu PIK bis {due} prüfen"
    assert message.to == [coordinator.email]
    assert message.body.splitlines()[2] == (
        f"Landratsamt Ottilienkreis: 2 Personen haben Zugang zu PIK. "
        f"Bitte bestätigen oder beenden Sie ihre Zugänge bis {due}."
    )
    assert settings.SITE_URL + reverse("access_review") in message.body.splitlines()
    for person in (coordinator, manager.user):
        assert person.name not in message.body
        assert person.email not in message.body


def test_mail_goes_to_every_active_coordinator_of_the_organisation():
    organisation = make_organisation(kind="municipality")
    kreis = make_organisation(kind="district", district=organisation.district)
    first, second, blocked = (make_member("coordinator", organisation) for _number in range(3))
    User.objects.filter(pk=blocked.pk).update(is_active=False)
    make_member("coordinator", organisation, ends_on=TODAY - DAY)
    make_member("coordinator", kreis)
    _due(organisation)

    sent = send_due_mails()

    assert sent == 1
    assert mail.outbox[0].to == sorted([first.email, second.email])


def test_mail_on_a_body_without_coordinator_goes_to_its_kreis():
    organisation = make_organisation(kind="municipality")
    make_manager(organisation=organisation)
    make_member("coordinator", make_organisation(kind="association", district=organisation.district))
    kreis = make_member("coordinator", make_organisation(kind="district", district=organisation.district))
    make_member("coordinator", make_organisation(kind="district"))
    _due(organisation)

    send_due_mails()

    assert [message.to for message in mail.outbox] == [[kreis.email]]


def test_mail_for_which_nobody_answers_stays_due():
    organisation = make_organisation(kind="provider", district=None)
    make_manager(organisation=organisation, municipalities=[], measure="queer")
    review = _due(organisation)

    before = send_due_mails()
    review.refresh_from_db()
    due = review.mail_due_at
    make_member("coordinator", organisation)

    assert (before, due is not None) == (0, True)
    assert send_due_mails() == 1


def test_mail_leaves_once_for_each_review():
    for _number in range(2):
        make_member("coordinator")
    open_reviews(day=TODAY)

    sent = [send_due_mails(), send_due_mails()]

    assert sent == [2, 0]
    assert {(r.mail_due_at, r.mail_sent_at is None) for r in AccessReview.objects.all()} == {(None, False)}


@pytest.mark.django_db(transaction=True)
def test_mail_leaves_once_from_two_runs_at_once(monkeypatch):
    _due(make_member("coordinator").membership.organisation)
    send, together = access_reviews._send_mail, threading.Barrier(2, timeout=0.5)

    def send_slowly(*args: object) -> None:
        # Holds the first run until the second would send as well, if it could.
        with suppress(threading.BrokenBarrierError):
            together.wait()
        send(*args)

    monkeypatch.setattr(access_reviews, "_send_mail", send_slowly)

    sent = side_by_side(send_due_mails, send_due_mails)

    assert sorted(sent) == [0, 1]
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("error", [ConnectionRefusedError(), SMTPServerDisconnected(), TimeoutError()])
def test_mail_stays_due_while_the_mail_server_refuses_and_the_log_names_nobody(monkeypatch, caplog, error):
    coordinator = make_member("coordinator")
    review = _due(coordinator.membership.organisation)

    def refuse(*args: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(access_reviews, "send_mail", refuse)
        refused = send_due_mails()
    review.refresh_from_db()

    assert (refused, review.mail_due_at is not None, review.mail_sent_at) == (0, True, None)
    assert [record.getMessage() for record in caplog.records] == [
        f"mail on access review {review.pk} not sent: {type(error).__name__}"
    ]
    assert send_due_mails() == 1


@pytest.mark.parametrize(
    ("marks", "leaves"),
    [
        ({"due_on": TODAY + 7 * DAY}, True),
        ({"due_on": TODAY}, True),
        ({"due_on": TODAY + 8 * DAY}, False),
        ({"due_on": TODAY - DAY}, False),
        ({"due_on": TODAY, "mail_sent_at": timezone.now()}, False),
        ({"due_on": TODAY, "reminder_sent_at": timezone.now()}, False),
        ({"due_on": TODAY, "quarter": add_months(quarter_of(TODAY), -3)}, False),
    ],
)
def test_reminder_leaves_once_in_the_last_week(marks, leaves):
    organisation = make_member("coordinator").membership.organisation
    make_member("coordinator", organisation)
    make_review(organisation, **{"mail_sent_at": LONG_AGO, **marks})

    sent = [send_due_mails(), send_due_mails()]

    assert sent == [int(leaves), 0]
    assert ["Bei 2 Personen ist noch offen" in message.body for message in mail.outbox] == [True] * leaves


def test_nothing_leaves_when_everything_is_decided():
    coordinators = [make_member("coordinator") for _number in range(2)]
    reviews = [
        _due(coordinators[0].membership.organisation),
        make_review(coordinators[1].membership.organisation, mail_sent_at=LONG_AGO, due_on=TODAY),
    ]
    for coordinator, review in zip(coordinators, reviews, strict=True):
        confirm_access(line=review.lines.get(), by=coordinator)

    assert send_due_mails() == 0
    assert mail.outbox == []
