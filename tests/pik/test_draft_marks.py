"""Requests made by hand: nothing but what a page of the same person lately asked for reaches a draft."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core import signing
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from casework.codes import with_check_digit
from casework.models import Contact, ContactTemplate, Goal
from pik.draft_marks import mark_of, read_mark
from pik.drafts import find_draft, keep_draft, keep_late_entry
from pik.models import Draft, User
from tests.factories import make_case, make_contact, make_goal, make_manager, make_membership, make_user
from tests.pages import Page, client_of
from tests.pik.test_drafts import Words, sent

pytestmark = pytest.mark.django_db
KEEP, NEW = reverse("draft_keep"), reverse("casework:contact_new")
NAME = "yilmaz"


def _forged(user: User) -> dict[str, str]:
    """Marks that somebody could think of."""
    membership, key = user.membership.pk, "words"
    stranger = make_manager().user
    fields = {"user": user.pk, "membership": membership, "key": key, "fields": {"words": "words"}, "several": []}
    ours = mark_of(user, Words(), key)
    return {
        "none": "",
        "no mark": "x",
        "another salt": signing.dumps(fields, salt="another", compress=True),
        "from before": signing.dumps([user.pk, membership, []], salt="pik.drafts.owner"),
        "changed": ours.replace(ours[5], "A" if ours[5] != "A" else "B", 1),
        "somebody else's": mark_of(stranger, Words(), key),
    }


@pytest.mark.parametrize("which", ["none", "no mark", "another salt", "from before", "changed", "somebody else's"])
def test_nothing_is_kept_without_a_mark_of_the_person(which):
    user = make_manager().user
    data = QueryDict(f"draft=contact&minutes=7&words=Calls&owner={_forged(user)[which]}")

    assert keep_draft(user=user, data=data) is None
    assert Draft.objects.count() == 0


@pytest.mark.parametrize("which", ["none", "no mark", "another salt", "from before", "changed"])
def test_late_entry_without_a_mark_of_ours_is_not_kept(which):
    user = make_manager().user

    assert keep_late_entry(data=QueryDict(f"draft=contact&minutes=7&owner={_forged(user)[which]}")) is False
    assert Draft.objects.count() == 0


def test_late_entry_of_a_membership_that_is_not_the_person_s_is_not_kept():
    user, other = make_manager().user, make_manager().user
    user.acting_membership_id = None
    mark = read_mark(sent(user, ""))
    forged = signing.dumps({**vars(mark), "membership": other.membership.pk}, salt="pik.drafts.mark", compress=True)

    assert keep_late_entry(data=QueryDict(f"minutes=7&owner={forged}")) is False


@pytest.mark.parametrize("ended", ["membership", "login"])
def test_entry_is_not_kept_for_who_can_no_longer_find_it(ended):
    owner, other = make_membership().user, make_manager().user
    data = sent(owner, "minutes=7")
    if ended == "membership":
        owner.memberships.update(ends_on=timezone.localdate() - timedelta(days=1))
    else:
        User.objects.filter(pk=owner.pk).update(is_active=False)

    answer = client_of(other).post(NEW, data.dict())

    assert keep_late_entry(data=data) is False
    assert (answer.status_code, Draft.objects.count()) == (409, 0)
    assert "What was typed could not be kept." in Page(answer).main.text


def test_mark_of_another_membership_of_the_same_person_keeps_nothing():
    manager = make_manager()
    other = make_membership(user=manager.user, role="coordinator")
    user = User.objects.get(pk=manager.user_id)
    user.acting_membership_id = other.pk
    data = sent(user, "minutes=7")
    user.acting_membership_id = user.memberships.get(role="manager").pk

    assert keep_draft(user=user, data=data) is None
    assert Draft.objects.count() == 0


def test_old_mark_keeps_nothing(monkeypatch):
    user = make_manager().user
    data = sent(user, "minutes=7")
    monkeypatch.setattr(settings, "DRAFT_KEPT", timedelta(seconds=-1))

    assert keep_draft(user=user, data=data) is None
    assert keep_late_entry(data=data) is False


def test_key_of_the_draft_is_that_of_the_mark_whatever_the_request_says():
    user = make_manager().user

    keep_draft(user=user, data=sent(user, f"minutes=7&draft={NAME}"))

    assert [draft.form for draft in Draft.objects.all()] == ["words"]


def test_names_that_are_no_field_of_the_form_are_kept_nowhere():
    user = make_manager().user

    refused = keep_draft(user=user, data=sent(user, f"minutes=7&{NAME}=1&Frau+Yilmaz=Frau+Yilmaz&left_out={NAME}"))

    assert refused == {}
    assert (Draft.objects.get().data, Draft.objects.get().left_out) == ({"minutes": ["7"]}, [])


@pytest.mark.parametrize(
    "text",
    [
        f"kind={NAME}",
        "kind=Talk",
        f"topics={NAME}",
        f"topics=1&topics={NAME}",
        "place=Mutlangen",
        "case=FATIMA",
        "case=EMMA-MARX",
        "place=12031988",
        "topics=01764455",
        "day=6677-00-00",
        f"day={NAME}",
        "day=12031988",
        f"minutes={NAME}",
        "minutes=071112345678",
        "minutes=71112345",
        "minutes=601",
        "topics=1&topics=1",
        f"agreed={NAME}",
        f"row={NAME}",
        "row=fatimayilmazfatimayilmazfa",
    ],
)
def test_value_that_the_field_neither_offers_nor_takes_is_kept_nowhere(text):
    user = make_manager().user

    keep_draft(user=user, data=sent(user, text))

    assert Draft.objects.get().data == {}


def test_half_a_code_stays_with_who_types_it_without_a_reproach():
    user = make_manager().user

    answer = client_of(user).post(KEEP, sent(user, "case=K7M&minutes=7").dict())

    assert answer.json() == {"refused": [{"field": "case", "why": ""}]}
    assert (Draft.objects.get().data, Draft.objects.get().left_out) == ({"minutes": ["7"]}, [])


def test_last_value_of_a_field_counts_where_it_takes_one():
    user = make_manager().user

    keep_draft(user=user, data=sent(user, f"minutes={NAME}&minutes=7&words=Frau+Yilmaz&words=Calls&kind={NAME}&kind=b"))

    assert Draft.objects.get().data == {"minutes": ["7"], "words": ["Calls"], "kind": ["b"]}


def test_everything_that_the_page_offers_is_kept():
    user = make_manager().user
    code = with_check_digit("K7M3QX4")
    text = f"words=Calls&kind=a&topics=1&topics=2&place=08111000&case={code}&day=2026-11-24&agreed=on&row=abcdefgh"
    offered = QueryDict(f"{text}&minutes=")

    assert keep_draft(user=user, data=sent(user, f"{text}&minutes=")) == {}
    assert find_draft(user, "words").data == dict(offered.lists())


def test_topics_of_a_contact_are_those_that_its_page_offers():
    case = make_case()
    client = client_of(case.opened_by.user)
    shown = Page(client.get(NEW)).values()
    kept = {"minutes": ["600"], "topics": ["1", "2"]}

    for typed in (kept, {"minutes": ["7111"], "topics": ["1", "711"]}):
        client.post(KEEP, {**shown, "drafted": "", **typed})
        data = {name: values for name, values in Draft.objects.get().data.items() if name in kept}
        assert data == (kept if typed is kept else {})


def test_of_more_drafts_than_somebody_needs_the_oldest_go():
    user, other = make_manager().user, make_manager().user
    keep_draft(user=other, data=sent(other, "minutes=7", "other"))

    for number in range(settings.DRAFTS_EACH + 2):
        keep_draft(user=user, data=sent(user, "minutes=7", f"form-{number:02}"))

    kept = sorted(draft.form for draft in Draft.objects.visible_to(user))
    assert kept == [f"form-{number:02}" for number in range(2, settings.DRAFTS_EACH + 2)]
    assert Draft.objects.visible_to(other).count() == 1


@pytest.mark.parametrize("address", [NEW, reverse("casework:contact_day")])
def test_page_that_comes_back_signs_nothing_that_was_sent(address):
    case = make_case()
    client = client_of(case.opened_by.user)
    shown = Page(client.get(address)).values()
    wrong = {**shown, "case": case.code, "minutes": "0", "draft": NAME, NAME: NAME, "kind": NAME}

    for owner in (shown["owner"], "", mark_of(make_manager().user, Words(), NAME)[:-1]):
        page = Page(client.post(address, {**wrong, "owner": owner})).values()
        mark = read_mark(QueryDict(f"owner={page['owner'][0]}"))
        assert mark.key in (shown["draft"][0], "contact")
        assert page["draft"] == [mark.key]
        assert NAME not in str(mark)


def test_step_that_a_request_makes_up_is_not_signed():
    goal = make_goal()
    client = client_of(goal.plan.case.opened_by.user)
    address = reverse("casework:goal_new", args=[goal.plan.case.code])
    made_up = "fatimayilmazfatimayilmazfa"

    page = Page(client.post(address, {"step0_key": made_up, "step0_words": "Calls"})).values()

    assert made_up not in str(read_mark(QueryDict(f"owner={page['owner'][0]}")))


def test_form_of_somebody_else_is_not_saved_and_waits_for_them():
    case = make_case()
    owner, other = case.opened_by.user, make_case().opened_by.user
    shown = Page(client_of(owner).get(NEW)).values()
    typed = {**shown, "case": case.code, "minutes": "44", "topics": ["1"]}

    answer = client_of(other).post(NEW, typed)

    page = Page(answer)
    assert (answer.status_code, page.heading, Contact.objects.count()) == (409, "Not saved", 0)
    assert "Somebody else had opened this form in this browser." in page.main.text
    assert owner.name not in answer.content.decode()
    assert Page(client_of(owner).get(NEW)).values()["minutes"] == ["44"]
    assert Page(client_of(other).get(NEW)).values()["minutes"] == [""]
    assert Draft.objects.get().expires_at > timezone.now() + timedelta(days=1)


def test_words_of_somebody_else_are_not_shown_and_pass_the_guard():
    contact = make_contact()
    owner, other = contact.manager.user, make_manager().user
    address = reverse("casework:template_new", args=[contact.pk])
    shown = Page(client_of(owner).get(address)).values()

    plain = client_of(other).post(address, {**shown, "name": "Long talk"})
    kept = Draft.objects.get().data
    named = client_of(other).post(address, {**shown, "name": "Frau Yilmaz"})

    assert (plain.status_code, named.status_code, kept) == (409, 409, {"name": ["Long talk"]})
    assert ("Long talk" in plain.content.decode(), "Yilmaz" in named.content.decode()) == (False, False)
    assert "Yilmaz" not in str(Draft.objects.values())
    assert ContactTemplate.objects.count() == 0


def test_form_of_another_own_membership_is_not_saved_in_this_one():
    case = make_case()
    user = case.opened_by.user
    client = client_of(user)
    address = reverse("casework:case_close", args=[case.code])
    shown = Page(client.get(address)).values()
    other = make_membership(user=user, role="manager", organisation=make_manager().organisation)
    session = client.session
    session["membership"] = other.pk
    session.save()

    answer = client.post(address, {**shown, "reason": "work"})

    case.refresh_from_db()
    assert (answer.status_code, case.closed_on) == (409, None)
    assert "another role than the one" in Page(answer).main.text
    session["membership"] = user.memberships.exclude(pk=other.pk).get().pk
    session.save()
    assert Page(client.get(address)).values()["reason"] == ["work"]


def test_old_form_of_somebody_else_is_refused_however_old_it_is(monkeypatch):
    goal = make_goal()
    owner, other = goal.plan.case.opened_by.user, make_user()
    make_membership(user=other, role="manager", organisation=goal.plan.case.organisation)
    address = reverse("casework:goal_new", args=[goal.plan.case.code])
    shown = Page(client_of(owner).get(address)).values()
    monkeypatch.setattr(settings, "DRAFT_KEPT", timedelta(seconds=-1))

    answer = client_of(other).post(address, {**shown, "domain": "work", "words": "Finds work"})

    assert (answer.status_code, Goal.objects.count()) == (409, 1)


def test_draft_of_somebody_else_s_page_is_kept_for_nobody():
    owner, other = make_manager().user, make_manager().user

    for reader, expected in ((other, 400), (None, 302)):
        answer = client_of(reader).post(KEEP, sent(owner, "words=Calls").dict())
        assert (answer.status_code, Draft.objects.count()) == (expected, 0)


def test_form_from_before_somebody_signed_in_anew_waits_for_who_typed_it():
    case = make_case()
    user, other = case.opened_by.user, make_case().opened_by.user
    shown = Page(client_of(user).get(NEW)).values()
    typed = {**shown, "case": case.code, "minutes": "44", "topics": ["1"]}

    own = client_of(user, enforce_csrf_checks=True).post(NEW, typed)
    theirs = client_of(other, enforce_csrf_checks=True).post(NEW, {**typed, "minutes": "45"})
    nobodys = client_of(enforce_csrf_checks=True).post(NEW, {**typed, "minutes": "46"})
    unmarked = client_of(other, enforce_csrf_checks=True).post(NEW, {**typed, "owner": "", "minutes": "47"})
    draft = client_of(user, enforce_csrf_checks=True).post(KEEP, {**typed, "minutes": "48"})

    assert (own.status_code, own["Location"]) == (302, NEW)
    assert (nobodys.status_code, nobodys["Location"]) == (302, f"{reverse('account_login')}?next={NEW}")
    assert [each.status_code for each in (theirs, unmarked, draft)] == [409, 403, 403]
    assert Contact.objects.count() == 0
    assert Page(client_of(user).get(NEW)).values()["minutes"] == ["46"]
    assert Page(client_of(other).get(NEW)).values()["minutes"] == [""]
