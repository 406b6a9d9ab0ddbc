"""Every wrong field says what to write: no form of ours leaves an empty one with the bare words of Django."""

from collections.abc import Iterator
from datetime import date

import pytest
from django import forms
from django.db import transaction
from django.urls import get_resolver
from django.utils import translation

from pik.forms import Form
from tests.pages import Page, client_of
from tests.test_access import READERS, column
from tests.world import make_world

ROOMS = ("pik.", "casework.", "funding.")
BARE = "This field is required."


@pytest.fixture(name="english")
def _english() -> Iterator[date]:
    """The day on which it is English."""
    with translation.override("en"):
        yield date(2026, 11, 24)


def _below(kind: type[forms.BaseForm]) -> Iterator[type[forms.BaseForm]]:
    for form in kind.__subclasses__():
        yield form
        yield from _below(form)


def test_every_form_of_ours_is_one_that_says_what_to_write():
    # All views, and with them all forms.
    assert get_resolver().url_patterns

    ours = {form for form in _below(forms.BaseForm) if form.__module__.startswith(ROOMS)}

    assert {form for form in ours if not issubclass(form, Form)} == set()
    assert len(ours) > 40


@pytest.mark.parametrize(
    ("field", "sentence"),
    [
        (forms.ChoiceField(choices=[("a", "A")]), "Choose one of the options."),
        (forms.MultipleChoiceField(choices=[("a", "A")]), "Choose at least one of the options."),
        (forms.DateField(), "Enter a day, such as 24 Nov 2026."),
        (forms.DecimalField(), "Enter a number."),
        (forms.FileField(), "Choose a file."),
        (forms.BooleanField(), "Tick this box."),
        (forms.EmailField(), "Write an e-mail address, such as name@example.org."),
        (forms.CharField(), "Write a few words."),
        (forms.CharField(error_messages={"required": "Write a poem."}), "Write a poem."),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, forms.Field) else "",
)
def test_empty_field_says_what_to_write_by_its_kind(field, sentence, english, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda: english)

    form = type("AnyForm", (Form,), {"asked": field})({})

    assert form.errors == {"asked": [sentence]}


def test_what_is_no_day_is_answered_with_one(english):
    form = type("AnyForm", (Form,), {"day": forms.DateField()})({"day": "soon"})

    assert form.errors["day"][0].startswith("Enter a day, such as ")


@pytest.mark.django_db
@pytest.mark.parametrize("reader", ["mgr", "coord", "kreis", "mini"])
def test_no_page_answers_an_empty_form_with_bare_words(reader):
    world = make_world()
    client = client_of(world.reader(READERS[reader]))
    sent = [cell for cell in column(reader) if cell[0] == "POST" and not cell[1].startswith("account_")]
    bare, refused = set(), set()

    for _method, name, key in sent:
        with transaction.atomic():
            response = client.post(world.address(name, key), {"nothing": "1"})
            transaction.set_rollback(True)
        if response.status_code == 200:
            page = Page(response)
            refused |= {name} if page.errors else set()
            bare |= {(name, line) for line in page.errors if BARE in line[1]}

    assert bare == set()
    assert len(refused) >= {"mgr": 15, "mini": 2}.get(reader, 10)
