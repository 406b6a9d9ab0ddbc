from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from casework.models import ContactTemplate, Manager
from casework.services.contact_templates import keep_template, move_template, remove_template, rename_template
from tests.database import app_session, refused_by, side_by_side, wait_until_queued
from tests.factories import make_contact
from tests.forms import assert_refused, submit
from tests.pages import Page, client_of
from tests.scene import make_scene

pytestmark = pytest.mark.django_db
LIST = reverse("casework:template_list")


def _address(name: str, row: object) -> str:
    return reverse(f"casework:{name}", args=[row.pk])


def test_template_holds_everything_but_case_and_day():
    contact = make_contact(kind="home_visit", channel="outreach", minutes=90, mediation="lay")

    template = keep_template(contact=contact, name="Visit")

    stored = ContactTemplate.objects.values(
        "manager", "name", "kind", "channel", "minutes", "topics", "mediation"
    ).get()
    assert stored == {
        "manager": contact.manager_id,
        "name": "Visit",
        "kind": "home_visit",
        "channel": "outreach",
        "minutes": 90,
        "topics": contact.topics,
        "mediation": "lay",
    }
    assert str(template) == "Visit"


def test_template_is_visible_to_the_manager_who_named_it_only():
    scene = make_scene()
    templates = {
        name: keep_template(contact=make_contact(manager=manager), name="Visit")
        for name, manager in scene.managers().items()
    }

    seen = scene.seen(templates)

    assert seen == {
        **{reader: set() for reader in scene.readers},
        "manager": {"mine"},
    }


@pytest.mark.parametrize("name", ["", "x" * 41, "Visit"])
def test_name_that_is_empty_too_long_or_taken_is_refused(name):
    contact = make_contact()
    keep_template(contact=contact, name="Visit")
    other = keep_template(contact=contact, name="Call")

    for change in (
        lambda: keep_template(contact=contact, name=name),
        lambda: rename_template(template=other, name=name),
    ):
        with pytest.raises(ValidationError) as refused:
            change()
        assert list(refused.value.message_dict) == ["name"]
    assert set(ContactTemplate.objects.values_list("name", flat=True)) == {"Visit", "Call"}


def test_two_managers_may_use_the_same_name():
    for _manager in range(2):
        keep_template(contact=make_contact(), name="Visit")

    assert ContactTemplate.objects.count() == 2


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"name": ""}, "contact_template_has_name"),
        ({"minutes": 0}, "contact_template_minutes_in_range"),
        ({"kind": "party"}, "contact_template_kind_known"),
        ({"channel": "pigeon"}, "contact_template_channel_known"),
        ({"mediation": "guess"}, "contact_template_mediation_known"),
    ],
)
def test_database_refuses_what_no_contact_could_be(change, rule):
    keep_template(contact=make_contact(), name="Visit")

    with refused_by(rule):
        ContactTemplate.objects.update(**change)


def test_removed_template_leaves_the_contacts_alone():
    contact = make_contact()

    remove_template(template=keep_template(contact=contact, name="Visit"))

    assert ContactTemplate.objects.count() == 0
    contact.refresh_from_db()


def test_manager_names_renames_and_removes_a_template():
    contact = make_contact()
    client = client_of(contact.manager.user)

    named = client.post(_address("template_new", contact), {"name": "Visit"}, follow=True)
    template = ContactTemplate.objects.get()
    renamed = client.post(_address("template_edit", template), {"name": "Call"}, follow=True)
    offered = Page(client.get(reverse("casework:contact_new"))).one("button", name="template")
    removed = client.post(_address("template_remove", template), follow=True)

    assert [Page(answer).messages for answer in (named, renamed, removed)] == [
        ["Template “Visit” saved."],
        ["The template is now called “Call”."],
        ["Template “Call” removed."],
    ]
    assert offered.text == "Fill in: Call"
    assert ContactTemplate.objects.count() == 0


