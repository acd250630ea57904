"""Tables that leave as CSV or Excel: the index table with rank and band, and the statistics of a year."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from parlib import places
from parlib.analysis import statistics as figures
from parlib.analysis.index_tables import with_ranks
from parlib.data_tables import base_year
from parlib.errors import ParameterError, Problem
from parlib.publish.cells import exact
from parlib.scoring import ranking, units
from parlib.scoring.results import WHOLE, Results
from parlib.sources import catalog
from parlib.words import FIRST, near

FORMATS = ("csv", "xlsx")


#: What numbers may rest on that makes them anything but official: written into every row that leaves as a table.
_LOUD = ("simulated", "illustrative_scheme")


def index_sheet(results: Results, language: str = "vi") -> pd.DataFrame:
    """The index table of ``results`` with rank and band, and with names; every unit has a row of its whole index.

    The range of a rank that is not known exactly, whether the unit is ranked, and what its index rests on stand beside
    the whole index (node ""). ``value`` is what the publisher prints, in ``unit_of_value`` (PAPI 2024: 47.82 points,
    where ``index`` is percent of the maximum); ``known`` counts the ranked units that have it ("9/63"), ``source_ids``
    say where it is from. Simulated results, and those of an illustrative set of criteria, have a column ``marks``.
    """
    sheet = with_ranks(results)
    beside = ranking.rank(results)[["unit", "rank_min", "rank_max", "ranked", "basis"]].assign(node=WHOLE)
    sheet = sheet.merge(beside, on=["unit", "node"], how="left", validate="one_to_one")
    node_names = results.nodes.set_index("node")["name" if language == FIRST else "name_en"]
    unit_names = {unit: units.name(unit, language, system=results.system) for unit in results.units["unit"]}
    sheet = sheet.assign(name=sheet["unit"].map(unit_names), node_name=sheet["node"].map(node_names))
    sheet = sheet.assign(**_printed(results, sheet))
    marks = ";".join(mark for mark in results.marks if mark in _LOUD)
    if marks:  # in every row, so that no row can be cut out and taken for an official one
        sheet = sheet.assign(marks=marks)
    first = ["year", "level", "unit", "name", "node", "node_name"]
    return sheet[[*first, *(column for column in sheet.columns if column not in first)]]


def _printed(results: Results, sheet: pd.DataFrame) -> dict[str, pd.Series]:
    """The columns ``value``, ``unit_of_value``, ``known`` and ``source_ids`` of the rows of ``sheet``.

    Components of the PAR INDEX are printed in points; those of others are on scales of their own and have no value.
    """
    parts = sheet["node"].map(results.nodes.set_index("node")["kind"]) == "component"
    in_points = parts | (results.scale.column == "points")
    values = sheet["points"].where(in_points, sheet["index"])
    units_of_value = pd.Series(results.scale.unit, sheet.index).mask(parts, "points")
    if results.index_name != "par":
        values, units_of_value = values.mask(parts), units_of_value.mask(parts, "")
    known = {str(node): results.known(str(node)) for node in sheet["node"].unique()}
    sources = {(str(row.unit), str(row.node)): str(row.source_ids) for row in results.bases.itertuples()}
    keys = zip(sheet["unit"].astype(str), sheet["node"].astype(str), strict=True)
    return {
        "value": values,
        "unit_of_value": units_of_value,
        "known": sheet["node"].astype(str).map(known),
        "source_ids": pd.Series([sources.get(key, "") for key in keys], index=sheet.index, dtype="str"),
    }


def statistics_sheet(year: int, level: str, index_name: str = "par", round_id: str = "") -> pd.DataFrame:
    """The statistics of a year in the words of the published tables: ``statistic``, ``value`` (empty: not settled).

    Simulated results, and those of an illustrative set of criteria, have a column ``marks``.
    """
    results = catalog.open_results(year, level, index_name, round_id)
    base = catalog.open_other_year(results, base_year()) if year > base_year() else None
    table = figures.statistics_table(results, catalog.open_before(results, round_id), base)
    marks = ";".join(mark for mark in results.marks if mark in _LOUD)
    return table.assign(marks=marks) if marks else table


def check_format(to: str, out: Path | None) -> str:
    """The format that ``to``, or else the ending of ``out``, asks for. Raises ``ParameterError``."""
    kind = to or (out.suffix.removeprefix(".") if out else "csv")
    if kind not in FORMATS:
        raise ParameterError(
            Problem(
                "no such format of a table; there are: {formats}{near}",
                value=kind,
                near=near(kind, FORMATS),
                formats=", ".join(FORMATS),
            )
        )
    if kind == "xlsx" and out is None:
        raise ParameterError(Problem("the format xlsx needs --out FILE"))
    return kind


def csv_text(sheet: pd.DataFrame) -> str:
    """``sheet`` as CSV: comma, decimal dot, points without the noise of binary fractions, empty where not known."""
    text: str = sheet.round(9).to_csv(index=False, lineterminator="\n")
    return text


def write(sheet: pd.DataFrame, path: Path, to: str, title: str = "parlib") -> None:
    """Write ``sheet`` to ``path`` whole: as Excel, or as CSV with the mark by which Excel knows its letters."""
    with places.whole_file(path) as draft:
        if to == "xlsx":
            _write_xlsx(sheet, draft, title)
        else:
            draft.write_text(csv_text(sheet), encoding="utf-8-sig", newline="")


def _write_xlsx(sheet: pd.DataFrame, path: Path, title: str) -> None:
    from parlib.sources.excel import new_workbook, put_text

    with new_workbook(path, title, title) as book:
        page = book.add_worksheet(title[:31])
        head = book.add_format({"bold": True, "bottom": 2, "text_wrap": True, "valign": "vcenter"})
        plain, quoted = book.add_format(), book.add_format({"quote_prefix": True})
        two = book.add_format({"num_format": "0.00"})
        for j, column in enumerate(sheet.columns):
            values = sheet[column]
            is_float = pd.api.types.is_float_dtype(values.dtype)
            put_text(page, 0, j, str(column), head)
            for i, value in enumerate(values, 1):
                if pd.isna(value) or value == "":
                    continue
                if isinstance(value, bool | np.bool_):
                    page.write_boolean(i, j, bool(value))
                elif is_float:
                    page.write_number(i, j, exact(float(value)), two)
                elif isinstance(value, int | np.integer):
                    page.write_number(i, j, int(value))
                else:
                    put_text(page, i, j, str(value), plain, quoted)  # a cell that begins with = is no formula
            widest = max([len(str(column)), *(len(str(value)) for value in values if not is_float)])
            page.set_column(j, j, min(60, widest + 2))
        page.freeze_panes(1, 0)
        page.autofilter(0, 0, len(sheet), len(sheet.columns) - 1)
