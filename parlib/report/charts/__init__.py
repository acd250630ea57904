"""The figures of the reports, one function a figure: frames in; a ``Figure`` out, or one line where data is missing."""

from parlib.report.charts.areas import area_heat_map, area_ranges
from parlib.report.charts.ranking import change_bars, parts_stacked, ranking_bars
from parlib.report.charts.spread import groups_bar, region_strips, strip
