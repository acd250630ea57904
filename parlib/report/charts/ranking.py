"""Who stands where, of what parts, and what changed since the year before: a row a unit."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import NormalDist

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from parlib.analysis.robustness.audit import SamplingAudit, Tiers
from parlib.report import style
from parlib.report.blocks import TO, Figure, Note, direction, is_known, message
from parlib.report.views import View, ends, known_statistic
from parlib.tables import Record, records

MOST_DOTS = 25  # beyond, dots with room around them would not fit on a page: thin bars


@dataclass(frozen=True)
class Sure:
    """How sure a ranking is: the audit of the survey's error, and the groups that it does not tell apart."""

    sampling: SamplingAudit = field(default_factory=SamplingAudit)
    tiers: Tiers = field(default_factory=Tiers)

    def of(self, units: pd.Series) -> pd.DataFrame:
        """What is known of ``units``, in their order: ``half`` of the interval in percent of the maximum, the ranks
        ``rank_low`` and ``rank_high`` that stay open (``is_open``: other draws may move an end), ``tier``; no columns
        where no error is known."""
        sets = self.sampling.simultaneous
        if sets.empty:
            return pd.DataFrame(index=units)
        rows = sets.set_index("unit").reindex(units)
        z = NormalDist().inv_cdf(1 - float(self.sampling.intervals["level"].iloc[0]) / 2)
        opened = [rows[name].fillna(False).astype(bool) for name in ("low_open", "high_open") if name in rows]
        return pd.DataFrame(
            {
                "half": z * rows["standard_error"].astype("float64"),
                "rank_low": rows["rank_low"].astype("float64"),
                "rank_high": rows["rank_high"].astype("float64"),
                "is_open": np.logical_or.reduce(opened) if opened else np.zeros(len(rows), dtype=bool),
                "tier": [float(self.tiers.by_unit.get(unit, np.nan)) for unit in units],
            }
        )


def ranking_bars(
    view: View,
    ranking: pd.DataFrame,
    change: pd.DataFrame | None = None,
    statistics: pd.DataFrame | None = None,
    sure: Sure = Sure(),
) -> Figure | Note:
    """The ranked units whose index is known, best first: index, band, the rank of the year before, how sure it is.

    ``ranking``, ``change`` and ``statistics`` are the frames of ``rank``, ``change`` and ``statistics``; the last gives
    the line of the mean. The axis begins near the lowest. Units without an index are left out and counted.
    """
    rows = ranking[ranking["ranked"].astype(bool) & ranking["index"].notna()]
    if rows.empty:
        return view.missing("No value of the {index} of {year} is known for any of the ranked {units}.")
    rows = rows.sort_values(["rank", "index"], ascending=[True, False], na_position="last", kind="stable")
    rows = rows.assign(value=view.values().reindex(rows["unit"]).to_numpy())
    rows["before"] = _previous_ranks(rows, change)
    few, values = len(rows) <= MOST_DOTS, rows["value"].to_numpy(dtype=float)
    mean = known_statistic(view, statistics, "mean") if statistics is not None else None
    bands, known = _bands(view, rows), sure.of(rows["unit"])
    half = np.array([view.scaled(value) for value in known["half"]]) if len(known.columns) else np.zeros(len(rows))
    half = np.nan_to_num(half)

    def draw(_: style.Sheet, axes: Axes, y: np.ndarray) -> None:
        axes.hlines(y, values - half, values + half, color=style.MUTED, linewidth=1.6 if few else 1.0, zorder=2.4)
        _dots(axes, view, y, values, [bands.get(band, style.ORDERED[1]) for band in rows["band"]], 34 if few else 16)
        if mean is not None and mean.value is not None:
            axes.axvline(mean.value, color=style.ACCENT, linewidth=1.3, zorder=2.5)

    reach = _reach(view, np.concatenate([values - half, values + half]))
    bounded = any(reach[0] < view.scaled(bound) < reach[1] for bound in view.results.bands.values())
    names, colours = style.of_units(view, rows["unit"])
    signs = [(view.band(band), "", colour, "") for band, colour in bands.items()]
    signs += [(view.say(_ERROR[sure.sampling.basis]), "", style.MUTED, "")] if half.any() else []
    signs += [(view.say("mean {value}", value=view.amount(mean)), "|", style.ACCENT, "")] if mean and mean.value else []
    return style.row_figure(
        view,
        style.Rows(
            names,
            reach,
            _columns(view, rows, known, sure),
            [*signs, *_arrows(view, rows)],
            f"{view.index} {view.results.year} ({view.unit_of_value})",
            colours,
            pitch=4.4 if few else 3.5,
            margin=0.0,
            ranks=[view.wording.format(rank, 0) for rank in rows["rank"]],
        ),
        draw,
        name="ranking",
        chart="bars",
        caption=view.say("Ranking by the {index}, {year}"),
        alternative=_finding(view, rows),
        notes=(
            *((view.say("Broken lines: bounds of the groups."),) if bounded else ()),
            *style.known_of_all(view),
            *_on_open_ranks(view, known, sure),
        ),
        data={
            **rows[["unit", "rank", "value", "band"]],
            "previous_rank": [None if np.isnan(rank) else int(rank) for rank in rows["before"]],
            **{name: known[name].to_list() for name in ("rank_low", "rank_high", "tier") if _has(known, name)},
        },
    )


