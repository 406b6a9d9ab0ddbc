import random
import re
from itertools import pairwise
from uuid import uuid4

import pytest

from casework.codes import ALPHABET, PATTERN, new_code, normalised, with_check_digit
from casework.models import Case
from tests.database import refused_by
from tests.factories import make_case

# Enough to meet every pair of neighbours at every position; the seed keeps a failure findable.
SAMPLES = [with_check_digit("".join(random.Random(number).choices(ALPHABET, k=7))) for number in range(400)]


def test_alphabet_has_no_characters_that_are_mistaken_for_others():
    assert not set("0O1I") & set(ALPHABET)
    assert len(set(ALPHABET)) == len(ALPHABET)


def test_every_wrong_character_is_found():
    missed = [
        (code, position, character)
        for code in SAMPLES
        for position in range(9)
        for character in ALPHABET
        if position != 4
        and character != code[position]
        and normalised(code[:position] + character + code[position + 1 :])
    ]

    assert missed == []


def test_every_swap_of_neighbours_is_found():
    missed = []
    for code in SAMPLES:
        plain = code.replace("-", "")
        for position in range(7):
            first, second = plain[position : position + 2]
            if first != second and normalised(plain[:position] + second + first + plain[position + 2 :]):
                missed.append((code, position))

    assert missed == []


def test_every_swap_of_any_two_characters_is_found_at_every_place():
    # The check digit may depend on what stands before: all pairs behind each of all first characters.
    missed = [
        (lead, first, second)
        for lead in ALPHABET
        for first in ALPHABET
        for second in ALPHABET
        if first < second
        and with_check_digit(f"{lead}{first}{second}2222")[-1] == with_check_digit(f"{lead}{second}{first}2222")[-1]
    ]

    assert missed == []


def test_new_codes_have_the_shape_and_a_right_check_digit():
    codes = [new_code() for _ in range(200)]

    assert all(re.fullmatch(PATTERN, code) and normalised(code) == code for code in codes)
    assert len(set(codes)) == 200


def test_new_codes_use_every_character_at_every_place():
    codes = [new_code() for _ in range(2000)]

    assert all({code[position] for code in codes} == set(ALPHABET) for position in (0, 1, 2, 3, 5, 6, 7, 8))


def test_codes_tell_nothing_about_order_or_number():
    codes = [new_code() for _ in range(4000)]

    # Neighbours in time are as often before as after each other, near or far; five deviations leave room for chance.
    rises = sum(first < second for first, second in pairwise(codes))
    gaps = sum(abs(ALPHABET.index(first[0]) - ALPHABET.index(second[0])) <= 1 for first, second in pairwise(codes))
    late_in_upper_half = sum(code > median for median in [sorted(codes)[2000]] for code in codes[2000:])

    assert 1999.5 - 5 * (4001 / 12) ** 0.5 < rises < 1999.5 + 5 * (4001 / 12) ** 0.5
    assert gaps / 3999 < 0.15
    assert abs(late_in_upper_half - 1000) < 5 * 1000**0.5 / 2**0.5


@pytest.mark.parametrize("code", SAMPLES[:5])
def test_code_is_recognised_as_people_type_it(code):
    plain = code.replace("-", "")

    typed = [code.lower(), plain, f" {plain[:4]} {plain[4:]} ", "-".join(plain), f"{plain[:2]}\t{plain[2:].lower()}"]

    assert [normalised(text) for text in typed] == [code] * len(typed)


@pytest.mark.parametrize("text", ["", "-", "2", "2345-678", "2345-67892", "Ω345-6789", "0000-0000", "OOOO-IIII", "%"])
def test_text_that_is_no_code_is_none(text):
    assert normalised(text) is None


def _enter_another(case: Case, *, code: str) -> None:
    """One more case like this, as no service would store it."""
    case.pk, case.code, case.entry_key = None, code, uuid4()
    case.save()


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["2345-678", "234-56789", "0345-6789", "2345-678i", "23456789", "2345-678O"])
def test_code_of_another_shape_is_refused(code):
    case = make_case()

    with refused_by("case_code_shape"):
        _enter_another(case, code=code)


@pytest.mark.django_db
def test_code_is_given_once_only():
    case = make_case()

    with refused_by("casework_case_code_key"):
        _enter_another(case, code=case.code)


@pytest.mark.django_db
def test_code_of_a_case_stays():
    case = make_case()

    with refused_by("case_code_stays"):
        Case.objects.filter(pk=case.pk).update(code=SAMPLES[0])
