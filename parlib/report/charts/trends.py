"""An index over the years: level, spread and ranks, what its last change was made of, who changed places; a line has a
gap wherever the scale changed or nothing is known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Normalize

from parlib.report import style
from parlib.report.blocks import Figure, Note, direction, message
from parlib.report.findings import since_before
from parlib.report.views import View, part_node

Dashes = str | tuple[float, tuple[float, ...]]
Line = tuple[str, str, str, Dashes]  # an entry of a key: words, colour, marker, dashes
_LEFT, _RIGHT, _HEAD, _FOOT = 12.0, 8.0, 8.0, 15.0
_NEXT = 4.2  # mm: from a line of a key to the next
_TOLD = 7  # years that a telephone has room to label
MOST_LINES = 5  # more lines than these nobody can tell apart
#: Marker and dashes of lines side by side, which are apart without colour too.
LOOKS: tuple[tuple[str, Dashes], ...] = (
    ("o", "-"),
    ("s", (0, (5, 2))),
    ("^", (0, (1, 1.4))),
    ("D", (0, (6, 1.6, 1.2, 1.6))),
    ("v", (0, (2.5, 1.5))),
)


def yearly_lines(view: View, yearly: pd.DataFrame, series: pd.DataFrame | None = None) -> Figure | Note:
    """Mean, lowest and highest value of every year, and the unit in focus.

    ``yearly`` is the frame of ``yearly`` and ``series`` of ``series``, both in points where the index is
    published in points.
    """
    if len(yearly) < 2 or yearly[["mean", "minimum", "maximum"]].notna().any(axis=1).sum() < 2:
        return view.missing("Too little is known of the years up to {year} to draw a line.")
    lines = [
        (view.say("highest"), "maximum", style.ORDERED[1], "^", "--"),
        (view.say("mean"), "mean", style.ORDERED[0], "o", "-"),
        (view.say("lowest"), "minimum", style.ORDERED[1], "v", ":"),
    ]
    years = yearly["year"].to_numpy(dtype=int)
    columns = {column: yearly[column].to_numpy(dtype=float) for _, column, *_ in lines}
    breaks = _breaks(yearly)
    if view.focus and series is not None and (series["unit"] == view.focus).any():
        own = series[series["unit"] == view.focus].set_index("year")["value"].reindex(years)
        columns["focus"] = own.to_numpy(dtype=float)
        lines.append((view.unit(view.focus), "focus", style.ACCENT, "s", "-"))
    everything = np.concatenate(list(columns.values()))
    low, high = np.nanmin(everything), np.nanmax(everything)
    margin = (high - low) * 0.1 or 1.0

    def draw(sheet: style.Sheet) -> None:
        key = [(words, colour, marker, dashes) for words, _, colour, marker, dashes in lines]
        axes = time_axes(sheet, view, years, breaks, key=key)
        for _, column, colour, marker, dashes in lines:
            line(axes, years, columns[column], breaks, colour, marker, dashes)
        axes.set_ylim(low - margin, high + margin)
        style.value_axis(sheet, axes, view)
        known = told_years(sheet, columns["mean"])
        labels = [view.wording.format(value, 1) for value in columns["mean"][known]]
        heights = columns["mean"][known] + margin * 0.45
        sheet.write(years[known], heights, labels, axes, align="center", size=style.SMALL, halo="white")

    return style.drawn(
        view,
        82,
        draw,
        name="years",
        chart="lines",
        caption=view.say(
            "The {index} over the years, {first}–{year} ({unit})", first=int(years[0]), unit=view.unit_of_value
        ),
        finding=since_before(view, yearly),
        alternative=_alternative(view, yearly),
        notes=(*_break_note(view, years, breaks), *_partial_note(view, yearly)),
        data={"year": years, **columns, "break": [year in breaks for year in years]},
    )


def spread_line(view: View, yearly: pd.DataFrame) -> Figure | Note:
    """The standard deviation of the units in every year of which all values are known: do they draw together?"""
    if yearly.empty or yearly["sd"].notna().sum() < 2:
        return view.missing("Fewer than two years are known in full: no spread can be drawn.")
    years, values, breaks = yearly["year"].to_numpy(dtype=int), yearly["sd"].to_numpy(dtype=float), _breaks(yearly)
    first, *_, last = np.flatnonzero(np.isfinite(values))

    def draw(sheet: style.Sheet) -> None:
        axes = time_axes(sheet, view, years, breaks)
        line(axes, years, values, breaks, style.ORDERED[0], "o", "-")
        axes.set_ylim(0, np.nanmax(values) * 1.3)
        style.value_axis(sheet, axes, view)
        known = told_years(sheet, values)
        texts = [view.wording.format(value, 2) for value in values[known]]
        heights = values[known] + np.nanmax(values) * 0.13
        sheet.write(years[known], heights, texts, axes, align="center", size=style.SMALL, halo="white")

    return style.drawn(
        view,
        46,
        draw,
        name="spread",
        chart="lines",
        caption=view.say(
            "How far apart the {units} are: standard deviation of the {index}, {first}–{year} ({unit})",
            first=int(years[0]),
            unit=view.unit_of_change,
        ),
        alternative=view.say(
            "Line of the standard deviation: {low} in {first}, {high} in {last}.",
            low=view.wording.format(values[first], 2),
            first=int(years[first]),
            high=view.wording.format(values[last], 2),
            last=int(years[last]),
        ),
        notes=_break_note(view, years, breaks),
        data={"year": years, "sd": values, "break": [year in breaks for year in years]},
    )


def rank_history(view: View, series: pd.DataFrame, units: Sequence[str] = ()) -> Figure | Note:
    """The ranks of some units over the years: ``units``, else the first of the last year and the unit in focus.

    ``series`` is the frame of ``series`` (year, unit, rank, break_mark, ...).
    """
    chosen = list(units) or [*leading(series), *([view.focus] if view.focus not in ("", *leading(series)) else [])]
    known = series[series["unit"].isin(chosen) & series["rank"].notna()]
    if known.groupby("unit").size().max() < 2 if len(known) else True:
        return view.missing("No rank is known in two of the years up to {year}.")
    grid = series.pivot(index="year", columns="unit", values="rank").astype("float64")[chosen]  # noqa: PD010 (unique)
    years = grid.index.to_numpy(dtype=int)
    breaks = _breaks(series.drop_duplicates("year"))
    deepest = float(np.nanmax(grid.to_numpy()))
    right = 10 + max(style.text_width(view.unit(unit, short=True), style.SMALL) for unit in chosen)

    def draw(sheet: style.Sheet) -> None:
        axes = time_axes(sheet, view, years, breaks, right=right)
        axes.set_ylim(deepest + 1.5, -0.5)
        ticks = style.rank_ticks(int(deepest))
        axes.set_yticks(ticks)
        labels = [str(tick) for tick in ticks]
        sheet.write(np.full(len(ticks), years[0] - 0.9), ticks, labels, axes, align="right", size=style.SMALL)
        sheet.write(style.EDGE, 2.4, view.say("Rank"), size=style.SMALL, colour=style.MUTED)
        ends = []
        for place, unit in enumerate(chosen):
            values = grid[unit].to_numpy(dtype=float)
            marker, dashes = LOOKS[place % len(LOOKS)]
            colour = style.ACCENT if unit == view.focus else style.LINES[place % len(style.LINES)]
            line(axes, years, values, breaks, colour, marker, dashes)
            if np.isfinite(values[-1]):
                ends.append((values[-1], f"{values[-1]:.0f}  {view.unit(unit, short=True)}", colour))
        _end_labels(sheet, axes, years[-1], ends)

    return style.drawn(
        view,
        min(84.0, 42 + 1.4 * deepest),
        draw,
        name="rank-history",
        chart="lines",
        caption=view.say(
            "Ranks of {n} {units} over the years, {index}, {first}–{year}", n=len(chosen), first=int(years[0])
        ),
        alternative=view.say("Lines of the ranks of: {list}.", list=view.unit_list(chosen)),
        notes=(*_break_note(view, years, breaks), *_chosen_note(view, bool(units))),
        data={"year": years, **{unit: grid[unit] for unit in chosen}, "break": [year in breaks for year in years]},
    )


def leading(series: pd.DataFrame) -> list[str]:
    """The units with the first ranks known of the last year. ``series`` is the frame of ``series``."""
    last = series[(series["year"] == series["year"].max()) & series["rank"].notna()] if len(series) else series
    return [str(unit) for unit in last.sort_values("rank", kind="stable")["unit"].head(MOST_LINES)]


# --- what the lines share -------------------------------------------------------------------------


def _breaks(frame: pd.DataFrame) -> list[int]:
    return [int(year) for year in frame.loc[frame["break_mark"].astype(bool), "year"]]


def time_axes(
    sheet: style.Sheet,
    view: View,
    years: np.ndarray,
    breaks: list[int],
    *,
    right: float = _RIGHT,
    key: Sequence[Line] = (),
    broken: str = message("the scale changed"),
) -> Axes:
    """Axes over ``years`` with a mark at the breaks, told by ``broken``; below them the key of the lines, in one line
    where it fits."""
    placed = list(_placed(key, sheet.width))
    on_paper = sheet.width == style.WIDTH
    below = _NEXT * (placed[-1][1] + (bool(breaks) and not on_paper) if placed else 0)
    axes = sheet.axes(_LEFT, right, _HEAD, _FOOT + below)
    axes.set_xlim(years[0] - 0.8, years[-1] + 0.5)
    axes.set_xticks(years[told_years(sheet, years)].tolist())
    axes.grid(axis="y")
    for year in breaks:
        axes.axvline(year - 0.5, color=style.MUTED, linewidth=0.8, linestyle=(0, (4, 3)), zorder=0.8)
    if breaks:
        # The mark of the key stands at the right end of the foot, where no line has its entry.
        y, words = sheet.height - 3, view.say(broken)
        x = sheet.width - style.EDGE - style.text_width(words)
        mark = (x - 3, y - 1.8), (x - 3, y + 1.8)
        sheet.page.lines([mark], colour=style.MUTED, width=0.8, dashes=(0, (4, 3)))
        sheet.write(x, y, words)
    for x, row, (words, colour, marker, dashes) in placed:
        y = sheet.height - 3 - below + _NEXT * row
        sheet.page.lines([((x, y), (x + 7, y))], colour=colour, width=1.5, dashes=dashes)
        sheet.page.dots([(x + 3.5, y)], size=18, colour=colour, marker=marker, edge="white", width=0.4, zorder=2.5)
        sheet.write(x + 9, y, words)
    return axes


def _placed(key: Sequence[Line], right: float) -> Iterator[tuple[float, int, Line]]:
    """The entries of a key with their places: mm from the left, and the line, a new one where ``right`` is reached."""
    x, row = _LEFT, 0
    for entry in key:
        wide = 9 + style.text_width(entry[0])
        if x > _LEFT and x + wide > right:
            x, row = _LEFT, row + 1
        yield x, row, entry
        x += wide + 6


def told_years(sheet: style.Sheet, values: np.ndarray) -> np.ndarray:
    """The places of the known ``values``, one a year, that are labelled: of all, or of every second or third of them
    back from the last, where the sheet is narrow."""
    every = 1 if sheet.width == style.WIDTH else -(-len(values) // _TOLD)
    places = np.arange(len(values))
    result: np.ndarray = places[np.isfinite(values) & ((len(values) - 1 - places) % every == 0)]
    return result


def line(
    axes: Axes, years: np.ndarray, values: np.ndarray, breaks: list[int], colour: str, marker: str, dashes: Dashes
) -> None:
    """A line in pieces: one for each run of known years without a break in it."""
    start = 0
    for place in range(1, len(years) + 1):
        ended = place == len(years) or years[place] in breaks or years[place] != years[place - 1] + 1
        if ended:
            piece = slice(start, place)
            axes.plot(years[piece], values[piece], color=colour, linestyle=dashes, linewidth=1.5, zorder=2)
            start = place
    axes.scatter(years, values, s=18, color=colour, marker=marker, edgecolors="white", linewidths=0.4, zorder=3)


def _end_labels(sheet: style.Sheet, axes: Axes, year: int, ends: list[tuple[float, str, str]]) -> None:
    """Names at the right ends in the colours of their lines, moved apart where they would overlap."""
    span = abs(float(np.subtract(*axes.get_ylim())))
    step = span * 4.2 / (sheet.height - _HEAD - _FOOT)
    last = -np.inf
    for height, text, colour in sorted(ends):
        at = max(height, last + step)
        sheet.write(year + 0.45, at, text, axes, size=style.SMALL, colour=colour)
        axes.plot([year + 0.1, year + 0.4], [height, at], color=colour, linewidth=0.6, clip_on=False)
        last = at


def _break_note(view: View, years: np.ndarray, breaks: list[int]) -> tuple[str, ...]:
    if not breaks:
        return ()
    starts = [int(years[0]), *breaks]
    ends = [*(int(years[list(years).index(year) - 1]) for year in breaks), int(years[-1])]
    spans = [str(a) if a == b else f"{a}–{b}" for a, b in zip(starts, ends, strict=True)]
    return (view.say("Values compare only inside each of these spans: {list}.", list=", ".join(spans)),)


def _partial_note(view: View, yearly: pd.DataFrame) -> tuple[str, ...]:
    part = yearly[yearly["n_known"] < yearly["n_units"].fillna(0)]
    if part.empty:
        return ()
    spans = ", ".join(f"{row.year} ({row.n_known}/{row.n_units})" for row in part.itertuples())
    return (
        view.say(
            "Known only in part (values known of all): {list}. For these years a point is drawn only where it was "
            "published or follows from what was.",
            list=spans,
        ),
    )


def _chosen_note(view: View, given: bool) -> tuple[str, ...]:
    return () if given else (view.say("Drawn: the first of those whose rank is known in {year}."),)


def _alternative(view: View, yearly: pd.DataFrame) -> str:
    known = yearly[yearly["mean"].notna()]
    if known.empty:
        return view.say("Points of the lowest and highest values by year; no mean is known.")
    first, last = known.iloc[0], known.iloc[-1]
    return view.say(
        "Lines of mean, lowest and highest value. Mean in {first}: {low}; in {last}: {high}.",
        first=int(first["year"]),
        low=view.wording.format(float(first["mean"]), view.decimals),
        last=int(last["year"]),
        high=view.wording.format(float(last["mean"]), view.decimals),
    )


_CELL, _ABOVE_CELLS, _BELOW_CELLS = 10.5, 15.0, 9.0  # mm: the height of a cell, of their heads, of what stands below
LEAST_KNOWN = 0.9  # the moves of a few units, seldom like the others, are not the moves of all


def change_bridge(view: View, parts: pd.DataFrame, unit: str = "") -> Figure | Note:
    """From zero to the whole change, part by part, of the mean or of one ``unit``.

    ``parts`` is the frame of ``change_of_mean_by_part``, or for a unit of ``change_parts``, in what the index is
    printed in.
    """
    rows = parts[parts["unit"] == unit] if unit and len(parts) else parts
    if rows.empty or rows["contribution"].isna().any() or rows["total"].isna().any():
        return view.missing("What the change up to {year} was made of is not known.")
    values = rows["contribution"].to_numpy(dtype=float)
    widths = np.append(values, float(rows["total"].iloc[0]))
    lefts = np.concatenate([[0.0], np.cumsum(values)[:-1], [0.0]])
    flat = [_part(view, str(node), str(kind)) for node, kind in zip(rows["node"], rows["kind"], strict=True)]
    labels = [*flat, view.say("Whole change")]
    texts = [view.wording.format(value, 2, signed=True) for value in widths]
    reach = np.concatenate([lefts, lefts + widths])
    key = [(view.say("added"), "", style.UP, ""), (view.say("took away"), "", style.DOWN, "////")]
    top, _ = view.ends_of(flat, np.abs(values), view.say("parts"))
    alike = len(set(np.sign(values[list(top.places)]))) == 1
    return style.row_figure(
        view,
        style.Rows(
            labels, (float(reach.min()), float(reach.max())), [("", texts)], key, view.unit_of_change, pitch=7.6
        ),
        lambda _, axes, y: _steps(axes, y, lefts, widths),
        name=f"bridge-{unit}" if unit else "bridge",
        chart="bridge",
        caption=view.say(
            "What the change of the {index} from {before} to {year} is made of: {whom}",
            whom=view.unit(unit) if unit else view.say("mean of {n} {units}", n=int(rows["n"].iloc[0])),
        ),
        alternative=view.say(
            "Bridge of the change by part. The largest part is {part}: {value}; the whole change is {total}.",
            part=top.named,
            value=texts[top.place] if alike else view.wording.format(abs(values[top.place]), 2),
            total=texts[-1],
        ),
        data={"node": [*(str(node) for node in rows["node"]), ""], "name": labels, "contribution": widths},
    )


def _steps(axes: Axes, y: np.ndarray, lefts: np.ndarray, widths: np.ndarray) -> None:
    """Each part from where the one before it ends; below a line the whole."""
    ways = np.array([direction(width) for width in widths])
    for way, colour, hatch in ((1, style.UP, ""), (-1, style.DOWN, "////")):
        one = ways == way
        style.bars(axes, y[one], widths[one], lefts[one], colour=colour, height=0.66, hatch=hatch, edge=style.INK)
    axes.vlines((lefts + widths)[:-1], y[:-1] + 0.33, y[1:] - 0.33, color=style.MUTED, linewidth=0.8)
    axes.axvline(0, color=style.INK, linewidth=0.8)
    axes.axhline((y[-1] + y[-2]) / 2, color=style.RULE, linewidth=0.8)


def _part(view: View, node: str, kind: str) -> str:
    if kind == "remainder":
        return view.say("not explained by the parts")
    return view.part_name(node) if node.startswith(part_node("")) else view.node_name(node)


def mobility_matrix(view: View, transitions: pd.DataFrame) -> Figure | Note:
    """Where the units of each quarter of the year before are now: counts, darker for a larger share of the row.

    ``transitions`` is the frame of ``transitions`` (before, now, n, n_before, share, ...), by quarter.
    """
    n = transitions["n"].sum() if len(transitions) else 0
    if not n or n < LEAST_KNOWN * (n + int(transitions["n_unknown"].iloc[0])):
        return view.missing("The ranks of two years in a row are not known: no move between quarters can be shown.")
    names = list(dict.fromkeys(transitions["before"].astype(str)))
    shape = (len(names), len(names))
    counts = transitions["n"].to_numpy(dtype=int).reshape(shape)
    shares = transitions["share"].to_numpy(dtype=float).reshape(shape)
    stayed = int(np.trace(counts))
    return style.drawn(
        view,
        _ABOVE_CELLS + _CELL * len(names) + _BELOW_CELLS,
        lambda sheet: _draw_moves(sheet, view, names, counts, shares),
        name="mobility",
        chart="heatmap",
        caption=view.say("Moves between quarters of the ranking, {index}, {before} to {year}"),
        alternative=view.say(
            "Matrix of quarters: {stayed:none} of {n} {units} stayed in their quarter.",
            stayed=stayed,
            n=int(counts.sum()),
        ),
        notes=_moves_unknown(view, transitions),
        data={
            "before": map(str, transitions["before"]),
            "now": map(str, transitions["now"]),
            "n": counts.ravel(),
            "share": shares.ravel(),
        },
    )


def _draw_moves(sheet: style.Sheet, view: View, names: list[str], counts: np.ndarray, shares: np.ndarray) -> None:
    """A cell for each way from a quarter then to a quarter now; on a telephone cells are as wide as it has room."""
    before, year, n = view.results.year - 1, view.results.year, len(names)
    quarters = [view.say("quarter {n}", n=name) for name in names]
    labels = [f"{before}: {name}" for name in quarters]
    on_paper = sheet.width == style.WIDTH
    left = 52.0 if on_paper else 3 + max(style.text_width(label, style.SMALL) for label in labels)
    wide = 26.0 if on_paper else (sheet.width - left - style.EDGE) / n
    axes = sheet.axes(left, sheet.width - left - wide * n, _ABOVE_CELLS, _BELOW_CELLS)
    axes.pcolormesh(np.ma.masked_invalid(shares), cmap=style.CELLS, vmin=0, vmax=1, edgecolors="white", linewidth=1.0)
    axes.set(xlim=(0, n), ylim=(n, 0))
    axes.set_axis_off()
    shades = style.CELLS(Normalize(0, 1)(np.nan_to_num(shares)))
    for row, column in product(range(n), repeat=2):
        text = f"{counts[row, column]}\n({view.wording.format(100 * shares[row, column], 0)}%)"
        colour = style.readable_on(shades[row, column][:3])
        sheet.write(column + 0.5, row + 0.5, text, axes, align="center", colour=colour)
    middles = np.arange(n) + 0.5
    sheet.write(style.EDGE, _ABOVE_CELLS + _CELL * middles, labels, size=style.SIZE if on_paper else style.SMALL)
    heads = [style.wrapped(f"{year}: {name}", wide - 1, style.SMALL) for name in quarters]
    sheet.write(left + wide * middles, 9.0, heads, align="center", size=style.SMALL)
    sheet.write(style.EDGE, sheet.height - 4, view.say("Quarter of the ranking: first is best."), colour=style.MUTED)


def _moves_unknown(view: View, transitions: pd.DataFrame) -> tuple[str, ...]:
    unknown = int(transitions["n_unknown"].iloc[0])
    notes = []
    if unknown:
        notes.append(view.say("Left out because a rank is not known: {n}.", n=unknown))
    if transitions["break_mark"].any():
        notes.append(
            view.say("The set of criteria changed between {before} and {year}: the change is not like for like.")
        )
    return tuple(notes)


def mean_line(view: View, means: pd.DataFrame) -> Figure:
    """The printed national means, joined only where the scale stayed. ``means``: ``year``, ``mean``, ``break_mark``."""
    years, values = means["year"].to_numpy(int), means["mean"].to_numpy(float)
    breaks = [year for year in _breaks(means) if year > years[0]]
    texts = [view.wording.format(value, 2) for value in values]
    broken = view.say("Broken line: the questionnaire changed; values on its two sides do not compare.")
    margin = max(float(np.ptp(values)) * 0.2, 0.5)

    def draw(sheet: style.Sheet) -> None:
        axes = time_axes(sheet, view, years, breaks, broken=message("the questionnaire changed"))
        axes.set_ylim(values.min() - margin, values.max() + margin)
        line(axes, years, values, breaks, style.ORDERED[0], "o", "-")
        known = told_years(sheet, values)
        heights, labels = values[known] + margin * 0.42, [texts[place] for place in known]
        sheet.write(years[known], heights, labels, axes, align="center", size=style.SMALL, halo="white")
        style.value_axis(sheet, axes, view, view.say("national mean of SIPAS (%)"))

    return style.drawn(
        view,
        66,
        draw,
        name="sipas-means",
        chart="lines",
        caption=view.say("National mean of SIPAS, {first}–{year}", first=int(years[0])),
        alternative=view.say(
            "Means by year, from {first}% in {start} to {last}% in {end}.",
            first=texts[0],
            start=int(years[0]),
            last=texts[-1],
            end=int(years[-1]),
        ),
        source=view.say("Source: SIPAS results published by the Ministry of Home Affairs."),
        notes=(broken,) if breaks else (),
        data={"year": years, "mean": np.round(values, 9), "break": [year in breaks for year in years]},
    )
