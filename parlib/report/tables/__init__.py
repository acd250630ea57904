"""The tables of the reports, one function a table: frames in; a ``Table`` out, or one line where data is missing."""

from parlib.report.tables.areas import (
    area_ranks_table,
    areas_table,
    assumptions_table,
    cities_table,
    conflicts_table,
    regions_table,
    sources_table,
    units_by_area_table,
)
from parlib.report.tables.ranking import parts_complete, parts_table, ranking_table, statistics_table
