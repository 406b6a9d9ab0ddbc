"""The districts of the state and the municipalities of a district as shapes in the pixels of our maps."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from pik.charts.topology import Areas, areas

DATA = Path(__file__).resolve().parent.parent / "data"
DISTRICTS = DATA / "kreise.topojson"
# One file a district, because reading all of them takes longer than drawing one.
MUNICIPALITIES = DATA / "gemeinden"
# Licence of the boundaries: this line stands at every map, in every language as given.
ATTRIBUTION = "© GeoBasis-DE / BKG 2017 (Daten verändert)"
WIDTH = 368
# A district that stretches from north to south would otherwise fill a screen.
DISTRICT_HEIGHT = 400
# One area has nothing inside that could be compared; it need not be large.
SINGLE_HEIGHT = 200


class State(Areas):
    """The map of the state: its areas are the districts."""

    @property
    def districts(self) -> list[dict[str, Any]]:
        return self.features


@cache
def shapes() -> State:
    """Return the 44 districts in the order of the source."""
    topology = _read(DISTRICTS)
    return State(*areas(topology, topology["objects"]["kreise"]["geometries"], width=WIDTH))


@cache
def municipality_shapes(district: str) -> Areas:
    """Return the areas of one district (AGS of five digits) in the order of the source.

    Raises ValueError for an AGS that is no district.
    """
    if district not in {known["id"] for known in shapes().districts}:
        raise ValueError(f"Not the AGS of a district: {district}")
    topology = _read(MUNICIPALITIES / f"{district}.topojson")
    geometries = topology["objects"]["gemeinden"]["geometries"]
    height = DISTRICT_HEIGHT if len(geometries) > 1 else SINGLE_HEIGHT
    return areas(topology, geometries, width=WIDTH, height=height)


def _read(source: Path) -> dict[str, Any]:
    return json.loads(source.read_text(encoding="utf-8"))
