from datetime import timedelta

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone, translation

from pik.middleware import language_by_choice, no_store
from pik.models import Membership
from pik.wsgi import application
from tests.factories import make_manager, make_member, make_membership, make_organisation
from tests.pages import Page, client_of

LOGIN = reverse("account_login")


def _language(client: Client, **headers: str) -> tuple[str, str]:
    response = client.get(LOGIN, headers=headers)
    return Page(response)["lang"], response["Content-Language"]


@pytest.mark.django_db
def test_german_is_spoken_whatever_the_browser_prefers():
    assert _language(Client(), accept_language="en-GB,en;q=0.9") == ("de", "de")


@pytest.mark.django_db
def test_english_is_chosen_sticks_and_can_be_left():
    client = Client()

    client.post(reverse("set_language"), {"language": "en", "next": LOGIN})
    chosen = [_language(client), _language(client)]
    client.post(reverse("set_language"), {"language": "de"})

    assert chosen == [("en", "en")] * 2
    assert _language(client) == ("de", "de")


@pytest.mark.django_db
@pytest.mark.parametrize("value", ["fr", "", "../../etc/passwd", "EN", "x" * 5000])
def test_unknown_language_is_german(value):
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = value

    assert _language(client) == ("de", "de")


@pytest.mark.django_db
@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"])
def test_switch_of_language_leads_to_no_other_house(target):
    response = Client().post(reverse("set_language"), {"language": "en", "next": target})

    assert (response.status_code, response["Location"]) == (302, "/")


def test_language_of_one_answer_does_not_reach_the_next(rf):
    request = rf.get("/")
    request.COOKIES[settings.LANGUAGE_COOKIE_NAME] = "en"
    during = []

    with translation.override("de"):
        language_by_choice(lambda request: during.append(translation.get_language()) or HttpResponse())(request)
        afterwards = translation.get_language()

    assert (during, afterwards) == (["en"], "de")


def test_answers_are_kept_nowhere_unless_they_say_so(rf):
    private = HttpResponse(headers={"Cache-Control": "private, max-age=60"})

    answers = [no_store(lambda request, answer=answer: answer)(rf.get("/")) for answer in (HttpResponse(), private)]

    assert [answer["Cache-Control"] for answer in answers] == ["no-store", "private, max-age=60"]


def _organisation_shown(client: Client) -> str:
    return Page(client.get("/", follow=True)).one(class_="pik-where").one("strong").text


@pytest.mark.django_db
def test_person_with_two_roles_acts_in_the_oldest_until_another_is_chosen():
    manager = make_manager(organisation=make_organisation())
    second = make_membership(user=manager.user, role="coordinator", organisation=make_organisation())
    client = client_of(manager.user)

    before = _organisation_shown(client)
    button = Page(client.get("/", follow=True)).one("button", name="membership")
    response = client.post(reverse("membership_switch"), {"membership": button["value"]}, follow=True)

    assert before == manager.organisation.name
    assert second.organisation.name in button.text
    assert response.redirect_chain[-1][0] == reverse("funding:organisation")
    assert _organisation_shown(client) == second.organisation.name


@pytest.mark.django_db
def test_chosen_role_alone_opens_pages():
    manager = make_manager()
    second = make_membership(user=manager.user, role="coordinator", organisation=manager.organisation)
    client = client_of(manager.user)
    addresses = [reverse("casework:start"), reverse("funding:organisation")]

    as_manager = [client.get(address).status_code for address in addresses]
    client.post(reverse("membership_switch"), {"membership": second.pk})
    as_coordinator = [client.get(address).status_code for address in addresses]

    assert (as_manager, as_coordinator) == ([200, 403], [403, 200])


@pytest.mark.django_db
@pytest.mark.parametrize("choice", ["foreign", "ended", "", "0", "x", "\x00"])
def test_membership_that_is_not_the_persons_own_today_is_refused(choice):
    user = make_member("coordinator")
    own = user.membership.organisation.name
    yesterday = timezone.localdate() - timedelta(days=1)
    ended = make_membership(user=user, role="ministry", ends_on=yesterday)
    values = {"foreign": make_membership(role="ministry").pk, "ended": ended.pk}
    client = client_of(user)

    response = client.post(reverse("membership_switch"), {"membership": values.get(choice, choice)}, follow=True)

    assert Page(response).messages == ["This membership has ended. Choose one from the list."]
    assert _organisation_shown(client) == own


