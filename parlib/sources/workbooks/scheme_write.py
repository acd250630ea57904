"""A scheme as a workbook that officials read and edit: the annex as a table, one row a criterion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from parlib import places
from parlib.errors import DataError, Problem
from parlib.numerals import number
from parlib.scoring.rules import KINDS
from parlib.scoring.scheme import Scheme
from parlib.sources.excel import LONGEST_CELL, Looks, new_workbook, page, put_text
from parlib.sources.workbooks import scheme_layout as layout
from parlib.sources.workbooks.rule_columns import help_of, rule_cells, rule_columns
from parlib.sources.workbooks.scheme_yaml import Document

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

_SPARE = 300  # rows below the last that keep the drop-downs, for those who add criteria
_LINE_HEIGHT = 13.5


def export_scheme(scheme: Scheme, path: Path) -> None:
    """Write ``scheme`` as a workbook, whole or not at all; ``import_scheme`` gives it again."""
    document = scheme.document()
    _refuse_long_texts(document)
    with places.whole_file(path) as draft:
        book = new_workbook(draft, f"Bộ tiêu chí {scheme.id}", scheme.decision)
        looks = Looks(book)
        _guide(book, looks)
        _facts(book, looks, document)
        _table(
            book,
            looks,
            layout.COMPONENTS,
            layout.COMPONENT_COLUMNS,
            [{"key": key, **component} for key, component in document["components"].items()],
        )
        _table(
            book,
            looks,
            layout.BANDS,
            layout.BAND_COLUMNS,
            [{"name": name, "low": low} for name, low in document["bands"].items()],
        )
        _tree(book, looks, document)
        _lists(book, looks)
        book.get_worksheet_by_name(layout.TREE).activate()
        book.close()


def _refuse_long_texts(document: Document) -> None:
    def texts(value: object) -> Iterator[str]:
        if isinstance(value, str):
            yield value
        elif isinstance(value, Mapping):
            for content in value.values():
                yield from texts(content)
        elif isinstance(value, list | tuple):
            for content in value:
                yield from texts(content)

    parts = {key: content for key, content in document.items() if key != "note"}
    cells = [*texts(parts), *(str(cell) for node, _ in walk(document["tree"]) for cell in _node_cells(node).values())]
    too_long = [text for text in cells if len(text) > LONGEST_CELL]
    if too_long:
        raise DataError(
            Problem(
                "longer than the {longest_cell} characters that a cell can hold",
                value=text[:60] + "…",
                longest_cell=LONGEST_CELL,
            )
            for text in too_long
        )


def walk(nodes: Sequence[Document], depth: int = 1) -> Iterator[tuple[Document, int]]:
    """Every node of a tree in its order, with its depth."""
    for node in nodes:
        yield node, depth
        yield from walk(node.get("children", ()), depth + 1)


def _node_cells(node: Document) -> dict[str, str | float]:
    cells = {key: node[key] for key in ("code", "name", "name_en", "max", "component", "evidence") if key in node}
    return {**cells, **(rule_cells(node["rule"]) if "rule" in node else {})}


# --- the sheets -------------------------------------------------------------------------------


def _guide(book: Workbook, looks: Looks) -> None:
    sheet = book.add_worksheet(layout.GUIDE)
    page(sheet, landscape=False, footer=layout.GUIDE)
    sheet.set_column(0, 0, 96)
    for row, (look, text) in enumerate(layout.guide_lines()):
        put_text(sheet, row, 0, text, looks[look])
        lines = -(-len(text) // 112) if look == "plain" else 1
        sheet.set_row(row, 26 if look in ("title", "section") else 15.5 * lines + 3)


def _facts(book: Workbook, looks: Looks, document: Document) -> None:
    sheet = book.add_worksheet(layout.FACTS)
    page(sheet, landscape=False, footer=layout.FACTS)
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 84)
    sheet.set_column(2, 2, 60)
    for column, heading in enumerate(("Mục", "Nội dung", "Hướng dẫn")):
        sheet.write_string(0, column, heading, looks["head"])
    row = 1
    for key, label, help_text in layout.FACT_ROWS:
        for place, (name, content) in enumerate(_fact_cells(key, label, document)):
            sheet.write_string(row, 0, name, looks["code"])
            put_text(sheet, row, 1, content, looks["in_code"], looks["q_in_code"])
            sheet.write_string(row, 2, help_text if place == 0 else "", looks["note"])
            if key in layout.WORDS:
                source = list(layout.WORDS[key]().values())
                sheet.data_validation(row, 1, row, 1, {"validate": "list", "source": source, **_refusal(label)})
            row += 1
    sheet.freeze_panes(1, 0)


def _fact_cells(key: str, label: str, document: Document) -> list[tuple[str, str]]:
    if key == "years":
        return [(label, ", ".join(map(str, document["years"])))]
    if key in layout.WORDS:
        return [(label, layout.WORDS[key]()[document.get(key, "rescale")])]
    if key != "note":
        return [(label, str(document[key]))]
    cells: list[tuple[str, str]] = []
    for paragraph in document["note"].split("\n"):
        cuts = range(0, max(len(paragraph), 1), LONGEST_CELL)
        cells += [(layout.CONTINUED if cut else label, paragraph[cut : cut + LONGEST_CELL]) for cut in cuts]
    return cells


def _table(book: Workbook, looks: Looks, name: str, columns: Sequence[layout.Column], rows: Sequence[Document]) -> None:
    sheet = book.add_worksheet(name)
    page(sheet, landscape=False, footer=name)
    _heads(sheet, looks, columns)
    for place, row in enumerate(rows, 1):
        for column, (key, _, _) in enumerate(columns):
            _put(sheet, place, column, row.get(key), looks, "in_")


def _heads(sheet: Worksheet, looks: Looks, columns: Sequence[layout.Column]) -> None:
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width)
        sheet.write_string(0, place, column.heading, looks["head"])
    sheet.set_row(0, 44)
    sheet.freeze_panes(1, 2)
    sheet.repeat_rows(0)


def _put(
    sheet: Worksheet,
    row: int,
    column: int,
    value: object,
    looks: Looks,
    prefix: str = "",
    shade: str = "",
    numbers: str = "number",
) -> None:
    if value is None or value == "":
        sheet.write_blank(row, column, None, looks[shade or f"{prefix}text"])
    elif isinstance(value, (int, float)):
        if float(f"{value:.16G}") == value:  # the digits that the file keeps
            sheet.write_number(row, column, value, looks[f"{shade}_points" if shade else f"{prefix}{numbers}"])
        else:
            put_text(sheet, row, column, number(float(value), "vi"), looks[shade or f"{prefix}code"])
    else:
        plain = shade or f"{prefix}code"
        put_text(sheet, row, column, str(value), looks[plain], looks[f"q_{plain}"])


def _tree(book: Workbook, looks: Looks, document: Document) -> None:
    sheet = book.add_worksheet(layout.TREE)
    page(sheet, landscape=True, footer=f"{layout.TREE} — {document['decision']}")
    sheet.set_paper(8)  # A3: seventeen columns
    columns = layout.tree_columns()
    _heads(sheet, looks, columns)
    helps = {part.column: help_of(part) for part in rule_columns()}
    for place, column in enumerate(columns):
        if column.key in helps:
            sheet.write_comment(0, place, helps[column.key], {"author": "parlib", "x_scale": 1.6, "font_size": 9})
    row = 0
    for row, (node, depth) in enumerate(walk(document["tree"]), 1):
        shade = ("area", "criterion")[depth - 1] if "children" in node and depth <= 2 else ""
        cells = _node_cells(node)
        for place, column in enumerate(columns):
            numbers = "points" if column.key == "max" else "number"
            _put(sheet, row, place, cells.get(column.key), looks, "in_", shade, numbers)
        lines = max(_lines(str(cells.get(column.key, "")), column.width) for column in columns)
        sheet.set_row(row, max(16.0, lines * _LINE_HEIGHT + 3))
    last = row + _SPARE
    for key, source in (("kind", _list_range(len(KINDS))), ("component", f"='{layout.COMPONENTS}'!$A$2:$A$60")):
        place = [column.key for column in columns].index(key)
        rule = {"validate": "list", "source": source, **_refusal(columns[place].heading)}
        sheet.data_validation(1, place, last, place, rule)


def _lines(text: str, width: float) -> int:
    """How many lines a text takes in a column, roughly: Vietnamese words in the table's font."""
    return sum(1 + int(len(line) * 1.02 // width) for line in text.split("\n"))


def _list_range(n: int) -> str:
    return f"='{layout.LISTS}'!$A$1:$A${n}"


def _refusal(label: str) -> dict[str, object]:
    return {"error_title": "Giá trị không hợp lệ", "error_message": f"{label}: hãy chọn một giá trị trong danh sách."}


def _lists(book: Workbook, looks: Looks) -> None:
    sheet = book.add_worksheet(layout.LISTS)
    for row, kind in enumerate(KINDS.values()):
        sheet.write_string(row, 0, kind.name.text(), looks["text"])
    sheet.hide()
