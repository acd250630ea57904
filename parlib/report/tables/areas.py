"""The areas and the regions of an index: their ends and means, every unit in every area, the criteria of an area."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd

from parlib.report.blocks import MINUS, Note, Table, capital, is_known, message
from parlib.report.columns import COLUMNS
from parlib.report.tables.declared import (
    HIGHEST,
    INDEX,
    LOWEST,
    Cell,
    Col,
    cell_of,
    ends,
    in_focus,
    of_node,
    points_of_node,
    table,
)
from parlib.report.tables.ranking import in_order
from parlib.report.views import View
from parlib.scoring.results import WHOLE
from parlib.tables import Record

AREAS = (
    Col("area", lambda view: capital(view.area), "node", "node"),
    Col("n", message("Units known"), of="n_known", column="known"),
    Col("mean", made="mean", basis="mean_basis"),
    *ends(of_node, ("best", "worst"), optional=False),
)


def areas_table(view: View, areas: pd.DataFrame) -> Table | Note:
    """Best and worst known unit and the mean in each area.

    ``areas`` is the frame of ``best_and_worst``; areas of which nothing is known are left out. A unit is named only
    where it is settled that it is the best or the worst.
    """
    rows = areas[areas["node"] != WHOLE]
    rows = rows[(rows["n_known"] > 0) | rows[["mean", "best", "worst"]].notna().any(axis=1)]
    if rows.empty:
        return view.missing("No value of any {area} is known for {year}.")
    rule = view.say("A unit is named only where the known data settles that it is the highest or the lowest.")
    notes = () if rows["settled"].astype(bool).all() else (rule,)
    caption = view.say("Highest, lowest and mean by {area}, {year}")
    return table(view, "areas", caption, rows, AREAS, at=of_node, notes=notes, bases=["mean_basis"])


def _in_area(view: View, area: str) -> Col:
    """The value of the units in an area."""
    values = view.values(area)

    def cell(_: View, row: Record) -> Cell | None:
        result = values[row.unit]
        return view.wording.number(result, view.decimals, view.ref(row.unit, area)) if is_known(result) else None

    return Col(area, lambda view: view.node_name(area), "printed", cell)


def units_by_area_table(view: View, ranking: pd.DataFrame) -> Table | Note:
    """Every unit of which at least one area is known, in order of rank, with its value in each area."""
    areas = [area for area in view.nodes("area") if view.values(area).notna().any()]
    known = pd.DataFrame({area: view.values(area).notna() for area in areas}).any(axis=1)
    rows = in_order(view, ranking)
    rows = rows[rows["unit"].map(known).fillna(False).astype(bool)] if areas else rows.iloc[:0]
    if rows.empty:
        return view.missing("No value of any {area} is known for {year}.")
    columns = (
        Col("rank", basis="rank_basis"),
        Col("unit"),
        *(_in_area(view, area) for area in areas),
        Col("index", unit="", basis="basis"),
    )
    caption = view.say(
        "{units} by {area} of the {index}, {year} ({unit})", units=capital(view.units), unit=view.unit_of_value
    )
    bases = ["basis", "rank_basis"]
    return table(view, "units-by-area", caption, rows, columns, style=in_focus, bases=bases)


def area_ranks_table(view: View, ranking: pd.DataFrame) -> Table | None:
    """The published ranks of units in the areas; ``None`` where none was published."""
    ranks = view.results.node_ranks
    areas = [area for area in view.nodes("area") if (ranks["node"] == area).any()]
    if not areas:
        return None
    result = ranks.set_index(["unit", "node"])["rank"]

    def in_area(area: str) -> Col:
        def cell(view: View, row: Record) -> Cell | None:
            if (row.unit, area) not in result.index:
                return None
            return view.wording.number(float(result[row.unit, area]), 0, view.ref(row.unit, area, "rank"), made="rank")

        return Col(area, lambda view: view.node_name(area), "rank", cell)

    columns = (
        Col("unit"),
        *map(in_area, areas),
        Col("rank", lambda view: view.index, basis="rank_basis"),
    )
    rows = in_order(view, ranking[ranking["unit"].isin(ranks["unit"])])
    caption = view.say("Published ranks by {area}, {year}")
    return table(view, "area-ranks", caption, rows, columns, style=in_focus, bases=["rank_basis"])


FIRST, LAST = "first", "last"


def ends_table(view: View, current: pd.DataFrame, node: str, most: int = 5) -> Table | None:
    """The first and the last ``most`` units with rank and value; ``None`` where no such rank is known.

    ``current`` has ``unit``, ``ranked``, ``index``, ``rank``, ``basis`` and ``rank_basis``. Ranks are those published,
    or computed from all values: of a year that is partly known only the units that surely stand there are listed.
    """
    total = view.results.n_ranked
    if current.empty or total is None or total < 4:
        return None
    known = current[current["ranked"].astype(bool) & current["rank"].notna()]
    number = min(most, total // 2)
    rows = known.iloc[np.argsort(known["rank"].to_numpy(float), kind="stable")]
    first, last = rows[rows["rank"] <= number], rows[rows["rank"] > total - number]
    if first.empty and last.empty:
        return None
    sides = [(side, head, some) for side, head, some in ((FIRST, HIGHEST, first), (LAST, LOWEST, last)) if len(some)]
    whole = len(first) >= number and len(last) >= number
    notes = () if whole else (view.say("Only units are listed of which it is known that they stand there."),)
    return table(
        view,
        f"ends_{node}" if node else "ends",
        view.say("Highest and lowest: {subject}, {year}", subject=view.node_name(node) if node else view.index),
        pd.concat([some.reset_index(drop=True).add_prefix(f"{side}_") for side, _, some in sides], axis=1),
        [column for side, head, _ in sides for column in _side(side, head, node)],
        notes=notes,
        bases=[f"{side}_{basis}" for basis in ("basis", "rank_basis") for side, _, _ in sides],
        source=None if node else "",  # of the whole index: that of the picture above it
        sortable=False,
    )


def _side(side: str, head: str, node: str) -> Iterator[Col]:
    """Rank, name and value of the units at one end; empty cells below the last of them."""

    at = cell_of(f"{{row.{side}_unit}}", node)
    columns = (
        Col("rank", of=f"{side}_rank", basis=f"{side}_rank_basis"),
        Col("unit", of=f"{side}_unit"),
        Col("value", of=f"{side}_index", basis=f"{side}_basis"),
    )
    for column in columns:

        def cell(view: View, row: Record, column: Col = column) -> Cell | None:
            return column.cell(view, row, at) if isinstance(getattr(row, f"{side}_unit"), str) else ""

        entry = COLUMNS[column.key]
        yield Col(f"{side}_{column.key}", entry.head or entry.words, entry.kind, cell, group=head)


def known_table(view: View, current: pd.DataFrame, node: str) -> Table | None:
    """The units of which a value or a rank in an area is known, where not all are; ``None`` where none is."""
    if current.empty:
        return None
    rows = current[current["index"].notna() | current["rank"].notna()]
    if rows.empty:
        return None
    caption = view.say("{subject}: the units that are known, {year}", subject=view.node_name(node))
    columns = (
        Col("unit"),
        Col("rank", optional=True),
        Col("value", of="index", basis="basis", optional=True),
        Col("change", less=cell_of("{row.unit}", node, before=True), optional=True),
    )

    at = cell_of("{row.unit}", node)
    return table(view, f"known_{node}", caption, best_known_first(rows), columns, at=at, bases=["basis"])


def best_known_first(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows by rank, those without one after the others by value."""
    value = -rows["index"].fillna(-np.inf).to_numpy(float)
    place = rows["rank"].astype("Float64").to_numpy(float, na_value=np.inf)
    return rows.iloc[np.lexsort((value, place))]


