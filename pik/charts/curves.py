"""The curve over months."""

import json
import math
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any, NamedTuple

from django.utils import translation
from django.utils.dateformat import format as date_text
from django.utils.translation import gettext as _

from pik.charts.render import INK, MUTED, SMALL, TEXT, WIDTH, render, text_mark
from pik.charts.wording import MILLION, clean, decimals_needed, fitted, number, text_width, wrapped

# Colour, marker and dash: each of the three alone tells the series apart.
STYLES = (("#1c3d5c", "circle", [1, 0]), ("#a36a00", "square", [8, 3]), ("#5c5c5c", "triangle-up", [8, 3, 2, 3]))
PLOT_HEIGHT = 190
LINE_HEIGHT = 20
SAMPLE_WIDTH = 34
# Five fit in every font: over 13 months each quarter, ending with the last month.
MOST_MONTH_LABELS = 5
MOST_STEPS = 5
GRID = "#dedede"
# Half a month of room left and right of the points.
EDGE = 0.5


class Axis(NamedTuple):
    """Values of the vertical axis, the decimals they need and the factor between them and the figures."""

    ticks: list[Decimal]
    low: Decimal
    high: Decimal
    decimals: int
    factor: Decimal


def curve(
    *,
    months: Sequence[date],
    series: Sequence[tuple[str, Sequence[int | Decimal | None]]],
    y_title: str,
    language: str,
    title: str,
    open_month: date | None = None,
    decimals: int | None = None,
) -> str:
    """Return one to three series over months as SVG: axis from zero, last figure in words, gaps where data is missing.

    The last figures have as many `decimals` as in the table beside the picture; without it, as many as they need.
    The month that is still running (`open_month`) has hollow points, a dotted line, a shaded band and a note.
    Raises ValueError for another number of series, or for a series that has not one value per month.
    """
    if not months or not 1 <= len(series) <= len(STYLES):
        raise ValueError(f"A curve shows 1 to {len(STYLES)} series over at least one month, not {len(series)}")
    if uneven := [name for name, values in series if len(values) != len(months)]:
        raise ValueError(f"Not one value per month: {', '.join(uneven)}")
    with translation.override(language):
        return render(
            _spec(
                list(months),
                [(clean(name), list(values)) for name, values in series],
                clean(y_title),
                open_month,
                decimals,
            ),
            title=title,
            language=language,
        )


def _spec(
    months: list[date], series: list[tuple[str, list]], y_title: str, open_month: date | None, decimals: int | None
) -> dict[str, Any]:
    axis = _axis([Decimal(value) for _name, values in series for value in values if value is not None])
    if axis.factor != 1:
        y_title = _("%(figures)s (million)") % {"figures": y_title}
    tick_labels = [number(tick, decimals=axis.decimals) for tick in axis.ticks]
    labels = [date_text(month, "M y") for month in months]
    ends = _ends(series, axis, decimals)
    left = max(text_width(label, size=SMALL) for label in tick_labels) + 8
    right = max([30, *(text_width(end["text"], size=TEXT, bold=True) + 12 for end in ends)])
    header = wrapped(y_title, width=WIDTH, size=TEXT, bold=True)
    keys = _keys([name for name, _values in series]) if len(series) > 1 else []
    top = (len(header) + max((row for row, *_rest in keys), default=-1) + 1) * LINE_HEIGHT + 14
    running = months.index(open_month) if open_month in months else None
    bottom = 32 + (22 if running is not None else 0)
    width = round(WIDTH - left - right)
    plot = {"left": WIDTH - width - round(right), "top": top, "right": round(right), "bottom": bottom}
    layers = [
        *_band(running, len(months), width),
        *_lines(series, labels, axis, running),
        *_end_labels(ends, labels, width),
        *_header(header, keys, left=plot["left"], top=top),
        *(_note(labels[running], left=plot["left"]) if running is not None else []),
    ]
    size = {"width": width, "height": PLOT_HEIGHT, "padding": plot}
    return {**size, "encoding": _axes(labels, axis), "layer": layers}


