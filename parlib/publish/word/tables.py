"""Tables of a report as tables of Word: heads repeated on every page, rows never split, wide ones smaller or turned;
and key figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from parlib.publish.document import (
    MM_OF_POINT,
    SHORT_HEAD,
    CellText,
    Needs,
    Setting,
    Taste,
    fitted,
    lines,
    needs,
    text_width,
)
from parlib.publish.word.template import (
    KEEP,
    Section,
    Template,
    attribute,
    paragraph,
    parts,
    run,
    run_of,
    twips,
)
from parlib.report.blocks import Column, Number, Table, Tile, Tiles
from parlib.report.markup import UNKNOWN

KEPT_WHOLE = 80.0  # mm: a table that is no higher stays on one page
ENDS = 3  # rows of a longer one that stay with its head, and with its notes
_MUCH_LOWER = 0.65  # small letters where they save more than a third of a long table
_BORDER = 1.15 * 25.4 / 72  # mm of a line for each point of its letters
ROW = 0.9  # mm between rows
RULES = 0.7  # mm of the lines around a table
BOLD = 1.08  # wider than other letters
_TASTE = Taste(head_lines=4, name=8.0, comfort=10.0)  # close: a page that stays upright is read more easily
_ACROSS = 5  # key figures side by side at most
_UNIT = 0.6  # of a key figure's letters are those of its unit
PADDING = 2.7  # mm left and right in a cell, and a little to spare

HEAD_FILL = "F1F3F5"
HIGHLIGHT_FILL = "FFF3CD"
_MARGINS = (  # the widths reckon with them, so no template changes them
    '<w:tblCellMar><w:left w:w="70" w:type="dxa"/><w:right w:w="70" w:type="dxa"/></w:tblCellMar>'
)
_RULE = '<w:{side} w:val="single" w:sz="{size}" w:space="0" w:color="1C2126"/>'


@dataclass(frozen=True)
class Plan:
    """How a table stands on paper: widths of its columns in mm, small letters or not, on a turned page or not."""

    widths: Sequence[float]
    small: bool
    wide: bool

    def style(self, name: str) -> str:
        """The style of its cells."""
        return f"{name} Small" if self.small else name


def parts_of(table: Table, section: Section, template: Template) -> list[tuple[Table, Plan]]:
    """The table as it fits on paper: one of too many columns in several parts of as many, each with its first columns.

    One that fits in no way (a single column wider than a page) is squeezed: its words are then broken, never cut.
    """
    whole = plan(table, section, template)
    if whole:
        return [(table, whole)]
    first = next((n for n, column in enumerate(table.columns[:3], 1) if column.format == "text"), 1)
    lead, rest = table.columns[:first], table.columns[first:]
    for several in range(2, len(rest) + 1):
        cuts = [round(len(rest) * n / several) for n in range(several + 1)]
        parts = [replace(table, columns=lead + rest[start:end]) for start, end in pairwise(cuts)]
        plans = [plan(part, section, template) for part in parts]
        if all(plans):
            return [(part, planned) for part, planned in zip(parts, plans, strict=True) if planned]
    room = section.wide or section.width
    return [(table, Plan([room / len(table.columns)] * len(table.columns), True, section.wide is not None))]


def plan(table: Table, section: Section, template: Template) -> Plan | None:
    """Upright in letters as usual where that fits, else in small ones, else on a turned page; ``None`` where not there.

    A long table whose sentences would fill narrow columns is set in small letters too.
    """
    asked = needs(_measured(table), len(table.columns), _TASTE)
    for room, wide in ((section.width, False), (section.wide, True)):
        results = [_planned(table, asked, room, small, wide, template) for small in (False, True)] if room else []
        usual, small = results or (None, None)
        if usual and small:
            high = height(table, usual, template)
            return small if high > section.height > 0 and height(table, small, template) < _MUCH_LOWER * high else usual
        if small:
            return small
    return None


def _planned(table: Table, asked: Needs, room: float, small: bool, wide: bool, template: Template) -> Plan | None:
    """What is left beyond comfort goes to long heads and texts, or to texts alone: the way that makes a lower table."""
    size = template.size("Table Number Small" if small else "Table Number")
    kept = zip(table.columns, asked.most, asked.comfort, strict=True)
    to_texts = replace(
        asked,
        most=tuple(most if column.format == "text" or most < SHORT_HEAD else enough for column, most, enough in kept),
    )
    fits = [fitted(needed, Setting("", size, room, PADDING)) for needed in (asked, to_texts)]
    plans = [Plan(widths, small, wide) for widths in fits if widths]
    return min(plans, key=lambda one: height(table, one, template) + head_height(table, one, template), default=None)


def _measured(table: Table) -> Iterator[CellText]:
    for group, members in groupby(enumerate(table.columns), lambda pair: pair[1].group):
        if group:
            first, *others = [n for n, _ in members]
            yield CellText(group, first, span=1 + len(others), is_head=True, is_bold=True)
    for n, column in enumerate(table.columns):
        yield CellText(_head_text(column), n, is_head=True, is_bold=True)
        for text in {text_of(row.get(column.key, UNKNOWN)) for row in table.rows}:
            yield CellText(text, n, is_whole=column.format != "text")


def table_xml(table: Table, planned: Plan, template: Template) -> str:
    """The table itself, without its caption and what stands below it."""
    styles = table.row_styles or ("",) * len(table.rows)
    whole = height(table, planned, template) <= KEPT_WHOLE
    last = len(table.rows) - 1
    heads = _heads(table.columns, planned, template)
    rows = [
        _row(table.columns, row, style, planned, template, keep=whole or n < ENDS - 1 or n > last - ENDS)
        for n, (row, style) in enumerate(zip(table.rows, styles, strict=True))
    ]
    return _frame(template["Report Table"], planned.widths, table.caption, [*heads, *rows])


def height(table: Table, planned: Plan, template: Template) -> float:
    """About how high the rows of a table are, in mm."""
    size = template.size(planned.style("Table Text"))
    total = 0.0
    for row, style in zip(table.rows, table.row_styles or ("",) * len(table.rows), strict=True):
        cells = [
            (row.get(column.key, UNKNOWN), width) for column, width in zip(table.columns, planned.widths, strict=True)
        ]
        wide = size * (BOLD if style == "total" else 1.0)
        most = max(lines(text_of(cell), width - PADDING, wide) for cell, width in cells)
        total += most * size * _BORDER + ROW
    return total


def head_height(table: Table, planned: Plan, template: Template) -> float:
    """About how high the heads of a table are, in mm."""
    size = template.size(planned.style("Table Head"))
    pairs = zip(table.columns, planned.widths, strict=True)
    most = max((lines(_head_text(column), width - PADDING, size) for column, width in pairs), default=0)
    grouped = any(column.group for column in table.columns)
    return (most + grouped) * size * _BORDER + (1 + grouped) * ROW


def text_of(cell: str | Number) -> str:
    """A cell as printed, with its mark."""
    return cell if isinstance(cell, str) else cell.text + cell.mark


def _frame(style: str, columns: Sequence[float], caption: str, rows: Sequence[str], first_row: int = 1) -> str:
    """A table of fixed widths; ``caption`` is read to those who cannot see it."""
    grid = "".join(f'<w:gridCol w:w="{twips(width)}"/>' for width in columns)
    total = sum(twips(width) for width in columns)
    margins, look = (_MARGINS, "0420") if first_row else ("", "0400")
    return (
        f'<w:tbl><w:tblPr><w:tblStyle w:val="{style}"/><w:tblW w:w="{total}" w:type="dxa"/>'
        f'<w:tblLayout w:type="fixed"/>{margins}<w:tblLook w:val="{look}" w:firstRow="{first_row}"'
        ' w:lastRow="0" w:firstColumn="0" w:lastColumn="0" w:noHBand="0" w:noVBand="1"/>'
        f"<w:tblCaption w:val={attribute(caption)}/></w:tblPr>"
        f"<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )


def _heads(columns: Sequence[Column], planned: Plan, template: Template) -> list[str]:
    """The heads of the columns, under a row of group heads where some columns have one."""
    grouped = any(column.group for column in columns)
    lower = [
        _head_cell("", [width], planned, template, column, '<w:vMerge w:val="continue"/>')
        if grouped and not column.group
        else _head_cell(_head_text(column), [width], planned, template, column)
        for column, width in zip(columns, planned.widths, strict=True)
    ]
    if not grouped:
        return [_head_row(lower)]
    upper: list[str] = []
    pairs = zip(columns, planned.widths, strict=True)
    for group, members in groupby(pairs, lambda pair: pair[0].group):
        own = list(members)
        if group:
            spanned = [width for _, width in own]
            upper.append(_head_cell(group, spanned, planned, template, None))
        else:
            upper += [
                _head_cell(_head_text(column), [width], planned, template, column, '<w:vMerge w:val="restart"/>')
                for column, width in own
            ]
    return [_head_row(upper), _head_row(lower)]


def _head_text(column: Column) -> str:
    return f"{column.title} ({column.unit})" if column.unit else column.title


def _table_row(cells: Sequence[str], more: str = "") -> str:
    return f"<w:tr><w:trPr><w:cantSplit/>{more}</w:trPr>{''.join(cells)}</w:tr>"


def _head_row(cells: Sequence[str]) -> str:
    return _table_row(cells, "<w:tblHeader/>")


def _head_cell(
    text: str, spanned: Sequence[float], planned: Plan, template: Template, column: Column | None, merge: str = ""
) -> str:
    """A head over one column, or (``column`` is ``None``) over a group of neighbours."""
    span = f'<w:gridSpan w:val="{len(spanned)}"/>' if len(spanned) > 1 else ""
    side = "center" if column is None else "left" if column.format == "text" else "right"
    rule = "" if column is None or "restart" in merge else _RULE.format(side="bottom", size=8)
    borders = f"<w:tcBorders>{rule}</w:tcBorders>" if rule else ""
    content = paragraph(template[planned.style("Table Head")], run(text), f'{KEEP}<w:jc w:val="{side}"/>')
    more = f'{span}{merge}{borders}<w:shd w:val="clear" w:color="auto" w:fill="{HEAD_FILL}"/><w:vAlign w:val="bottom"/>'
    return _cell(content, sum(twips(width) for width in spanned), more)


def _row(
    columns: Sequence[Column],
    row: dict[str, str | Number],
    style: str,
    planned: Plan,
    template: Template,
    keep: bool,
) -> str:
    ids = {name: template[planned.style(name)] for name in ("Table Text", "Table Number")}
    look = {"total": "Table Total", "muted": "Table Muted"}.get(style)
    letters = f'<w:rStyle w:val="{template[look]}"/>' if look else ""
    fill = f'<w:shd w:val="clear" w:color="auto" w:fill="{HIGHLIGHT_FILL}"/>' if style == "highlight" else ""
    rule = f"<w:tcBorders>{_RULE.format(side='top', size=6)}</w:tcBorders>" if style == "total" else ""
    heads = style == "total" and sum(bool(cell) for cell in row.values()) == 1  # the rows below
    kept = KEEP if keep or heads else ""
    cells = []
    for column, width in zip(columns, planned.widths, strict=True):
        content = run_of(row.get(column.key, UNKNOWN), letters)
        style_id = ids["Table Text" if column.format == "text" else "Table Number"]
        cells.append(_cell(paragraph(style_id, content, kept), twips(width), rule + fill))
    return _table_row(cells)


def tiles_across(tiles: Tiles, section: Section, template: Template) -> int:
    """How many key figures stand side by side, in rows as full as one another: five at most, and no number broken."""
    size = template.size("Tile Number") * MM_OF_POINT
    widest = size * max(
        BOLD * text_width(part) + _UNIT * text_width(_unit(tile))
        for tile in tiles.tiles
        for part in text_of(tile.number).split(" ")
    )
    room = max(1, min(_ACROSS, int(section.width // (widest + PADDING))))
    n = len(tiles.tiles)
    return -(-n // -(-n // room))


def tiles_xml(tiles: Tiles, section: Section, template: Template) -> str:
    """Key figures side by side."""
    n = len(tiles.tiles)
    across = tiles_across(tiles, section, template)
    columns = [section.width / across] * across
    wide = twips(columns[0])
    rows = []
    for start in range(0, n, across):
        line = tiles.tiles[start : start + across]
        cells = [_cell(_tile(tile, template), wide) for tile in line]
        cells += [_cell("<w:p/>", wide, "<w:tcBorders><w:top w:val='nil'/></w:tcBorders>")] * (across - len(line))
        rows.append(_table_row(cells))
    return _frame(template["Key Figures"], columns, tiles.caption, rows, first_row=0)


def _unit(tile: Tile) -> str:
    """The unit as it stands behind the number, on its line."""
    return (f"\u00a0{tile.unit}" if tile.unit[:1].isalpha() else tile.unit).replace(" ", "\u00a0")


def _tile(tile: Tile, template: Template) -> str:
    look = f'<w:b w:val="0"/><w:sz w:val="{round(2 * _UNIT * template.size("Tile Number"))}"/>'
    content = paragraph(template["Tile Label"], run(tile.label), KEEP)
    number = run_of(tile.number) + run(_unit(tile), look)
    content += paragraph(template["Tile Number"], number, KEEP if tile.detail else "")
    if tile.detail:
        content += paragraph(template["Tile Detail"], parts(tile.detail))
    return content


def _cell(content: str, width: int, more: str = "") -> str:
    """A cell; ``width`` in twips, ``more`` of how it looks in the order of the standard."""
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{more}</w:tcPr>{content}</w:tc>'
