"""The cards that a report gives: declared by the table each is drawn from, its columns, its order and its headline."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, Literal

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
    Tile,
    Tiles,
    Title,
    Wording,
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
    ``value``   the length of its bar, in the unit of the number; ``None``: no bar
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
    """Lines, drawn as bars one under another, as large numbers (the first the largest), or as a table in columns.

    ``longest`` is the value of a bar that fills the width; 0: the largest of the bars does.
    """

    drawn: Literal["bars", "figures", "table"]
    lines: tuple[Line, ...]
    longest: float = 0.0


@dataclass(frozen=True)
class Picture:
    """A figure of the report as it is, never cut."""

    png: bytes
    alternative: str


@dataclass(frozen=True)
class Card:
    """A card. ``name`` names its files; ``headline`` is the finding; ``notes`` stand below the picture."""

    name: str
    headline: Parts
    content: Lines | Picture
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
        if isinstance(self.content, Picture):
            shown = self.content.alternative
        else:
            shown = "; ".join(filter(None, (plain(line).strip() for line in self.lines))) + "."
        return " ".join([plain(self.headline) + ".", shown, *map(plain, self.notes)]).replace("..", ".")


# --- facts ----------------------------------------------------------------------------------------
# What a document holds for the press: tables by name, statistics by their cells, marks; nothing is computed.

Row = dict[str, str | Number]


@dataclass(frozen=True)
class Facts:
    """A document as the press asks of it. ``simulated``: marked as such whatever the document says."""

    document: Document
    words: PressWords
    simulated: bool = False

    @classmethod
    def of(cls, shown: Shown) -> Facts:
        """The facts of a ``formats.Shown``."""
        given = shown.parameters
        wording = Wording(given.language, given.decimal, given.strict)  # type: ignore[arg-type]
        words = PressWords(wording, given.index_name, given.year, given.level)
        return cls(shown.document, words, given.simulated)

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
        index, year and level: a report prints statistics of other indices under the same names."""
        for number in self.numbers:
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
        """Of how many units the index is known, out of how many: the pair "18/63" of the report; ``None`` without."""
        for block in self.blocks:
            if isinstance(block, Paragraph):
                for known, slash, total in zip(block.parts, block.parts[1:], block.parts[2:], strict=False):
                    if (
                        slash == "/"
                        and self._is_count(known, "known", "index", "points")
                        and self._is_count(total, "expected", "ranked")
                    ):
                        return known, total  # type: ignore[return-value]
        return None

    def _is_count(self, part: object, *columns: str) -> bool:
        if not isinstance(part, Number) or part.made != "count" or not part.refs:
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
_AT_LEAST = 3  # lines that make a card of bars
_MOVED, _FELL = 8, 4  # how many who moved are shown, and how many of them at most fell
_IN_A_TABLE = range(6, 71)  # units that fit a table of all


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
    """The cards for which the report has the numbers, in order of news value."""
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
    """The year in large numbers: mean, first, last and the distance, else the key figures of the report."""
    words, figures = facts.words, []
    mean, spread = facts.statistic("mean"), facts.statistic("range")
    if mean:
        figures.append(Line(words.text("mean"), facts.amount(mean), detail=words.basis(mean)))
    for label, (units, value) in (("first", _firsts(facts)), ("last", _lasts(facts))):
        if units and value:
            figures.append(Line(words.text(label), value, detail=words.names(units)))
    distance = facts.amount(spread, facts.change_unit) if spread else ()
    if spread:
        figures.append(Line(words.text("spread"), distance, detail=words.basis(spread)))
    above, total = facts.statistic("n_above_mean"), facts.n_ranked
    if above and total:
        figures.append(Line(words.text("above_mean"), (above, "/", total), detail=(words.units,)))
    if len(figures) < 2:
        return _key_figures(facts, kind)
    if mean:
        headline = words.mean(mean, facts.index_unit)
    elif spread:
        headline = words.headline("spread", value=distance)
    else:
        headline = words.first(*_firsts(facts))
    return Card(kind.name, headline, Lines("figures", tuple(figures[:5])))


def _key_figures(facts: Facts, kind: Kind) -> Card | None:
    """The first key figures that the report shows, under the name that they have there."""
    for block in facts.blocks:
        if isinstance(block, Tiles) and len(block.tiles) > 1:
            figures = tuple(map(_figure, block.tiles[:5]))
            return Card(kind.name, (block.caption.rstrip("."),), Lines("figures", figures))
    return None


def _figure(tile: Tile) -> Line:
    unit = tile.unit if tile.unit.startswith(("%", "/")) or not tile.unit else f" {tile.unit}"
    return Line(tile.label, (tile.number, unit) if unit else (tile.number,), detail=tile.detail)


