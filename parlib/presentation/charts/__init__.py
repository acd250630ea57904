"""The figures of the reports, one function a figure: frames in; a ``Figure`` out, or one line where data is missing."""

from parlib.presentation.charts.areas import area_heat_map, area_ranges
from parlib.presentation.charts.change import change_bars
from parlib.presentation.charts.distribution import groups_bar, histogram, strip
from parlib.presentation.charts.parts import parts_stacked
from parlib.presentation.charts.ranking import ranking_bars
from parlib.presentation.charts.regions import region_strips

__all__ = [
    "area_heat_map",
    "area_ranges",
    "change_bars",
    "groups_bar",
    "histogram",
    "parts_stacked",
    "ranking_bars",
    "region_strips",
    "strip",
]
