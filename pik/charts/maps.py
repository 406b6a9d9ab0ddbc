"""The map of the 44 districts, and the map of the municipalities of one of them."""

import math
from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from pik.charts.classes import Classes, classes
from pik.charts.render import AREAS, MUTED, NO_DATA, SMALL, TEXT, WIDTH, render, text_mark
from pik.charts.shapes import ATTRIBUTION, municipality_shapes, shapes
from pik.charts.topology import Areas, Line
from pik.charts.wording import clean, decimals_needed, number, text_width, wrapped

# Sand to slate: one direction of lightness, told apart in grey and by colour-blind readers alike.
RAMP = ("#f3e6bf", "#c8cfb9", "#8dabb0", "#4b7791", "#1c3d5c")
COLOURS = {1: (1,), 2: (0, 3), 3: (0, 2, 4), 4: (0, 1, 3, 4), 5: (0, 1, 2, 3, 4)}
OUTLINE = "#737373"
LINE_HEIGHT = 20
SWATCH_WIDTH, SWATCH_HEIGHT, SWATCH_GAP = 22, 15, 7


def district_map(
    *, values: Mapping[str, Decimal | int | None], legend: str, language: str, unit: str = "", title: str
) -> str:
    """Return the map of all 44 districts, coloured in at most five classes, with its legend and its source, as SVG.

    `values` are keyed by the five digits of the AGS; a district that is missing or None counts as "no data".
    Raises ValueError for a key that is no district, so that no figure gets lost on the way.
    """
    state = shapes()
    if unknown := sorted(set(values) - {district["id"] for district in state.districts}):
        raise ValueError(f"Not the AGS of a district: {', '.join(unknown)}")
    return _map(state, values=values, legend=legend, language=language, unit=unit, title=title)


def municipality_map(
    *,
    district: str,
    values: Mapping[str, Decimal | int | None],
    legend: str,
    language: str,
    title: str,
    unit: str = "",
) -> str:
    """Return the map of the municipalities of one district, made like the map of the state, as SVG.

    `district` is the AGS of five digits; `values` are keyed by the eight digits of the AGS. An area that is missing
    or None counts as "no data", so do those that belong to no municipality. Raises ValueError for an unknown district
    and for a key outside of it.
    """
    areas = municipality_shapes(district)
    if unknown := sorted(set(values) - {area["id"] for area in areas.features}):
        raise ValueError(f"Not the AGS of a municipality in {district}: {', '.join(unknown)}")
    return _map(areas, values=values, legend=legend, language=language, unit=unit, title=title)


def _map(
    areas: Areas,
    *,
    values: Mapping[str, Decimal | int | None],
    legend: str,
    language: str,
    unit: str,
    title: str,
) -> str:
    known = {ags: Decimal(value) for ags, value in values.items() if value is not None}
    with translation.override(language):
        found = classes(list(known.values()))
        rows = _legend_rows(found, known, complete=len(known) == len(areas.features))
        heading = _heading(clean(legend), clean(unit), found)
        names = [_name(area, known, clean(unit)) for area in areas.features]
    spec = _spec(areas, _fills(areas, found, known), heading, rows)
    return render(spec, title=title, language=language, names=names)


def _colours(found: Classes, known: Mapping[str, Decimal]) -> list[str]:
    if not any(known.values()):
        return [RAMP[0]]
    return [RAMP[position] for position in COLOURS[len(found.labels)]]


def _fills(areas: Areas, found: Classes, known: Mapping[str, Decimal]) -> list[str]:
    colours = _colours(found, known)
    ids = [area["id"] for area in areas.features]
    return [colours[found.position(known[ags])] if ags in known else NO_DATA for ags in ids]


def _legend_rows(found: Classes, known: Mapping[str, Decimal], *, complete: bool) -> list[tuple[str, str]]:
    rows = list(zip(_colours(found, known), found.labels, strict=True)) if known else []
    return rows if complete else [*rows, (NO_DATA, _("no data"))]


def _heading(legend: str, unit: str, found: Classes) -> list[tuple[str, str]]:
    if found.in_millions:
        unit = _("million %(unit)s") % {"unit": unit} if unit else _("million")
    lines = [(line, "bold") for line in wrapped(legend, width=WIDTH, size=TEXT, bold=True)]
    return [*lines, *((line, "normal") for line in wrapped(unit, width=WIDTH, size=TEXT, lines=1))]


def _name(area: dict[str, Any], known: Mapping[str, Decimal], unit: str) -> str:
    value = known.get(area["id"])
    figure = _("no data") if value is None else f"{number(value, decimals=decimals_needed([value]))} {unit}".strip()
    return f"{area['properties']['name']}: {figure}"


