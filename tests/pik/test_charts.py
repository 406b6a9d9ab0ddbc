import re
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from itertools import pairwise
from threading import Event
from xml.etree import ElementTree

import pytest
from django.core.cache import cache

from pik.charts import cached_svg, curve, district_map
from pik.charts.classes import classes
from pik.charts.maps import RAMP
from pik.charts.render import INK, NO_DATA_ID
from pik.charts.shapes import ATTRIBUTION, shapes

SVG = "{http://www.w3.org/2000/svg}"
AGS = [district["id"] for district in shapes().districts]
MONTHS = [date(2025, 11, 1), date(2025, 12, 1), *(date(2026, month, 1) for month in range(1, 12))]
HOSTILE = '</title></text><script>alert("1")</script> & \x00\x0b\ud800 {{ 7*7 }} datum.x'
HARMLESS = '</title></text><script>alert("1")</script> & {{ 7*7 }} datum.x'


def draw_map(**overrides):
    values = {ags: 1000 * (position + 1) for position, ags in enumerate(AGS)}
    return district_map(**{"values": values, "legend": "Contacts", "language": "en", "title": "Map"} | overrides)


def draw_curve(**overrides):
    series = [("Contacts", [1000 + position for position in range(13)])]
    inputs = {"months": MONTHS, "series": series, "y_title": "Contacts", "language": "en", "title": "Curve"}
    return curve(**inputs | overrides)


def texts(svg):
    return [element.text for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def districts(svg):
    """Return the fill of each district by the words of its tooltip."""
    shapes_with_title = [element for element in ElementTree.fromstring(svg).iter(f"{SVG}path") if len(element)]
    return {element.find(f"{SVG}title").text: element.get("fill") for element in shapes_with_title if element.get("d")}


def swatches(svg):
    """Return the fills of the legend, top down."""
    paths = ElementTree.fromstring(svg).iter(f"{SVG}path")
    return [path.get("fill") for path in paths if path.get("stroke-width") == "0.75"]


@pytest.fixture
def empty_cache(settings, monkeypatch):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "charts"}}
    cache.clear()
    monkeypatch.setattr("pik.charts.cache._recent", OrderedDict())
    return monkeypatch


@pytest.mark.parametrize("draw", [draw_map, draw_curve])
def test_picture_is_the_same_for_the_same_input(draw):
    assert draw() == draw()


@pytest.mark.parametrize("draw", [draw_map, draw_curve])
def test_picture_stands_alone(draw):
    root = ElementTree.fromstring(draw())

    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    attributes = {name for element in root.iter() for name in element.attrib}
    links = {value for element in root.iter() for value in element.attrib.values() if "url(" in value or ":" in value}

    assert tags - {"svg", "title", "defs", "pattern", "rect", "g", "path", "line", "text"} == set()
    assert {name for name in attributes if name.startswith("on") or "href" in name or name == "style"} == set()
    assert links - {f"url(#{NO_DATA_ID})"} == set()
    assert root.get("role") == "img"
    assert root.get("font-family") == "Fira Sans, Arial, sans-serif"


@pytest.mark.parametrize("draw", [draw_map, draw_curve])
def test_picture_carries_title_and_language(draw):
    root = ElementTree.fromstring(draw(title="Übersicht", language="de"))

    assert root[0].tag == f"{SVG}title"
    assert root[0].text == "Übersicht"
    assert root.get("lang") == "de"


def test_map_shows_hostile_text_as_text():
    svg = draw_map(title=HOSTILE, legend=HOSTILE, unit=HOSTILE)

    assert "<script" not in svg
    assert ElementTree.fromstring(svg).find(f"{SVG}title").text == HARMLESS
    assert texts(svg)[0] == '</title></text><script>alert("1")</script>'


def test_curve_shows_hostile_text_as_text():
    svg = draw_curve(title=HOSTILE, y_title=HOSTILE, series=[(HOSTILE, [1] * 13), ("b", [2] * 13)])

    assert "<script" not in svg
    assert ElementTree.fromstring(svg).find(f"{SVG}title").text == HARMLESS
    assert [text for text in texts(svg) if text.startswith("</title>")][-1].startswith(HARMLESS[:40])


def test_map_draws_each_of_the_44_districts_once():
    names = {district["properties"]["name"] for district in shapes().districts}

    drawn = districts(draw_map())

    assert len(names) == 44
    assert {label.split(":")[0] for label in drawn} == names
    assert drawn["Stadtkreis Stuttgart: 1,000"] == RAMP[0]
    assert len(set(drawn.values())) == 5


def test_map_names_the_source_of_the_borders_in_every_language():
    assert [texts(draw_map(language=language))[-1] for language in ("de", "en")] == [ATTRIBUTION, ATTRIBUTION]


