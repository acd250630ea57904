"""The tables of the annexes: criteria, ranks over the years, criteria that do not apply, code book."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd

from parlib.report.blocks import Table, is_known, message
from parlib.report.tables.declared import Cell, Col, cell_of, in_focus, table
from parlib.report.views import View
from parlib.scoring.results import WHOLE
from parlib.tables import Record


def criteria_table(view: View, area: str) -> Table | None:
    """Points of every unit on the criteria of an area; ``None`` where the results know no criteria.

    A criterion that does not apply to a unit shows a dash. Where criteria below one do not apply to all units, its
    maximum is not one for all: that of each unit stands beside the points.
    """
    nodes = view.results.nodes
    criteria = [str(node) for node in nodes.loc[(nodes["kind"] == "criterion") & (nodes["parent"] == area), "node"]]
    scores = view.results.table
    rows = scores[(scores["stage"] == view.results.stage) & scores["node"].isin([area, *criteria])]
    if not criteria or not rows["points"].notna().any():
        return None
    shown = [area, *(code for code in criteria if rows.loc[rows["node"] == code, "points"].notna().any())]
    named = "; ".join(f"{code} {view.node_name(code)}" for code in shown[1:])
    caption = view.say("Points of the units: {name}, {year}", name=f"{area}. {view.node_name(area)}")
    columns = (Col("unit"), *(column for code in shown for column in _criterion(view, code, whole=code == area)))
    units = view.results.units[["unit"]]
    return table(view, f"points_{area}", caption, units, columns, notes=(f"{named}.",), style=in_focus)


def _criterion(view: View, code: str, whole: bool) -> Iterator[Col]:
    """The points of the units on a criterion, and their maxima where these differ."""
    apart, maximum = view.maxima_of(code), view.results.nodes.set_index("node")["maximum"].astype(float)[code]
    points, maxima = (view.results.values(code, column) for column in ("points", "maximum"))

    def reached(view: View, row: Record) -> Cell:
        if maxima.get(row.unit) == 0:
            return "–"
        return view.wording.number(points.get(row.unit), 2, view.ref(row.unit, code, "points"))

    def most(view: View, row: Record) -> Cell | None:
        if row.unit not in apart.index:
            return None
        return view.wording.number(float(apart[row.unit]), 2, view.ref(row.unit, code, "maximum"))

    def of(view: View) -> str:
        return view.say("of {maximum}", maximum=view.tick(maximum)) if is_known(maximum) and apart.empty else ""

    def head(view: View) -> str:
        return view.say("Whole {area}") if whole else code

    yield Col(code, head, "number", reached, unit=of)
    if len(apart):
        yield Col(f"{code} maximum", message("Maximum that applies"), "number", most)


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
    ranks = known.pivot(index="unit", columns="year", values="rank").astype("float64")  # noqa: PD010
    ranks = ranks.reindex([unit for unit in view.results.units["unit"] if unit in ranks.index])
    rows = ranks.add_prefix("rank_").reset_index()
    columns = (Col("unit"), *(_rank_of(year, year in broken) for year in years))
    notes = [view.say("Ranks as printed, or computed where every ranked unit is known.")]
    if broken & set(years):
        notes.append(view.say("*: the set of criteria changed; ranks on its two sides do not compare."))
    caption = view.say("Ranks by the {index}, {first}–{year}", first=years[0])
    return table(view, "rank_history", caption, rows, columns, notes=notes, style=in_focus)


def _rank_of(year: int, broken: bool) -> Col:
    """The ranks of a year; one that began a new scale bears a star."""
    at = cell_of("{row.unit}", year=year)
    return Col(str(year), lambda _: f"{year}\u00a0*" if broken else str(year), "rank", f"rank_{year}", at=at)


# --- criteria that do not apply -------------------------------------------------------------------


def exempt_matrix(view: View, rows: pd.DataFrame, effect: pd.DataFrame) -> Table | None:
    """Units (rows) by the criteria that do not apply to some of them (columns), and the maximum that remains.

    ``rows`` is the frame of ``not_applicable``, ``effect`` that of ``policy_effect``. ``None`` where all apply.
    """
    if rows.empty:
        return None
    out = set(zip(rows["unit"], rows["code"], strict=True))

    def crossed(code: str) -> Col:
        return Col(code, lambda _: code, of=lambda _, row: "×" if (row.unit, code) in out else "")

    columns = (
        Col("unit", kind="short"),
        *map(crossed, sorted(set(rows["code"]), key=_place)),
        Col("n", message("Do not apply"), of="n_not_applicable", column="not_applicable"),
        Col("maximum", message("Maximum that remains"), "points", "remains", column="maximum"),
    )
    remains = effect.assign(remains=_whole(view) - effect["maximum_not_applicable"].astype(float))
    notes = (
        view.say("×: the criterion does not apply to the unit."),
        view.say("The index is points reached over the maximum that remains."),
    )
    caption = view.say("Criteria that do not apply, by unit, {year}")
    return table(view, "exempt", caption, remains, columns, notes=notes if _rescaled(view, effect) else notes[:1])


def _whole(view: View) -> float:
    """The maximum of the whole index."""
    return float(view.results.nodes.set_index("node")["maximum"][WHOLE])


def _rescaled(view: View, effect: pd.DataFrame) -> bool:
    """Whether criteria that do not apply leave the maximum, as the results of the units show."""
    maxima = view.results.values("", "maximum").reindex(effect["unit"]).to_numpy(float)
    return bool(np.allclose(maxima, _whole(view) - effect["maximum_not_applicable"].to_numpy(float), atol=1e-9))


_MAXIMUM = cell_of(node="{row.code}", column="maximum")
EXEMPT = (
    Col("code"),
    Col("name", message("Criterion"), "node", "code"),
    Col("maximum", message("Maximum"), "points", gap=True),
    Col("n", message("Units it does not apply to"), column="not_applicable"),
)


def exempt_table(view: View, rows: pd.DataFrame) -> Table | None:
    """The criteria that do not apply to some units: their names, maxima and how many units."""
    if rows.empty:
        return None
    result = rows.groupby("code").agg(maximum=("maximum", "first"), n=("unit", "size")).reset_index()
    result = result.sort_values("code", key=lambda codes: codes.map(_place))
    return table(
        view, "exempt_criteria", view.say("The criteria that do not apply to all, {year}"), result, EXEMPT, at=_MAXIMUM
    )


def _place(code: str) -> tuple[int, ...]:
    return tuple(int(step) for step in re.findall(r"\d+", code))


# --- texts ----------------------------------------------------------------------------------------


def _concerns(view: View, row: Record) -> str:
    return view.region_names.get(str(row.subject), view.say("whole level"))


EXPLANATIONS = (
    Col("what", message("Concerns"), "text", _concerns),
    Col("text", message("Explanation"), of="explanation"),
)


def explanations_table(view: View, explanations: pd.DataFrame) -> Table | None:
    """Printed numbers of the year that do not fit each other, with the reviewed reason; ``None`` without any.

    ``explanations`` has ``year``, ``level``, ``subject``, ``explanation``.
    """
    if explanations.empty or view.results.stage != "published" or view.results.index_name != "par":
        return None
    own = explanations[(explanations["year"] == view.results.year) & (explanations["level"] == view.results.level)]
    if own.empty:
        return None
    caption = view.say("Published numbers that disagree, and why, {year}")
    return table(view, "explanations", caption, own, EXPLANATIONS, source="")


CODE_BOOK = (
    Col("code"),
    Col("name"),
    Col("maximum", message("Maximum"), "points", gap=True),
    Col("component", message("Component"), optional=True),
    Col("rule", message("How points are given"), optional=True),
    Col("item", message("Survey question"), optional=True),
)


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
    return table(
        view,
        "code_book",
        view.say("Code book: the set of criteria of {year}"),
        book,
        CODE_BOOK,
        at=_MAXIMUM,
        style=lambda _, row: "total" if "." not in str(row.code) else "",
    )
