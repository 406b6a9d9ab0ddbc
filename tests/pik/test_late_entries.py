"""What is sent after the session has ended, or by another who is logged in by now: it waits for who typed it."""

from datetime import timedelta

import pytest
from django import forms
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db.models import F
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from casework.models import Case, Contact, Goal, GroupOffer, Referral, ReferralTarget, Topic
from casework.services.plans import make_plan
from pik.draft_marks import mark_of, read_mark
from pik.drafts import find_draft, keep_draft, keep_for_owner, keep_late_entry
from pik.forms import Form
from pik.models import Draft, Municipality, User
from pik.tasks import clear_sessions, purge_outlived_drafts
from tests.factories import make_case, make_contact, make_manager
from tests.pages import Page, client_of

pytestmark = pytest.mark.django_db
KEEP, DISCARD, STATE = reverse("draft_keep"), reverse("draft_discard"), reverse("session_state")
NEW = reverse("casework:contact_new")


class Words(Form):
    """A form with words of one's own beside what is chosen."""

    words = forms.CharField(label="Words", required=False)
    kind = forms.ChoiceField(choices=[("talk", "Talk"), ("Calls", [("a", "Short"), ("b", "Long")])])
    topics = forms.ModelMultipleChoiceField(queryset=Topic.objects.all())
    place = forms.ModelChoiceField(queryset=Municipality.objects.all())
    case = forms.ModelChoiceField(queryset=Case.objects.all(), to_field_name="code")
    day = forms.DateField()
    minutes = forms.IntegerField(max_value=600)
    agreed = forms.BooleanField()
    row = forms.CharField(initial="abcdefgh", widget=forms.HiddenInput)


def sent(user: User, text: str, key: str = "words") -> QueryDict:
    """What the page of a form with words sends."""
    return QueryDict(f"owner={mark_of(user, Words(), key)}&{text}")


def _age(how_much: timedelta) -> None:
    Draft.objects.update(expires_at=F("expires_at") - how_much)


def test_what_is_sent_after_the_session_ended_is_kept_for_minutes_only():
    user = make_manager().user
    keep_late_entry(data=sent(user, "minutes=44"))
    found = find_draft(user, "words")
    _age(timedelta(minutes=10))

    assert found.data == {"minutes": ["44"]}
    assert find_draft(user, "words") is None
    purge_outlived_drafts()
    assert Draft.objects.count() == 0


def test_draft_typed_after_a_late_entry_is_kept_for_the_whole_time():
    user = make_manager().user
    keep_late_entry(data=sent(user, "minutes=44"))

    keep_draft(user=user, data=sent(user, "minutes=45"))

    assert Draft.objects.get().expires_at > timezone.now() + timedelta(days=1)


def test_late_entry_never_shortens_the_life_of_a_draft():
    user = make_manager().user
    data = sent(user, "minutes=44")
    keep_draft(user=user, data=data)

    keep_late_entry(data=data)

    assert Draft.objects.get().expires_at > timezone.now() + timedelta(days=1)


@pytest.mark.parametrize("keep", [keep_late_entry, lambda data: keep_for_owner(mark=read_mark(data), data=data)])
def test_entry_for_another_replaces_no_draft_that_is_younger_than_its_page(keep):
    user = make_manager().user
    old = sent(user, "minutes=44")
    keep_draft(user=user, data=sent(user, "minutes=45"))

    kept = keep(data=old)

    assert (kept, Draft.objects.get().data) == (False, {"minutes": ["45"]})


@pytest.mark.parametrize("same_page", [True, False])
def test_late_entry_replaces_what_was_kept_of_its_page_or_before_it(same_page):
    user = make_manager().user
    data = sent(user, "minutes=44")
    keep_draft(user=user, data=data)
    late = data.copy() if same_page else sent(user, "").copy()
    late["minutes"] = "45"

    kept = keep_late_entry(data=late)

    assert (kept, Draft.objects.get().data) == (True, {"minutes": ["45"]})


def test_late_entry_replaces_a_younger_draft_that_has_run_out():
    user = make_manager().user
    old = sent(user, "minutes=44")
    keep_draft(user=user, data=sent(user, "minutes=45"))
    _age(settings.DRAFT_KEPT + timedelta(minutes=1))

    assert keep_late_entry(data=old) is True
    assert find_draft(user, "words").data == {"minutes": ["44"]}


def test_words_of_a_late_entry_that_are_refused_leave_the_earlier_ones():
    user = make_manager().user
    data = sent(user, "words=The+mother+calls&minutes=44").copy()
    keep_draft(user=user, data=data)
    data["words"], data["minutes"] = "Frau Yilmaz calls", "45"

    keep_late_entry(data=data)

    draft = Draft.objects.get()
    assert (draft.data, draft.left_out) == ({"words": ["The mother calls"], "minutes": ["45"]}, ["words"])


