import pytest

from pik.models import District, Municipality, Organisation
from tests.database import refused_by
from tests.factories import make_organisation
from tests.scene import make_scene

pytestmark = pytest.mark.django_db


def test_second_organisation_of_a_district_is_refused():
    first = make_organisation(kind="district")

    with refused_by("organisation_one_per_district"):
        make_organisation(kind="district", district=first.district)


def test_second_body_of_another_kind_in_a_district_is_kept():
    first = make_organisation(kind="district")

    second = make_organisation(kind="association", district=first.district)

    assert second.district == first.district


def test_second_organisation_of_a_municipality_is_refused():
    first = make_organisation(kind="municipality")

    with refused_by("organisation_one_per_municipality"):
        make_organisation(kind="municipality", municipality=first.municipality)


def test_organisation_of_unknown_kind_is_refused():
    with refused_by("organisation_kind_known"):
        make_organisation(kind="club")


@pytest.mark.parametrize("kind", ["district", "association"])
def test_organisation_of_a_place_without_district_is_refused(kind):
    with refused_by("organisation_of_a_place_names_it"):
        Organisation.objects.create(name="Nowhere", kind=kind)


def test_municipality_administration_without_its_municipality_is_refused():
    with refused_by("organisation_municipality_only_for_its_kind"):
        Organisation.objects.create(name="Nowhere", kind="municipality", district=District.objects.first())


def test_provider_with_a_municipality_is_refused():
    municipality = Municipality.objects.first()

    with refused_by("organisation_municipality_only_for_its_kind"):
        Organisation.objects.create(
            name="Nowhere", kind="provider", district=municipality.district, municipality=municipality
        )


def test_employers_are_bodies_that_do_casework():
    organisations = [make_organisation(kind=kind) for kind in Organisation.Kind.values]

    employers = Organisation.objects.filter(pk__in=[row.pk for row in organisations]).employers()

    assert {row.kind for row in employers} == {"district", "municipality", "association", "provider"}


def test_organisation_visible_to_its_people_its_kreis_and_the_overseers():
    scene = make_scene()
    rows = {"own": scene.own, "Kreis": scene.neighbour, "foreign": scene.foreign}

    assert scene.seen(rows) == {
        "nobody": set(),
        "expired": set(),
        "unknown role": set(),
        "manager": {"own"},
        "foreign manager": {"foreign"},
        "coordinator": {"own"},
        "Kreis coordinator": {"own", "Kreis"},
        "foreign coordinator": {"foreign"},
        "ministry": {"own", "Kreis", "foreign"},
        "auditor": {"own", "Kreis", "foreign"},
    }
