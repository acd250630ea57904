"""The figures of the reports, one function a figure: frames in; a ``Figure`` out, or one line where data is missing."""

from parlib.report.charts.areas import area_heat_map, area_ranges
from parlib.report.charts.change import change_bars
from parlib.report.charts.distribution import groups_bar, histogram, strip
from parlib.report.charts.parts import parts_stacked
from parlib.report.charts.ranking import ranking_bars
from parlib.report.charts.regions import region_strips

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
