"""The main navigation and the start page of each role."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from pik.models import Membership

Role = Membership.Role

START = {
    Role.MANAGER: "casework:start",
    Role.COORDINATOR: "funding:organisation",
    Role.MINISTRY: "funding:state",
    Role.AUDITOR: "funding:ledger",
}
# Pages whose address lies under another entry than the one they belong to: the first of these that a role has.
BELONGS = {"casework:retention": ("casework:case_list", "casework:summary_list")}
# Entries that only some people of a role have: what their membership has to say of them.
NEEDS = {
    "casework:case_list": "keeps_cases",
    "casework:contact_list": "keeps_cases",
    "casework:transfer_list": "keeps_cases",
    "casework:counts": "records_counts",
    "casework:figure_list": "keeps_cases",
    "casework:quality": "keeps_cases",
}
ENTRIES = {
    Role.MANAGER: [
        (_("Today"), "casework:start"),
        (_("Cases"), "casework:case_list"),
        (_("Contacts"), "casework:contact_list"),
        (_("Transfers"), "casework:transfer_list"),
        (_("Counts"), "casework:counts"),
        (_("My figures"), "casework:figure_list"),
        (_("Quality"), "casework:quality"),
    ],
    Role.COORDINATOR: [
        (_("Overview"), "funding:organisation"),
        (_("Staffing"), "casework:staffing"),
        (_("Managers"), "casework:manager_list"),
        (_("Transfers"), "casework:transfer_list"),
        (_("Quality"), "casework:quality"),
        (_("Monthly summaries"), "casework:summary_list"),
        (_("Ledger"), "funding:ledger"),
        (_("Access review"), "access_review"),
        (_("Access log"), "access_log"),
    ],
    Role.MINISTRY: [
        (_("Overview"), "funding:state"),
        (_("Staffing"), "casework:staffing"),
        (_("Rates"), "casework:rate_list"),
        (_("Quality"), "casework:quality"),
        (_("Monthly summaries"), "casework:summary_list"),
        (_("Ledger"), "funding:ledger"),
    ],
    Role.AUDITOR: [
        (_("Ledger"), "funding:ledger"),
        (_("Overview"), "funding:state"),
        (_("Staffing"), "casework:staffing"),
        (_("Rates"), "casework:rate_list"),
        (_("Quality"), "casework:quality"),
        (_("Monthly summaries"), "casework:summary_list"),
        (_("Access review"), "access_review"),
        (_("Access log"), "access_log"),
    ],
}


def entries_of(membership: Membership) -> list[tuple[Promise, str]]:
    """The menu of a person: the entries of the role but for those under which they would find nothing of their own."""
    entries = ENTRIES[Role(membership.role)]
    if membership.role != Role.MANAGER:
        return entries
    return [(label, name) for label, name in entries if name not in NEEDS or getattr(membership, NEEDS[name])]
