"""The data that a report rests on, as datasets: what verification works its numbers out from, and open data is made of.

``index``    the index tables of the years behind the report, as published or scored.
``units``    the units of these tables: names in both languages, region.
``printed``  what was published or decided beside the tables: statistics, means of regions, changes, ranks, maxima.
``round``    what a round adds: forms, returns, survey shares, points self-assessed and granted, values measured.
``methods``  results of random or optimising methods: rank intervals, tiers, ranks under other weights, ways up.

The last three have one form: a row is one number, named by the same words as the ``Ref`` of a printed number that rests
on it (index, year, level, unit, node, ``what``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from parlib.framework import units
from parlib.presentation.blocks import Dataset, Sequel, sequel
from parlib.presentation.views import View
from parlib.presentation.wording import is_known, message
from parlib.results import WHOLE, Results

#: The columns of the dataset "index": name, type, meaning.
_COLUMNS = (
    ("index_name", "string", message("The index: par, papi, pci, dti, sipas, grdp")),
    ("year", "integer", message("Year of the results")),
    ("level", "string", message("province or ministry")),
    ("unit", "string", message("Key of the unit")),
    ("name", "string", message("Name of the unit")),
    ("node", "string", message("Code of the criterion; empty: the whole index; component: a part of it")),
    ("node_name", "string", message("Name of the criterion")),
    ("points", "number", message("Points reached")),
    ("maximum", "number", message("Maximum of the points that applies to the unit")),
    ("index", "number", message("Points reached in percent of the maximum")),
    ("standard_error", "number", message("Standard error of the index from the survey; empty: not known")),
    ("stage", "string", message("Stage of the assessment: self, appraisal, final, published")),
    ("ranked", "boolean", message("Whether the unit is ranked")),
    ("rank", "integer", message("Rank among the ranked units; empty: not known or not ranked")),
    ("band", "string", message("Group by the whole index")),
    ("basis", "string", message("What the number rests on: published, computed, derived, rounded, secondary")),
    ("marks", "string", message("What the numbers of the year rest on, such as simulated or illustrative_scheme")),
)


def index_data(view: View, tables: pd.DataFrame) -> Dataset:
    """The index tables behind a report as a dataset. ``tables`` is the frame of ``ranking.index_tables``."""
    names = {unit: view.unit(str(unit)) for unit in tables["unit"].unique()}
    known = set(view.results.nodes["node"])
    node_names = {node: view.node_name(str(node)) for node in tables["node"].unique() if node in known}
    frame = tables.assign(name=tables["unit"].map(names), node_name=tables["node"].map(node_names).fillna(""))
    if view.simulated:
        frame = frame.assign(marks=[";".join(dict.fromkeys([*filter(None, m.split(";")), "simulated"]))
                                    for m in frame["marks"]])  # fmt: skip
    numbers = ["points", "maximum", "index", "standard_error"]
    frame[numbers] = frame[numbers].round(9)
    columns = [name for name, _, _ in _COLUMNS]
    text = frame[columns].to_csv(index=False, lineterminator="\n")
    described = tuple((name, kind, view.wording.say(meaning)) for name, kind, meaning in _COLUMNS)
    return Dataset.of("index", view.say("Index table of {index}, {year} and earlier years"), described, text)


#: The columns of the dataset "units".
_UNITS = (
    ("unit", "string", message("Key of the unit")),
    ("level", "string", message("province or ministry")),
    ("name_vi", "string", message("Name of the unit in Vietnamese")),
    ("name_en", "string", message("Name of the unit in English")),
    ("short_vi", "string", message("Short name in Vietnamese")),
    ("short_en", "string", message("Short name in English")),
    ("region", "string", message("Key of the region; empty for ministries")),
)
#: The columns of the datasets "printed", "round" and "methods": one number a row.
_CELLS = (
    ("index_name", "string", message("The index: par, papi, pci, dti, sipas, grdp")),
    ("year", "integer", message("Year of the results")),
    ("level", "string", message("province or ministry")),
    ("unit", "string", message("Key of the unit; empty or *: the level as a whole; region: a region; group: respondents")),
    ("node", "string", message("Code of the criterion; empty: the whole index; component: a part of it")),
    ("what", "string", message("What the number is: a statistic, a maximum, a share, a bound")),
    ("value", "number", message("The number")),
)
_TITLES = {
    "units": message("Units of the {index}"),
    "printed": message("Numbers published beside the index tables of the {index}, {year}"),
    "round": message("Numbers of the round of {year}"),
    "methods": message("Results of random methods, {index} {year}"),
}
Cell = tuple[str, str, str, float]  # unit, node, what, value


def behind(
    view: View,
    tables: pd.DataFrame,
    years: Iterable[Results | None] = (),
    *,
    round_cells: Iterable[Cell] = (),
    method_cells: Iterable[Cell] = (),
    printed_cells: Iterable[tuple[Results, Cell]] = (),
) -> Sequel:
    """All datasets of a report. ``tables`` as ``index_data``; ``years`` are the results that these tables are of.

    ``round_cells`` and ``method_cells`` are numbers of the results of the view: unit, node, what, value;
    ``printed_cells`` more of what was published, each with the results that it belongs to.
    """
    opened = list({(one.index_name, one.year): one for one in years if one is not None}.values())
    opened = opened or [view.results]
    published = [(one, cell) for one in opened for cell in _published(one)] + list(printed_cells)
    own = {"round": round_cells, "methods": method_cells}
    return sequel(
        index_data(view, tables),
        _units_data(view, tables),
        _cells_data(view, "printed", published),
        *(_cells_data(view, name, [(view.results, cell) for cell in cells]) for name, cells in own.items()),
    )


def _units_data(view: View, tables: pd.DataFrame) -> Dataset:
    system = view.results.system
    keys = tables[["unit", "level"]].drop_duplicates()
    rows = [(unit, level, *_names(view, unit), units.region_of(unit, system) if system else "")
            for unit, level in zip(keys["unit"].astype(str), keys["level"].astype(str), strict=True)]  # fmt: skip
    frame = pd.DataFrame(rows, columns=[name for name, _, _ in _UNITS])
    return _dataset(view, "units", frame, _UNITS)


def _names(view: View, unit: str) -> list[str]:
    system = view.results.system
    return [units.name(unit, lang, short=short, system=system) for short in (False, True) for lang in ("vi", "en")]


def _published(results: Results) -> Iterator[Cell]:
    """What was published or decided beside an index table."""
    for row in results.printed_statistics.itertuples(index=False):
        yield "", str(row.node), str(row.statistic), float(row.value)
    for row in results.printed_regions.itertuples(index=False):
        for what in ("mean", "change"):
            yield f"region:{row.region}", WHOLE, what, float(getattr(row, what))
    for row in results.printed_changes.itertuples(index=False):
        yield str(row.unit), WHOLE, "change", float(row.change)
    for row in results.node_ranks.itertuples(index=False):
        yield str(row.unit), str(row.node), "rank", float(row.rank)
    for row in results.bounds.itertuples(index=False):
        for what in ("index_min", "index_max"):
            yield str(row.unit), WHOLE, what, float(getattr(row, what))
    if results.ranks is not None:
        for row in results.ranks.itertuples(index=False):
            for what in ("rank", "rank_min", "rank_max"):
                yield str(row.unit), WHOLE, what, _number(getattr(row, what))
    for row in results.nodes.itertuples(index=False):
        yield "*", str(row.node), "maximum", float(row.maximum)
    for band, lower in results.bands.items():
        yield "*", WHOLE, f"band:{band}", float(lower)
    yield "*", WHOLE, "assessed", float(len(results.units))
    yield "*", WHOLE, "ranked", _number(results.n_ranked)


def _number(value: Any) -> float:
    return float(value) if is_known(value) else float("nan")


def _cells_data(view: View, name: str, cells: Iterable[tuple[Results, Cell]]) -> Dataset | None:
    rows = [(of.index_name, of.year, of.level, *cell) for of, cell in cells if np.isfinite(cell[3])]
    if not rows:
        return None
    frame = pd.DataFrame(rows, columns=[column for column, _, _ in _CELLS]).drop_duplicates(ignore_index=True)
    frame["value"] = frame["value"].round(9)
    return _dataset(view, name, frame, _CELLS)


def _dataset(view: View, name: str, frame: pd.DataFrame, columns: tuple[tuple[str, str, str], ...]) -> Dataset:
    described = tuple((column, kind, view.wording.say(meaning)) for column, kind, meaning in columns)
    return Dataset.of(name, view.say(_TITLES[name]), described, frame.to_csv(index=False, lineterminator="\n"))


def melted(frame: pd.DataFrame, columns: Mapping[str, str], unit: str = "*", node: str = WHOLE) -> Iterator[Cell]:
    """The cells of a frame: ``columns`` maps its columns to what they are. ``unit`` and ``node`` name the columns that
    hold unit and node, or are these themselves where there is no such column."""
    for row in frame.to_dict("records"):
        for column, what in columns.items():
            if is_known(row[column]):
                yield str(row.get(unit, unit)), str(row.get(node, node)), what, float(row[column])
