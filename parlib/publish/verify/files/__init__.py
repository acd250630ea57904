"""Blocks -> files: what was written is read back, with readers of its own for every format, and set against the blocks.

The numbers and names of each file are those of the blocks, in their order; every block is there, and nothing with
digits that no block has, but numbers of pages and tables. Nothing is rendered.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from parlib.publish.verify.files.pieces import Finding
from parlib.words import Message

if TYPE_CHECKING:
    from parlib.publish.formats import Shown

__all__ = ["Finding", "inspect"]

#: The modules whose ``inspect(shown, path, name)`` reads the formats that are not called as their module is.
_READERS = {"docx": "word", "xlsx": "excel"}


def inspect(shown: Shown, files: Mapping[str, Path], names: Mapping[str, str] | None = None) -> list[Finding]:
    """Every difference between ``files`` (by format) and the blocks of the report ``shown``.

    ``names`` are what the files are called in findings, where they are drafts under other names.
    """
    results: list[Finding] = []
    for kind, path in files.items():
        name = (names or {}).get(kind, path.name)
        try:
            reader = import_module(f"{__name__}.{_READERS.get(kind, kind)}")  # each brings its own heavy library
            results += reader.inspect(shown.in_format(kind), path, name)
        except Exception as error:  # a file that cannot be read is a finding, whatever its reader says
            message = Message("cannot be read ({kind}: {error})", {"kind": type(error).__name__, "error": error})
            results.append(Finding(name, message=message))
    return results
