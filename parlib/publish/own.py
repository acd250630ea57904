"""A notebook of one's own as blocks: markdown, frames, tables in HTML, pictures and printed text become what every
document is written from, marked as not checked. What is a block of ours already stays as it is.

>>> [block.plain_text() for block in Reading("vi").markdown("## Vùng\\n\\nHai đoạn\\n\\n- một\\n- hai")]
['Vùng', 'Hai đoạn', 'một', 'hai']
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import TYPE_CHECKING

from nbformat import NotebookNode, v4

from parlib.answers import told
from parlib.errors import ParlibError, Problem
from parlib.publish.document import flat, flat_data
from parlib.report import blocks, shown
from parlib.report.columns import words_of_columns
from parlib.words import Message

if TYPE_CHECKING:
    from lxml.html import HtmlElement

UNCHECKED = Message("Not checked against the data.")
PARTLY = Message("Parts are not checked against the data.")
EDITED = Message("Edited after publication, not checked against the data.")
_CUT = Message("The table is cut: the notebook shows {n} of {of} rows.")
_CUT_SOMEWHERE = Message("The table is cut: the notebook does not show all of its rows.")

_NUMBER = re.compile(r"[-+−]?\d+(?:\.\d+)?")  # as pandas prints one
_PLAIN = re.compile(r"[-+−]?\d+(?:[.,](?:\d{1,2}|\d{4,}))?")  # as anybody prints one, and no sign of thousands
_GAPS = ("", "NaN", "nan", "None", "<NA>", "NaT")
_SIZE = re.compile(r"\d+ rows × \d+ columns")
_LEAST_GROUPED = 10_000  # smaller whole numbers may be years: 2023, not 2.023
_NO_WORD = re.compile(r"[\[(]?<.*>[\])]?|Text\(.*\)", re.DOTALL)  # what Python calls an object: <Axes: >
_OF_NUMPY = re.compile(r"\bnp\.\w+\(([^()]*)\)")  # np.float64(85.2)
_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
_BLOCKS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "p", "ul", "ol", "table", "pre", "div", "section", "figure",
                     "blockquote", "img", "hr", "details", "dl"))  # fmt: skip
_SILENT = frozenset(("style", "script", "title", "head", "template", "button", "link", "meta"))


@dataclass(frozen=True)
class Adopted:
    """A notebook whose every output is a block: the notebook, how many pieces of it nobody has checked (tables,
    figures, texts with numbers), and what no document can show."""

    notebook: NotebookNode
    n_unchecked: int = 0
    left_out: tuple[Problem, ...] = ()

    @property
    def told(self) -> tuple[Problem, ...]:
        """What whoever asked for the report must be told of it."""
        n = self.n_unchecked
        own = Problem("{n} tables, figures and texts are not checked against the data; the report says so", n=n)
        return (*([own] if n else []), *self.left_out)


def adopted(
    notebook: NotebookNode,
    language: str,
    title: str = "",
    marks: Callable[[], Sequence[str]] = tuple,
    instead: Message | None = None,
) -> Adopted:
    """``notebook`` with everything that it shows as blocks; itself where that is so. ``title`` and ``marks`` are its
    head's where no cell shows a title; ``marks`` are asked for only where they are needed. With ``instead`` none of its
    numbers is checked, and that is what it is marked with. Raises ``ParlibError`` where a cell stopped with an error.
    """
    _check_run(notebook)
    if instead is None and not any(map(_is_own, notebook.cells)):
        return Adopted(notebook)
    has_title = any(block["kind"] == blocks.Title.kind for block in _ours(notebook.cells))
    reading = Reading(language, has_title, _top(notebook, has_title))
    cells = [
        [(block, own or instead is not None) for block, own in reading.cell(cell, n)]
        for n, cell in enumerate(notebook.cells, 1)
    ]
    everything = [pair for cell in cells for pair in cell]
    checked = any(not own and isinstance(block, blocks.Table | blocks.Figure) for block, own in everything)
    head = (instead or (PARTLY if checked else UNCHECKED)).text(language)
    own_marks = (*marks(), *(blocks.Wording(language).say(blocks.MARKS[mark]) for mark in sorted(reading.marks)), head)
    if not any(isinstance(block, blocks.Title) for block, _ in everything):
        cells.insert(0, [(blocks.Title(reading.title or title, contents=False), True)])
    result = [_marked_cell(cell, own_marks, (instead or UNCHECKED).text(language)) for cell in cells]
    n = sum(own and _has_numbers(block) for block, own in everything)
    return Adopted(v4.new_notebook(cells=result, metadata=notebook.metadata), n, tuple(reading.left_out))


def _check_run(notebook: NotebookNode) -> None:
    problems = []
    for n, cell in enumerate(notebook.cells, 1):
        outputs = cell.get("outputs", ())
        failed = next((output for output in outputs if output.output_type == "error"), None)
        if failed is not None:
            places = {"n": n, "kind": failed.ename, "told": failed.evalue}
            problems.append(Problem(Message("cell {n} stopped with {kind}: {told}", places)))
    ParlibError.raise_for(problems)


def is_unrun(cell: NotebookNode) -> bool:
    """Whether a cell has code that was not run."""
    return bool(cell.cell_type == "code" and cell.source.strip() and cell.execution_count is None)


def _is_own(cell: NotebookNode) -> bool:
    """Whether a cell shows anything that is no block of ours, or a figure that nobody can check."""
    if cell.cell_type == "markdown":
        return bool(cell.source.strip())
    foreign = (blocks.MIME not in o.get("data", {}) and o.get("name") != "stderr" for o in cell.get("outputs", ()))
    return any(foreign) or any(block["kind"] == blocks.Figure.kind and not block["chart"] for block in _ours([cell]))


def _ours(cells: Iterable[NotebookNode]) -> Iterator[blocks.Plain]:
    """The data of all blocks that cells show."""
    for cell in cells:
        for output in cell.get("outputs", ()):
            if blocks.MIME in output.get("data", {}):
                yield from flat_data(output["data"][blocks.MIME])


def has_data(notebook: NotebookNode) -> bool:
    """Whether a notebook hands over data by which its numbers can be worked out again."""
    return any(block["kind"] == blocks.Dataset.kind for block in _ours(notebook.cells))


def _is_unchecked(block: blocks.Block) -> bool:
    """Whether a block is none that can be checked: ``parlib.figure`` of one's own knows of no index."""
    return isinstance(block, blocks.Figure) and not block.chart


