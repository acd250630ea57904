"""What a notebook cell shows: headings, paragraphs, tables, figures and notes that carry their own data.

A block shows itself as HTML in the notebook and carries the same content as data in a MIME type of its own, so the
executed notebook *is* the report: every other document is made from its blocks and never computes anything again.

A sentence is a template of the catalogues with named places; what goes into the places are names and ``Number``s, so
every number of the prose stays bound to the cells it came from. Templates hold no digits.
"""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeGuard

from parlib import words
from parlib.data_tables import levels
from parlib.errors import DataError
from parlib.report import markup
from parlib.tables import rounded
from parlib.words import FIRST, SOURCE

if TYPE_CHECKING:
    import pandas as pd

MIME = "application/vnd.parlib.block+json"
Plain = dict[str, Any]  # data as JSON holds it
Role = Literal["body", "lead", "item", "draft"]
NoteRole = Literal["missing", "assumption", "break", "warning", "method", "passed"]


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

    def __repr__(self) -> str:
        name = getattr(self, "name", "")
        return f"<{self.kind}{f' {name}' if name else ''}: {self.plain_text()}>"

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


#: In which formats the annexes of a report stand, by what was asked for: () for all.
ANNEXES: Mapping[str, tuple[str, ...]] = {"none": ("press", "data"), "short": ("xlsx", "press", "data"), "full": ()}
DRAFTS = ("docx",)  # what is for an editor to go on with
TO_FILL_IN = ("docx", "xlsx", "data")  # what the reader fills in


@dataclass(frozen=True)
class Heading(Block):
    """A section heading; ``level`` 1 to 3; ``anchor`` is unique in a report.

    ``number``    that of the section in a document, which gives it: "I.", "1.", "a)".
    ``numbered``  whether it gets one; an annex and an area have their own.
    ``formats``: those in which its section stands, up to the next heading of its level or above; () for all.
    """

    text: str
    level: int = 1
    anchor: str = ""
    number: str = ""
    numbered: bool = True
    formats: tuple[str, ...] = ()
    kind: ClassVar[str] = "heading"

    def plain_text(self) -> str:
        return f"{self.number} {self.text}".lstrip()


@dataclass(frozen=True)
class Paragraph(Block):
    """Prose: text and numbers in turn. ``role``: item is one point of a list, draft is for an editor to go on with."""

    parts: tuple[str | Number, ...]
    role: Role = "body"
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


@dataclass(frozen=True, repr=False)
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

    @property
    def frame(self) -> pd.DataFrame:
        """Its cells: the values of numbers, a column a column."""
        import pandas as pd

        rows = [
            {key: cell.value if isinstance(cell, Number) else cell for key, cell in row.items()} for row in self.rows
        ]
        heads = {column.key: column.title or column.key for column in self.columns}
        return pd.DataFrame(rows, columns=list(heads)).rename(columns=heads)

    def plain_text(self) -> str:
        return self.caption


@dataclass(frozen=True, repr=False)
class Figure(Block):
    """A chart or map. ``svg`` is the picture in lines and text, ``narrow`` that for a telephone, where it has one;
    ``png`` is one that there is in points alone, in base64, else empty. ``data`` holds the numbers that it draws, tidy,
    as columns.

    ``finding`` is what it shows, said in its title; ``caption`` is its subject, which follows it or stands alone.
    """

    png: str
    caption: str
    alternative: str  # what the picture says, for those who cannot see it
    source: str = ""
    notes: tuple[str, ...] = ()
    width_mm: float = 170.0
    data: dict[str, list[Any]] = field(default_factory=dict)
    chart: str = ""  # kind of chart, for native charts in Excel: bars, heatmap, change, ...
    name: str = ""
    svg: str = ""
    narrow: str = ""
    finding: tuple[str | Number, ...] = ()
    kind: ClassVar[str] = "figure"

    @property
    def is_picture(self) -> bool:
        """Whether it is a picture and nothing else, of one's own: no data, and no kind that others draw again."""
        return not self.chart and not any(self.data.values())

    @property
    def png_bytes(self) -> bytes:
        """The picture in points, 180 an inch, as PNG."""
        if not self.svg:
            return base64.b64decode(self.png)
        from parlib.report import points  # what it paints with takes its time to load

        return points.png(self.svg)

    @property
    def frame(self) -> pd.DataFrame:
        """The numbers that it draws."""
        import pandas as pd

        return pd.DataFrame(self.data)

    def save(self, path: str | Path) -> None:
        """Write the picture with its title, notes and source, for it travels alone: ``.svg`` and ``.pdf`` in lines and
        letters, ``.png`` in points (180 an inch)."""
        from parlib.report import pictures  # what it draws with takes its time to load

        below = (*self.notes, self.source)
        pictures.save(pictures.Picture(self.png_bytes, self.svg, self.width_mm, self.title, below), Path(path))

    @property
    def title(self) -> str:
        """What it shows and its subject: "14/17 bộ đạt từ 80%. Xếp hạng Chỉ số CCHC, năm 2023"."""
        return f"{plain(self.finding)}. {self.caption}" if self.finding else self.caption

    def plain_text(self) -> str:
        return self.caption


