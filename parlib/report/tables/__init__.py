"""The tables of the reports, one function a table: frames in; a ``Table`` out, or one line where data is missing."""

from parlib.report.tables.areas import area_ranks_table, areas_table, units_by_area_table
from parlib.report.tables.change import change_table
from parlib.report.tables.checks import checks_table, disagreements
from parlib.report.tables.grounds import assumptions_table, conflicts_table, sources_table
from parlib.report.tables.ranking import bands_table, coverage_table, parts_complete, parts_table, ranking_table
from parlib.report.tables.regions import cities_table, regions_table
from parlib.report.tables.statistics import statistics_table

__all__ = [
    "area_ranks_table",
    "areas_table",
    "assumptions_table",
    "bands_table",
    "change_table",
    "checks_table",
    "cities_table",
    "conflicts_table",
    "coverage_table",
    "disagreements",
    "parts_complete",
    "parts_table",
    "ranking_table",
    "regions_table",
    "sources_table",
    "statistics_table",
    "units_by_area_table",
]
