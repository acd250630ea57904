"""The figures of a profile: where the unit stands, areas, losses, claims, survey, the years, other indices.

The unit itself is orange and larger; every other sign has a shape of its own, so all hold in grey print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from parlib.analysis.profile import Profile
from parlib.report import maps, style
from parlib.report.blocks import Figure, Note, Parts, is_known, plain
from parlib.report.charts import trends
from parlib.report.style import (
    ACCENT,
    EDGE,
    INK,
    MUTED,
    ORDERED,
    RULE,
    SIZE,
    SMALL,
    Rows,
    Sheet,
    Sign,
    known_of_all,
    row_figure,
)
from parlib.report.views import View, ends

MOST_SURVEYED = 6
MOST_BARS = 6
_STRIP = 27.0


def place_strip(view: View, profile: Profile) -> Figure | None:
    """All units on one line of values: those of the region darker, the unit itself marked, the mean and the groups."""
    values = view.values().dropna()
    if view.focus not in values.index or len(values) < 2:
        return None
    own = float(values[view.focus])
    region = set(profile.position.region_units) - {view.focus}
    others = values.drop(view.focus)
    mean = profile.areas.iloc[0]["mean"]
    low, high = float(values.min()), float(values.max())
    margin = (high - low) * 0.04 or 1.0
    inside = np.array([unit in region for unit in others.index], dtype=bool)

    def draw(sheet: style.Sheet) -> None:
        foot = 12 if sheet.width == style.WIDTH else 21
        axes = sheet.axes(4, 4, 8, foot)
        axes.set(xlim=(low - margin, high + margin), ylim=(0, 1))
        axes.vlines(others[~inside], 0.25, 0.75, color=ORDERED[2], linewidth=1.6)
        axes.vlines(others[inside], 0.12, 0.88, color=ORDERED[0], linewidth=2.0)
        axes.scatter([own], [0.5], s=52, marker="D", color=ACCENT, edgecolors=INK, linewidths=0.7, zorder=5)
        if is_known(mean):
            axes.axvline(view.scaled(mean), color=INK, linewidth=1.0, linestyle=(0, (3, 2)))
        for bound in view.results.bands.values():
            if low < view.scaled(bound) <= high:
                axes.axvline(view.scaled(bound), color=MUTED, linewidth=0.8, linestyle=":")
        axes.xaxis.set_major_formatter(lambda value, _: view.tick(value))
        name = f"{view.unit(view.focus)} {view.wording.format(own, view.decimals)}"
        half = style.text_width(name, SIZE, "bold") / 2
        at = 4 + (own - low + margin) / (high - low + 2 * margin) * (sheet.width - 8)
        sheet.write(float(np.clip(at, half + 1, sheet.width - half - 1)), 4, name, align="center", weight="bold",
                    colour=ACCENT)  # fmt: skip
        _strip_key(sheet, view, bool(inside.any()), is_known(mean))

    return style.drawn(
        view,
        _STRIP,
        draw,
        narrow_height=_STRIP + 9,
        name="place",
        chart="strip",
        caption=view.say("{unit} among all {units}, {index} {year}", unit=view.named(view.focus)),
        alternative=view.say(
            "{unit} has {value}; the {units} known lie between {low} and {high}.",
            unit=view.named(view.focus),
            value=view.wording.format(own, view.decimals),
            low=view.wording.format(low, view.decimals),
            high=view.wording.format(high, view.decimals),
        ),
        notes=known_of_all(view),
        data={
            "unit": values.index,
            "value": values,
            "region": [unit in region or unit == view.focus for unit in values.index],
            "focus": [unit == view.focus for unit in values.index],
        },
    )


def _strip_key(sheet: Sheet, view: View, region: bool, mean: bool) -> None:
    on_paper = sheet.width == style.WIDTH
    x, y = 4.0, sheet.height - (2.6 if on_paper else 11.6)
    entries = [(view.say("same region"), ORDERED[0], 2.0, "-")] if region else []
    entries.append((view.say("other {units}"), ORDERED[2], 1.6, "-"))
    entries += [(view.say("mean"), INK, 1.0, "--")] if mean else []
    entries += [(view.say("bounds of the groups"), MUTED, 0.8, ":")] if view.results.bands else []
    for words, colour, width, dashes in entries:
        if x + 6 + style.text_width(words, SMALL) > sheet.width:
            x, y = 4.0, y + 4.5
        sheet.page.lines([((x + 1, y - 1.6), (x + 1, y + 1.6))], colour=colour, width=width, dashes=dashes)
        sheet.write(x + 3.4, y, words, size=SMALL)
        x += 9 + style.text_width(words, SMALL)


# --- areas ----------------------------------------------------------------------------------------

_SIGNS = (
    ("best", "^", "#ffffff"),
    ("mean", "P", INK),
    ("region_mean", "s", ORDERED[2]),
    ("previous", "o", "#ffffff"),
)


def area_dots(view: View, profile: Profile) -> Figure | Note | None:
    """The unit in every area against the mean of all, of the region, the best, and its own last year."""
    rows = profile.areas.iloc[1:]
    rows = rows[rows["index"].notna()]
    if rows.empty:
        return None
    nodes = [str(node) for node in rows["node"]]
    columns = {
        name: np.array([view.scaled(value, node) for value, node in zip(rows[name], nodes, strict=True)])
        for name in ("index", "best", "mean", "region_mean", "previous")
    }
    present = [sign for sign in _SIGNS if np.isfinite(columns[sign[0]]).any()]
    words = {
        "best": view.say("best of all"),
        "mean": view.say("mean of all"),
        "region_mean": view.say("mean of the region"),
        "previous": view.say("own value {before}"),
    }

    def draw(_: Sheet, axes: Axes, y: np.ndarray) -> None:
        if np.isfinite(columns["mean"]).all():
            axes.hlines(y, columns["mean"], columns["index"], color=MUTED, linewidth=1.2, zorder=1)
        for name, marker, colour in present:
            axes.scatter(columns[name], y, s=30, marker=marker, color=colour, edgecolors=INK, linewidths=0.8, zorder=3)
        axes.scatter(columns["index"], y, s=44, marker="D", color=ACCENT, edgecolors=INK, linewidths=0.6, zorder=4)

    everything = np.concatenate(list(columns.values()))
    names = [f"{node}. {view.node_name(node)}" for node in nodes]
    texts = [view.wording.format(value, view.decimals) for value in columns["index"]]
    gaps = columns["index"] - columns["mean"]
    sentence = view.say("Dots of {n} {areas}.", n=len(nodes))
    if np.isfinite(gaps).all():
        _, least = view.ends_of(names, gaps, view.areas)
        sentence = view.say(
            "Dots of {n} {areas}. Furthest below the mean of all or least above it: {area}, {gap}.",
            n=len(nodes),
            area=least.named,
            gap=view.wording.format(float(gaps[least.place]), view.decimals, signed=True),
        )
    key: list[Sign] = [(view.say("this unit"), "D", ACCENT, "")]
    key += [(words[name], marker, colour, "") for name, marker, colour in present]
    limits = float(np.nanmin(everything)), float(np.nanmax(everything))
    return row_figure(
        view,
        Rows(names, limits, [(view.unit_of_value, texts)], key, widest=62.0),
        draw,
        name="areas",
        chart="dots",
        caption=view.say("{unit} by {area}, {index} {year}", unit=view.named(view.focus)),
        alternative=sentence,
        data={"node": nodes, "name": names, **columns},
    )


def alike_tiles(view: View, profile: Profile) -> Figure:
    """Where the unit and those most like it lie, as tiles: Hoàng Sa and Trường Sa with their provinces. Their places by
    likeness stand in the table."""
    near = profile.alike.units
    of = pd.Series(2, index=view.results.units["unit"])
    of[near["unit"]], of[view.focus] = 1, 0
    words = (view.say("this unit"), view.say("most alike"), view.say("others"))
    classes = maps.Classes(of, words, (ACCENT, ORDERED[1], ORDERED[-1]), ("", "", ""))
    caption = view.say("{unit} and the {units} most like it on the map", unit=view.named(view.focus))
    listed = view.unit_list([str(key) for key in near["unit"]])
    alternative = view.say("Tiles: {unit}; most like it: {list}.", unit=view.unit(view.focus), list=listed)
    return maps.tile_map(view, classes, maps.Told("alike", caption, alternative))


# --- losses, claims, survey -----------------------------------------------------------------------


def loss_bars(view: View, profile: Profile, most: int = MOST_BARS) -> Figure | Note | None:
    """The criteria that cost most: points reached and the mean of all in percent of the maximum, so that one criterion
    of ten points leaves the others their room; points lost of the maximum beside them."""
    rows = profile.losses.leaves.head(most)
    if rows.empty:
        return None
    nodes = [str(node) for node in rows["node"]]
    points, maximum = rows["points"].to_numpy(float), rows["maximum"].to_numpy(float)
    mean = maximum - rows["mean_lost"].to_numpy(float)
    reached, usual = 100 * points / maximum, 100 * mean / maximum

    def draw(_: Sheet, axes: Axes, y: np.ndarray) -> None:
        style.bars(axes, y, np.full(len(y), 100.0), colour="#ffffff", edge=INK)
        style.bars(axes, y, reached, colour=ORDERED[1], edge=INK)
        axes.vlines(usual, y - 0.42, y + 0.42, color=ACCENT, linewidth=2.0, zorder=4)

    names = [f"{node} {view.node_name(node)}" for node in nodes]
    texts = [view.wording.format(-lost, 2) for lost in rows["lost"]]
    most_points = [view.wording.format(value, 2) for value in maximum]
    first, _ = view.ends_of(names, rows["lost"], view.say("criteria"))
    key = [(view.say("points reached"), "", ORDERED[1], ""), (view.say("maximum"), "", "#ffffff", "")]
    key += [(view.say("mean of all"), "|", ACCENT, "")]
    return row_figure(
        view,
        Rows(
            names,
            (0.0, 100.0),
            [(view.say("points lost"), texts), (view.say("maximum"), most_points)],
            key,
            view.say("% of the maximum"),
            widest=84.0,
            margin=0.02,
        ),
        draw,
        name="losses",
        chart="bars",
        caption=view.say("Criteria where {unit} lost most points, {index} {year}", unit=view.named(view.focus)),
        alternative=view.say("Bars of points reached. Most was lost on {first}: {lost} points.", first=first.named,
                             lost=view.wording.format(float(rows["lost"].iloc[first.place]), 2)),
        data={"node": nodes, "name": names, "points": points, "maximum": maximum, "mean": mean, "lost": rows["lost"]},
    )  # fmt: skip


def claim_dots(view: View, profile: Profile) -> Figure | Note | None:
    """How far the points appraised and granted lie from those claimed, by area, on the criteria that the unit answers
    itself: differences are small beside the points, which stand in figures."""
    rows = profile.losses.claims
    rows = rows[rows["node"] != ""]
    if rows.empty:
        return None
    nodes = [str(node) for node in rows["node"]]
    claimed, appraised, granted = (rows[name].to_numpy(float) for name in ("claimed", "appraised", "granted"))

    def draw(_: Sheet, axes: Axes, y: np.ndarray) -> None:
        axes.axvline(0, color=INK, linewidth=1.0, zorder=0.9)
        axes.hlines(y, gaps, 0, color=MUTED, linewidth=1.2, zorder=1)
        axes.scatter(appraised - claimed, y, s=44, marker="^", color=ORDERED[2], edgecolors=INK, linewidths=0.6,
                     zorder=3)  # fmt: skip
        axes.scatter(gaps, y, s=30, marker="D", color=ACCENT, edgecolors=INK, linewidths=0.6, zorder=4)

    names = [f"{node}. {view.node_name(node)}" for node in nodes]
    gaps = granted - claimed
    texts = [view.wording.format(float(gap), 2, signed=True) for gap in gaps]
    _, least = view.ends_of(names, gaps, view.areas)
    ends = [0.0, *(appraised - claimed), *gaps]
    key = [(view.say("self-assessed"), "|", INK, ""), (view.say("after the appraisal"), "^", ORDERED[2], "")]
    key += [(view.say("granted"), "D", ACCENT, "")]
    stages = ((view.say("self-assessed"), claimed), (view.say("granted"), granted))
    numbers = [(words, [view.wording.format(float(value), 2) for value in values]) for words, values in stages]
    return row_figure(
        view,
        Rows(names, (min(ends), max(ends)), [*numbers, (view.say("difference"), texts)], key,
             view.say("points more or less than self-assessed"), widest=62.0),
        draw,
        name="claims",
        chart="dots",
        caption=view.say("Points claimed, appraised and granted by {area}: {unit}, {year}",
                         unit=view.named(view.focus)),
        alternative=view.say("Dots of points claimed and granted. Largest difference: {area}, {gap} points.",
                             area=least.named, gap=texts[least.place]),
        data={"node": nodes, "name": names, "claimed": claimed, "appraised": appraised, "granted": granted},
    )  # fmt: skip


def survey_dots(view: View, profile: Profile) -> Figure | Note | None:
    """The surveyed criteria: the unit with its interval of sampling, and the mean of all."""
    rows = profile.losses.survey
    rows = rows[rows["index"].notna()]
    some = (
        view.say(
            "Drawn: the {n} surveyed criteria that lie furthest from the mean of all.",
            n=view.wording.count(MOST_SURVEYED),
        )
        if len(rows) > MOST_SURVEYED
        else ""
    )
    furthest = (rows["index"] - rows["mean"]).abs().sort_values(ascending=False, kind="stable").index[:MOST_SURVEYED]
    rows = rows.loc[sorted(furthest)]
    nodes = [str(node) for node in rows["node"]]
    index, half, mean = (rows[name].to_numpy(float) for name in ("index", "half", "mean"))
    reach = np.where(np.isfinite(half), half, 0.0)

    def draw(_: Sheet, axes: Axes, y: np.ndarray) -> None:
        axes.hlines(y, index - reach, index + reach, color=INK, linewidth=1.0, zorder=2)
        axes.scatter(index, y, s=34, marker="D", color=ACCENT, edgecolors=INK, linewidths=0.6, zorder=4)
        axes.scatter(mean, y, s=30, marker="P", color=INK, edgecolors=INK, linewidths=0.6, zorder=3)

    names = [f"{node} {view.node_name(node)}" for node in nodes]
    texts = [
        f"{view.wording.format(value, 1)} ±{view.wording.format(h, 1)}" for value, h in zip(index, half, strict=True)
    ]
    gaps = index - mean
    sentence = view.say("Dots of {n} surveyed criteria.", n=len(nodes))
    if np.isfinite(gaps).all():
        _, least = view.ends_of(names, gaps, view.say("criteria"))
        sentence = view.say(
            "Dots of {n} surveyed criteria. Furthest below the mean of all or least above it: {criterion}, {gap}.",
            n=len(nodes),
            criterion=least.named,
            gap=view.wording.format(float(gaps[least.place]), 1, signed=True),
        )
    everything = np.concatenate([index - reach, index + reach, mean[np.isfinite(mean)]])
    key = [(view.say("this unit, with its interval"), "D", ACCENT, ""), (view.say("mean of all"), "P", INK, "")]
    return row_figure(
        view,
        Rows(names, (float(everything.min()), float(everything.max())), [("%", texts)], key, widest=84.0),
        draw,
        name="survey",
        chart="intervals",
        caption=view.say("What the survey says of {unit}, percent of the maximum, {year}", unit=view.named(view.focus)),
        alternative=sentence,
        data={"node": nodes, "name": names, "index": index, "half": half, "mean": mean},
        notes=(view.say("Lines: intervals of sampling alone at {level}%, not of the choice of method.",
                        level=view.wording.count(95)), *((some,) if some else ())),
    )  # fmt: skip


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
    values, place = rows["value"].to_numpy(float), np.flatnonzero(np.isfinite(ranks))

    def draw(sheet: Sheet) -> None:
        axes = sheet.axes(_LEFT, _RIGHT, _HEAD, _FOOT + 4)
        axes.set(xlim=(years[0] - 0.6, years[-1] + 0.6), ylim=(deepest * 1.06 + 1, -deepest * 0.08))
        told = trends.told_years(sheet, years)
        axes.set_xticks(years[told].tolist(), [_year_words(view, years[at], values[at]) for at in told])
        axes.grid(axis="y")
        ticks = [1.0, *(tick for tick in MaxNLocator(5, integer=True).tick_values(1, deepest) if 2 < tick <= deepest)]
        axes.set_yticks(ticks)
        sheet.write(np.full(len(ticks), axes.get_xlim()[0] - 0.08), ticks, [f"{t:.0f}" for t in ticks], axes,
                    align="right", size=SMALL)  # fmt: skip
        sheet.write(EDGE, 2.6, view.say("Rank"), size=SMALL, colour=MUTED)
        for year in breaks:
            axes.axvline(year - 0.5, color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)), zorder=0.8)
        trends.line(axes, years, ranks, breaks, ACCENT, "D", "-")
        lift = deepest * 0.11
        sheet.write(years[place], ranks[place] - lift, [f"{ranks[at]:.0f}" for at in place], axes, align="center",
                    size=SMALL, weight="bold")  # fmt: skip
        if breaks:
            mark = (_LEFT + 1, sheet.height - 4.6), (_LEFT + 1, sheet.height - 1)
            sheet.page.lines([mark], colour=MUTED, width=0.8, dashes=(0, (4, 3)))
            sheet.write(_LEFT + 4, sheet.height - 2.8, view.say("the scale changed"), size=SMALL)

    return style.drawn(
        view,
        56,
        draw,
        name="history",
        chart="lines",
        caption=view.say("Rank of {unit} over the years, below it its {index} ({measure}), {first}–{last}",
                         measure=view.unit_of_value, unit=view.named(view.focus),
                         first=int(years[0]), last=int(years[-1])),
        alternative=view.say(
            "Line of the rank: {then} in {first}, {now} in {last}.",
            then=f"{ranks[place[0]]:.0f}",
            first=int(years[place[0]]),
            now=f"{ranks[place[-1]]:.0f}",
            last=int(years[place[-1]]),
        ),
        data={"year": years, "rank": ranks, "value": values, "break": rows["break_mark"].astype(bool)},
    )  # fmt: skip


def _year_words(view: View, year: int, value: float) -> str:
    """A year and the index of it, one under the other."""
    return f"{year}\n{view.wording.format(value, 2)}" if np.isfinite(value) else str(year)


def related_ranks(view: View, profile: Profile) -> Figure | Note | None:
    """The place of the unit in each index: how many percent of the other units stand higher."""
    row, n = profile.position.row, view.results.n_ranked
    here = int(row["rank"]) if is_known(row["rank"]) else 0
    places = [(f"{view.index} {view.results.year}", here, n or 0, True)]
    of = [view] if places[0][1] and places[0][2] else []
    for other in profile.related:
        if other.rank and other.n:
            theirs = replace(view, results=other.results)
            value = f" ({plain(theirs.amount(theirs.value(view.focus, other.value)))})" if is_known(other.value) else ""
            places.append((f"{theirs.index} {other.results.year}{value}", other.rank, other.n, False))
            of.append(theirs)
    places = [entry for entry in places if entry[1] and entry[2]]
    if len(places) < 2:
        return None
    parts = np.array([100 * (rank - 1) / max(of - 1, 1) for _, rank, of, _ in places])
    own = np.array([is_own for *_, is_own in places])

    def draw(_: Sheet, axes: Axes, y: np.ndarray) -> None:
        axes.hlines(y, 0, 100, color=RULE, linewidth=1.0, zorder=1)
        axes.scatter(parts[~own], y[~own], s=36, color=ORDERED[1], edgecolors=INK, linewidths=0.6, zorder=3)
        axes.scatter(parts[own], y[own], s=46, marker="D", color=ACCENT, edgecolors=INK, linewidths=0.6, zorder=3)
        if own.any():
            axes.axvline(float(parts[own][0]), color=ACCENT, linewidth=0.8, linestyle=":", zorder=0.9)
        axes.set_xticks([0.0, 25.0, 50.0, 75.0, 100.0])

    names = [name for name, *_ in places]
    texts = [f"{rank}/{of}" for _, rank, of, _ in places]
    key = [(view.say("this index"), "D", ACCENT, "")] if own.any() else []
    key += [(view.say("other indices"), "o", ORDERED[1], "")]
    colours = [ACCENT if mine else INK for mine in own]
    return row_figure(
        view,
        Rows(names, (0.0, 100.0), [(view.say("Rank"), texts)], key, view.say("% of the other {units} stand higher"),
             colours=colours),
        draw,
        name="related",
        chart="dots",
        finding=_ends_of_places(view, of, [entry[1] for entry in places]),
        caption=view.say("Place of {unit} in each index (left: first)", unit=view.named(view.focus)),
        alternative=view.say("Dots of the places: {list}.",
                             list="; ".join(f"{name} {text}" for name, text in zip(names, texts, strict=True))),
        data={"index": names, "rank": [rank for _, rank, _, _ in places], "n": [of for _, _, of, _ in places]},
        source=view.sources([view.source, *(theirs.source for theirs in of)]),
    )  # fmt: skip


def _ends_of_places(view: View, of: Sequence[View], ranks: Sequence[int]) -> Parts:
    """In which index the unit stands highest and in which lowest, as a part of those ranked there; nothing where
    several share an end."""
    parts = [(rank - 1) / max((theirs.results.n_ranked or 0) - 1, 1) for theirs, rank in zip(of, ranks, strict=True)]
    lowest, highest = ends(range(len(parts)), parts)
    if len(lowest.keys) > 1 or len(highest.keys) > 1:
        return ()
    told: list[Parts] = []
    for end in (highest, lowest):
        theirs = of[int(end.keys[0])]
        rank = theirs.rank(view.focus, ranks[int(end.keys[0])])
        told.append((f"{theirs.index} {theirs.results.year} (", *theirs.share(rank, theirs.n_ranked), ")"))
    return view.phrase("Highest place: {best}; lowest: {worst}", best=told[0], worst=told[1])
