"""Who may open what: every address × every kind of reader, with rows that belong to the own Gemeinde's manager.

`login` is the redirect to the login page, a bare number the status. `302` for a POST means that it was done; after
any other answer nothing may have changed. An address without a row here fails.
"""

from collections.abc import Iterator
from copy import deepcopy
from datetime import timedelta
from io import BytesIO
from uuid import uuid4
from zipfile import ZipFile

import pytest
from django.apps import apps
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from casework.forms.contact_templates import TemplateForm
from casework.models import Case
from pik.draft_marks import mark_of
from pik.models import AccessRecord, District, Municipality
from tests.pages import client_of
from tests.people_lists import csv_of, line
from tests.world import World, make_world

pytestmark = pytest.mark.django_db

READERS = {
    "anon": "anonymous",
    "mgr": "manager",
    "fmgr": "foreign manager",
    "coord": "coordinator",
    "kreis": "Kreis coordinator",
    "fcoord": "foreign coordinator",
    "mini": "ministry",
    "audit": "auditor",
    "ended": "expired",
}
TABLE = """
                                                           anon  mgr fmgr coord kreis fcoord mini audit ended
GET  start                                       -         login 302 302  302   302   302    302  302   403
GET  healthz                                     -         200   200 200  200   200   200    200  200   200
GET  set_language                                -         302   302 302  302   302   302    302  302   302
POST set_language                                -         302   302 302  302   302   302    302  302   302
GET  session_state                               -         200   200 200  200   200   200    200  200   200
POST draft_keep                                  -         login 204 400  400   400   400    400  400   403
POST draft_discard                               -         login 302 302  302   302   302    302  302   403
POST membership_switch                           -         login 302 302  302   302   302    302  302   403
GET  access_log                                  -         login 403 403  200   200   200    403  200   403
GET  access_review                               -         login 403 403  200   200   200    403  200   403
POST access_confirm                              line      login 403 403  302   404   404    403  403   403
POST access_confirm                              kreisline login 403 403  404   302   404    403  403   403
GET  access_confirm_others                       -         login 403 403  200   200   200    403  403   403
POST access_confirm_others                       -         login 403 403  302   200   200    403  403   403
GET  access_end                                  line      login 403 403  302   404   404    403  403   403
GET  access_end                                  coline    login 403 403  200   404   404    403  403   403
POST access_end                                  coline    login 403 403  302   404   404    403  403   403
GET  account_login                               -         200   302 302  302   302   302    302  302   302
POST account_login                               -         200   302 302  302   302   302    302  302   302
GET  account_logout                              -         302   200 200  200   200   200    200  200   200
POST account_logout                              -         302   302 302  302   302   302    302  302   302
GET  account_signup                              -         200   302 302  302   302   302    302  302   302
POST account_signup                              -         200   302 302  302   302   302    302  302   302
GET  account_inactive                            -         200   200 200  200   200   200    200  200   200
GET  account_change_password                     -         login 200 200  200   200   200    200  200   200
POST account_change_password                     -         login 200 200  200   200   200    200  200   200
GET  account_reset_password                      -         200   200 200  200   200   200    200  200   200
POST account_reset_password                      -         302   302 302  302   302   302    302  302   302
GET  account_reset_password_done                 -         200   200 200  200   200   200    200  200   200
GET  account_reset_password_from_key             key       200   200 200  200   200   200    200  200   200
POST account_reset_password_from_key             key       200   200 200  200   200   200    200  200   200
GET  account_reset_password_from_key_done        -         200   200 200  200   200   200    200  200   200

GET  casework:start                              -         login 200 200  403   403   403    403  403   403
GET  casework:due_list                           -         login 200 200  403   403   403    403  403   403
GET  casework:mails                              -         login 200 200  403   403   403    403  403   403
POST casework:mails                              -         login 302 302  403   403   403    403  403   403
GET  casework:contact_list                       -         login 200 200  403   403   403    403  403   403
GET  casework:contact_new                        -         login 200 200  403   403   403    403  403   403
POST casework:contact_new                        -         login 302 200  403   403   403    403  403   403
GET  casework:contact_edit                       contact   login 200 404  403   403   403    403  403   403
POST casework:contact_edit                       contact   login 302 404  403   403   403    403  403   403
POST casework:contact_withdraw                   contact   login 302 404  403   403   403    403  403   403
GET  casework:contact_day                        -         login 200 200  403   403   403    403  403   403
POST casework:contact_day                        -         login 302 200  403   403   403    403  403   403
GET  casework:template_list                      -         login 200 200  403   403   403    403  403   403
GET  casework:template_new                       contact   login 200 404  403   403   403    403  403   403
POST casework:template_new                       contact   login 302 404  403   403   403    403  403   403
GET  casework:template_edit                      template  login 200 404  403   403   403    403  403   403
POST casework:template_edit                      template  login 302 404  403   403   403    403  403   403
POST casework:template_move                      template  login 302 404  403   403   403    403  403   403
POST casework:template_remove                    template  login 302 404  403   403   403    403  403   403
GET  casework:case_list                          -         login 200 200  403   403   403    403  403   403
GET  casework:case_new                           -         login 200 200  403   403   403    403  403   403
POST casework:case_new                           -         login 302 200  403   403   403    403  403   403
GET  casework:case_detail                        case      login 200 404  403   403   403    403  403   403
GET  casework:case_detail                        closed    login 200 404  403   403   403    403  403   403
GET  casework:case_edit                          case      login 200 404  403   403   403    403  403   403
POST casework:case_edit                          case      login 302 404  403   403   403    403  403   403
GET  casework:case_close                         case      login 200 404  403   403   403    403  403   403
POST casework:case_close                         case      login 302 404  403   403   403    403  403   403
POST casework:case_reopen                        closed    login 302 404  403   403   403    403  403   403
POST casework:case_plan                          case      login 302 404  403   403   403    403  403   403
GET  casework:referral_new                       case      login 200 404  403   403   403    403  403   403
POST casework:referral_new                       case      login 302 404  403   403   403    403  403   403
POST casework:referral_outcome                   referral  login 302 404  403   403   403    403  403   403
POST casework:referral_withdraw                  referral  login 302 404  403   403   403    403  403   403
GET  casework:case_move                          case      login 200 404  403   403   403    403  403   403
POST casework:case_move                          case      login 200 404  403   403   403    403  403   403
GET  casework:case_transfer                      case      login 200 404  403   403   403    403  403   403
POST casework:case_transfer                      case      login 200 404  403   403   403    403  403   403
GET  casework:transfer_list                      -         login 200 200  200   200   200    403  403   403
POST casework:transfer_accept                    offered   login 302 404  302   404   404    403  403   403
POST casework:transfer_decline                   offered   login 302 404  302   404   404    403  403   403
POST casework:transfer_withdraw                  given     login 302 404  403   403   403    403  403   403
GET  casework:counts                             -         login 200 302  403   403   403    403  403   403
GET  casework:case_phase                         case      login 200 404  403   403   403    403  403   403
POST casework:case_phase                         case      login 302 404  403   403   403    403  403   403
POST casework:case_phase_withdraw                case      login 302 404  403   403   403    403  403   403
GET  casework:case_consent                       case      login 200 404  403   403   403    403  403   403
POST casework:case_consent                       case      login 302 404  403   403   403    403  403   403
GET  casework:case_extend                        case      login 302 404  403   403   403    403  403   403
POST casework:case_extend                        case      login 200 404  403   403   403    403  403   403
GET  casework:plan_review                        case      login 200 404  403   403   403    403  403   403
POST casework:plan_review                        case      login 302 404  403   403   403    403  403   403
GET  casework:goal_list                          case      login 200 404  403   403   403    403  403   403
GET  casework:goal_new                           case      login 200 404  403   403   403    403  403   403
POST casework:goal_new                           case      login 302 404  403   403   403    403  403   403
GET  casework:goal_edit                          goal      login 200 404  403   403   403    403  403   403
POST casework:goal_edit                          goal      login 302 404  403   403   403    403  403   403
POST casework:goal_step_done                     goal      login 302 404  403   403   403    403  403   403
GET  casework:goal_end                           goal      login 200 404  403   403   403    403  403   403
POST casework:goal_end                           goal      login 302 404  403   403   403    403  403   403
POST casework:goal_reopen                        goal      login 302 404  403   403   403    403  403   403
GET  casework:assessment_list                    case      login 200 404  403   403   403    403  403   403
GET  casework:assessment_picture                 case      login 200 404  403   403   403    403  403   403
GET  casework:assessment_export                  case      login 200 404  403   403   403    403  403   403
GET  casework:assessment_new                     case      login 200 404  403   403   403    403  403   403
POST casework:assessment_new                     case      login 302 404  403   403   403    403  403   403
GET  casework:assessment_edit                    levels    login 200 404  403   403   403    403  403   403
POST casework:assessment_edit                    levels    login 302 404  403   403   403    403  403   403
GET  casework:count_list                         measure   login 200 404  403   403   403    403  403   403
GET  casework:count_new                          measure   login 200 404  403   403   403    403  403   403
POST casework:count_new                          measure   login 302 404  403   403   403    403  403   403
GET  casework:count_edit                         course    login 200 404  403   403   403    403  403   403
POST casework:count_edit                         course    login 302 404  403   403   403    403  403   403
POST casework:count_withdraw                     course    login 302 404  403   403   403    403  403   403
GET  casework:manager_list                       -         login 403 403  200   200   200    403  403   403
GET  casework:manager_new                        -         login 403 403  200   200   200    403  403   403
POST casework:manager_new                        -         login 403 403  302   302   200    403  403   403
GET  casework:manager_list_new                   -         login 403 403  200   200   200    403  403   403
POST casework:manager_list_new                   -         login 403 403  302   302   302    403  403   403
GET  casework:manager_list_template              -         login 403 403  200   200   200    403  403   403
GET  casework:manager_list_detail                list      login 403 403  200   404   404    403  403   403
GET  casework:manager_list_rest                  list      login 403 403  200   404   404    403  403   403
POST casework:manager_list_register              list      login 403 403  302   404   404    403  403   403
POST casework:manager_list_discard               list      login 403 403  302   404   404    403  403   403
GET  casework:manager_detail                     manager   login 403 403  200   200   404    403  403   403
GET  casework:manager_detail                     kreisman  login 403 403  404   200   404    403  403   403
POST casework:manager_invite                     manager   login 403 403  302   302   404    403  403   403
POST casework:manager_invite                     kreisman  login 403 403  404   302   404    403  403   403
GET  casework:post_new                           -         login 403 403  200   200   200    403  403   403
POST casework:post_new                           -         login 403 403  302   302   200    403  403   403
GET  casework:post_detail                        post      login 403 403  200   200   404    403  403   403
GET  casework:post_detail                        kreispost login 403 403  404   200   404    403  403   403
GET  casework:post_edit                          post      login 403 403  200   200   404    403  403   403
GET  casework:post_edit                          kreispost login 403 403  404   200   404    403  403   403
POST casework:post_edit                          post      login 403 403  302   302   404    403  403   403
GET  casework:post_withdraw                      post      login 403 403  200   200   404    403  403   403
GET  casework:post_withdraw                      kreispost login 403 403  404   200   404    403  403   403
POST casework:post_withdraw                      post      login 403 403  302   302   404    403  403   403
GET  casework:post_book                          post      login 403 403  200   200   404    403  403   403
GET  casework:post_book                          kreispost login 403 403  404   200   404    403  403   403
POST casework:post_book                          post      login 403 403  302   302   404    403  403   403
GET  casework:assignment_fte                     booking   login 403 403  200   200   404    403  403   403
GET  casework:assignment_fte                     kreisbook login 403 403  404   200   404    403  403   403
POST casework:assignment_fte                     booking   login 403 403  302   302   404    403  403   403
POST casework:assignment_fte                     kreisbook login 403 403  404   302   404    403  403   403
GET  casework:assignment_end                     booking   login 403 403  200   200   404    403  403   403
GET  casework:assignment_end                     kreisbook login 403 403  404   200   404    403  403   403
POST casework:assignment_end                     booking   login 403 403  302   302   404    403  403   403
POST casework:assignment_end                     kreisbook login 403 403  404   302   404    403  403   403
GET  casework:member_leave                       member    login 403 403  302   302   404    403  403   403
GET  casework:member_leave                       kreismem  login 403 403  404   302   404    403  403   403
GET  casework:staffing                           -         login 403 403  200   200   200    200  200   403
GET  casework:staffing_map                       -         login 403 403  403   403   403    200  200   403
GET  casework:staffing_curve                     -         login 403 403  200   200   200    200  200   403
GET  casework:staffing_export                    table     login 403 403  200   200   200    200  200   403
GET  casework:staffing_district                  kreis     login 403 403  404   200   404    200  200   403
GET  casework:staffing_district_curve            kreis     login 403 403  404   200   404    200  200   403
GET  casework:staffing_district_export           kreistab  login 403 403  404   200   404    200  200   403
GET  casework:staffing_organisation              body      login 403 403  200   200   404    200  200   403
GET  casework:staffing_organisation_curve        body      login 403 403  200   200   404    200  200   403
GET  casework:staffing_organisation_export       bodytab   login 403 403  200   200   404    200  200   403
GET  casework:manager_qualification              manager   login 403 403  200   200   404    403  403   403
POST casework:manager_qualification              manager   login 403 403  302   302   404    403  403   403
GET  casework:manager_handover                   manager   login 403 403  200   200   404    403  403   403
POST casework:manager_handover                   manager   login 403 403  302   302   404    403  403   403
GET  casework:manager_leave                      manager   login 403 403  200   200   404    403  403   403
POST casework:manager_leave                      manager   login 403 403  302   302   404    403  403   403
GET  casework:manager_leave_withdraw             manager   login 403 403  200   200   404    403  403   403
POST casework:manager_leave_withdraw             manager   login 403 403  302   302   404    403  403   403
GET  casework:employment_withdraw                manager   login 403 403  200   200   404    403  403   403
POST casework:employment_withdraw                manager   login 403 403  302   302   404    403  403   403
GET  casework:manager_move                       manager   login 403 403  200   200   404    403  403   403
POST casework:manager_move                       manager   login 403 403  200   302   404    403  403   403
GET  casework:manager_proof                      manager   login 403 403  200   404   404    403  403   403
GET  casework:absence_new                        manager   login 403 403  200   404   404    403  403   403
POST casework:absence_new                        manager   login 403 403  302   404   404    403  403   403
GET  casework:absence_edit                       absence   login 403 403  200   404   404    403  403   403
POST casework:absence_edit                       absence   login 403 403  302   404   404    403  403   403
POST casework:absence_withdraw                   absence   login 403 403  302   404   404    403  403   403
GET  casework:deputy_new                         manager   login 403 403  200   404   404    403  403   403
POST casework:deputy_new                         manager   login 403 403  302   404   404    403  403   403
POST casework:deputy_end                         deputy    login 403 403  302   404   404    403  403   403
GET  casework:figure_list                        -         login 200 200  403   403   403    403  403   403
GET  casework:figure_export                      -         login 200 200  403   403   403    403  403   403
GET  casework:retention                          -         login 200 200  200   200   200    200  200   403
GET  casework:quality                            -         login 200 200  200   200   200    200  200   403
GET  casework:quality_curve                      -         login 200 200  200   200   200    200  200   403
GET  casework:quality_export                     lines     login 200 200  200   200   200    200  200   403
GET  casework:rate_list                          -         login 403 403  200   200   200    200  200   403
GET  casework:rate_new                           -         login 403 403  403   403   403    200  403   403
POST casework:rate_new                           -         login 403 403  403   403   403    302  403   403
GET  casework:rate_end                           rate      login 403 403  403   403   403    200  403   403
POST casework:rate_end                           rate      login 403 403  403   403   403    302  403   403
GET  casework:summary_list                       -         login 403 403  200   200   200    200  200   403
GET  casework:summary_export                     -         login 403 403  200   200   200    200  200   403

GET  funding:state                               -         login 403 403  403   403   403    200  200   403
GET  funding:state_map                           -         login 403 403  403   403   403    200  200   403
GET  funding:state_curve                         -         login 403 403  403   403   403    200  200   403
GET  funding:state_districts_csv                 -         login 403 403  403   403   403    200  200   403
GET  funding:state_months_csv                    -         login 403 403  403   403   403    200  200   403
GET  funding:district                            kreis     login 403 403  404   200   404    200  200   403
GET  funding:district_map                        kreis     login 403 403  404   200   404    200  200   403
GET  funding:district_curve                      kreis     login 403 403  404   200   404    200  200   403
GET  funding:district_places_csv                 kreis     login 403 403  404   200   404    200  200   403
GET  funding:district_months_csv                 kreis     login 403 403  404   200   404    200  200   403
GET  funding:organisation                        -         login 403 403  200   200   200    403  403   403
GET  funding:organisation_map                    -         login 403 403  200   200   200    403  403   403
GET  funding:organisation_curve                  -         login 403 403  200   200   200    403  403   403
GET  funding:organisation_places_csv             -         login 403 403  200   200   200    403  403   403
GET  funding:organisation_months_csv             -         login 403 403  200   200   200    403  403   403
GET  funding:ledger                              -         login 403 403  200   200   200    200  200   403
GET  funding:ledger_export                       -         login 403 403  200   200   200    200  200   403
"""
PLACES = (District, Municipality)
Cell = tuple[str, str, str]


