import io
from datetime import timedelta

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from openpyxl import load_workbook

from casework.models import Assignment, Manager, ManagerList, Post
from casework.services.manager_lists import register_good_rows
from pik.imports import read_table
from pik.models import User
from tests.factories import make_manager, make_member, make_organisation
from tests.forms import submit
from tests.handed_in import workbook
from tests.pages import Page, client_of, csv_rows
from tests.people_lists import HEAD, MISSING, csv_of, line, people, taken_in

pytestmark = pytest.mark.django_db
NEW = reverse("casework:manager_list_new")
TEMPLATE = reverse("casework:manager_list_template")
HOSTILE = "<script>alert('x')</script>"


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture(name="coordinator")
def _coordinator() -> User:
    return make_member("coordinator", make_organisation(district="08425"))


def _address(action: str, waiting: ManagerList | None = None) -> str:
    return reverse(f"casework:manager_list_{action}", args=[(waiting or ManagerList.objects.get()).pk])


def _file(content: bytes | str, name: str = "list.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content)


def _hand_in(client: Client, content: bytes | str, name: str = "list.csv") -> HttpResponse:
    return client.post(NEW, {"file": _file(content, name)}, follow=True)


def _people() -> list[int]:
    return [model.objects.count() for model in (User, Manager, Post, Assignment)]


def test_list_is_checked_and_nothing_is_saved_before_the_decision(coordinator):
    before = _people()
    content = csv_of(*people(2), line(name="Adam Alt", email="adam@pik.example", fte="1.2"))

    page = Page(_hand_in(client_of(coordinator), content))

    assert page.one("p", class_="pik-page-header__context").text == "3 rows: 2 can be registered, 1 to correct"
    assert page.rows("faulty-caption") == [["4", "VZÄ", "1.2", "Enter a number between 0.25 and 1.00."]]
    assert [row[:3] for row in page.rows("good-caption")] == [
        ["2", "Person 0", "person0@list.example"],
        ["3", "Person 1", "person1@list.example"],
    ]
    assert (_people(), mail.outbox) == (before, [])


def test_decision_registers_and_says_how_many(coordinator):
    client = client_of(coordinator)
    checked = Page(_hand_in(client, csv_of(*people(2), line(fte="1.2"))))

    button = checked.main.all("form")[0]
    page = Page(client.post(button["action"], follow=True))

    assert button.one("button").text == "Register 2 and invite"
    assert page.messages == ["2 persons are registered. Their invitations are on their way."]
    assert page.one("p", class_="pik-page-header__context").text == ("2 persons registered, rows left to correct: 1")
    assert [form["action"] for form in page.main.all("form")] == [_address("discard")]
    assert [row[0] for row in page.rows("faulty-caption")] == ["4"]
    assert User.objects.filter(invitation_due_at__isnull=False).count() == 2


def test_decision_sent_twice_says_the_same_and_registers_once(coordinator):
    client = client_of(coordinator)
    _hand_in(client, csv_of(*people(1)))

    pages = [Page(client.post(_address("register"), follow=True)) for _time in range(2)]

    assert [page.messages for page in pages] == [["1 person is registered. The invitation is on its way."]] * 2
    assert Manager.objects.count() == 1


def test_decision_for_people_who_all_got_a_login_meanwhile_is_explained(coordinator):
    waiting = taken_in(coordinator, *people(1))
    make_manager(email="person0@list.example")

    page = Page(client_of(coordinator).post(_address("register", waiting), follow=True))

    assert page.messages == ["Nobody could be registered. See below what has to be corrected."]
    assert [row[:2] for row in page.rows("faulty-caption")] == [["2", "E-Mail"]]


def test_rest_stays_to_be_downloaded_and_is_taken_in_again_once_it_is_corrected(coordinator):
    client = client_of(coordinator)
    _hand_in(client, csv_of(*people(1), line(name="=1+1")))
    client.post(_address("register"))

    head, row = csv_rows(client.get(_address("rest")))
    corrected = [*line(), row[-1]]
    page = Page(_hand_in(client, csv_of(corrected, head=tuple(head))))

    assert (head, row[0]) == ([*HEAD, "What to do"], "'=1+1")
    assert row[-1] == "Name: The cell begins with “=”, as a formula does. Write the value itself."
    assert page.one("p", class_="pik-page-header__context").text == "1 row: 1 can be registered, 0 to correct"


def test_rest_of_a_workbook_is_a_workbook_without_a_formula(coordinator):
    client = client_of(coordinator)
    content = workbook([HEAD, line(), line(name='=HYPERLINK("https://example.org")', email="b@pik.example")])
    _hand_in(client, content, "list.xlsx")

    response = client.get(_address("rest"))

    cells = list(load_workbook(io.BytesIO(response.content)).active)[1]
    assert response["Content-Disposition"] == 'attachment; filename="pik-managers-to-correct.xlsx"'
    assert (cells[0].value, cells[0].data_type) == ('=HYPERLINK("https://example.org")', "s")
    again = Page(_hand_in_again(client, response))
    assert again.rows("faulty-caption")[0][1] == "Name"


def _hand_in_again(client: Client, response: HttpResponse) -> HttpResponse:
    ManagerList.objects.all().delete()
    return _hand_in(client, response.content, "list.xlsx")


@pytest.mark.parametrize(
    ("content", "name", "error"),
    [
        ("", "list.csv", "The file is empty. Choose another one."),
        (csv_of(), "list.csv", "The table has a head, but no rows. Enter at least one row below the head."),
        ("%PDF-1.7", "list.pdf", "This is a PDF. Choose the table it was made from, as .xlsx or .csv."),
        (
            csv_of(["Ada", "1"], head=("Name", "VZÄ")),
            "list.csv",
            MISSING,
        ),
    ],
)
def test_file_that_is_no_list_is_explained(coordinator, content, name, error):
    page = submit(client_of(coordinator), NEW, {"file": _file(content, name)})

    assert page.field_error("file") == error
    assert page.errors == [("id_file", f"File with the list : {error}")]
    assert ManagerList.objects.count() == 0


def test_form_without_a_file_asks_for_one(coordinator):
    page = submit(client_of(coordinator), NEW, {})

    assert page.field_error("file") == "Choose a file."


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_template_is_read_as_a_list_whose_example_has_to_go(coordinator, language, kind):
    client = client_of(coordinator, language=language)
    response = client.get(TEMPLATE, {"format": kind})
    table = read_table(io.BytesIO(response.content), f"list.{kind}")

    page = Page(_hand_in(client, response.content, f"list.{kind}"))

    assert response["Content-Disposition"] == f'attachment; filename="pik-managers.{kind}"'
    assert len(table.head) == len(HEAD)
    assert [row[0] for row in page.rows("faulty-caption")] == ["2"]
    assert ManagerList.objects.get().people[0].faults[0].column == ""


@pytest.mark.parametrize("language", ["de", "en"])
def test_example_of_the_template_shows_a_row_that_would_be_good(coordinator, language):
    client = client_of(coordinator, language=language)
    content = client.get(TEMPLATE, {"format": "csv"}).content.decode()

    _hand_in(client, content.replace("erika.beispiel@example.org", "erika@pik.example"))

    assert ManagerList.objects.get().faulty == []


def test_columns_that_are_not_read_are_named(coordinator):
    page = Page(_hand_in(client_of(coordinator), csv_of([*line(), "x"], head=(*HEAD, "Remarks"))))

    assert [alert.text for alert in page.all(class_="pik-alert pik-alert--info")] == [
        "These columns are not read: Remarks."
    ]


def test_discarded_list_is_gone(coordinator):
    waiting = taken_in(coordinator, line())

    page = Page(client_of(coordinator).post(_address("discard", waiting), follow=True))

    assert (page.messages, ManagerList.objects.count()) == (["The list is deleted."], 0)


@pytest.mark.parametrize(
    ("method", "action"),
    [
        ("get", "detail"),
        ("get", "rest"),
        ("post", "register"),
        ("post", "discard"),
    ],
)
def test_list_of_somebody_else_is_not_found(coordinator, method, action):
    waiting = taken_in(coordinator, line())
    colleague = make_member("coordinator", coordinator.membership.organisation)
    others = [colleague, make_member("coordinator", make_organisation(district="08426"))]

    answers = [getattr(client_of(other), method)(_address(action, waiting)).status_code for other in others]

    assert answers == [404, 404]
    assert (ManagerList.objects.count(), Manager.objects.count()) == (1, 0)


def test_what_people_write_is_text_and_nothing_else(coordinator):
    page = Page(
        _hand_in(
            client_of(coordinator),
            csv_of(line(name=HOSTILE), line(email=HOSTILE, fte=HOSTILE), head=(*HEAD[:-1], HOSTILE)),
        )
    )

    assert page.all("script", where=lambda node: "src" not in node.attrs) == []
    assert page.rows("good-caption")[0][1] == HOSTILE


def test_ways_to_the_list_stand_beside_the_register_and_the_form(coordinator):
    client = client_of(coordinator)

    pages = [Page(client.get(reverse(f"casework:{name}"))) for name in ("manager_list", "manager_new")]

    assert [len(page.main.all("a", href=NEW)) for page in pages] == [1, 1]


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("name", "queries"), [("new", 3), ("detail", 4), ("rest", 4), ("template", 4)])
def test_pages_ask_as_often_for_one_row_as_for_three(coordinator, rows, name, queries, django_assert_num_queries):
    wrong = [line(email=f"wrong{number}@pik.example", fte="2") for number in range(rows)]
    waiting = taken_in(coordinator, *people(rows), *wrong)
    client = client_of(coordinator)
    addresses = {"new": NEW, "template": TEMPLATE}

    with django_assert_num_queries(queries):
        response = client.get(addresses.get(name) or _address(name, waiting))

    assert response.status_code == 200


def test_page_of_a_saved_list_is_empty_when_all_is_done(coordinator):
    waiting = register_good_rows(waiting=taken_in(coordinator, line()), coordinator=coordinator)

    page = Page(client_of(coordinator).get(_address("detail", waiting)))

    assert (page.all("table"), page.heading) == ([], "Check of the list")


def test_old_list_is_still_there_until_it_is_purged(coordinator):
    waiting = taken_in(coordinator, line())
    ManagerList.objects.update(uploaded_at=timezone.now() - timedelta(hours=25))

    assert client_of(coordinator).get(_address("detail", waiting)).status_code == 200
