"""How sure a ranking is, and what drives it.

Chance in the survey and choices of method never share an interval, a bar or a figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm, to_hex

from parlib.report import style
from parlib.report.blocks import Figure, Note, Parts, message
from parlib.report.findings import open_by_error, sure_by_weights
from parlib.report.style import ACCENT, INK, ORDERED, PALE, RULE, SCALE, Rows, Sheet, of_units, row_figure
from parlib.report.views import NAMED, Shared, View

FEWEST_UNITS = 2  # one unit has no ranking
_OFTEN = PowerNorm(0.5, 0, 1)  # a rank taken in one draw of twenty must still be seen


@dataclass(frozen=True)
class _Layer:
    """Bars of one kind: from ``low`` to ``high`` for every row, ``part`` of the height of the row."""

    low: np.ndarray
    high: np.ndarray
    words: str
    colour: str
    part: float


def rank_sets(
    view: View,
    simultaneous: pd.DataFrame,
    marginal: pd.DataFrame | None = None,
    assumed: bool = False,
    without: tuple[str, ...] = (),
) -> Figure | Note:
    """The ranks that chance in the survey leaves to every unit: for all units at once, and for each alone.

    Both are tables of ``rank_confidence_sets`` (unit, rank, rank_low, rank_high, coverage). ``assumed`` says that no
    standard error was published, and the one used is assumed.
    """
    rows = _ranked(simultaneous)
    if len(rows) < FEWEST_UNITS:
        return view.missing("Ranks cannot be given intervals for {year}: too few values or no error is known.")
    coverage = view.wording.format(100 * float(rows["coverage"].iloc[0]), 0)
    layers = [_layer(rows, view.say("all ranks at once ({n}%)", n=coverage), ORDERED[2], 0.8)]
    if marginal is not None and len(marginal):
        alone = marginal.set_index("unit").loc[list(rows["unit"])].reset_index()
        layers.append(_layer(alone, view.say("one unit looked at alone ({n}%)", n=coverage), ORDERED[1], 0.36))
    return _rank_rows(
        view,
        rows,
        layers,
        name="rank-sets",
        caption=view.say("Ranks that survey error leaves open, {index} {year}"),
        finding=open_by_error(view, layers[0].low, layers[0].high, assumed),
        notes=(*_on_errors(view, assumed, without), *view.open_ends(simultaneous)),
    )


def rank_intervals(view: View, study: pd.DataFrame) -> Figure | Note:
    """The ranks that every unit takes in most draws of the weights. ``study`` is the table of a ``RankStudy``."""
    rows = _ranked(study)
    if len(rows) < FEWEST_UNITS:
        return view.missing("The points of the parts of {year} are not known: weights cannot be varied.")
    coverage = view.wording.format(100 * float(rows["coverage"].iloc[0]), 0)
    return _rank_rows(
        view,
        rows,
        [_layer(rows, view.say("ranks in {n}% of the draws", n=coverage), ORDERED[2], 0.8)],
        name="rank-weights",
        caption=view.say("Ranks when the weights vary, {index} {year}"),
    )


def removal_ranges(view: View, removals: pd.DataFrame) -> Figure | Note:
    """The best and the worst rank of every unit when one part at a time is left out.

    ``removals`` is the frame of ``leave_out`` (node, unit, rank, rank_before, ...).
    """
    known = removals[removals["rank"].notna()] if len(removals) else removals
    if known.empty or known["unit"].nunique() < FEWEST_UNITS:
        return view.missing("The points of the parts of {year} are not known: none can be left out.")
    ranges = known.groupby("unit", sort=False).agg(
        rank=("rank_before", "first"), rank_low=("rank", "min"), rank_high=("rank", "max")
    )
    rows = _ranked(ranges.reset_index())
    return _rank_rows(
        view,
        rows,
        [_layer(rows, view.say("ranks with one {area} left out"), ORDERED[2], 0.8)],
        name="rank-removal",
        caption=view.say("Ranks with one {area} left out at a time, {index} {year}"),
    )


def caterpillar(
    view: View, intervals: pd.DataFrame, assumed: bool = False, without: tuple[str, ...] = ()
) -> Figure | Note:
    """The value of every unit with the interval to compare it with one other unit.

    ``intervals`` is the frame of ``pairwise_intervals`` (unit, estimate, low, high, rank, level), in percent of the
    maximum.
    """
    rows = _ranked(intervals)
    if len(rows) < FEWEST_UNITS or not rows["low"].notna().any():
        return view.missing("Ranks cannot be given intervals for {year}: too few values or no error is known.")
    low, value, high = (np.array([view.scaled(x) for x in rows[name]]) for name in ("low", "estimate", "high"))

    def draw(_: Sheet, axes: Axes, y: np.ndarray) -> None:
        axes.hlines(y, low, high, color=ORDERED[1], linewidth=1.6)
        axes.scatter(value, y, s=13, color=INK, zorder=3, linewidths=0)

    names, colours = of_units(view, rows["unit"])
    best, last = view.ends_of(names, value)
    sentence = view.say(
        "Two units picked beforehand differ if their intervals do not overlap (at {level}%, on the average "
        "over pairs). These are not intervals for a value, nor for many units at once.",
        level=view.wording.format(100 * float(rows["level"].iloc[0]), 0),
    )
    return row_figure(
        view,
        Rows(
            names,
            (float(np.nanmin(low)), float(np.nanmax(high))),
            [(view.index, [view.wording.format(x, view.decimals) for x in value])],
            axis=f"{view.index} {view.results.year} ({view.unit_of_value})",
            colours=colours,
        ),
        draw,
        name="caterpillar",
        chart="intervals",
        caption=view.say("The {index} with intervals for comparing two units, {year}"),
        alternative=view.say(
            "Dots with intervals for {n} units, from {best} to {last}.", n=len(rows), best=best.named, last=last.named
        ),
        notes=(sentence, *_on_errors(view, assumed, without)),
        data={"unit": rows["unit"], "value": value, "low": low, "high": high},
    )


def acceptability(view: View, study: pd.DataFrame, shares: pd.DataFrame) -> Figure | Note:
    """How often each unit takes each rank when the weights vary: darker is more often.

    ``study`` is the table of a ``RankStudy`` and ``shares`` its acceptability (units x ranks, 0-1).
    """
    rows = _ranked(study)
    if len(rows) < FEWEST_UNITS:
        return view.missing("The points of the parts of {year} are not known: weights cannot be varied.")
    grid = shares.loc[list(rows["unit"])].to_numpy(dtype=float)
    n, ranks = grid.shape[1], rows["rank"].to_numpy(dtype=float)
    at_rank = grid[np.arange(len(rows)), ranks.astype(int) - 1]

    def draw(_: Sheet, axes: Axes, y: np.ndarray) -> None:
        edges = np.arange(n + 1) + 0.5, np.arange(len(rows) + 1) - 0.5
        axes.pcolormesh(*edges, np.ma.masked_less(grid, 0.005), cmap=SCALE, norm=_OFTEN)
        axes.grid(visible=False)
        _rank_ticks(axes, n)
        axes.scatter(ranks, y, s=9, facecolors="white", edgecolors=ACCENT, linewidths=0.9, zorder=3)

    names, colours = of_units(view, rows["unit"])
    texts = [view.wording.format(100 * share, 0) for share in at_rank]
    key = [(f"{share}%", "", to_hex(SCALE(_OFTEN(share / 100))), "") for share in (5, 25, 50, 100)]
    surest, least = view.ends_of(names, at_rank)
    return row_figure(
        view,
        Rows(
            names,
            (0.5, n + 0.5),
            [(view.say("% own rank"), texts)],
            [*key, (view.say("rank as computed"), "o", "white", "")],
            colours=colours,
            margin=0.0,
        ),
        draw,
        name="acceptability",
        chart="heatmap",
        caption=view.say("How often each unit takes each rank when the weights vary, {index} {year}"),
        finding=sure_by_weights(view, study, shares),
        alternative=view.say(
            "Table of colours. {best} keeps its rank in {high}% of the draws, the most; {worst} in {low}%, the least.",
            best=surest.named,
            high=texts[surest.place],
            worst=least.named,
            low=texts[least.place],
        ),
        data={
            "unit": rows["unit"],
            "rank": ranks,
            "share_at_rank": at_rank,
            **{str(place + 1): grid[:, place] for place in range(n)},
        },
    )


# --- what the figures share -----------------------------------------------------------------------


def _ranked(table: pd.DataFrame) -> pd.DataFrame:
    """The units that have a rank, best first; ties in the order given."""
    if not len(table):
        return table
    return table[table["rank"].notna()].sort_values("rank", kind="stable").reset_index(drop=True)


def _layer(rows: pd.DataFrame, words: str, colour: str, part: float) -> _Layer:
    low, high = (rows[name].to_numpy(dtype=float) for name in ("rank_low", "rank_high"))
    return _Layer(low, high, words, colour, part)


def _rank_rows(
    view: View,
    rows: pd.DataFrame,
    layers: Sequence[_Layer],
    *,
    name: str,
    caption: str,
    notes: tuple[str, ...] = (),
    finding: Parts = (),
) -> Figure | Note:
    """Bars of ranks and the rank as computed; on the right the outer bar in numbers."""
    ranks = rows["rank"].to_numpy(dtype=float)
    n = max([len(rows), *(int(layer.high.max()) for layer in layers)])

    def draw(_: Sheet, axes: Axes, y: np.ndarray) -> None:
        _rank_ticks(axes, n)
        axes.hlines(y, 0, n + 1, color=PALE, linewidth=0.4, zorder=0.5)
        for layer in layers:
            # A quarter of a place on either side shows a bar where the rank is certain.
            widths = layer.high - layer.low + 0.5
            style.bars(axes, y, widths, layer.low - 0.25, colour=layer.colour, height=layer.part)
        axes.scatter(ranks, y, s=9, color=ACCENT, edgecolors="white", linewidths=0.4, zorder=3)

    names, colours = of_units(view, rows["unit"])
    key = [(view.say("rank as computed"), "o", ACCENT, ""), *((layer.words, "", layer.colour, "") for layer in layers)]
    bounds = zip(layers[0].low, layers[0].high, strict=True)
    texts = [f"{low:.0f}–{high:.0f}" if low < high else f"{low:.0f}" for low, high in bounds]
    ends = {f"{end}_{n}": getattr(layer, end) for n, layer in enumerate(layers, 1) for end in ("low", "high")}
    return row_figure(
        view,
        Rows(names, (0.0, n + 1.0), [(view.say("Ranks"), texts)], key, colours=colours, margin=0.0, halved=True),
        draw,
        name=name,
        chart="intervals",
        caption=caption,
        alternative=_finding(view, rows, layers[0]),
        finding=finding,
        notes=notes,
        data={"unit": rows["unit"], "rank": ranks, **ends},
    )


def _rank_ticks(axes: Axes, n: int) -> None:
    axes.set_xticks(style.rank_ticks(n))


def _finding(view: View, rows: pd.DataFrame, layer: _Layer) -> str:
    names = [view.unit(unit) for unit in rows["unit"]]
    widest, narrowest = (_ranks_of(view, names, layer, end) for end in view.ends_of(names, layer.high - layer.low))
    return view.say(
        "Bars of ranks for {n} units. Widest: {wide}; narrowest: {narrow}.", n=len(rows), wide=widest, narrow=narrowest
    )


def _ranks_of(view: View, names: list[str], layer: _Layer, end: Shared) -> Parts:
    """The units whose bars are as wide, each with its ranks; of many their number, and how wide the bars are."""
    if len(end.places) > NAMED:
        wide = int((layer.high - layer.low)[end.place])
        return view.phrase("{units} (best and worst rank {n} apart)", units=end.named, n=wide)
    return view.wording.join(
        view.phrase(
            "{unit} (ranks {low} to {high})", unit=names[place], low=int(layer.low[place]), high=int(layer.high[place])
        )
        for place in end.places
    )


def _on_errors(view: View, assumed: bool, without: tuple[str, ...]) -> tuple[str, ...]:
    """What the errors of a figure rest on, and which are not in it."""
    supposed = view.say(
        "Assumption: no standard error was published; what is shown would hold if the error of every unit had the size "
        "that is estimated from the changes since the year before. It is an estimate, not a bound."
    )
    return tuple(text for text in (supposed if assumed else "", view.without_errors(without)) if text)


#: The choices of method as readers know them.
FACTORS = {
    "weights:area": message("weights of the {areas}"),
    "weights:criterion": message("weights of the criteria"),
    "weights:subcriterion": message("weights of the sub-criteria"),
    "aggregation": message("arithmetic or geometric mean"),
    "not_applicable": message("rule for criteria that do not apply"),
    "normalisation": message("normalisation of the points"),
}


def factor_name(view: View, factor: object) -> str:
    """A factor of ``index_sensitivity`` in words."""
    if str(factor) not in FACTORS:
        return str(factor)
    template = FACTORS[str(factor)]
    return view.say(template, areas=view.areas) if "{areas}" in template else view.say(template)


def sobol_bars(view: View, table: pd.DataFrame) -> Figure | Note:
    """First-order and total Sobol index of every choice of method, with intervals, for the first output.

    ``table`` is that of a ``Sensitivity`` (output, factor, first_order, first_low, first_high, total, ...).
    """
    rows = table[table["output"] == table["output"].iloc[0]] if len(table) else table
    rows = rows[rows["total"].notna()].sort_values("total", ascending=False, kind="stable") if len(rows) else rows
    if rows.empty:
        return view.missing("The points of the parts of {year} are not known: no choice of method can be varied.")
    result = rows[["first_order", "first_low", "first_high", "total", "total_low", "total_high"]].astype(float)
    values = result.to_numpy()
    looks = ((0, -0.19, ORDERED[0], ""), (3, 0.19, ORDERED[3], "////"))

    def draw(_: Sheet, axes: Axes, y: np.ndarray) -> None:
        for first, shift, colour, hatch in looks:
            value, low, high = values[:, first : first + 3].T
            style.bars(axes, y + shift, value, colour=colour, height=0.34, hatch=hatch, edge=INK)
            axes.hlines(y + shift, low, high, color=ACCENT, linewidth=1.6, zorder=3)
            for end in (low, high):
                axes.vlines(end, y + shift - 0.08, y + shift + 0.08, color=ACCENT, linewidth=1.2, zorder=3)
        axes.axvline(0, color=INK, linewidth=0.8)

    labels = [factor_name(view, factor) for factor in rows["factor"]]
    first, _ = view.ends_of(labels, rows["total"], view.say("choices"))
    coverage = view.wording.format(100 * float(rows["coverage"].iloc[0]), 0)
    lines = view.say(
        "Lines: {coverage}% intervals of the simulation. An estimate may lie slightly below zero.", coverage=coverage
    )
    return row_figure(
        view,
        Rows(
            labels,
            (min(0.0, float(np.nanmin(values))), max(1.0, float(np.nanmax(values)))),
            key=[(view.say("alone"), "", *looks[0][2:]), (view.say("with all interactions"), "", *looks[1][2:])],
            axis=view.say("share of the variance of the places moved"),
            pitch=10.0,
            margin=0.01,
        ),
        draw,
        name="sobol",
        chart="bars",
        caption=view.say("Which choice of method moves the ranking, {index} {year}"),
        alternative=view.say(
            "Bars of Sobol indices. The choice with the largest total index is: {first}, {total}.",
            first=first.named,
            total=view.wording.format(float(rows["total"].iloc[0]), 2),
        ),
        notes=(lines, *_idle(view, rows)),
        data={"factor": rows["factor"], "name": labels, **result},
    )


def _idle(view: View, rows: pd.DataFrame) -> tuple[str, ...]:
    idle = [factor_name(view, factor) for factor in rows.loc[~rows["changed"].astype(bool), "factor"]]
    return (view.say("Changed nothing in any run: {list}.", list="; ".join(idle)),) if idle else ()


def weights_dumbbells(view: View, weights: pd.DataFrame) -> Figure | Note:
    """The weight of every part as set, and its share in the variance of the index.

    ``weights`` is the frame of ``effective_weights`` (node, nominal, covariance_share, n, ...).
    """
    rows = weights[weights["covariance_share"].notna()] if len(weights) else weights
    if rows.empty:
        return view.missing("The points of the parts of {year} are not known: effective weights cannot be worked out.")
    nominal, actual = (100 * rows[name].to_numpy(dtype=float) for name in ("nominal", "covariance_share"))

    def draw(_: Sheet, axes: Axes, y: np.ndarray) -> None:
        axes.hlines(y, nominal, actual, color=ORDERED[2], linewidth=2.6)
        axes.vlines(nominal, y - 0.3, y + 0.3, color=INK, linewidth=1.8, zorder=3)
        axes.scatter(actual, y, s=30, color=ORDERED[0], edgecolors="white", linewidths=0.5, zorder=4)
        axes.axvline(0, color=RULE, linewidth=0.8)

    parts = [view.node_name(str(node)) for node in rows["node"]]
    set_to, share = ([view.wording.format(value, 1) for value in values] for values in (nominal, actual))
    most, least = view.ends_of(parts, actual, view.areas)
    key = [
        (view.say("weight as set"), "|", INK, ""),
        (view.say("share in the variance of the index"), "o", ORDERED[0], ""),
    ]
    return row_figure(
        view,
        Rows(
            parts,
            (float(min(0.0, nominal.min(), actual.min())), float(max(nominal.max(), actual.max()))),
            [("", set_to), ("", share)],
            key,
            "%",
            pitch=7.6,
            strong=True,
        ),
        draw,
        name="weights",
        chart="dumbbells",
        caption=view.say("Weights as set and share in the variance of the index, {index} {year}"),
        alternative=view.say(
            "Largest share in the variance: {most}, {high}%; smallest: {least}, {low}%.",
            most=most.named,
            high=share[most.place],
            least=least.named,
            low=share[least.place],
        ),
        notes=(view.say("On the right: weight as set, then share in the variance (bold), both in %."),),
        data={"node": rows["node"], "name": parts, "nominal": nominal, "share": actual},
    )