def _axis(values: list[Decimal]) -> Axis:
    """Return a zero-based axis with round steps (1, 2 or 5) above and, if figures are negative, below zero."""
    most, least = max([Decimal(0), *values]), min([Decimal(0), *values])
    factor = MILLION if max(most, -least) >= MILLION else Decimal(1)
    most, least = most / factor, least / factor
    if most == least:
        return Axis([Decimal(0)], Decimal(0), Decimal(1), 0, factor)
    magnitude = Decimal(1).scaleb(((most - least) / MOST_STEPS).adjusted())
    steps = [magnitude * size for size in (1, 2, 5, 10)]
    if factor == 1 and all(value == value.to_integral_value() for value in values):
        steps = [max(Decimal(1), step) for step in steps]
    step = next(step for step in steps if step * MOST_STEPS >= most - least)
    ticks = [position * step for position in range(math.floor(least / step), math.ceil(most / step) + 1)]
    return Axis(ticks, ticks[0], ticks[-1], max(0, -int(step.normalize().as_tuple().exponent)), factor)


def _ends(series: list[tuple[str, list]], axis: Axis, decimals: int | None) -> list[dict[str, Any]]:
    """Return the last known figure of each series, as words at a height where no two of them overlap."""
    ends = []
    for (_name, values), (colour, _shape, _dash) in zip(series, STYLES, strict=False):
        known = [position for position, value in enumerate(values) if value is not None]
        if known:
            figure = Decimal(values[known[-1]]) / axis.factor
            text = number(figure, decimals=decimals_needed([figure]) if decimals is None else decimals)
            share = (figure - axis.low) / (axis.high - axis.low)
            y = PLOT_HEIGHT * (1 - float(share))
            ends.append({"text": text, "position": known[-1], "y": y, "colour": colour})
    ends.sort(key=lambda end: end["y"])
    for above, below in pairwise(ends):
        if above["position"] == below["position"]:
            below["y"] = max(below["y"], above["y"] + 17)
    # Pushed below the axis, the labels would meet those of the months.
    excess = max([0, *(end["y"] - PLOT_HEIGHT for end in ends)])
    return [{**end, "y": end["y"] - excess} for end in ends] if len(ends) > 1 else ends


def _keys(names: list[str]) -> list[tuple[int, float, str]]:
    """Return row, left edge and words of the key of each series."""
    keys = []
    row, x = 0, 0.0
    for name in names:
        text = fitted(name, width=WIDTH - SAMPLE_WIDTH - 8, size=TEXT)
        width = SAMPLE_WIDTH + 8 + text_width(text, size=TEXT)
        if x and x + width > WIDTH:
            row, x = row + 1, 0.0
        keys.append((row, x, text))
        x += width + 12
    return keys


def _lines(series: list[tuple[str, list]], labels: list[str], axis: Axis, running: int | None) -> list[dict[str, Any]]:
    layers = []
    for (_name, values), (colour, shape, dash) in zip(series, STYLES, strict=False):
        figures = [None if value is None else float(Decimal(value) / axis.factor) for value in values]
        points = [
            {"month": labels[position], "figure": figure, "fill": "white" if position == running else colour}
            for position, figure in enumerate(figures)
            if figure is not None
        ]
        closed, dotted = _segments(figures, labels, running)
        layers.append(_line(closed, {"color": colour, "strokeDash": dash, "strokeWidth": 2.25}))
        layers.append(_line(dotted, {"color": colour, "strokeDash": [1.5, 4], "strokeWidth": 2, "strokeCap": "round"}))
        layers.append(
            {
                "data": {"values": points},
                "mark": _point(shape, colour),
                "encoding": {"fill": {"field": "fill", "type": "nominal", "scale": None}},
            }
        )
    return layers


def _segments(figures: list[float | None], labels: list[str], running: int | None) -> tuple[list[dict], list[dict]]:
    """Return the points of the finished line, cut into runs at every gap, and of the pieces that are still open."""
    closed: list[dict] = []
    dotted: list[dict] = []
    run = 0
    for position in range(len(figures) - 1):
        pair = figures[position : position + 2]
        if None in pair:
            run += 1
            continue
        target = dotted if running in (position, position + 1) else closed
        run += target is dotted
        ends = [{"month": labels[position + i], "figure": pair[i], "run": run} for i in (0, 1)]
        target += ends[1:] if target and target[-1] == ends[0] else ends
        run += target is dotted
    return closed, dotted


def _line(points: list[dict], mark: dict[str, Any]) -> dict[str, Any]:
    encoding = {"detail": {"field": "run", "type": "nominal"}}
    return {"data": {"values": points}, "mark": {"type": "line", **mark}, "encoding": encoding}


