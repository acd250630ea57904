"""Blocks -> files: what was written is read back, with readers of its own for every format, and set against the blocks.

The numbers and names of each file are those of the blocks, in their order; every block is there, and nothing with
digits that no block has, but numbers of pages and tables. Nothing is rendered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbformat import NotebookNode

from parlib.publish.verify.files.pieces import Finding
from parlib.report.blocks import MIME, Title
from parlib.words import Message

if TYPE_CHECKING:
    from parlib.publish.formats import Shown

__all__ = ["Finding", "inspect"]


def inspect(shown: Shown, files: Mapping[str, Path], names: Mapping[str, str] | None = None) -> list[Finding]:
    """Every difference between ``files`` (by format) and the blocks of the report ``shown``.

    ``names`` are what the files are called in findings, where they are drafts under other names.
    """
    found: list[Finding] = []
    for kind, path in files.items():
        name = (names or {}).get(kind, path.name)
        try:
            found += _inspect(kind, shown, path, name)
        except Exception as error:  # a file that cannot be read is a finding, whatever its reader says
            said = Message("cannot be read ({kind}: {error})", {"kind": type(error).__name__, "error": error})
            found.append(Finding(name, said=said))
    return found


def _inspect(kind: str, shown: Shown, path: Path, name: str) -> list[Finding]:
    # each brings its own heavy library
    from parlib.publish.formats import annex_path
    from parlib.publish.verify.files import data, excel, html, pdf, press, word

    match kind:
        case "html" | "pdf":
            read = html.inspect if kind == "html" else pdf.inspect
            titled = any(map(_has_title, _shown(shown.notebook)))
            return read(shown.document, path, name, titled=titled, foreign=list(foreign_texts(shown.notebook)))
        case "docx":
            return word.inspect(shown.document, path, name)
        case "xlsx":
            annex = annex_path(path, shown.document.language)
            beside = excel.inspect(shown.document, annex, annex.name) if annex.is_file() else []
            return [*excel.inspect(shown.document, path, name), *beside]
        case "press":
            return press.inspect(shown, path, name)
        case "data":
            return data.inspect(shown, path, name)
        case _:
            return []


def _shown(notebook: NotebookNode) -> Iterator[Mapping[str, Any]]:
    """The plain data of the blocks that cells showed."""
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if MIME in output.get("data", {}):
                yield output["data"][MIME]


def _has_title(block: Mapping[str, Any]) -> bool:
    """Whether a cell showed the head of the report; a page without one has a name for its window only."""
    return block["kind"] == Title.kind or any(map(_has_title, block.get("blocks", ())))


def foreign_texts(notebook: NotebookNode) -> Iterator[str]:
    """What a notebook shows beside blocks: its own prose, and what cells gave in other forms."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            yield cell.source
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if MIME not in data:
                yield from (data[form] for form in ("text/html", "text/plain") if form in data)
