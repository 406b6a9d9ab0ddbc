from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format

from casework.models import Case, Contact, FigureChange, ReferralTarget, Topic
from casework.services.case_file import record_consent
from casework.services.figures import refresh_changed_figures
from tests.factories import make_agreed_case, make_case, make_contact, make_manager
from tests.forms import assert_refused, submit
from tests.pages import Page, client_of

pytestmark = pytest.mark.django_db
NEW = reverse("casework:contact_new")
LIST = reverse("casework:contact_list")


def _entered(case: Case, /, **overrides: object) -> dict[str, object]:
    values = {
        "case": case.code,
        "date": timezone.localdate().isoformat(),
        "minutes": "45",
        "kind": "home_visit",
        "channel": "outreach",
        "topics": ["1", "3"],
        "mediation": "interpreter",
        "referral_target": ReferralTarget.objects.first().pk,
    }
    return {**values, **overrides}


def test_contact_is_stored_as_entered_and_named_on_the_start_page():
    case = make_case()
    entered = _entered(case)

    response = client_of(case.opened_by.user).post(NEW, entered, follow=True)

    contact = Contact.objects.get()
    stored = {name: getattr(contact, name) for name in ("kind", "channel", "minutes", "topics", "mediation")}
    assert stored == {
        "kind": "home_visit",
        "channel": "outreach",
        "minutes": 45,
        "topics": [1, 3],
        "mediation": "interpreter",
    }
    assert (contact.case, contact.manager, contact.date) == (case, case.opened_by, timezone.localdate())
    assert (contact.organisation_id, contact.municipality_id) == (case.organisation_id, case.municipality_id)
    assert contact.referral_target_id == entered["referral_target"]
    assert response.redirect_chain == [(reverse("casework:start"), 302)]
    assert Page(response).messages == [f"Contact with {case.code} saved: Home visit, On site, 45 minutes."]


def _wrong() -> list[tuple[str, object]]:
    today = timezone.localdate()
    return [
        ("date", ""),
        ("date", "31.02.2026"),
        ("date", (today + timedelta(days=1)).isoformat()),
        ("date", "1999-12-31"),
        ("case", ""),
        ("case", "0"),
        ("case", "\x00"),
        ("case", "9" * 40),
        ("minutes", ""),
        ("minutes", "0"),
        ("minutes", "601"),
        ("minutes", "half an hour"),
        ("minutes", "9" * 5000),
        ("kind", ""),
        ("kind", "party"),
        ("channel", "pigeon"),
        ("topics", []),
        ("topics", ["0"]),
        ("topics", ["99999999999"]),
        ("mediation", "guess"),
        ("referral_target", "0"),
    ]


@pytest.mark.parametrize(("field", "value"), _wrong())
@pytest.mark.parametrize("correcting", [False, True])
def test_wrong_entry_is_explained_and_nothing_typed_is_lost(field, value, correcting):
    case = make_case()
    contact = make_contact(case=case) if correcting else None
    address = reverse("casework:contact_edit", args=[contact.pk]) if contact else NEW
    before = list(Contact.objects.values())
    sent = _entered(case, **{field: value}) | ({"version": contact.version} if contact else {})

    page = submit(client_of(case.opened_by.user), address, sent)

    assert_refused(page, field, sent)
    assert list(Contact.objects.values()) == before


def test_every_wrong_field_is_named_at_once():
    case = make_case()

    page = submit(client_of(case.opened_by.user), NEW, {"case": case.code})

    assert [name for name, _line in page.errors] == [
        "id_date",
        "id_topics_0",
        "id_minutes",
        "id_kind",
        "id_channel",
        "id_mediation",
    ]


def test_case_of_another_manager_is_refused_and_not_told_from_an_unknown_one():
    case = make_case()
    foreign = make_case(manager=make_manager(organisation=case.organisation))
    client = client_of(case.opened_by.user)

    page = submit(client, NEW, _entered(foreign))
    unknown = submit(client, NEW, _entered(case, case="0"))

    assert Contact.objects.count() == 0
    assert page.errors == unknown.errors
    # What was typed stays, and says no more than that.
    assert [option.text for option in page.one("select", name="case").all("option")][1] == foreign.code
    assert page.text.count(foreign.code) == 1


