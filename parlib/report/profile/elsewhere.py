"""The unit over the years, and its place in other indices."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from parlib.analysis.profile import Profile
from parlib.report import style
from parlib.report.blocks import Figure
from parlib.report.charts.columns import figure
from parlib.report.charts.lines import Lines, lines_figure
from parlib.report.profile.charts import plain
from parlib.report.style import ACCENT, EDGE, INK, MUTED, ORDERED, RULE, SMALL
from parlib.report.views import View
from parlib.report.wording import is_known

_LEFT, _RIGHT, _HEAD, _FOOT = 12.0, 12.0, 8.0, 13.0


def history_lines(view: View, profile: Profile) -> Figure | None:
    """The rank over the years, the index written beside it; a gap wherever nothing is known or the scale changed."""
    rows = profile.history
    known = rows[rows["rank"].notna()]
    if len(known) < 2:
        return None
    rows = rows[(rows["year"] >= known["year"].min()) & (rows["year"] <= max(known["year"].max(), view.results.year))]
    years = rows["year"].to_numpy(int)
    ranks = rows["rank"].astype("float64").to_numpy()
    breaks = [int(year) for year in rows.loc[rows["break_mark"].astype(bool), "year"] if year > years[0]]
    numbers = rows["n_ranked"].astype("float64")
    deepest = float(max(np.nanmax(ranks), numbers.max() if numbers.notna().any() else 0))
    with style.sheet(56) as sheet:
        axes = sheet.axes(_LEFT, _RIGHT, _HEAD, _FOOT + 4)
        axes.set(xlim=(years[0] - 0.6, years[-1] + 0.6), ylim=(deepest * 1.06 + 1, -deepest * 0.08))
        values = rows["value"].to_numpy(float)
        axes.set_xticks(years.tolist(), [_year(view, *entry) for entry in zip(years, values, strict=True)])
        axes.grid(axis="y")
        ticks = [1.0, *(tick for tick in MaxNLocator(5, integer=True).tick_values(1, deepest) if 2 < tick <= deepest)]
        axes.set_yticks(ticks)
        sheet.write(np.full(len(ticks), years[0] - 0.68), ticks, [f"{t:.0f}" for t in ticks], axes, align="right",
                    size=SMALL)  # fmt: skip
        sheet.write(EDGE, 2.6, view.say("Rank"), size=SMALL, colour=MUTED)
        for year in breaks:
            axes.axvline(year - 0.5, color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)), zorder=0.8)
        _pieces(axes, years, ranks, breaks)
        place = np.flatnonzero(np.isfinite(ranks))
        lift = deepest * 0.11
        sheet.write(years[place], ranks[place] - lift, [f"{ranks[at]:.0f}" for at in place], axes, align="center",
                    size=SMALL, weight="bold")  # fmt: skip
        if breaks:
            sheet.page.vlines([_LEFT + 1], sheet.height - 4.6, sheet.height - 1, color=MUTED, linewidth=0.8,
                              linestyle=(0, (4, 3)))  # fmt: skip
            sheet.write(_LEFT + 4, sheet.height - 2.8, view.say("the scale changed"), size=SMALL)
        return figure(
            sheet,
            view,
            name="history",
            chart="lines",
            caption=view.say("Rank of {unit} over the years, below it its {index} ({measure}), {first}–{last}",
                             measure=view.unit_of_value, unit=view.unit(view.focus),
                             first=int(years[0]), last=int(years[-1])),
            alternative=view.say(
                "Line of the rank: {then} in {first}, {now} in {last}.",
                then=f"{ranks[place[0]]:.0f}",
                first=int(years[place[0]]),
                now=f"{ranks[place[-1]]:.0f}",
                last=int(years[place[-1]]),
            ),
            data={"year": years.tolist(), "rank": plain(ranks),
                  "value": plain(rows["value"].to_numpy(float)), "break": rows["break_mark"].astype(bool).tolist()},
        )  # fmt: skip


def _year(view: View, year: int, value: float) -> str:
    """A year and the index of it, one under the other."""
    return f"{year}\n{view.wording.format(value, 2)}" if np.isfinite(value) else str(year)


def _pieces(axes: Axes, years: np.ndarray, ranks: np.ndarray, breaks: list[int]) -> None:
    """A line for each run of years known one after another on one scale."""
    start = 0
    for place in range(1, len(years) + 1):
        if place == len(years) or years[place] in breaks or years[place] != years[place - 1] + 1:
            piece = slice(start, place)
            axes.plot(years[piece], ranks[piece], color=ACCENT, linewidth=1.6, zorder=2)
            start = place
    axes.scatter(years, ranks, s=30, color=ACCENT, marker="D", edgecolors=INK, linewidths=0.5, zorder=3)


def related_ranks(view: View, profile: Profile) -> Figure | None:
    """The place of the unit in each index, from first (left) to last (right), as a part of the field."""
    row, n = profile.standing.row, view.results.n_ranked
    here = int(row["rank"]) if is_known(row["rank"]) else 0
    places = [(f"{view.index} {view.results.year}", here, n or 0, True)]
    for other in profile.related:
        theirs = replace(view, results=other.results)
        value = (
            f" ({theirs.value(view.focus, other.value).text} {theirs.unit_of_value})" if is_known(other.value) else ""
        )
        places.append((f"{theirs.index} {other.results.year}{value}", other.rank or 0, other.n or 0, False))
    places = [entry for entry in places if entry[1] and entry[2]]
    if len(places) < 2:
        return None
    parts = np.array([(rank - 1) / max(of - 1, 1) for _, rank, of, _ in places])
    own = np.array([is_own for *_, is_own in places])

    def draw(axes: Axes, y: np.ndarray) -> None:
        axes.hlines(y, 0, 1, color=RULE, linewidth=1.0, zorder=1)
        axes.scatter(parts[~own], y[~own], s=36, color=ORDERED[1], edgecolors=INK, linewidths=0.6, zorder=3)
        axes.scatter(parts[own], y[own], s=46, marker="D", color=ACCENT, edgecolors=INK, linewidths=0.6, zorder=3)
        if own.any():
            axes.axvline(float(parts[own][0]), color=ACCENT, linewidth=0.8, linestyle=":", zorder=0.9)
        axes.set_xticks([0.0, 0.25, 0.5, 0.75, 1.0])

    names = [name for name, *_ in places]
    texts = [f"{rank}/{of}" for _, rank, of, _ in places]
    found = lines_figure(
        view,
        Lines(names, texts, view.say("Rank"), [ACCENT if mine else INK for mine in own]),
        draw,
        (0.0, 1.0),
        name="related",
        chart="dots",
        caption=view.say("Place of {unit} in each index, as a part of the field (left: first)",
                         unit=view.unit(view.focus)),
        alternative=view.say("Dots of the places: {list}.",
                             list="; ".join(f"{name} {text}" for name, text in zip(names, texts, strict=True))),
        data={"index": names, "rank": [rank for _, rank, _, _ in places], "n": [of for _, _, of, _ in places]},
        key=[(view.say("this index"), "D", ACCENT, ""), (view.say("other indices"), "o", ORDERED[1], "")]
        if own.any() else [(view.say("other indices"), "o", ORDERED[1], "")],
    )  # fmt: skip
    return replace(found, source=" ".join(dict.fromkeys(_sources(view, profile))))


def _sources(view: View, profile: Profile) -> list[str]:
    return [view.source, *(replace(view, results=other.results).source for other in profile.related)]