def _first_ranks(facts: Facts, kind: Kind) -> Card | None:
    """The units of the first ranks, in order; those whose value is not known have no bar."""
    rows = [(row, strong) for rank, row, strong in facts.ranked() if rank <= FEW]
    units, value = _firsts(facts)
    if len(rows) < _AT_LEAST or not units:
        return None
    bars = []
    for row, strong in rows[: FEW + 2]:
        number = known(row, kind.value)
        parts = facts.amount(number) if number else (row.get(kind.value, "…"),)
        length = _value(number) if number else None
        bars.append(Line(text_of(row, kind.label), parts, (row["rank"],), (), length, strong))
    values = [_value(number) for _, row, _ in facts.ranked() if (number := known(row, kind.value))]
    longest = 100.0 if facts.index_unit == "%" else max(values, default=0.0)
    return Card(kind.name, facts.words.first(units, value), Lines("bars", tuple(bars), longest), _partial(facts))


def _largest(facts: Facts, kind: Kind) -> Card | None:
    """Rows from the largest value on; only where that of all is known: the highest of some is not the highest."""
    table = facts.table(kind.source[0], kind.label, kind.value)
    rows = _sorted(table.rows if table else (), kind.value)
    if table is None or len(rows) < _AT_LEAST or len(rows) != len(table.rows):
        return None
    unit = column_of(table, kind.value).unit
    bars = tuple(Line(text_of(row, kind.label), facts.amount(n, unit), value=n.value) for n, row in rows)
    notes = [(note,) for note in table.notes if note not in facts.marks and not note.startswith("…")]
    names, value = facts.words.names(_shared(rows, kind.label)), facts.amount(rows[0][0], unit)
    headline = facts.words.headline(kind.headline, names=names, value=value)
    longest = 100.0 if unit == "%" else 0.0
    return Card(kind.name, headline, Lines("bars", bars, longest), tuple(notes[:1]), table.source)


def _moved(facts: Facts, kind: Kind) -> Card | None:
    """The largest rises and falls; what is known of fewer than half of the units makes no card."""
    table = facts.table(kind.source[0], kind.label, kind.value)
    rows = _sorted(table.rows if table else (), kind.value)
    total = facts.n_ranked.value if facts.n_ranked else None
    if table is None or len(rows) < _AT_LEAST or total is None or 2 * len(rows) < total:
        return None
    whole = len(rows) >= total
    first = rows[0][0]
    key = ("rose" if _value(first) > 0 else "fell_least") + ("" if whole else "_known")
    value = facts.amount(first, column_of(table, kind.value).unit)
    headline = facts.words.headline(key, names=facts.words.names(_shared(rows, kind.label)), value=value)
    bars = tuple(Line(text_of(row, kind.label), (n,), value=n.value) for n, row in _ends(rows))
    wanted = {"known_only": not whole, "scale_break": any(getattr(b, "role", "") == "break" for b in facts.blocks)}
    notes = tuple((facts.words.text(note),) for note, is_so in wanted.items() if is_so)
    return Card(kind.name, headline, Lines("bars", bars), notes, table.source)


def _all_units(facts: Facts, kind: Kind) -> Card | None:
    """Every unit with rank and value; of a partial year, those known, with the ranks published."""
    if facts.ranking is None or facts.n_ranked is None:
        return None
    rows = [pair for pair in styled(facts.ranking) if known(pair[0], "rank") or known(pair[0], kind.value)]
    if len(rows) not in _IN_A_TABLE:
        return None
    lines = tuple(
        Line(
            text_of(row, kind.label),
            (row.get(kind.value, "…"),),
            (row["rank"],) if row.get("rank") else (),
            strong=strong,
        )
        for row, strong in rows
    )
    say = facts.words.headline
    headline = say("known_ranks") if facts.is_partial else say(kind.headline, value=(facts.n_ranked,))
    return Card(kind.name, headline, Lines("table", lines), _partial(facts))


def _pictured(facts: Facts, kind: Kind) -> Card | None:
    """A figure of the report as it is."""
    figure = facts.figure(*kind.source)
    if figure is None:
        return None
    notes = tuple((note,) for note in figure.notes if note not in facts.marks)
    return Card(kind.name, (figure.caption,), Picture(figure.png_bytes, figure.alternative), notes, figure.source)


#: The cards in order of news value. A new one is one row.
KINDS = (
    Kind("result", _result),
    Kind("top-five", _first_ranks, ("ranking",), "unit", "index"),
    Kind("map", _pictured, ("map_bands", "map_quarters")),
    Kind("movers", _moved, ("ranking",), "unit", "change"),
    Kind("regions", _largest, ("regions",), "region", "mean", "best_region"),
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


def _shared(rows: Sequence[tuple[Number, Row]], label: str) -> list[str]:
    """The names of all that share the first value of a sorted list."""
    most = round(_value(rows[0][0]), 9)
    return [text_of(row, label) for number, row in rows if round(_value(number), 9) == most]


def _ends(rows: list[tuple[Number, Row]]) -> list[tuple[Number, Row]]:
    """Eight rows of a sorted list: the largest rises, and up to four of the largest falls."""
    up = [pair for pair in rows if _value(pair[0]) > 0]
    down = [pair for pair in rows if _value(pair[0]) < 0]
    if len(rows) <= _MOVED:
        return rows
    if up and down:
        n_down = min(_FELL, len(down))
        return [*up[: _MOVED - n_down], *down[-n_down:]]
    return up[:_MOVED] or [*rows[:_FELL], *rows[-_FELL:]]


def _value(number: Number) -> float:
    assert number.value is not None
    return number.value
