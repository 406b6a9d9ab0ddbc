"""What the database refuses about cases, with no service in between."""

from datetime import timedelta

import pytest
from django.utils import timezone

from casework.models import Case
from tests.database import refused_at_commit_by, refused_by, run_sql
from tests.factories import make_case, make_contact

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)
COUNTS = ["deutsch", "bws", "inturo", "queer"]


def _change_raw(case: Case, **values: object) -> None:
    Case.objects.filter(pk=case.pk).update(**values)


@pytest.mark.parametrize("measure", COUNTS)
def test_case_in_a_measure_of_counts_is_refused(measure):
    case = make_case(measure="jbh")

    with refused_at_commit_by("case_measure_records_cases"):
        _change_raw(case, measure=measure)


@pytest.mark.parametrize("measure", COUNTS)
def test_case_in_a_measure_of_counts_is_refused_under_any_profile(measure):
    case = make_case(measure="jbh")

    with refused_by("case_profile_is_cases"):
        _change_raw(case, measure=measure, profile="counts")


@pytest.mark.parametrize("measure", COUNTS)
def test_new_case_in_a_measure_of_counts_is_refused(measure):
    known = make_case(measure="jbh")
    columns = "profile, records_origin, opened_by_id, organisation_id, municipality_id, opened_on, closing_reason, "
    columns += "age_band, household_band, origin_group, residence_group, last_used_at, extension_reason, version"

    with refused_at_commit_by("case_measure_records_cases"):
        run_sql(
            f"INSERT INTO casework_case (code, measure_id, {columns}) "
            f"SELECT '2222-2222', %s, {columns} FROM casework_case WHERE id = %s",
            measure,
            known.pk,
        )


@pytest.mark.parametrize(
    "values", [{"origin_group": "africa"}, {"residence_group": "tolerated"}, {"arrival_year": 2022}]
)
def test_origin_on_a_case_of_youth_support_is_refused(values):
    case = make_case(measure="jbh")

    with refused_by("case_origin_exactly_where_measure_records_it"):
        _change_raw(case, **values)


def test_origin_on_a_case_of_youth_support_is_refused_even_if_the_case_claims_to_record_it():
    case = make_case(measure="jbh")

    with refused_at_commit_by("case_measure_records_cases"):
        _change_raw(case, records_origin=True, origin_group="africa", residence_group="tolerated")


@pytest.mark.parametrize("name", ["origin_group", "residence_group"])
def test_case_of_integration_management_without_origin_is_refused(name):
    case = make_case(measure="im")

    with refused_by("case_origin_exactly_where_measure_records_it"):
        _change_raw(case, **{name: ""})


@pytest.mark.parametrize(
    ("name", "constraint"),
    [
        ("age_band", "case_age_known"),
        ("household_band", "case_household_known"),
        ("origin_group", "case_origin_known"),
        ("residence_group", "case_residence_known"),
    ],
)
def test_unknown_word_in_a_band_is_refused(name, constraint):
    case = make_case()

    with refused_by(constraint):
        _change_raw(case, **{name: "xx"})


def test_unknown_closing_reason_is_refused():
    case = make_case()

    with refused_by("case_closing_reason_known"):
        _change_raw(case, closed_on=TODAY, closing_reason="bored")


@pytest.mark.parametrize("values", [{"closed_on": TODAY}, {"closing_reason": "moved"}])
def test_closing_day_and_reason_come_together_or_not_at_all(values):
    case = make_case()

    with refused_by("case_closing_has_reason"):
        _change_raw(case, **values)


@pytest.mark.parametrize("year", [1949, 2101])
def test_implausible_year_of_arrival_is_refused(year):
    case = make_case()

    with refused_by("case_arrival_year_plausible"):
        _change_raw(case, arrival_year=year)


def test_case_opened_tomorrow_is_refused():
    case = make_case()

    with refused_by("case_opened_not_in_future"):
        _change_raw(case, opened_on=TODAY + DAY)


def test_case_closed_tomorrow_is_refused():
    case = make_case()

    with refused_by("case_closed_not_in_future"):
        _change_raw(case, closed_on=TODAY + DAY, closing_reason="moved")


def test_case_closed_before_it_was_opened_is_refused():
    case = make_case()

    with refused_by("case_closed_after_opened"):
        _change_raw(case, closed_on=case.opened_on - DAY, closing_reason="moved")


def test_opening_moved_behind_a_contact_is_refused():
    case = make_contact(date=TODAY - 20 * DAY).case

    with refused_by("contact_not_before_case"):
        _change_raw(case, opened_on=TODAY - 19 * DAY)


def test_opening_moved_before_all_contacts_takes_them_along():
    contact = make_contact(date=TODAY - 20 * DAY)

    _change_raw(contact.case, opened_on=TODAY - 20 * DAY)

    contact.refresh_from_db()
    assert contact.case_opened_on == TODAY - 20 * DAY