def column(reader: str) -> dict[Cell, str]:
    """What one kind of reader is answered: method, name of the address and key of the row → status."""
    head, *lines = [line.split() for line in TABLE.splitlines() if line.strip()]
    position = head.index(reader)
    return {(method, name, key): statuses[position] for method, name, key, *statuses in lines}


def entered(world: World, name: str) -> dict[str, object]:
    """What a well-behaved browser sends to the address called `name`."""
    case, course, today = world.case, world.course, timezone.localdate().isoformat()
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    # What the page would have shown.
    version = Case.objects.filter(pk=case.pk).values_list("version", flat=True).first()
    contact = {
        "case": case.code,
        "date": today,
        "minutes": 20,
        "kind": "crisis",
        "channel": "phone",
        "topics": ["1"],
        "mediation": "none",
    }
    bands = {
        "municipality": case.municipality_id,
        "opened_on": case.opened_on.isoformat(),
        "age_band": "65+",
        "household_band": "1",
        "origin_group": "asia",
        "residence_group": "other",
    }
    counted = {field: getattr(course, field) for field in course.ENTERED}
    counts = {**counted, "date": today, "municipality": course.municipality_id, "units": 7}
    leaving = {"last_day": today, "rest": world.colleague.pk}
    return {
        "set_language": {"language": "de", "next": "/"},
        "draft_keep": {"owner": mark_of(world.manager.user, TemplateForm(), "template"), "name": "Short talk"},
        "access_confirm_others": {"lines": [world.line(world.manager.user).pk]},
        "access_end": {"last_day": today},
        "account_reset_password": {"email": f"{uuid4()}@pik.example"},
        "casework:contact_new": contact,
        "casework:contact_edit": {**contact, "version": 1},
        "casework:contact_day": contact,
        "casework:template_new": {"name": "Crisis"},
        "casework:template_edit": {"name": "Crisis"},
        "casework:case_new": {**bands, "measure": "im"},
        "casework:case_edit": {**bands, "version": version},
        "casework:case_close": {"closed_on": today, "reason": "work"},
        "casework:mails": {"weekly": "on"},
        "casework:referral_new": {"target": "1", "referred_on": today, "ask_on": today},
        "casework:referral_outcome": {"outcome": "arrived", "version": 1},
        "casework:transfer_accept": {"manager": world.manager.pk},
        "casework:transfer_decline": {"reason": "no_capacity"},
        "casework:case_phase": {"phase": "planning", "starts_on": today},
        "casework:case_consent": {
            "consent_on": (timezone.localdate() - timedelta(days=50)).isoformat(),
            "version": version,
        },
        "casework:case_extend": {"reason": "health"},
        "casework:plan_review": {
            "reviewed_on": today,
            "review_on": (timezone.localdate() + timedelta(days=180)).isoformat(),
        },
        "casework:goal_new": {"domain": "work", "words": "Find work"},
        "casework:goal_edit": {"domain": "work", "words": "Find work", "version": 1},
        "casework:goal_end": {"outcome": "reached", "outcome_on": today, "version": 1},
        "casework:assessment_new": {"assessed_on": today, "work": "3"},
        "casework:assessment_edit": {
            "assessed_on": yesterday,
            "work": "4",
            "version": 1,
        },
        "casework:count_new": counts,
        "casework:count_edit": {**counts, "version": 1},
        "casework:post_new": {
            "organisation": world.scene.own.pk,
            "measure": "im",
            "fte": "0.50",
            "starts_on": today,
            "reference": "IM-99",
            "municipalities": [world.scene.own.municipality_id],
        },
        "casework:post_edit": {
            "fte": "1.00",
            "reference": "IM-98",
            "municipalities": [place.pk for place in world.post.municipalities.all()],
        },
        "casework:post_book": {
            "manager": world.manager.pk,
            "fte": "0.25",
            "starts_on": today,
        },
        "casework:assignment_fte": {"fte": "0.25", "starts_on": today},
        "casework:assignment_end": {"ends_on": today},
        "casework:manager_qualification": {"qualification": "a", "proven_on": today},
        "casework:manager_handover": {
            "way": "all",
            "rest": world.colleague.pk,
            "starts_on": today,
            "reason": "balance",
        },
        "casework:manager_leave": leaving,
        "casework:manager_move": {**leaving, "organisation": world.scene.neighbour.pk},
        "casework:absence_new": {"kind": "parental", "starts_on": today},
        "casework:absence_edit": {"kind": "other", "starts_on": today, "ends_on": today},
        "casework:deputy_new": {"deputy": world.colleague.pk, "starts_on": today, "ends_on": today},
        "casework:rate_new": {
            "measure": "im",
            "qualifications": ["a", "b"],
            "amount": "70000.00",
            "starts_on": "2030-01-01",
            "source": "decision",
        },
        "casework:rate_end": {"ends_on": "2020-06-30"},
        "casework:manager_new": {
            "name": "Ottilie Neu",
            "email": "ottilie@pik.example",
            "organisation": world.scene.own.pk,
            "measure": "im",
            "fte": "0.75",
            "starts_on": today,
            "municipalities": [world.scene.own.municipality_id],
        },
        "casework:manager_list_new": {"file": SimpleUploadedFile("list.csv", csv_of(line()).encode())},
    }.get(name, {})


