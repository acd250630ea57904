"""Cells of text: what stands in them is of the row that they stand in.

A code is that of the name and the numbers beside it, a check is called by its name, a source and a conflict between
sources are told as the data have them, a decision stands where the decision is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from parlib.analysis.checks import Finding
from parlib.publish.verify.data import Data
from parlib.report.blocks import Number, Table
from parlib.report.tables.checks import CHECKS
from parlib.report.wording import Wording
from parlib.sources import published
from parlib.sources.published.files import source_cells
from parlib.words import Message

Row = Mapping[str, str | Number]


@dataclass(frozen=True)
class Cells:
    """What the cells of text of one document are held against; ``nodes`` are the codes of each name of a node."""

    data: Data
    wording: Wording
    nodes: Mapping[str, frozenset[str]]

    def inspect(self, table: Table) -> Iterator[Finding]:
        """Cells of text that do not belong where they stand."""
        kept = self._conflicts if table.name == "conflicts" else []
        yield from self._columns(table)
        for row in table.rows:
            texts = [cell for cell in row.values() if isinstance(cell, str) and cell]
            held = [cell for cell in row.values() if isinstance(cell, Number) and cell.refs]
            wrong = self._code(row, texts, held) or self._check(texts, held) or self._label(texts, held)
            if table.name == "sources":
                wrong = self._source(row)
            elif table.name == "conflicts":
                wrong = not any(self._tells(row, record) for record in kept)
            elif table.name == "grounds":
                wrong = self._ground(texts)
            if wrong:
                yield Finding(
                    "row_names",
                    False,
                    f"{table.name}: {', '.join(texts)[:90]}",
                    (),
                    Message("a cell of text is of the row that it stands in"),
                )

    def _columns(self, table: Table) -> Iterator[Finding]:
        """No two columns below a common head are called alike; a number is of the code or the case that its column is
        called by."""
        heads = [(column.group, column.title, column.unit) for column in table.columns if column.group]
        keys = {column.key for column in table.columns}
        wrong = len(set(heads)) < len(heads)
        for row in table.rows:
            for key, number in ((key, cell) for key, cell in row.items() if isinstance(cell, Number) and cell.refs):
                nodes, kind = {ref.node for ref in number.refs}, number.refs[0].column.rpartition("_")[2]
                of_code = key in self._codes and nodes <= self._codes | {""} and key not in nodes
                wrong |= of_code or (kind != key and kind in keys and number.refs[0].column.startswith("case_"))
        if wrong:
            yield Finding(
                "row_names",
                False,
                f"{table.name}: {', '.join(column.title for column in table.columns)[:90]}",
                (),
                Message("a number is of the head of its column"),
            )

    def _code(self, row: Row, texts: Sequence[str], held: Sequence[Number]) -> bool:
        """Whether the code of a row is not that of the name or the numbers beside it."""
        code = row.get("code")
        if code not in self._codes:
            return False
        named = next((self.nodes[text] for text in texts if text in self.nodes), frozenset((code,)))
        of = [{ref.node for ref in number.refs} for number in held]
        return code not in named or any(len(one) == 1 and one <= self._codes and code not in one for one in of)

    @cached_property
    def _codes(self) -> frozenset[str]:
        return frozenset(code for codes in self.nodes.values() for code in codes if code)

    def _label(self, texts: Sequence[str], held: Sequence[Number]) -> bool:
        """Whether all numbers of a row named after a criterion are of the whole."""
        found = re.match(r"(\d+(?:\.\d+)*)\. (.*)", texts[0]) if texts else None
        of = {ref.node for number in held for ref in number.refs}
        return bool(found and of == {""})

    def _check(self, texts: Sequence[str], held: Sequence[Number]) -> bool:
        """Whether a check is called by the name of another one."""
        check = next((n.refs[0].node.removeprefix("check:") for n in held if n.refs[0].node.startswith("check:")), "")
        return bool(check) and any(self.wording.say(msgid) in texts for name, msgid in CHECKS.items() if name != check)

    def _source(self, row: Row) -> bool:
        """Whether a page is not told as the list of sources has it, or as used for a year that the data have not."""
        if "page" not in row:  # of a report from before a page was one cell
            return False
        title, *about, url = source_cells(str(row.get("source_id", "")), self.wording.language)
        lead, page = title, str(row.get("page", ""))
        if any(about):
            lead = f"{title} ({', '.join(filter(None, about))})"
        if not page.startswith(lead) or not page.endswith(url):
            return True
        years = set(map(int, re.findall(r"\b(?:19|20)\d\d\b", page[len(lead) : len(page) - len(url)])))
        return bool(years - self._years)

    @cached_property
    def _years(self) -> frozenset[int]:
        return frozenset(int(key[1]) for key in (*self.data.sheets, *self.data.cells))

    def _ground(self, texts: Sequence[str]) -> bool:
        """Whether the decision of a year stands elsewhere than beside its head, or another one does."""
        if len(texts) < 2 or self.data.decision is None:
            return False
        told = self.data.decision or self.wording.say("not known")
        return (texts[0] in {self.wording.say(head) for head in ("Set of criteria", "Method")}) != (texts[1] == told)

    @cached_property
    def _conflicts(self) -> list[Mapping[str, str]]:
        """On what the sources differ, as the data have it."""
        if self.data.own is None:
            return []
        index_name, year, level = self.data.own
        frame = published.conflicts(year, "sipas" if index_name == "sipas" else level)
        texts = frame.fillna("").astype(str)
        return [dict(zip(map(str, texts.columns), row, strict=True)) for row in texts.itertuples(index=False)]

    def _tells(self, row: Row, record: Mapping[str, str]) -> bool:
        """Whether a row says what a record does: the numbers and the units in it, however they are written."""
        alike = all(
            re.findall(r"\d+", str(row.get(key, ""))) == re.findall(r"\d+", record[key])
            and self.data.names.told_in(str(row.get(key, ""))) == self.data.names.told_in(record[key])
            for key in ("kept", "other")
        )
        names = self.data.names.names.get(record["unit"])
        return alike and (not names or any(name in str(row.get("what", "")) for name in names))
