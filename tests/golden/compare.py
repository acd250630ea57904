"""Set two recordings side by side: ``python -m tests.golden.compare OLD NEW``; exit 1 where they differ unmeant.

What is meant stands in ``meant.yaml``: the file (a pattern of names), a regular expression that the lines that differ
match (all of them, unless given), and the reason. A reason that no difference needs any more is named too.
"""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

import numpy as np
import yaml
from PIL import Image

MEANT = Path(__file__).parent / "meant.yaml"
GREY = 24  # a pixel differs from here on, of 255
SHARE = 0.002  # of the pixels of a page may


@dataclass
class Meant:
    """A difference that somebody wants, and why."""

    file: str
    reason: str
    lines: str = ""
    used: bool = field(default=False, compare=False)

    def allows(self, name: str, line: str) -> bool:
        if fnmatch(name, self.file) and re.search(self.lines, line):
            self.used = True
            return True
        return False


def _names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines() if path.exists() else []


def _changes(old: Path, new: Path) -> Iterator[str]:
    """Lines that went ("-...") and came ("+..."); for a picture one line."""
    if old.suffix != ".png":
        changed = difflib.unified_diff(_lines(old), _lines(new), n=0, lineterm="")
        yield from (line for line in changed if not line.startswith(("---", "+++", "@@")))
    elif not (old.exists() and new.exists()):
        yield "-page" if old.exists() else "+page"
    else:
        one, other = (np.asarray(Image.open(path), dtype=int) for path in (old, new))
        if one.shape != other.shape:
            yield f"~size {one.shape} {other.shape}"
        elif (share := float((abs(one - other) > GREY).mean())) > SHARE:
            yield f"~{share:.2%} of the pixels"


def compare(old: Path, new: Path, meant: list[Meant]) -> dict[str, list[str]]:
    """The differences by file that ``meant`` does not allow."""
    results = {}
    for name in sorted(_names(old) | _names(new)):
        left = [line for line in _changes(old / name, new / name) if not any(m.allows(name, line) for m in meant)]
        if left:
            results[name] = left
    return results


def meant() -> list[Meant]:
    """The differences that ``meant.yaml`` lists."""
    return [Meant(**entry) for entry in yaml.safe_load(MEANT.read_text("utf-8")) or ()]


def said(differences: dict[str, list[str]], listed: list[Meant]) -> Iterator[str]:
    """The differences as a person reads them, eight a file, and what is listed for nothing."""
    for name, lines in differences.items():
        yield f"{name}: {len(lines)}"
        yield from (f"    {line[:240]}" for line in lines[:8])
    yield from (f"not needed: {entry.file}: {entry.reason}" for entry in listed if not entry.used)


if __name__ == "__main__":
    reasons = meant()
    found = compare(Path(sys.argv[1]), Path(sys.argv[2]), reasons)
    sys.stdout.write("".join(f"{line}\n" for line in said(found, reasons)))
    sys.exit(bool(found))
