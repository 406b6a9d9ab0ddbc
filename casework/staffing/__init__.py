"""The staffing board: posts and people, vacancies, VZÄ over time and caseload, for the Land, a Kreis, an organisation.

Every number of a page, its pictures and its downloads comes from one `Board`, so that no two of them can differ.
"""

from casework.staffing.board import Board
from casework.staffing.lines import Line
from casework.staffing.over_time import FtePoint, fte_over_time
from casework.staffing.posts import Holder, PostRow, PostState
from casework.staffing.scope import Scope, organisations_to_open
from casework.staffing.staff import Staff, staff_sums

__all__ = [
    "Board",
    "FtePoint",
    "Holder",
    "Line",
    "PostRow",
    "PostState",
    "Scope",
    "Staff",
    "fte_over_time",
    "organisations_to_open",
    "staff_sums",
]
