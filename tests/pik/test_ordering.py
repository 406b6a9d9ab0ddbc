import pytest

from pik.models import District, Municipality, Organisation, User
from tests.database import run_sql
from tests.factories import make_organisation, make_user

pytestmark = pytest.mark.django_db


def test_municipalities_stand_in_german_order():
    names = ["Aalen", "Achern", "Östringen", "Albstadt", "Ölbronn-Dürrn", "Oppenau", "Oftersheim", "Überlingen", "Ulm"]

    found = Municipality.objects.filter(name__in=names).values_list("name", flat=True)

    assert list(found) == [
        "Aalen",
        "Achern",
        "Albstadt",
        "Oftersheim",
        "Ölbronn-Dürrn",
        "Oppenau",
        "Östringen",
        "Überlingen",
        "Ulm",
    ]


def test_all_municipalities_stand_as_python_would_sort_them_by_dictionary_rules():
    plain = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ß": "ss"})

    found = list(Municipality.objects.values_list("name", "ags"))

    assert found == sorted(found, key=lambda row: (row[0].lower().translate(plain), row[1]))


def test_districts_of_one_name_stand_by_ags():
    found = District.objects.filter(name__in=["Heilbronn", "Karlsruhe"]).values_list("ags", flat=True)

    assert list(found) == ["08121", "08125", "08212", "08215"]


def test_organisations_stand_in_german_order():
    expected = [
        "Aalener Hilfe",
        "Ägyptischer Verein",
        "albstadt hilft",
        "Çınar-Treff",
        "Gosse",
        "Große Hilfe",
        "Groswald",
        "Łódź-Kreis",
        "Mühle",
        "Müller",
    ]
    for name in reversed(expected):
        make_organisation(kind="provider", name=name)

    found = Organisation.objects.filter(name__in=expected).values_list("name", flat=True)

    assert list(found) == expected


def test_people_stand_in_german_order():
    expected = ["Änne Weiß", "Anton Öz", "Anton Oz Zabel", "Eva Weissbach", "Eva Weißer"]
    for name in reversed(expected):
        make_user(name=name)

    found = User.objects.filter(name__in=expected).order_by("sort_name").values_list("name", flat=True)

    assert list(found) == expected


@pytest.mark.parametrize("table", ["pik_organisation", "pik_user", "pik_municipality", "pik_district"])
def test_sort_key_is_compared_byte_by_byte_whatever_the_database_speaks(table):
    collation = run_sql(
        "SELECT c.collname FROM pg_attribute a JOIN pg_collation c ON c.oid = a.attcollation "
        "WHERE a.attrelid = %s::regclass AND a.attname = 'sort_name'",
        table,
    )

    assert collation == [("C",)]


def test_sort_key_follows_raw_sql():
    organisation = make_organisation(kind="provider", name="Zeder")

    run_sql("UPDATE pik_organisation SET name = 'Äußere Hilfe' WHERE id = %s", organisation.pk)

    assert Organisation.objects.get(pk=organisation.pk).sort_name == "aussere hilfe"
