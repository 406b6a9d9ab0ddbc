"""From a Vega-Lite spec to the SVG we deliver."""

import re
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

from pik.charts.wording import clean

VEGA_LITE = "6.4"
SVG = "http://www.w3.org/2000/svg"
FONT = "Fira Sans, Arial, sans-serif"
WIDTH = 440
# At 440 pixels. A picture 328 pixels wide (phone) still shows 11 pixels; one of 560 shows 19.
TEXT, SMALL = 15, 13
INK, MUTED = "#1a1a1a", "#4d4d4d"
# Name of the layer whose shapes get tooltips.
AREAS = "named_areas"
# Stands in the spec for the hatched fill that Vega does not know.
NO_DATA = "#e6e6e7"
NO_DATA_ID = "no-data"
NOT_NEEDED = ("version", "role", "aria-roledescription", "aria-hidden", "font-family", "pointer-events", "clip-path")
MEASURES = {"transform", "x", "y", "x1", "x2", "y1", "y2", "width", "height"}
NUMBER = re.compile(r"-?\d*\.\d+(?:e-?\d+)?")
STRAIGHT_PATH = re.compile(r"[MLZ0-9.,-]+")


def render(spec: dict[str, Any], *, title: str, language: str, names: Sequence[str] = ()) -> str:
    """Return the spec as SVG with real text: no script, no style, no reference to the outside, same in, same out.

    `title` is the accessible name. `names` are tooltips for the shapes of the layer named `AREAS`, in order.
    """
    # Imported here because its JavaScript engine costs memory that most commands never need.
    import vl_convert

    base = {
        "background": "white",
        "autosize": {"type": "none"},
        "config": {"aria": False, "font": FONT, "view": {"stroke": None}},
    }
    # Our specs carry their data. An empty list of addresses keeps the renderer away from the network.
    raw = vl_convert.vegalite_to_svg({**base, **spec}, vl_version=VEGA_LITE, allowed_base_urls=[])
    root = ElementTree.fromstring(raw)  # noqa: S314 - our own renderer wrote it
    _shorten(root)
    _name_areas(root, names)
    _hatch(root)
    heading = ElementTree.Element(f"{{{SVG}}}title")
    heading.text = clean(title)
    root.insert(0, heading)
    root.attrib |= {"role": "img", "lang": language, "font-family": FONT}
    ElementTree.register_namespace("", SVG)
    return ElementTree.tostring(root, encoding="unicode")


def warm() -> None:
    """Start the JavaScript engine of the renderer; for a thread at process start, the first picture gains a second."""
    render({"width": 1, "height": 1, "data": {"values": []}, "mark": "point"}, title="", language="")


def text_mark(text: str, *, x: float, y: float, size: float = TEXT, **mark: Any) -> dict[str, Any]:
    """Return a layer with one text, its baseline at the given pixel. The text is data, never an expression."""
    return {
        "data": {"values": [{"text": text}]},
        "mark": {"type": "text", "align": "left", "baseline": "alphabetic", "color": INK, "fontSize": size, **mark},
        "encoding": {"text": {"field": "text"}, "x": {"value": x}, "y": {"value": y}},
    }


def _shorten(root: ElementTree.Element) -> None:
    """Drop what a picture does not need and round coordinates to a tenth of a pixel.

    Clips go for a second reason: their ids count on from picture to picture, equal input would differ.
    """
    for element in root.iter():
        for name in NOT_NEEDED:
            element.attrib.pop(name, None)
        for name in MEASURES & element.attrib.keys():
            element.set(name, NUMBER.sub(lambda match: f"{float(match[0]):.1f}", element.attrib[name]))
        if element.get("transform") == "translate(0,0)":
            del element.attrib["transform"]
        if "d" in element.attrib:
            element.set("d", _short_path(element.attrib["d"]))
    for parent in list(root.iter()):
        for child in list(parent):
            if _is_empty(child):
                parent.remove(child)
    for element in root.iter():
        if AREAS not in element.get("class", ""):
            element.attrib.pop("class", None)


def _is_empty(element: ElementTree.Element) -> bool:
    tag = element.tag.removeprefix(f"{{{SVG}}}")
    return tag == "defs" or element.get("class") == "background" or (tag == "path" and not element.get("d"))


def _short_path(path: str) -> str:
    """Return the path in tenths of a pixel, with steps instead of positions where it has only straight lines."""
    if not STRAIGHT_PATH.fullmatch(path):
        return NUMBER.sub(lambda match: f"{round(float(match[0]), 2):g}", path)
    result = ""
    here = (0, 0)
    for command, x, y in re.findall(r"([MLZ])(?:(-?[\d.]+),(-?[\d.]+))?", path):
        if command == "Z":
            result += "z"
            continue
        # Whole tenths, so that rounding errors of the steps do not add up.
        point = (round(float(x) * 10), round(float(y) * 10))
        if command == "M":
            result += f"M{_tenths(point[0])},{_tenths(point[1])}l"
        elif point != here:
            step = f"{_tenths(point[0] - here[0])},{_tenths(point[1] - here[1])}"
            result += step if result.endswith("l") or step.startswith("-") else f" {step}"
        here = point
    return result.replace(",-", "-").replace("lz", "z").replace("lM", "M").removesuffix("l")


def _tenths(value: int) -> str:
    text = f"{value / 10:g}"
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def _name_areas(root: ElementTree.Element, names: Sequence[str]) -> None:
    group = next((element for element in root.iter() if AREAS in element.get("class", "")), None)
    if group is None:
        return
    del group.attrib["class"]
    for shape, name in zip(group, names, strict=True):
        ElementTree.SubElement(shape, f"{{{SVG}}}title").text = clean(name)


def _hatch(root: ElementTree.Element) -> None:
    """Fill the places without data with a hatch: grey alone is too close to the lightest class in print."""
    hatched = [element for element in root.iter() if element.get("fill") == NO_DATA]
    if not hatched:
        return
    for element in hatched:
        element.set("fill", f"url(#{NO_DATA_ID})")
    definitions = ElementTree.Element(f"{{{SVG}}}defs")
    attributes = {"id": NO_DATA_ID, "width": "6", "height": "6", "patternUnits": "userSpaceOnUse"}
    pattern = ElementTree.SubElement(definitions, f"{{{SVG}}}pattern", attributes)
    ElementTree.SubElement(pattern, f"{{{SVG}}}rect", {"width": "6", "height": "6", "fill": "#f4f4f4"})
    lines = {"d": "M-1 1l2-2M0 6l6-6M5 7l2-2", "stroke": "#b3b3b3", "stroke-width": "1"}
    ElementTree.SubElement(pattern, f"{{{SVG}}}path", lines)
    root.insert(0, definitions)