_ERROR = {"survey": message("error of the survey"), "assumed": message("error of the survey, estimated")}
_OPEN = {
    "survey": message("Ranks open: what the error of the survey leaves to a unit, for all units at once."),
    "assumed": message(
        "Ranks open: what the error of the survey would leave to a unit, for all units at once, if it were as "
        "estimated from the changes between years; it is not published."
    ),
}


def _columns(view: View, rows: pd.DataFrame, known: pd.DataFrame, sure: Sure) -> list[tuple[str, list[str]]]:
    """What stands beside the dots: value, rank of the year before, ranks that stay open, group."""
    numbers = [(view.unit_of_value, [view.wording.format(value, view.decimals) for value in rows["value"]])]
    if np.isfinite(rows["before"]).any():
        head = view.say("Rank {before}")
        numbers.append((head, [_before(view, row) for row in records(rows)]))
    return [*numbers, *_open_ranks(view, rows["unit"], known, sure)]


def _arrows(view: View, rows: pd.DataFrame) -> list[style.Sign]:
    """The arrows that stand beside a rank of the year before, and what they mean."""
    ways = "".join(_before(view, row) for row in records(rows))
    said = (view.say("rank rose"), view.say("rank fell"), view.say("same rank"))
    return [(words, arrow, style.INK, "") for arrow, words in zip(style.ARROWS, said, strict=True) if arrow in ways]


def _has(known: pd.DataFrame, name: str) -> bool:
    return name in known and bool(known[name].notna().any())


def _open_ranks(view: View, units: pd.Series, known: pd.DataFrame, sure: Sure) -> list[tuple[str, list[str]]]:
    """Columns of texts: the ranks that the survey's error leaves open to each unit, and its group."""
    if not _has(known, "rank_low"):
        return []
    write = view.wording.format
    ranges = []
    for low, high, is_open in zip(known["rank_low"], known["rank_high"], known["is_open"], strict=True):
        one = write(low, 0) if low == high else f"{write(low, 0)}{TO}{write(high, 0)}"
        ranges.append("" if np.isnan(low) else f"{one}{'*' if is_open else ''}")
    columns = [(view.say("ranks open"), ranges)]
    if _has(known, "tier"):
        between = sure.tiers.between
        texts = [
            f"{between[unit][0]}{TO}{between[unit][1]}" if unit in between else "" if np.isnan(tier) else write(tier, 0)
            for unit, tier in zip(units, known["tier"], strict=True)
        ]
        columns.append((view.say("statistical group"), texts))
    return columns


def _on_open_ranks(view: View, known: pd.DataFrame, sure: Sure) -> tuple[str, ...]:
    """What these columns mean, and which error is in none of them."""
    if not _has(known, "rank_low"):
        return ()
    told = [view.say(_OPEN[sure.sampling.basis])]
    if known["is_open"].any():
        told.append(view.say("*: drawn anew, an end of the range may shift a little."))
    if _has(known, "tier"):
        told.append(view.say("Statistical group: units that the error of the survey does not tell apart."))
    return (*told, *filter(None, [view.without_errors(sure.sampling.without)]))


def _reach(view: View, values: np.ndarray) -> tuple[float, float]:
    """Where the scale ends: around the values, never past what can be reached."""
    low, high, top = float(values.min()), float(values.max()), view.maximum()
    margin = max((high - low) * 0.12, 10.0**-view.decimals * 40)
    return low - margin, float(np.nanmin([top, high + margin]))


def _previous_ranks(rows: pd.DataFrame, change: pd.DataFrame | None) -> np.ndarray:
    if change is None or change.empty:
        return np.full(len(rows), np.nan)
    before = change.set_index("unit")["previous_rank"].astype("Float64")
    return before.reindex(rows["unit"]).to_numpy(dtype=float, na_value=np.nan)


