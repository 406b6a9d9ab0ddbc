"""From TopoJSON to shapes in the pixels of a map."""

import math
from typing import Any, NamedTuple

# Pixels by which a border may be straightened: invisible at the size of a page, half the file.
TOLERANCE = 0.45

Line = list[tuple[float, float]]


class Areas(NamedTuple):
    """The areas of a map as GeoJSON features, the border around all of them, and the pixels both need."""

    features: list[dict[str, Any]]
    outline: dict[str, Any]
    width: float
    height: float


def areas(
    topology: dict[str, Any], geometries: list[dict[str, Any]], *, width: float, height: float = math.inf
) -> Areas:
    """Return the geometries in the given order, projected (Mercator) to fill the room, with shared borders drawn alike.

    Each geometry must carry `ags` and `name` as properties.
    """
    used = [_plain(index) for geometry in geometries for ring in _rings(geometry) for index in ring]
    projected = {index: _mercator(topology["arcs"][index], topology["transform"]) for index in sorted(set(used))}
    arcs, size = _in_pixels(projected, width, height)
    features = [
        {
            "type": "Feature",
            "id": geometry["properties"]["ags"],
            "properties": {"name": geometry["properties"]["name"]},
            "geometry": {"type": "MultiPolygon", "coordinates": _polygons(geometry, arcs)},
        }
        for geometry in geometries
    ]
    # A border that only one area has is a border of the whole.
    outer = [arc for index, arc in arcs.items() if used.count(index) == 1]
    outline = {"type": "Feature", "geometry": {"type": "MultiLineString", "coordinates": outer}}
    return Areas(features, outline, *size)


def _mercator(arc: list[list[int]], transform: dict[str, list[float]]) -> Line:
    (scale_x, scale_y), (left, bottom) = transform["scale"], transform["translate"]
    x = y = 0
    line = []
    for step_x, step_y in arc:
        x, y = x + step_x, y + step_y
        longitude, latitude = math.radians(x * scale_x + left), math.radians(y * scale_y + bottom)
        line.append((longitude, -math.log(math.tan(math.pi / 4 + latitude / 2))))
    return line


def _in_pixels(arcs: dict[int, Line], width: float, height: float) -> tuple[dict[int, Line], tuple[float, float]]:
    """Return the lines as large as the room allows, and the width and height they take."""
    xs, ys = zip(*(point for arc in arcs.values() for point in arc), strict=True)
    left, top = min(xs), min(ys)
    scale = min(width / (max(xs) - left), height / (max(ys) - top))
    scaled = {index: [((x - left) * scale, (y - top) * scale) for x, y in arc] for index, arc in arcs.items()}
    rounded = {index: [(round(x, 1), round(y, 1)) for x, y in _straightened(arc)] for index, arc in scaled.items()}
    return rounded, ((max(xs) - left) * scale, (max(ys) - top) * scale)


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


def _polygons(geometry: dict[str, Any], arcs: dict[int, Line]) -> list[list[Line]]:
    polygons = [geometry["arcs"]] if geometry["type"] == "Polygon" else geometry["arcs"]
    return [[_ring(ring, arcs) for ring in polygon] for polygon in polygons]


def _ring(ring: list[int], arcs: dict[int, Line]) -> Line:
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
