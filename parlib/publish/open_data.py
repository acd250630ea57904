"""The open data of a report: one zip of CSV files with their descriptor, licence, read-me and checksums.

    README.md            what it is, its marks, source and licence
    datapackage.json     every file and column, as a Data Package (version 2 of the standard)
    NOTICE.txt           whose the data are
    CHECKSUMS.sha256     for ``sha256sum -c``
    data/<name>.csv      the data sets behind the report, whole
    tables/<name>.csv    every table, one column a column; keys of units and nodes beside their names
    figures/<name>.csv   the numbers that every figure draws
    tables/numbers.csv   every number of every table: as printed, its value, how it was made, the cells it came from

CSV is UTF-8 with comma and decimal dot; an empty cell is not known. Where the report is simulated or illustrative, file
names begin with that word, and the column ``marks`` says so in every row. The same report gives the same bytes.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from parlib import data_tables, places
from parlib.publish import document as documents
from parlib.report.blocks import Column, Dataset, Figure, Number, Table
from parlib.report.columns import words_of_columns, words_of_ways
from parlib.sources.excel import safe_text
from parlib.words import Message, fold, texts

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from parlib.publish.formats import Shown


# --- data files -----------------------------------------------------------------------------------
# Blocks as CSV files with their columns described: what the open data are made of.

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
        "Cells it came from: index/year/level/unit/node/column/stage, separated by ; (unit *: all ranked units)"
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
        results = {"name": self.name, "type": self.type, "title": self.title, "description": self.description}
        return {key: value for key, value in results.items() if value}


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
        results = {
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
        return {key: value for key, value in results.items() if value}


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
    taken: set[str] = set()
    return [documents.unique(name, taken, "_") for name in names]


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
    units = [_unit_of(row) for row in table.rows]
    if any(units):
        yield Field("unit_key", "string", words["unit_key"]), units
    nodes = [_only(ref.node for ref in documents.refs_of(row)) for row in table.rows]
    if len(set(nodes)) > 1 and not any(units):
        yield Field("node_key", "string", words["node_key"]), nodes
    if "total" in table.row_styles:
        styles = [*table.row_styles, *[""] * (len(table.rows) - len(table.row_styles))]
        yield Field("row_type", "string", words["row_type"]), ["total" if s == "total" else "row" for s in styles]


def _unit_of(row: Mapping[str, str | Number]) -> str:
    """The one unit that every number of units in a row is of; beside it a number may name another, such as the best."""
    named = [{ref.unit for ref in cell.refs} - {"", "*"} for cell in row.values() if isinstance(cell, Number)]
    return _only(set[str]().union(*named).intersection(*filter(None, named)))


def _only(values: Iterable[str]) -> str:
    results = set(values)
    return results.pop() if len(results) == 1 else ""


def _columns(
    table: Table, column: Column, name: str, words: dict[str, str], language: str
) -> list[tuple[Field, list[str]]]:
    cells = documents.column_cells(table, column)
    title = f"{column.group}: {column.title}" if column.group else column.title
    if not any(documents.value_of(cell) is not None for cell in cells) and column.format == "text":
        return [(Field(name, "string", title, column.unit), [safe_text(documents.text_of(cell)) for cell in cells])]
    kind = (
        "integer"
        if documents.is_whole(cells) and (column.decimals == 0 or column.format in ("integer", "rank"))
        else "number"
    )
    made = dict.fromkeys(cell.made for cell in cells if isinstance(cell, Number))
    sentence = "; ".join(
        [*([column.unit] if column.unit else []), *(words_of_ways(language).get(word, word) for word in made)]
    )
    results = [(Field(name, kind, title, sentence), [_number(cell) for cell in cells])]
    if any(documents.text_of(cell) for cell in cells):
        texts = [safe_text(documents.text_of(cell)) for cell in cells]
        results.append((Field(f"{name}_text", "string", words["text"].replace("{title}", title)), texts))
    if any(isinstance(cell, Number) and cell.mark for cell in cells):
        letters = [cell.mark if isinstance(cell, Number) else "" for cell in cells]
        results.append((Field(f"{name}_mark", "string", words["mark"].replace("{title}", title)), letters))
    return results


def _number(cell: documents.Cell) -> str:
    value = documents.value_of(cell)
    return "" if value is None else documents.plain_number(value)


def figure_file(document: documents.Document, figure: Figure, path: str, title: str, marks: Sequence[str]) -> DataFile:
    """The numbers that a figure draws."""
    titles = {**documents.column_titles(document), **words_of_columns(document.language)}
    columns = []
    data = documents.figure_columns(document, figure.data)
    for name, (key, values) in zip(_unique(map(key_name, data)), data.items(), strict=True):
        known = [value for value in values if value is not None]
        kind = "string"
        if known and all(isinstance(value, bool) for value in known):
            kind = "boolean"
        elif known and all(isinstance(value, int | float) and not isinstance(value, bool) for value in known):
            kind = "integer" if all(float(value).is_integer() for value in known) else "number"
        texts = [_plain(value, kind) for value in values]
        columns.append((Field(name, kind, titles.get(key, key)), texts))
    sentence = " ".join((figure.alternative, *figure.notes, figure.source)).strip()
    return _file(path, title, columns, marks, document.language, sentence)


def _plain(value: documents.Value, kind: str) -> str:
    if value is None:
        return ""
    if isinstance(value, int | float) and kind in ("integer", "number"):
        return documents.plain_number(float(value))
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


# --- archive --------------------------------------------------------------------------------------
# The executed notebook as it is kept beside a report: code and results, nothing of the machine or the hour.

_INJECTED = "injected-parameters"  # papermill's tag of the cell with the values


def strip_warnings(notebook: NotebookNode) -> list[str]:
    """Take out what cells wrote to stderr, for no reader of a report can do anything about it. Returns it, without the
    folders of this machine."""
    warnings = []
    for n, cell in enumerate(notebook.cells, 1):
        if cell.cell_type == "code":
            warnings += [
                f"cell {n}: {without_places(output.text.strip())}"
                for output in cell.outputs
                if output.get("name") == "stderr"
            ]
            cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
    return warnings


def without_places(text: str) -> str:
    """``text`` without the names of this machine's folders, in which people's names stand."""
    package, home = Path(__file__).resolve().parents[2], Path(os.path.expanduser("~"))  # noqa: PTH111 - there may be none
    for folder in (places.home().resolve(), package, Path(sys.prefix), Path(tempfile.gettempdir()), home):
        if len(folder.parts) > 1:
            text = text.replace(f"{folder}{'/' if '/' in str(folder) else chr(92)}", "").replace(str(folder), "…")
    return text


def strip_times(notebook: NotebookNode) -> list[float]:
    """Take out what differs from run to run: times, and the random name of papermill's cell. Returns the seconds that
    each cell took."""
    seconds = []
    whole = notebook.metadata.get("papermill", {})
    for key in ("start_time", "end_time", "duration"):
        whole.pop(key, None)
    for cell in notebook.cells:
        seconds.append(float(cell.metadata.pop("papermill", {}).get("duration") or 0.0))
        cell.metadata.pop("execution", None)
        if _INJECTED in cell.metadata.get("tags", ()):
            cell.id = _INJECTED
    return seconds


# --- packed ---------------------------------------------------------------------------------------
# Zip files that hold nothing of the day or the machine: equal contents give equal bytes.

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip can hold


def write_packed(path: Path | BytesIO, files: Mapping[str, bytes], packed_already: tuple[str, ...] = ()) -> None:
    """Write ``files`` (content by name) to ``path`` in their order; those with an ending of ``packed_already`` as they
    are."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_STORED if name.endswith(packed_already) else zipfile.ZIP_DEFLATED
            entry.create_system = 3  # the same bytes on every system
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)


PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_LED = re.compile(r"^(Nguồn|Source): *")  # what source lines begin with

_WORDS: Mapping[str, Message] = {
    "licence": Message("Terms of use of the data: see NOTICE.txt"),
    "what": Message(
        "Open data of the report “{title}”: every table, the data of every figure, and the data behind them."
    ),
    "files": Message("Files"),
    "reading": Message("How to read"),
    "format": Message(
        "CSV in UTF-8, separated by commas, with a decimal dot; numbers are unrounded, to nine decimals."
        " An empty cell: not known, which is not zero. For Excel, better take the report's xlsx."
    ),
    "text": Message("Text that begins with =, +, - or @ has an apostrophe before it, so that no spreadsheet runs it."),
    "numbers": Message("tables/{numbers} has every number of every table: as printed, value, how made, source cells."),
    "check": Message(
        "To check that all is whole: sha256sum -c CHECKSUMS.sha256. Columns for machines: datapackage.json."
    ),
    "marks": Message("WARNING: the column marks says so in every row, and so do the names of the files."),
    "source": Message("Source"),
    "terms": Message("Terms of use"),
    "notice": Message("The data are not parlib's. Terms and how to cite: NOTICE.txt."),
}


def write(shown: Shown, path: Path) -> None:
    """Write the open data of ``shown`` to ``path``, a zip."""
    document = shown.document
    files = data_files(document)
    contents = {file.path: file.text.encode("utf-8") for file in files}
    notice = _notice()
    if notice:
        contents["NOTICE.txt"] = notice.encode("utf-8")
    contents["README.md"] = _readme(document, files).encode("utf-8")
    descriptor = describe(document, files, shown.stem or shown.parameters.stem, has_notice=bool(notice))
    contents["datapackage.json"] = (json.dumps(descriptor, ensure_ascii=False, indent=2) + "\n").encode("utf-8")
    contents |= pictures_of(document)
    sums = "".join(f"{_sha256(content)}  {name}\n" for name, content in sorted(contents.items()))
    contents["CHECKSUMS.sha256"] = sums.encode("utf-8")
    write_packed(path, {name: contents[name] for name in sorted(contents, key=_order)})


