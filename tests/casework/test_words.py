"""Words of one's own: too long, not to be read, and where they are checked."""

import pytest
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from casework.forms.contact_templates import TemplateForm
from casework.forms.words import WordsField
from casework.models import ContactTemplate, Goal, Step
from casework.words import Words, readable

# Zero width, controls, what is no character, marks on nothing, blanks by other names, fillers of Hangul.
NOTHING = ["\u200b\u200b\u2060", "\x07\x08", "\ufffe\uffff", "\u0301\u034f", "\u2003\u3000", "\u3164\u115f", "\u2800"]


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.mark.parametrize("text", ["", *NOTHING], ids=ascii)
def test_what_nobody_can_see_is_no_word(text):
    with pytest.raises(ValidationError, match="What is to be reached"):
        WordsField(most=280, error_messages={"required": "What is to be reached?"}).clean(text)
    assert WordsField(most=280, required=False).clean(text) == ""


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Finds\x0ba flat\x07", "Finds a flat"),
        ("Findet\ufffe eine Wohnung\ue000", "Findet eine Wohnung"),
        ("First\r\nsecond line\tand more", "First\r\nsecond line\tand more"),
        ("Finds a flat" + "".join(chr(0xE0000 + ord(each)) for each in "Ahmed"), "Finds a flat"),
        ("Finds a flat" + "".join(chr(0xE0100 + ord(each)) for each in "Ahmed"), "Finds a flat"),
        ("Finds" + "\u200b\u200c" * 200, "Finds"),
        ("F\u200di\ufe0fn\ufe01d\u00ads\u034f a flat\u2063", "Finds a flat"),
        ("Finds\u00a0a\u2003flat", "Finds a flat"),
        ("Cafe\u0301 a" + "\u0335" * 50, "Café a\u0335\u0335"),
        ("Ready 👩🏽\u200d🦰 ❤\ufe0f\u200d🔥 👍\u200d\u200d", "Ready 👩🏽\u200d🦰 ❤\ufe0f\u200d🔥 👍"),
        ("Größe 3, 50 €, Café\u0301 👩\u200d👧", "Größe 3, 50 €, Café\u0301 👩\u200d👧"),
    ],
    ids=ascii,
)
def test_what_cannot_be_read_is_left_out_of_words(text, kept):
    assert WordsField(most=280).clean(text) == kept
    assert readable(kept) == kept


@given(st.text(st.characters() | st.sampled_from("a1😀\u0301\u0335\u200d\ufe0f\u1100\u1161\u09c7\u09be")))
def test_what_is_left_of_words_stays_as_it_is(text):
    kept = readable(text)

    assert readable(kept) == kept


def test_name_of_a_template_is_one_line():
    assert TemplateForm.base_fields["name"].clean("Call,\r\n10\tminutes") == "Call, 10 minutes"


def test_name_cut_by_a_control_character_is_found_all_the_same():
    with pytest.raises(ValidationError, match="No name"):
        WordsField(most=280).clean("Frau\x0bKovalenko ruft an")


def test_guard_does_not_look_at_words_that_are_too_long():
    with pytest.raises(ValidationError) as refused:
        WordsField(most=280).clean("Frau Kovalenko ruft an. " * 50)

    assert refused.value.messages == ["This has 1199 characters, at most 280 are kept. Shorten it."]


@pytest.mark.parametrize("field", [Goal.words, Step.words, ContactTemplate.name], ids=["goal", "step", "template"])
@pytest.mark.parametrize("text", [*NOTHING, "Finds\x07a flat", "Frau Kovalenko"], ids=ascii)
def test_every_field_of_words_refuses_them_without_a_form(field, text):
    stored: models.CharField = field.field

    assert stored.validators[0] == Words(stored.max_length)
    with pytest.raises(ValidationError):
        stored.clean(text, None)
