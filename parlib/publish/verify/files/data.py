"""The open data of a report read back: every CSV against the data set, table or figure that it was made from.

The descriptor, the check sums and the read-me are held against the files beside them.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from parlib import places
from parlib.publish.document import Document, Item, loud_marks, plain_value
from parlib.publish.open_data import MARKS, key_name, pictures_of
from parlib.publish.verify.files.pieces import Finding, Piece, Place, compare, finding, plain, spelled
from parlib.publish.verify.reading import PLAIN
from parlib.report.blocks import UNKNOWN, Column, Dataset, Figure, Number, Table
from parlib.sources.excel import plain_text
from parlib.words import Message

if TYPE_CHECKING:
    from parlib.publish.formats import Shown

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
Kept = Dataset | Table | Figure  # what the archive has a file of


class Field(TypedDict, total=False):
    """A column of a file in the descriptor."""

    name: str
    description: str


class Resource(TypedDict, total=False):
    """A file in the descriptor."""

    path: str
    title: str
    description: str
    hash: str
    bytes: int
    schema: Mapping[str, list[Field]]


class Descriptor(TypedDict, total=False):
    """The descriptor, as far as it is looked at."""

    title: str
    description: str
    resources: list[Resource]


@dataclass(frozen=True)
class Csv:
    """A CSV of the archive: its path, its heads and its rows."""

    path: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, path: str, text: str) -> Csv:
        """The table of a CSV text."""
        rows = [tuple(row) for row in csv.reader(io.StringIO(text))]
        return cls(path, rows[0] if rows else (), tuple(rows[1:]))

    def columns(self, read: bool = True) -> dict[str, list[str]]:
        """The cells of each column by its head, numbers in one spelling where they are ``read``."""
        return {head: [_read(row[n]) if read else row[n] for row in self.rows] for n, head in enumerate(self.heads)}

    def begins_with(self, other: Csv) -> bool:
        """Whether the file is a data set as it is, but for the column of marks behind it."""
        width = len(other.heads)
        return self.heads[:width] == other.heads and tuple(row[:width] for row in self.rows) == other.rows


def inspect(shown: Shown, path: Path, name: str) -> list[Finding]:
    """The differences between the open data ``path`` and the blocks of its report."""
    document = shown.document
    with zipfile.ZipFile(path) as archive:
        contents = {entry: archive.read(entry) for entry in archive.namelist()}
    descriptor: Descriptor = json.loads(contents.get("datapackage.json", b"{}"))
    resources = list(descriptor.get("resources", ()))
    files = [Csv.of(one["path"], contents.get(one["path"], b"").decode("utf-8")) for one in resources]
    findings, expected = list(_whole(document, contents, descriptor, name)), list(_expected(document))
    marks, tables = ";".join(loud_marks(document)), []
    for (block, item), resource, file in zip(expected, resources, files, strict=False):
        findings += _one(document, block, item, file, resource, name)
        if isinstance(block, Table) and item is not None:
            tables.append((file, item, block))
    for _, item in expected[len(resources) :]:
        findings.append(finding(name, _place(item), document.caption(item) if item else "", ""))
    for n, file in enumerate(files):
        if n >= len(expected) or not isinstance(expected[n][0], Dataset):
            wanted = [marks] * len(file.rows) if marks else []
            if file.columns(read=False).get(MARKS, []) != wanted:
                findings.append(finding(name, Place("file", section=file.path), marks or "(–)", MARKS))
    findings += _numbers(tables, files[len(expected) :], name)
    findings += _about(document, descriptor, contents, name)
    return findings


def _expected(document: Document) -> Iterator[tuple[Kept, Item | None]]:
    """What the archive has a file of, in order: data sets, then tables and figures that hold data."""
    yield from ((dataset, None) for dataset in document.datasets)
    for item in document.items:
        block = item.block
        filled = isinstance(block, Table) and block.rows and block.columns
        if isinstance(block, Table | Figure) and (filled or any(getattr(block, "data", {}).values())):
            yield block, item


def _place(item: Item | None, n: int = 0, columns: tuple[str, ...] = ()) -> Place:
    kind, number = ("file", 0) if item is None else (item.block.kind, item.number)
    return Place(kind, number, "row" if n else "", n, columns=columns)


# --- one file -------------------------------------------------------------------------------------


def _one(
    document: Document, block: Kept, item: Item | None, file: Csv, resource: Resource, name: str
) -> Iterator[Finding]:
    where = f"{name}/{file.path}"
    title, wanted = resource.get("title", ""), document.caption(item) if item else getattr(block, "title", "")
    if plain(title) != plain(wanted):
        yield finding(where, _place(item), wanted, title)
    fields = resource.get("schema", {}).get("fields", [])
    heads = tuple(one["name"] for one in fields)
    if heads != file.heads or len(set(heads)) < len(heads):
        yield finding(where, _place(item), ", ".join(heads), ", ".join(file.heads))
        return
    if isinstance(block, Table):
        units = sorted(column.unit for column in block.columns if column.unit)
        names = sorted(unit for one in fields if (unit := one.get("description", "").partition(";")[0]) in units)
        if units != names:  # what the numbers of each field are counted in
            yield finding(f"{name}/datapackage.json", _place(item), ", ".join(units), ", ".join(names) or "(–)")
    if isinstance(block, Dataset):
        given = Csv.of(block.name, block.text)
        if file.begins_with(given):
            return  # the usual case, letter by letter
        columns = given.columns()
    else:
        columns = dict(_table(block)) if isinstance(block, Table) else _figure(block)
    results = {head: cells for head, cells in file.columns().items() if head != MARKS or head in columns}
    missing, strange = (
        [head for head in one if head not in other] for one, other in ((columns, results), (results, columns))
    )
    if missing or strange:
        yield finding(where, _place(item), ", ".join(missing) or "(–)", ", ".join(strange) or "(–)")
        return
    heads = tuple(results)
    expected = [Piece("row", row, place=_place(item, n, heads))
                for n, row in enumerate(zip_longest(*(columns[head] for head in heads), fillvalue=""), 1)]  # fmt: skip
    yield from compare(expected, [Piece("row", row) for row in zip(*results.values(), strict=True)], where)


def _read(text: str) -> str:
    """A cell of a file as text, without what keeps it from being a formula."""
    return _spelled(plain_text(text))


def _spelled(text: str) -> str:
    """A cell of a file, numbers in one spelling."""
    return repr(float(text)) if PLAIN.fullmatch(text) else plain(text)


def _named(wanted: str, taken: Iterable[str]) -> str:
    """A name, with a number where it is taken."""
    free, n = wanted, 2
    while free in taken:
        free, n = f"{wanted}_{n}", n + 1
    return free


def _units_throughout(row: Mapping[str, str | Number]) -> Iterator[str]:
    """The units that no number of a row which names any leaves out."""
    cells = [[ref.unit for ref in cell.refs if ref.unit not in ("", "*")] for cell in row.values()
             if isinstance(cell, Number)]  # fmt: skip
    for unit in {unit for cell in cells for unit in cell}:
        if all(unit in cell for cell in cells if cell):
            yield unit


def _table(table: Table) -> dict[str, list[str]]:
    """The columns of a table by the names that they must have in its file."""
    refs = [[ref for cell in row.values() if isinstance(cell, Number) for ref in cell.refs] for row in table.rows]
    of_units = [_only(_units_throughout(row)) for row in table.rows]
    of_nodes = [_only(ref.node for ref in own) for own in refs]
    results: dict[str, list[str]] = {}
    if any(of_units):
        results["unit_key"] = list(map(_spelled, of_units))
    elif len(set(of_nodes)) > 1:
        results["node_key"] = list(map(_spelled, of_nodes))
    if "total" in table.row_styles:
        styles = [*table.row_styles, *[""] * (len(table.rows) - len(table.row_styles))]
        results["row_type"] = ["total" if style == "total" else "row" for style in styles]
    names: list[str] = []
    for column in table.columns:
        names.append(_named(key_name(column.key), (*results, *names)))
    for name, column in zip(names, table.columns, strict=True):
        for ending, cells in _cells(table, column):
            results[_named(f"{name}{ending}", results)] = cells
    return results


def _cells(table: Table, column: Column) -> Iterator[tuple[str, list[str]]]:
    cells = [row.get(column.key) for row in table.rows]
    values = [spelled(cell.value) if isinstance(cell, Number) else "" for cell in cells]
    texts = [_word(cell) for cell in cells]
    marks = [cell.mark if isinstance(cell, Number) else "" for cell in cells]
    if not any(values) and column.format == "text":
        yield "", texts
        return
    yield "", values
    yield from ((ending, some) for ending, some in (("_text", texts), ("_mark", marks)) if any(some))


def _word(cell: str | Number | None) -> str:
    text = (cell.text if cell.value is None else "") if isinstance(cell, Number) else cell or ""
    return "" if text == UNKNOWN else _spelled(text)


def _only(values: Iterable[str]) -> str:
    results = set(values)
    return results.pop() if len(results) == 1 else ""


def _figure(figure: Figure) -> dict[str, list[str]]:
    longest = max(map(len, figure.data.values()))
    results: dict[str, list[str]] = {}
    for key, values in figure.data.items():
        given = [*map(_drawn, values), *[""] * (longest - len(values))]
        results[_named(key_name(key), results)] = given
    return results


def _drawn(value: object) -> str:
    kept: object = plain_value(value)
    if isinstance(kept, str):
        return _spelled(kept)
    return str(kept).lower() if isinstance(kept, bool) else spelled(kept)


def _numbers(tables: Sequence[tuple[Csv, Item, Table]], rest: Sequence[Csv], name: str) -> Iterator[Finding]:
    """The list of every number of every table."""
    expected = []
    for file, item, table in tables:
        of = file.path.rpartition("/")[2].removesuffix(".csv")
        for n, row in enumerate(table.rows, 1):
            for column in table.columns:
                if isinstance(cell := row.get(column.key), Number):
                    refs = ";".join("/".join((r.index_name, str(r.year), r.level, r.unit, r.node, r.column, r.stage))
                                    for r in cell.refs)  # fmt: skip
                    texts = (of, _spelled(str(n)), key_name(column.key), spelled(cell.value), plain(cell.text),
                             cell.made, cell.mark, refs)  # fmt: skip
                    expected.append(Piece("row", texts, place=_place(item, n, (column.title,) * 8)))
    if len(rest) > 1 or (expected and not rest):
        yield finding(name, Place("file", section="numbers.csv"), "1", str(len(rest)))
        return
    for file in rest:
        results = [(row[0], _read(row[1]), row[2], _read(row[3]), plain(row[4]), *row[5:8]) for row in file.rows]
        yield from compare(expected, [Piece("row", row) for row in results], f"{name}/{file.path}")


# --- the archive as a whole -----------------------------------------------------------------------


def _whole(document: Document, contents: Mapping[str, bytes], descriptor: Descriptor, name: str) -> Iterator[Finding]:
    """What the descriptor and the check sums say of each file is so; pictures without data are those of the report."""
    listing = contents.get("CHECKSUMS.sha256", b"").decode("utf-8")
    sums = {entry: given for given, _, entry in (line.partition("  ") for line in listing.splitlines())}
    own = {entry: hashlib.sha256(content).hexdigest() for entry, content in contents.items()}
    for entry in own:
        if entry != "CHECKSUMS.sha256" and sums.pop(entry, None) != own[entry]:
            yield Finding(f"{name}/{entry}", message=Message("differs from CHECKSUMS.sha256"))
    for entry in sums:
        yield finding(name, Place("file", section="CHECKSUMS.sha256"), entry, "")
    drawn = pictures_of(document)
    known = {"README.md", "NOTICE.txt", "datapackage.json", "CHECKSUMS.sha256", *drawn}
    for path in (path for path in drawn if contents.get(path) != drawn[path]):
        yield Finding(f"{name}/{path}", message=Message("another picture"))
    for resource in descriptor.get("resources", ()):
        path = resource["path"]
        known.add(path)
        if resource.get("hash") != f"sha256:{own.get(path)}" or resource["bytes"] != len(contents.get(path, b"")):
            yield Finding(f"{name}/{path}", message=Message("differs from datapackage.json"))
    for entry in contents:
        if entry not in known:
            yield finding(name, Place("file", section=entry), "", entry)


def _about(document: Document, descriptor: Descriptor, contents: Mapping[str, bytes], name: str) -> Iterator[Finding]:
    """Every number in the read-me and the descriptor's words is one of the report's own words or of the paths."""
    title = document.title
    if plain(descriptor.get("title", "")) != plain(document.full_title):
        yield finding(f"{name}/datapackage.json", Place("title"), document.full_title, descriptor.get("title", ""))
    known = " ".join((title.text, title.subtitle, *title.marks, *title.lines, *_texts(document), *contents))
    notice = (places.home() / "NOTICE").read_text("utf-8") if (places.home() / "NOTICE").is_file() else ""
    numbers = set(_NUMBER.findall(known)) | set(_NUMBER.findall(notice)) | {"8", "256", "2.0"}  # UTF-8, sha256sum
    readme = contents.get("README.md", b"").decode("utf-8").splitlines()
    sentences = [
        descriptor.get("description", ""),
        *(one.get("description", "") for one in descriptor.get("resources", ())),
    ]
    for file, lines in (("README.md", readme), ("datapackage.json", sentences)):
        for line in (line for line in lines if not (file == "README.md" and line.startswith("- `"))):
            for number in _NUMBER.findall(line):
                if number not in numbers:
                    yield finding(f"{name}/{file}", None, "", f"{number} ({line[:80]})")


def _texts(document: Document) -> Iterator[str]:
    """The words around the numbers of a report: captions, notes, sources, names."""
    for item in document.items:
        block = item.block
        if isinstance(block, Table):
            yield from (block.caption, *block.notes, block.source)
            yield from (cell for row in block.rows for cell in row.values() if isinstance(cell, str))
        elif isinstance(block, Figure):
            yield from (block.caption, block.alternative, *block.notes, block.source)
    yield from (dataset.title for dataset in document.datasets)