def addresses() -> Iterator[tuple[str, URLPattern]]:
    """Every address that the application knows, by its full name."""

    def under(resolver: URLResolver, prefix: str) -> Iterator[tuple[str, URLPattern]]:
        for entry in resolver.url_patterns:
            if isinstance(entry, URLResolver):
                yield from under(entry, f"{prefix}{entry.namespace}:" if entry.namespace else prefix)
            else:
                yield f"{prefix}{entry.name}", entry

    return under(get_resolver(), "")


def _stored() -> dict[str, list]:
    """All rows of ours but those that come with the pact and that no page changes."""
    models = [model for room in ("pik", "casework", "funding") for model in apps.get_app_config(room).get_models()]
    return {model.__name__: sorted(map(str, model.objects.values_list())) for model in models if model not in PLACES}


def _answers(world: World, reader: str) -> dict[Cell, str]:
    """The status of each request, whose effects are taken back; says so when a refused one had any."""
    client, answers = client_of(world.reader(READERS[reader])), {}
    cookies, before = deepcopy(client.cookies), _stored()
    for cell in column(reader):
        method, name, key = cell
        client.cookies = deepcopy(cookies)
        with transaction.atomic():
            response = getattr(client, method.lower())(world.address(name, key), entered(world, name))
            status = str(response.status_code)
            if status == "302" and response["Location"].startswith(f"{reverse(settings.LOGIN_URL)}?next="):
                status = "login"
            if method == "POST" and status not in ("204", "302") and _stored() != before:
                status += ", yet rows changed"
            transaction.set_rollback(True)
        answers[cell] = status
    return answers


