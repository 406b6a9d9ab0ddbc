from pik.models.access_log import AccessRecord
from pik.models.drafts import Draft
from pik.models.measures import Measure
from pik.models.organisations import Organisation
from pik.models.people import Membership, User
from pik.models.places import District, Municipality
from pik.models.reviews import AccessLine, AccessReview

__all__ = [
    "AccessLine",
    "AccessRecord",
    "AccessReview",
    "District",
    "Draft",
    "Measure",
    "Membership",
    "Municipality",
    "Organisation",
    "User",
]
