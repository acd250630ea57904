"""The cards that a report gives: declared by the table each is drawn from, its columns, its order and its headline."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from parlib import places
from parlib.data_tables import read_yaml, system_of
from parlib.errors import ParlibError
from parlib.publish.document import Document, numbers
from parlib.report.blocks import (
    Block,
    Column,
    Figure,
    Heading,
    Note,
    Number,
    Paragraph,
    Parts,
    Ref,
    Table,
    Tiles,
    Title,
    Wording,
    begun,
)
from parlib.report.press_words import PressWords
from parlib.scoring.results import WHOLE

if TYPE_CHECKING:
    from parlib.publish.formats import Shown


# --- card -----------------------------------------------------------------------------------------
# A card before it is drawn: a finding in words, what it shows, and what must stand below it.

_RAISED = str.maketrans("abcd", "ᵃᵇᶜᵈ")


def plain(parts: Iterable[str | Number]) -> str:
    """Parts as text; the letter that says what a number rests on stands raised behind it."""
    return "".join(part if isinstance(part, str) else part.text + part.mark.translate(_RAISED) for part in parts)


@dataclass(frozen=True)
class Line:
    """One line of a card: who or what, and its number.

    ``lead``    before the name: a rank
    ``detail``  small letters below it
    ``value``   its place on the scale, or how many squares; ``None``: not drawn
    ``strong``  whether it is picked out
    """

    label: str
    number: Parts
    lead: Parts = ()
    detail: Parts = ()
    value: float | None = None
    strong: bool = False

    @property
    def parts(self) -> Parts:
        """What the line says: "1. Bộ A: 89,95% (…)"."""
        lead = (*self.lead, ". ") if self.lead else ()
        detail = (" (", *self.detail, ")") if self.detail else ()
        return (*lead, self.label, ": ", *self.number, *detail)


@dataclass(frozen=True)
class Lines:
    """Lines, drawn as large numbers in boxes (the first the largest), as a list of numbers, as dots on a scale from the
    lowest to the highest of them, as changes from a line of no change, as a square for every unit, or as a table."""

    drawn: Literal["figures", "list", "dots", "changes", "squares", "table"]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Country:
    """The provinces on the map by the classes of a figure of the report: ``classes`` in their order, best first, ``of``
    the class of each unit that is known; ``unknown`` are the words for the others, where there are any."""

    classes: tuple[str, ...]
    of: Mapping[str, str]
    system: str
    unknown: str
    alternative: str
    language: str


@dataclass(frozen=True)
class Card:
    """A card. ``name`` names its files; ``headline`` is the finding; ``notes`` stand below the picture."""

    name: str
    headline: Parts
    content: Lines | Country
    notes: tuple[Parts, ...] = field(default=())
    source: str = ""

    @property
    def lines(self) -> tuple[Parts, ...]:
        """What its content says, line by line; nothing where it is a picture."""
        return tuple(line.parts for line in self.content.lines) if isinstance(self.content, Lines) else ()

    def numbers(self) -> Iterator[Number]:
        """Every number that the card prints."""
        for parts in (self.headline, *self.notes, *self.lines):
            yield from (part for part in parts if isinstance(part, Number))

    @property
    def alternative(self) -> str:
        """What the card says, for those who cannot see it."""
        if isinstance(self.content, Country):
            shown = self.content.alternative
        else:
            shown = "; ".join(filter(None, (plain(line).strip() for line in self.lines))) + "."
        return " ".join([plain(self.headline) + ".", shown, *map(plain, self.notes)]).replace("..", ".")


@dataclass(frozen=True)
class Moved:
    """Who rose and who fell, each from the most on: numbers with names, and what they are counted in.

    ``whole``  whether the change of every ranked unit was looked at; ``among``: else of how many of all.
    """

    up: tuple[tuple[Number, str], ...]
    down: tuple[tuple[Number, str], ...]
    unit: str
    whole: bool
    among: tuple[Number, Number] | None


# --- facts ----------------------------------------------------------------------------------------
# What a document holds for the press: tables by name, statistics by their cells, marks; nothing is computed.

Row = dict[str, str | Number]


class House(BaseModel):
    """What the house says of itself to the press, in ``data/templates/press.yaml`` where there is one: ``contact``
    (name, telephone, e-mail) and ``address``, where the reports can be found."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    contact: str = ""
    address: str = ""

    @classmethod
    def read(cls) -> House:
        """What the file says; nothing where there is none. Raises ``ParlibError`` where it cannot be read."""
        path = places.data() / "templates" / "press.yaml"
        if not path.is_file():
            return cls()
        try:
            return cls.model_validate(read_yaml(path) or {})
        except ValidationError as error:
            fields = ", ".join(".".join(map(str, fault["loc"])) for fault in error.errors())
            raise ParlibError(
                "contact and address are texts, and nothing else is asked: {fields}", file=path.name, fields=fields
            ) from None


