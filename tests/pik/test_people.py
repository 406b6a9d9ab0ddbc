import re
import threading
from contextlib import suppress
from datetime import date, timedelta
from smtplib import SMTPServerDisconnected
from urllib.parse import urlsplit

import pytest
from allauth.account.forms import default_token_generator
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.urls import resolve
from django.utils import timezone

from pik import people
from pik.models import Membership, User
from pik.people import register_person, send_due_invitations
from tests.database import refused_by, run_sql, side_by_side
from tests.factories import STARTED, make_member, make_membership, make_organisation, make_user

TODAY, DAY = timezone.localdate(), timedelta(days=1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2026, 3, 1), date(2026, 4, 30)),
        (date(2026, 2, 1), date(2026, 3, 1)),
        (date(2026, 3, 31), None),
        (date(2026, 3, 10), date(2026, 3, 11)),
    ],
)
def test_same_membership_at_the_same_time_is_refused(first, last):
    kept = make_membership(starts_on=date(2026, 3, 1), ends_on=date(2026, 3, 31))

    with refused_by("membership_once_at_a_time"):
        make_membership(user=kept.user, organisation=kept.organisation, starts_on=first, ends_on=last)


@pytest.mark.django_db
def test_same_membership_is_kept_from_the_day_after_the_last():
    kept = make_membership(starts_on=date(2026, 3, 1), ends_on=date(2026, 3, 31))

    make_membership(user=kept.user, organisation=kept.organisation, starts_on=date(2026, 4, 1))

    assert kept.user.memberships.count() == 2


@pytest.mark.django_db
def test_other_role_and_other_organisation_at_the_same_time_are_kept():
    kept = make_membership(role="manager")

    make_membership(user=kept.user, organisation=kept.organisation, role="coordinator")
    make_membership(user=kept.user, organisation=make_organisation(), role="manager")

    assert kept.user.memberships.count() == 3


@pytest.mark.django_db
def test_membership_that_ends_before_it_starts_is_refused():
    with refused_by("membership_ends_after_it_starts"):
        make_membership(starts_on=date(2026, 3, 2), ends_on=date(2026, 3, 1))


@pytest.mark.django_db
def test_membership_of_unknown_role_is_refused():
    with refused_by("membership_role_known"):
        Membership.objects.create(
            user=make_user(), organisation=make_organisation(), role="director", starts_on=STARTED
        )


@pytest.mark.django_db
def test_second_login_with_an_address_is_refused():
    make_user(email="ada@pik.example")

    with refused_by("user_email_unique"):
        run_sql(
            "INSERT INTO pik_user (email, name, password, is_active, created_at) "
            "VALUES ('ada@pik.example', 'Ada', '!', true, now())"
        )


@pytest.mark.django_db
def test_address_in_capitals_is_refused_and_written_small_by_the_application():
    user = make_user(email=" Ada@PIK.example ")

    assert user.email == "ada@pik.example"
    with refused_by("user_email_in_small_letters"):
        User.objects.filter(pk=user.pk).update(email="Ada@pik.example")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("first", "last", "holds"),
    [(TODAY, TODAY, True), (STARTED, None, True), (TODAY + DAY, None, False), (STARTED, TODAY - DAY, False)],
)
def test_membership_holds_from_the_first_to_the_last_day(first, last, holds):
    membership = make_membership(starts_on=first, ends_on=last)

    assert (membership.user.membership == membership) is holds


@pytest.mark.django_db
def test_person_acts_in_the_oldest_membership_unless_another_is_chosen():
    younger = make_membership(starts_on=date(2026, 1, 1))
    user = younger.user
    older = make_membership(user=user, starts_on=date(2025, 1, 1))

    by_default = user.membership
    user.acting_membership_id = younger.pk

    assert (by_default, user.membership) == (older, younger)


@pytest.mark.django_db
def test_person_cannot_act_in_a_membership_of_somebody_else():
    own, foreign = make_membership(), make_membership(role="ministry")

    own.user.acting_membership_id = foreign.pk

    assert own.user.membership == own


@pytest.mark.django_db
def test_person_who_was_blocked_has_no_membership():
    user = make_member("ministry")

    user.is_active = False

    assert user.membership is None


@pytest.mark.django_db
def test_register_person_gives_a_login_with_a_due_invitation():
    organisation = make_organisation()

    user = register_person(
        email="Ada@pik.example", name=" Ada ", organisation=organisation, role="coordinator", starts_on=TODAY
    )

    assert (user.email, user.name, user.has_usable_password()) == ("ada@pik.example", "Ada", False)
    assert (user.membership.organisation, user.membership.role) == (organisation, "coordinator")
    assert (user.invitation_due_at is not None, user.invitation_sent_at) == (True, None)


