"""How many open cases people answer for: today, and as decided already for later days."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from casework.models import Manager, Responsibility
from pik.rounding import rounded
from pik.templatetags.figures import whole

Key = TypeVar("Key", int, str)


@dataclass(frozen=True)
class CaseNumbers:
    """The open cases of `today`, and from which later days on it is decided already that there are how many others.

    `later` holds only days on which the number becomes another one. False when there is none today and none to come.
    """

    today: int = 0
    later: tuple[tuple[date, int], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.today or self.later)

    def __str__(self) -> str:
        """In German `72, ab 10.12.2026 163`."""
        words = [
            _("from %(day)s %(number)s") % {"day": date_format(day, "SHORT_DATE_FORMAT"), "number": whole(number)}
            for day, number in self.later
        ]
        return ", ".join([whole(self.today), *words])

    def rounded(self) -> "CaseNumbers":
        """For readers outside the organisation: each number on its own, without days on which that stays the same."""
        return _numbers(rounded(self.today), ((day, rounded(number)) for day, number in self.later))


def cases_by_manager(organisation_id: int, *, day: date) -> dict[int, CaseNumbers]:
    """The numbers of each manager of an organisation who has any; `day` is what they call today."""
    now = Responsibility.objects.of_open_cases(organisation_id).on(day)
    changes: list[tuple[int, date, int]] = []
    for giver, receiver, _place, starts_on, number in _passed_on_after(organisation_id, day):
        changes += [(giver, starts_on, -number), (receiver, starts_on, number)]
    return _over_time(dict(now.count_by("manager")), changes)


def cases_by_place(manager: Manager, *, day: date) -> dict[str, CaseNumbers]:
    """The numbers of one manager by the AGS of the municipality."""
    now = Responsibility.objects.of_open_cases(manager.organisation_id).on(day).of(manager)
    return _over_time(dict(now.count_by("case__municipality")), _won_and_lost(manager, day))


def cases_of(manager: Manager, *, day: date) -> CaseNumbers:
    """The numbers of one manager."""
    now = Responsibility.objects.of_open_cases(manager.organisation_id).on(day).of(manager)
    changes = [(manager.pk, starts_on, number) for _place, starts_on, number in _won_and_lost(manager, day)]
    return _over_time(dict(now.count_by("manager")), changes).get(manager.pk, CaseNumbers())


def _won_and_lost(manager: Manager, day: date) -> Iterator[tuple[str, date, int]]:
    """How many cases more or less the manager has in a municipality from a day after `day` on."""
    for giver, receiver, place, starts_on, number in _passed_on_after(manager.organisation_id, day):
        if receiver == manager.pk:
            yield place, starts_on, number
        if giver == manager.pk:
            yield place, starts_on, -number


def _passed_on_after(organisation_id: int, day: date) -> list[tuple[int, int, str, date, int]]:
    """Giver, receiver, municipality, first day and number of the open cases that change hands after `day`."""
    rows = Responsibility.objects.of_open_cases(organisation_id).beginning_after(day)
    return rows.count_by("giver", "manager", "case__municipality", "starts_on")


def _over_time(now: Mapping[Key, int], changes: Iterable[tuple[Key, date, int]]) -> dict[Key, CaseNumbers]:
    by_day: dict[Key, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for key, starts_on, number in changes:
        by_day[key][starts_on] += number
    found = {}
    for key in {*now, *by_day}:
        number = today = now.get(key, 0)
        later = []
        for starts_on in sorted(by_day[key]):
            number += by_day[key][starts_on]
            later.append((starts_on, number))
        if numbers := _numbers(today, later):
            found[key] = numbers
    return found


def _numbers(today: int, later: Iterable[tuple[date, int]]) -> CaseNumbers:
    """Leaves out the days on which the number stays as it is."""
    kept: list[tuple[date, int]] = []
    last = today
    for day, number in later:
        if number != last:
            kept.append((day, number))
        last = number
    return CaseNumbers(today, tuple(kept))
