"""The pages that are measured: one line each, with the login that opens them."""

from collections.abc import Callable
from typing import NamedTuple


def _first_case() -> dict[str, str]:
    from casework.models import Case
    from pik.models import User

    user = User.objects.get(email="manager@pik.example")
    return {"code": Case.objects.visible_to(user).open().for_choice(user)[0].code}


def _first_manager() -> dict[str, int]:
    from casework.models import Manager

    return {"pk": Manager.objects.get(user__email="manager@pik.example").pk}


def _largest_district() -> dict[str, str]:
    from pik.models import District

    return {"ags": District.objects.order_by("-population")[0].pk}


def _largest_team() -> dict[str, int]:
    from django.db.models import Count

    from pik.models import Organisation

    return {"pk": Organisation.objects.annotate(size=Count("posts")).order_by("-size")[0].pk}


def _nothing() -> dict:
    return {}


class Page(NamedTuple):
    """A page by the name of its URL; `arguments` finds what the URL needs in the demo state."""

    login: str
    name: str
    url: str
    arguments: Callable[[], dict] = _nothing


PAGES = (
    Page("manager", "start", "casework:start"),
    Page("manager", "cases", "casework:case_list"),
    Page("manager", "one case", "casework:case_detail", _first_case),
    Page("manager", "contacts", "casework:contact_list"),
    Page("manager", "new contact", "casework:contact_new"),
    Page("manager", "new case", "casework:case_new"),
    Page("coordinator", "overview", "funding:organisation"),
    Page("coordinator", "overview map", "funding:organisation_map"),
    Page("coordinator", "overview curve", "funding:organisation_curve"),
    Page("coordinator", "managers", "casework:manager_list"),
    Page("coordinator", "one manager", "casework:manager_detail", _first_manager),
    Page("coordinator", "new manager", "casework:manager_new"),
    Page("coordinator", "summaries", "casework:summary_list"),
    Page("ministry", "overview", "funding:state"),
    Page("ministry", "overview map", "funding:state_map"),
    Page("ministry", "overview curve", "funding:state_curve"),
    Page("ministry", "one district", "funding:district", _largest_district),
    Page("ministry", "district map", "funding:district_map", _largest_district),
    Page("ministry", "ledger", "funding:ledger"),
    Page("ministry", "summaries", "casework:summary_list"),
    Page("auditor", "access log", "access_log"),
)
STAFFING_PAGES = (
    Page("coordinator", "board", "casework:staffing"),
    Page("coordinator", "board curve", "casework:staffing_curve"),
    Page("ministry", "board of the state", "casework:staffing"),
    Page("ministry", "board map", "casework:staffing_map"),
    Page("ministry", "board curve", "casework:staffing_curve"),
    Page("ministry", "board of the largest district", "casework:staffing_district", _largest_district),
    Page("ministry", "board of the largest organisation", "casework:staffing_organisation", _largest_team),
)
