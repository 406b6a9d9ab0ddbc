"""The staffing board: posts and people, vacancies, VZÄ over time and caseload, for the Land, a Kreis, an organisation.

Every number of a page, its pictures and its downloads comes from one `Board`, so that no two of them can differ.
"""

from casework.staffing.board import Board, read_board
from casework.staffing.lines import Line
from casework.staffing.over_time import FteDays, FtePoint, fte_days, fte_over_time
from casework.staffing.posts import Holder, PostRow, PostState
from casework.staffing.scope import Scope, organisations_to_open

__all__ = [
    "Board",
    "FteDays",
    "FtePoint",
    "Holder",
    "Line",
    "PostRow",
    "PostState",
    "Scope",
    "fte_days",
    "fte_over_time",
    "organisations_to_open",
    "read_board",
]
