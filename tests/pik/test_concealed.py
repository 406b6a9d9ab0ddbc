import pytest

from pik.concealed import conceal, reveal


def test_concealed_number_is_found_again_and_stays_the_same():
    numbers = [0, 1, 2, 50_000_000, 2**63 - 1]

    words = [conceal("contact", number) for number in numbers]

    assert [reveal("contact", word) for word in words] == numbers
    assert words == [conceal("contact", number) for number in numbers]


def test_concealed_numbers_tell_neither_order_nor_kind():
    words = [conceal("contact", number) for number in range(200)]

    assert len({word[:4] for word in words} | {word[-4:-1] for word in words}) > 380
    assert words != sorted(words)
    assert {reveal("goal", word) for word in words} == {None}


def test_changed_word_names_no_row():
    word = conceal("contact", 1)
    changed = [word[:at] + ("a" if word[at] != "a" else "b") + word[at + 1 :] for at in range(26)]

    assert {reveal("contact", each) for each in changed} == {None}


@pytest.mark.parametrize("word", ["", "1", "a" * 26, "A" * 26, "1" * 26, "ä" * 26, "\x00" * 26, "a" * 27])
def test_what_was_not_made_here_names_no_row(word):
    assert reveal("contact", word) is None


def test_word_made_with_the_secret_before_still_holds_when_that_is_kept(settings):
    word = conceal("contact", 7)
    before = settings.SECRET_KEY
    settings.SECRET_KEY = "another"

    forgotten = reveal("contact", word)
    settings.SECRET_KEY_FALLBACKS = [before]

    assert (forgotten, reveal("contact", word)) == (None, 7)
