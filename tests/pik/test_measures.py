from datetime import date

import pytest
from django.utils import translation

from pik.models import Measure
from tests.database import refused_at_commit_by, refused_by, run_as_owner, run_sql
from tests.factories import make_case

pytestmark = pytest.mark.django_db


def _change(code: str, values: str) -> None:
    """As a migration can, which the database keeps the application from."""
    run_as_owner(f"UPDATE pik_measure SET {values} WHERE code = %s", code)


@pytest.mark.parametrize(
    "values",
    [
        {"profile": "cases", "sensitive": False, "records_origin": True},
        {"sensitive": False},
        {"records_origin": True},
        {"place_level": "state"},
        {"code": "bws2"},
    ],
    ids=lambda values: "-".join(values),
)
def test_what_may_be_recorded_for_a_measure_is_not_changed(values):
    with refused_by("measure_is_kept"):
        Measure.objects.filter(code="bws").update(**values)


def test_measure_is_not_deleted():
    with refused_by("measure_is_kept"):
        run_sql("DELETE FROM pik_measure WHERE code = 'bws'")


def test_measure_of_unknown_profile_is_refused():
    with refused_by("measure_profile_known"):
        _change("im", "profile = 'diary'")


@pytest.mark.parametrize("code", ["bws", "inturo", "queer"])
def test_sensitive_measure_with_cases_is_refused(code):
    with refused_by("measure_sensitive_has_no_cases"):
        _change(code, "profile = 'cases', place_level = 'municipality'")


def test_state_level_measure_with_cases_is_refused():
    with refused_by("measure_state_level_has_no_cases"):
        _change("im", "place_level = 'state'")


def test_measure_with_cases_cannot_become_one_of_counts():
    make_case(measure="im")

    with refused_at_commit_by("case_measure_records_cases"):
        _change("im", "profile = 'counts'")


def test_measure_with_cases_cannot_stop_to_record_origin():
    make_case(measure="im")

    with refused_at_commit_by("case_measure_records_cases"):
        _change("im", "records_origin = false")


def test_measures_running_on_a_day_include_first_and_last_day():
    Measure.objects.filter(code="jbh").update(ends_on=date(2025, 12, 31))

    running = {
        day: set(Measure.objects.running_on(day).values_list("code", flat=True))
        for day in (date(2025, 12, 31), date(2026, 1, 1))
    }

    assert running == {
        date(2025, 12, 31): {"im", "deutsch", "bws", "inturo", "jbh"},
        date(2026, 1, 1): {"im", "deutsch", "bws", "inturo", "queer"},
    }


def test_measure_name_follows_the_language():
    measure = Measure.objects.get(code="deutsch")

    names = {}
    for language in ("de", "en"):
        with translation.override(language):
            names[language] = str(measure)

    assert names == {"de": "Sprachförderung", "en": "Language courses"}
