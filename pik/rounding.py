"""Statistical confidentiality: what is shown about people outside the reader's own organisation."""

from decimal import ROUND_HALF_UP, Decimal

from django.conf import settings


def rounded(value: int | Decimal | None) -> int | None:
    """The nearest multiple of five, from the true value, each figure on its own; zero stays zero, None stays None.

    5er-Rundung of the Statistisches Landesamt Baden-Württemberg: no whole number moves by more than 2, nothing is
    blocked, and the rows of a table need not add up to its total.
    """
    if value is None:
        return None
    base = settings.ROUNDING_BASE
    if isinstance(value, int):
        # The same for whole numbers, which a page has by the hundred.
        return (2 * abs(value) + base) // (2 * base) * base * (1 if value >= 0 else -1)
    return int((Decimal(value) / base).quantize(Decimal(1), rounding=ROUND_HALF_UP)) * base
