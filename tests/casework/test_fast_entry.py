from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from casework.entry import REPEATED
from casework.models import Contact, Deputyship, Manager, Topic
from casework.services.contact_templates import keep_template
from tests.factories import make_case, make_contact, make_manager
from tests.pages import Page, client_of

pytestmark = pytest.mark.django_db
NEW = reverse("casework:contact_new")
START = reverse("casework:start")
TODAY = timezone.localdate()


def _stand_in(manager: Manager, deputy: Manager) -> None:
    Deputyship.objects.create(
        manager=manager, deputy=deputy, organisation=manager.organisation, starts_on=TODAY, ends_on=TODAY
    )


def _repeated(contact: Contact) -> tuple:
    return tuple(getattr(contact, name) for name in ("case", "date", *REPEATED))


def test_contact_like_last_time_needs_no_more_than_the_case_and_the_day():
    last = make_contact(
        date=TODAY - timedelta(days=7),
        kind="crisis",
        channel="video",
        minutes=35,
        topics=Topic.objects.all()[1:3],
        mediation="remote",
    )
    other = make_contact(case=make_case(manager=last.manager), minutes=99)
    client = client_of(last.manager.user)

    response = client.post(NEW, {"case": last.case.code, "date": TODAY.isoformat(), "again": "1"}, follow=True)

    again = Contact.objects.exclude(pk__in=[last.pk, other.pk]).get()
    assert _repeated(again) == (last.case, TODAY, "crisis", "video", 35, last.topics, "remote")
    assert Page(response).messages == [f"Contact with {last.case.code} saved: Crisis support, By video, 35 minutes."]


def test_like_last_time_follows_the_last_contact_of_the_case_whoever_recorded_it():
    case = make_case()
    make_contact(case=case, date=TODAY - timedelta(days=2), minutes=20)
    deputy = make_manager(organisation=case.organisation)
    _stand_in(case.opened_by, deputy)
    make_contact(case=case, manager=deputy, date=TODAY - timedelta(days=1), minutes=55)

    client_of(case.opened_by.user).post(NEW, {"case": case.code, "date": TODAY.isoformat(), "again": "1"})

    assert Contact.objects.get(date=TODAY).minutes == 55


def test_like_last_time_sent_twice_is_one_contact():
    last = make_contact(date=TODAY - timedelta(days=1))
    client, key = client_of(last.manager.user), str(uuid4())

    for _time in range(2):
        client.post(NEW, {"case": last.case.code, "date": TODAY.isoformat(), "entry_key": key, "again": "1"})

    assert Contact.objects.filter(date=TODAY).count() == 1


NO_CONTACT = "There is no contact with this case yet. Fill in the form once."
NO_CASE = "None of your open cases has this code. Choose one from the list; a closed one can be reopened."


@pytest.mark.parametrize(
    ("chosen", "why"),
    [
        ("own", NO_CONTACT),
        ("foreign", NO_CASE),
        ("none", "Choose a case."),
        ("K7M", NO_CASE),
        ("9" * 40, NO_CASE),
    ],
)
def test_like_last_time_is_refused_without_a_contact_of_an_own_case(chosen, why):
    case, foreign = make_case(), make_contact()
    sent = {"own": case.code, "foreign": foreign.case.code, "none": ""}.get(chosen, chosen)

    response = client_of(case.opened_by.user).post(
        NEW, {"case": sent, "date": TODAY.isoformat(), "minutes": "41", "again": "1"}
    )

    page = Page(response)
    assert page.errors == [("id_case", f"Case : {why}")]
    assert (page.values()["case"], page.values()["minutes"]) == ([sent], ["41"])
    assert Contact.objects.count() == 1


def test_zero_byte_in_place_of_a_code_is_refused_like_any_other():
    case = make_case()

    response = client_of(case.opened_by.user).post(NEW, {"case": "\x00", "date": TODAY.isoformat(), "again": "1"})

    assert Page(response).errors == [("id_case", f"Case : {NO_CASE}")]


def _last_time() -> Contact:
    return make_contact(
        date=TODAY - timedelta(days=7), kind="crisis", channel="video", minutes=35, topics=Topic.objects.all()[:2]
    )


