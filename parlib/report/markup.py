"""Blocks as HTML: semantic, accessible, without scripts and outside resources.

It is made from the plain data of a block (``Block.to_data``), as every other document is. The classes all begin with
``parlib-``; ``STYLESHEET`` is the little that tables need to be read in a notebook, a report's template brings its own.
Cells carry their number in ``data-sort`` and numbers in prose theirs in ``value``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape as quoted
from itertools import groupby
from typing import Any

Data = Mapping[str, Any]

UNKNOWN = "…"
_CODE = 9  # letters: no text of a column of codes is longer

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
.parlib-tiles{display:flex;flex-wrap:wrap;gap:.6em;padding:0;margin:1em 0;list-style:none}
.parlib-tiles li{flex:1 1 9em;border:1px solid #d5d8dc;border-top:3px solid #4a5a6a;padding:.4em .7em}
.parlib-tile-label,.parlib-tile-detail{display:block;font-size:.85em;color:#4a4f55}
.parlib-tile-number{display:block;font-size:1.6em;font-weight:bold;line-height:1.2}
""".strip()


def escape(text: str) -> str:
    """A text as HTML has it; no line of it ends before a sign of percent."""
    return quoted(text).replace(" %", "\N{NO-BREAK SPACE}%")


def html(block: Data) -> str:
    """The block of which ``block`` is the data, as a piece of HTML. Raises ``KeyError`` on an unknown kind."""
    return _KINDS[block["kind"]](block)


def display(block: Data) -> str:
    """A block as it is shown in a notebook: with the style of tables and figures, where it holds one. Figures are
    pictures there: Jupyter shows no drawings of a notebook that it has not run itself. Of long tables the first rows
    are shown; the block beside has them all, and so has every document."""
    piece = html(_for_a_look(block))
    styled = any(sign in piece for sign in ("<table", "<figure", "parlib-tiles"))
    return f"<style>{STYLESHEET}</style>\n{piece}" if styled else piece


ROWS_SHOWN = 100  # of a table in a notebook: all provinces, not all communes


def _for_a_look(block: Data) -> Data:
    if "blocks" in block:
        return {**block, "blocks": [_for_a_look(one) for one in block["blocks"]]}
    if block["kind"] == "table" and len(block["rows"]) > ROWS_SHOWN:
        first = next((column["key"] for column in block["columns"] if column["format"] == "text"), "")
        more = {first: f"… (+{len(block['rows']) - ROWS_SHOWN})"}
        styles = block["row_styles"] and (*block["row_styles"][:ROWS_SHOWN], "")
        return {**block, "rows": (*block["rows"][:ROWS_SHOWN], more), "row_styles": styles}
    return {**block, "svg": "", "narrow": ""} if block["kind"] == "figure" else block


def _sequel(sequel: Data) -> str:
    """Blocks one after another; neighbouring items become one list."""
    pieces = []
    for are_items, group in groupby(sequel["blocks"], _is_item):
        blocks = list(group)
        if are_items:
            pieces.append(f'<ul class="parlib-list">{"".join(map(_paragraph, blocks))}</ul>')
        else:
            pieces += map(html, blocks)
    return "\n".join(pieces)


def _is_item(block: Data) -> bool:
    return bool(block["kind"] == "paragraph" and block["role"] == "item")


def _title(title: Data) -> str:
    subtitle = f'<p class="parlib-subtitle">{escape(title["subtitle"])}</p>' if title["subtitle"] else ""
    marks = "".join(f'<p class="parlib-mark" role="note">{escape(mark)}</p>' for mark in title["marks"])
    lines = "".join(f'<p class="parlib-line">{escape(line)}</p>' for line in title["lines"])
    return f'<header class="parlib-title"><h1>{escape(title["text"])}</h1>{subtitle}{marks}{lines}</header>'


