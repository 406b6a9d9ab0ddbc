"""What goes when: the own cases by day, or the numbers of an organisation or of the Land by month."""

from datetime import date
from typing import NamedTuple

from casework.models import Case, RetentionFigure
from pik.models import User
from pik.rounding import rounded


class Going(NamedTuple):
    """A case and the day of what happens to it next: an open one ends, a closed one is deleted."""

    day: date
    case: Case


class MonthOfGoing(NamedTuple):
    """How many cases end in a month, how many of these in their fourth year, and how many are deleted."""

    month: date
    ending: int
    extended: int
    going: int


def cases_going(user: User, *, stands_in: bool) -> list[Going]:
    """Every case that `user` sees, the next day first; one query whatever their number."""
    cases = Case.objects.visible_to(user).for_due_list(user, stands_in=stands_in)
    lines = (Going(case.limit_on if case.is_open else case.goes_on, case) for case in cases)
    return sorted(lines, key=lambda line: (line.day, line.case.code))


def months_of_going(reader: User) -> list[MonthOfGoing]:
    """The months to come in which a case ends or is deleted, as counted last night.

    Exact for the own organisation; of the whole Land each number is rounded on its own.
    """
    shown = rounded if reader.membership.sees_whole_state else int
    rows = RetentionFigure.objects.visible_to(reader).by_month()
    return [MonthOfGoing(month, *map(shown, numbers)) for month, *numbers in rows]