@dataclass(frozen=True)
class Note(Block):
    """One line that the reader must not miss. ``role``: missing (no data), assumption, break, warning, method, passed
    (the stamp of the checks)."""

    text: str
    role: NoteRole = "method"
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


@dataclass(frozen=True, repr=False)
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
        packed = packed[:9] + b"\x03" + packed[10:]  # the system named in it differs by Python and machine
        return cls(name, title, tuple(columns), base64.b64encode(packed).decode("ascii"))

    @property
    def text(self) -> str:
        """The CSV text."""
        return gzip.decompress(base64.b64decode(self.csv)).decode("utf-8")

    def plain_text(self) -> str:
        return self.title


@dataclass(frozen=True, repr=False)
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


def section(title: str, anchor: str, *blocks: Block | Iterable[Block] | None) -> Sequel:
    """Blocks under a heading. What is missing is said only where nothing is there: in one line, the last."""
    flat = sequel(*blocks).blocks
    missing = [block for block in flat if isinstance(block, Note) and block.role == "missing"]
    results = [block for block in flat if block not in missing]
    if missing and not any(isinstance(block, Figure | Table) for block in results):
        results = [*(block for block in results if not isinstance(block, Note)), missing[-1]]
    return sequel(Heading(title, 1, anchor), results)


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
    if kind == Figure.kind:
        content["finding"] = tuple(_cell(part) for part in content.get("finding", ()))
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


# --- numbers, dates and sentences in the language of a report -------------------------------------
# Numbers, dates and sentences in Vietnamese and English.
#
# A sentence is a template of the gettext catalogues with named places; what goes into the places are names and
# ``Number``s, so every number of the prose stays bound to the cells it came from. Templates hold no digits.

Part = str | Number
Parts = tuple[Part, ...]
#: What may stand in a place of a template. A whole number of Python is a label, such as a year, never grouped.
Content = str | int | Number | Iterable[Part]

MINUS = "\N{MINUS SIGN}"
NONE = "none"
UNKNOWN = "…"  # the sign of Viet Nam's statistical tables for a number that exists but is not known
TO = "\N{EN DASH}"


def message(msgid: str) -> str:
    """``msgid`` as it is: marks a sentence for the catalogues where it is not yet said."""
    return msgid


def direction(change: float) -> int:
    """1 up, -1 down, 0 unchanged: the sign of a change as points are compared."""
    exact = round(float(change), 9)
    return (exact > 0) - (exact < 0)


def is_known(value: object) -> TypeGuard[float]:
    """Whether ``value`` is a number that is known: neither ``None`` nor NaN nor pandas' NA."""
    if isinstance(value, int | float):
        return value == value
    return hasattr(value, "item") and is_known(value.item())


@cache
def _places(template: str) -> tuple[tuple[str, str, str], ...]:
    """A template as literal text, the name of the place after it ("" at the end), and the noun counted there."""
    return tuple((text, name or "", noun or "") for text, name, noun, _ in Formatter().parse(template))