def _axes(labels: list[str], axis: Axis) -> dict[str, Any]:
    """Return the encoding that all layers share: months across, figures up, both worded for the reader."""
    step = -(-len(labels) // MOST_MONTH_LABELS)
    words = {"labelFontSize": SMALL, "labelColor": INK, "labelOverlap": False, "labelBound": False, "title": None}
    x_axis = {
        **words,
        "values": labels[::-1][::step][::-1],
        "labelAngle": 0,
        "labelPadding": 5,
        "domainColor": MUTED,
        "tickColor": MUTED,
        "tickSize": 5,
        "grid": False,
    }
    # Figures come worded from Django, so picture and table of a page never differ in format.
    ticks = [float(tick) for tick in axis.ticks]
    texts = [number(tick, decimals=axis.decimals) for tick in axis.ticks]
    y_axis = {
        **words,
        "values": ticks,
        "labelExpr": f"{json.dumps(texts)}[indexof({json.dumps(ticks)}, datum.value)]",
        "labelPadding": 8,
        "domain": False,
        "ticks": False,
        "grid": True,
        "gridColor": {"condition": {"test": "datum.value === 0", "value": MUTED}, "value": GRID},
    }
    return {
        "x": {
            "field": "month",
            "type": "ordinal",
            "sort": None,
            "scale": {"type": "point", "domain": labels, "padding": EDGE},
            "axis": x_axis,
        },
        "y": {
            "field": "figure",
            "type": "quantitative",
            "scale": {"domain": [float(axis.low), float(axis.high)], "nice": False},
            "axis": y_axis,
        },
    }


def _band(running: int | None, count: int, width: float) -> list[dict[str, Any]]:
    if running is None:
        return []
    step = width / (count - 1 + 2 * EDGE)
    middle = (running + EDGE) * step
    box = {"x": middle - step * EDGE, "x2": middle + step * EDGE, "y": 0, "y2": PLOT_HEIGHT}
    return [
        {
            "data": {"values": [{}]},
            "mark": {"type": "rect", "color": "black", "opacity": 0.07},
            "encoding": {channel: {"value": value} for channel, value in box.items()},
        }
    ]


def _end_labels(ends: list[dict[str, Any]], labels: list[str], width: float) -> list[dict[str, Any]]:
    layers = []
    for end in ends:
        mark = {"fontWeight": "bold", "color": end["colour"], "baseline": "middle", "dx": 6}
        layer = text_mark(end["text"], x=width, y=end["y"], **mark)
        layers.append(layer)
        if end["position"] == len(labels) - 1:
            continue
        # The last figure is older than the last month: it stands at its own point instead of the edge.
        layer["data"]["values"][0]["month"] = labels[end["position"]]
        layer["mark"]["dx"] = 9
        del layer["encoding"]["x"]
    return layers


def _header(lines: list[str], keys: list[tuple[int, float, str]], *, left: float, top: float) -> list[dict[str, Any]]:
    """Return the unit of the axis in words and the key of the series; both start at the edge of the picture."""
    layers = [
        text_mark(line, x=-left, y=position * LINE_HEIGHT + 16 - top, fontWeight="bold")
        for position, line in enumerate(lines)
    ]
    for (row, x, text), (colour, shape, dash) in zip(keys, STYLES, strict=False):
        y = (len(lines) + row) * LINE_HEIGHT + 11 - top
        start = x - left + 1
        layers += [
            _mark({"type": "rule", "color": colour, "strokeDash": dash, "strokeWidth": 2.25}, start, y, SAMPLE_WIDTH),
            _mark(_point(shape, colour, fill=colour), start + SAMPLE_WIDTH / 2, y),
            text_mark(text, x=start + SAMPLE_WIDTH + 7, y=y + 5),
        ]
    return layers


def _note(label: str, *, left: float) -> list[dict[str, Any]]:
    y = PLOT_HEIGHT + 44
    text = fitted(_("%(month)s: month still running") % {"month": label}, width=WIDTH - 18, size=SMALL)
    return [
        _mark(_point("circle", MUTED, fill="white"), 8 - left, y),
        text_mark(text, x=20 - left, y=y + 4.5, size=SMALL, color=MUTED),
    ]


def _point(shape: str, colour: str, **mark: Any) -> dict[str, Any]:
    return {"type": "point", "shape": shape, "size": 48, "stroke": colour, "strokeWidth": 2, "opacity": 1, **mark}


def _mark(mark: dict[str, Any], x: float, y: float, length: float = 0) -> dict[str, Any]:
    ends = {"x": x, "y": y} | ({"x2": x + length} if length else {})
    encoding = {channel: {"value": value} for channel, value in ends.items()}
    return {"data": {"values": [{}]}, "mark": mark, "encoding": encoding}