CRITERIA = (
    Col("name", message("Criterion"), "coded", "node"),
    Col("maximum", message("Maximum"), "points", column="maximum", gap=True),
    Col("index", message("Mean of the index"), "percent", "mean_index", "mean", "index", gap=True),
    Col("lost", of="mean_lost", made="mean_lost", gap=True),
    Col("full", of="n_full", column="full"),
    Col("losing", of="n_losing", column="losing"),
)


def criteria_table(view: View, area: str, nodes: pd.DataFrame, whole: bool = True) -> Table:
    """The criteria of an area: maximum, mean, points lost, units with all points, units that lost any; ``whole``: with
    what is below them. ``nodes`` is the frame of ``diagnosis.overview``."""
    inside = nodes[nodes["node"].str.startswith(f"{area}.")]
    if not whole:
        inside = inside[inside["kind"] == "criterion"]
    order = {node: place for place, node in enumerate(view.results.nodes["node"])}
    inside = inside.assign(
        maximum=inside["node"].map(view.results.nodes.set_index("node")["maximum"]),
        has_parts=[bool(inside["node"].str.startswith(f"{node}.").any()) for node in inside["node"]],
    )
    of_what_applies = view.say(
        "Maxima are those of the set of criteria; the mean index and points lost are of what applies to each unit."
    )
    return table(
        view,
        f"all_criteria_{area}" if whole else f"criteria_{area}",
        view.say("Criteria and sub-criteria of {area}, {year}", area=view.node_name(area))
        if whole
        else view.say("Criteria of {area}, {year}", area=view.node_name(area)),
        inside.sort_values("node", key=lambda column: column.map(order), kind="stable"),
        CRITERIA,
        at=points_of_node,
        notes=(of_what_applies,) if len(view.maxima_of(area)) else (),
        style=lambda _, row: "highlight" if whole and row.kind == "criterion" and row.has_parts else "",
    )


