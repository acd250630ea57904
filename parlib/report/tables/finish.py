"""The finished table: its source, its footnotes, and the marks of the results it shows."""

from __future__ import annotations

from collections.abc import Sequence

from parlib.report.blocks import Column, Number, Table
from parlib.report.views import View
from parlib.report.wording import UNKNOWN

Row = dict[str, str | Number]


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
        caption=caption,
        source=view.source if source is None else source,
        notes=(*notes, *view.footnotes(*bases), *legend, *view.marks),
        row_styles=tuple(styles),
        name=name,
    )


def _is_unknown(cell: str | Number | None) -> bool:
    return cell is None or (isinstance(cell, Number) and cell.text == UNKNOWN)
