"""The map of the 44 districts."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from pik.charts.classes import Classes, classes
from pik.charts.render import MUTED, NO_DATA, SMALL, TEXT, WIDTH, render, text_mark
from pik.charts.shapes import ATTRIBUTION, Shapes, shapes
from pik.charts.shapes import WIDTH as STATE_WIDTH
from pik.charts.wording import clean, decimals_needed, number, text_width, wrapped

# Sand to slate: one direction of lightness, told apart in grey and by colour-blind readers alike.
RAMP = ("#f3e6bf", "#c8cfb9", "#8dabb0", "#4b7791", "#1c3d5c")
COLOURS = {1: (1,), 2: (0, 3), 3: (0, 2, 4), 4: (0, 1, 3, 4), 5: (0, 1, 2, 3, 4)}
OUTLINE = "#737373"
LINE_HEIGHT = 20
SWATCH_WIDTH, SWATCH_HEIGHT, SWATCH_GAP = 22, 15, 7
STATE_LEFT = WIDTH - STATE_WIDTH - 2


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
    known = {ags: Decimal(value) for ags, value in values.items() if value is not None}
    with translation.override(language):
        found = classes(list(known.values()))
        rows = _legend_rows(found, known, complete=len(known) == len(state.districts))
        heading = _heading(clean(legend), clean(unit), found)
        names = [_name(district, known, clean(unit)) for district in state.districts]
    spec = _spec(state, _fills(state, found, known), heading, rows)
    return render(spec, title=title, language=language, names=names)


def _colours(found: Classes, known: Mapping[str, Decimal]) -> list[str]:
    if not any(known.values()):
        return [RAMP[0]]
    return [RAMP[position] for position in COLOURS[len(found.labels)]]


def _fills(state: Shapes, found: Classes, known: Mapping[str, Decimal]) -> list[str]:
    colours = _colours(found, known)
    ids = [district["id"] for district in state.districts]
    return [colours[found.position(known[ags])] if ags in known else NO_DATA for ags in ids]


def _legend_rows(found: Classes, known: Mapping[str, Decimal], *, complete: bool) -> list[tuple[str, str]]:
    rows = list(zip(_colours(found, known), found.labels, strict=True)) if known else []
    return rows if complete else [*rows, (NO_DATA, _("no data"))]


def _heading(legend: str, unit: str, found: Classes) -> list[tuple[str, str]]:
    if found.in_millions:
        unit = _("million %(unit)s") % {"unit": unit} if unit else _("million")
    lines = [(line, "bold") for line in wrapped(legend, width=WIDTH, size=TEXT, bold=True)]
    return [*lines, *((line, "normal") for line in wrapped(unit, width=WIDTH, size=TEXT, lines=1))]


def _name(district: dict[str, Any], known: Mapping[str, Decimal], unit: str) -> str:
    value = known.get(district["id"])
    figure = _("no data") if value is None else f"{number(value, decimals=decimals_needed([value]))} {unit}".strip()
    return f"{district['properties']['name']}: {figure}"


def _state_top(state: Shapes, rows: list[tuple[str, str]], legend_top: float) -> float:
    """Return how far down the state starts so that its north-western edge stays clear of the legend."""
    points = [
        (STATE_LEFT + x, y)
        for district in state.districts
        for polygon in district["geometry"]["coordinates"]
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
    state: Shapes, fills: list[str], heading: list[tuple[str, str]], rows: list[tuple[str, str]]
) -> dict[str, Any]:
    legend_top = len(heading) * LINE_HEIGHT + 8
    top = _state_top(state, rows, legend_top)
    height = round(top + state.height + 30)
    lines = [
        text_mark(line, x=0, y=(position + 1) * LINE_HEIGHT - 4, fontWeight=weight)
        for position, (line, weight) in enumerate(heading)
    ]
    source = text_mark(ATTRIBUTION, x=WIDTH, y=height - 5, size=SMALL, align="right", color=MUTED)
    layers = [*lines, *_legend(rows, legend_top), *_state(state, fills, top), source]
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


def _state(state: Shapes, fills: list[str], top: float) -> list[dict[str, Any]]:
    projection = {"type": "identity", "scale": 1, "translate": [STATE_LEFT, top]}
    features = [
        {**district, "properties": {"fill": fill}} for district, fill in zip(state.districts, fills, strict=True)
    ]
    districts = {
        "name": "district",
        "data": {"values": features},
        "projection": projection,
        "mark": {"type": "geoshape", "stroke": "white", "strokeWidth": 1, "strokeJoin": "round"},
        "encoding": {"fill": {"field": "properties.fill", "type": "nominal", "scale": None}},
    }
    outline = {
        "data": {"values": [state.outline]},
        "projection": projection,
        "mark": {"type": "geoshape", "filled": False, "stroke": OUTLINE, "strokeWidth": 1, "strokeJoin": "round"},
    }
    return [districts, outline]