_UNSAID = House()


@dataclass(frozen=True)
class Facts:
    """A document as the press asks of it. ``simulated``: marked as such whatever the document says; ``issuer`` is the
    body that issues it."""

    document: Document
    words: PressWords
    simulated: bool = False
    issuer: str = ""
    house: House = _UNSAID

    @classmethod
    def of(cls, shown: Shown) -> Facts:
        """The facts of a ``formats.Shown``."""
        given = shown.parameters
        wording = Wording(given.language, given.decimal, given.strict)  # type: ignore[arg-type]
        words = PressWords(wording, given.index_name, given.year, given.level)
        return cls(shown.document, words, given.simulated, shown.properties.author, House.read())

    # Blocks

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks in order."""
        return tuple(item.block for item in self.document.items)

    @cached_property
    def _tables(self) -> dict[str, Table]:
        results: dict[str, Table] = {}
        for block in self.blocks:
            if isinstance(block, Table) and block.rows:
                results.setdefault(block.name, block)
        return results

    def table(self, name: str, *keys: str) -> Table | None:
        """The first table of that name, if it has rows and columns of all ``keys``."""
        table = self._tables.get(name)
        if table is None or not set(keys) <= {column.key for column in table.columns}:
            return None
        return table

    def figure(self, *names: str) -> Figure | None:
        """The first figure that has one of the names, in their order."""
        for name in names:
            for block in self.blocks:
                if isinstance(block, Figure) and block.name == name:
                    return block
        return None

    def paragraphs(self, anchor: str) -> list[Paragraph]:
        """The paragraphs of the section whose heading has that anchor, up to the next heading; no drafts."""
        results, inside = [], False
        for block in self.blocks:
            if isinstance(block, Heading):
                inside = block.anchor == anchor
            elif inside and isinstance(block, Paragraph) and block.role != "draft":
                results.append(block)
        return results

    @property
    def title(self) -> Title:
        """The head of the report."""
        return self.document.title

    @property
    def about(self) -> tuple[str, ...]:
        """Who issues it, of which year the data are, and where the whole report is: at its address, else by its
        name."""
        words, address = self.words, self.house.address
        name = self.title.subtitle.rpartition(". ")[2]
        named = name if words.index in name else words.text("report_named", name=name)
        where = words.text("report_at", address=address) if address else named if self.title.subtitle else ""
        return tuple(filter(None, (self.issuer, words.text("data_of"), where)))

    # Marks

    @cached_property
    def marks(self) -> tuple[str, ...]:
        """The sentences that must stand on everything: of the title, of any block, and of the parameters."""
        known = self.words.marks
        carried = {*self.title.marks, *([self.words.simulated] if self.simulated else [])}
        for block in self.blocks:
            if isinstance(block, Note):
                carried.add(block.text)
            elif isinstance(block, Table | Figure):
                carried.update(block.notes)
        own = [mark for mark in self.title.marks if mark not in known]
        return (*(mark for mark in reversed(known) if mark in carried), *own)

    @cached_property
    def stamps(self) -> tuple[str, ...]:
        """The marks in few words, in capitals: what stands before their colon."""
        return tuple(mark.partition(":")[0].strip().rstrip(".").upper() for mark in self.marks)

    # Numbers

    @cached_property
    def numbers(self) -> tuple[Number, ...]:
        """Every number that the document prints."""
        return tuple(number for block in self.blocks for number in numbers(block))

    def statistic(self, column: str) -> Number | None:
        """The statistic that its cell names (mean, range, n_above_mean, n_rose, ...), of the whole of this report's
        index, year and level: a report prints statistics of other indices under the same names. A change comes from a
        table, with its sign: a sentence has made a word of it."""
        is_change = column.endswith("_change")
        tables = (number for block in self.blocks if isinstance(block, Table) for number in numbers(block))
        for number in tables if is_change else self.numbers:
            ref = number.refs[0] if number.refs else None
            if ref is None or number.made not in ("statistic", "printed") or ref.unit not in ("", "*"):
                continue
            if ref.column == column and self._is_own(ref):
                return number
        return None

    def _is_own(self, ref: Ref) -> bool:
        """Whether a cell is of the whole index that this report is about, of its year and level."""
        own = (self.words.index_name, self.words.year, self.words.level)
        return (ref.index_name, ref.year, ref.level) == own and ref.node == WHOLE

    @cached_property
    def coverage(self) -> tuple[Number, Number] | None:
        """Of how many units the index is known, out of how many: the pair "18/63" of the report, or the two counts of
        the sentence that says what is known of the others; ``None`` without."""
        return self.pair(("known", "index", "points"), ("expected", "ranked")) or self._of_listed()

    def _of_listed(self) -> tuple[Number, Number] | None:
        for block in self.blocks:
            parts = block.parts if isinstance(block, Paragraph) else ()
            known, total = ([part for part in parts if self._is_count(part, name)] for name in ("known", "listed"))
            if known and total:
                return known[0], total[0]  # type: ignore[return-value]
        return None

    def pair(self, first: tuple[str, ...], second: tuple[str, ...]) -> tuple[Number, Number] | None:
        """Two counts that the report prints as "18/63", by the columns of their cells; ``None`` without."""
        for block in self.blocks:
            if isinstance(block, Paragraph):
                for known, slash, total in zip(block.parts, block.parts[1:], block.parts[2:], strict=False):
                    if slash == "/" and self._is_count(known, *first) and self._is_count(total, *second):
                        return known, total  # type: ignore[return-value]
        return None

    def counts(self, *columns: str) -> list[Number]:
        """How many units: for each column the number in the report's sentences or key figures; none where one is not
        there."""
        told = [part for block in self.blocks if isinstance(block, Paragraph | Tiles) for part in numbers(block)]
        results = [next((part for part in told if self._is_count(part, column)), None) for column in columns]
        return [] if None in results else results  # type: ignore[return-value]

    @cached_property
    def bands(self) -> tuple[tuple[str, str, Number], ...]:
        """The groups of the year with the letter, the bounds and the number of units of each, as one sentence of the
        report or the title of a figure tells them; nothing where they are not all told."""
        for block in self.blocks:
            sentence = block.finding if isinstance(block, Figure) else ()
            if isinstance(block, Paragraph) and block.role != "draft":
                sentence = block.parts
            results = []
            for before, part in pairwise(sentence):
                if isinstance(part, Number) and isinstance(before, str) and self._is_band(part):
                    bounds = re.findall(r"\(([^()]*)\)", before)
                    results.append((part.refs[0].column.partition(":")[2], bounds[-1] if bounds else "", part))
            total = sum(part.value or 0 for _, _, part in results)
            if len(results) > 1 and self.n_ranked and total == self.n_ranked.value:
                return tuple(results)
        return ()

    def _is_band(self, part: Number) -> bool:
        return bool(part.refs) and self._is_count(part, part.refs[0].column) and part.refs[0].column[:5] == "band:"

    def _is_count(self, part: object, *columns: str) -> bool:
        if not isinstance(part, Number) or part.made not in ("count", "printed") or not part.refs:
            return False
        ref = part.refs[0]
        return ref.unit == "*" and ref.column in columns and self._is_own(ref)

    @property
    def is_partial(self) -> bool:
        """Whether only some of the units are known, or it is not known how many there are."""
        if self.coverage is None:
            return False
        known, total = self.coverage
        return total.value is None or known.value != total.value

    def footnote(self, mark: str) -> str:
        """What a raised letter means, in the words of a table that has it; "" where none says."""
        for block in self.blocks:
            for note in block.notes if isinstance(block, Table) else ():
                if note.startswith(f"{mark}: ") or f"; {mark}: " in note:
                    return note
        return ""

    @cached_property
    def partial_note(self) -> str:
        """The report's own words on a year known in part: the note "18/63" of its ranking."""
        if self.coverage and self.ranking:
            pair = f"{self.coverage[0].text}/{self.coverage[1].text}"
            for note in self.ranking.notes:
                if pair in note:
                    return note
        return self.words.text("partial")

    # The ranking

    @cached_property
    def ranking(self) -> Table | None:
        """The table of all units in their order."""
        return self.table("ranking", "rank", "unit", "index")

    @cached_property
    def index_unit(self) -> str:
        """What the index is counted in."""
        return column_of(self.ranking, "index").unit if self.ranking else ""

    @cached_property
    def change_unit(self) -> str:
        """What a difference of two indices is counted in."""
        return self.words.wording.difference_unit if self.index_unit == "%" else self.index_unit

    def ranked(self) -> Iterator[tuple[int, Row, bool]]:
        """The rows of the ranking whose rank is known, with it, and whether the report picks the row out."""
        if self.ranking:
            for row, strong in styled(self.ranking):
                rank = row.get("rank")
                if isinstance(rank, Number) and rank.value is not None:
                    yield int(rank.value), row, strong

    @cached_property
    def moved(self) -> Moved | None:
        """Who rose and who fell since the year before: the one answer that everything in the kit is told from.

        Where the change of every ranked unit is known, that is the ranking's; else the largest that was printed with
        its unit; else the ranking's where the change of half of the units or more is known; else nobody can say.
        """
        table, total = self.table("ranking", "unit", "change"), self.n_ranked.value if self.n_ranked else None
        rows = _sorted(table.rows if table else (), "change")
        if total and len(rows) < total and (printed := self._printed_moves()):
            return printed
        if table is None or not total or 2 * len(rows) < total:
            return None
        named = [(number, text_of(row, "unit")) for number, row in rows]
        up = [pair for pair in named if _value(pair[0]) > 0]
        down = [pair for pair in reversed(named) if _value(pair[0]) < 0]
        among = None if len(rows) >= total else self.pair(("compared",), ("ranked", "expected"))
        return Moved(tuple(up), tuple(down), column_of(table, "change").unit, len(rows) >= total, among)

    def _printed_moves(self) -> Moved | None:
        """The largest rise and fall of all, where both were printed with the units that they are of."""
        table = self.table("statistics", "value", "unit", "counted")
        results, unit = {}, ""
        for row in table.rows if table else ():
            number = known(row, "value")
            if number and number.refs and self._is_own(ref := number.refs[0]) and text_of(row, "unit"):
                results[ref.column] = (number, text_of(row, "unit"))
                unit = text_of(row, "counted") if ref.column == "largest_rise" else unit
        if not {"largest_rise", "largest_fall"} <= set(results):
            return None
        return Moved((results["largest_rise"],), (results["largest_fall"],), unit, True, None)

    @cached_property
    def knows_all_areas(self) -> bool:
        """Whether the report says which area has the highest mean of all areas, and not of some."""
        told = [part for block in self.paragraphs("areas") for part in block.parts if isinstance(part, Number)]
        means = [number for number in told if number.made == "mean" and number.refs and number.refs[0].unit == "*"]
        return bool(means) and not any(ref.column == "areas_known" for number in told for ref in number.refs)

    @cached_property
    def n_ranked(self) -> Number | None:
        """How many units are ranked."""
        return self.statistic("n_units") or (self.coverage[1] if self.coverage else None)

    def amount(self, number: Number, unit: str | None = None) -> Parts:
        """A number with its unit; that of the index where none is given."""
        return self.words.amount(number, self.index_unit if unit is None else unit)

    @cached_property
    def source(self) -> str:
        """The source line: that of the ranking, else of the first table or figure that has one."""
        if self.ranking and self.ranking.source:
            return self.ranking.source
        blocks = (block for block in self.blocks if isinstance(block, Table | Figure))
        return next((block.source for block in blocks if block.source), "")


