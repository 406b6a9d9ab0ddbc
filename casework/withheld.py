"""Which sums of contacts and cases a reader is not shown, and what is left of those that are."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import cached_property

from django.utils import timezone

from casework.models import WithheldFigure
from casework.models.withheld import Work
from pik.models import User
from pik.months import month_of

# Whether the sum of a measure and month is held back.
Hides = Callable[[str, date], bool]


class Withheld:
    """What is held back from a reader in the months from `first` to `last`, read once when it is first asked for."""

    def __init__(self, *, reader: User, first: date, last: date) -> None:
        self._rows = WithheldFigure.objects.for_reader(reader).between(first, last)

    @cached_property
    def _keys(self) -> set[tuple[str, str, date, str | None, int | None]]:
        return set(self._rows.values_list("work", "measure_id", "month", "district_id", "organisation_id"))

    def of(self, work: Work, *, district: str | None = None, organisation: int | None = None) -> Hides:
        """For the work of an organisation in a Kreis, of one of them, or (with neither) of the whole Land."""
        return lambda measure, month: (work, measure, month, district, organisation) in self._keys


def nothing_hidden(measure: str, month: date) -> bool:
    """For the reader's own organisation, whose numbers are what it reports."""
    return False


def shown_sum(parts: Mapping[tuple[str, date], int], hides: Hides) -> int | None:
    """The sum of `parts`, by measure and month, without what is held back; None where nothing of it is left.

    A measure with a closed month that is held back is left out altogether, or two sums that differ by that month would
    tell it. The running month alone is left out until three people have recorded something: then it tells of all three.
    """
    kept = shown_parts(parts, hides)
    total = sum(parts[part] for part in kept)
    return total if total or not any(parts.values()) else None


def shown_parts(parts: Mapping[tuple[str, date], int], hides: Hides) -> set[tuple[str, date]]:
    """Measures and months of `parts` that a sum over them may hold (`shown_sum`)."""
    running = month_of(timezone.localdate())
    held_back = {part for part in parts if parts[part] and hides(*part)}
    measures = {measure for measure, month in held_back if month != running}
    return {part for part in parts if part not in held_back and part[0] not in measures}
