"""Numbers of rows as pages carry them: none can be guessed, none tells how many rows there are, or in what order.

The number is encrypted with the secret of this installation, its own check value taking the place of a random start
(the idea of RFC 5297), so that a row needs no column and no index for it, and its address stays the same.
"""

import re
from base64 import b32decode, b32encode
from hmac import compare_digest

from django.conf import settings
from django.utils.crypto import salted_hmac

# 16 bytes without the filling at the end.
SHAPE = "[a-z2-7]{26}"
_HALF = 8


def conceal(kind: str, number: int) -> str:
    """What a page says instead of the number of a row of this kind."""
    return _concealed(kind, number.to_bytes(_HALF), settings.SECRET_KEY)


def reveal(kind: str, concealed: str) -> int | None:
    """The number behind such a word, or None when it was not made here for this kind of rows."""
    if not re.fullmatch(SHAPE, concealed):
        return None
    sent = b32decode(f"{concealed.upper()}======")
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        plain = _masked(kind, sent[:_HALF], sent[_HALF:], secret)
        if compare_digest(_concealed(kind, plain, secret), concealed):
            return int.from_bytes(plain)
    return None


def _concealed(kind: str, plain: bytes, secret: str) -> str:
    check = _digest(f"{kind}.check", plain, secret)
    return b32encode(check + _masked(kind, check, plain, secret)).decode().rstrip("=").lower()


def _masked(kind: str, check: bytes, plain: bytes, secret: str) -> bytes:
    mask = _digest(f"{kind}.mask", check, secret)
    return bytes(one ^ other for one, other in zip(plain, mask, strict=True))


def _digest(purpose: str, value: bytes, secret: str) -> bytes:
    return salted_hmac(f"pik.concealed.{purpose}", value, secret=secret, algorithm="sha256").digest()[:_HALF]