def pictures_of(document: documents.Document) -> dict[str, bytes]:
    """The pictures of which nobody knows what they draw, by the names of their files; with caption, marks and notes,
    for each travels alone."""
    from parlib.report import pictures

    results = {}
    for item in document.items:
        block = item.block
        if isinstance(block, Figure) and block.is_picture:
            below = (*document.title.marks, *block.notes, block.source)
            picture = pictures.Picture(block.png_bytes, block.svg, block.width_mm, document.caption(item), below)
            results[f"figures/{item.anchor}.png"] = pictures.png(picture)
    return results


def data_files(document: documents.Document) -> list[DataFile]:
    """The CSV files of a document: its data sets, its tables, its figures, and every number of its tables."""
    marks = documents.loud_marks(document)
    prefix = [mark for mark in ("simulated", "illustrative") if mark in marks]
    given = {dataset.name for dataset in document.datasets}
    taken: set[str] = set()

    def path(folder: str, wanted: str) -> str:
        """The path of a file without its ending; the name begins with what the data are where they are not real."""
        return f"{folder}/{documents.unique('-'.join([*prefix, slug(wanted)]), taken)}"

    language = document.language
    files = [dataset_file(dataset, path("data", dataset.name), marks, language) for dataset in document.datasets]
    numbered = []
    for item in document.items:
        block = item.block
        if isinstance(block, Table) and block.rows and block.columns:
            wanted = block.name or f"table {item.number}"
            name = path("tables", f"table {wanted}" if wanted in given else wanted)
            files.append(table_file(block, name, document.caption(item), marks, language))
            numbered.append((files[-1].name, block))
        elif isinstance(block, Figure) and any(block.data.values()):
            wanted = f"figure {block.name or item.number}"
            files.append(figure_file(document, block, path("figures", wanted), document.caption(item), marks))
    if numbered:
        files.append(numbers_file(numbered, path("tables", "numbers"), language, marks))
    return files


