"""The regions of the provinces."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from parlib.report.blocks import Column, Note, Ref, Table
from parlib.report.tables.finish import Row, finished
from parlib.report.views import View
from parlib.report.wording import is_known
from parlib.scoring.results import records


def regions_table(view: View, regions: pd.DataFrame) -> Table | Note:
    """Mean, change, lowest and highest of every region, with how many of its provinces are known.

    ``regions`` is the frame of ``regions`` (region, n, n_known, mean, change, minimum, maximum, basis).
    """
    if regions.empty or not ((regions["n_known"] > 0) | regions["mean"].notna()).any():
        return view.missing("Nothing is known of the regions in {year}.")
    columns = _columns(view, regions, Column("region", view.say("Region")))
    cells = []
    for row in records(regions):
        ref = view.ref(f"region:{row.region}")
        found: Row = {
            "region": view.region_names[str(row.region)],
            "n": view.wording.count(int(row.n), replace(ref, column="units")),
            "known": view.wording.count(int(row.n_known), replace(ref, column="known")),
        }
        if is_known(row.mean):
            made = "printed" if row.basis == "printed" else "mean"
            found["mean"] = view.number(row.mean, ref, made=made, mark=view.footnote(row.basis))
        if is_known(row.change):
            found["change"] = view.change(row.change, ref, view.ref(ref.unit, year=view.results.year - 1))
        cells.append(found | _ends(view, row, ref))
    notes = [view.say("Means as published.")] if "printed" in set(regions["basis"]) else []
    for region, other in zip(regions["region"], regions.get("conflict", []), strict=False):
        if other:
            name = view.region_names[str(region)]
            notes.append(view.say("{region}: also published as {other}.", region=name, other=view.decimal_sign(other)))
    caption = view.say("The {index} by region, {year}")
    return finished(view, "regions", caption, columns, cells, notes=notes, bases=list(regions["basis"]))


def cities_table(view: View, cities: pd.DataFrame) -> Table | None:
    """The central cities against the other provinces; ``None`` where the mean of neither is known.

    ``cities`` is the frame of ``peers.cities``.
    """
    if cities.empty or cities["mean"].isna().all():
        return None
    names = {"cities": view.say("Central cities"), "others": view.say("Other provinces")}
    columns = _columns(view, cities, Column("group", view.say("Group of provinces")))
    cells: list[Row] = []
    for row in records(cities):
        ref = view.ref(f"group:{row.group}")
        found: Row = {
            "group": names[str(row.group)],
            "n": view.wording.count(int(row.n), replace(ref, column="units")),
            "known": view.wording.count(int(row.n_known), replace(ref, column="known")),
        }
        if is_known(row.mean):
            found["mean"] = view.number(row.mean, ref, made="mean")
        if is_known(row.change):
            found["change"] = view.change(row.change, ref, view.ref(ref.unit, year=view.results.year - 1))
        cells.append(found | _ends(view, row, ref))
    caption = view.say("Central cities and other provinces, {index} {year}")
    return finished(view, "cities", caption, columns, cells)


def _columns(view: View, frame: pd.DataFrame, first: Column) -> list[Column]:
    """The columns of a table of groups of provinces; what is known of no group is left out."""
    unit, decimals = view.unit_of_value, view.measure.decimals
    highest, lowest = view.say("Highest"), view.say("Lowest")
    columns = [
        first,
        Column("n", view.say("Provinces"), "integer", decimals=0),
        Column("known", view.say("Known"), "integer", decimals=0),
        Column("mean", view.say("Mean"), "number", unit, decimals),
        Column("change", view.say("Change"), "change", view.unit_of_change, decimals),
        Column("maximum_unit", view.say("Unit"), group=highest),
        Column("maximum", view.say("Value"), "number", unit, decimals, highest),
        Column("minimum_unit", view.say("Unit"), group=lowest),
        Column("minimum", view.say("Value"), "number", unit, decimals, lowest),
    ]
    sparse = {name for name in ("change", "minimum", "maximum") if frame[name].isna().all()}
    sparse |= {f"{name}_unit" for name in sparse}
    return [column for column in columns if column.key not in sparse]


def _ends(view: View, row: Any, ref: Ref) -> Row:
    """The highest and the lowest province of a group with their values."""
    found: Row = {}
    for name in ("maximum", "minimum"):
        value, unit, units = (getattr(row, key) for key in (name, f"{name}_unit", f"{name}_units"))
        if is_known(value):
            found[name] = view.value(unit, value) if unit else view.number(value, ref, made=name)
            found[f"{name}_unit"] = view.holders(units, ref, best=name == "maximum", short=True)
    return found
