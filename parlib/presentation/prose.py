"""The sentences of the yearly report: frames in, paragraphs out, every number bound to the cells it came from.

A sentence is left out, never guessed, where a number in it is not known.
"""

from __future__ import annotations

from datetime import date

import pandas as pd

from parlib.presentation.blocks import Note, Number, Paragraph, Ref, Title
from parlib.presentation.statistic_words import known_statistic
from parlib.presentation.tables.ranking import in_order
from parlib.presentation.views import View, extremes, part_node, records
from parlib.presentation.wording import Content, Parts, direction, is_known, message, paragraph, rounded

_TITLES = {
    "province": message("{index} of the provinces and centrally-run cities, {year}"),
    "ministry": message("{index} of the ministries and ministerial agencies, {year}"),
}
LEADING = 5  # how many units are named at the head and at the end of a ranking


def title(view: View, day: date | None = None) -> Title:
    """The head of a report: index and year, the decision behind it, how much is known, and the marks of the data."""
    lines = [coverage(view).plain_text()]
    if view.results.decision:
        lines.append(view.say("Set of criteria: {decision}.", decision=view.results.decision))
    if day:
        lines.append(view.say("Report made on {day}.", day=view.wording.date(day)))
    full = view.wording.say(view.measure.full_name)
    return Title(
        text=view.say(_TITLES[view.results.level], index=full),
        subtitle=view.say("Yearly report"),
        lines=tuple(lines),
        marks=view.marks,
    )


# What is known


def coverage(view: View) -> Paragraph:
    """For how many of the ranked units the index is known."""
    known, of = view.coverage
    if of.value is None:
        return view.wording.sentence(
            "Data for {known} {units}; how many are ranked is not known.", known=known, units=view.units
        )
    if not known.value:
        return view.wording.sentence("No value is known for any of {all} {units}.", all=of, units=view.units)
    return view.wording.sentence("Data for {known}/{all} {units}.", known=known, all=of, units=view.units)


def unranked(view: View, ranking: pd.DataFrame) -> Paragraph | None:
    """The units that are assessed but not ranked; ``None`` where there are none."""
    keys = list(ranking.loc[~ranking["ranked"].astype(bool), "unit"])
    if not keys:
        return None
    return Paragraph(view.phrase("Assessed but not ranked: {list}.", list=view.unit_list(keys)))


def partial(view: View) -> Note | None:
    """Why no rank is computed where only part of the units is known."""
    known, of = view.coverage
    if known.value == of.value:
        return None
    return Note(
        view.say(
            "Only some of the {units} are known. Ranks are those published: none is computed among the known alone. "
            "A unit without data is not a unit with a low value."
        ),
        role="assumption",
    )


def marks(view: View) -> tuple[Note, ...]:
    """What the numbers rest on: an illustrative set of criteria, simulated data."""
    return tuple(Note(mark, role="assumption") for mark in view.marks)


def rounding(view: View) -> Note:
    """How printed numbers are rounded."""
    return Note(
        view.say(
            "Printed values are rounded half up from values not rounded before, so printed parts may miss "
            "a printed total by one unit of the last decimal."
        ),
        role="method",
    )


def scale_break(view: View) -> Note | None:
    """That the year cannot be compared with the one before without care; ``None`` where it can."""
    if not view.results.break_before:
        return None
    before = view.results.year - 1
    return Note(
        view.say(
            "The set of criteria changed between {before} and {year}: the change is not like for like.",
            before=before,
        ),
        role="break",
    )


# The whole index


def headline(view: View, statistics: pd.DataFrame, ranking: pd.DataFrame) -> Paragraph:
    """The result in one paragraph: the mean and its change, the first and the last, how far apart they are."""
    return paragraph(
        _mean(view, statistics), _first_and_last(view, ranking), _apart(view, statistics), coverage(view), role="lead"
    )


def _mean(view: View, statistics: pd.DataFrame) -> Parts | None:
    mean = known_statistic(view, statistics, "mean")
    if mean is None:
        return None
    contents = {"mean": _with_basis(view, statistics, "mean", view.amount(mean))}
    change = known_statistic(view, statistics, "mean_change")
    if change is None:
        return view.phrase("The mean {index} of the {units} in {year} is {mean}.", **contents)
    moved = view.wording.moved(change, view.unit_of_change, year=view.results.year - 1)
    return view.phrase("The mean {index} of the {units} in {year} is {mean}, {moved}.", moved=moved, **contents)


def _with_basis(view: View, statistics: pd.DataFrame, word: str, amount: Parts) -> Parts:
    """An amount, with a word on it where it is neither published nor computed from all values."""
    basis = str(_row(statistics, word)["basis"])
    return view.phrase("{amount} (derived from published numbers)", amount=amount) if basis in _DERIVED else amount


_DERIVED = ("deduced", "derived")


