"""An index over the years in numbers, and what its last change was made of."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from parlib.report.blocks import Column, Note, Table
from parlib.report.tables.finish import Row, finished
from parlib.report.views import View, part_node
from parlib.report.wording import is_known
from parlib.scoring.results import records


def yearly_table(view: View, yearly: pd.DataFrame, mobility: pd.DataFrame) -> Table | Note:
    """Level, spread and moves of every year. Frames as ``yearly`` and ``mobility`` give them.

    Rows of years that began a new scale are marked: what is above them does not compare.
    """
    if yearly.empty:
        return view.missing("Too little is known of the years up to {year} to draw a line.")
    unit, decimals = view.unit_of_value, view.measure.decimals
    columns = [
        Column("year", view.say("Year")),
        Column("known", view.say("Known"), "integer", decimals=0),
        Column("mean", view.say("Mean"), "number", unit, decimals),
        Column("minimum", view.say("Lowest"), "number", unit, decimals),
        Column("maximum", view.say("Highest"), "number", unit, decimals),
        Column("sd", view.say("Standard deviation"), "number", view.unit_of_change, 2),
        Column("places", view.say("Mean places moved"), "number", decimals=1),
        Column("spearman", view.say("Rank correlation with the year before"), "number", decimals=2),
    ]
    moves = {int(row.year): row for row in records(mobility)} if len(mobility) else {}
    cells: list[Row] = []
    for row in records(yearly):
        year = int(row.year)
        ref = view.ref(year=year)
        cell: Row = {
            "year": f"{year} *" if row.break_mark else str(year),
            "known": view.wording.count(float(row.n_known), view.ref(column="known", year=year)),
        }
        for name in ("mean", "minimum", "maximum"):
            basis = getattr(row, f"{name}_basis")
            mark = view.footnote(basis)
            made = "printed" if basis == "printed" else name
            of = replace(ref, column=_PRINTED[name]) if made == "printed" else ref
            cell[name] = view.wording.number(getattr(row, name), decimals, of, made=made, mark=mark)
        cell["sd"] = view.wording.number(row.sd, 2, ref, made="standard deviation")
        move = moves.get(year)
        refs = (ref, view.ref(year=int(move.previous_year))) if move is not None else (ref,)
        # Moves among a part of the units are seldom those of all: only complete pairs of years are told.
        whole = move is not None and move.n == move.n_units and is_known(move.n_units) and _nearly_all(move, row)
        cell["places"] = view.wording.number(move.mean_places if move and whole else None, 1, *refs, made="mean_places")
        cell["spearman"] = view.wording.number(move.spearman if move and whole else None, 2, *refs, made="correlation")
        cells.append(cell)
    notes = []
    if yearly["break_mark"].any():
        notes.append(view.say("*: the scale changed; values from here on do not compare with those above."))
    notes.append(view.say("Places moved and correlation: over the units ranked in both years."))
    return finished(
        view,
        "years",
        view.say("The {index} year by year, {first}–{year}", first=int(yearly["year"].iloc[0])),
        columns,
        cells,
        notes=notes,
        bases=[*yearly["mean_basis"], *yearly["minimum_basis"], *yearly["maximum_basis"]],
    )


#: The published statistics that stand for mean and extremes of a year.
_PRINTED = {"mean": "mean", "minimum": "min", "maximum": "max"}


def _nearly_all(move: object, row: object) -> bool:
    """Whether the units ranked in both years are almost all of those ranked in this one."""
    n, units = getattr(move, "n"), getattr(row, "n_units")  # noqa: B009 (fields of records have no type)
    return bool(is_known(units) and n >= 0.9 * units)


def contributions_table(view: View, parts: pd.DataFrame) -> Table | None:
    """What the change of the mean is made of, by part. ``parts`` is the frame of ``change_of_mean_by_part``."""
    if parts.empty or parts["contribution"].isna().all():
        return None
    unit, before = view.unit_of_change, view.results.year - 1
    columns = [
        Column("part", view.say("Part")),
        Column("performance", view.say("Better or worse results"), "change", unit, 2),
        Column("reweighting", view.say("Other weights"), "change", unit, 2),
        Column("contribution", view.say("Contribution"), "change", unit, 2),
    ]
    cells: list[Row] = []
    for row in records(parts):
        node = str(row.node)
        refs = (view.ref(node=node), view.ref(node=node, year=before))
        if row.kind == "remainder":
            name = view.say("not explained by the parts")
        else:
            name = view.part_name(node) if node.startswith(part_node("")) else view.node_name(node)
        cell: Row = {"part": name}
        for key in ("performance", "reweighting", "contribution"):
            value = getattr(row, key)
            cell[key] = view.wording.number(
                value, 2, replace(refs[0], column=key), refs[1], made="contribution", signed=True
            )
        cells.append(cell)
    total = parts["total"].iloc[0]
    whole_of = view.ref(column="total"), view.ref(year=before)
    whole = view.wording.number(total, 2, *whole_of, made="contribution", signed=True)
    cells.append({"part": view.say("Whole change"), "performance": "", "reweighting": "", "contribution": whole})
    caption = view.say("What the change of the mean from {before} to {year} is made of, {index}", before=before)
    styles = ["" for _ in parts.index] + ["total"]
    return finished(view, "contributions", caption, columns, cells, styles=styles)