@pytest.mark.django_db
@pytest.mark.parametrize("email", ["ada@pik.example", "ADA@pik.example"])
def test_register_person_with_an_address_in_use_names_the_field(email):
    make_user(email="ada@pik.example")

    with pytest.raises(ValidationError) as caught:
        register_person(email=email, name="Eva", organisation=make_organisation(), role="manager", starts_on=TODAY)

    assert list(caught.value.message_dict) == ["email"]


@pytest.mark.django_db
def test_register_person_with_an_impossible_period_keeps_nothing():
    with pytest.raises(ValidationError) as caught:
        register_person(
            email="ada@pik.example",
            name="Ada",
            organisation=make_organisation(),
            role="manager",
            starts_on=TODAY,
            ends_on=TODAY - DAY,
        )

    assert list(caught.value.message_dict) == ["ends_on"]
    assert not User.objects.filter(email="ada@pik.example").exists()


@pytest.mark.django_db(transaction=True)
def test_register_person_twice_at_once_keeps_one():
    organisation = make_organisation()

    def register() -> User:
        return register_person(
            email="ada@pik.example", name="Ada", organisation=organisation, role="manager", starts_on=TODAY
        )

    results = side_by_side(register, register)

    assert sorted(type(result).__name__ for result in results) == ["User", "ValidationError"]
    assert Membership.objects.filter(user__email="ada@pik.example").count() == 1


def _invited(name: str = "Ada") -> User:
    user = make_user(name=name)
    User.objects.filter(pk=user.pk).update(invitation_due_at=timezone.now())
    return user


@pytest.mark.django_db
def test_invitation_is_sent_once():
    user = _invited()

    sent = [send_due_invitations(), send_due_invitations()]

    user.refresh_from_db()
    assert sent == [1, 0]
    assert [message.to for message in mail.outbox] == [[user.email]]
    assert (user.invitation_due_at, user.invitation_sent_at is not None) == (None, True)


@pytest.mark.django_db
def test_invitation_carries_a_link_that_lets_the_person_choose_a_password(settings):
    user = _invited()

    send_due_invitations()

    (link,) = re.findall(rf"{re.escape(settings.SITE_URL)}\S+", mail.outbox[0].body)
    found = resolve(urlsplit(link).path)
    assert found.url_name == "account_reset_password_from_key"
    assert int(found.kwargs["uidb36"], 36) == user.pk
    assert default_token_generator.check_token(User.objects.get(pk=user.pk), found.kwargs["key"])


@pytest.mark.django_db(transaction=True)
def test_invitation_is_sent_once_by_two_runs_at_once(monkeypatch):
    _invited()
    send, together = people._send_invitation, threading.Barrier(2, timeout=0.5)

    def send_slowly(user: User) -> None:
        # Holds the first run until the second would send as well, if it could.
        with suppress(threading.BrokenBarrierError):
            together.wait()
        send(user)

    monkeypatch.setattr(people, "_send_invitation", send_slowly)

    sent = side_by_side(send_due_invitations, send_due_invitations)

    assert sorted(sent) == [0, 1]
    assert len(mail.outbox) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("error", [ConnectionRefusedError(), SMTPServerDisconnected(), TimeoutError()])
def test_invitation_stays_due_while_the_mail_server_refuses(monkeypatch, error):
    user = _invited()

    def refuse(*args: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(people, "send_mail", refuse)
        refused = send_due_invitations()
    user.refresh_from_db()
    due = user.invitation_due_at

    assert (refused, due is not None, user.invitation_sent_at) == (0, True, None)
    assert send_due_invitations() == 1


@pytest.mark.django_db
def test_invitation_that_is_refused_does_not_hold_up_the_others(monkeypatch):
    first, second = _invited("Ada"), _invited("Eva")
    send = people.send_mail

    def refuse_ada(subject: str, body: str, sender: None, to: list[str]) -> None:
        if to == [first.email]:
            raise ConnectionRefusedError
        send(subject, body, sender, to)

    monkeypatch.setattr(people, "send_mail", refuse_ada)

    assert send_due_invitations() == 1
    assert [message.to for message in mail.outbox] == [[second.email]]


@pytest.mark.django_db
def test_person_named_in_a_membership_is_never_deleted():
    membership = make_membership()

    with pytest.raises(IntegrityError):
        run_sql("DELETE FROM pik_user WHERE id = %s; SET CONSTRAINTS ALL IMMEDIATE", membership.user_id)