def _first_and_last(view: View, ranking: pd.DataFrame) -> Parts | None:
    """Who is first and who is last, where the ranks say so."""
    rows = ranking[ranking["ranked"].astype(bool) & ranking["rank"].notna() & ranking["index"].notna()]
    n = view.results.n_ranked
    first, last = rows[rows["rank"] == 1], rows[rows["rank"] == n] if n else rows.iloc[:0]
    if first.empty:
        return None
    leaders = view.unit_list(list(first["unit"]))
    best = view.amount(view.value(first["unit"].iloc[0], first["index"].iloc[0]))
    if last.empty or n == 1:
        return view.phrase("First is {first} with {best}.", first=leaders, best=best)
    worst = view.amount(view.value(last["unit"].iloc[0], last["index"].iloc[0]))
    final = view.unit_list(list(last["unit"]))
    return view.phrase(
        "First is {first} with {best}; last is {last} with {worst}.", first=leaders, best=best, last=final, worst=worst
    )


def _apart(view: View, statistics: pd.DataFrame) -> Parts | None:
    gap = known_statistic(view, statistics, "range")
    if gap is None:
        return None
    size = _with_unit(gap, view.unit_of_change)
    return view.phrase("The distance between highest and lowest is {gap}.", gap=size)


def _with_unit(number: Number, unit: str) -> Parts:
    return (number, unit if unit == "%" else f" {unit}")


def above_mean(view: View, statistics: pd.DataFrame) -> Paragraph | None:
    """How many units are above the mean."""
    n, of = known_statistic(view, statistics, "n_above_mean"), known_statistic(view, statistics, "n_units")
    if n is None or of is None:
        return None
    share = view.share(n, of)
    return Paragraph(view.phrase("Above the mean: {share} {units}.", share=share), "item")


def leaders(view: View, ranking: pd.DataFrame, n: int = LEADING) -> tuple[Paragraph, ...]:
    """The first and the last ``n`` units with rank and index, as far as they are known."""
    rows = in_order(view, ranking[ranking["ranked"].astype(bool) & ranking["rank"].notna()])
    total = view.results.n_ranked
    if rows.empty or total is None:
        return ()
    first = rows[rows["rank"] <= n]
    last = rows[(rows["rank"] > max(total - n, n))]
    told = []
    if not first.empty:
        told.append(Paragraph(view.phrase("At the head: {list}.", list=_places(view, first)), "item"))
    if not last.empty:
        told.append(Paragraph(view.phrase("At the end: {list}.", list=_places(view, last)), "item"))
    return tuple(told)


def _places(view: View, rows: pd.DataFrame) -> Parts:
    items = []
    for row in records(rows):
        rank = view.wording.rank(view.rank(str(row.unit), row.rank))
        if is_known(row.index):
            value = view.amount(view.value(str(row.unit), row.index))
            items.append(view.phrase("{unit} ({rank}, {value})", unit=view.unit(str(row.unit)), rank=rank, value=value))
        else:
            items.append(view.phrase("{unit} ({rank})", unit=view.unit(str(row.unit)), rank=rank))
    return view.wording.join(items)


def bands(view: View, bands: pd.DataFrame) -> Paragraph | None:
    """How many units each group has, where that is settled."""
    known = bands[bands["n"].notna()] if not bands.empty else bands
    if known.empty:
        return None
    items = []
    for row in records(known):
        made = "printed" if row.basis == "printed" else "count"
        n = view.wording.count(float(row.n), view.ref(column=f"band:{row.band}"), made=made)
        bounds = view.bounds(str(row.band))
        items.append(view.phrase("group {band} ({bounds}): {n}", band=str(row.band), bounds=bounds, n=n))
    complete = len(known) == len(bands)
    listed = view.wording.join(items)
    if complete:
        return Paragraph(view.phrase("By group of the {index}: {list}.", list=listed), "item")
    return Paragraph(view.phrase("By group of the {index}, as far as settled: {list}.", list=listed), "item")


# Change


def mean_change(view: View, statistics: pd.DataFrame) -> Paragraph | None:
    """The change of the mean on the year before."""
    change = known_statistic(view, statistics, "mean_change")
    if change is None:
        return None
    moved = view.wording.moved(change, view.unit_of_change, year=view.results.year - 1)
    return Paragraph(view.phrase("The mean {index} of {year} is {moved}.", moved=moved), "item")


def change_counts(view: View, statistics: pd.DataFrame, change: pd.DataFrame) -> Paragraph | None:
    """How many units rose and fell: of all ranked units where that is settled, else of those known in both years."""
    before = view.results.year - 1
    rose, fell = (known_statistic(view, statistics, word) for word in ("n_rose", "n_fell"))
    total = view.results.n_ranked
    if rose is not None and fell is not None and total:
        of = view.wording.count(total, view.ref(column="ranked"))
        counts: dict[str, Content] = {"rose": rose, "fell": fell, "before": before, "all": of}
        return Paragraph(view.phrase("Of {all} {units}, {rose} rose and {fell} fell on {before}.", **counts), "item")
    known = change[change["change"].notna()] if not change.empty else change
    if known.empty:
        return None
    ways = [direction(value) for value in known["change"]]
    refs = (view.ref(), view.ref(year=before))
    up, down, same, n = (
        view.wording.count(k, *refs) for k in (ways.count(1), ways.count(-1), ways.count(0), len(ways))
    )
    counts = {"up": up, "down": down, "same": same, "n": n, "before": before}
    return Paragraph(
        view.phrase(
            "Of the {n} {units} known in both years, {up} rose, {down} fell and {same} stayed the same on {before}.",
            **counts,
        ),
        "item",
    )


