from datetime import date
from importlib import import_module

import pytest
from django.utils import timezone

from casework.models import Post
from casework.post_numbers import number_key, tidy_number
from casework.services.posts import create_post
from tests.bookings import refused_at
from tests.database import refused_by
from tests.factories import make_organisation, make_post, places_of

keys_of = import_module("casework.migrations.0030_post_number_keys").keys_of
JANUARY, MARCH = date(2026, 1, 1), date(2026, 3, 1)
SPELLINGS = [
    "im-07",
    "ＩＭ－０７",
    "IM\u201307",
    "IM\u221207",
    "IM\u201107",
    "I\u200bM-07",
    "\u2066IM-07\u2069",
    "IM-07\ufe0f",
    "\u3164IM-07",
    " IM-07\u00a0",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_key_of_a_number_does_not_know_how_it_was_typed(spelling):
    assert number_key(spelling) == number_key("IM-07") == "im-07"


def test_key_tells_numbers_apart_that_read_differently():
    keys = {number_key(number) for number in ("IM-07", "IM-7", "IM 07", "IM07", "IM-07a", "IM.07")}

    assert len(keys) == 6
    assert number_key("Straße  1") == number_key("STRASSE\t1")


def test_number_is_shown_as_it_was_typed_without_what_nobody_sees():
    assert tidy_number(" Im \t–\u200b 07 \u00ad") == "Im – 07"
    assert tidy_number("\u200b \u3164\u00a0") == ""


@pytest.mark.django_db
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_number_in_another_spelling_is_refused_and_the_employer_named(spelling):
    post = make_post(reference="IM-07")
    values = {"measure": post.measure, "fte": post.fte, "ends_on": None, "reference": spelling}

    with refused_at("reference", f"{post.organisation.name} has a post with this number already"):
        create_post(
            organisation=post.organisation,
            starts_on=timezone.localdate(),
            municipalities=places_of(post.organisation),
            **values,
        )

    assert Post.objects.get().reference == "IM-07"


@pytest.mark.django_db
def test_database_refuses_a_number_in_another_spelling_also_in_bulk():
    post = make_post(reference="IM-07")
    values = {"organisation": post.organisation, "district": post.district, "measure": post.measure, "fte": post.fte}
    twin = Post(**values, starts_on=post.starts_on, reference="im\u201307")

    with refused_by("post_reference_once_at_a_time"):
        Post.objects.bulk_create([twin])
    with refused_by("post_reference_has_its_key"):
        Post.objects.update(reference="IM-08", reference_key="")


@pytest.mark.django_db
def test_number_of_nothing_that_is_seen_is_none():
    organisation = make_organisation(district="08425")

    labels = [make_post(organisation=organisation, reference=blank).label for blank in ("\u200b", "", "  ")]

    assert labels == [f"S-{pk}" for pk in Post.objects.order_by("pk").values_list("pk", flat=True)]


def test_posts_that_stand_already_keep_their_numbers_where_these_only_look_different():
    rows = [
        (1, 5, "IM-07", JANUARY, None),
        (2, 5, "im\u2011 07\u200b", MARCH, None),
        (3, 5, "IM\u201307", MARCH, None),
        (4, 6, "IM-07", MARCH, None),
        (5, 7, "IM-07", JANUARY, date(2026, 2, 28)),
        (6, 7, "im-07", MARCH, None),
    ]

    assert keys_of(rows) == {
        1: ("IM-07", "im-07"),
        2: ("im\u2011 07", "im- 07"),
        3: ("IM\u201307", "im-07 #3"),
        4: ("IM-07", "im-07"),
        5: ("IM-07", "im-07"),
        6: ("im-07", "im-07"),
    }
