"""A number in the wrong place of a table: one whose cells are those of another row or of another column.

Nothing here knows what a table is on. The numbers of a column have something in common (how they are made, their
column, criterion, year, index), and so have those of a row (their unit, their criterion). A number that has not what
its row or column has in common, and has all that another one has, stands where it does not belong.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from parlib import data_tables
from parlib.analysis.checks import Finding
from parlib.report.blocks import Number, Table
from parlib.report.wording import Wording
from parlib.scoring import units
from parlib.words import Message, fold

Traits = tuple[str, ...]  # of a number: how it is made, and the column, index, year, criterion, unit of its cells
Place = tuple[int, str]  # row and key of the column
_COMMON = 0.6  # the share of a row or column that has a trait in common
_CODE = re.compile(r"^[\d.]+\.? ")  # before the name of a criterion
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
    "assessed": ("Assessed",),
    "listed": ("Assessed and ranked",),
    "not_ranked": ("Assessed, not ranked",),
    "known": ("Ranked, value known",),
    "rank_only": ("Ranked, only the rank known",),
    "bounds_only": ("Ranked, only bounds known",),
    "nothing": ("Ranked, nothing known",),
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
_LEAST = 3  # numbers of a row or column: of fewer nothing is said


@dataclass(frozen=True)
class Labels:
    """What rows are called: the criteria, regions and statistics of a document by the words that a row begins with."""

    nodes: Mapping[str, str]
    homes: Mapping[str, frozenset[str]]  # regions and groups, as units of cells
    columns: Mapping[str, frozenset[str]]  # statistics and counts, as columns of cells

    @classmethod
    def of(cls, wording: Wording, nodes: Mapping[str, str]) -> Labels:
        """The labels in one language; ``nodes``: the criteria by name."""
        homes: dict[str, set[str]] = {}
        for region in (region for system in data_tables.systems() for region in units.regions(system)):
            for name in (region.name_vi, region.name_en):
                homes.setdefault(name, set()).add(f"region:{region.slug}")
        for group, msgid in _GROUPS.items():
            homes.setdefault(wording.say(msgid), set()).add(f"group:{group}")
        columns: dict[str, set[str]] = {}
        for column, msgids in _STATISTICS.items():
            for msgid in msgids:
                columns.setdefault(wording.say(msgid), set()).add(column)
        return cls(nodes, *({name: frozenset(some) for name, some in of.items()} for of in (homes, columns)))

    def denies(self, label: str, number: Number) -> bool:
        """Whether a row that is called so holds no such number."""
        refs, code = number.refs, _CODE.match(label)
        node = code[0].strip(" .") if code else self.nodes.get(label)  # several criteria may have one name
        nodes = {ref.node for ref in refs}
        if node and "*" not in nodes and nodes != {""} and not any(_below(one, node) for one in nodes):
            return True
        home = {ref.unit for ref in refs if ref.unit.startswith(("region:", "group:"))}
        if home and not home & self.homes.get(label, home):
            return True
        if number.made not in ("statistic", "printed", "count"):
            return False
        column = refs[0].column
        if column.startswith("band:"):
            return not re.match(rf"{re.escape(column.removeprefix('band:'))}\b", label)
        if bounds := re.fullmatch(r"n_(?:ge_|lt_)?([\d.]+)(?:_([\d.]+))?", column):
            told = label.replace(",", ".")
            return label in self.columns or any(
                re.search(r"\d", told) and bound and bound not in told for bound in bounds.groups()
            )
        return column in _STATISTICS and column not in self.columns.get(label, {column})


def inspect(table: Table, labels: Labels) -> Iterator[Finding]:
    """What stands in the wrong place in a table."""
    for row, key in misplaced(table):
        if _named_beside(table.rows[row], key):
            continue
        yield _finding(
            table, row, key, Message("a number stands in the wrong row or column: it is that of another one")
        )
    for row, cells in enumerate(table.rows):
        label = next((cell for cell in cells.values() if isinstance(cell, str)), "")
        for key, cell in cells.items():
            if isinstance(cell, Number) and cell.refs and labels.denies(label, cell):
                yield _finding(
                    table, row, key, Message("a number is of what its row begins with: criterion, region, group, count")
                )


def _named_beside(row: Mapping[str, str | Number], key: str) -> bool:
    """Whether the cell before a number names its unit: so do the columns of the highest and of the lowest unit."""
    number, keys = row[key], ["", *row]
    before = row.get(keys[keys.index(key) - 1])
    own = {ref.unit for ref in number.refs} if isinstance(number, Number) else set()
    return isinstance(before, str) and fold(before).replace(" ", "-") in own


def _below(node: str, above: str) -> bool:
    return node == above or node.startswith(f"{above}.")


def _finding(table: Table, row: int, key: str, said: Message) -> Finding:
    number = table.rows[row][key]
    assert isinstance(number, Number)
    label = next((cell for cell in table.rows[row].values() if isinstance(cell, str)), str(row + 1))
    title = next((column.title for column in table.columns if column.key == key), key)
    where = f"{table.name or table.caption}: {label}, {title}: {number.text}"
    return Finding("row_names", False, where, (), said)


def misplaced(table: Table) -> Iterator[Place]:
    """The numbers that stand in the wrong row or column of a table."""
    traits = {
        (row, key): _traits(cell)
        for row, cells in enumerate(table.rows)
        for key, cell in cells.items()
        if isinstance(cell, Number) and cell.refs
    }
    for along in ("row", "column"):
        lines: dict[object, list[Place]] = {}
        for place in traits:
            lines.setdefault(place[0 if along == "row" else 1], []).append(place)
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
    found = []
    for of_all in zip(*traits, strict=True):
        trait, n = Counter(of_all).most_common(1)[0]
        found.append(trait if n >= _COMMON * len(traits) else "")
    return tuple(found)


def _fits(traits: Traits, other: Traits, strange: Sequence[int]) -> bool:
    """Whether a number has all that another row or column has in common, and there just what it lacks here."""
    return all(not trait or trait == own for trait, own in zip(other, traits, strict=True)) and all(
        other[at] for at in strange
    )
