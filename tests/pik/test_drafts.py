from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django import forms
from django.conf import settings
from django.db.models import F
from django.http import QueryDict
from django.urls import reverse
from django.utils import translation

from casework.models import Case, Contact, Topic
from casework.services.goals import StepEntry
from casework.services.plans import make_plan
from pik.draft_marks import mark_of
from pik.drafts import find_draft, keep_draft
from pik.forms import Form
from pik.models import Draft, Municipality, User
from pik.tasks import purge_outlived_drafts
from tests.database import refused_by
from tests.factories import make_case, make_goal, make_manager, make_membership
from tests.pages import Page, client_of
from tests.scene import make_scene

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


def _keep(user: User, text: str = "minutes=7", key: str = "contact") -> dict[str, list[str]] | None:
    return keep_draft(user=user, data=sent(user, text, key))


def _age(how_much: timedelta) -> None:
    Draft.objects.update(expires_at=F("expires_at") - how_much)


def test_draft_holds_what_was_typed_and_not_what_belongs_to_the_page():
    user = make_manager().user

    _keep(user, "minutes=7&topics=1&topics=2&csrfmiddlewaretoken=x&draft=z&entry_key=k&drafted=1")

    assert find_draft(user, "contact").data == {"minutes": ["7"], "topics": ["1", "2"]}


def test_draft_is_visible_to_who_typed_it_only():
    scene = make_scene()
    drafts = {}
    for reader in ("manager", "foreign manager", "coordinator"):
        _keep(scene.readers[reader], key=reader.replace(" ", "-"))
        drafts[reader] = Draft.objects.get(form=reader.replace(" ", "-"))

    assert scene.seen(drafts) == {reader: {reader} & set(drafts) for reader in scene.readers}


def test_draft_of_one_membership_is_not_shown_in_another():
    manager = make_manager()
    other = make_membership(user=manager.user, role="coordinator")
    user = User.objects.get(pk=manager.user_id)
    user.acting_membership_id = manager.user.memberships.get(role="manager").pk
    _keep(user)

    user.acting_membership_id = other.pk

    assert find_draft(user, "contact") is None


def test_later_draft_replaces_the_one_before():
    user = make_manager().user

    for minutes in (7, 8):
        _keep(user, f"minutes={minutes}")

    assert Draft.objects.get().data == {"minutes": ["8"]}


@pytest.mark.parametrize("text", ["words=" + "x" * settings.DRAFT_BYTES, "words=%00"])
def test_what_no_form_of_ours_holds_is_not_kept(text):
    assert _keep(make_manager().user, text) is None
    assert Draft.objects.count() == 0


def test_database_refuses_a_form_of_another_shape():
    _keep(make_manager().user)

    with refused_by("draft_form_shape"):
        Draft.objects.update(form="../x")


def test_old_drafts_are_neither_shown_nor_kept():
    user = make_manager().user
    _keep(user)
    _age(settings.DRAFT_KEPT + timedelta(minutes=1))

    assert find_draft(user, "contact") is None
    purge_outlived_drafts()
    assert Draft.objects.count() == 0


def test_words_that_the_guard_refuses_are_kept_nowhere_and_the_rest_is():
    user = make_manager().user
    data = sent(user, "words=Frau+Yilmaz+ruft+an&place=08111000&day=2026-11-24&minutes=5")

    with translation.override("en"):
        refused = keep_draft(user=user, data=data)

    stored = Draft.objects.get()
    assert list(refused) == ["words"]
    assert "No name: write for example" in " ".join(refused["words"])
    assert stored.data == {"place": ["08111000"], "day": ["2026-11-24"], "minutes": ["5"]}
    assert stored.left_out == ["words"]
    assert "Yilmaz" not in str(Draft.objects.values())


def test_draft_of_words_holds_what_can_be_read_and_nothing_else():
    user = make_manager().user
    unseen = "".join(chr(0xE0000 + ord(each)) for each in "Yilmaz") + "\u200b\u200c" * 20

    keep_draft(user=user, data=sent(user, urlencode({"words": f"The mother calls{unseen}"})))

    assert Draft.objects.get().data == {"words": ["The mother calls"]}


def test_day_before_the_pact_is_kept_nowhere():
    user = make_manager().user
    keep_draft(user=user, data=sent(user, "words=The+mother+calls&day=1987-03-15"))

    assert Draft.objects.get().data == {"words": ["The mother calls"]}


def test_words_that_are_refused_later_take_the_earlier_ones_with_them():
    user = make_manager().user
    keep_draft(user=user, data=sent(user, "words=The+mother+calls"))

    keep_draft(user=user, data=sent(user, "words=Frau+Yilmaz+calls"))

    assert (Draft.objects.get().data, Draft.objects.get().left_out) == ({}, ["words"])


@pytest.mark.parametrize("text", ["minutes=Frau+Yilmaz", "kind=Herr+Haddad", "place=Geboren+am+12.03.1988"])
def test_words_in_a_field_that_takes_none_are_guarded_all_the_same(text):
    user = make_manager().user

    refused = keep_draft(user=user, data=sent(user, text))

    assert list(refused) == [text.split("=", maxsplit=1)[0]]
    assert Draft.objects.get().data == {}


def test_page_is_told_which_field_is_not_kept_and_why():
    user = make_manager().user

    data = sent(user, "minutes=5&words=Frau+Yilmaz+ruft+an")

    answer = client_of(user).post(KEEP, data.dict())

    (refused,) = answer.json()["refused"]
    assert (answer.status_code, refused["field"]) == (200, "words")
    assert refused["why"].endswith("No name: write for example “the mother”.")


