"""How numbers are written: amounts, full-time equivalents, counts, shares."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from django import template
from django.utils import formats
from django.utils.translation import get_language
from django.utils.translation import gettext as _

register = template.Library()
NOTHING = "–"
# Stands where a number would tell about fewer than three people.
HIDDEN = "."


def _rounded(value: Decimal | int, decimals: int) -> str:
    """The number with so many decimals, rounded half up; left to itself, Django cuts the rest off."""
    return _written(Decimal(value).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP), decimals, get_language())


# A board writes hundreds of numbers, most of them small and many of them the same.
@lru_cache(maxsize=10_000)
def _written(value: Decimal | int, decimals: int, language: str) -> str:
    """The number as the language writes it, which must be the active one."""
    return formats.number_format(value, decimals, force_grouping=True)


@register.filter
def euro(value: Decimal | None) -> str:
    """An amount to the cent with its sign: 58.000.000,00 € in German, €58,000,000.00 in English; a dash for None."""
    if value is None:
        return NOTHING
    amount = formats.number_format(abs(value), 2, force_grouping=True)
    sign = "−" if value < 0 else ""
    return f"{sign}€{amount}" if get_language() == "en" else f"{sign}{amount}\N{NO-BREAK SPACE}€"


@register.filter
def amount(value: Decimal | None) -> str:
    """An amount to the cent without the unit, for columns that name it in their head."""
    return NOTHING if value is None else formats.number_format(value, 2, force_grouping=True).replace("-", "−")


@register.filter
def fte(value: Decimal | None) -> str:
    """Full-time equivalents with two decimals, rounded half up."""
    return NOTHING if value is None else _rounded(value, 2)


@register.filter
def ratio(value: Decimal | None) -> str:
    """A ratio with one decimal, rounded half up; a dash for None."""
    return NOTHING if value is None else _rounded(value, 1)


@register.filter
def whole(value: int | None) -> str:
    """A whole number with grouped thousands; a dash for None."""
    return NOTHING if value is None else _written(value, 0, get_language())


@register.filter
def work(value: int | None) -> str:
    """A number of contacts or minutes; the full stop for None, which would tell about fewer than three people."""
    return HIDDEN if value is None else whole(value)


def exported(value: int | None) -> int | str:
    """The same for a file, as a number where it is one."""
    return HIDDEN if value is None else value


@register.filter
def month_name(value: object) -> str:
    """A month as words: November 2026."""
    return formats.date_format(value, "YEAR_MONTH_FORMAT")


@register.filter
def quarter_name(value: date) -> str:
    """A quarter, given as one of its days, as words: Quarter 4/2026."""
    return _("Quarter %(number)d/%(year)d") % {"number": (value.month + 2) // 3, "year": value.year}
