"""One page for each area, all on one pattern: key figures, spread, first and last, criteria, who moved.

An area of which only a few values are known gets a few lines; areas of which nothing is known share one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from parlib.analysis.areas import AreaFacts
from parlib.report import charts
from parlib.report.blocks import Block, Figure, Heading, Note, Paragraph, Sequel, sequel
from parlib.report.result import above_tile, end_tiles, mean_tile, tiles
from parlib.report.statistic_words import known_statistic
from parlib.report.tables.criteria import criteria_table, parts_of_area_table
from parlib.report.tables.ends import best_known_first, ends_table, known_table
from parlib.report.views import View
from parlib.report.wording import Part, Parts, direction, is_known
from parlib.scoring.results import Record, records

MOVERS = 3  # how many rises and falls are named
WEAKEST = 3  # how many criteria
FEW = 6  # up to so many known units are told in a sentence


def area_pages(view: View, facts: Iterable[AreaFacts], areas: pd.DataFrame, nodes: pd.DataFrame) -> Sequel:
    """A page for each area; empty for an index without areas.

    ``facts`` are those of ``analysis.areas.by_area``, ``areas`` the frame of ``best_and_worst``, ``nodes`` that of
    ``diagnosis.overview`` (empty without a round).
    """
    if not view.has("areas"):
        return Sequel(())
    pages: list[Sequel] = []
    unknown: list[str] = []
    ends = {str(row["node"]): row for _, row in areas.iterrows()}
    for fact in facts:
        area = str(fact.node)
        page = _page(view, fact, ends[area], nodes) if fact.known else ()
        if not page:
            unknown.append(area)
            continue
        # a few lines do not need a sheet of paper of their own
        heading = Heading(f"{area}. {view.node_name(area)}", 2, f"area-{area}", new_page=fact.complete)
        pages.append(sequel(heading, page))
    if not pages:
        return Sequel(())
    return sequel(pages, _unknown(view, unknown))


def _page(view: View, fact: AreaFacts, ends: pd.Series, nodes: pd.DataFrame) -> tuple[Block, ...]:
    area, standing = str(fact.node), fact.standing
    if not fact.complete:
        return sequel(_few(view, fact), _known(view, standing, area)).blocks
    mean = known_statistic(view, fact.statistics, "mean", area)
    figures = [
        mean_tile(view, fact.statistics, area),
        *end_tiles(view, ends, area),
        above_tile(view, fact.statistics, area),
    ]
    caption = view.say("Key figures of {area}, {year}", area=view.node_name(area))
    strip = charts.strip(view, standing, mean, area)
    own = nodes[nodes["node"].str.startswith(f"{area}.")] if not nodes.empty else nodes
    return sequel(
        tiles(figures, caption, f"area_{area}"),
        strip if isinstance(strip, Figure) else None,
        _scored(view, area, nodes),
        _achieved(view, area, own),
        _movers(view, fact),
        ends_table(view, standing, area),
        criteria_table(view, area, nodes) if len(own) else parts_of_area_table(view, area, fact.parts),
    ).blocks


def _few(view: View, fact: AreaFacts) -> Paragraph | None:
    """What is printed of an area of which not all values are known: its mean, the units above it."""
    area = str(fact.node)
    mean = known_statistic(view, fact.statistics, "mean", area)
    if mean is None:
        return None
    parts: Parts = view.phrase("Mean of the {area}: {mean}.", area=view.area, mean=view.amount(mean))
    above = known_statistic(view, fact.statistics, "n_above_mean", area)
    if above is not None:
        parts = (*parts, " ", *view.phrase("Units above the mean: {n}.", n=above))
    return Paragraph(parts)


def _known(view: View, standing: pd.DataFrame, area: str) -> Block | None:
    """The units that are known: a sentence for a handful, a table for more."""
    rows = standing[standing["index"].notna() | standing["rank"].notna()]
    if len(rows) > FEW:
        return known_table(view, standing, area)
    if rows.empty:
        return None
    listed = view.wording.join(_one(view, row, area) for row in records(best_known_first(rows)))
    return Paragraph(view.phrase("Known: {list}.", list=listed))


def _one(view: View, row: Record, area: str) -> Parts:
    """A unit with what is known of it in an area: value, rank, change."""
    unit = str(row.unit)
    told: list[Parts] = []
    if is_known(row.index):
        told.append(view.amount(view.value(unit, row.index, area, view.footnote(row.basis))))
    if is_known(row.rank):
        told.append(view.wording.rank(view.wording.number(row.rank, 0, view.ref(unit, area, "rank"), made="rank")))
    if is_known(row.change):
        before = view.results.year - 1
        change = view.change_of(unit, row.change, before, area)
        told.append(view.wording.moved(change, view.unit_of_change, year=before))
    parts: list[Part] = [f"{view.unit(unit)} ("]
    for place, some in enumerate(told):
        parts += [", "] if place else []
        parts += some
    return (*parts, ")")


def _scored(view: View, area: str, nodes: pd.DataFrame) -> Paragraph | None:
    """What was lost in an area on average, and on which criteria most."""
    if nodes.empty or area not in set(nodes["node"]):
        return None
    row = nodes[nodes["node"] == area].iloc[0]
    number = view.wording.number
    worst = _last_level(nodes, area).sort_values("mean_lost", ascending=False, kind="stable").head(WEAKEST)
    worst = worst[worst["mean_lost"] > 0]
    lost = number(float(row["mean_lost"]), 2, view.ref(node=area, column="points"), made="mean_lost")
    if worst.empty:
        return Paragraph(view.phrase("On average {lost} points were lost.", lost=lost), role="item")
    names: list[Parts] = [
        (
            f"{node} {view.node_name(str(node))} (",
            number(float(mean), 2, view.ref(node=str(node), column="points"), made="mean_lost"),
            ")",
        )
        for node, mean in zip(worst["node"], worst["mean_lost"], strict=True)
    ]
    return Paragraph(
        view.phrase("On average {lost} points were lost, most on: {list}.", lost=lost, list=view.wording.join(names)),
        role="item",
    )


def _last_level(nodes: pd.DataFrame, area: str) -> pd.DataFrame:
    """The scored criteria of an area: those with nothing below them."""
    inner = {node.rsplit(".", 1)[0] for node in nodes["node"] if node.count(".") > 1}
    return nodes[nodes["node"].str.startswith(f"{area}.") & ~nodes["node"].isin(inner)]


def _achieved(view: View, area: str, nodes: pd.DataFrame) -> tuple[Paragraph, ...]:
    """How many criteria every unit reached in full, how many nobody did, and which most did."""
    if nodes.empty:
        return ()
    scored = _last_level(nodes, area)
    count, ref = view.wording.count, view.ref(node=area, column="points")
    everybody = scored[scored["n_full"] == scored["n"]]
    nobody = scored[scored["n_full"] == 0]
    told = [
        Paragraph(
            view.phrase(
                "Of {k} scored criteria, all units reached the full points on {all}, none did on {none}.",
                k=count(len(scored), replace(ref, column="criteria")),
                all=count(len(everybody), replace(ref, column="criteria_full")),
                none=count(len(nobody), replace(ref, column="criteria_none")),
            ),
            role="item",
        )
    ]
    return tuple(told)


def _movers(view: View, fact: AreaFacts) -> tuple[Paragraph, ...]:
    """The largest rises and falls on the year before, among the units known in both."""
    area, standing = str(fact.node), fact.standing
    known = standing[standing["ranked"].astype(bool) & standing["change"].notna()]
    if len(known) < 2:
        return ()
    told = []
    falling = known.sort_values("change", ascending=False, kind="stable")
    rises = falling[[direction(change) > 0 for change in falling["change"]]].head(MOVERS)
    falls = falling[[direction(change) < 0 for change in falling["change"]]].tail(MOVERS).iloc[::-1]
    if len(rises):
        listed = _moved(view, rises, area)
        told.append(Paragraph(view.phrase("Largest rises: {list}.", list=listed), role="item"))
    if len(falls):
        listed = _moved(view, falls, area)
        told.append(Paragraph(view.phrase("Largest falls: {list}.", list=listed), role="item"))
    return tuple(told)


def _moved(view: View, rows: pd.DataFrame, area: str) -> Parts:
    before = view.results.year - 1
    items: list[Parts] = [
        (f"{view.unit(unit)} (", *view.difference(view.change_of(unit, change, before, area)), ")")
        for unit, change in zip(rows["unit"].astype(str), rows["change"], strict=True)
    ]
    return view.wording.join(items)


def _unknown(view: View, areas: list[str]) -> Note | None:
    if not areas:
        return None
    names = ", ".join(view.node_name(area) for area in areas)
    return view.missing("Nothing is known for {year} of: {list}.", list=names)
