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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parlib import places
from parlib.publish.cells import exact, loud_marks, plain_value
from parlib.publish.data_files import MARKS, key_name
from parlib.publish.document import Document, Item
from parlib.publish.verify.files.pieces import Finding, Piece, Place, compare, finding, plain
from parlib.report.blocks import Column, Dataset, Figure, Number, Table
from parlib.report.wording import UNKNOWN
from parlib.sources.excel import plain_text
from parlib.words import Message

if TYPE_CHECKING:
    from parlib.publish.formats import Shown

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True)
class Csv:
    """A CSV of the archive: its path, its heads and its rows."""

    path: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def as_given(self, dataset: Dataset) -> bool:
        """Whether the file is a data set as it is, but for the column of marks behind it."""
        head, *rows = [tuple(row) for row in csv.reader(io.StringIO(dataset.text))]
        width = len(head)
        return self.heads[:width] == head and [row[:width] for row in self.rows] == rows

    def column(self, head: str) -> list[str]:
        """The texts of a column; nothing where there is none."""
        return [row[self.heads.index(head)] for row in self.rows] if head in self.heads else []


def inspect(shown: Shown, path: Path, name: str) -> list[Finding]:
    """The differences between the open data ``path`` and the blocks of its report."""
    document = shown.document
    with zipfile.ZipFile(path) as archive:
        contents = {entry: archive.read(entry) for entry in archive.namelist()}
    descriptor = json.loads(contents.get("datapackage.json", b"{}"))
    resources = list(descriptor.get("resources", ()))
    files = {resource["path"]: _csv(resource["path"], contents.get(resource["path"], b"")) for resource in resources}
    findings = list(_whole(contents, descriptor, name))
    rest = dict(files)
    expected = list(_expected(document))
    for (block, item), resource in zip(expected, resources, strict=False):
        file = rest.pop(resource["path"])
        findings += _one(document, block, item, file, resource, name)
    for _, item in expected[len(resources) :]:
        findings.append(finding(name, _place(item), document.caption(item) if item else "", ""))
    marks = loud_marks(document)
    for file in files.values():
        wanted = [";".join(marks)] * len(file.rows) if marks and file.rows else []
        if not isinstance(block_of(expected, resources, file.path), Dataset) and file.column(MARKS) != wanted:
            findings.append(finding(name, Place("file", section=file.path), ";".join(marks) or "(–)", MARKS))
    tables = [(f, i) for (b, i), f in zip(expected, files.values(), strict=False) if i and isinstance(b, Table)]
    findings += _numbers(tables, list(rest.values()), name)
    findings += _about(document, descriptor, contents, name)
    return findings


def block_of(expected: Sequence[tuple[Any, Any]], resources: Sequence[Mapping[str, Any]], path: str) -> Any:
    """The data set, table or figure of a file; ``None`` for the list of all numbers."""
    at = next((n for n, resource in enumerate(resources) if resource["path"] == path), len(expected))
    return expected[at][0] if at < len(expected) else None


def _csv(path: str, content: bytes) -> Csv:
    rows = [tuple(row) for row in csv.reader(io.StringIO(content.decode("utf-8")))]
    return Csv(path, rows[0] if rows else (), tuple(rows[1:]))


def _expected(document: Document) -> Iterator[tuple[Any, Item | None]]:
    """What the archive has a file of, in order: data sets, then tables and figures that hold data."""
    yield from ((dataset, None) for dataset in document.datasets)
    for item in document.items:
        block = item.block
        is_table = isinstance(block, Table) and bool(block.rows and block.columns)
        if is_table or (isinstance(block, Figure) and any(block.data.values())):
            yield block, item


def _place(item: Item | None, n: int = 0, columns: tuple[str, ...] = ()) -> Place:
    if item is None:
        return Place("file", part="row" if n else "", n=n, columns=columns)
    return Place(item.block.kind, item.number, "row" if n else "", n, columns=columns)


# --- one file -------------------------------------------------------------------------------------


