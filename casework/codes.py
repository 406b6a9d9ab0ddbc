"""Pseudonymous case codes: random, with a check digit, without letters that are mistaken for digits."""

import re
import secrets

from stdnum.exceptions import ValidationError as InvalidNumber
from stdnum.iso7064 import mod_37_2

# No 0/O, no 1/I, no Z beside the 2. Their number, 31, is prime: only then does the check digit find every swap.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXY"
RANDOM_LENGTH = 7
# The shape that the database checks as well.
PATTERN = rf"^[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}$"

# What a person may look for: a piece of a code, in small letters too, with its hyphen, without it, or with a blank in
# its place. Anything else, such as a name, is refused before it could stand in an address; words with a blank between
# them could be one, but for a digit.
_TYPED = rf"[{ALPHABET}{ALPHABET.lower()}]"
PIECE = rf"{_TYPED}{{1,8}}|{_TYPED}{{0,4}}-{_TYPED}{{0,4}}|(?=.*[2-9]){_TYPED}{{1,4}} {_TYPED}{{1,4}}"


def new_code() -> str:
    """A fresh code such as `K7M3-QX4P`: seven characters from a cryptographic source and one check digit.

    The check digit follows the pure system of ISO 7064 with radix 2 over 31 characters: it finds every single
    wrong character and every swap of two neighbours. The code tells nothing about order or number of cases.
    """
    return with_check_digit("".join(secrets.choice(ALPHABET) for _ in range(RANDOM_LENGTH)))


def with_check_digit(random_part: str) -> str:
    """The code for seven given characters."""
    code = random_part + mod_37_2.calc_check_digit(random_part, ALPHABET)
    return f"{code[:4]}-{code[4:]}"


def plain(text: str) -> str:
    """A code or a piece of one as codes are compared: in capitals, without hyphen and blanks."""
    return re.sub(r"[\s-]", "", text).upper()


def normalised(text: str) -> str | None:
    """The code that a person meant by `text` (small letters, blanks or no hyphen), or None when it is none."""
    meant = plain(text)
    try:
        mod_37_2.validate(meant, ALPHABET)
    except InvalidNumber:
        return None
    return f"{meant[:4]}-{meant[4:]}" if len(meant) == RANDOM_LENGTH + 1 else None
