"""An executed notebook as a document: its blocks in order, tables and figures numbered, every anchor once.

HTML, PDF, Word, Excel, press kit and open data are all written from it; none of them computes anything again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from nbformat import NotebookNode

from parlib.report import blocks
from parlib.report.blocks import MIME, Block, Dataset, Figure, Heading, Number, Paragraph, Table, Tiles, Title
from parlib.words import Message, fold, texts

WORDS: Mapping[str, Message] = {
    "table": Message("Table"),
    "figure": Message("Figure"),
    "contents": Message("Contents"),
    "skip": Message("Skip to content"),
    "made": Message("Made with parlib from the executed notebook kept beside this file."),
}


@dataclass(frozen=True)
class Item:
    """A block at its place: ``anchor`` is unique in the document, ``number`` is that of a table or figure, from 1."""

    block: Block
    anchor: str = ""
    number: int = 0


@dataclass(frozen=True)
class Document:
    """What a report shows, in order.

    ``title``     its head (the first one shown). ``language``  "vi" or "en".
    ``items``     all other blocks, sequels taken apart.
    ``datasets``  the data behind it.
    """

    language: str
    title: Title
    items: tuple[Item, ...]
    datasets: tuple[Dataset, ...] = ()

    @property
    def words(self) -> dict[str, str]:
        """The words of a document in its language."""
        return texts(WORDS, self.language)

    def caption(self, item: Item) -> str:
        """The caption of a table or figure with its number: "Bảng 3. Xếp hạng"."""
        block = item.block
        assert isinstance(block, Table | Figure)
        return f"{self.words[block.kind]} {item.number}. {block.caption}"


class Numbering:
    """Goes along the blocks of a document and gives each its number and its anchor."""

    def __init__(self) -> None:
        self.counts = {Table.kind: 0, Figure.kind: 0}
        self._anchors = {"main"}

    def placed(self, block: Block) -> Item:
        """``block`` with its number and anchor."""
        if isinstance(block, Table | Figure):
            self.counts[block.kind] += 1
            number = self.counts[block.kind]
            return Item(block, self._unique(f"{block.kind}-{block.name or number}"), number)
        if isinstance(block, Heading):
            return Item(block, self._unique(block.anchor or fold(block.text).replace(" ", "-") or "muc"))
        return Item(block)

    def _unique(self, wanted: str) -> str:
        """``wanted``, or it with a number where the document has it already."""
        anchor, n = wanted, 2
        while anchor in self._anchors:
            anchor, n = f"{wanted}-{n}", n + 1
        self._anchors.add(anchor)
        return anchor


def shown_blocks(notebook: NotebookNode) -> Iterator[Block]:
    """The blocks that the cells showed, in order, sequels taken apart."""
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if MIME in output.get("data", {}):
                yield from flat(blocks.from_data(output["data"][MIME]))


def flat(block: Block) -> Iterator[Block]:
    """A block, or those of a sequel one after another."""
    if isinstance(block, blocks.Sequel):
        for part in block:
            yield from flat(part)
    else:
        yield block


def document(notebook: NotebookNode, language: str, title: str = "") -> Document:
    """The document of an executed notebook. ``title`` stands in where no cell showed one."""
    shown = list(shown_blocks(notebook))
    heads = [block for block in shown if isinstance(block, Title)]
    numbering = Numbering()
    return Document(
        language,
        heads[0] if heads else Title(title),
        tuple(numbering.placed(block) for block in shown if not isinstance(block, Title | Dataset)),
        tuple(block for block in shown if isinstance(block, Dataset)),
    )


def numbers(block: Block) -> Iterator[Number]:
    """Every number that a block prints, in reading order; those of a table row by row."""
    content: list[object] = []
    if isinstance(block, Paragraph):
        content = list(block.parts)
    elif isinstance(block, Table):
        content = [row.get(column.key) for row in block.rows for column in block.columns]
    elif isinstance(block, Tiles):
        content = [part for tile in block.tiles for part in (tile.number, *tile.detail)]
    yield from (part for part in content if isinstance(part, Number))
