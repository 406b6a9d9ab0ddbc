"""The main navigation and the start page of each role."""

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