def test_foreign_contact_is_neither_changed_nor_removed():
    contact = make_contact()
    client = client_of(make_case().opened_by.user)

    answers = [
        client.post(reverse(f"casework:{name}", args=[contact.pk]), _entered(contact.case))
        for name in ("contact_edit", "contact_withdraw")
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert Contact.objects.values("minutes").get() == {"minutes": 30}


def test_address_with_a_code_chooses_the_case():
    manager = make_manager()
    case, _other, foreign = make_case(manager=manager), make_case(manager=manager), make_case()
    client = client_of(manager.user)

    chosen = {
        text: Page(client.get(NEW, {"case": text})).values()["case"]
        for text in (case.code, case.code.lower().replace("-", " "), foreign.code, "<script>", "\x00", "")
    }

    assert list(chosen.values()) == [[case.code]] * 2 + [[""]] * 4


def test_form_sent_twice_stores_one_contact():
    case = make_case()
    client = client_of(case.opened_by.user)
    form = Page(client.get(NEW)).values()
    entered = {**_entered(case), "entry_key": form["entry_key"]}

    answers = [client.post(NEW, entered) for _time in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert Contact.objects.count() == 1


def test_two_forms_with_the_same_entries_store_two_contacts():
    case = make_case()
    client = client_of(case.opened_by.user)

    for _time in range(2):
        key = Page(client.get(NEW)).values()["entry_key"]
        client.post(NEW, {**_entered(case), "entry_key": key})

    assert Contact.objects.count() == 2


def test_refused_form_keeps_its_key():
    case = make_case()
    sent = _entered(case, minutes="0", entry_key=str(uuid4()))

    page = submit(client_of(case.opened_by.user), NEW, sent)

    assert page.values()["entry_key"] == [sent["entry_key"]]


def test_broken_key_is_refused_in_words():
    case = make_case()

    page = submit(client_of(case.opened_by.user), NEW, _entered(case, entry_key="broken"))

    assert [name for name, _line in page.errors] == [""]
    assert Contact.objects.count() == 0


def test_correction_starts_from_what_is_stored_and_replaces_it():
    contact = make_contact(referral_target=ReferralTarget.objects.first(), topics=Topic.objects.all()[:2])
    client = client_of(contact.manager.user)
    address = reverse("casework:contact_edit", args=[contact.pk])

    held = Page(client.get(address)).values()
    response = client.post(address, {**held, "minutes": "50"}, follow=True)

    assert held["minutes"] == ["30"]
    assert held["topics"] == [str(pk) for pk in contact.topics]
    assert Page(response).messages == [f"Contact with {contact.case.code} corrected."]
    after = Contact.objects.get()
    assert (after.minutes, after.pk, after.entry_key) == (50, contact.pk, contact.entry_key)
    assert (after.kind, after.topics, after.referral_target_id) == (
        contact.kind,
        contact.topics,
        contact.referral_target_id,
    )


def test_contact_of_a_closed_case_can_still_be_corrected():
    contact = make_contact()
    Case.objects.filter(pk=contact.case_id).update(closed_on=contact.date, closing_reason="moved")
    client = client_of(contact.manager.user)
    address = reverse("casework:contact_edit", args=[contact.pk])

    held = Page(client.get(address)).values()
    client.post(address, {**held, "minutes": "31"})

    assert held["case"] == [contact.case.code]
    assert Contact.objects.get().minutes == 31


def test_withdrawn_contact_is_gone_and_its_month_is_noted():
    contact = make_contact()
    FigureChange.objects.all().delete()

    response = client_of(contact.manager.user).post(
        reverse("casework:contact_withdraw", args=[contact.pk]), follow=True
    )

    assert Contact.objects.count() == 0
    assert FigureChange.objects.values_list("manager", "first_month").get() == (
        contact.manager_id,
        contact.date.replace(day=1),
    )
    assert Page(response).messages == ["The contact was removed."]


def test_list_shows_own_contacts_the_latest_first():
    case, today = make_case(), timezone.localdate()
    older = make_contact(case=case, date=today - timedelta(days=2), minutes=20, topics=Topic.objects.all()[:2])
    make_contact(case=case, minutes=10)
    make_contact()

    page = Page(client_of(case.opened_by.user).get(LIST))

    rows = page.rows("contacts-caption")
    with translation.override("en"):
        day = date_format(older.date, "SHORT_DATE_FORMAT")
    assert [row[4] for row in rows] == ["10", "20"]
    assert rows[1] == [
        day,
        case.code,
        "Counselling",
        "In the office",
        "20",
        ", ".join(str(topic.name_en) for topic in Topic.objects.all()[:2]),
        case.municipality.name,
        f"Correct {case.code}, {day}",
    ]


def test_list_turns_pages_and_survives_a_page_that_does_not_exist():
    case = make_case()
    for _number in range(51):
        make_contact(case=case)
    client = client_of(case.opened_by.user)

    lengths = {
        number: len(Page(client.get(LIST, {"page": number})).rows("contacts-caption"))
        for number in ("1", "2", "3", "0", "-1", "last", "\x00", "9" * 30)
    }

    assert lengths == {"1": 50, "2": 1, "3": 1, "0": 1, "-1": 1, "last": 50, "\x00": 50, "9" * 30: 1}


def test_list_goes_back_to_the_first_contact_and_has_the_last_before_figures_know_it():
    today = timezone.localdate()
    case = make_case(opened_on=today - timedelta(days=700))
    old = make_contact(case=case, date=today - timedelta(days=690))
    refresh_changed_figures()
    new = make_contact(case=case, date=today)

    page = Page(client_of(case.opened_by.user).get(LIST))

    shown = [row.all("td", "th")[0].text for row in page.one("tbody").all("tr")]
    with translation.override("en"):
        assert shown == [date_format(each.date, "SHORT_DATE_FORMAT") for each in (new, old)]


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("name", "queries"), [("contact_list", 8), ("contact_new", 8), ("contact_edit", 8)])
def test_pages_ask_as_often_for_one_contact_as_for_three(rows, name, queries, django_assert_num_queries):
    manager = make_manager()
    contacts = [make_contact(case=make_case(manager=manager)) for _number in range(rows)]
    client = client_of(manager.user)
    address = reverse(f"casework:{name}", args=[contacts[0].pk] if name == "contact_edit" else [])

    with django_assert_num_queries(queries):
        response = client.get(address)

    assert contacts[0].case.code in response.content.decode()


def test_new_contact_without_any_open_case_leads_to_opening_one():
    case = make_case()
    client = client_of(case.opened_by.user)
    Case.objects.filter(pk=case.pk).update(closed_on=timezone.localdate(), closing_reason="moved")

    page = Page(client.get(NEW))
    sent = submit(client, NEW, {**_entered(case), "minutes": "41"})

    assert [link["href"] for link in page.main.all("a", href=reverse("casework:case_new"))] != []
    assert page.values() == {}
    # What was typed before the last case was closed stays on the page all the same.
    assert sent.values()["minutes"] == ["41"]


def test_contact_without_a_consent_that_holds_is_saved_with_a_warning():
    case = make_agreed_case()
    client, entered = client_of(case.opened_by.user), _entered(case)
    fine = Page(client.post(NEW, entered, follow=True)).messages
    record_consent(case=case, consent_on=case.opened_on, withdrawn_on=timezone.localdate(), version=case.version)

    warned = Page(client.post(NEW, entered, follow=True)).messages

    assert [text.split(":")[0] for text in fine] == [f"Contact with {case.code} saved"]
    assert warned[0] == f"The consent for case {case.code} was withdrawn. Record a new one, or close the case."


def test_list_is_narrowed_to_the_contacts_with_one_case():
    manager = make_manager()
    one, other = (make_contact(case=make_case(manager=manager)).case for _number in range(2))
    client, address = client_of(manager.user), reverse("casework:contact_list")

    shown = Page(client.get(address, {"code": one.code[:6].lower()}))
    without = Page(client.get(address, {"code": one.code.replace("-", "").lower()}))
    wrong = Page(client.get(address, {"code": "Frau X"}))
    none = Page(client.get(address, {"code": "0000" if "0000" not in other.code else "1111"}))

    assert [[row[1] for row in page.rows("contacts-caption")] for page in (shown, without)] == [[one.code]] * 2
    assert [page.main.all("table") for page in (wrong, none)] == [[], []]
    assert "No contact in this selection." in none.main.text
    assert "A name is never kept here." in wrong.main.text