def _top(notebook: NotebookNode, has_title: bool) -> int:
    """The level of the highest headings of a notebook, its title apart."""
    texts = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    levels = [len(signs) for signs in re.findall(r"^(#{1,6}) ", texts, re.MULTILINE)]
    if not has_title and 1 in levels:
        levels.remove(1)
    return min(levels, default=1)


def _has_numbers(block: blocks.Block) -> bool:
    """Whether a block is a piece that somebody would have to check."""
    if isinstance(block, blocks.Heading | blocks.Title | blocks.Note | blocks.Dataset):
        return False
    return not isinstance(block, blocks.Paragraph) or bool(re.search(r"\d", block.plain_text()))


def _marked_cell(cell: Iterable[tuple[blocks.Block, bool]], head: Sequence[str], mark: str) -> NotebookNode:
    """A cell that shows blocks, the unchecked ones among them marked, and the title."""
    outputs = []
    for block, own in cell:
        if isinstance(block, blocks.Title):
            block = replace(block, marks=tuple(dict.fromkeys((*block.marks, *head))))
        elif isinstance(block, blocks.Table | blocks.Figure) and own:
            block = replace(block, notes=(*block.notes, mark))
        outputs.append(v4.new_output("display_data", data={blocks.MIME: block.to_data()}))
    result: NotebookNode = v4.new_code_cell(outputs=outputs)
    return result


