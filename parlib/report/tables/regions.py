"""The regions of the provinces, and the central cities against the others."""

from __future__ import annotations

import pandas as pd

from parlib.report.blocks import Note, Ref, Table
from parlib.report.tables.declared import At, Col, ends, table
from parlib.report.views import View
from parlib.report.wording import message
from parlib.scoring.results import Record


def _of_region(view: View, row: Record) -> Ref:
    return view.ref(f"region:{row.region}")


def _of_group(view: View, row: Record) -> Ref:
    return view.ref(f"group:{row.group}")


def _group_name(view: View, row: Record) -> str:
    return {"cities": view.say("Central cities"), "others": view.say("Other provinces")}[str(row.group)]


def _columns(first: Col, at: At, basis: str) -> tuple[Col, ...]:
    """The columns of a table of groups of provinces; what is known of no group is left out."""

    def before(view: View, row: Record) -> Ref:
        return view.ref(at(view, row).unit, year=view.results.year - 1)

    return (
        first,
        Col("n", message("Provinces"), column="units"),
        Col("known", message("Known"), "count", "n_known", column="known"),
        Col("mean", made="mean", basis=basis),
        Col("change", less=before, optional=True),
        *ends(at, ("maximum", "minimum"), short=True),
    )


REGIONS = _columns(
    Col("region", message("Region"), of=lambda view, row: view.region_names[str(row.region)]), _of_region, "basis"
)
CITIES = _columns(Col("group", message("Group of provinces"), of=_group_name), _of_group, "")


def regions_table(view: View, regions: pd.DataFrame) -> Table | Note:
    """Mean, change, lowest and highest of every region, with how many of its provinces are known.

    ``regions`` is the frame of ``regions`` (region, n, n_known, mean, change, minimum, maximum, basis).
    """
    if regions.empty or not ((regions["n_known"] > 0) | regions["mean"].notna()).any():
        return view.missing("Nothing is known of the regions in {year}.")
    notes = [view.say("Means as published.")] if "printed" in set(regions["basis"]) else []
    for region, other in zip(regions["region"], regions.get("conflict", []), strict=False):
        if other:
            name = view.region_names[str(region)]
            notes.append(view.say("{region}: also published as {other}.", region=name, other=view.decimal_sign(other)))
    caption = view.say("The {index} by region, {year}")
    return table(view, "regions", caption, regions, REGIONS, at=_of_region, notes=notes, bases=["basis"])


def cities_table(view: View, cities: pd.DataFrame) -> Table | None:
    """The central cities against the other provinces; ``None`` where the mean of neither is known.

    ``cities`` is the frame of ``peers.cities``.
    """
    if cities.empty or cities["mean"].isna().all():
        return None
    caption = view.say("Central cities and other provinces, {index} {year}")
    return table(view, "cities", caption, cities, CITIES, at=_of_group)