def _left(areas: Areas) -> float:
    """Return where the areas start, so that they end at the right edge, border included."""
    return WIDTH - areas.width - 2


def _areas_top(areas: Areas, rows: list[tuple[str, str]], legend_top: float) -> float:
    """Return how far down the areas start so that their north-western edge stays clear of the legend."""
    points = [
        (_left(areas) + x, y)
        for area in areas.features
        for polygon in area["geometry"]["coordinates"]
        for x, y in polygon[0]
    ]
    top = legend_top
    for position, (_colour, label) in enumerate(rows):
        right = SWATCH_WIDTH + SWATCH_GAP + text_width(label, size=TEXT) + SWATCH_GAP
        row_bottom = legend_top + (position + 1) * LINE_HEIGHT
        first = min((y for x, y in points if x < right), default=None)
        if first is not None:
            top = max(top, row_bottom + SWATCH_GAP - first)
    return top


def _spec(
    areas: Areas, fills: list[str], heading: list[tuple[str, str]], rows: list[tuple[str, str]]
) -> dict[str, Any]:
    legend_top = len(heading) * LINE_HEIGHT + 8
    top = _areas_top(areas, rows, legend_top)
    height = round(top + areas.height + 30)
    lines = [
        text_mark(line, x=0, y=(position + 1) * LINE_HEIGHT - 4, fontWeight=weight)
        for position, (line, weight) in enumerate(heading)
    ]
    source = text_mark(ATTRIBUTION, x=WIDTH, y=height - 5, size=SMALL, align="right", color=MUTED)
    drawn = [*_areas(areas, fills, top), *_only_name(areas, top)]
    layers = [*lines, *_legend(rows, legend_top), *drawn, source]
    return {"width": WIDTH, "height": height, "padding": 0, "layer": layers}


def _legend(rows: list[tuple[str, str]], top: float) -> list[dict[str, Any]]:
    layers = []
    for position, (colour, label) in enumerate(rows):
        y = top + position * LINE_HEIGHT
        box = {"x": 0.5, "x2": SWATCH_WIDTH, "y": y + 0.5, "y2": y + SWATCH_HEIGHT}
        layers.append(
            {
                "data": {"values": [{}]},
                "mark": {"type": "rect", "color": colour, "stroke": OUTLINE, "strokeWidth": 0.75},
                "encoding": {channel: {"value": value} for channel, value in box.items()},
            }
        )
        layers.append(text_mark(label, x=SWATCH_WIDTH + SWATCH_GAP, y=y + 13))
    return layers


def _areas(areas: Areas, fills: list[str], top: float) -> list[dict[str, Any]]:
    projection = {"type": "identity", "scale": 1, "translate": [_left(areas), top]}
    features = [{**area, "properties": {"fill": fill}} for area, fill in zip(areas.features, fills, strict=True)]
    coloured = {
        "name": AREAS,
        "data": {"values": features},
        "projection": projection,
        "mark": {"type": "geoshape", "stroke": "white", "strokeWidth": 1, "strokeJoin": "round"},
        "encoding": {"fill": {"field": "properties.fill", "type": "nominal", "scale": None}},
    }
    outline = {
        "data": {"values": [areas.outline]},
        "projection": projection,
        "mark": {"type": "geoshape", "filled": False, "stroke": OUTLINE, "strokeWidth": 1, "strokeJoin": "round"},
    }
    return [coloured, outline]


def _only_name(areas: Areas, top: float) -> list[dict[str, Any]]:
    """Return the name of a single area. Among several, too few names fit to guide the reader; tooltips carry them."""
    if len(areas.features) > 1:
        return []
    area = areas.features[0]
    x, y = _widest_place(max((rings[0] for rings in area["geometry"]["coordinates"]), key=len))
    return [text_mark(area["properties"]["name"], x=_left(areas) + x, y=top + y, align="center", baseline="middle")]


def _widest_place(ring: Line) -> tuple[float, float]:
    """Return the middle of the longest horizontal line inside the ring, tried pixel by pixel."""
    heights = [y for _x, y in ring]
    best: tuple[float, float, float] = (0, 0, 0)
    for y in range(math.ceil(min(heights)), math.floor(max(heights))):
        crossings = sorted(
            x1 + (y - y1) / (y2 - y1) * (x2 - x1) for (x1, y1), (x2, y2) in pairwise(ring) if (y1 <= y) != (y2 <= y)
        )
        for left, right in zip(crossings[::2], crossings[1::2], strict=True):
            best = max(best, (right - left, (left + right) / 2, y))
    return best[1:]