@dataclass(frozen=True)
class Wording:
    """How numbers and sentences are written.

    ``decimal``  the decimal sign of Vietnamese numbers, "comma" or "dot"; English numbers always have the dot.
    ``strict``   differences of percentages are percentage points ("điểm %"); house wording writes "%".
    """

    language: str = FIRST
    decimal: Literal["comma", "dot"] = "comma"
    strict: bool = True

    def __post_init__(self) -> None:
        for name, allowed in (("language", words.languages()), ("decimal", ("comma", "dot"))):
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} is one of {allowed}, not {getattr(self, name)!r}")

    # Numbers

    @property
    def signs(self) -> tuple[str, str]:
        """The signs that group thousands and that begin the decimals."""
        return words.number_signs(self.language if self.decimal == "comma" else SOURCE)

    def format(self, value: float | None, decimals: int = 2, signed: bool = False) -> str:
        """``value`` as it is printed: half up, digits in groups of three, a real minus sign, "…" where unknown."""
        if not is_known(value):
            return UNKNOWN
        number = rounded(value, decimals)
        text = f"{abs(number):,f}"
        thousands, decimal = self.signs
        text = text.translate({ord(","): thousands, ord("."): decimal})
        if number < 0:
            return MINUS + text
        return f"+{text}" if signed and number > 0 else text

    def number(
        self,
        value: float | None,
        decimals: int = 2,
        *refs: Ref,
        made: str = "value",
        mark: str = "",
        signed: bool = False,
    ) -> Number:
        """``value`` with its printed form and the cells it came from."""
        known = float(value) if is_known(value) else None
        return Number(known, self.format(known, decimals, signed), refs, made, mark)

    def count(self, value: float | None, *refs: Ref, made: str = "count") -> Number:
        """A number of things: no decimals."""
        return self.number(value, 0, *refs, made=made)

    def range(
        self, low: float | None, high: float | None, *refs: Ref, decimals: int = 0, made: str = "range"
    ) -> Number:
        """What is known only to lie between two bounds."""
        if is_known(low) and low == high:
            return self.number(low, decimals, *refs, made=made)
        return Number(None, f"{self.format(low, decimals)}{TO}{self.format(high, decimals)}", refs, made)

    def rank(self, number: Number) -> Parts:
        """A rank in prose: "thứ 3", "3rd"."""
        if self.language != SOURCE or number.value is None:
            return self.phrase("ordinal {number}", number=number)
        last_two, last = int(number.value) % 100, int(number.value) % 10
        suffix = "th" if 11 <= last_two <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(last, "th")
        return (number, suffix)

    def percent(self, number: Number) -> Parts:
        """A percentage in prose: "89,95%"."""
        return (number, "%")

    @property
    def difference_unit(self) -> str:
        """What a difference of percentages is counted in."""
        return self.say("percentage points") if self.strict else "%"

    def date(self, day: date) -> str:
        """A day as it is written: "17/4/2024", "17 April 2024"."""
        return self.say("{day} {month} {year}", day=day.day, month=self._month(day.month), year=day.year)

    def _month(self, month: int) -> str:
        return str(month) if self.language == FIRST else self.say(_MONTHS[month - 1])

    # Units

    def units(self, level: str) -> str:
        """What the units of a level are called, many of them: "provinces"."""
        return self._of_level(level, "plural_en", "name_vi")

    def all_units(self, level: str) -> str:
        """What all units of a level are called, as in titles: "the provinces and centrally-run cities"."""
        return self._of_level(level, "all_en", "all_vi")

    def _of_level(self, level: str, english: str, vietnamese: str) -> str:
        """By the catalogue, or where it lacks the English words of a level, in those of ``units/levels.csv``."""
        of = levels()[level]
        known = words.messages(self.language).get(of[english])
        return known[0] if known else of[vietnamese if self.language == FIRST else english]

    def named(self, level: str, name: str) -> str:
        """The name of a unit of a level within an English sentence: "the Ministry of Justice"; else as it is."""
        article = levels()[level]["article_en"] if self.language == SOURCE else ""
        return f"{article} {name}".lstrip()

    def units_of(self, level: str, n: Number) -> str:
        """What ``n`` units of a level are called."""
        of = levels()[level]
        one, many = of["name_en"], of["plural_en"]
        if one in words.messages(self.language):
            return self.say_many(one, many, n)
        return of["name_vi"] if self.language == FIRST else one if n.value == 1 else many

    # Sentences

    def template(self, msgid: str, plural: str = "", n: float | None = None) -> str:
        """The template of a message in this language. Raises ``DataError`` where the catalogue lacks it."""
        forms = words.messages(self.language).get(msgid)
        if forms is None:
            file = str(words.path(self.language).relative_to(words.FOLDER.parent))
            raise DataError(
                "not translated: “{sentence}” (‘python -m parlib.words’ enters it here)", file=file, sentence=msgid
            )
        return forms[-1] if plural and n != 1 else forms[0]

    def phrase(self, msgid: str, **contents: Content) -> Parts:
        """A message with its places filled, as a part of a sentence."""
        return self._fill(self.template(msgid), contents)

    def phrase_many(self, singular: str, plural: str, n: Number, **contents: Content) -> Parts:
        """A message that depends on the number ``n``, which is also the content of the place ``{n}``."""
        return self._fill(self.template(singular, plural, n.value), {"n": n, **contents})

    def _fill(self, template: str, contents: dict[str, Content]) -> Parts:
        parts: list[Part] = []
        used = set()
        for text, name, noun in _places(template):
            parts.append(text)
            if name:
                used.add(name)
                parts += _parts(contents[name])
            if noun:  # of what "{n:noun}" counts there may be none
                *before, last = parts
                counted = self._fill(noun, {place: contents[place] for _, place, _ in _places(noun) if place})
                used |= {place for _, place, _ in _places(noun)}
                parts = [*before, *self._counted(last, counted)]
        unused = contents.keys() - used - {"n"}
        if unused:
            raise ValueError(f"no place for {sorted(unused)} in {template!r}")
        merged = _merged(parts)
        return begun(merged) if template.endswith(".") else merged  # a sentence, whatever stands in its first place

    def _counted(self, n: Part, noun: Parts) -> Parts:
        """A count and what it counts: "10 đơn vị"; "không có đơn vị nào" where it is none. The noun "none" stands for
        none that is named: "10", "none"."""
        if isinstance(n, str) or n.value != 0:
            return (n,) if noun == (NONE,) else (n, " ", *noun)
        if noun == (NONE,):
            return (replace(n, text=self.say("none")),)
        before, after = self.nothing
        return (replace(n, text=before), " ", *noun, after)

    @property
    def nothing(self) -> tuple[str, str]:
        """What stands for zero before a noun and after it: "không có" and " nào"."""
        before, _, after = self.template(message("no {noun}")).partition("{noun}")
        return before.rstrip(), after

    def say(self, msgid: str, **contents: Content) -> str:
        """A message as plain text."""
        return plain(self.phrase(msgid, **contents))

    def say_many(self, singular: str, plural: str, n: Number, **contents: Content) -> str:
        """A message that depends on the number ``n``, as plain text."""
        return plain(self.phrase_many(singular, plural, n, **contents))

    def sentence(self, msgid: str, **contents: Content) -> Paragraph:
        """A message as a paragraph."""
        return Paragraph(self.phrase(msgid, **contents))

    def sentence_many(self, singular: str, plural: str, n: Number, **contents: Content) -> Paragraph:
        """A message that depends on the number ``n``, as a paragraph."""
        return Paragraph(self.phrase_many(singular, plural, n, **contents))

    def join(self, items: Iterable[Content]) -> Parts:
        """A list in prose: "A, B và C"."""
        contents = [_parts(item) for item in items]
        if len(contents) < 2:
            return contents[0] if contents else ()
        joined: list[Part] = []
        for content in contents[:-1]:
            joined += [*content, ", "]
        return self.phrase("{items} and {last}", items=joined[:-1], last=contents[-1])

    def moved(self, change: Number, unit: str = "", **since: Content) -> Parts:
        """A change in words that follow its sign: "tăng 0,45 điểm % so với năm 2022", "không thay đổi so với ..."."""
        if change.value is None:
            raise ValueError("a change that is not known cannot be told")
        way = direction(change.value)
        if way == 0:
            return self.phrase("unchanged from {year}", **since)
        decimals = len(change.text.partition(self.signs[1])[2])
        smallest = 10.0**-decimals
        if not rounded(change.value, decimals):
            size = self.phrase("less than {number}", number=self.number(smallest, decimals, *change.refs, made="bound"))
        else:
            size = (self.number(abs(change.value), decimals, *change.refs, made=change.made),)
        if unit:
            size = (*size, unit if unit == "%" else f" {unit}")
        if way > 0:
            return self.phrase("up {size} on {year}", size=size, **since)
        return self.phrase("down {size} on {year}", size=size, **since)


