"""What the last change was made of, and who changed places: a bridge over the parts, and a matrix of quarters."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.colors import Normalize

from parlib.report import style
from parlib.report.blocks import Figure, Note
from parlib.report.charts.columns import figure
from parlib.report.style import DOWN, EDGE, INK, MUTED, RULE, SCALE, SIZE, SMALL, UP
from parlib.report.views import View, part_node
from parlib.report.wording import direction

_PITCH, _LEFT, _FOOT = 7.6, 68.0, 16.0
_CELL = 15.0
LEAST_KNOWN = 0.9  # the moves of a few units, seldom like the others, are not the moves of all


def change_bridge(view: View, parts: pd.DataFrame, unit: str = "") -> Figure | Note:
    """From nought to the whole change, part by part, of the mean or of one ``unit``.

    ``parts`` is the frame of ``change_of_mean_by_part``, or for a unit of ``change_parts``, in what the index is
    printed in.
    """
    rows = parts[parts["unit"] == unit] if unit and len(parts) else parts
    if rows.empty or rows["contribution"].isna().any() or rows["total"].isna().any():
        return view.missing("What the change up to {year} was made of is not known.")
    values = rows["contribution"].to_numpy(dtype=float)
    total = float(rows["total"].iloc[0])
    starts = np.concatenate([[0.0], np.cumsum(values)[:-1]])
    labels = [_part(view, str(node), str(kind)) for node, kind in zip(rows["node"], rows["kind"], strict=True)]
    labels = [*(style.wrapped(label, _LEFT - 4, SIZE) for label in labels), view.say("Whole change")]
    n = len(labels)
    with style.sheet(4 + _PITCH * n + _FOOT) as sheet:
        axes = sheet.axes(_LEFT, 18, 4, _FOOT)
        lefts, widths = np.append(starts, 0.0), np.append(values, total)
        ways = np.array([direction(width) for width in widths])
        y = np.arange(n)
        for way, colour, hatch in ((1, UP, ""), (-1, DOWN, "////")):
            chosen = ways == way
            axes.barh(
                y[chosen],
                widths[chosen],
                left=lefts[chosen],
                height=0.66,
                color=colour,
                hatch=hatch,
                edgecolor=INK,
                linewidth=0.4,
            )
        for place in range(n - 1):
            axes.vlines(lefts[place] + widths[place], place + 0.33, place + 0.67, color=MUTED, linewidth=0.8)
        ends = np.concatenate([lefts, lefts + widths])
        margin = float(np.ptp(ends)) * 0.05 or 1.0
        axes.set(xlim=(ends.min() - margin, ends.max() + margin), ylim=(n - 0.5, -0.5))
        axes.grid(axis="x")
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.axhline(n - 1.5, color=RULE, linewidth=0.8)
        axes.xaxis.set_major_formatter(lambda value, _: view.tick(value))
        axes.set_xlabel(view.unit_of_change, labelpad=2)
        heights = 4 + _PITCH * (y + 0.5)
        sheet.write(EDGE, heights, labels)
        texts = [view.wording.format(value, 2, signed=True) for value in widths]
        sheet.write(sheet.width - EDGE, heights, texts, align="right")
        sheet.key(EDGE, sheet.height - 3, [(view.say("added"), UP, ""), (view.say("took away"), DOWN, "////")])
        flat = [label.replace("\n", " ") for label in labels[:-1]]
        top, _ = view.ends_of(flat, np.abs(values), view.say("parts"))
        alike = len(set(np.sign(values[list(top.places)]))) == 1
        size = texts[top.place] if alike else view.wording.format(abs(values[top.place]), 2)
        whom = view.unit(unit) if unit else view.say("mean of {n} {units}", n=int(rows["n"].iloc[0]))
        before = view.results.year - 1
        return figure(
            sheet,
            view,
            name=f"bridge-{unit}" if unit else "bridge",
            chart="bridge",
            caption=view.say(
                "What the change of the {index} from {before} to {year} is made of: {whom}", before=before, whom=whom
            ),
            alternative=view.say(
                "Bridge of the change by part. The largest part is {part}: {value}; the whole change is {total}.",
                part=top.named,
                value=size,
                total=texts[-1],
            ),
            data={
                "node": [*(str(node) for node in rows["node"]), ""],
                "name": [label.replace("\n", " ") for label in labels],
                "contribution": widths.tolist(),
            },
        )


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
    left, top = 52.0, 15.0
    with style.sheet(top + _CELL * len(names) + 9) as sheet:
        axes = sheet.axes(left, style.WIDTH - left - 26.0 * len(names), top, 9)
        axes.pcolormesh(np.ma.masked_invalid(shares), cmap=SCALE, vmin=0, vmax=1, edgecolors="white", linewidth=1.0)
        axes.set(xlim=(0, len(names)), ylim=(len(names), 0))
        axes.set_axis_off()
        shades = SCALE(Normalize(0, 1)(np.nan_to_num(shares)))
        for row in range(len(names)):
            for column in range(len(names)):
                share = view.wording.format(100 * shares[row, column], 0)
                sheet.write(
                    column + 0.5,
                    row + 0.5,
                    f"{counts[row, column]}\n({share}%)",
                    axes,
                    align="center",
                    colour=style.readable_on(shades[row, column][:3]),
                )
        before = view.results.year - 1
        quarters = [view.say("quarter {n}", n=name) for name in names]
        sheet.write(EDGE, top + _CELL * (np.arange(len(names)) + 0.5), [f"{before}: {name}" for name in quarters])
        at = left + 26.0 * (np.arange(len(names)) + 0.5)
        sheet.write(at, 10, [f"{view.results.year}: {name}" for name in quarters], align="center", size=SMALL)
        sheet.write(EDGE, sheet.height - 4, view.say("Quarter of the ranking: first is best."), colour=MUTED)
        stayed = int(np.trace(counts))
        return figure(
            sheet,
            view,
            name="mobility",
            chart="heatmap",
            caption=view.say("Moves between quarters of the ranking, {index}, {before} to {year}", before=before),
            alternative=view.say(
                "Matrix of quarters: {stayed} of {n} {units} stayed in their quarter.",
                stayed=stayed,
                n=int(counts.sum()),
            ),
            notes=_unknown(view, transitions),
            data={
                "before": [str(name) for name in transitions["before"]],
                "now": [str(name) for name in transitions["now"]],
                "n": counts.ravel().tolist(),
                "share": [None if np.isnan(share) else float(share) for share in shares.ravel()],
            },
        )


def _unknown(view: View, transitions: pd.DataFrame) -> tuple[str, ...]:
    unknown = int(transitions["n_unknown"].iloc[0])
    notes = []
    if unknown:
        notes.append(view.say("Left out because a rank is not known: {n}.", n=unknown))
    if transitions["break_mark"].any():
        notes.append(
            view.say(
                "The set of criteria changed between {before} and {year}: the change is not like for like.",
                before=view.results.year - 1,
            )
        )
    return tuple(notes)