def column_of(table: Table, key: str) -> Column:
    """The column of a table by its key."""
    return next(column for column in table.columns if column.key == key)


def styled(table: Table) -> Iterator[tuple[Row, bool]]:
    """The rows of a table, each with whether it is picked out."""
    styles = table.row_styles or ("",) * len(table.rows)
    for row, style in zip(table.rows, styles, strict=True):
        yield row, style == "highlight"


def known(row: Row, key: str) -> Number | None:
    """The number of a cell, where its value is known."""
    cell = row.get(key)
    return cell if isinstance(cell, Number) and cell.value is not None else None


def text_of(row: Row, key: str) -> str:
    """The words of a cell."""
    cell = row.get(key, "")
    return cell.text if isinstance(cell, Number) else cell


FEW = 5  # how many units the card of the first names
_AT_LEAST = 3  # lines that make a list
_MOVED = 3  # how many who rose, and who fell, are shown
_IN_A_TABLE = range(6, 21)  # units that fit a table of all, in letters that a telephone shows
_ONE_COLOUR = 0.75  # of the provinces in one class: a map shows nothing


@dataclass(frozen=True)
class Kind:
    """A card as it is declared.

    ``name``      names its files
    ``make``      which of the makers below makes it
    ``source``    the table of the report that it is drawn from, or the figures, the first that there is
    ``label``     the column of names
    ``value``     the column of values
    ``headline``  the key of its headline in ``press_words.HEADLINES``
    """

    name: str
    make: Callable[[Facts, Kind], Card | None]
    source: tuple[str, ...] = ()
    label: str = ""
    value: str = ""
    headline: str = ""