def _bands(view: View, rows: pd.DataFrame) -> dict[str, str]:
    """The colour of every band that has a unit, best first."""
    present = set(rows["band"])
    order = [band for band in view.results.bands if band in present]
    names = list(view.results.bands)
    return {band: style.ORDERED[min(names.index(band), len(style.ORDERED) - 1)] for band in order}


def _before(view: View, row: Record) -> str:
    """The rank of the year before, with the way since."""
    if not is_known(row.before):
        return ""
    way = "" if not is_known(row.rank) or row.rank == row.before else " ▲" if row.rank < row.before else " ▼"
    return f"{view.wording.format(row.before, 0)}{way or '  ='}"


def _dots(axes: Axes, view: View, y: np.ndarray, values: np.ndarray, shades: list[str], size: float) -> None:
    """Dots on a line for each unit, with a line at the bound of each band."""
    axes.grid(visible=False)
    axes.hlines(y, *axes.get_xlim(), color=style.RULE, linewidth=0.5)
    for bound in map(view.scaled, view.results.bands.values()):
        if axes.get_xlim()[0] < bound < axes.get_xlim()[1]:
            axes.axvline(bound, color=style.MUTED, linewidth=0.7, linestyle=(0, (3, 2)))
    axes.scatter(values, y, s=size, c=shades, edgecolors=style.INK, linewidths=0.6, zorder=3)


def _finding(view: View, rows: pd.DataFrame) -> str:
    first, last = ends(rows["unit"], rows["index"])
    n = view.wording.count(len(rows), view.ref())
    return view.say(
        "Chart of {n} {units} in order of the {index} of {year}. "
        "Highest drawn: {first}, {best}; lowest drawn: {last}, {worst}.",
        n=n,
        units=view.units_of(n),
        first=view.shared_units(first.keys),
        best=view.amount(view.value(first.keys[0], first.value)),
        last=view.shared_units(last.keys),
        worst=view.amount(view.value(last.keys[0], last.value)),
    )


def change_bars(view: View, change: pd.DataFrame) -> Figure | Note:
    """The change of every unit whose index is known in both years, from the largest rise to the largest fall.

    ``change`` is the frame of ``change``. Where the scale changed between the years the figure says so. Few units are
    drawn from then to now, many as bars to either side of zero.
    """
    rows = change[change["change"].notna()] if not change.empty else change
    if rows.empty:
        return view.missing("No {index} is known for both {before} and {year}.")
    if not view.results.mostly_known(len(rows)):
        return view.missing("Too few values are known for both {before} and {year}: no chart is drawn.")
    rows = rows.sort_values("change", ascending=False, kind="stable")
    then, now, moved = (np.array([view.scaled(x) for x in rows[name]]) for name in ("previous", "index", "change"))
    few = len(rows) <= MOST_DOTS and bool(np.isfinite([then, now]).all())
    drawn = np.concatenate([then, now]) if few else np.append(moved, 0.0)
    names, colours = style.of_units(view, rows["unit"])
    texts = [view.wording.format(value, view.decimals, signed=True) for value in moved]
    broken = view.say("The set of criteria changed between {before} and {year}: the change is not like for like.")
    return style.row_figure(
        view,
        style.Rows(
            names,
            (float(drawn.min()), float(drawn.max())),
            [(view.unit_of_change, texts)],
            _change_key(view, few, {direction(value) for value in rows["change"]}),
            colours=colours,
            pitch=4.8 if len(rows) <= MOST_DOTS else 3.5,
        ),
        lambda _, axes, y: _from_then_to_now(axes, y, then, now, moved) if few else _either_side(axes, y, moved),
        name="change",
        chart="change",
        caption=view.say("Change of the {index} from {before} to {year} ({unit})", unit=view.unit_of_change),
        alternative=_moves_alternative(view, rows),
        notes=(*_change_known(view, rows), *((broken,) if rows["break_mark"].any() else ())),
        data={"unit": rows["unit"], "previous": then, "value": now, "change": moved},
    )


def _from_then_to_now(axes: Axes, y: np.ndarray, then: np.ndarray, now: np.ndarray, moved: np.ndarray) -> None:
    """A hollow dot then, a full dot now, and the way between."""
    colours = [style.UP if direction(change) >= 0 else style.DOWN for change in moved]
    axes.hlines(y, then, now, color=colours, linewidth=2.4)
    axes.scatter(then, y, s=26, color="white", edgecolors=style.INK, linewidths=0.8, zorder=3)
    axes.scatter(now, y, s=30, c=colours, edgecolors=style.INK, linewidths=0.6, zorder=4)
    axes.hlines(y, *axes.get_xlim(), color=style.PALE, linewidth=0.6, zorder=0.5)


