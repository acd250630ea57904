"""The long tables of the annexes."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from parlib.report.blocks import Column, Table
from parlib.report.tables.declared import Row, finished
from parlib.report.views import View
from parlib.report.wording import is_known
from parlib.scoring.results import records


def criteria_table(view: View, area: str) -> Table | None:
    """Points of every unit on the criteria of an area; ``None`` where the results know no criteria.

    A criterion that does not apply to a unit shows a dash. Where criteria below one do not apply to all units, its
    maximum is not one for all: that of each unit stands beside the points.
    """
    nodes = view.results.nodes
    criteria = [str(node) for node in nodes.loc[(nodes["kind"] == "criterion") & (nodes["parent"] == area), "node"]]
    table = view.results.table
    rows = table[(table["stage"] == view.results.stage) & table["node"].isin([area, *criteria])]
    if not criteria or not rows["points"].notna().any():
        return None
    points, maxima = (
        rows.pivot(index="unit", columns="node", values=name).reindex(view.results.units["unit"])  # noqa: PD010
        for name in ("points", "maximum")
    )
    full = dict(zip(nodes["node"], nodes["maximum"].astype(float), strict=True))
    apart = {code: view.maxima_of(code) for code in [area, *criteria]}
    shown = [area, *(code for code in criteria if code in points and points[code].notna().any())]
    cells: list[Row] = []
    for unit in view.results.units["unit"].astype(str):
        row: Row = {"unit": view.unit(unit)}
        for code in shown:
            if maxima[code][unit] == 0:
                row[code] = "–"
            else:
                row[code] = view.wording.number(float(points[code][unit]), 2, view.ref(unit, code, "points"))
                if unit in apart[code].index:
                    ref = view.ref(unit, code, "maximum")
                    row[f"{code} maximum"] = view.wording.number(float(apart[code][unit]), 2, ref)
        cells.append(row)
    columns = [Column("unit", view.say("Unit"))]
    for code in shown:
        title = view.say("Whole {area}", area=view.area) if code == area else code
        most = view.say("of {maximum}", maximum=view.tick(full[code])) if is_known(full[code]) else ""
        columns.append(Column(code, title, "number", "" if len(apart[code]) else most))
        if len(apart[code]):
            columns.append(Column(f"{code} maximum", view.say("Maximum that applies"), "number"))
    named = "; ".join(f"{code} {view.node_name(code)}" for code in shown[1:])
    caption = view.say("Points of the units: {name}, {year}", name=f"{area}. {view.node_name(area)}")
    styles = [view.row_style(str(unit)) for unit in view.results.units["unit"]]
    return finished(view, f"points_{area}", caption, columns, cells, notes=(f"{named}.",), styles=styles)


def history_table(view: View, series: pd.DataFrame) -> Table | None:
    """Ranks by unit (rows) and year (columns) as far as known; years that began a new scale bear a star.

    ``None`` where ranks of fewer than two years are known, or of no unit of this year.
    """
    own = set(view.results.units["unit"])
    known = series[series["rank"].notna() & series["unit"].isin(own)] if len(series) else series
    years = sorted({int(year) for year in known["year"]}) if len(known) else []
    if len(years) < 2:
        return None
    broken = {int(year) for year in series.loc[series["break_mark"].astype(bool), "year"]}
    ranks = {(str(row.unit), int(row.year)): row for row in records(known)}
    units = [str(unit) for unit in view.results.units["unit"]]
    units = [unit for unit in units if any((unit, year) in ranks for year in years)]
    cells: list[Row] = []
    for unit in units:
        row: Row = {"unit": view.unit(unit)}
        for year in years:
            found = ranks.get((unit, year))
            if found is not None:
                row[str(year)] = view.rank(unit, found.rank, year=year)
        cells.append(row)
    columns = [
        Column("unit", view.say("Unit")),
        *(Column(str(year), f"{year}\u00a0*" if year in broken else str(year), "rank", decimals=0) for year in years),
    ]
    notes = [view.say("Ranks as printed, or computed where every ranked unit is known.")]
    if broken & set(years):
        notes.append(view.say("*: the set of criteria changed; ranks on its two sides do not compare."))
    styles = [view.row_style(unit) for unit in units]
    caption = view.say("Ranks by the {index}, {first}–{year}", first=years[0])
    return finished(view, "rank_history", caption, columns, cells, notes=notes, styles=styles)


# --- criteria that do not apply -------------------------------------------------------------------


def exempt_matrix(view: View, rows: pd.DataFrame, effect: pd.DataFrame) -> Table | None:
    """Units (rows) by the criteria that do not apply to some of them (columns), and the maximum that remains.

    ``rows`` is the frame of ``not_applicable``, ``effect`` that of ``policy_effect``. ``None`` where all apply.
    """
    if rows.empty:
        return None
    codes = sorted(set(rows["code"]), key=_place)
    out = set(zip(rows["unit"], rows["code"], strict=True))
    whole = float(view.results.nodes.set_index("node")["maximum"][""])
    cells: list[Row] = []
    for row in records(effect):
        unit = str(row.unit)
        ref = view.ref(unit, column="maximum")
        remaining = whole - float(row.maximum_not_applicable)
        cells.append(
            {
                "unit": view.unit(unit, short=True),
                **{code: "×" if (unit, code) in out else "" for code in codes},
                "n": view.wording.count(int(row.n_not_applicable), view.ref(unit, column="not_applicable")),
                "maximum": view.wording.number(remaining, 2, ref),
            }
        )
    columns = [
        Column("unit", view.say("Unit")),
        *(Column(code, code) for code in codes),
        Column("n", view.say("Do not apply"), "integer", decimals=0),
        Column("maximum", view.say("Maximum that remains"), "number", view.say("points")),
    ]
    notes = (
        view.say("×: the criterion does not apply to the unit."),
        view.say("The index is points reached over the maximum that remains."),
    )
    caption = view.say("Criteria that do not apply, by unit, {year}")
    return finished(view, "exempt", caption, columns, cells, notes=notes if _rescaled(view, effect) else notes[:1])


def _rescaled(view: View, effect: pd.DataFrame) -> bool:
    """Whether criteria that do not apply leave the maximum, as the results of the units show."""
    maxima = view.results.values("", "maximum").reindex(effect["unit"]).to_numpy(float)
    whole = float(view.results.nodes.set_index("node")["maximum"][""])
    return bool(np.allclose(maxima, whole - effect["maximum_not_applicable"].to_numpy(float), atol=1e-9))


def exempt_table(view: View, rows: pd.DataFrame) -> Table | None:
    """The criteria that do not apply to some units: their names, maxima and how many units."""
    if rows.empty:
        return None
    cells: list[Row] = []
    for code in sorted(set(rows["code"]), key=_place):
        some = rows[rows["code"] == code]
        ref = view.ref(node=code, column="maximum")
        cells.append(
            {
                "code": code,
                "name": view.node_name(code),
                "maximum": view.wording.number(float(some["maximum"].iloc[0]), 2, ref),
                "n": view.wording.count(len(some), view.ref(node=code, column="not_applicable")),
            }
        )
    columns = [
        Column("code", view.say("Code")),
        Column("name", view.say("Criterion")),
        Column("maximum", view.say("Maximum"), "number", view.say("points")),
        Column("n", view.say("Units it does not apply to"), "integer", decimals=0),
    ]
    return finished(view, "exempt_criteria", view.say("The criteria that do not apply to all, {year}"), columns, cells)


def _place(code: str) -> tuple[int, ...]:
    return tuple(int(step) for step in re.findall(r"\d+", code))


# --- texts ----------------------------------------------------------------------------------------


def explanations_table(view: View, explanations: pd.DataFrame) -> Table | None:
    """Printed numbers of the year that do not fit each other, with the reviewed reason; ``None`` without any.

    ``explanations`` has ``year``, ``level``, ``subject``, ``explanation``.
    """
    if explanations.empty or view.results.stage != "published" or view.results.index_name != "par":
        return None
    own = explanations[(explanations["year"] == view.results.year) & (explanations["level"] == view.results.level)]
    if own.empty:
        return None
    rows: list[Row] = [
        {"what": view.region_names.get(str(row.subject), view.say("whole level")), "text": str(row.explanation)}
        for row in records(own)
    ]
    columns = [Column("what", view.say("Concerns")), Column("text", view.say("Explanation"))]
    caption = view.say("Published numbers that disagree, and why, {year}")
    return finished(view, "explanations", caption, columns, rows, source="")


def code_book_table(view: View, book: pd.DataFrame) -> Table | None:
    """Every area, criterion and sub-criterion: code, name, maximum, component, rule in words, survey item.

    ``book`` is the code book of a round; where there is none the nodes of the results tell code, name and maximum.
    ``None`` where they know no criteria either.
    """
    if book.empty:
        nodes = view.results.nodes[view.results.nodes["kind"].isin(["area", "criterion", "subcriterion"])]
        if not (nodes["kind"] == "criterion").any():
            return None
        names = [view.node_name(str(node)) for node in nodes["node"]]
        book = pd.DataFrame({"code": nodes["node"].to_numpy(), "name": names, "maximum": nodes["maximum"].to_numpy()})
        book = book.assign(component="", rule="", item="")
    rows: list[Row] = []
    for node in records(book):
        code = str(node.code)
        maximum = view.wording.number(float(node.maximum), 2, view.ref(node=code, column="maximum"))
        row: Row = {"code": code, "name": str(node.name), "maximum": maximum}
        row |= {name: str(getattr(node, name)) for name in ("component", "rule", "item")}
        rows.append(row)
    columns = [
        Column("code", view.say("Code")),
        Column("name", view.say("Name")),
        Column("maximum", view.say("Maximum"), "number", view.say("points")),
        Column("component", view.say("Component")),
        Column("rule", view.say("How points are given")),
        Column("item", view.say("Survey question")),
    ]
    columns = [column for column in columns if any(row[column.key] for row in rows)]
    styles = ["total" if "." not in str(code) else "" for code in book["code"]]
    caption = view.say("Code book: the set of criteria of {year}")
    return finished(view, "code_book", caption, columns, rows, styles=styles)