def cards(facts: Facts) -> list[Card]:
    """The cards for which the report has news, in order of its value."""
    made = (kind.make(facts, kind) for kind in KINDS)
    return [_explained(card, facts) for card in made if card is not None]


def _explained(card: Card, facts: Facts) -> Card:
    """A card with its source, and the footnotes of the raised letters on it."""
    marks = sorted({number.mark for number in card.numbers() if number.mark})
    notes = dict.fromkeys(facts.footnote(mark) for mark in marks)
    more = tuple((note,) for note in notes if note and (note,) not in card.notes)
    return replace(card, notes=(*more, *card.notes), source=card.source or facts.source)


# --- makers: a card, or nothing where the report does not have what it tells ----------------------


def _result(facts: Facts, kind: Kind) -> Card | None:
    """The year in large numbers: mean, first, last, and how many rose and fell, else the distance between the ends."""
    words, figures = facts.words, []
    mean, spread, change = (facts.statistic(column) for column in ("mean", "range", "mean_change"))
    if mean:
        figures.append(Line(words.text("mean"), facts.amount(mean), detail=words.basis(mean)))
    for label, (units, value) in (("first", _firsts(facts)), ("last", _lasts(facts))):
        if units and value:
            figures.append(Line(words.text(label), value, detail=words.names(units)))
    distance = facts.amount(spread, facts.change_unit) if spread else ()
    if moves := facts.counts("rose", "fell"):
        figures.append(_rose_and_fell(facts, *moves))
    elif spread:
        figures.append(Line(words.text("spread"), distance, detail=words.basis(spread)))
    if len(figures) < 2:
        return None
    if mean:
        headline = words.mean(mean, facts.index_unit, change, facts.change_unit)
    elif spread:
        headline = words.headline("spread", value=distance)
    else:
        headline = words.first(*_firsts(facts))
    return Card(kind.name, headline, Lines("figures", tuple(figures)), _partial(facts))


