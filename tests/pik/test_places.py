import pytest

from pik.models import District, Municipality
from tests.database import refused_by
from tests.factories import make_organisation
from tests.scene import make_scene

pytestmark = pytest.mark.django_db


def _municipality(**overrides: object) -> Municipality:
    values = {"ags": "08115999", "district_id": "08115", "name": "Neustadt", "kind": "Gemeinde", "population": 100}
    return Municipality.objects.create(**{**values, "postcode": "71999", **overrides})


def test_municipality_inside_its_district_is_kept():
    municipality = _municipality()

    assert Municipality.objects.get(ags="08115999") == municipality


def test_municipality_outside_its_district_is_refused():
    with refused_by("municipality_ags_begins_with_district"):
        _municipality(district_id="08116")


def test_municipality_moved_to_another_district_is_refused():
    with refused_by("municipality_ags_begins_with_district"):
        Municipality.objects.filter(ags="08115003").update(district_id="08116")


@pytest.mark.parametrize("ags", ["8115999", "0811599", "09115999", "08115x99"])
def test_municipality_with_malformed_ags_is_refused(ags):
    with refused_by("municipality_ags_of_eight_digits"):
        _municipality(ags=ags, district_id=ags[:5])


@pytest.mark.parametrize("ags", ["8115", "09115", "081x5"])
def test_district_with_malformed_ags_is_refused(ags):
    with refused_by("district_ags_of_five_digits"):
        District.objects.create(ags=ags, name="X", name_full=f"Landkreis {ags}", kind="Landkreis", population=1)


def test_municipalities_reached_by_a_provider_without_district_are_all():
    provider = make_organisation(kind="provider")

    assert Municipality.objects.reached_by(provider).count() == 1101


def test_municipalities_reached_by_a_provider_with_a_seat_are_all_as_well():
    provider = make_organisation(kind="provider", district="08115")

    assert Municipality.objects.reached_by(provider).count() == 1101


def test_municipalities_reached_by_a_district_are_its_own():
    district = make_organisation(kind="district", district="08115")

    assert set(Municipality.objects.reached_by(district).values_list("district", flat=True)) == {"08115"}


def test_district_visible_to_its_coordinator_and_the_overseers():
    scene = make_scene()
    rows = {"own": scene.own.district, "foreign": scene.foreign.district}

    assert scene.seen(rows) == {
        "nobody": set(),
        "expired": set(),
        "unknown role": set(),
        "manager": set(),
        "foreign manager": set(),
        "coordinator": set(),
        "Kreis coordinator": {"own"},
        "foreign coordinator": {"foreign"},
        "ministry": {"own", "foreign"},
        "auditor": {"own", "foreign"},
    }