@pytest.mark.parametrize("name", ["", "x" * 41, "Visit"])
def test_refused_name_is_explained_and_kept(name):
    contact = make_contact()
    keep_template(contact=contact, name="Visit")

    page = submit(client_of(contact.manager.user), _address("template_new", contact), {"name": name})

    assert_refused(page, "name", {"name": name})
    assert ContactTemplate.objects.count() == 1


def test_list_shows_own_templates(django_assert_num_queries):
    contact = make_contact()
    client = client_of(contact.manager.user)
    keep_template(contact=make_contact(), name="Foreign")

    for names in (["Visit"], ["Assessment", "Call", "Visit"]):
        ContactTemplate.objects.filter(manager=contact.manager).delete()
        for name in names:
            keep_template(contact=contact, name=name)
        with django_assert_num_queries(5):
            page = Page(client.get(LIST))
        assert [entry.one("strong").text for entry in page.one("ul", class_="pik-list").all("li")] == names


def test_template_is_not_named_after_somebody():
    contact = make_contact()

    with pytest.raises(ValidationError) as caught:
        keep_template(contact=contact, name="Anruf Frau Kovalenko")

    assert list(caught.value.message_dict) == ["name"]


def _names(manager: Manager) -> list[str]:
    return [template.name for template in ContactTemplate.objects.filter(manager=manager).for_list()]


def test_templates_stand_in_the_order_of_their_manager():
    contact = make_contact()
    first, second, third = (keep_template(contact=contact, name=name) for name in ("Visit", "Call", "Letter"))
    keep_template(contact=make_contact(), name="Another")
    before = _names(contact.manager)

    move_template(template=third, by=-1)
    moved = _names(contact.manager)
    for template, by in ((first, -1), (second, 1)):
        move_template(template=template, by=by)

    assert before == ["Visit", "Call", "Letter"]
    assert moved == ["Visit", "Letter", "Call"]
    assert _names(contact.manager) == moved


def test_template_removed_meanwhile_moves_nothing():
    contact = make_contact()
    gone, kept = (keep_template(contact=contact, name=name) for name in ("Visit", "Call"))
    ContactTemplate.objects.filter(pk=gone.pk).delete()

    move_template(template=gone, by=1)

    assert ContactTemplate.objects.get() == kept


def test_list_moves_templates_and_leads_back_to_the_one_that_moved():
    contact = make_contact()
    first, _second = (keep_template(contact=contact, name=name) for name in ("Visit", "Call"))
    client = client_of(contact.manager.user)
    buttons = [button.text for button in Page(client.get(LIST)).main.all("button") if button.attrs.get("name")]

    response = client.post(_address("template_move", first), {"down": "1"})

    assert buttons == ["Down Visit", "Up Call"]
    assert response["Location"] == f"{LIST}#{first.key}"
    assert [item.one("strong").text for item in Page(client.get(LIST)).main.all("li")] == ["Call", "Visit"]


def test_new_contact_offers_templates_in_the_same_order():
    contact = make_contact()
    first = keep_template(contact=contact, name="Visit")
    keep_template(contact=contact, name="Call")
    move_template(template=first, by=1)

    page = Page(client_of(contact.manager.user).get(reverse("casework:contact_new")))

    assert [button.text for button in page.all("button", name="template")] == ["Fill in: Call", "Fill in: Visit"]


@pytest.mark.django_db(transaction=True)
def test_templates_kept_at_once_stand_in_places_of_their_own():
    contact = make_contact()

    with app_session() as session:
        session.execute("SELECT FROM casework_manager WHERE id = %s FOR UPDATE", [contact.manager_id])

        def release() -> None:
            wait_until_queued(2)
            session.commit()

        keep = [partial(keep_template, contact=contact, name=name) for name in ("Call", "Visit")]
        side_by_side(*keep, release)

    assert sorted(ContactTemplate.objects.values_list("position", flat=True)) == [0, 1]