def _heading(heading: Data) -> str:
    anchor = f' id="{escape(heading["anchor"])}"' if heading["anchor"] else ""
    text = escape(f"{heading['number']} {heading['text']}".lstrip())
    return f"<h{heading['level'] + 1}{anchor}>{text}</h{heading['level'] + 1}>"


def _one_paragraph(paragraph: Data) -> str:
    """A paragraph that stands alone: an item is then a list of its own."""
    piece = _paragraph(paragraph)
    return f'<ul class="parlib-list">{piece}</ul>' if _is_item(paragraph) else piece


def _paragraph(paragraph: Data) -> str:
    content = "".join(map(_part, paragraph["parts"]))
    if _is_item(paragraph):
        return f"<li>{content}</li>"
    role = paragraph["role"]
    return f'<p class="parlib-{role}">{content}</p>' if role in ("lead", "draft") else f"<p>{content}</p>"


def _number(number: Data) -> str:
    """A number in prose. ``data`` needs a value, so what is not known is plain text."""
    text = escape(number["text"]) + _mark(number)
    if number["value"] is None:
        return text
    return f'<data class="parlib-number" value="{number["value"]!r}">{text}</data>'


def _mark(number: Data) -> str:
    return f"<sup>{escape(number['mark'])}</sup>" if number["mark"] else ""


def _tiles(tiles: Data) -> str:
    name = f' id="tiles-{escape(tiles["name"])}"' if tiles["name"] else ""  # a section may bear the same name
    items = "".join(map(_tile, tiles["tiles"]))
    return f'<ul class="parlib-tiles"{name} aria-label="{escape(tiles["caption"])}">{items}</ul>'


def _tile(tile: Data) -> str:
    number, detail = tile["number"], "".join(map(_part, tile["detail"]))
    unit = f'<span class="parlib-tile-unit">{escape(tile["unit"])}</span>' if tile["unit"] else ""
    below = f'<span class="parlib-tile-detail">{detail}</span>' if detail else ""
    return (
        f'<li><span class="parlib-tile-label">{escape(tile["label"])}</span> '
        f'<span class="parlib-tile-number">{_part(number)}{unit}</span> {below}</li>'
    )


def _part(part: str | Data) -> str:
    return escape(part) if isinstance(part, str) else _number(part)


def _dataset(_: Data) -> str:
    """Nothing: data that no reader of a document looks at."""
    return ""


def _table(table: Data) -> str:
    header_key = next((column["key"] for column in table["columns"] if column["format"] == "text"), "")
    styles = table["row_styles"] or [""] * len(table["rows"])
    rows = []
    for row, style in zip(table["rows"], styles, strict=True):
        keys = ((column, column["key"]) for column in table["columns"])
        cells = "".join(_cell(column, row.get(key), key == header_key) for column, key in keys)
        rows.append(f'<tr class="parlib-{escape(style)}">{cells}</tr>' if style else f"<tr>{cells}</tr>")
    name = f' id="{escape(table["name"])}"' if table["name"] else ""
    heads = _head([{**column, "class": _class(column, table["rows"])} for column in table["columns"]])
    sortable = " parlib-sortable" if table["sortable"] else ""
    caption, body = escape(table["caption"]), "\n".join(rows)
    return (
        f'<div class="parlib-scroll" role="region" aria-label="{caption}" tabindex="0">'
        f'<table class="parlib-table{sortable}"{name}><caption>{caption}</caption>\n'
        f"<thead>{heads}</thead>\n<tbody>{body}</tbody></table></div>{_below(table)}"
    )


def _head(columns: Sequence[Data]) -> str:
    """The heads of the columns, under a row of group heads where some columns have one."""
    if not any(column["group"] for column in columns):
        return f"<tr>{''.join(_column(column) for column in columns)}</tr>"
    upper, lower = [], []
    for group, members in groupby(columns, lambda column: column["group"]):
        own = list(members)
        if group:
            upper.append(f'<th scope="colgroup" colspan="{len(own)}" class="parlib-g">{escape(group)}</th>')
            lower += [_column(column) for column in own]
        else:
            upper += [_column(column, ' rowspan="2"') for column in own]
    return f"<tr>{''.join(upper)}</tr><tr>{''.join(lower)}</tr>"


