"""An index over the years in numbers, and what its last change was made of."""

from __future__ import annotations

import pandas as pd

from parlib.report.blocks import Note, Number, Ref, Table
from parlib.report.tables.declared import Col, Row, of_node, table
from parlib.report.views import View, part_node
from parlib.report.wording import is_known, message
from parlib.tables import Record


def yearly_table(view: View, yearly: pd.DataFrame, mobility: pd.DataFrame) -> Table | Note:
    """Level, spread and moves of every year. Frames as ``yearly`` and ``mobility`` give them.

    Rows of years that began a new scale are marked: what is above them does not compare.
    """
    if yearly.empty:
        return view.missing("Too little is known of the years up to {year} to draw a line.")
    moved = mobility.set_index("year") if len(mobility) else pd.DataFrame(columns=_MOVES)
    rows = yearly.join(moved[_MOVES].add_prefix("moved_"), on="year")
    notes = []
    if yearly["break_mark"].any():
        notes.append(view.say("*: the scale changed; values from here on do not compare with those above."))
    notes.append(view.say("Places moved and correlation: over the units ranked in both years."))
    return table(
        view,
        "years",
        view.say("The {index} year by year, {first}–{year}", first=int(yearly["year"].iloc[0])),
        rows,
        YEARS,
        at=_of_year,
        notes=notes,
        bases=["mean_basis", "minimum_basis", "maximum_basis"],
    )


def _of_year(view: View, row: Record) -> Ref:
    return view.ref(year=int(row.year))


def _of_all(name: str, head: str) -> Col:
    """The mean or an extreme of a year, or what was printed of it."""

    def cell(view: View, row: Record) -> Number:
        basis = getattr(row, f"{name}_basis")
        made = "printed" if basis == "printed" else name
        ref = view.ref(column=_PRINTED[name] if made == "printed" else "", year=int(row.year))
        mark = view.footnote(basis)
        return view.wording.number(getattr(row, name), view.measure.decimals, ref, made=made, mark=mark)

    return Col(name, head, "value", cell)


def _of_moves(name: str, head: str, made: str, decimals: int) -> Col:
    """What is told of the moves since the year before. Moves among a part of the units are seldom those of all: only
    complete pairs of years are told."""

    def cell(view: View, row: Record) -> Number:
        refs = [_of_year(view, row)]
        if is_known(row.moved_n):
            refs.append(view.ref(year=int(row.moved_previous_year)))
        whole = is_known(row.moved_n_units) and row.moved_n == row.moved_n_units and _nearly_all(row)
        value = getattr(row, f"moved_{name}") if whole else None
        return view.wording.number(value, decimals, *refs, made=made)

    return Col({"mean_places": "places"}.get(name, name), head, "number", cell, decimals=decimals)


def _nearly_all(row: Record) -> bool:
    """Whether the units ranked in both years are almost all of those ranked in this one."""
    return bool(is_known(row.n_units) and row.moved_n >= 0.9 * row.n_units)


#: The published statistics that stand for mean and extremes of a year.
_PRINTED = {"mean": "mean", "minimum": "min", "maximum": "max"}


_MOVES = ["n", "n_units", "previous_year", "mean_places", "spearman"]
YEARS = (
    Col("year", kind="text", of=lambda _, row: f"{row.year} *" if row.break_mark else str(row.year)),
    Col("known", message("Known"), "count", "n_known", column="known", gap=True),
    _of_all("mean", message("Mean")),
    _of_all("minimum", message("Lowest")),
    _of_all("maximum", message("Highest")),
    Col("sd", made="standard deviation", unit=lambda view: view.unit_of_change, gap=True),
    _of_moves("mean_places", message("Mean places moved"), "mean_places", 1),
    _of_moves("spearman", message("Rank correlation with the year before"), "correlation", 2),
)


def contributions_table(view: View, parts: pd.DataFrame) -> Table | None:
    """What the change of the mean is made of, by part. ``parts`` is the frame of ``change_of_mean_by_part``."""
    if parts.empty or parts["contribution"].isna().all():
        return None
    refs = view.ref(column="total"), view.ref(year=view.results.year - 1)
    total: Row = {
        "part": view.say("Whole change"),
        **dict.fromkeys(("performance", "reweighting"), ""),
        "contribution": view.wording.number(parts["total"].iloc[0], 2, *refs, made="contribution", signed=True),
    }
    caption = view.say("What the change of the mean from {before} to {year} is made of, {index}")
    return table(view, "contributions", caption, parts, CONTRIBUTIONS, at=of_node, total=total)


def _part(view: View, row: Record) -> str:
    node = str(row.node)
    if row.kind == "remainder":
        return view.say("not explained by the parts")
    return view.part_name(node) if node.startswith(part_node("")) else view.node_name(node)


def _before(view: View, row: Record) -> Ref:
    return view.ref(node=str(row.node), year=view.results.year - 1)


def _contribution(name: str, head: str) -> Col:
    return Col(name, head, "signed", made="contribution", column=name, less=_before, gap=True)


CONTRIBUTIONS = (
    Col("part", message("Part"), of=_part),
    _contribution("performance", message("Better or worse results")),
    _contribution("reweighting", message("Other weights")),
    _contribution("contribution", message("Contribution")),
)
