"""Words that must agree with the numbers beside them in kind: rose and fell, above and below, part and whole, group,
year, criterion.

``words`` asks whose a number is and of which year. Here the words that the sentence or the row has beside it are held
against what the number is of: the count of those that rose is not told of those that fell, no part is larger than its
whole, and "compared with" is followed by a year that was compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from parlib.analysis.checks import Finding
from parlib.publish.verify import reading, vocabulary
from parlib.publish.verify.data import Data, Sheet
from parlib.report.blocks import Block, Figure, Heading, Number, Paragraph, Table, Tiles
from parlib.words import Message

#: What is counted by its direction: 1 where those that went up, or lie above.
_COUNTED: Mapping[str, tuple[vocabulary.Class, int]] = {
    "rose": (vocabulary.WAYS, 1), "n_rose": (vocabulary.WAYS, 1),
    "fell": (vocabulary.WAYS, -1), "n_fell": (vocabulary.WAYS, -1),
    "n_above_mean": (vocabulary.OF_THE_MEAN, 1), "areas_above_mean": (vocabulary.OF_THE_MEAN, 1),
}  # fmt: skip
_OF = {"vi": r"\s?(?:/|trong)\s?(?:tổng số )?", "en": r"\s?(?:/|of|out of)\s?(?:the )?"}
_GROUP = {"vi": r"nhóm ([A-D])\b", "en": r"group ([A-D])\b"}
_COMPARED = {"vi": r"so với năm ((?:19|20)\d\d)", "en": r"\b(?:on|since|with|than in) ((?:19|20)\d\d)"}
_CHANGES = ("difference", "mean_change", "rose", "fell", "n_rose", "n_fell", "compared")
_CODED = re.compile(r"^(\d+(?:\.\d+)*)\.? (?=\D)")


@dataclass(frozen=True)
class Agreement:
    """What is read with: the data and the language."""

    data: Data
    language: str

    @cached_property
    def nodes(self) -> Mapping[str, frozenset[str]]:
        """The codes that each name of a node stands for, in all years."""
        index = self.data.frames.get("index")
        found: dict[str, set[str]] = {}
        if index is not None:
            for name, node in set(zip(index["node_name"], index["node"], strict=True)):
                found.setdefault(str(name), set()).add(str(node))
        return {name: frozenset(codes) for name, codes in found.items() if name}

    @cached_property
    def own(self) -> Sheet | None:
        """The index table that the report is on."""
        return next((sheet for key, sheet in self.data.sheets.items() if key[:3] == self.data.own), None)

    def inspect(self, block: Block) -> Iterator[Finding]:
        """What the words of a block say against what its numbers are of."""
        where = getattr(block, "name", "") or block.plain_text()[:60]
        if isinstance(block, Paragraph):
            yield from self._sentence(block.parts, where)
        elif isinstance(block, Tiles):
            for tile in block.tiles:
                yield from self._sentence((f"{tile.label}: ", tile.number, f"{tile.unit} ", *tile.detail), where)
        elif isinstance(block, Heading):
            yield from self._coded(block.text, where)
        elif isinstance(block, Table):
            yield from self._table(block, where)
        elif isinstance(block, Figure):
            yield from self._figure(block, where)

    # --- sentences

    def _sentence(self, parts: Sequence[str | Number], where: str) -> Iterator[Finding]:
        for place, number in enumerate(parts):
            if isinstance(number, Number) and number.refs:
                before, after = reading.up_to_number(reversed(parts[:place])), reading.up_to_number(parts[place + 1 :])
                yield from self._counted(number, before, reading.gapped(parts[place + 1 :]), where)
                yield from self._part(parts, place, after, where)
                yield from self._group(number, before, where)
                yield from self._in_brackets(parts, place, before, where)
        yield from self._compared(parts, where)

    def _counted(self, number: Number, before: str, after: str, where: str) -> Iterator[Finding]:
        """The count of those that rose is told of those that rose."""
        known = _COUNTED.get(number.refs[0].column)
        if known is None:
            return
        words, way = known
        told = [vocabulary.said(words, self.language, text, first=True) for text in (after, before)]
        if (told[1] if before.endswith(": ") and told[1] else told[0]) == -way:
            yield reading.about(
                "directions", where, number, Message("the word of direction is that of what is counted")
            )

    def _part(self, parts: Sequence[str | Number], place: int, after: str, where: str) -> Iterator[Finding]:
        """A part is not larger than the whole that it is told of."""
        number, whole = parts[place], next((part for part in parts[place + 1 :] if isinstance(part, Number)), None)
        if not isinstance(number, Number) or not isinstance(whole, Number) or not whole.refs:
            return
        slash = after.strip() == "/" and not whole.refs[0].column.endswith(":of")  # a result may exceed its target
        counts = number.made in ("count", "printed", "statistic", "rank") and whole.made in ("count", "statistic")
        if not slash and not (counts and re.fullmatch(_OF[vocabulary.known(self.language)], after)):
            return
        if number.value is not None and whole.value is not None and number.value > whole.value:
            yield reading.about(
                "parts_of_wholes", where, number, Message("a part is not larger than the whole beside it")
            )

    def _group(self, number: Number, before: str, where: str) -> Iterator[Finding]:
        said = re.findall(_GROUP[vocabulary.known(self.language)], before)
        column = number.refs[0].column
        if column.startswith("band:") and said and said[-1] != column.removeprefix("band:"):
            yield reading.about(
                "groups", where, number, Message("a count of a group stands beside the name of that group")
            )

    def _in_brackets(self, parts: Sequence[str | Number], place: int, before: str, where: str) -> Iterator[Finding]:
        """Two numbers in one pair of brackets are of the same unit."""
        number, other = parts[place], next((p for p in reversed(parts[:place]) if isinstance(p, Number)), None)
        if not isinstance(number, Number) or other is None or not re.fullmatch(r"[^().;:]{0,12}", before):
            return
        opened = reading.gapped(parts[:place])
        if opened.rfind("(") <= opened.rfind(")"):
            return
        one, two = reading.units_of(number), reading.units_of(other)
        if len(one) == len(two) == 1 and one != two:
            yield reading.about(
                "row_names", where, number, Message("two numbers in one pair of brackets are of the same unit")
            )

    def _compared(self, parts: Sequence[str | Number], where: str) -> Iterator[Finding]:
        """ "Compared with 2022": a change in the sentence is one from that year."""
        held = [part for part in parts if isinstance(part, Number) and part.refs]
        changes = [n for n in held if n.made in _CHANGES or n.refs[0].column in _CHANGES]
        years = {ref.year for number in changes for ref in number.refs}
        newest = max(years, default=0)
        before = (years - {newest}) or {newest - 1}
        for found in re.findall(_COMPARED[vocabulary.known(self.language)], reading.gapped(parts)):
            if years and int(found) not in before:
                yield reading.about("years", where, changes[0], Message("the year compared with is that of the change"))

    # --- codes and names of criteria

    def _coded(self, text: str, where: str) -> Iterator[Finding]:
        """A code before the name of a node is that of the node."""
        found = _CODED.match(text)
        codes = self.nodes.get(text[found.end() :]) if found else None
        if found and codes and found[1] not in codes:
            yield Finding("codes", False, f"{where}: {text}", (), Message("the code before a name is that of the node"))

    def _node(self, text: str) -> frozenset[str]:
        """The codes that a cell stands for: a code, a name, or both."""
        if text in self.nodes:
            return self.nodes[text]
        found = _CODED.match(text)
        return self.nodes.get(text[found.end() :], frozenset()) & {found[1]} if found else frozenset()

    # --- tables and figures

    def _table(self, table: Table, where: str) -> Iterator[Finding]:
        strings = [[(key, cell) for key, cell in row.items() if isinstance(cell, str)] for row in table.rows]
        for row, texts in zip(table.rows, strings, strict=True):
            for _, text in texts:
                yield from self._coded(text, where)
            named = next((codes for _, text in texts[:2] if (codes := self._node(text))), frozenset())
            group = re.match(r"([A-D]): ", texts[0][1]) if texts else None
            unit = next((u for _, text in texts if (u := self.data.names.units.get(text))), frozenset())
            for number in (cell for cell in row.values() if isinstance(cell, Number)):
                yield from self._row(number, named, group[1] if group else "", where)
            if isinstance(band := row.get("band"), str) and self.own is not None:
                yield from self._band(unit, band, where)

    def _row(self, number: Number, named: frozenset[str], group: str, where: str) -> Iterator[Finding]:
        nodes = {ref.node for ref in number.refs}
        if named and nodes and not nodes & {"", "*"} and len(nodes) == 1 and not nodes & named:
            yield reading.about(
                "row_names", where, number, Message("a number in a row is that of the node named there")
            )
        column = number.refs[0].column if number.refs else ""
        if group and column.startswith("band:") and column != f"band:{group}":
            yield reading.about(
                "groups", where, number, Message("a count of a group stands beside the name of that group")
            )

    def _band(self, units: Iterable[str], band: str, where: str) -> Iterator[Finding]:
        """The group told of a unit is that of the unit."""
        known = {self.own.bands[unit] for unit in units if unit in self.own.bands} if self.own else set()
        if re.fullmatch("[A-D]", band) and known and band not in known:
            yield Finding("groups", False, f"{where}: {band}", (), Message("the group in a row is that of the unit"))

    def _figure(self, figure: Figure, where: str) -> Iterator[Finding]:
        cells = figure.data
        rest, drawn = figure.alternative, {str(name) for name in cells.get("name", ())}
        for name in self.data.names.longest_first if "unit" in cells and drawn else ():
            if len(name) > 3 and name in rest and name not in drawn:
                yield Finding(
                    "row_names",
                    False,
                    f"{where}: {name}",
                    (),
                    Message("a name in an alternative text is one that is drawn"),
                )
            rest = rest.replace(name, " ")
        for unit, band in zip(cells.get("unit", ()), cells.get("band", ()), strict=False):
            if isinstance(band, str):
                yield from self._band([str(unit)], band, where)
