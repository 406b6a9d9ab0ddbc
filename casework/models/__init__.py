from casework.models.cases import Case
from casework.models.contacts import Contact
from casework.models.counts import CountRecord, LanguageCourse, QueerSupport, RomaSupport, ScreeningDay
from casework.models.figures import FigureChange, MonthlyFigure
from casework.models.managers import Manager
from casework.models.posts import Assignment, Post
from casework.models.summaries import MonthlySummary
from casework.models.vocabulary import ReferralTarget, Topic

__all__ = [
    "Assignment",
    "Case",
    "Contact",
    "CountRecord",
    "FigureChange",
    "LanguageCourse",
    "Manager",
    "MonthlyFigure",
    "MonthlySummary",
    "Post",
    "QueerSupport",
    "ReferralTarget",
    "RomaSupport",
    "ScreeningDay",
    "Topic",
]
