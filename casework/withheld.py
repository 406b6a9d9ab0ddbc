"""Which sums of work a reader is not shown, and what is left of those that are.

One rule for all pages: numbers of clients (open cases, plans) are rounded outside the own organisation (`pik.rounding`)
and never held back. What managers did (contacts, goals, referrals, and every ratio that rates it) is held back where it
is the work of fewer than three of them.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from datetime import date
from functools import cached_property

from django.utils import timezone
from django.utils.translation import gettext as _

from casework.models import WithheldFigure
from casework.models.withheld import Work
from pik.models import User
from pik.months import month_of

# Whether the sum of a measure and month is held back.
Hides = Callable[[str, date], bool]


class Withheld:
    """What is held back from a reader in the months from `first` to `last`, read once when it is first asked for.

    `districts_only` for pages without organisations, which are spared thousands of rows.
    """

    def __init__(self, *, reader: User, first: date, last: date, districts_only: bool = False) -> None:
        rows = WithheldFigure.objects.for_reader(reader).between(first, last)
        self._rows = rows.of_districts() if districts_only else rows

    @cached_property
    def _places(self) -> dict[tuple[str, str | None, int | None], set[tuple[str, date]]]:
        places: defaultdict[tuple[str, str | None, int | None], set[tuple[str, date]]] = defaultdict(set)
        names = ("work", "district_id", "organisation_id", "measure_id", "month")
        for work, district, organisation, measure, month in self._rows.values_list(*names):
            places[work, district, organisation].add((measure, month))
        return places

    def of(self, work: Work, *, district: str | None = None, organisation: int | None = None) -> Hides:
        """For the work of an organisation in a Kreis, of one of them, or (with neither) of the whole Land."""
        found = self._places.get((work, district, organisation))
        return (lambda measure, month: (measure, month) in found) if found else nothing_hidden


def nothing_hidden(measure: str, month: date) -> bool:
    """For most lines, and for the reader's own organisation, whose numbers are what it reports."""
    return False


def held_back() -> str:
    """What stands in place of a sentence about sums of which none is shown."""
    return _("There are figures for this choice, but they are held back: fewer than three people did the work.")


def shown_sum(parts: Mapping[tuple[str, date], int], hides: Hides) -> int | None:
    """The sum of `parts`, by measure and month, without what is held back; None where nothing of it is left.

    A measure with a closed month that is held back is left out altogether, or two sums that differ by that month would
    tell it. The running month alone is left out until three people have recorded something: then it tells of all three.
    """
    total = sum(parts[part] for part in shown_parts(parts, hides))
    return total if total or not any(parts.values()) else None


def shown_parts(parts: Mapping[tuple[str, date], int], hides: Hides) -> Collection[tuple[str, date]]:
    """Measures and months of `parts` that a sum over them may hold (`shown_sum`)."""
    if hides is nothing_hidden:
        return parts.keys()
    running = month_of(timezone.localdate())
    held_back = {part for part in parts if parts[part] and hides(*part)}
    measures = {measure for measure, month in held_back if month != running}
    return {part for part in parts if part not in held_back and part[0] not in measures}
