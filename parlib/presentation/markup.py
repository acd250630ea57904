"""Blocks as HTML: semantic, accessible, without scripts and outside resources.

The classes all begin with ``parlib-``; ``STYLESHEET`` is the little that tables need to be read in a notebook. A
report's template brings its own. Cells carry their number in ``data-sort`` and numbers in prose theirs in ``value``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby

from parlib.presentation.blocks import (
    Block,
    Column,
    Figure,
    Heading,
    Note,
    Number,
    Paragraph,
    Sequel,
    Table,
    Title,
)

UNKNOWN = "…"

STYLESHEET = """
.parlib-scroll{overflow-x:auto}
.parlib-table{border-collapse:collapse;font-variant-numeric:tabular-nums}
.parlib-table caption{caption-side:top;text-align:left;font-weight:bold;padding:.4em 0}
.parlib-table th,.parlib-table td{padding:.15em .6em;text-align:left;vertical-align:top;border-bottom:1px solid #d5d8dc}
.parlib-table thead th{vertical-align:bottom;border-bottom:2px solid #4a5a6a}
.parlib-table tbody th{font-weight:normal}
.parlib-table .parlib-n{text-align:right;white-space:nowrap}
.parlib-table .parlib-g{text-align:center}
.parlib-total>*{font-weight:bold}
.parlib-muted>*{color:#595f66}
.parlib-highlight>*{background:#fff3cd}
.parlib-source,.parlib-notes{font-size:.85em;color:#4a4f55;margin:.2em 0}
.parlib-figure{margin:1em 0}
.parlib-figure img{max-width:100%;height:auto}
.parlib-note{border-left:4px solid #4a5a6a;padding:.3em .8em}
""".strip()


def html(block: Block) -> str:
    """``block`` as a piece of HTML."""
    if isinstance(block, Sequel):
        return _sequel(block.blocks)
    if isinstance(block, Title):
        return _title(block)
    if isinstance(block, Heading):
        anchor = f' id="{escape(block.anchor)}"' if block.anchor else ""
        return f"<h{block.level + 1}{anchor}>{escape(block.text)}</h{block.level + 1}>"
    if isinstance(block, Paragraph):
        return _paragraph(block) if block.role != "item" else f'<ul class="parlib-list">{_paragraph(block)}</ul>'
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Figure):
        return _figure(block)
    if isinstance(block, Note):
        return f'<p class="parlib-note parlib-{escape(block.role)}" role="note">{escape(block.text)}</p>'
    raise TypeError(f"no HTML for a block of kind {block.kind!r}")


def display(block: Block) -> str:
    """``block`` as it is shown in a notebook: with the style of tables, where it holds one."""
    piece = html(block)
    return f"<style>{STYLESHEET}</style>\n{piece}" if "<table" in piece or "<figure" in piece else piece


def _sequel(blocks: Sequence[Block]) -> str:
    """Blocks one after another; neighbouring items become one list."""
    pieces = []
    for are_items, group in groupby(blocks, lambda block: isinstance(block, Paragraph) and block.role == "item"):
        if are_items:
            items = "".join(_paragraph(item) for item in group if isinstance(item, Paragraph))
            pieces.append(f'<ul class="parlib-list">{items}</ul>')
        else:
            pieces += [html(block) for block in group]
    return "\n".join(pieces)


def _title(title: Title) -> str:
    subtitle = f'<p class="parlib-subtitle">{escape(title.subtitle)}</p>' if title.subtitle else ""
    marks = "".join(f'<p class="parlib-mark" role="note">{escape(mark)}</p>' for mark in title.marks)
    lines = "".join(f'<p class="parlib-line">{escape(line)}</p>' for line in title.lines)
    return f'<header class="parlib-title"><h1>{escape(title.text)}</h1>{subtitle}{marks}{lines}</header>'


def _paragraph(paragraph: Paragraph) -> str:
    content = "".join(_number(part) if isinstance(part, Number) else escape(part) for part in paragraph.parts)
    if paragraph.role == "item":
        return f"<li>{content}</li>"
    return f'<p class="parlib-lead">{content}</p>' if paragraph.role == "lead" else f"<p>{content}</p>"


def _number(number: Number) -> str:
    """A number in prose. ``data`` needs a value, so what is not known is plain text."""
    if number.value is None:
        return escape(number.text) + _mark(number)
    return f'<data class="parlib-number" value="{number.value!r}">{escape(number.text)}</data>{_mark(number)}'


def _mark(number: Number) -> str:
    return f"<sup>{escape(number.mark)}</sup>" if number.mark else ""


def _table(table: Table) -> str:
    header_key = next((column.key for column in table.columns if column.format == "text"), "")
    styles = table.row_styles or ("",) * len(table.rows)
    rows = []
    for row, style in zip(table.rows, styles, strict=True):
        cells = "".join(_cell(column, row.get(column.key), column.key == header_key) for column in table.columns)
        rows.append(f'<tr class="parlib-{escape(style)}">{cells}</tr>' if style else f"<tr>{cells}</tr>")
    name = f' id="{escape(table.name)}"' if table.name else ""
    sortable = " parlib-sortable" if table.sortable else ""
    body = "\n".join(rows)
    return (
        f'<div class="parlib-scroll" role="region" aria-label="{escape(table.caption)}" tabindex="0">'
        f'<table class="parlib-table{sortable}"{name}><caption>{escape(table.caption)}</caption>\n'
        f"<thead>{_head(table.columns)}</thead>\n<tbody>{body}</tbody></table></div>{_below(table.notes, table.source)}"
    )


def _head(columns: Iterable[Column]) -> str:
    """The heads of the columns, under a row of group heads where some columns have one."""
    columns = tuple(columns)
    if not any(column.group for column in columns):
        return f"<tr>{''.join(_column(column) for column in columns)}</tr>"
    upper, lower = [], []
    for group, members in groupby(columns, lambda column: column.group):
        members_of_group = list(members)
        if group:
            span = len(members_of_group)
            upper.append(f'<th scope="colgroup" colspan="{span}" class="parlib-g">{escape(group)}</th>')
            lower += [_column(column) for column in members_of_group]
        else:
            upper += [_column(column, ' rowspan="2"') for column in members_of_group]
    return f"<tr>{''.join(upper)}</tr><tr>{''.join(lower)}</tr>"


def _column(column: Column, span: str = "") -> str:
    number = "" if column.format == "text" else ' class="parlib-n"'
    unit = f" ({escape(column.unit)})" if column.unit else ""
    return f'<th scope="col"{span}{number}>{escape(column.title)}{unit}</th>'


def _cell(column: Column, cell: str | Number | None, is_header: bool) -> str:
    kind = ' class="parlib-n"' if column.format != "text" else ""
    if isinstance(cell, Number):
        sort = f' data-sort="{cell.value!r}"' if cell.value is not None else ' data-sort=""'
        return f"<td{kind}{sort}>{escape(cell.text)}{_mark(cell)}</td>"
    if is_header:
        return f'<th scope="row">{escape(cell or "")}</th>'
    if cell is None:
        return f'<td{kind} data-sort="">{UNKNOWN}</td>'
    return f"<td{kind}>{escape(cell)}</td>"


def _figure(figure: Figure) -> str:
    name = f' id="{escape(figure.name)}"' if figure.name else ""
    return (
        f'<figure class="parlib-figure"{name}>'
        f'<img src="data:image/png;base64,{figure.png}" alt="{escape(figure.alternative)}"'
        f' style="width:{figure.width_mm:g}mm">'
        f"<figcaption>{escape(figure.caption)}</figcaption>{_below(figure.notes, figure.source)}</figure>"
    )


def _below(notes: Sequence[str], source: str) -> str:
    """The notes and the source line under a table or figure."""
    lines = "".join(f'<p class="parlib-notes">{escape(note)}</p>' for note in notes)
    return lines + (f'<p class="parlib-source">{escape(source)}</p>' if source else "")