@pytest.mark.parametrize("values", [{}, dict.fromkeys(AGS, 7), {ags: i**4 for i, ags in enumerate(AGS)}])
def test_map_stays_small(values):
    assert len(draw_map(values=values).encode()) < 60_000


def test_map_writes_numbers_in_the_language_of_the_reader():
    values = {ags: Decimal(position) / 4 + 1234 for position, ags in enumerate(AGS)}

    german, english = (draw_map(values=values, language=language, unit="€") for language in ("de", "en"))

    assert "Landkreis Böblingen: 1.234,25 €" in districts(german)
    assert "Landkreis Böblingen: 1,234.25 €" in districts(english)
    german_limits = [re.findall(r"\d[\d.]*", text)[-1] for text in texts(german)[2:7]]
    assert german_limits == ["1.236", "1.238", "1.241", "1.243", "1.243"]
    assert texts(english)[2] == "under 1,236"


def test_map_without_values_is_hatched_and_says_so():
    svg = draw_map(values={}, legend="Contacts")

    assert set(districts(svg).values()) == {f"url(#{NO_DATA_ID})"}
    assert texts(svg) == ["Contacts", "no data", ATTRIBUTION]


def test_map_of_zeros_is_calm():
    svg = draw_map(values=dict.fromkeys(AGS, 0), legend="Contacts")

    assert set(districts(svg).values()) == {RAMP[0]}
    assert texts(svg) == ["Contacts", "0", ATTRIBUTION]


def test_map_of_equal_values_has_one_class():
    svg = draw_map(values=dict.fromkeys(AGS, Decimal("12.50")), legend="Posts")

    assert len(swatches(svg)) == 1
    assert texts(svg) == ["Posts", "12.5", ATTRIBUTION]


def test_map_tells_missing_from_zero():
    svg = draw_map(values={ags: 0 if position else None for position, ags in enumerate(AGS)})

    assert districts(svg)["Stadtkreis Stuttgart: no data"] == f"url(#{NO_DATA_ID})"
    assert swatches(svg) == [RAMP[0], f"url(#{NO_DATA_ID})"]


def test_map_refuses_a_key_that_is_no_district():
    with pytest.raises(ValueError, match="09162"):
        draw_map(values={"09162": 1})


def test_classes_keep_their_shape_beside_an_outlier():
    usual = [Decimal(1000 * position) for position in range(1, 44)]

    found = classes([*usual, Decimal(50_000_000)])

    assert found.limits == (Decimal(9000), Decimal(20000), Decimal(25000), Decimal(35000))
    assert not found.in_millions
    assert found.position(Decimal(50_000_000)) == 4


def test_classes_of_mostly_zeros_still_show_the_others():
    found = classes([Decimal(0)] * 40 + [Decimal(value) for value in (1, 2, 3, 4)])

    assert found.limits == (Decimal(1), Decimal(2), Decimal(3), Decimal(4))
    assert found.position(Decimal(0)) == 0


@pytest.mark.parametrize(
    "values",
    [[5], [101, 102], [-3, -2, 0, 4], ["0.001", "0.002"], ["999999.99", "1000000.00", "1000000.01"], range(44)],
)
def test_classes_are_never_empty(values):
    values = [Decimal(value) for value in values]

    found = classes(values)

    assert {found.position(value) for value in values} == set(range(len(found.labels)))
    assert list(found.limits) == sorted(set(found.limits))


def test_curve_names_months_in_the_language_of_the_reader():
    months = [re.compile(r"[A-Z]\S{2} \d\d").fullmatch(text) for text in texts(draw_curve(language="de"))]

    shown = [match[0] for match in months if match]

    assert shown == ["Nov 25", "Feb 26", "Mai 26", "Aug 26", "Nov 26"]
    assert "May 26" in texts(draw_curve(language="en"))


def test_curve_starts_at_zero_and_labels_its_last_figure():
    german, english = (texts(draw_curve(language=language)) for language in ("de", "en"))

    assert [text for text in german if re.fullmatch(r"[\d.]+", text)] == ["0", "500", "1.000", "1.500", "1.012"]
    assert [text for text in english if re.fullmatch(r"[\d,]+", text)] == ["0", "500", "1,000", "1,500", "1,012"]


def test_curve_writes_its_last_figures_with_the_decimals_of_the_table():
    drawn = {decimals: texts(draw_curve(language="de", decimals=decimals)) for decimals in (None, 2)}

    assert ["1.012" in drawn[None], "1.012,00" in drawn[None]] == [True, False]
    assert ["1.012" in drawn[2], "1.012,00" in drawn[2]] == [False, True]


def test_curve_marks_the_running_month_with_hollow_point_and_note():
    closed = draw_curve()
    running = draw_curve(open_month=MONTHS[-1])

    hollow = [path for path in ElementTree.fromstring(running).iter(f"{SVG}path") if path.get("fill") == "white"]

    assert len(hollow) == 2
    assert "Nov 26: month still running" in texts(running)
    assert 'stroke-dasharray="1.5,4"' in running
    assert 'stroke-dasharray="1.5,4"' not in closed