def _one(
    document: Document, block: Any, item: Item | None, file: Csv, resource: Mapping[str, Any], name: str
) -> Iterator[Finding]:
    where = f"{name}/{file.path}"
    wanted = block.title if isinstance(block, Dataset) else document.caption(item) if item else ""
    if plain(str(resource.get("title", ""))) != plain(wanted):
        yield finding(where, _place(item), wanted, str(resource.get("title", "")))
    heads = tuple(str(one["name"]) for one in resource.get("schema", {}).get("fields", ()))
    if heads != file.heads:
        yield finding(where, _place(item), ", ".join(heads), ", ".join(file.heads))
        return
    if isinstance(block, Table):
        units = sorted(column.unit for column in block.columns if column.unit)
        told = sorted(unit for unit in _units_told(resource) if unit in units)
        if units != told:
            yield finding(f"{name}/datapackage.json", _place(item), ", ".join(units), ", ".join(told) or "(–)")
    if isinstance(block, Dataset):
        if file.as_given(block):
            return  # the usual case, letter by letter
        columns = _dataset(block)
    elif isinstance(block, Table):
        columns = dict(_table(block))
    else:
        columns = _figure(block)
    own = [head for head in file.heads if head != MARKS or head in columns]
    missing = [head for head in columns if head not in own]
    strange = [head for head in own if head not in columns]
    if missing or strange:
        yield finding(where, _place(item), ", ".join(missing) or "(–)", ", ".join(strange) or "(–)")
        return
    places_of = tuple(own)
    n_rows = max(map(len, columns.values()), default=0)
    expected = [
        Piece("row", tuple(columns[head][n] for head in own), place=_place(item, n + 1, places_of))
        for n in range(n_rows)
    ]
    at = [file.heads.index(head) for head in own]
    found = [Piece("row", tuple(_read(row[n]) for n in at)) for row in file.rows]
    yield from compare(expected, found, where)


def _units_told(resource: Mapping[str, Any]) -> Iterator[str]:
    """What the descriptor says that the numbers of each field are counted in."""
    for field in resource.get("schema", {}).get("fields", ()):
        yield str(field.get("description", "")).partition(";")[0]


def _read(text: str) -> str:
    """A cell of a file, numbers in one spelling."""
    return _spelled(plain_text(text))


def _spelled(text: str) -> str:
    try:
        return repr(float(text)) if re.fullmatch(r"-?\d+(\.\d+)?", text) else plain(text)
    except ValueError:
        return plain(text)


def _dataset(dataset: Dataset) -> dict[str, list[str]]:
    head, *rows = list(csv.reader(io.StringIO(dataset.text)))
    return {name: [_read(row[n]) for row in rows] for n, name in enumerate(head)}


def _table(table: Table) -> Iterator[tuple[str, list[str]]]:
    """The columns of a table by the names that they must have in its file."""
    refs = [[ref for cell in row.values() if isinstance(cell, Number) for ref in cell.refs] for row in table.rows]
    of_units = [_only(ref.unit for ref in own if ref.unit not in ("", "*")) for own in refs]
    of_nodes = [_only(ref.node for ref in own) for own in refs]
    taken: list[str] = []

    def named(wanted: str) -> str:
        free, n = wanted, 2
        while free in taken:
            free, n = f"{wanted}_{n}", n + 1
        taken.append(free)
        return free

    if any(of_units):
        yield named("unit_key"), list(map(_spelled, of_units))
    elif len(set(of_nodes)) > 1:
        yield named("node_key"), list(map(_spelled, of_nodes))
    if "total" in table.row_styles:
        styles = [*table.row_styles, *[""] * (len(table.rows) - len(table.row_styles))]
        yield named("row_type"), ["total" if style == "total" else "row" for style in styles]
    names = [named(key_name(column.key)) for column in table.columns]
    taken[len(taken) - len(names) :] = []
    for name, column in zip(names, table.columns, strict=True):
        for ending, cells in _cells(table, column):
            yield named(f"{name}{ending}"), cells


def _cells(table: Table, column: Column) -> Iterator[tuple[str, list[str]]]:
    cells = [row.get(column.key) for row in table.rows]
    values = [repr(exact(c.value)) if isinstance(c, Number) and c.value is not None else "" for c in cells]
    texts = [_word(cell) for cell in cells]
    if not any(values) and column.format == "text":
        yield "", texts
        return
    yield "", values
    if any(texts):
        yield "_text", texts
    if any(isinstance(cell, Number) and cell.mark for cell in cells):
        yield "_mark", [cell.mark if isinstance(cell, Number) else "" for cell in cells]


def _word(cell: str | Number | None) -> str:
    text = (cell.text if cell.value is None else "") if isinstance(cell, Number) else cell or ""
    return "" if text == UNKNOWN else _spelled(text)


def _only(values: Iterator[str]) -> str:
    found = set(values)
    return found.pop() if len(found) == 1 else ""


def _figure(figure: Figure) -> dict[str, list[str]]:
    longest = max(len(values) for values in figure.data.values())
    found: dict[str, list[str]] = {}
    for key, values in figure.data.items():
        name, n = key_name(key), 2
        while name in found:
            name, n = f"{key_name(key)}_{n}", n + 1
        given = [plain_value(value) for value in values] + [None] * (longest - len(values))
        found[name] = [_drawn(value) for value in given]
    return found


