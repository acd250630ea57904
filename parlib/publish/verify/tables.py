"""Tables: whether a number stands in its row and column, and a cell of text in its row.

Nothing here knows what a table is on. The numbers of a column have something in common (how they are made, their
column, criterion, year, index), and so have those of a row (their unit, their criterion). A number that has not what
its row or column has in common, and has all that another one has, stands where it does not belong. A code is that of
the name and the numbers beside it, a source and a conflict between sources are told as
the data have them, a decision stands where the decision is told.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from parlib import data_tables
from parlib.analysis.checks import Finding
from parlib.publish.verify.data import Data
from parlib.publish.verify.reading import wrong
from parlib.report.blocks import Number, Table, Wording
from parlib.scoring import units
from parlib.sources import published
from parlib.sources.published.par import source_cells
from parlib.words import Message, fold

Row = Mapping[str, str | Number]
Traits = tuple[str, ...]  # of a number: how it is made, and the column, index, year, criterion, unit of its cells
Place = tuple[int, str]  # row and key of the column
_COMMON = 0.6  # the share of a row or column that has a trait in common
_LEAST = 3  # numbers of a row or column: of fewer nothing is said
_CODE = re.compile(r"^[\d.]+\.? ")  # before the name of a criterion
_CASE = re.compile(r"case_(\d+)_")  # a column of one of the errors that are supposed
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_GROUPS = {"cities": "Central cities", "others": "Other provinces"}
#: What rows on statistics and counts are called, by the column of their cells.
_STATISTICS = {
    "mean": ("Mean", "National mean"),
    "median": ("Median",),
    "max": ("Highest value", "Highest province"),
    "min": ("Lowest value", "Lowest province"),
    "range": ("Distance between highest and lowest",),
    "first_minus_second": ("Distance between first and second",),
    "max_minus_mean": ("Distance between highest and mean",),
    "lowest_group_bound": ("Lower bound of the lowest group",),
    "mean_change": ("Change of the national mean on the year before",),
    "largest_rise": ("Largest rise",),
    "smallest_rise": ("Smallest rise",),
    "largest_fall": ("Largest fall",),
    "smallest_fall": ("Smallest fall",),
    "n_units": ("Ranked units",),
    "n_assessed": ("Assessed units",),
    "n_above_mean": ("Units above the mean",),
    "n_rose": ("Units whose index rose", "Provinces that rose"),
    "n_fell": ("Units whose index fell", "Provinces that fell"),
    "n_rank_up": ("Units whose rank rose",),
    "n_rank_down": ("Units whose rank fell",),
    "mean_access": ("Mean: access to services",),
    "mean_procedures": ("Mean: administrative procedures",),
    "mean_officials": ("Mean: officials",),
    "mean_results": ("Mean: results of the service",),
    "mean_feedback": ("Mean: handling of feedback",),
    "mean_policy": ("Mean: making and carrying out policy",),
    "mean_service": ("Mean: public services",),
    "sample": ("People asked",),
    "sample_valid": ("Valid answers",),
}
#: How a statistic is known: as printed, counted of all units ("*"), or derived from what is printed ("").
_KNOWN = {"printed": "as published", "*": "computed from the units' own values", "": "derived from published numbers"}


@dataclass(frozen=True)
class Tables:
    """What the tables of one document are held against."""

    data: Data
    wording: Wording

    def inspect(self, table: Table) -> Iterator[Finding]:
        """What stands in the wrong place in a table."""
        for row, key in misplaced(table):
            if not _named_beside(table.rows[row], key):
                message = Message("a number stands in the wrong row or column: it is that of another one")
                yield wrong("row_names", _where(table, row, key), message)
        of_others = set(self._of_other_rows(table))
        heads = {column.key: column.title for column in table.columns}
        groups = {key[5].removeprefix("bound:") for key in self.data.cells if key[5].startswith("bound:")}
        for n, row_of in enumerate(table.rows):
            label = _label(row_of)
            for key, cell in row_of.items():
                told = heads.get(key, "") if heads.get(key, "") in groups else label
                if isinstance(cell, Number) and cell.refs and ((n, key) in of_others or self._denies(told, cell)):
                    message = Message("a number is of what its row begins with: criterion, region, group, count")
                    yield wrong("row_names", _where(table, n, key), message)
            if self._strange(table, row_of):
                texts = ", ".join(cell for cell in row_of.values() if isinstance(cell, str) and cell)
                message = Message("a cell of text is of the row that it stands in")
                yield wrong("row_names", f"{table.name}: {texts[:90]}", message)
        if self._misheaded(table):
            titles = ", ".join(column.title for column in table.columns)
            yield wrong("row_names", f"{table.name}: {titles[:90]}", Message("a number is of the head of its column"))

    # --- what rows are called

    @cached_property
    def _homes(self) -> Mapping[str, set[str]]:
        """The regions and groups by what they are called, as units of cells."""
        results: dict[str, set[str]] = {}
        for region in (region for system in data_tables.systems() for region in units.regions(system)):
            for name in (region.name_vi, region.name_en):
                results.setdefault(name, set()).add(f"region:{region.slug}")
        for group, msgid in _GROUPS.items():
            results.setdefault(self.wording.say(msgid), set()).add(f"group:{group}")
        return results

    @cached_property
    def _columns(self) -> Mapping[str, set[str]]:
        """The statistics and counts by what they are called, as columns of cells."""
        results: dict[str, set[str]] = {}
        for column, msgids in _STATISTICS.items():
            for msgid in msgids:
                results.setdefault(self.wording.say(msgid), set()).add(column)
        return results

    def _nodes(self, label: str) -> frozenset[str]:
        """The nodes that a row is called by: several criteria may have one name."""
        code = _CODE.match(label)
        return frozenset([code[0].strip(" .")]) if code else self.data.nodes.get(label, frozenset())

    def _of_other_rows(self, table: Table) -> Iterator[Place]:
        """The numbers of the whole in the row of a criterion, and of a criterion in that of the whole, where a column
        is told criterion by criterion; and those of another case than the rest of their row."""
        named = [self._nodes(_label(row)) for row in table.rows]
        for key in dict.fromkeys(key for row in table.rows for key in row):
            numbers = {n: cell for n, row in enumerate(table.rows) if isinstance(cell := row.get(key), Number)}
            nodes = {n: {ref.node for ref in number.refs} for n, number in numbers.items() if number.refs}
            if not any(named[n] and own <= named[n] for n, own in nodes.items()):
                continue
            for n, own in nodes.items():
                elsewhere = own != {""} and any(other and own <= other for other in named)
                if own == {""} if named[n] else elsewhere:
                    yield n, key
        for n, row in enumerate(table.rows):
            cases = {
                key: case[1]
                for key, cell in row.items()
                if isinstance(cell, Number) and cell.refs and (case := _CASE.match(cell.refs[0].column))
            }
            most = Counter(cases.values()).most_common(1)
            yield from ((n, key) for key, case in cases.items() if case != most[0][0])

    def _denies(self, label: str, number: Number) -> bool:
        """Whether a row that is called so holds no such number."""
        refs, named = number.refs, self._nodes(label)
        nodes = {ref.node for ref in refs}
        if named and "*" not in nodes and nodes != {""} and not any(_below(a, b) for a in nodes for b in named):
            return True
        home = {ref.unit for ref in refs if ref.unit.startswith(("region:", "group:"))}
        if home and not home & self._homes.get(label, home):
            return True
        if number.made not in ("statistic", "printed", "count"):
            return False
        column = refs[0].column
        if column.startswith("band:"):
            return not re.match(rf"{re.escape(column.removeprefix('band:'))}\b", label)
        if bounds := re.fullmatch(r"n_(?:ge_|lt_)?([\d.]+)(?:_([\d.]+))?", column):
            sentence = label.replace(",", ".")
            lacking = any(bound and bound not in sentence for bound in bounds.groups())
            return label in self._columns or (lacking and re.search(r"\d", sentence) is not None)
        return column not in self._columns.get(label, {column})

    # --- heads and cells of text

    @cached_property
    def _codes(self) -> frozenset[str]:
        return frozenset(code for codes in self.data.nodes.values() for code in codes if code)

    def _misheaded(self, table: Table) -> bool:
        """Whether two columns below a common head are called alike, or a number is not of the code or the case that its
        column is called by."""
        heads = [(column.group, column.title, column.unit) for column in table.columns if column.group]
        keys = {column.key for column in table.columns}
        strange = len(set(heads)) < len(heads)
        for key, number in (cell for row in table.rows for cell in row.items()):
            if isinstance(number, Number) and number.refs:
                nodes, kind = {ref.node for ref in number.refs}, number.refs[0].column.rpartition("_")[2]
                of_code = key in self._codes and nodes <= self._codes | {""} and key not in nodes
                of_case = kind != key and kind in keys and number.refs[0].column.startswith("case_")
                strange |= of_code or of_case
        return strange

    def _strange(self, table: Table, row: Row) -> bool:
        """Whether a cell of text is not of its row."""
        texts = [cell for cell in row.values() if isinstance(cell, str) and cell]
        held = [cell for cell in row.values() if isinstance(cell, Number) and cell.refs]
        match table.name:
            case "sources":
                return self._source(row)
            case "conflicts":
                return not any(self._tells(row, record) for record in self._conflicts)
            case "grounds":
                return self._ground(texts)
            case "statistics":
                return self._otherwise_known(texts, held)
        label = re.match(r"(\d+(?:\.\d+)*)\. (.*)", texts[0]) if texts else None  # a criterion has more than the whole
        of_whole = label is not None and {ref.node for number in held for ref in number.refs} == {""}
        return of_whole or self._code(row, texts, held)

    def _otherwise_known(self, texts: Sequence[str], held: Iterable[Number]) -> bool:
        """Whether a statistic is told as published, as counted or as derived, and is another of the three."""
        told = {kind for kind, msgid in _KNOWN.items() for text in texts if text.startswith(self.wording.say(msgid))}
        own = {number.made if number.made == "printed" else number.refs[0].unit for number in held}
        return bool(told) and not own <= told

    def _code(self, row: Row, texts: Sequence[str], held: Iterable[Number]) -> bool:
        """Whether the code of a row is not that of the name or the numbers beside it."""
        code = row.get("code")
        if code not in self._codes:
            return False
        named = next((self.data.nodes[text] for text in texts if text in self.data.nodes), frozenset((code,)))
        of = [{ref.node for ref in number.refs} for number in held]
        return code not in named or any(len(one) == 1 and one <= self._codes and code not in one for one in of)

    def _source(self, row: Row) -> bool:
        """Whether a page is not told as the list of sources has it, or as used for a year that the data have not."""
        if "page" not in row:  # of a report from before a page was one cell
            return False
        title, *about, url = source_cells(str(row.get("source_id", "")), self.wording.language)
        lead, page = f"{title} ({', '.join(filter(None, about))})" if any(about) else title, str(row.get("page", ""))
        if not page.startswith(lead) or not page.endswith(url):
            return True
        years = set(map(int, _YEAR.findall(page[len(lead) : len(page) - len(url)])))
        return bool(years - {int(key[1]) for key in (*self.data.sheets, *self.data.cells)})

    def _ground(self, texts: Sequence[str]) -> bool:
        """Whether the decision of a year stands elsewhere than beside its head, or another one does."""
        if len(texts) < 2 or self.data.decision is None:
            return False
        sentence = self.data.decision or self.wording.say("not known")
        return (texts[0] in {self.wording.say(head) for head in ("Set of criteria", "Method")}) != (
            texts[1] == sentence
        )

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
        names, named_in = self.data.names.names.get(record["unit"]), self.data.names.named_in
        alike = all(
            re.findall(r"\d+", text) == re.findall(r"\d+", record[key]) and named_in(text) == named_in(record[key])
            for key, text in ((key, str(row.get(key, ""))) for key in ("kept", "other"))
        )
        return alike and (not names or any(name in str(row.get("what", "")) for name in names))


def _label(row: Row) -> str:
    """What a row begins with."""
    return next((cell for cell in row.values() if isinstance(cell, str)), "")


def _below(node: str, above: str) -> bool:
    return node == above or node.startswith(f"{above}.")


def _named_beside(row: Row, key: str) -> bool:
    """Whether the cell before a number names its unit: so do the columns of the highest and of the lowest unit."""
    number, keys = row[key], ["", *row]
    before = row.get(keys[keys.index(key) - 1])
    own = {ref.unit for ref in number.refs} if isinstance(number, Number) else set()
    return isinstance(before, str) and fold(before).replace(" ", "-") in own


def _where(table: Table, row: int, key: str) -> str:
    number = table.rows[row][key]
    label = _label(table.rows[row]) or str(row + 1)
    title = next((column.title for column in table.columns if column.key == key), key)
    shown = number.text if isinstance(number, Number) else number
    return f"{table.name or table.caption}: {label}, {title}: {shown}"


# --- the wrong row or column ----------------------------------------------------------------------


def misplaced(table: Table) -> Iterator[Place]:
    """The numbers that stand in the wrong row or column of a table."""
    traits = {
        (row, key): _traits(cell)
        for row, cells in enumerate(table.rows)
        for key, cell in cells.items()
        if isinstance(cell, Number) and cell.refs
    }
    for along in (0, 1):
        lines: dict[object, list[Place]] = {}
        for place in traits:
            lines.setdefault(place[along], []).append(place)
        common = {line: _common([traits[place] for place in places]) for line, places in lines.items()}
        kinds = {line: some for line, some in common.items() if any(some)}
        for line, some in kinds.items():
            others = {other for key, other in kinds.items() if key != line and other != some}
            for place in lines[line]:
                strange = [at for at, trait in enumerate(some) if trait and trait != traits[place][at]]
                if strange and any(_fits(traits[place], other, strange) for other in others):
                    yield place


def _traits(number: Number) -> Traits:
    ref = number.refs[0]
    years = "-".join(str(one.year) for one in number.refs[:2])
    return number.made, ref.column, ref.index_name, years, f"node {ref.node}", ref.unit


def _common(traits: Sequence[Traits]) -> Traits:
    """What a row or column has in common; "" for a trait that differs."""
    if len(traits) < _LEAST:
        return ()
    most = (Counter(of_all).most_common(1)[0] for of_all in zip(*traits, strict=True))
    return tuple(trait if n >= _COMMON * len(traits) else "" for trait, n in most)


def _fits(traits: Traits, other: Traits, strange: Sequence[int]) -> bool:
    """Whether a number has all that another row or column has in common, and there just what it lacks here."""
    return all(not trait or trait == own for trait, own in zip(other, traits, strict=True)) and all(
        other[at] for at in strange
    )