def test_young_drafts_survive_the_purge():
    _keep(make_manager().user)
    _age(settings.DRAFT_KEPT - timedelta(minutes=1))

    purge_outlived_drafts()

    assert Draft.objects.count() == 1


def test_page_keeps_restores_and_discards_what_is_typed():
    case = make_case()
    client = client_of(case.opened_by.user)
    shown = Page(client.get(NEW)).values()
    typed = {**shown, "case": case.code, "minutes": "33", "topics": ["1", "2"], "kind": "crisis"}

    kept = client.post(KEEP, typed)
    page = Page(client.get(NEW))
    discarded = client.post(DISCARD, {"draft": "contact", "next": NEW}, follow=True)

    assert kept.status_code == 204
    values = page.values()
    assert (values["case"], values["minutes"], values["topics"]) == ([case.code], ["33"], ["1", "2"])
    assert "restored. It is not saved yet." in page.main.text
    assert discarded.redirect_chain == [(NEW, 302)]
    assert Page(discarded).values()["minutes"] == [""]
    assert Draft.objects.count() == 0


@pytest.mark.parametrize(
    ("address", "first"), [(NEW, {}), (reverse("casework:count_new", args=["im"]), {"kind": "information"})]
)
def test_draft_that_restores_nothing_is_neither_shown_nor_kept(address, first):
    client = client_of(make_case().opened_by.user)
    shown = Page(client.get(address)).values()
    # Half a code, as the field of the case holds it while somebody types: it is not kept.
    client.post(KEEP, {**shown, **first, "case": "yn"})
    kept = Draft.objects.count()

    page = Page(client.get(address))

    assert (kept, Draft.objects.count()) == (1, 0)
    assert page.all("form", class_="pik-draft") == []
    assert page.values()["drafted"] == [""]
    # Under the key of the draft something may be stored already.
    assert page.values()["entry_key"] != shown["entry_key"]


def test_draft_with_choices_that_no_longer_exist_does_not_break_the_page():
    user = make_case().opened_by.user
    _keep(user)
    gone = {"case": "999999", "topics": "99", "kind": "party", "minutes": "many", "date": "tomorrow", "mediation": ""}
    Draft.objects.update(data={name: [value] for name, value in {**gone, "referral_target": "x"}.items()})

    assert client_of(user).get(NEW).status_code == 200


def test_saving_deletes_the_draft():
    case = make_case()
    client = client_of(case.opened_by.user)
    _keep(case.opened_by.user)
    shown = Page(client.get(NEW)).values()

    client.post(NEW, {**shown, "case": case.code, "topics": ["1"]})

    assert (Contact.objects.count(), Draft.objects.count()) == (1, 0)


def test_form_that_came_back_to_be_corrected_takes_its_draft_with_it_when_saved():
    case = make_case()
    client = client_of(case.opened_by.user)
    shown = Page(client.get(NEW)).values()
    client.post(KEEP, {**shown, "minutes": "33"})
    wrong = {**shown, "case": case.code, "topics": ["1"], "minutes": "0", "drafted": "1"}

    refused = Page(client.post(NEW, wrong)).values()
    client.post(NEW, {**refused, "minutes": "33"})

    assert refused["drafted"] == ["1"]
    assert (Contact.objects.count(), Draft.objects.count()) == (1, 0)


def test_entry_begun_for_a_case_is_restored_for_this_case_only():
    case = make_case()
    other = make_case(manager=case.opened_by)
    client = client_of(case.opened_by.user)
    shown = Page(client.get(NEW, {"case": case.code})).values()
    client.post(KEEP, {**shown, "minutes": "18"})

    minutes = [Page(client.get(NEW, {"case": each})).values()["minutes"] for each in (case.code, other.code, "")]

    assert minutes == [["18"], [""], [""]]


@pytest.mark.parametrize(
    "back",
    [
        "https://elsewhere.example/",
        "//elsewhere.example",
        "/\\elsewhere.example",
        "",
        "\x00",
        "x",
        "NaN",
        "-1",
        "start",
    ],
)
def test_discarding_leads_to_no_other_house(back):
    response = client_of(make_manager().user).post(DISCARD, {"draft": "contact", "next": back})

    assert response["Location"] == reverse("start")


@pytest.mark.parametrize("key", ["a\x00b", "", "x" * 41, "../x", "ä"])
def test_discarding_what_is_no_form_of_ours_leads_back(key):
    response = client_of(make_manager().user).post(DISCARD, {"draft": key, "next": NEW})

    assert (response.status_code, response["Location"]) == (302, NEW)


def test_draft_of_the_longest_goal_is_kept():
    goal = make_goal(steps=[StepEntry("Calls", "person")] * 57)
    case = goal.plan.case
    client = client_of(case.opened_by.user)
    shown = Page(client.get(reverse("casework:goal_edit", args=[case.code, goal.pk]))).values()
    steps = {f"step{row}_words": "Schläft nächtelang über Plänen. " * 8 for row in range(60)}

    answer = client.post(reverse("draft_keep"), {**shown, "words": "Übt", **steps})

    assert answer.status_code == 204
    assert [len(Draft.objects.get().data[f"step{row}_words"][0]) for row in (0, 59)] == [256, 256]


def test_form_that_was_refused_is_there_again_for_who_leaves_it():
    case = make_case()
    make_plan(case=case, agreed_on=case.opened_on)
    client, address = client_of(case.opened_by.user), reverse("casework:goal_new", args=[case.code])
    shown = Page(client.get(address)).values()

    refused = Page(client.post(address, {**shown, "words": "Takes up work", "domain": ""}))
    again = Page(client.get(address)).values()
    client.post(address, {**refused.values(), "domain": "work"})

    assert refused.values()["drafted"] == ["1"]
    assert again["words"] == ["Takes up work"]
    assert Draft.objects.count() == 0
