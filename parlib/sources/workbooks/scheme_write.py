"""A scheme as a workbook that officials read and edit: the annex as a table, one row a criterion."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from parlib import places
from parlib.errors import DataError, Problem
from parlib.numerals import number
from parlib.scoring.rules import KINDS, Part
from parlib.scoring.scheme import Node, Scheme
from parlib.sources.excel import LONGEST_CELL, Looks, Pen, new_workbook, page
from parlib.sources.workbooks import scheme_layout as layout
from parlib.sources.workbooks.rule_cells import rule_cells
from parlib.words import FIRST, Message, Words

if TYPE_CHECKING:
    from xlsxwriter import Workbook as WorkbookWritten

_SPARE = 300  # rows below the last that keep the drop-downs, for those who add criteria
_LINE_HEIGHT = 13.5

Cells = Mapping[str, str | float | None]  # of a row, by the key of their column


def export_scheme(scheme: Scheme, path: Path, language: str = FIRST) -> None:
    """Write ``scheme`` as a workbook in ``language``, whole or not at all; ``import_scheme`` gives it again."""
    nodes = [_node_cells(node, language) for node in scheme.nodes]
    _refuse_long_texts(scheme, nodes)
    with places.whole_file(path) as draft:
        title = Message("Set of criteria {id}", {"id": scheme.id}).text(language)
        _Book(new_workbook(draft, title, scheme.decision), language).write(scheme, nodes)


def _node_cells(node: Node, language: str) -> Cells:
    own: Cells = {"code": node.code, "name": node.name, "name_en": node.name_en, "max": node.maximum}
    more = {"component": node.component, "evidence": node.evidence}
    return {**own, **more, **(rule_cells(node.rule, language) if node.rule else {})}


def _refuse_long_texts(scheme: Scheme, nodes: Iterable[Cells]) -> None:
    texts = [scheme.id, scheme.decision, *(text for of in scheme.components.values() for text in (of.name, of.name_en))]
    texts += [cell for cells in nodes for cell in cells.values() if isinstance(cell, str)]
    if too_long := [text for text in texts if len(text) > LONGEST_CELL]:
        words = Message(
            "longer than the {longest_cell} characters that a cell can hold", {"longest_cell": LONGEST_CELL}
        )
        raise DataError(Problem(words, value=text[:60] + "…") for text in too_long)


class _Book:
    """The workbook of one scheme."""

    def __init__(self, book: WorkbookWritten, language: str) -> None:
        self.book, self.looks, self.language = book, Looks(book), language

    def says(self, words: Words) -> str:
        return words.text(self.language)

    def write(self, scheme: Scheme, nodes: Sequence[Cells]) -> None:
        self.guide()
        self.facts(scheme)
        components = scheme.components.items()
        groups: list[Cells] = [
            {"key": key, "name": of.name, "name_en": of.name_en, "max": of.max} for key, of in components
        ]
        self.table(layout.COMPONENTS, layout.COMPONENT_COLUMNS, groups)
        bands: list[Cells] = [{"name": name, "low": low} for name, low in scheme.bands.items()]
        self.table(layout.BANDS, layout.BAND_COLUMNS, bands)
        self.tree(scheme, nodes)
        lists = self.pen(layout.LISTS, ())
        for kind in KINDS.values():
            lists.line((1, self.says(kind.name), "text"))
        lists.sheet.hide()
        self.book.get_worksheet_by_name(self.says(layout.TREE)).activate()
        self.book.close()

    # --- the sheets -----------------------------------------------------------------------------

    def pen(self, name: Message, widths: Iterable[float], footer: str = "", landscape: bool = False) -> Pen:
        """A new sheet; with a ``footer`` it is laid out for printing."""
        pen = Pen(self.book, self.looks, self.says(name), widths)
        if footer:
            page(pen.sheet, landscape=landscape, footer=footer, language=self.language)
        return pen

    def guide(self) -> None:
        pen = self.pen(layout.GUIDE, (96,), self.says(layout.GUIDE))
        for look, text in layout.guide_lines(self.language):
            lines = -(-len(text) // 112) if look == "plain" else 1
            pen.line((1, text, look), height=26 if look in ("title", "section") else 15.5 * lines + 3)

    def facts(self, scheme: Scheme) -> None:
        columns = layout.FACT_COLUMNS
        pen = self.pen(layout.FACTS, (part.width for part in columns), self.says(layout.FACTS))
        pen.line(*((place, self.says(part.heading), "head") for place, part in enumerate(columns, 1)))
        for key, fact in layout.FACT_ROWS.items():
            words = {word: self.says(shown) for word, shown in fact.words().items()}
            cells = self.fact_cells(key, self.says(fact.label), getattr(scheme, key), words)
            for place, (label, content) in enumerate(cells):
                help_ = self.says(fact.help) if place == 0 else ""
                pen.line((1, label, "code"), (2, content, "in_code"), (3, help_, "note"))
                if words:
                    rule = {"validate": "list", "source": list(words.values()), **self.refusal(label)}
                    pen.sheet.data_validation(pen.row - 1, 1, pen.row - 1, 1, rule)
        pen.sheet.freeze_panes(1, 0)

    def fact_cells(self, key: str, label: str, value: object, words: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        """The rows of a fact, label and content: the note has many."""
        if key != "note":
            listed = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
            yield label, words.get(listed, listed)
            return
        for paragraph in str(value).split("\n"):
            for cut in range(0, max(len(paragraph), 1), LONGEST_CELL):
                yield self.says(layout.CONTINUED) if cut else label, paragraph[cut : cut + LONGEST_CELL]

    def table(
        self, name: Message, columns: Sequence[Part], rows: Iterable[Cells], footer: str = "", tall: bool = False
    ) -> Pen:
        """A sheet with a table. ``tall``: its rows are as high as their texts, and shaded by level."""
        footer = footer or self.says(name)
        pen = self.pen(name, (part.width for part in columns), footer, landscape=tall)
        pen.line(*((place, self.says(part.heading), "head") for place, part in enumerate(columns, 1)), height=44)
        pen.sheet.freeze_panes(1, 2)
        pen.sheet.repeat_rows(0)
        for cells in rows:
            values = [cells.get(part.column) for part in columns]
            shade = _shade(cells) if tall else ""
            line = []
            for place, (part, value) in enumerate(zip(columns, values, strict=True), 1):
                numbers = "points" if tall and part.column == "max" else "number"
                line.append((place, *self.content(value, shade, numbers)))
            heights = (_lines(str(value or ""), part.width) for part, value in zip(columns, values, strict=True))
            pen.line(*line, height=max(16.0, max(heights) * _LINE_HEIGHT + 3) if tall else 0)
        return pen

    def content(self, value: str | float | None, shade: str, numbers: str) -> tuple[str | float | None, str]:
        """A cell that people edit, and its look."""
        if value is None or value == "":
            return None, shade or "in_text"
        if isinstance(value, str):
            return value, shade or "in_code"
        if float(f"{value:.16G}") == value:  # the digits that the file keeps
            return value, f"{shade}_points" if shade else f"in_{numbers}"
        return number(float(value), self.language), shade or "in_code"

    def tree(self, scheme: Scheme, nodes: Sequence[Cells]) -> None:
        columns = (*layout.NODE_COLUMNS, *(rules := layout.rule_columns()))
        pen = self.table(layout.TREE, columns, nodes, f"{self.says(layout.TREE)} — {scheme.decision}", tall=True)
        pen.sheet.set_paper(8)  # A3: seventeen columns
        helps = {part.column: layout.help_of(part, self.language) for part in rules}
        kinds = f"='{self.says(layout.LISTS)}'!$A$1:$A${len(KINDS)}"
        sources = {"kind": kinds, "component": f"='{self.says(layout.COMPONENTS)}'!$A$2:$A$60"}
        for place, part in enumerate(columns):
            if part.column in helps:
                look = {"author": "parlib", "x_scale": 1.6, "font_size": 9}
                pen.sheet.write_comment(0, place, helps[part.column], look)
            if part.column in sources:
                rule = {"validate": "list", "source": sources[part.column], **self.refusal(self.says(part.heading))}
                pen.sheet.data_validation(1, place, pen.row - 1 + _SPARE, place, rule)

    def refusal(self, label: str) -> dict[str, str]:
        words = Message("{label}: choose a value of the list.", {"label": label})
        return {"error_title": self.says(Message("Value not allowed")), "error_message": self.says(words)}


def _shade(cells: Cells) -> str:
    """The look of a row of sums, by its level."""
    depth = str(cells["code"]).count(".")
    return ("area", "criterion")[depth] if "kind" not in cells and depth < 2 else ""


def _lines(text: str, width: float) -> int:
    """How many lines a text takes in a column, roughly: Vietnamese words in the table's font."""
    return sum(1 + int(len(line) * 1.02 // width) for line in text.split("\n"))