def _rose_and_fell(facts: Facts, rose: Number, fell: Number) -> Line:
    """How many rose and how many fell, and of how many that is known."""
    words, among = facts.words, facts.pair(("compared",), ("ranked", "expected"))
    partly = among and among[0].value != among[1].value and rose.made == "count"
    detail: Parts = (words.units,)
    if partly and among:
        detail = words.part("of_both_years", n=among[0], all=among[1])
    elif facts.n_ranked:
        detail = words.part("of_all", n=facts.n_ranked)
    return Line(words.text("moved"), words.headline("rose_and_fell", rose=rose, fell=fell), detail=detail)


def _first_ranks(facts: Facts, kind: Kind) -> Card | None:
    """The units of the first ranks, in order, as far as nobody is missing between them."""
    rows: list[tuple[int, Row, bool]] = []
    for rank, row, strong in facts.ranked():
        if rank > FEW or (rank != len(rows) + 1 and (not rows or rank != rows[-1][0])):
            break
        rows.append((rank, row, strong))
    while len(rows) > FEW:  # of those that share the last place none is left out alone
        rows = [one for one in rows if one[0] < rows[-1][0]]
    units, value = _firsts(facts)
    if len(rows) < _AT_LEAST or not units:
        return None
    lines = []
    for _, row, strong in rows:
        number = known(row, kind.value)
        parts = facts.amount(number) if number else (facts.words.text("no_data"),)
        lines.append(Line(text_of(row, kind.label), parts, (row["rank"],), strong=strong))
    return Card(kind.name, facts.words.first(units, value), Lines("list", tuple(lines)), _partial(facts))