def test_curve_tells_three_series_apart_without_colour():
    root = ElementTree.fromstring(draw_curve(series=[(name, [n] * 13) for n, name in enumerate("abc", start=1)]))

    lines = {path.get("stroke-dasharray") for path in root.iter(f"{SVG}path") if path.get("stroke-width") == "2.25"}
    outlines = {path.get("d") for path in root.iter(f"{SVG}path") if path.get("stroke-width") == "2"}

    assert lines == {"1,0", "8,3", "8,3,2,3"}
    assert len(outlines) == 3


@pytest.mark.parametrize("figures", [[0] * 13, [None] * 13])
def test_curve_of_nothing_shows_only_zero(figures):
    svg = draw_curve(series=[("Contacts", figures)])

    assert {text for text in texts(svg) if re.fullmatch(r"[\d.,]+", text)} == {"0"}


def test_curve_leaves_a_gap_where_a_month_is_missing():
    whole = draw_curve()
    broken = draw_curve(series=[("Contacts", [None if i == 5 else 1000 + i for i in range(13)])])

    def strokes(svg):
        paths = ElementTree.fromstring(svg).iter(f"{SVG}path")
        return len([path for path in paths if path.get("stroke-width") == "2.25"])

    assert (strokes(whole), strokes(broken)) == (1, 2)


def test_curve_keeps_the_last_figures_of_close_series_apart():
    root = ElementTree.fromstring(draw_curve(series=[(name, [500 + n] * 13) for n, name in enumerate("abc")]))

    ends = [text for text in root.iter(f"{SVG}text") if text.get("font-weight") == "bold" and text.get("fill") != INK]
    heights = sorted(float(re.findall(r"[\d.]+", text.get("transform"))[1]) for text in ends)

    assert len(heights) == 3
    assert min(below - above for above, below in pairwise(heights)) >= 16


@pytest.mark.parametrize(
    ("overrides", "reason"),
    [
        ({"series": []}, "1 to 3 series"),
        ({"series": [("a", [1] * 13)] * 4}, "1 to 3 series"),
        ({"months": [], "series": [("a", [])]}, "at least one month"),
        ({"series": [("a", [1] * 13), ("b", [1])]}, "Not one value per month: b"),
    ],
)
def test_curve_refuses_what_it_cannot_show(overrides, reason):
    with pytest.raises(ValueError, match=reason):
        draw_curve(**overrides)


def test_cached_svg_draws_once_for_equal_inputs(empty_cache):
    drawn = []

    def build():
        drawn.append(1)
        return "<svg/>"

    first = cached_svg(key_parts=("map", "de", {"08111": Decimal(5), "08115": None}), build=build)
    second = cached_svg(key_parts=("map", "de", {"08115": None, "08111": Decimal(5)}), build=build)
    other = cached_svg(key_parts=("map", "en", {"08111": Decimal(5), "08115": None}), build=build)

    assert (first, second, other) == ("<svg/>", "<svg/>", "<svg/>")
    assert len(drawn) == 2


def test_cached_svg_takes_the_picture_another_process_drew(empty_cache):
    cached_svg(key_parts=("map",), build=lambda: "<svg/>")
    empty_cache.setattr("pik.charts.cache._recent", OrderedDict())

    assert cached_svg(key_parts=("map",), build=lambda: pytest.fail("drawn again")) == "<svg/>"


def test_cached_svg_remembers_a_few_pictures_without_a_shared_cache(settings, empty_cache):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    empty_cache.setattr("pik.charts.cache.KEPT_IN_PROCESS", 2)
    for name in ("a", "b", "c"):
        cached_svg(key_parts=(name,), build=lambda: "<svg/>")

    assert cached_svg(key_parts=("c",), build=lambda: "<svg>new</svg>") == "<svg/>"
    assert cached_svg(key_parts=("a",), build=lambda: "<svg>new</svg>") == "<svg>new</svg>"


def test_cached_svg_lets_simultaneous_requests_share_one_drawing(empty_cache):
    drawn = []
    started = Event()

    def build():
        drawn.append(1)
        started.wait(0.2)
        return "<svg/>"

    with ThreadPoolExecutor(6) as requests:
        answers = list(requests.map(lambda _: cached_svg(key_parts=("busy",), build=build), range(6)))

    assert answers == ["<svg/>"] * 6
    assert len(drawn) == 1


def test_cached_svg_draws_again_after_a_failure(empty_cache):
    with pytest.raises(ZeroDivisionError):
        cached_svg(key_parts=("map",), build=lambda: str(1 / 0))

    assert cached_svg(key_parts=("map",), build=lambda: "<svg/>") == "<svg/>"