def paragraph(*sentences: Paragraph | Parts | None, role: Role = "body") -> Paragraph:
    """One paragraph out of several sentences; ``None`` is left out."""
    parts: list[Part] = []
    for sentence in sentences:
        if sentence:
            parts += [" "] if parts else []
            parts += sentence.parts if isinstance(sentence, Paragraph) else sentence
    return Paragraph(_merged(parts), role)


def plain(parts: Iterable[Part]) -> str:
    """Parts as plain text."""
    return "".join(part.text if isinstance(part, Number) else part for part in parts)


def capital(text: str) -> str:
    """``text`` with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def inside(name: str) -> str:
    """A name in the middle of a sentence: with a small letter, but for an acronym."""
    return name[:1].lower() + name[1:] if name[1:2].islower() else name


def begun(parts: Parts) -> Parts:
    """Parts that begin a title or a sentence: with a capital, whether words stand first or a number that is said in
    words."""
    if not parts:
        return parts
    first, *others = parts
    return (capital(first) if isinstance(first, str) else replace(first, text=capital(first.text)), *others)


def _parts(content: Content) -> Parts:
    if isinstance(content, Number | str):
        return (content,)
    return (str(content),) if isinstance(content, int) else tuple(content)


def _merged(parts: Iterable[Part]) -> Parts:
    """Parts with neighbouring texts made one and empty ones gone."""
    merged: list[Part] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif part:
            merged.append(part)
    return tuple(merged)


_MONTHS = (
    message("January"),
    message("February"),
    message("March"),
    message("April"),
    message("May"),
    message("June"),
    message("July"),
    message("August"),
    message("September"),
    message("October"),
    message("November"),
    message("December"),
)


# --- what each index is called --------------------------------------------------------------------
# What each index is called, and what the marks on numbers mean: data, no code.


@dataclass(frozen=True, slots=True)
class Measure:
    """What an index is called. The texts are identifiers of the catalogues.

    ``quoted``     its source where values are known from the press alone; "" where they never are.
    ``sections``   what its report has beside the whole index: "groups", "parts" (components), "areas".
    """

    name: str
    full_name: str
    area: str
    areas: str
    source: str
    sections: frozenset[str] = frozenset()
    unit: str = message("points")
    quoted: str = ""


MEASURES: Mapping[str, Measure] = {
    "par": Measure(
        message("PAR INDEX"),
        message("Public Administration Reform Index (PAR INDEX)"),
        message("area"),
        message("areas"),
        message("Source: results of the PAR INDEX published by the Ministry of Home Affairs."),
        sections=frozenset({"groups", "parts", "areas"}),
        quoted=message("Source: PAR INDEX results published by the Ministry of Home Affairs, as quoted in the press."),
    ),
    "sipas": Measure(
        message("SIPAS"),
        message("Satisfaction Index of Public Administrative Services (SIPAS)"),
        message("area"),
        message("areas"),
        message("Source: SIPAS results published by the Ministry of Home Affairs."),
        quoted=message("Source: SIPAS results published by the Ministry of Home Affairs, as quoted in the press."),
    ),
    "papi": Measure(
        message("PAPI"),
        message("Provincial Governance and Public Administration Performance Index (PAPI)"),
        message("dimension"),
        message("dimensions"),
        message("Source: PAPI (CECODES, RTA and UNDP)."),
        sections=frozenset({"areas"}),
    ),
    "pci": Measure(
        message("PCI"),
        message("Provincial Competitiveness Index (PCI)"),
        message("sub-index"),
        message("sub-indices"),
        message("Source: PCI (VCCI)."),
    ),
    "dti": Measure(
        message("DTI"),
        message("Digital Transformation Index (DTI)"),
        message("pillar"),
        message("pillars"),
        message("Source: DTI (dti.gov.vn)."),
    ),
    "grdp": Measure(
        message("GRDP per capita"),
        message("Gross regional domestic product per capita"),
        message("sector"),
        message("sectors"),
        message("Source: provincial statistics, second-hand and lightly checked."),
        unit=message("million dong"),
    ),
}

MARKS = {
    "illustrative_scheme": message("Illustrative set of criteria: these are not official results."),
    "simulated": message("SIMULATED DATA: not real results."),
}

#: What a number rests on, where it is not simply published or computed: the letter printed after it, and its words.
FOOTNOTES = {
    "derived": ("a", message("derived by arithmetic from published numbers")),
    "deduced": ("a", message("derived by arithmetic from published numbers")),
    "rounded": ("b", message("published as a rounded number")),
    "secondary": ("c", message("from a third-party data set, not official")),
    "from_list": ("d", message("place in a published list")),
    "carried_over": ("e", message("carried over from the units before the mergers, not a result")),
}