@pytest.mark.parametrize(
    ("entered", "own"),
    [
        ({"minutes": "50"}, "Duration"),
        ({"kind": "home_visit"}, "Kind"),
        ({"channel": "phone"}, "Channel"),
        ({"topics": ["3"]}, "Topics"),
        ({"mediation": "remote"}, "Language mediation"),
        ({"referral_target": "1"}, "Referral to"),
        ({"minutes": "50", "kind": "home_visit"}, "Duration, Kind"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_like_last_time_keeps_what_was_entered_and_asks_before_it_saves(entered, own):
    last = _last_time()
    # As the empty form is sent.
    empty = {"minutes": "", "kind": "counselling", "channel": "office", "mediation": "none", "referral_target": ""}
    sent = {"case": last.case.code, "date": TODAY.isoformat(), **empty, **entered, "again": "1"}

    page = Page(client_of(last.manager.user).post(NEW, sent))

    values = page.values()
    last_time = {"minutes": "35", "kind": "crisis", "channel": "video", "topics": ["1", "2"], "mediation": "none"}
    shown = {**last_time, "referral_target": "", **entered}
    assert {name: values[name] for name in shown} == {
        name: value if isinstance(value, list) else [value] for name, value in shown.items()
    }
    assert f"Not saved yet. You had entered something yourself. It stays: {own}." in page.text
    assert page.errors == []
    assert Contact.objects.count() == 1


def test_like_last_time_saves_what_it_has_shown_also_what_is_as_in_an_empty_form():
    last = _last_time()
    client = client_of(last.manager.user)
    sent = {"case": last.case.code, "date": TODAY.isoformat(), "minutes": "50", "kind": "counselling"}
    page = Page(client.post(NEW, {**sent, "again": "1"}))
    # The person sees "crisis support", which it was not this time.
    shown = {name: values for name, values in page.values().items() if name != "kind"}

    client.post(NEW, {**shown, "kind": "counselling", "again": page.one("button", name="again")["value"]})

    again = Contact.objects.exclude(pk=last.pk).get()
    assert (again.minutes, again.kind, again.channel, again.topics) == (50, "counselling", "video", [1, 2])


def test_form_shown_for_one_case_is_asked_about_again_for_another():
    last = _last_time()
    other = make_contact(case=make_case(manager=last.manager), date=TODAY - timedelta(days=3), minutes=20)
    client = client_of(last.manager.user)
    sent = {"case": other.case.code, "date": TODAY.isoformat(), "minutes": "50", "again": last.case.code}

    page = Page(client.post(NEW, sent))

    assert "Not saved yet." in page.text
    assert page.values()["minutes"] == ["50"]
    assert Contact.objects.count() == 2


def test_like_last_time_with_an_ended_topic_shows_what_it_would_have_saved():
    last = make_contact(date=TODAY - timedelta(days=40), minutes=35)
    Topic.objects.filter(pk__in=last.topics).update(ends_on=TODAY - timedelta(days=9))

    response = client_of(last.manager.user).post(NEW, {"case": last.case.code, "date": TODAY.isoformat(), "again": "1"})

    page = Page(response)
    assert {name for name, _line in page.errors} == {"id_topics_0"}
    assert page.values()["minutes"] == ["35"]
    assert Contact.objects.count() == 1


def test_template_fills_the_form_and_saves_nothing():
    pattern = make_contact(kind="crisis", channel="phone", minutes=12, topics=Topic.objects.all()[2:4])
    template = keep_template(contact=pattern, name="Call")
    case = make_case(manager=pattern.manager)
    client = client_of(pattern.manager.user)

    response = client.post(NEW, {"case": case.code, "date": "2026-01-02", "minutes": "", "template": template.key})

    page = Page(response)
    values = page.values()
    assert page.errors == []
    assert (values["case"], values["date"], values["kind"]) == ([case.code], ["2026-01-02"], ["crisis"])
    assert (values["minutes"], values["topics"]) == (["12"], [str(pk) for pk in pattern.topics])
    assert Contact.objects.count() == 1


def test_template_is_not_covered_by_an_older_draft_and_keeps_the_referral():
    pattern = make_contact(minutes=12)
    template = keep_template(contact=pattern, name="Call")
    client = client_of(pattern.manager.user)
    client.post(reverse("draft_keep"), {"draft": "contact", "minutes": "99"})

    response = client.post(NEW, {"minutes": "", "referral_target": "1", "template": template.key})

    values = Page(response).values()
    assert (values["minutes"], values["referral_target"]) == (["12"], ["1"])


def test_template_keeps_what_was_entered_and_says_so_but_not_what_another_template_filled_in():
    manager = make_manager()
    call, visit = (
        keep_template(contact=make_contact(case=make_case(manager=manager), **values), name=name)
        for name, values in (
            ("Call", {"kind": "crisis", "channel": "phone", "minutes": 12, "topics": Topic.objects.all()[2:4]}),
            ("Visit", {"kind": "home_visit", "channel": "outreach", "minutes": 90, "topics": Topic.objects.all()[4:5]}),
        )
    )
    client = client_of(manager.user)
    entered = {"minutes": "50", "kind": "counselling", "channel": "office", "mediation": "none", "filled": ""}

    first = Page(client.post(NEW, {**entered, "template": call.key}))
    second = Page(client.post(NEW, {**first.values(), "template": visit.key}))

    held = [(page.values()["minutes"], page.values()["kind"], page.values()["topics"]) for page in (first, second)]
    assert held == [(["50"], ["crisis"], ["3", "4"]), (["50"], ["home_visit"], ["5"])]
    said = [page.one("p", role="status", class_="pik-small").text for page in (first, second)]
    assert said == ["You had entered something yourself. It stays: Duration."] * 2


@pytest.mark.parametrize("key", ["foreign", "0", "x", "\x00"])
def test_template_of_somebody_else_fills_nothing(key):
    foreign = keep_template(contact=make_contact(minutes=77), name="Call")
    case = make_case()

    response = client_of(case.opened_by.user).post(
        NEW, {"case": case.code, "minutes": "5", "template": foreign.key if key == "foreign" else key}
    )

    assert Page(response).values()["minutes"] == ["5"]


def test_own_cases_come_first_and_those_of_others_under_their_names():
    deputy = make_manager()
    berta = make_manager(organisation=deputy.organisation, name="Berta Beispiel")
    anton = make_manager(organisation=deputy.organisation, name="Anton Andere")
    for manager in (berta, anton):
        _stand_in(manager, deputy)
    cases = [make_case(manager=manager) for manager in (berta, deputy, anton, deputy)]

    choice = Page(client_of(deputy.user).get(START)).one("select", name="case")

    groups = [(group["label"], [option["value"] for option in group.all("option")]) for group in choice.all("optgroup")]
    keys = [case.code for case in cases]
    assert groups == [
        ("My own cases", [keys[3], keys[1]]),
        ("Anton Andere", [keys[2]]),
        ("Berta Beispiel", [keys[0]]),
    ]


@pytest.mark.parametrize("again", [False, True])
def test_contact_is_saved_with_at_most_eight_queries(again):
    case = make_contact(date=TODAY - timedelta(days=1)).case
    client = client_of(case.opened_by.user)
    entered = {"minutes": "20", "kind": "crisis", "channel": "phone", "topics": ["1", "2"], "mediation": "none"}
    # The page says whether a draft was made; there is none to delete.
    sent = {"case": case.code, "date": TODAY.isoformat(), "entry_key": str(uuid4()), "drafted": ""}

    with CaptureQueriesContext(
        connection,
    ) as asked:
        response = client.post(NEW, {**sent, **({"again": "1"} if again else entered)})

    # Savepoints stand for the transaction, which costs no query of its own.
    queries = [query["sql"] for query in asked.captured_queries if "SAVEPOINT" not in query["sql"]]
    assert response.status_code == 302
    assert len(queries) == 8, "\n".join(queries)


@pytest.mark.parametrize(("own", "others"), [(72, 0), (72, 228)])
def test_lists_ask_as_often_for_many_cases(own, others, django_assert_num_queries):
    deputy = make_manager()
    colleague = make_manager(organisation=deputy.organisation)
    if others:
        _stand_in(colleague, deputy)
    for manager, number in ((deputy, own), (colleague, others)):
        for _number in range(number):
            make_case(manager=manager)
    client = client_of(deputy.user)

    with django_assert_num_queries(7):
        listed = client.get(reverse("casework:case_list"))
    with django_assert_num_queries(8):
        entry = Page(client.get(NEW))

    assert listed.status_code == 200
    assert len(entry.one("select", name="case").all("option")) == 1 + own + others
