"""Who was assessed, by which set of criteria, and what changed in it."""

from __future__ import annotations

import pandas as pd

from parlib.analysis.criteria_change import CriteriaChange
from parlib.report.blocks import Column, Paragraph, Sequel, Table, section
from parlib.report.tables.declared import Row, finished
from parlib.report.views import View
from parlib.scoring.results import Record, records

_COUNTED = ("maximum", "n_criteria", "n_subcriteria")


def scope(view: View, change: CriteriaChange) -> Sequel:
    """The units, the set of criteria and what changed in it. ``change`` is a ``CriteriaChange``.

    Empty where neither a set of criteria nor a list of units is known.
    """
    told = [_units(view), *_criteria(view, change)]
    table = criteria_change_table(view, change)
    if not any(told) and table is None:
        return Sequel(())
    first = view.results.stage == "published"  # behind the page of the result; in a round behind how it was run
    return section(view.say("Scope and set of criteria"), "scope", *told, table, new_page=first)


def _units(view: View) -> Paragraph | None:
    n = view.n_ranked
    if n.value is None:
        return None
    apart = _apart(view)
    if not apart:
        return Paragraph(
            view.phrase("Ranked for {year}: {n} {units}.", n=n, units=view.units_of(n)),
            role="item",
        )
    others = view.wording.count(len(apart), *(view.ref(unit) for unit in apart))
    return Paragraph(
        view.phrase(
            "Ranked for {year}: {n} {units}; {others} assessed but not ranked: {list}.",
            n=n,
            units=view.units_of(n),
            others=others,
            list=view.unit_list(apart),
        ),
        role="item",
    )


def _apart(view: View) -> list[str]:
    units = view.results.units
    keys = units.loc[~units["ranked"].astype(bool), "unit"]
    return [str(key) for key in keys if str(key) not in view.incomplete]


def _criteria(view: View, change: CriteriaChange) -> tuple[Paragraph | None, ...]:
    """What set of criteria holds, since when, and which it replaced."""
    if not change.since:
        return ()
    told = []
    if change.since == view.results.year:
        if change.decision and change.before and view.results.index_name == "par":
            told.append(
                view.phrase(
                    "The set of criteria is new in {year}: {decision} in place of {before}.",
                    decision=change.decision,
                    before=change.before,
                )
            )
        else:
            told.append(view.phrase("The set of criteria is new in {year}."))
    else:
        told.append(
            view.phrase(
                "The set of criteria is the same as in {before}; it last changed in {since}.",
                before=view.results.year - 1,
                since=change.since,
            )
        )
    if change.inferred:
        told.append(
            view.phrase("Which decision holds for the years compared is partly inferred from the years around them.")
        )
    return tuple(Paragraph(parts, role="item") for parts in told)


def criteria_change_table(view: View, change: CriteriaChange) -> Table | None:
    """Maxima and numbers of criteria by part, of this set and of the one before; ``None`` where too little is known.

    Parts of which nothing is known in either set have no row, numbers that are not known in either no columns.
    """
    parts: pd.DataFrame = change.parts
    if parts.empty:
        return None
    if view.results.index_name != "par":
        parts = parts[parts["kind"] != "component"]
    pairs = {name: (name, f"{name}_before") for name in _COUNTED if _has_both(parts, name)}
    shown = [column for pair in pairs.values() for column in pair]
    parts = parts[parts[shown].notna().any(axis=1)] if shown else parts.iloc[:0]
    if parts.empty:
        return None
    rows: list[Row] = []
    for part in records(parts):
        row: Row = {"name": _name(view, part)}
        for now, then in pairs.values():
            row |= _pair(view, part, now, then, change)
        rows.append(row)
    caption = view.say("Set of criteria of {year} and the one before it")
    styles = ["total" if kind == "whole" else "" for kind in parts["kind"]]
    notes = (view.say("The set before held to {last}.", last=change.last),)
    return finished(view, "criteria_change", caption, _columns(view, pairs, change), rows, styles=styles, notes=notes)


def _has_both(parts: pd.DataFrame, name: str) -> bool:
    return bool(parts[name].notna().any() and parts[f"{name}_before"].notna().any())


def _columns(view: View, pairs: dict[str, tuple[str, str]], change: CriteriaChange) -> list[Column]:
    words = {
        "maximum": view.say("Maximum"),
        "n_criteria": view.say("Criteria"),
        "n_subcriteria": view.say("Sub-criteria"),
    }
    columns = [Column("name", view.say("Part"))]
    for name, (now, then) in pairs.items():
        form = "number" if name == "maximum" else "integer"
        unit, decimals = (view.say("points"), 2) if name == "maximum" else ("", 0)
        columns.append(Column(then, str(change.last), form, unit, decimals, words[name]))
        columns.append(Column(now, str(view.results.year), form, unit, decimals, words[name]))
        if name == "maximum":
            columns.append(Column(f"{name}_change", view.say("Change"), "change", unit, decimals, words[name]))
    return columns


def _pair(view: View, part: Record, now: str, then: str, change: CriteriaChange) -> Row:
    decimals = 2 if now == "maximum" else 0
    node = str(part.node)
    refs = view.ref(node=node, column=now), view.ref(node=node, column=now, year=change.last)
    row: Row = {}
    values = float(getattr(part, now)), float(getattr(part, then))
    for key, value, ref in zip((now, then), values, refs, strict=True):
        row[key] = view.wording.number(value, decimals, ref, made="value")
    if now == "maximum":
        gone = values[0] - values[1]
        row["maximum_change"] = view.wording.number(gone, 2, *refs, made="difference", signed=True)
    return row


def _name(view: View, part: Record) -> str:
    if part.kind == "whole":
        return view.say("Whole set of criteria")
    name = part.name_en if view.wording.language == "en" and part.name_en else part.name
    return f"{part.node}. {name}" if part.kind == "area" else str(name)