@pytest.mark.django_db
def test_chosen_membership_that_ends_leaves_the_other_one():
    user = make_member("coordinator")
    own = user.membership.organisation.name
    second = make_membership(user=user, role="ministry")
    client = client_of(user)
    client.post(reverse("membership_switch"), {"membership": second.pk})

    Membership.objects.filter(pk=second.pk).update(ends_on=timezone.localdate() - timedelta(days=1))

    assert _organisation_shown(client) == own


_MULTIPART = '--x\r\nContent-Disposition: form-data; name="login"\r\n{}\r\na\r\n--x--\r\n'


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"])
@pytest.mark.parametrize(
    "charset", ["rot13", "hex", "base64", "idna", "utf-16", "utf-7", "unicode_escape", "undefined", "latin-1", "x", ""]
)
def test_body_in_another_charset_is_refused(kind, charset):
    client = client_of(enforce_csrf_checks=True)

    answers = [
        client.generic(method, LOGIN, _MULTIPART.format(""), content_type=f'{kind}; charset="{charset}"')
        for method in ("POST", "GET")
    ]

    assert [answer.status_code for answer in answers] == [400, 400]


@pytest.mark.django_db
@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", "utf8", "Utf8"])
def test_body_in_utf8_is_read_however_it_is_written(charset):
    answers = [
        client_of().post(LOGIN, body, content_type=f"{kind}; charset={charset}")
        for kind, body in [
            ("application/x-www-form-urlencoded", "login=a&password=b"),
            ("multipart/form-data; boundary=x", _MULTIPART.format("")),
        ]
    ]

    assert [Page(answer).values()["login"] for answer in answers] == [["a"], ["a"]]


@pytest.mark.django_db
@pytest.mark.parametrize("charset", ["rot13", "hex", "undefined", "idna", "x"])
@pytest.mark.parametrize(
    "head",
    [
        "Content-Type: text/plain; charset={}\r\n",
        "Content-Type: text/plain; charset*={}''a\r\n",
        "Content-Transfer-Encoding: {}\r\n",
        "Content-Disposition: form-data; name*={}''%80\r\n",
    ],
)
def test_part_of_a_body_in_another_charset_breaks_nothing(head, charset):
    body = _MULTIPART.format(head.format(charset))

    answer = client_of().post(LOGIN, body, content_type="multipart/form-data; boundary=x")

    # So many come from one address here that the later ones may be told to wait.
    assert answer.status_code < 500


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["charset*=x''utf-8", "charset*=undefined''%80", "charset=undefined", "charset=hex"])
def test_content_type_that_nobody_can_read_is_refused(kind):
    sent = RequestFactory().post(LOGIN, b"a", content_type="text/plain", query_params={"next": "/"}).environ
    environ = sent | {"CONTENT_TYPE": f"text/plain; {kind}"}
    begun = []

    application(environ, lambda status, headers: begun.append(status))

    assert begun == ["400 Bad Request"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "arguments", "above"),
    [
        ("draft_keep", [], reverse("start")),
        ("casework:transfer_accept", [7], reverse("casework:transfer_list")),
        ("casework:manager_list_discard", [7], reverse("casework:manager_list_detail", args=[7])),
    ],
)
def test_address_that_only_takes_forms_says_so_and_leads_back(name, arguments, above):
    client = client_of(make_manager().user)

    response = client.get(reverse(name, args=arguments))

    page = Page(response)
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert "Nothing has been saved or changed here" in page.main.text
    assert [link["href"] for link in page.main.all("a")] == [above, reverse("start")]


@pytest.mark.django_db
def test_address_that_only_takes_forms_refuses_other_methods_without_a_page():
    client = client_of(make_manager().user)

    assert client.put(reverse("draft_keep")).content == b""
    assert client.head(reverse("draft_keep")).status_code == 405