_POINTS_BEFORE = cell_of(node="{row.node}", column="points", before=True)
PARTS = (
    Col("name", message("Part"), "coded", "node"),
    Col("mean", kind="points", made="mean", decimals=INDEX),
    Col("change", kind="gain", made="difference", less=_POINTS_BEFORE, decimals=INDEX, optional=True),
    *ends(points_of_node, ("best", "worst"), "points", short=True),
)


def parts_of_area_table(view: View, area: str, parts: pd.DataFrame) -> Table | None:
    """The parts of an area in points: mean, its change, highest and lowest unit; ``None`` where nothing is known.

    ``parts`` is the frame ``parts`` of ``areas.by_area``.
    """
    rows = parts[parts["mean"].notna()] if not parts.empty else parts
    if rows.empty:
        return None
    caption = view.say("Parts of {area}, {year}", area=view.node_name(area))
    return table(view, f"criteria_{area}", caption, rows, PARTS, at=points_of_node)


def _group_name(view: View, row: Record) -> str:
    return {"cities": view.say("Central cities"), "others": view.say("Other provinces")}[str(row.group)]


_OF_REGION, _OF_GROUP = "region:{row.region}", "group:{row.group}"


def _of_groups(first: Col, group: str, basis: str) -> tuple[Col, ...]:
    """The columns of a table of groups of provinces; what is known of no group is left out."""
    return (
        first,
        Col("n", message("Provinces"), column="units"),
        Col("known", message("Known"), "count", "n_known", column="known"),
        Col("mean", made="mean", basis=basis),
        Col("change", less=cell_of(group, before=True), optional=True),
        *ends(cell_of(group), ("maximum", "minimum"), short=True),
    )


REGIONS = _of_groups(
    Col("region", message("Region"), of=lambda view, row: view.region_names[str(row.region)]), _OF_REGION, "basis"
)
CITIES = _of_groups(Col("group", message("Group of provinces"), of=_group_name), _OF_GROUP, "")


_COUNTED = ("region", "n", "known")


