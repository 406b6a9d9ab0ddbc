"""Classes of a map: which values share a colour, and what the legend calls them."""

from bisect import bisect_right
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _

from pik.charts.wording import MILLION, decimals_needed, number

MOST_CLASSES = 5
# A class border is rounded to this share of its power of ten, the roundest first.
ROUNDINGS = tuple(Decimal(share) for share in ("0.5", "0.1", "0.05", "0.01", "0.001"))


class Classes(NamedTuple):
    """Ascending lower limits of all classes but the first, the words for each class, and the scale of the words."""

    limits: tuple[Decimal, ...]
    labels: tuple[str, ...]
    in_millions: bool

    def position(self, value: Decimal) -> int:
        """Return the class of a value, counted from 0."""
        return bisect_right(self.limits, value)


def classes(values: Sequence[Decimal]) -> Classes:
    """Return at most five classes of about equal size with round limits; equal values share the only class."""
    if not values:
        return Classes((), (), in_millions=False)
    whole = all(value == value.to_integral_value() for value in values)
    ordered = sorted(values)
    limits = _limits(ordered, whole=whole)
    in_millions = min(abs(value) for value in (limits or ordered)) >= MILLION / 10
    if in_millions and any(decimals_needed([limit / MILLION], most=9) > 2 for limit in limits):
        in_millions = False
    labels = _labels(limits or (ordered[0],), bool(limits), whole=whole, in_millions=in_millions, least=ordered[0])
    return Classes(limits, labels, in_millions)


def _limits(ordered: list[Decimal], *, whole: bool) -> tuple[Decimal, ...]:
    """Return the roundest limits that leave every class at least half of its fair share of the values."""
    distinct = sorted(set(ordered))
    # Many equal values (mostly zeros) make quantiles fall together; then the distinct values are divided.
    for candidates, fair in ((ordered, True), (distinct, False)):
        for count in range(min(MOST_CLASSES, len(distinct)), 1, -1):
            quantiles = [candidates[len(candidates) * part // count] for part in range(1, count)]
            least = max(1, len(candidates) // (2 * count)) if fair else 1
            for share in (*ROUNDINGS, None):
                limits = tuple(quantiles if share is None else [_rounded(value, share) for value in quantiles])
                if whole and any(limit != limit.to_integral_value() for limit in limits):
                    continue
                if _smallest_class(limits, candidates) >= least:
                    return limits
    return ()


def _rounded(value: Decimal, share: Decimal) -> Decimal:
    if not value:
        return value
    step = share.scaleb(value.adjusted())
    return (value / step).quantize(Decimal(1), ROUND_HALF_UP) * step


def _smallest_class(limits: tuple[Decimal, ...], values: list[Decimal]) -> int:
    positions = [bisect_right(limits, value) for value in values]
    return min(positions.count(position) for position in range(len(limits) + 1))


def _labels(
    limits: tuple[Decimal, ...], divided: bool, *, whole: bool, in_millions: bool, least: Decimal
) -> tuple[str, ...]:
    shown = [limit / MILLION if in_millions else limit for limit in limits]
    decimals = decimals_needed(shown)
    words = [number(limit, decimals=decimals) for limit in shown]
    if not divided:
        return (words[0],)
    inclusive = whole and not in_millions
    first = words[0] if inclusive and limits[0] == least + 1 else _("under %(limit)s") % {"limit": words[0]}
    if inclusive and limits[0] == least + 1:
        first = number(least)
    middle = []
    for position in range(len(limits) - 1):
        if not inclusive:
            text = _("%(from)s to under %(to)s") % {"from": words[position], "to": words[position + 1]}
        elif limits[position + 1] - limits[position] == 1:
            text = words[position]
        else:
            text = f"{words[position]} – {number(limits[position + 1] - 1)}"
        middle.append(text)
    return (first, *middle, _("%(limit)s and more") % {"limit": words[-1]})
