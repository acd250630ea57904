"""The result of a year on one page, for who reads only that: key figures, the lead, who is at either end, the stamp."""

from __future__ import annotations

from typing import Any

import pandas as pd

from parlib.analysis.comparison import Changes
from parlib.report import charts, prose
from parlib.report.blocks import Figure, Heading, Note, Number, Sequel, Tile, Tiles, sequel
from parlib.report.statistic_words import is_calculated, known_statistic
from parlib.report.tables.ends import ends_table
from parlib.report.views import View
from parlib.report.wording import is_known
from parlib.scoring.results import WHOLE
from parlib.years import Year


def result(view: View, year: Year, checks: pd.DataFrame) -> Sequel:
    """The page. Marks of the results stand at the head of every page, and under figure and table.

    ``checks`` is the ``summary`` of the checks: check, compared, held, explained, failed.
    """
    statistics, ranking = year.statistics(column="index"), year.rank()
    mean = known_statistic(view, statistics, "mean")
    return sequel(
        Heading(view.say("Result in brief"), 1, "result", new_page=True),
        prose.headline(view, statistics, ranking),
        _tiles(view, statistics, year.change_counts(), year.extremes()),
        _figure(view, ranking, year.bands(), mean),
        prose.streaks(view, year.runs())[:1],
        ends_table(view, ranking),
        prose.scale_break(view),
        _partial(view),
        passed(view, checks),
    )


def _tiles(view: View, statistics: pd.DataFrame, counts: Changes, ends: pd.DataFrame) -> Tiles | None:
    whole = ends[ends["node"] == WHOLE].iloc[0]
    found = [
        mean_tile(view, statistics),
        *end_tiles(view, whole),
        _range(view, statistics),
        above_tile(view, statistics),
        _rose(view, counts),
    ]
    return tiles(found, view.say("Key figures of the {index} {year}"), "result")


def tiles(found: list[Tile | None], caption: str, name: str) -> Tiles | None:
    """The tiles that are known, at most six; ``None`` where fewer than two are."""
    known = tuple(tile for tile in found if tile is not None)[:6]
    return Tiles(known, caption, name) if len(known) > 1 else None


def _unit_mark(view: View) -> str:
    return "%" if view.unit_of_value == "%" else f" {view.unit_of_value}"


def mean_tile(view: View, statistics: pd.DataFrame, node: str = WHOLE) -> Tile | None:
    """The mean with its change on the year before."""
    mean = known_statistic(view, statistics, "mean", node)
    if mean is None:
        return None
    change = known_statistic(view, statistics, "mean_change", node)
    told = [view.phrase("derived from published numbers")] if is_calculated(mean) else []
    if change is not None:
        told.append(view.wording.moved(change, view.unit_of_change, year=view.results.year - 1))
    detail = tuple(part for n, parts in enumerate(told) for part in (("; ", *parts) if n else parts))
    return Tile(view.say("Mean"), mean, _unit_mark(view), detail)


def end_tiles(view: View, row: pd.Series, node: str = WHOLE) -> list[Tile | None]:
    """The highest and the lowest value with the unit that has it. ``row`` is one of ``best_and_worst``."""
    found: list[Tile | None] = []
    for name, label in (("best", view.say("Highest")), ("worst", view.say("Lowest"))):
        value, unit = row[name], str(row[f"{name}_unit"] or "")
        if not is_known(value):
            found.append(None)
            continue
        shared = int(row[f"{name}_shared"])
        detail: Any = (view.unit(unit, short=True),) if unit else ()
        if shared > 1:
            detail = view.phrase("{n} units", n=view.wording.count(shared, view.ref(node=node, column=f"at_{name}")))
        number = view.value(unit, value, node) if unit else _of_nobody(view, name, value, node)
        found.append(Tile(label, number, _unit_mark(view), detail))
    return found


def _of_nobody(view: View, end: str, value: float, node: str) -> Number:
    """An extreme of which it was published how high it is, and not whose."""
    return view.number(value, view.ref(node=node), node=node, made="maximum" if end == "best" else "minimum")


def _range(view: View, statistics: pd.DataFrame) -> Tile | None:
    gap = known_statistic(view, statistics, "range")
    if gap is None:
        return None
    return Tile(view.say("Distance"), gap, "", (view.say("{unit}, highest to lowest", unit=view.unit_of_change),))


def above_tile(view: View, statistics: pd.DataFrame, node: str = WHOLE) -> Tile | None:
    """How many units are above the mean, of how many."""
    n = known_statistic(view, statistics, "n_above_mean", node)
    of = known_statistic(view, statistics, "n_units", node)
    if n is None or of is None:
        return None
    return Tile(view.say("Above the mean"), n, "", view.phrase("of {n} {units}", n=of))


def _rose(view: View, counts: Changes) -> Tile | None:
    """How many units rose, of all; a count among the few that are known would say nothing of the others."""
    if counts.basis not in ("computed", "printed"):
        return None
    before = view.results.year - 1
    made = "printed" if counts.basis == "printed" else "count"
    up = view.wording.count(counts.up, view.ref(column="rose"), view.ref(column="rose", year=before), made=made)
    of = view.wording.count(counts.n_units, view.ref(column="ranked"))
    return Tile(view.say("Rose on {before}", before=before), up, "", view.phrase("of {n} {units}", n=of))


def _figure(view: View, ranking: pd.DataFrame, bands: pd.DataFrame, mean: Number | None) -> Figure | None:
    """The spread of all units; where some are not known, the numbers of the groups."""
    for block in (charts.strip(view, ranking, mean), charts.groups_bar(view, bands) if view.has("groups") else None):
        if isinstance(block, Figure):
            return block
    return None


def _partial(view: View) -> Note | None:
    """That only some units are known: the page is read by itself."""
    known, of = view.coverage
    if not known.value or of.value is None or known.value == of.value:
        return None
    if view.results.n_known == view.results.n_ranked:
        told = view.say("Values known for {known}/{all} {units}; the others are not ranked.", known=known, all=of)
    else:
        told = view.say(
            "Only {known} of {all} {units} are known: ranks are those published, and nothing is computed among the "
            "known alone.",
            known=known,
            all=of,
        )
    return Note(told, role="assumption")


def passed(view: View, checks: pd.DataFrame) -> Note | None:
    """The stamp of the checks: how many comparisons the numbers went through, and what was explained."""
    if checks.empty or int(checks["failed"].sum()):
        return None
    count, ref = view.wording.count, view.ref(column="checks")
    compared = count(int(checks["compared"].sum()), ref)
    kinds, explained = count(len(checks), ref), count(int(checks["explained"].sum()), ref)
    if not explained.value:
        text = view.say(
            "The numbers of this report went through {n} comparisons of {k} kinds of checks; all agree.",
            n=compared,
            k=kinds,
        )
    else:
        text = view.say(
            "The numbers of this report went through {n} comparisons of {k} kinds of checks; {e} disagreements "
            "of the sources are explained.",
            n=compared,
            k=kinds,
            e=explained,
        )
    return Note(text, role="passed")