@dataclass
class Reading:
    """Reads a notebook from top to bottom. ``top`` is the level of its highest headings; ``heading`` is the last one,
    which tables and figures without a caption are called by; ``marks`` are those that the results behind its tables
    bear; ``left_out`` is what it shows and no document can."""

    language: str
    has_title: bool = False
    top: int = 1
    title: str = ""
    heading: str = ""
    marks: set[str] = field(default_factory=set)
    left_out: list[Problem] = field(default_factory=list)
    _n: int = 0  # of the cell

    def cell(self, cell: NotebookNode, n: int) -> Iterator[tuple[blocks.Block, bool]]:
        """The blocks of a cell, each with whether it is unchecked."""
        self._n = n
        if cell.cell_type == "markdown":
            pictures = cell.get("attachments", {})
            yield from ((block, True) for block in self.markdown(cell.source, pictures))
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if blocks.MIME in data:
                for block in flat(blocks.from_data(data[blocks.MIME])):
                    yield self._captioned(block), _is_unchecked(block)
            elif output.get("name") == "stdout":
                yield from ((block, True) for block in self._text(output.text))
            elif data:
                yield from ((block, True) for block in self._output(data))

    def _output(self, data: Mapping[str, str]) -> Iterator[blocks.Block]:
        """The blocks of an output by the best form that it has."""
        ways: dict[str, Callable[[str], Iterable[blocks.Block]]] = {
            "image/png": lambda png: [self._picture(png)],
            "image/jpeg": lambda jpeg: [self._picture(jpeg)],
            "text/markdown": self.markdown,
            "text/html": self.html,
            "text/latex": self._text,
            "text/plain": lambda text: [] if _NO_WORD.fullmatch(text.strip()) else self._text(text),
        }
        if shown.MIME in data:
            yield self._frame(data[shown.MIME])  # type: ignore[arg-type] # JSON, not text
            return
        made = ([*read(data[kind])] for kind, read in ways.items() if kind in data)
        found = next(filter(None, made), [])
        if not found and set(data) != {"text/plain"}:
            self._leave_out(", ".join(data))
        yield from found

    def _leave_out(self, what: str) -> None:
        self.left_out.append(Problem("cell {n}: no document can show this output", n=self._n, value=what))

    def _captioned(self, block: blocks.Block) -> blocks.Block:
        if isinstance(block, blocks.Heading):
            self.heading = block.text
        if isinstance(block, blocks.Figure) and not block.caption:
            return replace(block, caption=self._caption(), alternative=block.alternative or self._caption())
        return block

    def _caption(self) -> str:
        return self.heading or self.title or "–"

    # --- text

    def markdown(self, source: str, pictures: dict[str, dict[str, str]] | None = None) -> list[blocks.Block]:
        """The blocks of a text in markdown; ``pictures`` are those attached to its cell."""
        from nbconvert.filters.markdown_mistune import InvalidNotebook, IPythonRenderer, MarkdownWithMath

        try:
            renderer = IPythonRenderer(escape=False, attachments=pictures, exclude_anchor_links=True)
            html = MarkdownWithMath(renderer=renderer).render(source)
        except InvalidNotebook as error:  # a picture that is not there
            raise ParlibError("cell {n}: {told}", n=self._n, told=str(error)) from error
        return self.html(html)

    def html(self, html: str) -> list[blocks.Block]:
        """The blocks of a piece of HTML."""
        from lxml import html as reader

        root = reader.fragment_fromstring(html, create_parent="div") if html.strip() else None
        return [] if root is None else list(self._element(root))

    def _element(self, element: HtmlElement) -> Iterator[blocks.Block]:
        tag = element.tag if isinstance(element.tag, str) else "script"
        if tag in _SILENT:
            return
        if re.fullmatch("h[1-6]", tag):
            yield from self._heading(_words(element), int(tag[1]))
        elif tag == "table":
            yield from self._table(element)
        elif tag == "img":
            data = re.fullmatch(r"data:image/(?:png|jpeg);base64,(.*)", element.get("src", ""), re.DOTALL)
            if data:
                yield self._picture(data[1], element.get("alt", ""))
            else:
                self._leave_out(element.get("src", "")[:80])
        elif tag in ("ul", "ol"):
            for n, item in enumerate(element.findall("li"), 1):
                text = _words(item, without=("ul", "ol"))
                yield blocks.Paragraph((f"{n}. {text}" if tag == "ol" else text,), "item")
                for below in item.iterchildren("ul", "ol"):
                    yield from self._element(below)
        elif tag == "pre":
            yield from self._text(element.text_content())
        elif tag in ("svg", "iframe", "canvas", "video"):
            self._leave_out(tag)
        else:
            yield from self._mixed(element)

    def _mixed(self, element: HtmlElement) -> Iterator[blocks.Block]:
        """Text with elements in it, those that are blocks of their own among them."""
        text = element.text or ""
        for child in element:
            if isinstance(child.tag, str) and (
                child.tag in _BLOCKS or child.tag in _SILENT or len(child.findall(".//table"))
            ):
                yield from self._paragraph(text)
                text = ""
                yield from self._element(child)
            elif isinstance(child.tag, str):
                pictures = child.findall(".//img")
                text += "\n" if child.tag == "br" else child.text_content()
                for picture in pictures:
                    yield from self._element(picture)
            text += child.tail or ""
        yield from self._paragraph(text)

    def _paragraph(self, text: str) -> Iterator[blocks.Block]:
        text = " ".join(text.split())
        if text and not _SIZE.fullmatch(text):  # pandas: "63 rows × 5 columns"
            yield blocks.Paragraph((text,))

    def _text(self, text: str) -> Iterator[blocks.Block]:
        """Printed text, a paragraph a line."""
        for line in _ESCAPES.sub("", _OF_NUMPY.sub(r"\1", text)).splitlines():
            yield from self._paragraph(line)

    def _heading(self, text: str, level: int) -> Iterator[blocks.Block]:
        """A heading; the first of the first level is the title where no cell shows one."""
        if level == 1 and not self.has_title:
            self.has_title, self.title = True, text
            yield blocks.Title(text, contents=False)
        elif text:
            self.heading = text
            yield blocks.Heading(text, min(3, max(1, level - self.top + 1)))

    # --- pictures

    def _picture(self, content: str, caption: str = "") -> blocks.Figure:
        """A picture of points: as wide as its points say, no wider than a page."""
        from PIL import Image

        picture = Image.open(io.BytesIO(base64.b64decode(content)))
        if picture.format != "PNG":
            stream = io.BytesIO()
            picture.save(stream, format="PNG")
            content = base64.b64encode(stream.getvalue()).decode("ascii")
        dots = float(picture.info.get("dpi", (100.0, 100.0))[0]) or 100.0
        caption = caption or self._caption()
        return blocks.Figure(
            "".join(content.split()), caption, caption, width_mm=min(170.0, picture.width / dots * 25.4)
        )

    # --- tables

    def _frame(self, data: blocks.Plain) -> blocks.Table:
        """The table of a frame that its notebook kept (``report.shown``)."""
        about = {str(key): str(value) for key, value in data["about"].items()}
        self.marks |= set(about.get("marks", "").split(";")) & set(blocks.MARKS)
        words = words_of_columns(self.language) if about else {}
        heads = [" – ".join(words.get(part, part) for part in head if part) for head in data["heads"]]
        notes = (told(dict(about.items()), self.language),) if about else ()
        columns = [
            self._numbers(key, head, values, kind == "integer") if kind != "text" else self._texts(key, head, values)
            for (key, head), kind, values in zip(_keyed(heads), data["kinds"], data["columns"], strict=True)
        ]
        n = len(data["columns"][0])
        if n < data["n"]:
            notes = (*notes, _CUT.filled(n=n, of=data["n"]).text(self.language))
        return self._of_columns(columns, data["caption"], notes)

    def _table(self, table: HtmlElement) -> Iterator[blocks.Block]:
        """The table of HTML: of pandas, whose numbers Python wrote, or of whoever wrote them as they are to stand."""
        heads, rows, caption, notes = _grid(table)
        if not rows and not heads:
            return
        n_columns = max(map(len, [heads, *rows]))
        of_pandas = "dataframe" in table.get("class", "").split()
        cut = of_pandas and any(row and set(row[1:] or row) == {"..."} for row in rows)
        rows = [row for row in rows if set(row[1:] or row) != {"..."}] if cut else rows
        if cut:
            notes = [*notes, _CUT_SOMEWHERE.text(self.language)]
        heads = [*heads, *[""] * (n_columns - len(heads))]
        columns = []
        by_column = list(zip_longest(*rows, fillvalue="")) or [()] * n_columns
        for n, ((key, head), cells) in enumerate(zip(_keyed(heads), by_column, strict=True)):
            if n == 0 and not head and n_columns > 1 and list(cells) == [str(place) for place in range(len(cells))]:
                continue  # the numbers of rows, which say nothing
            known = [cell for cell in cells if cell not in _GAPS]
            if known and of_pandas and all(map(_NUMBER.fullmatch, known)):
                values = [None if cell in _GAPS else float(cell.replace(blocks.MINUS, "-")) for cell in cells]
                columns.append(self._numbers(key, head, values, not any("." in cell for cell in known)))
            elif known and all(map(_PLAIN.fullmatch, known)):
                columns.append(self._as_printed(key, head, cells))
            else:
                columns.append(self._texts(key, head, [None if c in _GAPS[1:] else c for c in cells]))
        yield self._of_columns(columns, caption, notes)

    def _of_columns(
        self,
        columns: Sequence[tuple[blocks.Column, Sequence[str | blocks.Number | None]]],
        caption: str,
        notes: Iterable[str],
    ) -> blocks.Table:
        rows = zip(*(cells for _, cells in columns), strict=True)
        keys = [column.key for column, _ in columns]
        return blocks.Table(
            tuple(column for column, _ in columns),
            tuple({key: cell for key, cell in zip(keys, row, strict=True) if cell is not None} for row in rows),
            caption or self._caption(),
            notes=tuple(notes),
        )

    def _numbers(
        self, key: str, head: str, values: Sequence[float | None], whole: bool, given: int | None = None
    ) -> tuple[blocks.Column, list[str | blocks.Number | None]]:
        """A column of exact numbers, printed as the house does: two decimals, four of what is all smaller than one, or
        as many as are ``given``."""
        wording, known = blocks.Wording(self.language), [value for value in values if value is not None]
        largest = max(map(abs, known), default=0.0)
        whole = whole or (given is None and all(value.is_integer() for value in known))
        decimals = 0 if whole else given or (2 if largest >= 1 else 4)
        plain = whole and largest < _LEAST_GROUPED

        def printed(value: float) -> str:
            return f"{int(value)}".replace("-", blocks.MINUS) if plain else wording.format(value, decimals)

        cells: list[str | blocks.Number | None] = [None if v is None else blocks.Number(v, printed(v)) for v in values]
        kind = "rank" if plain else "integer" if whole else "number"  # a rank is written without groups
        return blocks.Column(key, head, kind, decimals=decimals), cells

    def _as_printed(
        self, key: str, head: str, cells: Sequence[str]
    ) -> tuple[blocks.Column, list[str | blocks.Number | None]]:
        """A column of numbers that somebody has formatted, with the decimals that they have."""
        values = [None if c in _GAPS else float(c.replace(",", ".").replace(blocks.MINUS, "-")) for c in cells]
        decimals = max(len(re.split("[.,]", cell)[1]) if re.search("[.,]", cell) else 0 for cell in cells)
        return self._numbers(key, head, values, not decimals, decimals)

    def _texts(
        self, key: str, head: str, cells: Sequence[str | None]
    ) -> tuple[blocks.Column, list[str | blocks.Number | None]]:
        return blocks.Column(key, head), [None if cell is None else cell for cell in cells]