def _class(column: Data, rows: Sequence[Data]) -> str:
    """What the head of a column says of its cells: numbers, or texts that are more than codes and want room."""
    if column["format"] != "text":
        return ' class="parlib-n"'
    longest = max((len(cell) for row in rows if isinstance(cell := row.get(column["key"]), str)), default=0)
    return ' class="parlib-names"' if longest > _CODE else ""


def _column(column: Data, span: str = "") -> str:
    unit = f" ({escape(column['unit'])})" if column["unit"] else ""
    return f'<th scope="col"{span}{column["class"]}>{escape(column["title"])}{unit}</th>'


def _cell(column: Data, cell: str | Data | None, is_header: bool) -> str:
    kind = ' class="parlib-n"' if column["format"] != "text" else ""
    if cell is None:
        return f'<td{kind} data-sort="">{UNKNOWN}</td>'
    if isinstance(cell, str):
        return f'<th scope="row">{escape(cell)}</th>' if is_header else f"<td{kind}>{escape(cell)}</td>"
    sort = "" if cell["value"] is None else repr(cell["value"])
    return f'<td{kind} data-sort="{sort}">{escape(cell["text"])}{_mark(cell)}</td>'


def _figure(figure: Data) -> str:
    """The drawings of a figure, one for wide and one for narrow screens; its picture where it has none."""
    name = f' id="{escape(figure["name"])}"' if figure["name"] else ""
    alternative, width = escape(figure["alternative"]), f"{figure['width_mm']:g}mm"
    drawings = {kind: figure[kind] for kind in ("svg", "narrow") if figure.get(kind)}
    shown = "".join(
        text.replace(
            "<svg ",
            f'<svg class="parlib-{"narrow" if kind == "narrow" else "wide" if len(drawings) > 1 else "drawn"}" '
            f'role="img" aria-label="{alternative}"{_wide(kind, width)} ',
            1,
        )
        for kind, text in drawings.items()
    )
    shown = shown or f'{_picture(figure, alternative)} style="width:{width}">'
    return (
        f'<figure class="parlib-figure"{name}>{shown}'
        f"<figcaption>{_titled(figure)}</figcaption>{_below(figure)}</figure>"
    )


def _wide(kind: str, width: str) -> str:
    return "" if kind == "narrow" else f' style="width:{width}"'


def _picture(figure: Data, alternative: str) -> str:
    return f'<img src="data:image/png;base64,{figure["png"]}" alt="{alternative}"'


def _titled(figure: Data) -> str:
    """The title of a figure: what it shows, then its subject; without a finding the subject alone."""
    caption = escape(figure["caption"])
    if not figure.get("finding"):
        return caption
    finding = "".join(part if isinstance(part, str) else part["text"] for part in figure["finding"])
    # the space stands inside: before the span WeasyPrint takes it for the one place where "Hình 1" may be broken
    return f'{escape(finding)}<span class="parlib-subject"> {caption}</span>'


def _below(block: Data) -> str:
    """The notes and the source line under a table or figure."""
    lines = "".join(f'<p class="parlib-notes">{escape(note)}</p>' for note in block["notes"])
    lines += f'<p class="parlib-source">{escape(block["source"])}</p>' if block["source"] else ""
    return f'<div class="parlib-below">{lines}</div>' if lines else ""


def _note(note: Data) -> str:
    return f'<p class="parlib-note parlib-{escape(note["role"])}" role="note">{escape(note["text"])}</p>'


_KINDS: Mapping[str, Callable[[Data], str]] = {
    "sequel": _sequel,
    "title": _title,
    "heading": _heading,
    "paragraph": _one_paragraph,
    "table": _table,
    "tiles": _tiles,
    "figure": _figure,
    "note": _note,
    "dataset": _dataset,
}
