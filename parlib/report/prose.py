"""The sentences of the reports: frames in, paragraphs out, every number bound to the cells it came from.

A sentence is left out, never guessed, where a number in it is not known.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pandas as pd

from parlib.analysis.comparison import Changes, part_means
from parlib.report.blocks import (
    Content,
    Note,
    Number,
    Paragraph,
    Parts,
    Ref,
    Title,
    direction,
    inside,
    is_known,
    message,
    paragraph,
)
from parlib.report.findings import same_scale
from parlib.report.views import End, View, ends, known_statistic, part_node
from parlib.scoring.results import WHOLE
from parlib.tables import Record, records, rounded

# --- breakdown ------------------------------------------------------------------------------------
# The areas, the regions and the parts of an index in sentences.


def areas(view: View, areas: pd.DataFrame) -> Paragraph | None:
    """The areas with the highest and the lowest mean, where the means of at least two are known."""
    areas = areas[areas["node"] != WHOLE]
    known = areas[areas["mean"].notna()]
    if len(known) < 2:
        return None
    best, worst = ends(known["node"], known["mean"])

    def mean(end: End) -> Parts:
        node = end.keys[0]
        return view.amount(view.number(end.value, view.ref(node=node), node=node, made="mean"))

    contents: dict[str, Content] = {
        "best": shared_nodes(view, best),
        "high": mean(best),
        "worst": shared_nodes(view, worst),
        "low": mean(worst),
    }
    if len(known) == len(areas):
        return view.sentence("Highest mean of the {areas}: {best}, {high}; lowest: {worst}, {low}.", **contents)
    n = view.wording.count(len(known), view.ref(node="*", column="areas_known"))
    of = view.wording.count(len(areas), view.ref(node="*", column="areas"))
    return view.sentence(
        "Of the {n}/{all} {areas} whose mean is known, the highest is {best}, {high}; the lowest {worst}, {low}.",
        n=n,
        all=of,
        **contents,
    )


def shared_nodes(view: View, end: End) -> Parts:
    """The areas that share an extreme."""
    return view.shared(map(view.node_name, end.keys), *(view.ref(node=node) for node in end.keys), noun=view.areas)


def regions(view: View, regions: pd.DataFrame) -> Paragraph | None:
    """The regions with the highest and the lowest mean, where the means of at least two are known."""
    known = regions[regions["mean"].notna()] if not regions.empty else regions
    if len(known) < 2:
        return None
    high, low = float(known["mean"].max()), float(known["mean"].min())

    def ends(mean: float) -> tuple[str, Parts]:
        tied = [region for region, value in zip(known["region"], known["mean"], strict=True) if _same(value, mean)]
        names = "".join(str(part) for part in view.wording.join(view.region_names[region] for region in tied))
        refs: tuple[Ref, ...] = tuple(view.ref(f"region:{region}") for region in tied)
        return names, view.amount(view.number(mean, *refs, made="mean"))

    (best, top), (worst, bottom) = ends(high), ends(low)
    contents = {"best": best, "high": top, "worst": worst, "low": bottom}
    if len(known) == len(regions):
        return view.sentence("Highest regional mean: {best}, {high}; lowest: {worst}, {low}.", **contents)
    n = view.wording.count(len(known), view.ref("region:*", column="regions_known"))
    of = view.wording.count(len(regions), view.ref("region:*", column="regions"))
    return view.sentence(
        "The mean is known for {n}/{all} regions; which is the highest and which the lowest is not settled.",
        n=n,
        all=of,
    )


def _same(value: float, other: float) -> bool:
    return rounded(value, 9) == rounded(other, 9)


def parts(view: View, parts: pd.DataFrame) -> Paragraph | None:
    """The mean of each component over the units, where every ranked unit is known."""
    items = []
    for component, points, most, differs in part_means(parts, view.results).itertuples(index=False):
        node, part = part_node(str(component)), inside(view.part_name(str(component)))
        decimals = view.decimals
        mean = view.wording.number(float(points), decimals, view.ref(node=node, column="points"), made="mean")
        if is_known(most):
            of = view.ref(node=node, column="maximum")
            maximum = view.wording.number(float(most), decimals, of, made="mean" if differs else "value")
            if differs:
                items.append(
                    view.phrase(
                        "{part} {mean} points of a mean maximum of {maximum} that applies",
                        part=part, mean=mean, maximum=maximum,
                    )
                )  # fmt: skip
                continue
            items.append(
                view.phrase(
                    "{part} {mean} of {maximum} points",
                    part=part,
                    mean=mean,
                    maximum=maximum,
                )
            )
        else:
            items.append(view.phrase("{part} {mean} points", part=part, mean=mean))
    return view.sentence("Mean of the parts: {list}.", list=view.wording.join(items)) if items else None


# --- head -----------------------------------------------------------------------------------------
# The head of a report, and what it says of its data: how much is known, and what it rests on.


def title(view: View, day: date | None = None) -> Title:
    """The head of a report: index and year, the decision behind it, how much is known, and the marks of the data."""
    lines = [coverage(view).plain_text()]
    if view.results.decision:
        lines.append(view.decision)
    if day:
        lines.append(view.say("Report made on {day}.", day=view.wording.date(day)))
    full = view.wording.say(view.measure.full_name)
    return Title(
        text=view.say("{index} of {units}, {year}", index=full, units=view.wording.all_units(view.results.level)),
        subtitle=view.say("Yearly report"),
        lines=tuple(lines),
        marks=view.marks,
    )


def coverage(view: View) -> Paragraph:
    """For how many of the ranked units the index is known."""
    known, of = view.coverage
    if not known.value and of.value is None:
        return view.sentence("No value is known for any of the {units}.")
    if of.value is None:
        return view.sentence("Data for {known} {units}; how many are ranked is not known.", known=known)
    if not known.value:
        return view.sentence("No value is known for any of {all} {units}.", all=of)
    return view.sentence("Data for {known}/{all} {units}.", known=known, all=of)


def known(view: View, ranking: pd.DataFrame) -> Parts | None:
    """How much is known of the ranked units: those with a value, with a rank only or with a range of values beside it,
    with bounds only, with nothing.
    What is true of no unit is not told; nothing at all where the value of every one is known, or none is listed."""
    rows = ranking[ranking["ranked"].astype(bool)]
    value, rank = rows["index"].notna(), rows["rank"].notna()
    ranges = rows["unit"].isin(view.results.bounds["unit"])
    bounds = rows["rank_min"].notna() | ranges
    if value.all() or not value.any():
        return None
    counted = (
        (message("{n} have a value"), "known", value),
        (message("{n} with a rank only"), "rank_only", ~value & rank & ~ranges),
        (message("{n} with a rank and a range of values"), "rank_and_range", ~value & rank & ranges),
        (message("{n} with a range of values or ranks only"), "bounds_only", ~value & ~rank & bounds),
        (message("{n} without data"), "nothing", ~value & ~rank & ~bounds),
    )
    items = [
        view.phrase(msgid, n=view.wording.count(int(which.sum()), view.ref(column=column)))
        for msgid, column, which in counted
        if which.any()
    ]
    n = view.wording.count(len(rows), view.ref(column="listed"))
    return view.phrase("Of {n} {units} ranked {list}.", n=n, list=view.wording.join(items))


def incomplete(view: View) -> Paragraph | None:
    """The units that are not ranked because values are missing; ``None`` where there are none."""
    if not view.incomplete:
        return None
    return view.sentence("Not ranked because values are missing: {list}.", list=view.unit_list(view.incomplete))


def partial(view: View) -> Note | None:
    """Why no rank is computed where only part of the units is known."""
    if not view.results.n_known or view.results.n_known == view.results.n_ranked:
        return None
    return view.note(
        "Only some of the {units} are known. Ranks are those published: none is computed among the known alone. "
        "A unit without data is not a unit with a low value.",
        role="assumption",
    )


def rounding(view: View) -> Note:
    """How printed numbers are rounded."""
    return view.note(
        "Printed values are rounded half up from values not rounded before, so printed parts may miss "
        "a printed total by one unit of the last decimal."
    )


def scale_break(view: View) -> Note | None:
    """That the year cannot be compared with the one before without care; ``None`` where it can."""
    if not view.results.break_before or not view.results.n_known:
        return None
    return view.note(
        "The set of criteria changed between {before} and {year}: the change is not like for like.", role="break"
    )


# --- movement -------------------------------------------------------------------------------------
# Who rose and who fell, and where one unit stands.


def change_counts(view: View, counts: Changes) -> Paragraph | None:
    """How many of the units known in both years rose and fell, where these are at least half of all and not all of
    them: what is known of all stands among the key figures. ``counts`` is what the analysis gives under that name."""
    if counts.basis != "known" or not view.results.mostly_known(counts.n_known):
        return None
    count = view.of_both_years
    ways = [view.phrase("{n:none} rose", n=count(counts.up, "rose"))]
    ways += [view.phrase("{n:none} fell", n=count(counts.down, "fell"))]
    ways += [view.phrase("{n} stayed the same", n=count(counts.same, "same"))] if counts.same else []
    sentence = view.phrase(
        "Of the {n}/{all} {units} known in both years, {ways} on {before}.",
        n=count(counts.n_known, "compared"),
        all=view.wording.count(counts.n_units, view.ref(column="ranked")),
        ways=view.wording.join(ways),
    )
    return Paragraph(sentence, "item")


def movers(view: View, change: pd.DataFrame, statistics: pd.DataFrame) -> tuple[Paragraph, ...]:
    """The largest rise and the largest fall: of all, as they follow from all units or were printed; else of so many of
    all that are known in both years; where fewer than half are, that."""
    ranked = set(view.results.ranked_units)
    known = change[change["change"].notna() & change["unit"].isin(ranked)] if not change.empty else change
    whole = len(known) == view.results.n_ranked
    printed = () if whole else tuple(_printed_movers(view, statistics))
    if known.empty:
        return printed
    of = view.wording.count(view.results.n_ranked, view.ref(column="ranked"))
    n = view.of_both_years(len(known), "compared")
    if not view.results.mostly_known(len(known)):
        few = message("The change on {before} is known for {n}/{all} {units} only: it says nothing of the others.")
        return (*printed, view.item(few, n=n, all=of))
    if printed:
        return printed
    top, bottom = ends(known["unit"], known["change"])
    among: dict[str, Content] = {} if whole else {"n": n, "all": of}
    sentences = []
    if direction(top.value) > 0:
        msgid = message("Largest rise: {unit}, {moved}.")
        part = message("Largest rise among the {n}/{all} {units} known in both years: {unit}, {moved}.")
        sentences.append(_mover(view, msgid if whole else part, top, among))
    if direction(bottom.value) < 0:
        msgid = message("Largest fall: {unit}, {moved}.")
        part = message("Largest fall among the {n}/{all} {units} known in both years: {unit}, {moved}.")
        sentences.append(_mover(view, msgid if whole else part, bottom, among))
    return tuple(sentences)


def _printed_movers(view: View, statistics: pd.DataFrame) -> Iterator[Paragraph]:
    """The largest rise and fall of all units as they were printed, with or without the unit."""
    for word, named, nameless in (
        ("largest_rise", message("Largest rise: {unit}, {moved}."),
         message("Largest rise: {moved} (the sources do not name the unit).")),
        ("largest_fall", message("Largest fall: {unit}, {moved}."),
         message("Largest fall: {moved} (the sources do not name the unit).")),
    ):  # fmt: skip
        number = known_statistic(view, statistics, word)
        if number is not None and number.made == "printed":
            unit = str(statistics.loc[statistics["statistic"] == word, "unit"].iloc[0])
            moved = view.wording.moved(number, view.unit_of_change, year=view.results.year - 1)
            told = {"unit": view.shared_units((unit,))} if unit else {}
            yield view.item(named if unit else nameless, moved=moved, **told)


def _mover(view: View, msgid: str, end: End, among: dict[str, Content]) -> Paragraph:
    before = view.results.year - 1
    change = view.change_of(end.keys[0], end.value, before)
    moved = view.wording.moved(change, view.unit_of_change, year=before)
    return view.item(msgid, unit=view.shared_units(end.keys), moved=moved, **among)


def unit(view: View, ranking: pd.DataFrame, change: pd.DataFrame) -> tuple[Paragraph, ...]:
    """What is known of the unit in focus: index, rank, group, distance to its neighbours, change."""
    row = ranking[ranking["unit"] == view.focus].iloc[0]
    name = view.named(view.focus)
    if not is_known(row["index"]) and not is_known(row["rank"]):
        return (view.sentence("{unit}: no value and no rank of {year} is known.", unit=name),)
    sentences = []
    if is_known(row["index"]):
        value = view.amount(view.value(view.focus, row["index"], mark=view.footnote(row["basis"])))
        sentences.append(view.phrase("{index} of {unit} in {year}: {value}.", unit=name, value=value))
    if is_known(row["rank"]):
        rank = view.wording.rank(view.rank(view.focus, row["rank"], view.footnote(row["rank_basis"])))
        sentences.append(view.phrase("{unit} is {rank} of {all} {units}.", unit=name, rank=rank, all=view.n_ranked))
    if row["band"]:
        sentences.append(
            view.phrase("It is in group {band} ({bounds}).", band=row["band"], bounds=view.bounds(row["band"]))
        )
    return paragraph(*sentences, role="lead"), *_distances(view, row, ranking), *_own_change(view, change)


def _distances(view: View, row: pd.Series, ranking: pd.DataFrame) -> list[Paragraph]:
    """How far the unit is from the next better, the next worse and the first."""
    sentences = []
    for column, way, msgid in (
        ("gap_above", 1, message("To the next better rank: {gap}.")),
        ("gap_below", -1, message("To the next worse rank: {gap}.")),
        ("gap_to_first", 1, message("To the first: {gap}.")),
    ):
        if is_known(row[column]) and row["rank"] != 1:
            there = (ranking["index"] - row["index"] - way * row[column]).abs()  # whose value lies as far away
            other = str(ranking.loc[there.idxmin(), "unit"])
            refs = (view.ref(str(row["unit"])), view.ref(other))
            gap = view.wording.number(view.scaled(row[column]), view.decimals, *refs, made="distance")
            sentences.append(view.item(msgid, gap=view.difference(gap)))
    return sentences


def _own_change(view: View, change: pd.DataFrame) -> list[Paragraph]:
    rows = change[(change["unit"] == view.focus) & change["change"].notna()]
    if rows.empty:
        return []
    moved = view.change_of(view.focus, float(rows["change"].iloc[0]), view.results.year - 1)
    words = view.wording.moved(moved, view.unit_of_change, year=view.results.year - 1)
    return [view.item("The {index} of {unit} is {moved}.", unit=view.named(view.focus), moved=words)]


def on_one_scale(view: View, yearly: pd.DataFrame) -> tuple[int, dict[str, Content]] | None:
    """Which way the mean went over all years on the scale of this one, with the first of them and both means; ``None``
    where there is no other such year, or print shows no difference. ``yearly`` is the frame of ``series.yearly``."""
    inside = yearly[yearly["year"].isin(same_scale(view, yearly["year"])) & yearly["mean"].notna()]
    if len(inside) < 2 or inside["year"].iloc[-1] != view.results.year:
        return None
    rows = list(records(inside.iloc[[0, -1]]))
    first, last = (rounded(float(row.mean), view.decimals) for row in rows)
    if first == last:
        return None
    a, b = (_mean_of(view, row) for row in rows)
    return direction(float(last - first)), {"first": int(rows[0].year), "a": a, "b": view.amount(b)}


def _mean_of(view: View, row: Record) -> Number:
    """The mean of a year, as it was printed where it was."""
    printed = row.mean_basis == "printed"
    ref = view.ref(column="mean" if printed else "", year=int(row.year))
    made = "printed" if printed else "mean"
    return view.wording.number(float(row.mean), view.decimals, ref, made=made)


# --- streaks --------------------------------------------------------------------------------------
# Years in a row: at the head, in the best group, rising.

MOST = 5  # how many units are named

_SENTENCES = {
    "top": message("In the first five places for years in a row: {list}."),
    "band": message("In the best group for years in a row: {list}."),
    "rising": message("Rising for years in a row: {list}."),
}
_KNOWN = {
    "top": message("Among the known, in the first five places for years in a row: {list}."),
    "band": message("Among the known, in the best group for years in a row: {list}."),
    "rising": message("Among the known, rising for years in a row: {list}."),
}


def streaks(view: View, runs: pd.DataFrame) -> tuple[Paragraph, ...]:
    """The longest runs of years, as far as they are known. ``runs`` is the frame of ``mobility.runs``."""
    sentences = []
    for condition, sentence in _SENTENCES.items():
        rows = runs[runs["condition"] == condition]
        if condition == "rising" and len(rows):  # of many that rose twice none stands out
            rows = rows[rows["years"] >= max(3, int(rows["years"].iloc[min(MOST, len(rows) - 1)]) + (len(rows) > MOST))]
        if len(rows):
            rows = _longest(rows)
            listed = view.wording.join(_run(view, condition, row) for row in records(rows))
            parts = view.phrase(sentence if rows["all_known"].all() else _KNOWN[condition], list=listed)
            if rows["break_mark"].any():
                parts += (
                    " ",
                    view.say("*: the set of criteria or the bounds of the groups changed within these years."),
                )
            sentences.append(Paragraph(parts, "item"))
    return tuple(sentences)


def _longest(rows: pd.DataFrame) -> pd.DataFrame:
    """The longest runs: all that are as long as the last of them, unless these are too many."""
    last = int(rows["years"].iloc[min(MOST, len(rows)) - 1])
    chosen, longer = rows[rows["years"] >= last], rows[rows["years"] > last]
    return chosen if len(chosen) <= 2 * MOST or longer.empty else longer


def _run(view: View, condition: str, row: object) -> Parts:
    unit, years = str(row.unit), int(row.years)  # type: ignore[attr-defined]
    column = "" if condition == "rising" else "rank" if condition == "top" else "band"
    refs = tuple(view.ref(unit, column=column, year=view.results.year - back) for back in range(years))
    n = view.wording.count(years, *refs)
    star = ("*",) if row.break_mark else ()  # type: ignore[attr-defined]
    if row.at_least:  # type: ignore[attr-defined]
        return (*view.phrase("{unit} (at least {n} years)", unit=view.unit(unit), n=n), *star)
    since = int(row.since)  # type: ignore[attr-defined]
    return (*view.phrase("{unit} ({n} years, since {start})", unit=view.unit(unit), n=n, start=since), *star)


# --- groups ---------------------------------------------------------------------------------------
# How the units of a year fall into groups.


def bands(view: View, bands: pd.DataFrame) -> Paragraph | None:
    """How many units each group has, as far as it is settled."""
    known = bands[bands[["n", "n_min", "n_max"]].notna().any(axis=1)] if not bands.empty else bands
    if known.empty:
        return None
    told = in_groups(view, known)
    empty = list(map(str, known.loc[known["n"].eq(0).fillna(False), "band"]))
    if told:
        whole = len(known) == len(bands) and known["n"].notna().all()
        msgid = message("By group of the {index}: {list}.")
        told = view.phrase(
            msgid if whole else message("By group of the {index}, as far as settled: {list}."), list=told
        )
    nobody = view.phrase("Without any unit: group {list}.", list=view.wording.join(empty)) if empty else None
    return paragraph(told or None, nobody, role="item")


def in_groups(view: View, bands: pd.DataFrame) -> Parts:
    """The groups with their bounds and numbers of units, as a list in prose; those that have none are left out."""
    items = []
    for row in records(bands[bands["n"].ne(0).fillna(True)]):
        ref = view.ref(column=f"band:{row.band}")
        low, high = (float(end) if is_known(end) else None for end in (row.n_min, row.n_max))
        n = view.wording.range(low, high, ref)
        if is_known(row.n):
            n = view.wording.count(float(row.n), ref, made="printed" if row.basis == "printed" else "count")
        bounds = view.bounds(str(row.band))
        items.append(view.phrase("group {band} ({bounds}): {n:none}", band=str(row.band), bounds=bounds, n=n))
    return view.wording.join(items) if items else ()