def _keyed(heads: Sequence[str]) -> list[tuple[str, str]]:
    """Heads with a key of each, for two may be the same."""
    return [(f"c{n}", head) for n, head in enumerate(heads)]


def _words(element: HtmlElement, without: Sequence[str] = ()) -> str:
    """The text of an element on one line, but for that of elements ``without``."""
    gone = {id(part) for tag in without for part in element.iter(tag)}

    def texts(part: HtmlElement) -> Iterator[str]:
        yield part.text or ""
        for child in part:
            if isinstance(child.tag, str) and id(child) not in gone and child.tag not in _SILENT:
                yield from ["\n"] if child.tag == "br" else texts(child)
            yield child.tail or ""

    return " ".join("".join(texts(element)).split())


def _grid(table: HtmlElement) -> tuple[list[str], list[list[str]], str, list[str]]:
    """The heads, rows, caption and notes of a table: cells over several columns or rows stand in each of them."""
    caption = " ".join(map(_words, table.findall("caption")))
    notes = [text for row in table.iterfind("tfoot//tr") if (text := _words(row))]
    heads: list[list[str]] = []
    rows: list[list[str]] = []
    held: dict[int, tuple[int, str]] = {}  # cells that go on in the rows below: by column, how many, text
    for row in table.iter("tr"):
        part = row.getparent().tag
        kinds = row.get("class", "")
        if part == "tfoot" or "gt_heading" in kinds:
            caption = f"{caption} {_words(row)}".strip() if part != "tfoot" else caption
            continue
        line: list[str] = []
        for cell in row.iterchildren("th", "td"):
            _held_before(line, held)
            text = _words(cell)
            for _ in range(int(cell.get("colspan", 1) or 1)):
                if (down := int(cell.get("rowspan", 1) or 1)) > 1:
                    held[len(line)] = (down - 1, text)
                line.append(text)
        _held_before(line, held)
        is_head = part == "thead" or (not rows and row.find("td") is None)
        (heads if is_head else rows).append(line)
    merged = [" – ".join(dict.fromkeys(filter(None, parts))) for parts in zip_longest(*heads, fillvalue="")]
    return merged, rows, caption, notes


def _held_before(line: list[str], held: dict[int, tuple[int, str]]) -> None:
    while len(line) in held:
        at = len(line)
        left, text = held[at]
        if left > 1:
            held[at] = (left - 1, text)
        else:
            del held[at]
        line.append(text)
