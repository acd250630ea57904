"""Tables as declared columns: what stands in a column, how it is printed, which cells its numbers came from is data.

A table is a list of ``Col`` over the rows of a frame, and ``table`` makes the block:

>>> table(view, "shares", caption, frame, [
...     Col("unit"),
...     Col("index", basis="basis"),
...     Col("share", message("Share of all"), made="share", optional=True),
... ])  # doctest: +SKIP

What a column does not say stands in the registry (``report.columns``): what it is called, its unit of measure and its
decimals. A number that is not known leaves its cell out, and a column that is ``optional`` goes where no row has one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import cast

import pandas as pd

from parlib.report.blocks import UNKNOWN, Column, Number, Ref, Table, capital, is_known, message
from parlib.report.columns import COLUMNS, KINDS, Entry, Kind, Words
from parlib.report.views import View
from parlib.scoring.results import WHOLE
from parlib.tables import Record, records

Cell = str | Number
Row = dict[str, Cell]
#: The cell of the index tables that a row is of; the columns of a table take another column of it, or another year.
At = Callable[[View, Record], Ref]
#: Ways in which a number may be made that its source may have printed instead.
_PRINTED = ("mean", "count", "minimum", "maximum")
INDEX = -1  # as many decimals as the index is printed with


@dataclass(frozen=True)
class Col:
    """A column of a table.

    ``key``       its key in the block, and the column of the frame where ``of`` names no other.
    ``head``      what stands above it, where that is not the word of the registry.
    ``kind``      one of ``columns.KINDS``, where it is not that of the registry.
    ``of``        the column of the frame; or what makes a cell of the view and a row.
    ``made``      how the numbers follow from their cells, where the kind does not say.
    ``column``    the column of the cell that they came from; "" that of the row.
    ``less``      the other cell of a difference or of a share.
    ``basis``     the column of the frame that says what a number rests on: its letter, and whether it was printed.
    ``factor``    what stands in the frame is multiplied by it: 100 for shares.
    ``group``     a heading over several neighbouring columns.
    ``unit``      what the numbers are counted in, where the kind does not say.
    ``decimals``  with how many they are printed, where the kind does not say; ``INDEX``: as the index.
    ``gap``       whether a number that is not known is printed as such, with its cells.
    ``at``        the cell that its numbers came from, where it is not that of the row.
    ``optional``  whether the column is left out where no row has a cell, or all are empty.
    """

    key: str
    head: Words = ""
    kind: str = ""
    of: str | Callable[[View, Record], Cell | None] = ""
    made: str | Callable[[Record], str] = ""
    column: str = ""
    less: At | None = None
    basis: str = ""
    factor: float = 1
    group: Words = ""
    unit: Words | None = None
    decimals: int | None = None
    gap: bool = False
    optional: bool = False
    at: At | None = None

    @property
    def printed(self) -> Kind:
        """How its values are printed."""
        return KINDS[self.kind or COLUMNS.get(self.key, Entry("text")).kind]

    def block(self, view: View) -> Column:
        """The column as the block has it."""
        kind, entry = self.printed, COLUMNS.get(self.key, Entry("text"))
        unit = heading(view, self.unit) if self.unit is not None else kind.unit(view) if kind.unit else ""
        head = heading(view, self.head or entry.head or entry.words)
        return Column(self.key, head, kind.format, unit, self._decimals(view), heading(view, self.group))

    def cell(self, view: View, row: Record, at: At) -> Cell | None:
        """The cell of a row; ``None`` where nothing is known for it."""
        if callable(self.of):
            return self.of(view, row)
        result, kind = getattr(row, self.of or self.key), self.printed
        if kind.words:
            return kind.words(view, str(result))
        if not is_known(result) and not self.gap:
            return None
        ref = (self.at or at)(view, row)
        column = self.column or kind.column
        own = replace(ref, column=column) if column else ref
        refs = (own, self._other(self.less(view, row), kind)) if self.less else (own,)
        basis = getattr(row, self.basis) if self.basis else ""
        made = self.made(row) if callable(self.made) else self.made or kind.made
        mark = view.footnote(basis)
        if basis == "printed" and made in _PRINTED:
            made = "printed"
        if kind.scaled and kind.signed:
            return view.change(result, *refs, node=own.node, made=made)
        if kind.scaled:
            return view.number(result, *refs, node=own.node, made=made, mark=mark)
        value = float(result) * self.factor if is_known(result) else None
        return view.wording.number(value, self._decimals(view), *refs, made=made, mark=mark, signed=kind.signed)

    def _other(self, ref: Ref, kind: Kind) -> Ref:
        return replace(ref, column=kind.column) if kind.column else ref

    def _decimals(self, view: View) -> int:
        decimals = self.printed.decimals if self.decimals is None else self.decimals
        return view.decimals if decimals in (None, INDEX) else int(decimals)


def heading(view: View, words: Words) -> str:
    """A heading in words."""
    return words(view) if callable(words) else view.say(words) if words else ""


# --- the cell that a row is of --------------------------------------------------------------------


def cell_of(unit: str = "*", node: str = WHOLE, column: str = "", *, year: str | int = "", before: bool = False) -> At:
    """The cell that a row is of: ``{row.unit}``, ``{row.node}``, ``{focus}`` stand for what the row has and for the
    unit in focus. ``year`` is a year, or the column of the frame that has it; ``before``: the year before."""

    def of(view: View, row: Record) -> Ref:
        who, what, which = (text.format(row=row, focus=view.focus) for text in (unit, node, column))
        given = int(getattr(row, year)) if isinstance(year, str) and year else year
        return view.ref(who, what, which, int(given or view.results.year - before))

    return of


#: The value of the unit of a row, now and the year before.
of_unit, unit_before = cell_of("{row.unit}"), cell_of("{row.unit}", before=True)
#: The values of all ranked units on the node of a row, now and the year before; their points.
of_node, node_before = cell_of(node="{row.node}"), cell_of(node="{row.node}", before=True)
points_of_node = cell_of(node="{row.node}", column="points")
#: The value of the unit in focus on the node of a row.
of_focus = cell_of("{focus}", "{row.node}")


def year_before(view: View) -> str:
    """The year before, above a column."""
    return str(view.results.year - 1)


def this_year(view: View) -> str:
    """The year of the results, above a column."""
    return str(view.results.year)


HIGHEST, LOWEST, VALUE = message("Highest"), message("Lowest"), message("Value")


def ends(
    at: At, names: tuple[str, str], kind: str = "value", *, short: bool = False, optional: bool = True
) -> tuple[Col, ...]:
    """The highest and the lowest value with the units that have it; left out, if ``optional``, where none is known.

    ``names`` are the columns of the frame that hold these values; ``<name>_units`` has the keys of all that share one,
    ``<name>_unit`` the key where it is one alone.
    """
    best, worst = names
    pairs = (*_end(best, HIGHEST, "maximum", at, kind, short), *_end(worst, LOWEST, "minimum", at, kind, short))
    return tuple(replace(column, optional=optional) for column in pairs)


def _end(name: str, group: str, made: str, at: At, kind: str, short: bool) -> tuple[Col, Col]:
    def holders(view: View, row: Record) -> Cell | None:
        keys = getattr(row, f"{name}_units")
        return view.holders(keys, at(view, row), best=made == "maximum", short=short) if keys else None

    def of_holder(view: View, row: Record) -> Ref:
        ref, unit = at(view, row), getattr(row, f"{name}_unit")
        return replace(ref, unit=unit) if unit else ref

    def how(row: Record) -> str:
        return "value" if getattr(row, f"{name}_unit") else made

    decimals = None if KINDS[kind].scaled else INDEX
    return (
        Col(f"{name}_unit", COLUMNS["unit"].head, "text", holders, group=group),
        Col(name, VALUE, kind, made=how, group=group, at=of_holder, decimals=decimals),
    )


# --- the block ------------------------------------------------------------------------------------


def in_focus(view: View, row: Record) -> str:
    """The style of the row of a unit: that in focus is picked out."""
    return view.row_style(str(row.unit))


def table(
    view: View,
    name: str,
    caption: str,
    rows: pd.DataFrame | Iterable[object],
    columns: Sequence[Col],
    *,
    at: At = of_unit,
    notes: Sequence[str] = (),
    style: Callable[[View, Record], str] | None = None,
    bases: Sequence[str] = (),
    total: Row | None = None,
    source: str | None = None,
    sortable: bool = True,
    always: Sequence[str] = (),
) -> Table:
    """The table of ``columns`` over ``rows``, a frame or what has its columns as attributes.

    ``at``      the cell of the index tables that a row is of.
    ``style``   the style of a row.
    ``bases``   the columns of the frame that say what numbers rest on: their letters are explained below the table.
    ``total``   a last row, already made.
    ``source``  the line of the source, where it is not that of the results.
    ``always``  with it the table is as long as what is known: a column that is not among these is left out where
                less than half of the rows are known (an empty text stands where there is nothing to know), and rows of
                units of which nothing is known are named in a note.
    """
    listed = list(records(rows) if isinstance(rows, pd.DataFrame) else cast("Iterable[Record]", rows))
    cells = [{c.key: cell for c in columns if (cell := c.cell(view, row, at)) is not None} for row in listed]
    styles = [style(view, row) for row in listed] if style else []
    if total:
        styles = [*(styles or [""] * len(cells)), "total"]
        cells.append(total)
    shown = [c.block(view) for c in columns if not c.optional or any(row.get(c.key) for row in cells)]
    if always:
        could = {c.key: [row.get(c.key) for row in cells if row.get(c.key) != ""] for c in shown}
        n_known = {key: sum(not _is_unknown(cell) for cell in held) for key, held in could.items()}
        shown = [c for c in shown if c.key in always or 2 * n_known[c.key] >= len(could[c.key]) > 0]
        numbers = [c.key for c in shown if c.format != "text"]
        empty = [all(row.get(key) == "" or _is_unknown(row.get(key)) for key in numbers) for row in cells]
        if any(empty) and not all(empty):
            lacking = [str(getattr(row, "unit", "")) for row, none in zip(listed, empty, strict=False) if none]
            if all(lacking):
                notes = (*notes, view.say("No data: {list}.", list=view.unit_list(lacking)))
            styles = [style for style, none in zip(styles, empty, strict=False) if not none]
            cells = [row for row, none in zip(cells, empty, strict=True) if not none]
    results = [getattr(row, basis) for basis in bases for row in listed]
    block = finished(view, name, caption, shown, cells, notes=notes, styles=styles, bases=results, source=source)
    return block if sortable else replace(block, sortable=False)


def finished(
    view: View,
    name: str,
    caption: str,
    columns: Sequence[Column],
    rows: Sequence[Row],
    *,
    notes: Sequence[str] = (),
    styles: Sequence[str] = (),
    bases: Sequence[object] = (),
    source: str | None = None,
) -> Table:
    """A table of ``rows``, with a line on unknown cells where there are any and one on the letters of ``bases``."""
    gaps = any(_is_unknown(row.get(column.key)) for row in rows for column in columns)
    legend = (view.say("…: not known."),) if gaps else ()
    keys = {column.key for column in columns}
    return Table(
        columns=tuple(columns),
        rows=tuple({key: cell for key, cell in row.items() if key in keys} for row in rows),
        caption=capital(caption),
        source=view.source if source is None else source,
        notes=(*notes, *view.footnotes(*bases), *legend, *view.marks),
        row_styles=tuple(styles),
        name=name,
    )


def _is_unknown(cell: Cell | None) -> bool:
    return cell is None or (isinstance(cell, Number) and cell.text == UNKNOWN)