@pytest.fixture(name="world")
def _world() -> World:
    return make_world()


def test_every_address_has_a_row():
    named = {name for name, _pattern in addresses()}

    assert {name for _method, name, _key in column("anon")} == named


@pytest.mark.parametrize("reader", READERS)
def test_every_reader_is_answered_as_the_table_says(world, reader):
    expected, answers = column(reader), _answers(world, reader)

    assert {cell: (answers[cell], expected[cell]) for cell in expected if answers[cell] != expected[cell]} == {}


def test_every_method_without_a_row_is_refused(world):
    """Otherwise an address could do more than the table says."""
    known = {(method, name) for method, name, _key in column("anon")}
    keys = {name: key for _method, name, key in column("anon")}
    # Whoever may open the address.
    entitled = {
        name: reader
        for reader in READERS
        for (_, name, _), status in column(reader).items()
        if status in ("200", "204", "302")
    }
    clients = {reader: client_of(world.reader(READERS[reader])) for reader in READERS}
    allowed = []
    for name, _pattern in addresses():
        for method in ("GET", "POST"):
            if (method, name) in known:
                continue
            with transaction.atomic():
                response = clients[entitled[name]].generic(method, world.address(name, keys[name]))
                transaction.set_rollback(True)
            if response.status_code != 405:
                allowed.append((method, name, response.status_code))

    assert allowed == []


