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

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from parlib import contents, places
from parlib.publish import packed
from parlib.publish.cells import loud_marks
from parlib.publish.data_files import DataFile, dataset_file, figure_file, numbers_file, table_file
from parlib.publish.document import Document
from parlib.report.blocks import Figure, Table
from parlib.words import Message, fold, texts

if TYPE_CHECKING:
    from parlib.publish.formats import Shown

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
        "CSV in UTF-8, parted by commas, with a decimal dot; numbers are unrounded, to nine decimals."
        " An empty cell: not known, which is not nought. For Excel, better take the report's xlsx."
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
    sums = "".join(f"{_sha256(content)}  {name}\n" for name, content in sorted(contents.items()))
    contents["CHECKSUMS.sha256"] = sums.encode("utf-8")
    packed.write(path, {name: contents[name] for name in sorted(contents, key=_order)})


def data_files(document: Document) -> list[DataFile]:
    """The CSV files of a document: its data sets, its tables, its figures, and every number of its tables."""
    marks = loud_marks(document)
    prefix = "-".join(mark for mark in ("simulated", "illustrative") if mark in marks)
    given = {dataset.name for dataset in document.datasets}
    names = _Names(prefix)
    language = document.language
    files = [dataset_file(dataset, names.of("data", dataset.name), marks, language) for dataset in document.datasets]
    numbered = []
    for item in document.items:
        block = item.block
        if isinstance(block, Table) and block.rows and block.columns:
            wanted = block.name or f"table {item.number}"
            name = names.of("tables", wanted, f"table {wanted}" if wanted in given else "")
            files.append(table_file(block, name, document.caption(item), marks, language))
            numbered.append((files[-1].name, block))
        elif isinstance(block, Figure) and any(block.data.values()):
            wanted = f"figure {block.name or item.number}"
            files.append(figure_file(document, block, names.of("figures", wanted), document.caption(item), marks))
    if numbered:
        files.append(numbers_file(numbered, names.of("tables", "numbers"), language, marks))
    return files


class _Names:
    """Names of files: lower case without blanks, unique, beginning with what the data are where they are not real."""

    def __init__(self, prefix: str) -> None:
        self._prefix = f"{prefix}-" if prefix else ""
        self._taken: set[str] = set()

    def of(self, folder: str, wanted: str, instead: str = "") -> str:
        """The path of a file, without its ending."""
        name = self._prefix + slug(instead or wanted)
        n, free = 2, name
        while free in self._taken:
            free, n = f"{name}-{n}", n + 1
        self._taken.add(free)
        return f"{folder}/{free}"


def slug(text: str) -> str:
    """``text`` as a name of the descriptor: a-z, digits and dashes."""
    kept = "".join(letter if letter.isascii() and letter.isalnum() else " " for letter in fold(text))
    return "-".join(kept.split()) or "data"


def describe(document: Document, files: Sequence[DataFile], stem: str, *, has_notice: bool = True) -> dict[str, object]:
    """The descriptor of the package: what it is, whose, and every file with its columns."""
    title, words = document.title, texts(_WORDS, document.language)
    marks = loud_marks(document)
    kind = "-".join(mark for mark in ("simulated", "illustrative") if mark in marks)
    head = " – ".join([title.text, *title.marks])
    found: dict[str, object] = {
        "$schema": PROFILE,
        "name": "-".join(part for part in (kind, slug(stem)) if part),
        "title": head,
        "description": "\n".join([*title.marks, title.subtitle, *title.lines]).strip(),
        "keywords": ["PAR INDEX", "Viet Nam", *(mark for mark in ("simulated", "illustrative") if mark in marks)],
        "sources": list(_sources(document)),
        "resources": [file.resource() for file in files],
    }
    if has_notice:
        found["licenses"] = [{"title": words["licence"], "path": "NOTICE.txt"}]
    return {key: value for key, value in found.items() if value}


def _sources(document: Document) -> Iterator[dict[str, str]]:
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


def _readme(document: Document, files: Sequence[DataFile]) -> str:
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
    return "\n\n".join(contents.read(path).decode("utf-8").strip() for path in paths if path.is_file()) + "\n"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _order(name: str) -> tuple[bool, str]:
    """What tells about the data comes before the data."""
    return "/" in name, name