def movers(view: View, change: pd.DataFrame) -> tuple[Paragraph, ...]:
    """The largest rise and the largest fall among the units known in both years."""
    known = change[change["change"].notna()] if not change.empty else change
    told = []
    if not known.empty:
        top, bottom = extremes(known, "change")
        if direction(top["change"]) > 0:
            told.append(_mover(view, message("Largest rise among the known: {unit}, {moved}."), top))
        if direction(bottom["change"]) < 0:
            told.append(_mover(view, message("Largest fall among the known: {unit}, {moved}."), bottom))
    return tuple(told)


def _mover(view: View, msgid: str, row: pd.Series) -> Paragraph:
    before = view.results.year - 1
    change = view.change_of(row["unit"], row["change"], before)
    moved = view.wording.moved(change, view.unit_of_change, year=before)
    return Paragraph(view.phrase(msgid, unit=view.unit(row["unit"]), moved=moved), "item")


# Areas, regions, parts


def areas(view: View, areas: pd.DataFrame) -> Paragraph | None:
    """The areas with the highest and the lowest mean, where the means of at least two are known."""
    known = areas[areas["mean"].notna()] if not areas.empty else areas
    if len(known) < 2:
        return None
    best, worst = extremes(known, "mean")

    def mean(row: pd.Series) -> Parts:
        node = str(row["node"])
        return view.amount(view.number(row["mean"], view.ref(node=node), node=node, made="mean"))

    contents: dict[str, Content] = {
        "best": view.node_name(best["node"]),
        "high": mean(best),
        "worst": view.node_name(worst["node"]),
        "low": mean(worst),
    }
    if len(known) == len(areas):
        return Paragraph(
            view.phrase(
                "Highest mean of the {areas}: {best}, {high}; lowest: {worst}, {low}.", areas=view.areas, **contents
            )
        )
    n, of = view.wording.count(len(known)), view.wording.count(len(areas))
    return Paragraph(
        view.phrase(
            "Of the {n}/{all} {areas} whose mean is known, the highest is {best}, {high}; the lowest {worst}, {low}.",
            areas=view.areas,
            n=n,
            all=of,
            **contents,
        )
    )


def regions(view: View, regions: pd.DataFrame) -> Paragraph | None:
    """The regions with the highest and the lowest mean, where the means of at least two are known."""
    known = regions[regions["mean"].notna()] if not regions.empty else regions
    if len(known) < 2:
        return None
    high, low = float(known["mean"].max()), float(known["mean"].min())

    def told(mean: float) -> tuple[str, Parts]:
        tied = [region for region, value in zip(known["region"], known["mean"], strict=True) if _same(value, mean)]
        names = "".join(str(part) for part in view.wording.join(view.region_names[region] for region in tied))
        refs: tuple[Ref, ...] = tuple(view.ref(f"region:{region}") for region in tied)
        return names, view.amount(view.number(mean, *refs, made="mean"))

    (best, top), (worst, bottom) = told(high), told(low)
    contents = {"best": best, "high": top, "worst": worst, "low": bottom}
    if len(known) == len(regions):
        return Paragraph(view.phrase("Highest regional mean: {best}, {high}; lowest: {worst}, {low}.", **contents))
    n, of = view.wording.count(len(known)), view.wording.count(len(regions))
    return Paragraph(
        view.phrase(
            "Of the {n}/{all} regions whose mean is known, the highest is {best}, {high}; the lowest {worst}, {low}.",
            n=n,
            all=of,
            **contents,
        )
    )


def _same(value: float, other: float) -> bool:
    return rounded(value, 9) == rounded(other, 9)


def parts(view: View, parts: pd.DataFrame) -> Paragraph | None:
    """The mean of each component over the units, where every ranked unit is known."""
    known = parts[parts["points"].notna()] if not parts.empty else parts
    total = view.results.n_ranked
    ranked = set(view.results.ranked_units)
    items = []
    for component, rows in known[known["unit"].isin(ranked)].groupby("component", sort=False):
        if len(rows) != total:
            return None
        node = part_node(str(component))
        mean = view.wording.number(
            float(rows["points"].mean()), view.measure.decimals, view.ref(node=node, column="points"), made="mean"
        )
        most = rows["maximum"].max()
        if is_known(most):
            maximum = view.wording.number(float(most), view.measure.decimals, view.ref(node=node, column="maximum"))
            items.append(
                view.phrase(
                    "{part} {mean} of {maximum} points", part=view.part_name(str(component)), mean=mean, maximum=maximum
                )
            )
        else:
            items.append(view.phrase("{part} {mean} points", part=view.part_name(str(component)), mean=mean))
    return Paragraph(view.phrase("Mean of the parts: {list}.", list=view.wording.join(items))) if items else None


# Statistics


def _row(statistics: pd.DataFrame, word: str) -> pd.Series:
    return statistics.loc[statistics["statistic"] == word].iloc[0]
