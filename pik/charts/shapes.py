"""The 44 districts as shapes in the pixels of our map."""

import json
import math
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

SOURCE = Path(__file__).resolve().parent.parent / "data" / "kreise.topojson"
# Licence of the boundaries: this line stands at every map, in every language as given.
ATTRIBUTION = "© GeoBasis-DE / BKG 2017 (Daten verändert)"
WIDTH = 368
# Pixels by which a border may be straightened: invisible at the size of a page, half the file.
TOLERANCE = 0.45

Line = list[tuple[float, float]]


class Shapes(NamedTuple):
    """The districts, the outer border of the state, and the height of both for the given width."""

    districts: list[dict[str, Any]]
    outline: dict[str, Any]
    height: float


@cache
def shapes() -> Shapes:
    """Return the districts in the order of the source, projected (Mercator), with shared borders drawn alike."""
    topology = json.loads(SOURCE.read_text(encoding="utf-8"))
    arcs, height = _in_pixels([_mercator(arc, topology["transform"]) for arc in topology["arcs"]])
    geometries = topology["objects"]["kreise"]["geometries"]
    districts = [
        {
            "type": "Feature",
            "id": geometry["properties"]["ags"],
            "properties": {"name": geometry["properties"]["name"]},
            "geometry": {"type": "MultiPolygon", "coordinates": _polygons(geometry, arcs)},
        }
        for geometry in geometries
    ]
    used = [_plain(index) for geometry in geometries for ring in _rings(geometry) for index in ring]
    # A border that only one district has is a border of the state.
    outer = [arcs[index] for index in sorted(set(used)) if used.count(index) == 1]
    outline = {"type": "Feature", "geometry": {"type": "MultiLineString", "coordinates": outer}}
    return Shapes(districts, outline, height)


def _mercator(arc: list[list[int]], transform: dict[str, list[float]]) -> Line:
    (scale_x, scale_y), (left, bottom) = transform["scale"], transform["translate"]
    x = y = 0
    line = []
    for step_x, step_y in arc:
        x, y = x + step_x, y + step_y
        longitude, latitude = math.radians(x * scale_x + left), math.radians(y * scale_y + bottom)
        line.append((longitude, -math.log(math.tan(math.pi / 4 + latitude / 2))))
    return line


def _in_pixels(arcs: list[Line]) -> tuple[list[Line], float]:
    xs, ys = zip(*(point for arc in arcs for point in arc), strict=True)
    left, top, scale = min(xs), min(ys), WIDTH / (max(xs) - min(xs))
    scaled = [[((x - left) * scale, (y - top) * scale) for x, y in arc] for arc in arcs]
    rounded = [[(round(x, 1), round(y, 1)) for x, y in _straightened(arc)] for arc in scaled]
    return rounded, (max(ys) - top) * scale


def _straightened(line: Line) -> Line:
    """Return the line without the points that lie closer than the tolerance to it (Douglas and Peucker, 1973)."""
    if len(line) < 3:
        return line
    (start_x, start_y), (end_x, end_y) = line[0], line[-1]
    step_x, step_y = end_x - start_x, end_y - start_y
    length = math.hypot(step_x, step_y)

    def distance(index: int) -> float:
        x, y = line[index][0] - start_x, line[index][1] - start_y
        return abs(step_y * x - step_x * y) / length if length else math.hypot(x, y)

    farthest = max(range(1, len(line) - 1), key=distance)
    if distance(farthest) <= TOLERANCE:
        return [line[0], line[-1]]
    return _straightened(line[: farthest + 1])[:-1] + _straightened(line[farthest:])


def _polygons(geometry: dict[str, Any], arcs: list[Line]) -> list[list[Line]]:
    polygons = [geometry["arcs"]] if geometry["type"] == "Polygon" else geometry["arcs"]
    return [[_ring(ring, arcs) for ring in polygon] for polygon in polygons]


def _ring(ring: list[int], arcs: list[Line]) -> Line:
    """Return the closed line of a ring; a negative index means its arc is walked backwards (TopoJSON)."""
    points: Line = []
    for index in ring:
        arc = arcs[_plain(index)]
        points += (arc if index >= 0 else arc[::-1])[1 if points else 0 :]
    return points


def _rings(geometry: dict[str, Any]) -> list[list[int]]:
    if geometry["type"] == "Polygon":
        return geometry["arcs"]
    return [ring for polygon in geometry["arcs"] for ring in polygon]


def _plain(index: int) -> int:
    return index if index >= 0 else ~index
