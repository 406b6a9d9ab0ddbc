from casework.models.absences import Absence, Deputyship
from casework.models.archived import ArchivedFigure
from casework.models.assessments import Assessment
from casework.models.cases import Case
from casework.models.contact_templates import ContactTemplate
from casework.models.contacts import Contact
from casework.models.counts import CountRecord, GroupOffer, LanguageCourse, QueerSupport, RomaSupport, ScreeningDay
from casework.models.digests import Digest
from casework.models.figures import FigureChange, MonthlyFigure
from casework.models.goals import Goal, Step
from casework.models.leavings import Leaving, LeavingEffect
from casework.models.manager_lists import ManagerList
from casework.models.managers import Manager
from casework.models.phases import CasePhase
from casework.models.plans import Plan, PlanReview
from casework.models.posts import Assignment, Post
from casework.models.qualifications import FundingRate, Qualification
from casework.models.referrals import Referral
from casework.models.relocations import Relocation
from casework.models.responsibilities import Handover, HandoverShare, Responsibility
from casework.models.retention import RetentionFigure
from casework.models.summaries import MonthlySummary
from casework.models.transfers import Transfer
from casework.models.vocabulary import ReferralTarget, Topic
from casework.models.withheld import WithheldFigure

__all__ = [
    "Absence",
    "ArchivedFigure",
    "Assessment",
    "Assignment",
    "Case",
    "CasePhase",
    "Contact",
    "ContactTemplate",
    "CountRecord",
    "Deputyship",
    "Digest",
    "FigureChange",
    "FundingRate",
    "Goal",
    "GroupOffer",
    "Handover",
    "HandoverShare",
    "LanguageCourse",
    "Leaving",
    "LeavingEffect",
    "Manager",
    "ManagerList",
    "MonthlyFigure",
    "MonthlySummary",
    "Plan",
    "PlanReview",
    "Post",
    "Qualification",
    "QueerSupport",
    "Referral",
    "ReferralTarget",
    "Relocation",
    "Responsibility",
    "RetentionFigure",
    "RomaSupport",
    "ScreeningDay",
    "Step",
    "Topic",
    "Transfer",
    "WithheldFigure",
]
