import csv
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import pytest

import pik.charts
from pik.charts import municipality_map
from pik.charts.maps import RAMP
from pik.charts.render import NO_DATA_ID
from pik.charts.shapes import ATTRIBUTION, municipality_shapes, shapes

SVG = "{http://www.w3.org/2000/svg}"
ORTENAUKREIS, STUTTGART = "08317", "08111"
WITHOUT_MUNICIPALITY = {"08317971", "08415971"}
HATCH = f"url(#{NO_DATA_ID})"
HOSTILE = '</title></text><script>alert("1")</script> & \x00\x0b\ud800 {{ 7*7 }} datum.x'
HARMLESS = '</title></text><script>alert("1")</script> & {{ 7*7 }} datum.x'


def municipalities():
    """Return the AGS of the municipalities of each district as the register has them."""
    source = Path(pik.charts.__file__).parent.parent / "data" / "municipalities.csv"
    result = {}
    with source.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            result.setdefault(row["ags"][:5], {})[row["ags"]] = row["name"]
    return result


REGISTER = municipalities()


def draw(district=ORTENAUKREIS, **overrides):
    values = {ags: 100 * (position + 1) for position, ags in enumerate(REGISTER[district])}
    inputs = {"district": district, "values": values, "legend": "Contacts", "language": "en", "title": "Map"}
    return municipality_map(**inputs | overrides)


def texts(svg):
    return [element.text for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def areas(svg):
    """Return the fill of each area by the words of its tooltip."""
    paths = [path for path in ElementTree.fromstring(svg).iter(f"{SVG}path") if len(path) and path.get("d")]
    return {path.find(f"{SVG}title").text: path.get("fill") for path in paths}


@pytest.mark.parametrize("district", [district["id"] for district in shapes().districts])
def test_map_draws_every_municipality_of_the_district(district):
    svg = draw(district)

    drawn = areas(svg)
    shown = [label for label, fill in drawn.items() if fill in RAMP]

    assert {area["id"] for area in municipality_shapes(district).features} - WITHOUT_MUNICIPALITY == set(
        REGISTER[district]
    )
    assert sorted(label.rsplit(":", 1)[0] for label in shown) == sorted(REGISTER[district].values())
    assert len(svg.encode()) < 60_000
    assert texts(svg)[-1] == ATTRIBUTION


@pytest.mark.parametrize(
    ("district", "name"), [("08317", "Gemeindefreies Gebiet Rheinau"), ("08415", "Gutsbezirk Münsingen")]
)
def test_map_hatches_the_area_without_municipality(district, name):
    svg = draw(district)

    assert [label for label, fill in areas(svg).items() if fill == HATCH] == [f"{name}: no data"]
    assert "no data" in texts(svg)


def test_map_tells_missing_from_zero():
    first, second, *_others = REGISTER["08435"]

    drawn = areas(draw("08435", values={first: 0, second: None}))

    assert drawn[f"{REGISTER['08435'][first]}: 0"] == RAMP[0]
    assert drawn[f"{REGISTER['08435'][second]}: no data"] == HATCH


def test_map_of_a_single_area_names_it():
    svg = draw(STUTTGART, values={"08111000": Decimal("1234.50")}, unit="€", language="de")

    assert areas(svg) == {"Stuttgart: 1.234,5 €": RAMP[1]}
    assert texts(svg) == ["Contacts", "€", "1.234,5", "Stuttgart", ATTRIBUTION]


def test_map_without_values_says_so():
    svg = draw(values={})

    assert set(areas(svg).values()) == {HATCH}
    assert texts(svg) == ["Contacts", "no data", ATTRIBUTION]


def test_map_is_the_same_for_the_same_input():
    first = draw()
    municipality_shapes.cache_clear()

    assert draw() == first


def test_map_stands_alone():
    root = ElementTree.fromstring(draw(title="Übersicht", language="de"))

    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    attributes = {name for element in root.iter() for name in element.attrib}
    links = {value for element in root.iter() for value in element.attrib.values() if "url(" in value or ":" in value}

    assert tags - {"svg", "title", "defs", "pattern", "rect", "g", "path", "line", "text"} == set()
    assert {name for name in attributes if name.startswith("on") or "href" in name} == set()
    assert attributes & {"style", "class"} == set()
    assert links - {HATCH} == set()
    assert (root.get("role"), root.get("lang"), root[0].text) == ("img", "de", "Übersicht")


def test_map_shows_hostile_text_as_text():
    svg = draw(title=HOSTILE, legend=HOSTILE, unit=HOSTILE)

    assert "<script" not in svg
    assert ElementTree.fromstring(svg).find(f"{SVG}title").text == HARMLESS


@pytest.mark.parametrize(
    "ags",
    [
        pytest.param("08317999", id="unknown"),
        pytest.param("08111000", id="another district"),
        pytest.param("08317", id="district"),
        pytest.param("8317001", id="lost zero"),
    ],
)
def test_map_refuses_a_key_that_is_no_municipality_of_the_district(ags):
    with pytest.raises(ValueError, match=f"Not the AGS of a municipality in 08317: {ags}$"):
        draw(values={ags: 1, "08317001": 2})


@pytest.mark.parametrize("district", ["09162", "", "../kreise", "08317001"])
def test_map_refuses_an_unknown_district(district):
    with pytest.raises(ValueError, match="Not the AGS of a district"):
        municipality_map(district=district, values={}, legend="Contacts", language="en", title="Map")
