"""What a document holds for the press: tables by name, statistics by their cells, marks; nothing is computed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from parlib.publish.document import Document, numbers
from parlib.report.blocks import Block, Column, Figure, Heading, Note, Number, Paragraph, Ref, Table, Title
from parlib.report.press_words import PressWords
from parlib.report.wording import Parts, Wording
from parlib.scoring.results import WHOLE

if TYPE_CHECKING:
    from parlib.publish.formats import Shown

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
        found: dict[str, Table] = {}
        for block in self.blocks:
            if isinstance(block, Table) and block.rows:
                found.setdefault(block.name, block)
        return found

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
        found, inside = [], False
        for block in self.blocks:
            if isinstance(block, Heading):
                inside = block.anchor == anchor
            elif inside and isinstance(block, Paragraph) and block.role != "draft":
                found.append(block)
        return found

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