def _movers(facts: Facts, kind: Kind) -> Card | None:
    """The largest rises and falls."""
    moved, words = facts.moved, facts.words
    if moved is None or not (moved.up or moved.down):
        return None
    told = []
    for key, pairs in (("rose", moved.up), ("fell", moved.down)):
        if pairs:
            names = words.subjects(_tied(pairs))
            told.append(words.part(key, names=names, value=facts.amount(pairs[0][0], moved.unit)))
    finding = words.part("both", one=told[0], other=told[1]) if len(told) > 1 else told[0]
    headline = begun(finding)
    if not moved.whole:
        headline = words.headline("known", finding=finding)
    pairs = (*_top(moved.up), *reversed(_top(moved.down)))
    lines = tuple(Line(name, facts.amount(number, moved.unit), value=number.value) for number, name in pairs)
    notes = [words.part("of_both_years", n=moved.among[0], all=moved.among[1])] if moved.among else []
    if not moved.whole and not moved.among:
        notes.append((words.text("known_only"),))
    if any(getattr(block, "role", "") == "break" for block in facts.blocks):
        notes.append((words.text("scale_break"),))
    return Card(kind.name, headline, Lines("changes", lines), tuple(notes))


def _groups(facts: Facts, kind: Kind) -> Card | None:
    """How many units are in each group of the year, a square for each."""
    if not facts.bands or facts.n_ranked is None:
        return None
    words = facts.words
    letter, bounds, most = max(facts.bands, key=lambda band: band[2].value or 0)
    lines = tuple(
        Line(words.text("group", group=name), (number, f" {words.counted(number)}"), (), (edges,), number.value)
        for name, edges, number in facts.bands
        if number.value
    )
    whole = most.value == facts.n_ranked.value
    key = "all_in_group" if whole else "most_in_group"
    headline = words.headline(key, n=most, all=facts.n_ranked, group=letter, bounds=bounds)
    return Card(kind.name, headline, Lines("squares", lines))


def _highest(facts: Facts, kind: Kind) -> Card | None:
    """Rows from the largest value on; only where that of all is known: the highest of some is not the highest."""
    table = facts.table(kind.source[0], kind.label, kind.value)
    rows = _sorted(table.rows if table else (), kind.value)
    if table is None or len(rows) < _AT_LEAST or len(rows) != len(table.rows):
        return None
    unit, pairs = column_of(table, kind.value).unit, [(number, text_of(row, kind.label)) for number, row in rows]
    if _same(pairs[0][0], pairs[-1][0]) or (kind.name == "areas" and not facts.knows_all_areas):
        return None
    shown = [*_top(pairs), *reversed(_top(pairs[::-1]))] if len(pairs) > 2 * _MOVED else pairs
    lines = tuple(Line(name, facts.amount(n, unit), value=n.value) for n, name in shown)
    notes = [(note,) for note in table.notes if note not in facts.marks and not note.startswith("…")]
    headline = facts.words.headline(
        kind.headline,
        names=facts.words.names(_tied(pairs)),
        value=facts.amount(pairs[0][0], unit),
        others=facts.words.names(_tied(pairs[::-1])),
        low=facts.amount(pairs[-1][0], unit),
    )
    notes = [(facts.words.text("ends_only"),), *notes] if len(shown) < len(pairs) else notes
    return Card(kind.name, headline, Lines("dots", lines), tuple(notes[:1]), table.source)


def _all_units(facts: Facts, kind: Kind) -> Card | None:
    """Every unit with rank and value, where all are known and few enough to be read."""
    if facts.ranking is None or facts.n_ranked is None or facts.is_partial:
        return None
    rows = [pair for pair in styled(facts.ranking) if known(pair[0], "rank") and known(pair[0], kind.value)]
    if len(rows) != facts.n_ranked.value or len(rows) not in _IN_A_TABLE:
        return None
    lines = tuple(
        Line(text_of(row, kind.label), facts.amount(number), (row["rank"],), strong=strong)
        for row, strong in rows
        if (number := known(row, kind.value))
    )
    units, value = _lasts(facts)
    first, top = _firsts(facts)
    if not units or not value or not top:
        return None
    names = facts.words.subjects
    headline = facts.words.headline(kind.headline, names=names(first), value=top, others=names(units), low=value)
    return Card(kind.name, headline, Lines("table", lines))