def slug(text: str) -> str:
    """``text`` as a name of the descriptor: a-z, digits and dashes."""
    kept = "".join(letter if letter.isascii() and letter.isalnum() else " " for letter in fold(text))
    return "-".join(kept.split()) or "data"


def describe(
    document: documents.Document, files: Sequence[DataFile], stem: str, *, has_notice: bool = True
) -> dict[str, object]:
    """The descriptor of the package: what it is, whose, and every file with its columns."""
    title, words = document.title, texts(_WORDS, document.language)
    marks = documents.loud_marks(document)
    kind = "-".join(mark for mark in ("simulated", "illustrative") if mark in marks)
    results: dict[str, object] = {
        "$schema": PROFILE,
        "name": "-".join(part for part in (kind, slug(stem)) if part),
        "title": document.full_title,
        "description": "\n".join([*title.marks, title.subtitle, *title.lines]).strip(),
        "keywords": ["PAR INDEX", "Viet Nam", *(mark for mark in ("simulated", "illustrative") if mark in marks)],
        "sources": list(_sources(document)),
        "resources": [file.resource() for file in files],
    }
    if has_notice:
        results["licenses"] = [{"title": words["licence"], "path": "NOTICE.txt"}]
    return {key: value for key, value in results.items() if value}


def _sources(document: documents.Document) -> Iterator[dict[str, str]]:
    """The pages that the data were read from (the address ends the cell), or else the source lines of tables and
    figures."""
    pages = [item.block for item in document.items if isinstance(item.block, Table) and item.block.name == "sources"]
    rows = [row for table in pages for row in table.rows]
    for row in rows:
        page = str(row.get("page") or "")
        title, _, url = page.rpartition(" ")
        if page:
            link = url.startswith(("https://", "http://"))
            yield {"title": title, "path": url} if link else {"title": page}
    if not rows:
        lines = (item.block.source for item in document.items if isinstance(item.block, Table | Figure))
        yield from ({"title": _LED.sub("", line)} for line in dict.fromkeys(lines) if line)


def _readme(document: documents.Document, files: Sequence[DataFile]) -> str:
    words, title = texts(_WORDS, document.language), document.title
    lines = [f"# {title.text}", ""]
    if title.marks:
        lines += [line for mark in title.marks for line in (f"**{mark}**", "")] + [words["marks"], ""]
    lines += [words["what"].replace("{title}", title.text), "", *title.lines, ""]
    numbers = next((Path(file.path).name for file in files if file.path.endswith("numbers.csv")), "")
    reading = [words["format"], words["text"], words["numbers"].replace("{numbers}", numbers) if numbers else ""]
    lines += [f"## {words['reading']}", "", *(f"- {line}" for line in [*reading, words["check"]] if line), ""]
    lines += [f"## {words['files']}", "", *(f"- `{file.path}`: {file.title}" for file in files), ""]
    lines += [f"## {words['source']}", ""]
    lines += [
        f"- {source['title']}" + (f" <{source['path']}>" if "path" in source else "") for source in _sources(document)
    ]
    lines += ["", f"## {words['terms']}", "", words["notice"], ""]
    return "\n".join(lines)


def _notice() -> str:
    """Whose the data are: the notices of the workbook's data, one after another."""
    paths = (places.home() / "NOTICE", places.data() / "external" / "NOTICE.md")
    return "\n\n".join(data_tables.read(path).decode("utf-8").strip() for path in paths if path.is_file()) + "\n"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _order(name: str) -> tuple[bool, str]:
    """What tells about the data comes before the data."""
    return "/" in name, name