def regions_table(view: View, regions: pd.DataFrame) -> Table | Note | None:
    """Mean, change, lowest and highest of every region, with how many of its provinces are known; what is known of
    less than half of the regions is left out, and the table where nothing is left to show.

    ``regions`` is the frame of ``regions`` (region, n, n_known, mean, change, minimum, maximum, basis).
    """
    if regions.empty or not ((regions["n_known"] > 0) | regions["mean"].notna()).any():
        return view.missing("Nothing is known of the regions in {year}.")
    notes = [view.say("Means as published.")] if "printed" in set(regions["basis"]) else []
    others = zip(regions["region"], regions.get("conflict", []), strict=False)
    listed = [f"{view.region_names[str(region)]} {view.decimal_sign(other)}" for region, other in others if other]
    if listed:
        notes.append(
            view.say("Also published: {list}. In brackets: the code in the list of sources.", list="; ".join(listed))
        )
    caption = view.say("The {index} by region, {year}")
    block = table(
        view,
        "regions",
        caption,
        regions,
        REGIONS,
        at=cell_of(_OF_REGION),
        notes=notes,
        bases=["basis"],
        always=_COUNTED,
    )
    return block if len(block.columns) > len(_COUNTED) else None


def cities_table(view: View, cities: pd.DataFrame) -> Table | None:
    """The central cities against the other provinces; ``None`` where the mean of neither is known.

    ``cities`` is the frame of ``peers.cities``.
    """
    if cities.empty or cities["mean"].isna().all():
        return None
    caption = view.say("Central cities and other provinces, {index} {year}")
    return table(view, "cities", caption, cities, CITIES, at=cell_of(_OF_GROUP))


# --- grounds --------------------------------------------------------------------------------------
# What the numbers rest on: the sources, and the assumptions.


def assumptions_table(view: View) -> Table:
    """The decision behind the year, the marks of the results, and how many numbers rest on what."""
    rows: list[tuple[str, str]] = []

    def say(what: str, text: str) -> None:
        rows.append((what, text))

    kind = view.say("Set of criteria") if view.results.index_name == "par" else view.say("Method")
    say(kind, view.results.decision or view.say("not known"))
    if view.results.break_before:
        say(view.say("Comparison with {before}"), view.say("not on the same scale: read changes with care"))
    for mark in view.marks:
        say(view.say("Mark"), mark)
    for basis, n in _bases(view).items():
        say(view.wording.say(BASES[basis]), view.say("{n} values", n=view.wording.count(n)))
    say(view.say("Rounding"), view.say("half up, from values not rounded before; ranks are made before rounding"))
    frame = pd.DataFrame(rows, columns=["what", "text"])
    columns = (Col("what", message("Ground"), "text"), Col("text", message("Meaning")))
    return table(view, "grounds", view.say("What the numbers of {year} rest on"), frame, columns)


def _bases(view: View) -> dict[str, int]:
    """How many values of units and nodes rest on each basis, in the order of ``BASES``."""
    counts = view.results.bases["basis"].value_counts()
    return {basis: int(counts[basis]) for basis in BASES if basis in counts.index}


#: What a number rests on, in words.
BASES = {
    "published": message("Published"),
    "printed": message("Published"),
    "computed": message("Computed from published parts"),
    "derived": message("Derived by arithmetic from published numbers"),
    "rounded": message("Published as a rounded number"),
    "secondary": message("From a third-party data set"),
}


def _page(_: View, row: Record) -> str:
    about = ", ".join(filter(None, (str(row.evidence), str(row.date))))
    page = f"{row.title} ({about})" if about else str(row.title)
    return (f"{page}: {row.used_for}. {row.url}" if row.used_for else f"{page}. {row.url}").rstrip()


SOURCES = (Col("source_id", message("Code")), Col("page", message("Page and what it is used for"), of=_page))


