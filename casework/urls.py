from django.urls import path, register_converter

from casework.converters import CaseCodeConverter
from casework.views import cases, contacts, counts, managers, posts, staffing, start, summaries

register_converter(CaseCodeConverter, "code")

app_name = "casework"
urlpatterns = [
    path("", start.start, name="start"),
    path("contacts/", contacts.contact_list, name="contact_list"),
    path("contacts/new/", contacts.contact_new, name="contact_new"),
    path("contacts/<int:pk>/edit/", contacts.contact_edit, name="contact_edit"),
    path("contacts/<int:pk>/withdraw/", contacts.contact_withdraw, name="contact_withdraw"),
    path("cases/", cases.case_list, name="case_list"),
    path("cases/new/", cases.case_new, name="case_new"),
    path("cases/<code:code>/", cases.case_detail, name="case_detail"),
    path("cases/<code:code>/edit/", cases.case_edit, name="case_edit"),
    path("cases/<code:code>/close/", cases.case_close, name="case_close"),
    path("cases/<code:code>/reopen/", cases.case_reopen, name="case_reopen"),
    path("cases/<code:code>/plan/", cases.case_plan, name="case_plan"),
    path("counts/", counts.counts, name="counts"),
    path("counts/<slug:measure>/", counts.count_list, name="count_list"),
    path("counts/<slug:measure>/new/", counts.count_new, name="count_new"),
    path("counts/<slug:measure>/<int:pk>/edit/", counts.count_edit, name="count_edit"),
    path("counts/<slug:measure>/<int:pk>/withdraw/", counts.count_withdraw, name="count_withdraw"),
    path("managers/", managers.manager_list, name="manager_list"),
    path("managers/new/", managers.manager_new, name="manager_new"),
    path("managers/<int:pk>/", managers.manager_detail, name="manager_detail"),
    path("managers/of/<int:membership>/leave/", managers.member_leave, name="member_leave"),
    path("managers/<int:pk>/invite/", managers.manager_invite, name="manager_invite"),
    path("posts/new/", posts.post_new, name="post_new"),
    path("posts/<int:pk>/", posts.post_detail, name="post_detail"),
    path("posts/<int:pk>/edit/", posts.post_edit, name="post_edit"),
    path("posts/<int:pk>/book/", posts.post_book, name="post_book"),
    path("assignments/<int:pk>/fte/", posts.assignment_fte, name="assignment_fte"),
    path("assignments/<int:pk>/end/", posts.assignment_end, name="assignment_end"),
    path("staffing/", staffing.staffing, name="staffing"),
    path("staffing/map.svg", staffing.staffing_map, name="staffing_map"),
    path("staffing/curve.svg", staffing.staffing_curve, name="staffing_curve"),
    path("staffing/<slug:table>.<slug:format>", staffing.staffing_export, name="staffing_export"),
    path("staffing/districts/<district:ags>/", staffing.staffing_district, name="staffing_district"),
    path(
        "staffing/districts/<district:ags>/curve.svg", staffing.staffing_district_curve, name="staffing_district_curve"
    ),
    path(
        "staffing/districts/<district:ags>/<slug:table>.<slug:format>",
        staffing.staffing_district_export,
        name="staffing_district_export",
    ),
    path("staffing/organisations/<int:pk>/", staffing.staffing_organisation, name="staffing_organisation"),
    path(
        "staffing/organisations/<int:pk>/curve.svg",
        staffing.staffing_organisation_curve,
        name="staffing_organisation_curve",
    ),
    path(
        "staffing/organisations/<int:pk>/<slug:table>.<slug:format>",
        staffing.staffing_organisation_export,
        name="staffing_organisation_export",
    ),
    path("summaries/", summaries.summary_list, name="summary_list"),
    path("summaries/export/", summaries.summary_export, name="summary_export"),
]
