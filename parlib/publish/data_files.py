"""Blocks as CSV files with their columns described: what the open data are made of."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from parlib.publish.cells import (
    Cell,
    Value,
    column_cells,
    column_titles,
    figure_columns,
    is_whole,
    plain_number,
    refs_of,
    text_of,
    value_of,
)
from parlib.publish.document import Document
from parlib.report.blocks import Column, Dataset, Figure, Number, Table
from parlib.report.columns import words_of_columns, words_of_ways
from parlib.sources.excel import safe_text
from parlib.words import Message, fold, texts

MARKS = "marks"
_TITLES: Mapping[str, Message] = {
    "unit_key": Message("Key of the unit"),
    "node_key": Message("Code of the area or criterion"),
    "row_type": Message("Kind of row: row or total"),
    "marks": Message("Not official: simulated data, illustrative set of criteria"),
    "text": Message("{title}: a range or text where it is no single number"),
    "mark": Message("{title}: note letter of the number"),
    "numbers": Message("Every number of every table"),
    "table": Message("Table (name of its file)"),
    "row": Message("Number of the row, from 1"),
    "column": Message("Column"),
    "value": Message("Unrounded value"),
    "printed": Message("As the report prints it"),
    "made": Message("How it is made"),
    "note": Message("Note letter"),
    "refs": Message(
        "Cells it came from: index/year/level/unit/node/column/stage, parted by ; (unit *: all ranked units)"
    ),
}


@dataclass(frozen=True)
class Field:
    """A column of a file: its name, type ("string", "integer", "number", "boolean"), title and more on it."""

    name: str
    type: str
    title: str
    description: str = ""

    def described(self) -> dict[str, str]:
        """The field as a descriptor has it."""
        found = {"name": self.name, "type": self.type, "title": self.title, "description": self.description}
        return {key: value for key, value in found.items() if value}


@dataclass(frozen=True)
class DataFile:
    """A CSV file: ``path`` in the package, ``title``, its columns and its text."""

    path: str
    title: str
    fields: tuple[Field, ...]
    text: str
    description: str = ""

    @property
    def name(self) -> str:
        """The name of the file in the descriptor."""
        return self.path.rpartition("/")[2].removesuffix(".csv")

    def resource(self) -> dict[str, object]:
        """The file as a descriptor has it."""
        content = self.text.encode("utf-8")
        found = {
            "name": self.name,
            "type": "table",
            "path": self.path,
            "title": self.title,
            "description": self.description,
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "dialect": {
                "delimiter": ",",
                "lineTerminator": "\n",
                "quoteChar": '"',
                "doubleQuote": True,
                "header": True,
            },
            "bytes": len(content),
            "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
            "schema": {"fields": [field.described() for field in self.fields], "missingValues": [""]},
        }
        return {key: value for key, value in found.items() if value}


def _file(path: str, title: str, columns: Sequence[tuple[Field, list[str]]], marks: Sequence[str], language: str,
          description: str = "") -> DataFile:  # fmt: skip
    """A file of columns of texts; with what the data rest on in every row."""
    columns = list(columns)
    if marks:
        n = len(columns[0][1])
        columns.append((Field(MARKS, "string", _TITLES[MARKS].text(language)), [";".join(marks)] * n))
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([field.name for field, _ in columns])
    writer.writerows(zip(*(values for _, values in columns), strict=True))
    return DataFile(f"{path}.csv", title, tuple(field for field, _ in columns), stream.getvalue(), description)


def key_name(key: str) -> str:
    """The key of a column as a name: a-z, digits and _; a code of a node begins with node_."""
    name = re.sub(r"[^a-z0-9]+", "_", fold(key)).strip("_") or "column"
    return f"node_{name}" if name[0].isdigit() else name


def _unique(names: Iterable[str]) -> list[str]:
    taken: list[str] = []
    for name in names:
        free, n = name, 2
        while free in taken:
            free, n = f"{name}_{n}", n + 1
        taken.append(free)
    return taken


def dataset_file(dataset: Dataset, path: str, marks: Sequence[str], language: str) -> DataFile:
    """A data set as it is; where it lacks the column ``marks`` and the report has some, with that column."""
    fields = tuple(Field(name, kind, meaning) for name, kind, meaning in dataset.columns)
    if not marks or any(field.name == MARKS for field in fields):
        return DataFile(f"{path}.csv", dataset.title, fields, dataset.text)
    head, *rows = list(csv.reader(io.StringIO(dataset.text)))
    columns = [(field, [row[at] for row in rows]) for at, field in enumerate(fields)]
    assert head == [field.name for field in fields]
    return _file(path, dataset.title, columns, marks, language)


def table_file(table: Table, path: str, title: str, marks: Sequence[str], language: str) -> DataFile:
    """A table, one column a column. Ranges and note letters of numbers stand in columns of their own."""
    words = texts(_TITLES, language)
    columns: list[tuple[Field, list[str]]] = list(_keys(table, words))
    names = _unique([*(field.name for field, _ in columns), *(key_name(column.key) for column in table.columns)])
    for name, column in zip(names[len(columns) :], table.columns, strict=True):
        columns += _columns(table, column, name, words, language)
    columns = [
        (Field(name, field.type, field.title, field.description), values)
        for name, (field, values) in zip(_unique(field.name for field, _ in columns), columns, strict=True)
    ]
    notes = [note for note in table.notes if not note.startswith("…")]
    return _file(path, title, columns, marks, language, " ".join((*notes, table.source)))


def _keys(table: Table, words: dict[str, str]) -> Iterable[tuple[Field, list[str]]]:
    """What rows are of, where their numbers tell: the unit, the node; and which rows are totals."""
    units = [_only(ref.unit for ref in refs_of(row) if ref.unit not in ("", "*")) for row in table.rows]
    if any(units):
        yield Field("unit_key", "string", words["unit_key"]), units
    nodes = [_only(ref.node for ref in refs_of(row)) for row in table.rows]
    if len(set(nodes)) > 1 and not any(units):
        yield Field("node_key", "string", words["node_key"]), nodes
    if "total" in table.row_styles:
        styles = [*table.row_styles, *[""] * (len(table.rows) - len(table.row_styles))]
        yield Field("row_type", "string", words["row_type"]), ["total" if s == "total" else "row" for s in styles]


def _only(values: Iterable[str]) -> str:
    found = set(values)
    return found.pop() if len(found) == 1 else ""


def _columns(
    table: Table, column: Column, name: str, words: dict[str, str], language: str
) -> list[tuple[Field, list[str]]]:
    cells = column_cells(table, column)
    title = f"{column.group}: {column.title}" if column.group else column.title
    if not any(value_of(cell) is not None for cell in cells) and column.format == "text":
        return [(Field(name, "string", title, column.unit), [safe_text(text_of(cell)) for cell in cells])]
    kind = "integer" if is_whole(cells) and (column.decimals == 0 or column.format in ("integer", "rank")) else "number"
    made = dict.fromkeys(cell.made for cell in cells if isinstance(cell, Number))
    told = "; ".join(
        [*([column.unit] if column.unit else []), *(words_of_ways(language).get(word, word) for word in made)]
    )
    found = [(Field(name, kind, title, told), [_number(cell) for cell in cells])]
    if any(text_of(cell) for cell in cells):
        texts = [safe_text(text_of(cell)) for cell in cells]
        found.append((Field(f"{name}_text", "string", words["text"].replace("{title}", title)), texts))
    if any(isinstance(cell, Number) and cell.mark for cell in cells):
        letters = [cell.mark if isinstance(cell, Number) else "" for cell in cells]
        found.append((Field(f"{name}_mark", "string", words["mark"].replace("{title}", title)), letters))
    return found


def _number(cell: Cell) -> str:
    value = value_of(cell)
    return "" if value is None else plain_number(value)


def figure_file(document: Document, figure: Figure, path: str, title: str, marks: Sequence[str]) -> DataFile:
    """The numbers that a figure draws."""
    titles = {**column_titles(document), **words_of_columns(document.language)}
    columns = []
    data = figure_columns(document, figure.data)
    for name, (key, values) in zip(_unique(map(key_name, data)), data.items(), strict=True):
        known = [value for value in values if value is not None]
        kind = "string"
        if known and all(isinstance(value, bool) for value in known):
            kind = "boolean"
        elif known and all(isinstance(value, int | float) and not isinstance(value, bool) for value in known):
            kind = "integer" if all(float(value).is_integer() for value in known) else "number"
        texts = [_plain(value, kind) for value in values]
        columns.append((Field(name, kind, titles.get(key, key)), texts))
    told = " ".join((figure.alternative, *figure.notes, figure.source)).strip()
    return _file(path, title, columns, marks, document.language, told)


def _plain(value: Value, kind: str) -> str:
    if value is None:
        return ""
    if isinstance(value, int | float) and kind in ("integer", "number"):
        return plain_number(float(value))
    return str(value).lower() if kind == "boolean" else safe_text(str(value))


def numbers_file(tables: Sequence[tuple[str, Table]], path: str, language: str, marks: Sequence[str]) -> DataFile:
    """Every number of ``tables`` (name of the file, table): as printed, its value, and the cells it came from."""
    words = texts(_TITLES, language)
    kinds = [("table", "string"), ("row", "integer"), ("column", "string"), ("value", "number"), ("printed", "string")]
    kinds += [("made", "string"), ("note", "string"), ("refs", "string")]
    rows = [
        (name, str(n), key_name(column.key), _number(cell), cell.text, cell.made, cell.mark, _refs(cell))
        for name, table in tables
        for n, row in enumerate(table.rows, 1)
        for column in table.columns
        if isinstance(cell := row.get(column.key), Number)
    ]
    values = list(zip(*rows, strict=True)) if rows else [()] * len(kinds)
    columns = [
        (Field(name, kind, words[name]), [str(value) for value in column])
        for (name, kind), column in zip(kinds, values, strict=True)
    ]
    return _file(path, words["numbers"], columns, marks, language)


def _refs(number: Number) -> str:
    return ";".join(
        "/".join((ref.index_name, str(ref.year), ref.level, ref.unit, ref.node, ref.column, ref.stage))
        for ref in number.refs
    )