def sources_table(view: View, sources: pd.DataFrame) -> Table | Note:
    """The pages that the numbers were read on, a row each: ``source_id``, ``title``, ``evidence``, ``date``,
    ``used_for``, ``url``. All but the code is one cell, which the address ends: in columns of their own long titles
    and addresses would take five lines of paper for two."""
    if sources.empty:
        return view.missing("No page is recorded for the numbers of {year}.")
    caption = view.say("Pages the numbers were read on")
    return table(view, "sources", caption, sources.fillna(""), SOURCES, source="")


CONFLICTS = (
    Col("what", message("Figure"), of=lambda view, row: capital(_conflict(view, row.unit, row.what))),
    Col("kept", message("Kept"), of=lambda view, row: _said(view, row.kept)),
    Col("other", message("Also published"), of=lambda view, row: _said(view, row.other)),
    Col("other_source_ids", message("Where"), of=lambda _, row: row.other_source_ids.replace(";", ", ")),
)


def conflicts_table(view: View, conflicts: pd.DataFrame) -> Table | None:
    """Where sources disagree: what was kept and what was also printed. ``None`` where they agree.

    ``conflicts`` has ``unit``, ``what``, ``kept``, ``kept_source_ids``, ``other``, ``other_source_ids``.
    """
    if conflicts.empty:
        return None
    caption = view.say("Numbers on which sources disagree, {year}")
    return table(view, "conflicts", caption, conflicts.fillna("").astype(str), CONFLICTS, source="")


def _conflict(view: View, unit: str, what: str) -> str:
    """What a disagreement is about, in words."""
    head, _, region = what.rpartition(" ")
    if head == "mean of the region":
        return view.say("mean of {region}", region=view.region_names.get(region, region))
    number = re.search(r"\d+(?:\.\d+)?", what)
    key = what.replace(number[0], "{number}") if number else what
    value = {"number": view.decimal_sign(number[0])} if number else {}
    words = view.wording.say(_WHAT[key], **value) if key in _WHAT else what
    return f"{view.unit(unit)}: {words}" if unit else words


def _said(view: View, text: str) -> str:
    """What a source says, as it is noted in the data: numbers and a few words, which are translated one by one."""
    words = "|".join(rf"\b{word}\b" for word in sorted(_NOTED, key=len, reverse=True))
    sentence = re.sub(words, lambda result: view.wording.say(_NOTED[result[0]]), text)
    return view.decimal_sign(re.sub(r"(?<!\w)-(?=\d)", MINUS, sentence))


_NOTED = {
    "none": message("no value"),
    "up": message("up"),
    "down": message("down"),
    "to": message("to"),
    "and": message("and"),
    "last": message("last"),
    "group": message("group"),
    "provinces": message("provinces"),
    "band": message("band"),
    "less": message("less"),
    "percent": message("percent"),
    "parts add to": message("parts add to"),
    "total": message("total"),
    "sum": message("sum"),
    "maximum": message("maximum"),
    "nearly": message("nearly"),
    "sum of the areas": message("sum of the areas"),
    "sums of the seven areas": message("sums of the areas"),
    "read as ranks": message("read as ranks"),
    "printed as points": message("printed as points"),
    "not among the first six": message("not among the first six"),
    "is the top of the range of policy satisfaction": message("is the top of the range of policy satisfaction"),
}

_WHAT = {
    "index": message("index"),
    "rank": message("rank"),
    "value": message("value"),
    "last places": message("last places"),
    "last place": message("last place"),
    "second place": message("second place"),
    "third place": message("third place"),
    "appraised points": message("appraised points"),
    "change": message("change of the index"),
    "change of the index": message("change of the index"),
    "change of the mean": message("change of the mean"),
    "rises and falls of the index": message("rises and falls of the index"),
    "sum of the eight areas": message("sum of the areas"),
    "ranks of Lâm Đồng, Gia Lai, Đắk Nông, Kon Tum": message("ranks of Lâm Đồng, Gia Lai, Đắk Nông, Kon Tum"),
    "change of the national mean since {number}": message("change of the national mean since {number}"),
    "number of provinces over {number}": message("number of provinces over {number}"),
    "year of the minimum {number}": message("year of the minimum {number}"),
}