def _drawn(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return repr(exact(value)) if isinstance(value, int | float) else _spelled(value)


def _numbers(tables: Sequence[tuple[Csv, Item]], rest: Sequence[Csv], name: str) -> Iterator[Finding]:
    """The list of every number of every table."""
    expected = []
    for file, item in tables:
        table = item.block
        assert isinstance(table, Table)
        of = file.path.rpartition("/")[2].removesuffix(".csv")
        for n, row in enumerate(table.rows, 1):
            for column in table.columns:
                if isinstance(cell := row.get(column.key), Number):
                    value = "" if cell.value is None else repr(exact(cell.value))
                    refs = ";".join(
                        "/".join((r.index_name, str(r.year), r.level, r.unit, r.node, r.column, r.stage))
                        for r in cell.refs
                    )
                    texts = (
                        of,
                        _spelled(str(n)),
                        key_name(column.key),
                        value,
                        plain(cell.text),
                        cell.made,
                        cell.mark,
                        refs,
                    )
                    expected.append(Piece("row", texts, place=_place(item, n, (column.title,) * 8)))
    if len(rest) > 1 or (expected and not rest):
        yield finding(name, Place("file", section="numbers.csv"), "1", str(len(rest)))
        return
    for file in rest:
        found = [
            Piece("row", (row[0], *map(_read, row[1:2]), row[2], _read(row[3]), plain(row[4]), *row[5:8]))
            for row in file.rows
        ]
        yield from compare(expected, found, f"{name}/{file.path}")


# --- the archive as a whole -----------------------------------------------------------------------


def _whole(contents: Mapping[str, bytes], descriptor: Mapping[str, Any], name: str) -> Iterator[Finding]:
    """What the descriptor and the check sums say of each file is so."""
    listing = contents.get("CHECKSUMS.sha256", b"").decode("utf-8")
    sums = {entry: given for given, _, entry in (line.partition("  ") for line in listing.splitlines())}
    for entry, content in contents.items():
        own = hashlib.sha256(content).hexdigest()
        if entry != "CHECKSUMS.sha256" and sums.pop(entry, None) != own:
            said = Message("differs from CHECKSUMS.sha256")
            yield Finding(f"{name}/{entry}", said=said)
    for entry in sums:
        yield finding(name, Place("file", section="CHECKSUMS.sha256"), entry, "")
    for resource in descriptor.get("resources", ()):
        content = contents.get(resource["path"], b"")
        if resource.get("hash") != f"sha256:{hashlib.sha256(content).hexdigest()}" or resource["bytes"] != len(content):
            said = Message("differs from datapackage.json")
            yield Finding(f"{name}/{resource['path']}", said=said)
    listed = {resource["path"] for resource in descriptor.get("resources", ())}
    known = {"README.md", "NOTICE.txt", "datapackage.json", "CHECKSUMS.sha256"}
    for entry in contents:
        if entry not in listed | known:
            yield finding(name, Place("file", section=entry), "", entry)


def _about(
    document: Document, descriptor: Mapping[str, Any], contents: Mapping[str, bytes], name: str
) -> Iterator[Finding]:
    """Every number in the read-me and the descriptor's words is one of the report's own words or of the paths."""
    title = document.title
    head = " – ".join((title.text, *title.marks))  # the marks travel with the title
    if plain(str(descriptor.get("title", ""))) != plain(head):
        yield finding(f"{name}/datapackage.json", Place("title"), head, str(descriptor.get("title", "")))
    known = " ".join((title.text, title.subtitle, *title.marks, *title.lines, *_said(document), *contents))
    notice = (places.home() / "NOTICE").read_text("utf-8") if (places.home() / "NOTICE").is_file() else ""
    numbers = set(_NUMBER.findall(known)) | set(_NUMBER.findall(notice)) | {"8", "256", "2.0"}  # UTF-8, sha256sum
    readme = contents.get("README.md", b"").decode("utf-8")
    lines = [line for line in readme.splitlines() if not line.startswith("- `")]
    for line in (*lines, *_descriptions(descriptor)):
        for number in _NUMBER.findall(line):
            if number not in numbers:
                where = f"{name}/README.md" if line in lines else f"{name}/datapackage.json"
                yield finding(where, None, "", f"{number} ({line[:80]})")


def _descriptions(descriptor: Mapping[str, Any]) -> Iterator[str]:
    yield str(descriptor.get("description", ""))
    for resource in descriptor.get("resources", ()):
        yield str(resource.get("description", ""))


def _said(document: Document) -> Iterator[str]:
    """The words around the numbers of a report: captions, notes, sources, names."""
    for item in document.items:
        block = item.block
        if isinstance(block, Table):
            yield from (block.caption, *block.notes, block.source)
            yield from (cell for row in block.rows for cell in row.values() if isinstance(cell, str))
        elif isinstance(block, Figure):
            yield from (block.caption, block.alternative, *block.notes, block.source)
    yield from (dataset.title for dataset in document.datasets)
