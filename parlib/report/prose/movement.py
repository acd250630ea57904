"""Who rose and who fell, and where one unit stands."""

from __future__ import annotations

import pandas as pd

from parlib.analysis.comparison import Changes
from parlib.report.blocks import Number, Paragraph
from parlib.report.views import End, View, ends
from parlib.report.wording import Content, direction, is_known, message, paragraph


def change_counts(view: View, counts: Changes) -> Paragraph | None:
    """How many units rose and fell: of all where that is settled, else as published, else of those known.

    ``counts`` is what ``change_counts`` of the analysis gives (up, down, same, unknown, n_known, n_units, basis).
    """
    if not counts.basis:
        return None
    before = view.results.year - 1
    made = "printed" if counts.basis == "printed" else "count"

    def count(n: float | None, column: str, made: str = "count") -> Number:
        return view.wording.count(n, view.ref(column=column), view.ref(column=column, year=before), made=made)

    up, down = count(counts.up, "rose", made), count(counts.down, "fell", made)
    same, unknown = count(counts.same, "same", made), count(counts.unknown, "not_compared", made)
    ways = [view.phrase("{n} rose", n=up), view.phrase("{n} fell", n=down)]
    ways += [view.phrase("{n} stayed the same", n=same)] if counts.same else []
    if counts.basis == "known":
        if not view.results.mostly_known(counts.n_known):
            return None
        n = count(counts.n_known, "compared")
        of = view.wording.count(counts.n_units, view.ref(column="ranked"))
        told = view.phrase(
            "Of the {n}/{all} {units} known in both years, {ways} on {before}.",
            n=n,
            all=of,
            ways=view.wording.join(ways),
            before=before,
        )
        return Paragraph(told, "item")
    ways += [view.phrase("{n} not known", n=unknown)] if counts.unknown else []
    of = view.wording.count(counts.n_units, view.ref(column="ranked"))
    told = view.phrase("Of {all} {units}, {ways} on {before}.", all=of, ways=view.wording.join(ways), before=before)
    return Paragraph(told, "item")


def movers(view: View, change: pd.DataFrame) -> tuple[Paragraph, ...]:
    """The largest rise and the largest fall, of all or of so many of all that are known in both years; where fewer
    than half are, only that."""
    ranked = set(view.results.ranked_units)
    known = change[change["change"].notna() & change["unit"].isin(ranked)] if not change.empty else change
    if known.empty:
        return ()
    before, of = view.results.year - 1, view.wording.count(view.results.n_ranked, view.ref(column="ranked"))
    n = view.wording.count(len(known), view.ref(column="compared"), view.ref(column="compared", year=before))
    if not view.results.mostly_known(len(known)):
        few = view.phrase(
            "The change on {before} is known for {n}/{all} {units} only: it says nothing of the others.",
            before=before,
            n=n,
            all=of,
        )
        return (Paragraph(few, "item"),)
    top, bottom = ends(known["unit"], known["change"])
    whole = len(known) == view.results.n_ranked
    among: dict[str, Content] = {} if whole else {"n": n, "all": of}
    told = []
    if direction(top.value) > 0:
        msgid = message("Largest rise: {unit}, {moved}.")
        part = message("Largest rise among the {n}/{all} {units} known in both years: {unit}, {moved}.")
        told.append(_mover(view, msgid if whole else part, top, among))
    if direction(bottom.value) < 0:
        msgid = message("Largest fall: {unit}, {moved}.")
        part = message("Largest fall among the {n}/{all} {units} known in both years: {unit}, {moved}.")
        told.append(_mover(view, msgid if whole else part, bottom, among))
    return tuple(told)


def _mover(view: View, msgid: str, end: End, among: dict[str, Content]) -> Paragraph:
    before = view.results.year - 1
    change = view.change_of(end.keys[0], end.value, before)
    moved = view.wording.moved(change, view.unit_of_change, year=before)
    return Paragraph(view.phrase(msgid, unit=view.shared_units(end.keys), moved=moved, **among), "item")


def unit(view: View, ranking: pd.DataFrame, change: pd.DataFrame) -> tuple[Paragraph, ...]:
    """What is known of the unit in focus: index, rank, group, distance to its neighbours, change."""
    row = ranking[ranking["unit"] == view.focus].iloc[0]
    name = view.unit(view.focus)
    if not is_known(row["index"]) and not is_known(row["rank"]):
        return (Paragraph(view.phrase("{unit}: no value and no rank of {year} is known.", unit=name)),)
    told = []
    if is_known(row["index"]):
        value = view.amount(view.value(view.focus, row["index"], mark=view.footnote(row["basis"])))
        told.append(view.phrase("{index} of {unit} in {year}: {value}.", unit=name, value=value))
    if is_known(row["rank"]):
        rank = view.wording.rank(view.rank(view.focus, row["rank"], view.footnote(row["rank_basis"])))
        told.append(view.phrase("{unit} is {rank} of {all} {units}.", unit=name, rank=rank, all=view.n_ranked))
    if row["band"]:
        told.append(view.phrase("It is in group {band} ({bounds}).", band=row["band"], bounds=view.bounds(row["band"])))
    return paragraph(*told, role="lead"), *_distances(view, row, ranking), *_own_change(view, change)


def _distances(view: View, row: pd.Series, ranking: pd.DataFrame) -> list[Paragraph]:
    """How far the unit is from the next better, the next worse and the first."""
    told = []
    for column, way, msgid in (
        ("gap_above", 1, message("To the next better rank: {gap}.")),
        ("gap_below", -1, message("To the next worse rank: {gap}.")),
        ("gap_to_first", 1, message("To the first: {gap}.")),
    ):
        if is_known(row[column]) and row["rank"] != 1:
            there = (ranking["index"] - row["index"] - way * row[column]).abs()  # whose value lies as far away
            other = str(ranking.loc[there.idxmin(), "unit"])
            refs = (view.ref(str(row["unit"])), view.ref(other))
            gap = view.wording.number(view.scaled(row[column]), view.measure.decimals, *refs, made="distance")
            told.append(Paragraph(view.phrase(msgid, gap=view.difference(gap)), "item"))
    return told


def _own_change(view: View, change: pd.DataFrame) -> list[Paragraph]:
    rows = change[(change["unit"] == view.focus) & change["change"].notna()]
    if rows.empty:
        return []
    moved = view.change_of(view.focus, float(rows["change"].iloc[0]), view.results.year - 1)
    words = view.wording.moved(moved, view.unit_of_change, year=view.results.year - 1)
    return [
        Paragraph(view.phrase("The {index} of {unit} is {moved}.", unit=view.unit(view.focus), moved=words), "item")
    ]
