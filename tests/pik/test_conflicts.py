from datetime import date

import pytest
from django import forms
from django.http import QueryDict
from django.utils import translation

from pik.conflicts import Difference, differences, settled, version_field


class _Form(forms.Form):
    day = forms.DateField(label="Day")
    size = forms.ChoiceField(label="Size", choices=[("s", "small"), ("l", "large")])
    tags = forms.MultipleChoiceField(label="Tags", choices=[("1", "one"), ("2", "two")], required=False)
    number = forms.IntegerField(label="Number", required=False)
    version = version_field()


STORED = {"day": date(2026, 1, 2), "size": "s", "tags": ["1"], "number": 5, "version": 3}


def _form(text: str) -> _Form:
    form = _Form(QueryDict(text), initial=STORED)
    assert form.is_valid()
    return form


def test_differences_are_named_in_words_and_the_version_is_none():
    form = _form("day=2026-01-03&size=l&tags=1&tags=2&number=&version=1")

    with translation.override("de"):
        found = differences(form)

    assert found == [
        Difference("day", "Day", "02.01.2026", "03.01.2026"),
        Difference("size", "Size", "small", "large"),
        Difference("tags", "Tags", "one", "one, two"),
        Difference("number", "Number", "5", "–"),
    ]


def test_what_is_the_same_is_no_difference():
    assert differences(_form("day=2026-01-02&size=s&tags=1&number=5")) == []


def test_choice_of_the_stored_value_replaces_what_was_sent():
    data = QueryDict(
        "day=2026-01-03&size=l&tags=2&version=4&differing=day&differing=size&differing=tags"
        "&keep_day=stored&keep_size=sent&keep_tags=stored"
    )

    chosen = settled(data, _Form(initial=STORED))

    assert (chosen["day"], chosen["size"], chosen.getlist("tags")) == ("2026-01-02", "l", ["1"])
    assert chosen["version"] == "4"


@pytest.mark.parametrize("choice", ["", "&keep_day=", "&keep_day=both"])
def test_missing_choice_makes_the_version_a_stale_one(choice):
    data = QueryDict(f"day=2026-01-03&version=4&differing=day{choice}")

    chosen = settled(data, _Form(initial=STORED))

    assert (chosen["version"], chosen["day"]) == ("0", "2026-01-03")


def test_nothing_changes_when_nothing_was_asked():
    data = QueryDict("day=2026-01-03&version=4&differing=unknown&keep_unknown=stored")

    assert settled(data, _Form(initial=STORED)) is data
