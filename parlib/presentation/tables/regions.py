"""The regions of the provinces."""

from __future__ import annotations

import pandas as pd

from parlib.presentation.blocks import Column, Note, Table
from parlib.presentation.tables.finish import Row, finished
from parlib.presentation.views import View, records
from parlib.presentation.wording import is_known


def regions_table(view: View, regions: pd.DataFrame) -> Table | Note:
    """Mean, change, lowest and highest of every region, with how many of its provinces are known.

    ``regions`` is the frame of ``regions`` (region, n, n_known, mean, change, minimum, maximum, basis).
    """
    if regions.empty or not ((regions["n_known"] > 0) | regions["mean"].notna()).any():
        return view.missing("Nothing is known of the regions in {year}.")
    unit, decimals = view.unit_of_value, view.measure.decimals
    columns = [
        Column("region", view.say("Region")),
        Column("n", view.say("Provinces"), "integer", decimals=0),
        Column("known", view.say("Known"), "integer", decimals=0),
        Column("mean", view.say("Mean"), "number", unit, decimals),
        Column("change", view.say("Change"), "change", view.unit_of_change, decimals),
        Column("minimum", view.say("Lowest"), "number", unit, decimals),
        Column("maximum", view.say("Highest"), "number", unit, decimals),
    ]
    sparse = {name for name in ("change", "minimum", "maximum") if regions[name].isna().all()}
    columns = [column for column in columns if column.key not in sparse]
    cells = []
    for row in records(regions):
        ref = view.ref(f"region:{row.region}")
        found: Row = {
            "region": view.region_names[str(row.region)],
            "n": view.wording.count(int(row.n), ref),
            "known": view.wording.count(int(row.n_known), ref),
        }
        if is_known(row.mean):
            made = "printed" if row.basis == "printed" else "mean"
            found["mean"] = view.number(row.mean, ref, made=made, mark=view.footnote(row.basis))
        if is_known(row.change):
            found["change"] = view.change(row.change, ref, view.ref(ref.unit, year=view.results.year - 1))
        for name in ("minimum", "maximum"):
            value = getattr(row, name)
            if is_known(value):
                found[name] = view.number(value, ref, made=name)
        cells.append(found)
    notes = [view.say("Means as published.")] if "printed" in set(regions["basis"]) else []
    for region, other in zip(regions["region"], regions.get("conflict", []), strict=False):
        if other:
            name = view.region_names[str(region)]
            notes.append(view.say("{region}: also published as {other}.", region=name, other=view.decimal_sign(other)))
    caption = view.say("The {index} by region, {year}")
    return finished(view, "regions", caption, columns, cells, notes=notes, bases=list(regions["basis"]))
