"""Which files of the workbook a process reads: what the record of a report lists, with a hash of each.

``watch`` is called before a process reads anything; its copies go on from what it had read. A kernel writes what it
reads to the file that ``PARLIB_READS`` names, for it may be ended at any moment.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

VARIABLE = "PARLIB_READS"

_seen: dict[str, None] = {}
_told: int | None = None  # the descriptor of the file that a kernel writes to
_watching = False


def watch() -> None:
    """Begin to take note of the files that this process opens for reading."""
    global _watching
    if not _watching:
        sys.addaudithook(_look)
        _watching = True


def tell(file: str) -> None:
    """Write what has been read, and from now on what is read, to ``file``."""
    global _told
    _told = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for name in list(_seen):
        _write(name)


def seen() -> set[str]:
    """The files that this process has read."""
    return set(_seen)


def told(file: Path) -> set[str]:
    """The files that a kernel has read, by what it wrote to ``file``."""
    try:
        return set(filter(None, os.fsdecode(file.read_bytes()).split("\0")))
    except OSError:
        return set()


def below(files: Iterable[str], roots: Mapping[str, Path]) -> dict[str, Path]:
    """Those of ``files`` that lie in a folder of ``roots`` and are still there, by ``<root's name>/<path in it>``."""
    found = {}
    real = {name: root.resolve() for name, root in roots.items()}
    for path in {Path(file).resolve() for file in files}:
        within = [(len(root.parts), name, root) for name, root in real.items() if root in path.parents]
        if within and path.is_file():
            _, name, root = max(within)
            found[f"{name}/{path.relative_to(root).as_posix()}"] = path
    return dict(sorted(found.items()))


def _look(event: str, arguments: tuple[object, ...]) -> None:
    """An audit hook: called at every event of the interpreter, so the first line decides nearly always."""
    if event != "open":
        return
    path, mode, flags = arguments
    if not isinstance(path, str | bytes | os.PathLike):
        return  # a descriptor: its file was opened before
    changes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR)
    writes = any(letter in mode for letter in "wax+") if isinstance(mode, str) else changes
    name = os.fsdecode(path)
    if writes or name.endswith((".py", ".pyc", ".so")) or name.startswith(("/proc/", "/sys/", "/dev/")):
        return
    name = os.path.abspath(name)  # noqa: PTH100 - a Path would look at the disk, and so call this again
    if name not in _seen:
        _seen[name] = None
        _write(name)


def _write(name: str) -> None:
    if _told is not None:
        os.write(_told, os.fsencode(name) + b"\0")
