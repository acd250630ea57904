"""What a notebook cell shows: headings, paragraphs, tables, figures and notes that carry their own data.

A block shows itself as HTML in the notebook and carries the same content as data in a MIME type of its own, so the
executed notebook *is* the report: every other document is made from its blocks and never computes anything again.
"""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, ClassVar, Literal

from parlib.report import markup

MIME = "application/vnd.parlib.block+json"
Plain = dict[str, Any]  # data as JSON holds it


@dataclass(frozen=True, slots=True)
class Ref:
    """The cell of an index table that a number came from.

    ``unit`` "*" stands for all ranked units with a value (a mean, a maximum, a count). ``unit`` "" is the level as a
    whole, for a printed statistic: ``column`` then holds its word (mean, n_rose, ...); a region is "region:<slug>".
    ``node`` "*" and ``unit`` "region:*" stand for all areas and all regions.
    """

    index_name: str
    year: int
    level: str
    unit: str
    node: str
    column: str  # points, maximum, index, standard_error, rank, ...
    stage: str = "published"


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it is printed, with the value behind it and the cells it came from.

    ``value`` is unrounded (``None`` = not known, printed as such); ``text`` is what is printed; ``made`` says how the
    value follows from ``refs``: value, difference, mean, count, maximum, minimum, rank, printed, ... ``mark`` is a
    letter printed raised after the number: the notes of its table say what it means.
    """

    value: float | None
    text: str
    refs: tuple[Ref, ...] = ()
    made: str = "value"
    mark: str = ""


@dataclass(frozen=True)
class Block:
    """Base of everything a cell shows."""

    kind: ClassVar[str] = "block"

    def to_data(self) -> Plain:
        """The block as plain data, JSON-ready; ``from_data`` gives the block back."""
        return {"kind": self.kind, **_plain(self)}

    def to_html(self) -> str:
        """The block as a piece of HTML, without scripts and outside resources."""
        return markup.html(self.to_data())

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Plain:
        data = self.to_data()
        return {"text/html": markup.display(data), "text/plain": self.plain_text(), MIME: data}

    def plain_text(self) -> str:
        """The block as one or more lines of plain text."""
        return f"<{self.kind}>"


@dataclass(frozen=True)
class Title(Block):
    """The head of a report: title, subtitle, and the lines under it (who, when, on what data)."""

    text: str
    subtitle: str = ""
    lines: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()  # sentences such as "bộ tiêu chí minh họa", printed as a watermark line
    contents: bool = True  # whether paper lists the contents; not where the first page is to stand alone
    kind: ClassVar[str] = "title"

    def plain_text(self) -> str:
        return self.text


@dataclass(frozen=True)
class Heading(Block):
    """A section heading; ``level`` 1 to 3; ``anchor`` is unique in a report. ``new_page``: on paper it begins one."""

    text: str
    level: int = 1
    anchor: str = ""
    new_page: bool = False
    kind: ClassVar[str] = "heading"

    def plain_text(self) -> str:
        return self.text


@dataclass(frozen=True)
class Paragraph(Block):
    """Prose: text and numbers in turn. ``role``: item is one point of a list, draft is for an editor to go on with."""

    parts: tuple[str | Number, ...]
    role: Literal["body", "lead", "item", "draft"] = "body"
    kind: ClassVar[str] = "paragraph"

    def plain_text(self) -> str:
        return "".join(part.text if isinstance(part, Number) else part for part in self.parts)


@dataclass(frozen=True)
class Column:
    """A column of a table. ``format``: text, number (two decimals), integer, rank, change (signed), percent."""

    key: str
    title: str
    format: str = "text"
    unit: str = ""
    decimals: int = 2
    group: str = ""  # a heading over several neighbouring columns


@dataclass(frozen=True)
class Table(Block):
    """A table. ``rows`` holds one mapping a row from column key to text or Number; a missing cell is not known.

    ``row_styles`` marks rows ("total", "muted", "highlight" or ""), parallel to ``rows``.
    """

    columns: tuple[Column, ...]
    rows: tuple[dict[str, str | Number], ...]
    caption: str
    source: str = ""
    notes: tuple[str, ...] = ()
    row_styles: tuple[str, ...] = ()
    name: str = ""  # short stable identifier: sheet names, file names
    sortable: bool = True
    kind: ClassVar[str] = "table"

    def plain_text(self) -> str:
        return self.caption


@dataclass(frozen=True)
class Figure(Block):
    """A chart or map. ``png`` is the picture in base64; ``data`` holds the numbers that it draws, tidy, as columns."""

    png: str
    caption: str
    alternative: str  # what the picture says, for those who cannot see it
    source: str = ""
    notes: tuple[str, ...] = ()
    width_mm: float = 170.0
    data: dict[str, list[Any]] = field(default_factory=dict)
    chart: str = ""  # kind of chart, for native charts in Excel: bars, heatmap, change, ...
    name: str = ""
    kind: ClassVar[str] = "figure"

    @property
    def png_bytes(self) -> bytes:
        return base64.b64decode(self.png)

    def plain_text(self) -> str:
        return self.caption


@dataclass(frozen=True)
class Note(Block):
    """One line that the reader must not miss. ``role``: missing (no data), assumption, break, warning, method, passed
    (the stamp of the checks)."""

    text: str
    role: Literal["missing", "assumption", "break", "warning", "method", "passed"] = "method"
    kind: ClassVar[str] = "note"

    def plain_text(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Tile:
    """One key figure: what it is, the number (or a word, such as a group), and a line below it."""

    label: str
    number: str | Number
    unit: str = ""  # printed after the number: "%", "điểm", "/63"
    detail: tuple[str | Number, ...] = ()


@dataclass(frozen=True)
class Tiles(Block):
    """Key figures side by side, two to six: what a reader takes from one look at the page."""

    tiles: tuple[Tile, ...]
    caption: str  # what they are together, for those who cannot see the page
    name: str = ""
    kind: ClassVar[str] = "tiles"

    def plain_text(self) -> str:
        return self.caption


@dataclass(frozen=True)
class Dataset(Block):
    """A table of data that a report rests on, whole: shown in no document, checked against what they print, given
    away as open data. ``csv`` is the text in UTF-8 (comma, decimal dot, empty = not known), gzipped, in base64;
    ``columns`` holds name, type ("string", "integer", "number", "boolean") and meaning of each."""

    name: str
    title: str
    columns: tuple[tuple[str, str, str], ...]
    csv: str
    kind: ClassVar[str] = "dataset"

    @classmethod
    def of(cls, name: str, title: str, columns: Iterable[tuple[str, str, str]], text: str) -> Dataset:
        """The dataset of a CSV text."""
        packed = gzip.compress(text.encode("utf-8"), mtime=0)
        return cls(name, title, tuple(columns), base64.b64encode(packed).decode("ascii"))

    @property
    def text(self) -> str:
        """The CSV text."""
        return gzip.decompress(base64.b64decode(self.csv)).decode("utf-8")

    def plain_text(self) -> str:
        return self.title


@dataclass(frozen=True)
class Sequel(Block):
    """Blocks that belong together, in order: what a cell of several blocks shows."""

    blocks: tuple[Block, ...]
    kind: ClassVar[str] = "sequel"

    def __iter__(self) -> Iterator[Block]:
        return iter(self.blocks)

    def to_data(self) -> Plain:
        return {"kind": self.kind, "blocks": [block.to_data() for block in self.blocks]}

    def plain_text(self) -> str:
        return "\n".join(block.plain_text() for block in self.blocks)


def sequel(*blocks: Block | Iterable[Block] | None) -> Sequel:
    """One block out of many; ``None`` and nested sequences are flattened away."""
    flat: list[Block] = []
    for block in blocks:
        if block is None:
            continue
        if isinstance(block, Block) and not isinstance(block, Sequel):
            flat.append(block)
        else:
            flat.extend(sequel(*block).blocks)
    return Sequel(tuple(flat))


def section(title: str, anchor: str, *blocks: Block | Iterable[Block] | None, new_page: bool = False) -> Sequel:
    """Blocks under a heading. What is missing is said only where nothing is there: in one line, the last."""
    flat = sequel(*blocks).blocks
    missing = [block for block in flat if isinstance(block, Note) and block.role == "missing"]
    results = [block for block in flat if block not in missing]
    if missing and not any(isinstance(block, Figure | Table) for block in results):
        results = [*(block for block in results if not isinstance(block, Note)), missing[-1]]
    return sequel(Heading(title, 1, anchor, new_page), results)


_KINDS: dict[str, type[Block]] = {c.kind: c for c in (Title, Heading, Paragraph, Table, Tiles, Figure, Note, Dataset)}


def from_data(data: Plain) -> Block:
    """The block that ``to_data`` wrote. Raises ``ValueError`` on an unknown kind."""
    content = dict(data)
    kind = content.pop("kind", None)
    if kind == Sequel.kind:
        return Sequel(tuple(from_data(block) for block in content["blocks"]))
    if kind not in _KINDS:
        raise ValueError(f"unknown kind of block: {kind!r}")
    if kind == Paragraph.kind:
        content["parts"] = tuple(_cell(part) for part in content["parts"])
    if kind == Table.kind:
        content["columns"] = tuple(Column(**column) for column in content["columns"])
        # a notebook on disk holds keys in alphabetical order: cells come back in the order of their columns
        order = {column.key: place for place, column in enumerate(content["columns"])}
        rows = (sorted(row.items(), key=lambda cell: order.get(cell[0], len(order))) for row in content["rows"])
        content["rows"] = tuple({key: _cell(cell) for key, cell in row} for row in rows)
    if kind == Tiles.kind:
        content["tiles"] = tuple(_tile(tile) for tile in content["tiles"])
    if kind == Dataset.kind:
        content["columns"] = tuple(tuple(column) for column in content["columns"])
    return _KINDS[kind](**{key: tuple(v) if isinstance(v, list) else v for key, v in content.items()})


def _cell(part: str | Plain) -> str | Number:
    if isinstance(part, str):
        return part
    refs = tuple(Ref(**ref) for ref in part["refs"])
    return Number(part["value"], part["text"], refs, part["made"], part.get("mark", ""))


def _tile(tile: Plain) -> Tile:
    detail = tuple(_cell(part) for part in tile["detail"])
    return Tile(tile["label"], _cell(tile["number"]), tile["unit"], detail)


def _plain(value: Any) -> Any:
    """``value`` as JSON holds it: dataclasses as mappings, tuples as lists, NaN as null, numbers of numpy as plain."""
    if isinstance(value, str) or value is None:
        return value
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [_plain(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and value != value else value