def _either_side(axes: Axes, y: np.ndarray, moved: np.ndarray) -> None:
    """Bars to the right for rises, hatched bars to the left for falls."""
    fell = moved < 0
    style.bars(axes, y[~fell], moved[~fell], colour=style.UP)
    style.bars(axes, y[fell], moved[fell], colour=style.DOWN, hatch="////", edge=style.INK)
    axes.axvline(0, color=style.INK, linewidth=0.8)


def _change_key(view: View, few: bool, ways: set[int]) -> list[style.Sign]:
    """The colours that occur, and what they mean."""
    if not few:
        signs = {1: (view.say("rose"), "", style.UP, ""), -1: (view.say("fell"), "", style.DOWN, "////")}
        return [sign for way, sign in signs.items() if way in ways]
    dots = [(str(view.results.year - 1), "o", "white", "")]
    dots += [(view.say("{year}, rose"), "o", style.UP, "")] if 1 in ways else []
    dots += [(view.say("{year}, unchanged"), "o", style.UP, "")] if ways == {0} else []
    dots += [(view.say("{year}, fell"), "o", style.DOWN, "")] if -1 in ways else []
    return dots


def _change_known(view: View, rows: pd.DataFrame) -> tuple[str, ...]:
    n, of = view.wording.count(len(rows), view.ref()), view.coverage[1]
    if n.value == of.value:
        return ()
    return (view.say("Change known for {known}/{all} {units}.", known=n, all=of),)


def _moves_alternative(view: View, rows: pd.DataFrame) -> str:
    first, last = ends(rows["unit"], rows["change"])
    before = view.results.year - 1
    counts = [sum(1 for change in rows["change"] if direction(change) == way) for way in (1, -1, 0)]
    rose, fell, same = (view.wording.count(n, view.ref()) for n in counts)
    return view.say(
        "Of {n} {units} with both values, {rose:none} rose, {fell:none} fell and {same:none} stayed the same since "
        "{before}. Highest change: {first}, {up}; lowest: {last}, {down}.",
        n=view.wording.count(len(rows), view.ref()),
        rose=rose,
        fell=fell,
        same=same,
        first=view.shared_units(first.keys),
        up=view.change_of(first.keys[0], first.value, before),
        last=view.shared_units(last.keys),
        down=view.change_of(last.keys[0], last.value, before),
    )


def parts_stacked(view: View, parts: pd.DataFrame, ranking: pd.DataFrame) -> Figure | Note:
    """Each component in percent of its maximum, its points beside the dot, for the ranked units whose components are
    all known, in order of rank.

    ``parts`` is the frame of ``parts`` (unit, component, points, maximum), ``ranking`` the frame of ``rank``.
    """
    table = complete_parts(parts, ranking[ranking["ranked"].astype(bool)])
    if table.empty:
        return view.missing("No unit is known with all parts of its {index} of {year}.")
    names, colours = style.of_units(view, table.index)
    maxima = _maxima_of(parts, table)
    in_percent = bool(maxima.notna().all(axis=None))
    placed = 100 * table / maxima if in_percent else table
    whole = view.values().reindex(table.index).fillna(table.sum(axis=1))
    texts = [view.wording.format(value, view.decimals) for value in whole]
    panels = _Panels.of(placed, alike=in_percent)
    heads = [view.part_name(str(part)) for part in table]

    def draw(sheet: style.Sheet, axes: Axes, y: np.ndarray) -> None:
        axes.grid(visible=False)
        mm = float(np.ptp(axes.get_xlim())) / (axes.get_window_extent().width / style.DPI / style.MM)
        row = len(y) / (axes.get_window_extent().height / style.DPI / style.MM)
        for place, (part, head) in enumerate(zip(table, heads, strict=True)):
            left, right, at = place * _APART, place * _APART + 1, panels.at(placed[part].to_numpy(dtype=float), place)
            axes.hlines(y, left, at, color=style.RULE, linewidth=0.5)
            axes.vlines([left, right], -0.5, len(y) - 0.5, color=style.PALE, linewidth=0.6)
            axes.scatter(
                at, y, s=22, color=style.ORDERED[min(place, 1)], edgecolors=style.INK, linewidths=0.5, zorder=3
            )
            points = [view.wording.format(value, view.decimals) for value in table[part]]
            sheet.write(at + 1.8 * mm, y, points, axes, size=style.SMALL)
            room = _APART + (0.1 if place == len(heads) - 1 else -0.04)  # beside the last there is no other
            words = style.wrapped(head, room / mm - 1, style.SMALL, "bold")
            if words.count("\n") > 1 and head.endswith(")"):
                words = head.rpartition("(")[2].rstrip(")")  # SIPAS: there is room for two lines
            above = row * (0.4 + 1.4 * (1 + words.count("\n")))
            sheet.write(left, -0.5 - above, words, axes, size=style.SMALL, weight="bold")

    return style.row_figure(
        view,
        style.Rows(
            names,
            (-0.02, len(heads) * _APART - 0.02),
            [(view.say("Total"), texts)],
            axis=view.say("percent of the maximum of each part") if in_percent else view.say("points"),
            colours=colours,
            margin=0.0,
            strong=True,
            steps=panels.steps(view),
            heads=heads,
        ),
        draw,
        name="parts",
        chart="stacked",
        caption=view.say("Parts of the {index}, {year}"),
        alternative=_parts_told(view, table),
        notes=_parts_notes(view),
        data={"unit": table.index, **{str(part): table[part] for part in table}},
    )


