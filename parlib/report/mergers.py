"""Units that were merged: what the old ones give for the new, and the new beside the old.

What is carried over follows a rule that is said wherever it is printed (``analysis.mergers``), with the lowest and the
highest part beside it; where a part is not known, neither is the value. The old units are looked at through a view of
their own results (``then``): of their names, their year and their scale."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from parlib.analysis import mergers
from parlib.report.blocks import (
    Block,
    Content,
    Figure,
    Heading,
    Note,
    Number,
    Paragraph,
    Parts,
    Sequel,
    Table,
    is_known,
    message,
    plain,
    section,
    sequel,
)
from parlib.report.columns import Words
from parlib.report.findings import parts_apart
from parlib.report.style import ACCENT, INK, ORDERED, Rows, Sheet, row_figure
from parlib.report.tables.declared import Cell, Col, in_focus, table, this_year
from parlib.report.views import View
from parlib.scoring import units
from parlib.scoring.results import Results, breaks_between
from parlib.sources.published.par import source_cells
from parlib.tables import Record, records
from parlib.words import FIRST
from parlib.years import Year

# --- before the mergers: what the new units would have --------------------------------------------


def of_spread(view: View, spread: pd.DataFrame) -> list[Block | Iterable[Block] | None]:
    """The rule, the figure and the table of what the old units give for the new ones; empty where no part is known.
    ``spread`` is the frame of ``mergers.spread``."""
    rule = mergers.wording("mean", view.wording.language, view.results.level)
    listed = mergers_table(view, spread, rule)
    drawn = merger_ranges(view, spread, rule)
    return [Note(rule, role="assumption"), drawn if isinstance(drawn, Figure) else None, listed] if listed else []


def since(view: View) -> int:
    """The year since whose results the units are those after the last mergers."""
    return mergers.merged_year(view.results.level)


def mergers_table(view: View, spread: pd.DataFrame, rule: str) -> Table | None:
    """The merged units with their old parts; the values by the rule (``mean``), of the best and the worst part.

    ``spread`` is the frame of ``mergers.spread``. Units that were not merged, and those of which no part is known, are
    left out; ``None`` where none is left.
    """
    rows = spread[(spread["change"] != "unchanged") & (spread["n_known"] > 0)]
    if rows.empty:
        return None
    notes = (rule, view.say("A value of which a part is not known is not known."))
    caption = view.say("New units by the {index} of their parts, {year}")
    rows = rows.sort_values("mean", ascending=False, kind="stable")
    columns = (
        Col("unit", message("New unit"), "text", lambda view, row: units.name(str(row.unit), view.wording.language)),
        Col("parts", message("Old units and their {index}"), of=lambda view, row: plain(_old_units(view, _olds(row)))),
        *_of_old_units(lambda _: view, "mean", "worst", "best", "spread"),
    )
    return table(view, "mergers", caption, rows, columns, notes=(*notes, *view.footnotes("carried_over")))


def _olds(row: Record) -> list[str]:
    return str(row.parts).split(";")


#: What old units give for the new one: key, head, how it is made.
_GIVEN = (
    ("mean", message("Value by the rule"), "mean_of_parts"),
    ("worst", message("Lowest part"), "minimum"),
    ("best", message("Highest part"), "maximum"),
    ("spread", message("Apart"), "distance"),
)


def _of_old_units(then: Callable[[Record], View], *keys: str, group: Words = "") -> tuple[Col, ...]:
    """The columns of ``keys``: what is carried over from the old units, which ``then`` shows, and the ends of these."""
    return tuple(_of_parts(then, *given, group) for given in _GIVEN if given[0] in keys)


def _of_parts(then: Callable[[Record], View], key: str, head: str, made: str, group: Words) -> Col:
    """A number of the old units; a dash where a unit was not made of several, but for the value carried over. What is
    carried over from several bears a letter."""

    def cell(_: View, row: Record) -> Cell:
        olds, view, value = _olds(row), then(row), getattr(row, key)
        if key != "mean" and len(olds) < 2:
            return "–"
        mark = view.footnote("carried_over") if key == "mean" and len(olds) > 1 and is_known(value) else ""
        return view.number(value, *map(view.ref, olds), made=made, mark=mark)

    unit = (lambda view: view.unit_of_change) if key == "spread" else None
    return Col(key, head, "value", cell, unit=unit, group=group)


def _old_units(then: View, olds: Iterable[str]) -> Parts:
    """The old units, each with its value where it is known."""
    values = then.results.values()
    items: list[Content] = []
    for old in olds:
        value = values.get(old)
        if is_known(value):
            items.append(then.phrase("{name} ({mean})", name=then.unit(old), mean=then.value(old, value)))
        else:
            items.append(then.unit(old))
    return then.wording.join(items)


def merger_ranges(view: View, spread: pd.DataFrame, rule: str = "") -> Figure | Note:
    """The merged units from their worst to their best part, with the mean. ``spread`` is the frame of
    ``mergers.spread``; ``rule`` is the sentence that says how values were combined, printed below."""
    rows = spread[(spread["change"] != "unchanged") & spread["spread"].notna()] if not spread.empty else spread
    if rows.empty:
        return view.missing("The values of the merged units' parts are not known for {year}.")
    rows = rows.sort_values("mean", ascending=False, kind="stable")
    low, mean, high = (np.array([view.scaled(v) for v in rows[name]]) for name in ("worst", "mean", "best"))
    names = [units.name(str(unit), view.wording.language) for unit in rows["unit"]]

    def draw(_: Sheet, axes: Axes, y: np.ndarray) -> None:
        axes.hlines(y, low, high, color=ORDERED[2], linewidth=3.0)
        axes.scatter(mean, y, s=28, color=ORDERED[0], edgecolors=INK, linewidths=0.6, zorder=3)

    texts = [view.wording.format(value, view.decimals) for value in high - low]
    widest, _ = view.ends_of(names, high - low)
    key = [
        (view.say("mean of the parts"), "o", ORDERED[0], ""),
        (view.say("worst to best part"), "", ORDERED[2], ""),
    ]
    limits = float(low.min()), float(high.max())
    return row_figure(
        view,
        Rows(names, limits, [(view.say("best less worst"), texts)], key),
        draw,
        name="mergers",
        chart="intervals",
        caption=view.say("Merged units: from the worst to the best of their parts, {index} {year}"),
        alternative=view.say("The parts differ most in {first}: {value}.", first=widest.named,
                             value=texts[widest.place]),
        data={"unit": rows["unit"], "name": names, "worst": low, "mean": mean, "best": high},
        notes=(rule,) if rule else (),
        finding=parts_apart(view, rows),
    )  # fmt: skip


# --- since the mergers: the new units beside the old ----------------------------------------------


def beside_parts(view: View, year: Year) -> Sequel:
    """The units since the mergers, each beside the old ones that it was made of; empty where there are no results of
    the old units."""
    frame, old = year.beside_parts(), year.set_beside
    if old is None or frame.empty:
        return Sequel(())
    then = seen(view, old)
    rule = mergers.wording("mean", view.wording.language, view.results.level)
    n = old.n_ranked
    title = view.say("Beside the {units} before the mergers")
    if n is not None:
        title = view.say("Beside the {n} {units} before the mergers", n=n)
    return section(
        title,
        "parts-before",
        _counted(view, then, frame),
        _stayed(view, frame),
        Note(rule, role="assumption"),
        Note(_break(view, then), role="break"),
        _beside_dots(view, then, frame, rule),
        _beside_table(view, then, frame, rule),
        transfers_table(view, then),
    )


def seen(view: View, old: Results) -> View:
    """The old units as a view shows them."""
    return replace(view, results=old, focus="")


def _merged_known(frame: pd.DataFrame) -> pd.DataFrame:
    """The merged units of which the value and all parts are known."""
    return frame[(frame["change"] == "merged") & (frame["place"] != "")]


def _counted(view: View, then: View, frame: pd.DataFrame) -> Paragraph:
    """How many merged units stand above, between and below their parts."""

    def count(what: str, n: int) -> Content:
        column = f"merged_{what}"
        return view.wording.count(n, view.ref(column=column), then.ref(column=column))

    places = _merged_known(frame)["place"].value_counts()
    known, merged = int(places.sum()), int((frame["change"] == "merged").sum())
    of = view.phrase(
        "Of {all} merged {units}, {known:none} have all their parts known in {then}.",
        all=count("all", merged),
        known=count("known", known),
        then=then.results.year,
    )
    if not known:
        return Paragraph(of)
    stand = view.phrase(
        "{above:none} stand above each of their parts, {within:none} within the range of the parts, {below:none} below "
        "each of them; that holds by every rule of carrying over.",
        above=count("above", int(places.get("above", 0))),
        within=count("within", int(places.get("within", 0))),
        below=count("below", int(places.get("below", 0))),
    )
    return Paragraph((*of, " ", *stand))


def _stayed(view: View, frame: pd.DataFrame) -> list[Paragraph]:
    """The units that were not merged, and those that were reorganised, by name."""
    sentences = {
        "unchanged": message("Not merged: {list}."),
        "reorganised": message("Reorganised out of one, with tasks of others: {list}."),
    }
    keys = {change: frame.loc[frame["change"] == change, "unit"].tolist() for change in sentences}
    return [Paragraph(view.phrase(text, list=_listed(view, keys[change])), "item")
            for change, text in sentences.items() if keys[change]]  # fmt: skip


def _listed(view: View, keys: list[str]) -> Parts:
    return view.wording.join(map(view.unit, keys))


def _break(view: View, then: View) -> str:
    """That nothing is a change across the mergers, and whether the set of criteria is another one too."""
    text = view.say(
        "Values of {then} are those of other units: what is carried over is worked out, and no change and no rank is "
        "taken across the mergers.",
        then=then.results.year,
    )
    if breaks_between(then.results, view.results):
        text += " " + view.say("The set of criteria changed as well.")
    return text


def _beside_dots(view: View, then: View, frame: pd.DataFrame, rule: str) -> Figure | Note | None:
    """The merged units: the range of their parts as a line, the value carried over as a stroke on it, that of now as a
    diamond. ``None`` where fewer than half of them are known."""
    rows = _merged_known(frame)
    if rows.empty or 2 * len(rows) < (frame["change"] == "merged").sum():
        return None
    rows = rows.sort_values("value", ascending=False, kind="stable")
    low, mean, high = (np.array([then.scaled(v) for v in rows[name]]) for name in ("worst", "mean", "best"))
    now = np.array([view.scaled(v) for v in rows["value"]])
    names = [view.unit(str(unit)) for unit in rows["unit"]]

    def draw(_: Sheet, axes: Axes, y: np.ndarray) -> None:
        axes.hlines(y, low, high, color=ORDERED[2], linewidth=4.0)
        axes.scatter(mean, y, s=70, marker="|", color=INK, linewidths=1.6, zorder=3)
        axes.scatter(now, y, s=30, marker="D", color=ACCENT, edgecolors=INK, linewidths=0.6, zorder=4)

    texts = [[view.wording.format(value, view.decimals) for value in values] for values in (mean, now)]
    before, year = then.results.year, view.results.year
    key = [
        (str(year), "D", ACCENT, ""),
        (view.say("carried over from {then}", then=before), "|", INK, ""),
        (view.say("lowest to highest part, {then}", then=before), "", ORDERED[2], ""),
    ]
    limits = float(min(low.min(), now.min())), float(max(high.max(), now.max()))
    heads = (f"{before}*", str(year))
    best = rows.iloc[0]
    return row_figure(
        view,
        Rows(names, limits, list(zip(heads, texts, strict=True)), key),
        draw,
        name="beside-parts",
        chart="dots",
        caption=view.say("{index} {year} and {then}: the merged {units} and their parts", then=before),
        alternative=view.say("The highest is {unit}: {value}, its parts {low} to {high}.", unit=names[0],
                             value=view.value(str(best["unit"]), best["value"]).text,
                             low=view.wording.format(low[0], view.decimals),
                             high=view.wording.format(high[0], view.decimals)),
        data={"unit": rows["unit"], "name": names, "then": [str(before)] * len(rows), "value": now, "worst": low,
              "mean": mean, "best": high},
        notes=(rule, _star(view)),
        source=view.sources([view.source, then.source]),
    )  # fmt: skip


def _star(view: View) -> str:
    return view.say("*: before the mergers; carried over, not a result of the unit.")


_PLACES = {
    "above": message("above each"),
    "within": message("within their range"),
    "below": message("below each"),
}
_STAYED = {"unchanged": message("not merged"), "reorganised": message("reorganised")}


def _against(view: View, row: Record) -> str:
    said = _STAYED.get(str(row.change)) or _PLACES.get(str(row.place))
    return view.say(said) if said else ""


def _beside_table(view: View, then: View, frame: pd.DataFrame, rule: str) -> Table:
    """Every unit with its value of now, what is carried over, the lowest and the highest part, and the parts."""
    group = f"{then.results.year}\N{NO-BREAK SPACE}*"
    carried = _of_old_units(lambda _: then, "mean", "worst", "best", group=lambda _: group)
    partly = bool((frame["n_known"] < frame["n_parts"]).any())
    known = Col("n_known", message("Parts known"), "text", partial(_known_parts, then))
    columns = (
        Col("unit"),
        Col("parts", message("Parts and their {index}"), of=partial(_named_parts, then)),
        Col("value", this_year, "value"),
        *carried,
        *((replace(known, group=lambda _: group),) if partly else ()),
        Col("place", message("Against its parts"), of=_against),
    )
    unknown = (view.say("A value of which a part is not known is not known."),) if partly else ()
    notes = (rule, _star(view), *unknown, *view.footnotes("carried_over"))
    caption = view.say("{index} {year} and {then}: the {units} and those that they were made of",
                       then=then.results.year)  # fmt: skip
    source = view.sources([view.source, then.source])
    return table(view, "beside_parts", caption, frame, columns, notes=notes, style=in_focus, source=source)


def _known_parts(then: View, _: View, row: Record) -> Number:
    """How many parts are known, of how many."""
    known, olds = int(row.n_known), _olds(row)
    return Number(float(known), f"{known}/{len(olds)}", tuple(map(then.ref, olds)), "known_parts")


def _named_parts(then: View, _: View, row: Record) -> str:
    """The parts by name, each with its value where it is known; "" of a unit that stayed as it was."""
    return plain(_old_units(then, _olds(row))) if row.change != "unchanged" else ""


def transfers_table(view: View, then: View) -> Table | None:
    """The tasks that passed from one unit to another without a merger; ``None`` where none are known."""
    rows = mergers.transfers(view.results.level)
    if rows.empty:
        return None
    task = "task_vi" if view.wording.language == FIRST else "task_en"
    columns = (
        Col("task", message("Task"), "text", of=task),
        Col("old", message("From"), "text", lambda _, row: then.unit(str(row.old))),
        Col("new", message("To"), "text", lambda _, row: view.unit(str(row.new))),
        Col("basis", message("State"), "text", lambda view, row: view.say(_STATES[str(row.basis)])),
    )
    notes = (view.say("A task that passed to another unit is no merger: no value carried over counts it."),)
    ids = dict.fromkeys(one for text in rows["source_ids"] for one in str(text).split(";"))
    hosts = dict.fromkeys(source_cells(one, view.wording.language)[3].split("/")[2] for one in ids)
    source = view.say("Source: {list}.", list="; ".join(hosts))
    caption = view.say("Tasks that passed from one unit to another with the mergers")
    return table(view, "transfers", caption, rows, columns, notes=notes, source=source)


_STATES = {"done": message("in force"), "planned": message("as proposed")}


# --- one unit and its parts -----------------------------------------------------------------------


def profile_parts(view: View, year: Year) -> Sequel:
    """The old units that the unit in focus was made of: index and rank year by year, what is carried over, how far they
    are apart; empty where nothing of them is known."""
    if not view.results.system and not mergers.came_of(view.results.level, view.focus):
        return Sequel(())  # its own history has these years
    frame = year.parts_by_year(view.focus)
    if frame.empty:
        return Sequel(())
    thens = {old.year: seen(view, old) for old in year.before_mergers}
    parts = list(dict.fromkeys(frame["part"].astype(str)))
    rows = frame.drop_duplicates("year").assign(parts=";".join(parts))
    cells = {(row.year, row.part): row for row in records(frame)}
    several = len(parts) > 1
    last = thens[int(rows["year"].iloc[0])]
    columns = (
        Col("year", kind="text", of=lambda _, row: f"{row.year}*" if row.break_mark else str(row.year)),
        *(column for place, part in enumerate(parts) for column in _of_part(thens, cells, last, part, place)),
        *(_of_old_units(lambda row: thens[row.year], "mean", "spread") if several else ()),
    )
    rule = (mergers.wording("mean", view.wording.language, view.results.level),) if several else ()
    broken = (view.say("*: the scale changed; values from here on do not compare with those before."),)
    notes = (*rule, *(broken if rows["break_mark"].any() else ()), *view.footnotes("carried_over" if several else ""))
    caption = view.say("{index} and rank of the parts of {unit} before the mergers", unit=view.named(view.focus))
    made = table(view, "parts_before", caption, rows, columns, notes=notes, source=last.source, sortable=False)
    heading = Heading(view.say("Before the mergers"), 1, "parts-before")
    other = Note(_break(view, last), role="break") if parts != [view.focus] else None
    return sequel(heading, _made_of(view, last, parts), other, made)


def _made_of(view: View, then: View, parts: list[str]) -> Paragraph:
    """Since when the unit is made of which."""
    began = units.get(view.focus, view.results.level, view.results.system).valid_from
    if parts == [view.focus] or began is None:
        return Paragraph(view.phrase("{unit} was not merged.", unit=view.named(view.focus)))
    listed = view.wording.join(map(then.listed, parts))
    day = view.wording.date(began)
    return Paragraph(view.phrase("{unit} stands since {day}, made of {list}.", unit=view.named(view.focus), day=day,
                                 list=listed))  # fmt: skip


def _of_part(
    thens: Mapping[int, View], cells: Mapping[tuple[int, str], Record], last: View, part: str, place: int
) -> tuple[Col, Col]:
    """Index and rank of an old unit, under its name."""

    def value(_: View, row: Record) -> Cell | None:
        own = cells[row.year, part]
        return thens[row.year].value(part, own.value) if is_known(own.value) else None

    def rank(_: View, row: Record) -> Cell | None:
        own = cells[row.year, part]
        return thens[row.year].rank(part, own.rank) if is_known(own.rank) else None

    name = last.unit(part)
    return (
        Col(f"value_{place}", lambda view: view.index, "value", value, group=lambda _: name),
        Col(f"rank_{place}", message("Rank"), "rank", rank, group=lambda _: name),
    )
