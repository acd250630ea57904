"""Who was assessed, by which set of criteria, what changed in it; the bodies assessed and not ranked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from parlib.analysis.mobility import CriteriaChange
from parlib.report.blocks import Paragraph, Sequel, Table, message, section
from parlib.report.tables.declared import Cell, Col, cell_of, of_node, table, this_year
from parlib.report.views import View
from parlib.scoring.results import WHOLE
from parlib.sources.published.par import english
from parlib.tables import Record, records
from parlib.words import FIRST

_COUNTED = {
    "maximum": message("Maximum"),
    "n_criteria": message("Criteria"),
    "n_subcriteria": message("Sub-criteria"),
}


def scope(view: View, change: CriteriaChange) -> Sequel:
    """The units, the set of criteria and what changed in it. ``change`` is a ``CriteriaChange``.

    Empty where neither a set of criteria nor a list of units is known. An illustrative set replaces none: nothing is
    said of the one before it.
    """
    if "illustrative_scheme" in view.results.marks:
        before = {name: np.nan for name in map(str, change.parts) if name.endswith(("_before", "_change"))}
        change = replace(change, since=0, parts=change.parts.assign(**before))
    sentences = [_units(view), *_criteria(view, change)]
    changed = criteria_change_table(view, change)
    if not any(sentences) and changed is None:
        return Sequel(())
    return section(view.say("Scope and set of criteria"), "scope", *sentences, changed)


def _units(view: View) -> Paragraph | None:
    n = view.n_ranked
    if n.value is None:
        return None
    apart = _unranked(view)
    if not apart:
        return view.item("Ranked for {year}: {n} {units}.", n=n, units=view.units_of(n))
    others = view.wording.count(len(apart), *(view.ref(unit) for unit in apart))
    return view.item(
        "Ranked for {year}: {n} {units}; {others} assessed but not ranked: {list}.",
        n=n,
        units=view.units_of(n),
        others=others,
        list=view.unit_list(apart),
    )


def _unranked(view: View) -> list[str]:
    units = view.results.units
    keys = units.loc[~units["ranked"].astype(bool), "unit"]
    return [str(key) for key in keys if str(key) not in view.incomplete]


def _criteria(view: View, change: CriteriaChange) -> tuple[Paragraph | None, ...]:
    """What set of criteria holds, since when, and which it replaced."""
    if not change.since:
        return ()
    sentences = []
    if change.since == view.results.year:
        if change.decision and change.before and view.results.index_name == "par":
            sentences.append(
                view.phrase(
                    "The set of criteria is new in {year}: {decision} in place of {before}.",
                    decision=change.decision,
                    before=change.before,
                )
            )
        else:
            sentences.append(view.phrase("The set of criteria is new in {year}."))
    else:
        sentences.append(
            view.phrase(
                "The set of criteria is the same as in {before}; it last changed in {since}.", since=change.since
            )
        )
    if change.inferred:
        sentences.append(
            view.phrase("Which decision holds for the years compared is partly inferred from the years around them.")
        )
    return tuple(Paragraph(parts, role="item") for parts in sentences)


def criteria_change_table(view: View, change: CriteriaChange) -> Table | None:
    """Maxima and numbers of criteria by part, of this set and of the one before; ``None`` where too little is known.

    Parts of which nothing is known in either set have no row, numbers that are not known in either no columns.
    """
    parts: pd.DataFrame = change.parts
    if parts.empty:
        return None
    if view.results.index_name != "par":
        parts = parts[parts["kind"] != "component"]
    counted = [name for name in _COUNTED if parts[name].notna().any()]
    shown = [column for name in counted for column in (name, f"{name}_before")]
    parts = parts[parts[shown].notna().any(axis=1)] if shown else parts.iloc[:0]
    if parts.empty:
        return None
    columns = (Col("name", message("Part"), of=_name), *(col for name in counted for col in _pair(name, change.last)))
    made = table(
        view,
        "criteria_change",
        view.say("Set of criteria of {year} and the one before it"),
        parts,
        columns,
        at=of_node,
        style=lambda _, part: "total" if part.kind == "whole" else "",
        always=("name",),
    )
    keys = [column.key for column in made.columns]
    alone = {f"{name}_{what}" for name in _COUNTED if name not in keys for what in ("before", "change")}
    made = replace(
        made,
        columns=tuple(column for column in made.columns if column.key not in alone),
        rows=tuple({key: cell for key, cell in row.items() if key not in alone} for row in made.rows),
    )
    keys = [column.key for column in made.columns]
    told = [row["name"] for row in made.rows if any(getattr(row[key], "value", None) is not None for key in keys)]
    if 0 < len(told) < len(made.rows):  # of the others alone columns are known that are not shown
        parts = parts[[_name(view, part) in told for part in records(parts)]]
        return criteria_change_table(view, replace(change, parts=parts))
    if {"n_criteria", "n_subcriteria"} & set(keys) and "component" in set(parts["kind"]):
        made = replace(made, notes=(view.say("Criteria are counted by {area} alone."), *made.notes))
    if any(key.endswith("_before") for key in keys):
        return replace(made, notes=(view.say("The set before held to {last}.", last=change.last), *made.notes))
    return replace(made, caption=view.say("Set of criteria of {year}")) if len(keys) > 1 else None


def _pair(name: str, last: int) -> Iterator[Col]:
    """What is counted in the set before and in this one; of points the change too."""
    points = name == "maximum"
    kind = "points" if points else "count"

    before = cell_of(node="{row.node}", column=name, year=last)
    group = _COUNTED[name]
    then = Col(f"{name}_before", lambda _: str(last), kind, made="value", at=before, group=group, gap=True)
    now = Col(name, this_year, kind, made="value", column=name, group=group, gap=True)
    yield from (then, now) if points else map(_of_areas, (then, now))
    if points:
        change = Col(f"{name}_change", message("Change"), "gain", made="difference", group=group, gap=True)
        yield replace(change, column=name, less=before)


def _of_areas(column: Col) -> Col:
    """A count of criteria, which components have none of."""

    def cell(view: View, part: Record) -> Cell | None:
        return "" if part.kind == "component" else column.cell(view, part, of_node)

    return replace(column, of=cell)


def _name(view: View, part: Record) -> str:
    if part.kind == "whole":
        return view.say("Whole set of criteria")
    name = part.name if view.wording.language == FIRST else english(str(part.name_en or part.name))
    return f"{part.node}. {name}" if part.kind == "area" else str(name)


def apart(view: View) -> Sequel:
    """The results of the units that are assessed but not ranked; empty where there are none."""
    units = view.results.units
    keys = [str(key) for key in units.loc[~units["ranked"].astype(bool), "unit"] if str(key) not in view.incomplete]
    result = apart_table(view, keys) if keys else None
    if result is None:
        return Sequel(())
    return section(view.say("Bodies assessed and not ranked"), "apart", result)


def apart_table(view: View, keys: list[str]) -> Table | None:
    """Index of the whole and of each area of units outside the ranking, a column a unit: they are few, areas have long
    names; ``None`` where nothing of them is known."""
    nodes = [node for node in (WHOLE, *view.nodes("area")) if view.values(node).reindex(keys).notna().any()]
    if not nodes:
        return None
    rested = view.results.bases.set_index(["unit", "node"])["basis"]
    rows = pd.DataFrame({"node": nodes})
    for n, key in enumerate(keys):
        rows[f"unit_{n}"] = [view.results.values(node).get(key) for node in nodes]
        rows[f"basis_{n}"] = [rested.get((key, node), "") for node in nodes]
    columns = (Col("name", message("Part"), "coded", "node"), *(_of_unit(key, n) for n, key in enumerate(keys)))
    notes = (view.say("These bodies differ in their functions: their values are not compared with the ranked ones."),)
    caption = view.say("Results of the bodies assessed and not ranked, {year}")
    return table(view, "apart", caption, rows, columns, notes=notes, bases=[c.basis for c in columns if c.basis])


def _of_unit(key: str, n: int) -> Col:
    at = cell_of(key, "{row.node}")
    return Col(key, lambda view: view.unit(key), "value", f"unit_{n}", basis=f"basis_{n}", at=at, gap=True)
