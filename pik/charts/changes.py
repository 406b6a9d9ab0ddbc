"""The picture of change: one track per row, from the level then to the level now."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.utils import translation

from pik.charts.curves import GRID
from pik.charts.render import INK, MUTED, SMALL, TEXT, WIDTH, render, text_mark
from pik.charts.wording import clean, fitted

ROW_HEIGHT = 46
TRACK_BELOW = 16
EDGE = 14
KEY_HEIGHT = 30
# Up, down: colour, marker and dash tell them apart, each alone.
RISE, FALL = ("#1c3d5c", "circle", [1, 0]), ("#a36a00", "square", [6, 3])


class Change(NamedTuple):
    """A row: its name, the level then and now; None for what was not asked."""

    name: str
    then: int | None
    now: int | None


def changes(*, rows: Sequence[Change], levels: tuple[int, int], then: str, now: str, language: str, title: str) -> str:
    """Return the rows as SVG: a hollow point for then, a filled one for now, a line between; a square where it fell.

    Without the words for then there is nothing to compare, and no key.

    Raises ValueError without rows.
    """
    if not rows:
        raise ValueError("A picture of change needs at least one row")
    with translation.override(language):
        return render(_spec(list(rows), levels, clean(then), clean(now)), title=title, language=language)


def _spec(rows: list[Change], levels: tuple[int, int], then: str, now: str) -> dict[str, Any]:
    height = len(rows) * ROW_HEIGHT
    tracks = [index * ROW_HEIGHT + ROW_HEIGHT - TRACK_BELOW for index in range(len(rows))]
    width = WIDTH - 2 * EDGE
    scale_x = {"domain": list(levels), "nice": False, "zero": False}
    scale_y = {"domain": [height, 0], "nice": False}
    names = [
        text_mark(fitted(clean(row.name), width=WIDTH, size=TEXT), x=-EDGE, y=y - 14)
        for row, y in zip(rows, tracks, strict=True)
    ]
    numbers = [
        text_mark(
            str(level),
            x=(level - levels[0]) / (levels[1] - levels[0]) * width,
            y=height + 12,
            size=SMALL,
            color=MUTED,
            align="center",
        )
        for level in range(levels[0], levels[1] + 1)
    ]
    return {
        "width": width,
        "height": height,
        "padding": {"left": EDGE, "right": EDGE, "top": KEY_HEIGHT if then else 0, "bottom": 22},
        "encoding": {
            "x": {"field": "x", "type": "quantitative", "scale": scale_x, "axis": None},
            "y": {"field": "y", "type": "quantitative", "scale": scale_y, "axis": None},
        },
        "layer": [
            _rail(tracks, levels),
            *_lines(rows, tracks),
            *_points(rows, tracks),
            *names,
            *numbers,
            *(_key(then, now) if then else ()),
        ],
    }


def _rail(tracks: list[float], levels: tuple[int, int]) -> dict[str, Any]:
    stops = [{"x": level, "y": y, "row": y} for y in tracks for level in range(levels[0], levels[1] + 1)]
    return {
        "data": {"values": stops},
        "mark": {"type": "line", "color": GRID, "strokeWidth": 3, "point": {"color": GRID, "size": 60, "opacity": 1}},
        "encoding": {"detail": {"field": "row", "type": "nominal"}},
    }


def _style(row: Change) -> tuple[str, str, list[int]]:
    return FALL if row.then and row.now and row.now < row.then else RISE


def _lines(rows: list[Change], tracks: list[float]) -> list[dict[str, Any]]:
    layers = []
    for row, y in zip(rows, tracks, strict=True):
        if row.then and row.now and row.then != row.now:
            colour, _shape, dash = _style(row)
            layers.append(
                {
                    "data": {"values": [{"x": row.then, "y": y}, {"x": row.now, "y": y}]},
                    "mark": {"type": "line", "color": colour, "strokeWidth": 4, "strokeDash": dash},
                }
            )
    return layers


def _points(rows: list[Change], tracks: list[float]) -> list[dict[str, Any]]:
    """The hollow point is larger, so that it shows around the filled one where nothing changed."""
    layers = []
    for row, y in zip(rows, tracks, strict=True):
        colour, shape, _dash = _style(row)
        for level, mark in ((row.then, _hollow(shape, colour)), (row.now, _filled(shape, colour))):
            if level:
                layers.append({"data": {"values": [{"x": level, "y": y}]}, "mark": mark})
    return layers


def _hollow(shape: str, colour: str) -> dict[str, Any]:
    return {
        "type": "point", "shape": shape, "size": 190, "stroke": colour, "strokeWidth": 2, "fill": "white", "opacity": 1
    }  # fmt: skip


def _filled(shape: str, colour: str) -> dict[str, Any]:
    return {"type": "point", "shape": shape, "size": 70, "stroke": colour, "fill": colour, "opacity": 1}


def _key(then: str, now: str) -> list[dict[str, Any]]:
    half = WIDTH / 2
    y = -KEY_HEIGHT + 16
    room = half - 26
    return [
        _at(_hollow("circle", RISE[0]), -EDGE + 9, y - 5),
        text_mark(fitted(then, width=room, size=SMALL), x=-EDGE + 24, y=y, size=SMALL, color=INK),
        _at(_filled("circle", RISE[0]), half - EDGE + 9, y - 5),
        text_mark(fitted(now, width=room, size=SMALL), x=half - EDGE + 22, y=y, size=SMALL, color=INK),
    ]


def _at(mark: dict[str, Any], x: float, y: float) -> dict[str, Any]:
    return {"data": {"values": [{}]}, "mark": mark, "encoding": {"x": {"value": x}, "y": {"value": y}}}