def test_every_address_of_a_case_that_a_deputy_reads_leaves_a_line(world):
    today = timezone.localdate()
    world.manager.deputies.update(starts_on=today, ends_on=today)
    client = client_of(world.colleague.user)
    of_cases = {name for name, pattern in addresses() if "code" in pattern.pattern.converters}
    rows = column("mgr").items()
    pages = {(name, key): int(status) for (method, name, key), status in rows if method == "GET" and name in of_cases}
    read = {}
    for name, key in pages:
        with transaction.atomic():
            status = client.get(address := world.address(name, key)).status_code
            noted = [
                line.subject.split()[-1] in address for line in AccessRecord.objects.filter(user=world.colleague.user)
            ]
            transaction.set_rollback(True)
        read[name, key] = (status, noted)

    # Deputies do not give a case away.
    hidden = {("casework:case_move", "case"), ("casework:case_transfer", "case")}
    assert read == {page: (404, []) if page in hidden else (status, [True]) for page, status in pages.items()}


@pytest.mark.parametrize("reader", ["foreign manager", "foreign coordinator", "expired"])
def test_strangers_find_no_word_of_the_own_body_on_any_page(world, reader):
    secrets = {world.case.code, world.closed_case.code, world.manager.user.name, world.manager.user.email}
    secrets |= {world.scene.own.name, world.scene.neighbour.name, world.kreis_manager.user.name}

    found = {(name, word) for name, text in _texts(world, reader) for word in secrets if word in text}

    assert found == set()


@pytest.mark.parametrize("reader", ["coordinator", "Kreis coordinator", "ministry", "auditor"])
def test_codes_of_cases_stand_on_no_page_but_those_of_their_manager(world, reader):
    found = {name for name, text in _texts(world, reader) if world.case.code in text or world.closed_case.code in text}

    assert found == set()


def _texts(world: World, reader: str) -> Iterator[tuple[str, str]]:
    """Everything that a reader can get, downloads, pictures and refusals included, without the address asked for."""
    client = client_of(world.reader(reader))
    for method, name, key in column("anon"):
        if method == "GET" and not name.startswith("account_"):
            address = world.address(name, key)
            yield name, _text_of(client.get(address).content).replace(address, "")


def _text_of(content: bytes) -> str:
    """What an answer says; of a workbook all of its parts, which are packed."""
    if content.startswith(b"PK"):
        with ZipFile(BytesIO(content)) as workbook:
            content = b"".join(map(workbook.read, workbook.namelist()))
    return content.decode()