def test_late_entry_loses_the_words_that_the_guard_refuses():
    user = make_manager().user

    keep_late_entry(data=sent(user, "words=Frau+Yilmaz+ruft+an&minutes=5"))

    assert find_draft(user, "words").data == {"minutes": ["5"]}


def test_entry_sent_after_the_session_ended_waits_for_its_owner_alone():
    case = make_case()
    user = case.opened_by.user
    shown = Page(client_of(user).get(NEW)).values()
    late = {**shown, "case": case.code, "minutes": "44", "topics": ["1"]}

    answer = client_of().post(NEW, late)

    assert answer["Location"] == f"{reverse('account_login')}?next={NEW}"
    assert Contact.objects.count() == 0
    assert Page(client_of(user).get(NEW)).values()["minutes"] == ["44"]
    other = make_case(manager=make_manager(organisation=case.organisation)).opened_by.user
    assert Page(client_of(other).get(NEW)).values()["minutes"] == [""]


late_both_ways = pytest.mark.parametrize("outlived", [False, True], ids=["no session", "outlived token"])


def _late(user: User, outlived: bool) -> Client:
    """A browser from which a form comes too late: nobody is logged in, or the token is one from before."""
    return client_of(user, enforce_csrf_checks=True) if outlived else client_of()


def _contact(case: Case) -> tuple[str, dict[str, object]]:
    return NEW, {"case": case.code, "minutes": "44", "topics": ["1"]}


def _case(case: Case) -> tuple[str, dict[str, object]]:
    typed = {"municipality": case.municipality_id, "age_band": "25-34", "household_band": "1"}
    origin = {"origin_group": "ukraine", "residence_group": "temporary_protection", "arrival_year": "2022"}
    return reverse("casework:case_new"), {**typed, **origin}


def _goal(case: Case) -> tuple[str, dict[str, object]]:
    make_plan(case=case, agreed_on=timezone.localdate())
    return reverse("casework:goal_new", args=[case.code]), {"domain": "work", "words": "Finds work"}


def _referral(case: Case) -> tuple[str, dict[str, object]]:
    return reverse("casework:referral_new", args=[case.code]), {"target": ReferralTarget.objects.first().pk}


def _counts(case: Case) -> tuple[str, dict[str, object]]:
    typed = {"municipality": case.municipality_id, "kind": "workshop", "topics": ["1"]}
    typed |= {"participants": "8", "minutes": "90"}
    return reverse("casework:count_new", args=["im"]), typed


# By model: where a new entry is typed, and what.
ENTRIES = {Contact: _contact, Case: _case, Goal: _goal, Referral: _referral, GroupOffer: _counts}


@late_both_ways
@pytest.mark.parametrize("model", ENTRIES, ids=lambda model: model.__name__)
def test_entry_stored_and_sent_again_too_late_is_stored_once(model, outlived):
    case = make_case()
    user = case.opened_by.user
    client, (address, typed) = client_of(user), ENTRIES[model](case)
    sent_twice = {**Page(client.get(address)).values(), **typed}
    client.post(address, sent_twice)
    stored = set(model.objects.all())

    _late(user, outlived).post(address, sent_twice)
    restored = Page(client.get(address)).values()
    again = client.post(address, restored)

    assert (len(stored), restored["entry_key"]) == (2 if model is Case else 1, sent_twice["entry_key"])
    assert (again.status_code, set(model.objects.all())) == (302, stored)
    assert Draft.objects.count() == 0


@late_both_ways
def test_choice_in_a_conflict_that_was_not_saved_is_asked_for_again(outlived):
    contact = make_contact(minutes=30)
    user = contact.manager.user
    client, address = client_of(user), reverse("casework:contact_edit", args=[contact.pk])
    shown = Page(client.get(address)).values()
    client.post(address, {**shown, "minutes": "40"})
    asked = Page(client.post(address, {**shown, "minutes": "50"})).values()
    chosen = {**asked, "keep_minutes": "stored"}

    _late(user, outlived).post(address, chosen)
    again = client.post(address, Page(client.get(address)).values())

    contact.refresh_from_db()
    assert (asked["differing"], again.status_code, contact.minutes) == (["minutes"], 409, 40)
    assert "50" in Page(again).main.text


def test_session_says_who_is_here_and_nothing_else():
    user = make_manager().user

    answers = [client_of(reader).get(STATE).json() for reader in (None, user)]

    assert [answer["who"] for answer in answers] == ["", f"{user.pk}-{user.membership.pk}"]
    assert all(set(answer) == {"who", "token"} for answer in answers)


def test_sessions_that_have_ended_are_deleted_at_night():
    for seconds in (-60, 3600):
        store = SessionStore()
        store.set_expiry(seconds)
        store.create()

    clear_sessions()

    assert [session.expire_date > timezone.now() for session in Session.objects.all()] == [True]