def _map(facts: Facts, kind: Kind) -> Card | None:
    """The provinces by class, where the colours tell them apart."""
    figure = facts.figure(*kind.source)
    if figure is None:
        return None
    rows = zip(*(figure.data.get(key, ()) for key in ("unit", "class", "label")), strict=True)
    first: dict[str, int] = {}  # the best rank in each class
    of: dict[str, str] = {}
    for unit, words, rank in rows:
        if words and str(rank).isdecimal():
            of[str(unit)] = str(words)
            first[str(words)] = min(int(rank), first.get(str(words), int(rank)))
    largest = max(map(list(of.values()).count, first), default=0)
    if len(first) < 2 or largest > _ONE_COLOUR * len(of):
        return None
    system = system_of(facts.words.year, facts.words.level)
    unknown = facts.words.text("no_data") if facts.is_partial else ""
    classes, language = tuple(sorted(first, key=first.__getitem__)), facts.words.wording.language
    content = Country(classes, of, system, unknown, figure.alternative, language)
    return Card(kind.name, figure.finding or (figure.caption,), content, _partial(facts), figure.source)


#: The cards in order of news value, of which a kit takes the first six that fit. A new one is one row.
KINDS = (
    Kind("result", _result),
    Kind("top-five", _first_ranks, ("ranking",), "unit", "index"),
    Kind("movers", _movers),
    Kind("groups", _groups),
    Kind("regions", _highest, ("regions",), "region", "mean", "best_region"),
    Kind("areas", _highest, ("areas",), "area", "mean", "best_area"),
    Kind("map", _map, ("map_bands", "map_quarters")),
    Kind("ranking", _all_units, ("ranking",), "unit", "index", "whole_table"),
)


# --- what the makers share ------------------------------------------------------------------------


def _partial(facts: Facts) -> tuple[Parts, ...]:
    """That only some units are known, where it is so."""
    return ((facts.partial_note,),) if facts.is_partial else ()


def _firsts(facts: Facts) -> tuple[list[str], Parts]:
    """The units of the first rank, and their index where it is known."""
    return _at(facts, [row for rank, row, _ in facts.ranked() if rank == 1])


def _lasts(facts: Facts) -> tuple[list[str], Parts]:
    """The units of the last rank of all, where it is known who they are: a shared last place counts from its first."""
    total = facts.n_ranked
    rows = list(facts.ranked())
    last = max((rank for rank, _, _ in rows), default=0)
    tied = [row for rank, row, _ in rows if rank == last]
    if total is None or not last or last + len(tied) - 1 != total.value:
        return [], ()
    return _at(facts, tied)


def _at(facts: Facts, rows: Sequence[Row]) -> tuple[list[str], Parts]:
    value = known(rows[0], "index") if rows else None
    return [text_of(row, "unit") for row in rows], facts.amount(value) if value else ()


def _sorted(rows: Sequence[Row], key: str) -> list[tuple[Number, Row]]:
    """The rows where ``key`` is known, with its number, the largest first, equal ones in their order."""
    results = [(_value(number), number, row) for row in rows if (number := known(row, key))]
    return [(number, row) for _, number, row in sorted(results, key=itemgetter(0), reverse=True)]


def _tied(pairs: Sequence[tuple[Number, str]]) -> list[str]:
    """The names of all that share the first value of a sorted list."""
    return [name for number, name in pairs if _same(number, pairs[0][0])]


def _top(pairs: Sequence[tuple[Number, str]]) -> list[tuple[Number, str]]:
    """The first three of a sorted list; of those that share the third value none is left out alone."""
    if len(pairs) <= _MOVED:
        return list(pairs)
    return [pair for pair in pairs[:_MOVED] if not _same(pair[0], pairs[_MOVED][0])]


def _same(one: Number, other: Number) -> bool:
    return round(_value(one), 9) == round(_value(other), 9)


def _value(number: Number) -> float:
    assert number.value is not None
    return number.value