_APART = 1.32  # from one panel to the next: room for the points beside the last dot


@dataclass(frozen=True)
class _Panels:
    """Panels side by side, each one wide, with the ends of its own scale."""

    ends: tuple[tuple[float, float], ...]

    @classmethod
    def of(cls, table: pd.DataFrame, *, alike: bool) -> _Panels:
        """A panel for each column with room for its values; ``alike``: all of one scale."""
        values = [table.to_numpy(dtype=float)] * table.shape[1] if alike else list(table.to_numpy(dtype=float).T)
        return cls(tuple(_round_ends(float(some.min()), float(some.max())) for some in values))

    def at(self, values: np.ndarray, panel: int) -> np.ndarray:
        """Where ``values`` lie on the axis."""
        low, high = self.ends[panel]
        return panel * _APART + (values - low) / (high - low)

    def steps(self, view: View) -> dict[float, str]:
        """The labels of the axis: the ends and the middle of each panel."""
        return {
            float(self.at(np.array(step), n)): view.tick(step)
            for n, (low, high) in enumerate(self.ends)
            for step in (low, (low + high) / 2, high)
        }


def _round_ends(low: float, high: float) -> tuple[float, float]:
    """The round numbers around two values, never one for both."""
    step = 10.0 ** np.floor(np.log10(max(high - low, 1e-6)))
    low, top = float(step * np.floor(low / step)), float(step * np.ceil(high / step))
    return low, top if top > low else low + float(step)


def _maxima_of(parts: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """What each unit could reach in each component."""
    known = parts[parts["unit"].isin(table.index)]
    maxima = known.pivot(index="unit", columns="component", values="maximum")  # noqa: PD010 - a pivot without sums
    return maxima.reindex(index=table.index, columns=table.columns)


def complete_parts(parts: pd.DataFrame, ranking: pd.DataFrame) -> pd.DataFrame:
    """Points by unit and component, only units with every component, in order of rank; components in their order."""
    if parts.empty:
        return pd.DataFrame()
    known = parts[parts["points"].notna() & parts["unit"].isin(ranking["unit"])]
    components = list(dict.fromkeys(parts["component"]))
    table = known.pivot(index="unit", columns="component", values="points")  # noqa: PD010 - a pivot without sums
    table = table.reindex(columns=components).dropna(axis=1, how="all").dropna()
    ranks = ranking.set_index("unit")[["rank", "index"]].reindex(table.index)
    order = ranks.sort_values(["rank", "index"], ascending=[True, False], na_position="last", kind="stable").index
    return table.loc[order]


def _parts_notes(view: View) -> tuple[str, ...]:
    """Why the parts drawn do not add up to the total beside them where criteria do not apply, and who is not drawn."""
    if not len(view.maxima_that_apply):
        return view.not_drawn
    applies = view.say(
        "Numbers beside the dots are points; the total is the index, points in percent of the maximum that applies to "
        "the unit, so parts of units with criteria that do not apply do not add up to it."
    )
    return (applies, *view.not_drawn)


def _parts_told(view: View, table: pd.DataFrame) -> str:
    first = table.index[0]
    items = []
    for component in table.columns:
        n = view.wording.number(table.loc[first, component], view.decimals)
        items.append((f"{view.part_name(component)}: ", n))
    n = view.wording.count(len(table), view.ref())
    return view.say(
        "Dots of the parts of the {index} of {n} {units}. {first}: {parts}.",
        n=n,
        units=view.units_of(n),
        first=view.unit(first),
        parts=view.wording.join(items),
    )
