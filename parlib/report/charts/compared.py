"""Units compared: moves of rank and their causes, regions, peers, links with other indices, mergers."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from parlib.report.blocks import Figure, Note
from parlib.report.charts.columns import name_colours
from parlib.report.charts.lines import Lines, lines_figure
from parlib.report.measures import MEASURES
from parlib.report.style import ACCENT, DOWN, INK, MUTED, ORDERED, UP, bars
from parlib.report.views import View, ends
from parlib.scoring import units

_OWN, _OTHERS = ("#1d4f7c", ""), ("#93bfdd", "")


def rank_change_bars(view: View, moves: pd.DataFrame) -> Figure | Note:
    """The places each unit won or lost: by its own change and by that of the others.

    ``moves`` is the frame of ``change_of_rank`` (unit, places, own, others).
    """
    before = view.results.year - 1
    rows = moves.dropna(subset=["places"]) if not moves.empty else moves
    if rows.empty:
        return view.missing("The causes of changes of rank need every value of {before} and {year}.", before=before)
    rows = rows.sort_values("places", ascending=False, kind="stable")
    parts = [rows[part].to_numpy(float) for part in ("own", "others")]
    looks = (_OWN, _OTHERS)
    ups = sum(np.clip(part, 0, None) for part in parts)
    downs = sum(np.clip(part, None, 0) for part in parts)

    def draw(axes: Axes, y: np.ndarray) -> None:
        high, low = np.zeros(len(y)), np.zeros(len(y))
        for part, (colour, hatch) in zip(parts, looks, strict=True):
            rise, fall = np.clip(part, 0, None), np.clip(part, None, 0)
            bars(axes, y, rise, high, colour=colour, hatch=hatch, edge=INK)
            bars(axes, y, fall, low, colour=colour, hatch=hatch, edge=INK)
            high, low = high + rise, low + fall
        axes.axvline(0, color=INK, linewidth=0.8)

    names = [view.unit(str(unit)) for unit in rows["unit"]]
    words = (view.say("own change"), view.say("change of the others"))
    first, last = ends(rows["unit"], rows["places"])
    return lines_figure(
        view,
        Lines(names, [view.wording.format(p, 0, signed=True) for p in rows["places"]], view.say("places"),
              name_colours(view, rows["unit"])),
        draw,
        (float(np.min(downs)), float(np.max(ups))),
        name="rank_change",
        chart="stacked_bars",
        caption=view.say("Places won or lost since {before} and what they come from, {index} {year}", before=before),
        alternative=view.say(
            "Places won or lost by unit. Most won: {first}, {up}; most lost: {last}, {down}.",
            first=view.shared_units(first.keys, column="rank"),
            up=view.wording.number(first.value, 0, view.ref(first.keys[0], column="rank"), signed=True),
            last=view.shared_units(last.keys, column="rank"),
            down=view.wording.number(last.value, 0, view.ref(last.keys[0], column="rank"), signed=True),
        ),
        data={"unit": list(rows["unit"]), "name": names, "places": [int(p) for p in rows["places"]],
              "own": parts[0].tolist(), "others": parts[1].tolist()},
        key=[(word, "", colour, hatch) for word, (colour, hatch) in zip(words, looks, strict=True)],
    )  # fmt: skip


def region_contribution_bars(view: View, contributions: pd.DataFrame) -> Figure | Note:
    """What each region adds to the change of the mean. ``contributions``: the frame of ``region_contributions``."""
    before = view.results.year - 1
    rows = contributions[contributions["contribution"].notna()] if not contributions.empty else contributions
    rows = rows[rows["kind"] == "region"] if not rows.empty else rows
    if rows.empty:
        return view.missing("What the regions add to the change since {before} is not known.", before=before)
    values = np.array([view.scaled(value) for value in rows["contribution"]])
    names = [view.region_names[str(region)] for region in rows["region"]]

    def draw(axes: Axes, y: np.ndarray) -> None:
        bars(axes, y, values, colour=[UP if value >= 0 else DOWN for value in values], edge=INK)
        axes.axvline(0, color=INK, linewidth=0.8)

    texts = [view.wording.format(value, view.measure.decimals, signed=True) for value in values]
    most, _ = view.ends_of(names, values, view.say("regions"))
    return lines_figure(
        view,
        Lines(names, texts, view.unit_of_change),
        draw,
        (min(0.0, float(values.min())), max(0.0, float(values.max()))),
        name="region_contributions",
        chart="bars",
        caption=view.say(
            "What each region adds to the change of the mean since {before}, {index} {year}", before=before
        ),
        alternative=view.say("Contributions of the regions. Largest: {first}, {value}.", first=most.named,
                             value=texts[most.place]),
        data={"region": list(rows["region"]), "name": names, "contribution": values.tolist()},
    )  # fmt: skip


def peer_dots(view: View, peers: pd.DataFrame) -> Figure | Note:
    """A unit among its peers, the best first. ``peers`` is the frame of ``among_peers``."""
    rows = peers[peers["index"].notna()] if not peers.empty else peers
    if rows.empty or not rows["is_own"].any():
        return view.missing("The unit or its peers have no value of {year}.")
    values = np.array([view.scaled(value) for value in rows["index"]])
    names = [view.unit(str(unit)) for unit in rows["unit"]]
    own = rows["is_own"].to_numpy(bool)

    def draw(axes: Axes, y: np.ndarray) -> None:
        axes.axvline(float(values[own][0]), color=ACCENT, linewidth=1.0, zorder=1)
        axes.scatter(
            values, y, s=30, c=[ACCENT if mine else ORDERED[1] for mine in own], edgecolors=INK, linewidths=0.6
        )

    texts = [view.wording.format(value, view.measure.decimals) for value in values]
    mine = names[int(np.flatnonzero(own)[0])]
    best, _ = view.ends_of(names, values)
    return lines_figure(
        view,
        Lines(names, texts, view.unit_of_value, [ACCENT if is_own else INK for is_own in own]),
        draw,
        (float(values.min()), float(values.max())),
        name="peers",
        chart="dots",
        caption=view.say("{unit} among its peers, {index} {year}", unit=mine),
        alternative=view.say("{unit} has {value}; the best of its peers is {first}, {high}.", unit=mine,
                             value=texts[int(np.flatnonzero(own)[0])], first=best.named, high=texts[best.place]),
        data={"unit": list(rows["unit"]), "name": names, "value": values.tolist()},
    )  # fmt: skip


def link_intervals(view: View, links: pd.DataFrame) -> Figure | Note:
    """Rank correlations with other indices, each with its interval. ``links`` is the frame of ``links``."""
    rows = links[links["coefficient"].notna()] if not links.empty else links
    if rows.empty:
        return view.missing("Too few units have both indices: no link can be measured for {year}.")
    middle, low, high = (rows[name].to_numpy(float) for name in ("coefficient", "low", "high"))
    names = [
        f"{view.wording.say(MEASURES[str(name)].name)} {year} (n = {n})"
        for name, year, n in zip(rows["other_name"], rows["other_year"], rows["n"], strict=True)
    ]

    def draw(axes: Axes, y: np.ndarray) -> None:
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.hlines(y, low, high, color=MUTED, linewidth=1.6)
        axes.scatter(middle, y, s=30, color=ORDERED[0], edgecolors=INK, linewidths=0.6, zorder=3)

    texts = [view.wording.format(value, 2) for value in middle]
    best, _ = view.ends_of(names, np.abs(middle), view.say("indices"))
    signs = set(np.sign(middle[list(best.places)]))
    strongest = view.wording.format(abs(middle[best.place]), 2) if len(signs) > 1 else texts[best.place]
    partial = not rows["complete"].astype(bool).all()
    notes: tuple[str, ...] = (view.say("Lines: intervals of chance at {level}%.", level=view.wording.count(95)),)
    if partial:
        more = view.say("Units that get printed are often the first and the last: of partial lists read with care.")
        notes = (*notes, more)
    return lines_figure(
        view,
        Lines(names, texts, view.say("correlation")),
        draw,
        (min(-0.2, float(np.nanmin(low))), 1.0),
        name="links",
        chart="intervals",
        caption=view.say("Rank correlation of the {index} {year} with other indices"),
        alternative=view.say("Rank correlations. Strongest: {first}, {value}.", first=best.named, value=strongest),
        data={"index": list(rows["other_name"]), "name": names, "coefficient": middle.tolist(), "low": low.tolist(),
              "high": high.tolist()},
        notes=notes,
    )  # fmt: skip


def merger_ranges(view: View, spread: pd.DataFrame, rule: str = "") -> Figure | Note:
    """The merged units from their worst to their best part, with the mean. ``spread`` is the frame of
    ``mergers.spread``; ``rule`` is the sentence that says how values were combined, printed below."""
    rows = spread[(spread["change"] != "unchanged") & spread["spread"].notna()] if not spread.empty else spread
    if rows.empty:
        return view.missing("The values of the merged units' parts are not known for {year}.")
    rows = rows.sort_values("mean", ascending=False, kind="stable")
    low, mean, high = (np.array([view.scaled(v) for v in rows[name]]) for name in ("worst", "mean", "best"))
    names = [units.name(str(unit), view.wording.language) for unit in rows["unit"]]

    def draw(axes: Axes, y: np.ndarray) -> None:
        axes.hlines(y, low, high, color=ORDERED[2], linewidth=3.0)
        axes.scatter(mean, y, s=28, color=ORDERED[0], edgecolors=INK, linewidths=0.6, zorder=3)

    texts = [view.wording.format(value, view.measure.decimals) for value in high - low]
    widest, _ = view.ends_of(names, high - low)
    return lines_figure(
        view,
        Lines(names, texts, view.say("best less worst")),
        draw,
        (float(low.min()), float(high.max())),
        name="mergers",
        chart="intervals",
        caption=view.say("Merged units: from the worst to the best of their parts, {index} {year}"),
        alternative=view.say("The parts differ most in {first}: {value}.", first=widest.named,
                             value=texts[widest.place]),
        data={"unit": list(rows["unit"]), "name": names, "worst": low.tolist(), "mean": mean.tolist(),
              "best": high.tolist()},
        key=[
            (view.say("mean of the parts"), "o", ORDERED[0], ""),
            (view.say("worst to best part"), "", ORDERED[2], ""),
        ],
        notes=(rule,) if rule else (),
    )  # fmt: skip
