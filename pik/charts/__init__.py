"""Pictures made by the server: Vega-Lite specs become small, self-contained SVG files."""

from pik.charts.cache import cached_svg
from pik.charts.changes import Change, changes
from pik.charts.curves import curve
from pik.charts.maps import district_map, municipality_map
from pik.charts.render import warm

__all__ = ["Change", "cached_svg", "changes", "curve", "district_map", "municipality_map", "warm"]
